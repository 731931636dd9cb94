"""What a family keeps of a request: the whole of it, its acknowledgement, the attestation that silence accepted it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer, Recipient


@dataclass(frozen=True, slots=True)
class Chapter:
    """A titled piece: sentences, then rows of a name and what is said of it. Raises ValueError when it is empty."""

    title: str
    words: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Will refuse a title over nothing."""
        if not self.words and not self.rows:
            raise ValueError(f"« {self.title} » ne dit rien")


@dataclass(frozen=True, slots=True)
class ApplicationPaper:
    """A document about one request, ready to be drawn.

    `facts` stand beside the address, `answers` say in brief what matters (three at most); `is_signed` when it is worth
    an act, and then `issuer.signatory` is who issues it.
    """

    title: str
    subtitle: str
    issued_on: date
    issuer: Issuer
    recipient: Recipient
    facts: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...] = ()
    lead: tuple[str, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    is_signed: bool = False
