"""The days that already have a price, and what the families of a town pay for a product, band by band."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models import Count, Q

from marelle.domain.catalog.rules.price_steps import Priced, Unpriced
from marelle.domain.catalog.rules.versions import Decided
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.queries.homes import HOME, as_json
from marelle.domain.reservations.rules.homes import home_from
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from marelle.domain.catalog.queries import Offer, ProductOffer, VersionedTariff
    from marelle.domain.catalog.rules.price_steps import PriceFacts

TAKEN: Final = (Reservation.State.RESERVED, Reservation.State.HELD)


def priced_days(product: int, *, first: date, before: date | None, today: date) -> Decided:
    """Will count the reservations of a product (key) with a price, from `first` on, before `before` if it is given."""
    rows = Reservation.objects.filter(product=product, date__gte=first, price_cents__isnull=False, state__in=TAKEN)
    if before is not None:
        rows = rows.filter(date__lt=before)
    found = rows.aggregate(past=Count("pk", filter=Q(date__lt=today)), coming=Count("pk", filter=Q(date__gte=today)))
    return Decided(found["past"], found["coming"])


@dataclass(slots=True)
class BandPayers:
    """Who falls in a band of a tariff, and what they pay in a month (cents), before and after a change."""

    band: str
    families: int = 0
    days: int = 0
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Payers:
    """A month of reservations, asked of two tariffs. `unpriced` are the days that the new one has no price for."""

    bands: tuple[BandPayers, ...]
    families: int
    days: int
    unpriced: int
    unpriced_before: int
    before: int
    after: int


def who_pays(
    tariff: VersionedTariff,
    before: VersionedTariff | None,
    product: ProductOffer,
    *,
    first: date,
    last: date,
    offer: Offer,
) -> Payers:
    """Will ask two tariffs of each day reserved from `first` to `last`, as the homes were, in one statement.

    Nobody is named in the answer. How long a child stayed is not known beforehand: nothing is said of minutes.
    """
    bands: dict[str, BandPayers] = {}
    families: dict[str, set[int]] = {}
    days = unpriced = unpriced_before = 0
    for family, facts in _facts(product, first=first, last=last, offer=offer):
        days += 1
        due, was = tariff.price(facts), before.price(facts) if before else None
        unpriced_before += isinstance(was, Unpriced)
        if isinstance(due, Unpriced):
            unpriced += 1
            continue
        band = bands.setdefault(due.bracket, BandPayers(due.bracket))
        families.setdefault(due.bracket, set()).add(family)
        band.days += 1
        band.after += due.cents
        band.before += was.cents if isinstance(was, Priced) else 0
    for name, band in bands.items():
        band.families = len(families[name])
    ordered = tuple(bands[name] for name in sorted(bands, key=_natural))
    return Payers(
        ordered,
        len(set().union(*families.values())),
        days,
        unpriced,
        unpriced_before,
        sum(band.before for band in ordered),
        sum(band.after for band in ordered),
    )


def _natural(name: str) -> tuple[int, str]:
    """Will put the tenth band after the ninth."""
    return (int(name) if name.isascii() and name.isdecimal() else 0, name)


def _facts(product: ProductOffer, *, first: date, last: date, offer: Offer) -> Iterator[tuple[int, PriceFacts]]:
    authority = offer.authority
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    together = offer.together(product)
    products = [one.pk for one in offer.products if one.activity.pk in together]
    with connection.cursor() as cursor:
        cursor.execute(
            WHO_CAME,
            {
                "authority": authority,
                "products": products,
                "first": first,
                "last": last,
                "states": [state.value for state in TAKEN],
            },
        )
        for home_row, came in cursor:
            home = home_from(as_json(home_row))
            days = [(child, one, date.fromisoformat(day)) for child, one, day in as_json(came)]
            present: dict[date, set[int]] = {}
            weeks: dict[tuple[int, tuple[int, int]], int] = {}
            for child, one, day in days:
                present.setdefault(day, set()).add(child)
                if one == product.pk:
                    week = (child, day.isocalendar()[:2])
                    weeks[week] = weeks.get(week, 0) + 1
            for child, one, day in days:
                if one == product.pk:
                    yield (
                        home.family,
                        home.facts(
                            child,
                            product.activity.pk,
                            day,
                            together=together,
                            present=present[day],
                            days_of_week=weeks[child, day.isocalendar()[:2]],
                        ),
                    )


WHO_CAME: Final = f"""
SELECT {HOME}, r.came
FROM (
    SELECT family_id, json_agg(json_build_array(child_id, product_id, date)) AS came
    FROM reservations_reservation
    WHERE authority_id = %(authority)s AND product_id = ANY(%(products)s::bigint[])
        AND date BETWEEN %(first)s AND %(last)s AND state = ANY(%(states)s::text[])
    GROUP BY family_id
) AS r
JOIN families_family f ON f.authority_id = %(authority)s AND f.id = r.family_id
"""  # noqa: S608  our own column, no value
