"""The server of the loopback: the SOAP service, the payment page, the control address; and PayFiP's own bad days."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from standins.payfip import control, description, messages, page, soap, switches
from standins.payfip.messages import Manner, Message
from standins.payfip.moods import Mood, said_in
from standins.payfip.till import CLIENTS, OUTCOMES, WORDS, Client, FunctionalError, Operation, TechnicalError, Till

SERVICE_PATH = "/tpa/services/securite"
PAGE_PATH = "/tpa/paiementws.web"
SWITCHES_PATH = "/"
SILENCE_SECONDS = 30
BIGGEST_QUESTION = 1_000_000
READ = "recupererDetailPaiementSecurise"


@dataclass(frozen=True)
class Exchange:
    """What passed. `kind` is soap, page, notice or return; `outcome` a code, an HTTP status, or « ok »."""

    at: datetime
    kind: str
    what: str
    idop: str
    outcome: str


def machine_now() -> datetime:
    """Return the machine's present moment."""
    return datetime.now(UTC)  # noqa: TID251 — a program of its own has its own clock


class Server(ThreadingHTTPServer):
    """PayFiP on a port (0: any free one). A test reads and changes its attributes.

    `clock` says the moment, `ahead` moves it. `mood` is that of the SOAP service, `moods` those of single operations.
    `notices` and `returns` say how messages are sent, `deliver` sends them, `held` keeps those that wait.
    """

    daemon_threads = True

    def __init__(
        self,
        *,
        port: int = 0,
        clients: Iterable[Client] = CLIENTS,
        clock: Callable[[], datetime] = machine_now,
        takes_anyone: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.clock = clock
        self.ahead = timedelta()
        self.till = Till(clients, now=self.now, takes_anyone=takes_anyone)
        self.mood = Mood.GOOD
        self.moods: dict[str, Mood] = {}
        self.notices: Manner = Manner()
        self.returns: Manner = Manner(method="GET")
        self.deliver: Callable[[Message], int] = messages.deliver
        self.held: list[Message] = []
        self.canned: tuple[int, str] | None = None  # answered to any SOAP question
        self.exchanges: list[Exchange] = []
        self.questions: list[bytes] = []
        self.heard: list[tuple[str, dict[str, str]]] = []  # each operation asked, with the fields of its argument
        self._timers: list[threading.Timer] = []

    def now(self) -> datetime:
        """Return the moment it is for PayFiP."""
        return self.clock() + self.ahead

    @property
    def origin(self) -> str:
        """Return the address of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """Return the address of the SOAP service."""
        return self.origin + SERVICE_PATH

    @property
    def page_url(self) -> str:
        """Return the address of the payment page, without an idop."""
        return self.origin + PAGE_PATH

    # ----------------------------------------------------------------------------------------- what happens to an idop
    def pay(self, idop: str, outcome: str = "P") -> Message | None:
        """Do what a person does on the page, then what PayFiP does: send its notice, and the browser back.

        Return where the browser goes, or None when it never comes back (or is held). The notice has then been
        delivered, unless it waits. Raise FunctionalError where the page would not open: P1, P3, P4.
        """
        return self.announce(self.till.conclude(idop, outcome))

    def settle(self, idop: str, outcome: str = "P") -> Message | None:
        """Do the same when no rule would allow it any more: a late payment."""
        return self.announce(self.till.settle(idop, outcome))

    def announce(self, operation: Operation) -> Message | None:
        """Send the messages of an operation that has ended; return the browser's."""
        notice = self._message("notice", operation, self.notices, operation.asked["urlnotif"])
        back = self._message("return", operation, self.returns, operation.asked["urlredirect"])
        self._send(notice, self.notices, times=self.notices.times)
        self._send(back, self.returns, times=self.returns.times - 1)
        if self.returns.drops or self.returns.is_held:
            return None
        self._note("return", back.url, operation.idop, "sent")
        return back

    def forge(self, idop: str, fields: dict[str, str]) -> int:
        """Send to an operation's notice address what PayFiP has not sent; return the status."""
        url = self.till.operations[idop].asked["urlnotif"]
        return self._deliver(Message("notice", idop, self.notices.method, url, fields))

    def release(self, *, is_reversed: bool = False) -> None:
        """Deliver what is held, in the order of `held` or the other way round."""
        held, self.held[:] = list(self.held), []
        for message in reversed(held) if is_reversed else held:
            self._deliver(message)

    def reads(self, idop: str) -> int:
        """Return how many times the result of an operation was answered, or P5 or P1 in its place."""
        return sum(each.what == READ and each.idop == idop for each in list(self.exchanges))

    def _message(self, kind: str, operation: Operation, manner: Manner, url: str) -> Message:
        return Message(kind, operation.idop, manner.method, url, {manner.spelling: manner.says or operation.idop})

    def _send(self, message: Message, manner: Manner, *, times: int) -> None:
        if manner.drops:
            self._note(message.kind, message.url, message.idop, "dropped")
        elif manner.is_held:
            self.held += [message] * max(times, 1)
        elif manner.delay_seconds and message.kind == "notice":
            for _ in range(times):
                self._later(message, manner.delay_seconds)
        else:
            for _ in range(times):
                self._deliver(message)

    def _later(self, message: Message, seconds: float) -> None:
        timer = threading.Timer(seconds, self._deliver, [message])
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _deliver(self, message: Message) -> int:
        status = self.deliver(message)
        self._note(message.kind, message.url, message.idop, str(status))
        return status

    def _note(self, kind: str, what: str, idop: str, outcome: str) -> None:
        self.exchanges.append(Exchange(self.now(), kind, what, idop, outcome))

    # --------------------------------------------------------------------------------------------------- SOAP
    def answer(self, content: bytes) -> tuple[int, str]:
        """Return the status and the envelope that answer a question."""
        try:
            operation, asked = soap.question(content)
        except soap.NotSoapError as error:
            self._note("soap", str(error), "", "client")
            return HTTPStatus.INTERNAL_SERVER_ERROR, soap.unreadable(str(error))
        self.heard.append((operation, asked))
        idop, outcome = asked.get("idOp", ""), "ok"
        try:
            if operation == "creerPaiementSecurise":
                idop = self.till.create(asked).idop
                said = {"idOp": idop}
            elif operation == READ:
                said = self.till.detail(idop)
            else:
                said = self.till.client(asked.get("numCli", ""))
            return HTTPStatus.OK, soap.answer(operation, said)
        except FunctionalError as error:
            outcome = error.code
            return HTTPStatus.INTERNAL_SERVER_ERROR, soap.fault(error.code, WORDS[error.code])
        except TechnicalError as error:
            outcome = str(error)
            return HTTPStatus.INTERNAL_SERVER_ERROR, soap.fault("", "Erreur technique", kind=outcome)
        finally:
            self._note("soap", operation, idop, outcome)

    def mood_for(self, content: bytes) -> Mood:
        """Return the mood in which a question is answered."""
        if not self.moods:
            return self.mood
        with suppress(soap.NotSoapError):
            return self.moods.get(soap.question(content)[0], self.mood)
        return self.mood

    # --------------------------------------------------------------------------------------------------- the page
    def open(self, idop: str) -> tuple[int, str]:
        """Return the payment page of an idop, or why it does not open."""
        try:
            operation = self.till.open(idop)
        except FunctionalError as error:
            self._note("page", "open", idop, error.code)
            return HTTPStatus.CONFLICT, page.refusal_page(error.code)
        self._note("page", "open", idop, "ok")
        numcli = operation.asked["numcli"]
        return HTTPStatus.OK, page.payment_page(operation, self.till.clients.get(numcli) or Client(numcli))

    def choose(self, idop: str, outcome: str) -> tuple[int, str, str]:
        """Do what was pressed on the page; return a status, a page, an address."""
        if outcome == page.CLOSES:
            self._note("page", outcome, idop, "ok")
            return HTTPStatus.OK, page.closed_page(), ""
        if outcome not in OUTCOMES:
            return HTTPStatus.BAD_REQUEST, page.nothing_page(), ""
        try:
            operation = self.till.conclude(idop, outcome)
        except FunctionalError as error:
            self._note("page", outcome, idop, error.code)
            return HTTPStatus.CONFLICT, page.refusal_page(error.code), ""
        self._note("page", outcome, idop, "ok")
        back = self.announce(operation)
        time.sleep(self.returns.delay_seconds)
        if back is None or back.method != "GET":
            return HTTPStatus.OK, page.ticket_page(OUTCOMES[outcome], back), ""
        return HTTPStatus.SEE_OTHER, "", back.address

    # ------------------------------------------------------------------------------------------------- the server
    def server_close(self) -> None:
        """Stop listening, and forget what was to be sent."""
        for timer in self._timers:
            timer.cancel()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up: that is what it is there for."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        """Answer the description, the page or the control address."""
        address = urlsplit(self.path)
        asked = parse_qs(address.query, keep_blank_values=True)
        if address.path == SERVICE_PATH:
            self._describe(asked)
        elif address.path == PAGE_PATH:
            self._send(*self.server.open(asked.get("idop", [""])[0]))
        elif address.path == control.PATH:
            self._send_json(HTTPStatus.OK, control.state(self.server))
        elif address.path == SWITCHES_PATH:
            self._send(HTTPStatus.OK, switches.switches_page(self.server))
        elif address.path == "/style.css":
            self._send(HTTPStatus.OK, page.STYLE, kind="text/css")
        else:
            self._send(HTTPStatus.NOT_FOUND, page.nothing_page())

    def do_POST(self) -> None:
        """Answer a SOAP question, what was pressed on the page, or an order to the stand-in itself."""
        path = urlsplit(self.path).path
        content = self._content()
        if path == SERVICE_PATH:
            self._answer(content)
        elif path == PAGE_PATH:
            fields = parse_qs(content.decode("utf-8", "replace"))
            status, body, location = self.server.choose(fields.get("idop", [""])[0], fields.get("resultat", [""])[0])
            self._send(status, body, location=location)
        elif path == control.PATH:
            self._obey(content)
        elif path == SWITCHES_PATH:
            self._switch(content)
        else:
            self._send(HTTPStatus.NOT_FOUND, page.nothing_page())

    def _content(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        return self.rfile.read(min(int(length), BIGGEST_QUESTION)) if length.isdecimal() else b""

    def _describe(self, asked: dict[str, list[str]]) -> None:
        service = f"http://{self.headers.get('Host') or urlsplit(self.server.origin).netloc}{SERVICE_PATH}"
        number = asked.get("xsd", [""])[0]
        text = description.wsdl(service) if "wsdl" in asked else None
        if number.isdecimal():
            text = description.schema(int(number), service)
        if text is None:
            self._send(HTTPStatus.NOT_FOUND, page.nothing_page())
        else:
            self._send(HTTPStatus.OK, text, kind="text/xml")

    def _answer(self, content: bytes) -> None:
        self.server.questions.append(content)
        mood = self.server.mood_for(content)
        if self.server.canned is not None:
            self._send(*self.server.canned, kind="text/xml")
        elif mood is Mood.GOOD:
            self._send(*self.server.answer(content), kind="text/xml")
        elif mood is Mood.SILENT:
            time.sleep(SILENCE_SECONDS)
        elif mood is Mood.LOST:
            self.server.answer(content)
        elif mood is Mood.DRIBBLING:
            self._dribble()
        elif (said := said_in(mood, content)) is not None:
            location = f"{self.server.origin}/ailleurs" if mood is Mood.ELSEWHERE else ""
            self._send(*said, kind="text/xml", location=location)
        else:
            self._head(HTTPStatus.OK, 1000, "text/xml")
            self.wfile.write(b"<S:Envelope")

    def _obey(self, content: bytes) -> None:
        """Do what a program asks. A page of another site cannot: a browser asks first before it posts JSON."""
        if self.headers.get_content_type() != "application/json":
            self._send_json(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"error": "application/json"})
            return
        try:
            asked = json.loads(content)
        except ValueError:
            asked = None
        error = control.obey(self.server, asked) if isinstance(asked, dict) else "an object is expected"
        if error:
            self._send_json(HTTPStatus.BAD_REQUEST, {"error": error})
        else:
            self._send_json(HTTPStatus.OK, control.state(self.server))

    def _switch(self, content: bytes) -> None:
        """Do what a person chose on the page of this server, and on no other."""
        fields = {name: values[0] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}
        port = self.server.server_address[1]
        own = [f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")]
        orders = switches.orders_of(fields) if self.headers.get("Origin") in own else {"": ""}
        if control.obey(self.server, orders):
            self._send(HTTPStatus.BAD_REQUEST, page.nothing_page())
        else:
            self._send(HTTPStatus.SEE_OTHER, "", location=SWITCHES_PATH)

    def _dribble(self) -> None:
        self._head(HTTPStatus.OK, 100_000, "text/xml")
        with suppress(OSError):  # nobody waits any more
            for _ in range(SILENCE_SECONDS * 20):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)

    def _head(self, status: int, length: int, kind: str, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(length))
        if kind == "text/html":
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def _send(self, status: int, content: str, *, kind: str = "text/html", location: str = "") -> None:
        body = content.encode()
        with suppress(OSError):  # who asked may have gone
            self._head(status, len(body), kind, location)
            self.wfile.write(body)

    def _send_json(self, status: int, content: dict[str, object]) -> None:
        self._send(status, json.dumps(content, ensure_ascii=False), kind="application/json")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in the base class
        """Keep the terminal for the portal's own lines, and addresses for nobody."""


def started(server: Server) -> Server:
    """Serve in a thread and return at once; `shutdown` and `server_close` end it."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
