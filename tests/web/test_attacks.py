"""What a malicious visitor tries: forged names, other people's addresses, nasty text in every field, and headers."""

from __future__ import annotations

import copy
import io
import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.urls import get_resolver, reverse

from marelle.connectors.quotient.client import ApiParticulier
from marelle.domain.accounts.models import Agent, Grant, User
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
from marelle.domain.families.models import (
    Block,
    ConsentText,
    FamilyQuotient,
    Guardian,
    PickupPerson,
    ProposedChange,
    SupportingDocument,
)
from marelle.domain.families.quotient_source import FoundQuotient
from marelle.domain.families.rules.profile import FIELDS
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
from marelle.domain.reservations.models import (
    Absence,
    Attendance,
    Basket,
    BasketLine,
    CancellationRequest,
    Confirmation,
    Reservation,
    WaitingListEntry,
)
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.derived_secrets import sealed
from marelle.foundation.discreet_logs import DiscreetFormatter
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from marelle.letters.about_joining import NEW_ACCOUNT
from marelle.web.office.families.quotient_section import signed
from tests.api_particulier import TOKEN
from tests.domain.household import NOW
from tests.domain.payments_town import PaperGateway
from tests.factories import town as make
from tests.factories.banks import make_creditor, sign
from tests.factories.invoices import issue_invoice, make_regie, pay, payer_of
from tests.factories.joining import make_code, make_guardian, make_invitation, make_join_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

FAMILY, OFFICE, ACCOUNT = "famille.localhost", "mairie.localhost", "compte.localhost"
TUESDAY, THURSDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 27)
PASSWORD = "trois petits chats verts"
# A first name that is an attack, wherever it is shown.
BOBBY = "<script>alert('Bobby')</script>\"'"

NASTY = {
    "nothing": "",
    "NUL": "a\x00b",
    "digits beyond reading": "9" * 6000,
    "words beyond sense": "é " * 6000,
    "beyond bigint": "-9223372036854775809",
    "Arabic digits": "٣",
    "superscript": "²",
    "year 1": "0001-01-01",
    "year 9999": "9999-12-31",
    "year 2099": "2099-12-31",
    "31 February": "2026-02-31",
    "injection": "'; DROP TABLE t; -- %s%(authority)s{0}{{ settings }}<script>alert(1)</script>\u202e\U0001f469",
    "header": "x\r\nSet-Cookie: a=b",
    "dots": "a.b.c",
    "square of nobody": "000000000000.000000000000.2026-11-27",
}

WORST = {"NUL", "digits beyond reading", "year 1", "square of nobody"}


def place(host: str = FAMILY, user: User | None = None, **kwargs) -> Client:
    client = Client(headers={"host": host}, raise_request_exception=False, **kwargs)
    if user is not None:
        client.force_login(user)
    return client


class Town:
    """Two families and an agent of a town that has something of everything, and a neighboring town."""

    def __init__(self) -> None:
        self.authority = make.make_authority(announcement=BOBBY, siret="21770154900016")
        self.slug = self.authority.slug
        self.school = make.make_facility(self.authority, "École des Tilleuls")
        self.bourg = make.make_facility(self.authority, "École du Bourg")
        # The first by its name has no run open; the other has one in review.
        self.first_regie = make_regie(self.authority, "Accueil")
        self.regie = make_regie(self.authority, "Cantine")
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
        self.private = make.make_article(self.authority, BOBBY, body=BOBBY, is_public=False)
        self.public = make.make_article(self.authority, "Pour tous", is_public=True)
        self.reserved = make.make_reservation(self.child, self.meal, TUESDAY, family=self.family)
        make.make_reservation(self.child, self.meal, date(2026, 11, 23), family=self.family)
        self.absence = self.absence_of(make.make_reservation(self.child, self.full, TUESDAY, family=self.family))
        self.guardian = make_guardian(self.authority, BOBBY, family=self.family, name=BOBBY)
        self.link, self.code = make_invitation(self.guardian), make_code(self.guardian)
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
                content=b"%PDF-1.7",
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

    def _fill_file(self) -> None:
        self.change = ProposedChange.objects.create(
            authority=self.authority, family=self.family, field="family_phone", new="01", proposed_at=NOW
        )
        self.pickup = PickupPerson.objects.create(
            authority=self.authority, family=self.family, name="Paul", starts_on=TUESDAY, added_at=NOW
        )
        self.consent_text = ConsentText.objects.create(
            authority=self.authority, code="photos", title="Photos", body="x", about="child", published_at=NOW
        )

    def absence_of(self, reservation: Reservation) -> Absence:
        with permitted("factory"), tenancy.scope({reservation.authority_id}):
            return Absence.objects.create(
                authority_id=reservation.authority_id,
                reservation=reservation,
                cause="illness",
                told_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
                words=BOBBY,
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
                )
            }


@pytest.fixture(scope="module")
def made(lasting):
    """The town, made once for all these tests."""
    return Town()


@pytest.fixture
def town(made, settings, api):
    """The town, with rows in memory that this test alone may change."""
    settings.QUOTIENT_SOURCE = ApiParticulier(api.url, TOKEN, whole_seconds=2)
    settings.GATEWAYS = {"payfip": PaperGateway()}
    return copy.deepcopy(made)


@pytest.fixture
def quick_passwords(settings):
    """Passwords that cost nothing to check, where something else is tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
    return {
        "signup_sent": ("nobody", {}, None, ()),
        "signup_confirm": (
            "nobody",
            {"sealed": sealed(NEW_ACCOUNT, "nouvelle@exemple.fr")},
            {"password": "une autre phrase longue"},
            (),
        ),
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
        "office_guardian_address": ("office", guardian, {"email": "a@b.fr", **shown}, ()),
        "office_revoke_ways_in": ("office", guardian, shown, ()),
        "office_end_membership": ("office", guardian, shown, ()),
        "office_join_requests": ("office", at, None, ()),
        "office_join_request": ("office", joining, None, ("dossier",)),
        "office_accept_join": (
            "office",
            joining,
            {"chosen": "new", "none_of_these": "on", "dossier": town.family.code},
            (),
        ),
        "office_refuse_join": ("office", joining, {"reason": "x"}, ()),
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
        "profile_withdraw": ("family", {**at, "change": town.change.public_id}, {}, ()),
        "profile_pickups": ("family", at, person, ()),
        "profile_pickup_end": ("family", {**at, "pickup": town.pickup.public_id}, {}, ()),
        "profile_consents": ("family", at, None, ()),
        "profile_consent": ("family", {**at, "text": town.consent_text.public_id}, {town.child.public_id: "yes"}, ()),
        "profile_confirm": ("family", at, {"seen": "0", "is_right": "on"}, ()),
        "office_profile_changes": ("office", at, None, ()),
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
        "online_from": "",
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
        **profile_of(town),
        "profile": ("family", at, {"email": "a@b.fr", "phone": "06 12 34 56 78"}, ()),
        "profile_delivery": ("family", at, {"regie": town.first_regie.code, "delivery": "paper"}, ()),
        "profile_guardians": ("family", at, {"email": "a@b.fr", "phone": "06 12 34 56 78"}, ()),
        "profile_children": ("family", at, None, ()),
        "office_home": ("office", {}, None, ()),
        "office_account": ("office", {}, None, ()),
        "office_day": ("office", at, None, ("jour", "service", "etablissement")),
        "office_any_day": ("office", day, None, ("service", "etablissement")),
        "office_held_place": ("office", day, held, ()),
        "office_sheet_today": ("office", at, None, ()),
        "office_sheet": ("office", {**at, "day": "2026-11-23"}, sheet, ("service", "etablissement")),
        "office_cancellations": ("office", at, None, ()),
        "office_answer_cancellation": (
            "office",
            {**at, "asked": town.asked.public_id},
            {"answer": "refuse", "reason": "non", "jour": THURSDAY.isoformat()},
            (),
        ),
        "office_absences": ("office", at, None, ("page",)),
        "office_certificate": (
            "office",
            {**at, "absence": town.absence.public_id},
            {"received_on": "2026-11-23", "received_time": "7:30", "undo": ""},
            (),
        ),
        "office_families": ("office", at, None, ("nom",)),
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
        "office_put_block": ("office", family, {"kind": "unpaid", "amount": "12,50", "document": ""}, ()),
        "office_lift_block": ("office", {**family, "block": town.block.public_id}, {}, ()),
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


# One for all browsers: each of its own would load the middleware again.
HANDLER = ClientHandler(enforce_csrf_checks=False)


class Upload(str):
    """A file of a form: read from its beginning each time it is sent."""

    __slots__ = ()
    name = "rejets.csv"

    def read(self, *_size: int) -> bytes:
        return self.encode()


URLS = {
    FAMILY: "marelle.config.urls_family",
    OFFICE: "marelle.config.urls_office",
    ACCOUNT: "marelle.config.urls_account",
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
        return self.who in {"family", "office"} and "authority" in self.kwargs and self.name != "authority_home"

    def visit(self) -> Client:
        """Return a browser with the cookies of whoever goes there, whatever the one before did of its own."""
        client = place(self.host)
        client.handler = HANDLER
        if self.cookies:
            client.cookies.load({name: one.value for name, one in self.cookies.items()})
        return client

    def send(self, method: str, fields: dict | None = None, *, path: str = ""):
        """Return the call that asks this, to be made later."""
        if method in {"GET", "POST"}:
            return lambda: getattr(self.visit(), method.lower())(path or self.path, fields or {})
        return lambda: self.visit().generic(method, path or self.path)


def each_address(town):
    """Yield every address of three sites. A new one that holds no public name, nor a form, need not be described."""
    cookies = {
        host: place(host, user).cookies
        for host, user in ((FAMILY, town.user), (OFFICE, town.agent.user), (ACCOUNT, town.user))
    }
    known = addresses(town)
    for host in URLS:
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


def places(what: str, names, *, by_turns: bool) -> list[tuple[str, ...]]:
    """Return where a text goes: all places at once; or by turns, for those among the worst."""
    return [(name,) for name in names] if by_turns and what in WORST else [tuple(names)] if names else []


def attempts(one, *, by_turns: bool):
    """Yield (what, call, whether it only reads): each text in each place of one address."""
    for method in ("get", "head", "options", "trace", "put", "patch", "delete", "post"):
        yield method, one.send(method.upper()), method in {"get", "head", "options", "trace"}
    for what, text in NASTY.items():
        for names in places(what, one.query, by_turns=by_turns):
            query = {**(one.form if one.name == "period" else {}), **dict.fromkeys(names, text)}
            yield f"?{names}={what}", one.send("GET", query), True
        for names in places(what, one.form or (), by_turns=by_turns):
            yield f"{names}={what}", one.send("POST", {**one.form, **dict.fromkeys(names, text)}), False
        if one.name == "calendar":
            for name in ("all", "wait", "leave"):
                yield f"only {name}={what}", one.send("POST", {name: text}), False
        for piece in one.kwargs:
            if not text.strip() or "/" in text or (piece == "authority" and what not in {"NUL", "injection"}):
                continue
            path = one.path.replace(f"/{one.kwargs[piece]}", f"/{quote(text[:2000])}")
            method = "POST" if one.form else "GET"
            yield f"path {piece}={what}", one.send(method, one.form, path=path), not one.form


def each_once() -> list:
    """Return each (host, name): what both sites have is theirs alike, and asked of one; of both in the torture."""
    shared = names_of(FAMILY) & names_of(OFFICE)
    return [
        pytest.param(host, name, marks=[pytest.mark.torture] if host == OFFICE and name in shared else [])
        for host in URLS
        for name in sorted(names_of(host))
    ]


@pytest.mark.parametrize(
    "by_turns", [pytest.param(True, marks=pytest.mark.torture), False], ids=["by turns", "at once"]
)
@pytest.mark.parametrize(("host", "name"), each_once())
@pytest.mark.usefixtures("quick_passwords")
def test_no_text_in_any_place_of_an_address_fails_and_a_refusal_writes_nothing(town, settings, host, name, by_turns):
    settings.ACCOUNT_RATE_LIMITS = False
    (one,) = (one for one in each_address(town) if (one.host, one.name) == (host, name))
    failures = []
    for what, call, is_read in attempts(one, by_turns=by_turns):
        with undone() as statements:
            answer = call()
        if answer.status_code >= 500 or (statements and ((is_read and name not in CALLS) or answer.status_code >= 400)):
            failures.append((what, answer.status_code, statements))
    assert not failures


# ------------------------------------------------------------------------------------------- what cannot even be read


@pytest.mark.parametrize(
    "attack",
    [
        lambda client, path: client.get(path, headers={"content-type": "text/plain; charset=hex"}),
        lambda client, path: client.get(
            f"{path}?site=%5Cud800", headers={"content-type": "text/plain; charset=unicode_escape"}
        ),
        lambda client, path: client.generic(
            "POST", path, "was=%5Cud800", "application/x-www-form-urlencoded; charset=utf-7"
        ),
        lambda client, path: client.generic("POST", path, "x", "multipart/form-data; boundary=x; charset=hex"),
        lambda client, path: client.generic("POST", path, "--x\r\n", "multipart/form-data"),
        lambda client, path: client.post(path, {f"n{n}": "" for n in range(12_001)}),
        lambda client, path: client.post(path, {"was": "x" * 2_700_000}),
        lambda client, path: client.post(path, {"file": io.BytesIO(b"x" * 2_700_000)}),
        lambda client, path: client.post(path, {"na\x00me": "x"}),
        lambda client, path: client.get(f"{path}?na%00me=x"),
        lambda client, path: client.get(path, headers={"cookie": 'session="aaaaaaaaaaaaaaaa\\000"'}),
    ],
    ids=[
        "a charset that is not one",
        "halves of characters asked for",
        "UTF-7",
        "a charset of parts",
        "no boundary",
        "12,001 fields",
        "a long body",
        "a large file",
        "NUL in a field's name",
        "NUL in a query's name",
        "NUL in a cookie, in octal",
    ],
)
@pytest.mark.parametrize("path", ["/", "/compte/connexion/", "/{slug}/reservations/"])
def test_a_request_that_cannot_be_read_is_refused_before_anybody_reads_it(town, path, attack):
    with undone() as statements:
        answer = attack(place(FAMILY, town.user), path.format(slug=town.slug))

    assert answer.status_code == 400
    assert "Cette demande n’a pas été comprise" in answer.content.decode()
    assert not statements


@pytest.mark.parametrize(
    "kind", ["application/json", "text/xml", "", "application/x-www-form-urlencoded; charset=UTF-8"]
)
def test_another_kind_of_content_is_an_empty_form(town, kind):
    before = town.rows()

    answer = place(FAMILY, town.user).generic("POST", f"/{town.slug}/panier/valider/", '{"key": "x"}', kind)

    assert answer.status_code == 409
    assert town.rows() == before


@pytest.mark.parametrize("broken", ["%ff%fe", "%ed%a0%80", "%c0%80", "%", "%zz"])
def test_bytes_that_are_no_text_find_nothing(town, broken):
    client = place(FAMILY, town.user)

    assert client.generic("GET", f"/{town.slug}/actualites/{broken}/").status_code == 404
    assert (
        client.generic("GET", f"/{town.slug}/reservations/", QUERY_STRING=f"site={broken}&semaine={broken}").status_code
        == 200
    )


# --------------------------------------------------------------------------------------------- whose things these are


def test_a_parent_finds_nothing_at_the_town_hall_and_an_agent_nothing_at_the_families(town):
    for one in each_address(town):
        if not one.is_somebody_s:
            continue
        stranger = place(one.host, town.user if one.host == OFFICE else town.agent.user)
        with undone() as statements:
            answer = stranger.get(one.path) if one.form is None else stranger.post(one.path, one.form)
        assert answer.status_code in {404, 405}, one.name
        assert not statements


def test_nobody_of_one_town_has_anything_in_another(town):
    elsewhere = Town()
    before = town.rows()
    for one in each_address(town):
        if not one.is_somebody_s:
            continue
        stranger = place(one.host, elsewhere.user if one.host == FAMILY else elsewhere.agent.user)
        # In the other town's addresses, and with the other town's names in one's own.
        for path in (one.path, one.path.replace(f"/{town.slug}/", f"/{elsewhere.slug}/")):
            answer = stranger.get(path) if one.form is None else stranger.post(path, one.form)
            assert answer.status_code < 500, one.name
            if path == one.path:
                assert answer.status_code == 404, one.name
            # One's own letters are a file, not words.
            assert town.child.public_id not in answer.content.decode("utf-8", "replace") or one.form, one.name
    assert town.rows() == before


def test_another_family_s_child_basket_key_request_and_confirmation_are_out_of_reach(town):
    stranger = place(FAMILY, town.stranger_user)
    before = town.rows()
    at = f"/{town.slug}"
    square = town.square()

    refused = [
        stranger.post(f"{at}/reservations/", {"want": square, "was": ""}),
        stranger.post(f"{at}/reservations/", {"want": "", "was": town.square(TUESDAY)}),
        stranger.post(f"{at}/reservations/", {"all": square}),
        stranger.post(f"{at}/reservations/", {"wait": town.square(product=town.full)}),
        stranger.post(f"{at}/reservations/", {"leave": square}),
        stranger.post(f"{at}/reservations/case/", {"cell": square, "want": "on"}),
        stranger.post(f"{at}/reservations/periode/", addresses(town)["period"][2]),
        stranger.get(f"{at}/panier/confirmations/{town.confirmation.number}/"),
    ]

    assert [answer.status_code for answer in refused] == [400, 400, 400, 400, 400, 400, 422, 404]
    stranger.post(f"{at}/panier/retirer/", {"remove": f"{town.child.public_id}.{town.meal.public_id}.reserve"})
    stranger.post(f"{at}/panier/vider/", {})
    for key in (town.basket.key, town.confirmation.basket_key):
        assert stranger.post(f"{at}/panier/valider/", {"key": key, "revision": "0"}).status_code == 409
    after = town.rows()
    after["Basket"] = [row for row in after["Basket"] if row["user_id"] != town.stranger_user.pk]
    assert after == before
    for page in (
        "reservations/",
        "panier/",
        "demandes/",
        "profil/",
        "profil/enfants/",
        f"reservations/?enfant={town.child.public_id}",
    ):
        assert "Bobby" not in stranger.get(f"{at}/{page}").content.decode(), page


@pytest.mark.parametrize("revision", ["", "-1", "1", "00000000000", "²", "٠" * 9])
def test_a_forged_or_stale_revision_confirms_nothing(town, revision):
    before = town.rows()

    answer = place(FAMILY, town.user).post(
        f"/{town.slug}/panier/valider/", {"key": town.basket.key, "revision": revision, "words": ""}
    )

    assert answer.status_code == 409
    assert town.rows() == before


def test_what_a_browser_says_of_price_state_family_and_place_is_not_read(town):
    forged = {
        "key": town.basket.key,
        "revision": "0",
        "words": "",
        "price_cents": "0",
        "cents": "0",
        "state": "held",
        "family": town.stranger.pk,
        "user": town.stranger_user.pk,
        "child": town.zoe.pk,
        "held_until": "2099-01-01",
        "authority": "1",
        "by": "1",
        "is_staff": "1",
    }

    answer = place(FAMILY, town.user).post(f"/{town.slug}/panier/valider/", forged)

    assert answer.status_code == 303
    with tenancy.scope({town.authority.pk}):
        made = Reservation.objects.get(child=town.child, date=FRIDAY)
    assert (made.price_cents, made.state, made.family_id, made.held_until) == (385, "reserved", town.family.pk, None)


def test_the_contact_form_changes_the_contact_of_its_own_family_and_nothing_else(town):
    client = place(FAMILY, town.user)
    forged = {
        "email": "a@b.fr",
        "phone": "",
        "pk": town.stranger.pk,
        "family": town.stranger.pk,
        "name": "X",
        "code": "1",
    }

    client.post(f"/{town.slug}/profil/", forged)

    with tenancy.scope({town.authority.pk}):
        town.family.refresh_from_db()
        town.stranger.refresh_from_db()
    assert (town.family.email, town.family.name, town.stranger.email) == ("a@b.fr", BOBBY, "")
    assert client.post(f"/{town.slug}/profil/", {"email": "", "phone": "06" + "٠" * 8}).status_code == 422


def test_a_square_that_the_page_does_not_show_is_refused_before_anything_is_written(town):
    client = place(FAMILY, town.user)
    before = town.rows()
    elsewhere = town.square(product=town.outing)
    at = f"/{town.slug}/reservations/"

    assert client.post(f"{at}case/?site={town.school.code}", {"cell": elsewhere, "want": "on"}).status_code == 400
    assert client.post(f"{at}?site={town.school.code}", {"all": elsewhere}).status_code == 400
    assert town.rows() == before


# --------------------------------------------------------------------------------------------------- roles and reaches


def make_limited_agent(town, *roles: str, facility=None, service: str = "") -> Agent:
    user = make.make_user()
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        agent = Agent.objects.create(authority=town.authority, user=user, name="Ana")
        for role in roles:
            Grant.objects.create(
                authority=town.authority, agent=agent, role=role, facility=facility, service_code=service
            )
    return agent


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
ROLE_OF = {
    **dict.fromkeys(DESK, "manage_billing"),
    "office_day": "view_day",
    "office_any_day": "view_day",
    "office_held_place": "manage_reservations",
    "office_sheet_today": "record_attendance",
    "office_sheet": "record_attendance",
    "office_cancellations": "manage_reservations",
    "office_answer_cancellation": "manage_reservations",
    "office_absences": "manage_reservations",
    "office_certificate": "manage_reservations",
    "office_families": "manage_reservations",
    "office_family": "manage_reservations",
    "office_profile_changes": "manage_reservations",
    "office_decide_change": "manage_reservations",
    "office_reserve": "manage_reservations",
    "office_cancel": "manage_reservations",
    "office_put_block": "manage_reservations",
    "office_lift_block": "manage_reservations",
    "office_ways_in": "manage_reservations",
    "office_invite": "manage_reservations",
    "office_issue_codes": "manage_reservations",
    "office_code_letters": "manage_reservations",
    "office_mark_returned": "manage_reservations",
    "office_guardian_address": "manage_reservations",
    "office_revoke_ways_in": "manage_reservations",
    "office_end_membership": "manage_reservations",
    "office_join_requests": "manage_reservations",
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


@pytest.mark.parametrize("role", ["view_day", "record_attendance", "manage_reservations", "manage_billing", ""])
def test_an_agent_opens_only_what_her_role_opens(town, role):
    client = place(OFFICE, make_limited_agent(town, *filter(None, [role])).user)
    for one in each_address(town):
        if one.host != OFFICE or "authority" not in one.kwargs or one.name in {"colours", "logo"}:
            continue
        with undone() as statements:
            answer = client.get(one.path) if one.form is None else client.post(one.path, one.form)
        if ROLE_OF.get(one.name, "administer") in {role, "any" if role else role}:
            assert answer.status_code < 400, one.name
        else:
            assert answer.status_code == 403, one.name
            assert not statements
            assert "Bobby" not in answer.content.decode()


@pytest.mark.parametrize("limit", [{"facility": "bourg"}, {"service": "centre"}])
def test_an_agent_of_one_place_reaches_nothing_of_another(town, limit):
    if "facility" in limit:
        limit = {"facility": getattr(town, limit["facility"])}
    agent = make_limited_agent(town, *Grant.Role.values[:3], **limit)
    client, at = place(OFFICE, agent.user), f"/{town.slug}"
    before = town.rows()
    reason = {"reason": "parce que", "refund": "yes"}
    here = {"child": town.child.public_id, "product": town.meal.public_id}

    refused = [
        client.post(f"{at}/annulations/{town.asked.public_id}/", {"answer": "refund", "reason": "", "jour": ""}),
        client.post(f"{at}/journee/{TUESDAY}/place-gardee/", {**here, "answer": "release", "reason": ""}),
        client.post(f"{at}/familles/{town.family.public_id}/reserver/", {**here, "date": FRIDAY, **reason}),
        client.post(f"{at}/familles/{town.family.public_id}/annuler/", {**here, "date": TUESDAY, **reason}),
    ]
    held = reverse("office_held_place", urlconf=URLS[OFFICE], kwargs={"authority": town.slug, "day": TUESDAY})
    refused[1] = client.post(held, {**here, "answer": "release", "reason": ""})
    sheet = reverse("office_sheet", urlconf=URLS[OFFICE], kwargs={"authority": town.slug, "day": "2026-11-23"})
    client.post(sheet, {f"p.{town.child.public_id}.{town.meal.public_id}": "present", "others": "present"})

    assert [answer.status_code for answer in refused] == [404, 409, 422, 422]
    assert town.rows() == before


def test_an_agent_of_one_place_does_not_read_the_health_of_a_sister_she_never_sees(town):
    sister = make.make_child(town.family, "Inès", products=(town.meal,), allergies="arachide de la sœur")
    alone = place(OFFICE, make_limited_agent(town, "manage_reservations", "view_day", facility=town.bourg).user)
    everywhere = place(OFFICE, town.agent.user)
    page = f"/{town.slug}/familles/{town.family.public_id}/"

    assert sister.first_name in alone.get(page).content.decode()
    assert "arachide de la sœur" not in alone.get(page).content.decode()
    assert "arachide de la sœur" in everywhere.get(page).content.decode()


# ------------------------------------------------------------------------------------------------------ forms and hosts


def test_every_form_without_the_token_of_its_page_is_refused(town):
    users = {FAMILY: town.user, OFFICE: town.agent.user, ACCOUNT: town.user}
    for one in each_address(town):
        if one.form is None:
            continue
        client = place(one.host, users[one.host], enforce_csrf_checks=True)
        for token in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"csrfmiddlewaretoken": ""}):
            with undone() as statements:
                answer = client.post(one.path, {**one.form, **token}, headers={"origin": "https://mechant.exemple"})
            assert answer.status_code == 403, one.name
            assert not statements
            assert "restée ouverte trop longtemps" in answer.content.decode()


@pytest.mark.parametrize(
    "host",
    [
        "mechant.exemple",
        "famille.localhost.mechant.exemple",
        "famille.localhost@mechant.exemple",
        "famille.localhost:80@mechant.exemple",
        "famille.localhost:x",
        "",
        "a\x00b",
        "famille.localhost/../x",
        "[::1",
    ],
)
def test_a_host_that_is_not_ours_gets_nothing(town, host):
    answer = place(host).get("/", headers={"x-forwarded-host": "mechant.exemple"})

    assert answer.status_code == 400
    assert "mechant" not in answer.content.decode()
    assert answer["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "www.famille.localhost", "www.mairie.localhost"])
@pytest.mark.parametrize(
    "path", ["//mechant.exemple/", "/\\mechant.exemple", "/@mechant.exemple/", "/.mechant.exemple"]
)
def test_a_name_that_moved_leads_to_our_own_sites_only(host, path):
    answer = place(host).generic("GET", path)

    assert re.match(r"http://(famille|mairie)\.localhost(:\d+)?/", answer["Location"])


def test_a_host_in_capitals_is_the_same_site(town):
    assert place("MAIRIE.localhost", town.agent.user).get(f"/{town.slug}/journee/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://mechant.exemple",
        "//mechant.exemple",
        "///mechant.exemple",
        "/\\mechant.exemple",
        "\\\\mechant.exemple",
        "http:mechant.exemple",
        "https:///mechant.exemple",
        "javascript:alert(1)",
        "data:text/html,x",
        "//mechant.exemple@famille.localhost",
        "//famille.localhost@mechant.exemple",
        "http://mairie.localhost/",
        "//famille.localhost:9/",
        " //mechant.exemple",
        "\t//mechant.exemple",
        "/\t/mechant.exemple",
    ],
)
@pytest.mark.usefixtures("quick_passwords")
def test_next_never_leads_elsewhere(town, elsewhere):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    sent = {"login": town.user.email, "password": PASSWORD, "next": elsewhere}
    signed_in = place(FAMILY, town.user)

    answers = [
        place(ACCOUNT).post("/compte/connexion/", sent),
        place(ACCOUNT).post(f"/compte/connexion/?next={quote(elsewhere)}", {**sent, "next": ""}),
        place(ACCOUNT, town.user).get("/compte/connexion/", {"next": elsewhere}),
        place(ACCOUNT, town.user).post("/compte/deconnexion/", {"next": elsewhere}),
        signed_in.get("/compte/connexion/", {"next": elsewhere}),
    ]

    for answer in answers:
        assert answer.status_code == 302
        assert re.match(r"/(?![/\\\t])", answer["Location"]), answer["Location"]


def test_the_link_of_a_forgotten_password_leads_to_our_own_name_and_port(town):
    place(f"{ACCOUNT}:6666").post("/compte/mot-de-passe/oublie/", {"email": town.user.email})
    links = re.findall(r"https?://\S+", mail.outbox[0].body)
    assert links
    assert all(link.startswith("http://compte.localhost/") for link in links), links


# --------------------------------------------------------------------------------------------------- signing in and out


@pytest.mark.usefixtures("quick_passwords")
def test_the_session_changes_name_at_each_door(town):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    client = place(ACCOUNT)
    client.cookies["session"] = "a" * 32
    client.post("/compte/connexion/", {"login": town.user.email, "password": PASSWORD})
    mine = client.cookies["session"].value
    assert mine != "a" * 32

    thief = place(ACCOUNT)
    thief.cookies["session"] = mine
    client.post("/compte/deconnexion/")

    assert thief.get("/compte/securite/").status_code == 302


@pytest.mark.usefixtures("quick_passwords")
def test_a_new_password_or_a_closed_account_shuts_the_other_sessions(town):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    here, there = place(ACCOUNT), place(ACCOUNT)
    for client in (here, there):
        client.post("/compte/connexion/", {"login": town.user.email, "password": PASSWORD})
    new = "encore trois petits chats"
    here.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": new})
    assert here.get("/compte/securite/").status_code == 200
    assert there.get("/compte/securite/").status_code == 302

    with permitted("factory"):
        User.objects.filter(pk=town.user.pk).update(is_active=False)
    assert here.get("/compte/securite/").status_code == 302


def test_signing_in_costs_and_says_the_same_whoever_asks(town, monkeypatch):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    asked = []
    for name in ("encode", "verify"):
        plain = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(
            Argon2PasswordHasher, name, lambda *args, plain=plain, name=name: asked.append(name) or plain(*args)
        )
    pages = []
    for login in (town.user.email, "personne@exemple.fr"):
        cache.clear()
        asked.append("|")
        answer = place(ACCOUNT).post("/compte/connexion/", {"login": login, "password": "faux"})
        pages.append((answer.status_code, answer.content.decode().replace(login, "")))
    known, unknown = "".join(one[0] for one in asked).split("|")[1:]

    assert len(known) == len(unknown) == 1
    assert re.sub(r'value="[^"]{64}"', "", pages[0][1]) == re.sub(r'value="[^"]{64}"', "", pages[1][1])


# ------------------------------------------------------------------------------------------------------------- headers


def test_every_page_carries_its_guards_and_holds_no_script_of_anybody(town):
    for one in each_address(town):
        with undone():
            answer = one.visit().get(one.path)
        at = (one.host, one.name)
        assert answer["X-Content-Type-Options"] == "nosniff", at
        assert answer["X-Frame-Options"] == "DENY", at
        assert answer["Referrer-Policy"] == "same-origin", at
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", at
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy, at
        if one.name != "logo":
            assert "unsafe" not in policy, at
            assert "frame-ancestors 'none'" in policy, at
        if not answer["Content-Type"].startswith("text/html"):
            continue
        text = answer.content.decode()
        assert "<script>alert" not in text, at
        page = BeautifulSoup(text, "html.parser")
        assert all(script.get("src", "").startswith("/static/") for script in page.find_all("script")), at
        assert not page.find_all("style"), at
        for tag in page.find_all(True):
            assert not [name for name in tag.attrs if name.startswith(("on", "hx-on")) or name == "style"], (
                at,
                tag.name,
            )
            assert not str(tag.get("href", "")).lower().startswith(("javascript:", "data:")), at
        if one.is_somebody_s and answer.status_code < 400:
            assert {"private", "no-store"} <= set(answer.get("Cache-Control", "").split(", ")), at


def test_what_is_refused_or_broken_is_guarded_too(town, monkeypatch):
    monkeypatch.setattr("marelle.web.family.requests.views.cancellations_asked_by", None)
    client = place(FAMILY, town.user)

    for path, status in (("/x/y/z", 404), (f"/{town.slug}/demandes/", 500), (f"/{town.slug}/panier/valider/", 405)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "Traceback" not in answer.content.decode()


def test_over_https_browsers_are_told_to_stay_there(town):
    with override_settings(SECURE_HSTS_SECONDS=31536000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        answer = place(FAMILY).get("/", headers={"x-forwarded-proto": "https"})

    assert answer["Strict-Transport-Security"] == "max-age=31536000"


def test_a_logo_may_do_nothing_but_be_seen(town):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
    with permitted("factory"):
        Authority.objects.filter(pk=town.authority.pk).update(logo=svg, logo_type="image/svg+xml")

    answer = place(FAMILY).get(f"/{town.slug}/logo")

    assert answer["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script" not in answer["Content-Security-Policy"].replace("unsafe-inline", "")


# ------------------------------------------------------------------------------------- where personal data must not go


def test_a_failure_is_logged_without_what_was_sent_nor_the_row_it_failed_on(town, monkeypatch):
    def fail(*args, **kwargs):
        message = "duplicate key value\nDETAIL:  Failing row contains (12, Bobby, 2017-04-09,\n bobby@exemple.fr).\n"
        raise IntegrityError(message)

    monkeypatch.setattr("marelle.web.family.profile.views.change_profile", fail)
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(DiscreetFormatter("%(message)s"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])

    answer = place(FAMILY, town.user).post(
        f"/{town.slug}/profil/?nom=Bobby", {"email": "bobby@exemple.fr", "phone": "06 12 34 56 78"}
    )

    assert answer.status_code == 500
    assert answer["X-Reference"] in answer.content.decode()
    log = written.getvalue()
    assert f"unexpected failure {answer['X-Reference']}: POST profile" in log
    assert "IntegrityError: duplicate key value" in log
    for secret in ("Bobby", "bobby", "06 12", "2017-04-09", town.user.email):
        assert secret not in log


def test_signing_in_leaves_nothing_in_the_log(town, caplog):
    caplog.set_level(logging.INFO)

    place(ACCOUNT).post("/compte/connexion/", {"login": "bobby@exemple.fr", "password": "le secret"})
    place(ACCOUNT).post("/compte/mot-de-passe/oublie/", {"email": "bobby@exemple.fr"})

    assert "bobby" not in caplog.text
    assert "le secret" not in caplog.text


def test_cookies_hold_a_session_and_a_token_and_no_word(town):
    client = place(FAMILY, town.user)

    removal = f"{town.child.public_id}.{town.meal.public_id}.reserve"
    client.post(f"/{town.slug}/panier/retirer/", {"remove": removal})

    assert set(client.cookies) <= {"session", "csrf"}
    assert client.cookies["session"]["httponly"]
    assert client.cookies["session"]["samesite"] == "Lax"
    assert "Retiré du panier" in client.get(f"/{town.slug}/reservations/").content.decode()


def test_the_journal_and_the_queue_hold_keys_codes_and_amounts_only(town):
    family, office, at = place(FAMILY, town.user), place(OFFICE, town.agent.user), f"/{town.slug}"
    known = addresses(town)
    with undone():
        family.post(f"{at}/profil/", {"email": "bobby@exemple.fr", "phone": "06 12 34 56 78"})
        family.post(f"{at}/panier/valider/", {**known["basket_confirm"][2], "words": "des mots de Bobby"})
        family.post(f"{at}/reservations/", {"wait": town.square(product=town.full)})
        for name in (
            "office_answer_cancellation",
            "office_held_place",
            "office_sheet",
            "office_cancel",
            "office_reserve",
        ):
            _who, kwargs, form, _query = known[name]
            office.post(reverse(name, urlconf=URLS[OFFICE], kwargs=kwargs), form)
        with connection.cursor() as cursor:
            cursor.execute("SELECT verb, details::text FROM foundation_auditentry")
            journal = cursor.fetchall()
            cursor.execute("SELECT task_name, args::text FROM procrastinate_jobs")
            queue = cursor.fetchall()

    assert len(journal) >= 7
    assert len(queue) >= 4
    for name, facts in (*journal, *queue):
        assert not re.search(r"obby|exemple|06 12|parce|mots|non\"", facts), name


def test_addresses_hold_no_name_of_a_family(town):
    for one in each_address(town):
        with undone():
            answer = one.visit().get(one.path)
        if answer["Content-Type"].startswith("text/html"):
            for link in BeautifulSoup(answer.content, "html.parser").find_all(["a", "form"]):
                address = link.get("href") or link.get("action") or ""
                assert "obby" not in address, (one.name, address)
                assert not re.search(r"[?&/]\d+(&|/|$)", address), (one.name, address)
