"""The month's planning page, signed in: how long, how many a second, how heavy."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING

import psycopg

from bench.clients import Client, many
from bench.figures import Figure, Report, interleaved, percentile
from bench.portal import HOST, Portal, cookies_of
from bench.replay import Statement, read_again, recording

if TYPE_CHECKING:
    from marelle.domain.accounts.models import User


def measure(report: Report, portal: Portal, *, user: User, is_quick: bool) -> None:
    """Will measure the page of the known family: three children, six products, four weeks."""
    address = f"/{portal.authority.slug}/reservations/"
    cookies = cookies_of(user.pk)
    client = Client(portal.port, HOST)
    answer = client.ask("GET", address, cookies=cookies)
    assert answer.status == 200, answer.status
    assert answer.headers["content-encoding"] == "gzip"
    html = gzip.decompress(answer.body).decode()
    lines = html.count('<th scope="row">')
    assert lines == 3 * 6 * 4, f"{lines} lines, not those of 3 children, 6 products, 4 weeks"

    statements = _statements(address, user)
    with psycopg.connect(portal.database, autocommit=True) as plain:

        def page(_turn: int) -> float:
            found = client.ask("GET", address, cookies=cookies)
            assert found.status == 200, found.status
            return found.seconds

        def only_its_statements(_turn: int) -> float:
            start = time.perf_counter()
            read_again(plain, statements)
            return time.perf_counter() - start

        for _warm in range(10):
            page(0)
            only_its_statements(0)
        before = portal.processor_seconds()
        pages, references = interleaved(page, only_its_statements, 60 if is_quick else 300)
    processor = (portal.processor_seconds() - before) / len(pages) * 1000
    value, reference = percentile(pages, 0.95) * 1000, percentile(references, 0.95) * 1000
    report.add(
        Figure(
            "planning_page_p95",
            value,
            "ms",
            reference,
            value / reference,
            floor=80,
            aim=40,
            note=f"median {percentile(pages, 0.5) * 1000:.1f} ms, {processor:.1f} ms of it the web process's own; "
            f"reference: its {len(statements)} statements alone",
        )
    )
    client.close()
    ran = many(
        portal.port,
        HOST,
        [{"path": address, "cookies": cookies}],
        connections=8,
        seconds=4 if is_quick else 15,
    )
    assert set(ran["statuses"]) == {"200"}, ran["statuses"]
    report.add(
        Figure(
            "planning_page_throughput",
            len(ran["latencies"]) / ran["seconds"],
            "requests/s",
            floor=60,
            aim=150,
            more_is_better=True,
            note=f"8 clients, two web processes; p95 {percentile(ran['latencies'], 0.95) * 1000:.0f} ms",
        )
    )
    report.add(
        Figure(
            "planning_page_weight",
            len(answer.body) / 1024,
            "KB gzipped",
            len(html.encode()) / 1024,
            len(answer.body) / len(html.encode()),
            floor=20,
            aim=12,
            note="reference: not compressed",
        )
    )


def _statements(address: str, user: User) -> list[Statement]:
    """Will record what one response sends to the database, the session's reading included."""
    from django.test import Client as InProcess

    browser = InProcess(HTTP_HOST=HOST)
    browser.force_login(user)
    browser.get(address)  # the offer of the authority is read once a process
    with recording() as sent:
        assert browser.get(address).status_code == 200
    return sent
