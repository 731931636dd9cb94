"""FranceConnect and ProConnect, against stand-ins as strict as they are: each refusal, each forgery, each length."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
import pytest

from marelle.config.environment import BadEnvironment, read
from marelle.connectors.franceconnect.access import TO_ASK_QUOTIENT
from marelle.connectors.openid.client import IdentityNotProvenError, Reason, begin
from standins.franceconnect.profiles import FRANCECONNECT, PROCONNECT, people_of
from standins.franceconnect.provider import Mood
from tests.franceconnect import ACCOUNT, SECRET, as_franceconnect, as_proconnect, closed, served

RETURN = f"{ACCOUNT}/compte/franceconnect/retour/"
AGENTS_RETURN = f"{ACCOUNT}/compte/proconnect/retour/"
LEFT = f"{ACCOUNT}/compte/franceconnect/fin/"


def now():
    return datetime.now(UTC)  # noqa: TID251  the stand-in signs at this very moment


def back(url):
    return dict(parse_qsl(urlsplit(url).query))


def asked(server, redirect_uri=RETURN):
    """Return what our connector asks, as a dictionary to be spoiled."""
    connector = as_franceconnect(server) if redirect_uri == RETURN else as_proconnect(server)
    return dict(parse_qsl(urlsplit(connector.begin(redirect_uri=redirect_uri).url).query))


def authorize(server, params):
    return httpx.get(f"{server.url}/api/v2/authorize", params=params)


def code_of(server, params, person="elena"):
    return back(server.come_back_as(f"{server.url}/api/v2/authorize?{urlencode(params)}", person))["code"]


def exchange(server, good_code, **changed):
    form = {
        "grant_type": "authorization_code",
        "code": good_code,
        "redirect_uri": RETURN,
        "client_id": "marelle-franceconnect",
        "client_secret": SECRET,
    }
    sent = {key: value for key, value in {**form, **changed}.items() if value is not None}
    return httpx.post(f"{server.url}/api/v2/token", data=sent)


class TestTheRequest:
    def test_ours_is_taken_by_both(self, fc, pc):
        for server, redirect_uri in ((fc, RETURN), (pc, AGENTS_RETURN)):
            answer = authorize(server, asked(server, redirect_uri))

            assert answer.status_code == 303
            page = httpx.get(f"{server.url}{answer.headers['location']}").text
            assert f"DOUBLURE de {server.provider.profile.title}" in page

    @pytest.mark.parametrize(
        "spoiled",
        [
            {"state": None},
            {"nonce": None},
            {"nonce": "a" * 21},
            {"acr_values": None},
            {"acr_values": "eidas2"},
            {"scope": None},
            {"redirect_uri": None},
            {"client_id": None},
            {"prompt": "none"},
            {"quelconque": "1"},
            {"code_challenge": "x" * 43, "code_challenge_method": "S256"},
        ],
        ids=str,
    )
    def test_a_wrong_shape_is_refused_on_its_own_page(self, fc, spoiled):
        params = {key: value for key, value in {**asked(fc), **spoiled}.items() if value is not None}
        answer = authorize(fc, params)

        assert answer.status_code == 400
        assert "Y000400" in answer.text

    @pytest.mark.parametrize(
        "spoiled", [{"nonce": "a" * 31}, {"state": "a" * 31}, {"quelconque": "1"}, {"code_challenge": "x"}], ids=str
    )
    def test_proconnect_wants_longer_ones_and_no_other(self, pc, spoiled):
        answer = authorize(pc, {**asked(pc, AGENTS_RETURN), **spoiled})

        assert (answer.status_code, "Y000400" in answer.text) == (400, True)

    def test_a_parameter_twice_is_refused(self, fc):
        answer = httpx.get(f"{fc.url}/api/v2/authorize?{urlencode(asked(fc))}&state=deux")

        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "redirect_uri",
        [f"{RETURN}?x=1", RETURN.rstrip("/"), RETURN.replace("compte.", "autre."), "https://exemple.fr/"],
    )
    def test_an_address_that_was_not_declared_gets_nothing(self, fc, redirect_uri):
        answer = authorize(fc, {**asked(fc), "redirect_uri": redirect_uri})

        assert (answer.status_code, answer.headers.get("location")) == (400, None)

    def test_an_unknown_client_gets_nothing(self, fc):
        assert authorize(fc, {**asked(fc), "client_id": "inconnu"}).status_code == 400

    @pytest.mark.parametrize(
        ("spoiled", "error"),
        [
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "email"}, "invalid_scope"),
            ({"scope": "openid phone"}, "invalid_scope"),
        ],
        ids=str,
    )
    def test_other_faults_are_sent_back(self, fc, spoiled, error):
        params = {**asked(fc), **spoiled}
        answer = authorize(fc, params)

        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{RETURN}?")
        assert back(answer.headers["location"]) | {"error_description": ""} == {
            "error": error,
            "error_description": "",
            "state": params["state"],
        }

    def test_a_client_without_the_right_may_not_ask_for_a_quotient(self):
        server = served(FRANCECONNECT, scopes=frozenset({"openid", "given_name", "family_name"}))
        try:
            url = as_franceconnect(server).begin(redirect_uri=RETURN, scopes=TO_ASK_QUOTIENT).url
            assert back(server.come_back_as(url, "elena"))["error"] == "invalid_scope"
        finally:
            closed(server)

    def test_who_cancels_is_sent_back_too(self, fc):
        url = as_franceconnect(fc).begin(redirect_uri=RETURN).url

        assert back(fc.give_up(url))["error"] == "access_denied"

    def test_a_browser_chooses_on_the_page(self, fc):
        page = authorize(fc, asked(fc)).headers["location"]
        answer = httpx.post(f"{fc.url}{page}", data={"person": "elena"})

        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{RETURN}?code=")
        assert httpx.post(f"{fc.url}{page}", data={"person": "elena"}).status_code == 410


class TestTokens:
    def test_a_code_serves_once_and_what_it_gave_goes_with_it(self, fc):
        code = code_of(fc, asked(fc))
        first = exchange(fc, code)
        second = exchange(fc, code)
        taken = {"Authorization": f"Bearer {first.json()['access_token']}"}

        assert (first.status_code, first.json()["expires_in"]) == (200, 60)
        assert (second.status_code, second.json()) == (400, {"error": "invalid_grant"})
        assert httpx.get(f"{fc.url}/api/v2/userinfo", headers=taken).status_code == 401

    def test_a_code_lives_thirty_seconds(self, fc):
        code, late = code_of(fc, asked(fc)), code_of(fc, asked(fc))
        fc.clock.ahead = 29

        assert exchange(fc, code).status_code == 200
        fc.clock.ahead = 31
        assert exchange(fc, late).json() == {"error": "invalid_grant"}

    @pytest.mark.parametrize(
        ("changed", "status", "error"),
        [
            ({"client_secret": "faux"}, 401, "invalid_client"),
            ({"client_secret": None}, 401, "invalid_client"),
            ({"client_id": "inconnu"}, 401, "invalid_client"),
            ({"redirect_uri": f"{RETURN}x"}, 400, "invalid_grant"),
            ({"grant_type": "refresh_token"}, 400, "unsupported_grant_type"),
            ({"code": "inventé"}, 400, "invalid_grant"),
            ({"code_verifier": "x" * 43}, 400, "invalid_grant"),
        ],
        ids=str,
    )
    def test_the_exchange_is_exact(self, fc, changed, status, error):
        answer = exchange(fc, code_of(fc, asked(fc)), **changed)

        assert (answer.status_code, answer.json()) == (status, {"error": error})

    def test_the_secret_goes_in_the_form(self, fc):
        form = {"grant_type": "authorization_code", "code": code_of(fc, asked(fc)), "redirect_uri": RETURN}
        answer = httpx.post(f"{fc.url}/api/v2/token", data=form, auth=("marelle-franceconnect", SECRET))

        assert answer.status_code == 401

    def test_an_access_token_lives_sixty_seconds(self, fc):
        given = exchange(fc, code_of(fc, asked(fc))).json()
        bearer = {"Authorization": f"Bearer {given['access_token']}"}
        answer = httpx.get(f"{fc.url}/api/v2/userinfo", headers=bearer)

        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
        assert jwt.get_unverified_header(answer.text)["alg"] == "ES256"
        fc.clock.ahead = 61
        assert httpx.get(f"{fc.url}/api/v2/userinfo", headers=bearer).status_code == 401

    def test_only_what_was_asked_is_told(self, fc):
        given = exchange(fc, code_of(fc, asked(fc))).json()
        answer = httpx.get(f"{fc.url}/api/v2/userinfo", headers={"Authorization": f"Bearer {given['access_token']}"})
        said = jwt.decode(answer.text, options={"verify_signature": False})

        assert said.keys() - {"iss", "aud", "iat", "exp"} == {"sub", "given_name", "given_name_array", "family_name"}


class TestSubjects:
    def test_a_person_is_another_for_another_service_and_another_pivot_identity(self, fc):
        provider = fc.provider
        (client,) = provider.clients.values()
        before = provider.subject("elena", client)

        assert before.endswith("v1")
        assert provider.subject("elena", client) == before
        assert provider.subject("elena", replace(client, id="autre")) != before
        provider.people["elena"] = {**provider.people["elena"], "family_name": "GARCIA"}
        assert provider.subject("elena", client) != before

    def test_a_birthplace_counts_in_france_only(self, fc):
        provider = fc.provider
        (client,) = provider.clients.values()
        before = {name: provider.subject(name, client) for name in ("elena", "samira")}
        for name in before:
            provider.people[name] = {**provider.people[name], "birthplace": "99999"}

        assert provider.subject("elena", client) != before["elena"]
        assert provider.subject("samira", client) == before["samira"]

    def test_the_secrets_of_a_journey_are_long_enough_and_never_the_same(self, fc, pc):
        drawn = [as_franceconnect(fc).begin(redirect_uri=RETURN) for _ in range(20)]
        drawn += [as_proconnect(pc).begin(redirect_uri=AGENTS_RETURN) for _ in range(20)]

        assert min(len(one.nonce) for one in drawn) >= 32
        assert min(len(one.state) for one in drawn) >= 32
        assert len({one.nonce for one in drawn} | {one.state for one in drawn}) == 80


class TestLeaving:
    def left(self, server, **changed):
        given = exchange(server, code_of(server, asked(server))).json()
        params = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": LEFT, "state": "e" * 32, **changed}
        return httpx.get(f"{server.url}/api/v2/session/end", params=params)

    def test_one_comes_back_with_the_state(self, fc):
        answer = self.left(fc)

        assert (answer.status_code, answer.headers["location"]) == (303, f"{LEFT}?state={'e' * 32}")

    def test_a_token_that_is_over_still_names_who_leaves(self, fc):
        given = exchange(fc, code_of(fc, asked(fc))).json()
        fc.clock.ahead = 3600
        params = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": LEFT, "state": "e" * 32}

        assert httpx.get(f"{fc.url}/api/v2/session/end", params=params).status_code == 303

    @pytest.mark.parametrize(
        "changed",
        [
            {"id_token_hint": ""},
            {"id_token_hint": jwt.encode({"aud": "marelle-franceconnect"}, "x" * 32, algorithm="HS256")},
            {"post_logout_redirect_uri": f"{LEFT}ailleurs"},
            {"state": ""},
        ],
        ids=["no hint", "a forged hint", "elsewhere", "no state"],
    )
    def test_anything_else_is_refused(self, fc, changed):
        answer = self.left(fc, **changed)

        assert (answer.status_code, answer.headers.get("location")) == (400, None)

    def test_proconnect_remembers_until_one_leaves(self, pc):
        with httpx.Client() as browser:
            url = as_proconnect(pc).begin(redirect_uri=AGENTS_RETURN).url
            page = browser.get(url).headers["location"]
            first = browser.post(f"{pc.url}{page}", data={"person": "nadia"})
            form = {
                "grant_type": "authorization_code",
                "code": back(first.headers["location"])["code"],
                "redirect_uri": AGENTS_RETURN,
                "client_id": "marelle-proconnect",
                "client_secret": SECRET,
            }
            id_token = httpx.post(f"{pc.url}/api/v2/token", data=form).json()["id_token"]

            again = browser.get(as_proconnect(pc).begin(redirect_uri=AGENTS_RETURN).url)
            assert back(again.headers["location"])["code"]
            silent = browser.get(as_proconnect(pc).begin(redirect_uri=AGENTS_RETURN).url + "&prompt=none")
            assert back(silent.headers["location"])["code"]
            end = as_proconnect(pc).end_url(id_token, back=f"{ACCOUNT}/compte/proconnect/fin/", state="s" * 32)
            assert browser.get(end).status_code == 303
            gone = browser.get(as_proconnect(pc).begin(redirect_uri=AGENTS_RETURN).url + "&prompt=none")
            assert back(gone.headers["location"])["error"] == "login_required"


def recognized(server, person="elena", mood=Mood.GOOD, *, connector=None, spoil=lambda journey: journey):
    connector = connector or as_franceconnect(server)
    journey = connector.begin(redirect_uri=RETURN)
    code = back(server.come_back_as(journey.url, person))["code"]
    server.provider.mood = mood
    return connector.recognize(spoil(journey), code, redirect_uri=RETURN, at=now())


class TestOurConnectors:
    def test_a_parent_is_recognized_and_the_tokens_are_not_shown(self, fc):
        found = recognized(fc)
        (client,) = fc.provider.clients.values()

        assert (found.subject, found.name) == (fc.provider.subject("elena", client), "Elena SANCHEZ")
        assert found.access_token
        assert not [word for word in (found.access_token, found.id_token, "SANCHEZ", SECRET) if word in repr(found)]
        assert SECRET not in repr(as_franceconnect(fc))

    def test_no_proof_of_possession_is_sent_where_it_would_be_refused(self, fc):
        recognized(fc)
        (token,) = [one for one in fc.heard if one.path.endswith("/token")]

        assert token.form.keys() == {"grant_type", "code", "redirect_uri", "client_id", "client_secret"}

    def test_an_agent_is_recognized_with_her_address_and_siret(self, pc):
        connector = as_proconnect(pc)
        journey = connector.begin(redirect_uri=AGENTS_RETURN)
        code = back(pc.come_back_as(journey.url, "nadia"))["code"]
        found = connector.recognize(journey, code, redirect_uri=AGENTS_RETURN, at=now())

        assert (found.email, found.siret, found.name) == ("nadia.ferrand@exemple.fr", "21770154900016", "Nadia FERRAND")

    def test_rsa_is_read_as_well(self):
        server = served(FRANCECONNECT, algorithm="RS256")
        try:
            assert recognized(server).name == "Elena SANCHEZ"
        finally:
            closed(server)

    def test_keys_may_turn(self, fc):
        recognized(fc)
        fc.provider.keys.rotate()

        assert recognized(fc).name == "Elena SANCHEZ"

    REFUSED = {
        Mood.WRONG_NONCE: Reason.NONCE,
        Mood.NO_NONCE: Reason.NONCE,
        Mood.WRONG_AUDIENCE: Reason.AUDIENCE,
        Mood.WRONG_ISSUER: Reason.ISSUER,
        Mood.WRONG_ACR: Reason.LEVEL,
        Mood.EXPIRED: Reason.EXPIRED,
        Mood.UNSIGNED: Reason.ALGORITHM,
        Mood.SHARED_SECRET: Reason.ALGORITHM,
        Mood.ANOTHER_KEY: Reason.SIGNATURE,
        Mood.ANOTHER_SUBJECT: Reason.SUBJECT,
        Mood.PLAIN_USERINFO: Reason.UNREADABLE,
        Mood.FORGED_USERINFO: Reason.SIGNATURE,
        Mood.UNAVAILABLE: Reason.UNAVAILABLE,
        Mood.GARBAGE: Reason.UNREADABLE,
        Mood.ELSEWHERE: Reason.UNREADABLE,
    }

    @pytest.mark.parametrize(("mood", "reason"), REFUSED.items(), ids=list(REFUSED))
    def test_nothing_else_proves_who_somebody_is(self, fc, caplog, mood, reason):
        with caplog.at_level(logging.DEBUG), pytest.raises(IdentityNotProvenError) as no:
            recognized(fc, mood=mood)

        assert no.value.reason is reason
        assert not re.search(rf"SANCHEZ|Elena|{SECRET}|eyJ", caplog.text)

    def test_each_mood_but_silence_is_tried(self):
        assert self.REFUSED.keys() == set(Mood) - {Mood.GOOD, Mood.SILENT}

    def test_a_code_of_another_journey_is_refused(self, fc):
        with pytest.raises(IdentityNotProvenError) as no:
            recognized(fc, spoil=lambda journey: replace(journey, nonce="a" * 32))

        assert no.value.reason is Reason.NONCE

    def test_a_wrong_secret_is_told_apart(self, fc):
        with pytest.raises(IdentityNotProvenError) as no:
            recognized(fc, connector=replace(as_franceconnect(fc), client_secret="faux"))

        assert no.value.reason is Reason.CLIENT_REFUSED

    def test_the_request_of_a_client_that_proves_possession_would_be_refused(self, fc):
        """Why `has_pkce` is off: the day when FranceConnect takes it, the stand-in is changed and this test with it."""
        provider = replace(as_franceconnect(fc)._provider(), has_pkce=True)
        answer = httpx.get(begin(provider, redirect_uri=RETURN).url)

        assert (answer.status_code, "Y000400" in answer.text) == (400, True)


class TestSettings:
    def env(self, tmp_path, **more):
        return read({"MARELLE_VAR": str(tmp_path), **more})

    def test_without_a_client_nothing_is_plugged(self, tmp_path):
        said = self.env(tmp_path, MARELLE_FRANCECONNECT_URL="https://exemple.fr")

        assert (said.franceconnect, said.proconnect, said.asks_quotient_by_franceconnect) == (None, None, False)

    def test_with_one_the_states_addresses_are_asked(self, tmp_path):
        said = self.env(
            tmp_path,
            MARELLE_FRANCECONNECT_CLIENT_ID="abc",
            MARELLE_FRANCECONNECT_CLIENT_SECRET="secret-a",
            MARELLE_PROCONNECT_CLIENT_ID="def",
            MARELLE_PROCONNECT_CLIENT_SECRET="secret-b",
        )

        assert said.franceconnect.url == "https://app.franceconnect.gouv.fr"
        assert said.proconnect.url == "https://auth.agentconnect.gouv.fr"
        assert "secret-" not in repr(said)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"MARELLE_FRANCECONNECT_CLIENT_ID": "abc"},
            {"MARELLE_PROCONNECT_CLIENT_SECRET": "abc"},
            {"MARELLE_FRANCECONNECT_CLIENT_ID": "a b", "MARELLE_FRANCECONNECT_CLIENT_SECRET": "c"},
            {"MARELLE_FRANCECONNECT_URL": "http://exemple.fr"},
        ],
        ids=str,
    )
    def test_half_a_client_or_an_address_in_clear_is_refused(self, tmp_path, wrong):
        with pytest.raises(BadEnvironment, match=r"MARELLE_(FRANCE|PRO)CONNECT"):
            self.env(tmp_path, **wrong)


def test_the_fictional_people_have_all_that_is_asked():
    for person in people_of(FRANCECONNECT).values():
        assert {"given_name", "family_name", "gender", "birthdate", "birthcountry"} <= person.keys()
    for person in people_of(PROCONNECT).values():
        assert {"uid", "email", "siret", "given_name", "usual_name"} <= person.keys()
