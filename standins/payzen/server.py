"""The server of the loopback: the form's address, the payment page, notices, the API; in a good mood or a bad one."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from standins.payzen import page
from standins.payzen.platform import (
    FormRefusedError,
    Outcome,
    Platform,
    Session,
    notice_of,
    question_of,
    return_of,
)
from standins.payzen.shops import DEMONSTRATION, Shop, signed

PAGE, API = "/vads-payment/", "/api-payment/V4/"
SILENCE_SECONDS = 30
NOTICE_SECONDS = 10  # the real one waits 35
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Mood(StrEnum):
    """How the API answers whatever is asked."""

    GOOD = "good"
    UNAVAILABLE = "unavailable"  # 503, the page as well
    SILENT = "silent"  # accepts and says nothing
    GARBAGE = "garbage"  # 200 and no JSON
    ELSEWHERE = "elsewhere"  # a redirection, to see who follows with the password
    HALF = "half"  # hangs up in the middle


class Post(StrEnum):
    """What becomes of the notices on their way."""

    GOOD = "good"
    LOST = "lost"
    TWICE = "twice"
    HELD = "held"  # until `deliver` is called
    WRONG_SIGNATURE = "wrong-signature"
    CHANGED_AMOUNT = "changed-amount"
    OTHER_KEY = "other-key"


@dataclass(frozen=True)
class Exchange:
    """One thing said or heard: form, ask, notice, return, or astray. `status` is HTTP's, 0 for nothing."""

    kind: str
    order_id: str
    status: int
    said: str = ""


class Server(ThreadingHTTPServer):
    """Some shops, a mood, a post, a clock: all may be changed by a test. `heard` holds every exchange in order."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        shops: Sequence[Shop] = (DEMONSTRATION,),
        *,
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251 — a stand-in is its own clock
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.platform = Platform(shops, clock)
        self.mood, self.post = Mood.GOOD, Post.GOOD
        self.tells_of_abandons = False  # a rule of the shop, « URL de notification sur annulation »
        self.heard: list[Exchange] = []
        self.held: list[tuple[Session, dict[str, str]]] = []
        self.lock = threading.RLock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what it is there for."""

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def page_url(self) -> str:
        """Return where forms are posted."""
        return self.url + PAGE

    def open(self, fields: Mapping[str, str]) -> Session:
        """Take a form as if a browser had posted it; raise FormRefusedError."""
        with self.lock:
            try:
                session = self.platform.open(fields)
            except FormRefusedError as refused:
                self.note("form", fields.get("vads_order_id", ""), HTTPStatus.BAD_REQUEST, str(refused))
                raise
            self.note("form", session.order_id, HTTPStatus.SEE_OTHER)
            return session

    def pay(self, order_id: str, outcome: Outcome | str = Outcome.PAID) -> str:
        """Do on the last page of an order what somebody would; return where the browser goes then, « » for nowhere.

        LookupError when there is no such page, or when it is over. The notice has been posted on return.
        """
        with self.lock:
            session = self.platform.latest(order_id)
        return self.act(session, Outcome(outcome))

    def act(self, session: Session, outcome: Outcome) -> str:
        """Do as `pay`, on one page."""
        with self.lock:
            told = self.platform.act(session, outcome)
        if told is None:
            return ""
        if outcome is not Outcome.ABANDONED or self.tells_of_abandons:
            self.tell(session, told)
        if outcome is Outcome.PAID_AND_CLOSED:
            return ""
        self.note("return", session.order_id, HTTPStatus.SEE_OTHER, told["vads_trans_status"])
        return back_to(session, return_of(session, told))

    def expire(self) -> None:
        """Close the pages whose ten minutes are over, and tell the shops that want to know."""
        with self.lock:
            over = self.platform.expired()
        for session, told in over:
            if self.tells_of_abandons:
                self.tell(session, told)

    def tell(self, session: Session, told: Mapping[str, str]) -> None:
        """Post a notice as the post is; what is held waits for `deliver`."""
        notice = notice_of(session, told)
        if self.post is Post.LOST:
            self.note("notice", session.order_id, 0, "lost")
            return
        if self.post is Post.HELD:
            self.held.append((session, notice))
            return
        if self.post is Post.WRONG_SIGNATURE:
            notice["signature"] = base64.b64encode(bytes(32)).decode()
        if self.post is Post.CHANGED_AMOUNT:
            notice["vads_amount"] = str(int(notice["vads_amount"]) + 1)
        if self.post is Post.OTHER_KEY:
            notice = signed(notice, "not-the-key-of-this-shop")
        for _ in range(2 if self.post is Post.TWICE else 1):
            self.post_notice(session.fields.get("vads_url_check", ""), notice)

    def deliver(self, *, in_order: bool = True) -> None:
        """Post the notices that were held, the last first when not in order."""
        held, self.held = self.held, []
        for session, notice in held if in_order else reversed(held):
            self.post_notice(session.fields.get("vads_url_check", ""), notice)

    def post_notice(self, url: str, fields: Mapping[str, str]) -> int:
        """Post these fields to a shop of this machine; return its status, 0 when nobody answers."""
        status = posted(url, fields)
        self.note("notice", fields.get("vads_order_id", ""), status, fields.get("vads_trans_status", ""))
        return status

    def note(self, kind: str, order_id: str, status: int, said: str = "") -> None:
        """Keep an exchange."""
        self.heard.append(Exchange(kind, order_id, int(status), said))


def back_to(session: Session, fields: Mapping[str, str]) -> str:
    """Return the shop's address with the fields that the browser carries back, if it is to carry them there."""
    url = session.fields.get("vads_url_return", "")
    if session.fields.get("vads_return_mode") != "GET" or not url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"


def posted(url: str, fields: Mapping[str, str]) -> int:
    """Post a form, to this machine alone; `famille.localhost` is this machine, whatever its resolver says."""
    address = urlsplit(url)
    host = address.hostname or ""
    if address.scheme != "http" or not (host in LOOPBACK or host.endswith(".localhost")):
        return 0
    connection = http.client.HTTPConnection("127.0.0.1", address.port or 80, timeout=NOTICE_SECONDS)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    headers = {"Host": address.netloc, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request("POST", path, urlencode(fields), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Handler(BaseHTTPRequestHandler):
    """One request, of a browser or of a shop."""

    server: Server

    def do_GET(self) -> None:
        """Show a payment page."""
        self.server.expire()
        if self.path == "/style.css":
            self._send(HTTPStatus.OK, page.STYLE, kind="text/css")
        elif session := self._session():
            over = self.server.platform.is_over(session)
            refused = any(one.session is session for one in self.server.platform.transactions)
            content = page.over_page(session) if over else page.payment_page(session, was_refused=refused)
            self._send(HTTPStatus.OK, content)
        else:
            self.server.note("astray", "", HTTPStatus.NOT_FOUND, self.path)
            self._send(HTTPStatus.NOT_FOUND, page.page("Rien ici", ""))

    def do_POST(self) -> None:
        """Take a form, a button of the page, or a question."""
        self.server.expire()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith(API):
            self._api(body)
        elif self.server.mood is Mood.UNAVAILABLE:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, page.page("Service indisponible", ""))
        elif self.path.rstrip("/") == PAGE.rstrip("/"):
            self._form(dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
        elif session := self._session():
            self._button(session, dict(parse_qsl(body.decode(errors="replace"))).get("outcome", ""))
        else:
            self._send(HTTPStatus.NOT_FOUND, page.page("Rien ici", ""))

    def _session(self) -> Session | None:
        return self.server.platform.sessions.get(urlsplit(self.path).path.removeprefix(PAGE))

    def _form(self, fields: dict[str, str]) -> None:
        try:
            session = self.server.open(fields)
        except FormRefusedError as refused:
            self._send(HTTPStatus.BAD_REQUEST, page.refused_form_page(refused.code))
            return
        self._send(HTTPStatus.SEE_OTHER, "", location=PAGE + session.token)

    def _button(self, session: Session, pressed: str) -> None:
        if pressed not in list(Outcome):
            self._send(HTTPStatus.BAD_REQUEST, page.page("Rien ici", ""))
            return
        outcome = Outcome(pressed)
        try:
            goes_to = self.server.act(session, outcome)
        except LookupError:
            self._send(HTTPStatus.OK, page.over_page(session))
            return
        if outcome is Outcome.REFUSED_ONCE:
            self._send(HTTPStatus.SEE_OTHER, "", location=self.path)
        elif not goes_to:
            self._send(HTTPStatus.OK, page.closed_page())
        else:
            self._send(HTTPStatus.SEE_OTHER, "", location=goes_to)

    def _api(self, body: bytes) -> None:
        mood = self.server.mood
        question = question_of(body)
        self.server.note("ask", str(question.get("orderId", "")), HTTPStatus.OK, mood)
        if mood is Mood.GOOD:
            user, _, password = self._credentials().partition(":")
            with self.server.lock:
                answer = self.server.platform.order_get(user, password, question)
            self._send(HTTPStatus.OK, json.dumps(answer), kind="application/json")
        elif mood is Mood.UNAVAILABLE:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "<html>Maintenance</html>")
        elif mood is Mood.SILENT:
            time.sleep(SILENCE_SECONDS)
        elif mood is Mood.GARBAGE:
            self._send(HTTPStatus.OK, "<html>Bienvenue</html>")
        elif mood is Mood.ELSEWHERE:
            self._send(HTTPStatus.FOUND, "", location=f"{self.server.url}/ailleurs")
        else:
            self._head(HTTPStatus.OK, 1000, "application/json", "")
            self.wfile.write(b'{"status"')

    def _credentials(self) -> str:
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        try:
            return base64.b64decode(given).decode()
        except ValueError:
            return ""

    def _head(self, status: HTTPStatus, length: int, kind: str, location: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(length))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
        self.send_header("Cache-Control", "no-store")
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def _send(self, status: HTTPStatus, content: str, *, kind: str = "text/html", location: str = "") -> None:
        body = content.encode()
        with suppress(OSError):  # who asked may have gone
            self._head(status, len(body), kind, location)
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in the base class
        """Keep the terminal for the portal's own lines, and addresses for nobody."""
