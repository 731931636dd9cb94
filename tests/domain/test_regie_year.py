"""The régisseur's year: six stories told by accountants, each of which leaves accounts where nothing is impossible."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.billing.operations.ledger import refund_wallet
from marelle.domain.payments.models import CashCount, Receipt, RegieHandover, RegisseurTerm
from marelle.domain.payments.operations.deposits import give_up_deposit
from marelle.domain.payments.operations.desk import UnableToTakeError
from marelle.domain.payments.operations.regies import (
    UnableToNameError,
    WhyNotNamed,
    end_term,
    hand_over_regie,
)
from marelle.domain.payments.queries.desk import online_takings, to_deposit
from marelle.domain.payments.queries.rest_to_collect import by_exercice_and_service, rest_to_collect
from marelle.domain.payments.rules.desk import Age, WhyNotTaken
from marelle.foundation.actors import SYSTEM
from tests.domain.billing_town import owed, wallet
from tests.domain.regie_town import Till, assert_accounts_hold, moment
from tests.factories.invoices import recover
from tests.factories.town import make_agent, make_authority, make_product, make_service

pytestmark = pytest.mark.django_db

THIRD, FOURTH = date(2026, 12, 3), date(2026, 12, 4)


@pytest.fixture
def till(in_scope):
    authority = make_authority("Dammartin")
    in_scope(authority)
    return Till(authority)


def test_receipts_over_the_ceiling_are_cashed_and_the_till_says_what_must_go(till):
    till.act(ceiling=100_00, coins=50_00, days=7)
    families = [till.invoice(till.family(f"Famille {number}"), cents=60_00) for number in range(3)]

    for invoice in families[:1]:
        till.cash(invoice, 60_00)
    assert (till.drawer.cents, till.drawer.over_cents) == (110_00, 0)

    # Nobody is sent away: the money is taken, and what is above the ceiling is said.
    for invoice in families[1:]:
        till.cash(invoice, 60_00)
    assert (till.drawer.cents, till.drawer.over_cents) == (230_00, 80_00)
    assert not till.drawer.is_overdue(on=date(2026, 12, 10))
    assert till.drawer.is_overdue(on=date(2026, 12, 11))

    till.deposit()

    # The float stays.
    assert (till.drawer.cents, till.drawer.over_cents, till.drawer.oldest) == (50_00, 0, None)
    assert till.count({1000: 5}).difference_cents == 0
    assert_accounts_hold()


def test_a_regie_is_handed_over_counted_and_listed(till):
    till.act(coins=50_00)
    leaving = till.name("Nadia Ferrand")
    coming = make_agent(till.authority, "Karim Haddad")
    till.name(coming, kind=RegisseurTerm.Kind.SUBSTITUTE, on=THIRD)
    invoice = till.invoice(cents=100_00)
    till.cash(invoice, 30_00)
    till.deposit()
    till.cash(invoice, 20_00, on=FOURTH)
    till.cash(invoice, 10_00, means="cheque", on=FOURTH)

    def hand_over(to=coming, on=FOURTH, words=""):
        return hand_over_regie(till.regie, to=to, words=words, by=SYSTEM, at=moment(on))

    # The float and the 20 € of the day are there, 5 € are missing: it is written, and does not stop anybody.
    with pytest.raises(UnableToNameError) as uncounted:
        hand_over()
    till.count({2000: 3, 500: 1}, on=FOURTH)
    late = till.cash(invoice, 1_00, on=FOURTH)
    with pytest.raises(UnableToNameError) as counted_before:
        hand_over()
    till.cancel(late)
    prepared = till.prepare("cheque")
    with pytest.raises(UnableToNameError) as pending:
        hand_over()
    give_up_deposit(prepared, by=SYSTEM, at=moment(FOURTH))
    done = hand_over(words="Une pièce de 5 € manque.")

    assert (uncounted.value.why, counted_before.value.why, pending.value.why) == (
        WhyNotNamed.NOT_COUNTED,
        WhyNotNamed.NOT_COUNTED,
        WhyNotNamed.PREPARED,
    )
    assert done.cash_count.difference_cents == -5_00
    assert [tuple(one) for one in done.held] == [("cash", 3, 20_00), ("cheque", 1, 10_00)]
    assert (done.last_receipts, done.last_deposits) == ({"2026": 5}, {"2026": 2})
    leaving.refresh_from_db()
    assert leaving.ends_on == FOURTH
    assert [(one.name, one.kind) for one in RegisseurTerm.objects.filter(ends_on__isnull=True)] == [
        ("Karim Haddad", "regisseur")
    ]
    # The next one deposits what the other had cashed.
    assert till.deposit("cheque", on=date(2026, 12, 7)).cents == 10_00
    with pytest.raises(UnableToNameError):
        hand_over(to=coming, on=date(2026, 12, 7))
    assert RegieHandover.objects.count() == CashCount.objects.count() == 1
    assert_accounts_hold()


def test_one_regisseur_at_a_time_and_mandataires_come_and_go(till):
    term = till.name()
    other = make_agent(till.authority, "Karim Haddad")
    with pytest.raises(UnableToNameError) as second:
        till.name(other)
    substitute = till.name(other, kind="substitute", on=THIRD)
    with pytest.raises(UnableToNameError) as twice:
        till.name(other, kind="substitute")
    why = []
    for one, day in ((term, FOURTH), (substitute, date(2026, 12, 1))):
        with pytest.raises(UnableToNameError) as refused:
            end_term(one, ends_on=day, by=SYSTEM, at=moment(FOURTH))
        why.append(refused.value.why)
    end_term(substitute, ends_on=FOURTH, by=SYSTEM, at=moment(FOURTH))
    with pytest.raises(UnableToNameError):
        end_term(substitute, ends_on=FOURTH, by=SYSTEM, at=moment(FOURTH))

    assert (second.value.why, twice.value.why) == (WhyNotNamed.HAS_REGISSEUR, WhyNotNamed.IN_OFFICE)
    assert why == [WhyNotNamed.REGISSEUR_LEAVES, WhyNotNamed.BEFORE]


def test_year_end_december_is_cashed_on_its_exercice_until_the_end_of_january(till):
    december = till.invoice(cents=50_00, issued_on=date(2026, 12, 15))
    january = till.invoice(till.family("Clairon"), cents=40_00, issued_on=date(2027, 1, 5))
    till.cash(december, 10_00, on=date(2026, 12, 31))

    former = till.cash(december, 20_00, on=date(2027, 1, 12), exercice=2026)
    ordinary = till.cash(december, 5_00, on=date(2027, 1, 12))
    with pytest.raises(UnableToTakeError) as not_of_it:
        till.cash(january, 40_00, on=date(2027, 1, 12), exercice=2026)
    with pytest.raises(UnableToTakeError) as too_late:
        till.cash(december, 15_00, on=date(2027, 2, 1), exercice=2026)

    assert (former.number, ordinary.number) == ("2026-0002", "2027-0001")
    assert not_of_it.value.why is too_late.value.why is WhyNotTaken.EXERCICE
    # Each exercice has its own deposits, the former one's may be made in January.
    assert [(one.exercice, one.cents) for one in to_deposit(till.regie.pk)] == [(2026, 30_00), (2027, 5_00)]
    assert till.deposit(on=date(2027, 1, 29), exercice=2026).number == "V-2026-0001"
    assert till.deposit(on=date(2027, 1, 29), exercice=2027).number == "V-2027-0001"
    # A cancellation follows its receipt while the exercice is open; afterwards it is of its own day.
    assert till.cancel(former, on=date(2027, 1, 30)).number == "2026-0003"
    assert till.cancel(Receipt.objects.get(sequence=1, exercice=2026), on=date(2027, 2, 3)).number == "2027-0002"
    assert_accounts_hold()


def test_an_overpayment_is_kept_for_the_family_and_given_back(till):
    invoice = till.invoice(cents=45_50)

    receipt = till.cash(invoice, 50_00, means="cheque")

    assert (owed(invoice.payer), wallet(invoice.payer)) == (0, 4_50)
    assert receipt.cents == 50_00
    refund_wallet(till.payer(invoice), cents=4_50, means="transfer", date=FOURTH, by=SYSTEM, at=moment(FOURTH))
    assert wallet(invoice.payer) == 0
    # What the drawer and the deposits hold is what came in: money given back leaves by the comptable.
    assert till.deposit("cheque").cents == 50_00
    assert_accounts_hold()


def test_a_chargeback_after_the_deposit_reopens_the_invoice_and_goes_with_the_next_deposit(till):
    invoice, other = till.invoice(cents=80_00), till.invoice(till.family("Clairon"), cents=30_00)
    bounced = till.cash(invoice, 80_00, means="cheque")
    locked = till.deposit("cheque")

    counter = till.cancel(bounced, "Chèque impayé : provision insuffisante", on=date(2026, 12, 18))

    assert owed(invoice.payer) == 80_00
    assert (counter.cents, counter.deposit) == (-80_00, None)
    till.cash(other, 30_00, means="cheque", on=date(2026, 12, 21))
    following = till.deposit("cheque", on=date(2026, 12, 21))
    # The bank has taken the cheque back: the statement says so, below zero.
    assert (locked.cents, following.cents) == (80_00, -50_00)
    # Paid again, in cash this time.
    till.cash(invoice, 80_00, on=date(2026, 12, 22))
    assert owed(invoice.payer) == 0
    assert_accounts_hold()


def test_what_is_left_to_collect_by_exercice_service_and_age(till):
    canteen = make_product(till.authority, service=make_service(till.authority, "Cantine", regie=till.regie))
    leisure = make_product(till.authority, service=make_service(till.authority, "Loisirs", regie=till.regie))
    old = till.invoice(till.family("A"), cents=30_00, product=canteen, due_on=date(2025, 11, 1), exercice=2025)
    late = till.invoice(till.family("B"), cents=20_00, product=leisure, due_on=date(2026, 12, 1))
    coming = till.invoice(till.family("C"), cents=10_00, product=canteen, due_on=date(2027, 1, 15))
    gone = till.invoice(till.family("D"), cents=7_00, product=canteen, due_on=date(2026, 10, 1))
    paid = till.invoice(till.family("E"), cents=5_00, product=canteen)
    till.cash(late, 12_00)
    till.cash(paid, 5_00)
    recover(gone)

    rows = rest_to_collect([till.regie.pk], on=date(2026, 12, 31))
    summed = {(year, service): ages for (_regie, year, service), ages in by_exercice_and_service(rows).items()}

    assert summed == {
        (2025, "Cantine"): {Age.OLDER: 30_00},
        (2026, "Loisirs"): {Age.MONTH: 8_00},
        (2026, "Cantine"): {Age.COMING: 10_00, Age.QUARTER: 7_00},
    }
    assert sum(one.cents for one in rows) == sum(owed(one.payer) for one in (old, late, coming, gone))
    assert [one.number for one in rows if one.is_at_tresor] == [gone.number]
    # On the eve of the payment, all of it was left.
    before = rest_to_collect([till.regie.pk], on=date(2026, 12, 2))
    assert sum(one.cents for one in before) == 30_00 + 20_00 + 10_00 + 7_00 + 5_00
    assert rest_to_collect([], on=date(2026, 12, 31)) == []
    assert_accounts_hold()


def test_what_was_refunded_then_bounced_is_in_the_rest_to_collect_without_an_invoice(till):
    invoice = till.invoice(cents=10_00)
    receipt = till.cash(invoice, 15_00, means="cheque")
    refund_wallet(till.payer(invoice), cents=5_00, means="transfer", date=FOURTH, by=SYSTEM, at=moment(FOURTH))
    till.cancel(receipt, "Chèque impayé", on=FOURTH)

    rows = rest_to_collect([till.regie.pk], on=FOURTH)

    assert [(one.service, one.number, one.cents) for one in rows] == [
        ("Sans facture", "", 5_00),
        ("Autres", invoice.number, 10_00),
    ]
    assert_accounts_hold()


def test_nothing_online_in_a_till_that_only_cashes_at_the_desk(till):
    till.cash(till.invoice(), 50_00, means="card")

    assert online_takings(till.regie.pk, starts_on=THIRD, ends_on=FOURTH) == []
    assert [(one.means, one.cents) for one in to_deposit(till.regie.pk)] == [("card", 50_00)]
