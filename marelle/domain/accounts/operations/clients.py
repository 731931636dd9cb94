"""The writes about sites that people sign in to with their account: the operator's, and our own at each start."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

from allauth.idp.oidc.models import Client
from django.conf import settings

from marelle.domain.accounts.models import SiteConsent
from marelle.domain.accounts.queries import digest_of_secret, own_client_secret
from marelle.domain.accounts.rules.clients import (
    FAMILY,
    INVOICES,
    LONGEST_NAME,
    OFFICE,
    OPENID,
    OWN,
    SCOPES,
    is_good_address,
    is_own,
)
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

RETURN = "/compte/retour/"  # where each of our sites receives who comes back from signing in
SALT = "pairwise"


class BadClientError(Exception):
    """What was said of a site is not acceptable; the message says what, in one French sentence. Nothing was written."""


class UnknownClientError(Exception):
    """No site of others has this identifier. Nothing was written."""


def own_addresses() -> dict[str, str]:
    """Will return where each of our own sites is (by id), without a final slash, as the settings say."""
    return {FAMILY: settings.FAMILY_URL, OFFICE: settings.OFFICE_URL, INVOICES: settings.INVOICES_URL}


@operation
def register_client(
    name: str,
    *,
    redirect_uris: Collection[str],
    post_logout_uris: Collection[str],
    scopes: Collection[str],
    by: Actor,
    at: datetime,
) -> tuple[Client, str]:
    """Will let people sign in to a site of others, and return it with its secret, which is not kept: say it now.

    Raises BadClientError.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"le nom du site fait de 1 à {LONGEST_NAME} signes."
        raise BadClientError(message)
    if not redirect_uris:
        message = "une adresse de retour au moins est nécessaire."
        raise BadClientError(message)
    for address in (*redirect_uris, *post_logout_uris):
        if not is_good_address(address):
            message = f"« {address} » n'est pas une adresse acceptable : https://, entière, sans * ni #."
            raise BadClientError(message)
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        message = f"« {unknown[0]} » n'est pas connu : {' ou '.join(SCOPES)} attendu."
        raise BadClientError(message)
    secret = secrets.token_urlsafe(32)
    client = Client(id=new_public_id(), name=name, created_at=at, data={SALT: secrets.token_hex(16)})
    _describe(client, redirect_uris, post_logout_uris, {OPENID, *scopes})
    client.secret = digest_of_secret(secret)
    client.save(force_insert=True)
    audit.record("register_client", authority=None, of="client", key=None, by=by, at=at, client=client.pk)
    return client, secret


@operation
def renew_client_secret(client: str, *, by: Actor, at: datetime) -> str:
    """Will give a site of others (its id) a new secret and return it; the old one is void at once.

    Raises UnknownClientError.
    """
    secret = secrets.token_urlsafe(32)
    if is_own(client) or not Client.objects.filter(pk=client).update(secret=digest_of_secret(secret)):
        raise UnknownClientError
    audit.record("renew_client_secret", authority=None, of="client", key=None, by=by, at=at, client=client)
    return secret


@operation
def remove_client(client: str, *, by: Actor, at: datetime) -> None:
    """Will refuse a site of others (its id) from now on, with all it was given. Raises UnknownClientError."""
    if is_own(client) or not Client.objects.filter(pk=client).delete()[0]:
        raise UnknownClientError
    SiteConsent.objects.filter(client=client).delete()
    audit.record("remove_client", authority=None, of="client", key=None, by=by, at=at, client=client)


@operation
def keep_own_clients(addresses: Mapping[str, str], *, by: Actor, at: datetime) -> int:
    """Will bring our own sites up to date, each (id) at its address without a final slash; return how many changed.

    One of ours that is not named goes. What is already true is not written.
    """
    known = {client.pk: client for client in Client.objects.filter(pk__in=list(OWN))}
    changed = 0
    for name, address in addresses.items():
        is_new = name not in known
        client = known.pop(name, None) or Client(id=name, created_at=at)
        before = {field.attname: getattr(client, field.attname) for field in Client._meta.concrete_fields}
        client.name, client.skip_consent, client.data = OWN[name], True, {}
        _describe(client, [f"{address}{RETURN}"], [f"{address}/"], SCOPES)
        client.secret = digest_of_secret(own_client_secret(name))
        if is_new or any(getattr(client, field) != value for field, value in before.items()):
            client.save()
            changed += 1
    changed += Client.objects.filter(pk__in=list(known)).delete()[0]
    if changed:
        audit.record("keep_own_clients", authority=None, of="client", key=None, by=by, at=at, changed=changed)
    return changed


def _describe(
    client: Client, redirect_uris: Collection[str], post_logout_uris: Collection[str], scopes: Collection[str]
) -> None:
    client.type, client.grant_types = Client.Type.CONFIDENTIAL, Client.GrantType.AUTHORIZATION_CODE
    client.response_types, client.allow_uri_wildcards = Client.ResponseType.CODE, False
    client.cors_origins = client.default_scopes = ""
    client.set_redirect_uris(list(redirect_uris))
    client.set_post_logout_redirect_uris(list(post_logout_uris))
    client.set_scopes(sorted(scopes, reverse=True))
