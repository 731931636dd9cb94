"""A family for whom each of the twelve procedures means something, what it answers, and what an acceptance adds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from marelle.domain.billing.models import ManualCharge
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.catalog.models import Activity
from marelle.domain.families.models import (
    AddressChange,
    Custody,
    FamilyQuotient,
    HealthRecord,
    PickupPerson,
    SupportingDocument,
)
from marelle.domain.payments.models import DirectDebitMandate, RefundRequest
from marelle.domain.procedures.models import Application, ApplicationDocument
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.queries.ready import ready_content
from marelle.domain.procedures.rules.answers import documents_asked
from marelle.domain.reservations.models import Absence, Enrollment, Reservation
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, THURSDAY, Household
from tests.factories.banks import FRENCH, make_creditor
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.factories.procedures import make_draft, make_procedure
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)

A_WEEK_LATER = THURSDAY + timedelta(days=7)
LATER = datetime(2026, 11, 27, 9, tzinfo=UTC)


class Asking:
    """A town with its régie and its canteen, a family that reserved, paid ahead and was invoiced, another home."""

    def __init__(self):
        self.authority = make_authority()
        with tenancy.scope({self.authority.pk}):
            self.regie = make_regie(self.authority)
            make_creditor(self.regie)
            self.canteen = make_product(self.authority, service=make_service(self.authority, regie=self.regie))
            self.outings = make_product(self.authority, service=make_service(self.authority, "Périscolaire"))
            self.home = Household(self.authority)
            self.family = self.home.family
            self.luca = make_child(
                self.family, "Luca", products=(self.canteen,), birth_date=date(2019, 3, 1), allergies="Arachide"
            )
            self.other = make_family(self.authority, "Martin", user=make_user())
            for day in (THURSDAY, A_WEEK_LATER):
                make_reservation(self.luca, self.canteen, day, family=self.family)
            record_payment(
                payer_of(self.family, self.regie), cents=3000, means="card", date=NOW.date(), by=self.home.by, at=NOW
            )
            self.invoice = issue_invoice(self.family, self.regie, cents=770, child=self.luca, product=self.canteen)
            agent = make_agent(self.authority, "Nadia Ferrand", "administer")
        self.agent = Actor(ActorKind.AGENT, agent.user_id)

    def answers(self, code):
        """Return what the family answers to a ready procedure, and what the agent who accepts adds."""
        luca, activity = self.luca.public_id, Activity.objects.get(pk=self.outings.activity_id).public_id
        bank = {"holder": ["Léa Martin"], "iban": [FRENCH], "regie": [self.regie.code]}
        address = ("street", "postcode", "city"), ("3 rue du Puits", "77163", "Dammartin")
        return {
            "recuperation": (
                {
                    "children": [luca],
                    "person.name": ["Jeanne Martin"],
                    "person.phone": ["06 12 34 56 78"],
                    "person.relation": ["grand-mère"],
                    "starts_on": ["2026-12-01"],
                },
                {},
            ),
            "adresse": (
                {**{f"address.{one}": [said] for one, said in zip(*address, strict=True)}, "starts_on": ["2026-12-01"]},
                {"is_resident": ["yes"]},
            ),
            "sante": ({"child": [luca], "allergies": ["Œuf"], "has_care_plan": ["no"]}, {}),
            "inscription": ({"children": [luca], "activities": [activity], "starts_on": ["2026-12-01"]}, {}),
            "quotient": ({}, {"quotient": ["642,00"], "starts_on": ["2026-12-01"]}),
            "prelevement": (
                {
                    **bank,
                    **{f"holder_address.{one}": [said] for one, said in zip(*address, strict=True)},
                    "place": ["Dammartin"],
                },
                {},
            ),
            "contestation": (
                {"invoice": [self.invoice.public_id], "reason": ["price"], "explanation": ["Le tarif a changé."]},
                {"credit": ["2,00"]},
            ),
            "remboursement": ({**bank, "amount": ["12,00"]}, {}),
            "certificat": ({"child": [luca], "first_day": ["2026-11-26"], "last_day": ["2026-11-27"]}, {}),
            "garde": (
                {
                    "children": [luca],
                    "starts_on": ["2026-12-01"],
                    "basis": ["judgment"],
                    "arrangement": ["Une semaine sur deux."],
                },
                {"homes": [self.family.code, self.other.code]},
            ),
            "depart": ({"last_day": ["2026-11-28"]}, {}),
            "message": ({"subject": ["question"], "message": ["Bonjour."]}, {}),
        }[code]

    def sent(self, code, at=NOW, **more) -> Application:
        """Send an application of a ready procedure, its documents from the family's file."""
        procedure = make_procedure(self.authority, code, **ready_content(code))
        with tenancy.scope({self.authority.pk}):
            definition = procedure.versions.get().definition
            given = {**self._first_choices(definition), **self.answers(code)[0], **more}
            known = {one.code for one in definition.fields}
            given = {name: said for name, said in given.items() if name.partition(".")[0] in known}
            draft = make_draft(self.family, procedure, given)
            for asked in documents_asked(definition, given):
                if asked.is_required:
                    self._join(draft, asked)
            return submit_application(draft, by=self.home.by, at=at)

    def accepted(self, application):
        """Return what an agent accepts: what was asked, and what is hers to say."""
        return {**application.answers, **self.answers(application.version.procedure.code)[1]}

    def written(self):
        """Return how many rows there are of all that acceptances write."""
        with tenancy.scope({self.authority.pk}):
            return {
                table.__name__: table.objects.count()
                for table in (
                    PickupPerson,
                    AddressChange,
                    Custody,
                    Enrollment,
                    FamilyQuotient,
                    DirectDebitMandate,
                    ManualCharge,
                    RefundRequest,
                    Absence,
                )
            } | {
                "reserved": Reservation.objects.active().count(),
                "allergies": HealthRecord.objects.get(child=self.luca).allergies,
            }

    def _first_choices(self, definition):
        """Answer what the family must and the table above does not say: the first choice, or a few words."""
        given = {}
        for one in definition.fields:
            if one.is_required and one.only_if is None and one.choices:
                given[one.code] = [one.choices[0].code]
            elif one.is_required and one.only_if is None and one.kind in {"text", "long_text"}:
                given[one.code] = ["Quelques mots"]
            elif one.is_required and one.only_if is None and one.kind == "yes_no":
                given[one.code] = ["no"]
        return given

    def _join(self, draft, asked):
        with permitted("factory"):
            document = SupportingDocument.objects.create(
                authority=self.authority,
                family=self.family,
                kind=asked.kind,
                name=f"{asked.code}.pdf",
                content_type="application/pdf",
                stored_as=f"paper-{new_public_id()}",
                size=10,
                uploaded_at=NOW,
            )
            ApplicationDocument.objects.create(
                authority=self.authority, application=draft, document=document, code=asked.code, added_at=NOW
            )


READY = (
    "recuperation",
    "adresse",
    "sante",
    "inscription",
    "quotient",
    "prelevement",
    "contestation",
    "remboursement",
    "certificat",
    "garde",
    "depart",
    "message",
)
EFFECTIVE = tuple(code for code in READY if code != "message")
