"""The texts that families are asked to consent to."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.families.models import ConsentText
from marelle.domain.families.operations.consents import publish_text, withdraw_text
from marelle.domain.families.queries.profile import answers_count, texts_in_force
from marelle.domain.families.rules.photos import PHOTO_BODY, PHOTO_CODE, PHOTO_TITLE
from marelle.foundation.french_dates import in_digits
from marelle.web.doors import office_page
from marelle.web.office.profile_changes import wording
from marelle.web.office.profile_changes.forms import TextForm
from marelle.web.office.surroundings import ROLES, office_context
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def texts(request: HttpRequest) -> HttpResponse:
    """Will show the texts in force; a POST publishes one, or a new version of one."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, None)
    form = TextForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    text = publish_text(visit.authority, form.text, by=visit.actor, at=visit.at)
    messages.success(request, wording.TEXT_PUBLISHED.format(version=text.version), extra_tags="green")
    return SeeOther(reverse("office_consent_texts", kwargs={"authority": visit.authority.slug}))


@require_POST
@office_page(ROLES.ADMINISTER)
def withdraw(request: HttpRequest, text: str) -> HttpResponse:
    """Will ask families for a text no longer."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    found = get_object_or_404(ConsentText, public_id=text)
    is_done = withdraw_text(found, by=visit.actor, at=visit.at)
    messages.success(request, wording.TEXT_WITHDRAWN if is_done else wording.TEXT_ALREADY, extra_tags="green")
    return SeeOther(reverse("office_consent_texts", kwargs={"authority": visit.authority.slug}))


def _page(request: HttpRequest, form: TextForm | None) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    in_force = list(texts_in_force())
    counts = answers_count([text.pk for text in in_force])
    shown = [
        {
            "text": text,
            "published": in_digits(text.published_at.astimezone(visit.authority.zone).date()),
            "given": counts.get((text.pk, True), 0),
            "refused": counts.get((text.pk, False), 0),
            "withdraw_url": reverse(
                "office_withdraw_text", kwargs={"authority": visit.authority.slug, "text": text.public_id}
            ),
            "form": form
            if form is not None and form.data.get("code") == text.code
            else TextForm(
                initial={"code": text.code, "title": text.title, "body": text.body, "about": text.about},
                auto_id=f"{text.public_id}-%s",
            ),
        }
        for text in in_force
    ]
    is_new = form is not None and not form.data.get("code")
    photo = {"code": PHOTO_CODE, "title": PHOTO_TITLE, "body": PHOTO_BODY, "about": ConsentText.About.CHILD.value}
    context = {
        "photo": None if any(text.code == PHOTO_CODE for text in in_force) else photo,
        "texts": shown,
        "form": form if is_new and form else TextForm(),
        "is_adding": is_new,
    }
    page = office_context(visit, "office_families", **context)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None else HTTPStatus.OK
    return render(request, "office/profile_changes/texts.html", page, status=status)
