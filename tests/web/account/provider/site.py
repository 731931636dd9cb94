"""A site that asks who one is, written from the specification alone: it shares nothing with the provider."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from django.test import Client

from marelle.domain.accounts.operations.clients import register_client
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.web.account.provider.own_clients import register_own_clients, secret_of

AUTHORIZE, TOKEN, USERINFO = "/oidc/autorisation", "/oidc/jeton", "/oidc/identite"
KEYS, END, CONFIGURATION = "/oidc/cles", "/oidc/fin", "/.well-known/openid-configuration"
ISSUER = "http://compte.localhost"
HOST = "compte.localhost"
OF_OTHERS = "https://piscine.example/retour"
LEFT = "https://piscine.example/au-revoir"


def s256(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def machine():
    """Return what calls the back channel: no cookie, no token of a form."""
    return Client(headers={"host": HOST}, enforce_csrf_checks=True)


def browser(user=None):
    """Return a browser at the account site, in which `user` is signed in."""
    client = Client(headers={"host": HOST})
    if user is not None:
        client.force_login(user)
    return client


class RelyingSite:
    """A site and its secret."""

    def __init__(self, client_id, secret, redirect_uri):
        self.client_id, self.secret, self.redirect_uri = client_id, secret, redirect_uri
        self.verifier = secrets.token_urlsafe(48)
        self.state, self.nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)

    def asks(self, **changed):
        """Return the address where a browser is sent; a parameter changed to None is left out."""
        said = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid email",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "S256",
        } | changed
        return f"{AUTHORIZE}?{urlencode({name: value for name, value in said.items() if value is not None})}"

    def code_for(self, client, **changed):
        """Return the code with which a browser comes back."""
        back = came_back(client.get(self.asks(**changed)), self.redirect_uri)
        assert back["state"] == self.state, back
        return back["code"]

    def exchanges(self, code, *, by_header=False, **changed):
        """Return the answer of the token endpoint."""
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            "client_id": self.client_id,
            "client_secret": self.secret,
        } | changed
        headers = {}
        if by_header:
            pair = f"{said.pop('client_id')}:{said.pop('client_secret')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        form = urlencode({name: value for name, value in said.items() if value is not None}, doseq=True)
        return machine().post(TOKEN, form, content_type="application/x-www-form-urlencoded", headers=headers)

    def tokens_of(self, user, **changed):
        """Return the tokens that a signed-in person's browser brings."""
        answer = self.exchanges(self.code_for(browser(user), **changed))
        assert answer.status_code == 200, answer.content
        return answer.json()


def came_back(response, redirect_uri):
    """Return what a redirection brings to a site."""
    assert response.status_code == 302, response.status_code
    address, _question, query = response["Location"].partition("?")
    assert address == redirect_uri, response["Location"]
    return {name: values[0] for name, values in parse_qs(query).items()}


def accept(client, page, site):
    """Accept on the page of consent, and return the code."""
    assert page.status_code == 200, page.status_code
    return came_back(client.post(page.context["action"], {"answer": "accept"}), site.redirect_uri)["code"]


def who_is(access_token):
    return machine().get(USERINFO, headers={"Authorization": f"Bearer {access_token}"})


def verified(id_token, audience):
    """Return the claims of an id_token, verified by the keys that are published."""
    published = {key["kid"]: key for key in machine().get(KEYS).json()["keys"]}
    key = jwt.PyJWK(published[jwt.get_unverified_header(id_token)["kid"]])
    return jwt.decode(id_token, key.key, algorithms=["RS256"], audience=audience, issuer=ISSUER)


def family_site():
    register_own_clients()
    return RelyingSite("famille", secret_of("famille"), "http://famille.localhost/compte/retour/")


def site_of_others(name="La piscine", scopes=("openid", "email"), redirect_uri=OF_OTHERS, post_logout_uri=LEFT):
    client, secret = register_client(
        name,
        redirect_uris=[redirect_uri],
        post_logout_uris=[post_logout_uri],
        scopes=scopes,
        by=SYSTEM,
        at=clock.machine_now(),
    )
    return RelyingSite(client.pk, secret, redirect_uri)


def path_of(address):
    return urlsplit(address).path
