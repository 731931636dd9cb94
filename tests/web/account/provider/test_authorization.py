"""Where a site sends a person: what is refused, to whom it is said, and which pages stand between."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.idp.oidc.models import Token
from django.test import Client, RequestFactory

from marelle.domain.accounts.models import SiteConsent
from marelle.domain.accounts.operations.clients import remove_client
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.web.account.provider.asking import asked_by
from tests.factories.town import make_user
from tests.web.account.people import PASSWORD, confirm, make_person, sign_in, text_of
from tests.web.account.people import browser as a_browser
from tests.web.account.provider.site import (
    AUTHORIZE,
    HOST,
    ISSUER,
    LEFT,
    OF_OTHERS,
    accept,
    browser,
    came_back,
    family_site,
    machine,
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


@pytest.fixture
def pool():
    return site_of_others()


def told(site, client, error, **changed):
    """The site is told of a refusal, and given nothing."""
    back = came_back(client.get(site.asks(**changed)), site.redirect_uri)
    assert back.pop("error") == error
    assert "code" not in back
    assert not Token.objects.exists()
    return back


class TestNobodyIsSentAnywhereUnknown:
    @pytest.mark.parametrize(
        "address",
        [
            None,
            "",
            "http://famille.localhost/compte/retour",
            "http://famille.localhost/compte/retour/?a=b",
            "http://famille.localhost:8000/compte/retour/",
            "http://famille.localhost/compte/retour/../retour/",
            "http://FAMILLE.localhost/compte/retour/",
            "https://famille.localhost/compte/retour/",
            "http://famille.localhost/compte/retour/#x",
            "http://autre.famille.localhost/compte/retour/",
            "http://famille.localhost@piscine.example/compte/retour/",
            "//famille.localhost/compte/retour/",
            "/compte/retour/",
            "javascript:alert(1)",
            OF_OTHERS,
        ],
    )
    def test_an_address_that_was_not_declared_is_a_page_of_ours(self, family, elena, address):
        answer = browser(elena).get(family.asks(redirect_uri=address))

        assert answer.status_code == 400
        assert "Cette demande est refusée" in text_of(answer)
        assert "Location" not in answer
        assert not Token.objects.exists()

    def test_an_asterisk_that_was_declared_is_a_sign_like_another(self, pool, elena):
        row = pool_row(pool)
        row.redirect_uris, row.allow_uri_wildcards = "https://*.example/retour", True
        row.save()

        assert browser(elena).get(pool.asks(redirect_uri=OF_OTHERS)).status_code == 400

    @pytest.mark.parametrize("name", [None, "", "inconnu", "famille\n", "x" * 3000])
    def test_a_site_that_is_not_known_is_a_page_of_ours(self, family, elena, name):
        answer = browser(elena).get(family.asks(client_id=name))

        assert answer.status_code == 400
        assert "n’est pas connu" in text_of(answer)

    def test_a_site_that_was_removed_is_not_known(self, pool, elena):
        remove_client(pool.client_id, by=SYSTEM, at=clock.machine_now())

        assert browser(elena).get(pool.asks()).status_code == 400

    @pytest.mark.parametrize(
        "more", ["client_id=famille", "state=x", "redirect_uri=https://piscine.example/", "nonce=x"]
    )
    def test_a_parameter_given_twice_is_a_page_of_ours(self, family, elena, more):
        assert browser(elena).get(f"{family.asks()}&{more}").status_code == 400

    @pytest.mark.parametrize("query", ["", "%zz", "client_id=%ff", "=&=", "a" * 9000, "client_id=famille&scope=\u00e9"])
    def test_what_does_not_read_is_a_page_of_ours(self, family, elena, query):
        assert browser(elena).get(f"{AUTHORIZE}?{query}").status_code == 400


def pool_row(pool):
    from allauth.idp.oidc.models import Client as Row

    return Row.objects.get(pk=pool.client_id)


class TestWhatIsRefusedIsSaidToTheSite:
    @pytest.mark.parametrize(
        ("error", "changed"),
        [
            ("unsupported_response_type", {"response_type": None}),
            ("unsupported_response_type", {"response_type": "token"}),
            ("unsupported_response_type", {"response_type": "id_token"}),
            ("unsupported_response_type", {"response_type": "code id_token"}),
            ("unsupported_response_type", {"response_type": "code token"}),
            ("unsupported_response_type", {"response_type": "none"}),
            ("invalid_request", {"code_challenge": None, "code_challenge_method": None}),
            ("invalid_request", {"code_challenge": None}),
            ("invalid_request", {"code_challenge_method": "plain"}),
            ("invalid_request", {"code_challenge_method": None}),
            ("invalid_request", {"code_challenge_method": "s256"}),
            ("invalid_request", {"code_challenge": "short"}),
            ("invalid_request", {"code_challenge": "=" * 43}),
            ("invalid_request", {"response_mode": "fragment"}),
            ("invalid_request", {"response_mode": "form_post"}),
            ("invalid_request", {"max_age": "-1"}),
            ("invalid_request", {"max_age": "une heure"}),
            ("invalid_request", {"nonce": "x" * 2000}),
            ("invalid_request", {"prompt": "none login"}),
            ("invalid_scope", {"scope": None}),
            ("invalid_scope", {"scope": "email"}),
            ("invalid_scope", {"scope": "openid profile"}),
            ("invalid_scope", {"scope": "openid offline_access"}),
            ("request_not_supported", {"request": jwt.encode({}, "", algorithm="none")}),
            ("request_uri_not_supported", {"request_uri": "https://piscine.example/x"}),
            ("registration_not_supported", {"registration": "{}"}),
        ],
        ids=str,
    )
    def test_a_loose_request(self, family, elena, error, changed):
        assert told(family, browser(elena), error, **changed)["state"] == family.state

    @pytest.mark.parametrize("state", [None, "", "x" * 2000])
    def test_a_request_without_a_state(self, family, elena, state):
        told(family, browser(elena), "invalid_request", state=state)

    def test_it_is_said_before_anybody_signs_in(self, family):
        told(family, browser(), "invalid_request", code_challenge_method="plain")

    def test_a_scope_that_was_not_declared(self, elena):
        told(site_of_others(scopes=["openid"]), browser(elena), "invalid_scope")


class TestComingBack:
    def test_the_answer_says_whose_it_is(self, family, elena):
        back = came_back(browser(elena).get(family.asks()), family.redirect_uri)

        assert set(back) == {"code", "state", "iss"}
        assert (back["state"], back["iss"]) == (family.state, ISSUER)

    def test_a_form_of_another_site_may_ask(self, family, elena):
        query = urlsplit(family.asks()).query
        led = Client(headers={"host": HOST}, enforce_csrf_checks=True)
        led.force_login(elena)

        answer = led.post(AUTHORIZE, dict(pair for pair in ((k, v[0]) for k, v in parse_qs(query).items())))

        assert answer.status_code == 302
        assert "code" in came_back(led.get(answer["Location"]), family.redirect_uri)

    def test_our_sites_ask_for_no_consent(self, family, elena):
        assert family.code_for(browser(elena), prompt="consent")
        assert not SiteConsent.objects.exists()


class TestSigningInFirst:
    def test_nobody_signs_in_then_goes_back_by_itself(self, family):
        make_person()
        client = a_browser("compte")

        there = client.get(family.asks())
        assert there.status_code == 302
        assert urlsplit(there["Location"]).path == "/compte/connexion/"
        then = parse_qs(urlsplit(there["Location"]).query)["next"][0]
        signed = sign_in(client, next=then)

        assert signed["Location"] == then
        assert "code" in came_back(client.get(then), family.redirect_uri)

    def test_the_page_of_signing_in_knows_who_asked(self, family):
        there = browser().get(family.asks())["Location"]

        assert asked_by(RequestFactory().get(there)) == "famille"
        assert asked_by(RequestFactory().post("/", {"next": family.asks()})) == "famille"

    @pytest.mark.parametrize(
        "then", ["", "/", "/compte/?client_id=famille", "https://pirate.example/oidc/autorisation?client_id=famille"]
    )
    def test_nobody_asked_when_nothing_says_so(self, then):
        assert asked_by(RequestFactory().get("/compte/connexion/", {"next": then})) == ""

    def test_its_form_may_end_at_the_site_that_asked_and_at_ours(self, family, pool):
        client = browser()
        said = client.get(client.get(pool.asks())["Location"])["Content-Security-Policy"]
        plain = client.get("/compte/connexion/")["Content-Security-Policy"]

        assert "https://piscine.example" in form_action(said)
        assert "https://piscine.example" not in form_action(plain)
        assert {"http://famille.localhost", "http://mairie.localhost", "http://factures.localhost"} <= form_action(
            plain
        )

    def test_a_site_that_only_looks_is_told_that_nobody_is_there(self, family):
        told(family, browser(), "login_required", prompt="none")

    def test_a_site_that_only_looks_is_answered_when_somebody_is(self, family, elena):
        assert family.code_for(browser(elena), prompt="none")


def form_action(policy):
    return set(next(one for one in policy.split("; ") if one.startswith("form-action")).split()[1:])


class TestProvingAgain:
    @pytest.fixture
    def client(self):
        make_person()
        client = a_browser("compte")
        sign_in(client)
        return client

    def age(self, client, minutes):
        """Let the last proof be older."""
        store = client.session
        store["account_authentication_methods"] = [
            {**one, "at": one["at"] - 60 * minutes} for one in store["account_authentication_methods"]
        ]
        store.save()

    @pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}], ids=str)
    def test_a_fresh_proof_is_asked_once_whatever_the_age_of_the_last(self, family, client, asked):
        self.age(client, 1)
        there = client.get(family.asks(**asked))
        assert urlsplit(there["Location"]).path == "/compte/securite/confirmer/"
        assert client.get(family.asks(**asked))["Location"] == there["Location"], "opening it again changes nothing"

        then = parse_qs(urlsplit(there["Location"]).query)["next"][0]
        assert confirm(client, PASSWORD, next=then)["Location"] == then
        code = came_back(client.get(then), family.redirect_uri)["code"]

        claims = verified(family.exchanges(code).json()["id_token"], "famille")
        assert abs(claims["auth_time"] - clock.machine_now().timestamp()) < 30
        assert client.get(family.asks(**asked)).headers["Location"].startswith("/compte/"), "the next one asks again"

    def test_an_old_proof_is_enough_for_who_wants_an_older_one(self, family, client):
        self.age(client, 10)

        assert family.code_for(client, max_age="3600")

    def test_too_old_a_proof_is_asked_again(self, family, client):
        self.age(client, 10)

        assert client.get(family.asks(max_age="300"))["Location"].startswith("/compte/securite/")

    def test_a_site_that_only_looks_is_told(self, family, client):
        self.age(client, 10)

        told(family, client, "login_required", max_age="300", prompt="none")

    def test_signing_in_is_a_proof(self, family):
        make_person("autre@exemple.fr")
        client = a_browser("compte")
        there = client.get(family.asks(prompt="login"))
        then = parse_qs(urlsplit(there["Location"]).query)["next"][0]

        sign_in(client, "autre@exemple.fr", next=then)

        assert "code" in came_back(client.get(then), family.redirect_uri)

    def test_the_person_whom_the_site_knows_is_expected(self, family, elena):
        hint = family.tokens_of(elena)["id_token"]
        Token.objects.all().delete()

        assert family.code_for(browser(elena), id_token_hint=hint, prompt="none")
        Token.objects.all().delete()
        told(family, browser(make_user()), "login_required", id_token_hint=hint)
        unsigned = jwt.encode(jwt.decode(hint, options={"verify_signature": False}), "", algorithm="none")
        told(family, browser(elena), "login_required", id_token_hint=unsigned)


class TestConsent:
    def test_the_page_says_who_asks_and_for_what(self, pool, elena):
        page = browser(elena).get(pool.asks())

        said = text_of(page)
        assert "La piscine veut savoir qui vous êtes" in said
        assert "piscine.example" in said
        assert "votre adresse e-mail, elena@exemple.fr" in said
        assert form_action(page["Content-Security-Policy"]) >= {"https://piscine.example"}
        assert not Token.objects.exists()

    def test_without_the_address_it_is_not_named(self, pool, elena):
        assert "elena@exemple.fr" not in text_of(browser(elena).get(pool.asks(scope="openid")))

    def test_who_accepts_is_not_asked_again(self, pool, elena):
        client = browser(elena)
        accept(client, client.get(pool.asks()), pool)

        assert pool.code_for(client)
        assert pool.code_for(client, prompt="none")
        assert pool.code_for(client, scope="openid")

    def test_more_is_asked_again(self, pool, elena):
        client = browser(elena)
        accept(client, client.get(pool.asks(scope="openid")), pool)

        assert client.get(pool.asks()).status_code == 200
        assert client.get(pool.asks(scope="openid")).status_code == 302

    def test_the_site_may_have_it_asked_again(self, pool, elena):
        client = browser(elena)
        accept(client, client.get(pool.asks()), pool)

        assert client.get(pool.asks(prompt="consent")).status_code == 200

    def test_who_refuses_gives_nothing(self, pool, elena):
        client = browser(elena)
        page = client.get(pool.asks())

        back = came_back(client.post(page.context["action"], {"answer": "refuse"}), OF_OTHERS)

        assert (back["error"], back["state"]) == ("access_denied", pool.state)
        assert not SiteConsent.objects.exists()
        assert not Token.objects.exists()

    @pytest.mark.parametrize("answer", [{}, {"answer": ""}, {"answer": "oui"}], ids=str)
    def test_what_is_not_an_acceptance_is_a_refusal(self, pool, elena, answer):
        client = browser(elena)
        page = client.get(pool.asks())

        assert came_back(client.post(page.context["action"], answer), OF_OTHERS)["error"] == "access_denied"

    def test_a_site_that_only_looks_is_told(self, pool, elena):
        told(pool, browser(elena), "consent_required", prompt="none")

    def test_nobody_accepts_for_somebody(self, pool, elena):
        page = browser(elena).get(pool.asks())

        answer = browser().post(page.context["action"], {"answer": "accept"})

        assert answer["Location"].startswith("/compte/connexion/")
        assert not SiteConsent.objects.exists()

    def test_another_site_cannot_accept_by_a_form_of_its_own(self, pool, elena):
        client = Client(headers={"host": HOST}, enforce_csrf_checks=True)
        client.force_login(elena)

        assert client.post(client.get(pool.asks()).context["action"], {"answer": "accept"}).status_code == 403
        assert not SiteConsent.objects.exists()

    def test_a_loose_request_is_refused_there_too(self, pool, elena):
        client = browser(elena)
        action = client.get(pool.asks()).context["action"].replace("S256", "plain")

        assert came_back(client.post(action, {"answer": "accept"}), OF_OTHERS)["error"] == "invalid_request"
        assert not SiteConsent.objects.exists()

    def test_it_is_shown_in_the_security_of_the_account_and_withdrawn(self, pool, elena):
        client = browser(elena)
        given = pool.exchanges(accept(client, client.get(pool.asks()), pool)).json()
        page = text_of(client.get("/compte/securite/"))
        assert "Sites qui connaissent votre compte" in page
        assert "La piscine" in page
        assert who_is(given["access_token"]).status_code == 200

        client.post(f"/compte/securite/sites/{pool.client_id}/retirer/")

        assert who_is(given["access_token"]).status_code == 401
        assert client.get(pool.asks()).status_code == 200
        assert "La piscine" not in text_of(client.get("/compte/securite/"))

    def test_nobody_withdraws_what_another_gave(self, pool, elena):
        client = browser(elena)
        accept(client, client.get(pool.asks()), pool)

        browser(make_user()).post(f"/compte/securite/sites/{pool.client_id}/retirer/")

        assert SiteConsent.objects.filter(user=elena).exists()

    def test_a_site_that_is_removed_takes_all_with_it(self, pool, elena):
        client = browser(elena)
        accept(client, client.get(pool.asks()), pool)

        remove_client(pool.client_id, by=SYSTEM, at=clock.machine_now())

        assert not SiteConsent.objects.exists()
        assert not Token.objects.exists()


class TestPublished:
    def test_discovery_says_what_is_done_and_nothing_else(self):
        said = machine().get("/.well-known/openid-configuration").json()

        assert said["issuer"] == ISSUER
        assert said["response_types_supported"] == ["code"]
        assert said["grant_types_supported"] == ["authorization_code"]
        assert said["code_challenge_methods_supported"] == ["S256"]
        assert said["id_token_signing_alg_values_supported"] == ["RS256"]
        assert said["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
        assert {name for name in said if name.endswith("_endpoint") or name == "jwks_uri"} == {
            *("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
        }

    def test_every_address_that_it_names_is_there(self):
        said = machine().get("/.well-known/openid-configuration").json()
        named = [address for name, address in said.items() if name.endswith("_endpoint") or name == "jwks_uri"]

        assert {machine().get(address.removeprefix(ISSUER)).status_code for address in named} & {404, 500} == set()

    @pytest.mark.parametrize(
        "path", ["/identity/o/authorize", "/identity/o/api/token", "/identity/o/device", "/identity/o/api/clients"]
    )
    def test_nothing_of_the_library_is_mounted_beside(self, path):
        assert machine().get(path).status_code == 404

    def test_our_name_does_not_follow_what_the_request_calls_us(self, family, elena):
        client = Client(headers={"host": f"{HOST}:9999"})

        assert client.get("/.well-known/openid-configuration").json()["issuer"] == ISSUER

    def test_only_public_halves_of_keys_are_published(self):
        keys = machine().get("/oidc/cles").json()["keys"]

        assert len(keys) == 1
        assert set(keys[0]) == {"kty", "n", "e", "kid", "use", "alg"}

    @pytest.mark.parametrize("host", ["famille.localhost", "mairie.localhost", "factures.localhost"])
    def test_no_other_site_is_the_provider(self, host):
        assert Client(headers={"host": host}).get("/oidc/cles").status_code == 404


def test_the_declared_address_after_leaving_is_not_an_address_of_return(pool, elena):
    assert browser(elena).get(pool.asks(redirect_uri=LEFT)).status_code == 400


def test_a_mark_of_one_request_is_not_another_s(family):
    make_person()
    client = a_browser("compte")
    sign_in(client)
    client.get(family.asks(prompt="login"))

    other = client.get(family.asks(prompt="login", nonce="another"))

    assert other["Location"].startswith("/compte/securite/")
