"""Invoices of another software: imported once, paid by the same machine, withdrawn, and added to somebody's list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from marelle.domain.accounts.models import User
from marelle.domain.billing.models import FollowedAccount, Invoice, NumberSeries, PayerAccount
from marelle.domain.billing.operations.aids import add_aid
from marelle.domain.billing.operations.api_tokens import (
    MOST,
    UnableToMakeTokenError,
    digest_of,
    make_token,
    revoke_token,
)
from marelle.domain.billing.operations.following import UnableToFollowError, follow_invoice, stop_following
from marelle.domain.billing.operations.importing import UnableToImportError, import_invoices
from marelle.domain.billing.operations.payers import UnableToHandOverError, hand_over
from marelle.domain.billing.queries.dockets import to_hand_over
from marelle.domain.billing.queries.family_invoices import entitled, entitled_online, invoices_of
from marelle.domain.billing.queries.imported import imported_invoices, standing_of
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.billing.queries.unpaid import unpaid_invoices
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import Receipt
from marelle.domain.payments.operations.checkout import UnableToPayInvoicesError
from marelle.domain.payments.operations.withdrawing import UnableToWithdrawError, WhyNotWithdrawn, withdraw_invoice
from marelle.domain.payments.queries.paying import checkout_of, paid_by
from marelle.domain.payments.queries.without_account import Payable
from marelle.domain.procedures.operations.erasure import erase_account
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs.tasks import invoice_imported, payment_received
from tests.domain.payments_town import NOW, PayingHousehold, assert_nothing_is_lost
from tests.domain.test_without_account import find, pay_it, settle
from tests.factories.imported import AT, WATER, import_invoice
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    town = make_authority("Essai")
    with tenancy.scope({town.pk}):
        yield PayingHousehold(town)


def bring(home, *wanted, **options):
    return import_invoices(home.regie, wanted, origin="file", on=AT.date(), by=SYSTEM, at=AT, **options)


class TestImporting:
    def test_it_is_an_issued_invoice_posted_the_day_it_came_with_its_own_number(self, home):
        invoice = import_invoice(home.regie)
        assert (invoice.number, invoice.sequence, invoice.state) == ("EAU-2026-154", None, "issued")
        assert (invoice.issued_on, invoice.due_on) == (date(2026, 10, 1), date(2026, 12, 31))
        assert (invoice.payer.name, invoice.payer.family_id, invoice.family_id) == ("Jeanne Moreau", None, None)
        assert invoice.postings.get().date == AT.date()
        assert home.money() == {"cash": 0, "owed": 8240, "wallet": 0}
        assert ledger_faults() == []

    def test_our_own_numbers_follow_one_another_whatever_is_imported_between(self, home):
        first = issue_invoice(home.family, home.regie)
        import_invoice(home.regie)
        second = issue_invoice(home.family, home.regie)
        assert second.sequence == first.sequence + 1
        assert NumberSeries.objects.get().last == second.sequence
        assert ledger_faults() == []

    def test_the_same_ones_twice_are_imported_once(self, home):
        wanted = [WATER, replace(WATER, reference="EAU-2")]
        first = bring(home, *wanted)
        again = bring(home, *wanted, replace(WATER, reference="EAU-3"))
        assert (len(first.new), len(first.known)) == (2, 0)
        assert ([one.number for one in again.new], len(again.known)) == (["EAU-3"], 2)
        assert Invoice.objects.count() == 3

    def test_a_reference_that_says_something_else_stops_them_all(self, home):
        bring(home, WATER)
        with pytest.raises(UnableToImportError) as refused:
            bring(home, replace(WATER, reference="EAU-2"), replace(WATER, cents=1))
        assert refused.value.why == {"EAU-2026-154": "Cette référence est déjà ici, avec autre chose : le montant."}
        assert Invoice.objects.count() == 1

    def test_two_regies_may_number_alike(self, home):
        import_invoice(home.regie)
        import_invoice(make_regie(home.authority, "Régie de l’eau"))
        assert Invoice.objects.count() == 2

    def test_a_customer_is_one_account_and_a_name_alone_is_none(self, home):
        bring(
            home,
            WATER,
            replace(WATER, reference="EAU-2", email="jeanne@exemple.fr"),
            replace(WATER, reference="EAU-3", debtor="Paul Martin"),
            replace(WATER, reference="EAU-4", debtor_code=""),
            replace(WATER, reference="EAU-5", debtor_code=""),
        )
        accounts = dict(Invoice.objects.values_list("number", "payer"))
        assert accounts["EAU-2026-154"] == accounts["EAU-2"]
        assert len(set(accounts.values())) == 4
        assert PayerAccount.objects.get(pk=accounts["EAU-2"]).email == "jeanne@exemple.fr"

    def test_a_third_party_is_never_taken_for_a_debtor_of_the_same_name(self, home):
        invoice = import_invoice(home.regie, debtor="CAF", debtor_code="")
        aid = add_aid(
            home.family,
            regie=home.regie,
            authority=home.authority,
            payer_name="CAF",
            label="Aide",
            cents=100,
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 7, 1),
            by=SYSTEM,
            at=AT,
        )
        assert aid.payer_id != invoice.payer_id

    def test_it_is_neither_reminded_nor_put_in_a_docket_here(self, home):
        invoice = import_invoice(home.regie, due_on=date(2026, 10, 2))
        mine = issue_invoice(home.family, home.regie, due_on=date(2026, 10, 2))
        assert [one.invoice for one in unpaid_invoices(on=NOW.date())] == [mine]
        ready, small = to_hand_over(home.regie, lowest=0, on=NOW.date())
        assert invoice.payer not in [one.payer for one in (*ready, *small)]
        with pytest.raises(UnableToHandOverError):
            hand_over(invoice, number="1", by=SYSTEM, at=NOW)

    def test_the_database_refuses_a_change_a_second_alike_and_a_withdrawal_of_ours(self, home):
        invoice = import_invoice(home.regie)
        mine = issue_invoice(home.family, home.regie)
        for change in (
            lambda: Invoice.objects.filter(pk=invoice.pk).update(total_cents=1),
            lambda: Invoice.objects.filter(pk=invoice.pk).update(number="X"),
            lambda: Invoice.objects.filter(pk=mine.pk).update(withdrawn_at=NOW),
            invoice.delete,
        ):
            with permitted("test"), pytest.raises(IntegrityError), transaction.atomic():
                change()


class TestPaying:
    def test_its_own_number_and_ours_both_find_it(self, home):
        invoice = import_invoice(home.regie)
        for typed in ("eau-2026-154", " EAU-2026-154 ", invoice.public_reference):
            assert find(home, typed, 8240).invoice == invoice
        assert find(home, "EAU-2026-154", 8241) is None

    def test_a_number_and_an_amount_that_two_regies_share_name_nobody(self, home):
        import_invoice(home.regie)
        other = PayingHousehold(make_authority("Ailleurs"))
        import_invoice(other.regie)
        assert find(home, "EAU-2026-154", 8240) is None

    def test_paid_it_is_settled_receipted_and_in_the_ledger_like_any_other(self, home):
        invoice = import_invoice(home.regie)
        assert settle(home, pay_it(home, invoice)) == "paid"
        assert find(home, "EAU-2026-154", 8240).payable is Payable.PAID
        assert Receipt.objects.get().payer_name == "Jeanne Moreau"
        assert_nothing_is_lost()
        (row,) = standing_of([invoice])
        assert (row.left_cents, row.settled_on, row.is_untouched) == (0, NOW.date(), False)


class TestWriting:
    def test_a_debtor_who_left_an_address_is_told_once_the_regie_has_joined(self, home):
        invoice = import_invoice(home.regie, email="jeanne@exemple.fr")
        assert "letters.invoice_imported" in home.posted()
        with clock.visiting(NOW):
            invoice_imported(authority=home.authority.pk, invoice=invoice.pk)
            with permitted("test"):
                type(home.regie).objects.update(online_from=None)
            invoice_imported(authority=home.authority.pk, invoice=invoice.pk)
        (letter,) = mail.outbox
        assert letter.to == ["jeanne@exemple.fr"]
        assert invoice.public_reference in letter.body
        import_invoice(home.regie, reference="EAU-2")
        assert home.posted().count("letters.invoice_imported") == 1

    def test_an_account_that_pays_what_it_added_has_its_receipt(self, home):
        invoice = import_invoice(home.regie)
        (attempt,) = home.pay_invoices(invoice)
        settle(home, attempt)
        payment_received(authority=home.authority.pk, attempt=attempt.pk)
        (letter,) = mail.outbox
        assert letter.to == [User.objects.get(pk=home.user).email]
        assert "Quittance n°" in letter.body


class TestWithdrawing:
    def withdraw(self, invoice):
        return withdraw_invoice(invoice, on=NOW.date(), by=SYSTEM, at=NOW)

    def test_nobody_finds_it_any_more_and_nothing_is_owed(self, home):
        invoice = import_invoice(home.regie)
        self.withdraw(invoice)
        self.withdraw(invoice)
        assert find(home, "EAU-2026-154", 8240) is None
        assert home.money() == {"cash": 0, "owed": 0, "wallet": 0}
        assert ledger_faults() == []
        with pytest.raises(UnableToPayInvoicesError):
            pay_it(home, invoice)

    def test_another_may_then_bear_its_reference(self, home):
        self.withdraw(import_invoice(home.regie))
        again = import_invoice(home.regie, cents=8000)
        assert find(home, "EAU-2026-154", 8000).invoice == again
        assert [one.total_cents for one in imported_invoices([home.regie.pk])] == [8000, 8240]

    @pytest.mark.parametrize(
        ("prepare", "why"),
        [
            (lambda home, invoice: pay(invoice, 1, on=NOW.date()), WhyNotWithdrawn.PAID),
            (lambda home, invoice: settle(home, pay_it(home, invoice)), WhyNotWithdrawn.PAID),
            (pay_it, WhyNotWithdrawn.BEING_PAID),
        ],
        ids=["a part was paid", "paid", "being paid"],
    )
    def test_it_stays_once_somebody_pays_it(self, home, prepare, why):
        invoice = import_invoice(home.regie)
        prepare(home, invoice)
        with pytest.raises(UnableToWithdrawError) as refused:
            self.withdraw(invoice)
        assert refused.value.why is why
        assert Invoice.objects.get().withdrawn_at is None

    def test_one_of_ours_is_corrected_not_withdrawn(self, home):
        with pytest.raises(UnableToWithdrawError):
            self.withdraw(issue_invoice(home.family, home.regie))

    def test_paid_too_late_after_all_it_is_in_the_wallet_of_its_payer(self, home):
        invoice = import_invoice(home.regie)
        attempt = pay_it(home, invoice)
        home.begin(attempt)
        home.paper.says(attempt, Result.REFUSED)
        home.ask(attempt)
        self.withdraw(invoice)
        home.paper.says(attempt, Result.PAID)
        home.ask(attempt)
        assert home.money()["wallet"] == 8240
        assert_nothing_is_lost()


class TestFollowing:
    def listed(self, home):
        who = entitled_online(home.user)
        with tenancy.scope(who.authorities):
            return [one.invoice.number for one in invoices_of(who, at=NOW)]

    def follow(self, home, invoice):
        return follow_invoice(invoice, user=home.user, by=home.by, at=NOW)

    def test_an_account_adds_an_invoice_to_its_list_with_those_of_the_same_customer(self, home):
        invoice = import_invoice(home.regie)
        assert self.follow(home, invoice)
        assert not self.follow(home, invoice)
        import_invoice(home.regie, reference="EAU-2027-1")
        import_invoice(home.regie, reference="EAU-2027-2", debtor="Qui a repris le contrat")
        assert sorted(self.listed(home)) == ["EAU-2026-154", "EAU-2027-1"]
        who = entitled(home.user)
        with tenancy.scope(who.authorities):
            assert invoices_of(who, at=NOW) == []

    def test_without_a_customer_number_it_adds_that_one_alone(self, home):
        self.follow(home, import_invoice(home.regie, debtor_code=""))
        import_invoice(home.regie, reference="EAU-2027-1", debtor_code="")
        assert self.listed(home) == ["EAU-2026-154"]

    def test_paid_by_the_account_it_is_in_its_payments(self, home):
        invoice = import_invoice(home.regie)
        self.follow(home, invoice)
        (attempt,) = home.pay_invoices(invoice)
        who = entitled_online(home.user)
        assert [one.attempt for one in checkout_of(who, attempt.checkout)] == [attempt]
        settle(home, attempt)
        assert [key for _at, _what, key in paid_by(who)] == [attempt.pk]
        assert list(paid_by(entitled(home.user))) == []

    def test_an_invoice_of_a_family_is_seen_by_its_members_alone(self, home):
        with pytest.raises(UnableToFollowError):
            self.follow(home, issue_invoice(home.family, home.regie))

    def test_it_is_taken_off_and_forgotten_with_the_account(self, home):
        invoice = import_invoice(home.regie)
        self.follow(home, invoice)
        assert stop_following(invoice.payer, user=home.user, by=home.by, at=NOW)
        assert self.listed(home) == []
        self.follow(home, invoice)
        erase_account(User.objects.get(pk=home.user), by=home.by, at=NOW)
        assert not FollowedAccount.objects.exists()


class TestTokens:
    def test_its_secret_is_kept_by_its_digest_alone(self, home):
        token, secret = make_token(home.regie, name="Logiciel de l’eau", by=SYSTEM, at=NOW)
        assert token.digest == digest_of(secret) != secret
        assert secret.endswith(token.hint)
        revoke_token(token, by=SYSTEM, at=NOW)
        token.refresh_from_db()
        assert token.revoked_at == NOW

    def test_it_has_a_name_and_there_are_not_too_many(self, home):
        with pytest.raises(UnableToMakeTokenError):
            make_token(home.regie, name=" ", by=SYSTEM, at=NOW)
        for place in range(MOST):
            make_token(home.regie, name=str(place), by=SYSTEM, at=NOW)
        with pytest.raises(UnableToMakeTokenError):
            make_token(home.regie, name="Un de trop", by=SYSTEM, at=NOW)
