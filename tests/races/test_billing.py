"""Numbers without a gap, and money counted once, whoever issues, pays and refunds at the same instant."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import BillingRun, Invoice, ManualCharge, NumberSeries, PayerAccount, Posting
from marelle.domain.billing.operations import runs
from marelle.domain.billing.operations.drafting import write_drafts
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.operations.ledger import (
    UnableToRefundError,
    record_payment,
    refund_wallet,
)
from marelle.domain.billing.operations.manual import add_manual_charge
from marelle.domain.billing.operations.runs import UnableToBillError, WhyNot
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.queries import offer_of
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.periods import Period
from marelle.foundation.writes import operation, permitted
from tests.domain.billing_town import (
    NOVEMBER,
    assert_ledger_holds,
    billed,
    drafted,
    make_regie,
    morning_after,
    owed,
    started,
    wallet,
)
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

FIRST, SECOND = date(2026, 11, 5), date(2026, 11, 6)
AT = datetime(2026, 12, 1, 8, tzinfo=UTC)


class Till:
    """A régie, its product, and families that came two days."""

    def __init__(self, authority, families):
        self.authority = authority
        self.regie = make_regie(authority)
        self.product = make_product(authority, price_cents=300, slot_days=None)
        with permitted("factory"), tenancy.scope({authority.pk}):
            Service.objects.filter(activities__products=self.product).update(regie=self.regie)
            self.service = Service.objects.get(activities__products=self.product).pk
        self.families = []
        for _ in range(families):
            family = make_family(authority)
            child = make_child(family, products=(self.product,))
            for day in (FIRST, SECOND):
                make_reservation(child, self.product, day, family=family)
            self.families.append(family)

    def in_scope(self, act):
        def run():
            with tenancy.scope({self.authority.pk}):
                return act()

        return run

    def approved(self, **options):
        with tenancy.scope({self.authority.pk}):
            run = drafted(self.regie, services=[self.service], **options)
            runs.approve_run(run, by=SYSTEM, at=AT)
        return run

    def issue_run(self, run):
        def act():
            row = BillingRun.objects.get(pk=run.pk)
            while runs.issue_some(row, by=SYSTEM, at=AT):
                pass

        return self.in_scope(act)

    def issue_alone(self, family, day):
        """Issue the invoice of one family and day by itself, as a correction or a day paid at the desk does."""

        @operation
        def alone(regie, *, by, at):
            found = bill(
                [family.pk],
                regie=regie.pk,
                services=[self.service],
                period=Period(day, day),
                offer=offer_of(Authority.objects.get(pk=self.authority.pk)),
                at=at,
            )
            drafts = write_drafts(
                found, run=None, regie=regie, label="Seule", invoiced_on=at.date(), at=at, starts_on=day, ends_on=day,
                exercice=2026, due_on=at.date(),
            )  # fmt: skip
            issue(drafts, regie=regie, exercice=2026, issued_on=at.date(), by=by, at=at)

        return self.in_scope(lambda: alone(Regie.objects.get(pk=self.regie.pk), by=SYSTEM, at=AT))


@pytest.fixture
def small_steps(monkeypatch):
    """Many steps of few invoices, so that they mix."""
    monkeypatch.setattr(runs, "INVOICES_AT_ONCE", 3)


def assert_no_error(outcomes):
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []


def test_runs_of_two_regies_and_two_workers_of_each_number_without_a_gap(at_once, small_steps):
    authority = make_authority()
    tills = [Till(authority, 12) for _ in range(2)]
    approved = [till.approved() for till in tills]

    outcomes = at_once([till.issue_run(run) for till, run in zip(tills, approved, strict=True) for _ in range(2)])

    assert_no_error(outcomes)
    with tenancy.scope({authority.pk}):
        for till in tills:
            numbers = Invoice.objects.issued().filter(regie=till.regie).values_list("sequence", flat=True)
            assert sorted(numbers) == list(range(1, 13))
        assert Posting.objects.count() == 24
    assert_ledger_holds()


def test_single_invoices_issued_beside_a_run_share_its_series_without_a_gap(at_once, small_steps):
    authority = make_authority()
    till = Till(authority, 12)
    run = till.approved(days=(NOVEMBER[0], FIRST), at=morning_after(FIRST))

    outcomes = at_once(
        [till.issue_run(run), till.issue_run(run), *(till.issue_alone(family, SECOND) for family in till.families)]
    )

    assert_no_error(outcomes)
    with tenancy.scope({authority.pk}):
        assert NumberSeries.objects.get().last == Invoice.objects.issued().count() == 24
        assert {row.total_cents for row in Invoice.objects.issued()} == {300}
    assert_ledger_holds()


def test_the_same_day_issued_alone_beside_its_run_is_invoiced_once(at_once, small_steps):
    authority = make_authority()
    till = Till(authority, 6)
    run = till.approved()

    outcomes = at_once([till.issue_run(run), *(till.issue_alone(family, FIRST) for family in till.families)])

    assert_no_error(outcomes)
    with tenancy.scope({authority.pk}):
        # Whatever came first; what was set aside is for the next run, and an invoice alone knows what was issued.
        billed(till.regie, services=[till.service], at=AT + timedelta(days=1))
        for family in till.families:
            payer = PayerAccount.objects.get(family=family)
            assert owed(payer) == 600
    assert_ledger_holds()


def test_a_draft_is_issued_once_by_ten_workers(at_once):
    authority = make_authority()
    till = Till(authority, 1)
    with tenancy.scope({authority.pk}):
        run = drafted(till.regie, services=[till.service])
        draft = Invoice.objects.get(run=run)

    @operation
    def press(regie, *, by, at):
        issue([draft], regie=regie, exercice=2026, issued_on=at.date(), by=by, at=at)

    outcomes = at_once([till.in_scope(lambda: press(till.regie, by=SYSTEM, at=AT)) for _ in range(10)])

    assert_no_error(outcomes)
    with tenancy.scope({authority.pk}):
        assert (NumberSeries.objects.get().last, Posting.objects.count()) == (1, 1)
    assert_ledger_holds()


def test_lines_added_by_hand_while_invoices_are_issued_wait_or_are_refused(at_once, small_steps):
    authority = make_authority()
    till = Till(authority, 12)
    run = till.approved()
    with tenancy.scope({authority.pk}):
        payers = list(PayerAccount.objects.all())

    def add(payer):
        return till.in_scope(
            lambda: add_manual_charge(
                payer, authority=authority, label="Badge", cents=500, date=FIRST, reason="Perdu", by=SYSTEM, at=AT
            )
        )

    outcomes = at_once([till.issue_run(run), *(add(payer) for payer in payers)])

    assert {type(outcome) for outcome in outcomes} <= {type(None), ManualCharge, UnableToBillError}
    with tenancy.scope({authority.pk}):
        assert Invoice.objects.issued().count() == 12
    assert_ledger_holds()


def test_of_ten_runs_started_at_once_one_is_open(at_once):
    authority = make_authority()
    till = Till(authority, 1)

    outcomes = at_once([till.in_scope(lambda: started(till.regie, services=[till.service])) for _ in range(10)])

    opened = [outcome for outcome in outcomes if isinstance(outcome, BillingRun)]
    refused = [outcome.why for outcome in outcomes if isinstance(outcome, UnableToBillError)]
    assert (len(opened), refused) == (1, [WhyNot.ANOTHER_IS_OPEN] * 9)


def test_payments_and_refunds_at_once_never_take_more_than_there_is(at_once):
    authority = make_authority()
    till = Till(authority, 1)
    with tenancy.scope({authority.pk}):
        billed(till.regie, services=[till.service])
        payer = PayerAccount.objects.get()

    def pay():
        return record_payment(payer, cents=200, means="card", date=AT.date(), by=SYSTEM, at=AT)

    def refund():
        return refund_wallet(payer, cents=150, means="transfer", date=AT.date(), by=SYSTEM, at=AT)

    outcomes = at_once([till.in_scope(act) for _ in range(8) for act in (pay, refund)])

    refunds = sum(isinstance(one, Posting) and one.kind == Posting.Kind.REFUND for one in outcomes)
    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, UnableToRefundError)] == []
    with tenancy.scope({authority.pk}):
        assert owed(payer) == 0
        assert wallet(payer) == 8 * 200 - 600 - refunds * 150 >= 0
    assert_ledger_holds()


def test_a_wallet_given_back_while_invoices_are_issued_is_spent_once(at_once):
    authority = make_authority()
    till = Till(authority, 8)
    with tenancy.scope({authority.pk}):
        billed(till.regie, days=(NOVEMBER[0], FIRST), services=[till.service], at=AT)
        payers = list(PayerAccount.objects.all())
        for payer in payers:
            record_payment(payer, cents=500, means="card", date=AT.date(), by=SYSTEM, at=AT)
    run = till.approved(at=AT + timedelta(minutes=1))

    def refund(payer):
        return till.in_scope(
            lambda: refund_wallet(payer, cents=200, means="transfer", date=AT.date(), by=SYSTEM, at=AT)
        )

    outcomes = at_once([till.issue_run(run), *(refund(payer) for payer in payers)])

    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, UnableToRefundError)] == []
    with tenancy.scope({authority.pk}):
        for payer in payers:
            refunded = Posting.objects.filter(payer=payer, kind="refund").count()
            assert (owed(payer), wallet(payer)) == ((300, 0) if refunded else (100, 0))
    assert_ledger_holds()


def test_without_the_lock_of_the_series_the_same_rush_gives_a_number_four_times_and_the_table_refuses_three(
    at_once, monkeypatch
):
    """The series is read without its lock, everybody waits for everybody, then all write."""
    authority = make_authority()
    till = Till(authority, 4)
    with tenancy.scope({authority.pk}):
        run = drafted(till.regie, services=[till.service])
        drafts = list(Invoice.objects.filter(run=run))
        with permitted("factory"):
            NumberSeries.objects.create(authority=authority, regie=till.regie, exercice=2026)
    everybody_has_read = threading.Barrier(4)

    class Unlocked:
        def __init__(self, rows):
            self.rows = rows

        def get(self, **where):
            row = self.rows.get(**where)
            everybody_has_read.wait(30)
            return row

    monkeypatch.setattr(NumberSeries.objects, "select_for_update", lambda: Unlocked(NumberSeries.objects.all()))

    @operation
    def press(regie, draft, *, by, at):
        issue([draft], regie=regie, exercice=2026, issued_on=at.date(), by=by, at=at)

    outcomes = at_once(
        [till.in_scope(lambda draft=draft: press(till.regie, draft, by=SYSTEM, at=AT)) for draft in drafts]
    )

    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 3
    assert all(isinstance(one, IntegrityError) and "invoice_by_number" in str(one) for one in refused)
