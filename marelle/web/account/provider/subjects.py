"""By which names a site knows a person and her session: ours by their own, those of others by names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.accounts.operations.clients import SALT
from marelle.domain.accounts.rules.clients import is_own, pairwise

if TYPE_CHECKING:
    from allauth.idp.oidc.models import Client


def name_for(client: Client, name: str) -> str:
    """Will return what `client` is given instead of `name`: the same for us, its own for a site of others."""
    return name if is_own(client.pk) else pairwise(client.data[SALT], name)
