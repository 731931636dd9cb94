"""A library of others, which has never seen this house, lets people in through it: authlib, over WSGI."""

from __future__ import annotations

import re
import secrets
import warnings
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.integrations.base_client.errors import OAuthError
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from joserfc import jwt
from joserfc.jwk import KeySet

with warnings.catch_warnings():  # it announces its own next version
    warnings.simplefilter("ignore")
    from authlib.integrations.httpx_client import OAuth2Client
    from authlib.oidc.core import CodeIDToken
    from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.web.account.people import PASSWORD, make_person
from tests.web.account.provider.site import ISSUER, family_site, site_of_others

pytestmark = pytest.mark.django_db


@pytest.fixture
def wire():
    """Carry what is said to the application, and back, as a server would; the test's connection stays open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield httpx.WSGITransport(app=get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def browser(wire):
    with httpx.Client(transport=wire, base_url=ISSUER) as opened:
        yield opened


class Witness:
    """A site, by the library."""

    def __init__(self, site, wire, *, method="client_secret_basic"):
        self.nonce, self.verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        self.client = OAuth2Client(
            site.client_id,
            site.secret,
            scope="openid email",
            redirect_uri=site.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=method,
            transport=wire,
        )
        self.anybody = httpx.Client(transport=wire)
        self.metadata = self.anybody.get(f"{ISSUER}/.well-known/openid-configuration").json()

    def begins(self):
        url, self.state = self.client.create_authorization_url(
            self.metadata["authorization_endpoint"], nonce=self.nonce, code_verifier=self.verifier
        )
        return url

    def ends(self, came_back):
        return self.client.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=came_back,
            state=self.state,
            code_verifier=self.verifier,
        )

    def claims(self, token):
        published = self.anybody.get(self.metadata["jwks_uri"]).json()
        decoded = jwt.decode(token["id_token"], KeySet.import_key_set(published), algorithms=["RS256"])
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": self.metadata["issuer"]}, "aud": {"value": self.client.client_id}},
            {"nonce": self.nonce, "client_id": self.client.client_id, "access_token": token["access_token"]},
        )
        claims.validate()
        return claims


def form_of(page):
    """Return the hidden fields of the first form of a page, and where it goes."""
    form = re.search(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", page.text, re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[2])
    return form[1].replace("&amp;", "&"), {name: value.replace("&amp;", "&") for name, value in hidden}


def signs_in(browser, url):
    """Follow an address as a browser does, sign in where it is asked, and return where one ends outside of here."""
    page = browser.get(url, follow_redirects=True)
    action, hidden = form_of(page)
    answer = browser.post(
        action, data=hidden | {"login": "elena@exemple.fr", "password": PASSWORD}, headers={"Referer": str(page.url)}
    )
    return follows(browser, answer)


def follows(browser, answer):
    while answer.is_redirect and urlsplit(answer.headers["Location"]).netloc in {"", "compte.localhost"}:
        answer = browser.get(answer.headers["Location"])
    return answer


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_somebody_enters_one_of_our_sites(browser, wire, method):
    elena = make_person()
    witness = Witness(family_site(), wire, method=method)

    back = signs_in(browser, witness.begins())
    token = witness.ends(back.headers["Location"])

    claims = witness.claims(token)
    assert claims["sub"] == elena.public_id
    told = witness.client.get(witness.metadata["userinfo_endpoint"]).json()
    assert told == {"sub": elena.public_id, "email": elena.email, "email_verified": True}


def test_somebody_enters_a_site_of_others_which_asks_her_first(browser, wire):
    make_person()
    witness = Witness(site_of_others(), wire)

    page = signs_in(browser, witness.begins())
    action, hidden = form_of(page)
    back = browser.post(action, data=hidden | {"answer": "accept"}, headers={"Referer": str(page.url)})

    assert witness.claims(witness.ends(back.headers["Location"]))["email"] == "elena@exemple.fr"


def test_one_who_is_in_enters_another_site_without_a_page(browser, wire):
    make_person()
    family = family_site()
    signs_in(browser, Witness(family, wire).begins())
    again = Witness(family, wire)

    back = browser.get(again.begins())

    assert again.claims(again.ends(back.headers["Location"]))


def test_the_library_finds_our_description_right(wire):
    metadata = Witness(family_site(), wire).metadata

    described = OpenIDProviderMetadata(metadata)
    # It is of https in the world; here names of this machine have none, which is all that may be said against it.
    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        described[name] = described[name].replace("http://", "https://")
    described.validate()


def test_the_library_is_refused_a_code_that_served_and_a_verifier_that_is_not_its_own(browser, wire):
    make_person()
    family = family_site()
    witness = Witness(family, wire)
    back = signs_in(browser, witness.begins()).headers["Location"]
    witness.ends(back)
    with pytest.raises(OAuthError, match="invalid_grant"):
        witness.ends(back)

    another = Witness(family, wire)
    back = browser.get(another.begins()).headers["Location"]
    another.verifier = secrets.token_urlsafe(48)
    with pytest.raises(OAuthError, match="invalid_grant"):
        another.ends(back)


def test_the_library_sees_through_another_nonce_and_another_audience(browser, wire):
    make_person()
    witness = Witness(family_site(), wire)
    token = witness.ends(signs_in(browser, witness.begins()).headers["Location"])
    assert witness.claims(token)

    witness.nonce = "another"
    with pytest.raises(Exception, match="nonce"):
        witness.claims(token)
