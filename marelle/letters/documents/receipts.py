"""What a receipt (quittance) holds: who paid what to which régie, how and when. Or what undoes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.letters.documents.parties import Issuer, Recipient, whole


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A receipt, or a counter-receipt (cents below zero, with the number that it `cancels` and a `reason`).

    `issued_on` is the day it was given, `paid_on` the day of the money. Raises ValueError when it says two things.
    """

    number: str
    exercice: int
    issued_on: date
    paid_on: date
    issuer: Issuer
    payer: Recipient
    cents: int
    means: str
    label: str
    settles: tuple[str, ...] = ()
    reference: str = ""
    cancels: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        """Will refuse an amount that is not one, and a counter-receipt that does not say of what."""
        whole(f"quittance {self.number}", self.cents)
        if not self.cents or (self.cents < 0) != bool(self.cancels):
            raise ValueError(f"quittance {self.number} : {self.cents} centimes")

    @property
    def is_counter(self) -> bool:
        """Will tell whether it undoes another."""
        return bool(self.cancels)
