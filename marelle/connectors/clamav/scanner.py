"""A file shown to clamd by INSTREAM, as clamd(8) says: the command, then pieces with their length, then zero."""

from __future__ import annotations

import logging
import re
import socket
import struct
from typing import Final

from marelle.domain.families.antivirus import AntivirusUnavailableError

log = logging.getLogger("marelle.connectors.clamav")
SECONDS: Final = 30
PIECE_BYTES: Final = 64 * 1024
LONGEST_ANSWER: Final = 4096
_LENGTH: Final = struct.Struct("!L")
_FOUND: Final = re.compile(r"stream: (?P<name>[!-~]{1,200}) FOUND")


class ClamAV:
    """A clamd at `host:port`, or at the path of its socket."""

    def __init__(self, address: str, *, seconds: float = SECONDS) -> None:
        """Will keep where it listens, and how long each step may take; nothing is asked yet."""
        self._address = address
        self._seconds = seconds

    def virus_in(self, content: bytes) -> str | None:
        """Will return the name of what clamd found, None when it said OK. Raises AntivirusUnavailableError."""
        try:
            with self._connection() as connection:
                answer = _asked(connection, content)
        except (OSError, ValueError) as error:
            log.error("clamd cannot be asked: %s", type(error).__name__)  # noqa: TRY400  it says nothing of the file
            raise AntivirusUnavailableError from error
        if answer == "stream: OK":
            return None
        found = _FOUND.fullmatch(answer)
        if found is None:
            # « INSTREAM size limit exceeded », « Can't allocate memory »…: whatever it is, the file was not looked at.
            log.error("clamd answers %r", answer[:200])
            raise AntivirusUnavailableError
        return found["name"]

    def _connection(self) -> socket.socket:
        if self._address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self._seconds)
            try:
                connection.connect(self._address)
            except OSError:
                connection.close()
                raise
            return connection
        host, _colon, port = self._address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self._seconds)


def _asked(connection: socket.socket, content: bytes) -> str:
    try:
        connection.sendall(b"zINSTREAM\0")
        for first in range(0, len(content), PIECE_BYTES):
            piece = content[first : first + PIECE_BYTES]
            connection.sendall(_LENGTH.pack(len(piece)) + piece)
        connection.sendall(_LENGTH.pack(0))
    except (BrokenPipeError, ConnectionResetError):
        pass  # it stopped listening, and may have said why
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
