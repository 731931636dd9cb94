"""Absences as they were told, and what the règlement makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Subquery

from marelle.domain.catalog.rules.absences import Cause, longest_wait
from marelle.domain.reservations.models import Absence, Attendance, Disruption, DisruptionLine, Reservation
from marelle.domain.reservations.rules.absences import Reading, Told, facts_of, read_absence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.absences import Certificate

# How far around a day its absence is looked for: none that a règlement counts is longer.
AROUND = timedelta(days=60)


def told_absences() -> QuerySet[Absence]:
    """Will return the absences that hold: told, not withdrawn, of a day that is still reserved."""
    return (
        Absence.objects.filter(withdrawn_at__isnull=True)
        .exclude(reservation__state=Reservation.State.CANCELLED)
        .select_related("reservation__child__school_class", "reservation__family")
    )


def absences_of(family: int) -> QuerySet[Absence]:
    """Will return those of a family (key), the latest day first."""
    return told_absences().filter(reservation__family=family).order_by("-reservation__date", "pk")


def recent_absences(products: Collection[int], *, since: datetime) -> QuerySet[Absence]:
    """Will return those told since then for these products (keys), the latest told first."""
    return (
        told_absences().filter(told_at__gte=since, reservation__product__in=list(products)).order_by("-told_at", "-pk")
    )


def absences_on(products: Collection[int], *, first: date, last: date) -> QuerySet[Absence]:
    """Will return those of the days from one to another, both included, for these products (keys)."""
    return told_absences().filter(reservation__product__in=list(products), reservation__date__range=(first, last))


@dataclass(frozen=True, slots=True)
class MadeByEvent:
    """The absences that an event made and that still hold: how many, of how many children, from a day to a day."""

    disruption: Disruption
    absences: int
    children: int
    first: date
    last: date


def _events() -> QuerySet[DisruptionLine]:
    """Will return what made the absence around: it bears the very moment of its event (decision 46)."""
    return DisruptionLine.objects.filter(
        reservation=OuterRef("reservation"),
        did=DisruptionLine.Did.TOLD,
        disruption__declared_at=OuterRef("told_at"),
    )


def apart_from_events(among: QuerySet[Absence]) -> QuerySet[Absence]:
    """Will leave out the absences that events made."""
    return among.filter(~Exists(_events()))


def made_by(disruption: Disruption, among: QuerySet[Absence]) -> QuerySet[Absence]:
    """Will keep the absences that an event made, by day and name."""
    return among.filter(Exists(_events().filter(disruption=disruption))).order_by(
        "reservation__date", "reservation__child__last_name", "reservation__child__first_name", "pk"
    )


def made_by_events(among: QuerySet[Absence]) -> list[MadeByEvent]:
    """Will sum the absences that events made, event by event, the latest declared first. Two statements."""
    sums = (
        among.annotate(event=Subquery(_events().values("disruption")[:1]))
        .filter(event__isnull=False)
        .order_by()
        .values("event")
        .annotate(
            absences=Count("pk"),
            children=Count("reservation__child", distinct=True),
            first=Min("reservation__date"),
            last=Max("reservation__date"),
        )
        .values_list("event", "absences", "children", "first", "last")
    )
    found = {event: of_event for event, *of_event in sums}
    if not found:
        return []
    rows = Disruption.objects.filter(pk__in=found).order_by("-declared_at", "-pk")
    return [MadeByEvent(one, *found[one.pk]) for one in rows]


def event_of(absence: Absence) -> Disruption | None:
    """Will return the event that made an absence, None when a family told it."""
    return Disruption.objects.filter(
        declared_at=absence.told_at, lines__did=DisruptionLine.Did.TOLD, lines__reservation=absence.reservation_id
    ).first()


def awaiting_certificate(among: QuerySet[Absence], *, offer: Offer, at: datetime) -> dict[int, tuple[Absence, Reading]]:
    """Will return the absences whose bill a certificate would still change at `at`, by key, the first told first.

    Four statements, whatever their number; none is read where no règlement asks for a certificate.
    """
    papers = {pk: wanted for pk, product in offer.product_by_pk.items() if (wanted := _certificates_of(product))}
    if not papers:
        return {}
    rows = among.filter(reservation__product__in=list(papers), certificate_at__isnull=True)
    wait = longest_wait([one for wanted in papers.values() for one in wanted])
    if wait is not None:
        # Reading an absence costs a third of a millisecond; nothing is awaited of most of those of the last weeks.
        first = at - wait
        rows = rows.filter(Q(told_at__gte=first) | Q(reservation__date__gte=first.astimezone(offer.zone).date()))
    told = list(rows.order_by("told_at", "pk"))
    readings = readings_of(told, offer=offer, at=at)
    awaited = ((one, readings.get(one.pk)) for one in told)
    return {one.pk: (one, reading) for one, reading in awaited if reading is not None and reading.is_awaited}


def _certificates_of(product: ProductOffer) -> list[Certificate]:
    """Will return the certificates that the règlements of a product ask for, whenever they were in force."""
    readable = [version.rules for version in product.reglements if version.rules is not None]
    return [clause.certificate for rules in readable for clause in rules.absence.clauses if clause.certificate]


@dataclass(slots=True)
class _Days:
    """What a child had reserved under one règlement: the days, those told, those seen absent and not present."""

    expected: set[date] = field(default_factory=set)
    told: dict[date, Told] = field(default_factory=dict)
    seen_absent: set[date] = field(default_factory=set)
    seen_present: set[date] = field(default_factory=set)


def readings_of(absences: Iterable[Absence], *, offer: Offer, at: datetime) -> dict[int, Reading | None]:
    """Will return what the règlement makes of each absence (by key) at `at`; None: to be asked at the town hall.

    Three statements, whatever the number of absences, children, products and days. Each absence comes with its
    reservation.
    """
    asked = [one for one in absences if one.reservation.product_id in offer.product_by_pk]
    if not asked:
        return {}
    by_rule = _days_around(asked, offer)
    found: dict[int, Reading | None] = {}
    for one in asked:
        reservation = one.reservation
        product = offer.product_by_pk[reservation.product_id]
        rule = offer.day(product, reservation.date)
        if rule.rules is None:
            found[one.pk] = None
            continue
        days = by_rule[reservation.child_id, product.ruled_with]
        facts = facts_of(
            reservation.date,
            expected=days.expected,
            # A day with two services is told once for each: this one's own telling decides it.
            told={**days.told, reservation.date: _told(one)},
            missed=days.seen_absent - days.seen_present,
            calendar=offer.calendar,
            zone=offer.zone,
        )
        found[one.pk] = read_absence(
            rule.rules.absence, facts, at=at, cancel_by=rule.cancel_by, calendar=offer.calendar, zone=offer.zone
        )
    return found


def _told(absence: Absence) -> Told:
    return Told(Cause(absence.cause), absence.told_at, absence.certificate_at, absence.asked_at)


def _days_around(absences: list[Absence], offer: Offer) -> dict[tuple[int, tuple[int, ...]], _Days]:
    ruled_with = {pk: product.ruled_with for pk, product in offer.product_by_pk.items()}
    products = {pk for one in absences for pk in ruled_with[one.reservation.product_id]}
    days = [one.reservation.date for one in absences]
    children = {one.reservation.child_id for one in absences}
    first, last = min(days) - AROUND, max(days) + AROUND
    found: dict[tuple[int, tuple[int, ...]], _Days] = {}
    where = {"child__in": children, "product__in": products, "date__range": (first, last)}
    for child, product, day in Reservation.objects.filter(state=Reservation.State.RESERVED, **where).values_list(
        "child_id", "product_id", "date"
    ):
        found.setdefault((child, ruled_with[product]), _Days()).expected.add(day)
    near = Absence.objects.filter(
        withdrawn_at__isnull=True,
        reservation__state=Reservation.State.RESERVED,
        **{f"reservation__{name}": value for name, value in where.items()},
    ).select_related("reservation")
    for one in near.order_by("told_at", "pk"):
        key = (one.reservation.child_id, ruled_with[one.reservation.product_id])
        found.setdefault(key, _Days()).told.setdefault(one.reservation.date, _told(one))
    for child, product, day, state in Attendance.objects.filter(**where).values_list(
        "child_id", "product_id", "date", "state"
    ):
        days_of_child = found.setdefault((child, ruled_with[product]), _Days())
        seen = days_of_child.seen_present if state == Attendance.State.PRESENT else days_of_child.seen_absent
        seen.add(day)
    return found
