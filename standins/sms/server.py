"""The API of the loopback, in a good mood or in one of the bad ones that a client must live with."""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

SILENCE_SECONDS = 30
# How far a signature's moment may be from ours.
PATIENCE_SECONDS = 60
ENTIRE = frozenset({"charset", "class", "coding", "differedPeriod", "message", "noStopClause", "priority", "receivers"})
KNOWN = ENTIRE | {"sender", "senderForResponse", "tag", "validityPeriod"}
CHOICES = {
    "charset": {"UTF-8"},
    "class": {"flash", "phoneDisplay", "sim", "toolkit"},
    "coding": {"7bit", "8bit"},
    "priority": {"high", "medium", "low", "veryLow"},
}


class Mood(StrEnum):
    """How it answers whatever is asked."""

    GOOD = "good"
    TAKES_AND_HANGS_UP = "takes-and-hangs-up"  # the text leaves, and no answer comes
    SILENT = "silent"
    GARBAGE = "garbage"
    BUSY = "busy"  # 503
    BROKEN = "broken"  # 500
    PENNILESS = "penniless"  # no credit is left
    STRANGER = "stranger"  # the keys are refused


@dataclass(slots=True)
class Text:
    """A text that was taken."""

    key: int
    receiver: str
    message: str
    coding: str
    sender: str
    tag: str
    receipt: int = 0
    ptt: int = 0


class Server(ThreadingHTTPServer):
    """One account of one customer. `skew` is how many seconds its clock is ahead of the machine's."""

    daemon_threads = True

    def __init__(
        self,
        *,
        port: int = 0,
        account: str = "sms-ab12345-1",
        keys: tuple[str, str, str] = ("application", "secret", "consumer"),
        senders: tuple[str, ...] = ("MAIRIE",),
        skew: int = 0,
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.account, self.keys, self.senders, self.skew = account, keys, senders, skew
        self.mood = Mood.GOOD
        self.first_receipt = 0  # what is known of a text as soon as it is taken: nothing; 1, it arrived
        self.texts: list[Text] = []
        self.heard: list[tuple[str, str]] = []
        self._lock = Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what it is there for."""

    @property
    def url(self) -> str:
        """Return the address of the API."""
        return f"http://127.0.0.1:{self.server_address[1]}/1.0"

    def now(self) -> int:
        """Return the second it is here."""
        return int(time.time()) + self.skew  # noqa: TID251  a stand-in has a clock of its own

    def take(self, said: dict[str, Any], receiver: str) -> Text:
        """Keep a text."""
        with self._lock:
            text = Text(
                key=26929925 + len(self.texts),
                receiver=receiver,
                message=said["message"],
                coding=said.get("coding", "7bit"),
                sender=said.get("sender") or "38000",
                tag=said.get("tag", ""),
                receipt=self.first_receipt,
            )
            self.texts.append(text)
            return text


class Handler(BaseHTTPRequestHandler):
    """One question."""

    server: Server

    def do_GET(self) -> None:
        """Answer what is asked of the texts, or which second it is."""
        address = urlsplit(self.path)
        self.server.heard.append(("GET", self.path))
        if address.path == "/1.0/auth/time":
            self._send(200, self.server.now())
        elif self._is_refused(""):
            return
        elif address.path == f"/1.0/sms/{self.server.account}/outgoing":
            asked = parse_qs(address.query, keep_blank_values=True)
            tag = asked.get("tag", [None])[0]
            self._send(200, [one.key for one in self.server.texts if tag in (None, one.tag)])
        elif found := re.fullmatch(rf"/1\.0/sms/{self.server.account}/outgoing/(\d+)", address.path):
            self._outgoing(int(found[1]))
        else:
            self._error(404, "Client::NotFound", "Got an invalid (or empty) URL")

    def do_POST(self) -> None:
        """Take a text, as the mood is."""
        self.server.heard.append(("POST", self.path))
        content = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self._is_refused(content):
            return
        if self.path != f"/1.0/sms/{self.server.account}/jobs":
            self._error(404, "Client::NotFound", "Got an invalid (or empty) URL")
            return
        said = json.loads(content)
        wrong = _wrong(said, self.server.senders)
        if wrong:
            self._error(400, "Client::BadRequest", wrong)
            return
        good = [one for one in said["receivers"] if re.fullmatch(r"(?:\+|00)[1-9][0-9]{6,14}", one)]
        bad = [one for one in said["receivers"] if one not in good]
        taken = [self.server.take(said, one) for one in good]
        if self.server.mood is Mood.TAKES_AND_HANGS_UP:
            self.close_connection = True
            return
        self._send(
            200,
            {
                "totalCreditsRemoved": len(taken),
                "invalidReceivers": bad,
                "ids": [one.key for one in taken],
                "validReceivers": good,
            },
        )

    def _outgoing(self, key: int) -> None:
        text = next((one for one in self.server.texts if one.key == key), None)
        if text is None:
            self._error(404, "Client::NotFound", "The requested object does not exist")
            return
        self._send(
            200,
            {
                "id": text.key,
                "receiver": text.receiver,
                "message": text.message,
                "sender": text.sender,
                "tag": text.tag,
                "deliveryReceipt": text.receipt,
                "ptt": text.ptt,
                "differedDelivery": 0,
                "numberOfSms": 1,
                "credits": 1,
            },
        )

    def _is_refused(self, body: str) -> bool:
        """Answer what the mood or a wrong signature refuses; tells whether it did."""
        mood = self.server.mood
        if mood is Mood.SILENT:
            time.sleep(SILENCE_SECONDS)
        elif mood is Mood.GARBAGE:
            self._write(200, b"<html>Bienvenue</html>")
        elif mood is Mood.BUSY:
            self._error(503, "Server::ServiceUnavailable", "Service unavailable")
        elif mood is Mood.BROKEN:
            self._error(500, "Server::InternalServerError", "Internal server error")
        elif mood is Mood.PENNILESS:
            self._error(400, "Client::BadRequest", "Not enough credits to send this sms")
        elif mood is Mood.STRANGER:
            self._error(403, "Client::Forbidden", "This credential is not valid")
        elif not self._is_signed(body):
            self._error(400, "Client::BadRequest", "Invalid signature")
        else:
            return False
        return True

    def _is_signed(self, body: str) -> bool:
        key, secret, consumer = self.server.keys
        given = {name: self.headers.get(f"X-Ovh-{name}", "") for name in ("Application", "Consumer", "Timestamp")}
        moment = given["Timestamp"]
        if (given["Application"], given["Consumer"]) != (key, consumer) or not moment.isdigit():
            return False
        if abs(int(moment) - self.server.now()) > PATIENCE_SECONDS:
            return False
        url = self.server.url.removesuffix("/1.0") + self.path
        text = f"{secret}+{consumer}+{self.command}+{url}+{body}+{moment}"
        expected = "$1$" + hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return self.headers.get("X-Ovh-Signature") == expected

    def _error(self, status: int, kind: str, message: str) -> None:
        self._send(status, {"class": kind, "message": message})

    def _send(self, status: int, said: Any) -> None:
        self._write(status, json.dumps(said).encode())

    def _write(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):  # who asked may have gone
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name it has in the base class
        """Keep the terminal for the portal's own lines, and numbers for nobody."""


def _wrong(said: dict[str, Any], senders: tuple[str, ...]) -> str:
    """Return what the API would refuse of a job; nothing when it takes it."""
    unknown = said.keys() - KNOWN
    if unknown:
        return f"Received not described parameters: ({', '.join(sorted(unknown))})"
    for name, allowed in CHOICES.items():
        if name in said and said[name] not in allowed:
            return f"[{name}] Given data ({said[name]}) does not belong to the enumeration"
    if not isinstance(said.get("message"), str) or not said["message"] or not isinstance(said.get("receivers"), list):
        return "Missing message or receivers"
    if len(said.get("tag", "")) > 20:  # noqa: PLR2004  as the API says
        return "Tag is too long"
    if not said.get("senderForResponse") and said.get("sender") not in senders:
        return f"Sender {said.get('sender')} does not exist"
    return ""
