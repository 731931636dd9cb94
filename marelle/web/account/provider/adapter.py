"""What the library asks of us: who we are, by what name a site knows a person, what it learns of her."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.conf import settings

from marelle.domain.accounts.models import User
from marelle.domain.accounts.rules.clients import EMAIL, is_own
from marelle.web.account.provider.subjects import name_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from allauth.idp.oidc.models import Client


class ProviderAdapter(DefaultOIDCAdapter):
    """An account is an address, and nothing more."""

    def get_issuer(self) -> str:
        """Will return our address, whatever the request called us."""
        return settings.ACCOUNT_URL

    def get_user_sub(self, client: Client, user: Any) -> str:
        """Will return the name by which `client` knows an account; it never changes."""
        return name_for(client, user.public_id)

    def get_user_by_sub(self, client: Client, sub: str) -> User | None:
        """Will find an open account by that name among our own sites; others' names are not reversed."""
        if not is_own(client.pk):
            return None
        return User.objects.filter(public_id=sub, is_active=True).first()

    def get_claims(
        self, purpose: str, user: Any, client: Client, scopes: Iterable[str], email: str | None = None, **_more: Any
    ) -> dict[str, Any]:
        """Will return who the person is for `client`.

        An account is opened by whoever reads its address (decision 19), and changes it by reading the new one: it is
        always verified.
        """
        claims = {"sub": self.get_user_sub(client, user)}
        return claims | ({"email": user.email, "email_verified": True} if EMAIL in scopes else {})
