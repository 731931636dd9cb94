"""Statements imported beside what is credited: each line once, known or sorted; what disagrees is flagged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.domain.billing.models import PayerAccount
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import BankStatement, PaymentAttempt, Receipt, StatementLine
from marelle.domain.payments.operations.statements import (
    UnableToSortError,
    WhyNotSorted,
    assign_line,
    dismiss_line,
    import_statement,
    take_line_back,
)
from marelle.domain.payments.queries.statements import (
    columns_of,
    never_seen,
    paid_elsewhere,
    payers_named,
    to_sort,
    unpaid_invoices_of,
)
from marelle.domain.payments.rules.desk import WhyNotTaken
from marelle.domain.payments.rules.statements import read_statement
from tests.domain.household import AGENT, FRIDAY, THURSDAY
from tests.domain.payments_town import NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.factories.town import make_authority, make_family

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
MONDAY = date(2026, 11, 23)


@pytest.fixture
def home(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    yield PayingHousehold(authority)
    assert_nothing_is_lost()


def imported(home, *rows, source="gateway", at=NOW):
    """Import lines « day;label;reference;amount »."""
    content = "\n".join(["Date;Libellé;Référence;Montant", *rows]).encode()
    return import_statement(home.regie, read_statement(content), source=source, name="releve.csv", by=AGENT, at=at)


def paid(home, *days):
    (attempt,) = home.attempts(*days)
    home.begin(attempt)
    home.paper.says(attempt, Result.PAID)
    home.ask(attempt)
    return attempt


def line():
    return StatementLine.objects.get()


def test_a_payment_is_recognized_by_its_reference_once_however_often_it_is_imported(home):
    attempt = paid(home, THURSDAY)
    row = f"23/11/2026;PayFiP;{attempt.reference};12,00"

    first, again = imported(home, row), imported(home, row, "24/11/2026;FRAIS;;-1,00")

    assert [(one.lines_read, one.lines_new) for one in (first, again)] == [(1, 1), (2, 1)]
    known = StatementLine.objects.get(cents=1200)
    assert (known.state, known.attempt) == ("matched", PaymentAttempt.objects.get())
    assert [one.cents for one in to_sort(home.regie)] == [-100]
    assert list(paid_elsewhere(home.regie)) == []


def test_a_payment_is_recognized_by_the_number_of_the_operation(home):
    paid(home, THURSDAY)
    transaction = PaymentAttempt.objects.get().transaction

    imported(home, f"23/11/2026;REMISE {transaction};;12,00", source="bank")

    assert line().state == "matched"


def test_the_bank_and_the_gateway_may_both_show_it(home):
    attempt = paid(home, THURSDAY)
    for source in BankStatement.Source.values:
        imported(home, f"23/11/2026;PAIEMENT;{attempt.reference};12,00", source=source)

    assert set(StatementLine.objects.values_list("state", flat=True)) == {"matched"}


def test_shown_twice_by_the_same_the_second_is_to_look_at(home):
    attempt = paid(home, THURSDAY)
    imported(home, *[f"23/11/2026;PayFiP;{attempt.reference};12,00"] * 2)

    assert [one.attempt_id for one in to_sort(home.regie)] == [attempt.pk]


def test_paid_at_the_gateway_and_not_here_it_is_flagged_until_the_gateway_says_so(home):
    (attempt,) = home.attempts(THURSDAY)
    home.begin(attempt)
    home.paper.says(attempt, Result.ABANDONED)
    home.ask(attempt)
    imported(home, f"23/11/2026;PayFiP;{attempt.reference};12,00")
    assert [one.attempt_id for one in paid_elsewhere(home.regie)] == [attempt.pk]
    assert home.money()["cash"] == 0

    home.paper.says(attempt, Result.PAID)
    assert home.ask(attempt) == "paid"

    assert list(paid_elsewhere(home.regie)) == []
    assert home.money()["cash"] == 1200


def test_an_amount_that_differs_is_to_look_at(home):
    attempt = paid(home, THURSDAY)
    imported(home, f"23/11/2026;PayFiP;{attempt.reference};11,00")

    assert (line().state, line().attempt_id) == ("to_sort", attempt.pk)


def test_credited_here_and_on_no_statement_days_after_it_is_flagged(home):
    attempt = paid(home, THURSDAY)
    assert list(never_seen(home.regie)) == []

    imported(home, "20/11/2026;FRAIS;;-1,00", "27/11/2026;FRAIS;;-1,00")
    assert list(never_seen(home.regie)) == []
    imported(home, "28/11/2026;FRAIS;;-1,00")
    assert [one.pk for one in never_seen(home.regie)] == [attempt.pk]

    imported(home, f"24/11/2026;PayFiP;{attempt.reference};12,00")
    assert list(never_seen(home.regie)) == []


def test_days_that_no_statement_covers_miss_nothing(home):
    paid(home, THURSDAY)
    imported(home, "24/11/2026;FRAIS;;-1,00", "31/12/2026;FRAIS;;-1,00")

    assert list(never_seen(home.regie)) == []


def test_a_transfer_that_names_an_invoice_is_proposed_then_cashed_with_its_receipt(home):
    invoice = issue_invoice(home.family, home.regie, cents=770)
    imported(home, f"20/11/2026;VIR SEPA CLAIRONI FACT {invoice.number};;10,00", source="bank")
    (found,) = to_sort(home.regie)
    assert found.invoice_id == invoice.pk

    receipt = assign_line(found, payer=invoice.payer, invoices=[invoice], by=AGENT, at=NOW)

    assert (receipt.means, receipt.cents, receipt.date) == ("transfer", 1000, date(2026, 11, 20))
    assert (line().state, line().receipt_id) == ("assigned", receipt.pk)
    assert home.money() == {"cash": 1000, "owed": 0, "wallet": 230}
    with pytest.raises(UnableToSortError) as caught:
        assign_line(found, payer=invoice.payer, by=AGENT, at=NOW)
    assert caught.value.why is WhyNotSorted.SORTED_ALREADY
    assert Receipt.objects.count() == 1


def test_a_transfer_cashed_by_hand_before_its_statement_is_recognized(home):
    invoice = issue_invoice(home.family, home.regie, cents=770)
    imported(home, f"20/11/2026;VIR {invoice.number};;7,70", source="bank")
    receipt = assign_line(line(), payer=invoice.payer, invoices=[invoice], by=AGENT, at=NOW)

    imported(home, f"21/11/2026;VIREMENT RECU {invoice.number};;7,70", source="gateway")

    again = StatementLine.objects.get(source="gateway")
    assert (again.state, again.receipt_id) == ("matched", receipt.pk)


def test_a_transfer_is_not_cashed_for_another_regie_nor_when_money_went_out(home):
    other = payer_of(make_family(home.authority, "Benali"), make_regie(home.authority))
    mine = payer_of(home.family, home.regie)
    imported(home, "20/11/2026;VIR;;5,00", "20/11/2026;VERSEMENT;;-5,00", source="bank")
    came, went = StatementLine.objects.order_by("-cents")
    stranger = issue_invoice(make_family(home.authority, "Vasseur"), home.regie)

    for call, why in (
        ({"line": came, "payer": other}, WhyNotSorted.NOT_ITS_PAYER),
        ({"line": went, "payer": mine}, WhyNotSorted.NOT_MONEY_IN),
        ({"line": came, "payer": mine, "invoices": [stranger]}, WhyNotTaken.NOT_ITS_INVOICE),
    ):
        with pytest.raises(UnableToSortError) as caught:
            assign_line(call.pop("line"), **call, by=AGENT, at=NOW)
        assert caught.value.why is why
    assert home.money()["cash"] == 0


def test_a_line_that_is_none_of_ours_is_put_aside_with_a_reason_and_can_come_back(home):
    imported(home, "20/11/2026;REMISE DE CHEQUES;;5,00", source="bank")
    with pytest.raises(UnableToSortError):
        dismiss_line(line(), reason=" ", by=AGENT, at=NOW)
    dismiss_line(line(), reason="Remise de chèques", by=AGENT, at=NOW)
    assert list(to_sort(home.regie)) == []

    take_line_back(line(), by=AGENT, at=NOW)

    assert [one.reason for one in to_sort(home.regie)] == [""]
    with pytest.raises(UnableToSortError):
        take_line_back(line(), by=AGENT, at=NOW)


def test_columns_are_remembered_by_source(home):
    imported(home, "20/11/2026;VIR;;5,00", source="bank")

    assert columns_of(home.regie, "bank")["amount"] == "Montant"
    assert columns_of(home.regie, "gateway") == {}


def test_a_payer_is_found_by_its_name_or_by_an_invoice(home):
    invoice = issue_invoice(home.family, home.regie, cents=770)
    payer = PayerAccount.objects.get()

    assert payers_named(home.regie, "sanchez") == [payer]
    assert payers_named(home.regie, invoice.number.lower()) == [payer]
    assert payers_named(home.regie, " ") == []
    assert unpaid_invoices_of([payer.pk]) == [(invoice, 770)]


def test_an_import_of_many_lines_asks_few_questions(home, django_assert_max_num_queries):
    paid(home, THURSDAY, FRIDAY)
    rows = [
        f"{MONDAY - timedelta(days=n % 20):%d/%m/%Y};VIR FAMILLE {n} FACT 2026-CA-00-{n};;{n + 1},00"
        for n in range(400)
    ]

    with django_assert_max_num_queries(25):
        assert imported(home, *rows, source="bank").lines_new == 400
