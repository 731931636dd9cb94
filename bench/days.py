"""The sheet of a day that many children come to, and what a tablet asks of it every twenty seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.clients import Client
from bench.figures import Figure, Report, percentile
from bench.portal import VISITED, cookies_of

if TYPE_CHECKING:
    from bench.portal import Portal
    from marelle.domain.accounts.models import User

OFFICE = "mairie.localhost"
WARM = 3


def measure(report: Report, portal: Portal, *, agent: User, is_quick: bool) -> None:
    """Will measure the day, its sheet and the exchange of a tablet that waits.

    `day_1200_p95` and `attendance_sheet_1200_p95` are the whole lists of all places on one page: of the second, whoever
    wants it asks by « Tous les lieux ». `attendance_sheet_place_p95` is what a tablet opens: the sheet of one place.
    """
    from marelle.domain.accounts.models import Site
    from marelle.domain.reservations.models import Reservation
    from marelle.foundation import tenancy

    cookies = cookies_of(agent.pk, Site.OFFICE)
    day = VISITED.isoformat()
    with tenancy.scope({portal.authority.pk}):
        children = Reservation.objects.active().filter(date=VISITED).values("child").distinct().count()
    at = f"/{portal.authority.slug}/journee/{day}/presences/"
    since = "1794812400000"  # in the morning of that day
    turns = 15 if is_quick else 100
    for name, address, floor, shows in (
        ("day_1200_p95", at.removesuffix("presences/"), 100, "all places, every child"),
        ("attendance_sheet_1200_p95", f"{at}?etablissement=tous", 100, "all places, every child"),
        ("attendance_sheet_place_p95", at, 100, "the place on which the sheet opens"),
        ("attendance_exchange_p95", f"{at}pointages/?depuis={since}", 50, "what others ticked since the morning"),
    ):
        seconds, size, processor = _asked(portal, cookies, address, turns)
        report.add(
            Figure(
                name,
                percentile(seconds, 0.95) * 1000,
                "ms",
                floor=floor,
                note=f"{shows}; {children} children that day; median {percentile(seconds, 0.5) * 1000:.1f} ms, "
                f"{processor:.1f} ms of it the web process's own, {size / 1000:.0f} kB sent",
            )
        )


def _asked(portal: Portal, cookies: str, address: str, turns: int) -> tuple[list[float], int, float]:
    client, seconds, size = Client(portal.port, OFFICE), [], 0
    before = portal.processor_seconds()
    for turn in range(turns + WARM):
        answer = client.ask("GET", address, cookies=cookies)
        assert answer.status == 200, answer.status
        size = len(answer.body)
        if turn >= WARM:
            seconds.append(answer.seconds)
    client.close()
    return seconds, size, (portal.processor_seconds() - before) / (turns + WARM) * 1000
