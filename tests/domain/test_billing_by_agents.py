"""What agents decide in billing: lines by hand, aids, corrections, hand-over, the choices of a régie."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Aid, BillingRun, Invoice, ManualCharge, PayerAccount
from marelle.domain.billing.operations.aids import UnableToHelpError, WhyNotHelped, add_aid, withdraw_aid
from marelle.domain.billing.operations.corrections import UnableToCorrectError, WhyNotCorrected, correct
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.manual import (
    UnableToChargeError,
    WhyNotCharged,
    add_manual_charge,
    withdraw_manual_charge,
)
from marelle.domain.billing.operations.payers import UnableToHandOverError, choose_delivery, hand_over
from marelle.domain.billing.operations.regies import RegieChoices, set_regie
from marelle.domain.billing.operations.runs import UnableToBillError, draft_again, set_aside
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.review import Sift, codes_of, drafts_of, figures_of, is_to_wait, sifted, sums_of
from marelle.domain.billing.rules.numbers import InvalidPatternError
from marelle.domain.families.models import Family, Membership
from marelle.domain.reservations.models import Attendance, Reservation
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.billing_town import (
    assert_ledger_holds,
    billed,
    drafted,
    issue_all,
    make_regie,
    owed,
    started,
    wallet,
)
from tests.domain.household import Household
from tests.factories.town import make_authority, make_child, make_product, make_reservation, make_service

pytestmark = pytest.mark.django_db

DAYS = (date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9))
LATER = datetime(2026, 12, 3, 9, tzinfo=UTC)
LAST = date(2026, 11, 30)


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    regie = make_regie(authority)
    service = make_service(authority, regie=regie)
    meal = make_product(authority, service=service)
    home = Household(authority)
    home.regie, home.service, home.meal = regie, service, meal
    home.child = make_child(home.family, products=(meal,))
    home.reservations = [make_reservation(home.child, meal, day, family=home.family) for day in DAYS]
    return home


def payer(town) -> PayerAccount:
    return PayerAccount.objects.get(family=town.family)


def charge(town, **fields):
    values = {"label": "Badge perdu", "cents": 500, "date": LAST, "reason": "Perdu le 12", **fields}
    return add_manual_charge(payer(town), authority=town.authority, **values, by=SYSTEM, at=LATER)


def draft(run, town):
    return Invoice.objects.get(run=run, family=town.family)


def cancel(town, reservation):
    with permitted("factory"):
        Reservation.objects.filter(pk=reservation.pk).update(state="cancelled")


class TestALineByHand:
    def test_it_is_in_the_draft_at_once(self, town):
        run = drafted(town.regie)

        charge(town, child=town.child)

        assert draft(run, town).total_cents == 3 * 385 + 500
        line = draft(run, town).lines.get(kind="manual")
        assert (line.label, line.reason, line.child_id) == ("Badge perdu", "Perdu le 12", town.child.pk)
        assert AuditEntry.objects.filter(verb="add_manual_charge").count() == 1

    def test_it_may_be_in_favour_of_the_family_and_of_its_own_code(self, town):
        run = drafted(town.regie)

        charge(town, cents=-300, code="70632", is_childcare=True)

        found = draft(run, town)
        assert (found.total_cents, found.revenue["70632"], found.childcare_cents) == (3 * 385 - 300, -300, -300)

    def test_without_a_run_it_waits_for_the_next_one(self, town):
        billed(town.regie, days=(date(2026, 11, 1), date(2026, 11, 5)))

        charge(town, date=date(2026, 11, 20))
        (invoice,) = billed(town.regie)

        assert invoice.total_cents == 2 * 385 + 500
        assert_ledger_holds()

    def test_withdrawn_it_leaves_the_draft_and_is_never_billed(self, town):
        run = drafted(town.regie)
        line = charge(town)

        withdraw_manual_charge(line, authority=town.authority, by=SYSTEM, at=LATER)
        withdraw_manual_charge(line, authority=town.authority, by=SYSTEM, at=LATER)

        assert draft(run, town).total_cents == 3 * 385
        assert AuditEntry.objects.filter(verb="withdraw_manual_charge").count() == 1

    def test_invoiced_it_is_not_withdrawn(self, town):
        drafted_run = drafted(town.regie)
        line = charge(town)

        issue_all(drafted_run)

        with pytest.raises(UnableToChargeError) as refused:
            withdraw_manual_charge(line, authority=town.authority, by=SYSTEM, at=LATER)
        assert refused.value.why is WhyNotCharged.INVOICED

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"cents": 0}, WhyNotCharged.BAD_AMOUNT),
            ({"cents": 1_000_001}, WhyNotCharged.BAD_AMOUNT),
            ({"label": "  "}, WhyNotCharged.NO_LABEL),
            ({"reason": " "}, WhyNotCharged.NO_REASON),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused(self, town, fields, why):
        drafted(town.regie)

        with pytest.raises(UnableToChargeError) as refused:
            charge(town, **fields)

        assert refused.value.why is why
        assert not ManualCharge.objects.exists()

    def test_a_child_of_another_family_is_refused(self, town):
        drafted(town.regie)
        stranger = make_child(Household(town.authority, "Autre").family, "Zoé")

        with pytest.raises(UnableToChargeError) as refused:
            charge(town, child=stranger)

        assert refused.value.why is WhyNotCharged.NOT_ITS_CHILD

    @pytest.mark.parametrize("state", ["drafting", "issuing"])
    def test_while_the_worker_is_at_it_nothing_is_written(self, town, state):
        run = drafted(town.regie)
        with permitted("factory"):
            BillingRun.objects.filter(pk=run.pk).update(state=state)

        with pytest.raises(UnableToBillError):
            charge(town)

        assert not ManualCharge.objects.exists()

    def test_a_draft_that_was_set_aside_stays_so_with_its_reason(self, town):
        run = drafted(town.regie)
        set_aside(draft(run, town), is_aside=True, reason="À revoir", by=SYSTEM, at=LATER)

        draft_again(run, town.family.pk, authority=town.authority, by=SYSTEM, at=LATER)

        assert (draft(run, town).state, draft(run, town).reason) == ("set_aside", "À revoir")


def aid(town, **fields):
    values = {
        "regie": town.regie,
        "payer_name": "CAF du 77",
        "label": "Bons CAF",
        "starts_on": date(2026, 9, 1),
        "ends_on": date(2027, 7, 3),
        "cents": 100,
        **fields,
    }
    return add_aid(town.family, authority=town.authority, **values, by=SYSTEM, at=LATER)


class TestAnAid:
    def test_it_is_taken_off_the_draft_and_owed_by_the_third_party(self, town):
        run = drafted(town.regie)

        third = aid(town).payer

        found = draft(run, town)
        assert (found.total_cents, found.third_parties) == (3 * 285, {str(third.pk): 300})

    def test_once_issued_each_owes_its_share(self, town):
        third = aid(town, cents=0, percent=50).payer

        (invoice,) = billed(town.regie)

        assert (owed(payer(town)), owed(third)) == (invoice.total_cents, 3 * 193)
        assert_ledger_holds()

    def test_a_second_one_of_the_same_payer_is_on_the_same_account(self, town):
        assert aid(town).payer == aid(town, label="Autre", payer_name="caf du 77").payer

    def test_it_is_of_its_regie_alone(self, town):
        elsewhere = make_regie(town.authority)
        aid(town, regie=elsewhere)

        (invoice,) = billed(town.regie)

        assert invoice.total_cents == 3 * 385

    def test_withdrawn_it_is_taken_off_no_more(self, town):
        given = aid(town)
        run = drafted(town.regie)

        withdraw_aid(given, authority=town.authority, by=SYSTEM, at=LATER)
        withdraw_aid(given, authority=town.authority, by=SYSTEM, at=LATER)

        assert draft(run, town).total_cents == 3 * 385
        assert AuditEntry.objects.filter(verb="withdraw_aid").count() == 1

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"cents": 0}, WhyNotHelped.BAD_AMOUNT),
            ({"percent": 20}, WhyNotHelped.BAD_AMOUNT),
            ({"cents": 0, "percent": 101}, WhyNotHelped.BAD_AMOUNT),
            ({"cents": -1}, WhyNotHelped.BAD_AMOUNT),
            ({"ends_on": date(2026, 8, 31)}, WhyNotHelped.BAD_DATES),
            ({"label": " "}, WhyNotHelped.NO_LABEL),
            ({"payer_name": " "}, WhyNotHelped.NO_PAYER),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused(self, town, fields, why):
        with pytest.raises(UnableToHelpError) as refused:
            aid(town, **fields)

        assert refused.value.why is why
        assert not Aid.objects.exists()

    def test_another_family_s_child_and_another_regie_s_service_are_refused(self, town):
        stranger = make_child(Household(town.authority, "Autre").family, "Zoé")
        other = make_service(town.authority, "Centre", regie=make_regie(town.authority))

        for fields, why in (
            ({"child": stranger}, WhyNotHelped.NOT_ITS_CHILD),
            ({"service": other}, WhyNotHelped.NOT_ITS_SERVICE),
        ):
            with pytest.raises(UnableToHelpError) as refused:
                aid(town, **fields)
            assert refused.value.why is why


def corrected(town, invoice, **fields):
    values = {"reason": "Malade, certificat reçu", "at": LATER, **fields}
    return correct(invoice, authority=town.authority, by=SYSTEM, **values)


class TestACorrection:
    def test_what_was_billed_for_nothing_comes_back_as_a_credit_note(self, town):
        (invoice,) = billed(town.regie)
        cancel(town, town.reservations[0])

        credit = corrected(town, invoice)

        assert (credit.kind, credit.total_cents, credit.number) == ("credit_note", -385, "2026-00002")
        assert (credit.corrects_id, credit.reason, credit.due_on) == (invoice.pk, "Malade, certificat reçu", None)
        assert owed(payer(town)) == 2 * 385
        assert left_of([invoice.pk, credit.pk]) == {invoice.pk: 2 * 385, credit.pk: 0}
        assert_ledger_holds()

    def test_what_was_forgotten_is_a_complementary_invoice(self, town):
        (invoice,) = billed(town.regie)
        make_reservation(town.child, town.meal, date(2026, 11, 12), family=town.family)

        more = corrected(town, invoice)

        assert (more.kind, more.total_cents, more.due_on) == ("complementary", 385, date(2027, 1, 2))
        assert (more.starts_on, more.ends_on) == (invoice.starts_on, invoice.ends_on)
        assert_ledger_holds()

    def test_a_paid_invoice_leaves_its_credit_in_the_wallet(self, town):
        (invoice,) = billed(town.regie)
        record_payment(payer(town), cents=3 * 385, means="cash", date=LATER.date(), by=SYSTEM, at=LATER)
        cancel(town, town.reservations[0])

        corrected(town, invoice)

        assert (owed(payer(town)), wallet(payer(town))) == (0, 385)
        assert_ledger_holds()

    def test_twice_corrects_nothing_more(self, town):
        (invoice,) = billed(town.regie)
        cancel(town, town.reservations[0])
        credit = corrected(town, invoice)

        for one in (invoice, credit):
            with pytest.raises(UnableToCorrectError) as refused:
                corrected(town, one)
            assert refused.value.why is WhyNotCorrected.NOTHING

    def test_a_correction_is_corrected_over_the_same_days(self, town):
        (invoice,) = billed(town.regie)
        cancel(town, town.reservations[0])
        credit = corrected(town, invoice)
        cancel(town, town.reservations[1])

        again = corrected(town, credit)

        assert (again.total_cents, again.corrects_id) == (-385, credit.pk)
        assert owed(payer(town)) == 385

    def test_the_next_run_bills_nothing_of_it_again(self, town):
        (invoice,) = billed(town.regie)
        cancel(town, town.reservations[0])
        corrected(town, invoice)

        assert billed(town.regie) == []

    def test_the_draft_of_a_run_in_review_is_made_again(self, town):
        (invoice,) = billed(town.regie, days=(date(2026, 11, 1), date(2026, 11, 6)))
        cancel(town, town.reservations[0])
        run = drafted(town.regie)
        assert draft(run, town).total_cents == 0  # one meal less, one more

        corrected(town, invoice)

        assert draft(run, town).total_cents == 385

    @pytest.mark.parametrize("state", ["drafting", "issuing"])
    def test_not_while_the_worker_is_at_it(self, town, state):
        (invoice,) = billed(town.regie)
        cancel(town, town.reservations[0])
        run = started(town.regie)
        with permitted("factory"):
            BillingRun.objects.filter(pk=run.pk).update(state=state)

        with pytest.raises(UnableToCorrectError) as refused:
            corrected(town, invoice)

        assert refused.value.why is WhyNotCorrected.RUN_UNDER_WAY
        assert Invoice.objects.issued().count() == 1

    def test_another_difference_than_the_one_shown_is_refused(self, town):
        (invoice,) = billed(town.regie)
        cancel(town, town.reservations[0])

        with pytest.raises(UnableToCorrectError) as refused:
            corrected(town, invoice, expected=-770)

        assert refused.value.why is WhyNotCorrected.CHANGED
        assert corrected(town, invoice, expected=-385).total_cents == -385

    def test_a_reason_is_needed_and_a_draft_is_not_corrected(self, town):
        run = drafted(town.regie)
        with pytest.raises(UnableToCorrectError) as refused:
            corrected(town, draft(run, town))
        assert refused.value.why is WhyNotCorrected.NOT_ISSUED

        (invoice,) = issue_all(run)
        with pytest.raises(UnableToCorrectError) as refused:
            corrected(town, invoice, reason=" ")
        assert refused.value.why is WhyNotCorrected.NO_REASON

    def test_a_small_debt_carried_from_another_month_still_waits(self, town):
        october = make_reservation(town.child, town.meal, date(2026, 10, 1), family=town.family)
        (october_invoice,) = billed(town.regie, days=(date(2026, 10, 1), date(2026, 10, 31)))
        billed(town.regie, carried_below=15_00)
        assert payer(town).carried_from == date(2026, 11, 1)
        cancel(town, october)

        assert corrected(town, october_invoice).total_cents == -385

        assert payer(town).carried_from == date(2026, 11, 1)
        assert sum(one.total_cents for one in billed(town.regie)) == 3 * 385

    def test_a_presence_found_later_without_enrollment_is_named_not_billed(self, town):
        (invoice,) = billed(town.regie)
        with permitted("factory"):
            stranger = make_product(town.authority, name="Étude", service=town.service)
            Attendance.objects.create(
                authority=town.authority,
                child=town.child,
                product=stranger,
                date=DAYS[0],
                state="present",
                recorded_at=LATER,
            )

        with pytest.raises(UnableToCorrectError) as refused:
            corrected(town, invoice)
        assert refused.value.why is WhyNotCorrected.NOTHING


class TestTheTresor:
    def test_what_is_left_is_handed_over_once(self, town):
        (invoice,) = billed(town.regie)

        hand_over(invoice, number=" T-12 ", by=SYSTEM, at=LATER)

        invoice.refresh_from_db()
        assert (invoice.recovery_at, invoice.recovery_number) == (LATER, "T-12")
        with pytest.raises(UnableToHandOverError):
            hand_over(invoice, number="T-13", by=SYSTEM, at=LATER)

    def test_what_is_paid_is_not(self, town):
        (invoice,) = billed(town.regie)
        record_payment(payer(town), cents=3 * 385, means="cash", date=LATER.date(), by=SYSTEM, at=LATER)

        with pytest.raises(UnableToHandOverError):
            hand_over(invoice, number="T-12", by=SYSTEM, at=LATER)

    def test_a_draft_is_not(self, town):
        run = drafted(town.regie)

        with pytest.raises(UnableToHandOverError):
            hand_over(draft(run, town), number="T-12", by=SYSTEM, at=LATER)


class TestDelivery:
    def test_the_next_invoice_goes_as_chosen(self, town):
        billed(town.regie, days=(date(2026, 11, 1), date(2026, 11, 5)))
        choose_delivery(payer(town), delivery="paper", by=SYSTEM, at=LATER)
        (invoice,) = billed(town.regie)

        assert invoice.delivery == "paper"

    @pytest.mark.parametrize(
        ("email", "has_account", "goes"),
        [("", False, "paper"), ("a@exemple.fr", False, "email"), ("", True, "email")],
        ids=["nobody to write to", "an address", "an account"],
    )
    def test_what_nobody_would_read_by_e_mail_goes_on_paper(self, town, email, has_account, goes):
        drafted(town.regie)
        choose_delivery(payer(town), delivery="email", by=SYSTEM, at=LATER)
        with permitted("factory"):
            Family.objects.filter(pk=town.family.pk).update(email=email)
            if not has_account:
                Membership.objects.filter(family=town.family).delete()

        draft_again(BillingRun.objects.get(), town.family.pk, authority=town.authority, by=SYSTEM, at=LATER)

        (invoice,) = issue_all(BillingRun.objects.get())
        assert invoice.delivery == goes

    def test_there_is_no_third_way(self, town):
        billed(town.regie)

        with pytest.raises(ValueError, match="pigeon"):
            choose_delivery(payer(town), delivery="pigeon", by=SYSTEM, at=LATER)


CHOICES = RegieChoices(
    has_billing=True,
    number_pattern="{exercice}-CA-{numero:3}",
    invoice_title="by_date",
    payment_days=45,
    small_debt_cents=0,
    payments_known_until=date(2026, 11, 20),
    payfip_id="012345",
    how_to_pay="En espèces",
    vat_words="TVA non applicable",
    issuer_name="Mme Ferrand",
    issuer_quality="régisseuse",
)


class TestARegie:
    def test_its_choices_are_kept_and_number_what_comes_next(self, town):
        set_regie(town.regie, CHOICES, by=SYSTEM, at=LATER)

        town.regie.refresh_from_db()
        (invoice,) = billed(town.regie)
        assert (invoice.number, town.regie.payment_days, town.regie.payfip_id) == ("2026-CA-001", 45, "012345")

    def test_a_pattern_that_cannot_tell_two_invoices_apart_is_refused(self, town):

        with pytest.raises(InvalidPatternError):
            set_regie(town.regie, replace(CHOICES, number_pattern="CA"), by=SYSTEM, at=LATER)

        assert Regie.objects.get().number_pattern == "{exercice}-{numero:5}"


class TestTheReview:
    """What it says of a run before it is approved is what is issued: how many, for how much, and what waits."""

    @staticmethod
    def said(run):
        """Say what is numbered and its sum, what waits, then the sums by product and by code."""
        figures = figures_of([run.pk])[run.pk]
        products = sum(one.cents for one in sums_of(run.authority_id, [run.pk]))
        codes = sum(cents for _code, cents in codes_of(run.authority_id, run.pk))
        return figures.invoices, figures.cents, figures.carried, products, codes

    def test_a_small_debt_waits_and_is_not_earned_yet(self, town):
        run = drafted(town.regie, carried_below=15_00)
        one = drafts_of(run).get()

        assert (self.said(run), is_to_wait(one, run)) == ((0, 0, 1, 0, 0), True)
        assert list(sifted(drafts_of(run), Sift.CARRIED)) == [one]
        assert issue_all(run) == []
        assert self.said(run) == (0, 0, 1, 0, 0)
        assert is_to_wait(Invoice.objects.get(), run)

    def test_with_the_share_of_a_third_party_it_does_not_wait(self, town):
        aid(town)
        run = drafted(town.regie, carried_below=15_00)
        one = drafts_of(run).get()

        before = self.said(run)

        assert (before, is_to_wait(one, run)) == ((1, 3 * 285, 0, 3 * 285, 3 * 385), False)
        assert not sifted(drafts_of(run), Sift.CARRIED).exists()
        assert [invoice.total_cents for invoice in issue_all(run)] == [3 * 285]
        assert self.said(run) == before

    def test_lines_that_cancel_out_are_counted_as_the_invoice_that_they_make(self, town):
        run = drafted(town.regie)
        charge(town, cents=-3 * 385)

        before = self.said(run)

        assert before[:4] == (1, 0, 0, 0)
        assert [invoice.total_cents for invoice in issue_all(run)] == [0]
        assert self.said(run) == before
