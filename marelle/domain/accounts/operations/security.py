"""The writes that protect an account. Their moments are of the machine's time, like those of sessions and links."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.idp.oidc.models import Token
from django.db import IntegrityError
from django.db.models import Q, QuerySet

from marelle.domain.accounts.models import EmailChange, SecurityEvent, Session, Site, User
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

CHANGE_LASTS = timedelta(days=2)
EVENTS_KEPT = timedelta(days=365)
OLD, NEW = "ancienne", "nouvelle"
SIDES = (OLD, NEW)


class EmailChangeOverError(Exception):
    """The change is done, abandoned, too old, or its new address has become somebody else's: nothing was written."""


@operation
def note_event(user: int, kind: str, *, site: str, device: str, by: Actor, at: datetime) -> SecurityEvent:
    """Will keep what happened to an account (key), say it in the journal, and have a letter sent to its owner."""
    event = _keep_event(user, kind, site=site, device=device, by=by, at=at)
    outbox.post("letters.security_event", event=event.pk)
    return event


@operation
def mark_told(event: SecurityEvent, *, by: Actor, at: datetime) -> None:
    """Will note that the letter about an event has left."""
    SecurityEvent.objects.filter(pk=event.pk).update(told_at=at)


@operation
def end_sessions(user: int, keys: Collection[str], *, by: Actor, at: datetime) -> int:
    """Will sign the account (key) out of these sessions of its own, and return how many there were.

    Those that a session of the account site opened on other sites end with it.
    """
    own = Session.objects.filter(user_id=user)
    opened = Q(sid__in=_names_of(own.filter(session_key__in=keys)))
    ended, _by_table = own.filter(Q(session_key__in=keys) | opened).delete()
    if ended:
        audit.record("end_sessions", authority=None, of="user", key=user, by=by, at=at, ended=ended)
    return ended


@operation
def sign_out_everywhere(user: int, *, keep: str | None, site: str, device: str, by: Actor, at: datetime) -> int:
    """Will end every session of the account (key) but the one kept, if any, tell its owner, and return how many.

    What the kept one opened on other sites is kept too.
    """
    own = Session.objects.filter(user_id=user)
    kept = Q(session_key=keep or "") | Q(sid__in=_names_of(own.filter(session_key=keep or "")))
    ended, _by_table = own.exclude(kept).delete()
    note_event(user, SecurityEvent.Kind.SIGNED_OUT_EVERYWHERE, site=site, device=device, by=by, at=at)
    return ended


@operation
def ask_email_change(user: int, email: str, *, site: str, device: str, by: Actor, at: datetime) -> EmailChange:
    """Will begin to change the address of an account (key): both addresses are written to, and must confirm.

    It replaces a change that was waiting. Whether `email` is another account's is not looked at here: the answer is the
    same, and only whoever reads that address is told.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=user)
    EmailChange.objects.filter(user=account, done_at=None).delete()
    change = EmailChange.objects.create(
        user=account,
        site=site,
        old_email=account.email,
        new_email=email.strip().lower(),
        asked_at=at,
        expires_at=at + CHANGE_LASTS,
    )
    _keep_event(user, SecurityEvent.Kind.ADDRESS_ASKED, site=site, device=device, by=by, at=at)
    for side in SIDES:
        outbox.post("letters.email_change_asked", change=change.pk, side=side)
    return change


@operation
def abandon_email_change(user: int, *, by: Actor, at: datetime) -> bool:
    """Will forget the change of address that an account (key) was waiting for, and tell whether there was one."""
    gone, _by_table = EmailChange.objects.filter(user_id=user, done_at=None).delete()
    if gone:
        audit.record("abandon_email_change", authority=None, of="user", key=user, by=by, at=at)
    return bool(gone)


@operation
def confirm_email_change(change: EmailChange, side: str, *, device: str, by: Actor, at: datetime) -> bool:
    """Will note that one side has confirmed, and tell whether the address is changed: when both have.

    Raises EmailChangeOverError. The sign-in library keeps addresses of its own, by which an account is also found:
    those of this account go, or the old address would still open it. Other browsers are signed out.
    """
    account = User.objects.select_for_update(no_key=True).filter(pk=change.user_id).first()
    waiting = EmailChange.objects.select_for_update().filter(pk=change.pk, done_at=None, expires_at__gt=at).first()
    if account is None or waiting is None:
        raise EmailChangeOverError
    moment = f"{'old' if side == OLD else 'new'}_confirmed_at"
    if getattr(waiting, moment) is None:
        setattr(waiting, moment, at)
        waiting.save(update_fields=[moment])
    if waiting.old_confirmed_at is None or waiting.new_confirmed_at is None:
        return False
    if User.objects.filter(email=waiting.new_email).exclude(pk=account.pk).exists():
        raise EmailChangeOverError
    account.email = waiting.new_email
    try:
        account.save(update_fields=["email"])
    except IntegrityError as error:  # somebody took it between the two lines
        raise EmailChangeOverError from error
    account.emailaddress_set.all().delete()  # type: ignore[attr-defined]  # the sign-in library's own relation
    Session.objects.filter(user=account).delete()
    waiting.done_at = at
    waiting.save(update_fields=["done_at"])
    _keep_event(account.pk, SecurityEvent.Kind.ADDRESS_CHANGED, site=waiting.site, device=device, by=by, at=at)
    outbox.post("letters.email_changed", change=waiting.pk)
    return True


@operation
def forget_second_factors(user: User, *, by: Actor, at: datetime) -> int:
    """Will let a password alone open the account again, tell its owner, and return how many factors there were.

    For whoever has lost them all; somebody must have made sure that it is she.
    """
    gone, _by_table = user.authenticator_set.all().delete()  # type: ignore[attr-defined]  # the sign-in library's own
    if gone:
        note_event(user.pk, SecurityEvent.Kind.FACTORS_FORGOTTEN, site="", device="", by=by, at=at)
    return gone


@operation
def forget_old_security(*, by: Actor, at: datetime) -> int:
    """Will forget sessions and what sites were given that are over, events of more than a year, changes abandoned."""
    # Of other sites, whose session of the account site has ended: nobody can come back to them.
    orphans = Session.objects.exclude(sid="").exclude(sid__in=Session.objects.filter(site=Site.ACCOUNT).values("sid"))
    gone = [
        Token.objects.filter(expires_at__lt=at).delete()[0],
        Session.objects.filter(expire_date__lt=at).delete()[0],
        orphans.delete()[0],
        SecurityEvent.objects.filter(happened_at__lt=at - EVENTS_KEPT).delete()[0],
        EmailChange.objects.filter(Q(done_at=None, expires_at__lt=at) | Q(asked_at__lt=at - EVENTS_KEPT)).delete()[0],
    ]
    return sum(gone)


def _names_of(sessions: QuerySet[Session]) -> QuerySet[Session, str]:
    """Will return the `sid` of those that are of the account site."""
    return sessions.filter(site=Site.ACCOUNT).exclude(sid="").values_list("sid", flat=True)


def _keep_event(user: int, kind: str, *, site: str, device: str, by: Actor, at: datetime) -> SecurityEvent:
    event = SecurityEvent.objects.create(user_id=user, kind=kind, site=site, device=device, happened_at=at)
    audit.record(kind, authority=None, of="user", key=user, by=by, at=at)
    return event
