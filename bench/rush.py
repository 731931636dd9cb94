"""200 parents press *Valider* for the last 10 places of a session at the same instant, through 40 connections."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import psycopg

from bench import baskets
from bench.clients import many
from bench.figures import Figure, Report, median, percentile
from bench.portal import AT, CSRF, HOST, Portal, cookies_of

if TYPE_CHECKING:
    from bench.baskets import Parent

PARENTS, PLACES, CONNECTIONS = 200, 10, 40
FROM = date(2027, 2, 1)


def measure(report: Report, portal: Portal, *, is_quick: bool) -> None:
    """Will measure the time until the last has the answer, and beside it the bare statement under the same rush."""
    parents = baskets.parents_of(portal.authority)
    rushing = [who for who in parents if who.school == parents[0].school][:PARENTS]
    assert len(rushing) == PARENTS, f"{len(rushing)} parents at one school"
    cookies = {who.user: cookies_of(who.user) for who in rushing}
    product = baskets.products_at(portal.authority, rushing[0].school)[
        1
    ]  # not the meals, which the other measures take
    rounds = 3 if is_quick else 8
    days = list(islice(baskets.open_days(portal.authority, product, FROM), 2 * (rounds + 1)))
    lasts, answers, references = [], [], []
    for turn in range(rounds + 1):
        slot = _ten_places(portal, product, days[2 * turn])
        seconds, answered_at = _over_http(portal, rushing, cookies, product, days[2 * turn])
        _exactly_ten(portal, slot)
        bare_slot = _ten_places(portal, product, days[2 * turn + 1])
        bare = _bare(portal, rushing, product, days[2 * turn + 1], bare_slot)
        _exactly_ten(portal, bare_slot)
        if turn:  # the first one warms up
            lasts.append(seconds)
            answers += answered_at
            references.append(bare)
    value, reference = percentile(lasts, 0.95), median(references)
    report.add(
        Figure(
            "rush_last_answer_p95",
            value,
            "s",
            reference,
            value / reference,
            note=f"{PARENTS} parents, {PLACES} places, {CONNECTIONS} connections, {rounds} rushes; "
            f"exactly {PLACES} served each time; median of the last {median(lasts):.2f} s, "
            f"p95 of all the answers {percentile(answers, 0.95):.2f} s; "
            "reference: the bare statement by psycopg",
        )
    )


def _over_http(
    portal: Portal, rushing: list[Parent], cookies: dict[int, str], product: Any, day: date
) -> tuple[float, list[float]]:
    laid = baskets.fill(portal.authority, [(who, product.pk, [day]) for who in rushing])
    requests = [
        {
            "method": "POST",
            "path": f"/{portal.authority.slug}/panier/valider/",
            "cookies": cookies[who.user],
            "body": urlencode(
                {
                    "key": laid[who.user]["key"],
                    "revision": laid[who.user]["revision"],
                    "csrfmiddlewaretoken": CSRF,
                }
            ),
        }
        for who in rushing
    ]
    ran = many(portal.port, HOST, requests, connections=CONNECTIONS, count=PARENTS)
    # 303: it is recorded; 409: the place is gone, said on the page.
    assert ran["statuses"] == {"303": PLACES, "409": PARENTS - PLACES}, ran["statuses"]
    return max(ran["answered_at"]), ran["answered_at"]


def _bare(portal: Portal, rushing: list[Parent], product: Any, day: date, slot: int) -> float:
    """Will take the places with the one statement and nothing around it; returns seconds until the last answer."""
    from marelle.domain.reservations.operations.places import EXCHANGE

    connections = [psycopg.connect(portal.database, autocommit=True) for _ in range(CONNECTIONS)]

    def some(turn: int) -> None:
        for who in rushing[turn::CONNECTIONS]:
            parameters = {
                "authority": portal.authority.pk, "family": who.family, "at": AT,
                "confirmation": None, "reason": "", "asked_lines": [1], "asked_slots": [slot],
                "children": [who.child], "products": [product.pk], "dates": [day], "states": ["reserved"],
                "held_untils": [None], "deadlines": [AT], "reglements": [None], "prices": [385], "timings": ["on_time"],
                "surcharges": [0], "price_rules": [""], "released": [],
                "release_reason": "",
            }  # fmt: skip
            connections[turn].execute(EXCHANGE, parameters).fetchone()

    with ThreadPoolExecutor(CONNECTIONS) as clients:
        start = time.perf_counter()
        list(clients.map(some, range(CONNECTIONS)))
        seconds = time.perf_counter() - start
    for connection in connections:
        connection.close()
    return seconds


def _ten_places(portal: Portal, product: Any, day: date) -> int:
    """Will leave ten places on that day, and return the slot's key."""
    from marelle.domain.catalog.models import Slot
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    (part,) = product.parts
    with tenancy.scope({portal.authority.pk}), permitted("bench"):
        slot = Slot.objects.get(template=part.pk, date=day)
        slot.capacity = slot.taken + PLACES
        slot.save(update_fields=["capacity"])
    return slot.pk


def _exactly_ten(portal: Portal, slot: int) -> None:
    from marelle.domain.catalog.models import Slot
    from marelle.foundation import tenancy

    with tenancy.scope({portal.authority.pk}):
        found = Slot.objects.get(pk=slot)
    assert found.taken == found.capacity, f"{found.taken} of {found.capacity}"
    baskets.counted_exactly(portal.authority)
