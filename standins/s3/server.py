"""A bucket on the loopback: put, get, delete, list (version 2, by pages); every request must be rightly signed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from standins.s3.signing import Heard, fault_of

PAGE = 1000
_STATUS = {
    "NoSuchKey": HTTPStatus.NOT_FOUND,
    "NoSuchBucket": HTTPStatus.NOT_FOUND,
    "XAmzContentSHA256Mismatch": HTTPStatus.BAD_REQUEST,
    "AuthorizationHeaderMalformed": HTTPStatus.BAD_REQUEST,
    "NotImplemented": HTTPStatus.NOT_IMPLEMENTED,
    "ServiceUnavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


class Mood(StrEnum):
    """How it answers a request that is rightly signed."""

    GOOD = "good"
    UNAVAILABLE = "unavailable"


@dataclass
class Kept:
    """An object of the bucket."""

    content: bytes
    written_at: datetime


@dataclass
class Account:
    """Who may come in, and the one bucket."""

    bucket: str = "marelle"
    key: str = "AKIASTANDIN"
    secret: str = field(default="a secret of the stand-in", repr=False)
    region: str = "fr-par"


class Server(ThreadingHTTPServer):
    """The service. `objects` is what it holds, `refused` the codes that it answered."""

    daemon_threads = True

    def __init__(self, account: Account, *, clock: Callable[[], datetime], page: int = PAGE) -> None:
        """Will listen on a free port of the loopback."""
        self.account, self.clock, self.page = account, clock, page
        self.mood = Mood.GOOD
        self.objects: dict[str, Kept] = {}
        self.refused: list[str] = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def endpoint(self) -> str:
        """Return its address."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"


class _Request(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's own name
        """Nothing is logged."""

    def do_GET(self) -> None:
        """Answer with an object, or the list."""
        self._answer(self._listed if self._path().count("/") < 2 else self._got)  # noqa: PLR2004  /bucket/key

    def do_PUT(self) -> None:
        """Keep an object, whole."""
        self._answer(self._put)

    def do_DELETE(self) -> None:
        """Remove an object; one that is not there is no error."""
        self._answer(self._deleted)

    def _path(self) -> str:
        return urlsplit(self.path).path.rstrip("/")

    def _answer(self, do: Callable[[str, bytes], None]) -> None:
        if "content-length" not in self.headers and self.command == "PUT":
            self._refuse("NotImplemented")
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        split = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        account = self.server.account
        fault = fault_of(
            Heard(self.command, split.path, split.query, headers, body),
            key=account.key, secret=account.secret, region=account.region, now=self.server.clock(),
        )  # fmt: skip
        bucket, _slash, key = unquote(self._path()).lstrip("/").partition("/")
        if fault is None and bucket != account.bucket:
            fault = "NoSuchBucket"
        if fault is None and self.server.mood is Mood.UNAVAILABLE:
            fault = "ServiceUnavailable"
        if fault is None:
            with self.server.lock:
                do(key, body)
        else:
            self._refuse(fault)

    def _put(self, key: str, body: bytes) -> None:
        self.server.objects[key] = Kept(body, self.server.clock())
        self._send(HTTPStatus.OK, b"", etag=_etag(body))

    def _got(self, key: str, _body: bytes) -> None:
        kept = self.server.objects.get(key)
        if kept is None:
            self._refuse("NoSuchKey")
            return
        self._send(
            HTTPStatus.OK, kept.content, etag=_etag(kept.content),
            last_modified=format_datetime(kept.written_at.astimezone(UTC), usegmt=True),
        )  # fmt: skip

    def _deleted(self, key: str, _body: bytes) -> None:
        self.server.objects.pop(key, None)
        self._send(HTTPStatus.NO_CONTENT, b"")

    def _listed(self, _key: str, _body: bytes) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if asked.get("list-type") != "2":
            self._refuse("NotImplemented")
            return
        after = asked.get("continuation-token", "")
        names = sorted(
            name for name in self.server.objects if name > after and name.startswith(asked.get("prefix", ""))
        )
        shown, is_cut = names[: self.server.page], len(names) > self.server.page
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><LastModified>{kept.written_at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>{escape(_etag(kept.content))}</ETag><Size>{len(kept.content)}</Size></Contents>"
            for name, kept in ((name, self.server.objects[name]) for name in shown)
        )
        more = f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if is_cut else ""
        page = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{escape(self.server.account.bucket)}</Name><KeyCount>{len(shown)}</KeyCount>"
            f"<IsTruncated>{'true' if is_cut else 'false'}</IsTruncated>{more}{rows}</ListBucketResult>"
        )
        self._send(HTTPStatus.OK, page.encode(), content_type="application/xml")

    def _refuse(self, code: str) -> None:
        self.server.refused.append(code)
        words = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
        self._send(_STATUS.get(code, HTTPStatus.FORBIDDEN), words.encode(), content_type="application/xml")

    def _send(
        self, status: HTTPStatus, body: bytes, *, etag: str = "", last_modified: str = "", content_type: str = ""
    ) -> None:
        self.send_response(status)
        for name, value in (("ETag", etag), ("Last-Modified", last_modified), ("Content-Type", content_type)):
            if value:
                self.send_header(name, value)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
