"""Taking 20 places: the statement through Django and through psycopg, then the whole operation and its statements."""

from __future__ import annotations

import os
import pickle
import time
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from bench import baskets
from bench.confirming import Workers, _ready, confirm
from bench.figures import Figure, Report, interleaved, median
from bench.portal import AT
from bench.replay import Script, recording, script_of

if TYPE_CHECKING:
    from bench.baskets import Parent
    from marelle.domain.authorities.models import Authority

PLACES = 20
STATEMENT_FROM, OPERATION_FROM = date(2027, 3, 8), date(2027, 5, 3)


class _School:
    """The 20 days on which a school's meals are taken, and their slots."""

    def __init__(self, authority: Authority, school: int, first: date) -> None:
        """Will read them."""
        from marelle.domain.catalog.models import Slot
        from marelle.foundation import tenancy

        self.product = baskets.products_at(authority, school)[0]
        self.days = list(islice(baskets.open_days(authority, self.product, first), PLACES))
        (part,) = self.product.parts
        with tenancy.scope({authority.pk}):
            slots = dict(Slot.objects.filter(template=part.pk, date__in=self.days).values_list("date", "pk"))
        self.slots = [slots[day] for day in self.days]

    @property
    def names(self) -> dict[str, int]:
        """Will return what a script says of this school, by name."""
        product = self.product
        return {
            "product": product.pk,
            "activity": product.activity.pk,
            "reglement": product.reglements[0].pk,
            **{f"slot {turn}": pk for turn, pk in enumerate(self.slots)},
        }


def measure_statement(report: Report, url: str, authority: Authority, *, is_quick: bool) -> None:
    """Will take 20 places for a child in turn through Django and through psycopg, one client, each its own commit."""
    from django.db import connection

    from marelle.domain.reservations.operations.places import EXCHANGE
    from marelle.foundation.writes import permitted

    parents = baskets.parents_of(authority)
    schools = {who.school: _School(authority, who.school, STATEMENT_FROM) for who in parents}
    turns = 60 if is_quick else 250
    todo = iter(parents)

    with psycopg.connect(url, autocommit=True) as plain, permitted("bench"):

        def through_django(_turn: int) -> float:
            parameters = _parameters(authority, next(todo), schools)
            start = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(EXCHANGE, parameters)
                done = cursor.fetchone()
            seconds = time.perf_counter() - start
            assert (done[0], len(done[1])) == ([], PLACES), done
            return seconds

        def plainly(_turn: int) -> float:
            parameters = _parameters(authority, next(todo), schools)
            start = time.perf_counter()
            done = plain.execute(EXCHANGE, parameters).fetchone()
            seconds = time.perf_counter() - start
            assert (done[0], len(done[1])) == ([], PLACES), done
            return seconds

        interleaved(through_django, plainly, 10)  # until psycopg has prepared its statement
        ours, theirs = interleaved(through_django, plainly, turns)
    baskets.counted_exactly(authority)
    value, reference = median(ours) * 1000, median(theirs) * 1000
    report.add(
        Figure(
            "take_20_places_statement",
            value,
            "ms",
            reference,
            value / reference,
            floor=1.5,
            judged="ratio",
            note="one client, median; reference: plain psycopg",
        )
    )


def _parameters(authority: Authority, who: Parent, schools: dict[int, _School]) -> dict[str, Any]:
    school = schools[who.school]
    return {
        "authority": authority.pk,
        "family": who.family,
        "at": AT,
        "confirmation": None,
        "reason": "",
        "asked_lines": list(range(1, PLACES + 1)),
        "asked_slots": school.slots,
        "children": [who.child] * PLACES,
        "products": [school.product.pk] * PLACES,
        "dates": school.days,
        "states": ["reserved"] * PLACES,
        "held_untils": [None] * PLACES,
        "deadlines": [AT] * PLACES,
        "reglements": [None] * PLACES,
        "prices": [385] * PLACES,
        "timings": ["on_time"] * PLACES,
        "surcharges": [0] * PLACES,
        "price_rules": [""] * PLACES,
        "released": [],
        "release_reason": "",
    }


def measure_operation(report: Report, url: str, authority: Authority, *, is_quick: bool) -> None:
    """Will have 8 clients confirm baskets of 20 days, in turn by the operation and by a script of its statements."""
    from marelle.domain.reservations.models import Reservation
    from marelle.foundation import tenancy

    parents = baskets.parents_of(authority)
    schools = {who.school: _School(authority, who.school, OPERATION_FROM) for who in parents}
    first = parents[0]
    second = next(who for who in reversed(parents) if who.school != first.school)
    script, count = _script(authority, first, second, schools)
    file = Path(os.environ["MARELLE_VAR"]) / "script.pickle"
    file.write_bytes(pickle.dumps(script))
    rest = [who for who in parents if who not in (first, second)]
    rounds, each = (3, 24) if is_quick else (10, 40)
    todo = iter(rest * 2)
    workers = Workers(file)
    try:

        def by(how: str) -> float:
            chosen = list(islice(todo, each))
            return 1 / workers.confirm(how, _laid(authority, chosen, schools))

        for how in ("django", "psycopg"):
            by(how)
        ours, theirs = interleaved(lambda _turn: by("django"), lambda _turn: by("psycopg"), rounds)
    finally:
        workers.stop()
    baskets.counted_exactly(authority)
    with tenancy.scope({authority.pk}):
        recorded = Reservation.objects.filter(confirmation__isnull=False, date__gte=OPERATION_FROM).count()
    assert recorded == PLACES * (2 + each * (rounds + 1) * 2), f"{recorded} reservations"
    value, reference = 1 / median(ours), 1 / median(theirs)
    report.add(
        Figure(
            "take_20_places_operation",
            value,
            "baskets/s",
            reference,
            reference / value,
            floor=4.0,
            aim=2.5,
            judged="ratio",
            note=f"8 clients in 2 processes; reference: psycopg, the same {count} statements; ratio: how much slower",
        )
    )


def _laid(authority: Authority, chosen: list[Parent], schools: dict[int, _School]) -> list[dict[str, Any]]:
    """Will lay a basket for each, and name all that the script needs to know of it."""
    laid = baskets.fill(authority, [(who, schools[who.school].product.pk, schools[who.school].days) for who in chosen])
    values = []
    for who in chosen:
        school = schools[who.school]
        basket = laid[who.user]
        values.append(
            {
                "authority": authority.pk,
                **who._asdict(),
                **{name: basket[name] for name in ("basket", "key", "revision", "lines")},
                **school.names,
                **{f"line {turn}": pk for turn, pk in enumerate(basket["lines"])},
            }
        )
    return values


def _script(authority: Authority, first: Parent, second: Parent, schools: dict[int, _School]) -> tuple[Script, int]:
    """Will record the operation for two families of two schools, and make of it a script for any."""
    from django.db import connection

    from marelle.domain.reservations.models import Confirmation
    from marelle.foundation import tenancy

    with connection.cursor() as cursor:  # far from the keys of baskets, with which it would be confused
        cursor.execute("SELECT setval(pg_get_serial_sequence('reservations_confirmation', 'id'), 1000000)")
    recorded = []
    for values in _laid(authority, [first, second], schools):
        ready = _ready(values)
        with recording() as sent:
            confirm(ready)
        with tenancy.scope({authority.pk}):
            confirmation = Confirmation.objects.get(basket_key=values["key"]).pk
        recorded.append((sent, {**values, "confirmation": confirmation}))
    (one, mine), (other, theirs) = recorded
    left_out = {"authority", "revision", "lines", "school"}
    if all(
        len({school.names[name] for name in ("product", "activity", "reglement")}) == 1 for school in schools.values()
    ):
        left_out |= {
            "activity",
            "reglement",
        }  # made together at each school, they have the same keys: one name is enough
    names = {name: (mine[name], theirs[name]) for name in mine if name not in left_out and mine[name] != theirs[name]}
    return script_of(one, other, names=names), len(one)
