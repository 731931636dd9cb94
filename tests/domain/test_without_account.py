"""Paying an invoice from its paper, without an account: who finds it, who pays it, what the family then sees."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core import mail

from marelle.domain.accounts.models import User
from marelle.domain.billing.queries.family_invoices import entitled, invoices_of
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt
from marelle.domain.payments.operations.attempts import begin_again, forget_old_receipt_addresses
from marelle.domain.payments.operations.checkout import (
    BeingPaidError,
    UnableToPayInvoicesError,
    pay_invoice_without_account,
)
from marelle.domain.payments.queries.attempts import attempts_of
from marelle.domain.payments.queries.paying import paid_by
from marelle.domain.payments.queries.without_account import Payable, find_for_payment
from marelle.foundation import tenancy
from marelle.foundation.actors import ANYBODY
from marelle.foundation.writes import permitted
from marelle.jobs.tasks import payment_failed, payment_received
from marelle.letters.own_data import own_data
from tests.domain.payments_town import LATER, NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.invoices import issue_invoice, pay, recover
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db
EMAIL = "mamie@exemple.fr"


@pytest.fixture
def home():
    town = make_authority("Essai")
    with tenancy.scope({town.pk}):
        yield PayingHousehold(town)


@pytest.fixture
def invoice(home):
    return issue_invoice(home.family, home.regie, cents=2500)


def find(home, reference, cents, at=NOW):
    return find_for_payment(reference, cents, gateways=home.gateways, at=at)


def pay_it(home, invoice, *, email="", at=NOW):
    return pay_invoice_without_account(invoice, email=email, gateways=home.gateways, by=ANYBODY, at=at)


def settle(home, attempt, *, at=NOW + LATER):
    home.begin(attempt)
    home.paper.says(attempt, Result.PAID)
    return home.ask(attempt, at=at)


def seen_by(home, at=NOW + LATER):
    who = entitled(home.user)
    with tenancy.scope(who.authorities):
        return invoices_of(who, at=at)


class TestFinding:
    def test_the_reference_and_the_amount_find_the_invoice(self, home, invoice):
        found = find(home, f" {invoice.public_reference.lower().replace('-', ' ')} ", 2500)
        assert (found.invoice, found.payable, found.left_cents) == (invoice, Payable.ONLINE, 2500)
        assert (found.authority, found.regie, found.number) == (home.family.authority, home.regie, invoice.number)

    def test_what_is_left_finds_it_too_as_a_reminder_says(self, home, invoice):
        pay(invoice, 500, on=date(2026, 11, 20))
        assert find(home, invoice.public_reference, 2000).left_cents == 2000
        assert find(home, invoice.public_reference, 2500).left_cents == 2000

    def test_the_number_of_an_invoice_of_ours_finds_nothing_for_numbers_follow_one_another(self, home, invoice):
        assert find(home, invoice.number, 2500) is None

    def test_the_right_pair_says_that_it_is_paid_and_when(self, home, invoice):
        pay(invoice, 2500, on=date(2026, 11, 20))
        found = find(home, invoice.public_reference, 2500)
        assert (found.payable, found.settled_on) == (Payable.PAID, date(2026, 11, 20))

    def test_the_right_pair_says_that_the_tresor_has_it(self, home, invoice):
        recover(invoice)
        assert find(home, invoice.public_reference, 2500).payable is Payable.AT_TREASURY

    def test_a_sum_that_the_gateway_does_not_take_is_paid_at_the_desk(self, home):
        small = issue_invoice(home.family, home.regie, cents=80)
        assert find(home, small.public_reference, 80).payable is Payable.AT_DESK

    @pytest.mark.parametrize(
        "pair",
        [
            lambda reference: ("0000-0000-00000", 2500),
            lambda reference: (reference[:-1] + ("A" if reference[-1] != "A" else "B"), 2500),
            lambda reference: (reference, 2501),
            lambda reference: ("", 0),
            lambda reference: ("%", 2500),
        ],
        ids=["unknown", "a slip", "another amount", "nothing", "a sign"],
    )
    def test_nothing_is_said_of_any_other_pair_at_the_same_cost(self, home, invoice, pair, django_assert_num_queries):
        reference, cents = pair(invoice.public_reference)
        with django_assert_num_queries(3):
            assert find(home, reference, cents) is None
        with django_assert_num_queries(3):
            assert find(home, invoice.public_reference, 2500) is not None

    @pytest.mark.parametrize(
        ("what", "fields"),
        [
            ("regie", {"online_from": None}),
            ("regie", {"online_from": date(2026, 11, 24)}),
            ("settings", {"mode": "test"}),
            ("settings", {"mode": "activation"}),
            ("settings", {"gateway": "desk"}),
            ("settings", {"gateway": "payzen"}),
        ],
        ids=["not joined", "joins later", "in test", "in activation", "closed", "not plugged"],
    )
    def test_a_regie_that_is_not_paid_online_answers_as_if_nothing_existed(
        self, home, invoice, what, fields, django_assert_num_queries
    ):
        with permitted("test"):
            type(getattr(home, what)).objects.update(**fields)
        with django_assert_num_queries(3):
            assert find(home, invoice.public_reference, 2500) is None

    def test_neither_a_credit_note_nor_a_draft_is_found(self, home, invoice):
        credit = issue_invoice(home.family, home.regie, cents=-2500)
        with permitted("test"):
            draft = type(invoice).objects.create(
                authority=home.family.authority,
                regie=home.regie,
                payer=invoice.payer,
                starts_on=NOW.date(),
                ends_on=NOW.date(),
                exercice=2026,
                total_cents=2500,
                drafted_at=NOW,
            )
        assert find(home, credit.public_reference, -2500) is None
        assert find(home, credit.public_reference, 2500) is None
        assert find(home, draft.public_reference, 2500) is None


class TestPaying:
    def test_paid_it_shows_paid_to_the_family_at_once_and_lifts_what_stood_against_it(self, home, invoice):
        state = settle(home, pay_it(home, invoice))
        (seen,) = seen_by(home)
        assert state == "paid"
        assert (seen.left_cents, seen.settled_cents) == (0, 2500)
        assert not seen.can_be_chosen
        assert_nothing_is_lost()
        attempt = PaymentAttempt.objects.get()
        assert (attempt.user_id, attempt.is_without_account, attempt.posting.receipt.cents) == (None, True, 2500)
        assert [key for _at, _what, key in paid_by(entitled(home.user))] == [attempt.pk]

    def test_pressed_twice_it_is_one_payment(self, home, invoice):
        assert pay_it(home, invoice) == pay_it(home, invoice, at=NOW + LATER)
        assert PaymentAttempt.objects.count() == 1

    def test_the_account_that_holds_it_joins_the_payment_under_way_and_the_other_way_round(self, home, invoice):
        mine = pay_it(home, invoice)
        assert home.pay_invoices(invoice) == [mine]
        other = issue_invoice(home.family, home.regie, cents=3000)
        (theirs,) = home.pay_invoices(other)
        joined = pay_it(home, other, email=EMAIL)
        assert joined == theirs
        assert PaymentAttempt.objects.get(pk=theirs.pk).receipt_email == ""

    def test_an_invoice_that_is_being_paid_with_another_is_left_to_who_pays(self, home, invoice):
        home.pay_invoices(invoice, issue_invoice(home.family, home.regie, cents=3000))
        with pytest.raises(BeingPaidError):
            pay_it(home, invoice)

    def test_what_was_tried_and_not_paid_is_not_shown_to_the_family_nor_written_to_it(self, home, invoice):
        attempt = pay_it(home, invoice, email=EMAIL)
        home.begin(attempt)
        home.paper.says(attempt, Result.REFUSED)
        home.ask(attempt)
        who = entitled(home.user)
        assert list(paid_by(who)) == list(attempts_of(who)) == []
        payment_failed(authority=home.family.authority_id, attempt=attempt.pk)
        assert mail.outbox == []

    def test_begun_again_it_is_still_without_an_account_and_asks_the_same_receipt(self, home, invoice):
        attempt = pay_it(home, invoice, email=EMAIL)
        home.begin(attempt)
        new = begin_again(attempt, gateways=home.gateways, by=ANYBODY, at=NOW + timedelta(minutes=16))
        assert (new.is_without_account, new.receipt_email, new.user_id) == (True, EMAIL, None)

    @pytest.mark.parametrize("case", ["paid", "recovered", "not joined", "in test", "small"])
    def test_what_is_not_to_be_paid_online_is_refused_whatever_a_form_says(self, home, invoice, case):
        match case:
            case "paid":
                pay(invoice, 2500, on=date(2026, 11, 20))
            case "recovered":
                recover(invoice)
            case "not joined":
                with permitted("test"):
                    type(home.regie).objects.update(online_from=date(2026, 11, 24))
            case "in test":
                with permitted("test"):
                    type(home.settings).objects.update(mode="activation")
            case "small":
                invoice = issue_invoice(home.family, home.regie, cents=80)
        with pytest.raises(UnableToPayInvoicesError):
            pay_it(home, invoice)
        assert not PaymentAttempt.objects.exists()

    def test_what_is_paid_twice_is_in_the_wallet_of_the_payer_and_the_receipt_says_so(self, home, invoice):
        attempt = pay_it(home, invoice, email=EMAIL)
        home.begin(attempt)
        pay(invoice, 2500, on=date(2026, 11, 23))
        home.paper.says(attempt, Result.PAID)
        home.ask(attempt)
        payment_received(authority=home.family.authority_id, attempt=attempt.pk)
        assert home.money()["wallet"] == 2500
        receipt = next(one for one in mail.outbox if one.to == [EMAIL])
        assert "25,00\N{NO-BREAK SPACE}€ de plus que ce qui était dû" in receipt.body


class TestTheReceipt:
    def test_it_is_written_to_the_address_that_asked_which_is_then_forgotten(self, home, invoice):
        attempt = pay_it(home, invoice, email=EMAIL)
        settle(home, attempt)
        payment_received(authority=home.family.authority_id, attempt=attempt.pk)
        mine, theirs = sorted(mail.outbox, key=lambda one: one.to != [EMAIL])
        assert mine.to == [EMAIL]
        assert invoice.number in mine.body
        assert "Quittance n°" in mine.body
        assert home.family.name not in mine.body
        assert "payée sans compte" in theirs.body
        assert EMAIL not in theirs.body
        assert PaymentAttempt.objects.get().receipt_email == ""
        payment_received(authority=home.family.authority_id, attempt=attempt.pk)
        assert len(mail.outbox) == 2

    def test_without_an_address_the_gateway_is_given_the_town_halls_and_never_the_familys(self, home, invoice):
        attempt = pay_it(home, invoice)
        home.begin(attempt)
        (order,) = home.paper.orders.values()
        assert order.email
        assert order.email not in {home.family.email, invoice.payer.email, User.objects.get(pk=home.user).email}

    def test_an_address_is_forgotten_two_days_after_the_end_whatever_came_of_it(self, home, invoice):
        attempt = pay_it(home, invoice, email=EMAIL)
        home.begin(attempt)
        home.paper.says(attempt, Result.REFUSED)
        home.ask(attempt)
        assert forget_old_receipt_addresses(by=ANYBODY, at=NOW + timedelta(days=1)) == 0
        assert forget_old_receipt_addresses(by=ANYBODY, at=NOW + timedelta(days=3)) == 1

    def test_the_family_does_not_download_the_address_of_who_paid_for_it(self, home, invoice):
        settle(home, pay_it(home, invoice, email=EMAIL))
        told = own_data(User.objects.get(pk=home.user), at=NOW)
        assert EMAIL not in str(told)
