"""Past reservations, asked again under another règlement; and what a version has decided already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT, ActTimes, times_of
from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError
from marelle.domain.catalog.rules.days import service_end
from marelle.domain.catalog.rules.versions import Decided
from marelle.domain.reservations.models import Reservation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime, time

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.reglements import Reglement

READ_AT_ONCE = 5_000


@dataclass(slots=True)
class PastReservations:
    """How the reservations that families made would have fared: their number, and those that would have met a no.

    `surcharged` would have been taken, late, at another price. `unclear` met no limit at all.
    """

    total: int = 0
    too_late: int = 0
    not_open: int = 0
    unclear: int = 0
    surcharged: int = 0

    @property
    def refused(self) -> int:
        """Will return how many would have been refused."""
        return self.too_late + self.not_open + self.unclear


def would_have_been_refused(
    rules: Reglement, products: Collection[ProductOffer], *, first: date, last: date, offer: Offer
) -> PastReservations:
    """Will ask `rules` of each reservation that a family made for a day from `first` to `last`, at its own moment.

    One read, streamed: the limits of a day are placed once, and each row costs a comparison or two. What agents
    recorded is left out, and so is what the règlement says of other days or of the family's file.
    """
    counted = PastReservations()
    ends = {product.pk: product.ends_at for product in products}
    placed: dict[tuple[int, date], ActTimes | None] = {}
    audiences: dict[tuple[bool, tuple[str, ...]], frozenset[str]] = {}
    rows = (
        Reservation.objects.filter(product__in=list(ends), date__range=(first, last))
        .exclude(timing=Reservation.Timing.BY_AGENT)
        .values_list("product_id", "date", "reserved_at", "family__is_resident", "family__categories")
    )
    for product, day, reserved_at, is_resident, categories in rows.iterator(chunk_size=READ_AT_ONCE):
        counted.total += 1
        key = (product, day)
        if key not in placed:
            placed[key] = _times(rules, day, ends[product], offer)
        home = (is_resident, tuple(categories))
        if home not in audiences:
            audiences[home] = frozenset(categories) | {RESIDENT if is_resident else NON_RESIDENT}
        _count(counted, placed[key], reserved_at, audiences[home])
    return counted


def _times(rules: Reglement, day: date, ends_at: time | None, offer: Offer) -> ActTimes | None:
    try:
        over = service_end(day, ends_at, offer.zone)
        return times_of(rules.book, day, offer.calendar, offer.zone, over=over)
    except (ImpossibleCutoffError, OverflowError):
        return None


def _count(counted: PastReservations, times: ActTimes | None, at: datetime, audiences: frozenset[str]) -> None:
    if times is None:
        counted.unclear += 1
        return
    ever, opens = times.opens_for(audiences)
    if times.closes is None or not ever or (opens is not None and at < opens):
        counted.not_open += 1
    elif times.closes.is_past(at):
        if times.late_closes is None or times.late_closes.is_past(at):
            counted.too_late += 1
        else:
            counted.surcharged += 1


def decided_by(version: int | None, *, today: date) -> Decided:
    """Will count the reservations that a version (key) has decided, for days before `today` and for the others."""
    return decided_by_each([version], today=today).get(version, Decided()) if version is not None else Decided()


def decided_by_each(versions: Iterable[int], *, today: date) -> dict[int, Decided]:
    """Will count, in one read, what each of these versions (keys) has decided."""
    found: dict[int, Decided] = {}
    rows = (
        Reservation.objects.filter(reglement__in=list(versions))
        .order_by()
        .values("reglement_id")
        .annotate(past=Count("pk", filter=Q(date__lt=today)), coming=Count("pk", filter=Q(date__gte=today)))
    )
    for row in rows:
        found[row["reglement_id"]] = Decided(row["past"], row["coming"])
    return found
