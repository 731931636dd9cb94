"""What a reminder on paper holds: what it says, and each invoice that is still owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer, Recipient, same, whole


@dataclass(frozen=True, slots=True)
class OwedInvoice:
    """An invoice that is still owed, and what is left of it (cents)."""

    number: str
    object: str
    due_on: date
    left_cents: int


@dataclass(frozen=True, slots=True)
class ReminderDocument:
    """A letter to one payer for all that it owes a régie. Raises ValueError when it does not add up."""

    title: str
    written_on: date
    issuer: Issuer
    payer: Recipient
    words: tuple[str, ...]
    invoices: tuple[OwedInvoice, ...]
    total_cents: int
    ways_to_pay: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Will refuse a letter that asks for nothing."""
        whole(self.title, self.total_cents, *(one.left_cents for one in self.invoices))
        if not self.invoices or any(one.left_cents <= 0 for one in self.invoices):
            raise ValueError(f"{self.title} : une relance demande ce qui reste à payer")
        same(self.title, said=self.total_cents, found=sum(one.left_cents for one in self.invoices))
