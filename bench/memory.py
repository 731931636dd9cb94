"""What a web process weighs after thousands of requests: its proportional share of memory, as the kernel counts it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from bench.clients import many
from bench.figures import Figure, Report
from bench.portal import HOST, Portal, cookies_of

if TYPE_CHECKING:
    from marelle.domain.accounts.models import User

EARLY, LATE = 2_000, 10_000  # requests of each web process
FLAT = 1.05


def measure(report: Report, portal: Portal, *, user: User, is_quick: bool) -> None:
    """Will weigh the heavier of the web processes after 2,000 requests each and after 10,000."""
    slug = portal.authority.slug
    cookies = cookies_of(user.pk)
    anonymous = [{"path": path} for path in ("/healthz", "/compte/connexion/", f"/{slug}/", "/healthz")]
    signed = [{"path": path, "cookies": cookies} for path in (f"/{slug}/panier/", f"/{slug}/reservations/")]
    # Mostly light pages, so that ten thousand take a minute; each kind comes by, the heaviest once in fifty.
    mix = (anonymous * 6 + signed[:1]) * 2 + signed[1:]
    early, late = (200, 1_000) if is_quick else (EARLY, LATE)
    workers = portal.workers()
    assert len(workers) == 2, workers
    sizes = []
    for more in (early, late - early):
        ran = many(portal.port, HOST, mix, connections=6, count=more * len(workers), reconnect_every=50)
        assert set(ran["statuses"]) == {"200"}, ran["statuses"]
        sizes.append(max(_pss(pid) for pid in workers))
    assert portal.workers() == workers, "a web process was replaced"
    report.add(
        Figure(
            "web_process_memory",
            sizes[1],
            "MB",
            floor=220,
            note=f"proportional set size of the heavier one after {late} requests each",
        )
    )
    report.add(
        Figure(
            "web_process_memory_growth",
            sizes[1],
            "MB",
            sizes[0],
            sizes[1] / sizes[0],
            floor=FLAT,
            judged="ratio",
            note=f"reference: after {early} requests each; flat is 5 % at most",
        )
    )


def _pss(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024
