"""The server of the loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from standins.franceconnect import page
from standins.franceconnect.profiles import Profile
from standins.franceconnect.provider import PREFIX, Client, Heard, Mood, NotGiven, Provider, Refused, SentBack

SILENCE_SECONDS = 30
COOKIE = "doublure"
INTERACTION = "/interaction/"


class Server(ThreadingHTTPServer):
    """A provider on a port. `heard` holds each request in order; `provider.mood` may be changed by a test."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        profile: Profile,
        clients: Sequence[Client],
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,  # noqa: TID251 — a stand-in is its own clock
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.provider = Provider(profile, clients, url=lambda: self.url, clock=clock)
        self.heard: list[Heard] = []
        self.lock = threading.RLock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what it is there for."""

    @property
    def url(self) -> str:
        """Return the address of the server, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def come_back_as(self, authorize_url: str, person: str) -> str:
        """Do what a browser would at this address, being this person; return where it is sent: a test has no page."""
        with self.lock:
            try:
                name = self.provider.ask(parse_qsl(urlsplit(authorize_url).query, keep_blank_values=True))
            except SentBack as back:
                return back.url
            return self.provider.choose(name, person)

    def give_up(self, authorize_url: str) -> str:
        """Do as `come_back_as`, and cancel."""
        with self.lock:
            name = self.provider.ask(parse_qsl(urlsplit(authorize_url).query, keep_blank_values=True))
            return self.provider.cancel(name)


class Handler(BaseHTTPRequestHandler):
    """One request, of a browser or of a service."""

    server: Server

    def do_GET(self) -> None:
        """Answer a page, a key, an identity, the end of a session."""
        address = urlsplit(self.path)
        said = parse_qsl(address.query, keep_blank_values=True)
        provider = self.server.provider
        if address.path == "/style.css":
            self._send(HTTPStatus.OK, page.STYLE, kind="text/css")
        elif address.path.startswith(INTERACTION):
            self._show(address.path.removeprefix(INTERACTION))
        elif address.path == f"{PREFIX}/authorize":
            self._authorize(said)
        elif address.path == f"{PREFIX}/session/end":
            self._end(said)
        elif address.path == f"{PREFIX}/.well-known/openid-configuration":
            self._json(HTTPStatus.OK, provider.description())
        elif address.path == f"{PREFIX}/jwks":
            self._json(HTTPStatus.OK, provider.keys.published())
        elif address.path == f"{PREFIX}/userinfo":
            self._userinfo()
        else:
            self._send(HTTPStatus.NOT_FOUND, page.page(provider.profile, "Rien ici", ""))

    def do_POST(self) -> None:
        """Take a choice, a code, a token to look at."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        form = dict(parse_qsl(body, keep_blank_values=True))
        path = urlsplit(self.path).path
        if path.startswith(INTERACTION):
            self._choose(path.removeprefix(INTERACTION), form)
        elif path == f"{PREFIX}/token":
            self._token(form)
        elif path == f"{PREFIX}/checktoken":
            with self.server.lock:
                self._json(HTTPStatus.OK, self.server.provider.introspect(form.get("token", "")))
        else:
            self._send(HTTPStatus.NOT_FOUND, page.page(self.server.provider.profile, "Rien ici", ""))

    def _authorize(self, said: list[tuple[str, str]]) -> None:
        profile = self.server.provider.profile
        try:
            with self.server.lock:
                name = self.server.provider.ask(said, self._session())
        except Refused as refused:
            self._heard(HTTPStatus.BAD_REQUEST)
            self._send(HTTPStatus.BAD_REQUEST, page.refused_page(profile, refused.code, refused.words))
        except SentBack as back:
            self._heard(HTTPStatus.SEE_OTHER)
            self._send(HTTPStatus.SEE_OTHER, "", location=back.url)
        else:
            self._heard(HTTPStatus.SEE_OTHER)
            self._send(HTTPStatus.SEE_OTHER, "", location=INTERACTION + name)

    def _show(self, name: str) -> None:
        provider = self.server.provider
        asked = provider.journey(name)
        if asked is None:
            self._send(HTTPStatus.GONE, page.over_page(provider.profile))
        else:
            self._send(HTTPStatus.OK, page.choice_page(provider.profile, provider.people, asked.scopes))

    def _choose(self, name: str, form: dict[str, str]) -> None:
        provider = self.server.provider
        try:
            with self.server.lock:
                if "cancel" in form:
                    self._send(HTTPStatus.SEE_OTHER, "", location=provider.cancel(name))
                    return
                url = provider.choose(name, form.get("person", ""))
                session = provider.open_session(form["person"])
        except LookupError:
            self._send(HTTPStatus.GONE, page.over_page(provider.profile))
            return
        self._send(HTTPStatus.SEE_OTHER, "", location=url, session=session)

    def _token(self, form: dict[str, str]) -> None:
        if self._spoiled():
            return
        try:
            with self.server.lock:
                given = self.server.provider.token(form, authorization=self.headers.get("Authorization", ""))
        except NotGiven as no:
            self._heard(no.status, form)
            self._json(no.status, {"error": no.error})
        else:
            self._heard(HTTPStatus.OK, form)
            self._json(HTTPStatus.OK, given)

    def _userinfo(self) -> None:
        given = self.headers.get("Authorization", "")
        try:
            with self.server.lock:
                said = self.server.provider.userinfo(given.removeprefix("Bearer "))
        except NotGiven as no:
            self._heard(no.status)
            self._json(no.status, {"error": no.error})
            return
        self._heard(HTTPStatus.OK)
        if isinstance(said, str):
            self._send(HTTPStatus.OK, said, kind="application/jwt")
        else:
            self._json(HTTPStatus.OK, said)

    def _end(self, said: list[tuple[str, str]]) -> None:
        try:
            with self.server.lock:
                url = self.server.provider.end(said, self._session())
        except Refused as refused:
            self._heard(HTTPStatus.BAD_REQUEST)
            profile = self.server.provider.profile
            self._send(HTTPStatus.BAD_REQUEST, page.refused_page(profile, refused.code, refused.words))
        else:
            self._heard(HTTPStatus.SEE_OTHER)
            self._send(HTTPStatus.SEE_OTHER, "", location=url)

    def _spoiled(self) -> bool:
        mood = self.server.provider.mood
        if mood is Mood.SILENT:
            time.sleep(SILENCE_SECONDS)
        elif mood is Mood.UNAVAILABLE:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "<html>Maintenance</html>")
        elif mood is Mood.GARBAGE:
            self._send(HTTPStatus.OK, "<html>Bienvenue</html>")
        elif mood is Mood.ELSEWHERE:
            self._send(HTTPStatus.TEMPORARY_REDIRECT, "", location=f"{self.server.url}/ailleurs")
        else:
            return False
        return True

    def _session(self) -> str:
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get(COOKIE)
        return cookie.value if cookie else ""

    def _heard(self, status: int, form: dict[str, str] | None = None) -> None:
        self.server.heard.append(Heard(self.path, int(status), form or {}))

    def _json(self, status: int, said: dict[str, Any]) -> None:
        self._send(status, json.dumps(said, ensure_ascii=False), kind="application/json")

    def _send(
        self, status: int, content: str, *, kind: str = "text/html", location: str = "", session: str = ""
    ) -> None:
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind != "application/jwt" else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
        self.send_header("Cache-Control", "no-store")
        if session:
            self.send_header("Set-Cookie", f"{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        with suppress(OSError):  # who asked may have gone
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in the base class
        """Keep the terminal for the portal's own lines, and addresses for nobody."""
