"""What a letter of membership codes holds: one family, one code for each of its guardians who has no account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer, Recipient


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """A code as it is printed, whose it is, and the last day on which it may be typed."""

    name: str
    code: str
    until: date


@dataclass(frozen=True, slots=True)
class CodeLetterDocument:
    """A letter to one family. `handed_by` is the class that hands it out. Raises ValueError without a code."""

    written_on: date
    issuer: Issuer
    family: Recipient
    handed_by: str
    site: str
    codes: tuple[PrintedCode, ...]

    def __post_init__(self) -> None:
        """Will refuse a letter that brings nothing."""
        if not self.codes:
            raise ValueError(f"{self.family.name} : une lettre apporte un code au moins")
