"""A process is killed at each statement of a payment; then the jobs run: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.billing.models import Invoice, LedgerEntry
from marelle.domain.payments.asking import ask_all
from marelle.domain.payments.models import PaymentAttempt, Receipt
from marelle.domain.payments.operations.attempts import expire_at_desk
from marelle.domain.payments.queries.attempts import attempts_to_ask, desk_attempts_over, places_being_paid
from marelle.domain.reservations.models import BasketLine, Reservation
from marelle.domain.reservations.operations.by_agents import release_expired_holds
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from standins.payfip.server import Server, started
from tests.domain.billing_town import assert_ledger_holds
from tests.domain.household import FRIDAY, THURSDAY
from tests.domain.payments_town import NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.town import make_authority
from tests.torture.settling import assert_every_place_is_counted

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

# Every statement, or one in so many.
EACH = int(os.environ.get("TORTURE_PAYMENT_STATEMENTS", "1"))


@pytest.fixture
def payfip():
    server = started(Server(clock=lambda: NOW, takes_anyone=True))
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def parent(payfip):
    settings = connection.settings_dict
    host = urllib.parse.quote(settings["HOST"], safe="")
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={host}"
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.payer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": url},
    )

    def goes_through(home, *, outcome="P", goes_back=False, before=None, after=None):
        home.wish_days(THURSDAY, FRIDAY)
        content = home.content
        basket = {
            "authority": home.authority.pk, "user": home.user, "family": home.family.pk, "key": content.key,
            "revision": content.revision, "at": NOW.isoformat(), "payfip": payfip.origin, "outcome": outcome,
            "goes_back": goes_back, "before": before, "after": after,
        }  # fmt: skip
        program.stdin.write(json.dumps(basket) + "\n")
        program.stdin.flush()
        return json.loads(program.stdout.readline())

    yield goes_through
    program.stdin.close()
    program.stdout.close()
    program.wait(10)


def run_the_jobs(gateways, at):
    ask_all(attempts_to_ask(at=at), gateways=gateways, by=SYSTEM, moment=lambda: at)
    for attempt in desk_attempts_over(at=at):
        expire_at_desk(attempt, by=SYSTEM, at=at)
    release_expired_holds(kept=places_being_paid(), by=SYSTEM, at=at)


def came_to_rest(home, payfip):
    """Say what became of a family's payment, which is one of three things and nothing between."""
    lines = BasketLine.objects.filter(basket__family=home.family).count()
    places = sorted(Reservation.objects.filter(family=home.family).values_list("state", flat=True))
    cash = sum(
        LedgerEntry.objects.filter(account="cash", posting__payer__family=home.family).values_list("cents", flat=True)
    )
    receipts = Receipt.objects.filter(payer__family=home.family).count()
    invoices = Invoice.objects.issued().filter(family=home.family).count()
    attempts = list(PaymentAttempt.objects.filter(family=home.family).order_by("pk"))
    operations = [payfip.till.operations.get(one.provider_id) for one in attempts]
    was_paid = any(one is not None and one.outcome == "P" for one in operations)
    state = next((one.state for one in attempts if one.state == "paid"), attempts[-1].state if attempts else "")
    found = (state, was_paid, lines, places, cash, receipts, invoices)
    return {
        ("", False, 2, (), 0, 0, 0): "never confirmed",
        ("expired", False, 2, ("cancelled", "cancelled"), 0, 0, 0): "given back",
        ("abandoned", False, 2, ("cancelled", "cancelled"), 0, 0, 0): "given back",
        ("paid", True, 0, ("reserved", "reserved"), 2400, 1, 1): "paid",
    }.get((*found[:3], tuple(places), *found[4:]), f"half of it: {found}")


@pytest.mark.parametrize(
    ("outcome", "goes_back", "end"),
    [("P", False, "paid"), ("A", False, "given back"), ("P", True, "paid")],
    ids=["paid", "given up", "begun again and paid"],
)
def test_killed_at_any_statement_the_jobs_end_what_was_begun(parent, payfip, outcome, goes_back, end):
    authority = make_authority("Essai")
    gateways = {"payfip": PayFiP(payfip.url, payfip.page_url)}
    with tenancy.scope({authority.pk}):
        town = PayingHousehold(authority, capacity=10_000)
        how, statements = parent(town, outcome=outcome, goes_back=goes_back)
        assert how == "done"
        assert came_to_rest(town, payfip) == end

        found = Counter()
        for number in range(0, statements, EACH):
            for side in ("before", "after"):
                home = PayingHousehold(authority, name=f"{side} {number}", town=town)
                assert parent(home, outcome=outcome, goes_back=goes_back, **{side: number})[0] == "killed"
                # While somebody may be paying, what was held is held.
                run_the_jobs(gateways, NOW + timedelta(minutes=2))
                run_the_jobs(gateways, NOW + timedelta(minutes=125))
                rest = came_to_rest(home, payfip)
                assert rest in {"never confirmed", "given back", "paid"}, f"killed {side} {number}: {rest}"
                found[rest] += 1
                with permitted("torture"):
                    BasketLine.objects.all().delete()
        assert_nothing_is_lost()
        assert_every_place_is_counted()
    assert_ledger_holds()
    assert {"never confirmed", end} <= set(found)
    # Between the first page and the second, at each statement: nothing was paid.
    assert EACH > 1 or {"never confirmed", "given back", end} == set(found)
    print(f"{found.total()} kills over {statements} statements: {dict(found)}")
