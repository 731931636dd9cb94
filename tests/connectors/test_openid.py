"""Signing in elsewhere: an independent provider proves who somebody is, an adversary proves nothing."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import traceback
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from oidc_provider_mock import User, run_server_in_thread

from marelle.connectors.openid.claims import half_hash
from marelle.connectors.openid.client import (
    IdentityNotProvenError,
    Provider,
    Reason,
    begin,
    end_session_url,
    exchange,
    userinfo,
)
from marelle.foundation import clock

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # of the adversary; the independent provider signs at this very moment
RETURN = "http://famille.localhost/compte/retour/"
SECRET = "un-secret-de-site"
SUBJECT = "personne-7"
EMAIL = "elena.sanchez@exemple.fr"


# ---------------------------------------------------------------------------------------------- an independent provider
@pytest.fixture(scope="module")
def independent():
    """Yield the address of a provider that others wrote."""
    with run_server_in_thread(user_claims=[User(sub=SUBJECT, claims={"email": EMAIL})], require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


def known(address, **changed):
    said = httpx.get(f"{address}/.well-known/openid-configuration").json()
    names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
    return Provider(
        **{
            "issuer": said["issuer"],
            "client_id": "famille",
            "client_secret": SECRET,
            "scopes": ("openid", "email"),
            **{name: said[name] for name in names},
            **changed,
        }
    )


def sent_back(journey, address=""):
    """Sign in over there and return what the browser brings back; it may know another way there than the name."""
    public = urlsplit(journey.url)
    url = journey.url.replace(f"{public.scheme}://{public.netloc}", address, 1) if address else journey.url
    answer = httpx.post(url, data={"sub": SUBJECT}, headers={"Host": public.netloc})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(RETURN)
    back = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert back["state"] == journey.state
    return back["code"]


@pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")  # its own habits, not ours
class TestAnIndependentProvider:
    @pytest.mark.parametrize("client_auth", ["post", "basic"])
    def test_proves_who_somebody_is(self, independent, client_auth):
        provider = known(independent, client_auth=client_auth)
        journey = begin(provider, redirect_uri=RETURN)
        tokens = exchange(provider, journey, sent_back(journey), redirect_uri=RETURN, at=clock.machine_now())
        assert (tokens.claims["sub"], tokens.claims["nonce"]) == (SUBJECT, journey.nonce)
        assert userinfo(provider, tokens) == {"sub": SUBJECT, "email": EMAIL}

    def test_a_code_serves_once(self, independent):
        provider = known(independent)
        journey = begin(provider, redirect_uri=RETURN)
        code = sent_back(journey)
        exchange(provider, journey, code, redirect_uri=RETURN, at=clock.machine_now())
        assert (
            refused(lambda: exchange(provider, journey, code, redirect_uri=RETURN, at=clock.machine_now()))
            is Reason.CODE_REFUSED
        )

    def test_another_journey_proves_nothing(self, independent):
        provider = known(independent)
        journey, other = (begin(provider, redirect_uri=RETURN) for _ in range(2))
        code = sent_back(journey)
        assert (
            refused(lambda: exchange(provider, other, code, redirect_uri=RETURN, at=clock.machine_now()))
            is Reason.NONCE
        )

    def test_too_late_is_too_late(self, independent):
        provider = known(independent)
        journey = begin(provider, redirect_uri=RETURN)
        late = clock.machine_now() + timedelta(hours=2)
        code = sent_back(journey)
        assert refused(lambda: exchange(provider, journey, code, redirect_uri=RETURN, at=late)) is Reason.EXPIRED

    def test_is_reached_by_an_address_of_its_own(self, independent, monkeypatch):
        """The issuer's name is one that this machine does not resolve; the provider hears it all the same."""
        monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the name is not one of this machine, and speaks http
        public = f"http://compte.invalid:{urlsplit(independent).port}"
        provider = known(
            independent,
            issuer=public,
            token_endpoint=f"{public}/oauth2/token",
            userinfo_endpoint=f"{public}/userinfo",
            jwks_uri=f"{public}/jwks",
            authorization_endpoint=f"{public}/oauth2/authorize",
            back_channel=independent,
        )
        journey = begin(provider, redirect_uri=RETURN)
        code = sent_back(journey, independent)
        tokens = exchange(provider, journey, code, redirect_uri=RETURN, at=clock.machine_now())
        assert tokens.claims["iss"] == public
        assert userinfo(provider, tokens)["sub"] == SUBJECT


# --------------------------------------------------------------------------------------------------------- an adversary
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
SMALL_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())


def published(key, kid="clé-1", **changed):
    family = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {**json.loads(family.to_jwk(key.public_key())), "kid": kid, "use": "sig", **changed}


class Adversary:
    """A provider that answers whatever a test says, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.keys = [published(KEY)]
        self.token = lambda self, form: self.tokens()
        self.userinfo = {"sub": SUBJECT, "email": EMAIL}
        self.nonce = ""
        adversary = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *said):
                pass

            def do_GET(self):
                self.answer({})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer({name: values[0] for name, values in parse_qs(body).items()})

            def answer(self, form):
                path = urlsplit(self.path).path
                adversary.asked.append((path, form, dict(self.headers)))
                said = {
                    "/jwks": lambda: {"keys": adversary.keys},
                    "/token": lambda: adversary.token(adversary, form),
                    "/userinfo": lambda: adversary.userinfo,
                }.get(path, lambda: (404, "text/plain", b""))()
                if callable(said):
                    said(self)
                    return
                if not isinstance(said, tuple):
                    said = (200, "application/json", json.dumps(said).encode())
                status, kind, body = said[:3]
                self.send_response(status)
                self.send_header("Content-Type", kind)
                for name, value in said[3:]:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                """A client that has heard enough hangs up: that is what is tested."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def provider(self, **changed):
        return Provider(
            **{
                "issuer": self.address,
                "client_id": "famille",
                "client_secret": SECRET,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "jwks_uri": f"{self.address}/jwks",
                "end_session_endpoint": f"{self.address}/fin",
                "whole_seconds": 0.6,
                **changed,
            }
        )

    def claims(self, **changed):
        seconds = int(NOW.timestamp())
        said = {
            "iss": self.address,
            "aud": "famille",
            "sub": SUBJECT,
            "nonce": self.nonce,
            "iat": seconds,
            "exp": seconds + 60,
            **changed,
        }
        return {name: value for name, value in said.items() if value is not ...}

    def signed(self, key=KEY, algorithm="RS256", headers=None, **claims):
        return jwt.encode(self.claims(**claims), key, algorithm=algorithm, headers={"kid": "clé-1", **(headers or {})})

    def tokens(self, id_token=None, **changed):
        return {
            "access_token": "un-jeton",
            "token_type": "Bearer",
            "id_token": self.signed() if id_token is None else id_token,
            **changed,
        }

    def says(self, **claims):
        """Sign these claims from now on."""
        self.token = lambda self, form: self.tokens(self.signed(**claims))

    def answers(self, *answer):
        """Answer this to whoever asks for tokens."""
        self.token = lambda self, form: answer[0] if len(answer) == 1 else answer

    def exchanged(self, code="un-code", at=NOW, **changed):
        provider = self.provider(**changed)
        journey = begin(provider, redirect_uri=RETURN)
        self.nonce = journey.nonce
        return exchange(provider, journey, code, redirect_uri=RETURN, at=at)


@pytest.fixture
def adversary():
    adversary = Adversary()
    yield adversary
    adversary.server.shutdown()
    adversary.server.server_close()


def refused(act):
    with pytest.raises(IdentityNotProvenError) as no:
        act()
    said = "".join(traceback.format_exception(no.value))
    for secret in (SECRET, SUBJECT, EMAIL, "un-code", "un-jeton", "eyJ"):
        assert secret not in said
    assert no.value.__cause__ is None
    assert no.value.__context__ is None
    return no.value.reason


SECONDS = int(NOW.timestamp())
FALSE_CLAIMS = {
    "another nonce": ({"nonce": "un-autre"}, Reason.NONCE),
    "no nonce": ({"nonce": ...}, Reason.NONCE),
    "a nonce that is no text": ({"nonce": ["x"]}, Reason.NONCE),
    "another site": ({"aud": "mairie"}, Reason.AUDIENCE),
    "no site": ({"aud": ...}, Reason.AUDIENCE),
    "several sites": ({"aud": ["famille", "mairie"], "azp": "famille"}, Reason.AUDIENCE),
    "authorized for another": ({"azp": "mairie"}, Reason.AUDIENCE),
    "another issuer": ({"iss": "https://ailleurs.example"}, Reason.ISSUER),
    "nearly the issuer": ({"iss": "http://127.0.0.1:1/"}, Reason.ISSUER),
    "no issuer": ({"iss": ...}, Reason.ISSUER),
    "expired": ({"exp": SECONDS - 31, "iat": SECONDS - 90}, Reason.EXPIRED),
    "signed long ago": ({"exp": SECONDS + 9000, "iat": SECONDS - 9000}, Reason.EXPIRED),
    "no end": ({"exp": ...}, Reason.UNREADABLE),
    "an end that is no moment": ({"exp": "demain"}, Reason.UNREADABLE),
    "an end beyond all time": ({"exp": 1e300}, Reason.UNREADABLE),
    "no moment": ({"iat": ...}, Reason.UNREADABLE),
    "signed in the future": ({"iat": SECONDS + 300, "exp": SECONDS + 600}, Reason.TOO_EARLY),
    "not valid yet": ({"nbf": SECONDS + 300}, Reason.TOO_EARLY),
    "nobody": ({"sub": ...}, Reason.SUBJECT),
    "an empty name": ({"sub": ""}, Reason.SUBJECT),
    "a name too long": ({"sub": "x" * 256}, Reason.SUBJECT),
    "a name that no table holds": ({"sub": "x\0"}, Reason.SUBJECT),
    "half a character": ({"sub": "\ud800"}, Reason.SUBJECT),
    "the hash of another token": ({"at_hash": half_hash("un-autre", "RS256")}, Reason.ACCESS_TOKEN),
}


class TestClaims:
    def test_the_adversary_can_tell_the_truth(self, adversary):
        """Else the refusals below would prove nothing."""
        assert adversary.exchanged().claims["sub"] == SUBJECT
        adversary.says(aud=["famille"], azp="famille", nbf=SECONDS, at_hash=half_hash("un-jeton", "RS256"))
        assert adversary.exchanged().claims["sub"] == SUBJECT

    @pytest.mark.parametrize(("claims", "reason"), FALSE_CLAIMS.values(), ids=FALSE_CLAIMS)
    def test_a_false_one_is_refused(self, adversary, claims, reason):
        adversary.says(**claims)
        assert refused(adversary.exchanged) is reason

    def test_machines_may_differ_by_half_a_minute(self, adversary):
        adversary.says(iat=SECONDS + 25, exp=SECONDS + 80, nbf=SECONDS + 25)
        adversary.exchanged()
        adversary.says(iat=SECONDS - 80, exp=SECONDS - 25)
        adversary.exchanged()

    def test_the_level_asked_is_the_least(self, adversary):
        adversary.says(acr="eidas1")
        assert adversary.exchanged(acr_values="eidas1").claims["acr"] == "eidas1"
        adversary.exchanged(acr_values="eidas1 eidas2")
        assert refused(lambda: adversary.exchanged(acr_values="eidas2")) is Reason.LEVEL
        adversary.says()
        assert refused(lambda: adversary.exchanged(acr_values="eidas1")) is Reason.LEVEL


def unsigned(adversary):
    return jwt.encode(adversary.claims(), None, algorithm="none", headers={"kid": "clé-1"})


def signed_with_the_public_key(adversary):
    """The oldest trick: the public key taken for a shared secret."""
    header = _part({"alg": "HS256", "kid": "clé-1", "typ": "JWT"})
    return f"{header}.{_part(adversary.claims())}.{'A' * 43}"


def stripped(adversary):
    return adversary.signed().rsplit(".", 1)[0] + "."


def changed(adversary):
    header, body, signature = adversary.signed().split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    return ".".join((header, _part({**said, "sub": "personne-8"}), signature))


def _part(said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


FORGED = {
    "alg none": (unsigned, Reason.ALGORITHM),
    "the public key as a secret": (signed_with_the_public_key, Reason.ALGORITHM),
    "a good algorithm that was not agreed on": (lambda a: a.signed(CURVE_KEY, "ES256"), Reason.ALGORITHM),
    "another key": (lambda a: a.signed(OTHER_KEY), Reason.SIGNATURE),
    "no signature": (stripped, Reason.SIGNATURE),
    "changed after it was signed": (changed, Reason.SIGNATURE),
    "an unknown key": (lambda a: a.signed(headers={"kid": "clé-9"}), Reason.KEY),
    "a key of its own": (lambda a: a.signed(OTHER_KEY, headers={"kid": "x", "jwk": published(OTHER_KEY)}), Reason.KEY),
    "a kid that is no text": (
        lambda a: f"{_part({'alg': 'RS256', 'kid': 7})}.{_part({})}.AAAA",
        Reason.UNREADABLE,
    ),
    "another kind of token": (lambda a: a.signed(headers={"typ": "at+jwt"}), Reason.UNREADABLE),
    "something that must be understood": (
        lambda a: a.signed(headers={"crit": ["b64"], "b64": True}),
        Reason.UNREADABLE,
    ),
    "no token": (lambda a: "ceci n’est pas un jeton", Reason.UNREADABLE),
    "a number": (lambda a: 12, Reason.UNREADABLE),
    "a token too big": (lambda a: a.signed(bulk="x" * 40_000), Reason.UNREADABLE),
    "not an object": (lambda a: f"{_part({'alg': 'RS256', 'kid': 'clé-1'})}.{_part([1])}.AAAA", Reason.SIGNATURE),
}


class TestSignatures:
    @pytest.mark.parametrize(("token", "reason"), FORGED.values(), ids=FORGED)
    def test_a_forged_token_is_refused(self, adversary, token, reason):
        adversary.token = lambda self, form: self.tokens(token(self))
        assert refused(adversary.exchanged) is reason

    def test_a_new_key_is_asked_for_once(self, adversary):
        def asked():
            return [path for path, *_ in adversary.asked].count("/jwks")

        adversary.exchanged()
        adversary.exchanged()
        assert asked() == 1
        adversary.keys = [published(OTHER_KEY, "clé-2"), published(KEY)]
        adversary.token = lambda self, form: self.tokens(self.signed(OTHER_KEY, headers={"kid": "clé-2"}))
        adversary.exchanged()
        assert asked() == 2
        adversary.token = lambda self, form: self.tokens(self.signed(headers={"kid": "clé-9"}))
        assert refused(adversary.exchanged) is Reason.KEY
        assert asked() == 3

    def test_a_key_without_a_name_must_be_the_only_one(self, adversary):
        nameless = {name: value for name, value in published(KEY).items() if name != "kid"}
        adversary.keys = [nameless]
        adversary.token = lambda self, form: self.tokens(jwt.encode(self.claims(), KEY, algorithm="RS256"))
        adversary.exchanged()
        other = Adversary()
        other.keys = [published(KEY), published(OTHER_KEY, "clé-2")]
        other.token = adversary.token
        assert refused(other.exchanged) is Reason.KEY
        other.server.shutdown()
        other.server.server_close()

    @pytest.mark.parametrize(
        "keys",
        [
            [published(KEY, use="enc")],
            [published(KEY, alg="RS512")],
            [published(KEY), published(OTHER_KEY)],
            [{"kty": "oct", "kid": "clé-1", "k": "c2VjcmV0"}],
            [{"kty": "RSA", "kid": "clé-1", "n": "?", "e": "AQAB"}],
            [published(SMALL_KEY)],
            [],
        ],
        ids=["for another use", "another algorithm", "two of one name", "secret", "no key", "too small", "none"],
    )
    def test_a_key_that_cannot_have_signed_is_not_tried(self, adversary, keys):
        adversary.keys = keys
        assert refused(adversary.exchanged) is Reason.KEY

    def test_other_algorithms_can_be_agreed_on(self, adversary):
        adversary.keys = [published(CURVE_KEY)]
        adversary.token = lambda self, form: self.tokens(self.signed(CURVE_KEY, "ES256"))
        assert adversary.exchanged(algorithms=("ES256", "RS256")).claims["sub"] == SUBJECT

    @pytest.mark.parametrize("algorithms", [(), ("none",), ("HS256",), ("RS256", "HS256")])
    def test_none_and_shared_secrets_never_are(self, adversary, algorithms):
        with pytest.raises(ValueError, match="algorithms"):
            adversary.provider(algorithms=algorithms)


def slowly(handler):
    """Say a byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def endlessly(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b" " * 4096)


JSON = "application/json"
BAD_ANSWERS = {
    "silent": ((lambda handler: time.sleep(2),), Reason.UNAVAILABLE),
    "slow": ((slowly,), Reason.UNAVAILABLE),
    "huge": ((endlessly,), Reason.UNREADABLE),
    "a page": ((200, "text/html", b"<p>Bonjour</p>"), Reason.UNREADABLE),
    "a list": ((200, JSON, b"[]"), Reason.UNREADABLE),
    "a deep hole": ((200, JSON, b"[" * 100_000), Reason.UNREADABLE),
    "nothing": ((200, JSON, b""), Reason.UNREADABLE),
    "no tokens": ((200, JSON, b"{}"), Reason.UNREADABLE),
    "created": ((201, JSON, b"{}"), Reason.UNREADABLE),
    "elsewhere": ((302, JSON, b"{}", ("Location", "http://127.0.0.1:9/")), Reason.UNREADABLE),
    "elsewhere with the form": ((307, JSON, b"{}", ("Location", "/jwks")), Reason.UNREADABLE),
    "broken": ((500, JSON, b'{"error": "invalid_grant"}'), Reason.UNAVAILABLE),
    "busy": ((429, JSON, b"{}"), Reason.UNAVAILABLE),
    "code refused": ((400, JSON, b'{"error": "invalid_grant"}'), Reason.CODE_REFUSED),
    "site refused": ((401, JSON, b'{"error": "invalid_client"}'), Reason.CLIENT_REFUSED),
    "another refusal": ((400, JSON, b'{"error": "invalid_request"}'), Reason.UNREADABLE),
    "forbidden": ((403, "text/html", b""), Reason.UNREADABLE),
}


class TestAnswers:
    @pytest.mark.parametrize(("answer", "reason"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
    def test_a_bad_one_is_refused_soon(self, adversary, answer, reason):
        adversary.answers(*answer)
        began = time.monotonic()
        assert refused(adversary.exchanged) is reason
        assert time.monotonic() - began < 1.8
        assert [path for path, *_ in adversary.asked] == ["/token"]

    def test_an_unreadable_list_of_keys_is_refused(self, adversary):
        adversary.keys = "aucune"
        assert refused(adversary.exchanged) is Reason.UNREADABLE

    def test_nobody_there(self, adversary):
        assert refused(lambda: adversary.exchanged(token_endpoint="http://127.0.0.1:9/")) is Reason.UNREACHABLE

    @pytest.mark.parametrize("told", [{"token_type": "mac"}, {"token_type": None}, {"access_token": None}])
    def test_an_access_token_is_a_bearer_s(self, adversary, told):
        adversary.token = lambda self, form: self.tokens(**told)
        assert refused(adversary.exchanged) is Reason.UNREADABLE

    @pytest.mark.parametrize("code", ["", "x" * 2049])
    def test_what_cannot_be_a_code_is_not_sent(self, adversary, code):
        assert refused(lambda: adversary.exchanged(code)) is Reason.CODE_REFUSED
        assert adversary.asked == []

    def test_nothing_of_it_is_in_the_log(self, adversary, caplog):
        caplog.set_level(logging.DEBUG, "marelle")
        adversary.exchanged()
        adversary.says(sub="")
        refused(adversary.exchanged)
        assert [record.getMessage() for record in caplog.records if record.name.startswith("marelle")] == [
            "identity not proven: SUBJECT"
        ]


class TestAsking:
    def test_a_journey_says_what_the_protocol_wants_and_no_secret(self, adversary):
        provider = adversary.provider(acr_values="eidas1", nonce_length=40, scopes=("openid", "email"))
        journey = begin(provider, redirect_uri=RETURN, extra={"prompt": "login", "state": "choisi", "scope": "tout"})
        asked = dict(parse_qsl(urlsplit(journey.url).query))
        assert asked == {
            "response_type": "code",
            "client_id": "famille",
            "redirect_uri": RETURN,
            "scope": "openid email",
            "state": journey.state,
            "nonce": journey.nonce,
            "prompt": "login",
            "acr_values": "eidas1",
            "code_challenge_method": "S256",
            "code_challenge": asked["code_challenge"],
        }
        assert len(journey.nonce) >= 40
        assert journey.verifier not in journey.url
        assert SECRET not in journey.url + repr(provider) + repr(journey)
        assert begin(provider, redirect_uri=RETURN).state != journey.state

    def test_the_code_goes_with_its_verifier_and_the_address(self, adversary):
        adversary.exchanged()
        _path, form, headers = adversary.asked[0]
        assert (form["grant_type"], form["code"], form["redirect_uri"]) == ("authorization_code", "un-code", RETURN)
        assert (form["client_id"], form["client_secret"]) == ("famille", SECRET)
        assert 43 <= len(form["code_verifier"]) <= 128
        assert "Authorization" not in headers

    def test_a_secret_with_strange_letters_goes_in_the_header(self, adversary):
        adversary.exchanged(client_auth="basic", client_secret="à:b%")
        _path, form, headers = adversary.asked[0]
        assert "client_secret" not in form
        pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        assert pair == "famille:%C3%A0%3Ab%25"

    def test_a_provider_that_refuses_unknown_words_is_not_told_pkce(self, adversary):
        provider = adversary.provider(has_pkce=False)
        journey = begin(provider, redirect_uri=RETURN)
        assert "code_challenge" not in journey.url
        adversary.nonce = journey.nonce
        exchange(provider, journey, "un-code", redirect_uri=RETURN, at=NOW)
        assert "code_verifier" not in adversary.asked[0][1]

    def test_the_back_channel_says_which_site_is_meant(self, adversary):
        provider = adversary.provider(
            issuer="https://compte.exemple.fr",
            token_endpoint="https://compte.exemple.fr/token",
            jwks_uri="https://compte.exemple.fr/jwks",
            back_channel=adversary.address,
        )
        journey = begin(provider, redirect_uri=RETURN)
        adversary.nonce = journey.nonce
        adversary.says(iss="https://compte.exemple.fr")
        exchange(provider, journey, "un-code", redirect_uri=RETURN, at=NOW)
        for _path, _form, headers in adversary.asked:
            assert (headers["Host"], headers["X-Forwarded-Proto"]) == ("compte.exemple.fr", "https")

    def test_the_way_out_is_an_address(self, adversary):
        url = end_session_url(adversary.provider(), "eyJ.x.y", "http://famille.localhost/", "un-état")
        assert url == f"{adversary.address}/fin?" + urlencode(
            {
                "id_token_hint": "eyJ.x.y",
                "post_logout_redirect_uri": "http://famille.localhost/",
                "state": "un-état",
            }
        )


class TestWhatIsKnown:
    def known(self, adversary, **changed):
        tokens = adversary.exchanged()
        return userinfo(adversary.provider(**changed), tokens)

    def signed(self, adversary, key=KEY, **claims):
        """Answer a signed identity, as FranceConnect and ProConnect do."""
        token = adversary.signed(key, **{"nonce": ..., "iat": ..., "exp": ..., "email": EMAIL, **claims})
        adversary.userinfo = (200, "application/jwt", token.encode())

    def test_is_asked_with_the_token(self, adversary):
        assert self.known(adversary)["email"] == EMAIL
        assert adversary.asked[-1][2]["Authorization"] == "Bearer un-jeton"

    def test_may_be_signed(self, adversary):
        self.signed(adversary)
        assert self.known(adversary, signed_userinfo=True)["email"] == EMAIL

    @pytest.mark.parametrize(
        ("claims", "reason"),
        [
            ({"sub": "personne-8"}, Reason.SUBJECT),
            ({"sub": ...}, Reason.SUBJECT),
            ({"iss": "https://ailleurs.example"}, Reason.ISSUER),
            ({"aud": "mairie"}, Reason.AUDIENCE),
            ({"exp": SECONDS - 90}, Reason.EXPIRED),
            ({"key": OTHER_KEY}, Reason.SIGNATURE),
        ],
    )
    def test_a_false_signed_one_is_refused(self, adversary, claims, reason):
        self.signed(adversary, **claims)
        assert refused(lambda: self.known(adversary, signed_userinfo=True)) is reason

    def test_somebody_else_is_refused(self, adversary):
        for said in ({"sub": "personne-8"}, {"email": EMAIL}, {"sub": 7}):
            adversary.userinfo = said
            assert refused(lambda: self.known(adversary)) is Reason.SUBJECT

    def test_what_was_agreed_to_be_signed_is_not_read_unsigned(self, adversary):
        assert refused(lambda: self.known(adversary, signed_userinfo=True)) is Reason.UNREADABLE
        self.signed(adversary)
        assert refused(lambda: self.known(adversary)) is Reason.UNREADABLE

    @pytest.mark.parametrize("status", [302, 401, 403, 500])
    def test_a_refusal_says_nothing(self, adversary, status):
        adversary.userinfo = (status, JSON, b'{"sub": "personne-7"}')
        expected = Reason.UNAVAILABLE if status == 500 else Reason.UNREADABLE
        assert refused(lambda: self.known(adversary)) is expected
