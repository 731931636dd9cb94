"""The nightly proof of the ledger: silent when all is well, and it sees each thing that should be impossible."""

from __future__ import annotations

import pytest
from django.db import connection

from marelle.domain.billing.models import Invoice, LedgerEntry, NumberSeries, Posting
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from tests.house.whole_town import make_whole_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    town = make_whole_town("Ici")
    with tenancy.scope({town.authority.pk}):
        yield town


def broken(*statements):
    """Do by hand what the database refuses to everybody."""
    with permitted("test"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("billing_invoice", "billing_invoiceline", "billing_ledgerentry", "billing_posting"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)


def test_a_sound_ledger_has_no_fault(town):
    assert ledger_faults() == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE billing_ledgerentry SET cents = cents + 1 WHERE account = 'revenue'", "a posting does not sum"),
        ("UPDATE billing_invoice SET total_cents = 386 WHERE state = 'issued'", "not what was posted"),
        ("UPDATE billing_invoiceline SET total_cents = 384", "lines do not sum"),
        ("UPDATE billing_numberseries SET last = 2", "numbers have a gap"),
    ],
)
def test_what_should_be_impossible_is_seen(town, statement, what):
    broken(statement)

    assert any(what in fault.what for fault in ledger_faults())


def test_the_night_says_it_by_keys_and_names_nobody(town, caplog):
    broken("UPDATE billing_numberseries SET last = 7")

    tasks.check_ledger.func(timestamp=0)

    assert "numbers have a gap" in caplog.text
    assert "Quenneville" not in caplog.text


def test_a_balance_is_what_is_owed_that_day(town):
    posting = Posting.objects.get(kind="invoice", invoice=town.invoice)

    assert balances_of([town.payer.pk])[town.payer.pk].owed == 385
    assert balances_of([town.payer.pk], on=posting.date.replace(year=2025))[town.payer.pk].owed == 0
    entries = LedgerEntry.objects.filter(posting=posting)
    assert (
        Invoice.objects.issued().filter(origin="marelle").count(),
        NumberSeries.objects.count(),
        entries.count(),
    ) == (1, 1, 2)
