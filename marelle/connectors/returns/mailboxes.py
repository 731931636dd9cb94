"""Where returned e-mails wait: a Maildir that the mail server fills, or a mailbox asked by IMAP.

Each is read once, the first first; what is not a notice is put away too, so that it is not read again every five
minutes. In a Maildir it goes to `cur`, seen; by IMAP it is marked as seen. Nothing is deleted: the mail server does it.
"""

from __future__ import annotations

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from marelle.connectors.returns.notices import returned_in
from marelle.domain.news.returned import Returned

SECONDS: Final = 20
MOST_AT_ONCE: Final = 500
BIGGEST: Final = 1024 * 1024
IMAP, IMAPS = 143, 993


class MaildirMailbox:
    """A Maildir; it fulfils `ReturnedLetters`."""

    def __init__(self, folder: Path) -> None:
        """Will keep where it is; nothing is read yet."""
        self._folder = folder

    def read(self) -> Iterator[tuple[Returned, ...]]:
        """Will read what is new, and put it away as it goes. Raises OSError when the folder is not there."""
        if not (self._folder / "new").is_dir():
            raise FileNotFoundError("the Maildir is not there")
        box = mailbox.Maildir(self._folder, create=False)
        waiting = sorted((self._folder / "new").iterdir(), key=lambda one: (one.stat().st_mtime, one.name))
        for file in waiting[:MOST_AT_ONCE]:
            with file.open("rb") as opened:
                content = opened.read(BIGGEST)
            yield returned_in(content)
            key = file.name.partition(":")[0]
            message = box.get_message(key)
            message.set_subdir("cur")
            message.add_flag("S")
            box[key] = message


class ImapMailbox:
    """A mailbox at `imaps://host[:port]/folder`; it fulfils `ReturnedLetters`."""

    def __init__(self, url: str, user: str, password: str) -> None:
        """Will keep where it is; nothing is asked yet."""
        self._url = urlsplit(url)
        self._user, self._password = user, password

    def __repr__(self) -> str:
        """Will say which server it is, and no secret."""
        return f"ImapMailbox({self._url.hostname!r})"

    def read(self) -> Iterator[tuple[Returned, ...]]:
        """Will read what was not seen, and mark it as it goes. Raises OSError when the server does not answer well."""
        try:
            with self._opened() as server:
                folder = unquote(self._url.path.strip("/")) or "INBOX"
                _good(server.select(f'"{folder}"'))
                (found,) = _good(server.uid("SEARCH", "UNSEEN"))
                for uid in (found or b"").split()[:MOST_AT_ONCE]:
                    answer = _good(server.uid("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{BIGGEST}>)"))
                    content = next((part[1] for part in answer if isinstance(part, tuple)), b"")
                    yield returned_in(content)
                    _good(server.uid("STORE", uid.decode("ascii"), "+FLAGS", "(\\Seen)"))
        except (imaplib.IMAP4.error, UnicodeDecodeError) as error:
            raise OSError(type(error).__name__) from None

    def _opened(self) -> imaplib.IMAP4:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "imap":  # the loopback alone: see `config.environment`
            server = imaplib.IMAP4(host, port or IMAP, timeout=SECONDS)
        else:
            context = ssl.create_default_context()
            server = imaplib.IMAP4_SSL(host, port or IMAPS, ssl_context=context, timeout=SECONDS)
        try:
            server.login(self._user, self._password)
        except (imaplib.IMAP4.error, OSError):
            server.shutdown()
            raise
        return server


def _good(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, said = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(kind)
    return said
