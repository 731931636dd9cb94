"""Everything that families, agents, gateways and clocks do around payments, in any order; and what holds after each.

A state machine for hypothesis. Each example begins in the same town and is undone at its end. What is done may be cut
at any of its statements, as by a crash; it is then done again, as a browser or a job would. `Till` says what the
gateway is: paper here, a stand-in in the torture.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount
from marelle.domain.billing.operations.ledger import UnableToRefundError, record_payment, refund_wallet
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.payments import asking
from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.gateways import ForgedNoticeError, Result
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings, Receipt, ReceiptSeries
from marelle.domain.payments.operations.attempts import (
    UnableToPayError,
    begin_again,
    expire_at_desk,
    give_up,
    pay_at_desk,
)
from marelle.domain.payments.operations.checkout import UnableToPayInvoicesError
from marelle.domain.payments.queries.attempts import (
    attempts_since,
    attempts_to_ask,
    desk_attempts_over,
    places_being_paid,
)
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.baskets import UnableToConfirmBasketError
from marelle.domain.reservations.operations.by_agents import (
    UnableToRecordError,
    cancel_for_family,
    release_expired_holds,
    release_held_place,
)
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT
from tests.domain.payments_town import PayingHousehold
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_child, make_product, make_service
from tests.torture.settling import assert_every_place_is_counted

REFUSALS = (
    UnableToPayError,
    UnableToBeginError,
    UnableToRecordError,
    UnableToConfirmBasketError,
    UnableToPayInvoicesError,
    UnableToRefundError,
)
SLOT_DAYS = (date(2026, 10, 26), date(2027, 1, 15))
# A plain Monday; the night when 2:00 comes twice; the last hour and a half of the year. With three days to come.
BEGINNINGS = (
    (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), (date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1))),
    (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), (date(2026, 10, 29), date(2026, 10, 30), date(2026, 11, 2))),
    (datetime(2026, 12, 31, 21, 30, tzinfo=UTC), (date(2027, 1, 7), date(2027, 1, 8), date(2027, 1, 11))),
)
WAITS = (1, 5, 14, 16, 31, 119, 121, 600, 24 * 60, 73 * 60)
WHICH = st.integers(0, 40)
# What an attempt and a place are, by the state of the line between them.
EXPECTED = {
    "settled": ("paid", "reserved"),
    "released": ("ended", "cancelled"),
    "pending": ("open", "held"),
    "gone": ("paid", "cancelled"),
}
# What another attempt of the same press holds, or has paid; see `what_moved_is_anothers`.
MOVED = "moved"


class CrashError(Exception):
    """The process is no more; nothing catches it."""


class Town:
    """Two homes of two children, two tills paid on booking (two places a day), and one product paid at month's end."""

    def __init__(self, authority):
        self.authority = authority
        self.first = PayingHousehold(self.authority, capacity=2)
        home = self.first
        regie = make_regie(self.authority, "A. Piscine")
        with permitted("factory"):
            PaymentSettings.objects.create(
                authority=self.authority, regie=regie, gateway="payfip", mode="production", number="654321",
                takes_part_payments=True,
            )  # fmt: skip
        options = {"capacity": 2, "slot_days": SLOT_DAYS}
        leisure = make_service(self.authority, name="Mercredis", payment_mode="prepaid", regie=home.regie)
        swimming = make_service(self.authority, name="Piscine", payment_mode="prepaid", regie=regie)
        self.products = (
            make_product(self.authority, service=leisure, name="Journée", price_cents=1200, **options),
            make_product(self.authority, service=swimming, name="Bassin", price_cents=500, **options),
            make_product(self.authority, service=make_service(self.authority, name="Cantine"), **options),
        )
        self.homes = (home, PayingHousehold(self.authority, name="Benali", town=home))
        self.children = [
            [make_child(each.family, name, products=self.products) for name in ("Lucia", "Alvaro")]
            for each in self.homes
        ]


class PaperTill:
    """What a test decides of a gateway made of paper."""

    def __init__(self, town):
        self.paper = town.first.paper
        self.gateways = town.first.gateways

    def begin_again(self, machine):
        """Forget the last example."""
        self.paper.__init__()

    def be(self, *, is_down):
        self.paper.is_down = is_down

    def conclude(self, attempt, result):
        """Say it, unless it was paid: no gateway takes that back."""
        said, other = self.paper.results.get(attempt.provider_id, (None, {}))
        if attempt.provider_id and (said is not Result.PAID or other):
            self.paper.says(attempt, result)

    def mistake(self, attempt, other):
        said, _other = self.paper.results.get(attempt.provider_id, (None, {}))
        if attempt.provider_id and said is not Result.PAID:
            self.paper.says(attempt, Result.PAID, **other)

    def is_paid(self, attempt):
        said, other = self.paper.results.get(attempt.provider_id, (None, {}))
        return said is Result.PAID and not other

    def call_about(self, attempt, *, is_forged):
        """Return what a notice, or the browser that comes back, carries."""
        return {"idop": "autre"} if is_forged else {"idop": attempt.provider_id}


def machine_of(town, till):  # noqa: C901  a machine is many short rules
    """Return the machine of a town, whose gateway is `till`."""

    class Payments(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.undo = transaction.atomic()
            self.undo.__enter__()
            till.begin_again(self)
            self.at, self.days = BEGINNINGS[0]
            self.pressed = {}
            self.cashed = 0
            # Reservations (keys) that an agent or a family gave back or settled: not the payment's own any more.
            self.touched = set()
            self.crash_at = None
            self.statements = 0

        def teardown(self):
            try:
                self.come_to_rest()
            finally:
                transaction.set_rollback(True)
                self.undo.__exit__(None, None, None)

        # ---------------------------------------- the means
        def do(self, act):
            """Do it, cut at a statement if a crash was announced; then again. What is refused is nothing."""
            crash_at, self.crash_at = self.crash_at, None
            if crash_at is not None:
                try:
                    with self.crashing(crash_at):
                        return self.tried(act)
                except CrashError:
                    self.holds()
            return self.tried(act)

        def tried(self, act):
            try:
                return act()
            except REFUSALS:
                return None

        @contextmanager
        def crashing(self, crash_at):
            left = crash_at

            def cut(execute, sql, parameters, many, context):
                nonlocal left
                if "SAVEPOINT" in sql:  # the end of what was cut
                    return execute(sql, parameters, many, context)
                left -= 1
                if left < 0:
                    raise CrashError
                return execute(sql, parameters, many, context)

            with connection.execute_wrapper(cut):
                yield

        def one_of(self, rows, which):
            found = list(rows.order_by("pk"))
            return found[which % len(found)] if found else None

        def attempt(self, which):
            return self.one_of(PaymentAttempt.objects.all(), which)

        def held(self, which):
            return self.one_of(Reservation.objects.filter(state="held"), which)

        def ask(self, attempt):
            fresh = PaymentAttempt.objects.get(pk=attempt.pk)
            return asking.ask(fresh, gateways=till.gateways, by=SYSTEM, at=self.at)

        # ---------------------------------------- what families do
        @initialize(beginning=st.sampled_from(BEGINNINGS), keeps=st.booleans())
        def begins(self, beginning, keeps):
            self.at, self.days = beginning
            self.keeps = keeps

        @rule(home=st.integers(0, 1), child=st.integers(0, 1), product=st.integers(0, 2), day=st.integers(0, 2))
        def wishes(self, home, child, product, day):
            who, key = town.homes[home], town.children[home][child]
            self.do(lambda: who.wish(key, town.products[product], self.days[day], at=self.at))

        @rule(home=st.integers(0, 1), which=WHICH)
        def gives_back_a_held_place(self, home, which):
            who = town.homes[home]
            place = self.one_of(Reservation.objects.filter(state="held", family=who.family), which)
            if place is not None:
                self.touched.add(place.pk)
                who.wish(place.child, place.product, place.date, wanted=False, at=self.at)
                self.press(home, from_wallet=False)

        @rule(home=st.integers(0, 1), from_wallet=st.booleans())
        def press(self, home, from_wallet):
            who = town.homes[home]
            content = self.pressed[home] = who.content
            self.do(lambda: who.check_out(content, at=self.at, from_wallet=from_wallet))

        @rule(home=st.integers(0, 1), days=st.lists(st.integers(0, 2), min_size=1, max_size=3), pays=st.booleans())
        def books_and_goes_to_pay(self, home, days, pays):
            for day in days:
                self.wishes(home, day % 2, day % 2, day)
            self.press(home, from_wallet=pays)
            for attempt in PaymentAttempt.objects.filter(family=town.homes[home].family, state="created"):
                self.begins_to_pay(attempt)

        @rule(home=st.integers(0, 1))
        def presses_again(self, home):
            if home in self.pressed:
                before = PaymentAttempt.objects.count()
                self.do(lambda: town.homes[home].check_out(self.pressed[home], at=self.at))
                assert PaymentAttempt.objects.count() == before

        @rule(which=WHICH)
        def begins_or_begins_again(self, which):
            attempt = self.attempt(which)
            if attempt is not None:
                self.begins_to_pay(attempt)

        def begins_to_pay(self, attempt):
            def act():
                fresh = PaymentAttempt.objects.get(pk=attempt.pk)
                return asking.begin(
                    fresh, gateways=till.gateways, notify_url="https://famille.exemple.fr/avis/1",
                    return_url="https://famille.exemple.fr/retour/1", by=SYSTEM, at=self.at,
                )  # fmt: skip

            self.do(act)

        @rule(which=WHICH, opens=st.booleans())
        def begins_again(self, which, opens):
            attempt = self.attempt(which)
            if attempt is None:
                return

            def act():
                fresh = PaymentAttempt.objects.get(pk=attempt.pk)
                return begin_again(fresh, gateways=till.gateways, by=SYSTEM, at=self.at)

            new = self.do(act)
            if new is not None and opens:
                self.begins_to_pay(new)

        @rule(home=st.integers(0, 1), which=WHICH, from_wallet=st.booleans(), times=st.integers(1, 2))
        def presses_payer(self, home, which, from_wallet, times):
            """What is owed already, in two tabs or by both parents: nothing is paid beside what is under way."""
            invoice = self.one_of(Invoice.objects.issued().filter(family=town.homes[home].family), which)
            if invoice is None:
                return
            for _ in range(times):
                self.do(lambda: town.homes[home].pay_invoices(invoice, at=self.at, from_wallet=from_wallet))
            waiting = PaymentAttempt.objects.open().filter(lines__invoice=invoice).exclude(gateway="desk")
            assert waiting.count() <= 1

        @rule(which=WHICH)
        def gives_up(self, which):
            attempt = self.attempt(which)
            if attempt is not None:
                self.do(lambda: give_up(attempt, reason="family", by=SYSTEM, at=self.at))

        @rule(home=st.integers(0, 1), cents=st.integers(150, 3000), from_wallet=st.booleans())
        def pays_an_invoice(self, home, cents, from_wallet):
            who = town.homes[home]
            regie = town.products[0].activity.service.regie
            invoice = issue_invoice(who.family, regie, cents=cents)
            self.keep_wallets()
            self.do(lambda: who.pay_invoices(invoice, at=self.at, from_wallet=from_wallet))

        # ---------------------------------------- what gateways do
        @rule(which=WHICH, result=st.sampled_from(list(Result)))
        def is_concluded(self, which, result):
            attempt = self.attempt(which)
            if attempt is not None:
                till.conclude(attempt, result)

        @rule(which=WHICH)
        def is_paid_and_told(self, which):
            attempt = self.attempt(which)
            if attempt is not None:
                till.conclude(attempt, Result.PAID)
                self.do(lambda: self.ask(attempt))

        @rule(which=WHICH, times=st.integers(1, 3))
        def is_told(self, which, times):
            attempt = self.attempt(which)
            for _ in range(times):
                if attempt is not None:
                    self.do(lambda: self.ask(attempt))

        @rule(which=WHICH, is_forged=st.booleans())
        def is_called_about(self, which, is_forged):
            """A notice or a browser, genuine, late, again or forged: what is forged changes nothing."""
            attempt = self.attempt(which)
            fields = till.call_about(attempt, is_forged=is_forged) if attempt is not None else None
            if fields is None:
                return

            def act():
                fresh = PaymentAttempt.objects.get(pk=attempt.pk)
                try:
                    return asking.hear(fresh, fields, gateways=till.gateways, by=SYSTEM, at=self.at)
                except ForgedNoticeError:
                    assert is_forged
                    return None

            self.do(act)
            if is_forged:
                assert PaymentAttempt.objects.get(pk=attempt.pk).state == attempt.state

        @rule(
            which=WHICH,
            other=st.sampled_from([{"cents": 1}, {"reference": "2026AUTRE"}, {"merchant": "9"}, {"mode": "test"}]),
        )
        def is_answered_about_something_else(self, which, other):
            attempt = self.attempt(which)
            if attempt is not None:
                till.mistake(attempt, other)
                before = attempt.state
                after = self.do(lambda: self.ask(attempt))
                assert after is None or before == "paid" or after != "paid" or till.is_paid(attempt)

        @rule(is_down=st.booleans())
        def goes_down_or_comes_back(self, is_down):
            till.be(is_down=is_down)

        # ---------------------------------------- what agents do meanwhile
        @rule(which=WHICH)
        def an_agent_settles(self, which):
            place = self.held(which)
            if place is not None:
                self.touched.add(place.pk)
                invoice = self.do(lambda: settle_at_desk(place, authority=town.authority, by=AGENT, at=self.at))
                self.cashed += invoice.total_cents if invoice is not None else 0

        @rule(which=WHICH)
        def an_agent_gives_back(self, which):
            place = self.held(which)
            if place is not None:
                self.touched.add(place.pk)
                self.do(lambda: release_held_place(place, reason="doublon", by=AGENT, at=self.at))

        @rule(which=WHICH, is_refunded=st.booleans())
        def an_agent_cancels(self, which, is_refunded):
            place = self.one_of(Reservation.objects.exclude(state="cancelled"), which)
            if place is not None:
                self.touched.add(place.pk)
                self.do(lambda: cancel_for_family(place, reason="grève", is_refunded=is_refunded, by=AGENT, at=self.at))

        @rule(which=WHICH, cents=st.integers(100, 2500))
        def an_agent_cashes(self, which, cents):
            payer = self.one_of(PayerAccount.objects.filter(family__isnull=False), which)
            if payer is not None:
                posting = self.do(
                    lambda: record_payment(payer, cents=cents, means="cash", date=self.at.date(), by=AGENT, at=self.at)
                )
                self.cashed += cents if posting is not None else 0

        @rule(which=WHICH, cents=st.integers(1, 2500))
        def an_agent_refunds(self, which, cents):
            payer = self.one_of(PayerAccount.objects.filter(family__isnull=False), which)
            if payer is not None:
                posting = self.do(
                    lambda: refund_wallet(
                        payer, cents=cents, means="transfer", date=self.at.date(), by=AGENT, at=self.at
                    )
                )
                self.cashed -= cents if posting is not None else 0

        @rule(which=WHICH)
        def an_agent_takes_the_money_of_an_attempt(self, which):
            attempt = self.attempt(which)
            if attempt is not None:
                self.do(lambda: pay_at_desk(attempt, means="cash", by=AGENT, at=self.at))

        @rule(home=st.integers(0, 1), cents=st.integers(100, 1500))
        def a_month_is_invoiced(self, home, cents):
            issue_invoice(town.homes[home].family, town.products[0].activity.service.regie, cents=cents)
            self.keep_wallets()

        def keep_wallets(self):
            with permitted("test"):
                PayerAccount.objects.update(keeps_wallet=self.keeps)

        # ---------------------------------------- what the clock does
        @rule(minutes=st.sampled_from(WAITS))
        def time_passes(self, minutes):
            self.at += timedelta(minutes=minutes)

        @rule()
        def the_minute_strikes(self):
            self.do(self.follow)

        @rule()
        def the_night_comes(self):
            self.do(self.reconcile)

        def follow(self):
            at = self.at
            asking.ask_all(attempts_to_ask(at=at), gateways=till.gateways, by=SYSTEM, moment=lambda: at)
            for attempt in desk_attempts_over(at=at):
                expire_at_desk(attempt, by=SYSTEM, at=at)
            release_expired_holds(kept=places_being_paid(), by=SYSTEM, at=at)

        def reconcile(self):
            at = self.at
            doubtful = attempts_since(at - timedelta(days=2))
            asking.ask_all(doubtful, gateways=till.gateways, by=SYSTEM, moment=lambda: at)

        @rule(statement=st.integers(0, 90))
        def the_next_is_cut(self, statement):
            self.crash_at = statement

        # ---------------------------------------- what holds
        def come_to_rest(self):
            """Long after, everything has an end, and what was paid is credited."""
            self.crash_at = None
            till.be(is_down=False)
            for _ in range(2):
                self.at += timedelta(days=4)
                self.follow()
            for attempt in PaymentAttempt.objects.all():
                if till.is_paid(attempt):
                    assert self.ask(attempt) == "paid"
                else:
                    self.ask(attempt)
            self.holds()
            assert not PaymentAttempt.objects.open().exists()
            assert not Reservation.objects.filter(state="held").exists()

        @invariant()
        def holds(self):
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            assert ledger_faults() == []
            assert_every_place_is_counted()
            lines = defaultdict(list)
            for line in PaymentLine.objects.filter(reservation__isnull=False).select_related("reservation"):
                lines[line.attempt_id].append(line)
            attempts = list(PaymentAttempt.objects.all())
            self.each_is_credited_once_or_not_at_all(attempts, lines)
            self.each_place_is_one_thing(attempts, lines)
            assert_receipts_are_unbroken(attempts)

        def each_is_credited_once_or_not_at_all(self, attempts, lines):
            brought = defaultdict(list)
            total, wallets = 0, defaultdict(int)
            entries = LedgerEntry.objects.values_list("posting__reference", "account", "payer", "cents")
            for reference, account, payer, cents in entries:
                brought[reference, account].append(cents)
                total += cents if account == "cash" else 0
                wallets[payer] -= cents if account == "wallet" else 0
            paid = 0
            for attempt in attempts:
                is_paid = attempt.state == "paid"
                cash = brought[attempt.reference, "cash"]
                assert cash == ([attempt.cents] if is_paid and attempt.cents else [])
                paid += sum(cash)
                if is_paid:
                    # Places for the money, or the money.
                    assert {line.state for line in lines[attempt.pk]} <= {"settled", "gone", MOVED}
                if is_paid and attempt.purpose == "basket":
                    due = sum(line.cents for line in lines[attempt.pk] if line.state == "settled")
                    assert -sum(brought[attempt.reference, "wallet"]) == max(0, attempt.cents - due)
            assert total == paid + self.cashed
            assert min(wallets.values(), default=0) >= 0

        def each_place_is_one_thing(self, attempts, lines):
            paid_for = set()
            for attempt in attempts:
                is_open = attempt.state in ("created", "redirected")
                found = "paid" if attempt.state == "paid" else "open" if is_open else "ended"
                for line in lines[attempt.pk]:
                    if is_open:
                        paid_for.add(line.reservation_id)
                    if line.state == MOVED:
                        self.what_moved_is_anothers(attempt, line, attempts, lines)
                    elif line.reservation_id not in self.touched:
                        assert (found, line.reservation.state) == EXPECTED[line.state], (line.pk, line.state)
            held = Reservation.objects.filter(state="held").exclude(product=town.products[2].pk)
            assert set(held.values_list("pk", flat=True)) <= paid_for

        def what_moved_is_anothers(self, attempt, line, attempts, lines):
            """An attempt of the same press holds the place, has paid it, or lost it in its turn."""
            twins = [one for one in attempts if one.checkout == attempt.checkout and one.position == attempt.position]
            place = line.reservation.child_id, line.reservation.product_id, line.reservation.date
            others = {
                other.state
                for one in twins
                for other in lines[one.pk]
                if one.pk != attempt.pk
                and (other.reservation.child_id, other.reservation.product_id, other.reservation.date) == place
            }
            assert others
            if attempt.state == "paid":
                assert "settled" in others
            elif line.reservation.state == "held":
                assert "pending" in others
            elif line.reservation.state == "reserved" and line.reservation_id not in self.touched:
                assert "settled" in others

    return Payments


def assert_receipts_are_unbroken(attempts):
    """Each series goes from 1 to its last, and each attempt that brought money has its receipt."""
    numbers = defaultdict(list)
    for posting, *series, sequence in Receipt.objects.order_by("sequence").values_list(
        "posting", "regie", "exercice", "sequence"
    ):
        numbers[tuple(series)].append(sequence)
        numbers[posting] = [posting]
    for *series, last in ReceiptSeries.objects.values_list("regie", "exercice", "last"):
        assert numbers[tuple(series)] == list(range(1, last + 1))
    assert all(one.posting_id in numbers for one in attempts if one.state == "paid" and one.cents)
    assert not Invoice.objects.filter(state="draft").exists()
