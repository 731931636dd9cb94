"""What was delivered, home by home: reservations, attendance, absences and late cancellations, for billing to read."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.db import connection

from marelle.domain.catalog.rules.absences import AbsenceFacts, decide_absence
from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError
from marelle.domain.catalog.rules.pricing import FULL_PRICE, PriceRule
from marelle.domain.reservations.queries.absences import readings_of, told_absences
from marelle.domain.reservations.queries.custody import RESPONSIBLE
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Collection

    from marelle.domain.catalog.queries import Offer

EPOCH: Final = date(1970, 1, 1).toordinal()


def delivered(
    families: Collection[int],
    *,
    products: Collection[int],
    first: date,
    last: date,
    offer: Offer,
    at: datetime,
    with_held: bool = False,
) -> dict[int, list[Lived]]:
    """Will return what each family (key) lived of these products (keys), both days included, as known at `at`.

    `with_held`: and what it will have lived when the places that are held are confirmed. One statement whatever their
    number, and three more when absences were told. A presence that nobody reserved is counted for the home that the
    child was in that day.
    """
    if not tenancy.is_in_scope(offer.authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(
            DELIVERED_OR_HELD if with_held else DELIVERED,
            {
                "authority": offer.authority,
                "families": list(families),
                "products": list(products),
                "prepaid": [pk for pk in products if offer.product_by_pk[pk].activity.service.is_prepaid],
                "first": first,
                "last": last,
            },
        )
        rows = cursor.fetchall()
    told = _told_rules([key for row in rows for key in row[9] or ()], offer=offer, at=at)
    found: dict[int, list[Lived]] = {}
    for family, child, product, what, booked, due, minutes, late, offsets, reservations in rows:
        days = tuple([_day(offset) for offset in offsets])
        one = Lived(child, product, What(what), days, _rule(booked), None, due, minutes, late)
        lived = found.setdefault(family, [])
        if one.what is What.TOLD:
            lived += _by_rule(one, [told.get(key) for key in reservations])
        elif one.what in {What.ABSENT, What.UNBOOKED}:
            lived += _by_rule(one, [_ruled(one.what, product, day, offer) for day in days])
        else:
            lived.append(one)
    return found


@lru_cache(maxsize=4096)
def _day(offset: int) -> date:
    return date.fromordinal(EPOCH + offset)


@lru_cache(maxsize=256)
def _rule(code: str) -> PriceRule | None:
    return PriceRule.from_code(code) if code else None


def _by_rule(one: Lived, rules: list[PriceRule | None]) -> list[Lived]:
    days: dict[PriceRule | None, list[date]] = defaultdict(list)
    for day, rule in zip(one.days, rules, strict=True):
        days[rule].append(day)
    return [one._replace(days=tuple(each), rule=rule) for rule, each in days.items()]


def _told_rules(reservations: list[int], *, offer: Offer, at: datetime) -> dict[int, PriceRule | None]:
    """Will return what the règlement makes of each told absence, by reservation; None where it cannot say."""
    if not reservations:
        return {}
    absences = list(told_absences().filter(reservation__in=reservations))
    readings = readings_of(absences, offer=offer, at=at)
    return {
        one.reservation_id: reading.decision.bills for one in absences if (reading := readings.get(one.pk)) is not None
    }


def _ruled(what: What, product: int, day: date, offer: Offer) -> PriceRule | None:
    """Will return what the règlement makes of an absence that nobody told, or of a presence that nobody reserved."""
    rule = offer.day(offer.product_by_pk[product], day)
    if rule.rules is None:
        return None
    if what is What.UNBOOKED:
        return rule.rules.unbooked
    absence = rule.rules.absence
    if absence.no_show is not None:
        return absence.no_show
    try:
        decided = decide_absence(
            absence,
            AbsenceFacts(day=day, first_day=day),
            at=rule.ends_at,
            cancel_by=rule.cancel_by,
            calendar=offer.calendar,
            zone=offer.zone,
        )
    except ImpossibleCutoffError:
        return FULL_PRICE
    return decided.bills


# Days are sent as numbers: 2.4 million of them are read each month.
DELIVERED: Final = """
WITH lived AS (
    SELECT r.family_id, r.child_id, r.product_id, r.date,
        CASE
            WHEN a.state = 'present' THEN 'reserved'
            WHEN t.id IS NOT NULL THEN 'told'
            WHEN a.state = 'absent' THEN 'absent'
            ELSE 'reserved'
        END AS what,
        r.price_rule AS booked,
        -- What is paid on booking is never priced again.
        CASE WHEN r.product_id = ANY(%(prepaid)s::bigint[]) THEN r.price_cents END AS due,
        a.minutes, coalesce(a.late_minutes, 0) AS late_minutes,
        CASE WHEN t.id IS NOT NULL AND coalesce(a.state, '') <> 'present' THEN r.id END AS told
    FROM reservations_reservation r
    LEFT JOIN reservations_attendance a
        ON a.authority_id = r.authority_id AND a.child_id = r.child_id AND a.product_id = r.product_id
        AND a.date = r.date
    LEFT JOIN reservations_absence t
        ON t.authority_id = r.authority_id AND t.reservation_id = r.id AND t.withdrawn_at IS NULL
    WHERE r.authority_id = %(authority)s AND r.family_id = ANY(%(families)s::bigint[])
        AND r.product_id = ANY(%(products)s::bigint[]) AND r.date BETWEEN %(first)s AND %(last)s
        AND r.state = 'reserved'
    UNION ALL
    -- Cancelled, and something stays due: what the règlement left, or all of it where the agent said « not refunded ».
    SELECT DISTINCT ON (r.child_id, r.product_id, r.date) r.family_id, r.child_id, r.product_id, r.date, 'cancelled',
        r.price_rule, CASE WHEN q.is_refunded THEN coalesce(q.due_cents, 0) ELSE coalesce(r.price_cents, 0) END,
        NULL, 0, NULL
    FROM reservations_reservation r
    JOIN reservations_cancellationrequest q
        ON q.authority_id = r.authority_id AND q.reservation_id = r.id AND q.state = 'accepted'
    WHERE r.authority_id = %(authority)s AND r.family_id = ANY(%(families)s::bigint[])
        AND r.product_id = ANY(%(products)s::bigint[]) AND r.date BETWEEN %(first)s AND %(last)s
        AND r.state = 'cancelled'
        AND (NOT q.is_refunded OR q.due_cents > 0)
        AND NOT EXISTS (
            SELECT 1 FROM reservations_reservation again
            WHERE again.authority_id = r.authority_id AND again.child_id = r.child_id
                AND again.product_id = r.product_id AND again.date = r.date AND again.state = 'reserved'
        )
    UNION ALL
    SELECT DISTINCT ON (a.child_id, a.product_id, a.date) u.family_id, a.child_id, a.product_id, a.date, 'unbooked',
        '', NULL, a.minutes, a.late_minutes, NULL
    FROM reservations_attendance a
    JOIN families_custody u
        ON u.authority_id = a.authority_id AND u.child_id = a.child_id AND u.starts_on <= a.date
        AND (u.ends_on IS NULL OR u.ends_on >= a.date)
    WHERE a.authority_id = %(authority)s AND a.state = 'present' AND u.family_id = ANY(%(families)s::bigint[])
        AND a.product_id = ANY(%(products)s::bigint[]) AND a.date BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (
            SELECT 1 FROM reservations_reservation r
            WHERE r.authority_id = a.authority_id AND r.child_id = a.child_id AND r.product_id = a.product_id
                AND r.date = a.date AND r.state = 'reserved'
        )
        -- Of two homes, the one that answers for the day; else that of the first key: the same in every run.
        AND u.family_id = coalesce({responsible}, (
            SELECT min(other.family_id) FROM families_custody other
            WHERE other.authority_id = u.authority_id AND other.child_id = u.child_id AND other.starts_on <= a.date
                AND (other.ends_on IS NULL OR other.ends_on >= a.date)
        ))
)
SELECT family_id, child_id, product_id, what, booked, due, minutes, late_minutes,
    array_agg(date - DATE '1970-01-01' ORDER BY date),
    CASE WHEN what = 'told' THEN array_agg(told ORDER BY date) END
FROM lived
GROUP BY family_id, child_id, product_id, what, booked, due, minutes, late_minutes
ORDER BY family_id, child_id, product_id, what
""".replace(
    "{responsible}",
    RESPONSIBLE.format(
        authority="a.authority_id",
        child="a.child_id",
        day="a.date",
        service="""(
            SELECT y.service_id FROM catalog_product g
            JOIN catalog_activity y ON y.authority_id = g.authority_id AND y.id = g.activity_id
            WHERE g.authority_id = a.authority_id AND g.id = a.product_id
        )""",
    ),
)
DELIVERED_OR_HELD: Final = DELIVERED.replace("state = 'reserved'", "state IN ('reserved', 'held')")
