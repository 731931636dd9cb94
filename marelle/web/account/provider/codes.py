"""Codes that open an account to a site once: what is kept of them, and how one is taken.

A code is a row of the library's table of tokens, by its digest. It is not in the shared cache, where the library would
put it in clear and where two that come at the same instant would both find it: here the second waits for the row, then
sees that it was taken. It stays, taken, for as long as an access token lives, so that a code that comes back is known
for one that somebody has stolen.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.models import Token

from marelle.domain.accounts.queries import is_open_under
from marelle.foundation import clock
from marelle.foundation.derived_secrets import digest_of_token

if TYPE_CHECKING:
    from collections.abc import Collection

    from allauth.idp.oidc.models import Client

    from marelle.domain.accounts.models import User

CODE = Token.Type.AUTHORIZATION_CODE
TAKEN = "taken"
OF_CODE, OF_SESSION = "code", "sid"  # what an access token remembers


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code stands for, beside its account, its site and what the site may know."""

    redirect_uri: str
    challenge: str  # of PKCE, by S256
    nonce: str
    sid: str
    auth_time: int


def keep_code(code: str, *, client: Client, user: User, scopes: Collection[str], granted: Granted) -> None:
    """Will keep a code for the minute that it lives."""
    row = Token(type=CODE, hash=digest_of_token(code), client=client, user=user, data=asdict(granted))
    row.expires_at = clock.machine_now() + timedelta(seconds=app_settings.AUTHORIZATION_CODE_EXPIRES_IN)
    row.set_scopes(list(scopes))
    row.save(force_insert=True)


def take_code(code: str, client: Client) -> tuple[Token, Granted] | None:
    """Will take a code that was given to `client`, inside a transaction; None if it is not good, or not any more.

    Whatever comes after, it is taken: a site that presents it with the wrong verifier has lost it. One that comes back
    voids what it gave.
    """
    row = (
        Token.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(type=CODE, hash=digest_of_token(code), client=client)
        .first()
    )
    if row is None or row.user is None:
        return None
    if TAKEN in row.data:
        Token.objects.filter(type=Token.Type.ACCESS_TOKEN, client=client, **{f"data__{OF_CODE}": row.hash}).delete()
        return None
    now = clock.machine_now()
    granted = Granted(**row.data)
    is_good = row.expires_at > now and row.user.is_active and is_open_under(row.user.pk, granted.sid, at=now)
    row.data |= {TAKEN: int(now.timestamp())}
    row.expires_at = now + timedelta(seconds=app_settings.ACCESS_TOKEN_EXPIRES_IN)
    row.save(update_fields=["data", "expires_at"])
    return (row, granted) if is_good else None
