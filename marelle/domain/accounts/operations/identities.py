"""An account is tied to who the State says somebody is, and untied. Moments are of the machine's time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from marelle.domain.accounts.models import Identity, SecurityEvent, User
from marelle.domain.accounts.operations.security import note_event
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

LINKED = {
    Identity.Provider.FRANCECONNECT.value: SecurityEvent.Kind.FRANCECONNECT_LINKED,
    Identity.Provider.PROCONNECT.value: SecurityEvent.Kind.PROCONNECT_LINKED,
}
UNLINKED = {
    Identity.Provider.FRANCECONNECT.value: SecurityEvent.Kind.FRANCECONNECT_UNLINKED,
    Identity.Provider.PROCONNECT.value: SecurityEvent.Kind.PROCONNECT_UNLINKED,
}


class UnableToLinkError(Exception):
    """The identity is another account's, or the account has another identity of this issuer. Nothing was written."""

    def __init__(self, *, is_taken: bool) -> None:
        """Will keep whether it is the identity that is taken; otherwise it is the account that has one."""
        super().__init__(is_taken)
        self.is_taken = is_taken


class LastWayInError(Exception):
    """Nothing else opens the account. Nothing was written."""


@operation
def link_identity(
    user: int, provider: str, issuer: str, subject: str, *, site: str, device: str, by: Actor, at: datetime
) -> Identity:
    """Will tie an account (key), which its owner has proved to be hers, to an identity, and tell her by a letter.

    The same again returns what is there. Raises UnableToLinkError. Of two that tie the same identity at once, the
    second waits, and finds it.
    """
    User.objects.select_for_update(no_key=True).get(pk=user, is_active=True)
    already = Identity.objects.filter(user_id=user, issuer=issuer, subject=subject).first()
    if already is not None:
        return already
    wanted = Identity(user_id=user, provider=provider, issuer=issuer, subject=subject, linked_at=at, last_used_at=at)
    Identity.objects.bulk_create([wanted], ignore_conflicts=True)
    there = Identity.objects.filter(Q(issuer=issuer, subject=subject) | Q(issuer=issuer, user_id=user))
    found = {(one.user_id, one.subject): one for one in there}
    if (user, subject) not in found:
        raise UnableToLinkError(is_taken=any(one.subject == subject for one in found.values()))
    note_event(user, LINKED[provider], site=site, device=device, by=by, at=at)
    return found[user, subject]


@operation
def unlink_identity(
    user: int, provider: str, *, may_be_last: bool = False, site: str, device: str, by: Actor, at: datetime
) -> bool:
    """Will untie an account (key) from a provider, tell its owner, and say whether there was anything to untie.

    Raises LastWayInError when neither a password, a passkey nor another identity opens the account; `may_be_last` is
    for an agent who has her owner beside her: a link by e-mail then opens it again.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=user)
    if not may_be_last and not _is_opened_otherwise(account, provider):
        raise LastWayInError
    gone, _by_table = Identity.objects.filter(user_id=user, provider=provider).delete()
    if gone:
        note_event(user, UNLINKED[provider], site=site, device=device, by=by, at=at)
    return bool(gone)


@operation
def note_identity_used(identity: Identity, *, by: Actor, at: datetime) -> None:
    """Will note that somebody has just come in by this identity."""
    Identity.objects.filter(pk=identity.pk).update(last_used_at=at)


def _is_opened_otherwise(account: User, provider: str) -> bool:
    passkeys = account.authenticator_set.filter(type="webauthn")  # type: ignore[attr-defined]  # the sign-in library's
    others = Identity.objects.filter(user=account).exclude(provider=provider)
    return account.has_usable_password() or passkeys.exists() or others.exists()
