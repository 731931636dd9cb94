"""A home asks the other: to exchange days, or for another calendar from a day on."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.custody import (
    NOT_SHARED,
    PAST,
    TOO_FAR,
    UnableToSettleCustodyError,
    propose_custody,
    propose_days,
)
from marelle.domain.reservations.queries.custody import other_home, standing_terms
from marelle.domain.reservations.queries.custody_effects import changes_of, known_until, terms_preview
from marelle.domain.reservations.rules.custody import WRITTEN_AHEAD, DaysFault, Role, TermsFault, as_json
from marelle.domain.reservations.rules.custody_sentences import (
    Homes,
    changes_in_words,
    double_weeks_in_words,
    terms_in_words,
)
from marelle.foundation.periods import monday_of
from marelle.web.contacts import contact_view
from marelle.web.custody_terms import seen_by_the_other
from marelle.web.doors import family_page
from marelle.web.family.custody import wording
from marelle.web.family.custody.finding import (
    as_it_would_be,
    child_of,
    known_of,
    month_asked,
    role_in,
    url,
)
from marelle.web.family.custody.forms import CalendarForm, DaysForm
from marelle.web.family.custody.months import ONE_DAY, month_of, month_view, months_after
from marelle.web.family.custody.rows import days_in_words, names_of
from marelle.web.family.surroundings import family_context, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.web.doors import FamilyVisit

MONTHS_SHOWN: Final = 2
# What is wrong with what was written; all the rest is that something moved meanwhile.
WRITTEN_WRONG: Final = frozenset({DaysFault.NO_DAYS, DaysFault.TOO_MANY, DaysFault.PAST, DaysFault.TOO_FAR})
A_YEAR: Final = timedelta(days=366)
IN_THREE_WEEKS: Final = timedelta(weeks=3)


class Asking(NamedTuple):
    """Who asks, about which child, of what the authority offers."""

    visit: FamilyVisit
    child: Child
    offer: Offer


class NotADayError(ValueError):
    """What a browser says is ticked is no day."""


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HttpRequest, child: str) -> HttpResponse:
    """Will show two months (`mois`) in which to tick days; a POST asks the other home, or turns the page (`voir`)."""
    visit = visit_of(request)
    found = child_of(visit, child)
    offer = offer_of(visit.authority)
    asking = Asking(visit, found, offer)
    first = month_asked(request.POST.get("voir") or request.GET.get("mois", ""), visit.today)
    if request.method != "POST":
        return _days_page(request, asking, first, DaysForm(), {"donne": [], "prend": []})
    try:
        ticked = {name: _ticked(request.POST, name) for name in ("donne", "prend")}
    except NotADayError:
        form = DaysForm(request.POST)
        form.add_error(None, wording.NOT_A_DAY)
        nothing: dict[str, list[date]] = {"donne": [], "prend": []}
        return _days_page(request, asking, first, form, nothing, status=HTTPStatus.BAD_REQUEST)
    if request.POST.get("voir"):
        form = DaysForm(initial={"words": request.POST.get("words", "")})
        return _days_page(request, asking, first, form, ticked)
    form = DaysForm(request.POST)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _days_page(request, asking, first, form, ticked, status=status)
    try:
        propose_days(
            found.pk,
            from_home=visit.family.pk,
            gives=ticked["donne"],
            takes=ticked["prend"],
            words=form.cleaned_data["words"],
            offer=offer,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSettleCustodyError as error:
        form.add_error(None, str(error.fault))
        status = HTTPStatus.UNPROCESSABLE_ENTITY if error.fault in WRITTEN_WRONG else HTTPStatus.CONFLICT
        return _days_page(request, asking, first, form, ticked, status=status)
    messages.success(request, str(wording.SENT))
    return HttpResponseRedirect(url(visit, "custody", child=found.public_id), status=HTTPStatus.SEE_OTHER)


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest, child: str) -> HttpResponse:
    """Will show the terms to propose; a POST draws what they would give (`apercu`), then asks the other home."""
    visit = visit_of(request)
    found = child_of(visit, child)
    offer = offer_of(visit.authority)
    asking = Asking(visit, found, offer)
    homes = Homes.seen_from(Role.FIRST)
    if request.method != "POST":
        return _terms_page(request, asking, _terms_form(asking, homes))
    form = CalendarForm(request.POST, homes=homes, services=offer.services)
    if not form.is_valid():
        return _terms_page(request, asking, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if request.POST.get("faire") != "envoyer":
        return _terms_page(request, asking, form, is_seen=True)
    if request.POST.get("vu") != _seal(form):
        return _terms_page(request, asking, form, is_seen=True, notice=str(wording.ANSWERS_CHANGED))
    try:
        propose_custody(
            found.pk,
            from_home=visit.family.pk,
            terms=form.terms,
            starts_on=form.starts,
            words=form.cleaned_data["words"],
            offer=offer,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSettleCustodyError as error:
        form.add_error("starts_on" if not isinstance(error.fault, TermsFault) else None, str(error.fault))
        return _terms_page(request, asking, form, status=HTTPStatus.CONFLICT)
    messages.success(request, str(wording.SENT))
    return HttpResponseRedirect(url(visit, "custody", child=found.public_id), status=HTTPStatus.SEE_OTHER)


def _ticked(sent: QueryDict, name: str) -> list[date]:
    """Will read the days that are ticked, sorted. Raises NotADayError."""
    try:
        return sorted({date.fromisoformat(said) for said in sent.getlist(name)})
    except ValueError as error:
        raise NotADayError(name) from error


def _days_page(
    request: HttpRequest,
    asking: Asking,
    first: date,
    form: DaysForm,
    ticked: dict[str, list[date]],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit, child, offer = asking
    first = max(first, month_of(visit.today))
    following = months_after(first, MONTHS_SHOWN)
    known = known_of(visit, child, offer, first=first, last=following - ONE_DAY)
    months = [month_view(months_after(first, each), known, ticked=ticked) for each in range(MONTHS_SHOWN)]
    shown = {
        (day.ticks, day.iso) for month in months for week in month.weeks for day in week.days if day and day.is_ticked
    }
    elsewhere = [
        (name, day.isoformat()) for name in ticked for day in ticked[name] if (name, day.isoformat()) not in shown
    ]
    before = months_after(first, -MONTHS_SHOWN)
    said = [days_in_words(str(wording.GIVEN), ticked["donne"]), days_in_words(str(wording.TAKEN), ticked["prend"])]
    context = family_context(
        visit,
        "calendar",
        child_name=child.first_name,
        months=months,
        elsewhere=elsewhere,
        said=list(filter(None, said)),
        before=f"{max(before, month_of(visit.today)):%Y-%m}" if first > month_of(visit.today) else "",
        here=f"{first:%Y-%m}",
        after=f"{following:%Y-%m}",
        form=form,
        back_url=url(visit, "custody", child=child.public_id),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/custody/days.html", context, status=status)


def _terms_form(asking: Asking, homes: Homes) -> CalendarForm:
    """Will begin from what is settled, said by this home."""
    visit, child, offer = asking
    settled = [one for one in standing_terms(child.pk) if one.settled is not None]
    terms = settled[-1].settled if settled else None
    if terms is not None and role_in(settled[-1], visit.family.pk) is Role.SECOND:
        terms = seen_by_the_other(terms)
    starts_on = monday_of(visit.today) + IN_THREE_WEEKS
    return CalendarForm(homes=homes, services=offer.services, terms=terms, starts_on=starts_on)


def _terms_page(
    request: HttpRequest,
    asking: Asking,
    form: CalendarForm,
    *,
    is_seen: bool = False,
    notice: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit, child, _offer = asking
    preview = _preview(asking, form) if is_seen else None
    if is_seen and preview is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = family_context(
        visit,
        "calendar",
        child_name=child.first_name,
        form=form,
        preview=preview,
        seal=_seal(form) if preview else "",
        notice=notice,
        has_terms=any(one.terms for one in standing_terms(child.pk)),
        back_url=url(visit, "custody", child=child.public_id),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/custody/terms.html", context, status=status)


def _preview(asking: Asking, form: CalendarForm) -> dict[str, Any] | None:
    """Will draw two months under the terms of a valid form, and say what changes; None when they cannot begin then."""
    visit, child, offer = asking
    starts_on, terms = form.starts, form.terms
    other = other_home(child.pk, visit.family.pk, on=starts_on)
    fault = _cannot_begin(starts_on, visit, other)
    if fault or other is None:
        form.add_error("starts_on", fault)
        return None
    homes = {Role.FIRST: visit.family.pk, Role.SECOND: other}
    first = month_of(starts_on)
    last = months_after(first, MONTHS_SHOWN) - ONE_DAY
    known = known_of(visit, child, offer, first=first, last=last)
    preview = terms_preview(
        child.pk,
        first_home=homes[Role.FIRST],
        second_home=homes[Role.SECOND],
        terms=terms,
        starts_on=starts_on,
        until=known_until(starts_on, offer),
        offer=offer,
        today=visit.today,
    )
    would = as_it_would_be(known, preview.then, child, since=starts_on, terms=terms)
    said = Homes.seen_from(Role.FIRST)
    changes = changes_of(preview, homes, offer=offer)
    return {
        "months": [month_view(months_after(first, each), would) for each in range(MONTHS_SHOWN)],
        "terms": terms_in_words(terms, said, services=names_of(offer)),
        "changes": changes_in_words(changes, said, is_calendar=True, unseen=Role.FIRST),
        "warnings": double_weeks_in_words(terms, said, first=starts_on, last=starts_on + A_YEAR),
    }


def _cannot_begin(starts_on: date, visit: FamilyVisit, other: int | None) -> str:
    """Will say why terms cannot begin that day, as the operation says it; empty when they can."""
    if starts_on <= visit.today:
        return PAST
    if starts_on > visit.today + WRITTEN_AHEAD:
        return TOO_FAR
    return NOT_SHARED if other is None else ""


def _seal(form: CalendarForm) -> str:
    """Will name what a valid form says, so that what is sent is what was seen."""
    said = json.dumps([form.starts.isoformat(), as_json(form.terms)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
