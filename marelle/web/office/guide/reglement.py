"""The gallery of règlements: common ones, each with what families will read, given to several activities at once."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.views.decorators.http import require_http_methods

from marelle.domain.catalog.operations.reglements import UnableToSaveReglementError
from marelle.domain.catalog.queries import all_ruled, offer_of
from marelle.domain.catalog.rules.articles import articles_of
from marelle.domain.catalog.rules.sentences import closing_in_words, late_in_words
from marelle.domain.onboarding.operations.presets import give_reglement
from marelle.domain.onboarding.queries.gallery import ReadyReglement, ready_reglements
from marelle.domain.onboarding.queries.readiness import activity_label, is_running
from marelle.domain.onboarding.rules.checklist import Step
from marelle.domain.onboarding.rules.presets import WEDNESDAY, Days
from marelle.web.office.guide import wording
from marelle.web.office.guide.forms import ReglementForm
from marelle.web.office.guide.surroundings import guide_page, next_url, page
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ActivityOffer
    from marelle.web.doors import OfficeVisit


@require_http_methods(["GET", "HEAD", "POST"])
@guide_page
def gallery(request: HttpRequest) -> HttpResponse:
    """Will show the règlements that suit the first activities without one, and give the one that is chosen."""
    visit = visit_of(request)
    waiting = _waiting(visit)
    days = next(iter(waiting), None)
    activities = waiting.get(days, []) if days else []
    ready = [one for one in ready_reglements() if days in one.suits]
    form = ReglementForm(
        request.POST if request.method == "POST" else None,
        reglements=[(one.code, one.title) for one in ready],
        activities=[(one.public_id, activity_label(one)) for one in activities],
        initial={
            "activities": [one.public_id for one in activities],
            "valid_from": min((one.opening.period.starts_on for one in activities), default=visit.today),
        },
    )
    status = HTTPStatus.OK
    if request.method == "POST" and not activities:
        messages.success(request, wording.ALREADY_RULED, extra_tags="green")
        return SeeOther(next_url(visit, Step.REGLEMENT))
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            status = _given(request, form, {one.public_id: one.pk for one in activities})
            if status == HTTPStatus.SEE_OTHER:
                return SeeOther(next_url(visit, Step.REGLEMENT))
    chosen = str(form["reglement"].value() or "")
    return page(
        request,
        "reglement.html",
        status,
        form=form,
        days=wording.DAYS[days] if days else "",
        ready=[_view(one, chosen) for one in ready],
        offer_url=url_of(visit, "office_guide_offer"),
        reglements_url=url_of(visit, "office_reglements"),
    )


def _given(request: HttpRequest, form: ReglementForm, keys: dict[str, int]) -> HTTPStatus:
    visit = visit_of(request)
    said = form.cleaned_data
    try:
        count = give_reglement(
            visit.authority,
            said["reglement"],
            [keys[one] for one in said["activities"]],
            valid_from=said["valid_from"],
            resolution=said["resolution"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSaveReglementError as error:
        if error.obstruction is not None:
            form.add_error("valid_from", wording.OBSTRUCTIONS[error.obstruction])
        for found in error.contradictions:
            form.add_error("reglement", f"{found.reason[:1].upper()}{found.reason[1:]}.")
        return HTTPStatus.CONFLICT
    words = wording.ruled(count, said["valid_from"]) if count else wording.ALREADY_RULED
    messages.success(request, words, extra_tags="green")
    return HTTPStatus.SEE_OTHER


def _waiting(visit: OfficeVisit) -> dict[Days, list[ActivityOffer]]:
    """Will return the activities that are not over and have no règlement, by the days on which they open."""
    found: dict[Days, list[ActivityOffer]] = {}
    for ruled in all_ruled(offer_of(visit.authority)):
        activity = ruled.activity
        if ruled.product is None and ruled.products and not ruled.versions and is_running(activity, visit.today):
            found.setdefault(_days(activity), []).append(activity)
    return {days: found[days] for days in Days if days in found}


def _days(activity: ActivityOffer) -> Days:
    term = set(activity.opening.term_weekdays)
    if not term:
        return Days.HOLIDAYS
    return Days.WEDNESDAY if term == {WEDNESDAY} else Days.TAUGHT


def _view(ready: ReadyReglement, chosen: str) -> dict[str, Any]:
    rules = ready.rules
    late = rules.book.late
    lines = [f"Réserver : {closing_in_words(rules.book.closes)}."]
    if rules.cancel.closes != rules.book.closes:
        lines.append(f"Annuler : {closing_in_words(rules.cancel.closes)}.")
    if late is not None:
        until = f"{closing_in_words(late.until)}, " if late.until else ""
        lines.append(f"Passé la limite : {until}{' ; '.join(late_in_words(late))}.")
    return {
        "code": ready.code,
        "title": ready.title,
        "aim": ready.aim,
        "lines": lines,
        "articles": articles_of(rules, subject="l’activité"),
        "is_chosen": ready.code == chosen,
    }
