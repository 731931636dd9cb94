"""Paying on booking and by invoice: what is held, what is credited, what comes back. Once or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.families.models import Block
from marelle.domain.payments import asking
from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, Receipt
from marelle.domain.payments.operations.attempts import UnableToPayError, expire_at_desk, pay_at_desk
from marelle.domain.payments.operations.checkout import UnableToPayInvoicesError
from marelle.domain.payments.queries.attempts import places_being_paid
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.by_agents import release_expired_holds, release_held_place
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, FRIDAY, THURSDAY, states, taken
from tests.domain.payments_town import LATER, NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.invoices import issue_invoice, pay
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    yield PayingHousehold(authority)
    assert_nothing_is_lost()


def state_of(attempt):
    return PaymentAttempt.objects.get(pk=attempt.pk).state


class TestOnBooking:
    def test_valider_holds_the_places_and_asks_for_their_price(self, home):
        (attempt,) = home.attempts(THURSDAY, FRIDAY)

        assert (attempt.cents, attempt.gateway, attempt.state) == (2400, "payfip", "created")
        assert states() == [(THURSDAY, "held"), (FRIDAY, "held")]
        assert home.lines == {}

    def test_paid_they_are_confirmed_invoiced_and_a_receipt_is_given(self, home):
        (attempt,) = home.attempts(THURSDAY, FRIDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)

        assert home.ask(attempt) == "paid"

        assert states() == [(THURSDAY, "reserved"), (FRIDAY, "reserved")]
        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 0}
        invoice = Invoice.objects.get()
        assert (invoice.total_cents, invoice.state) == (2400, "issued")
        receipt = Receipt.objects.get()
        assert (receipt.number, receipt.cents, receipt.means) == ("2026-0001", 2400, "card")
        assert "letters.payment_received" in home.posted()

    def test_asked_again_nothing_is_credited_twice(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)
        for _ in range(3):
            home.ask(attempt)
        home.paper.says(attempt, Result.ABANDONED)
        assert home.ask(attempt) == "paid"

        assert home.money()["cash"] == 1200

    @pytest.mark.parametrize("result", [Result.REFUSED, Result.ABANDONED])
    def test_not_paid_the_places_are_given_back_and_the_basket_too(self, home, result):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, result)

        assert home.ask(attempt) == result.value

        assert states() == [(THURSDAY, "cancelled")]
        assert taken(home.product, THURSDAY) == 0
        assert list(home.lines) == [(home.child.pk, home.product.pk, THURSDAY)]
        assert home.money() == {"cash": 0, "owed": 0, "wallet": 0}
        assert "letters.payment_failed" in home.posted()

    def test_paid_late_the_places_are_taken_again_when_they_are_free(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt)
        home.paper.says(attempt, Result.PAID)

        assert home.ask(attempt) == "paid"

        assert states() == [(THURSDAY, "cancelled"), (THURSDAY, "reserved")]
        assert home.lines == {}
        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 0}
        assert PaymentLine.objects.get().reservation.state == "reserved"

    def test_paid_late_for_a_place_that_is_gone_the_money_is_in_the_wallet(self, home):
        with permitted("test"):
            home.product.activity.slots.update(capacity=1)
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.REFUSED)
        home.ask(attempt)
        other = PayingHousehold(home.authority, name="Benali", town=home)
        (theirs,) = other.attempts(THURSDAY)
        home.paper.says(attempt, Result.PAID)

        assert home.ask(attempt) == "paid"

        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 1200}
        assert PaymentLine.objects.get(attempt=attempt).state == "gone"
        assert taken(home.product, THURSDAY) == 1
        assert state_of(theirs) == "created"

    def test_a_hold_does_not_end_while_somebody_may_be_paying(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        long_after = NOW + timedelta(days=9)
        home.paper.is_down = True

        assert home.ask(attempt, at=long_after) == "redirected"
        assert release_expired_holds(kept=places_being_paid(), by=SYSTEM, at=long_after) == 0
        home.paper.is_down = False
        assert home.ask(attempt, at=long_after) == "expired"
        assert states() == [(THURSDAY, "cancelled")]

    def test_nobody_sent_to_the_page_it_ends_by_itself(self, home):
        (attempt,) = home.attempts(THURSDAY)

        assert home.ask(attempt, at=NOW + timedelta(minutes=29)) == "created"
        assert home.ask(attempt, at=NOW + timedelta(minutes=30)) == "expired"
        assert states() == [(THURSDAY, "cancelled")]

    def test_two_tabs_go_to_one_page(self, home):
        (attempt,) = home.attempts(THURSDAY)
        stale = PaymentAttempt.objects.get(pk=attempt.pk)
        first = home.begin(attempt)
        second = asking.begin(stale, gateways=home.gateways, notify_url="n", return_url="r", by=home.by, at=NOW)

        assert second.provider_id == first.provider_id
        with pytest.raises(UnableToPayError):
            home.begin(attempt, at=NOW + timedelta(minutes=15))

    def test_the_gateway_down_the_basket_waits(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.paper.is_down = True

        with pytest.raises(UnableToBeginError):
            home.begin(attempt)

        assert state_of(attempt) == "abandoned"
        assert states() == [(THURSDAY, "cancelled")]
        assert list(home.lines) == [(home.child.pk, home.product.pk, THURSDAY)]

    @pytest.mark.parametrize(
        "other", [{"cents": 100}, {"reference": "2026AUTRE"}, {"merchant": "654321"}, {"mode": "test"}], ids=str
    )
    def test_what_is_not_what_was_ordered_changes_nothing(self, home, other):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID, **other)

        assert home.ask(attempt) == "redirected"

        assert states() == [(THURSDAY, "held")]
        assert home.money()["cash"] == 0
        assert home.ask(attempt, at=NOW + timedelta(minutes=120)) == "expired"
        assert states() == [(THURSDAY, "cancelled")]
        home.paper.says(attempt, Result.PAID)
        assert home.ask(attempt, at=NOW + timedelta(minutes=121)) == "paid"

    def test_valider_twice_is_one_payment(self, home):
        home.wish_days(THURSDAY)
        content = home.content
        first, second = home.check_out(content), home.check_out(content)

        assert second.is_repeated
        assert [one.pk for one in second.attempts] == [one.pk for one in first.attempts]

    def test_what_is_paid_at_the_end_of_the_month_is_recorded_at_once(self, home):
        home.wish_days(THURSDAY)
        home.wish_days(FRIDAY, product=home.meal)

        (attempt,) = home.check_out().attempts

        assert attempt.cents == 1200
        assert states() == [(THURSDAY, "held"), (FRIDAY, "reserved")]
        home.begin(attempt)
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt)
        assert states() == [(THURSDAY, "cancelled"), (FRIDAY, "reserved")]

    def test_a_place_that_an_agent_gave_back_meanwhile_is_paid_to_the_wallet(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        release_held_place(Reservation.objects.get(), reason="doublon", by=AGENT, at=NOW)
        home.paper.says(attempt, Result.PAID)

        home.ask(attempt)

        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 1200}
        assert states() == [(THURSDAY, "cancelled")]


class TestAtTheDesk:
    def test_too_little_to_be_paid_online_waits_at_the_desk(self, home):
        home.paper.lowest_cents = 5000
        (attempt,) = home.attempts(THURSDAY)
        assert attempt.gateway == "desk"

        pay_at_desk(attempt, means="cash", by=AGENT, at=NOW + LATER)

        assert states() == [(THURSDAY, "reserved")]
        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 0}
        with pytest.raises(UnableToPayError):
            pay_at_desk(attempt, means="cash", by=AGENT, at=NOW + LATER)

    def test_not_paid_in_time_it_is_given_back(self, home):
        home.paper.lowest_cents = 5000
        (attempt,) = home.attempts(THURSDAY)
        until = Reservation.objects.get().held_until

        assert expire_at_desk(attempt, by=SYSTEM, at=until - LATER) == "created"
        assert expire_at_desk(attempt, by=SYSTEM, at=until) == "expired"
        assert states() == [(THURSDAY, "cancelled")]

    def test_who_is_on_the_payment_page_is_not_paid_for_at_the_desk(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)

        with pytest.raises(UnableToPayError):
            pay_at_desk(attempt, means="cash", by=AGENT, at=NOW + LATER)


class TestWallet:
    def fill(self, home, cents):
        invoice = issue_invoice(home.family, home.regie, cents=100)
        pay(invoice, 100 + cents, on=NOW.date())

    def test_it_pays_what_it_can_and_the_rest_is_paid_online(self, home):
        self.fill(home, 500)
        (attempt,) = home.attempts(THURSDAY, from_wallet=True)
        assert (attempt.cents, attempt.wallet_cents) == (700, 500)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)

        home.ask(attempt)

        assert home.money() == {"cash": 1300, "owed": 0, "wallet": 0}

    def test_it_is_left_alone_when_the_family_does_not_wish_it(self, home):
        self.fill(home, 500)
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)

        home.ask(attempt)

        assert home.money()["wallet"] == 500

    def test_it_pays_the_whole_at_once(self, home):
        self.fill(home, 3000)
        (attempt,) = home.attempts(THURSDAY, from_wallet=True)

        assert (attempt.state, attempt.cents, attempt.wallet_cents) == ("paid", 0, 1200)
        assert states() == [(THURSDAY, "reserved")]
        assert home.money() == {"cash": 3100, "owed": 0, "wallet": 1800}

    def test_two_baskets_do_not_promise_the_same_money(self, home):
        self.fill(home, 500)
        home.attempts(THURSDAY, from_wallet=True)
        (second,) = home.attempts(FRIDAY, from_wallet=True)

        assert second.wallet_cents == 0


class TestByInvoice:
    def test_several_of_one_regie_are_one_payment(self, home):
        first, second = (issue_invoice(home.family, home.regie, cents=cents) for cents in (770, 230))

        (attempt,) = home.pay_invoices(first, second)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)
        home.ask(attempt)

        assert attempt.cents == 1000
        assert home.money() == {"cash": 1000, "owed": 0, "wallet": 0}

    def test_paid_elsewhere_meanwhile_the_money_is_in_the_wallet(self, home):
        invoice, other = (issue_invoice(home.family, home.regie, cents=cents) for cents in (770, 300))
        (attempt,) = home.pay_invoices(invoice)
        home.begin(attempt)
        pay(invoice, 770, on=NOW.date())
        home.paper.says(attempt, Result.PAID)

        home.ask(attempt)

        assert home.money() == {"cash": 1540, "owed": 300, "wallet": 770}
        assert other.state == "issued"

    def test_a_part_is_paid_where_the_regie_takes_parts_and_only_there(self, home):
        invoice = issue_invoice(home.family, home.regie, cents=770)
        with pytest.raises(UnableToPayInvoicesError):
            home.pay_invoices(amounts={invoice: 300})
        with permitted("test"):
            type(home.settings).objects.update(takes_part_payments=True)

        (attempt,) = home.pay_invoices(amounts={invoice: 300})
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)
        home.ask(attempt)

        assert home.money() == {"cash": 300, "owed": 470, "wallet": 0}

    def test_what_stood_against_the_family_is_lifted_with_the_payment(self, home):
        invoice = issue_invoice(home.family, home.regie, cents=770, due_on=NOW.date() - timedelta(days=20))
        refresh_unpaid_block(home.family.pk, authority=home.authority, by=SYSTEM, at=NOW)
        assert Block.objects.get().lifted_at is None
        (attempt,) = home.pay_invoices(invoice)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID)

        home.ask(attempt)

        assert Block.objects.get().lifted_at == NOW + LATER

    def test_what_is_paid_or_at_the_tresor_is_not_paid_again(self, home):
        invoice = issue_invoice(home.family, home.regie, cents=770)
        pay(invoice, 770, on=NOW.date())

        with pytest.raises(UnableToPayInvoicesError):
            home.pay_invoices(invoice)
