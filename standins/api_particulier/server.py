"""The server of the loopback, in a good mood or in one of the bad ones that a client must live with."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from standins.api_particulier.answering import BY_TOKEN_PATH, PATH, answer, answer_by_token
from standins.api_particulier.cases import Case

SILENCE_SECONDS = 30


class Mood(StrEnum):
    """How it answers whatever is asked."""

    GOOD = "good"
    SILENT = "silent"  # accepts and says nothing
    DRIBBLING = "dribbling"  # a byte now and then, for ever
    GARBAGE = "garbage"  # 200 and no JSON
    ANOTHER_SITE = "another-site"  # 404 and a page of HTML
    ELSEWHERE = "elsewhere"  # a redirection, to see who follows with the token
    ENDLESS = "endless"  # a body that is much too long
    HALF = "half"  # hangs up in the middle


class Server(ThreadingHTTPServer):
    """Cases, a token (None: any), a mood that a test may change, and what was asked, for the test to look at."""

    daemon_threads = True

    def __init__(
        self,
        cases: Sequence[Case],
        *,
        by_token: Sequence[Case] = (),
        port: int = 0,
        token: str | None = None,
        franceconnect: str = "",
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.cases = cases
        self.cases_by_token = (*by_token, *cases)
        self.franceconnect = franceconnect  # where a person's token is looked at; empty: no token is good
        self.token = token
        self.mood = Mood.GOOD
        self.canned: tuple[int, str] | None = None  # answered whatever is asked
        self.heard: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what it is there for."""

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One question."""

    server: Server

    def do_GET(self) -> None:
        """Answer as the mood is."""
        self.server.heard.append((self.path, dict(self.headers.items())))
        mood = self.server.mood
        if self.server.canned is not None:
            self._send(*self.server.canned)
        elif mood is Mood.GOOD:
            self._answer()
        elif mood is Mood.SILENT:
            time.sleep(SILENCE_SECONDS)
        elif mood is Mood.DRIBBLING:
            self._dribble()
        elif mood is Mood.GARBAGE:
            self._send(200, "<html>Bienvenue</html>", kind="text/html")
        elif mood is Mood.ANOTHER_SITE:
            self._send(404, "<html>Rien ici</html>", kind="text/html")
        elif mood is Mood.ELSEWHERE:
            self._send(302, "", location=f"{self.server.url}/ailleurs")
        elif mood is Mood.ENDLESS:
            self._send(200, " " * 2_000_000)
        else:
            self._head(200, 1000)
            self.wfile.write(b'{"data"')

    def _answer(self) -> None:
        address = urlsplit(self.path)
        if address.path not in {PATH, BY_TOKEN_PATH}:
            self._send(404, '{"errors": []}')
            return
        asked: dict[str, tuple[str, ...]] = {}
        for name, value in parse_qsl(address.query, keep_blank_values=True):
            asked[name] = (*asked.get(name, ()), value)
        authorization = self.headers.get("Authorization", "")
        if address.path == BY_TOKEN_PATH:
            said = self._looked_at(authorization.removeprefix("Bearer "))
            self._send(*answer_by_token(self.server.cases_by_token, asked, said=said))
            return
        self._send(*answer(self.server.cases, asked, authorization=authorization, token=self.server.token))

    def _looked_at(self, token: str) -> dict[str, Any]:
        """Ask FranceConnect whose token this is, and for what."""
        if not self.server.franceconnect:
            return {}
        connection = http.client.HTTPConnection(urlsplit(self.server.franceconnect).netloc, timeout=5)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request("POST", "/api/v2/checktoken", urlencode({"token": token}), form)
            said: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            return {}
        finally:
            connection.close()
        return said

    def _dribble(self) -> None:
        self._head(200, 100_000)
        with suppress(OSError):  # nobody waits any more
            for _ in range(SILENCE_SECONDS * 20):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)

    def _head(self, status: int, length: int, kind: str = "application/json", location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(length))
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def _send(self, status: int, content: str, *, kind: str = "application/json", location: str = "") -> None:
        body = content.encode()
        self._head(status, len(body), kind, location)
        with suppress(OSError):  # who asked may have gone
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in the base class
        """Keep the terminal for the portal's own lines, and addresses for nobody."""
