"""A payment begun again, because its page opens once: never stuck, never credited twice, no place lost between two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings, Receipt
from marelle.domain.payments.operations.attempts import UnableToPayError, begin_again, give_up
from marelle.domain.payments.operations.checkout import BeingPaidError, top_up
from marelle.domain.payments.operations.settings import close_online
from marelle.domain.payments.queries.attempts import attempts_to_ask, wallet_left
from marelle.domain.payments.queries.stories import attempt_story
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.by_agents import release_held_place
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, FRIDAY, THURSDAY
from tests.domain.payments_town import NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.factories.town import make_authority
from tests.torture.settling import assert_every_place_is_counted

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=3)


@pytest.fixture
def home(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    return PayingHousehold(authority)


def again(home, attempt, *, at=SOON, opens=True):
    new = begin_again(attempt, gateways=home.gateways, by=home.by, at=at)
    if opens:
        home.begin(new, at=at)
    return PaymentAttempt.objects.get(pk=new.pk)


def went_back(home, *days):
    """Return an attempt whose page was opened, then left by the button of the browser."""
    (attempt,) = home.attempts(*(days or (THURSDAY, FRIDAY)))
    home.begin(attempt)
    return PaymentAttempt.objects.get(pk=attempt.pk)


def now(attempt):
    return PaymentAttempt.objects.get(pk=attempt.pk)


def states():
    return sorted(Reservation.objects.values_list("state", flat=True))


def hold():
    assert_nothing_is_lost()
    assert_every_place_is_counted()


class TestAPageThatOpensOnce:
    def test_is_the_one_of_a_press_and_of_no_later_one(self, home):
        attempt = went_back(home)

        first = home.begin(attempt, at=NOW + timedelta(seconds=19))
        with pytest.raises(UnableToPayError):
            home.begin(attempt, at=NOW + timedelta(seconds=20))

        assert first.provider_id == attempt.provider_id
        assert len(home.paper.orders) == 1

    def test_is_replaced_by_another_order_at_the_same_price_for_the_places_still_held(self, home):
        former = went_back(home)
        new = again(home, former)

        assert (new.checkout, new.position, new.cents) == (former.checkout, former.position, former.cents)
        assert new.reference != former.reference
        assert new.provider_id != former.provider_id
        assert (now(former).state, now(former).reason) == ("abandoned", "replaced")
        assert states() == ["held", "held"]
        assert home.posted().count("letters.payment_failed") == 0
        home.paper.says(new, Result.PAID)
        home.ask(new)

        assert states() == ["reserved", "reserved"]
        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 0}
        hold()

    def test_pressed_again_leads_to_the_same_new_one(self, home):
        former = went_back(home)
        new = again(home, former)

        assert again(home, former, opens=False).pk == new.pk
        assert PaymentAttempt.objects.count() == 2

    def test_the_former_is_asked_about_as_long_as_it_may_be_paid(self, home):
        former = went_back(home)
        again(home, former)

        def asked(at):
            return former.pk in {one.pk for one in attempts_to_ask(at=at)}

        assert asked(SOON + timedelta(minutes=1))
        home.ask(former, at=NOW + timedelta(minutes=119))
        assert asked(NOW + timedelta(minutes=125))
        home.ask(former, at=NOW + timedelta(minutes=125))
        assert not asked(NOW + timedelta(days=2))

    def test_a_gateway_that_is_down_does_not_make_it_forgotten(self, home):
        former = went_back(home)
        again(home, former)
        home.paper.is_down = True
        home.ask(former, at=SOON + timedelta(minutes=2))

        assert former.pk in {one.pk for one in attempts_to_ask(at=SOON + timedelta(minutes=4))}
        assert now(former).state == "abandoned"


class TestPaidAfterAll:
    def test_the_former_confirms_the_places_and_the_new_one_ends_without_a_word(self, home):
        former = went_back(home)
        new = again(home, former)
        home.paper.says(former, Result.PAID)

        assert home.ask(former) == "paid"
        assert states() == ["reserved", "reserved"]
        assert home.ask(new, at=NOW + timedelta(minutes=130)) == "expired"
        assert states() == ["reserved", "reserved"]
        assert home.posted().count("letters.payment_failed") == 0
        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 0}
        hold()

    @pytest.mark.parametrize("first", ["former", "new"])
    def test_both_paid_the_second_is_in_the_wallet_and_said_so(self, home, first):
        former = went_back(home)
        new = again(home, former)
        one, other = (former, new) if first == "former" else (new, former)
        home.paper.says(former, Result.PAID)
        home.paper.says(new, Result.PAID)
        home.ask(one)
        home.ask(other)
        home.ask(one)

        assert home.money() == {"cash": 4800, "owed": 0, "wallet": 2400}
        assert Receipt.objects.count() == 2
        story = attempt_story(now(other))
        assert (story.to_wallet, story.gone) == (2400, ())
        assert set(PaymentLine.objects.filter(attempt=other).values_list("state", flat=True)) == {"moved"}
        hold()

    def test_after_both_ended_the_former_takes_the_places_again(self, home):
        former = went_back(home)
        new = again(home, former)
        assert home.ask(new, at=NOW + timedelta(minutes=130)) == "expired"
        assert states() == ["cancelled", "cancelled"]
        home.paper.says(former, Result.PAID)
        home.ask(former, at=NOW + timedelta(minutes=140))

        assert states() == ["cancelled", "cancelled", "reserved", "reserved"]
        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 0}
        home.paper.says(new, Result.PAID)
        home.ask(new, at=NOW + timedelta(minutes=141))
        assert home.money() == {"cash": 4800, "owed": 0, "wallet": 2400}
        hold()

    def test_a_place_that_an_agent_gave_back_meanwhile_is_not_taken_again(self, home):
        former = went_back(home, THURSDAY)
        again(home, former)
        give_back_a_place()
        home.paper.says(former, Result.PAID)
        home.ask(former)

        assert states() == ["cancelled"]
        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 1200}
        hold()

    def test_begun_again_twice_any_of_the_three_is_credited_once(self, home):
        first = went_back(home)
        second = again(home, first)
        third = again(home, second, at=SOON + timedelta(minutes=3))
        for one in (second, third, first):
            home.paper.says(one, Result.PAID)
            home.ask(one, at=SOON + timedelta(minutes=10))

        assert states() == ["reserved", "reserved"]
        assert home.money() == {"cash": 7200, "owed": 0, "wallet": 4800}
        hold()

    def test_an_invoice_is_settled_once(self, home):
        invoice = issue_invoice(home.family, home.regie, cents=770)
        (former,) = home.pay_invoices(invoice)
        home.begin(former)
        new = again(home, former)
        for one in (new, former):
            home.paper.says(one, Result.PAID)
            home.ask(one)

        assert left_of([invoice.pk]) == {invoice.pk: 0}
        assert home.money() == {"cash": 1540, "owed": 0, "wallet": 770}
        hold()

    def test_a_top_up_is_credited_for_each_time_it_is_paid(self, home):
        with permitted("test"):
            PaymentSettings.objects.update(has_top_up=True, lowest_top_up_cents=1000)
        former = top_up(
            home.regie, family=home.family, user=home.user, cents=2000, gateways=home.gateways, by=home.by, at=NOW
        )
        home.begin(former)
        new = again(home, former)
        home.paper.says(new, Result.PAID)
        home.ask(new)
        assert home.money()["wallet"] == 2000
        assert home.ask(former, at=NOW + timedelta(hours=3)) == "abandoned"
        assert home.money()["wallet"] == 2000
        hold()


class TestTheWallet:
    def test_what_was_promised_is_promised_to_the_new_one_alone(self, home):
        pay(issue_invoice(home.family, home.regie, cents=100), 600, on=NOW.date())
        with permitted("test"):
            PayerAccount.objects.update(keeps_wallet=True)
        (former,) = home.attempts(THURSDAY, from_wallet=True)
        home.begin(former)
        new = again(home, former)

        assert (new.cents, new.wallet_cents) == (700, 500)
        assert wallet_left(new.payer_id) == 0
        home.paper.says(new, Result.PAID)
        home.ask(new)
        assert home.money()["wallet"] == 0
        hold()


def give_back_a_place():
    release_held_place(Reservation.objects.first(), reason="doublon", by=AGENT, at=SOON)


def answered(home, attempt, result):
    home.paper.says(attempt, result)
    home.ask(attempt, at=SOON)


class TestRefused:
    @pytest.mark.parametrize(
        ("spoil", "minutes", "state"),
        [
            (lambda home, attempt: None, 120, "redirected"),
            (lambda home, attempt: give_back_a_place(), 5, "redirected"),
            (lambda home, attempt: close_online(home.regie, by=AGENT, at=SOON), 5, "redirected"),
            (lambda home, attempt: answered(home, attempt, Result.REFUSED), 5, "refused"),
            (lambda home, attempt: answered(home, attempt, Result.PAID), 5, "paid"),
        ],
        ids=["too late", "a place is gone", "closed", "refused", "paid"],
    )
    def test_nothing_is_written(self, home, spoil, minutes, state):
        attempt = went_back(home)
        spoil(home, attempt)

        with pytest.raises(UnableToPayError):
            again(home, attempt, at=NOW + timedelta(minutes=minutes))

        assert now(attempt).state == state
        assert PaymentAttempt.objects.count() == 1
        hold()

    def test_two_hours_count_from_the_first(self, home):
        """Or places would be held for ever by pressing every hour."""
        first = went_back(home)
        second = again(home, first, at=NOW + timedelta(minutes=100))

        with pytest.raises(UnableToPayError):
            again(home, second, at=NOW + timedelta(minutes=121))

    def test_one_that_nobody_was_sent_to_pay_has_no_other(self, home):
        (attempt,) = home.attempts(THURSDAY)

        with pytest.raises(UnableToPayError):
            again(home, attempt)


class TestWhoLeavesThePage:
    def test_may_press_back_and_pay_for_some_minutes(self, home):
        attempt = went_back(home)
        home.paper.says(attempt, Result.ABANDONED)

        assert home.ask(attempt, at=SOON) == "redirected"
        assert now(attempt).reason == "left"
        assert states() == ["held", "held"]
        home.paper.says(attempt, Result.PAID)
        assert home.ask(attempt, at=NOW + timedelta(minutes=4)) == "paid"
        assert states() == ["reserved", "reserved"]
        assert now(attempt).reason == ""
        hold()

    def test_is_believed_afterwards(self, home):
        attempt = went_back(home)
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt, at=SOON)

        assert home.ask(attempt, at=NOW + timedelta(minutes=5)) == "abandoned"
        assert states() == ["cancelled", "cancelled"]

    def test_gives_up_at_once_when_asked_to(self, home):
        attempt = went_back(home)
        assert give_up(attempt, reason="family", by=home.by, at=SOON) == "redirected"
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt, at=SOON)

        assert give_up(attempt, reason="family", by=home.by, at=SOON) == "abandoned"
        assert states() == ["cancelled", "cancelled"]
        home.paper.says(attempt, Result.PAID)
        assert home.ask(attempt, at=NOW + timedelta(minutes=5)) == "paid"
        assert states() == ["cancelled", "cancelled", "reserved", "reserved"]
        hold()

    def test_begins_again_at_once(self, home):
        attempt = went_back(home)
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt, at=SOON)

        assert again(home, attempt).state == "redirected"
        assert states() == ["held", "held"]


class TestPayerPressedTwice:
    def test_the_second_press_finds_what_the_first_began(self, home):
        invoice = issue_invoice(home.family, home.regie, cents=770)
        (first,) = home.pay_invoices(invoice)
        (second,) = home.pay_invoices(invoice)
        home.begin(first)
        (third,) = home.pay_invoices(invoice, at=SOON)

        assert {first.pk, second.pk, third.pk} == {first.pk}

    def test_another_sum_replaces_what_was_never_begun_and_waits_for_what_was(self, home):
        invoice, other = (issue_invoice(home.family, home.regie, cents=cents) for cents in (770, 500))
        (first,) = home.pay_invoices(invoice)
        (both,) = home.pay_invoices(invoice, other)
        assert (now(first).reason, both.cents) == ("again", 1270)
        home.begin(both)

        with pytest.raises(BeingPaidError):
            home.pay_invoices(invoice)
        assert PaymentAttempt.objects.open().count() == 1

    def test_long_after_it_is_said_to_be_being_paid(self, home):
        invoice = issue_invoice(home.family, home.regie, cents=770)
        (first,) = home.pay_invoices(invoice)
        home.begin(first)

        with pytest.raises(BeingPaidError):
            home.pay_invoices(invoice, at=NOW + timedelta(minutes=40))

    def test_what_waits_at_the_desk_is_paid_online_once_it_opens(self, home):
        home.paper.lowest_cents = 5000
        invoice = issue_invoice(home.family, home.regie, cents=770)
        (at_desk,) = home.pay_invoices(invoice)
        home.paper.lowest_cents = 100
        (online,) = home.pay_invoices(invoice)

        assert (at_desk.gateway, online.gateway) == ("desk", "payfip")

    def test_what_is_asked_with_it_joins_the_same_press(self, home):
        pool = make_regie(home.authority, "A. Piscine")
        first, other = issue_invoice(home.family, home.regie, cents=770), issue_invoice(home.family, pool, cents=500)
        (attempt,) = home.pay_invoices(first)
        home.begin(attempt)
        found = home.pay_invoices(first, other, at=SOON)

        assert found[0].pk == attempt.pk
        assert [(one.checkout, one.position) for one in found] == [(attempt.checkout, 0), (attempt.checkout, 1)]
