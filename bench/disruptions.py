"""An event on 1,200 children: declared, its families told, then undone, with all that was there before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.figures import Figure, Report
from bench.portal import AT, VISITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from marelle.domain.authorities.models import Authority

CHILDREN = 1_200
# Reserved for each child that day: what a town cancels when its agents strike.
PRODUCTS = 3


def measure(report: Report, authority: Authority, *, is_quick: bool) -> None:
    """Will measure the preview, the act and its undoing, with how many statements each asked."""
    from datetime import timedelta

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from marelle.domain.catalog.models import Slot
    from marelle.domain.catalog.queries import offer_of
    from marelle.domain.news.operations.disruptions import declare_and_tell, undo_and_tell
    from marelle.domain.news.rules.recipients import Channel
    from marelle.domain.reservations.models import Place, Reservation
    from marelle.domain.reservations.queries.disruptions import counts_of, read_met
    from marelle.domain.reservations.rules.disruptions import Effect, Kind, Said
    from marelle.foundation import tenancy
    from marelle.foundation.actors import SYSTEM

    def standing() -> list[list[tuple[Any, ...]]]:
        return [
            list(Reservation.objects.order_by("pk").values_list("pk", "state", "held_until", "cancelled_at")),
            list(Place.objects.order_by("reservation", "slot").values_list("reservation", "slot")),
            list(Slot.objects.order_by("pk").values_list("pk", "taken")),
        ]

    def timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
        started, spent = time.perf_counter(), time.process_time()
        found = run()
        return time.perf_counter() - started, time.process_time() - spent, found

    def counted(run: Callable[[], Any]) -> tuple[int, Any]:
        with CaptureQueriesContext(connection) as asked:
            found = run()
        return len(asked), found

    children = CHILDREN // 10 if is_quick else CHILDREN
    with tenancy.scope({authority.pk}):
        offer = offer_of(authority)
        day = next(
            one
            for one in (VISITED + timedelta(days=ahead) for ahead in range(1, 8))
            if sum(offer.day(product, one).closed is None for product in offer.products) >= PRODUCTS
        )
        reserved = _reserve(authority, day, children)
        said = Said(Kind.STRIKE, Effect.CANCEL, "Grève", day, day, frozenset(product.pk for product in offer.products))
        told: dict[str, Any] = {"authority": authority, "offer": offer, "by": SYSTEM, "at": AT}
        before = standing()
        seconds, _, counts = timed(lambda: counts_of(read_met(said)))
        note = f"{counts.children:,} children, {counts.reservations:,} reservations ({reserved:,} made for it)"
        report.add(Figure("disruption_preview_1200", seconds, "s", floor=1, aim=0.2, note=note))
        seconds, spent, event = timed(lambda: declare_and_tell(said, channels=[Channel.EMAIL], **told))
        note = (
            f"{counts.families:,} families told, {counts.reservations:,} reservations; {spent:.2f} s of our processor"
        )
        report.add(Figure("disruption_1200_s", seconds, "s", floor=5, aim=2, note=note))
        seconds, spent, done = timed(lambda: undo_and_tell(event, **told))
        same = "all is as it was" if standing() == before and not done.not_back else "NOT AS IT WAS"
        report.add(
            Figure(
                "disruption_undo_1200_s", seconds, "s", floor=5, aim=2, note=f"{same}; {spent:.2f} s of our processor"
            )
        )
        statements, event = counted(lambda: declare_and_tell(said, channels=[Channel.EMAIL], **told))
        back, _ = counted(lambda: undo_and_tell(event, **told))
        report.add(
            Figure(
                "disruption_statements", statements, "", floor=200, note=f"and {back} to undo; jobs are posted by 50"
            )
        )


def _reserve(authority: Authority, day: Any, children: int) -> int:
    """Will have so many children come that day, for what they are enrolled in, and count their places."""
    from django.db import connection

    from marelle.foundation.writes import permitted

    with permitted("bench"), connection.cursor() as cursor:
        cursor.execute(RESERVE, {"authority": authority.pk, "day": day, "children": children, "products": PRODUCTS})
        count: int = cursor.fetchone()[0]
    return count


RESERVE = """
WITH open AS (
    SELECT DISTINCT p.id AS product_id, p.activity_id FROM catalog_product p
    JOIN catalog_productslot ps ON ps.authority_id = p.authority_id AND ps.product_id = p.id
    JOIN catalog_slot s ON s.authority_id = p.authority_id AND s.template_id = ps.template_id AND s.date = %(day)s
    WHERE p.authority_id = %(authority)s
), coming AS (
    SELECT c.id FROM families_child c WHERE c.authority_id = %(authority)s AND c.merged_into_id IS NULL
    ORDER BY c.id LIMIT %(children)s
), wanted AS (
    SELECT * FROM (
        SELECT c.id AS child_id, o.product_id, row_number() OVER (PARTITION BY c.id ORDER BY o.product_id) AS rank,
            (SELECT u.family_id FROM families_custody u
             WHERE u.authority_id = %(authority)s AND u.child_id = c.id ORDER BY u.id LIMIT 1) AS family_id
        FROM coming c
        JOIN reservations_enrollment e ON e.authority_id = %(authority)s AND e.child_id = c.id
            AND e.starts_on <= %(day)s AND e.ends_on >= %(day)s
        JOIN open o ON o.activity_id = e.activity_id
    ) AS ranked
    WHERE rank <= %(products)s AND family_id IS NOT NULL
), made AS (
    INSERT INTO reservations_reservation (authority_id, child_id, family_id, product_id, date, state, timing,
        price_cents, surcharge_cents, price_rule, reserved_at, reason)
    SELECT %(authority)s, child_id, family_id, product_id, %(day)s, 'reserved', 'on_time', 385, 0, '', now(), ''
    FROM wanted ON CONFLICT DO NOTHING
    RETURNING id, product_id
), placed AS (
    INSERT INTO reservations_place (authority_id, reservation_id, slot_id)
    SELECT %(authority)s, made.id, s.id FROM made
    JOIN catalog_productslot ps ON ps.authority_id = %(authority)s AND ps.product_id = made.product_id
    JOIN catalog_slot s ON s.authority_id = %(authority)s AND s.template_id = ps.template_id AND s.date = %(day)s
    RETURNING slot_id
), counted AS (
    UPDATE catalog_slot s SET taken = s.taken + n.count, capacity = NULL
    FROM (SELECT slot_id, count(*)::int AS count FROM placed GROUP BY slot_id) AS n
    WHERE s.authority_id = %(authority)s AND s.id = n.slot_id
    RETURNING s.id
)
SELECT count(*), (SELECT count(*) FROM counted) FROM made
"""
