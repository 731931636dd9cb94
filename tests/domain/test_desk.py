"""At the desk: what is taken, what is refused, what is cancelled, what is deposited, what the database holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from marelle.domain.billing.models import LedgerEntry, Posting
from marelle.domain.billing.operations.ledger import (
    UnableToRefundError,
    UnableToReverseError,
    WhyNotReversed,
    refund_wallet,
    reverse_payment,
)
from marelle.domain.payments.models import BankDeposit, Receipt
from marelle.domain.payments.operations.deposits import (
    UnableToDepositError,
    WhyNotDeposited,
    give_up_deposit,
    hand_over_deposit,
)
from marelle.domain.payments.operations.desk import UnableToTakeError, settle_place, take_payment
from marelle.domain.payments.queries.desk import Filters, drawer_of, found_payers, journal, to_deposit, totals_of
from marelle.domain.payments.rules.desk import WhyNotTaken
from marelle.domain.reservations.models import Reservation
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.billing_town import owed, wallet
from tests.domain.regie_town import Till, assert_accounts_hold, moment
from tests.factories.invoices import recover
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation, make_service

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 3)
NEXT = date(2026, 12, 4)


@pytest.fixture
def till(in_scope):
    authority = make_authority("Dammartin")
    in_scope(authority)
    return Till(authority)


class TestTaking:
    def test_an_invoice_is_settled_and_its_receipt_numbered(self, till):
        invoice = till.invoice(cents=5000)

        receipt = till.cash(invoice, 5000, reference="")

        assert owed(invoice.payer) == 0
        assert (receipt.number, receipt.cents, receipt.means, receipt.date) == ("2026-0001", 5000, "cash", DAY)
        assert receipt.label == f"Facture {invoice.number}"
        assert receipt.payer_name == "Benali"
        assert_accounts_hold()

    def test_receipts_follow_each_other_whatever_the_means(self, till):
        invoice = till.invoice(cents=5000)

        numbers = [till.cash(invoice, 1000, means=means).sequence for means in ("cash", "cheque", "card", "transfer")]

        assert numbers == [1, 2, 3, 4]
        assert_accounts_hold()

    def test_several_invoices_in_one_payment_then_an_advance(self, till):
        family = till.family()
        first, second = till.invoice(family, cents=1000), till.invoice(family, cents=2000)

        receipt = till.cash(first, 3500, invoices=[first, second])

        assert (owed(first.payer), wallet(first.payer)) == (0, 500)
        assert receipt.label == f"Factures {first.number} et {second.number}, avance"
        assert_accounts_hold()

    def test_money_paid_ahead_without_an_invoice(self, till):
        invoice = till.invoice(cents=1000)
        till.cash(invoice, 1000)

        receipt = till.cash(invoice, 2000, invoices=[])

        assert (receipt.label, wallet(invoice.payer)) == ("Avance", 2000)

    @pytest.mark.parametrize(
        ("offered", "why"),
        [
            ({"cents": 0}, WhyNotTaken.NO_AMOUNT),
            ({"cents": -100}, WhyNotTaken.NO_AMOUNT),
            ({"cents": 10_000_001}, WhyNotTaken.NO_AMOUNT),
            ({"cents": 100, "means": "debit"}, WhyNotTaken.NOT_AT_A_DESK),
            ({"cents": 100, "means": "shells"}, WhyNotTaken.NOT_AT_A_DESK),
            ({"cents": 100, "shown": 4999}, WhyNotTaken.CHANGED),
            ({"cents": 100, "exercice": 2025}, WhyNotTaken.EXERCICE),
            ({"cents": 100, "exercice": 2027}, WhyNotTaken.EXERCICE),
        ],
    )
    def test_what_is_refused_writes_nothing(self, till, offered, why):
        invoice = till.invoice(cents=5000)

        with pytest.raises(UnableToTakeError) as refused:
            till.cash(invoice, **offered)

        assert refused.value.why is why
        assert not Receipt.objects.exists()
        assert owed(invoice.payer) == 5000

    def test_an_invoice_of_somebody_else_settled_or_at_the_tresor(self, till):
        mine, other, settled, away = (till.invoice(till.family(name)) for name in ("A", "B", "C", "D"))
        till.cash(settled, 5000)
        recover(away)

        why = []
        for payer, invoice in ((mine, other), (settled, settled), (away, away)):
            with pytest.raises(UnableToTakeError) as refused:
                till.cash(payer, 100, invoices=[invoice])
            why.append(refused.value.why)

        assert why == [WhyNotTaken.NOT_ITS_INVOICE, WhyNotTaken.SETTLED, WhyNotTaken.AT_TRESOR]

    def test_a_day_to_come_is_refused(self, till):
        invoice = till.invoice()

        with pytest.raises(UnableToTakeError) as refused:
            take_payment(till.payer(invoice), cents=100, means="cash", date=NEXT, by=SYSTEM, at=moment(DAY))

        assert refused.value.why is WhyNotTaken.TO_COME


class TestVouchers:
    def test_a_cesu_pays_no_more_than_the_care_of_an_invoice(self, till):
        invoice = till.invoice(cents=5000, cesu_cents=2000)
        till.cash(invoice, 1500, means="cesu")

        with pytest.raises(UnableToTakeError) as refused:
            till.cash(invoice, 501, means="cesu")
        till.cash(invoice, 500, means="cesu")

        assert refused.value.why is WhyNotTaken.BEYOND_CESU
        assert owed(invoice.payer) == 3000
        assert_accounts_hold()

    def test_a_cesu_that_was_cancelled_may_come_again(self, till):
        invoice = till.invoice(cents=5000, cesu_cents=2000)
        till.cancel(till.cash(invoice, 2000, means="cesu"))

        till.cash(invoice, 2000, means="cesu", on=NEXT)

        assert owed(invoice.payer) == 3000

    def test_a_cesu_pays_neither_meals_nor_two_invoices_at_once(self, till):
        family = till.family()
        meals, care = till.invoice(family), till.invoice(family, cesu_cents=5000)

        why = []
        for invoices in ([meals], [meals, care], []):
            with pytest.raises(UnableToTakeError) as refused:
                till.cash(meals, 1000, means="cesu", invoices=invoices)
            why.append(refused.value.why)

        assert why == [WhyNotTaken.NO_CESU, WhyNotTaken.ONE_BY_ONE, WhyNotTaken.ONE_BY_ONE]

    def test_a_cesu_never_exceeds_what_is_left(self, till):
        invoice = till.invoice(cents=5000, cesu_cents=5000)
        till.cash(invoice, 4000, means="cheque")

        with pytest.raises(UnableToTakeError):
            till.cash(invoice, 1001, means="cesu")
        till.cash(invoice, 1000, means="cesu")

        assert (owed(invoice.payer), wallet(invoice.payer)) == (0, 0)

    def test_no_change_is_given_for_a_holiday_voucher(self, till):
        invoice = till.invoice(cents=5000)

        with pytest.raises(UnableToTakeError) as refused:
            till.cash(invoice, 5001, means="holiday")
        till.cash(invoice, 5000, means="holiday")

        assert refused.value.why is WhyNotTaken.NO_CHANGE
        assert wallet(invoice.payer) == 0


class TestHeldPlace:
    def test_settled_at_the_desk_it_has_a_receipt(self, till):
        service = make_service(till.authority, name="Loisirs", payment_mode="prepaid", regie=till.regie)
        product = make_product(till.authority, service=service, name="Journée", capacity=5, price_cents=1200)
        family = make_family(till.authority, "Clairon")
        child = make_child(family, "Lucia", products=(product,))
        place = make_reservation(
            child, product, date(2026, 12, 9), family=family, state="held",
            held_until=datetime(2026, 12, 6, tzinfo=UTC), price_cents=1200,
        )  # fmt: skip

        receipt = settle_place(place, authority=till.authority, means="cheque", by=SYSTEM, at=moment(DAY))

        assert (receipt.cents, receipt.means, receipt.sequence) == (1200, "cheque", 1)
        assert receipt.label.startswith("Facture ")
        assert Reservation.objects.get(pk=place.pk).state == "reserved"
        assert_accounts_hold()

    def test_by_cesu_for_what_cesu_does_not_pay_the_place_stays_held(self, till):
        service = make_service(till.authority, name="Loisirs", payment_mode="prepaid", regie=till.regie)
        product = make_product(till.authority, service=service, name="Journée", capacity=5, price_cents=1200)
        family = make_family(till.authority, "Clairon")
        child = make_child(family, "Lucia", products=(product,))
        place = make_reservation(
            child, product, date(2026, 12, 9), family=family, state="held",
            held_until=datetime(2026, 12, 6, tzinfo=UTC), price_cents=1200,
        )  # fmt: skip

        with pytest.raises(UnableToTakeError):
            settle_place(place, authority=till.authority, means="cesu", by=SYSTEM, at=moment(DAY))

        assert Reservation.objects.get(pk=place.pk).state == "held"
        assert not Posting.objects.exists()


class TestCancelling:
    def test_a_receipt_is_countered_below_zero_and_the_invoice_is_owed_again(self, till):
        invoice = till.invoice(cents=5000)
        receipt = till.cash(invoice, 5000)

        counter = till.cancel(receipt, "Montant mal saisi")

        assert (counter.cents, counter.sequence, counter.cancels, counter.reason) == (
            -5000,
            2,
            receipt,
            "Montant mal saisi",
        )
        assert owed(invoice.payer) == 5000
        assert Receipt.objects.get(pk=receipt.pk).cents == 5000
        assert_accounts_hold()

    def test_once_only_and_never_a_counter_receipt(self, till):
        receipt = till.cash(till.invoice(), 5000)
        counter = till.cancel(receipt)

        why = []
        for one in (receipt, counter):
            with pytest.raises(UnableToReverseError) as refused:
                till.cancel(one)
            why.append(refused.value.why)

        assert why == [WhyNotReversed.ALREADY, WhyNotReversed.NOT_A_PAYMENT]
        assert Receipt.objects.count() == 2

    @pytest.mark.parametrize(
        ("said", "why"),
        [({"reason": " "}, WhyNotReversed.NO_REASON), ({"on": date(2026, 12, 2)}, WhyNotReversed.BEFORE)],
    )
    def test_with_a_reason_and_not_before_it_was_cashed(self, till, said, why):
        receipt = till.cash(till.invoice(), 5000)

        with pytest.raises(UnableToReverseError) as refused:
            till.cancel(receipt, **said)

        assert refused.value.why is why

    def test_what_it_had_put_in_the_wallet_leaves_it(self, till):
        invoice = till.invoice(cents=1000)
        receipt = till.cash(invoice, 1500)

        till.cancel(receipt)

        assert (owed(invoice.payer), wallet(invoice.payer)) == (1000, 0)

    def test_what_the_wallet_spent_since_is_owed_again_on_the_invoice_it_paid(self, till):
        family = till.family()
        first = till.invoice(family, cents=1000)
        receipt = till.cash(first, 1500, on=date(2026, 11, 3))
        # Issued afterwards: the 5 € of the wallet settle a part of it.
        second = till.invoice(family, cents=800, issued_on=date(2026, 11, 10))
        assert owed(first.payer, invoice=second) == 300

        till.cancel(receipt)

        assert (owed(first.payer, invoice=first), owed(first.payer, invoice=second)) == (1000, 800)
        assert wallet(first.payer) == 0
        assert_accounts_hold()

    def test_what_was_refunded_since_is_owed_without_an_invoice(self, till):
        invoice = till.invoice(cents=1000)
        receipt = till.cash(invoice, 1500, means="cheque")
        refund_wallet(till.payer(invoice), cents=500, means="transfer", date=NEXT, by=SYSTEM, at=moment(NEXT))

        till.cancel(receipt, "Chèque impayé", on=NEXT)

        assert owed(invoice.payer, invoice=invoice) == 1000
        assert (owed(invoice.payer), wallet(invoice.payer)) == (1500, 0)
        assert_accounts_hold()

    def test_an_invoice_is_never_owed_for_more_than_it_was(self, till):
        family = till.family()
        first = till.invoice(family, cents=1000)
        one, two = (
            till.cash(first, 1300, on=date(2026, 11, 3)),
            till.cash(first, 300, on=date(2026, 11, 3), invoices=[]),
        )
        second = till.invoice(family, cents=600, issued_on=date(2026, 11, 10))
        assert owed(first.payer) == 0

        till.cancel(one)
        till.cancel(two)

        assert (owed(first.payer, invoice=first), owed(first.payer, invoice=second)) == (1000, 600)
        assert (owed(first.payer), wallet(first.payer)) == (1600, 0)
        assert_accounts_hold()

    def test_an_issued_invoice_is_not_reversed(self, till):
        till.invoice()

        with pytest.raises(UnableToReverseError):
            reverse_payment(Posting.objects.get(), reason="x", date=DAY, by=SYSTEM, at=moment(DAY))


class TestDeposits:
    def test_receipts_of_a_means_leave_together_under_a_number(self, till):
        invoice = till.invoice(cents=5000)
        for cents, means in ((1000, "cash"), (2000, "cheque"), (500, "cash")):
            till.cash(invoice, cents, means=means)

        deposit = till.deposit("cash")

        assert (deposit.number, deposit.cents, deposit.receipt_count, deposit.state) == (
            "V-2026-0001",
            1500,
            2,
            "handed_over",
        )
        assert till.drawer.receipts_cents == 0
        assert [(one.means, one.cents) for one in to_deposit(till.regie.pk)] == [("cheque", 2000)]
        assert_accounts_hold()

    def test_only_up_to_a_day(self, till):
        invoice = till.invoice()
        till.cash(invoice, 1000, on=DAY)
        till.cash(invoice, 1000, on=NEXT)

        assert till.prepare(on=NEXT, until=DAY).cents == 1000

    def test_nothing_to_deposit_and_two_of_a_means_at_once(self, till):
        invoice = till.invoice()
        with pytest.raises(UnableToDepositError) as nothing:
            till.prepare()
        till.cash(invoice, 1000)
        till.prepare()
        till.cash(invoice, 1000)
        with pytest.raises(UnableToDepositError) as another:
            till.prepare()

        assert (nothing.value.why, another.value.why) == (WhyNotDeposited.NOTHING, WhyNotDeposited.ANOTHER)

    def test_given_up_its_number_is_never_used_again(self, till):
        invoice = till.invoice()
        till.cash(invoice, 1000)
        given_up = till.prepare()
        give_up_deposit(given_up, by=SYSTEM, at=moment(NEXT))

        again = till.deposit()

        assert (again.sequence, again.cents) == (2, 1000)
        assert BankDeposit.objects.get(pk=given_up.pk).cents == 0
        with pytest.raises(UnableToDepositError):
            give_up_deposit(again, by=SYSTEM, at=moment(NEXT))
        assert_accounts_hold()

    def test_a_counter_receipt_goes_with_the_next_one(self, till):
        invoice = till.invoice(cents=5000)
        receipt = till.cash(invoice, 2000, means="cheque")
        first = till.deposit("cheque")
        till.cancel(receipt, "Chèque impayé")
        till.cash(invoice, 3000, means="cheque", on=NEXT)

        second = till.deposit("cheque", on=date(2026, 12, 5))

        assert (first.cents, second.cents, second.receipt_count) == (2000, 1000, 2)
        assert BankDeposit.objects.get(pk=first.pk).cents == 2000
        assert_accounts_hold()

    def test_cash_given_back_since_is_not_carried_to_the_bank(self, till):
        invoice = till.invoice(cents=5000)
        receipt = till.cash(invoice, 2000)
        prepared = till.prepare()
        till.cancel(receipt)

        with pytest.raises(UnableToDepositError) as refused:
            hand_over_deposit(prepared, date=NEXT, today=NEXT, reference="", by=SYSTEM, at=moment(NEXT))

        assert refused.value.why is WhyNotDeposited.SHORT
        give_up_deposit(prepared, by=SYSTEM, at=moment(NEXT))
        with pytest.raises(UnableToDepositError) as nothing:
            till.prepare()
        assert nothing.value.why is WhyNotDeposited.NO_CASH

    def test_not_before_it_is_prepared_nor_tomorrow(self, till):
        till.cash(till.invoice(), 1000)
        prepared = till.prepare(on=NEXT)

        why = []
        for day in (DAY, date(2026, 12, 5)):
            with pytest.raises(UnableToDepositError) as refused:
                hand_over_deposit(prepared, date=day, today=NEXT, reference="", by=SYSTEM, at=moment(NEXT))
            why.append(refused.value.why)

        assert why == [WhyNotDeposited.BEFORE, WhyNotDeposited.TO_COME]

    LOCKED = {
        "UPDATE payments_bankdeposit SET cents = cents + 1": "is locked",
        "UPDATE payments_bankdeposit SET state = 'prepared', handed_on = NULL": "is locked",
        "UPDATE payments_bankdeposit SET reference = 'x'": "is locked",
        "DELETE FROM payments_bankdeposit": "only grows",
        "UPDATE payments_receipt SET deposit_id = NULL": "its deposit is locked",
        "UPDATE payments_receipt SET cents = cents + 1": "counter it by another one",
        "UPDATE payments_receipt SET payer_name = 'x'": "counter it by another one",
        "DELETE FROM payments_receipt": "only grows",
        "UPDATE payments_cashcount SET counted_cents = 0": "only grows",
        "DELETE FROM payments_cashcount": "only grows",
    }

    @pytest.mark.parametrize("statement", LOCKED)
    def test_handed_over_the_database_lets_nothing_of_it_change(self, till, statement):
        till.cash(till.invoice(), 1000)
        till.deposit()
        till.count({500: 1})

        with permitted("attack"), pytest.raises(IntegrityError, match=self.LOCKED[statement]), transaction.atomic():
            connection.cursor().execute(statement)

    def test_no_receipt_enters_a_locked_deposit(self, till):
        invoice = till.invoice()
        till.cash(invoice, 1000)
        deposit = till.deposit()
        late = till.cash(invoice, 500, on=NEXT)

        with permitted("attack"), pytest.raises(IntegrityError, match="its deposit is locked"), transaction.atomic():
            Receipt.objects.filter(pk=late.pk).update(deposit=deposit)


class TestJournal:
    def test_of_a_day_with_its_totals_by_means(self, till):
        invoice = till.invoice(cents=5000)
        till.cash(invoice, 1000)
        till.cancel(till.cash(invoice, 700), on=DAY)
        till.cash(invoice, 2000, means="cheque")
        till.cash(invoice, 100, on=NEXT)

        rows = journal(Filters([till.regie.pk], DAY, DAY))

        assert [one.cents for one in rows] == [2000, -700, 700, 1000]
        assert [tuple(one) for one in totals_of(rows)] == [("cheque", 1, 2000), ("cash", 3, 1000)]

    @pytest.mark.parametrize("asked", ["benali", "2026-0001", "1", "CA-00-1"])
    def test_found_by_name_or_number(self, till, asked):
        till.cash(till.invoice(cents=5000), 1000)
        till.cash(till.invoice(till.family("Clairon"), cents=5000), 1000)

        found = journal(Filters([till.regie.pk], DAY, DAY, asked=asked))

        assert [one.payer_name for one in found] == ["Benali"]

    def test_who_pays_is_found_by_name_or_by_the_number_of_an_invoice(self, till):
        invoice = till.invoice()
        till.invoice(till.family("Clairon"))

        assert [one.name for one in found_payers("benal", regies=[till.regie.pk])] == ["Benali"]
        assert [one.name for one in found_payers(invoice.number, regies=[till.regie.pk])] == ["Benali"]
        assert found_payers("benal", regies=[]) == []
        assert found_payers(" ", regies=[till.regie.pk]) == []

    def test_nothing_is_paid_out_of_the_drawer(self, till):
        invoice = till.invoice(cents=500)
        till.cash(invoice, 800)

        with pytest.raises(UnableToRefundError):
            refund_wallet(till.payer(invoice), cents=300, means="cash", date=NEXT, by=SYSTEM, at=moment(NEXT))
        assert drawer_of(till.regie.pk).receipts_cents == 800

    def test_cash_entries_are_the_receipts(self, till):
        invoice = till.invoice(cents=5000)
        till.cancel(till.cash(invoice, 5000))
        till.cash(invoice, 300, on=NEXT)

        assert sum(LedgerEntry.objects.filter(account="cash").values_list("cents", flat=True)) == 300
