"""Tables for spreadsheets: CSV as French offices read it, and a plain .xlsx. Cells are texts, days or cents.

An .xlsx is a zip of a few XML files: what we write of it, texts, numbers and days without formula or style beyond a
format, is written here rather than by a library.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from marelle.foundation.money import in_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FIRST_DAY: Final = date(1899, 12, 30)
# What a spreadsheet would take for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
NOT_IN_XML: Final = "\ufffe\uffff"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST_NAME: Final = 31


@dataclass(frozen=True, slots=True)
class Cents:
    """An amount."""

    cents: int


Cell = str | int | date | Cents | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its name: the names of the columns, then the rows."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def csv_lines(sheet: Sheet) -> Iterator[bytes]:
    """Will yield the lines of a table, « ; » between cells and « , » in amounts, as a French spreadsheet opens it."""
    yield "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
    for row in _all(sheet):
        line = io.StringIO()
        csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(row)
        yield line.getvalue().encode()


def _all(sheet: Sheet) -> Iterator[Sequence[str]]:
    yield sheet.columns
    yield from _written(sheet.rows)


def _written(rows: Iterable[Sequence[Cell]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_as_text(cell) for cell in row]


def _as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Cents(cents):
            return f"-{in_amount(-cents)}" if cents < 0 else in_amount(cents)
        case date():
            return f"{cell:%d/%m/%Y}"
        case int():
            return str(cell)
        case _:
            return f"'{cell}" if cell.startswith(FORMULA) else cell


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Will return a workbook of these tables, the names of the columns in bold and kept in sight."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as parts:
        places = range(1, len(sheets) + 1)
        parts.writestr("[Content_Types].xml", _types(places))
        parts.writestr(
            "_rels/.rels",
            RELATIONS.format(f'<Relationship Id="r1" Type="{OFFICE}officeDocument" Target="xl/workbook.xml"/>'),
        )
        names = "".join(
            f'<sheet name="{escape(sheet.name[:LONGEST_NAME], QUOTES)}" sheetId="{place}" r:id="r{place}"/>'
            for place, sheet in zip(places, sheets, strict=True)
        )
        parts.writestr("xl/workbook.xml", BOOK.format(names))
        targets = "".join(
            f'<Relationship Id="r{place}" Type="{OFFICE}worksheet" Target="worksheets/sheet{place}.xml"/>'
            for place in places
        )
        styles = f'<Relationship Id="r0" Type="{OFFICE}styles" Target="styles.xml"/>'
        parts.writestr("xl/_rels/workbook.xml.rels", RELATIONS.format(targets + styles))
        parts.writestr("xl/styles.xml", STYLES)
        for place, sheet in zip(places, sheets, strict=True):
            with parts.open(f"xl/worksheets/sheet{place}.xml", "w") as part:
                for text in _sheet(sheet):
                    part.write(text.encode())
    return book.getvalue()


def _types(places: Iterable[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{place}.xml" ContentType="{SPREADSHEET}worksheet+xml"/>'
        for place in places
    )
    return TYPES.format(sheets)


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield SHEET_START
    yield _row(1, [_text(name, 1, place, style=1) for place, name in enumerate(sheet.columns)])
    for number, row in enumerate(sheet.rows, start=2):
        yield _row(number, [_cell(cell, number, place) for place, cell in enumerate(row)])
    yield "</sheetData></worksheet>"


def _row(number: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(cell: Cell, row: int, place: int) -> str:
    match cell:
        case None:
            return ""
        case Cents(cents):
            sign = "-" if cents < 0 else ""
            return f'<c r="{_letters(place)}{row}" s="2"><v>{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}</v></c>'
        case date():
            return f'<c r="{_letters(place)}{row}" s="3"><v>{(cell - FIRST_DAY).days}</v></c>'
        case int():
            return f'<c r="{_letters(place)}{row}"><v>{cell}</v></c>'
        case _:
            return _text(cell, row, place)


def _text(text: str, row: int, place: int, *, style: int = 0) -> str:
    readable = "".join(sign for sign in text if (sign >= " " or sign in "\n\t") and sign not in NOT_IN_XML)
    said = f'<is><t xml:space="preserve">{escape(readable)}</t></is>'
    return f'<c r="{_letters(place)}{row}" s="{style}" t="inlineStr">{said}</c>'


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, len(LETTERS))
        letters = LETTERS[rest] + letters
    return letters


HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
QUOTES: Final = {'"': "&quot;"}
MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
SPREADSHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
TYPES: Final = (
    f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEET}sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{SPREADSHEET}styles+xml"/>{{}}</Types>'
)
RELATIONS: Final = (
    f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{{}}</Relationships>'
)
BOOK: Final = f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE.removesuffix("/")}"><sheets>{{}}</sheets></workbook>'
STYLES: Final = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    "</cellXfs></styleSheet>"
)
SHEET_START: Final = (
    f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
