"""What PayFiP sends when an operation ends: a notice to the merchant's server, the browser back to its site."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

LOOPBACK = "127.0.0.1"
WAIT_SECONDS = 10
SPELLINGS = ("idop", "idOp")


@dataclass
class Manner:
    """How messages of a kind are sent; a test, or the control address, changes it.

    `times`: beyond the first, a return is visited by the stand-in itself, as a tab loaded again. `is_held`: kept in
    `Server.held` until released, in any order. `says` names another operation than the one that ended.
    """

    method: str = "POST"
    drops: bool = False
    times: int = 1
    delay_seconds: float = 0.0
    is_held: bool = False
    spelling: str = "idop"
    says: str = ""


@dataclass(frozen=True)
class Message:
    """A notice or a return, as it leaves."""

    kind: str
    idop: str
    method: str
    url: str
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The whole address: by GET, the fields are in it."""
        if self.method != "GET" or not self.fields:
            return self.url
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{urlencode(self.fields)}"


def deliver(message: Message) -> int:
    """Send to this machine, under the name that the address has; return the status, 0 when nobody listens.

    Nothing leaves the machine: the address of somebody else is not even looked up.
    """
    parts = urlsplit(message.address)
    host = parts.hostname or ""
    if parts.scheme != "http" or not (host in (LOOPBACK, "localhost") or host.endswith(".localhost")):
        return 0
    connection = http.client.HTTPConnection(LOOPBACK, parts.port or 80, timeout=WAIT_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        if message.method == "GET":
            connection.request("GET", path, headers={"Host": parts.netloc})
        else:
            kind = "application/x-www-form-urlencoded"
            connection.request(
                "POST", path, body=urlencode(message.fields), headers={"Host": parts.netloc, "Content-Type": kind}
            )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
