"""What a kind of import is: a file is read into entries, entries are compared with what is known, line by line.

A line says what it would do as *acts*, values that name tables and rows; it never does them. The same comparison makes
what an agent looks over and, at the moment of applying, what is written: were it to say something else by then, nothing
is. See decision 34, which tells how to add a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from marelle.domain.onboarding.rules.imports.columns import Column, Where
    from marelle.foundation.table_files import Row


class Verdict(StrEnum):
    """What a line comes to, beside what is known."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT = "left"
    AMBIGUOUS = "ambiguous"
    REFUSED = "refused"


# Taken unless an agent says otherwise. Somebody who is not in the file is never made to leave by silence.
TAKEN: frozenset[Verdict] = frozenset({Verdict.NEW, Verdict.CHANGED})
# What an agent answers to an ambiguous line when it is none of the candidates.
IS_NEW = "new"


@dataclass(frozen=True, slots=True)
class Ref:
    """A row that the import itself creates, by the name that its act gives it."""

    name: str


Value = str | int | date | None | Ref


@dataclass(frozen=True, slots=True)
class Create:
    """A row to create. Several lines may need the same one, by its `ref`: the first that is taken creates it."""

    table: str
    ref: str
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Set:
    """A field of a row (key) that goes from a value to another; refused when it holds neither."""

    table: str
    key: int
    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class TakeBalance:
    """What a family (key) owed to a régie (key) on a day elsewhere, and what was held for it there, in cents."""

    family: int
    regie: int
    owed_cents: int
    advance_cents: int
    on: date


@dataclass(frozen=True, slots=True)
class TakeInvoice:
    """What is left, in cents, of an invoice that another software issued to a family (key) for a régie (key)."""

    family: int
    regie: int
    number: str
    label: str
    cents: int
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class TakeDay:
    """A day that a home (key) reserved elsewhere for a child, of a product (keys)."""

    child: int
    family: int
    product: int
    day: date


@dataclass(frozen=True, slots=True)
class TakeMandate:
    """The mandate that a family (key) signed elsewhere for a régie (key): it keeps its reference and its day."""

    family: int
    regie: int
    rum: str
    signed_on: date
    last_used_on: date | None
    place: str
    holder: str = field(repr=False)
    address: str = field(repr=False)
    iban: str = field(repr=False)
    bic: str = field(repr=False)


Act = Create | Set | TakeBalance | TakeInvoice | TakeDay | TakeMandate


class Amount(NamedTuple):
    """What a line brings, in cents, to what: a régie. Their sum is compared with what the former software says."""

    of: str
    cents: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What is said otherwise, in words, and what writing it does. Nothing known is overwritten unless ticked.

    `is_meant`: the agent asked for this very change, it is ticked from the start. `label` says what, the same for all
    the lines that have it, and `whose` of whom when it is not of whom the line is about.
    """

    field: str
    label: str
    before: str
    after: str
    acts: tuple[Act, ...]
    is_meant: bool = False
    whose: str = ""

    @property
    def is_ticked(self) -> bool:
        """Will tell whether it is written unless an agent says otherwise: what was empty is, what was known is not."""
        return self.is_meant or not self.before


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is known and may be the one of the line: a key, and words that tell them apart."""

    key: int
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row of a file says, read: texts by code, days as 2017-04-09; or why it is refused, in sentences.

    `notes` are what was left aside without refusing the row.
    """

    number: int
    says: Mapping[str, str]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An entry beside what is known; `number` 0 and no `entry` for what only the base knows.

    `key` is the row that it is about. Taken, it does `acts`, and those of its differences that are ticked. `words` are
    why it is refused or ambiguous, or what else is to be known of it. `amount` is what it brings, when it is money.
    """

    number: int
    label: str
    verdict: Verdict
    key: int | None = None
    words: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    acts: tuple[Act, ...] = ()
    entry: Entry | None = None
    amount: Amount | None = None

    @property
    def identity(self) -> tuple[int, int | None]:
        """Will return what names it among the lines of the same import."""
        return (self.number, None if self.number else self.key)


@dataclass(frozen=True, slots=True)
class Options:
    """What an agent said beside the file: the school that it comes from (key), the day from which it holds.

    `decided` holds, by number of line, the key of the candidate that an ambiguous line is about, or IS_NEW.
    """

    on: date
    facility: int | None = None
    decided: Mapping[int, str] | None = None

    def answer_to(self, number: int) -> str:
        """Will return what was decided of a line; nothing when nothing was."""
        return (self.decided or {}).get(number, "")


Known_contra = TypeVar("Known_contra", contravariant=True)


class Kind(Protocol[Known_contra]):
    """A kind of file. `Known` is what its comparison needs to know of the base."""

    @property
    def code(self) -> str:
        """Will return its short name, kept with each import."""

    @property
    def title(self) -> str:
        """Will return what agents call it."""

    @property
    def columns(self) -> Sequence[Column]:
        """Will return the columns that it knows; none when it is made without a file."""

    @property
    def is_of_a_school(self) -> bool:
        """Will tell whether the file is one school's, which the agent names."""

    @property
    def is_takeover(self) -> bool:
        """Will tell whether it brings what another software knew of families who are here: it makes nobody."""

    def entries(self, rows: Sequence[Row], where: Where, *, on: date) -> tuple[Entry, ...]:
        """Will read the rows of a file whose columns are at `where`."""

    def lines(self, entries: Sequence[Entry], known: Known_contra, options: Options) -> tuple[Line, ...]:
        """Will compare what the file says with what is known."""
