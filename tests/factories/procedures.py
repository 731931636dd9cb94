"""Procedures and applications for the tests."""

from __future__ import annotations

from marelle.domain.families.models import SupportingDocument
from marelle.domain.procedures.models import ApplicationDocument, Procedure, ServiceInCharge
from marelle.domain.procedures.operations.drafts import save_draft, start_application
from marelle.domain.procedures.operations.publishing import publish_procedure
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import permitted
from tests.domain.household import NOW

PICKUP = {
    "title": "Autorisation de récupération d’un enfant",
    "category": "Enfants",
    "summary": "",
    "text": "Je souhaiterais autoriser {person} à venir récupérer {children} à partir du {starts_on}.",
    "fields": [
        {"code": "children", "label": "Enfants", "kind": "child", "is_plural": True},
        {"code": "person", "label": "Personne autorisée", "kind": "person"},
        {"code": "starts_on", "label": "À partir du", "kind": "date"},
    ],
    "documents": [{"code": "identity", "label": "Pièce d’identité", "kind": "identity"}],
    "service": "enfance",
    "delay": {"count": 2, "unit": "months"},
    "silence": "accepts",
    "remedies": "",
    "effect": "nothing",
}


def make_service_in_charge(authority, code="enfance", **fields):
    facts = {
        "name": "Service Enfance",
        "phone": "01 60 00 00 00",
        "email": "enfance@exemple.fr",
        "agent_name": "Nadia Ferrand",
        "agent_quality": "responsable du service",
    }
    with tenancy.scope({authority.pk}), permitted("factory"):
        return ServiceInCharge.objects.create(authority=authority, code=code, **{**facts, **fields})


def make_procedure(authority, code="recuperation", *, by=SYSTEM, at=NOW, **content) -> Procedure:
    """Publish a procedure; what is said replaces parts of PICKUP. The service in charge is made when it lacks."""
    said = {**PICKUP, **content}
    with tenancy.scope({authority.pk}):
        if not ServiceInCharge.objects.filter(code=said["service"]).exists():
            make_service_in_charge(authority, said["service"])
        return publish_procedure(authority, code, said, by=by, at=at).procedure


def make_draft(family, procedure, given=None, *, at=NOW):
    """Begin an application by the account of the family, with these answers."""
    with tenancy.scope({family.authority_id}):
        membership = family.memberships.first()
        by = Actor(ActorKind.FAMILY, membership.user_id if membership else None)
        application = start_application(procedure, family, None, by=by, at=at)
        return application if given is None else save_draft(application, given, by=by, at=at)


def give_again(application, code="identity", *, at):
    """Join a document that was asked for again, given at that moment."""
    facts = {"authority_id": application.authority_id, "family_id": application.family_id, "uploaded_at": at}
    with tenancy.scope({application.authority_id}), permitted("factory"):
        document = SupportingDocument.objects.create(
            kind=code, name=f"{code}.pdf", content_type="application/pdf", stored_as=new_public_id(), size=10, **facts
        )
        return ApplicationDocument.objects.create(
            authority_id=application.authority_id, application=application, document=document, code=code, added_at=at
        )
