"""What must hold whatever happened: read in one statement, so that nothing can move while it is looked at."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection


def assert_every_place_is_counted() -> None:
    """Each slot counts exactly its places and none is oversold; each active reservation has its places, others none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT array_agg((s.id, s.taken, s.capacity, counted.places)::text)
                 FROM catalog_slot s
                 LEFT JOIN (SELECT slot_id, count(*) AS places FROM reservations_place GROUP BY 1) counted
                        ON counted.slot_id = s.id
                 WHERE s.taken <> coalesce(counted.places, 0) OR s.taken > s.capacity),
                (SELECT array_agg((r.id, r.state, held.places)::text)
                 FROM reservations_reservation r
                 LEFT JOIN (SELECT reservation_id, count(*) AS places FROM reservations_place GROUP BY 1) held
                        ON held.reservation_id = r.id
                 WHERE (r.state = 'cancelled') <> (held.places IS NULL))
            """
        )
        miscounted, misplaced = cursor.fetchone()
    assert miscounted is None, f"slots (key, taken, capacity, places): {miscounted}"
    assert misplaced is None, f"reservations (key, state, places): {misplaced}"


class Recorded(NamedTuple):
    """What there is of one basket: its lines, and what was recorded of it."""

    lines: int
    confirmations: int
    reservations: int
    requests: int
    journal: int
    letters: int


def recorded_of(family: int) -> Recorded:
    """Count what there is of a family (key) that has one basket and confirms it once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT count(*) FROM reservations_basketline l
                 JOIN reservations_basket b ON b.id = l.basket_id WHERE b.family_id = %(family)s),
                (SELECT count(*) FROM reservations_confirmation WHERE family_id = %(family)s),
                (SELECT count(*) FROM reservations_reservation
                 WHERE family_id = %(family)s AND confirmation_id IS NOT NULL),
                (SELECT count(*) FROM reservations_cancellationrequest q
                 JOIN reservations_reservation r ON r.id = q.reservation_id WHERE r.family_id = %(family)s),
                (SELECT count(*) FROM foundation_auditentry
                 WHERE verb = 'confirm_basket' AND (details ->> 'family')::int = %(family)s),
                (SELECT count(*) FROM procrastinate_jobs j
                 JOIN reservations_confirmation c ON (j.args ->> 'confirmation')::bigint = c.id
                 WHERE j.task_name = 'letters.basket_confirmed' AND c.family_id = %(family)s)
            """,
            {"family": family},
        )
        return Recorded(*cursor.fetchone())
