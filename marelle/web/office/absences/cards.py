"""An absence as a card: who, what day, told when and why, what the règlement makes of it, the certificate.

And those that an event made as one line: which event, what days, how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.billing.queries.overtaken import overtaken_by
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.reservations.queries.absences import readings_of
from marelle.domain.reservations.rules.sentences import reading_sentence, told_sentence
from marelle.foundation.french_dates import in_full
from marelle.web.office.absences import wording
from marelle.web.office.absences.forms import CertificateForm
from marelle.web.office.overtaken_words import overtaken_cards
from marelle.web.office.surroundings import url_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.models import Absence
    from marelle.domain.reservations.queries.absences import MadeByEvent
    from marelle.domain.reservations.rules.absences import Reading
    from marelle.web.doors import OfficeVisit
    from marelle.web.office.overtaken_words import OvertakenCard

# What the address of the list says to show the absences that events made: of all, or of one by its public id.
EVENT, EVERY_EVENT = "evenement", "tous"


@dataclass(frozen=True, slots=True)
class AbsenceCard:
    """An absence; `certificate` is empty until one came, `is_awaited` while one would change what is billed.

    `overtaken` are the invoices that are out, of any home of the child, and that the certificate changes.
    """

    key: str
    child: str
    school_class: str
    family: str
    product: str
    place: str
    day: str
    cause: str
    told: str
    words: str
    outcome: str
    is_awaited: bool
    certificate: str
    hides_words: bool
    form: CertificateForm
    overtaken: Sequence[OvertakenCard] = ()


def absence_cards(
    absences: Iterable[Absence],
    visit: OfficeVisit,
    *,
    offer: Offer,
    health_within: Collection[int],
    refused: CertificateForm | None = None,
    refused_at: str = "",
) -> tuple[AbsenceCard, ...]:
    """Will return the cards of these absences; `refused` is the form that did not pass, of the one named so.

    What a family writes of an illness is shown where its product (key) is among `health_within`.
    """
    found, at = list(absences), visit.at
    readings = readings_of(found, offer=offer, at=at)
    overtaken = overtaken_cards(visit, overtaken_by(found, offer=offer, at=at), offer)
    return tuple(
        _card(
            one,
            readings.get(one.pk),
            offer,
            refused if refused is not None and one.public_id == refused_at else _form(one, offer, at),
            is_health_known=one.reservation.product_id in health_within,
            overtaken=overtaken.get(one.pk, ()),
        )
        for one in found
    )


def _form(absence: Absence, offer: Offer, at: datetime) -> CertificateForm:
    return CertificateForm(
        auto_id=f"{absence.public_id}-%s",
        initial={"received_on": at.astimezone(offer.zone).date()},
        at=at,
        zone=offer.zone,
    )


def speaks_of_health(absence: Absence) -> bool:
    """Will tell whether what the family wrote of an absence is of the health of the child."""
    return absence.cause == Cause.ILLNESS.value and bool(absence.words)


def _card(
    absence: Absence,
    reading: Reading | None,
    offer: Offer,
    form: CertificateForm,
    *,
    is_health_known: bool,
    overtaken: Sequence[OvertakenCard],
) -> AbsenceCard:
    hides_words = speaks_of_health(absence) and not is_health_known
    reservation = absence.reservation
    child = reservation.child
    product = offer.product_by_pk[reservation.product_id]
    return AbsenceCard(
        key=absence.public_id,
        child=child.full_name,
        school_class=child.school_class.name if child.school_class else "",
        family=reservation.family.public_id,
        product=product.name,
        place=product.activity.facility_name,
        day=in_full(reservation.date),
        cause=absence.get_cause_display(),
        told=told_sentence(absence.told_at.astimezone(offer.zone)),
        words="" if hides_words else absence.words,
        hides_words=hides_words,
        outcome=reading_sentence(reading, zone=offer.zone),
        is_awaited=reading is not None and reading.is_awaited,
        certificate=wording.received(absence.certificate_at.astimezone(offer.zone)) if absence.certificate_at else "",
        form=form,
        overtaken=overtaken,
    )


@dataclass(frozen=True, slots=True)
class EventCard:
    """The absences that an event made: its title, its days, how many; where it is, and where its children are."""

    title: str
    days: str
    count: str
    url: str
    children: str
    children_url: str


def event_cards(visit: OfficeVisit, events: Iterable[MadeByEvent]) -> tuple[EventCard, ...]:
    """Will return a line for each of these events."""
    return tuple(
        EventCard(
            title=one.disruption.title,
            days=wording.days_of_event(one.first, one.last),
            count=wording.made(one.absences, one.children),
            url=url_of(visit, "office_disruption", disruption=one.disruption.public_id),
            children=wording.see_children(one.children),
            children_url=f"{url_of(visit, 'office_absences')}?{EVENT}={one.disruption.public_id}",
        )
        for one in events
    )
