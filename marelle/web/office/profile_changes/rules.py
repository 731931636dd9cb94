"""How each field of a family's file is changed, and when families confirm it."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from marelle.domain.families.operations.profile import set_profile_rules
from marelle.domain.families.queries.profile import confirmation_month_at, ways_at
from marelle.domain.families.rules.profile import FIELDS, SUBJECT_WORDS
from marelle.web.doors import office_page
from marelle.web.office.profile_changes import wording
from marelle.web.office.profile_changes.forms import RulesForm
from marelle.web.office.surroundings import ROLES, office_context
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def rules(request: HttpRequest) -> HttpResponse:
    """Will show the rules; a POST sets them."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    sent = request.POST if request.method == "POST" else None
    form = RulesForm(sent, ways=ways_at(visit.authority.pk), month=confirmation_month_at(visit.authority.pk))
    if sent is not None and form.is_valid():
        is_changed = set_profile_rules(
            visit.authority, form.ways, confirmation_month=form.month, by=visit.actor, at=visit.at
        )
        words = wording.RULES_SAVED if is_changed else wording.RULES_UNCHANGED
        messages.success(request, words, extra_tags="green")
        return SeeOther(reverse("office_profile_rules", kwargs={"authority": visit.authority.slug}))
    groups = [
        (title, [form[code] for code in codes])
        for title, codes in groupby(FIELDS, lambda code: SUBJECT_WORDS[FIELDS[code].subject])
    ]
    page = office_context(visit, "office_families", form=form, groups=groups, month=form["month"])
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "office/profile_changes/rules.html", page, status=status)
