"""The port through which files for the bank are written and read: values in, bytes out, and the other way round.

A connector fulfils `BankFiles`; `config` plugs it in (`settings.BANK_FILES`). Nothing here asks anybody anything: the
same values give the same bytes, so that a writer may be called under a lock. Amounts in cents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The account of a régie, where money comes to and goes from. `ics` is its creditor identifier."""

    name: str
    ics: str
    iban: str = field(repr=False)
    bic: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit of a payer: `rum` names the mandate signed on a day. `is_amended`: the account is another than before."""

    reference: str
    cents: int
    rum: str
    signed_on: date
    holder: str = field(repr=False)
    iban: str = field(repr=False)
    bic: str = field(repr=False)
    label: str
    is_amended: bool = False


@dataclass(frozen=True, slots=True)
class DebitOrder:
    """The debits of a day, in one file. `message` names it; `made_at` is local. `scheme` is a version of pain.008."""

    message: str
    made_at: datetime
    due_on: date
    creditor: OwnAccount
    scheme: str
    debits: tuple[Debit, ...]


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money that goes back to somebody."""

    reference: str
    cents: int
    holder: str = field(repr=False)
    iban: str = field(repr=False)
    bic: str = field(repr=False)
    label: str


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """The transfers of a day, in one file; `made_at` is local."""

    message: str
    made_at: datetime
    paid_on: date
    account: OwnAccount
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """A debit that a bank sent back, by our reference, with the reason code of banks and the day."""

    reference: str
    reason: str
    day: date


class UnwritableFileError(Exception):
    """The values make no valid file: nothing leaves. It holds nothing of anybody."""


class UnreadableReturnsError(Exception):
    """The file is not one of returns; `words` say what is wrong, and where."""

    def __init__(self, words: str) -> None:
        """Will keep the words."""
        super().__init__(words)
        self.words = words


class BankFiles(Protocol):
    """Who writes and reads the files of banks."""

    def debits(self, order: DebitOrder) -> bytes:
        """Will write debits. Raises UnwritableFileError: what the format does not allow never leaves."""

    def transfers(self, order: TransferOrder) -> bytes:
        """Will write transfers. Raises UnwritableFileError."""

    def returns(self, content: bytes) -> list[Return]:
        """Will read the debits that came back. Raises UnreadableReturnsError."""
