"""Tables to print and to carry: what a kitchen is to make, the lists of a day, who is to be counted outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table with its title: the names of the columns, then the rows, texts all.

    `numbers` are the places of the columns written to the right; `narrow` of those no wider than what they hold.
    `total` is a last row, in bold. Raises ValueError when a row has not one cell a column.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numbers: frozenset[int] = frozenset()
    narrow: frozenset[int] = frozenset()
    total: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Will refuse rows of another shape."""
        for row in (*self.rows, *([self.total] if self.total else [])):
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title} : une ligne n’a pas une case par colonne")


@dataclass(frozen=True, slots=True)
class TablesDocument:
    """Tables ready to be drawn. `is_wide`: across the sheet; `is_large`: to be read outside, in a hurry.

    `is_apart`: each table begins a page, so that each class takes its own away.
    """

    title: str
    subtitle: str
    issued_on: date
    issuer: Issuer
    tables: tuple[PaperTable, ...]
    words: tuple[str, ...] = ()
    is_wide: bool = False
    is_large: bool = False
    is_apart: bool = False
