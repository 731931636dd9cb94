"""The end of one of two accounts of the same person: what accounts hold of it goes to the other, or goes."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.accounts.models import Agent, EmailChange, SecurityEvent, Session, User
from marelle.domain.accounts.operations.people import close_account
from marelle.domain.accounts.operations.security import note_event
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.encryption import encrypt
from marelle.foundation.writes import operation


@operation
def move_posts(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will give the agent's posts of an account (key) in scope, with their grants, to another; returns how many.

    A post where the other one has its own stays where it is, and is closed: nobody is given by a merge what nobody
    granted her (`payments.rules.merging` refuses two that are open).
    """
    theirs = Agent.objects.filter(user=kept).values_list("authority_id", flat=True)
    posts = list(Agent.objects.filter(user=ended).exclude(authority__in=list(theirs)).order_by("pk"))
    for post in posts:
        post.user_id = kept
        post.save(update_fields=["user"])
        audit.record(
            "move_post", authority=post.authority_id, of="agent", key=post.pk, by=by, at=at, former=ended, user=kept
        )
    return len(posts)


@operation
def end_merged(
    ended: User, kept: User, *, keep_session: str | None, site: str, device: str, by: Actor, at: datetime
) -> None:
    """Will close an account whose contents have moved, and tell both addresses. The last of a merge.

    Every session of both ends, but the one kept, if any. A change of address that either was waiting for is abandoned.
    The queue holds the address that ends encrypted, and only until its letter has left.
    """
    former = encrypt(ended.email)
    EmailChange.objects.filter(user=kept, done_at=None).delete()
    Session.objects.filter(user__in=[ended, kept]).exclude(session_key=keep_session or "").delete()
    close_account(ended, into=kept.pk, by=by, at=at)
    event = note_event(kept.pk, SecurityEvent.Kind.ACCOUNTS_MERGED, site=site, device=device, by=by, at=at)
    outbox.post("letters.account_merged", event=event.pk, address=former)
