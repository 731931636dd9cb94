"""What families of a demonstration asked: each application where it would be by now, by the ordinary operations."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

from marelle.domain.accounts.models import Agent
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Membership
from marelle.domain.families.operations.documents import attach_document
from marelle.domain.families.queries import children_of
from marelle.domain.families.receiving import CleanDocument, receive
from marelle.domain.procedures.models import Application, Procedure
from marelle.domain.procedures.operations.drafts import join_document, save_draft, start_application
from marelle.domain.procedures.operations.exchanging import write_message
from marelle.domain.procedures.operations.publishing import save_service
from marelle.domain.procedures.operations.ready import load_ready
from marelle.domain.procedures.operations.reviewing import assign, decide, request_changes
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.rules.answers import documents_asked
from marelle.domain.procedures.rules.states import Decision
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.families.models import Child

# Who answers, by the name of the authority in addresses: the address of an account, and her quality.
ANSWERING: Final[Mapping[str, tuple[str, str]]] = {
    "dammartin-sur-tigeaux": ("nadia.ferrand@exemple.fr", "responsable du service Enfance"),
    "jolieville": ("claire.meunier@exemple.fr", "responsable du guichet famille"),
}
ELENA: Final = "elena.sanchez@exemple.fr"
SAMIRA: Final = "samira.benali@exemple.fr"
HELENE: Final = "helene.vasseur@exemple.fr"
OFFERED_FOR: Final = timedelta(weeks=12)
# Silence refuses two months after: in five days or so.
NEARLY_TWO_MONTHS: Final = timedelta(days=56)


@dataclass(frozen=True, slots=True)
class _Home:
    """A family and the account that asks for it, on the day it asks."""

    membership: Membership
    children: Sequence[Child]

    @property
    def by(self) -> Actor:
        return Actor(ActorKind.FAMILY, self.membership.user_id)


def sample_document() -> CleanDocument:
    """Will return a photo of a document as a family would give it, cleaned as theirs are; outside any operation."""
    photo = Image.new("RGB", (600, 380), "#e8eef7")
    drawing = ImageDraw.Draw(photo)
    drawing.rectangle((30, 30, 570, 350), outline="#5b6b8c", width=3)
    drawing.text((250, 180), "SPECIMEN", fill="#223055")
    content = io.BytesIO()
    photo.save(content, "PNG")
    return receive("specimen.png", content.getvalue())


@operation
def ask(authority: Authority, document: CleanDocument, *, by: Actor, at: datetime) -> None:
    """Will offer the ready procedures at an authority and tell what its families asked until the moment `at`.

    Only the families that are there ask: a draft, one to complete, one that silence is about to refuse, one accepted
    with its effect, one refused, one message answered.
    """
    with tenancy.scope({authority.pk}):
        load_ready(authority, by=by, at=at - OFFERED_FOR)
        email, quality = ANSWERING[authority.slug]
        agent = Agent.objects.select_related("user").get(user__email=email)
        named = {"agent_name": agent.name, "agent_quality": quality}
        for code in ("enfance", "regie"):
            save_service(authority, code, named, by=by, at=at - OFFERED_FOR)
        homes = _homes(authority, at)
        if ELENA in homes and SAMIRA in homes and HELENE in homes:
            _told(authority, homes, document, agent, at)
        elif ELENA in homes:
            words = {"subject": ["Repas de Noël"], "message": ["Quel jour est le repas de Noël du centre ?"]}
            _sent(homes[ELENA], "message", words, document, at=at - timedelta(days=1))


def _homes(authority: Authority, at: datetime) -> dict[str, _Home]:
    today = at.astimezone(authority.zone).date()
    rows = Membership.objects.filter(user__email__in=[ELENA, SAMIRA, HELENE]).select_related(
        "user", "family__authority", "guardian"
    )
    return {one.user.email: _Home(one, list(children_of(one.family_id, on=today))) for one in rows}


def _told(
    authority: Authority,
    homes: Mapping[str, _Home],
    document: CleanDocument,
    agent: Agent,
    at: datetime,
) -> None:
    """Will tell the applications of the town of the flyers, the oldest first: numbers follow each other."""
    today, answering = at.astimezone(authority.zone).date(), _acting(agent)
    elena, samira, helene = homes[ELENA], homes[SAMIRA], homes[HELENE]
    _sent(samira, "quotient", {"source": ["caf"]}, document, at=at - NEARLY_TWO_MONTHS)
    _refused(authority, helene, document, agent, at)
    _accepted(elena, document, agent, at)
    address = {"street": "4 rue du Moulin", "postcode": "77163", "city": authority.name}
    moved = _sent(
        elena,
        "adresse",
        {f"address.{piece}": [said] for piece, said in address.items()}
        | {"starts_on": [_day(today + timedelta(days=20))], "housing": ["own"]},
        document,
        at=at - timedelta(days=6),
    )
    request_changes(
        moved,
        "La facture jointe a plus de trois mois. Envoyez-nous en une plus récente, ou une quittance de loyer.",
        codes=["residence"],
        due_on=today + timedelta(days=10),
        expected=moved.revision,
        by=answering,
        at=at - timedelta(days=4),
    )
    asked = {"subject": ["Sortie du mercredi"], "message": ["Les enfants de maternelle y vont-ils aussi ?"]}
    message = _sent(helene, "message", asked, document, at=at - timedelta(days=3))
    write_message(
        message, "Oui, avec deux animateurs de plus. Le programme arrive.", by=answering, at=at - timedelta(days=2)
    )
    yesterday = at - timedelta(days=1)
    family, guardian = elena.membership.family, elena.membership.guardian
    draft = start_application(Procedure.objects.get(code="sante"), family, guardian, by=elena.by, at=yesterday)
    save_draft(draft, {"child": [elena.children[-1].public_id]}, by=elena.by, at=yesterday + timedelta(minutes=4))


def _accepted(home: _Home, document: CleanDocument, agent: Agent, at: datetime) -> None:
    on, answering = (at - timedelta(days=12)).date(), _acting(agent)
    allowed = _sent(
        home,
        "recuperation",
        {
            "children": [home.children[-1].public_id],
            "person.name": ["Pauline Claironi"],
            "person.phone": ["06 98 00 45 67"],
            "person.relation": ["amie de la famille"],
            "starts_on": [_day(on)],
            "span": ["always"],
        },
        document,
        at=at - timedelta(days=14),
    )
    assign(allowed, agent, expected=allowed.revision, by=answering, at=at - timedelta(days=13))
    allowed.refresh_from_db()
    decide(allowed, Decision.APPROVE, expected=allowed.revision, by=answering, at=at - timedelta(days=12))


def _refused(authority: Authority, home: _Home, document: CleanDocument, agent: Agent, at: datetime) -> None:
    activity, answering = offer_of(authority).products[-1].activity, _acting(agent)
    asked = _sent(
        home,
        "inscription",
        {
            "children": [home.children[0].public_id],
            "activities": [activity.public_id],
            "starts_on": [_day((at - timedelta(days=20)).date())],
            "needs_care": ["no"],
        },
        document,
        at=at - timedelta(days=30),
    )
    assign(asked, agent, expected=asked.revision, by=answering, at=at - timedelta(days=25))
    asked.refresh_from_db()
    reasons = (
        f"Toutes les places de « {activity.name} » sont prises, et les demandes sont servies dans l’ordre où elles "
        "arrivent (règlement, article 3). Vous êtes la deuxième famille à attendre : nous vous écrivons dès qu’une "
        "place se libère."
    )
    decide(asked, Decision.REJECT, reasons=reasons, expected=asked.revision, by=answering, at=at - timedelta(days=22))


def _sent(
    home: _Home, code: str, given: Mapping[str, Sequence[str]], document: CleanDocument, *, at: datetime
) -> Application:
    """Will send an application with each document that it must have, the same specimen."""
    family = home.membership.family
    draft = start_application(
        Procedure.objects.get(code=code), family, home.membership.guardian, by=home.by, at=at - timedelta(minutes=20)
    )
    save_draft(draft, given, by=home.by, at=at - timedelta(minutes=10))
    draft.refresh_from_db()
    for asked in documents_asked(draft.version.definition, draft.answers):
        if asked.is_required:
            kept = attach_document(
                family, document, kind=asked.kind, is_health=asked.is_health, by=home.by, at=at - timedelta(minutes=5)
            )
            join_document(draft, kept, code=asked.code, by=home.by, at=at - timedelta(minutes=5))
    return submit_application(draft, by=home.by, at=at)


def _acting(agent: Agent) -> Actor:
    return Actor(ActorKind.AGENT, agent.user_id)


def _day(day: date) -> str:
    return day.isoformat()
