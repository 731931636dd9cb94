"""The rows of the procedures in the whole town: one that waits, one that is closed, and a draft."""

from __future__ import annotations

from types import SimpleNamespace

from marelle.domain.procedures.models import (
    AgentNote,
    AnswerTemplate,
    Application,
    ApplicationChild,
    ApplicationDocument,
    AppliedEffect,
    ChangesAsked,
    Message,
    ServiceInCharge,
    SilenceWarning,
)
from marelle.domain.procedures.models.applications import as_json
from marelle.foundation.actors import Actor, ActorKind
from tests.domain.household import NOW, THURSDAY
from tests.factories.procedures import make_procedure


def make_applications(authority, *, home, child, document, agent) -> SimpleNamespace:
    """Make a procedure, an application sent and completed, one accepted, and a draft; under the scope of the town."""
    procedure = make_procedure(authority, by=Actor(ActorKind.AGENT, agent.user_id))
    version = procedure.versions.get()
    service = ServiceInCharge.objects.get()
    facts = {
        "authority": authority,
        "version": version,
        "family": home.family,
        "guardian": home.family.guardians.order_by("pk").first(),
        "applicant_id": home.user,
        "given": as_json({"person.name": ["Aldegonde Quenneville"], "children": [child.public_id]}),
        "created_at": NOW,
        "updated_at": NOW,
    }
    draft = Application.objects.create(**facts)
    sent = {"submitted_at": NOW, "in_charge": service, "acknowledged": "Demande de la famille Quenneville"}
    application = Application.objects.create(
        **facts, **sent, number=1, state="incomplete", silent_on=THURSDAY, assigned_to=agent
    )
    accepted = Application.objects.create(
        **facts,
        **sent,
        number=2,
        state="approved",
        decided_at=NOW,
        decided_by_id=agent.user_id,
        reasons="Mot de la famille",
        decided=facts["given"],
    )
    ApplicationChild.objects.create(authority=authority, application=application, child=child)
    joined = ApplicationDocument.objects.create(
        authority=authority, application=application, document=document, code="identity", added_at=NOW
    )
    ChangesAsked.objects.create(
        authority=authority,
        application=application,
        asked_at=NOW,
        asked_by_id=agent.user_id,
        due_on=THURSDAY,
        words="Mot de la famille",
        codes=["identity"],
    )
    words = {"authority": authority, "application": application, "words": "Mot de la famille", "written_at": NOW}
    Message.objects.create(**words, side="family", written_by_id=home.user)
    AgentNote.objects.create(**words, written_by_id=agent.user_id)
    effect = {"authority": authority, "kind": "allow_pickup", "done": "Aldegonde Quenneville", "applied_at": NOW}
    AppliedEffect.objects.create(application=accepted, **effect)
    SilenceWarning.objects.create(
        authority=authority, application=application, silent_on=THURSDAY, days_before=2, sent_at=NOW
    )
    template = AnswerTemplate.objects.create(
        authority=authority, procedure=procedure, purpose="reject", title="Pièce illisible", body="Bonjour."
    )
    return SimpleNamespace(
        procedure=procedure,
        service=service,
        draft=draft,
        application=application,
        accepted=accepted,
        joined=joined,
        template=template,
    )
