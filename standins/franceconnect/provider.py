"""The protocol, without HTTP: what is asked, refused and given, and a mood that spoils what is given."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import jwt

from standins.franceconnect.keys import Keys
from standins.franceconnect.profiles import Person, Profile, people_of

PREFIX = "/api/v2"
CODE_SECONDS = 30
TOKEN_SECONDS = 60
INTERACTION_SECONDS = 600
BAD_REQUEST, UNAUTHORIZED = 400, 401


class Mood(StrEnum):
    """How tokens are answered, whatever is asked: what a client must refuse, or live with."""

    GOOD = "good"
    WRONG_NONCE = "wrong-nonce"
    NO_NONCE = "no-nonce"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_ISSUER = "wrong-issuer"
    WRONG_ACR = "wrong-acr"
    EXPIRED = "expired"
    UNSIGNED = "unsigned"  # alg none
    SHARED_SECRET = "shared-secret"  # noqa: S105  signed by HS256
    ANOTHER_KEY = "another-key"
    ANOTHER_SUBJECT = "another-subject"  # userinfo is about somebody else
    PLAIN_USERINFO = "plain-userinfo"  # JSON where a signed JWT is due
    FORGED_USERINFO = "forged-userinfo"
    SILENT = "silent"
    UNAVAILABLE = "unavailable"  # 503
    GARBAGE = "garbage"  # 200, and no JSON
    ELSEWHERE = "elsewhere"  # a redirection, to see who follows with the secret


@dataclass(frozen=True)
class Client:
    """A service as it was declared."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...]
    post_logout_uris: tuple[str, ...] = ()
    algorithm: str = "ES256"
    scopes: frozenset[str] | None = None  # what its authorisation covers; None: all


@dataclass
class Asked:
    """A journey under way: somebody is about to say who she is."""

    client: Client
    redirect_uri: str
    state: str
    nonce: str
    scopes: tuple[str, ...]
    until: float
    is_over: bool = False


@dataclass
class Code:
    """What the browser carries back."""

    asked: Asked
    person: str
    until: float
    token: str = ""  # the access token it was exchanged for
    spent: bool = False


@dataclass(frozen=True)
class Token:
    """An access token."""

    client: Client
    person: str
    scopes: tuple[str, ...]
    until: float


@dataclass
class Heard:
    """What was said and heard, for a test to look at; `form` is what was posted."""

    path: str
    status: int
    form: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """Refused on a page of ours: nothing goes back to the service."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


class SentBack(Exception):
    """Refused by sending the browser back with the error."""

    def __init__(self, url: str) -> None:
        super().__init__("sent back")
        self.url = url


class NotGiven(Exception):
    """No token, or no identity: a status and an OAuth error."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class Provider:
    """One provider: its clients, its people, its keys, its clock (a test may give its own) and its mood."""

    def __init__(
        self, profile: Profile, clients: Sequence[Client], *, url: Callable[[], str], clock: Callable[[], float]
    ) -> None:
        self.profile = profile
        self.clients = {client.id: client for client in clients}
        self.people: dict[str, Person] = people_of(profile)
        self.keys = Keys()
        self.mood = Mood.GOOD
        self.journeys: dict[str, Asked] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.sessions: dict[str, tuple[str, float]] = {}
        self._url, self.clock = url, clock

    @property
    def issuer(self) -> str:
        """Return who signs."""
        return self._url() + PREFIX

    def description(self) -> dict[str, Any]:
        """Return the discovery document."""
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "jwks_uri": f"{at}/jwks",
            "end_session_endpoint": f"{at}/session/end",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise" if self.profile.acr else "public"],
            "scopes_supported": list(self.profile.scopes),
            "acr_values_supported": ["eidas1"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "userinfo_signing_alg_values_supported": ["ES256", "RS256"],
        }

    # ------------------------------------------------------------------------------------------------- the journey

    def ask(self, said: Sequence[tuple[str, str]], session: str = "") -> str:
        """Take a request and return the name of its journey; raise Refused or SentBack."""
        given = dict(said)
        self._check_shape(said, given)
        client = self.clients.get(given["client_id"])
        if client is None:
            raise Refused("Y030106", "invalid_client")
        redirect_uri = given["redirect_uri"]
        if redirect_uri not in client.redirect_uris:
            raise Refused("Y030118", "invalid_redirect_uri")
        scopes = tuple(given["scope"].split())
        back = f"{redirect_uri}?"
        if given["response_type"] != "code":
            raise SentBack(back + _error("unsupported_response_type", given["state"]))
        allowed = self.profile.scopes.keys() & (client.scopes or self.profile.scopes.keys())
        if "openid" not in scopes or not allowed.issuperset(scopes):
            raise SentBack(back + _error("invalid_scope", given["state"]))
        asked = Asked(client, redirect_uri, given["state"], given["nonce"], scopes, self.clock() + INTERACTION_SECONDS)
        name = secrets.token_urlsafe(16)
        self.journeys[name] = asked
        known = self._person_of(session)
        prompt = given.get("prompt", "").split()
        if self.profile.is_remembered and known and "login" not in prompt:
            raise SentBack(self.choose(name, known))
        if "none" in prompt:
            raise SentBack(back + _error("login_required", given["state"]))
        return name

    def _check_shape(self, said: Sequence[tuple[str, str]], given: Mapping[str, str]) -> None:
        profile = self.profile
        unknown = given.keys() - profile.parameters
        missing = {"client_id", "redirect_uri", "response_type", "scope", "state", "nonce"} - given.keys()
        is_twice = len(said) != len(given)
        is_short = (
            len(given.get("nonce", "")) < profile.nonce_length or len(given.get("state", "")) < profile.state_length
        )
        is_wrong_acr = bool(profile.acr) and given.get("acr_values") != profile.acr
        is_wrong_prompt = not set(given.get("prompt", "").split()) <= set(profile.prompts)
        if unknown or missing or is_twice or is_short or is_wrong_acr or is_wrong_prompt:
            raise Refused("Y000400", "Bad Request Exception")

    def journey(self, name: str) -> Asked | None:
        """Return a journey that is under way."""
        asked = self.journeys.get(name)
        return asked if asked and not asked.is_over and self.clock() < asked.until else None

    def choose(self, name: str, person: str) -> str:
        """Return where the browser goes once somebody is this person; raise LookupError."""
        asked = self.journey(name)
        if asked is None or person not in self.people:
            raise LookupError(name)
        asked.is_over = True
        code = secrets.token_urlsafe(32)
        self.codes[code] = Code(asked, person, self.clock() + CODE_SECONDS)
        return f"{asked.redirect_uri}?{urlencode({'code': code, 'state': asked.state, 'iss': self.issuer})}"

    def cancel(self, name: str) -> str:
        """Return where the browser goes when somebody gives up; raise LookupError."""
        asked = self.journey(name)
        if asked is None:
            raise LookupError(name)
        asked.is_over = True
        return f"{asked.redirect_uri}?{_error('access_denied', asked.state)}"

    def open_session(self, person: str) -> str:
        """Remember who is there, and return the name that the browser keeps."""
        name = secrets.token_urlsafe(16)
        self.sessions[name] = (person, self.clock() + self.profile.session_seconds)
        return name

    def _person_of(self, session: str) -> str:
        person, until = self.sessions.get(session, ("", 0.0))
        return person if self.clock() < until else ""

    # -------------------------------------------------------------------------------------------------- the tokens

    def token(self, form: Mapping[str, str], *, authorization: str = "") -> dict[str, Any]:
        """Return what a code is exchanged for; raise NotGiven."""
        client = self.clients.get(form.get("client_id", ""))
        if authorization or client is None or form.get("client_secret") != client.secret:
            raise NotGiven(UNAUTHORIZED, "invalid_client")
        if form.get("grant_type") != "authorization_code":
            raise NotGiven(BAD_REQUEST, "unsupported_grant_type")
        found = self.codes.get(form.get("code", ""))
        if found is None or found.asked.client.id != client.id:
            raise NotGiven(BAD_REQUEST, "invalid_grant")
        if found.spent:
            # Whoever replays may have stolen it: what it had given opens nothing any more.
            self.tokens.pop(found.token, None)
            raise NotGiven(BAD_REQUEST, "invalid_grant")
        is_over = self.clock() >= found.until
        if is_over or form.get("redirect_uri") != found.asked.redirect_uri or "code_verifier" in form:
            raise NotGiven(BAD_REQUEST, "invalid_grant")
        found.spent = True
        found.token = secrets.token_urlsafe(32)
        self.tokens[found.token] = Token(client, found.person, found.asked.scopes, self.clock() + TOKEN_SECONDS)
        return {
            "access_token": found.token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(found.asked.scopes),
            "id_token": self._id_token(found),
        }

    def _id_token(self, code: Code) -> str:
        client, mood = code.asked.client, self.mood
        claims: dict[str, Any] = self._signed_claims(client) | {
            "sub": self.subject(code.person, client),
            "nonce": code.asked.nonce,
            "acr": "eidas1",
            "amr": ["fc"] if self.profile.acr else ["pwd"],
            "auth_time": int(self.clock()),
            "at_hash": _half_hash(code.token),
        }
        spoiled: dict[Mood, dict[str, Any]] = {
            Mood.WRONG_NONCE: {"nonce": "un-autre-nonce-que-celui-qui-etait-demande"},
            Mood.WRONG_AUDIENCE: {"aud": "un-autre-service"},
            Mood.WRONG_ISSUER: {"iss": "https://ailleurs.exemple.fr/api/v2"},
            Mood.WRONG_ACR: {"acr": "eidas0"},
            Mood.EXPIRED: {"iat": int(self.clock()) - 7200, "exp": int(self.clock()) - 3600},
        }
        claims |= spoiled.get(mood, {})
        if mood is Mood.NO_NONCE:
            del claims["nonce"]
        if mood is Mood.UNSIGNED:
            return jwt.encode(claims, "", algorithm="none")
        if mood is Mood.SHARED_SECRET:
            return jwt.encode(claims, client.secret.ljust(32, "0"), algorithm="HS256")
        if mood is Mood.ANOTHER_KEY:
            return self.keys.sign_with_another(claims, client.algorithm)
        return self.keys.sign(claims, client.algorithm)

    def _signed_claims(self, client: Client) -> dict[str, Any]:
        now = int(self.clock())
        return {"iss": self.issuer, "aud": client.id, "iat": now, "exp": now + TOKEN_SECONDS}

    def subject(self, person: str, client: Client) -> str:
        """Return what this service knows this person by."""
        return self.profile.subject(client.id, self.people[person])

    # ------------------------------------------------------------------------------------------------ the identity

    def userinfo(self, access_token: str) -> str | dict[str, Any]:
        """Return who somebody is, as a signed JWT (a bad mood may answer JSON); raise NotGiven."""
        token = self._good_token(access_token)
        person = self.people[token.person]
        names = {name for scope in token.scopes for name in self.profile.scopes[scope]} - {"sub"}
        claims = self._signed_claims(token.client) | {name: person[name] for name in names if name in person}
        claims["sub"] = self.subject(token.person, token.client)
        if self.mood is Mood.ANOTHER_SUBJECT:
            claims["sub"] = self.subject(next(one for one in self.people if one != token.person), token.client)
        if self.mood is Mood.PLAIN_USERINFO:
            return claims
        if self.mood is Mood.FORGED_USERINFO:
            return self.keys.sign_with_another(claims, token.client.algorithm)
        return self.keys.sign(claims, token.client.algorithm)

    def introspect(self, access_token: str) -> dict[str, Any]:
        """Return what a provider of data is told of a token: whose it is and for which scopes, or that it is over."""
        try:
            token = self._good_token(access_token)
        except NotGiven:
            return {"active": False}
        return {"active": True, "scope": " ".join(token.scopes), **self.people[token.person]}

    def _good_token(self, access_token: str) -> Token:
        token = self.tokens.get(access_token)
        if token is None or self.clock() >= token.until:
            raise NotGiven(UNAUTHORIZED, "invalid_token")
        return token

    # ----------------------------------------------------------------------------------------------------- the end

    def end(self, said: Sequence[tuple[str, str]], session: str = "") -> str:
        """End the session of the browser, and return where it goes; raise Refused."""
        given = dict(said)
        hint = self.keys.read(given.get("id_token_hint", ""))
        client = self.clients.get(str(hint.get("aud"))) if hint else None
        if hint is None or client is None or hint.get("iss") != self.issuer:
            raise Refused("Y030000", "invalid_request: id_token_hint")
        if given.get("post_logout_redirect_uri") not in client.post_logout_uris:
            raise Refused("Y030000", "invalid_request: post_logout_redirect_uri")
        if len(given.get("state", "")) < self.profile.state_length:
            raise Refused("Y000400", "Bad Request Exception")
        self.sessions.pop(session, None)
        return f"{given['post_logout_redirect_uri']}?{urlencode({'state': given['state']})}"


def _error(error: str, state: str) -> str:
    described = {"access_denied": "User auth aborted"}.get(error, error)
    return urlencode({"error": error, "error_description": described, "state": state})


def _half_hash(token: str) -> str:
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).decode().rstrip("=")
