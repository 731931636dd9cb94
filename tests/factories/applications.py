"""Applications that were sent, with their documents, for the tests of agents' screens."""

from __future__ import annotations

import io

from PIL import Image

from marelle.domain.families.models import SupportingDocument
from marelle.domain.procedures.models import AnswerTemplate, ApplicationDocument
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.foundation import files, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.domain.household import NOW
from tests.factories.procedures import make_draft

ALLERGY = {
    "title": "Allergie alimentaire",
    "category": "Enfants",
    "text": "Je vous informe que {child} a besoin d’un accueil adapté.",
    "fields": [
        {"code": "child", "label": "Enfant concerné", "kind": "child"},
        {"code": "allergies", "label": "Allergies", "kind": "long_text", "is_health": True},
    ],
    "documents": [],
}


def a_picture(color="#A9DFC3") -> bytes:
    """Return a small PNG."""
    made = io.BytesIO()
    Image.new("RGB", (420, 300), color).save(made, "PNG")
    return made.getvalue()


def person_of(family):
    """Return who acts for a family on the site."""
    membership = family.memberships.first()
    return Actor(ActorKind.FAMILY, membership.user_id if membership else None)


def pickup_of(child, **more):
    """Return the answers of somebody who lets a neighbor fetch a child."""
    return {
        "children": [child.public_id],
        "person.name": ["Jeanne Martin"],
        "person.phone": ["06 12 34 56 78"],
        "starts_on": ["2026-12-01"],
        **more,
    }


def make_sent(family, procedure, given, *, at=NOW):
    """Begin an application and send it, by the account of the family. Its procedure asks for no document."""
    draft = make_draft(family, procedure, given, at=at)
    with tenancy.scope({family.authority_id}):
        return submit_application(draft, by=person_of(family), at=at)


def join(application, *, code="identity", name="carte.png", content=None, content_type="image/png", at=NOW, **facts):
    """Join a document to an application, whatever its state, as cleaning would have left it."""
    with tenancy.scope({application.authority_id}), permitted("factory"):
        content = content or a_picture()
        document = SupportingDocument.objects.create(
            authority_id=application.authority_id,
            family_id=application.family_id,
            kind="identity",
            name=name,
            content_type=content_type,
            stored_as=files.store(content),
            size=len(content),
            uploaded_at=at,
            **{"pages": 1, **facts},
        )
        ApplicationDocument.objects.create(
            authority_id=application.authority_id, application=application, document=document, code=code, added_at=at
        )
    return document


def make_template(authority, purpose, title, body, *, procedure=None):
    """Make words that agents answer with."""
    with tenancy.scope({authority.pk}), permitted("factory"):
        return AnswerTemplate.objects.create(
            authority=authority, procedure=procedure, purpose=purpose, title=title, body=body
        )
