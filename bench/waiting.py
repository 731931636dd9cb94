"""The waiting lists of the days to come, on an agent's page: two hundred families who all wait for twenty sessions."""

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

FAMILIES, SLOTS = 200, 20


def fill(authority: Authority) -> int:
    """Will make a child of each of `FAMILIES` families wait for each of `SLOTS` sessions; returns how many wait."""
    from marelle.domain.catalog.models import ProductSlot, Slot
    from marelle.domain.families.models import Custody
    from marelle.domain.reservations.models import Enrollment, WaitingListEntry
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    made: list[WaitingListEntry] = []
    with permitted("bench"), tenancy.scope({authority.pk}):
        served = Enrollment.objects.values("activity").distinct()
        ahead = Slot.objects.filter(date__gt=VISITED, capacity__isnull=False, activity__in=served)
        slots = ahead.order_by("date", "pk")[:SLOTS]
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
        return len(WaitingListEntry.objects.bulk_create(made, ignore_conflicts=True))


def measure(report: Report, portal: Portal, *, agent: User, is_quick: bool) -> None:
    """Will measure the page of an agent with every right, one answer after the other."""
    from marelle.domain.accounts.models import Site

    waiting = fill(portal.authority)
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
            "waiting_queue_p95",
            percentile(seconds, 0.95) * 1000,
            "ms",
            floor=100,
            aim=60,
            note=f"{waiting} waits for {SLOTS} sessions; median {percentile(seconds, 0.5) * 1000:.1f} ms, "
            f"{processor:.1f} ms of it the web process's own",
        )
    )
