"""What an agent has written to families: a draft, one that left and came back, words kept, an address that is lost."""

from __future__ import annotations

from types import SimpleNamespace

from marelle.domain.families.models import Family, Guardian
from marelle.domain.news.models import FamilyMessage, LostAddress, MessageRecipient, MessageTemplate
from marelle.domain.news.models.messages import digest_of_address
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted


def make_messages(family: Family, guardian: Guardian, *, by: int, words: str = "Grève jeudi") -> SimpleNamespace:
    """Make them, for a family and a guardian of it; `by` is the key of who wrote."""
    at = clock.business_now()
    authority = family.authority_id
    said = {"authority_id": authority, "subject": words, "body": words, "written_at": at, "written_by_id": by}
    with permitted("factory"), tenancy.scope({authority}):
        draft = FamilyMessage.objects.create(**said)
        left = FamilyMessage.objects.create(**said, state="sent", began_at=at, ended_at=at, sent_by_id=by)
        recipient = MessageRecipient.objects.create(
            authority_id=authority,
            message=left,
            family=family,
            guardian=guardian,
            channel="email",
            state="returned",
            told_at=at,
        )
        return SimpleNamespace(
            message=draft,
            left=left,
            recipient=recipient,
            model=MessageTemplate.objects.create(authority_id=authority, title=words, subject=words, body=words),
            lost=LostAddress.objects.create(
                authority_id=authority,
                family=family,
                digest=digest_of_address(guardian.email),
                status="5.1.1",
                returned_at=at,
            ),
        )
