"""Invoices of another software, as a file or a program says them: read, and what is wrong of each in words.

Amounts in cents. A file is CSV as French offices export it: « ; » or tabulations, UTF-8 or Windows-1252, « 12,34 ».
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.foundation.money import cents_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LARGEST_FILE: Final = 2_000_000
MOST_LINES: Final = 5_000
HIGHEST_CENTS: Final = 10_000_000
LONGEST: Final = {"reference": 40, "objet": 120, "debiteur": 160, "numero_client": 40, "email": 254}
OLDEST: Final = timedelta(days=10 * 366)
LONGEST_TERM: Final = timedelta(days=2 * 366)
ENCODINGS: Final = ("utf-8-sig", "cp1252")
SEPARATORS: Final = (";", "\t")
# Before the number of an invoice: its payer gave no customer number, and has an account for this invoice alone.
ALONE: Final = "="
OTHER_THEME: Final = "autre"
_DATES: Final = ("%d/%m/%Y", "%Y-%m-%d")
_EMAIL: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]{2,}")
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f€]")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")


class Column(StrEnum):
    """What a column holds, as its first line names it; accents and capitals aside, in any order."""

    REFERENCE = "reference"
    LABEL = "objet"
    AMOUNT = "montant"
    ISSUED_ON = "date"
    DUE_ON = "echeance"
    DEBTOR = "debiteur"
    DEBTOR_CODE = "numero_client"
    EMAIL = "email"
    THEME = "sujet"


NEEDED: Final = (Column.REFERENCE, Column.LABEL, Column.AMOUNT, Column.ISSUED_ON, Column.DUE_ON, Column.DEBTOR)
TITLES: Final[Mapping[Column, str]] = {
    Column.REFERENCE: "Référence",
    Column.LABEL: "Objet",
    Column.AMOUNT: "Montant",
    Column.ISSUED_ON: "Date",
    Column.DUE_ON: "Échéance",
    Column.DEBTOR: "Débiteur",
    Column.DEBTOR_CODE: "Numéro client",
    Column.EMAIL: "Email",
    Column.THEME: "Sujet",
}
_SPELLINGS: Final[Mapping[str, Column]] = {
    **{one.value.replace("_", " "): one for one in Column},
    "ref": Column.REFERENCE,
    "numero": Column.REFERENCE,
    "libelle": Column.LABEL,
    "date d emission": Column.ISSUED_ON,
    "date de la facture": Column.ISSUED_ON,
    "date d echeance": Column.DUE_ON,
    "nom": Column.DEBTOR,
    "redevable": Column.DEBTOR,
    "code client": Column.DEBTOR_CODE,
    "e mail": Column.EMAIL,
    "courriel": Column.EMAIL,
}


class FileFault(StrEnum):
    """Why a file is not read at all, in the words that an agent reads."""

    EMPTY = "Ce fichier est vide."
    TOO_LARGE = "Ce fichier est trop grand : 5 000 lignes et 2 Mo au plus. Coupez-le en plusieurs."
    NOT_TEXT = "Ce fichier n’est pas un tableau CSV. Enregistrez-le au format CSV."
    NO_LINE = "Ce fichier n’a aucune facture sous sa première ligne."


class UnreadableFileError(ValueError):
    """A file that is no table of invoices: `words` says why."""

    def __init__(self, words: str) -> None:
        """Will keep why."""
        super().__init__(words)
        self.words = str(words)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An invoice to import, well written."""

    reference: str
    label: str
    cents: int
    issued_on: date
    due_on: date
    debtor: str
    debtor_code: str = ""
    email: str = ""
    theme: str = OTHER_THEME

    @property
    def account_code(self) -> str:
        """Will return what names the account of its payer, with the payer's name."""
        return self.debtor_code or ALONE + self.reference


class Fault(NamedTuple):
    """What is wrong with a field, in a sentence."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file (`number`, from 1): what it wants, or what is wrong of it."""

    number: int
    reference: str
    wanted: Wanted | None
    faults: tuple[Fault, ...] = ()


def read_file(content: bytes, *, themes: Sequence[str], on: date) -> tuple[Line, ...]:
    """Will read a file of invoices on a day, each line with its faults. Raises UnreadableFileError."""
    rows = _rows(content)
    where = _header(rows[0])
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        said = {column.value: row[place] if place < len(row) else "" for column, place in where.items()}
        wanted, faults = wanted_from(said, themes=themes, on=on)
        reference = tidy(said[Column.REFERENCE])
        key = reference.upper()
        if key and key in seen:
            faults = (*faults, Fault(Column.REFERENCE, f"Cette référence est déjà à la ligne {seen[key]}."))
            wanted = None
        seen.setdefault(key, number)
        lines.append(Line(number, reference, wanted, faults))
    if not lines:
        raise UnreadableFileError(FileFault.NO_LINE)
    if len(lines) > MOST_LINES:
        raise UnreadableFileError(FileFault.TOO_LARGE)
    return tuple(lines)


def wanted_from(said: Mapping[str, str], *, themes: Sequence[str], on: date) -> tuple[Wanted | None, tuple[Fault, ...]]:
    """Will read one invoice from texts, by column; None, and every fault, when something is wrong."""
    faults: list[Fault] = []
    texts = {
        column: _text(said.get(column, ""), column, is_needed=column in NEEDED, faults=faults)
        for column in (Column.REFERENCE, Column.LABEL, Column.DEBTOR, Column.DEBTOR_CODE, Column.EMAIL)
    }
    cents = _cents(said.get(Column.AMOUNT, ""), faults)
    issued_on = _day(said.get(Column.ISSUED_ON, ""), Column.ISSUED_ON, faults)
    due_on = _day(said.get(Column.DUE_ON, ""), Column.DUE_ON, faults)
    if issued_on is not None and not on - OLDEST <= issued_on <= on:
        faults.append(Fault(Column.ISSUED_ON, "La date de la facture est dans l’avenir, ou a plus de dix ans."))
    if issued_on is not None and due_on is not None and not issued_on <= due_on <= issued_on + LONGEST_TERM:
        faults.append(Fault(Column.DUE_ON, "L’échéance va de la date de la facture à deux ans après elle."))
    if texts[Column.REFERENCE] and not any(sign.isalnum() for sign in texts[Column.REFERENCE]):
        faults.append(Fault(Column.REFERENCE, "La référence n’a ni lettre ni chiffre."))
    if texts[Column.DEBTOR_CODE].startswith(ALONE):
        faults.append(Fault(Column.DEBTOR_CODE, f"Le numéro de client ne commence pas par « {ALONE} »."))
    if texts[Column.EMAIL] and not _EMAIL.fullmatch(texts[Column.EMAIL]):
        faults.append(Fault(Column.EMAIL, "Cette adresse e-mail n’en est pas une."))
    theme = folded(said.get(Column.THEME, "")) or OTHER_THEME
    if theme not in themes:
        faults.append(Fault(Column.THEME, f"Le sujet est l’un de : {', '.join(themes)}."))
    if faults or cents is None or issued_on is None or due_on is None:
        return None, tuple(faults)
    wanted = Wanted(
        reference=texts[Column.REFERENCE],
        label=texts[Column.LABEL],
        cents=cents,
        issued_on=issued_on,
        due_on=due_on,
        debtor=texts[Column.DEBTOR],
        debtor_code=texts[Column.DEBTOR_CODE],
        email=texts[Column.EMAIL],
        theme=theme,
    )
    return wanted, ()


def differences(wanted: Wanted, known: Wanted) -> tuple[str, ...]:
    """Will name, in French, what an invoice says otherwise than the one that bears its reference here."""
    pairs = (
        ("le montant", wanted.cents, known.cents),
        ("l’objet", wanted.label, known.label),
        ("la date", wanted.issued_on, known.issued_on),
        ("l’échéance", wanted.due_on, known.due_on),
        ("le débiteur", wanted.debtor, known.debtor),
        ("le numéro de client", wanted.account_code, known.account_code),
    )
    return tuple(name for name, new, old in pairs if new != old)


def tidy(text: str) -> str:
    """Will return a text on one line, its blanks made one."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def folded(text: str) -> str:
    """Will return a text without accents nor capitals, as two spellings are compared."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain.lower()).split())


def _rows(content: bytes) -> list[list[str]]:
    if not content.strip():
        raise UnreadableFileError(FileFault.EMPTY)
    if len(content) > LARGEST_FILE:
        raise UnreadableFileError(FileFault.TOO_LARGE)
    if b"\0" in content:
        raise UnreadableFileError(FileFault.NOT_TEXT)
    text = ""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise UnreadableFileError(FileFault.NOT_TEXT)
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    separator = max(SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise UnreadableFileError(FileFault.NOT_TEXT) from error
    if not rows:
        raise UnreadableFileError(FileFault.EMPTY)
    return rows


def _header(row: Sequence[str]) -> dict[Column, int]:
    where: dict[Column, int] = {}
    for place, name in enumerate(row):
        column = _SPELLINGS.get(folded(name))
        if column is not None:
            where.setdefault(column, place)
    lacking = [TITLES[column] for column in NEEDED if column not in where]
    if lacking:
        raise UnreadableFileError(
            f"La première ligne nomme les colonnes. Il manque : {', '.join(lacking)}. Partez du modèle."
        )
    return where


def _text(text: str, column: Column, *, is_needed: bool, faults: list[Fault]) -> str:
    found = tidy(text)
    if is_needed and not found:
        faults.append(Fault(column, f"{TITLES[column]} : c’est vide."))
    if len(found) > LONGEST[column]:
        faults.append(Fault(column, f"{TITLES[column]} : {LONGEST[column]} signes au plus."))
    return found


def _cents(text: str, faults: list[Fault]) -> int | None:
    bare = _BLANKS.sub("", text)
    try:
        cents = cents_from(bare)
    except ValueError:
        faults.append(Fault(Column.AMOUNT, "Le montant s’écrit « 12,34 », en euros."))
        return None
    if not 0 < cents <= HIGHEST_CENTS:
        faults.append(Fault(Column.AMOUNT, "Le montant va de 0,01 € à 100 000 €."))
        return None
    return cents


def _day(text: str, column: Column, faults: list[Fault]) -> date | None:
    for pattern in _DATES:
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007  a day has no time zone
        except ValueError:
            continue
    faults.append(Fault(column, f"{TITLES[column]} : un jour s’écrit « 31/12/2026 »."))
    return None
