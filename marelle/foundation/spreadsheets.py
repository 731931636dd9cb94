"""Tables for spreadsheets: CSV as French offices read it, and .xlsx. Cells are texts, whole numbers, days or cents."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from xlsxwriter import Workbook

from marelle.foundation.money import in_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# What a spreadsheet would take for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# What a workbook cannot hold: signs that XML forbids, and in the name of a sheet those that formulas use.
UNREADABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
NOT_IN_A_NAME: Final = re.compile(r"[\[\]:*?/\\]|^'|'$")
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
    """Will return a workbook of these tables, the names of the columns in bold and kept in sight.

    Texts stay texts: none is read as a formula, a link or a number.
    """
    written = io.BytesIO()
    # Row by row: a run of thousands of invoices is never whole in memory as cells.
    with Workbook(written, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True})
        formats = {Cents: book.add_format({"num_format": 4}), date: book.add_format({"num_format": 14})}
        for sheet in sheets:
            page = book.add_worksheet(NOT_IN_A_NAME.sub(" ", sheet.name)[:LONGEST_NAME])
            page.freeze_panes(1, 0)
            for place, name in enumerate(sheet.columns):
                page.write_string(0, place, name, bold)
            for number, row in enumerate(sheet.rows, start=1):
                for place, cell in enumerate(row):
                    _write(page, number, place, cell, formats)
    return written.getvalue()


def _write(page: Worksheet, row: int, place: int, cell: Cell, formats: dict[type, Format]) -> None:
    match cell:
        case None:
            pass
        case Cents(cents):
            page.write_number(row, place, Decimal(cents) / 100, formats[Cents])
        case date():
            page.write_datetime(row, place, cell, formats[date])
        case int():
            page.write_number(row, place, cell)
        case _:
            page.write_string(row, place, UNREADABLE.sub("", cell))
