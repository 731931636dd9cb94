"""One answer to several changes that families ask for: what each one is, then written, each with its fate said."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.families.models import ProposedChange
from marelle.domain.families.operations.profile import decide_changes
from marelle.domain.reservations.queries.families import families_within
from marelle.web.doors import office_page
from marelle.web.office.need_to_know import changes_known
from marelle.web.office.profile_changes import wording
from marelle.web.office.profile_changes.forms import TogetherForm
from marelle.web.office.profile_changes.views import change_cards, health_in
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.office.together import TICKED, ticked
from marelle.web.readings import notes_readings, reads_health
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

ANSWERS = {"accepter": "approve", "refuser": "refuse"}


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def answer(request: HttpRequest) -> HttpResponse:
    """Will show the changes that were ticked, before one answer to all; a POST gives it."""
    visit = visit_of(request)
    is_post = request.method == "POST"
    given = request.POST if is_post else request.GET
    found = _ticked(visit, ticked(given))
    if not found:
        return _back(request, visit, wording.NOTHING_TICKED)
    if not is_post:
        chosen = ANSWERS.get(given.get("reponse", ""))
        if chosen is None:
            return _back(request, visit, wording.NO_ANSWER)
        return _page(request, found, TogetherForm(initial={"answer": chosen}), is_refusal=chosen == "refuse")
    form = TogetherForm(request.POST)
    if not form.is_valid():
        is_refusal = form.data.get("answer") == "refuse"
        return _page(request, found, form, is_refusal=is_refusal, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    is_approved = form.cleaned_data["answer"] == "approve"
    done = decide_changes(
        found, is_approved=is_approved, reason=form.cleaned_data["reason"], by=visit.actor, at=visit.at
    )
    is_whole = not (done.already or done.left)
    (messages.success if is_whole else messages.warning)(
        request, wording.decided_together(done, is_approved=is_approved), extra_tags="green" if is_whole else "amber"
    )
    return SeeOther(url_of(visit, "office_profile_changes"))


def _ticked(visit: OfficeVisit, named: list[str]) -> list[ProposedChange]:
    """Will return the changes of these public ids that the agent may answer, the oldest first, answered or not."""
    within = families_within(reach(visit, ROLES.MANAGE_RESERVATIONS))
    rows = ProposedChange.objects.filter(changes_known(visit), family__in=within, public_id__in=named)
    return list(rows.select_related("family", "guardian", "child").order_by("proposed_at", "pk"))


def _back(request: HttpRequest, visit: OfficeVisit, why: str) -> HttpResponse:
    messages.warning(request, why, extra_tags="amber")
    return SeeOther(url_of(visit, "office_profile_changes"))


def _page(
    request: HttpRequest,
    found: list[ProposedChange],
    form: TogetherForm,
    *,
    is_refusal: bool,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    waiting = [one for one in found if one.state == ProposedChange.State.WAITING]
    reads_health(request, health_in(waiting))
    cards = change_cards(waiting, visit)
    stale = sum(card.is_stale for card in cards)
    count = len(cards) if is_refusal else len(cards) - stale
    context = office_context(
        visit,
        "office_profile_changes",
        title=wording.together_title(count, is_refusal=is_refusal),
        count=count,
        is_refusal=is_refusal,
        form=form,
        ticked_name=TICKED,
        keys=[one.public_id for one in found],
        cards=cards,
        answer="refuse" if is_refusal else "approve",
        already=wording.already_among(len(found) - len(waiting)),
        stale="" if is_refusal else wording.stale_among(stale),
        back_url=url_of(visit, "office_profile_changes"),
    )
    return render(request, "office/profile_changes/together.html", context, status=status)
