"""What somebody reads of what is kept about them, on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one kind: each row is what it says, label and value."""

    title: str
    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The account, or a family at an authority."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class OwnDataDocument:
    """Everything, ready to be drawn."""

    issued_on: date
    issuer: Issuer
    person: str
    chapters: tuple[Chapter, ...]
