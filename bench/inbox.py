"""What there is to treat, on the agents' first page, with two hundred things in each of its queues."""

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

IN_EACH = 200


def fill(authority: Authority) -> None:
    """Will make `IN_EACH` things wait in the queues of cancellations, certificates, changes and families to attach."""
    from marelle.domain.accounts.models import User
    from marelle.domain.families.models import Family, JoinRequest, ProposedChange
    from marelle.domain.reservations.models import Absence, CancellationRequest, Reservation
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    with permitted("bench"), tenancy.scope({authority.pk}):
        asked = [AT - timedelta(hours=rank) for rank in range(IN_EACH)]
        active = Reservation.objects.filter(state="reserved").exclude(cancellation_requests__state="pending")
        coming = active.filter(date__gte=VISITED).order_by("pk")[:IN_EACH]
        gone = active.filter(date__lt=VISITED, absences__isnull=True).order_by("-date", "pk")[:IN_EACH]
        CancellationRequest.objects.bulk_create(
            CancellationRequest(authority=authority, reservation=row, asked_at=at)
            for row, at in zip(coming, asked, strict=True)
        )
        Absence.objects.bulk_create(
            Absence(authority=authority, reservation=row, cause="illness", told_at=at)
            for row, at in zip(gone, asked, strict=True)
        )
        ProposedChange.objects.bulk_create(
            ProposedChange(
                authority=authority, family=family, field="family_name", old=family.name, new="x", proposed_at=at
            )
            for family, at in zip(Family.objects.order_by("pk")[:IN_EACH], asked, strict=True)
        )
        JoinRequest.objects.bulk_create(
            JoinRequest(
                authority=authority,
                user=user,
                first_name="x",
                last_name="y",
                child_first_name="x",
                child_last_name="y",
                child_birth_date=VISITED,
                asked_at=at,
            )
            for user, at in zip(User.objects.order_by("pk")[:IN_EACH], asked, strict=True)
        )


def measure(report: Report, portal: Portal, *, agent: User, is_quick: bool) -> None:
    """Will measure the page of an agent with every right, one answer after the other."""
    from marelle.domain.accounts.models import Site

    fill(portal.authority)
    client, address = Client(portal.port, OFFICE), f"/{portal.authority.slug}/a-traiter/"
    cookies = cookies_of(agent.pk, Site.OFFICE)
    seconds, before = [], portal.processor_seconds()
    turns = WARM + (60 if is_quick else 300)
    for turn in range(turns):
        answer = client.ask("GET", address, cookies=cookies)
        assert answer.status == 200, answer.status
        if turn >= WARM:
            seconds.append(answer.seconds)
    client.close()
    processor = (portal.processor_seconds() - before) / turns * 1000
    report.add(
        Figure(
            "inbox_p95",
            percentile(seconds, 0.95) * 1000,
            "ms",
            floor=100,
            aim=60,
            note=f"{IN_EACH} things in each of four queues; median {percentile(seconds, 0.5) * 1000:.1f} ms, "
            f"{processor:.1f} ms of it the web process's own",
        )
    )
