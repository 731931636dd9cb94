"""The absences that families told, and the certificates that came."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.billing.operations.certificates import UnableToCertifyError, prove_absence
from marelle.domain.billing.queries.overtaken import overtaken_by
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.absences import UnableToRecordCertificateError
from marelle.domain.reservations.queries.absences import (
    apart_from_events,
    awaiting_certificate,
    event_of,
    made_by,
    made_by_events,
    readings_of,
    recent_absences,
)
from marelle.domain.reservations.rules.sentences import reading_sentence
from marelle.web.doors import office_page
from marelle.web.office.absences import wording
from marelle.web.office.absences.cards import EVENT, EVERY_EVENT, absence_cards, event_cards, speaks_of_health
from marelle.web.office.absences.forms import CertificateForm
from marelle.web.office.need_to_know import health_products
from marelle.web.office.overtaken_words import said_at_once
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of
from marelle.web.office.together import page_of, ticking
from marelle.web.readings import notes_readings, reads_health_on
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.reservations.models import Absence
    from marelle.domain.reservations.queries.absences import MadeByEvent
    from marelle.web.doors import OfficeVisit

# The time to tell, and to bring a certificate: past it nothing is awaited any more.
SHOWN_FOR = timedelta(weeks=8)
# What the address of the list says to keep those.
AWAITED = "attendu"
# Above the absences that families told; the others are a page away.
EVENTS_ABOVE = 5


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def recent(request: HttpRequest) -> HttpResponse:
    """Will show the absences of the last weeks, the latest told first; those that an event made are one line."""
    return _page(request, event=request.GET.get(EVENT, ""))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def certificate(request: HttpRequest, absence: str) -> HttpResponse:
    """Will record when a certificate came, or that none did (`undo`)."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    found = get_object_or_404(_shown(visit), public_id=absence)
    is_undone = bool(request.POST.get("undo"))
    received_at = None
    event = event_of(found)
    among = event.public_id if event is not None else ""
    if not is_undone:
        form = CertificateForm(request.POST, auto_id=f"{found.public_id}-%s", at=visit.at, zone=visit.authority.zone)
        if not form.is_valid():
            return _page(request, event=among, refused=form, at=found.public_id, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        received_at = form.cleaned_data["received_at"]
    try:
        prove_absence(found, received_at=received_at, authority=visit.authority, by=visit.actor, at=visit.at)
    except UnableToCertifyError as error:
        problem = (wording.NOT_RECORDED, error.why.value)
        return _page(request, event=among, problem=problem, status=HTTPStatus.CONFLICT)
    except UnableToRecordCertificateError:
        problem = (wording.CHANGED, wording.CHANGED_WHY)
        return _page(request, event=among, problem=problem, status=HTTPStatus.CONFLICT)
    outcome = reading_sentence(readings_of([found], offer=offer, at=visit.at).get(found.pk), zone=offer.zone)
    said = wording.undone if is_undone else wording.recorded
    reservation = found.reservation
    product = offer.product_by_pk[reservation.product_id]
    messages.success(
        request, said(reservation.child.first_name, product.name, reservation.date, outcome), extra_tags="green"
    )
    if not is_undone and (words := said_at_once(len(overtaken_by([found], offer=offer, at=visit.at)))):
        messages.warning(request, words, extra_tags="amber")
    asked = f"?{EVENT}={among}" if among else ""
    return SeeOther(f"{url_of(visit, 'office_absences')}{asked}#{found.public_id}")


def _shown(visit: OfficeVisit) -> QuerySet[Absence]:
    """Will return the absences that this agent may see and answer for."""
    products = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    return recent_absences(products, since=visit.at - SHOWN_FOR)


def awaited(visit: OfficeVisit) -> list[Absence]:
    """Will return those of which a certificate would still change what is billed, the first told first."""
    found = awaiting_certificate(_shown(visit), offer=offer_of(visit.authority), at=visit.at)
    return [absence for absence, _reading in found.values()]


def _page(
    request: HttpRequest,
    *,
    event: str = "",
    refused: CertificateForm | None = None,
    at: str = "",
    problem: tuple[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    is_awaited_only = not event and request.GET.get("certificat") == AWAITED
    events = [] if is_awaited_only else made_by_events(_shown(visit))
    one_event = _named(events, event)
    shown = page_of(request, _listed(visit, events, event, one_event, is_awaited_only=is_awaited_only))
    is_events_only = event == EVERY_EVENT
    found: list[Absence] = [] if is_events_only else list(shown.object_list)
    within = health_products(visit)
    cards = absence_cards(found, visit, offer=offer, health_within=within, refused=refused, refused_at=at)
    told = [one.reservation for one in found if speaks_of_health(one) and one.reservation.product_id in within]
    places = {offer.product_by_pk[one.product_id].activity.facility_pk for one in told}
    children = {one.child_id for one in told}
    reads_health_on(request, children, named="absences", day=visit.today, facilities=places)
    if is_events_only:
        lines = list(shown.object_list)
    else:
        lines = events[:EVENTS_ABOVE] if not event and shown.number == 1 else []
    context = office_context(
        visit,
        "office_absences",
        **ticking(request, shown),
        cards=cards,
        events=event_cards(visit, lines),
        events_more=0 if is_events_only else max(0, len(events) - EVENTS_ABOVE) if lines else 0,
        is_events_only=is_events_only,
        event=event_cards(visit, [one_event])[0] if one_event is not None else None,
        events_url=f"?{EVENT}={EVERY_EVENT}",
        declared_url=url_of(visit, "office_disruptions"),
        problem=problem,
        is_awaited_only=is_awaited_only,
        awaited_url=f"?certificat={AWAITED}",
        may_tick=any(not card.certificate for card in cards),
        together_url=url_of(visit, "office_certificates_together"),
    )
    return render(request, "office/absences/page.html", context, status=status)


def _named(events: list[MadeByEvent], event: str) -> MadeByEvent | None:
    """Will return the event of this public id, None when none is asked for; raises Http404."""
    if event in {"", EVERY_EVENT}:
        return None
    found = next((one for one in events if one.disruption.public_id == event), None)
    if found is None:
        raise Http404
    return found


def _listed(
    visit: OfficeVisit, events: list[MadeByEvent], event: str, one_event: MadeByEvent | None, *, is_awaited_only: bool
) -> QuerySet[Absence] | list[Absence] | list[MadeByEvent]:
    """Will return what is listed, page after page: absences, or events."""
    if is_awaited_only:
        return awaited(visit)
    if event == EVERY_EVENT:
        return events
    shown = _shown(visit)
    return made_by(one_event.disruption, shown) if one_event is not None else apart_from_events(shown)
