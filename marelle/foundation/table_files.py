"""Tables that others wrote: CSV of any encoding, and .xlsx. Cells come out as tidy texts, days as 2017-04-09.

Nothing of a file is trusted: its size, what it unpacks to, its rows and its cells are bounded; a formula is never
computed (a workbook gives the value that it kept); no entity, no link and no other file is followed.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO, TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST_FILE: Final = 10_000_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 1_000
# What the parts of a workbook may unpack to: a file of twenty thousand rows weighs a quarter of it.
LARGEST_UNPACKED: Final = 120_000_000
SEPARATORS: Final = (";", "\t", ",", "|")
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_NAMESPACE: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN_DAYS: Final = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_PACKED: Final = b"PK\x03\x04"

EMPTY: Final = "Ce fichier est vide."
TOO_LARGE: Final = "Ce fichier est trop lourd : 10 Mo au plus."
TOO_MANY_ROWS: Final = "Ce fichier a plus de 20 000 lignes : coupez-le en plusieurs."
TOO_MANY_COLUMNS: Final = "Ce fichier a plus de 200 colonnes : gardez celles qui servent."
NOT_A_TABLE: Final = "Ce fichier n’est pas un tableau. Enregistrez-le au format CSV ou Excel (.xlsx)."
OLD_FORMAT: Final = "Ce format n’est pas lu ici. Enregistrez le tableau au format Excel (.xlsx) ou CSV."
LOCKED: Final = "Ce fichier est protégé par un mot de passe : enregistrez-le sans."
NO_ROW: Final = "Ce fichier n’a aucune ligne sous ses titres de colonnes."


class UnreadableTableError(ValueError):
    """A file that is no table: `words` says why, to whoever chose it."""

    def __init__(self, words: str) -> None:
        """Will keep why."""
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Row:
    """A row and its number, as the spreadsheet shows it beside it (from 1)."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The titles of the columns, and the rows that hold something."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """Will read a file whose first row that holds something gives the titles. Raises UnreadableTableError."""
    if not content.strip(b"\0\t\r\n "):
        raise UnreadableTableError(EMPTY)
    if len(content) > LARGEST_FILE:
        raise UnreadableTableError(TOO_LARGE)
    if content.startswith(_OLD_WORKBOOK):
        # Word and Excel of before 2007, and any workbook that a password locks.
        raise UnreadableTableError(LOCKED if b"E\0n\0c\0r\0y\0p\0t" in content else OLD_FORMAT)
    rows = _xlsx_rows(content) if content.startswith(_PACKED) else _csv_rows(_decoded(content))
    return _table(rows)


def _table(rows: Iterable[tuple[int, list[str]]]) -> Table:
    columns: tuple[str, ...] | None = None
    kept: list[Row] = []
    for number, row in rows:
        if len(row) > MOST_COLUMNS:
            raise UnreadableTableError(TOO_MANY_COLUMNS)
        cells = tuple(tidy(cell) for cell in row)
        if not any(cells):
            continue
        if columns is None:
            columns = cells
        elif len(kept) == MOST_ROWS:
            raise UnreadableTableError(TOO_MANY_ROWS)
        else:
            kept.append(Row(number, cells))
    if columns is None:
        raise UnreadableTableError(EMPTY)
    if not kept:
        raise UnreadableTableError(NO_ROW)
    return Table(columns, tuple(kept))


def tidy(cell: str) -> str:
    """Will return a cell on one line, without signs that nobody sees, no longer than a cell may be."""
    return " ".join(_UNSEEN.sub("", cell).split())[:LONGEST_CELL]


# ----------------------------------------------------------------------------------------------------------------- CSV
def _decoded(content: bytes) -> str:
    """Will return the text of a file: by its mark, else UTF-8, else Windows. Raises UnreadableTableError."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _as(content, encoding)
    if b"\0" in content[:200]:
        # « Texte Unicode » without its mark: every other byte of a Latin text is nothing.
        return _as(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableTableError(NOT_A_TABLE) from error


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text[:4000]
    if "\0" in text or sum(1 for sign in head if ord(sign) < 32 and sign not in "\t\r\n\f") > len(head) // 50:  # noqa: PLR2004  below a space
        raise UnreadableTableError(NOT_A_TABLE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as error:  # a cell that never ends
        raise UnreadableTableError(NOT_A_TABLE) from error


def _separator(text: str) -> str:
    """Will return what stands between cells: the sign most seen in the first line that holds something."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    seen = Counter(sign for sign in re.sub(r'"[^"]*"', "", first) if sign in SEPARATORS)
    return max(SEPARATORS, key=lambda sign: seen[sign])


# ---------------------------------------------------------------------------------------------------------------- XLSX
def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            if sum(part.file_size for part in book.infolist()) > LARGEST_UNPACKED:
                raise UnreadableTableError(TOO_LARGE)
            names = set(book.namelist())
            if "xl/workbook.xml" not in names:
                raise UnreadableTableError(OLD_FORMAT)
            strings = _strings(book) if "xl/sharedStrings.xml" in names else []
            days = _day_styles(book) if "xl/styles.xml" in names else frozenset()
            since = date(1904, 1, 1) if _counts_from_1904(book) else date(1899, 12, 30)
            with book.open(_first_sheet(book, names)) as part:
                yield from _sheet_rows(part, strings, days, since)
    except (zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, OSError, EOFError, NotImplementedError) as error:
        if isinstance(error, UnreadableTableError):
            raise
        raise UnreadableTableError(NOT_A_TABLE) from error
    except RuntimeError as error:  # a part that a password locks
        raise UnreadableTableError(LOCKED) from error


def _elements(part: IO[bytes], *tags: str) -> Iterator[etree._Element]:
    """Will yield the elements of these names once each is read, and forget it: a sheet is never whole in memory."""
    names = [f"{_NAMESPACE}{tag}" for tag in tags]
    walk = etree.iterparse(part, tag=names, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    for _event, element in walk:
        if element.getroottree().docinfo.doctype:
            raise UnreadableTableError(NOT_A_TABLE)  # no workbook has one, but an attack of entities
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _strings(book: zipfile.ZipFile) -> list[str]:
    with book.open("xl/sharedStrings.xml") as part:
        return [_text_of(one) for one in _elements(part, "si")]


def _text_of(element: etree._Element) -> str:
    """Will return the text of a string, without how it is to be read aloud."""
    texts = (one for one in element.iter(f"{_NAMESPACE}t"))
    return "".join(
        one.text or "" for one in texts if one.getparent() is None or not str(one.getparent().tag).endswith("}rPh")
    )


def _day_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """Will return the styles (their places) under which a number is a day."""
    own: dict[int, str] = {}
    styles: list[int] = []
    with book.open("xl/styles.xml") as part:
        for one in _elements(part, "numFmt", "cellXfs"):
            if one.tag.endswith("numFmt"):
                own[int(one.get("numFmtId", "0"))] = one.get("formatCode", "")
            else:
                styles = [int(style.get("numFmtId", "0")) for style in one]
    return frozenset(
        place for place, number in enumerate(styles) if number in _BUILT_IN_DAYS or _writes_a_day(own.get(number, ""))
    )


def _writes_a_day(code: str) -> bool:
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code).lower()
    return "d" in plain or "y" in plain or "j" in plain


def _counts_from_1904(book: zipfile.ZipFile) -> bool:
    with book.open("xl/workbook.xml") as part:
        return any(one.get("date1904") in {"1", "true"} for one in _elements(part, "workbookPr"))


def _first_sheet(book: zipfile.ZipFile, names: set[str]) -> str:
    """Will return the part of the first sheet, as the workbook orders them."""
    with book.open("xl/workbook.xml") as part:
        first = next((one.get(_RELATION, "") for one in _elements(part, "sheet")), "")
    if "xl/_rels/workbook.xml.rels" in names:
        with book.open("xl/_rels/workbook.xml.rels") as part:
            for _event, one in etree.iterparse(part, resolve_entities=False, load_dtd=False, no_network=True):
                if one.get("Id") == first and one.get("Target"):
                    target = str(one.get("Target")).removeprefix("/")
                    return target if target.startswith("xl/") else f"xl/{target}"
    return "xl/worksheets/sheet1.xml"


def _sheet_rows(
    part: IO[bytes], strings: list[str], days: frozenset[int], since: date
) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for row in _elements(part, "row"):
        number = int(row.get("r") or number + 1)
        cells: list[str] = []
        for cell in row.iterchildren(f"{_NAMESPACE}c"):
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            if place >= MOST_COLUMNS:
                if not _value(cell, strings, days, since):
                    continue
                raise UnreadableTableError(TOO_MANY_COLUMNS)
            cells += [""] * (place - len(cells))
            cells.append(_value(cell, strings, days, since))
        yield number, cells


def _column(reference: str) -> int:
    """Will return the place of a column, from 0, from the name of a cell: « AB12 » is in the 27th."""
    place = 0
    for sign in reference:
        if not "A" <= sign <= "Z":
            break
        place = place * 26 + ord(sign) - ord("A") + 1
    return place - 1


def _value(cell: etree._Element, strings: list[str], days: frozenset[int], since: date) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        held = cell.find(f"{_NAMESPACE}is")
        return "" if held is None else _text_of(held)
    text = cell.findtext(f"{_NAMESPACE}v") or ""
    if kind == "s":
        place = int(text or -1)
        return strings[place] if 0 <= place < len(strings) else ""
    if kind in {"str", "d", "b"}:
        return text
    if kind == "e" or not text:
        return ""
    return _number(text, is_day=int(cell.get("s", "0")) in days, since=since)


def _number(text: str, *, is_day: bool, since: date) -> str:
    value = float(text)
    if is_day:
        try:
            return (since + timedelta(days=int(value))).isoformat()
        except OverflowError:
            return text
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004  exact below
