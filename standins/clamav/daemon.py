"""clamd's INSTREAM, byte by byte: `z` and `n` commands, pieces with their length, its limits, its words.

Written after clamd(8) and clamd.conf(5) of ClamAV 1.4. It knows one virus, EICAR's test file, and answers whatever else
in one of its moods. It is strict where clamd is: a command without its terminator is never answered, a stream beyond
`StreamMaxLength` is cut off with an error.
"""

from __future__ import annotations

import socketserver
import struct
import time
from enum import StrEnum

# EICAR's test file, in two halves so that no antivirus takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
STREAM_MAX_LENGTH = 25 * 1024 * 1024
SILENCE_SECONDS = 5.0
_LENGTH = struct.Struct("!L")


class Mood(StrEnum):
    """How it answers a stream."""

    GOOD = "good"
    BUSY = "busy"  # it could not look
    SILENT = "silent"  # accepts, and says nothing
    GARBAGE = "garbage"
    CUT = "cut"  # hangs up


class Daemon(socketserver.ThreadingTCPServer):
    """A clamd on the loopback. `seen` counts the streams that came whole."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, mood: Mood = Mood.GOOD, stream_max_length: int = STREAM_MAX_LENGTH) -> None:
        """Will listen on a free port."""
        self.mood = mood
        self.stream_max_length = stream_max_length
        self.seen = 0
        super().__init__(("127.0.0.1", 0), _Session)

    @property
    def address(self) -> str:
        """Return what MARELLE_CLAMAV would be."""
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"


class _Session(socketserver.StreamRequestHandler):
    server: Daemon

    def handle(self) -> None:
        prefix = self.rfile.read(1)
        if prefix not in {b"z", b"n"}:
            self._say("UNKNOWN COMMAND", b"\n")
            return
        end = b"\0" if prefix == b"z" else b"\n"
        command = b""
        while not command.endswith(end):
            more = self.rfile.read(1)
            if not more:
                return
            command += more
        match command[:-1]:
            case b"PING":
                self._say("PONG", end)
            case b"INSTREAM":
                self._stream(end)
            case _:
                self._say("UNKNOWN COMMAND", end)

    def _stream(self, end: bytes) -> None:
        content = bytearray()
        while True:
            head = self.rfile.read(_LENGTH.size)
            if len(head) < _LENGTH.size:
                return
            (length,) = _LENGTH.unpack(head)
            if not length:
                break
            if len(content) + length > self.server.stream_max_length:
                self._say("INSTREAM size limit exceeded. ERROR", end)
                return
            piece = self.rfile.read(length)
            if len(piece) < length:
                return
            content += piece
        self.server.seen += 1
        match self.server.mood:
            case Mood.SILENT:
                time.sleep(SILENCE_SECONDS)
            case Mood.BUSY:
                self._say("stream: Can't allocate memory ERROR", end)
            case Mood.GARBAGE:
                self._say("<html>", end)
            case Mood.GOOD:
                self._say("stream: Eicar-Test-Signature FOUND" if EICAR in content else "stream: OK", end)

    def _say(self, words: str, end: bytes) -> None:
        self.wfile.write(words.encode() + end)
