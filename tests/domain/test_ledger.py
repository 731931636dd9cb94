"""The ledger: what the database holds by itself, how money settles invoices, and what the numbers say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from marelle.domain.billing.models import (
    Invoice,
    InvoiceLine,
    LedgerEntry,
    ManualCharge,
    NumberSeries,
    PayerAccount,
    Posting,
)
from marelle.domain.billing.operations import runs
from marelle.domain.billing.operations.issuing import ISSUED_SINCE, issue
from marelle.domain.billing.operations.ledger import (
    HIGHEST_CENTS,
    UnableToRecordPaymentError,
    UnableToRefundError,
    record_payment,
    refund_wallet,
)
from marelle.domain.billing.operations.runs import UnableToBillError, WhyNot
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.domain.catalog.models import Service
from marelle.domain.families.models import Custody, Family
from marelle.domain.reservations.models import Enrollment, Reservation
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import operation, permitted
from tests.domain.billing_town import (
    NOVEMBER,
    assert_ledger_holds,
    billed,
    drafted,
    issue_all,
    make_regie,
    morning_after,
    owed,
    started,
    wallet,
)
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 5)
AT = datetime(2026, 12, 1, 8, tzinfo=UTC)
DECEMBER = (date(2026, 12, 1), date(2026, 12, 31))


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return Town(authority)


class Town:
    def __init__(self, authority):
        self.authority = authority
        self.regie = make_regie(authority)
        self.product = make_product(authority, price_cents=300, slot_days=None)
        self.serve(self.product)

    def serve(self, product, regie=None):
        with permitted("factory"):
            Service.objects.filter(activities__products=product).update(regie=regie or self.regie)

    def family(self, name="Clairon", days=1, *, product=None, first=DAY):
        product = product or self.product
        family = make_family(self.authority, name)
        child = make_child(family, products=(product,))
        for place in range(days):
            make_reservation(child, product, first + timedelta(days=place), family=family)
        return family

    def payer(self, family):
        return PayerAccount.objects.get(family=family, regie=self.regie)

    def bill(self, **options):
        return billed(self.regie, **options)

    def pay(self, payer, cents, **options):
        return record_payment(payer, cents=cents, means="card", date=AT.date(), by=SYSTEM, at=AT, **options)


# --------------------------------------------------------------------------------------- what the database holds itself
def test_a_posting_that_does_not_sum_to_zero_is_refused_at_commit(town):
    payer = _payer(town)
    posting = _posting(town, payer)

    with permitted("attack"), pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
        _enter(posting, account="receivable", payer=payer, cents=100)


def test_a_posting_completed_later_is_judged_as_a_whole(town):
    payer = _payer(town)
    posting = _posting(town, payer)
    with permitted("attack"), transaction.atomic():
        _enter(posting, {"account": "receivable", "payer": payer, "cents": 100}, {"account": "revenue", "cents": -100})

    with permitted("attack"), pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic():
        _enter(posting, account="cash", cents=1)


def _enter(posting, *entries, **one):
    """Write entries, and have them judged as at commit."""
    for entry in (*entries, *([one] if one else [])):
        LedgerEntry.objects.create(authority_id=posting.authority_id, posting=posting, **entry)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


WRITES = {
    "UPDATE billing_ledgerentry SET cents = cents + 1": "only grows",
    "UPDATE billing_ledgerentry SET invoice_id = NULL": "only grows",
    "DELETE FROM billing_ledgerentry": "only grows",
    "UPDATE billing_posting SET date = date + 1": "only grows",
    "DELETE FROM billing_posting": "only grows",
    "UPDATE billing_invoice SET total_cents = 0 WHERE state = 'issued'": "correct it by another one",
    "UPDATE billing_invoice SET state = 'draft', sequence = NULL WHERE state = 'issued'": "correct it by another one",
    "UPDATE billing_invoice SET payer_name = 'X' WHERE state = 'issued'": "correct it by another one",
    "DELETE FROM billing_invoice WHERE state = 'issued'": "correct it by another one",
    "UPDATE billing_invoiceline SET unit_cents = 0": "its lines are frozen",
    "DELETE FROM billing_invoiceline": "its lines are frozen",
    "INSERT INTO billing_invoiceline (authority_id, invoice_id, position, kind, label, days, unit_cents, total_cents, "
    "steps, components) SELECT authority_id, id, 9, 'manual', 'x', '{}', 1, 1, '[]', '[]' FROM billing_invoice "
    "WHERE state = 'issued'": "its lines are frozen",
    "INSERT INTO billing_posting (authority_id, public_id, regie_id, payer_id, kind, date, at, invoice_id) "
    "SELECT authority_id, 'abcdefghijkl', regie_id, payer_id, kind, date, at, invoice_id FROM billing_posting "
    "WHERE kind = 'invoice'": "one_posting_of_an_invoice",
}


@pytest.mark.parametrize("statement", WRITES)
def test_what_is_issued_and_posted_stays_as_it_is(town, statement):
    town.family()
    town.bill()

    with permitted("attack"), pytest.raises(IntegrityError, match=WRITES[statement]), transaction.atomic():
        connection.cursor().execute(statement)


def test_a_line_of_a_draft_cannot_be_moved_into_an_issued_invoice(town):
    town.family(days=2)
    (issued,) = town.bill(days=(NOVEMBER[0], DAY), at=AT)
    drafted(town.regie, days=NOVEMBER)

    with permitted("attack"), pytest.raises(IntegrityError, match="its lines are frozen"), transaction.atomic():
        InvoiceLine.objects.exclude(invoice=issued).update(invoice=issued)


def test_an_issued_invoice_may_be_handed_over_to_the_tresor(town):
    town.family()
    (invoice,) = town.bill()

    with permitted("test"):
        Invoice.objects.filter(pk=invoice.pk).update(recovery_at=AT, recovery_number="T-12")

    assert Invoice.objects.get().recovery_number == "T-12"


def test_a_posting_may_lose_the_name_of_who_recorded_it_and_nothing_else(town):
    from tests.factories.town import make_user

    family = town.family()
    town.bill()
    user = make_user()
    with permitted("test"):
        posting = Posting.objects.create(
            authority=town.authority,
            regie=town.regie,
            payer=town.payer(family),
            kind="payment",
            date=DAY,
            at=AT,
            by=user,
        )
        Posting.objects.filter(pk=posting.pk).update(by=None)
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            Posting.objects.filter(pk=posting.pk).update(by=user)


def _payer(town):
    with permitted("factory"):
        return PayerAccount.objects.create(authority=town.authority, regie=town.regie, name="Clairon")


def _posting(town, payer):
    with permitted("factory"):
        return Posting.objects.create(
            authority=town.authority, regie=town.regie, payer=payer, kind="payment", date=DAY, at=AT
        )


# -------------------------------------------------------------------------------------------------------------- numbers
def test_numbers_follow_one_another_from_run_to_run_in_the_pattern_of_the_regie(town):
    with permitted("factory"):
        town.regie.number_pattern = "{exercice}-CA-00-{numero}"
        town.regie.save()
    for name in ("Zola", "Aubert", "Martin"):
        town.family(name, days=2)
    first = town.bill(days=(NOVEMBER[0], DAY), at=AT)
    second = town.bill()

    assert [invoice.number for invoice in (*first, *second)] == [f"2026-CA-00-{n}" for n in range(1, 7)]
    assert [invoice.payer_name for invoice in first] == ["Aubert", "Martin", "Zola"]
    assert_ledger_holds()


def test_each_regie_and_each_exercice_has_its_own_numbers(town):
    town.family("Aubert", days=2)
    other = make_regie(town.authority)
    product = make_product(town.authority, slot_days=None)
    town.serve(product, other)
    town.family("Zola", product=product)

    (first,) = town.bill(days=(NOVEMBER[0], DAY), at=AT)
    (second,) = billed(other)
    (third,) = town.bill(exercice=2027)

    assert [(one.exercice, one.sequence) for one in (first, second, third)] == [(2026, 1), (2026, 1), (2027, 1)]
    assert_ledger_holds()


def test_an_issue_that_fails_leaves_no_gap(town):
    for name in ("Aubert", "Martin"):
        town.family(name, days=2)
    run = drafted(town.regie, days=(NOVEMBER[0], DAY), at=AT)
    runs.approve_run(run, by=SYSTEM, at=AT)

    @operation
    def fail(regie, *, by, at):
        issue(list(Invoice.objects.filter(run=run)), regie=regie, exercice=2026, issued_on=at.date(), by=by, at=at)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail(town.regie, by=SYSTEM, at=AT)
    assert not NumberSeries.objects.filter(last__gt=0).exists()
    assert not Posting.objects.exists()

    while runs.issue_some(run, by=SYSTEM, at=AT):
        pass
    assert list(Invoice.objects.issued().order_by("sequence").values_list("sequence", flat=True)) == [1, 2]
    assert_ledger_holds()


def test_what_is_issued_already_is_not_numbered_again(town):
    town.family()
    (invoice,) = town.bill()

    @operation
    def again(regie, *, by, at):
        issue([invoice], regie=regie, exercice=2026, issued_on=at.date(), by=by, at=at)

    again(town.regie, by=SYSTEM, at=AT)

    assert NumberSeries.objects.get().last == 1
    assert Posting.objects.count() == 1
    assert_ledger_holds()


# ---------------------------------------------------------------------------------------------------- invoices and runs
def test_a_draft_overtaken_by_another_invoice_of_the_same_days_is_set_aside(town):
    town.family("Aubert", days=2)
    town.family("Zola", days=2)
    run = drafted(town.regie)
    _issue_beside(town, "Aubert")

    issued = issue_all(run)

    assert [invoice.payer_name for invoice in issued] == ["Zola"]
    aside = Invoice.objects.get(run=run, payer_name="Aubert")
    assert (aside.state, aside.reason) == (Invoice.State.SET_ASIDE, ISSUED_SINCE)
    # What the other one did not hold is billed by the next run.
    assert [invoice.total_cents for invoice in town.bill()] == [300]
    assert_ledger_holds()


def test_an_invoice_of_other_days_does_not_overtake_a_draft(town):
    family = town.family("Aubert", days=2)
    run = drafted(town.regie)
    child = family.custodies.get().child
    make_reservation(child, town.product, DECEMBER[0], family=family)
    _issue_beside(town, "Aubert", days=(DECEMBER[0], DECEMBER[0]))

    assert [invoice.total_cents for invoice in issue_all(run)] == [600]


def _issue_beside(town, name, days=(NOVEMBER[0], DAY)):
    """Issue the invoice of one family alone, as a correction does, while a run is in review."""
    from marelle.domain.billing.operations.drafting import write_drafts
    from marelle.domain.billing.queries.to_bill import bill
    from marelle.domain.catalog.queries import offer_of
    from marelle.foundation.periods import Period

    @operation
    def alone(regie, *, by, at):
        family = Family.objects.get(name=name)
        found = bill(
            [family.pk],
            regie=regie.pk,
            services=list(Service.objects.values_list("pk", flat=True)),
            period=Period(*days),
            offer=offer_of(town.authority),
            at=at,
        )
        drafts = write_drafts(
            found, run=None, regie=regie, label="Seule", invoiced_on=at.date(), at=at, starts_on=days[0],
            ends_on=days[1], exercice=2026, due_on=at.date(),
        )  # fmt: skip
        issue(drafts, regie=regie, exercice=2026, issued_on=at.date(), by=by, at=at)

    alone(town.regie, by=SYSTEM, at=morning_after(NOVEMBER[1]) + timedelta(minutes=5))


def test_a_correction_whose_lines_make_up_for_each_other_is_issued(town):
    from marelle.domain.billing.operations.corrections import UnableToCorrectError, correct

    family = town.family()
    (invoice,) = town.bill()
    other = make_child(family, "Tom", products=(town.product,))
    with permitted("test"):
        Reservation.objects.update(child=other)

    corrected = correct(invoice, authority=town.authority, reason="Erreur", by=SYSTEM, at=AT + timedelta(days=1))

    assert (corrected.total_cents, [line.total_cents for line in corrected.lines.order_by("total_cents")]) == (
        0,
        [-300, 300],
    )
    with pytest.raises(UnableToCorrectError):
        correct(invoice, authority=town.authority, reason="Erreur", by=SYSTEM, at=AT + timedelta(days=1))
    assert_ledger_holds()


def test_a_service_of_another_regie_is_not_billed_by_this_one(town):
    other = make_regie(town.authority)
    town.serve(town.product, other)
    town.family()

    with pytest.raises(UnableToBillError) as refused:
        started(town.regie)
    assert refused.value.why is WhyNot.NO_SERVICE


def test_withdrawn_from_a_home_a_child_no_longer_gives_a_rank_there(town):
    from marelle.domain.reservations.queries.homes import homes_of

    family = town.family()
    elder = make_child(family, "Max", products=(town.product,), birth_date=date(2014, 1, 1))
    with permitted("test"):
        Custody.objects.filter(child=elder).update(ends_on=date(2026, 10, 31))

    home = homes_of([family.pk], authority=town.authority.pk)[family.pk]

    younger = next(child.pk for child in home.children if child.pk != elder.pk)
    assert home.facts(younger, town.product.activity_id, date(2026, 10, 31)).rank == 2
    assert home.facts(younger, town.product.activity_id, date(2026, 11, 1)).rank == 1


def test_of_two_homes_one_pays_the_packages_and_each_its_own_days(town):
    from marelle.domain.catalog.models import Tariff

    with permitted("test"):
        Tariff.objects.filter(product=town.product).update(
            rules={
                "price": "3,00",
                "packages": [
                    {"code": "mois", "name": "Forfait", "per": "month", "price": "20,00", "includes_days": False}
                ],
            }
        )
    mother = town.family("Aubert", days=2)
    child = mother.custodies.get().child
    father = make_family(town.authority, "Zola")
    with permitted("test"):
        Enrollment.objects.filter(child=child).update(formula="mois")
        Custody.objects.create(authority=town.authority, child=child, family=father, starts_on=date(2020, 1, 1))
    make_reservation(child, town.product, date(2026, 11, 12), family=father)

    assert [(one.payer_name, one.total_cents) for one in town.bill()] == [("Aubert", 2600), ("Zola", 300)]


# ---------------------------------------------------------------------------------------------------------- settlements
def test_the_balance_of_a_payer_is_known_at_any_date(town):
    family = town.family(days=2)
    town.bill(days=(NOVEMBER[0], DAY), at=AT)
    payer = town.payer(family)
    town.pay(payer, 300)
    town.bill(at=AT + timedelta(days=5))

    balances = {
        day: balances_of([payer.pk], on=day)[payer.pk].owed
        for day in (AT.date() - timedelta(days=1), AT.date(), AT.date() + timedelta(days=5))
    }

    assert list(balances.values()) == [0, 0, 300]


def test_a_payment_settles_the_invoices_given_then_the_soonest_due(town):
    family = town.family(days=3)
    invoices = [
        town.bill(days=(NOVEMBER[0], DAY + timedelta(days=place)), at=AT + timedelta(days=place))[0]
        for place in range(3)
    ]
    payer = town.payer(family)
    town.pay(payer, 500, invoices=[invoices[2]])

    assert [owed(payer, invoice=invoice) for invoice in invoices] == [100, 300, 0]
    assert wallet(payer) == 0
    assert_ledger_holds()


def test_an_invoice_named_twice_is_paid_once(town):
    family = town.family(days=1)
    (invoice,) = town.bill()
    payer = town.payer(family)
    town.pay(payer, 1000, invoices=[invoice, invoice])

    assert (owed(payer), owed(payer, invoice=invoice), wallet(payer)) == (0, 0, 700)


def test_what_is_paid_over_waits_in_the_wallet_and_pays_the_next_invoice(town):
    family = town.family(days=2)
    town.bill(days=(NOVEMBER[0], DAY), at=AT)
    payer = town.payer(family)
    town.pay(payer, 500)
    assert (owed(payer), wallet(payer)) == (0, 200)

    town.bill()

    assert (owed(payer), wallet(payer)) == (100, 0)
    assert_ledger_holds()


def test_a_credit_settles_the_oldest_debt_first_and_never_that_of_another_regie(town):
    family = town.family(days=3)
    other = make_regie(town.authority)
    product = make_product(town.authority, price_cents=900, slot_days=None)
    town.serve(product, other)
    child = family.custodies.get().child
    with permitted("test"):
        Enrollment.objects.create(
            authority=town.authority, child=child, activity=product.activity,
            starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 2),
        )  # fmt: skip
    make_reservation(child, product, DAY, family=family)
    (elsewhere,) = billed(other)
    invoices = [
        town.bill(days=(NOVEMBER[0], DAY + timedelta(days=place)), at=AT + timedelta(days=place))[0]
        for place in range(3)
    ]
    payer = town.payer(family)
    with permitted("test"):
        ManualCharge.objects.create(
            authority=town.authority, payer=payer, date=DAY, label="Geste", cents=-500, reason="Panne", added_at=AT
        )

    (credit,) = town.bill(at=AT + timedelta(days=9))

    assert (credit.kind, credit.total_cents, credit.due_on) == ("credit_note", -500, None)
    assert [owed(payer, invoice=invoice) for invoice in (*invoices, credit)] == [0, 100, 300, 0]
    assert owed(elsewhere.payer) == 900
    assert_ledger_holds()


def test_a_debt_handed_over_to_the_tresor_is_not_settled_by_a_credit(town):
    family = town.family(days=2)
    (old,) = town.bill(days=(NOVEMBER[0], DAY), at=AT)
    with permitted("test"):
        Invoice.objects.filter(pk=old.pk).update(recovery_at=AT)
    payer = town.payer(family)
    town.pay(payer, 200)
    town.bill()

    assert (owed(payer, invoice=old), owed(payer), wallet(payer)) == (300, 400, 0)


@pytest.mark.parametrize("cents", [0, -1, HIGHEST_CENTS + 1])
def test_an_absurd_payment_is_refused(town, cents):
    family = town.family()
    town.bill()

    with pytest.raises(UnableToRecordPaymentError):
        town.pay(town.payer(family), cents)
    assert Posting.objects.count() == 1


def test_the_invoice_of_somebody_else_is_not_paid(town):
    mine, theirs = town.family("Aubert"), town.family("Zola")
    _, other = town.bill()

    with pytest.raises(UnableToRecordPaymentError):
        town.pay(town.payer(mine), 300, invoices=[other])
    assert owed(town.payer(theirs)) == 300


def test_no_more_is_given_back_than_the_wallet_holds(town):
    family = town.family()
    town.bill()
    payer = town.payer(family)
    town.pay(payer, 500)

    with pytest.raises(UnableToRefundError):
        refund_wallet(payer, cents=201, means="transfer", date=AT.date(), by=SYSTEM, at=AT)
    refund_wallet(payer, cents=200, means="transfer", date=AT.date(), by=SYSTEM, at=AT)

    assert (owed(payer), wallet(payer)) == (0, 0)
    assert_ledger_holds()


def test_a_third_party_credited_pays_its_next_share_with_it(town):
    from marelle.domain.billing.models import Aid

    family = town.family(days=2)
    caf = _payer(town)
    with permitted("test"):
        aid = Aid.objects.create(
            authority=town.authority, family=family, payer=caf, label="Bon", cents=100,
            starts_on=NOVEMBER[0], ends_on=NOVEMBER[1],
        )  # fmt: skip
    town.bill()
    assert owed(caf) == 200
    town.pay(caf, 200)
    with permitted("test"):
        aid.withdrawn_at = AT
        aid.save()
    town.bill(at=AT + timedelta(days=1))

    assert (owed(caf), wallet(caf)) == (0, 200)
    assert owed(town.payer(family)) == 600
    assert_ledger_holds()


def test_cancelling_everything_brings_the_balance_back_to_nothing_code_by_code(town):
    family = town.family(days=5)
    town.bill()
    with permitted("test"):
        Reservation.objects.all().delete()
    town.bill(at=AT + timedelta(days=1))
    payer = town.payer(family)

    assert (owed(payer), wallet(payer)) == (0, 0)
    assert sum(LedgerEntry.objects.filter(account="revenue").values_list("cents", flat=True)) == 0
    assert ledger_faults() == []


def test_what_should_be_impossible_is_found_when_it_happens(town):
    """The guards are taken down, so that the night's proof has something to find."""
    town.family()
    town.bill()
    with permitted("attack"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_ledgerentry DISABLE TRIGGER ledger_only_grows")
        cursor.execute("UPDATE billing_ledgerentry SET cents = cents + 1 WHERE account = 'receivable'")
        cursor.execute("ALTER TABLE billing_ledgerentry ENABLE TRIGGER ledger_only_grows")

    assert {fault.what for fault in ledger_faults()} >= {"a posting does not sum to zero"}
    with pytest.raises(AssertionError, match="do not sum to zero"):
        assert_ledger_holds()
