"""What happens around a payment: other régies, aids, agents, calendars, other homes. Each cent has its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount
from marelle.domain.billing.operations.aids import add_aid
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.catalog.models import Product, ProductSlot
from marelle.domain.families.models import Custody
from marelle.domain.payments import asking
from marelle.domain.payments.gateways import GatewayDownError, Result
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings, Receipt
from marelle.domain.payments.operations.attempts import UnableToPayError, expire_at_desk
from marelle.domain.payments.queries.attempts import attempts_to_ask, desk_attempts_over, wallet_left
from marelle.domain.reservations.models import Enrollment, Reservation
from marelle.domain.reservations.operations.by_agents import cancel_for_family, release_held_place
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, FRIDAY, THURSDAY, states
from tests.domain.payments_town import LATER, NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.invoices import issue_invoice, make_regie, pay, recover
from tests.factories.town import make_authority, make_closure, make_product, make_reservation, make_service

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 30)


@pytest.fixture
def home(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    yield PayingHousehold(authority)
    assert_nothing_is_lost()


def now(attempt):
    return PaymentAttempt.objects.get(pk=attempt.pk)


def paid(home, attempt, *, at=NOW):
    home.begin(attempt, at=at)
    home.paper.says(attempt, Result.PAID)
    assert home.ask(attempt, at=at + LATER) == "paid"


def paid_after_all(home, attempt, *, at):
    """Be told « abandoned », then much later « paid »."""
    home.begin(attempt)
    home.paper.says(attempt, Result.ABANDONED)
    home.ask(attempt)
    home.paper.says(attempt, Result.PAID)
    assert home.ask(attempt, at=at) == "paid"


def put_in_wallet(home, cents):
    """Leave so much in the wallet, which the family uses when it wishes."""
    pay(issue_invoice(home.family, home.regie, cents=100), 100 + cents, on=NOW.date())
    with permitted("test"):
        PayerAccount.objects.update(keeps_wallet=True)


def another_till(home, name, *, price_cents=500, is_online=True, **fields):
    """Return a product paid on booking to another régie, in which the child is enrolled."""
    regie = make_regie(home.authority, name, **fields)
    if is_online:
        with permitted("test"):
            PaymentSettings.objects.create(
                authority=home.authority, regie=regie, gateway="payfip", mode="production", number="654321"
            )
    service = make_service(home.authority, name=name, payment_mode="prepaid", regie=regie)
    product = make_product(home.authority, service=service, name=name, price_cents=price_cents)
    with permitted("test"):
        Enrollment.objects.create(
            authority=home.authority, child=home.child, activity_id=product.activity_id,
            starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 3),
        )  # fmt: skip
        Authority.objects.filter(pk=home.authority.pk).update(catalog_version=Regie.objects.count() * 100)
    return product


class TestSeveralTills:
    def test_each_has_its_own_payment_in_the_order_of_their_names_and_gives_back_its_own_lines(self, home):
        swimming, music = another_till(home, "A. Piscine"), another_till(home, "Z. Musique", price_cents=900)
        for product, day in ((home.product, THURSDAY), (swimming, FRIDAY), (music, MONDAY)):
            home.wish_days(day, product=product)

        first, second, third = home.check_out().attempts

        assert [one.regie.name for one in (first, second, third)] == ["A. Piscine", "Régie loisirs", "Z. Musique"]
        assert [one.cents for one in (first, second, third)] == [500, 1200, 900]
        assert [one.position for one in (first, second, third)] == [0, 1, 2]
        assert len({one.checkout for one in (first, second, third)}) == 1
        paid(home, first)
        home.begin(second)
        home.paper.says(second, Result.REFUSED)
        assert home.ask(second) == "refused"
        assert states() == [(THURSDAY, "cancelled"), (FRIDAY, "reserved"), (MONDAY, "held")]
        assert list(home.lines) == [(home.child.pk, home.product.pk, THURSDAY)]
        paid(home, third)
        assert home.money() == {"cash": 1400, "owed": 0, "wallet": 0}

    def test_the_money_of_one_never_pays_another(self, home):
        swimming = another_till(home, "Piscine")
        pay(issue_invoice(home.family, home.regie, cents=100), 5100, on=NOW.date())
        home.wish_days(FRIDAY, product=swimming)

        (attempt,) = home.check_out(from_wallet=True).attempts

        assert (attempt.cents, attempt.wallet_cents) == (500, 0)

    def test_a_till_that_invoices_elsewhere_holds_and_waits_for_an_agent(self, home):
        elsewhere = another_till(home, "Ailleurs", has_billing=False)
        home.wish_days(FRIDAY, product=elsewhere)

        assert home.check_out().attempts == ()
        assert states() == [(FRIDAY, "held")]

    def test_without_a_price_nothing_is_asked_and_nothing_is_confirmed(self, home):
        unpriced = another_till(home, "Sortie", price_cents=None)
        home.wish_days(FRIDAY, product=unpriced)

        assert home.check_out().attempts == ()
        assert states() == [(FRIDAY, "held")]

    def test_what_is_free_is_confirmed_at_once_without_an_invoice_nor_a_receipt(self, home):
        free = another_till(home, "Bibliothèque", price_cents=0)
        home.wish_days(FRIDAY, product=free)

        (attempt,) = home.check_out().attempts

        assert (attempt.state, attempt.cents) == ("paid", 0)
        assert states() == [(FRIDAY, "reserved")]
        assert (Invoice.objects.issued().count(), Receipt.objects.count()) == (0, 0)


class TestWhatIsAsked:
    def help_with(self, home, **aid):
        add_aid(
            home.family, authority=home.authority, regie=home.regie, payer_name="CCAS", label="Aide",
            starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 3), by=AGENT, at=NOW, **aid,
        )  # fmt: skip

    def test_an_aid_is_taken_off_at_once(self, home):
        self.help_with(home, percent=40)

        (attempt,) = home.attempts(THURSDAY, FRIDAY)

        assert attempt.cents == 1440
        assert list(attempt.lines.values_list("cents", flat=True)) == [720, 720]
        paid(home, attempt)
        invoice = Invoice.objects.get()
        assert (invoice.total_cents, sum(invoice.third_parties.values())) == (1440, 960)
        assert home.money() == {"cash": 1440, "owed": 960, "wallet": 0}

    def test_an_aid_for_the_whole_leaves_nothing_to_pay(self, home):
        self.help_with(home, percent=100)

        (attempt,) = home.attempts(THURSDAY)

        assert (attempt.cents, attempt.state) == (0, "paid")
        assert states() == [(THURSDAY, "reserved")]

    def test_a_day_that_was_paid_and_not_given_back_is_not_paid_again(self, home):
        (first,) = home.attempts(THURSDAY)
        paid(home, first)
        cancel_for_family(Reservation.objects.get(), reason="sortie annulée", is_refunded=False, by=AGENT, at=NOW)

        (again, *_none) = home.attempts(THURSDAY, FRIDAY)

        assert again.cents == 1200
        paid(home, again)
        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 0}

    def test_what_was_given_back_meanwhile_sends_nobody_to_pay(self, home):
        (attempt,) = home.attempts(THURSDAY, FRIDAY)
        release_held_place(Reservation.objects.get(date=THURSDAY), reason="doublon", by=AGENT, at=NOW)

        with pytest.raises(UnableToPayError):
            home.begin(attempt)

        assert now(attempt).state == "abandoned"
        assert states() == [(THURSDAY, "cancelled"), (FRIDAY, "cancelled")]
        assert list(home.lines) == [(home.child.pk, home.product.pk, FRIDAY)]
        assert home.paper.orders == {}

    def test_an_invoice_paid_or_handed_over_meanwhile_sends_nobody_to_pay(self, home):
        first, second = (issue_invoice(home.family, home.regie, cents=700) for _ in range(2))
        attempts = [home.pay_invoices(one)[0] for one in (first, second)]
        pay(first, 100, on=NOW.date())
        recover(second)

        for attempt in attempts:
            with pytest.raises(UnableToPayError):
                home.begin(attempt)
            assert now(attempt).state == "abandoned"


class TestByInvoice:
    def test_each_invoice_receives_the_part_that_was_chosen_for_it(self, home):
        put_in_wallet(home, 200)
        first, second = (issue_invoice(home.family, home.regie, cents=cents) for cents in (770, 500))
        with permitted("test"):
            PaymentSettings.objects.update(takes_part_payments=True)

        (attempt,) = home.pay_invoices(amounts={first: 300, second: 500}, from_wallet=True)

        assert (attempt.cents, attempt.wallet_cents) == (600, 200)
        paid(home, attempt)
        assert left_of([first.pk, second.pk]) == {first.pk: 470, second.pk: 0}

    def test_paying_otherwise_replaces_what_was_never_begun(self, home):
        put_in_wallet(home, 200)
        invoice = issue_invoice(home.family, home.regie, cents=770)
        (first,) = home.pay_invoices(invoice, from_wallet=True)
        (second,) = home.pay_invoices(invoice)

        assert (first.wallet_cents, second.wallet_cents) == (200, 0)
        assert now(first).state == "abandoned"
        assert "letters.payment_failed" not in home.posted()

    def test_at_the_desk_the_wallet_is_not_promised_for_ever(self, home):
        home.paper.lowest_cents = 5000
        put_in_wallet(home, 200)
        invoice = issue_invoice(home.family, home.regie, cents=770)
        (attempt,) = home.pay_invoices(invoice, from_wallet=True)
        assert (attempt.gateway, attempt.wallet_cents, wallet_left(attempt.payer_id)) == ("desk", 200, 0)
        three_days = NOW + timedelta(days=3)

        assert desk_attempts_over(at=three_days - LATER) == []
        assert expire_at_desk(attempt, by=SYSTEM, at=three_days - LATER) == "created"
        assert desk_attempts_over(at=three_days) == [attempt]
        assert expire_at_desk(attempt, by=SYSTEM, at=three_days) == "expired"
        assert wallet_left(attempt.payer_id) == 200


class TestAtTheDesk:
    def test_a_question_does_not_end_what_waits_there(self, home):
        home.paper.lowest_cents = 5000
        (attempt,) = home.attempts(THURSDAY)

        assert home.ask(attempt, at=NOW + timedelta(hours=2)) == "created"
        assert states() == [(THURSDAY, "held")]

    def test_what_an_agent_settled_place_by_place_is_not_said_to_have_failed(self, home):
        home.paper.lowest_cents = 5000
        (attempt,) = home.attempts(THURSDAY, FRIDAY)
        for place in Reservation.objects.all():
            settle_at_desk(place, authority=home.authority, means="cheque", by=AGENT, at=NOW)

        assert desk_attempts_over(at=NOW) == [attempt]
        assert expire_at_desk(attempt, by=SYSTEM, at=NOW) == "expired"
        assert states() == [(THURSDAY, "reserved"), (FRIDAY, "reserved")]
        assert "letters.payment_failed" not in home.posted()

    def test_settled_there_then_paid_online_the_second_is_in_the_wallet(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        settle_at_desk(Reservation.objects.get(), authority=home.authority, means="cash", by=AGENT, at=NOW)
        home.paper.says(attempt, Result.PAID)

        assert home.ask(attempt) == "paid"

        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 1200}
        assert (states(), PaymentLine.objects.get().state) == ([(THURSDAY, "reserved")], "gone")


class TestPaidTooLate:
    def in_the_wallet(self, home):
        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 1200}
        assert PaymentLine.objects.get().state == "gone"

    def test_for_a_day_that_is_over(self, home):
        (attempt,) = home.attempts(THURSDAY)

        paid_after_all(home, attempt, at=datetime(2026, 11, 26, 12, 30, tzinfo=UTC))  # 13:30 in Paris: it ends

        self.in_the_wallet(home)

    def test_for_a_day_under_way_it_is_taken_again(self, home):
        (attempt,) = home.attempts(THURSDAY)

        paid_after_all(home, attempt, at=datetime(2026, 11, 26, 12, 29, tzinfo=UTC))

        assert home.money() == {"cash": 1200, "owed": 0, "wallet": 0}

    def test_for_a_day_closed_since(self, home):
        (attempt,) = home.attempts(THURSDAY)
        make_closure(home.authority, "Grève", THURSDAY)

        paid_after_all(home, attempt, at=NOW + LATER)

        self.in_the_wallet(home)

    def test_for_a_child_enrolled_no_more(self, home):
        (attempt,) = home.attempts(THURSDAY)
        with permitted("test"):
            Enrollment.objects.update(ends_on=THURSDAY - timedelta(days=1))

        paid_after_all(home, attempt, at=NOW + LATER)

        self.in_the_wallet(home)

    def test_for_a_child_who_lives_elsewhere_since(self, home):
        (attempt,) = home.attempts(THURSDAY)
        with permitted("test"):
            Custody.objects.update(ends_on=NOW.date() - timedelta(days=1))

        paid_after_all(home, attempt, at=NOW + LATER)

        self.in_the_wallet(home)
        assert home.lines == {}

    def test_for_a_day_that_the_other_home_reserved_since(self, home):
        other = PayingHousehold(home.authority, name="Benali", town=home)
        with permitted("test"):
            Custody.objects.create(
                authority=home.authority, child=home.child, family=other.family, starts_on=date(2020, 1, 1)
            )
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt)
        other.child = home.child
        (theirs,) = other.attempts(THURSDAY)
        paid(other, theirs)
        home.paper.says(attempt, Result.PAID)

        assert home.ask(attempt, at=NOW + LATER) == "paid"

        assert home.money() == {"cash": 2400, "owed": 0, "wallet": 1200}
        assert states() == [(THURSDAY, "cancelled"), (THURSDAY, "reserved")]
        assert Reservation.objects.get(state="reserved").family_id == other.family.pk

    def test_for_a_day_when_the_child_goes_elsewhere_at_that_time(self, home):
        with permitted("test"):
            half = Product.objects.create(
                authority=home.authority, code="demi", activity_id=home.product.activity_id, name="Demi-journée",
                noun="demi-journée", plural="demi-journées", position=99,
            )  # fmt: skip
            part = ProductSlot.objects.get(product=home.product)
            ProductSlot.objects.create(authority=home.authority, product=half, template=part.template)
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.ABANDONED)
        home.ask(attempt)
        make_reservation(home.child, half, THURSDAY, family=home.family)
        home.paper.says(attempt, Result.PAID)

        assert home.ask(attempt, at=NOW + LATER) == "paid"

        self.in_the_wallet(home)


class TestCalendars:
    def test_paid_a_minute_before_the_year_ends_and_known_a_minute_after(self, home):
        at = datetime(2026, 12, 31, 22, 50, tzinfo=UTC)
        holiday = another_till(home, "Stage")
        with permitted("test"):
            slots = holiday.activity.slots
            slots.filter(date=date(2026, 12, 3)).update(date=date(2027, 1, 4))
        (attempt,) = _booked(home, holiday, date(2027, 1, 4), at=at)
        home.begin(attempt, at=at)
        home.paper.says(attempt, Result.PAID, paid_at=datetime(2026, 12, 31, 22, 59, tzinfo=UTC))

        assert home.ask(attempt, at=datetime(2026, 12, 31, 23, 1, tzinfo=UTC)) == "paid"

        receipt, invoice = Receipt.objects.get(), Invoice.objects.get()
        # The money came in in 2026; its invoice is numbered the day it is made.
        assert (receipt.number, receipt.date) == ("2026-0001", date(2026, 12, 31))
        assert (invoice.exercice, invoice.issued_on) == (2027, date(2027, 1, 1))
        assert attempt.exercice == 2026

    def test_the_night_when_an_hour_comes_twice_lasts_as_long_as_another(self, home):
        at = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 1:30 in Paris; at 3:00 it is 2:00 again
        (attempt,) = _booked(home, home.product, THURSDAY, at=at)
        home.begin(attempt, at=at)

        assert home.ask(attempt, at=at + timedelta(minutes=119)) == "redirected"
        assert home.ask(attempt, at=at + timedelta(minutes=120)) == "expired"

    def test_a_clock_of_the_gateway_that_is_wrong_dates_nothing(self, home):
        (attempt,) = home.attempts(THURSDAY)
        home.begin(attempt)
        home.paper.says(attempt, Result.PAID, paid_at=datetime(2031, 1, 1, tzinfo=UTC))

        home.ask(attempt)

        assert Receipt.objects.get().date == NOW.date()


def _booked(home, product, day, *, at):
    home.wish_days(day, product=product, at=at)
    return home.check_out(at=at).attempts


class TestFollowing:
    def attempts(self, home):
        made = [home.attempts(day)[0] for day in (THURSDAY, FRIDAY)]
        for attempt in made:
            home.begin(attempt)
            home.paper.says(attempt, Result.PAID)
        return made

    def ask_all(self, home, at=NOW + LATER):
        asking.ask_all(attempts_to_ask(at=at), gateways=home.gateways, by=SYSTEM, moment=lambda: at)

    def test_one_whose_answer_cannot_be_written_keeps_no_other_waiting(self, home, caplog):
        first, second = self.attempts(home)
        home.paper.says(first, Result.PAID, means="x" * 99)  # longer than its column

        self.ask_all(home)

        assert (now(first).state, now(second).state) == ("redirected", "paid")
        assert "could not be written" in caplog.text
        assert now(first).ask_next_at > NOW + LATER

    def test_a_gateway_that_is_down_is_asked_once(self, home, monkeypatch):
        self.attempts(home)
        asked = []

        def down(order, provider_id):
            asked.append(provider_id)
            raise GatewayDownError

        monkeypatch.setattr(home.paper, "ask", down)
        self.ask_all(home)

        assert len(asked) == 1
        assert attempts_to_ask(at=NOW + LATER) == []

    def test_a_gateway_that_is_plugged_no_more_is_asked_again_later(self, home):
        first, _second = self.attempts(home)

        asking.ask_all([now(first)], gateways={}, by=SYSTEM, moment=lambda: NOW + LATER)

        assert now(first).state == "redirected"
        assert now(first).ask_next_at > NOW + LATER
        assert LedgerEntry.objects.count() == 0

    def test_unplugged_nobody_is_sent_to_pay_and_what_is_held_waits(self, home):
        (attempt,) = home.attempts(THURSDAY)

        with pytest.raises(asking.UnableToBeginError):
            asking.begin(now(attempt), gateways={}, notify_url="n", return_url="r", by=home.by, at=NOW)

        assert states() == [(THURSDAY, "held")]
