"""The waiting lists of the days to come, on an agent's page: two hundred families who all wait for five sessions.

Then for twenty: what a town sees once a year, when holidays open.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bench.clients import Client
from bench.figures import Figure, Report, percentile
from bench.portal import AT, VISITED, Portal, cookies_of
from bench.searching import OFFICE, WARM

if TYPE_CHECKING:
    from marelle.domain.accounts.models import User
    from marelle.domain.authorities.models import Authority

FAMILIES, WEEK, HOLIDAYS = 200, 5, 20


def fill(authority: Authority, sessions: int) -> int:
    """Will make a child of each of `FAMILIES` families wait for each of the first `sessions`; returns how many wait."""
    from marelle.domain.catalog.models import ProductSlot, Slot
    from marelle.domain.families.models import Custody
    from marelle.domain.reservations.models import Enrollment, WaitingListEntry
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    made: list[WaitingListEntry] = []
    with permitted("bench"), tenancy.scope({authority.pk}):
        served = Enrollment.objects.values("activity").distinct()
        ahead = Slot.objects.filter(date__gt=VISITED, capacity__isnull=False, activity__in=served)
        slots = ahead.order_by("date", "pk")[:sessions]
        products = dict(ProductSlot.objects.order_by("-product").values_list("template_id", "product_id"))
        for slot in slots:
            homes = (
                Custody.objects.filter(ends_on__isnull=True, child__enrollments__activity=slot.activity_id)
                .order_by("family", "child")
                .distinct("family")
                .values_list("child_id", "family_id")[:FAMILIES]
            )
            made.extend(
                WaitingListEntry(
                    authority=authority,
                    child_id=child,
                    family_id=family,
                    product_id=products[slot.template_id],
                    date=slot.date,
                    slot=slot,
                    asked_at=AT - timedelta(minutes=rank),
                )
                for rank, (child, family) in enumerate(homes)
            )
        WaitingListEntry.objects.bulk_create(made, ignore_conflicts=True)
        return WaitingListEntry.objects.count()


def measure(report: Report, portal: Portal, *, agent: User, is_quick: bool) -> None:
    """Will measure the page of an agent with every right, one answer after the other."""
    for name, sessions, floor, aim in (
        ("waiting_queue_p95", WEEK, 100, 60),
        ("waiting_queue_holidays_p95", HOLIDAYS, None, None),
    ):
        waiting = fill(portal.authority, sessions)
        _measure(
            report,
            portal,
            agent,
            (name, f"{waiting} waits for {sessions} sessions"),
            bounds=(floor, aim),
            is_quick=is_quick,
        )


def _measure(
    report: Report,
    portal: Portal,
    agent: User,
    said: tuple[str, str],
    *,
    bounds: tuple[float | None, float | None],
    is_quick: bool,
) -> None:
    from marelle.domain.accounts.models import Site

    client, address = Client(portal.port, OFFICE), f"/{portal.authority.slug}/attentes/"
    cookies = cookies_of(agent.pk, Site.OFFICE)
    seconds, before = [], portal.processor_seconds()
    turns = WARM + (30 if is_quick else 150)
    for turn in range(turns):
        answer = client.ask("GET", address, cookies=cookies)
        assert answer.status == 200, answer.status
        if turn >= WARM:
            seconds.append(answer.seconds)
    client.close()
    processor = (portal.processor_seconds() - before) / turns * 1000
    report.add(
        Figure(
            said[0],
            percentile(seconds, 0.95) * 1000,
            "ms",
            floor=bounds[0],
            aim=bounds[1],
            note=f"{said[1]}; median {percentile(seconds, 0.5) * 1000:.1f} ms, "
            f"{processor:.1f} ms of it the web process's own",
        )
    )
