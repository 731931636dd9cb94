"""Unpaid invoices at work: reminded of, held, handed over to the Trésor, and what comes back of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.connectors.pes.reading import PesReader
from marelle.connectors.pes.schemas import SchemasMissingError
from marelle.connectors.pes.writing import PesWriter
from marelle.domain.billing.models import (
    CollectionBatch,
    CollectionEvent,
    CollectionHold,
    CollectionOrder,
    CollectionReturn,
    CollectionSeries,
    Invoice,
    LedgerEntry,
    Posting,
    Reminder,
)
from marelle.domain.billing.operations import dockets, reminders
from marelle.domain.billing.operations.dockets import CollectionChoices, UnableToExportError
from marelle.domain.billing.operations.payers import choose_delivery
from marelle.domain.billing.operations.returns import (
    NotOursError,
    UnableToUndoError,
    deal_with_before_title,
    take_answer,
    undo_at_treasury,
)
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.billing.queries.dockets import debtors_of, people_of
from marelle.domain.billing.queries.family_invoices import entitled, invoices_of
from marelle.domain.billing.queries.ledger import ledger_faults
from marelle.domain.billing.queries.tax_certificates import care_paid
from marelle.domain.billing.queries.treasury import before_titles, orders_that_differ, received_at_treasury
from marelle.domain.billing.queries.unpaid import letters_to_print
from marelle.domain.billing.rules.dockets import BudgetLack, Lack
from marelle.domain.billing.rules.returns import Acknowledged, Answer, AnswerKind, DocketName
from marelle.domain.billing.rules.standing import Stand
from marelle.domain.families.models import Block
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from standins.helios.gate import Helios
from tests.factories.invoices import issue_invoice, make_regie, pay, payer_of
from tests.factories.town import make_authority, make_child, make_family, make_user
from tests.pes import SCHEMAS, with_schemas

pytestmark = pytest.mark.django_db

DUE = date(2026, 12, 5)
SIRET = "21770001200016"
CHOICES = CollectionChoices(
    kind="titles",
    codique="077015",
    town_code="100",
    budget_code="00",
    budget_name="",
    regie_code="R001",
    product_code="CANT",
    nature="7067",
    function="",
    has_keys=True,
    lowest_cents=1500,
    first_docket=1,
    first_title=1,
)


def morning(days: int) -> datetime:
    """Return the morning so many days after the invoices were due."""
    return datetime(DUE.year, DUE.month, DUE.day, 8, tzinfo=UTC) + timedelta(days=days)


class Town:
    def __init__(self):
        self.authority = make_authority(siret=SIRET)
        self.regie = make_regie(self.authority)
        self.user = make_user()
        self.families = []

    def stages(self, *days, is_letter=False):
        said = [reminders.StageSaid(day, f"Relance à {day} jours", "Merci de payer.", is_letter) for day in days]
        reminders.set_stages(self.regie, said, has_reminders=True, by=SYSTEM, at=morning(0))

    def family(self, name="Clairon", *, user=None, **fields):
        family = make_family(self.authority, name, user=user, **fields)
        with permitted("factory"):
            family.address = "12 rue des Lilas, 77515 Fictiville"
            family.save()
        self.families.append(family)
        return family

    def remind(self, days, **options):
        keys = reminders.due_today(on=morning(days).date())
        return reminders.remind(keys, authority=self.authority, by=SYSTEM, at=morning(days), **options)

    def complete(self):
        payers = [payer_of(family, self.regie) for family in self.families]
        for key, person in people_of(payers).items():
            payer = next(one for one in payers if one.pk == key)
            dockets.save_debtor(payer, replace(person, civility="MME"), by=SYSTEM, at=morning(40))

    def prepare(self, days=40, exercice=2027):
        return dockets.prepare_docket(
            self.regie, exercice=exercice, authority=self.authority, by=SYSTEM, at=morning(days)
        )

    def export(self, batch, days=41, write=None):
        write = write or PesWriter(SCHEMAS)
        return dockets.export_docket(batch, authority=self.authority, write=write, by=SYSTEM, at=morning(days))

    def take(self, content, days=45):
        read = PesReader(SCHEMAS)
        return take_answer(
            read(content),
            authority=self.authority,
            digest=hashlib.sha256(content).hexdigest(),
            name="retour.xml",
            by=SYSTEM,
            at=morning(days),
        )

    def helios(self):
        return Helios(SCHEMAS, siret=SIRET, codique="077015", town_code="100", budget_code="00")


@pytest.fixture
def town(in_scope):
    town = Town()
    in_scope(town.authority)
    dockets.set_collection(town.regie, CHOICES, by=SYSTEM, at=morning(0))
    return town


@pytest.fixture
def owing(town):
    """Two families with something to recover, one with too little, and nobody reminded: no stage is set."""
    town.clairon = town.family("Clairon", user=town.user)
    town.petit = town.family("Petit")
    town.little = town.family("Rien")
    child = make_child(town.clairon, birth_date=date(2023, 5, 1))
    town.first = issue_invoice(town.clairon, town.regie, cents=1000, child=child, childcare=600)
    town.second = issue_invoice(town.clairon, town.regie, cents=2340)
    town.third = issue_invoice(town.petit, town.regie, cents=4120)
    town.fourth = issue_invoice(town.little, town.regie, cents=900)
    return town


def exported(owing):
    owing.complete()
    return owing.export(owing.prepare())


# ------------------------------------------------------------------------------------------------------ reminders


def test_each_stage_leaves_once_by_e_mail_or_as_a_letter(town):
    town.stages(7, 21)
    written, paper = town.family(user=town.user), town.family("Papier")
    first, second = issue_invoice(written, town.regie), issue_invoice(paper, town.regie)
    choose_delivery(payer_of(paper, town.regie), delivery="paper", by=SYSTEM, at=morning(0))

    assert town.remind(6) == reminders.Sent()
    assert town.remind(7) == reminders.Sent(emails=1, letters=1)
    assert town.remind(7) == reminders.Sent()
    assert town.remind(21) == reminders.Sent(emails=1, letters=1)
    assert {(one.invoice_id, one.position, one.how) for one in Reminder.objects.all()} == {
        (first.pk, 1, "email"),
        (first.pk, 2, "email"),
        (second.pk, 1, "letter"),
        (second.pk, 2, "letter"),
    }
    assert ProcrastinateJob.objects.filter(task_name="letters.invoice_reminder").count() == 2
    assert [one.invoice_id for one in letters_to_print()] == [second.pk] * 2
    assert reminders.note_printed([one.pk for one in letters_to_print()], authority=town.authority, by=SYSTEM,
                                  at=morning(22)) == 2  # fmt: skip
    assert not letters_to_print()


def test_a_stage_may_always_be_a_letter(town):
    town.stages(7, is_letter=True)
    issue_invoice(town.family(user=town.user), town.regie)

    assert town.remind(7) == reminders.Sent(letters=1)


def test_a_family_late_with_several_invoices_is_written_to_once(town):
    town.stages(7)
    family = town.family(user=town.user)
    first, second, paid = (issue_invoice(family, town.regie, cents=cents) for cents in (8240, 1200, 500))

    assert town.remind(7) == reminders.Sent(emails=3)
    jobs = list(ProcrastinateJob.objects.filter(task_name="letters.invoice_reminder"))
    pay(paid, 500, on=DUE + timedelta(days=7))
    for job in jobs:
        tasks.invoice_reminder(**job.args)

    (letter,) = mail.outbox
    assert letter.subject == "Relance à 7 jours : 2 factures"
    text = letter.body.replace("\N{NO-BREAK SPACE}", " ")
    assert "Il reste 94,40 € à payer :" in text
    assert f"82,40 € de la facture n° {first.number}" in text
    assert f"12,00 € de la facture n° {second.number}" in text
    assert paid.number not in text


def test_an_agent_sends_the_next_stage_at_once_and_the_paid_one_is_skipped(town):
    town.stages(20, 40)
    family = town.family(user=town.user)
    owed, paid = issue_invoice(family, town.regie), issue_invoice(family, town.regie)
    pay(paid, 770, on=DUE)

    sent = reminders.remind([owed.pk, paid.pk], authority=town.authority, is_asked=True, by=SYSTEM, at=morning(1))
    assert sent == reminders.Sent(emails=1, skipped=1)


def test_a_regie_that_does_not_remind_sends_nothing_by_itself(town):
    town.stages(7)
    reminders.set_stages(town.regie, [], has_reminders=False, by=SYSTEM, at=morning(0))
    issue_invoice(town.family(), town.regie)

    assert town.remind(30) == reminders.Sent()


def test_a_family_that_is_held_is_asked_for_nothing_and_reserves(town):
    town.stages(7)
    family = town.family(user=town.user)
    one, two = issue_invoice(family, town.regie, cents=1000), issue_invoice(family, town.regie, cents=500)
    options = {"authority": town.authority, "by": SYSTEM, "at": morning(3)}
    hold = reminders.hold_collection(family, kind="pause", reason="Échéancier", **options)
    assert town.remind(10) == reminders.Sent()
    assert not Block.objects.filter(lifted_at=None)

    assert reminders.resume_collection(hold, **options)
    assert not reminders.resume_collection(hold, **options)
    assert Block.objects.get(lifted_at=None).amount_cents == 1500

    disputed = reminders.hold_collection(family, kind="dispute", invoice=one, until=date(2026, 12, 15), **options)
    again = reminders.hold_collection(family, kind="dispute", invoice=one, until=date(2026, 12, 14), **options)
    assert disputed.pk == again.pk
    assert Block.objects.get(lifted_at=None).amount_cents == 500
    assert town.remind(9) == reminders.Sent(emails=1)
    assert Reminder.objects.get().invoice_id == two.pk
    assert town.remind(10) == reminders.Sent(emails=1)  # the day after the hold


def test_an_invoice_of_another_family_is_not_held(town):
    theirs = issue_invoice(town.family("Autre"), town.regie)

    with pytest.raises(reminders.UnableToHoldError):
        reminders.hold_collection(
            town.family(), kind="dispute", invoice=theirs, authority=town.authority, by=SYSTEM, at=morning(1)
        )
    assert not CollectionHold.objects.exists()


def test_what_is_to_be_debited_is_not_asked_for_until_it_is_withdrawn(town):
    town.stages(7)
    invoice = issue_invoice(town.family(user=town.user), town.regie)
    for until in (date(2026, 12, 20), date(2026, 12, 24)):
        reminders.hold_for_debits([invoice.pk], authority=town.authority.pk, until=until, by=SYSTEM, at=morning(1))
    assert CollectionHold.objects.get().until == date(2026, 12, 24)
    assert town.remind(19) == reminders.Sent()

    reminders.release_from_debits([invoice.pk], authority=town.authority.pk, by=SYSTEM, at=morning(10))
    assert town.remind(19) == reminders.Sent(emails=1)


# ------------------------------------------------------------------------------------------------------- dockets


def test_only_what_was_fully_reminded_of_is_gathered(town):
    town.stages(7, 21)
    town.family(user=town.user)
    issue_invoice(town.families[0], town.regie, cents=5000)
    town.remind(7)
    town.remind(21)
    with pytest.raises(dockets.NothingToHandOverError):
        town.prepare(34)

    assert town.prepare(35).total_cents == 5000


def test_debts_are_grouped_by_debtor_and_the_small_ones_left(owing):
    batch = owing.prepare()

    assert {(one.payer.family_id, one.cents) for one in debtors_of(batch)} == {
        (owing.clairon.pk, 3340),
        (owing.petit.pk, 4120),
    }
    assert batch.total_cents == 7460
    with pytest.raises(dockets.AlreadyPreparedError):
        owing.prepare()


def test_what_lacks_is_said_and_nothing_leaves(owing):
    batch = owing.prepare()

    assert {one.lacks for one in debtors_of(batch)} == {(Lack.CIVILITY,)}
    with pytest.raises(UnableToExportError) as refused:
        owing.export(batch)
    assert len(refused.value.debtors) == 2
    dockets.set_collection(owing.regie, replace(CHOICES, codique=""), by=SYSTEM, at=morning(40))
    with pytest.raises(UnableToExportError) as refused:
        owing.export(batch)
    assert refused.value.budget == (BudgetLack.CODIQUE,)
    assert not Invoice.objects.exclude(recovery_at=None)
    assert not CollectionSeries.objects.exists()


def test_no_file_without_its_schemas_and_no_number_is_used(owing):
    owing.complete()
    batch = owing.prepare()

    with pytest.raises(SchemasMissingError):
        owing.export(batch, write=PesWriter(None))
    batch.refresh_from_db()
    assert (batch.state, batch.sequence, batch.content) == ("prepared", None, None)
    assert not CollectionSeries.objects.exists()
    assert not Invoice.objects.exclude(recovery_at=None)


@with_schemas
def test_what_leaves_is_numbered_handed_over_and_locked(owing):
    batch = exported(owing)

    assert (batch.sequence, batch.state, batch.file_name) == (1, "exported", f"PESALR1_{SIRET}_2027_0000001_01")
    orders = {order.invoice_id: (order.piece, order.line, order.cents) for order in CollectionOrder.objects.all()}
    assert orders == {owing.first.pk: (1, 1, 1000), owing.second.pk: (1, 2, 2340), owing.third.pk: (2, 1, 4120)}
    assert Invoice.objects.get(pk=owing.third.pk).recovery_number == "2027-2"
    assert not Invoice.objects.get(pk=owing.fourth.pk).recovery_at
    for statement in (
        "UPDATE billing_collectionbatch SET total_cents = 1",
        "UPDATE billing_collectionbatch SET digest = 'x'",
        "DELETE FROM billing_collectionbatch",
        "UPDATE billing_collectionorder SET cents = 1",
        "DELETE FROM billing_collectionorder",
    ):
        with permitted("test"), pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert not dockets.drop_docket(batch, by=SYSTEM, at=morning(42))
    assert not dockets.leave_out(batch, payer_of(owing.petit, owing.regie), by=SYSTEM, at=morning(42))
    with pytest.raises(UnableToExportError):
        owing.export(batch)


@with_schemas
def test_what_was_paid_or_held_since_is_taken_out(owing):
    owing.complete()
    batch = owing.prepare()
    pay(owing.third, 4120, on=date(2027, 1, 15))
    pay(owing.second, 340, on=date(2027, 1, 15))
    batch = owing.export(batch)

    assert {(one.invoice_id, one.cents) for one in CollectionOrder.objects.all()} == {
        (owing.first.pk, 1000),
        (owing.second.pk, 2000),
    }
    assert batch.total_cents == 3000


def test_a_docket_of_nothing_does_not_leave(owing):
    owing.complete()
    batch = owing.prepare()
    for invoice, cents in ((owing.first, 1000), (owing.second, 2340), (owing.third, 4120)):
        pay(invoice, cents, on=date(2027, 1, 15))

    with pytest.raises(UnableToExportError):
        owing.export(batch)


def test_a_payer_may_be_left_out_and_a_docket_dropped(owing):
    batch = owing.prepare()
    assert dockets.leave_out(batch, payer_of(owing.petit, owing.regie), by=SYSTEM, at=morning(40))
    assert not dockets.leave_out(batch, payer_of(owing.petit, owing.regie), by=SYSTEM, at=morning(40))
    batch.refresh_from_db()
    assert batch.total_cents == 3340

    assert dockets.drop_docket(batch, by=SYSTEM, at=morning(40))
    assert owing.prepare().total_cents == 7460


@with_schemas
def test_numbers_follow_one_another_in_the_budget_whatever_the_regie(owing):
    exported(owing)
    other = make_regie(owing.authority, "Centre")
    dockets.set_collection(other, replace(CHOICES, first_docket=1, first_title=1), by=SYSTEM, at=morning(0))
    issue_invoice(owing.petit, other, cents=5000)
    payer = payer_of(owing.petit, other)
    dockets.save_debtor(payer, replace(people_of([payer])[payer.pk], civility="M"), by=SYSTEM, at=morning(40))
    batch = dockets.prepare_docket(other, exercice=2027, authority=owing.authority, by=SYSTEM, at=morning(50))

    assert owing.export(batch, 50).sequence == 2
    assert CollectionOrder.objects.get(batch=batch).piece == 3


@with_schemas
def test_a_series_begins_where_the_town_says_and_a_roll_counts_its_own_articles(owing):
    dockets.set_collection(
        owing.regie, replace(CHOICES, kind="rolls", first_docket=40, first_title=900), by=SYSTEM, at=morning(0)
    )
    batch = exported(owing)

    assert batch.sequence == 40
    assert sorted(order.piece for order in CollectionOrder.objects.all()) == [1, 1, 2]
    assert Invoice.objects.get(pk=owing.third.pk).recovery_number == "2027-40-2"


# ------------------------------------------------------------------------------------------- what the Trésor says


@with_schemas
def test_the_loop_is_closed_family_included(owing):
    helios, batch = owing.helios(), exported(owing)
    owing.take(helios.take(batch.content, on=morning(42).date()))
    batch.refresh_from_db()
    assert batch.state == "accepted"
    helios.receive((2027, "01", 1), 1, 1, 1000, on=morning(43).date())
    helios.receive((2027, "01", 1), 1, 2, 340, on=morning(43).date())
    first = helios.returned(on=morning(44).date())
    owing.take(first)

    states = dict(CollectionOrder.objects.values_list("invoice", "state"))
    assert states == {owing.first.pk: "paid", owing.second.pk: "part_paid", owing.third.pk: "taken"}
    assert left_of([owing.first.pk, owing.second.pk]) == {owing.first.pk: 0, owing.second.pk: 2000}
    who = entitled(owing.user.pk)
    with tenancy.scope(who.authorities):
        stands = {one.invoice.pk: one for one in invoices_of(who, at=morning(45))}
        paid = care_paid(who)[0].on(2027)
    assert stands[owing.first.pk].standing.stand is Stand.SETTLED
    assert stands[owing.first.pk].settlements[0].is_at_treasury
    assert stands[owing.second.pk].standing.stand is Stand.IN_RECOVERY
    assert paid.total == 600  # paid at the Trésor is paid

    # The rest comes later, with all that was said before, and a payment alike.
    helios.receive((2027, "01", 1), 1, 2, 1000, on=morning(46).date())
    helios.receive((2027, "01", 1), 1, 2, 1000, on=morning(46).date())
    owing.take(helios.returned(on=morning(47).date()), 47)
    assert left_of([owing.second.pk]) == {owing.second.pk: 0}
    assert CollectionOrder.objects.get(invoice=owing.second).state == "paid"
    assert ledger_faults() == []
    assert not LedgerEntry.objects.filter(account="cash").exists()
    assert not Block.objects.filter(family=owing.clairon, lifted_at=None).exists()
    assert Block.objects.get(family=owing.petit, lifted_at=None).amount_cents == 4120


@with_schemas
def test_the_same_file_and_one_that_repeats_it_change_nothing(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    helios.receive((2027, "01", 1), 2, 1, 120, on=morning(43).date())
    content = helios.returned(on=morning(44).date())
    assert not owing.take(content).is_known
    before = Posting.objects.count(), CollectionEvent.objects.count()

    assert owing.take(content).is_known
    owing.take(helios.returned(on=morning(45).date()))
    assert (Posting.objects.count(), CollectionEvent.objects.count()) == before
    assert CollectionReturn.objects.count() == 2
    assert left_of([owing.third.pk]) == {owing.third.pk: 4000}
    # The first file said it before the acknowledgement did.
    batch.refresh_from_db()
    assert batch.state == "accepted"


@with_schemas
def test_what_is_refused_at_the_gate_leaves_again_under_its_number(owing):
    batch = exported(owing)
    wrong = Helios(SCHEMAS, siret=SIRET, codique="077099", town_code="100", budget_code="00")
    assert owing.take(wrong.take(batch.content, on=morning(42).date())).matched == 1
    batch.refresh_from_db()
    assert batch.state == "refused"
    assert batch.refusal.startswith("ERREUR_CODIQUE")
    assert Invoice.objects.get(pk=owing.third.pk).recovery_at is not None

    again = owing.export(batch, 43)
    assert (again.sequence, again.exports, again.file_name[-3:]) == (1, 2, "_02")
    owing.take(owing.helios().take(again.content, on=morning(44).date()))
    again.refresh_from_db()
    assert (again.state, again.refusal) == ("accepted", "")


@with_schemas
def test_a_title_that_is_rejected_comes_back_to_the_regie(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    helios.reject((2027, "01", 1), 2, "03")
    owing.take(helios.returned(on=morning(44).date()))

    order = CollectionOrder.objects.get(invoice=owing.third)
    assert (order.state, order.said) == ("rejected", "Le débiteur n’est pas indiqué.")
    invoice = Invoice.objects.get(pk=owing.third.pk)
    assert (invoice.recovery_at, invoice.recovery_number) == (None, "")
    pay(invoice, 20, on=date(2027, 1, 25))
    assert left_of([invoice.pk]) == {invoice.pk: 4100}
    assert owing.prepare(50).total_cents == 4100


@with_schemas
def test_what_is_written_off_is_owed_no_more_and_certified_to_nobody(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    helios.receive((2027, "01", 1), 1, 1, 1000, on=morning(43).date(), origin="06")
    owing.take(helios.returned(on=morning(44).date()))

    assert CollectionOrder.objects.get(invoice=owing.first).state == "written_off"
    assert Posting.objects.get(kind="write_off").invoice_id == owing.first.pk
    assert left_of([owing.first.pk]) == {owing.first.pk: 0}
    who = entitled(owing.user.pk)
    with tenancy.scope(who.authorities):
        assert [one.on(2027).total for one in care_paid(who)] == [0]
    assert ledger_faults() == []


@with_schemas
def test_more_than_what_is_left_is_not_posted_and_is_pointed_out(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    helios.receive((2027, "01", 1), 2, 1, 5000, on=morning(43).date())
    owing.take(helios.returned(on=morning(44).date()))

    assert left_of([owing.third.pk]) == {owing.third.pk: 0}
    assert Posting.objects.get(kind="recovery").entries.get(account="treasury").cents == 4120
    assert CollectionOrder.objects.get(invoice=owing.third).told_cents == 5000
    assert ledger_faults() == []


@with_schemas
def test_what_the_tresor_no_longer_counts_is_undone_with_one_press(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    for cents in (1000, 1340, 700):
        helios.receive((2027, "01", 1), 2, 1, cents, on=morning(43).date())
    owing.take(helios.returned(on=morning(44).date()))
    helios.cancel((2027, "01", 1), 2, 1, 1340)
    owing.take(helios.returned(on=morning(50).date()), 50)

    (order,) = orders_that_differ()
    assert (order.invoice_id, order.told_cents, received_at_treasury(order)) == (owing.third.pk, 1700, 3040)
    assert left_of([owing.third.pk]) == {owing.third.pk: 1080}
    assert undo_at_treasury(order, authority=owing.authority, by=SYSTEM, at=morning(51)) == 1340
    assert left_of([owing.third.pk]) == {owing.third.pk: 2420}
    assert CollectionOrder.objects.get(pk=order.pk).state == "part_paid"
    assert ledger_faults() == []
    assert orders_that_differ() == []
    with pytest.raises(UnableToUndoError):
        undo_at_treasury(order, authority=owing.authority, by=SYSTEM, at=morning(51))

    # Said again, the same: nothing comes back; all cancelled, nothing is left; paid at last, it is settled.
    owing.take(helios.returned(on=morning(52).date()), 52)
    assert left_of([owing.third.pk]) == {owing.third.pk: 2420}
    for cents in (1000, 700):
        helios.cancel((2027, "01", 1), 2, 1, cents)
    owing.take(helios.returned(on=morning(53).date()), 53)
    assert undo_at_treasury(order, authority=owing.authority, by=SYSTEM, at=morning(53)) == 1700
    assert CollectionOrder.objects.get(pk=order.pk).state == "taken"
    helios.receive((2027, "01", 1), 2, 1, 4120, on=morning(54).date())
    owing.take(helios.returned(on=morning(55).date()), 55)
    assert CollectionOrder.objects.get(pk=order.pk).state == "paid"
    assert orders_that_differ() == []
    assert ledger_faults() == []


@with_schemas
def test_what_no_payment_explains_is_undone_by_nobody(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    helios.receive((2027, "01", 1), 2, 1, 5000, on=morning(43).date())
    owing.take(helios.returned(on=morning(44).date()))

    (order,) = orders_that_differ()
    with pytest.raises(UnableToUndoError):
        undo_at_treasury(order, authority=owing.authority, by=SYSTEM, at=morning(45))
    assert left_of([owing.third.pk]) == {owing.third.pk: 0}


@with_schemas
def test_a_suspension_is_said_on_its_line_then_that_it_is_over(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    at = (2027, "01", 1), 2, 1
    helios.suspend(*at, "09", on=morning(43).date())
    owing.take(helios.returned(on=morning(44).date()))
    said = CollectionOrder.objects.get(invoice=owing.third).said
    assert said.startswith("Poursuites suspendues depuis le ")
    assert said.endswith(" : commission de surendettement.")

    helios.suspend(*at, "09", on=morning(43).date(), until=morning(60).date())
    owing.take(helios.returned(on=morning(61).date()), 61)
    assert CollectionOrder.objects.get(invoice=owing.third).said.startswith("Poursuites reprises le ")


@with_schemas
def test_money_that_came_before_its_title_is_listed_once_until_it_is_dealt_with(owing):
    helios, batch = owing.helios(), exported(owing)
    helios.take(batch.content, on=morning(42).date())
    number = helios.receive_before_title(2027, 1580, "VIR CLAIRON CANTINE", on=morning(43).date())
    taken = owing.take(helios.returned(on=morning(44).date()))
    again = owing.take(helios.returned(on=morning(45).date()), 46)

    assert (taken.before_titles, again.before_titles) == (1, 0)
    assert taken.unknown == 0
    (asked,) = before_titles()
    assert (asked.number, asked.cents, asked.words, asked.account) == (number, 1580, "VIR CLAIRON CANTINE", "4718")
    assert asked.date == morning(43).date()
    # Nothing is posted: which invoice it pays, the town says.
    assert not Posting.objects.filter(kind="recovery").exists()
    assert deal_with_before_title(asked, by=SYSTEM, at=morning(47))
    assert not deal_with_before_title(asked, by=SYSTEM, at=morning(48))
    assert list(before_titles()) == []
    owing.take(helios.returned(on=morning(49).date()), 50)
    assert list(before_titles()) == []


@with_schemas
def test_what_somebody_is_paying_now_does_not_leave(owing):
    owing.complete()
    batch = owing.prepare()
    paying = frozenset({owing.third.pk})
    dockets.export_docket(
        batch,
        authority=owing.authority,
        write=PesWriter(SCHEMAS),
        being_paid=lambda: paying,
        by=SYSTEM,
        at=morning(41),
    )

    assert {order.invoice_id for order in batch.orders.all()} == {owing.first.pk, owing.second.pk}
    owing.third.refresh_from_db()
    assert owing.third.recovery_at is None


@with_schemas
def test_a_file_of_another_town_or_of_unknown_titles_does_nothing(owing):
    batch = exported(owing)
    answer = Answer(
        AnswerKind.ACKNOWLEDGEMENT, "21770001200024", "100", "00", DUE, (Acknowledged(DocketName(2027, 1), True),)
    )
    options = {"authority": owing.authority, "digest": "a", "name": "x", "by": SYSTEM, "at": morning(44)}
    with pytest.raises(NotOursError):
        take_answer(answer, **options)
    unknown = replace(answer, siret=SIRET, acknowledged=(Acknowledged(DocketName(2027, 9), True),))
    assert take_answer(unknown, **options).unknown == 1
    batch.refresh_from_db()
    assert batch.state == "exported"


@with_schemas
def test_the_file_is_kept_encrypted(owing):
    batch = exported(owing)

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM billing_collectionbatch WHERE id = %s", [batch.pk])
        (stored,) = cursor.fetchone()
    assert b"LILAS" in CollectionBatch.objects.get(pk=batch.pk).content
    assert b"LILAS" not in bytes(stored)
