"""`make bench`, or `python -m bench [--quick] [--only pages,rush] [--families 1000]`."""

from __future__ import annotations

import argparse
import os
import platform
import time
from typing import TYPE_CHECKING

from bench import (
    billing,
    booking,
    days,
    decisions,
    disruptions,
    documents,
    importing,
    inbox,
    kitchen,
    memory,
    pages,
    paying,
    places,
    rush,
    searching,
    three_years,
    waiting,
)
from bench.figures import Report
from bench.portal import Portal, database, served

if TYPE_CHECKING:
    from marelle.domain.accounts.models import User
    from marelle.domain.authorities.models import Authority

PARTS = (
    "documents",
    "decisions",
    "import",
    "disruptions",
    "billing",
    "places",
    "operation",
    "pages",
    "days",
    "valider",
    "rush",
    "memory",
    "payments",
    "search",
    "figures",
    "inbox",
    "kitchen",
    "waiting",
)
# Asked for by name: what they make first, fifty authorities or 200,000 families, takes a quarter of an hour.
LARGE = ("billing-large", "search-large")


def main() -> int:
    """Will measure everything, print one JSON object a line and a table; 1 when a floor was missed."""
    parser = argparse.ArgumentParser(prog="bench", description="The figures of docs/operate/bench.md.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: a look, not a measure")
    parser.add_argument("--only", default="", help=f"parts, separated by commas: {', '.join(PARTS + LARGE)}")
    parser.add_argument("--families", type=int, default=1000, help="size of the generated authority (1000)")
    options = parser.parse_args()
    parts = set(filter(None, options.only.split(","))) or set(PARTS)
    if not parts <= set(PARTS + LARGE):
        parser.error(f"parts are {', '.join(PARTS + LARGE)}")
    started = time.perf_counter()
    print(f"# Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    report = Report()
    if "documents" in parts:
        documents.measure(report, is_quick=options.quick)
    with database(options.families) as (url, authority):
        from marelle.commands.generate import KNOWN_FAMILY
        from marelle.domain.accounts.models import User

        user = User.objects.get(email=KNOWN_FAMILY)
        _measure_alone(report, url, authority, parts, is_quick=options.quick)
        if parts & {"pages", "days", "valider", "rush", "memory"}:
            with served(url, authority) as portal:
                _measure_served(report, portal, parts, user=user, is_quick=options.quick)
        _measure_apart(report, url, authority, parts, is_quick=options.quick)
    print(f"\n{report.table()}\n\n{time.perf_counter() - started:.0f} s, load {os.getloadavg()[0]:.1f} at the end")
    return 1 if report.is_missed else 0


def _measure_alone(report: Report, url: str, authority: Authority, parts: set[str], *, is_quick: bool) -> None:
    if "decisions" in parts:
        decisions.measure(report, is_quick=is_quick)
    if "import" in parts:
        importing.measure(report, authority, is_quick=is_quick)
    if "disruptions" in parts:
        disruptions.measure(report, authority, is_quick=is_quick)
    if "billing" in parts:
        billing.measure(report, authority, is_quick=is_quick)
    if "billing-large" in parts:
        billing.measure_large(report, is_quick=is_quick)
    if "places" in parts:
        places.measure_statement(report, url, authority, is_quick=is_quick)
    if "operation" in parts:
        places.measure_operation(report, url, authority, is_quick=is_quick)


def _measure_served(report: Report, portal: Portal, parts: set[str], *, user: User, is_quick: bool) -> None:
    if "pages" in parts:
        pages.measure(report, portal, user=user, is_quick=is_quick)
    if "days" in parts:
        days.measure(report, portal, agent=searching.agent_of(portal.authority), is_quick=is_quick)
    if "valider" in parts:
        booking.measure(report, portal, is_quick=is_quick)
    if "rush" in parts:
        rush.measure(report, portal, is_quick=is_quick)
    if "memory" in parts:
        memory.measure(report, portal, user=user, is_quick=is_quick)


def _measure_apart(report: Report, url: str, authority: Authority, parts: set[str], *, is_quick: bool) -> None:
    """Will measure what changes the authority for the others: its families are many more, a service is paid at once."""
    if "kitchen" in parts:
        with served(url, authority) as portal:
            kitchen.measure(report, portal, agent=searching.agent_of(authority), is_quick=is_quick)
    if "inbox" in parts:
        with served(url, authority) as portal:
            inbox.measure(report, portal, agent=searching.agent_of(portal.authority), is_quick=is_quick)
    if "waiting" in parts:
        with served(url, authority) as portal:
            waiting.measure(report, portal, agent=searching.agent_of(portal.authority), is_quick=is_quick)
    if "figures" in parts:
        with served(url, authority) as portal:
            three_years.measure(report, portal, is_quick=is_quick)
    if parts & {"search", "search-large"}:
        with served(url, authority) as portal:
            _measure_search(report, portal, is_large="search-large" in parts, is_quick=is_quick)
    if "payments" in parts:
        with paying.payfip() as origin, served(url, authority) as portal:
            paying.measure(report, portal, origin, is_quick=is_quick)


def _measure_search(report: Report, portal: Portal, *, is_large: bool, is_quick: bool) -> None:
    agent = searching.agent_of(portal.authority)
    sizes = (searching.SMALL, searching.LARGE) if is_large else (searching.SMALL, searching.TOWN)
    searching.measure(report, portal, agent=agent, sizes=sizes, is_quick=is_quick)
    searching.measure_page(report, portal, agent=agent, is_quick=is_quick)


if __name__ == "__main__":
    raise SystemExit(main())
