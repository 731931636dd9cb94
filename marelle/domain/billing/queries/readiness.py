"""What to look at before a month is billed: days that nobody ticked, prices that are missing or change, quotients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection

from marelle.domain.catalog.rules.tariffs import ByBracket, EffortRate, Measure, inner_amounts

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.catalog.rules.tariffs import Amount

FAMILIES_NAMED: Final = 10


class Unticked(NamedTuple):
    """A day on which children were expected at an activity (key), and nobody ticked any of them."""

    day: date
    activity: int
    expected: int


class Unknown(NamedTuple):
    """A family whose quotient is not known: its public id, its name."""

    family: str
    name: str


class Homeless(NamedTuple):
    """A child who came to an activity (key) on days when no home had it: nobody is invoiced for them."""

    child: str
    activity: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Readiness:
    """All of it; `unpriced` has no tariff from the first day, `changing` a new tariff or règlement in the period."""

    unticked: tuple[Unticked, ...]
    unpriced: tuple[ProductOffer, ...]
    changing: tuple[tuple[ProductOffer, tuple[date, ...]], ...]
    unknown: tuple[Unknown, ...]
    unknown_families: int
    homeless: tuple[Homeless, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Will tell whether there is nothing to look at."""
        return not (self.unticked or self.unpriced or self.changing or self.unknown_families or self.homeless)


def readiness_of(services: Collection[int], *, first: date, last: date, offer: Offer) -> Readiness:
    """Will return what to look at before billing these services (keys) for these days: three statements at most."""
    products = [product for product in offer.products if product.activity.service.pk in services]
    unknown, families = _unknown([one for one in products if _asks_quotient(one, first, last)], first, last, offer)
    return Readiness(
        unticked=_unticked(products, first, last, offer),
        unpriced=tuple(one for one in products if _is_unpriced(one, first)),
        changing=tuple((one, days) for one in products if (days := _changes(one, first, last))),
        unknown=unknown,
        unknown_families=families,
        homeless=_homeless(products, first, last, offer),
    )


def _is_unpriced(product: ProductOffer, first: date) -> bool:
    tariff = product.tariff_on(first)
    return tariff is None or tariff.rules is None


def _changes(product: ProductOffer, first: date, last: date) -> tuple[date, ...]:
    days = {tariff.valid_from for tariff in product.tariffs}
    days |= {reglement.valid_from for reglement in product.reglements}
    return tuple(sorted(day for day in days if first < day <= last))


def _asks_quotient(product: ProductOffer, first: date, last: date) -> bool:
    tariffs = [one for one in product.tariffs if one.valid_from <= last]
    used = [one for one in tariffs if one.valid_from > first] + [one for one in tariffs if one.valid_from <= first][:1]
    return any(one.rules is not None and _asks(one.rules.amount) for one in used)


def _asks(amount: Amount) -> bool:
    """Will tell whether there is no price without a quotient."""
    if isinstance(amount, ByBracket | EffortRate) and amount.of is Measure.QUOTIENT and amount.missing is None:
        return True
    return any(map(_asks, inner_amounts(amount)))


def _unticked(products: Collection[ProductOffer], first: date, last: date, offer: Offer) -> tuple[Unticked, ...]:
    with connection.cursor() as cursor:
        cursor.execute(UNTICKED, _facts(products, first, last, offer))
        return tuple(Unticked(*row) for row in cursor)


def _homeless(products: Collection[ProductOffer], first: date, last: date, offer: Offer) -> tuple[Homeless, ...]:
    with connection.cursor() as cursor:
        cursor.execute(HOMELESS, _facts(products, first, last, offer))
        return tuple(Homeless(child, activity, tuple(days)) for child, activity, days in cursor)


def _unknown(
    products: Collection[ProductOffer], first: date, last: date, offer: Offer
) -> tuple[tuple[Unknown, ...], int]:
    if not products:
        return (), 0
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN, {**_facts(products, first, last, offer), "named": FAMILIES_NAMED})
        rows = cursor.fetchall()
    return tuple(Unknown(family, name) for family, name, _count in rows), rows[0][2] if rows else 0


def _facts(products: Collection[ProductOffer], first: date, last: date, offer: Offer) -> dict[str, Any]:
    keys = [product.pk for product in products]
    return {"authority": offer.authority, "products": keys, "first": first, "last": last}


UNTICKED: Final = """
WITH ticked AS MATERIALIZED (
    SELECT DISTINCT a.date, q.activity_id
    FROM reservations_attendance a
    JOIN catalog_product q ON q.authority_id = a.authority_id AND q.id = a.product_id
    WHERE a.authority_id = %(authority)s AND a.date BETWEEN %(first)s AND %(last)s AND a.product_id IN (
        SELECT other.id FROM catalog_product other JOIN catalog_product one
            ON one.authority_id = other.authority_id AND one.activity_id = other.activity_id
        WHERE one.authority_id = %(authority)s AND one.id = ANY(%(products)s::bigint[])
    )
)
SELECT r.date, p.activity_id, count(DISTINCT r.child_id)::int
FROM reservations_reservation r
JOIN catalog_product p ON p.authority_id = r.authority_id AND p.id = r.product_id
WHERE r.authority_id = %(authority)s AND r.product_id = ANY(%(products)s::bigint[])
    AND r.date BETWEEN %(first)s AND %(last)s AND r.state = 'reserved'
    AND NOT EXISTS (SELECT 1 FROM ticked WHERE ticked.date = r.date AND ticked.activity_id = p.activity_id)
GROUP BY 1, 2 ORDER BY 1, 2
"""

# What is reserved is owed by who reserved it, whatever became of the child since.
HOMELESS: Final = """
SELECT c.first_name || ' ' || c.last_name, p.activity_id, array_agg(DISTINCT a.date ORDER BY a.date)
FROM reservations_attendance a
JOIN catalog_product p ON p.authority_id = a.authority_id AND p.id = a.product_id
JOIN families_child c ON c.authority_id = a.authority_id AND c.id = a.child_id
WHERE a.authority_id = %(authority)s AND a.product_id = ANY(%(products)s::bigint[])
    AND a.date BETWEEN %(first)s AND %(last)s AND a.state = 'present'
    AND NOT EXISTS (
        SELECT 1 FROM families_custody u
        WHERE u.authority_id = a.authority_id AND u.child_id = a.child_id AND u.starts_on <= a.date
            AND (u.ends_on IS NULL OR u.ends_on >= a.date)
    )
    AND NOT EXISTS (
        SELECT 1 FROM reservations_reservation r
        WHERE r.authority_id = a.authority_id AND r.child_id = a.child_id AND r.product_id = a.product_id
            AND r.date = a.date AND r.state = 'reserved'
    )
GROUP BY c.id, 1, 2 ORDER BY 1, c.id, 2
"""

UNKNOWN: Final = """
SELECT f.public_id, f.name, count(*) OVER ()
FROM families_family f
WHERE f.authority_id = %(authority)s
    AND f.id IN (
        SELECT r.family_id FROM reservations_reservation r
        WHERE r.authority_id = %(authority)s AND r.product_id = ANY(%(products)s::bigint[])
            AND r.date BETWEEN %(first)s AND %(last)s AND r.state = 'reserved'
    )
    AND NOT EXISTS (
        SELECT 1 FROM families_familyquotient q
        WHERE q.authority_id = f.authority_id AND q.family_id = f.id AND q.withdrawn_at IS NULL
            AND q.valid_from <= %(last)s
    )
ORDER BY f.name, f.id LIMIT %(named)s
"""
