"""The worker is killed in the middle of a billing run, again and again: the same invoices, numbers and ledger."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Max, Min

from marelle.commands.generate import generate_authority
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import BillingRun, Invoice
from marelle.domain.billing.operations import runs
from marelle.domain.catalog.models import Service
from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.billing_town import assert_ledger_holds

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

KILLS = int(os.environ.get("TORTURE_BILLING_KILLS", "20"))
FAMILIES = int(os.environ.get("TORTURE_BILLING_FAMILIES", "2100"))
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
EVERYTHING = """
    billing_ledgerentry, billing_posting, billing_invoiceline, billing_hiddeninvoice, billing_invoice,
    billing_billingrun, billing_numberseries, billing_manualcharge, billing_aid, billing_payeraccount
"""
WRITTEN = """
SELECT i.sequence, i.number, i.family_id, i.payer_name, i.total_cents, i.revenue::text,
    md5(string_agg((l.kind, l.child_id, l.product_id, l.key, l.label, l.days, l.unit_cents, l.components)::text, '|'
        ORDER BY l.position))
FROM billing_invoice i LEFT JOIN billing_invoiceline l ON l.invoice_id = i.id
WHERE i.state = 'issued' GROUP BY i.id ORDER BY i.sequence
"""


@pytest.fixture
def worker():
    settings = connection.settings_dict
    host = urllib.parse.quote(settings["HOST"], safe="")
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={host}"
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.biller"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": url},
    )

    def go_on(run, *, delay=None):
        program.stdin.write(json.dumps({"authority": run.authority_id, "run": run.pk, "delay": delay}) + "\n")
        program.stdin.flush()
        return json.loads(program.stdout.readline())

    yield go_on
    program.stdin.close()
    program.stdout.close()
    program.wait(10)


@pytest.fixture
def town():
    return generate_authority(FAMILIES, 7, by=SYSTEM, at=AT)


def forget_everything():
    with permitted("torture"), connection.cursor() as cursor:
        # Recovery and payments hang on these tables, though nothing of them is here.
        cursor.execute(f"TRUNCATE {EVERYTHING} RESTART IDENTITY CASCADE")


def start(authority):
    with tenancy.scope({authority.pk}):
        days = Reservation.objects.aggregate(first=Min("date"), last=Max("date"))
        at = datetime.combine(days["last"] + timedelta(days=1), AT.time(), UTC)
        return runs.start_run(
            Regie.objects.get(),
            authority=authority,
            services=list(Service.objects.values_list("pk", flat=True)),
            name="Le mois",
            starts_on=days["first"],
            ends_on=days["last"],
            invoiced_on=at.date(),
            due_on=at.date() + timedelta(days=30),
            exercice=2026,
            by=SYSTEM,
            at=at,
        )


def whole(authority, go_on, delay_of):
    """Bill from start to end; return what was written, and how many times the worker was killed."""
    forget_everything()
    run = start(authority)
    killed = 0

    def until(state):
        nonlocal killed
        while True:
            outcome, _seconds = go_on(run, delay=delay_of(killed))
            assert outcome in {"done", "killed"}
            killed += outcome == "killed"
            with tenancy.scope({authority.pk}):
                # The server may be ending the dead process's work: its lock is waited for.
                run.refresh_from_db()
                if run.state == state:
                    return

    until(BillingRun.State.REVIEW)
    with tenancy.scope({authority.pk}):
        runs.approve_run(run, by=SYSTEM, at=run.started_at)
    until(BillingRun.State.ISSUED)
    assert_ledger_holds()
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        written = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'letters.run_issued' "
            "AND (args ->> 'run')::bigint = %s AND (args ->> 'authority')::bigint = %s",
            [run.pk, authority.pk],
        )
        (told,) = cursor.fetchone()
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'letters.run_issued'")
    with tenancy.scope({authority.pk}):
        assert Invoice.objects.filter(run=run).count() == len(written)
    assert told == 1, "the letters are sent once"
    return written, killed


def test_a_worker_killed_at_any_moment_of_a_run_leaves_what_an_uninterrupted_one_writes(town, worker):
    seed = random.SystemRandom().randrange(10**9)
    chance = random.Random(seed)
    started = datetime.now(UTC)  # noqa: TID251  how long a run takes decides when to kill it
    expected, killed = whole(town, worker, lambda _killed: None)
    usual = (datetime.now(UTC) - started).total_seconds()  # noqa: TID251
    assert killed == 0
    assert len(expected) >= FAMILIES * 0.9
    assert [row[0] for row in expected] == list(range(1, len(expected) + 1))

    found, tries = 0, 0
    while found < KILLS:
        tries += 1
        assert tries <= KILLS, f"too few kills land (seed {seed})"

        def delay(killed, left=KILLS - found):
            return chance.uniform(0, usual / 4) if killed < left else None

        written, killed = whole(town, worker, delay)
        found += killed
        assert written == expected, f"not what an uninterrupted run writes (seed {seed})"
    print(f"{len(expected)} invoices in {usual:.1f} s; {found} kills in {tries} runs (seed {seed})")


def test_without_its_steps_in_transactions_the_same_kills_would_show(town, worker):
    """Half of a step by hand: the proof above is not blind."""
    whole(town, worker, lambda _killed: None)
    with permitted("torture"), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_numberseries SET last = last + 1")

    with pytest.raises(AssertionError, match="numbers"):
        assert_ledger_holds()
