"""A régie debits its families: a mandate, an announcement, a file, the bank's answer, what is recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.connectors.sepa.files import SepaFiles
from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import CollectionHold, LedgerEntry, ManualCharge, PayerAccount, Posting
from marelle.domain.billing.queries.ledger import balances_of, ledger_faults
from marelle.domain.payments.bank_files import Return, UnwritableFileError
from marelle.domain.payments.models import (
    DirectDebit,
    DirectDebitBatch,
    DirectDebitLine,
    DirectDebitMandate,
    MandateAmendment,
    PaymentAttempt,
    PaymentLine,
    Receipt,
)
from marelle.domain.payments.operations.creditors import CreditorChoices, set_creditor
from marelle.domain.payments.operations.debit_batches import (
    UnableToDebitError,
    WhyNotDebited,
    abandon_debits,
    batches_to_settle,
    confirm_debits,
    make_debit_file,
    prepare_debits,
    send_debits,
    settle_some,
)
from marelle.domain.payments.operations.debit_returns import take_returns
from marelle.domain.payments.operations.mandates import (
    SignedAccount,
    UnableToSignError,
    WhyNotSigned,
    change_account,
    lapse_mandates,
    revoke_mandate,
    sign_mandate,
    wake_mandate,
)
from marelle.domain.payments.operations.reversals import cancel_receipt
from marelle.domain.payments.queries.direct_debits import debited_invoices
from marelle.domain.payments.rules.bank_accounts import WrongAccountError
from marelle.domain.payments.rules.mandates import WrongDay, is_rum
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.encryption import decrypt
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import direct_debits as tasks
from standins.bank.desk import Bank
from tests.factories.banks import BELGIAN, FRENCH, GERMAN, ICS, OWN, account_numbered, make_creditor, sign
from tests.factories.invoices import issue_invoice, make_regie, pay, payer_of, recover
from tests.factories.town import make_authority, make_family, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
TODAY, DUE = date(2026, 11, 23), date(2026, 12, 10)
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
ACTING = {"by": SYSTEM, "at": NOW}


class Town:
    """A régie with a creditor account, and families that owe."""

    def __init__(self, in_scope, email="elena@exemple.fr"):
        self.authority = make_authority("Dammartin-sur-Tigeaux")
        in_scope(self.authority)
        self.regie = make_regie(self.authority)
        self.creditor = make_creditor(self.regie, fee_cents=150)
        self.bank = Bank(TODAY + timedelta(days=10), creditors={ICS})
        self.user = make_user(email)
        self.family = make_family(self.authority, user=self.user)
        self.payer = payer_of(self.family, self.regie)

    def other(self, iban=GERMAN, cents=500):
        """Return the mandate of another family, that owes too."""
        family = make_family(self.authority, "Autre")
        issue_invoice(family, self.regie, cents=cents)
        return sign(payer_of(family, self.regie), iban)

    def prepared(self, due_on=DUE, told_on=TODAY):
        return prepare_debits(self.regie, due_on=due_on, told_on=told_on, **ACTING)

    def filed(self, batch=None, on=TODAY):
        return make_debit_file(batch or self.prepared(), SepaFiles(), authority=self.authority, on=on, **ACTING)

    def sent(self, batch=None, on=TODAY):
        return send_debits(self.filed(batch, on=on), on=on, **ACTING)

    def answered(self, batch, **said):
        returns = SepaFiles().returns(self.bank.outcome(self.bank.take(batch.file.encode())))
        return take_returns(batch, returns, authority=self.authority, **{"with_fee": False, **ACTING, **said})

    def settled(self, batch):
        while settle_some(batch, authority=self.authority, **ACTING):
            pass
        return DirectDebitBatch.objects.get(pk=batch.pk)

    @property
    def owed(self):
        return balances_of([self.payer.pk])[self.payer.pk].owed


@pytest.fixture
def town(in_scope):
    return Town(in_scope)


@pytest.fixture
def invoice(town):
    return issue_invoice(town.family, town.regie, cents=8240)


def account(iban=FRENCH, bic=""):
    return SignedAccount("Léa Martin", "2, rue Haute, 77610 Dammartin", iban, bic)


class TestMandates:
    def test_what_is_signed_is_kept_whole_and_nobody_reads_the_account_in_the_base(self, town):
        mandate = sign(town.payer, "FR76 3000 6000 0112 3456 7890 189")
        kept = DirectDebitMandate.objects.get()

        assert is_rum(kept.rum)
        assert (kept.ics, kept.creditor_name, kept.iban, kept.bic) == (ICS, town.creditor.name, FRENCH, "")
        assert kept.state == "active"
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT iban, holder FROM payments_directdebitmandate WHERE authority_id = %s", [town.authority.pk]
            )
            iban, holder = cursor.fetchone()
        assert FRENCH not in iban
        assert (decrypt(iban), decrypt(holder)) == (FRENCH, "Léa Sanchez-Cordovès")
        assert AuditEntry.objects.filter(verb="sign_mandate", object_key=mandate.pk).exists()

    def test_the_whole_family_is_told_and_the_account_is_not_in_the_letter(self, town):
        mandate = sign(town.payer)
        tasks.mandate_signed(authority=town.authority.pk, mandate=mandate.pk)
        (letter,) = mail.outbox

        assert letter.to == ["elena@exemple.fr"]
        for said in (mandate.rum, ICS, "FR76 •••• 0189", "huit semaines", "treize mois", "quatorze jours"):
            assert said in letter.body
        assert FRENCH not in letter.body

    def test_a_wrong_key_signs_nothing(self, town):
        with pytest.raises(WrongAccountError):
            sign(town.payer, "FR7630006000011234567890188")
        assert not DirectDebitMandate.objects.exists()
        assert not ProcrastinateJob.objects.filter(task_name="letters.mandate_signed").exists()

    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda town: make_creditor(town.regie, is_open=False), WhyNotSigned.NO_CREDITOR),
            (lambda town: sign(town.payer), WhyNotSigned.SIGNED_ALREADY),
        ],
    )
    def test_what_stands_against_a_signature(self, town, spoil, why):
        spoil(town)
        with pytest.raises(UnableToSignError) as refused:
            sign(town.payer)
        assert refused.value.why == why

    def test_a_mandate_without_a_place_is_none(self, town):
        with pytest.raises(UnableToSignError) as refused:
            sign_mandate(town.payer, account(), place="  ", on=TODAY, **ACTING)
        assert refused.value.why == WhyNotSigned.INCOMPLETE

    def test_the_base_holds_one_living_mandate_of_a_payer(self, town):
        mandate = sign(town.payer)
        mandate.pk, mandate.public_id, mandate.rum = None, "autre", "AUTRE"
        with pytest.raises(IntegrityError), transaction.atomic(), permitted("test"):
            mandate.save(force_insert=True)

    def test_revoked_it_serves_no_more_and_another_may_be_signed(self, town, invoice):
        mandate = revoke_mandate(sign(town.payer), **ACTING)
        assert revoke_mandate(mandate, **ACTING).state == "revoked"
        with pytest.raises(UnableToDebitError) as refused:
            town.prepared()
        assert refused.value.why == WhyNotDebited.NOBODY
        assert sign(town.payer).rum != mandate.rum
        with pytest.raises(UnableToSignError):
            change_account(mandate, account(BELGIAN), **ACTING)

    def test_another_account_is_told_to_the_bank_once_and_wakes_a_suspended_mandate(self, town, invoice):
        mandate = sign(town.payer)
        first = town.sent()
        town.answered(first)
        town.settled(first)
        with permitted("test"):
            DirectDebitMandate.objects.update(state="suspended", state_reason="AC04")
        change_account(mandate, account(BELGIAN), **ACTING)
        mandate = DirectDebitMandate.objects.get(pk=mandate.pk)
        assert (mandate.state, mandate.state_reason, mandate.iban) == ("active", "", BELGIAN)
        assert MandateAmendment.objects.get().former_iban == FRENCH
        with pytest.raises(UnableToSignError) as refused:
            change_account(mandate, account(BELGIAN), **ACTING)
        assert refused.value.why == WhyNotSigned.SAME_ACCOUNT

        issue_invoice(town.family, town.regie, cents=100)
        second = town.sent(town.prepared(due_on=date(2027, 1, 11)))
        assert "SMNDA" in second.file
        assert town.answered(second).returned == 0
        town.settled(second)
        issue_invoice(town.family, town.regie, cents=100)
        assert "SMNDA" not in town.filed(town.prepared(due_on=date(2027, 2, 10))).file

    def test_an_agent_wakes_a_suspended_mandate_and_no_other(self, town, invoice):
        mandate = sign(town.payer)
        assert not wake_mandate(mandate, **ACTING)
        with permitted("test"):
            DirectDebitMandate.objects.update(state="suspended", state_reason="AC04")

        assert wake_mandate(mandate, **ACTING)
        mandate.refresh_from_db()
        assert (mandate.state, mandate.state_reason) == ("active", "")
        revoke_mandate(mandate, **ACTING)
        assert not wake_mandate(mandate, **ACTING)
        mandate.refresh_from_db()
        assert mandate.state == "revoked"

    def test_36_months_without_serving_it_lapses_in_the_night(self, town, invoice):
        old, used = sign(town.payer, on=date(2023, 11, 23)), town.other()
        with permitted("test"):
            DirectDebitMandate.objects.filter(pk=used.pk).update(
                signed_on=date(2020, 1, 1), last_used_on=date(2024, 1, 10)
            )
        tasks.nightly_debits(0)

        states = dict(DirectDebitMandate.objects.values_list("pk", "state"))
        assert states == {old.pk: "lapsed", used.pk: "active"}
        assert lapse_mandates(on=TODAY, **ACTING) == 0

    def test_a_mandate_that_lapses_before_the_day_is_not_debited(self, town, invoice):
        sign(town.payer, on=date(2023, 12, 1))
        with pytest.raises(UnableToDebitError):
            town.prepared()


class TestCreditors:
    @pytest.mark.parametrize(
        "wrong", [{"ics": "FR12ZZZ123456"}, {"iban": "FR76"}, {"bic": "non"}, {"iban": GERMAN, "bic": "AGRIFRPP"}]
    )
    def test_a_wrong_account_is_refused(self, town, wrong):
        said = {"ics": ICS, "name": "Régie", "address": "Place", "iban": OWN[0], "bic": OWN[1]}
        choices = CreditorChoices(
            **{**said, **wrong}, scheme="pain.008.001.02", settles_after_days=5, fee_cents=0, is_open=True
        )
        with pytest.raises(WrongAccountError):
            set_creditor(town.regie, choices, **ACTING)


class TestAnnouncing:
    def test_every_unpaid_invoice_of_who_signed_is_announced_and_no_other(self, town, invoice):
        part = issue_invoice(town.family, town.regie, cents=1000)
        pay(part, 400, on=TODAY)
        paid, recovered = (issue_invoice(town.family, town.regie, cents=2000) for _ in range(2))
        pay(paid, 2000, on=TODAY)
        recover(recovered)
        elsewhere = issue_invoice(town.family, make_regie(town.authority, "Autre"), cents=999)
        issue_invoice(make_family(town.authority, "Sans mandat"), town.regie, cents=700)
        sign(town.payer)
        batch = town.prepared()

        debit = DirectDebit.objects.get()
        assert (debit.cents, debit.state, debit.batch_id) == (8240 + 600, "announced", batch.pk)
        found = debited_invoices([invoice.pk, part.pk, paid.pk, recovered.pk, elsewhere.pk])
        assert found == {invoice.pk: (DUE, 8240, False), part.pk: (DUE, 600, False)}

    def test_the_letter_says_what_when_and_by_which_mandate_once(self, town, invoice):
        mandate = sign(town.payer)
        batch = town.prepared()
        for _ in range(2):
            tasks.debits_announced(authority=town.authority.pk, batch=batch.pk)
        (letter,) = mail.outbox
        text = letter.body.replace("\N{NO-BREAK SPACE}", " ")

        for said in ("82,40 €", "jeudi 10 décembre 2026", mandate.rum, ICS, invoice.number, "FR76 •••• 0189"):
            assert said in text
        assert letter.subject.replace("\N{NO-BREAK SPACE}", " ") == "Prélèvement de 82,40 € le 10 décembre 2026"

    def test_a_family_is_never_debited_before_its_invoice_is_due(self, town):
        later = issue_invoice(town.family, town.regie, cents=8240, due_on=DUE + timedelta(days=1))
        sign(town.payer)
        with pytest.raises(UnableToDebitError) as refused:
            town.prepared()
        assert refused.value.why is WhyNotDebited.NOBODY

        due = issue_invoice(town.family, town.regie, cents=500, due_on=DUE)
        batch = town.prepared()
        assert DirectDebit.objects.get(batch=batch).cents == 500
        assert set(debited_invoices([due.pk, later.pk])) == {due.pk}

    @pytest.mark.parametrize(
        ("due_on", "day"),
        [
            (date(2026, 12, 4), WrongDay.TOO_SOON),
            (date(2026, 12, 13), WrongDay.CLOSED),
            (date(2026, 12, 25), WrongDay.CLOSED),
            (date(2027, 11, 10), WrongDay.TOO_LATE),
        ],
    )
    def test_a_day_too_near_too_far_or_closed_is_refused(self, town, invoice, due_on, day):
        sign(town.payer)
        with pytest.raises(UnableToDebitError) as refused:
            town.prepared(due_on=due_on)
        assert refused.value.day is day

    def test_one_batch_at_a_time_and_an_invoice_is_never_announced_twice(self, town, invoice):
        sign(town.payer)
        batch = town.prepared()
        with pytest.raises(UnableToDebitError) as refused:
            town.prepared()
        assert refused.value.why == WhyNotDebited.ONE_IS_OPEN
        town.sent(batch)
        with pytest.raises(UnableToDebitError) as refused:
            town.prepared(due_on=date(2027, 1, 11))
        assert refused.value.why == WhyNotDebited.NOBODY

    def test_the_base_holds_one_live_debit_of_an_invoice(self, town, invoice):
        sign(town.payer)
        town.other()
        town.prepared()
        other = DirectDebitLine.objects.exclude(invoice=invoice).get()
        with pytest.raises(IntegrityError, match="one_live_debit"), transaction.atomic(), permitted("test"):
            DirectDebitLine.objects.filter(pk=other.pk).update(invoice=invoice)

    def test_what_somebody_is_paying_online_waits_for_the_next_time(self, town, invoice):
        sign(town.payer)
        with permitted("test"):
            attempt = PaymentAttempt.objects.create(
                authority=town.authority, purpose="invoices", family=town.family, regie=town.regie, payer=town.payer,
                gateway="payfip", mode="production", reference="2026ESSAI1", exercice=2026, label="x", cents=8240,
                created_at=NOW,
            )  # fmt: skip
            PaymentLine.objects.create(authority=town.authority, attempt=attempt, invoice=invoice, cents=8240)
        with pytest.raises(UnableToDebitError) as refused:
            town.prepared()
        assert refused.value.why == WhyNotDebited.NOBODY

    def test_given_up_its_invoices_are_free_and_families_are_told(self, town, invoice):
        sign(town.payer)
        batch = town.filed()
        abandon_debits(batch, **ACTING)
        abandon_debits(batch, **ACTING)
        tasks.debits_abandoned(authority=town.authority.pk, batch=batch.pk)

        assert debited_invoices([invoice.pk]) == {}
        assert DirectDebitBatch.objects.get().file == ""
        assert "n’aura pas lieu" in mail.outbox[0].subject
        assert town.prepared().pk != batch.pk


class TestTheFile:
    def test_it_holds_what_is_left_that_day_never_more_than_announced(self, town, invoice):
        sign(town.payer)
        gone = town.other()
        batch = town.prepared()
        pay(invoice, 8000, on=TODAY)
        revoke_mandate(gone, **ACTING)
        batch = town.filed(batch)

        assert "<CtrlSum>2.40</CtrlSum>" in batch.file
        assert dict(DirectDebit.objects.values_list("payer_id", "state")) == {
            town.payer.pk: "announced",
            gone.payer_id: "withdrawn",
        }
        assert debited_invoices([invoice.pk])[invoice.pk].cents == 240

    def test_all_paid_since_there_is_nothing_to_write(self, town, invoice):
        sign(town.payer)
        batch = town.prepared()
        pay(invoice, 8240, on=TODAY)
        with pytest.raises(UnableToDebitError) as refused:
            town.filed(batch)
        assert refused.value.why == WhyNotDebited.NOBODY

    def test_the_eve_is_the_last_day(self, town, invoice):
        sign(town.payer)
        batch = town.prepared()
        with pytest.raises(UnableToDebitError) as refused:
            town.filed(batch, on=DUE)
        assert refused.value.why == WhyNotDebited.TOO_LATE
        assert town.filed(batch, on=DUE - timedelta(days=1)).state == "filed"

    def test_what_may_not_leave_leaves_the_batch_as_it_was(self, town, invoice):
        sign(town.payer)
        batch = town.prepared()
        with permitted("test"):
            DirectDebitMandate.objects.update(rum="M" * 35, bic="FAUX")
        with pytest.raises(UnwritableFileError):
            town.filed(batch)
        assert DirectDebitBatch.objects.get().state == "prepared"

    @pytest.mark.parametrize("spoil", ["revoked", "another account"])
    def test_a_file_older_than_a_mandate_is_not_sent(self, town, invoice, spoil):
        mandate = sign(town.payer)
        batch = town.filed()
        later = {"by": SYSTEM, "at": NOW + timedelta(minutes=5)}
        if spoil == "revoked":
            revoke_mandate(mandate, **later)
        else:
            change_account(mandate, account(BELGIAN), **later)
        with pytest.raises(UnableToDebitError) as refused:
            send_debits(batch, on=TODAY, **ACTING)
        assert refused.value.why == WhyNotDebited.STALE

    def test_sent_it_is_locked(self, town, invoice):
        mandate = sign(town.payer)
        with pytest.raises(UnableToDebitError) as refused:
            send_debits(town.prepared(), on=TODAY, **ACTING)
        assert refused.value.why == WhyNotDebited.NO_FILE
        batch = town.sent(DirectDebitBatch.objects.get())
        send_debits(batch, on=TODAY, **ACTING)

        assert DirectDebitMandate.objects.get(pk=mandate.pk).last_used_on == DUE
        assert debited_invoices([invoice.pk]) == {invoice.pk: (DUE, 8240, True)}
        for change in (lambda: town.filed(batch), lambda: abandon_debits(batch, **ACTING)):
            with pytest.raises(UnableToDebitError) as refused:
                change()
            assert refused.value.why == WhyNotDebited.NOT_OPEN


class TestTheAnswer:
    def test_what_comes_back_no_more_is_recorded_with_a_receipt_on_the_day_of_the_debit(self, town, invoice):
        sign(town.payer)
        batch = town.sent()
        assert town.answered(batch).returned == 0
        assert batches_to_settle(on=DUE + timedelta(days=4)) == []
        with clock.visiting(datetime(2026, 12, 15, 3, tzinfo=UTC)):
            tasks.nightly_debits(0)
            tasks.nightly_debits(0)

        posting = Posting.objects.get(kind="payment")
        assert (posting.means, posting.date, posting.invoice_id) == ("debit", DUE, invoice.pk)
        receipt = Receipt.objects.get()
        assert (receipt.cents, receipt.number) == (8240, "2026-0001")
        assert receipt.label.replace("\N{NO-BREAK SPACE}", " ") == "Prélèvement du 10 décembre 2026"
        assert town.owed == 0
        assert DirectDebitBatch.objects.get().state == "settled"
        assert debited_invoices([invoice.pk]) == {}
        assert ledger_faults() == []

    def test_an_agent_may_say_so_from_the_day_itself(self, town, invoice):
        sign(town.payer)
        batch = town.sent()
        with pytest.raises(UnableToDebitError) as refused:
            confirm_debits(batch, on=DUE - timedelta(days=1), **ACTING)
        assert refused.value.why == WhyNotDebited.NOT_DUE_YET
        confirm_debits(batch, on=DUE, **ACTING)
        tasks.settle_debits(authority=town.authority.pk, batch=batch.pk)

        assert town.owed == 0
        confirm_debits(batch, on=DUE, **ACTING)

    def test_a_batch_is_settled_by_pieces_that_a_killed_worker_leaves_to_the_next(self, town, invoice):
        sign(town.payer)
        for number in range(4):
            town.other(account_numbered(number))
        batch = town.sent()

        assert settle_some(batch, authority=town.authority, **ACTING, most=2) == 2
        assert settle_some(batch, authority=town.authority, **ACTING, most=2) == 2
        assert [town.settled(batch).state, Receipt.objects.count()] == ["settled", 5]
        assert sorted(Receipt.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4, 5]

    def test_paid_otherwise_meanwhile_it_is_kept_for_the_family(self, town, invoice):
        sign(town.payer)
        batch = town.sent()
        pay(invoice, 8240, on=TODAY)
        town.settled(batch)

        assert balances_of([town.payer.pk])[town.payer.pk] == (0, 8240)
        assert ledger_faults() == []

    def test_what_comes_back_is_owed_again_and_said(self, town, invoice):
        sign(town.payer)
        good = town.other()
        town.bank.short = {FRENCH}
        batch = town.sent()
        taken = town.answered(batch, with_fee=True)

        assert (taken.returned, taken.suspended, taken.charged) == (1, 0, 1)
        debit = DirectDebit.objects.get(payer=town.payer)
        assert (debit.state, debit.reason, debit.returned_on) == ("returned", "AM04", DUE)
        charge = ManualCharge.objects.get()
        assert (charge.cents, charge.label) == (150, "Frais de rejet de prélèvement")
        assert debited_invoices([invoice.pk]) == {}
        tasks.debit_returned(authority=town.authority.pk, debit=debit.pk)
        text = mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ")
        for said in ("82,40 €", "pas assez approvisionné", "1,50 €"):
            assert said in text
        assert "suspendu" not in text

        town.settled(batch)
        assert town.owed == 8240
        assert DirectDebit.objects.get(mandate=good).state == "paid"
        again = town.prepared(due_on=date(2027, 1, 11))
        assert DirectDebit.objects.get(batch=again).cents == 8240

    def test_what_comes_back_is_reminded_again_at_once(self, town, invoice):
        sign(town.payer)
        town.bank.short = {FRENCH}
        batch = town.sent()
        holds = CollectionHold.objects.filter(invoice=invoice, kind=CollectionHold.Kind.DEBIT)
        assert holds.get().lifted_at is None
        town.answered(batch)

        assert holds.get().lifted_at == NOW

    def test_what_comes_back_after_it_was_recorded_is_undone_by_a_counter_receipt(self, town, invoice):
        sign(town.payer)
        batch = town.sent()
        town.settled(batch)
        reference = DirectDebit.objects.get().reference
        later = {"by": SYSTEM, "at": datetime(2026, 12, 20, 8, tzinfo=UTC)}
        for _ in range(2):
            taken = take_returns(
                batch,
                [Return(reference, "MD06", date(2026, 12, 18))],
                authority=town.authority,
                with_fee=False,
                **later,
            )

        assert (taken.returned, taken.known) == (0, 1)
        debit = DirectDebit.objects.get()
        assert (debit.state, debit.reason) == ("returned", "MD06")
        assert [one.cents for one in Receipt.objects.order_by("sequence")] == [8240, -8240]
        assert Posting.objects.get(kind="reversal").date == date(2026, 12, 20)
        assert town.owed == 8240
        assert ledger_faults() == []

    def test_what_the_desk_undid_is_not_undone_twice(self, town, invoice):
        sign(town.payer)
        batch = town.sent()
        town.settled(batch)
        cancel_receipt(Receipt.objects.get(), reason="Rejeté", date=DUE, **ACTING)
        came = [Return(DirectDebit.objects.get().reference, "AM04", DUE)]
        taken = take_returns(batch, came, authority=town.authority, with_fee=False, **ACTING)

        assert (taken.returned, taken.undone, town.owed) == (1, 0, 8240)

    def test_a_closed_account_lets_the_mandate_rest(self, town, invoice):
        mandate = sign(town.payer)
        town.bank.closed = {FRENCH}
        taken = town.answered(town.sent())

        mandate.refresh_from_db()
        assert (taken.suspended, mandate.state, mandate.state_reason) == (1, "suspended", "AC04")
        debit = DirectDebit.objects.get()
        tasks.debit_returned(authority=town.authority.pk, debit=debit.pk)
        assert "suspendu" in mail.outbox[0].body
        with pytest.raises(UnableToDebitError):
            town.prepared(due_on=date(2027, 1, 11))

    def test_the_same_returns_again_change_nothing(self, town, invoice):
        sign(town.payer)
        town.bank.short = {FRENCH}
        batch = town.sent()
        came = [Return(DirectDebit.objects.get().reference, "AM04", DUE), Return("INCONNU", "AM04", DUE)]
        for _ in range(2):
            taken = take_returns(batch, came, authority=town.authority, with_fee=True, **ACTING)

        assert (taken.returned, taken.known, taken.unknown) == (0, 1, ("INCONNU",))
        assert ManualCharge.objects.count() == 1

    def test_a_return_of_what_the_bank_does_not_have_is_not_believed(self, town, invoice):
        sign(town.payer)
        batch = town.prepared()
        reference = DirectDebit.objects.get().reference
        taken = take_returns(
            batch, [Return(reference, "AC04", DUE)], authority=town.authority, with_fee=False, **ACTING
        )

        assert (taken.returned, taken.unknown) == (0, (reference,))
        assert DirectDebitMandate.objects.get().state == "active"

    def test_another_town_s_references_are_unknown(self, town, invoice, in_scope):
        sign(town.payer)
        batch = town.sent()
        reference = DirectDebit.objects.get().reference
        elsewhere = Town(in_scope, "autre@exemple.fr")
        issue_invoice(elsewhere.family, elsewhere.regie, cents=300)
        sign(elsewhere.payer)
        there = elsewhere.sent()
        taken = take_returns(
            there, [Return(reference, "AC04", DUE)], authority=elsewhere.authority, with_fee=False, **ACTING
        )

        assert taken.unknown == (reference,)
        in_scope(town.authority)
        assert DirectDebit.objects.get(batch=batch).state == "sent"

    def test_the_journal_and_the_queue_hold_no_account_and_no_name(self, town, invoice):
        sign(town.payer)
        town.bank.closed = {FRENCH}
        batch = town.sent()
        town.answered(batch, with_fee=True)
        town.settled(batch)

        written = str(list(AuditEntry.objects.values_list("details"))) + str(
            list(ProcrastinateJob.objects.values_list("args", flat=True))
        )
        for personal in (FRENCH, "Sanchez", "rue Haute", "Dammartin"):
            assert personal not in written


def test_cash_and_debts_agree_after_everything(town, invoice):
    sign(town.payer)
    town.other()
    batch = town.sent()
    town.settled(batch)

    cash = LedgerEntry.objects.filter(account="cash", code="debit")
    assert sum(cash.values_list("cents", flat=True)) == 8740
    assert Authority.objects.count() == 1
    assert PayerAccount.objects.count() == 2
    assert ledger_faults() == []
