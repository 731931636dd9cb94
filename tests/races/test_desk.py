"""Several desks at the same instant: receipts without a gap, money taken once, no receipt in two deposits."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.billing.models import LedgerEntry
from marelle.domain.billing.operations.ledger import UnableToReverseError
from marelle.domain.payments.models import BankDeposit, Receipt
from marelle.domain.payments.operations.deposits import UnableToDepositError
from marelle.domain.payments.operations.desk import UnableToTakeError
from marelle.foundation import tenancy
from tests.domain.regie_town import Till, assert_accounts_hold
from tests.factories.town import make_authority

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

DAY = date(2026, 12, 3)


@pytest.fixture
def till():
    authority = make_authority("Dammartin")
    with tenancy.scope({authority.pk}):
        made = Till(authority)

    def alone(act):
        def run():
            with tenancy.scope({authority.pk}):
                return act()

        return run

    made.alone = alone
    return made


def test_eight_desks_number_their_receipts_without_a_gap(till, at_once):
    with tenancy.scope({till.authority.pk}):
        invoices = [till.invoice(till.family(f"Famille {number}"), cents=1000) for number in range(24)]

    def cash(invoice, number):
        return till.alone(lambda: till.cash(invoice, 1000 if number % 3 else 10_000_001))

    done = at_once([cash(invoice, number) for number, invoice in enumerate(invoices)], connections_at_most=8)

    refused = [one for one in done if isinstance(one, Exception)]
    assert len(refused) == 8
    assert all(isinstance(one, UnableToTakeError) for one in refused)
    with tenancy.scope({till.authority.pk}):
        assert sorted(Receipt.objects.values_list("sequence", flat=True)) == list(range(1, 17))
        assert_accounts_hold()


def test_the_same_invoice_pressed_eight_times_is_paid_once(till, at_once):
    with tenancy.scope({till.authority.pk}):
        invoice = till.invoice(cents=1000)

    done = at_once([till.alone(lambda: till.cash(invoice, 1000, shown=1000)) for _ in range(8)], connections_at_most=8)

    assert sum(isinstance(one, UnableToTakeError) for one in done) == 7
    with tenancy.scope({till.authority.pk}):
        assert Receipt.objects.count() == 1
        assert_accounts_hold()


def test_a_receipt_is_cancelled_once_and_goes_in_one_deposit(till, at_once):
    with tenancy.scope({till.authority.pk}):
        invoice = till.invoice(cents=9000)
        wrong = till.cash(invoice, 1000)
        till.cash(invoice, 3000)

    def prepare():
        return till.prepare(on=date(2026, 12, 4))

    def cash():
        return till.cash(invoice, 500)

    def cancel():
        return till.cancel(wrong)

    done = at_once([till.alone(act) for act in (prepare, cancel, cash, cancel, prepare, cash, cancel, prepare)])

    assert sum(isinstance(one, UnableToReverseError) for one in done) == 2
    assert sum(isinstance(one, UnableToDepositError) for one in done) == 2
    assert not [one for one in done if isinstance(one, Exception) and not hasattr(one, "why")]
    with tenancy.scope({till.authority.pk}):
        assert BankDeposit.objects.count() == 1
        assert sum(LedgerEntry.objects.filter(account="cash").values_list("cents", flat=True)) == 4000
        assert_accounts_hold()
