"""The account site as our other sites know it: an OpenID Connect provider like another, whose addresses are known."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from marelle.connectors.openid.client import Provider
from marelle.domain.accounts.models import Site
from marelle.domain.accounts.queries import own_client_secret
from marelle.domain.accounts.rules.clients import FAMILY, INVOICES, OFFICE

# What each site is called there.
CLIENTS: Final = {Site.FAMILY: FAMILY, Site.OFFICE: OFFICE, Site.INVOICES: INVOICES}
RETURN_PATH: Final = "/compte/retour/"


def provider_for(site: str) -> Provider:
    """Will return the account site as `site` calls it. Nothing is fetched; raises KeyError for the account site."""
    client_id, issuer = CLIENTS[Site(site)], settings.ACCOUNT_URL
    return Provider(
        issuer=issuer,
        client_id=client_id,
        client_secret=own_client_secret(client_id),
        authorization_endpoint=f"{issuer}/oidc/autorisation",
        token_endpoint=f"{issuer}/oidc/jeton",
        userinfo_endpoint=f"{issuer}/oidc/identite",
        jwks_uri=f"{issuer}/oidc/cles",
        end_session_endpoint=f"{issuer}/oidc/fin",
        back_channel=settings.ACCOUNT_BACK_CHANNEL,
    )


def url_of(site: str) -> str:
    """Will return the public address of a site, without a slash at the end."""
    urls: dict[str, str] = {
        Site.FAMILY: settings.FAMILY_URL,
        Site.OFFICE: settings.OFFICE_URL,
        Site.INVOICES: settings.INVOICES_URL,
        Site.ACCOUNT: settings.ACCOUNT_URL,
    }
    return urls[site]


def return_address(site: str) -> str:
    """Will return where the browser comes back to."""
    return url_of(site) + RETURN_PATH
