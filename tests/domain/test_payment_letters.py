"""The letters about a payment: what was received and for what, what did not succeed, what was left too late."""

from __future__ import annotations

import pytest
from django.core import mail

from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings, Receipt
from marelle.domain.payments.operations.checkout import top_up
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from marelle.letters.documents.drawing import receipt_pdf
from marelle.letters.models import Letter
from marelle.letters.receipt_documents import receipt_document
from tests.domain.household import FRIDAY, THURSDAY
from tests.domain.payments_town import NOW, PayingHousehold
from tests.factories.invoices import issue_invoice, pay
from tests.factories.town import make_authority

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def home(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    return PayingHousehold(authority)


def write(task, home, **facts):
    """Do what the worker does, twice: a task may run again."""
    for _ in range(2):
        task.func(authority=home.authority.pk, **facts)
    return [(one.subject.replace("\xa0", " "), one.body.replace("\xa0", " ")) for one in mail.outbox]


def answered(home, attempt, result):
    home.begin(attempt)
    home.paper.says(attempt, result)
    home.ask(attempt)
    return attempt.pk


def test_a_paid_basket_says_what_is_confirmed_by_which_means_and_which_receipt(home):
    (attempt,) = home.attempts(THURSDAY, FRIDAY)
    key = answered(home, attempt, Result.PAID)

    ((subject, body),) = write(tasks.payment_received, home, attempt=key)

    assert subject == "Paiement reçu : 24,00 €"
    for said in (
        "Nous avons reçu 24,00 € par carte bancaire le lundi 23 novembre 2026.",
        f"Référence du paiement : {attempt.reference}.",
        "Quittance n° 2026-0001.",
        "Ces réservations sont confirmées :",
        "- Lucia, Journée, jeudi 26 novembre : 12,00 €",
        "/reservations/",
    ):
        assert said in body


def test_paid_invoices_are_named_and_what_is_over_is_in_the_wallet(home):
    first, second = (issue_invoice(home.family, home.regie, cents=cents) for cents in (770, 230))
    (attempt,) = home.pay_invoices(first, second)
    home.begin(attempt)
    pay(second, 230, on=NOW.date())
    home.paper.says(attempt, Result.PAID)
    home.ask(attempt)

    ((_subject, body),) = write(tasks.payment_received, home, attempt=attempt.pk)

    assert f"- {first.number}, Cantine, octobre 2026 : 7,70 €" in body
    assert second.number not in body
    assert "2,30 € de plus que ce qui était dû" in body


def test_money_that_came_too_late_for_its_place_is_said_plainly(home):
    with permitted("test"):
        home.product.activity.slots.update(capacity=1)
    (attempt,) = home.attempts(THURSDAY)
    answered(home, attempt, Result.REFUSED)
    PayingHousehold(home.authority, name="Benali", town=home).attempts(THURSDAY)
    home.paper.says(attempt, Result.PAID)
    home.ask(attempt)

    ((subject, body),) = write(tasks.payment_received, home, attempt=attempt.pk)

    assert subject == "Paiement reçu : 12,00 €, une place n’est plus libre"
    assert "Cette place n’était plus libre :" in body
    assert "12,00 € sont dans votre porte-monnaie" in body


def test_a_wallet_that_pays_the_whole_is_said(home):
    pay(issue_invoice(home.family, home.regie, cents=100), 3100, on=NOW.date())
    (attempt,) = home.attempts(THURSDAY, from_wallet=True)

    ((subject, body),) = write(tasks.payment_received, home, attempt=attempt.pk)

    assert subject == "Paiement reçu : 12,00 €"
    assert "12,00 € ont été pris sur votre porte-monnaie le lundi 23 novembre 2026." in body


def test_a_top_up_says_that_it_is_in_the_wallet(home):
    with permitted("test"):
        PaymentSettings.objects.update(has_top_up=True)
    attempt = top_up(
        home.regie, family=home.family, user=home.user, cents=5000, gateways=home.gateways, by=home.by, at=NOW
    )
    answered(home, attempt, Result.PAID)

    ((_subject, body),) = write(tasks.payment_received, home, attempt=attempt.pk)

    assert "50,00 € sont dans votre porte-monnaie." in body


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (Result.REFUSED, "Le paiement a été refusé : 12,00 €"),
        (Result.ABANDONED, "Le paiement n’est pas allé jusqu’au bout : 12,00 €"),
    ],
)
def test_a_payment_that_did_not_succeed_says_that_nothing_was_taken_and_where_the_places_are(home, result, why):
    (attempt,) = home.attempts(THURSDAY)
    answered(home, attempt, result)

    ((subject, body),) = write(tasks.payment_failed, home, attempt=attempt.pk)

    assert subject == "Paiement non abouti : 12,00 €"
    for said in (why, "Rien n’a été débité", "Cette place n’est plus gardée :", "votre panier", "/panier/"):
        assert said in body


def test_an_invoice_not_paid_stays_to_be_paid(home):
    invoice = issue_invoice(home.family, home.regie, cents=770)
    (attempt,) = home.pay_invoices(invoice)
    answered(home, attempt, Result.REFUSED)

    ((_subject, body),) = write(tasks.payment_failed, home, attempt=attempt.pk)

    assert f"Cela concernait : {invoice.number}." in body
    assert "/factures/" in body


def test_paid_before_the_letter_left_the_failure_is_not_written(home):
    (attempt,) = home.attempts(THURSDAY)
    answered(home, attempt, Result.REFUSED)
    home.paper.says(attempt, Result.PAID)
    home.ask(attempt)

    assert write(tasks.payment_failed, home, attempt=attempt.pk) == []


def test_a_low_wallet_is_said_once_each_time_it_runs_low(home):
    with permitted("test"):
        PaymentSettings.objects.update(low_balance_cents=1500)
    pay(issue_invoice(home.family, home.regie, cents=100), 2600, on=NOW.date())
    home.attempts(THURSDAY, from_wallet=True)
    payer = PaymentAttempt.objects.get().payer_id
    assert "letters.wallet_low" in home.posted()

    ((subject, body),) = write(tasks.wallet_low, home, payer=payer)
    assert subject == "Porte-monnaie : il reste 13,00 €"
    assert "Régie loisirs" in body

    home.attempts(FRIDAY, from_wallet=True)
    assert len(write(tasks.wallet_low, home, payer=payer)) == 2
    assert Letter.objects.filter(kind="wallet_low").count() == 2


def test_a_wallet_filled_since_is_not_said_low(home):
    pay(issue_invoice(home.family, home.regie, cents=100), 2600, on=NOW.date())
    home.attempts(THURSDAY, from_wallet=True)

    assert write(tasks.wallet_low, home, payer=PaymentAttempt.objects.get().payer_id) == []


def test_a_receipt_becomes_a_document_of_what_was_frozen(home):
    invoice = issue_invoice(home.family, home.regie, cents=770)
    (attempt,) = home.pay_invoices(invoice)
    answered(home, attempt, Result.PAID)

    document = receipt_document(Receipt.objects.get())

    assert (document.number, document.cents, document.means) == ("2026-0001", 770, "Carte bancaire")
    assert document.settles == (f"facture n° {invoice.number}",)
    assert document.reference == attempt.reference
    assert receipt_pdf(document).startswith(b"%PDF")
