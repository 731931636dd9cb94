"""Money that comes at the same instant from everywhere: credited once, and nobody waits for somebody who waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from marelle.domain.billing.models import Invoice, PayerAccount
from marelle.domain.billing.operations.importing import import_invoices
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.families.models import Membership
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings, Receipt
from marelle.domain.payments.operations.attempts import UnableToPayError, begin_again, pay_at_desk
from marelle.domain.payments.operations.checkout import UnableToPayInvoicesError, pay_invoice_without_account
from marelle.domain.payments.operations.withdrawing import UnableToWithdrawError, withdraw_invoice
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.baskets import Refused
from marelle.foundation import tenancy
from marelle.foundation.actors import ANYBODY
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, FRIDAY, THURSDAY
from tests.domain.payments_town import LATER, NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.imported import WATER, import_invoice
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.factories.town import make_authority, make_child, make_product, make_service, make_user
from tests.torture.settling import assert_every_place_is_counted

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


# Somebody else was first: those are answers.
REFUSALS = (UnableToPayError, UnableToPayInvoicesError, UnableToWithdrawError)


class Rush:
    """A town, and many who act in it at once."""

    def __init__(self, at_once, **options):
        self.authority = make_authority("Essai")
        self.at_once = at_once
        with self.scope():
            self.home = PayingHousehold(self.authority, **options)

    def scope(self):
        return tenancy.scope({self.authority.pk})

    def run(self, acts):
        """Do all at the same instant; a refusal is an answer, a deadlock or any other failure is not."""

        def scoped(act):
            def run():
                with self.scope():
                    return act()

            return run

        outcomes = self.at_once([scoped(act) for act in acts])
        failures = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, REFUSALS)]
        assert failures == []
        with self.scope():
            assert_nothing_is_lost()
            assert ledger_faults() == []
            assert_every_place_is_counted()
            numbers = Receipt.objects.order_by("regie", "sequence").values_list("regie", "sequence")
            for regie in {regie for regie, _number in numbers}:
                mine = [number for each, number in numbers if each == regie]
                assert mine == list(range(1, len(mine) + 1))
        return outcomes

    def put_in_wallet(self, cents, home=None):
        home = home or self.home
        pay(issue_invoice(home.family, home.regie, cents=100), 100 + cents, on=NOW.date())
        with permitted("test"):
            PayerAccount.objects.update(keeps_wallet=True)

    def other_parent(self, home):
        """Return the same family as another account sees it, with a basket of its own."""
        other = PayingHousehold(self.authority, name="Benali", town=home)
        user = make_user()
        with permitted("factory"):
            first = Membership.objects.get(family=home.family)
            Membership.objects.create(
                authority=self.authority, user=user, family=home.family, guardian=first.guardian, joined_at=NOW
            )
        other.family, other.user, other.child = home.family, user.pk, home.child
        return other


@pytest.fixture
def rush(at_once):
    return Rush(at_once)


def test_twenty_presses_of_valider_are_one_payment(rush):
    with rush.scope():
        rush.home.wish_days(THURSDAY, FRIDAY)
        content = rush.home.content

    outcomes = rush.run([lambda: rush.home.check_out(content)] * 20)

    assert sum(not one.is_repeated for one in outcomes) == 1
    assert len({one.attempts[0].pk for one in outcomes}) == 1
    with rush.scope():
        assert Reservation.objects.filter(state="held").count() == 2


def test_twenty_notices_at_once_credit_once(rush):
    with rush.scope():
        (attempt,) = rush.home.attempts(THURSDAY, FRIDAY)
        rush.home.begin(attempt)
        rush.home.paper.says(attempt, Result.PAID)

    assert set(rush.run([lambda: rush.home.ask(attempt)] * 20)) == {"paid"}

    with rush.scope():
        assert rush.home.money() == {"cash": 2400, "owed": 0, "wallet": 0}
        assert (Receipt.objects.count(), Invoice.objects.issued().count()) == (1, 1)


def test_twenty_tabs_go_to_one_page(rush):
    with rush.scope():
        (attempt,) = rush.home.attempts(THURSDAY)

    assert len({one.provider_id for one in rush.run([lambda: rush.home.begin(attempt)] * 20)}) == 1


def test_payer_pressed_twenty_times_by_both_parents_is_one_payment(rush):
    with rush.scope():
        other = rush.other_parent(rush.home)
        invoices = [issue_invoice(rush.home.family, rush.home.regie, cents=cents) for cents in (770, 500)]

    def press(who):
        (attempt,) = who.pay_invoices(*invoices)
        return attempt.pk, who.begin(attempt).provider_id

    outcomes = rush.run([lambda who=who: press(who) for who in (rush.home, other)] * 10)

    assert len(set(outcomes)) == 1
    with rush.scope():
        assert PaymentAttempt.objects.count() == 1


def test_paid_without_an_account_ten_times_while_its_family_pays_it_is_one_payment(rush):
    with rush.scope():
        invoice = issue_invoice(rush.home.family, rush.home.regie, cents=770)

    def anybody():
        return pay_invoice_without_account(invoice, gateways=rush.home.gateways, by=ANYBODY, at=NOW)

    def family():
        (attempt,) = rush.home.pay_invoices(invoice)
        return attempt

    def press(who):
        attempt = who()
        provider_id = rush.home.begin(attempt).provider_id
        rush.home.paper.says(attempt, Result.PAID)
        return attempt.pk, provider_id, rush.home.ask(attempt)

    outcomes = rush.run([lambda who=who: press(who) for who in (anybody, family)] * 10)

    paid = [one for one in outcomes if not isinstance(one, Exception)]
    assert len(set(paid)) == 1
    with rush.scope():
        assert PaymentAttempt.objects.count() == 1
        assert rush.home.money() == {"cash": 770, "owed": 0, "wallet": 0}


def test_the_same_file_imported_ten_times_at_once_is_imported_once(rush):
    with rush.scope():
        wanted = [replace(WATER, reference=f"EAU-{place}") for place in range(20)]

    def bring():
        done = import_invoices(rush.home.regie, wanted, origin="file", on=NOW.date(), by=AGENT, at=NOW)
        return len(done.new)

    assert sorted(rush.run([bring] * 10)) == [0] * 9 + [20]
    with rush.scope():
        assert (Invoice.objects.count(), PayerAccount.objects.exclude(debtor_code="").count()) == (20, 1)


def test_withdrawn_while_somebody_goes_to_pay_it_it_is_one_or_the_other(rush):
    with rush.scope():
        invoices = [import_invoice(rush.home.regie, reference=f"EAU-{place}") for place in range(10)]

    def withdraw(invoice):
        return withdraw_invoice(invoice, on=NOW.date(), by=AGENT, at=NOW)

    def press(invoice):
        return pay_invoice_without_account(invoice, gateways=rush.home.gateways, by=ANYBODY, at=NOW)

    rush.run([lambda act=act, one=one: act(one) for one in invoices for act in (withdraw, press)])

    with rush.scope():
        paying = set(PaymentLine.objects.values_list("invoice", flat=True))
        withdrawn = set(Invoice.objects.filter(withdrawn_at__isnull=False).values_list("pk", flat=True))
        assert paying | withdrawn == {one.pk for one in invoices}
        assert not paying & withdrawn


def test_other_sums_of_the_same_invoice_at_once_are_not_both_paid(rush):
    with rush.scope(), permitted("test"):
        PaymentSettings.objects.update(takes_part_payments=True)
        invoice = issue_invoice(rush.home.family, rush.home.regie, cents=2000)

    def press(cents):
        (attempt,) = rush.home.pay_invoices(amounts={invoice: cents})
        rush.home.begin(attempt)

    rush.run([lambda cents=cents: press(cents) for cents in (2000, 1000, 500, 400)] * 4)

    with rush.scope():
        assert PaymentAttempt.objects.open().count() <= 1
        assert PaymentAttempt.objects.exclude(provider_id="").count() <= 1


def test_begun_again_by_twenty_presses_there_is_one_more(rush):
    with rush.scope():
        (attempt,) = rush.home.attempts(THURSDAY)
        rush.home.begin(attempt)

    def press():
        new = begin_again(attempt, gateways=rush.home.gateways, by=rush.home.by, at=NOW + LATER)
        return rush.home.begin(new, at=NOW + LATER).provider_id

    assert len(set(rush.run([press] * 20))) == 1
    with rush.scope():
        assert PaymentAttempt.objects.count() == 2
        assert Reservation.objects.filter(state="held").count() == 1


def test_begun_again_while_the_former_is_paid_and_the_new_one_too_each_is_credited_once(rush):
    with rush.scope():
        (attempt,) = rush.home.attempts(THURSDAY, FRIDAY)
        rush.home.begin(attempt)
        rush.home.paper.says(attempt, Result.PAID)

    def press():
        new = begin_again(attempt, gateways=rush.home.gateways, by=rush.home.by, at=NOW + LATER)
        rush.home.begin(new, at=NOW + LATER)
        rush.home.paper.says(new, Result.PAID)
        rush.home.ask(new, at=NOW + LATER * 2)

    rush.run([press, lambda: rush.home.ask(attempt, at=NOW + LATER * 2)] * 8)

    with rush.scope():
        paid = PaymentAttempt.objects.filter(state="paid").count()
        assert rush.home.money() == {"cash": 2400 * paid, "owed": 0, "wallet": 2400 * (paid - 1)}
        assert Reservation.objects.filter(state="reserved").count() == 2


def test_the_last_place_wanted_by_two_while_a_late_payment_comes_is_had_once(at_once):
    rush = Rush(at_once, capacity=1)
    with rush.scope():
        others = [PayingHousehold(rush.authority, name=name, town=rush.home) for name in ("Benali", "Martin")]
        (attempt,) = rush.home.attempts(THURSDAY)
        rush.home.begin(attempt)
        rush.home.paper.says(attempt, Result.ABANDONED)
        rush.home.ask(attempt)
        rush.home.paper.says(attempt, Result.PAID)
        for other in others:
            other.wish_days(THURSDAY)
        contents = [other.content for other in others]

    outcomes = rush.run(
        [
            *(
                lambda other=other, content=content: other.check_out(content)
                for other, content in zip(others, contents, strict=True)
            ),
            lambda: rush.home.ask(attempt),
        ]
    )

    with rush.scope():
        (place,) = Reservation.objects.exclude(state="cancelled")
        late_has_it = place.family_id == rush.home.family.pk
        assert rush.home.money() == {"cash": 1200, "owed": 0, "wallet": 0 if late_has_it else 1200}
        assert sum(not isinstance(one, Refused) for one in outcomes[:2]) == (not late_has_it)


def test_paid_at_the_desk_while_somebody_goes_to_pay_online_it_is_paid_once(rush):
    with rush.scope():
        (attempt,) = rush.home.attempts(THURSDAY)

    rush.run(
        [
            *[lambda: pay_at_desk(attempt, means="cash", by=AGENT, at=NOW + LATER)] * 3,
            *[lambda: rush.home.begin(attempt)] * 3,
            *[lambda: rush.home.ask(attempt)] * 3,
        ]
    )

    with rush.scope():
        row = PaymentAttempt.objects.get()
        assert (row.state, bool(row.provider_id)) in {("paid", False), ("redirected", True)}


def test_a_wallet_used_by_two_parents_at_once_is_spent_once(rush):
    with rush.scope():
        mother, father = rush.home, rush.other_parent(rush.home)
        rush.put_in_wallet(1500)
        mother.wish_days(THURSDAY)
        father.wish_days(FRIDAY)
        contents = mother.content, father.content

    rush.run(
        [
            lambda: mother.check_out(contents[0], from_wallet=True),
            lambda: father.check_out(contents[1], from_wallet=True),
        ]
    )

    with rush.scope():
        paid, asked = PaymentAttempt.objects.order_by("cents")
        assert (paid.state, paid.wallet_cents, asked.wallet_cents, asked.cents) == ("paid", 1200, 300, 900)


def test_everything_at_once_in_two_tills_never_waits_in_a_ring(at_once):
    """Payers, series, families and places, taken by whoever comes: what was locked in another order would show here."""
    rush = Rush(at_once, capacity=40)
    with rush.scope():
        regie = make_regie(rush.authority, "A. Piscine")
        with permitted("factory"):
            PaymentSettings.objects.create(
                authority=rush.authority, regie=regie, gateway="payfip", mode="production", number="654321"
            )
        service = make_service(rush.authority, name="Piscine", payment_mode="prepaid", regie=regie)
        swimming = make_product(rush.authority, service=service, name="Bassin", capacity=40, price_cents=500)
        acts = []
        for number in range(6):
            home = rush.home if number == 0 else PayingHousehold(rush.authority, name=f"F{number}", town=rush.home)
            home.child = make_child(home.family, "Sofia", products=(home.product, swimming))
            rush.put_in_wallet(900, home)
            attempts = [home.attempts(THURSDAY)[0]]
            home.wish_days(FRIDAY, product=swimming)
            attempts += home.check_out().attempts
            for attempt in attempts:
                home.begin(attempt)
                home.paper.says(attempt, Result.PAID if number % 3 else Result.ABANDONED)
                acts += [lambda home=home, attempt=attempt: home.ask(attempt)] * 2
            father = rush.other_parent(home)
            father.wish_days(FRIDAY)
            father.wish_days(THURSDAY, product=swimming)
            content = father.content
            acts.append(lambda father=father, content=content: father.check_out(content, from_wallet=True))
            invoices = [issue_invoice(home.family, each, cents=300) for each in (home.regie, regie)]
            acts.append(lambda home=home, due=invoices: home.pay_invoices(*due, from_wallet=True))
            other_way = invoices[::-1]
            acts.append(lambda home=home, due=other_way: home.pay_invoices(*due, from_wallet=True))
            acts.append(lambda home=home: issue_invoice(home.family, home.regie, cents=200))

    rush.run(acts)

    with rush.scope():
        assert PaymentAttempt.objects.filter(state="paid", purpose="basket").count() >= 8
        assert not Reservation.objects.filter(state="held", held_until__lt=NOW + timedelta(hours=1)).exists()
