"""Leaving one site is leaving the account, and through it the others; nobody is signed out by somebody else's word."""

from __future__ import annotations

from urllib.parse import urlencode

import jwt
import pytest
from django.test import Client

from marelle.domain.accounts.models import Session
from marelle.foundation.writes import permitted
from tests.factories.town import make_user
from tests.web.account.people import text_of
from tests.web.account.provider.site import (
    END,
    HOST,
    LEFT,
    OF_OTHERS,
    accept,
    browser,
    family_site,
    site_of_others,
    who_is,
)

pytestmark = pytest.mark.django_db

HOME = "http://famille.localhost/"


@pytest.fixture
def elena():
    return make_user("elena@exemple.fr")


@pytest.fixture
def family():
    return family_site()


def entered(site, user):
    """Return a browser in which `user` has entered a site, and what the site holds."""
    client = browser(user)
    return client, site.exchanges(site.code_for(client)).json()


def leave(client, **said):
    return client.get(f"{END}?{urlencode({name: value for name, value in said.items() if value is not None})}")


def is_signed_in(client):
    return client.get("/compte/securite/").status_code == 200


def unsigned(token):
    return jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", algorithm="none")


class TestOurSites:
    def test_the_session_ends_at_once_and_the_person_goes_where_the_site_declared(self, family, elena):
        client, holds = entered(family, elena)

        answer = leave(client, id_token_hint=holds["id_token"], post_logout_redirect_uri=HOME, state="abc")

        assert (answer.status_code, answer["Location"]) == (302, f"{HOME}?state=abc")
        assert not is_signed_in(client)
        assert not Session.objects.filter(user=elena).exists()
        assert who_is(holds["access_token"]).status_code == 401

    def test_without_an_address_a_page_says_it(self, family, elena):
        client, holds = entered(family, elena)

        assert "Vous êtes déconnecté" in text_of(leave(client, id_token_hint=holds["id_token"]))
        assert not is_signed_in(client)

    def test_the_hint_may_be_old(self, family, elena, monkeypatch):
        from marelle.web.account.provider import keys

        client, holds = entered(family, elena)
        claims = jwt.decode(holds["id_token"], options={"verify_signature": False})
        old = keys.sign(claims | {"iat": 1, "exp": 2})

        leave(client, id_token_hint=old)

        assert not is_signed_in(client)

    def test_it_ends_from_a_browser_that_has_lost_its_session_here(self, family, elena):
        client, holds = entered(family, elena)

        answer = leave(browser(), id_token_hint=holds["id_token"], post_logout_redirect_uri=HOME)

        assert answer["Location"] == HOME
        assert not is_signed_in(client)

    def test_other_sessions_of_the_account_stay(self, family, elena):
        other = browser(elena)
        assert is_signed_in(other)
        client, holds = entered(family, elena)

        leave(client, id_token_hint=holds["id_token"])

        assert is_signed_in(other)

    def test_a_form_of_a_site_may_ask(self, family, elena):
        client, holds = entered(family, elena)

        led = client.post(END, {"id_token_hint": holds["id_token"], "post_logout_redirect_uri": HOME})

        assert client.get(led["Location"])["Location"] == HOME
        assert not is_signed_in(client)


class TestThePersonIsAsked:
    def test_without_a_hint(self, elena):
        client = browser(elena)

        page = leave(client)

        assert "Se déconnecter aussi de votre compte ?" in text_of(page)
        assert is_signed_in(client)

    def test_with_the_hint_of_somebody_else_s_session(self, family, elena):
        _hers, holds = entered(family, make_user())
        client = browser(elena)

        page = leave(client, id_token_hint=holds["id_token"], post_logout_redirect_uri=HOME)

        assert page.status_code == 200
        assert is_signed_in(client)

    def test_with_the_hint_of_another_session_of_hers(self, family, elena):
        other, holds = entered(family, elena)
        client = browser(elena)
        client.get("/compte/securite/")

        assert leave(client, id_token_hint=holds["id_token"]).status_code == 200
        assert is_signed_in(client)
        assert is_signed_in(other)

    def test_with_a_hint_that_we_did_not_sign(self, family, elena):
        client, holds = entered(family, elena)

        for forged in (unsigned(holds["id_token"]), holds["id_token"][:-4] + "AAAA", "x", "a.b.c"):
            assert leave(client, id_token_hint=forged).status_code == 200
        assert is_signed_in(client)

    def test_for_a_site_of_others(self, elena):
        pool = site_of_others()
        client = browser(elena)
        holds = pool.exchanges(accept(client, client.get(pool.asks()), pool)).json()

        page = leave(client, id_token_hint=holds["id_token"], post_logout_redirect_uri=LEFT, state="s")

        assert "Vous quittez La piscine" in text_of(page)
        assert "https://piscine.example" in page["Content-Security-Policy"]
        assert is_signed_in(client)

    @pytest.mark.parametrize(("answer", "stays"), [("leave", False), ("stay", True), ("", False)])
    def test_and_answers(self, elena, answer, stays):
        pool = site_of_others()
        client = browser(elena)
        holds = pool.exchanges(accept(client, client.get(pool.asks()), pool)).json()
        page = leave(client, id_token_hint=holds["id_token"], post_logout_redirect_uri=LEFT, state="s")

        gone = client.post(f"{END}/reponse", dict(page.context["asked"]) | {"answer": answer})

        assert gone["Location"] == f"{LEFT}?state=s"
        assert is_signed_in(client) == stays

    def test_nobody_answers_for_her(self, elena):
        client = Client(headers={"host": HOST}, enforce_csrf_checks=True)
        client.force_login(elena)

        assert client.post(f"{END}/reponse", {"answer": "leave"}).status_code == 403
        assert is_signed_in(client)


class TestNobodyIsSentElsewhere:
    @pytest.mark.parametrize(
        "address",
        [OF_OTHERS, LEFT, "http://famille.localhost", "http://famille.localhost/compte/", "//pirate.example/", "x"],
    )
    def test_an_address_that_was_not_declared_is_a_page_of_ours(self, family, elena, address):
        client, holds = entered(family, elena)

        answer = leave(client, id_token_hint=holds["id_token"], post_logout_redirect_uri=address)

        assert answer.status_code == 400
        assert "Vous n’êtes pas déconnecté" in text_of(answer)
        assert is_signed_in(client)

    def test_nor_an_address_without_a_site(self, elena):
        assert leave(browser(elena), post_logout_redirect_uri=HOME).status_code == 400

    def test_nor_by_the_hint_of_one_site_and_the_name_of_another(self, family, elena):
        client, holds = entered(family, elena)

        assert leave(client, id_token_hint=holds["id_token"], client_id="mairie").status_code == 400
        assert is_signed_in(client)

    def test_nor_for_a_site_that_is_not_known(self, elena):
        assert leave(browser(elena), client_id="inconnu").status_code == 400

    def test_the_answer_is_looked_at_as_the_question(self, family, elena):
        client = browser(elena)

        gone = client.post(f"{END}/reponse", {"answer": "leave", "post_logout_redirect_uri": OF_OTHERS})

        assert gone.status_code == 400
        assert is_signed_in(client)


def test_who_is_not_signed_in_goes_where_the_site_declared(family):
    assert leave(browser(), client_id="famille", post_logout_redirect_uri=HOME)["Location"] == HOME


def test_a_hint_of_a_closed_account_ends_nothing_that_is_open(family, elena):
    client, holds = entered(family, elena)
    with permitted("test"):
        elena.is_active = False
        elena.save()

    assert leave(client, id_token_hint=holds["id_token"]).status_code == 200
