"""The kitchen, the lists and the evacuation of a town of 1,200 children and more, as an agent opens them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bench.clients import Client
from bench.figures import Figure, Report, percentile
from bench.portal import VISITED, cookies_of

if TYPE_CHECKING:
    from bench.portal import Portal
    from marelle.domain.accounts.models import User

OFFICE = "mairie.localhost"
WARM = 5


def measure(report: Report, portal: Portal, *, agent: User, is_quick: bool) -> None:
    """Will measure each page on the first school days from the day of the visit on, one after the other."""
    from marelle.domain.accounts.models import Site
    from marelle.domain.families.models import Child
    from marelle.foundation import tenancy

    with tenancy.scope({portal.authority.pk}):
        children = Child.objects.count()
    days = [VISITED + timedelta(days=place) for place in range(7)]
    days = [day for day in days if day.weekday() in {0, 1, 3, 4}]
    cookies = cookies_of(agent.pk, Site.OFFICE)
    for name, path, floor, aim in (
        ("kitchen_counts_1200_p95", "cuisine/?jour={day}", 100, 60),
        ("kitchen_day_1200_p95", "cuisine/{day}/", 100, 60),
        ("lists_1200_p95", "listes/?jour={day}", 1000, 500),
        ("lists_pdf_1200_p95", "listes/fichier/pdf/?jour={day}", 3000, 1500),
        ("evacuation_1200_p95", "listes/evacuation/?quand=journee", 1000, 500),
    ):
        client = Client(portal.port, OFFICE)
        seconds, before = [], portal.processor_seconds()
        turns = WARM + (10 if is_quick else 60)
        for turn in range(turns):
            address = path.format(day=days[turn % len(days)].isoformat())
            answer = client.ask("GET", f"/{portal.authority.slug}/{address}", cookies=cookies)
            assert answer.status == 200, (address, answer.status)
            if turn >= WARM:
                seconds.append(answer.seconds)
        client.close()
        processor = (portal.processor_seconds() - before) / turns * 1000
        report.add(
            Figure(
                name,
                percentile(seconds, 0.95) * 1000,
                "ms",
                floor=floor,
                aim=aim,
                note=f"{children} children; median {percentile(seconds, 0.5) * 1000:.1f} ms, {processor:.1f} ms of it "
                "the web process's own",
            )
        )
