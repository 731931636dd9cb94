"""The port through which a file is looked at by an antivirus. A connector fulfils it; `config` plugs it in, if set."""

from __future__ import annotations

from typing import Protocol


class AntivirusUnavailableError(Exception):
    """It did not answer, or not in words that are understood: nothing is known of the file."""


class Antivirus(Protocol):
    """Who can say that a file holds a virus."""

    def virus_in(self, content: bytes) -> str | None:
        """Will return the name of what was found, None when nothing was.

        Raises AntivirusUnavailableError. It may take some seconds: never inside a transaction.
        """
