"""Reading a statement: whatever a bank or a gateway exports as CSV, as lines of a date, words and cents.

DFT accounts, PayFiP and PayZen all export tables, each with its separator, its encoding and its own names of columns.
What is guessed the first time is kept with the statement, and proposed the next time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LARGEST_FILE: Final = 5_000_000
MOST_LINES: Final = 50_000
HIGHEST_CENTS: Final = 2_000_000_000
SEPARATORS: Final = ";\t,|"
ENCODINGS: Final = ("utf-8-sig", "cp1252")
HEADER_WITHIN: Final = 15  # an export often begins with the name of the account and its balance
DATES: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%d%m%Y")
FIRST_YEAR, LAST_YEAR = 2000, 2099
# How a list of operations names those that brought nothing; R, Z and A are PayFiP's own letters.
NOT_PAID: Final = ("refus", "abandon", "annul", "echec", "echou", "expir", "en cours", "en attente")
NOT_PAID_LETTERS: Final = frozenset({"r", "z", "a"})
_AMOUNT: Final = re.compile(r"([+-]?)(\d{1,9})(?:[.,](\d{1,2}))?")
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f€]|EUR", re.IGNORECASE)
_NAMES: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]*[A-Za-z0-9]")


class Column(StrEnum):
    """What a column holds. An amount is in one column with its sign, or in two; a status says what was not paid."""

    DATE = "date"
    LABEL = "label"
    REFERENCE = "reference"
    AMOUNT = "amount"
    CREDIT = "credit"
    DEBIT = "debit"
    STATUS = "status"


# Names seen in exports, without accents: the first column whose name begins so is taken.
KNOWN: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.DATE: ("date operation", "date de l'operation", "date d'operation", "date comptable", "date transaction",
                  "date de transaction", "date paiement", "date de paiement", "dattrans", "date", "jour"),
    Column.LABEL: ("libelle", "nature de l'operation", "nature", "objet", "description", "label"),
    Column.REFERENCE: ("refdet", "reference", "ref dette", "ref", "numero d'operation", "numauto", "commande",
                       "order", "id transaction", "transaction"),
    Column.AMOUNT: ("montant", "amount", "somme"),
    Column.CREDIT: ("credit", "montant credit", "recette", "encaissement"),
    Column.DEBIT: ("debit", "montant debit", "depense"),
    Column.STATUS: ("statut", "etat", "resultat", "resultrans"),
}  # fmt: skip


class Fault(StrEnum):
    """Why a file cannot be read, in the words that an agent reads."""

    EMPTY = "Ce fichier est vide."
    TOO_LARGE = "Ce fichier est trop grand : importez le relevé mois par mois."
    NOT_TEXT = "Ce fichier n’est pas un tableau CSV. Exportez le relevé au format CSV."
    NO_COLUMNS = (
        "Les colonnes de ce fichier ne se reconnaissent pas : écrivez le nom de celles de la date et du montant,"
        " comme dans la première ligne du tableau."
    )
    NO_LINE = "Aucune ligne de ce fichier n’a une date et un montant."


class UnreadableStatementError(ValueError):
    """A file that is no statement: `fault` says why in words; `names` are the columns that were seen."""

    def __init__(self, fault: Fault, names: Sequence[str] = ()) -> None:
        """Will keep why."""
        super().__init__(fault.name)
        self.fault, self.names = fault, tuple(names)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is written: its separator, its encoding, and the name of the column of each thing."""

    separator: str
    encoding: str
    columns: Mapping[str, str]

    def as_data(self) -> dict[str, Any]:
        """Will return it as plain data, which `columns` alone reads again."""
        return {"separator": self.separator, "encoding": self.encoding, "columns": dict(self.columns)}


class Said(NamedTuple):
    """A line of a statement; cents below zero went out. `number` is its place in the file, from 1."""

    number: int
    date: date
    label: str
    reference: str
    cents: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file says. `left_out` counts the lines without a date or an amount, or of operations not paid."""

    layout: Layout
    lines: tuple[Said, ...]
    left_out: int = 0
    names: tuple[str, ...] = field(default=())


def read_statement(content: bytes, columns: Mapping[str, str] | None = None) -> Statement:
    """Will read a statement; `columns` names those that were said or remembered, the others are guessed.

    Raises UnreadableStatementError.
    """
    encoding, text = _decoded(content)
    separator = _separator(text)
    rows = _rows(text, separator)
    found = _header(rows, columns or {})
    if found is None:
        widest = max(rows[:HEADER_WITHIN], key=lambda row: sum(1 for cell in row if cell.strip()), default=[])
        raise UnreadableStatementError(Fault.NO_COLUMNS, [cell.strip()[:60] for cell in widest if cell.strip()])
    place, header, where = found
    lines: list[Said] = []
    twins: Counter[str] = Counter()
    left_out = 0
    for number, row in enumerate(rows[place + 1 :], start=place + 2):
        if not any(cell.strip() for cell in row):
            continue
        line = _line(number, row, where, twins)
        if line is None:
            left_out += 1
        else:
            lines.append(line)
    if not lines:
        raise UnreadableStatementError(Fault.NO_LINE, header)
    names = {column.value: header[at] for column, at in where.items()}
    return Statement(Layout(separator, encoding, names), tuple(lines), left_out, tuple(header))


def amount_from(text: str) -> int | None:
    """Will read « 1 234,56 », « -12.50 » or « 38,5 € » as cents; None when it is no amount."""
    bare = _BLANKS.sub("", text).replace("−", "-")
    # « 1.234,56 » and « 1,234.56 »: the last sign parts the cents.
    last = max(bare.rfind(","), bare.rfind("."))
    if last >= 0:
        bare = re.sub(r"[.,]", "", bare[:last]) + bare[last:]
    match = _AMOUNT.fullmatch(bare)
    if match is None:
        return None
    sign, euros, cents = match.groups()
    found = int(euros) * 100 + int((cents or "0").ljust(2, "0"))
    return -found if sign == "-" else found


def date_from(text: str) -> date | None:
    """Will read a day, with or without its hour; None when it is no day of our calendars."""
    first = text.strip().split(" ")[0].split("T")[0]
    if not first.isascii():
        return None
    for written in DATES:
        try:
            found = datetime.strptime(first, written).date()  # noqa: DTZ007  a day, no moment
        except ValueError:
            continue
        if FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
    return None


def names_in(*texts: str) -> set[str]:
    """Will return what may be a reference in these words: numbers of invoices, of operations, references of ours."""
    found = set()
    for text in texts:
        for name in _NAMES.findall(text):
            if any(sign.isdigit() for sign in name):
                found.add(name[:64])
    return found


def plain(text: str) -> str:
    """Will write a name of column without accents, capitals or double blanks."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'"))
    kept = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(kept.replace("_", " ").casefold().split()).strip(" :.")


def _decoded(content: bytes) -> tuple[str, str]:
    if not content.strip():
        raise UnreadableStatementError(Fault.EMPTY)
    if len(content) > LARGEST_FILE:
        raise UnreadableStatementError(Fault.TOO_LARGE)
    if b"\x00" in content:
        raise UnreadableStatementError(Fault.NOT_TEXT)
    for encoding in ENCODINGS:
        try:
            return encoding, content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableStatementError(Fault.NOT_TEXT)


def _separator(text: str) -> str:
    """Will return the one that cuts the most lines alike."""
    head = [line for line in text.splitlines()[:60] if line.strip()]

    def alike(separator: str) -> tuple[int, int]:
        counts = Counter(line.count(separator) for line in head if separator in line)
        return max(((lines * count, count) for count, lines in counts.items()), default=(0, 0))

    return max(SEPARATORS, key=alike)


def _rows(text: str, separator: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise UnreadableStatementError(Fault.NOT_TEXT) from None
    if len(rows) > MOST_LINES:
        raise UnreadableStatementError(Fault.TOO_LARGE)
    return rows


def _header(rows: Sequence[Sequence[str]], said: Mapping[str, str]) -> tuple[int, list[str], dict[Column, int]] | None:
    for place, row in enumerate(rows[:HEADER_WITHIN]):
        names = [plain(cell) for cell in row]
        where: dict[Column, int] = {}
        for column in Column:
            found = _place(names, column, said.get(column.value, ""), set(where.values()))
            if found is not None:
                where[column] = found
        if Column.DATE in where and where.keys() & {Column.AMOUNT, Column.CREDIT, Column.DEBIT}:
            return place, [cell.strip()[:60] for cell in row], where
    return None


def _place(names: Sequence[str], column: Column, said: str, taken: set[int]) -> int | None:
    if said:
        wanted = plain(said)
        return names.index(wanted) if wanted in names else None
    for known in KNOWN[column]:
        for at, name in enumerate(names):
            if at not in taken and (name == known or name.startswith(f"{known} ")):
                return at
    return None


def _line(number: int, row: Sequence[str], where: Mapping[Column, int], twins: Counter[str]) -> Said | None:
    def cell(column: Column) -> str:
        at = where.get(column)
        return row[at].strip() if at is not None and at < len(row) else ""

    day = date_from(cell(Column.DATE))
    cents = _cents(cell(Column.AMOUNT), cell(Column.CREDIT), cell(Column.DEBIT))
    status = plain(cell(Column.STATUS))
    if status in NOT_PAID_LETTERS or status.startswith(NOT_PAID):
        return None
    if day is None or not cents or abs(cents) > HIGHEST_CENTS:
        return None
    label, reference = _short(cell(Column.LABEL), 200), _short(cell(Column.REFERENCE), 80)
    told = f"{day.isoformat()}|{cents}|{plain(label)}|{plain(reference)}"
    twins[told] += 1
    # Two lines alike on the same day are two operations; the same file again says the same lines.
    digest = hashlib.sha256(f"{told}|{twins[told]}".encode()).hexdigest()[:40]
    return Said(number, day, label, reference, cents, digest)


def _cents(amount: str, credit: str, debit: str) -> int | None:
    if amount and (found := amount_from(amount)) is not None:
        return found
    came, went = amount_from(credit) if credit else None, amount_from(debit) if debit else None
    if came is None and went is None:
        return None
    return abs(came or 0) - abs(went or 0)


def _short(text: str, longest: int) -> str:
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:longest]


def spanned(lines: Iterable[Said]) -> tuple[date, date]:
    """Will return the first and the last day of some lines, one at least."""
    days = [line.date for line in lines]
    return min(days), max(days)
