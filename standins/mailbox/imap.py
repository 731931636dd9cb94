"""A mailbox asked by IMAP (RFC 3501), on the loopback: what a reader of new letters asks, and nothing more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from socketserver import StreamRequestHandler, ThreadingTCPServer


class Server(ThreadingTCPServer):
    """One account, one folder of letters, numbered from 1; `seen` are those that were marked so."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, user: str, password: str, letters: Sequence[bytes], *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.user, self.password = user, password
        self.letters = list(letters)
        self.seen: set[int] = set()

    @property
    def url(self) -> str:
        """Return the address of the server."""
        return f"imap://127.0.0.1:{self.server_address[1]}"


class Handler(StreamRequestHandler):
    """One conversation."""

    server: Server

    def handle(self) -> None:
        """Answer each line until the client leaves."""
        self.say("* OK IMAP4rev1 ready")
        self.is_in = self.has_folder = False
        for line in self.rfile:
            tag, _space, said = line.decode("utf-8", "replace").strip().partition(" ")
            if not self.answer(tag, said):
                return

    def say(self, text: str) -> None:
        """Write a line."""
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, tag: str, said: str) -> bool:
        """Do what a line asks; tell whether the conversation goes on."""
        command = said.partition(" ")[0].upper()
        if command == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif command == "LOGIN":
            self.is_in = said.split(" ")[1:] == [self.server.user, f'"{self.server.password}"']
            if not self.is_in:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.")
                return True
        elif command == "SELECT" and self.is_in:
            self.has_folder = said.split(" ", 1)[1].strip('"') == "INBOX"
            if not self.has_folder:
                self.say(f"{tag} NO [NONEXISTENT] Unknown folder.")
                return True
            self.say(f"* {len(self.server.letters)} EXISTS")
        elif command == "UID" and self.has_folder:
            self.by_number(said.partition(" ")[2])
        elif command == "LOGOUT":
            self.say("* BYE")
            self.say(f"{tag} OK done")
            return False
        else:
            self.say(f"{tag} BAD Unknown or not now.")
            return True
        self.say(f"{tag} OK done")
        return True

    def by_number(self, said: str) -> None:
        """Look for letters, hand one over, or mark it."""
        if said == "SEARCH UNSEEN":
            new = [number for number in range(1, len(self.server.letters) + 1) if number not in self.server.seen]
            self.say("* SEARCH " + " ".join(map(str, new)) if new else "* SEARCH")
        elif found := re.fullmatch(r"FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", said):
            number, most = int(found[1]), int(found[2])
            content = self.server.letters[number - 1][:most]
            self.wfile.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (number, number, len(content)) + content)
            self.say(")")
        elif found := re.fullmatch(r"STORE (\d+) \+FLAGS \(\\Seen\)", said):
            self.server.seen.add(int(found[1]))
