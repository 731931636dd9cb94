"""The town that is attacked, and all its addresses: who asks, what a form holds there, which role opens it."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import get_resolver, reverse

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import (
    Aid,
    BillingRun,
    CollectionBatch,
    CollectionHold,
    CollectionOrder,
    CollectionSettings,
    Debtor,
    HiddenInvoice,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    ManualCharge,
    PaidBeforeTitle,
    PayerAccount,
    Posting,
    Reminder,
    ReminderStage,
)
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.rules.references import reference_of
from marelle.domain.catalog.models import Reglement, Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import (
    AddressChange,
    Block,
    Child,
    ChildPhoto,
    Consent,
    ConsentText,
    Custody,
    FamilyQuotient,
    Guardian,
    PickupPerson,
    ProposedChange,
    SupportingDocument,
)
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.families.quotient_source import FoundQuotient
from marelle.domain.families.rules.photos import PHOTO_CODE
from marelle.domain.families.rules.profile import FIELDS
from marelle.domain.onboarding.operations.opening import make_opening_link
from marelle.domain.onboarding.queries.opening import ForWhom
from marelle.domain.payments.models import (
    BankStatement,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitMandate,
    PaymentAttempt,
    PaymentLine,
    PaymentSettings,
    RefundRequest,
    StatementLine,
    TransferBatch,
)
from marelle.domain.payments.operations.deposits import prepare_deposit
from marelle.domain.payments.operations.desk import take_payment
from marelle.domain.payments.operations.receipts import give_receipt
from marelle.domain.payments.operations.regies import count_cash, hand_over_regie, name_regisseur
from marelle.domain.procedures.models import (
    AnswerTemplate,
    Application,
    ApplicationDocument,
    ChangesAsked,
    Message,
    Procedure,
)
from marelle.domain.procedures.operations.exchanging import write_message, write_note
from marelle.domain.procedures.operations.reviewing import request_changes
from marelle.domain.procedures.operations.silence import decide_by_silence
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.operations.templates import TemplateWords, save_template
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    Basket,
    BasketLine,
    CancellationRequest,
    Confirmation,
    CustodyProposal,
    Disruption,
    FreedPlace,
    PlaceOffer,
    Reservation,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.custody import (
    answer_proposal,
    propose_custody,
    propose_days,
    settle_custody,
)
from marelle.domain.reservations.queries.custody_effects import mark_of_custody
from marelle.domain.reservations.rules.custody import CustodyTerms
from marelle.foundation import files, tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.derived_secrets import sealed
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from marelle.letters.about_joining import NEW_ACCOUNT
from marelle.web.office.families.quotient_section import signed
from tests.domain.household import NOW
from tests.factories import town as make
from tests.factories.applications import make_sent, pickup_of
from tests.factories.banks import make_creditor, sign
from tests.factories.imported import import_invoice
from tests.factories.imports import make_import
from tests.factories.invoices import issue_invoice, make_regie, pay, payer_of
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request
from tests.factories.kitchen import make_kitchen_settings
from tests.factories.messages import make_messages
from tests.factories.procedures import make_draft, make_procedure, make_service_in_charge
from tests.factories.published import make_download, make_menu
from tests.web.attacks.guide import guide_of

FAMILY, OFFICE = "famille.localhost", "mairie.localhost"
ACCOUNT, INVOICES = "compte.localhost", "factures.localhost"
TUESDAY, THURSDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 27)
PASSWORD = "trois petits chats verts"
# A first name that is an attack, wherever it is shown.
BOBBY = "<script>alert('Bobby')</script>\"'"
EVENT = {"kind": "strike", "title": BOBBY, "starts_on": "2026-11-26", "ends_on": "2026-11-27"}


def place(host: str = FAMILY, user: User | None = None, **kwargs) -> Client:
    client = Client(headers={"host": host}, raise_request_exception=False, **kwargs)
    if user is not None:
        client.force_login(user)
    return client


class Town:
    """Two families and an agent of a town that has something of everything, and a neighboring town."""

    def __init__(self) -> None:  # noqa: PLR0915  something of everything
        self.authority = make.make_authority(announcement=BOBBY, siret="21770154900016")
        self.slug = self.authority.slug
        self.school = make.make_facility(self.authority, "École des Tilleuls")
        self.bourg = make.make_facility(self.authority, "École du Bourg")
        # The first by its name has no run open; the other has one in review.
        self.first_regie, self.regie = (make_regie(self.authority, name) for name in ("Accueil", "Cantine"))
        canteen = make.make_service(self.authority, "Cantine", code="cantine", regie=self.regie)
        centre = make.make_service(
            self.authority, "Centre", code="centre", payment_mode="prepaid", regie=self.first_regie
        )
        self.centre = centre
        self.meal = make.make_product(self.authority, service=canteen, facility=self.school)
        self.outing = make.make_product(
            self.authority, name="Journée", noun="journée", service=centre, facility=self.bourg
        )
        self.full = make.make_product(
            self.authority, name="Étude", noun="étude", service=canteen, facility=self.school, capacity=1
        )
        products = (self.meal, self.outing, self.full)
        self.user = make.make_user()
        self.family = make.make_family(self.authority, BOBBY, user=self.user)
        self.child = make.make_child(self.family, BOBBY, products=products, allergies=BOBBY, diet=BOBBY)
        self.stranger_user = make.make_user()
        self.stranger = make.make_family(self.authority, "Autre", user=self.stranger_user)
        self.zoe = make.make_child(self.stranger, "Zoé", products=products, allergies="arachide")
        self.agent = make.make_agent(self.authority, BOBBY)
        make.make_closure(self.authority, BOBBY, date(2027, 6, 15), service=canteen, facility=self.school)
        self.class_key = make.make_class(self.school, BOBBY, level="CP").pk
        self.brought = make_import(self.authority, names=(BOBBY, BOBBY))
        self.kitchen = make_kitchen_settings(self.authority, canteen)
        self.private = make.make_article(self.authority, BOBBY, body=BOBBY, is_public=False)
        self.public = make.make_article(self.authority, "Pour tous", is_public=True)
        self.download = make_download(self.authority, BOBBY, file_name="bobby.pdf", about=BOBBY)
        make_menu(self.authority, date(2026, 11, 23), BOBBY, special=BOBBY)
        self.reserved = make.make_reservation(self.child, self.meal, TUESDAY, family=self.family)
        make.make_reservation(self.child, self.meal, date(2026, 11, 23), family=self.family)
        self.edited, self.template = procedure_of(self.authority)
        self.disruption = self.event()
        self.absence = self.absence_of(make.make_reservation(self.child, self.full, TUESDAY, family=self.family))
        self.proposed = self.offer_to(self.child, instead_of=self.absence.reservation)
        self.guardian = make_guardian(self.authority, BOBBY, family=self.family, name=BOBBY)
        self.opening = make_opening_link(ForWhom(), by=SYSTEM, at=NOW)
        self.link, self.code = make_invitation(self.guardian), make_code(self.guardian)
        self.written = make_messages(self.family, self.guardian, by=self.agent.user_id, words=BOBBY)
        self.joining = make_join_request(
            self.authority, make.make_user(), first_name=BOBBY, child_last_name=BOBBY, words=BOBBY
        )
        self.asked = self.request_for(make.make_reservation(self.child, self.meal, THURSDAY, family=self.family))
        self.held = make.make_reservation(
            self.child,
            self.outing,
            THURSDAY,
            family=self.family,
            state="held",
            held_until=datetime(2026, 11, 25, 8, tzinfo=UTC),
        )
        make.make_reservation(self.zoe, self.full, FRIDAY, family=self.stranger)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            self.basket = Basket.objects.create(authority=self.authority, user=self.user, family=self.family)
            BasketLine.objects.create(
                authority=self.authority,
                basket=self.basket,
                child=self.child,
                product=self.meal,
                date=FRIDAY,
                wish="reserve",
                added_at=datetime(2026, 11, 22, tzinfo=UTC),
                price_cents=385,
            )
            self._fill_file()
            self.disputed, self.dispute = self._dispute()
            self.custody_seen = mark_of_custody(self.disputed.pk)
            self.block = Block.objects.create(
                authority=self.authority,
                family=self.family,
                kind="incomplete_file",
                put_at=datetime(2026, 11, 20, tzinfo=UTC),
            )
            self.document = SupportingDocument.objects.create(
                authority=self.authority,
                family=self.family,
                kind="quotient",
                name=f"{BOBBY}.pdf",
                content_type="application/pdf",
                stored_as=files.store(b"%PDF-1.7"),
                size=8,
                uploaded_at=datetime(2026, 11, 20, tzinfo=UTC),
            )
            self.quotient = FamilyQuotient.objects.create(
                authority=self.authority,
                family=self.family,
                value_cents=742_00,
                valid_from=date(2026, 9, 1),
                source="document",
                document=self.document,
                recorded_at=datetime(2026, 11, 20, tzinfo=UTC),
            )
            self.confirmation = Confirmation.objects.create(
                authority=self.authority,
                user=self.user,
                family=self.family,
                basket_key=new_public_id(),
                number="R-2026-ABCDEFGH",
                confirmed_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
                lines=[
                    {
                        "child": self.child.pk,
                        "product": self.meal.pk,
                        "date": TUESDAY.isoformat(),
                        "outcome": "reserved",
                        "cents": 385,
                    }
                ],
            )

        regie = make_regie(self.authority)
        small = make.make_child(self.family, BOBBY, birth_date=date(2022, 1, 5))
        self.ask_the_office()
        self.share_custody()
        self.invoice = issue_invoice(
            self.family, regie, payer=BOBBY, label=BOBBY, child=small, product=self.meal, childcare=300
        )
        paid = pay(self.invoice, 500, on=date(2026, 11, 9))
        with tenancy.scope({self.authority.pk}):
            self.receipt = give_receipt(paid, label=BOBBY, by=SYSTEM, at=datetime(2026, 11, 9, 10, tzinfo=UTC))
        with tenancy.scope({self.authority.pk}):
            self.payer = PayerAccount.objects.get(pk=self.invoice.payer_id).public_id
            self.work(regie)
        self.bill(canteen)
        self.bank()
        self.ask()
        # One that waits for its rules and its prices.
        self.waiting = make.make_product(self.authority, name=BOBBY, facility=self.bourg, price_cents=None)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            Reglement.objects.filter(activity=self.waiting.activity_id).delete()

    def ask(self) -> None:
        """A draft with a document, and a request that is to be completed, with words on both sides."""
        given = {"children": [self.child.public_id], "person.name": [BOBBY], "starts_on": ["2026-12-01"]}
        by, agent = Actor(ActorKind.FAMILY, self.user.pk), Actor(ActorKind.AGENT, self.agent.user_id)
        at = datetime(2026, 11, 20, 9, tzinfo=UTC)
        documents = [{"code": "proof", "label": "Justificatif", "kind": "quotient"}]
        self.procedure = make_procedure(self.authority, title="<b>Bobby</b>", documents=documents, at=at)
        self.begun = make_draft(self.family, self.procedure, given, at=at)
        without = make_procedure(self.authority, "sans-piece", summary=BOBBY, documents=[], at=at)
        draft = make_draft(self.family, without, given, at=at)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            ApplicationDocument.objects.create(
                authority=self.authority, application=self.begun, document=self.document, code="proof", added_at=at
            )
            self.incomplete = submit_application(draft, by=by, at=at)
            write_message(self.incomplete, BOBBY, by=by, at=at)
            request_changes(
                self.incomplete,
                BOBBY,
                codes=["starts_on"],
                due_on=date(2026, 12, 4),
                expected=self.incomplete.revision + 1,
                by=agent,
                at=at,
            )

    def ask_the_office(self) -> None:
        """The family asks for things: one waits for an agent, silence accepted another and nobody did it."""
        pickup = make_procedure(self.authority, documents=[], title=BOBBY)
        given = pickup_of(self.child, **{"person.name": [BOBBY]})
        self.application, self.silent = (make_sent(self.family, pickup, given, at=NOW) for _each in range(2))
        make_service_in_charge(self.authority, "mairie", name=BOBBY)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            ApplicationDocument.objects.create(
                authority=self.authority,
                application=self.application,
                document=self.document,
                code="identity",
                added_at=NOW,
            )
            write_message(self.application, BOBBY, by=Actor(ActorKind.FAMILY, self.user.pk), at=NOW)
            write_note(self.application, BOBBY, by=Actor(ActorKind.AGENT, self.agent.user_id), at=NOW)
            long_after = datetime(2027, 3, 1, tzinfo=UTC)
            decide_by_silence(self.silent, does_effect=False, by=SYSTEM, at=long_after)
            self.application.refresh_from_db()
            self.silent.refresh_from_db()

    def bank(self) -> None:
        """A creditor of two régies, a mandate at one, batches at each of their steps, refunds asked and accepted."""
        regie, at, day = self.invoice.regie, datetime(2026, 11, 20, 6, tzinfo=UTC), date(2026, 12, 10)
        make_creditor(self.first_regie)
        make_creditor(regie)
        self.mandate = sign(self.invoice.payer)
        self.ahead = payer_of(self.family, self.first_regie)
        waiting = payer_of(self.stranger, self.first_regie)
        noted = {"authority": self.authority, "regie": regie}
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            PayerAccount.objects.filter(pk=waiting.pk).update(keeps_wallet=True)
            for payer in (self.ahead, waiting):
                record_payment(payer, cents=5000, means="card", date=at.date(), by=SYSTEM, at=at)
            self.batch = DirectDebitBatch.objects.create(
                due_on=day, state="filed", file="<x/>", message="PRLV-1", prepared_at=at, filed_at=at, **noted
            )
            self.sent = DirectDebitBatch.objects.create(
                due_on=at.date(), state="sent", file="<x/>", message="PRLV-2", prepared_at=at, sent_at=at, **noted
            )
            self.transfers = TransferBatch.objects.create(
                paid_on=day, message="VIR-1", file="<x/>", made_at=at, **noted
            )
            asked = {
                "authority": self.authority,
                "holder": BOBBY,
                "iban": self.mandate.iban,
                "cents": 500,
                "asked_at": at,
                "words": BOBBY,
            }
            self.refund = RefundRequest.objects.create(payer=self.invoice.payer, family=self.family, **asked)
            RefundRequest.objects.create(payer=waiting, family=self.stranger, state="accepted", way="transfer", **asked)
        issue_invoice(self.stranger, self.first_regie)
        sign(waiting)
        self.receive()
        self.attempt = self.payment()

    def payment(self) -> PaymentAttempt:
        """The family is paying an invoice online."""
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            PaymentSettings.objects.create(
                authority=self.authority, regie=self.first_regie, gateway="payfip", mode="production", has_top_up=True
            )
            attempt = PaymentAttempt.objects.create(
                authority=self.authority,
                purpose="invoices",
                user=self.user,
                family=self.family,
                regie=self.invoice.regie,
                payer=self.invoice.payer,
                gateway="payfip",
                mode="production",
                number="123456",
                reference=f"2026ESSAI{self.authority.pk:06d}",
                exercice=2026,
                label=BOBBY,
                cents=770,
                state="redirected",
                provider_id=f"idop-{self.authority.pk}",
                page={"url": "https://paiement.exemple.fr/", "fields": [["nom", BOBBY]]},
                created_at=datetime(2026, 11, 23, 6, 59, tzinfo=UTC),
            )
            PaymentLine.objects.create(
                authority=self.authority, attempt=attempt, invoice=self.invoice, cents=attempt.cents
            )
        return attempt

    def work(self, regie) -> None:
        """What a régisseur does: cash, prepare a deposit, count; and at another régie, hand over."""
        self.till, self.due = regie, self.invoice
        day, noted = date(2026, 11, 20), datetime(2026, 11, 20, 9, tzinfo=UTC)
        today = datetime(2026, 11, 23, 6, tzinfo=UTC)
        as_agent = Actor(ActorKind.AGENT, self.agent.user_id)
        self.cashed, _cheque = (
            take_payment(
                self.due.payer, cents=10, means=means, date=day, invoices=[self.due], by=as_agent, at=noted
            ).public_id
            for means in ("cash", "cheque")
        )
        self.deposit = prepare_deposit(
            regie, means="cheque", exercice=2026, until=day, today=day, by=as_agent, at=noted
        ).public_id
        other, substitute = make.make_agent(self.authority, BOBBY), make.make_agent(self.authority, BOBBY)
        name_regisseur(self.first_regie, agent=self.agent, kind="regisseur", starts_on=day, by=as_agent, at=noted)
        count_cash(self.first_regie, pieces={}, words=BOBBY, by=as_agent, at=today)
        self.handover = hand_over_regie(self.first_regie, to=other, words=BOBBY, by=as_agent, at=today).public_id
        self.term = name_regisseur(
            self.first_regie, agent=substitute, kind="substitute", starts_on=day, by=as_agent, at=noted
        ).public_id
        self.leave_unpaid()

    def leave_unpaid(self) -> None:
        """An invoice that is late and disputed, a reminder on paper, a docket in preparation."""
        late = self.late = issue_invoice(self.family, self.regie, payer=BOBBY, label=BOBBY, due_on=date(2026, 11, 9))
        noted = datetime(2026, 11, 20, 6, tzinfo=UTC)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            self.hold = CollectionHold.objects.create(
                authority=self.authority,
                family=self.family,
                invoice=late,
                kind="dispute",
                reason=BOBBY,
                put_at=noted,
            )
            Reminder.objects.create(
                authority=self.authority,
                invoice=late,
                position=1,
                name=BOBBY,
                words=BOBBY,
                how="letter",
                left_cents=late.total_cents,
                sent_at=noted,
            )
            self.docket = CollectionBatch.objects.create(
                authority=self.authority, regie=self.regie, kind="titles", exercice=2026, prepared_at=noted
            )
            CollectionOrder.objects.create(
                authority=self.authority, batch=self.docket, payer=late.payer, invoice=late, cents=late.total_cents
            )
            self.before = PaidBeforeTitle.objects.create(
                authority=self.authority,
                town_code="100",
                budget_code="00",
                exercice=2026,
                number=501,
                line=1,
                cents=700,
                words=BOBBY,
                learnt_at=noted,
            )

    def bill(self, canteen) -> None:
        """A run in review with the family's draft, an invoice of another month, a line by hand, an aid."""
        self.invoice = issue_invoice(self.family, self.regie, payer=BOBBY, child=self.child, product=self.meal)
        self.imported = import_invoice(self.regie, debtor=BOBBY)
        noted = datetime(2026, 11, 23, 6, tzinfo=UTC)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            self.manual = ManualCharge.objects.create(
                authority=self.authority,
                payer=self.invoice.payer,
                child=self.child,
                date=date(2026, 11, 20),
                label=BOBBY,
                cents=500,
                reason=BOBBY,
                added_at=noted,
            )
            self.aid = Aid.objects.create(
                authority=self.authority,
                family=self.family,
                child=self.child,
                service=canteen,
                payer=PayerAccount.objects.create(authority=self.authority, regie=self.regie, name=BOBBY),
                label=BOBBY,
                cents=100,
                starts_on=date(2026, 9, 1),
                ends_on=date(2026, 9, 30),
            )
            self.run = BillingRun.objects.create(
                authority=self.authority,
                regie=self.regie,
                name=BOBBY,
                services=[canteen.pk],
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 11, 23),
                exercice=2026,
                invoiced_on=date(2026, 11, 23),
                due_on=date(2026, 12, 23),
                state="review",
                started_at=noted,
            )
            draft = Invoice.objects.create(
                authority=self.authority,
                regie=self.regie,
                run=self.run,
                payer=self.invoice.payer,
                family=self.family,
                label=BOBBY,
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 11, 23),
                exercice=2026,
                total_cents=500,
                payer_name=BOBBY,
                notes=[["not_enrolled", self.child.pk, self.meal.pk, ["2026-11-19"]]],
                drafted_at=noted,
            )
            InvoiceLine.objects.create(
                authority=self.authority,
                invoice=draft,
                kind="manual",
                child=self.child,
                key=self.manual.public_id,
                label=BOBBY,
                days=[date(2026, 11, 20)],
                unit_cents=500,
                total_cents=500,
                steps=[[BOBBY, 500]],
                components=[["7067", BOBBY, 500, False, False]],
                reason=BOBBY,
            )

    def receive(self) -> None:
        """A régie that tries its online payment, and a statement with a transfer and a line put aside."""
        noted = datetime(2026, 11, 23, 6, tzinfo=UTC)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            self.billed = PayerAccount.objects.get(pk=self.invoice.payer_id)
            PaymentSettings.objects.create(
                authority=self.authority, regie=self.regie, gateway="payfip", number="123456"
            )
            self.trial = PaymentAttempt.objects.create(
                authority=self.authority,
                purpose="trial",
                user=self.agent.user,
                regie=self.regie,
                gateway="payfip",
                mode="test",
                number="123456",
                reference="2026ESSAI0001",
                exercice=2026,
                label=BOBBY,
                cents=100,
                created_at=noted,
            )
            statement = BankStatement.objects.create(
                authority=self.authority,
                regie=self.regie,
                source="bank",
                name=BOBBY,
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 11, 20),
                imported_at=noted,
            )
            self.statement_lines = [
                StatementLine.objects.create(
                    authority=self.authority,
                    statement=statement,
                    regie=self.regie,
                    source="bank",
                    fingerprint=state,
                    date=date(2026, 11, 20),
                    label=BOBBY,
                    cents=500,
                    state=state,
                    invoice=self.invoice,
                    reason=BOBBY if state == "dismissed" else "",
                )
                for state in ("to_sort", "dismissed")
            ]

    def _dispute(self) -> tuple[Child, CustodyProposal]:
        """Make a child of the family who lives in another home too, and what they dispute."""
        other = make.make_family(self.authority, "Second foyer")
        child = make.make_child(self.family, BOBBY, products=(self.meal,))
        who: dict = {"by": SYSTEM, "at": NOW}
        change_custody(child, [self.family, other], starts_on=TUESDAY, **who)
        said: dict = {"offer": offer_of(Authority.objects.get(pk=self.authority.pk)), **who}
        homes = {"first_home": self.family.pk, "second_home": other.pk}
        settle_custody(child.pk, **homes, terms=CustodyTerms(), starts_on=TUESDAY, **said)
        asked = propose_custody(
            child.pk, from_home=other.pk, terms=CustodyTerms(), starts_on=date(2027, 1, 4), words=BOBBY, **said
        )
        return child, answer_proposal(asked, agrees=False, words=BOBBY, **said)

    def _fill_file(self) -> None:
        self.change = ProposedChange.objects.create(
            authority=self.authority, family=self.family, field="family_phone", new="01", proposed_at=NOW
        )
        self.pickup = PickupPerson.objects.create(
            authority=self.authority, family=self.family, name="Paul", starts_on=TUESDAY, added_at=NOW
        )
        self.move = AddressChange.objects.create(
            authority=self.authority, family=self.family, address=BOBBY, starts_on=THURSDAY, recorded_at=NOW
        )
        self.consent_text = ConsentText.objects.create(
            authority=self.authority, code=PHOTO_CODE, title="Photo", body="x", about="child", published_at=NOW
        )
        Consent.objects.create(
            authority=self.authority,
            text=self.consent_text,
            family=self.family,
            child=self.child,
            is_given=True,
            answered_at=NOW,
        )
        self.photo = ChildPhoto.objects.create(
            authority=self.authority,
            child=self.child,
            stored_as=files.store(b"\xff\xd8\xff un visage"),
            content_type="image/jpeg",
            uploaded_at=NOW,
        )

    def event(self) -> Disruption:
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            return Disruption.objects.create(
                authority=self.authority, kind="strike", effect="keep", title=BOBBY, starts_on=THURSDAY,
                ends_on=THURSDAY, products=[self.full.pk], declared_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
            )  # fmt: skip

    def absence_of(self, reservation: Reservation) -> Absence:
        with permitted("factory"), tenancy.scope({reservation.authority_id}):
            return Absence.objects.create(
                authority_id=reservation.authority_id,
                reservation=reservation,
                cause="illness",
                told_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
                words=BOBBY,
            )

    def share_custody(self) -> None:
        """A child of two homes, what each asks of the other, and an exchange that was agreed."""
        self.shared = make.make_child(self.family, BOBBY, products=(self.meal,), birth_date=date(2019, 3, 4))
        self.other_user = make.make_user()
        self.other_home = make.make_family(self.authority, "Autre foyer", user=self.other_user)
        offer = offer_of(self.authority)
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            Custody.objects.create(
                authority=self.authority, child=self.shared, family=self.other_home, starts_on=date(2020, 1, 1)
            )
            by = {"offer": offer, "by": SYSTEM, "at": NOW}
            homes = {"first_home": self.family.pk, "second_home": self.other_home.pk}
            settle_custody(self.shared.pk, **homes, terms=CustodyTerms(), starts_on=date(2026, 10, 5), **by)

            def asked(home, **days):
                days = {"gives": [], "takes": [], **days}
                return propose_days(self.shared.pk, from_home=home.pk, **days, words=BOBBY, **by)

            self.given_back = answer_proposal(
                asked(self.other_home, takes=[date(2026, 12, 7)]), agrees=True, words=BOBBY, **by
            )
            self.asked_by_us = asked(self.family, gives=[date(2026, 12, 8)])
            self.asked_of_us = asked(self.other_home, takes=[date(2026, 12, 9)])

    def offer_to(self, child, *, instead_of: Reservation) -> PlaceOffer:
        """Offer a place that is let go, to a child who waits for another day of the same product."""
        rest = {"authority": self.authority}
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            slot = Slot.objects.filter(activity=instead_of.product.activity_id, date=THURSDAY).first()
            # And a child of the other family, who is offered nothing yet.
            entry, _other = (
                WaitingListEntry.objects.create(
                    child=one,
                    family=home,
                    product=instead_of.product,
                    date=THURSDAY,
                    slot=slot,
                    asked_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
                    **rest,
                )
                for one, home in ((child, self.family), (self.zoe, self.stranger))
            )
            freed = FreedPlace.objects.create(reservation=instead_of, freed_at=NOW, **rest)
            return PlaceOffer.objects.create(
                entry=entry, freed=freed, offered_at=NOW, expires_at=NOW + timedelta(days=2), reason=BOBBY, **rest
            )

    def request_for(self, reservation: Reservation) -> CancellationRequest:
        with permitted("factory"), tenancy.scope({reservation.authority_id}):
            return CancellationRequest.objects.create(
                authority_id=reservation.authority_id,
                reservation=reservation,
                asked_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
                deadline_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
                words=BOBBY,
            )

    def square(self, day: date = FRIDAY, child=None, product=None) -> str:
        return f"{(child or self.child).public_id}.{(product or self.meal).public_id}.{day.isoformat()}"

    def rows(self) -> dict[str, list]:
        """Everything that a family or an agent could have changed."""
        with tenancy.every_authority():
            return {
                model.__name__: list(model.objects.filter(authority=self.authority).order_by("pk").values())
                for model in (
                    Basket,
                    BasketLine,
                    Reservation,
                    CancellationRequest,
                    Confirmation,
                    Attendance,
                    WaitingListEntry,
                    FreedPlace,
                    PlaceOffer,
                    Absence,
                    FamilyQuotient,
                    HiddenInvoice,
                    Regie,
                    PayerAccount,
                    Aid,
                    ManualCharge,
                    BillingRun,
                    Invoice,
                    InvoiceLine,
                    Posting,
                    LedgerEntry,
                    DirectDebitMandate,
                    DirectDebitBatch,
                    DirectDebit,
                    RefundRequest,
                    TransferBatch,
                    PaymentAttempt,
                    PaymentLine,
                    CollectionHold,
                    CollectionBatch,
                    CollectionOrder,
                    CollectionSettings,
                    Debtor,
                    Reminder,
                    ReminderStage,
                    Application,
                    ApplicationDocument,
                    ChangesAsked,
                    Message,
                )
            }


# The protocol of who cashes money decides the method: a GET of these two may write what was asked of it.
CALLS = ("payment_notice", "payment_return")
PRESSES = ("payment_begin", "payment_ask", "payment_again", "payment_give_up")


# Each address, by name: who asks, the pieces of its path, the form that is accepted there (None: it is only read),
# and the names its query may hold.
def desk_of(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses of the régisseur."""
    at = {"authority": town.slug}
    till, other = {**at, "regie": town.till.code}, {**at, "regie": town.first_regie.code}
    receipt, deposit = {**at, "receipt": town.cashed}, {**at, "deposit": town.deposit}
    money = {"means": "cash", "amount": "0,50", "date": "2026-11-23", "reference": "x"}
    act = {"reference": "x", "ceiling": "100,00", "coins": "50,00", "deposit_days": "30"}
    naming = {"agent": str(town.agent.pk), "kind": "substitute", "starts_on": "2026-11-23"}
    return {
        "office_desk": ("office", at, None, ("du", "au", "regie", "moyen", "q", "page")),
        "office_find_payer": ("office", at, None, ("q",)),
        "office_take": ("office", {**at, "payer": town.payer}, {**money, "invoices": town.due.public_id}, ()),
        "office_receipt": ("office", receipt, None, ()),
        "office_receipt_pdf": ("office", receipt, None, ()),
        "office_cancel_receipt": ("office", receipt, {"cause": "Autre", "words": "x", "date": "2026-11-23"}, ()),
        "office_rest": ("office", at, None, ("au",)),
        "office_rest_export": ("office", {**at, "kind": "csv"}, None, ("au",)),
        "office_deposit": ("office", deposit, None, ()),
        "office_hand_over_deposit": ("office", deposit, {"date": "2026-11-23", "reference": "x"}, ()),
        "office_give_up_deposit": ("office", deposit, {}, ()),
        "office_deposit_export": ("office", {**deposit, "kind": "csv"}, None, ()),
        "office_handover_pdf": ("office", {**at, "handover": town.handover}, None, ()),
        "office_drawer": ("office", till, None, ()),
        "office_count_cash": ("office", till, {"p500": "1", "words": "x"}, ()),
        "office_regie_act": ("office", till, act, ()),
        "office_deposits": ("office", till, None, ("page",)),
        "office_prepare_deposit": ("office", till, {"means": "cash", "exercice": "2026", "until": "2026-11-23"}, ()),
        "office_online_takings": ("office", till, None, ("annee",)),
        "office_regisseurs": ("office", other, None, ()),
        "office_name_regisseur": ("office", till, naming, ()),
        "office_end_term": ("office", {**other, "term": town.term}, {}, ()),
        "office_hand_over_regie": ("office", other, {"to": str(town.agent.pk), "words": "x"}, ()),
    }


def security_of(town) -> dict[str, tuple]:
    """Return the addresses of what protects an account."""
    passkey = {"credential": "{}", "name": "Mon téléphone", "passwordless": "on"}
    return {
        "security": ("both", {}, None, ()),
        "security_end_session": ("both", {"session": "0"}, {}, ()),
        "security_withdraw_access": ("both", {"client": "0"}, {}, ()),
        "email_change": ("both", {}, {"email": "nouvelle@exemple.fr"}, ()),
        "email_change_abandon": ("both", {}, {}, ()),
        "email_change_confirm": ("both", {"proof": "rien"}, {}, ()),
        "account_reauthenticate": ("both", {}, {"password": "x"}, ("next",)),
        "mfa_reauthenticate": ("both", {}, {"code": "123456"}, ("next",)),
        "mfa_reauthenticate_webauthn": ("both", {}, {"credential": "{}"}, ("next",)),
        "mfa_authenticate": ("nobody", {}, {"code": "123456"}, ()),
        "mfa_login_webauthn": ("nobody", {}, {"credential": "{}"}, ("next",)),
        "mfa_add_webauthn": ("both", {}, passkey, ()),
        "mfa_edit_webauthn": ("both", {"passkey": "0"}, {"name": "Le mien"}, ()),
        "mfa_remove_webauthn": ("both", {"passkey": "0"}, {}, ()),
        "mfa_activate_totp": ("both", {}, {"code": "123456"}, ()),
    }


def imports_of(town) -> dict[str, tuple]:
    """Return the addresses of files from elsewhere."""
    at = {"authority": town.slug}
    one = {**at, "whole": town.brought.public_id}
    sent = {"kind": "onde-eleves", "school": town.school.code}
    chosen = {"places": "0,1", "a-0": "1", "p-0": "1", "b-1": "1", "t-1": "school_class", "d-1": "new", "voir": "new"}
    return {
        "office_imports": ("office", at, None, ()),
        "office_import_receive": ("office", at, sent, ()),
        "office_import_model": ("office", at, None, ("nature",)),
        "office_class_change": ("office", at, None, ()),
        "office_class_change_prepare": ("office", at, {f"c-{town.class_key}": "0"}, ()),
        "office_import_file": ("office", one, None, ("voir", "page", "colonnes")),
        "office_import_progress": ("office", one, None, ()),
        "office_import_report": ("office", one, None, ()),
        "office_import_columns": ("office", one, {"c-0": "last_name", "c-1": ""}, ()),
        "office_import_choose": ("office", one, {**chosen, "page": "1"}, ()),
        "office_import_tick": ("office", one, {"cocher": "school_class", "voir": "changed"}, ()),
        "office_import_again": ("office", one, {}, ()),
        "office_import_apply": ("office", one, {"total-0": "12,00"}, ()),
        "office_import_undo": ("office", one, {}, ()),
        "office_import_abandon": ("office", one, {}, ()),
    }


def ways_in_of(town) -> dict[str, tuple]:
    """Return the addresses of links, codes and requests."""
    at = {"authority": town.slug}
    guardian, joining = {**at, "guardian": town.guardian.public_id}, {**at, "joining": town.joining.public_id}
    shown = {"etat": "tous", "classe": "", "famille": ""}
    asked = {
        "authority": town.slug,
        "child_first_name": "Zoé",
        "child_last_name": "Autre",
        "birth_date": "2017-04-09",
        "first_name": "Elena",
        "last_name": "Autre",
        "phone": "",
        "words": "x",
    }
    opened = {
        "name": "Essai",
        "kind": "commune",
        "department": "77",
        "school_zone": "departement",
        "phone": "",
        "contact_email": "",
        "insee_code": "",
        "siret": "",
        "slug": "",
        "agent_name": "Ana Essai",
        "email": "ana.essai@exemple.fr",
        "password": "une autre phrase longue",
    }
    return {
        "signup_sent": ("nobody", {}, None, ()),
        "signup_confirm": (
            "nobody",
            {"sealed": sealed(NEW_ACCOUNT, "nouvelle@exemple.fr")},
            {"password": "une autre phrase longue"},
            (),
        ),
        "town_opening": ("nobody", {"opening": town.opening}, opened, ()),
        "activation": ("nobody", {}, {"password": "une autre phrase longue", "phone": ""}, ()),
        "activation_again": ("nobody", {}, {"email": "a@b.fr"}, ()),
        "activation_again_sent": ("nobody", {}, None, ()),
        "activation_link": ("nobody", {"link": town.link.token}, {}, ()),
        "join": ("both", {}, {"code": town.code.code}, ()),
        "join_request": ("both", {}, asked, ("commune",)),
        "office_ways_in": ("office", at, None, (*shown, "page")),
        "office_invite": ("office", at, {"guardian": town.guardian.public_id, "tous": "", **shown}, ()),
        "office_issue_codes": (
            "office",
            at,
            {"guardian": town.guardian.public_id, "tous": "", "remise": "mail", **shown},
            (),
        ),
        "office_code_letters": ("office", at, None, ("classe",)),
        "office_mark_returned": ("office", guardian, shown, ()),
        "office_untie_franceconnect": ("office", guardian, {}, ()),
        "office_guardian_address": ("office", guardian, {"email": "a@b.fr", **shown}, ()),
        "office_revoke_ways_in": ("office", guardian, shown, ()),
        "office_end_membership": ("office", guardian, shown, ()),
        "office_join_requests": ("office", at, None, ("page", "tout")),
        "office_joins_together": (
            "office",
            at,
            {"choisi": town.joining.public_id, "answer": "refuse", "reason": "x"},
            ("choisi", "reponse"),
        ),
        "office_join_request": ("office", joining, None, ("dossier",)),
        "office_accept_join": (
            "office",
            joining,
            {"chosen": "new", "none_of_these": "on", "dossier": town.family.code},
            (),
        ),
        "office_refuse_join": ("office", joining, {"reason": "x"}, ()),
    }


def custody_of(town: Town, at: dict) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses of a child's two homes."""
    child = {**at, "child": town.shared.public_id}
    terms = {
        "starts_on": "2027-01-04",
        "weeks": "from_day",
        "even_home": "first",
        "since": "2027-01-04",
        "changeover": "0",
        "changeover_at": "18:30",
        "holidays": "halves",
        "summer": "fortnights",
        "even_half": "first",
        "long_weekends": "on",
        "booking": "own_days",
        "packages": "halves",
        "words": "x",
        "faire": "apercu",
        "vu": "x",
    }
    return {
        "custody": ("family", child, None, ("mois",)),
        "custody_days": ("family", child, {"donne": "2026-12-10", "prend": "", "voir": "", "words": "x"}, ("mois",)),
        "custody_calendar": ("family", child, terms, ()),
        "custody_proposal": (
            "family",
            {**at, "proposal": town.asked_of_us.public_id},
            {"reponse": "oui", "words": "x"},
            (),
        ),
        "custody_withdraw": ("family", {**at, "proposal": town.asked_by_us.public_id}, {}, ()),
        "custody_give_back": ("family", {**at, "proposal": town.given_back.public_id}, {}, ()),
    }


def profile_of(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses of a family's file, and of what agents do with it."""
    at = {"authority": town.slug}
    person = {
        "name": "Paul",
        "relation": "voisin",
        "phone": "06 12 34 56 78",
        "children": town.child.public_id,
        "starts_on": "2026-11-24",
        "ends_on": "2026-12-24",
    }
    asked = {"first_name": "Zoé", "last_name": "Roy", "diet": "x", "birth_date": "2017-04-09"}
    ways = {code: field.default.value for code, field in FIELDS.items()}
    text = {"code": "photos", "title": "Photos", "body": "y", "about": "child"}
    own = ("own_data", "own_data_json", "own_data_pdf", "account_erased")
    return {
        **{name: ("both", {}, None, ()) for name in own},
        "account_erase": ("both", {}, {"password": "x", "is_sure": "on"}, ()),
        "profile_child": ("family", {**at, "child": town.child.public_id}, asked, ()),
        "profile_child_photo": ("family", {**at, "child": town.child.public_id}, {"agreed": "on"}, ()),
        "profile_remove_photo": ("family", {**at, "child": town.child.public_id}, {}, ()),
        "family_child_photo": ("family", {**at, "photo": town.photo.public_id}, None, ()),
        **custody_of(town, at),
        "profile_withdraw": ("family", {**at, "change": town.change.public_id}, {}, ()),
        "profile_pickups": ("family", at, person, ()),
        "profile_pickup_end": ("family", {**at, "pickup": town.pickup.public_id}, {}, ()),
        "profile_consents": ("family", at, None, ()),
        "profile_consent": ("family", {**at, "text": town.consent_text.public_id}, {town.child.public_id: "yes"}, ()),
        "profile_confirm": ("family", at, {"seen": "0", "is_right": "on"}, ()),
        "office_doubles": ("office", at, None, ("dossier", "autre")),
        "office_merge_preview": (
            "office",
            {**at, "family": town.family.public_id, "second": town.family.public_id},
            # A union is done once: what it is asked is in `tests/web/office/test_doubles.py`.
            None,
            ("act",),
        ),
        "office_say_different": (
            "office",
            {**at, "family": town.family.public_id, "second": town.family.public_id},
            {},
            (),
        ),
        "office_profile_changes": ("office", at, None, ("page", "tout")),
        "office_changes_together": (
            "office",
            at,
            {"choisi": town.change.public_id, "answer": "refuse", "reason": "non"},
            ("choisi", "reponse"),
        ),
        "office_decide_change": (
            "office",
            {**at, "change": town.change.public_id},
            {"answer": "refuse", "reason": "non"},
            (),
        ),
        "office_profile_rules": ("office", at, {**ways, "month": "9"}, ()),
        "office_consent_texts": ("office", at, text, ()),
        "office_withdraw_text": ("office", {**at, "text": town.consent_text.public_id}, {}, ()),
    }


def asked_of(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses of what families ask, on the agents' site."""
    at = {"authority": town.slug}
    one, silent = ({**at, "application": each.public_id} for each in (town.application, town.silent))
    seen = {"expected": str(town.application.revision), "seen": "1"}
    return {
        "office_applications": ("office", at, None, ("nom", "service", "demarche", "confiee", "etat", "page", "tout")),
        "office_applications_together": (
            "office",
            at,
            {
                "choisi": town.application.public_id,
                "vu": f"{town.application.public_id}.{town.application.revision}",
                "answer": "reject",
                "reasons": "x",
            },
            ("choisi", "reponse"),
        ),
        "office_application_statistics": ("office", at, None, ()),
        "office_application_statistics_csv": ("office", at, None, ("du", "au")),
        "office_application": ("office", one, None, ("piece", "modele")),
        "office_application_health": ("office", one, {}, ()),
        "office_application_assign": ("office", one, {**seen, "agent": "personne"}, ()),
        "office_application_transfer": ("office", one, {**seen, "service": "mairie"}, ()),
        "office_application_changes": (
            "office",
            one,
            {**seen, "codes": "person", "words": "x", "due_on": "2026-12-08"},
            (),
        ),
        "office_application_message": ("office", one, {"words": "x"}, ()),
        "office_application_note": ("office", one, {"words": "x"}, ()),
        "office_application_decide": ("office", one, {**seen, "decision": "reject", "reasons": "x"}, ()),
        "office_application_late": ("office", silent, {"expected": str(town.silent.revision)}, ()),
        "office_application_document": ("office", {**one, "document": town.document.public_id}, None, ("voir",)),
        "office_application_pdf": ("office", one, None, ()),
    }


def applications_of(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses of what a family asks."""
    at = {"authority": town.slug}
    draft, sent = ({**at, "application": one.public_id} for one in (town.begun, town.incomplete))
    piece = {**draft, "piece": "proof"}
    document = {"document": town.document.public_id}
    filled = {
        "do-answers": "1",
        "do-next": "check",
        "children": town.child.public_id,
        "person.name": "Paul",
        "person.phone": "06 12 34 56 78",
        "person.relation": "voisin",
        "starts_on": "2026-12-01",
    }
    return {
        "application_new": ("family", at, {"procedure": town.procedure.public_id}, ()),
        "application": ("family", draft, filled, ()),
        "application_documents": ("family", piece, {**filled, "reuse-proof": town.document.public_id}, ()),
        "application_document_away": ("family", {**piece, **document}, filled, ()),
        "application_document": ("family", {**draft, **document}, None, ()),
        "application_check": ("family", draft, None, ()),
        "application_submit": ("family", draft, {}, ()),
        "application_discard": ("family", draft, {}, ()),
        "application_message": ("family", sent, {"words": "x"}, ()),
        "application_complete": ("family", sent, {"do-answers": "1", "starts_on": "2026-12-01"}, ()),
        "application_withdraw": ("family", sent, {}, ()),
        "application_pdf": ("family", sent, None, ()),
        "application_acknowledgement_pdf": ("family", sent, None, ()),
        "application_attestation_pdf": ("family", sent, None, ()),
    }


def procedure_of(authority: Authority) -> tuple[Procedure, AnswerTemplate]:
    """Make a procedure, and words to answer with."""
    procedure = make_procedure(authority, "ecrite", title=BOBBY)
    with tenancy.scope({authority.pk}):
        words = TemplateWords("message", BOBBY, BOBBY)
        return procedure, save_template(authority, None, words, by=SYSTEM, at=NOW)


def procedures_of(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses where agents write procedures."""
    at = {"authority": town.slug}
    one = {**at, "procedure_code": town.edited.code}
    typed = {
        "expected": "1",
        "+what.title": BOBBY,
        "+what.category": "Enfants",
        "+what.text": "Pour {children}.",
        "fields.0.row": "1",
        "fields.0.label": "Enfants",
        "fields.0.+more.code": "children",
        "fields.0.+kind.is": "choice",
        "fields.0.+kind.choice.choices.0.row": "1",
        "fields.0.+kind.choice.choices.0.label": "Un",
        "fields.0.+more.only_if": "sure=yes",
        "documents.0.row": "1",
        "documents.0.label": "Pièce",
        "documents.0.+more.+formats": "pdf",
        "documents.0.+more.most_mb": "5",
        "+answer.service": "enfance",
        "+answer.delay.count": "2",
        "+answer.delay.unit": "months",
        "+answer.silence": "accepts",
        "+after.effect": "allow_pickup",
        "ajouter": "fields",
        "retirer": "documents.0",
        "monter": "fields.1",
        "completer": "1",
    }
    kept = json.dumps({"title": BOBBY, "category": "Enfants", "service": "enfance", "fields": [], "effect": "nothing"})
    saved = {"expected": "1", "content": kept}
    contacts = {"phone": "01 60 00 00 00", "email": "a@b.fr", "address": "Mairie", "opening_hours": "Le matin"}
    service = {"name": BOBBY, "role": "administer", "agent_name": BOBBY, "agent_quality": "agent", **contacts}
    words = {"title": BOBBY, "purpose": "reject", "procedure": town.edited.code, "body": "N° {numero}"}
    template = {**at, "template": town.template.public_id}
    return {
        "office_procedures": ("office", at, None, ()),
        "office_procedures_ready": ("office", at, {}, ()),
        "office_procedure": ("office", one, None, ("version",)),
        "office_procedure_new": ("office", at, typed, ()),
        "office_procedure_open": ("office", one, {"ouverte": "0"}, ()),
        "office_procedure_move": ("office", one, {}, ()),
        "office_procedure_edit": ("office", one, {**typed, "content": kept}, ()),
        "office_procedure_preview": ("office", one, typed, ()),
        "office_procedure_check": ("office", one, typed, ()),
        "office_procedure_save": ("office", one, saved, ()),
        "office_services_in_charge": ("office", at, None, ()),
        "office_service_in_charge": ("office", {**at, "service": "enfance"}, service, ()),
        "office_answer_templates": ("office", at, None, ()),
        "office_answer_template": ("office", template, words, ()),
        "office_answer_template_remove": ("office", template, {}, ()),
    }


def of_the_settings(town) -> dict[str, tuple]:
    """Return the addresses by which an agent says who the authority is, what it offers and when."""
    at = {"authority": town.slug}
    with tenancy.scope({town.authority.pk}):
        activity = town.meal.activity
        service, facility = activity.service, activity.facility
    closure = {**at, "closure": f"2027-06-15.{service.code}.{facility.code}"}
    contacts = {"phone": "01 60 00 00 00", "email": "a@b.fr", "address": "Mairie", "opening_hours": "Le matin"}
    identity = {
        **contacts,
        "name": BOBBY,
        "kind": "commune",
        "department": "77",
        "insee_code": "77154",
        "siret": "21770154900016",
        "school_zone": "C",
        "taught_weekdays": "0",
        "town_hall_weekdays": "0",
        "announcement": BOBBY,
        "accent": "#3953A8",
        "is_open": "on",
    }
    room = {
        "name": BOBBY,
        "kind": "school",
        "address": BOBBY,
        "classes-0-code": "cp",
        "classes-0-name": BOBBY,
        "classes-0-level": "CP",
        "classes-0-teacher": BOBBY,
        "classes-0-rank": "1",
        "classes-0-is_removed": "",
    }
    offered = {
        **contacts,
        "name": BOBBY,
        "icon": "utensils",
        "payment_mode": "prepaid",
        "hold_hours": "72",
        "regie": town.regie.code,
    }
    whole = {
        "name": BOBBY,
        "service": service.public_id,
        "facility": facility.code,
        "starts_on": "2026-09-01",
        "ends_on": "2027-07-03",
        "term_weekdays": "0",
        "holiday_weekdays": "2",
        "slots-0-code": "midi",
        "slots-0-name": BOBBY,
        "slots-0-starts_at": "11:30",
        "slots-0-ends_at": "13:30",
        "slots-0-capacity": "96",
        "slots-0-min_age": "3",
        "slots-0-max_age": "11",
        "slots-0-is_removed": "",
        "products-0-code": town.meal.code,
        "products-0-name": BOBBY,
        "products-0-noun": "repas",
        "products-0-plural": "repas",
        "products-0-rank": "1",
        "products-0-takes": "slots-0",
        "products-0-is_removed": "",
        "confirme": "1",
    }
    days = {"starts_on": "2026-12-24", "ends_on": "2026-12-24", "confirme": "1"}
    place_, of_service = {**at, "place": facility.code}, {**at, "offered": service.public_id}
    of_activity, holiday = {**at, "activity": activity.public_id}, {**at, "holiday": "school-2030-07-06"}
    played = ("starts_on", "ends_on", "habit")
    return {
        "office_identity": ("office", at, identity, ()),
        "office_logo": ("office", at, {"logo": "x"}, ()),
        "office_color": ("office", at, None, ("couleur",)),
        "office_places": ("office", at, None, ()),
        "office_place": ("office", place_, room, ()),
        "office_place_remove": ("office", place_, {}, ()),
        "office_offer": ("office", at, None, ()),
        "office_offer_move": ("office", at, {"activity": activity.public_id, "service": service.public_id}, ()),
        "office_offer_service": ("office", of_service, offered, ()),
        "office_offer_service_remove": ("office", of_service, {}, ()),
        "office_offer_activity": ("office", of_activity, whole, ("service",)),
        "office_offer_activity_remove": ("office", of_activity, {}, ()),
        "office_opening_day": ("office", of_activity, None, played),
        "office_calendar": ("office", at, None, ("annee",)),
        "office_calendar_follow": ("office", at, {"confirme": "1"}, ()),
        "office_holiday": ("office", holiday, {**days, "kind": "school", "name": BOBBY}, ("nature",)),
        "office_holiday_remove": ("office", holiday, {"confirme": "1"}, ()),
        "office_closure": (
            "office",
            closure,
            {**days, "reason": BOBBY, "service": service.code, "facility": facility.code},
            (),
        ),
        "office_closure_remove": ("office", closure, {}, ()),
    }


def journal_and_place(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The journal, what leads to it, and the place of a family that an agent takes and leaves."""
    at = {"authority": town.slug}
    of_family = {**at, "family": town.family.public_id}
    return {
        "office_journal": ("office", at, None, ("jusqu_au", "agent", "sujet", "avant")),
        "office_family_journal": ("office", of_family, None, ("avant",)),
        "office_journal_by": ("office", {**at, "colleague": town.agent.user.public_id}, None, ("avant",)),
        "office_journal_of": (
            "office",
            {**at, "thing": "prestations", "named": town.meal.public_id},
            None,
            ("avant",),
        ),
        "office_configuration_file": ("office", at, None, ()),
        "office_take_place": ("office", {**of_family, "guardian": town.guardian.public_id}, {}, ()),
        "place_come": ("family", {**at, "sealed": "rien"}, None, ()),
        "place_leave": ("family", at, {}, ()),
    }


def agents_of_town(town: Town) -> dict[str, tuple[str, dict, dict | None, tuple[str, ...]]]:
    """The addresses where an administrator names agents."""
    at = {"authority": town.slug}
    one = {**at, "agent": town.agent.user.public_id}
    rights = {"name": BOBBY, "post": "choisis", "roles": "administer", "facilities": [], "services": []}
    return {
        "office_agents": ("office", at, None, ()),
        "office_agent_new": ("office", at, {**rights, "email": "bobby@exemple.fr"}, ()),
        "office_agent": ("office", one, {**rights, "how": "add"}, ()),
        "office_agent_invite": ("office", one, {}, ()),
        "office_agent_suspend": ("office", one, {}, ()),
        "office_agent_restore": ("office", one, {}, ()),
        "office_agent_end": ("office", one, {}, ()),
    }


def of_what_is_published(town, at) -> dict[str, tuple]:
    """What agents publish, and what families read of it."""
    said = {"title": BOBBY, "published_on": "2026-11-23", "withdrawn_on": "2026-12-23", "whom": "certaines"}
    audience = {"services": "cantine", "facilities": town.school.code}
    one = {**at, "article": town.private.public_id}
    document = {**at, "download": town.download.public_id}
    week = {**at, "monday": "2026-11-23"}
    dishes = {"j0-0-plat": BOBBY, "j0-0-al": "lait", "j0-0-lb": BOBBY, "j0-special": "Noël"}
    spare = {"j0-1-plat": "", "j0-2-plat": "", "j0-3-plat": "", "j0-4-plat": "", "j0-5-plat": "x", "j0-5-cours": "pain"}
    named = ("repas", "lieu", "copier")
    return {
        "menus": ("family", at, None, ("semaine",)),
        "menus_open_data": ("family", at, None, ()),
        "downloads": ("family", at, None, ()),
        "download": ("family", document, None, ()),
        "office_articles": ("office", at, None, ("page",)),
        "office_article": ("office", one, {**said, **audience, "body": BOBBY}, ()),
        "office_article_withdraw": ("office", one, {}, ()),
        "office_flyer": ("office", {**at, "way_in": "code"}, None, ()),
        "office_menus": ("office", at, None, ()),
        "office_menu_choose": ("office", at, None, ("semaine", "lieu", "repas")),
        "office_menu_week": ("office", week, {**dishes, **spare, "verifies": "on", "publier": "1"}, named),
        "office_menu_paste": ("office", week, {"tableau": "Plat\tRiz"}, named),
        "office_menu_withdraw": ("office", week, {}, named),
        "office_menus_kitchen": ("office", at, {"name": BOBBY, "siret": "13002526500013"}, ()),
        "office_downloads": ("office", at, None, ("page",)),
        "office_download": ("office", document, {**said, **audience, "about": BOBBY}, ()),
        "office_download_file": ("office", document, None, ()),
        "office_download_remove": ("office", document, {}, ()),
    }


def message_addresses(town, at) -> dict[str, tuple]:
    """Say how one writes to families."""
    one, model = (
        {**at, name: row.public_id} for name, row in (("message", town.written.message), ("model", town.written.model))
    )
    said = {
        "channels": "email",
        "subject": BOBBY,
        "body": "Bonjour {prenom}",
        "services": "cantine",
        "activities": town.meal.activity.public_id,
        "facilities": town.school.code,
        "reserved_on": "2026-11-24",
        "residence": "residents",
        "is_unpaid": "on",
        "is_not_activated": "on",
    }
    words = {"title": "Autre titre", "subject": BOBBY, "body": BOBBY, "text": BOBBY}
    return {
        "office_messages": ("office", at, None, ("page",)),
        "office_message": ("office", {**at, "message": town.written.left.public_id}, None, ("voir", "page")),
        "office_message_edit": ("office", one, said, ("modele",)),
        "office_message_send": ("office", one, {"vu": "0"}, ()),
        "office_message_progress": ("office", one, None, ()),
        "office_message_stop": ("office", one, {}, ()),
        "office_message_remove": ("office", one, {}, ()),
        "office_message_templates": ("office", at, None, ()),
        "office_message_template": ("office", model, words, ()),
        "office_message_template_remove": ("office", model, {}, ()),
        "office_lost_addresses": ("office", at, None, ()),
        "office_try_address_again": ("office", {**at, "lost": town.written.lost.public_id}, {}, ()),
    }


MESSAGES = (
    "office_messages",
    "office_message",
    "office_message_edit",
    "office_message_send",
    "office_message_progress",
    "office_message_stop",
    "office_message_remove",
    "office_message_templates",
    "office_message_template",
    "office_message_template_remove",
    "office_lost_addresses",
    "office_try_address_again",
)


def kitchen_of(town):
    """Return the addresses of the kitchen and of the lists."""
    at = {"authority": town.slug}
    day = {**at, "day": THURSDAY.isoformat()}
    said = {
        "service": town.meal.activity.service.public_id,
        "facility": "",
        "emails": "cuisine@exemple.fr",
        "moment": "before",
        "days_before": "1",
        "at_time": "09:00",
    }
    chosen = ("service", "etablissement")
    listed = ("jour", "liste", "duree", *chosen)
    return {
        "office_kitchen": ("office", at, None, ("jour", *chosen)),
        "office_kitchen_day": ("office", day, None, chosen),
        "office_kitchen_file": ("office", {**day, "kind": "csv"}, None, ("semaine", *chosen)),
        "office_kitchen_correct": ("office", day, {}, ()),
        "office_kitchen_again": ("office", day, {}, ()),
        "office_kitchen_settings": ("office", at, {**said, "facility": town.meal.activity.facility.code}, ()),
        "office_kitchen_setting": ("office", {**at, "kitchen": town.kitchen.public_id}, said, ()),
        "office_lists": ("office", at, None, listed),
        "office_list_file": ("office", {**at, "kind": "csv"}, None, listed),
        "office_evacuation": ("office", at, None, ("quand", *chosen)),
        "office_evacuation_file": ("office", {**at, "kind": "xlsx"}, None, ("quand", *chosen)),
    }


def addresses(town) -> dict[str, tuple]:
    at = {"authority": town.slug}
    day = {**at, "day": THURSDAY.isoformat()}
    weeks = ("site", "enfant", "semaine", "semaines")
    period = {
        "du": FRIDAY.isoformat(),
        "au": "2026-12-04",
        "enfants": town.child.public_id,
        "prestations": town.meal.public_id,
        "jours": "4",
        "action": "reserve",
    }
    by_agent = {
        "child": town.child.public_id,
        "product": town.meal.public_id,
        "date": TUESDAY.isoformat(),
        "reason": "parce que",
    }
    held = {
        "child": town.child.public_id,
        "product": town.outing.public_id,
        "answer": "confirm",
        "reason": "",
    }
    family = {**at, "family": town.family.public_id}
    with tenancy.scope({town.authority.pk}):
        guardian = Guardian.objects.filter(family=town.family).first()
    asked_of_others = {
        "guardian": guardian.public_id,
        "birth_name": "Sanchez",
        "used_name": "",
        "first_names": "Elena",
        "birth": "12/03/1984",
        "sex": "F",
        "place": "france",
        "town": "77288",
        "department": "",
        "country": "",
    }
    billed = {**at, "invoice": town.invoice.public_id}
    answered = signed(FoundQuotient(600_00, "CNAF", 2026, 11), town.family)
    ruled = {**at, "ruled": town.full.public_id}
    reglement = {
        "vue": "formulaire",
        "texte": "book: {shape: never}",
        "origine": "",
        "book.closes.+cutoff.is": "offset",
        "book.closes.+cutoff.offset.count": "1",
        "book.closes.+cutoff.offset.time": "09:00",
        "limits.0.row": "1",
        "limits.0.is": "at_most",
        "limits.0.at_most.at_most": "3",
        "limits.0.requires.requires": "",
        "valid_from": "2026-11-23",
        "resolution": "2026-40",
        "confirmed": "on",
    }
    with tenancy.scope({town.authority.pk}):
        copied = town.meal.activity.public_id
    again = {
        "annee": "2026",
        f"{copied}-chosen": "on",
        f"{copied}-first": "2027-09-01",
        f"{copied}-last": "2028-07-03",
        f"{copied}-price_{town.meal.public_id}": "3,95",
        "resolution": "2027-20",
    }
    tariffed = {**at, "product": town.meal.public_id}
    tariff = {
        "vue": "formulaire",
        "texte": 'price: "3,10"',
        "origine": "",
        "price.is": "flat",
        "price.flat.+itself": "3,10",
        "caps.0.row": "1",
        "caps.0.amount": "80,00",
        "changes.0.when.own.for.others": "",
        "valid_from": "2027-01-04",
        "resolution": "2026-40",
        "confirmed": "on",
    }
    sheet = {f"p.{town.child.public_id}.{town.meal.public_id}": "present", "others": "", "p.x": ""}
    run = {**at, "run": town.run.public_id}
    draft = {**run, "family": town.family.public_id}
    bill = {**at, "invoice": town.invoice.public_id}
    prepared = {
        "services": town.centre.public_id,
        "starts_on": "2026-11-01",
        "ends_on": "2026-11-22",
        "name": "Centre, novembre 2026",
        "invoiced_on": "2026-11-23",
        "due_on": "2026-12-23",
        "exercice": "2026",
        "is_carrying": "on",
        "carried_below": "15,00",
        "step": "start",
    }
    charge = {
        "label": "Badge",
        "amount": "-5,00",
        "child": town.child.public_id,
        "code": "7067",
        "is_childcare": "",
        "reason": "parce que",
    }
    aid = {
        "regie": town.regie.code,
        "label": "Bons CAF",
        "payer": "CAF",
        "amount": "1,00",
        "percent": "",
        "child": town.child.public_id,
        "service": "",
        "starts_on": "2026-11-01",
        "ends_on": "2026-12-31",
    }
    choices = {
        "has_billing": "on",
        "number_pattern": "{exercice}-{numero:5}",
        "invoice_title": "by_number",
        "payment_days": "30",
        "small_debt": "15,00",
        "payments_known_until": "2026-11-20",
        "payfip_id": "",
        "how_to_pay": "En espèces",
        "vat_words": "TVA non applicable",
        "issuer_name": "",
        "issuer_quality": "",
    }
    regie = {**at, "regie": town.regie.code}
    online = {
        "gateway": "payfip",
        "number": "123456",
        "key": "",
        "password": "",
        "takes_part_payments": "on",
        "has_top_up": "on",
        "lowest_top_up": "10,00",
        "low_balance": "5,00",
    }
    moved = {**regie, "line": town.statement_lines[0].public_id}
    set_aside = {**regie, "line": town.statement_lines[1].public_id}
    paid = {**at, "checkout": town.attempt.checkout}
    call = {"token": town.attempt.token}
    docket = {**at, "docket": town.docket.public_id}
    collected = {
        "kind": "titles",
        "codique": "077015",
        "town_code": "100",
        "budget_code": "00",
        "budget_name": "Commune",
        "regie_code": "R001",
        "product_code": "CANT",
        "nature": "7067",
        "function": "281",
        "has_keys": "on",
        "lowest_cents": "15,00",
        "first_docket": "1",
        "first_title": "1",
    }
    debtor = {
        "civility": "MME",
        "last_name": "Bobby",
        "first_name": "Elena",
        "address_extra": "",
        "address": "1 rue des Lilas",
        "place": "",
        "postcode": "77515",
        "town": "Fictiville",
    }
    password = {"oldpassword": PASSWORD, "password1": "une autre phrase longue"}
    reset = {"uidb36": "zz", "key": "abc-def"}
    return {
        "healthz": ("both", {}, None, ()),
        "account_login": ("nobody", {}, {"login": "a@b.fr", "password": "x", "next": "/", "remember": "1"}, ("next",)),
        "account_logout": ("both", {}, {"next": "/"}, ("next",)),
        "account_signup": ("nobody", {}, {"email": "a@b.fr"}, ("next",)),
        "account_inactive": ("nobody", {}, None, ()),
        "account_change_password": ("both", {}, password, ("next",)),
        "account_password_changed": ("both", {}, None, ()),
        "account_reset_password": ("nobody", {}, {"email": "a@b.fr"}, ()),
        "account_reset_password_done": ("nobody", {}, None, ()),
        "account_reset_password_from_key": ("nobody", reset, {"password1": "une autre phrase longue"}, ()),
        "account_reset_password_from_key_done": ("nobody", {}, None, ()),
        "help": ("both", {}, None, ()),
        "accessibility": ("both", {}, None, ()),
        "privacy": ("both", {}, None, ()),
        "legal": ("both", {}, None, ()),
        "contact": ("both", {}, None, ()),
        "colours": ("both", {**at, "digest": "00000000"}, None, ()),
        "logo": ("both", at, None, ()),
        "home": ("family", {}, None, ()),
        "my_children": ("family", {}, None, ("semaine",)),
        "add_authority": ("family", {}, None, ()),
        "authority_home": ("family", at, None, ()),
        "news": ("family", at, None, ()),
        "article": ("family", {**at, "public_id": town.private.public_id}, None, ()),
        **of_what_is_published(town, at),
        "agenda": ("family", at, {}, ()),
        "agenda_stop": ("family", at, {}, ()),
        "agenda_feed": ("nobody", {"feed": "x" * 43}, None, ()),
        "calendar": (
            "family",
            at,
            {
                "want": town.square(),
                "was": town.square(TUESDAY),
                "all": "",
                "wait": "",
                "leave": "",
            },
            weeks,
        ),
        "calendar_square": ("family", at, {"cell": town.square(), "want": "on"}, weeks),
        "period": ("family", at, period, (*weeks, *period)),
        "absence": (
            "family",
            {**at, "square": town.square(date(2026, 11, 23))},
            {"cause": "illness", "words": "parce que"},
            (),
        ),
        "reglement": ("family", {**at, "ruled": town.meal.public_id}, None, ()),
        "absence_withdraw": ("family", {**at, "square": town.square(TUESDAY, product=town.full)}, {}, ()),
        "place_let_go": ("family", {**at, "square": town.square(TUESDAY, product=town.full)}, {}, ()),
        "place_take_back": ("family", {**at, "square": town.square(TUESDAY, product=town.full)}, {}, ()),
        "waiting": ("family", at, None, ()),
        "waiting_leave": ("family", {**at, "square": town.square()}, {}, ()),
        "waiting_answer": ("family", {**at, "proposed": town.proposed.public_id}, {"answer": "accept"}, ()),
        "basket": ("family", at, None, ()),
        "basket_remove": ("family", at, {"remove": "x"}, ("depuis", *weeks)),
        "basket_empty": ("family", at, {}, ("depuis", *weeks)),
        "basket_confirm": ("family", at, {"key": town.basket.key, "revision": "0", "words": ""}, ()),
        "confirmation": ("family", {**at, "number": town.confirmation.number}, None, ("deja",)),
        "invoices": ("family", at, None, ("facture", "masquees", "masquee", "choisir")),
        "invoices_paid": ("family", at, None, ("masquees", "masquee")),
        "invoices_pay": ("family", at, {"facture": town.invoice.public_id, "from_wallet": "on"}, ("facture",)),
        "invoice": ("family", billed, None, ()),
        "invoice_pdf": ("family", billed, None, ()),
        "invoice_hide": ("family", billed, {}, ()),
        "invoice_show": ("family", billed, {}, ()),
        "tax_certificate": ("family", {**at, "payer": town.payer, "year": "2026"}, None, ()),
        "payments": ("family", at, None, ("page",)),
        "payment_receipt": ("family", {**at, "receipt": town.receipt.public_id}, None, ()),
        "payment_result": ("family", paid, None, ("deja", "terminee", "vu")),
        "payment_go": ("family", paid, None, ("paiement",)),
        **{name: ("family", paid, {"paiement": town.attempt.public_id}, ()) for name in PRESSES},
        "payment_notice": ("nobody", call, None, ("idop", "idOp", "vads_amount")),
        "payment_return": ("nobody", call, None, ("idop", "idOp", "vads_amount")),
        "wallet": ("family", at, None, ()),
        "wallet_top_up": ("family", at, {"regie": town.first_regie.code, "amount": "20,00"}, ()),
        "wallet_keep": ("family", at, {"regie": town.first_regie.code, "keeps": "on"}, ()),
        "requests": ("family", at, None, ("page",)),
        **applications_of(town),
        **profile_of(town),
        **asked_of(town),
        **procedures_of(town),
        **guide_of(town),
        **agents_of_town(town),
        **journal_and_place(town),
        "profile": ("family", at, {"email": "a@b.fr", "phone": "06 12 34 56 78"}, ()),
        "profile_delivery": ("family", at, {"regie": town.first_regie.code, "delivery": "paper"}, ()),
        "profile_guardians": ("family", at, {"email": "a@b.fr", "phone": "06 12 34 56 78"}, ()),
        "profile_children": ("family", at, None, ()),
        "office_home": ("office", {}, None, ()),
        "office_account": ("office", {}, None, ()),
        "office_day": ("office", at, None, ("jour", "service", "etablissement")),
        "office_any_day": ("office", day, None, ("service", "etablissement")),
        "office_figures": ("office", at, None, ("du", "au", "pas", "service", "etablissement", "fichier")),
        "office_figures_filling": ("office", at, None, ("du", "au", "service", "etablissement", "fichier")),
        "office_figures_forecast": ("office", at, None, ("semaines", "service", "etablissement", "fichier")),
        "office_figures_hours": ("office", at, None, ("du", "au", "service", "etablissement", "fichier")),
        "office_figures_quotients": ("office", at, None, ("fichier",)),
        "office_figures_unpaid": ("office", at, None, ("fichier",)),
        "office_held_place": ("office", day, held, ()),
        "office_sheet_today": ("office", at, None, ()),
        "office_sheet": ("office", {**at, "day": "2026-11-23"}, sheet, ("service", "etablissement")),
        "office_unfinished_sheets": ("office", at, None, ()),
        # What a tablet sends is no form: its own tests send nonsense there.
        "office_attendance_marks": ("office", {**at, "day": "2026-11-23"}, None, ("depuis",)),
        "office_worker": ("office", {}, None, ()),
        **kitchen_of(town),
        "office_waiting": ("office", at, None, ("apercu",)),
        "office_waiting_offer_all": ("office", at, {}, ()),
        "office_waiting_offer_one": (
            "office",
            at,
            {"square": town.square(THURSDAY, town.zoe, town.full), "reason": "Parce que"},
            (),
        ),
        "office_inbox": ("office", at, None, ()),
        "office_cancellations": ("office", at, None, ("page", "tout")),
        "office_cancellations_together": (
            "office",
            at,
            {"choisi": town.asked.public_id, "answer": "refuse", "reason": "non"},
            ("choisi", "reponse"),
        ),
        "office_answer_cancellation": (
            "office",
            {**at, "asked": town.asked.public_id},
            {"answer": "refuse", "reason": "non", "jour": THURSDAY.isoformat()},
            (),
        ),
        "office_disruptions": ("office", at, None, ("page",)),
        "office_disruption_new": ("office", at, None, tuple(EVENT)),
        "office_disruption_declare": (
            "office",
            at,
            {**EVENT, "effect": "keep", "channels": "email", "words": BOBBY},
            (),
        ),
        "office_disruption": ("office", {**at, "disruption": town.disruption.public_id}, None, ()),
        "office_disruption_undo": ("office", {**at, "disruption": town.disruption.public_id}, {}, ()),
        "office_absences": ("office", at, None, ("page", "tout", "certificat", "evenement")),
        "office_certificates_together": (
            "office",
            at,
            {"choisi": town.absence.public_id, "received_on": "2026-11-23", "received_time": "7:30", "vu": ""},
            ("choisi",),
        ),
        "office_certificate": (
            "office",
            {**at, "absence": town.absence.public_id},
            {"received_on": "2026-11-23", "received_time": "7:30", "undo": ""},
            (),
        ),
        "office_families": ("office", at, None, ("nom",)),
        "office_register": (
            "office",
            at,
            {
                "key": "aB3dE5fG7hJ9",
                "rows": "1",
                "g1_first_name": "Aldegonde",
                "g1_last_name": "Vaucanson",
                "g1_relation": "",
                "g1_phone": "06 00 00 00 77",
                "g1_email": "vaucanson@exemple.fr",
                "address": "",
                "name": "",
                "is_resident": "on",
                "c1_first_name": "Ysoline",
                "c1_last_name": "",
                "c1_birth_date": "2019-03-04",
                "c1_class": "",
                "c1_activities": [],
                "way_in": "later",
            },
            (),
        ),
        "office_enroll": (
            "office",
            family,
            {"child": town.child.public_id, "activity": town.meal.activity.public_id, "starts_on": FRIDAY.isoformat()},
            (),
        ),
        "office_family": ("office", family, None, ("child", "product", "date", "responsable")),
        "office_reserve": ("office", family, {**by_agent, "date": FRIDAY.isoformat()}, ()),
        "office_cancel": ("office", family, {**by_agent, "refund": "yes"}, ()),
        "office_reglements": ("office", at, None, ()),
        "office_reglement": ("office", ruled, None, ("version",)),
        "office_reglement_edit": (
            "office",
            ruled,
            {**reglement, "ajouter": "limits", "retirer": ""},
            ("version", "vue"),
        ),
        "office_reglement_try": ("office", ruled, {**reglement, "question.book.days": "1"}, ()),
        "office_reglement_save": ("office", ruled, reglement, ()),
        "office_reglement_withdraw": ("office", ruled, {"version": "2027-01-04"}, ()),
        "office_next_year": ("office", at, again, ("annee",)),
        "office_next_year_undo": ("office", at, {"annee": "2026"}, ()),
        "office_tariffs": ("office", at, None, ()),
        "office_tariff": (
            "office",
            tariffed,
            None,
            ("version", "essai", "qui", "quotient", "revenu", "rang", "presents", "minutes", "situation"),
        ),
        "office_tariff_edit": ("office", tariffed, {**tariff, "ajouter": "caps", "retirer": ""}, ("version", "vue")),
        "office_tariff_try": ("office", tariffed, tariff, ()),
        "office_tariff_save": ("office", tariffed, tariff, ()),
        "office_tariff_withdraw": ("office", tariffed, {"version": "2027-01-04"}, ()),
        "office_billing": ("office", at, None, ("page",)),
        "office_billing_prepare": ("office", at, prepared, ("regie",)),
        "office_regies": ("office", at, None, ()),
        "office_regie": ("office", {**at, "regie": town.regie.code}, choices, ()),
        "office_regie_preview": ("office", {**at, "regie": town.regie.code}, None, ("number_pattern",)),
        "office_online_payment": ("office", regie, online, ()),
        "office_payment_step": ("office", regie, {"step": "close", "key": ""}, ()),
        "office_trial_start": ("office", regie, {}, ()),
        "office_trial": ("office", {**regie, "trial": town.trial.public_id}, None, ()),
        "office_trial_begin": ("office", {**regie, "trial": town.trial.public_id}, {}, ()),
        "office_trial_ask": ("office", {**regie, "trial": town.trial.public_id}, {}, ()),
        "office_joining": ("office", regie, {"since": "02/12/2026"}, ()),
        "office_leaving": ("office", regie, {}, ()),
        "office_token_make": ("office", regie, {"name": "Eau"}, ()),
        "office_token_revoke": ("office", {**regie, "api_token": "000000000000"}, {}, ()),
        "office_imported": ("office", at, None, ("mots", "page")),
        "office_import_template": ("office", at, None, ()),
        "office_import_check": ("office", at, {"regie": town.regie.code}, ()),
        "office_import": ("office", at, {"regie": town.regie.code, "lignes": "x"}, ()),
        "office_imported_withdraw": ("office", {**at, "imported": town.imported.public_id}, {}, ()),
        "api_invoices": ("nobody", at, None, ()),
        "api_invoice": ("nobody", {**at, "reference": "EAU-1"}, None, ()),
        "office_reconciliations": ("office", at, None, ()),
        "office_reconciliation": ("office", regie, None, ("page",)),
        "office_ask_again": ("office", {**regie, "attempt": town.trial.public_id}, {}, ()),
        "office_statement_line": ("office", moved, None, ("nom",)),
        "office_cash_line": ("office", moved, {"payer": town.billed.public_id, "invoices": town.invoice.public_id}, ()),
        "office_dismiss_line": ("office", moved, {"reason": "remise de chèques"}, ()),
        "office_take_line_back": ("office", set_aside, {}, ()),
        "office_run": ("office", run, None, ("voir", "nom", "tri", "page")),
        "office_run_progress": ("office", run, None, ()),
        "office_run_export": ("office", {**run, "kind": "csv"}, None, ()),
        "office_run_documents": ("office", {**run, "file": "papier"}, None, ("partie",)),
        "office_draft": ("office", draft, None, ()),
        "office_draft_aside": ("office", draft, {"reason": "parce que", "back": ""}, ()),
        "office_draft_line": ("office", draft, charge, ()),
        "office_draft_redraft": ("office", draft, {}, ()),
        "office_invoice": ("office", bill, None, ()),
        "office_invoice_pdf": ("office", bill, None, ()),
        "office_correct": ("office", bill, {"reason": "parce que", "expected": ""}, ()),
        "office_payment": (
            "office",
            bill,
            {"amount": "2,00", "means": "cash", "date": "2026-11-23", "reference": "x"},
            (),
        ),
        "office_recovery": ("office", bill, {"number": "T-12"}, ()),
        "office_account_of": ("office", family, None, ("au",)),
        "office_tax_certificate": ("office", {**family, "payer": town.payer, "year": "2026"}, None, ()),
        "office_delivery": ("office", family, {"regie": town.regie.code, "delivery": "paper"}, ()),
        "office_add_charge": ("office", family, {**charge, "regie": town.regie.code, "date": "2026-11-20"}, ()),
        "office_withdraw_charge": ("office", {**family, "charge": town.manual.public_id}, {}, ()),
        "office_add_aid": ("office", family, aid, ()),
        "office_withdraw_aid": ("office", {**family, "aid": town.aid.public_id}, {}, ()),
        "office_run_abandon": ("office", run, {}, ()),
        "office_run_redraft": ("office", run, {}, ()),
        "office_run_approve": ("office", run, {"expected": "1/500"}, ()),
        **desk_of(town),
        **security_of(town),
        **ways_in_of(town),
        **imports_of(town),
        "office_unpaid": ("office", at, None, ("regie",)),
        "office_unpaid_remind": ("office", at, {"invoice": town.invoice.public_id}, ()),
        "office_unpaid_letters": ("office", at, None, ()),
        "office_unpaid_printed": ("office", at, {"last": "1"}, ()),
        "office_unpaid_hold": ("office", family, {"reason": "parce que", "until": "2026-12-31"}, ()),
        "office_unpaid_resume": ("office", {**at, "hold": town.hold.public_id}, {}, ()),
        "office_unpaid_dispute": ("office", billed, {"reason": "parce que", "until": "2026-12-31"}, ()),
        "office_undo_at_treasury": ("office", {**at, "invoice": town.late.public_id}, {}, ()),
        "office_before_title": ("office", {**at, "before": town.before.public_id}, {}, ()),
        "office_collection": ("office", {**at, "regie": town.regie.code}, collected, ()),
        "office_reminder_stages": (
            "office",
            {**at, "regie": town.regie.code},
            {"days_1": "7", "name_1": "Rappel", "words_1": "Merci.", "days_2": "", "has_reminders": "on"},
            (),
        ),
        "office_dockets": ("office", at, None, ()),
        "office_docket_prepare": ("office", at, {"regie": town.regie.code, "exercice": "2026"}, ()),
        "office_docket_answer": ("office", at, {"file": ""}, ()),
        "office_debtor": ("office", {**at, "payer": town.payer}, debtor, ()),
        "office_docket": ("office", docket, None, ()),
        "office_docket_export": ("office", docket, {}, ()),
        "office_docket_file": ("office", docket, None, ()),
        "office_docket_drop": ("office", docket, {}, ()),
        "office_docket_leave_out": ("office", {**docket, "payer": town.payer}, {}, ()),
        **custody_at_the_desk(town, at),
        "office_put_block": ("office", family, {"kind": "unpaid", "amount": "12,50", "document": ""}, ()),
        "office_lift_block": ("office", {**family, "block": town.block.public_id}, {}, ()),
        "office_withdraw_address": ("office", {**family, "move": town.move.public_id}, {}, ()),
        "office_access": (
            "office",
            {**family, "guardian": town.guardian.public_id},
            {"kind": "other", "words": "parce que", "is_sure": "on"},
            (),
        ),
        "office_restore_access": ("office", {**family, "guardian": town.guardian.public_id}, {}, ()),
        "office_end_pickup": ("office", {**family, "pickup": town.pickup.public_id}, {}, ()),
        "office_child_photo": ("office", {**at, "photo": town.photo.public_id}, None, ()),
        "office_keep_photo": ("office", {**family, "child": town.child.public_id}, {"agreed": "on"}, ()),
        "office_remove_photo": ("office", {**family, "child": town.child.public_id}, {}, ()),
        "office_month": ("office", at, None, ("mois", "regie")),
        "office_record_quotient": (
            "office",
            family,
            {"value": "512,50", "valid_from": "2026-11-01", "source": "declared", "is_confirmed": ""},
            (),
        ),
        "office_ask_quotient": ("office", family, asked_of_others, ()),
        "office_record_answer": ("office", family, {"answer": answered, "valid_from": "2026-11-01"}, ()),
        "office_withdraw_quotient": ("office", {**family, "quotient": town.quotient.public_id}, {}, ()),
        "office_document": ("office", {**family, "document": town.document.public_id}, None, ()),
        **bank_addresses(town, at),
        **of_the_settings(town),
        **message_addresses(town, at),
    }


def custody_at_the_desk(town, at) -> dict[str, tuple]:
    """The addresses of a child who lives in two homes, and of what they dispute."""
    child = {**at, "family": town.family.public_id, "child": town.disputed.public_id}
    terms = {
        "starts_on": "2026-12-07",
        "weeks": "parity",
        "even_home": "first",
        "since": "",
        "changeover": "4",
        "changeover_at": "16:30",
        "holidays": "halves",
        "summer": "halves",
        "even_half": "first",
        "booking": "own_days",
        "packages": "first",
    }
    with tenancy.scope({town.authority.pk}):
        services = offer_of(Authority.objects.get(pk=town.authority.pk)).services
    terms |= {f"service-{one.public_id}": "days" for one in services}
    asked = {"act": "preview", "seen": "x"}
    decided = {"answer": "other", "from_day": "", "words": "Le jugement", **terms, **asked}
    return {
        "office_custody": ("office", child, None, ()),
        "office_custody_homes": (
            "office",
            child,
            {"nom": "Second", "homes": town.family.public_id, "starts_on": "2026-12-01"},
            ("nom",),
        ),
        "office_custody_terms": ("office", child, {**terms, "moves": "on", **asked}, ()),
        "office_custody_days": (
            "office",
            child,
            {"date": "2026-12-07", "home": town.family.public_id, "seen": town.custody_seen},
            (),
        ),
        "office_custody_disputes": ("office", at, None, ()),
        "office_custody_dispute": ("office", {**at, "proposal": town.dispute.public_id}, decided, ()),
    }


def bank_addresses(town, at) -> dict[str, tuple]:
    """The addresses of direct debits and refunds."""
    account = {"holder": "Elena", "address": "2, rue Haute", "iban": "BE68539007547034", "bic": ""}
    mandate, refund = {**at, "mandate": town.mandate.public_id}, {**at, "refund": town.refund.public_id}
    batch = {**at, "batch": town.batch.public_id}
    transfers = {**at, "transfers": town.transfers.public_id}
    creditor = {
        "ics": "FR72ZZZ123456",
        "name": "Commune",
        "address": "Mairie",
        "iban": "",
        "bic": "BDFEFRPPXXX",
        "scheme": "pain.008.001.02",
        "settles_after_days": "5",
        "fee": "1,50",
        "is_open": "on",
    }
    asked = {"payer": town.ahead.public_id, "amount": "1,00", "holder": "Elena", "iban": "BE68539007547034"}
    return {
        "debit_mandates": ("family", at, None, ()),
        "debit_sign": (
            "family",
            {**at, "regie": town.first_regie.code},
            {**account, "place": "Dammartin", "consent": "on"},
            (),
        ),
        "debit_mandate": ("family", mandate, None, ()),
        "debit_account": ("family", mandate, account, ()),
        "debit_revoke": ("family", mandate, {}, ()),
        "refunds": ("family", at, {**asked, "bic": "", "words": ""}, ()),
        "refund_withdraw": ("family", refund, {}, ()),
        "office_debits": ("office", at, {"regie": town.first_regie.code, "due_on": "2026-12-10"}, ()),
        "office_mandates": ("office", at, None, ()),
        "office_mandate_wake": ("office", mandate, {}, ()),
        "office_creditor": ("office", {**at, "regie": town.regie.code}, creditor, ()),
        "office_debit_batch": ("office", batch, None, ()),
        "office_debit_file": ("office", batch, None, ()),
        "office_debit_send": ("office", batch, {}, ()),
        "office_debit_settle": ("office", {**at, "batch": town.sent.public_id}, {}, ()),
        "office_debit_abandon": ("office", batch, {}, ()),
        "office_debit_returns": (
            "office",
            {**at, "batch": town.sent.public_id},
            {"file": Upload("reference;motif;date\nX;AM04;2026-11-20"), "with_fee": "on"},
            (),
        ),
        "office_refunds": ("office", at, None, ()),
        "office_refund": ("office", refund, {"decision": "kept", "reference": "", "answer": ""}, ()),
        "office_transfers_make": ("office", at, {"regie": town.first_regie.code, "paid_on": "2026-11-30"}, ()),
        "office_transfers": ("office", transfers, None, ()),
        "office_transfers_file": ("office", transfers, None, ()),
        "office_transfers_send": ("office", transfers, {}, ()),
        "office_transfers_abandon": ("office", transfers, {}, ()),
    }


class Visitor(RequestFactory):
    """A browser that only asks: Django's own also keeps a copy of all that each template was given."""

    # One for all browsers: each of its own would load the middleware again.
    handler = ClientHandler(enforce_csrf_checks=False)

    def request(self, **request):
        return self.handler(self._base_environ(**request))


class Upload(str):
    """A file of a form: read from its beginning each time it is sent."""

    __slots__ = ()
    name = "rejets.csv"

    def read(self, *_size: int) -> bytes:
        return self.encode()


def of_the_invoices_site(town) -> dict[str, tuple]:
    """Return what its addresses hold that has another name, or another place, in the families' own."""
    pair = {"reference": reference_of(town.imported.public_id), "amount": "12,00"}
    one = {"invoice": town.imported.public_id}
    lists = ("facture", "masquees", "choisir")
    return {
        "joined": ("both", {}, None, ("nom",)),
        "pay_invoice": ("both", {}, pair, ("encore",)),
        "invoice_to_pay": ("both", one, {"email": "quittance@exemple.fr"}, ()),
        "invoice_follow": ("both", one, {}, ()),
        "invoices": ("both", {}, None, lists),
        "invoices_paid": ("both", {}, None, lists),
        "invoices_pay": ("both", {}, {"facture": town.invoice.public_id, "from_wallet": "on"}, ("facture",)),
        "invoice_add": ("both", {}, pair, ()),
    }


URLS = {
    FAMILY: "marelle.config.urls_family",
    OFFICE: "marelle.config.urls_office",
    ACCOUNT: "marelle.config.urls_account",
    INVOICES: "marelle.config.urls_invoices",
}


def names_of(host: str) -> set[str]:
    return {name for name in get_resolver(URLS[host]).reverse_dict if isinstance(name, str)}


@dataclass(frozen=True)
class Address:
    """An address of a site, who goes there with which cookies, and what its form and its query may hold."""

    host: str
    name: str
    who: str
    kwargs: dict[str, str]
    form: dict[str, str] | None
    query: tuple[str, ...]
    cookies: object

    @property
    def path(self) -> str:
        return reverse(self.name, urlconf=URLS[self.host], kwargs=self.kwargs)

    @property
    def is_somebody_s(self) -> bool:
        return self.who in {"family", "office"} and "authority" in self.kwargs and self.name not in OF_EVERYBODY

    def visit(self) -> Visitor:
        """Return a browser with the cookies of whoever goes there, whatever the one before did of its own."""
        client = Visitor(headers={"host": self.host})
        if self.cookies:
            client.cookies.load({name: one.value for name, one in self.cookies.items()})
        return client

    def send(self, method: str, fields: dict | None = None, *, path: str = ""):
        """Return the call that asks this, to be made later."""
        if method in {"GET", "POST"}:
            return lambda: getattr(self.visit(), method.lower())(path or self.path, fields or {})
        return lambda: self.visit().generic(method, path or self.path)


def each_address(town):
    """Yield every address of the four sites. A new one that holds no public name, nor a form, need not be described."""
    cookies = {
        host: place(host, user).cookies
        for host, user in ((FAMILY, town.user), (OFFICE, town.agent.user), (ACCOUNT, town.user), (INVOICES, town.user))
    }
    described = addresses(town)
    for host in URLS:
        known = {**described, **(of_the_invoices_site(town) if host == INVOICES else {})}
        for name in sorted(names_of(host)):
            who, kwargs, form, query = known.get(name, ("both", {}, None, ()))
            yield Address(host, name, who, kwargs, form, query, None if who == "nobody" else cookies[host])


WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH\b.*\b(?:INSERT|UPDATE|DELETE)\b)", re.DOTALL)
# Sessions, counters of attempts and the library's list of addresses are not the subject of the house.
ASIDE = re.compile(r"accounts_session|marelle_cache|account_emailaddress|accounts_user")


@contextmanager
def undone():
    """Undo what is done inside; what was written is in the list."""
    seen: list[str] = []

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql) and not ASIDE.search(sql[:80]):
            seen.append(sql[:120])
        return execute(sql, params, many, context)

    point = transaction.savepoint()
    with connection.execute_wrapper(watch):
        yield seen
    transaction.savepoint_rollback(point)


DESK = (
    "office_desk",
    "office_find_payer",
    "office_take",
    "office_receipt",
    "office_receipt_pdf",
    "office_cancel_receipt",
    "office_rest",
    "office_rest_export",
    "office_deposit",
    "office_hand_over_deposit",
    "office_give_up_deposit",
    "office_deposit_export",
    "office_handover_pdf",
    "office_drawer",
    "office_count_cash",
    "office_deposits",
    "office_prepare_deposit",
    "office_online_takings",
    "office_regisseurs",
    "office_hand_over_regie",
)
# The service in charge answers by this role.
APPLICATIONS = (
    "office_applications",
    "office_applications_together",
    "office_application_statistics",
    "office_application_statistics_csv",
    "office_application",
    "office_application_health",
    "office_application_assign",
    "office_application_transfer",
    "office_application_changes",
    "office_application_message",
    "office_application_note",
    "office_application_decide",
    "office_application_late",
    "office_application_document",
    "office_application_pdf",
)
# Read by whoever comes, or of the account and of no family.
OF_EVERYBODY = {"authority_home", "menus", "menus_open_data", "downloads", "place_come", "place_leave"}
ROLE_OF = {
    "office_take_place": "manage_reservations",
    "office_family_journal": "read_families",
    "office_flyer": "any",
    **dict.fromkeys(DESK, "hold_regie"),
    **dict.fromkeys(APPLICATIONS, "manage_reservations"),
    **dict.fromkeys(MESSAGES, "publish"),
    "office_day": "view_day",
    "office_any_day": "view_day",
    "office_figures": "view_day",
    "office_figures_filling": "view_day",
    "office_figures_forecast": "view_day",
    "office_figures_hours": "view_day",
    "office_figures_quotients": "see_quotient",
    "office_figures_unpaid": "manage_billing",
    "office_held_place": "manage_reservations",
    "office_sheet_today": "record_attendance",
    "office_sheet": "record_attendance",
    "office_unfinished_sheets": "record_attendance",
    "office_attendance_marks": "record_attendance",
    **dict.fromkeys(("office_kitchen", "office_kitchen_day", "office_kitchen_file"), "view_day"),
    **dict.fromkeys(("office_kitchen_correct", "office_kitchen_again"), "manage_reservations"),
    **dict.fromkeys(("office_kitchen_settings", "office_kitchen_setting"), "administer"),
    **dict.fromkeys(("office_lists", "office_list_file"), "view_day"),
    **dict.fromkeys(("office_evacuation", "office_evacuation_file"), "record_attendance"),
    "office_cancellations": "manage_reservations",
    "office_waiting": "manage_reservations",
    "office_waiting_offer_all": "manage_reservations",
    "office_waiting_offer_one": "manage_reservations",
    "office_inbox": "any",
    "office_cancellations_together": "manage_reservations",
    "office_certificates_together": "manage_reservations",
    "office_changes_together": "manage_reservations",
    "office_answer_cancellation": "manage_reservations",
    "office_disruptions": "manage_reservations",
    "office_disruption_new": "manage_reservations",
    "office_disruption_declare": "manage_reservations",
    "office_disruption": "manage_reservations",
    "office_disruption_undo": "manage_reservations",
    "office_absences": "manage_reservations",
    "office_certificate": "manage_reservations",
    "office_families": "manage_reservations",
    "office_register": "manage_reservations",
    "office_doubles": "manage_reservations",
    "office_merge_preview": "manage_reservations",
    "office_say_different": "manage_reservations",
    "office_enroll": "manage_reservations",
    "office_family": "manage_reservations",
    "office_profile_changes": "manage_reservations",
    "office_decide_change": "manage_reservations",
    "office_reserve": "manage_reservations",
    "office_cancel": "manage_reservations",
    "office_custody": "read_families",
    "office_custody_homes": "manage_reservations",
    "office_custody_terms": "manage_reservations",
    "office_custody_days": "manage_reservations",
    "office_custody_disputes": "manage_reservations",
    "office_custody_dispute": "manage_reservations",
    "office_put_block": "manage_reservations",
    "office_lift_block": "manage_reservations",
    "office_end_pickup": "manage_reservations",
    "office_access": "manage_reservations",
    "office_restore_access": "manage_reservations",
    "office_child_photo": "view_day|record_attendance|read_families",
    "office_keep_photo": "manage_reservations",
    "office_remove_photo": "manage_reservations",
    "office_month": "manage_billing",
    "office_withdraw_address": "manage_reservations",
    "office_ways_in": "manage_reservations",
    "office_invite": "manage_reservations",
    "office_issue_codes": "manage_reservations",
    "office_code_letters": "manage_reservations",
    "office_mark_returned": "manage_reservations",
    "office_guardian_address": "manage_reservations",
    "office_untie_franceconnect": "manage_reservations",
    "office_revoke_ways_in": "manage_reservations",
    "office_end_membership": "manage_reservations",
    "office_join_requests": "manage_reservations",
    "office_joins_together": "manage_reservations",
    "office_join_request": "manage_reservations",
    "office_accept_join": "manage_reservations",
    "office_refuse_join": "manage_reservations",
    "office_tariffs": "any",
    "office_tariff": "any",
    "office_record_quotient": "manage_reservations",
    "office_ask_quotient": "manage_reservations",
    "office_record_answer": "manage_reservations",
    "office_withdraw_quotient": "manage_reservations",
    "office_document": "manage_reservations",
    "office_billing": "manage_billing",
    "office_billing_prepare": "manage_billing",
    "office_reconciliations": "manage_billing",
    "office_reconciliation": "manage_billing",
    "office_ask_again": "manage_billing",
    "office_imported": "manage_billing",
    "office_import_template": "manage_billing",
    "office_import_check": "manage_billing",
    "office_import": "manage_billing",
    "office_imported_withdraw": "manage_billing",
    "office_statement_line": "manage_billing",
    "office_cash_line": "manage_billing",
    "office_dismiss_line": "manage_billing",
    "office_take_line_back": "manage_billing",
    "office_run": "manage_billing",
    "office_run_progress": "manage_billing",
    "office_run_export": "manage_billing",
    "office_run_documents": "manage_billing",
    "office_draft": "manage_billing",
    "office_draft_aside": "manage_billing",
    "office_draft_line": "manage_billing",
    "office_draft_redraft": "manage_billing",
    "office_invoice": "manage_billing",
    "office_invoice_pdf": "manage_billing",
    "office_correct": "manage_billing",
    "office_payment": "manage_billing",
    "office_recovery": "manage_billing",
    "office_account_of": "manage_billing",
    "office_tax_certificate": "manage_billing",
    "office_delivery": "manage_billing",
    "office_add_charge": "manage_billing",
    "office_withdraw_charge": "manage_billing",
    "office_add_aid": "manage_billing",
    "office_withdraw_aid": "manage_billing",
    "office_run_abandon": "manage_billing",
    "office_run_redraft": "manage_billing",
    "office_run_approve": "manage_billing",
    "office_debits": "manage_billing",
    "office_mandates": "manage_billing",
    "office_mandate_wake": "manage_billing",
    "office_debit_batch": "manage_billing",
    "office_debit_file": "manage_billing",
    "office_debit_send": "manage_billing",
    "office_debit_settle": "manage_billing",
    "office_debit_abandon": "manage_billing",
    "office_debit_returns": "manage_billing",
    "office_refunds": "manage_billing",
    "office_refund": "manage_billing",
    "office_transfers_make": "manage_billing",
    "office_transfers": "manage_billing",
    "office_transfers_file": "manage_billing",
    "office_transfers_send": "manage_billing",
    "office_transfers_abandon": "manage_billing",
    "office_reglements": "any",
    "office_reglement": "any",
    "office_unpaid": "manage_billing",
    "office_unpaid_remind": "manage_billing",
    "office_unpaid_letters": "manage_billing",
    "office_unpaid_printed": "manage_billing",
    "office_unpaid_hold": "manage_billing",
    "office_unpaid_resume": "manage_billing",
    "office_unpaid_dispute": "manage_billing",
    "office_undo_at_treasury": "manage_billing",
    "office_before_title": "manage_billing",
    "office_dockets": "manage_billing",
    "office_docket_prepare": "manage_billing",
    "office_docket_answer": "manage_billing",
    "office_debtor": "manage_billing",
    "office_docket": "manage_billing",
    "office_docket_export": "manage_billing",
    "office_docket_file": "manage_billing",
    "office_docket_drop": "manage_billing",
    "office_docket_leave_out": "manage_billing",
}
