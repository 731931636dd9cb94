"""The port through which e-mails that come back are read.

A connector fulfils `ReturnedLetters`; `config` plugs it in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, repr=False)
class Returned:
    """A letter that came back for good: its identifier, the address, the code of RFC 3463 (« 5.1.1 »)."""

    message_id: str
    address: str
    status: str


class ReturnedLetters(Protocol):
    """Where what comes back is read."""

    def read(self) -> Iterator[tuple[Returned, ...]]:
        """Will hand over what each e-mail says has come back, () for one that says nothing of the kind.

        An e-mail is put away once the next one is asked for: what was not dealt with is read again. Raises OSError.
        """
