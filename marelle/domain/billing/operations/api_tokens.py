"""What lets another software of the authority bring its invoices: a secret shown once, and its end."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from marelle.domain.billing.models import ApiToken
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Regie
    from marelle.foundation.actors import Actor

PREFIX: Final = "marelle_"
MOST: Final = 10
_HINT: Final = 4


class UnableToMakeTokenError(Exception):
    """It has no name, or the régie has too many that serve; nothing was written."""


def digest_of(secret: str) -> str:
    """Will return what is kept of a secret of 256 random bits: nothing slower is needed against guessing."""
    return hashlib.sha256(secret.encode()).hexdigest()


@operation
def make_token(regie: Regie, *, name: str, by: Actor, at: datetime) -> tuple[ApiToken, str]:
    """Will make a token for a software called `name`, and return it with its secret, which nothing shows again.

    Raises UnableToMakeTokenError.
    """
    type(regie).objects.select_for_update(no_key=True).get(pk=regie.pk)
    serving = ApiToken.objects.filter(regie=regie, revoked_at__isnull=True).count()
    if not name.strip() or serving >= MOST:
        raise UnableToMakeTokenError
    secret = PREFIX + secrets.token_urlsafe(32)
    token: ApiToken = ApiToken.objects.create(
        authority_id=regie.authority_id,
        regie=regie,
        name=name.strip()[:80],
        digest=digest_of(secret),
        hint=secret[-_HINT:],
        made_at=at,
        made_by_id=by.key,
    )
    audit.record("make_api_token", authority=regie.authority_id, of="api_token", key=token.pk, by=by, at=at)
    return token, secret


@operation
def revoke_token(token: ApiToken, *, by: Actor, at: datetime) -> None:
    """Will have a token serve no more, at once; again: nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at):
        audit.record("revoke_api_token", authority=token.authority_id, of="api_token", key=token.pk, by=by, at=at)


@operation
def note_use(token: ApiToken, *, on: date, by: Actor, at: datetime) -> None:
    """Will note the last day on which a token served, once a day."""
    if token.used_on != on:
        ApiToken.objects.filter(pk=token.pk).update(used_on=on)
