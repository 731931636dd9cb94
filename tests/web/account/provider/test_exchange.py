"""A code, what it gives, and every way in which it gives nothing."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import jwt
import pytest
from allauth.idp.oidc.models import Client, Token

from marelle.domain.accounts.models import Session, User
from marelle.domain.accounts.operations.clients import renew_client_secret
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.web.account.provider.own_clients import secret_of
from tests.factories.town import make_user
from tests.web.account.people import browser as a_browser
from tests.web.account.people import make_person, sign_in
from tests.web.account.provider.site import (
    ISSUER,
    OF_OTHERS,
    TOKEN,
    USERINFO,
    accept,
    browser,
    family_site,
    machine,
    s256,
    site_of_others,
    verified,
    who_is,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def elena():
    return make_user("elena@exemple.fr")


@pytest.fixture
def family():
    return family_site()


def refused(answer, error="invalid_grant", status=400):
    """The answer refuses, in the words of the protocol, and gives nothing."""
    assert answer.status_code == status, answer.content
    said = answer.json()
    assert said["error"] == error
    assert not {"access_token", "id_token"} & set(said)
    return True


def ended(user):
    with permitted("test"):
        Session.objects.filter(user=user).delete()


class TestWhatACodeGives:
    def test_an_id_token_says_who_for_whom_since_when_and_in_which_session(self, family):
        user = make_person()
        client = a_browser("compte")
        sign_in(client)
        before = clock.machine_now().timestamp()

        answer = family.exchanges(family.code_for(client))

        claims = verified(answer.json()["id_token"], "famille")
        assert claims["iss"] == ISSUER
        assert claims["sub"] == user.public_id
        assert claims["nonce"] == family.nonce
        assert claims["sid"] == Session.objects.get(user=user).sid != ""
        assert 0 <= before - claims["auth_time"] < 60
        assert claims["exp"] - claims["iat"] == 300
        assert (claims["email"], claims["email_verified"]) == ("elena@exemple.fr", True)
        assert answer["Cache-Control"] == "no-store"

    def test_an_access_token_lives_five_minutes_and_nothing_renews_it(self, family, elena):
        given = family.tokens_of(elena)

        assert given["expires_in"] == 300
        assert given["token_type"] == "Bearer"
        assert "refresh_token" not in given

    def test_userinfo_says_the_same(self, family, elena):
        given = family.tokens_of(elena)

        assert who_is(given["access_token"]).json() == {
            "sub": elena.public_id,
            "email": "elena@exemple.fr",
            "email_verified": True,
        }

    def test_the_secret_may_come_in_the_header(self, family, elena):
        assert family.exchanges(family.code_for(browser(elena)), by_header=True).status_code == 200

    def test_without_the_scope_the_address_is_not_said(self, family, elena):
        given = family.tokens_of(elena, scope="openid")

        assert who_is(given["access_token"]).json() == {"sub": elena.public_id}
        assert "email" not in verified(given["id_token"], "famille")

    def test_nothing_that_is_kept_opens_anything(self, family, elena):
        code = family.code_for(browser(elena))
        given = family.exchanges(code).json()

        kept = str(list(Token.objects.values())) + str(list(Client.objects.values()))
        assert not [one for one in (code, given["access_token"], given["id_token"], family.secret) if one in kept]


class TestNames:
    def test_our_sites_know_a_person_by_one_name_others_each_by_its_own(self, family, elena):
        pool, cinema = site_of_others(), site_of_others("Le cinéma", redirect_uri="https://cinema.example/retour")
        names, sessions = set(), set()
        for site in (pool, cinema):
            client = browser(elena)
            page = client.get(site.asks())
            code = accept(client, page, site)
            claims = verified(site.exchanges(code).json()["id_token"], site.client_id)
            names.add(claims["sub"])
            sessions.add(claims["sid"])

        assert len(names) == len(sessions) == 2
        assert elena.public_id not in names
        assert not sessions & set(Session.objects.values_list("sid", flat=True))

    def test_a_site_of_others_knows_a_person_again(self, elena):
        pool = site_of_others()
        client = browser(elena)
        first = verified(
            pool.exchanges(accept(client, client.get(pool.asks()), pool)).json()["id_token"], pool.client_id
        )

        again = verified(pool.tokens_of(elena)["id_token"], pool.client_id)

        assert again["sub"] == first["sub"]


class TestProofOfKey:
    def test_a_wrong_verifier_gives_nothing_and_the_code_is_lost(self, family, elena):
        code = family.code_for(browser(elena))

        assert refused(family.exchanges(code, code_verifier="x" * 50))
        assert refused(family.exchanges(code))

    @pytest.mark.parametrize("verifier", [None, "", "short", "é" * 43, "x" * 129])
    def test_a_verifier_that_is_none_gives_nothing(self, family, elena, verifier):
        assert refused(family.exchanges(family.code_for(browser(elena)), code_verifier=verifier))

    def test_the_challenge_itself_is_no_verifier(self, family, elena):
        code = family.code_for(browser(elena))

        assert refused(family.exchanges(code, code_verifier=s256(family.verifier)))


class TestOnce:
    def test_a_code_serves_once_and_coming_back_it_voids_what_it_gave(self, family, elena):
        code = family.code_for(browser(elena))
        given = family.exchanges(code).json()
        assert who_is(given["access_token"]).status_code == 200

        assert refused(family.exchanges(code))

        assert who_is(given["access_token"]).status_code == 401

    def test_what_other_codes_gave_is_left_alone(self, family, elena):
        other = family.tokens_of(elena)
        code = family.code_for(browser(elena))
        family.exchanges(code)

        family.exchanges(code)

        assert who_is(other["access_token"]).status_code == 200

    def test_a_code_of_more_than_a_minute_gives_nothing(self, family, elena):
        code = family.code_for(browser(elena))
        row = Token.objects.get()
        assert timedelta(seconds=50) < row.expires_at - clock.machine_now() <= timedelta(seconds=60)
        Token.objects.update(expires_at=clock.machine_now() - timedelta(seconds=1))

        assert refused(family.exchanges(code))

    def test_a_code_is_of_one_site(self, family, elena):
        office = family_site()
        code = family.code_for(browser(elena))

        assert refused(office.exchanges(code, client_id="mairie", client_secret=secret_of("mairie")))
        assert family.exchanges(code).status_code == 200

    @pytest.mark.parametrize("address", [None, "", OF_OTHERS, "http://famille.localhost/compte/retour"])
    def test_a_code_is_of_one_address(self, family, elena, address):
        answer = family.exchanges(family.code_for(browser(elena)), redirect_uri=address)

        assert answer.status_code == 400
        assert "access_token" not in answer.json()

    @pytest.mark.parametrize("code", [None, "", "x", "é", "x" * 5000])
    def test_what_is_no_code_gives_nothing(self, family, code):
        answer = family.exchanges(code)

        assert answer.status_code == 400
        assert "access_token" not in answer.json()


class TestWhoAsks:
    @pytest.mark.parametrize("by_header", [True, False])
    @pytest.mark.parametrize(
        "changed",
        [
            {"client_secret": "wrong"},
            {"client_id": "unknown"},
            {"client_id": "mairie"},
        ],
        ids=str,
    )
    def test_a_site_that_does_not_prove_itself_is_refused(self, family, elena, changed, by_header):
        code = family.code_for(browser(elena))

        assert refused(family.exchanges(code, by_header=by_header, **changed), "invalid_client", 401)
        assert family.exchanges(code).status_code == 200, "nobody else can spoil the code of a site"

    @pytest.mark.parametrize("missing", ["client_secret", "client_id"])
    def test_a_site_that_leaves_it_out_is_refused(self, family, elena, missing):
        code = family.code_for(browser(elena))

        assert refused(family.exchanges(code, **{missing: None}), "invalid_client", 401)

    def test_a_site_proves_itself_one_way(self, family, elena):
        code = family.code_for(browser(elena))
        pair = base64.b64encode(f"famille:{family.secret}".encode()).decode()
        form = f"grant_type=authorization_code&code={code}&client_id=famille&client_secret={family.secret}"

        answer = machine().post(
            TOKEN, form, content_type="application/x-www-form-urlencoded", headers={"Authorization": f"Basic {pair}"}
        )

        assert refused(answer, "invalid_client", 401)

    def test_a_secret_that_was_renewed_is_void(self, elena):
        pool = site_of_others()
        old = pool.secret
        client = browser(elena)
        code = accept(client, client.get(pool.asks()), pool)
        pool.secret = renew_client_secret(pool.client_id, by=SYSTEM, at=clock.machine_now())

        assert refused(pool.exchanges(code, client_secret=old), "invalid_client", 401)
        assert pool.exchanges(code).status_code == 200

    @pytest.mark.parametrize(
        "kind",
        [
            "refresh_token",
            "client_credentials",
            "password",
            "openid",
            "urn:ietf:params:oauth:grant-type:device_code",
            "nonsense",
            None,
        ],
    )
    def test_codes_are_exchanged_and_nothing_else(self, family, elena, kind):
        answer = family.exchanges(family.code_for(browser(elena)), grant_type=kind, username="a", password="b")

        assert answer.status_code in {400, 401}
        assert answer.json()["error"] in {"unsupported_grant_type", "unauthorized_client", "invalid_client"}

    def test_a_parameter_given_twice_is_refused(self, family, elena):
        code = family.code_for(browser(elena))

        assert refused(family.exchanges([code, code]), "invalid_request")

    def test_nothing_is_taken_from_the_address(self, family, elena):
        code = family.code_for(browser(elena))

        answer = machine().post(f"{TOKEN}?code={code}", {"grant_type": "authorization_code"})

        assert refused(answer, "invalid_request")

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"code=%zz&grant_type=authorization_code"])
    def test_a_body_that_is_no_form_is_refused(self, family, body):
        answer = machine().post(TOKEN, body, content_type="application/x-www-form-urlencoded")

        assert answer.status_code in {400, 401}


class TestWhoIsGone:
    def test_a_session_that_has_ended_gives_nothing(self, family, elena):
        code = family.code_for(browser(elena))
        ended(elena)

        assert refused(family.exchanges(code))

    def test_an_account_that_is_closed_gives_nothing(self, family, elena):
        code = family.code_for(browser(elena))
        with permitted("test"):
            User.objects.update(is_active=False)

        assert refused(family.exchanges(code))

    @pytest.mark.parametrize("what", ["session", "account", "token"])
    def test_nothing_is_said_of_who_is_gone(self, family, elena, what):
        token = family.tokens_of(elena)["access_token"]
        if what == "session":
            ended(elena)
        elif what == "account":
            with permitted("test"):
                User.objects.update(is_active=False)
        else:
            Token.objects.filter(type="at").update(expires_at=clock.machine_now() - timedelta(seconds=1))

        answer = who_is(token)

        assert answer.status_code == 401
        assert "elena" not in answer.content.decode()
        assert "WWW-Authenticate" in answer

    def test_signing_out_ends_what_a_site_holds(self, family, elena):
        client = browser(elena)
        given = family.exchanges(family.code_for(client)).json()

        client.post("/compte/deconnexion/")

        assert who_is(given["access_token"]).status_code == 401


class TestAccessTokens:
    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é"])
    def test_what_is_no_token_says_nothing(self, token):
        assert (
            machine().get(USERINFO, headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}).status_code
            == 401
        )

    def test_nor_no_token_at_all(self):
        assert machine().get(USERINFO).status_code == 401

    def test_an_id_token_is_no_access_token(self, family, elena):
        assert who_is(family.tokens_of(elena)["id_token"]).status_code == 401

    def test_a_code_is_no_access_token(self, family, elena):
        assert who_is(family.code_for(browser(elena))).status_code == 401

    def test_an_unsigned_token_is_refused(self, family, elena):
        claims = jwt.decode(family.tokens_of(elena)["id_token"], options={"verify_signature": False})

        assert who_is(jwt.encode(claims, "", algorithm="none")).status_code == 401

    def test_a_token_in_the_address_is_not_read(self, family, elena):
        token = family.tokens_of(elena)["access_token"]

        assert machine().get(f"{USERINFO}?access_token={token}").status_code == 401

    def test_a_token_may_be_posted(self, family, elena):
        token = family.tokens_of(elena)["access_token"]

        assert machine().post(USERINFO, {"access_token": token}).json()["sub"] == elena.public_id

    def test_a_cookie_is_no_token(self, elena):
        assert browser(elena).get(USERINFO).status_code == 401


def test_the_digest_of_a_token_is_not_a_token(family, elena):
    family.tokens_of(elena)
    for row in Token.objects.all():
        assert who_is(row.hash).status_code == 401
        assert json.dumps(row.data)
