"""Absences as they were told, and what the règlement makes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.catalog.rules.absences import Cause, longest_wait
from marelle.domain.reservations.models import Absence, Attendance, Reservation
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
