"""What a person lets sites of others know, and takes back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.idp.oidc.models import Token

from marelle.domain.accounts.models import SiteConsent
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def allow_site(user: int, client: str, scopes: Collection[str], *, by: Actor, at: datetime) -> None:
    """Will remember that an account (key) accepts to be known by a site (its id), and what of it (scopes)."""
    SiteConsent.objects.update_or_create(
        user_id=user, client=client, defaults={"scopes": " ".join(sorted(scopes)), "given_at": at}
    )
    audit.record("allow_site", authority=None, of="user", key=user, by=by, at=at, client=client)


@operation
def withdraw_site(user: int, client: str, *, by: Actor, at: datetime) -> bool:
    """Will forget that an account (key) accepted a site (its id), void all it was given, and tell whether it was."""
    Token.objects.filter(user_id=user, client_id=client).delete()
    gone, _by_table = SiteConsent.objects.filter(user_id=user, client=client).delete()
    if gone:
        audit.record("withdraw_site", authority=None, of="user", key=user, by=by, at=at, client=client)
    return bool(gone)
