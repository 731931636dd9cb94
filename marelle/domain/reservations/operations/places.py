"""Taking and giving back places: the one set-based statement that judges capacity.

Slots are locked by primary key inside the statement, so two baskets never wait for each other in a ring; n places are
taken where n siblings want the same slot; either every place fits and all is recorded, or nothing is. No slot is held
while Python runs. The design and its figures are in docs/decisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from marelle.foundation.encryption import encrypt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

EXCHANGE = """
WITH asked AS MATERIALIZED (
    SELECT line, slot_id FROM unnest(%(asked_lines)s::int[], %(asked_slots)s::bigint[]) AS a(line, slot_id)
), released AS MATERIALIZED (
    SELECT r.id FROM reservations_reservation r
    WHERE r.authority_id = %(authority)s AND r.id = ANY(%(released)s::bigint[]) AND r.state <> 'cancelled'
), given_back AS MATERIALIZED (
    SELECT p.id, p.slot_id FROM reservations_place p JOIN released ON released.id = p.reservation_id
    WHERE p.authority_id = %(authority)s
), wanted AS MATERIALIZED (
    SELECT slot_id, sum(change)::int AS change
    FROM (SELECT slot_id, 1 AS change FROM asked UNION ALL SELECT slot_id, -1 FROM given_back) AS changes
    GROUP BY slot_id
), locked AS MATERIALIZED (
    SELECT s.id, s.capacity, s.taken, wanted.change
    FROM catalog_slot s JOIN wanted ON wanted.slot_id = s.id
    WHERE s.authority_id = %(authority)s
    ORDER BY s.id
    FOR UPDATE OF s
), short AS MATERIALIZED (
    SELECT id FROM locked WHERE change > 0 AND capacity IS NOT NULL AND taken + change > capacity
    UNION ALL
    SELECT slot_id FROM wanted WHERE slot_id NOT IN (SELECT id FROM locked)
), fits AS MATERIALIZED (
    SELECT NOT EXISTS (SELECT 1 FROM short) AS all_fit
), counted AS (
    -- From the locked row: the table checks a row before it follows it to its latest version, and the one that this
    -- statement first saw may have been fuller.
    UPDATE catalog_slot s SET taken = locked.taken + locked.change
    FROM locked, fits WHERE fits.all_fit AND s.id = locked.id
    RETURNING s.id
), recorded AS (
    INSERT INTO reservations_reservation (
        authority_id, child_id, family_id, product_id, date, state, held_until, timing, deadline_at, reglement_id,
        price_cents, surcharge_cents, price_rule, confirmation_id, reserved_at, reason
    )
    SELECT %(authority)s, n.child_id, coalesce(n.family_id, %(family)s), n.product_id, n.date, n.state, n.held_until,
        n.timing, n.deadline_at, n.reglement_id, n.price_cents, n.surcharge_cents, n.price_rule, %(confirmation)s,
        %(at)s, %(reason)s
    FROM unnest(
        %(children)s::bigint[], %(products)s::bigint[], %(dates)s::date[], %(states)s::text[],
        %(held_untils)s::timestamptz[], %(timings)s::text[], %(deadlines)s::timestamptz[], %(reglements)s::bigint[],
        %(prices)s::int[], %(surcharges)s::int[], %(price_rules)s::text[], %(families)s::bigint[]
    ) AS n(
        child_id, product_id, date, state, held_until, timing, deadline_at, reglement_id, price_cents, surcharge_cents,
        price_rule, family_id
    ), fits
    WHERE fits.all_fit
    RETURNING id, child_id, product_id, date
), placed AS (
    INSERT INTO reservations_place (authority_id, reservation_id, slot_id)
    SELECT %(authority)s, recorded.id, asked.slot_id
    FROM unnest(%(children)s::bigint[], %(products)s::bigint[], %(dates)s::date[])
        WITH ORDINALITY AS n(child_id, product_id, date, line)
    JOIN recorded USING (child_id, product_id, date)
    JOIN asked ON asked.line = n.line
    RETURNING 1
), emptied AS (
    DELETE FROM reservations_place p USING given_back, fits WHERE fits.all_fit AND p.id = given_back.id
    RETURNING p.slot_id
), cancelled AS (
    UPDATE reservations_reservation r SET state = 'cancelled', held_until = NULL, cancelled_at = %(at)s,
        reason = CASE WHEN %(release_reason)s = '' THEN r.reason ELSE %(release_reason)s END
    FROM released, fits WHERE fits.all_fit AND r.id = released.id
    RETURNING r.id
)
SELECT
    (SELECT coalesce(array_agg(id), '{}') FROM short),
    (SELECT coalesce(array_agg(id), '{}') FROM recorded),
    (SELECT coalesce(array_agg(DISTINCT slot_id), '{}') FROM emptied),
    (SELECT count(*) FROM counted), (SELECT count(*) FROM placed), (SELECT count(*) FROM cancelled)
"""

# The same judgement for reservations that come back as they were: the very rows, so that what names them still does.
RESTORE = """
WITH asked AS MATERIALIZED (
    SELECT reservation_id, slot_id
    FROM unnest(%(asked_reservations)s::bigint[], %(asked_slots)s::bigint[]) AS a(reservation_id, slot_id)
), wanted AS MATERIALIZED (
    SELECT slot_id, count(*)::int AS change FROM asked GROUP BY slot_id
), locked AS MATERIALIZED (
    SELECT s.id, s.capacity, s.taken, wanted.change
    FROM catalog_slot s JOIN wanted ON wanted.slot_id = s.id
    WHERE s.authority_id = %(authority)s
    ORDER BY s.id
    FOR UPDATE OF s
), short AS MATERIALIZED (
    SELECT id FROM locked WHERE capacity IS NOT NULL AND taken + change > capacity
    UNION ALL
    SELECT slot_id FROM wanted WHERE slot_id NOT IN (SELECT id FROM locked)
), fits AS MATERIALIZED (
    SELECT NOT EXISTS (SELECT 1 FROM short) AS all_fit
), counted AS (
    UPDATE catalog_slot s SET taken = locked.taken + locked.change
    FROM locked, fits WHERE fits.all_fit AND s.id = locked.id
    RETURNING s.id
), placed AS (
    INSERT INTO reservations_place (authority_id, reservation_id, slot_id)
    SELECT %(authority)s, reservation_id, slot_id FROM asked, fits WHERE fits.all_fit
    RETURNING 1
), restored AS (
    UPDATE reservations_reservation r SET state = b.state, held_until = b.held_until, cancelled_at = NULL
    FROM unnest(%(reservations)s::bigint[], %(states)s::text[], %(held_untils)s::timestamptz[])
        AS b(id, state, held_until), fits
    WHERE fits.all_fit AND r.authority_id = %(authority)s AND r.id = b.id AND r.state = 'cancelled'
    RETURNING r.id
)
SELECT
    (SELECT coalesce(array_agg(id), '{}') FROM short),
    (SELECT count(*) FROM counted), (SELECT count(*) FROM placed), (SELECT count(*) FROM restored)
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """A cancelled reservation (key) to bring back: the state it had, until when it was held, its slots (keys)."""

    reservation: int
    state: str
    held_until: datetime | None
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NewReservation:
    """A reservation to record: its key, its slots (keys), and how it was decided.

    `price_cents` holds `surcharge_cents`, which may be negative: another price can be a lower one; `price_rule` is the
    code of the `PriceRule` that made it. `family` (key) is whose it is, when one exchange records for several.
    """

    child: int
    product: int
    date: date
    slots: tuple[int, ...]
    state: str
    held_until: datetime | None
    deadline_at: datetime | None
    reglement: int | None
    price_cents: int | None
    timing: str
    surcharge_cents: int = 0
    price_rule: str = ""
    family: int | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the statement did. `short` are the slots that lack places: when there is one, nothing was recorded."""

    short: frozenset[int]
    recorded: tuple[int, ...]
    freed: tuple[int, ...]

    @property
    def is_done(self) -> bool:
        """Will tell whether everything was recorded."""
        return not self.short


def exchange_places(
    new: Sequence[NewReservation],
    *,
    authority: int,
    family: int | None,
    at: datetime,
    confirmation: int | None = None,
    reason: str = "",
    releases: Sequence[int] = (),
    release_reason: str = "",
) -> Exchange:
    """Will record `new` reservations and cancel `releases` (keys), all or nothing, in one statement.

    `family` (key) is whose the new ones are, unless each says its own. Runs inside an operation, which has locked the
    children and asked the rules again.
    """
    parameters: dict[str, Any] = {
        "authority": authority,
        "family": family,
        "timings": [one.timing for one in new],
        "price_rules": [one.price_rule for one in new],
        "surcharges": [one.surcharge_cents for one in new],
        "at": at,
        "confirmation": confirmation,
        "reason": encrypt(reason) if reason else "",
        "asked_lines": [line for line, one in enumerate(new, start=1) for _slot in one.slots],
        "asked_slots": [slot for one in new for slot in one.slots],
        "children": [one.child for one in new],
        "products": [one.product for one in new],
        "dates": [one.date for one in new],
        "states": [one.state for one in new],
        "held_untils": [one.held_until for one in new],
        "deadlines": [one.deadline_at for one in new],
        "reglements": [one.reglement for one in new],
        "prices": [one.price_cents for one in new],
        "families": [one.family for one in new],
        "released": list(releases),
        "release_reason": encrypt(release_reason) if release_reason and releases else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(EXCHANGE, parameters)
        short, recorded, freed, *_counts = cursor.fetchone()
    return Exchange(frozenset(short), tuple(recorded), tuple(freed))


def restore_places(back: Sequence[Restored], *, authority: int) -> frozenset[int]:
    """Will bring these cancelled reservations back with their places, all or nothing, in one statement.

    Returns the slots that lack places: when there is one, nothing was brought back. Runs inside an operation, which has
    locked the children and seen that each is still cancelled.
    """
    parameters: dict[str, Any] = {
        "authority": authority,
        "asked_reservations": [one.reservation for one in back for _slot in one.slots],
        "asked_slots": [slot for one in back for slot in one.slots],
        "reservations": [one.reservation for one in back],
        "states": [one.state for one in back],
        "held_untils": [one.held_until for one in back],
    }
    with connection.cursor() as cursor:
        cursor.execute(RESTORE, parameters)
        short, *_counts = cursor.fetchone()
    return frozenset(short)
