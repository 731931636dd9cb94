"""What a régie signs: a deposit statement, the record of a hand-over. Facts, tables that add up, boxes to sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer, Recipient, same, whole


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its texts, then its amount."""

    cells: tuple[str, ...]
    cents: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose last column is an amount. Raises ValueError when its rows do not come to its total."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total_cents: int
    total_name: str = "Total"

    def __post_init__(self) -> None:
        """Will refuse rows of another shape, or that do not add up."""
        whole(self.title, self.total_cents, *(row.cents for row in self.rows))
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title} : une ligne n’a pas une case par colonne")
        same(self.title, said=self.total_cents, found=sum(row.cents for row in self.rows))


@dataclass(frozen=True, slots=True)
class StatementDocument:
    """A statement ready to be drawn: `answers` say in brief what matters (three at most), `signed_by` who signs."""

    title: str
    subtitle: str
    issued_on: date
    issuer: Issuer
    recipient: Recipient
    facts: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    words: tuple[str, ...] = ()
    signed_by: tuple[str, ...] = ()
