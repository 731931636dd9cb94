"""What a tax certificate holds: what was paid in a year for the care of children under six on its first day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marelle.foundation.periods import age_on
from marelle.letters.documents.parties import Amount, Issuer, Recipient, same, total, whole

YOUNG = 6
ARTICLE = "article 200 quater B du code général des impôts"


@dataclass(frozen=True, slots=True)
class PaidSum:
    """What was paid, by month or by invoice, and its childcare share: meals, penalties and fees are not care."""

    text: str
    paid_cents: int
    childcare_cents: int


@dataclass(frozen=True, slots=True)
class CertifiedChild:
    """A child whose care counts: the childcare shares, less `aids` in positive cents, make `deductible_cents`."""

    name: str
    born_on: date
    sums: tuple[PaidSum, ...]
    deductible_cents: int
    aids: tuple[Amount, ...] = ()

    def __post_init__(self) -> None:
        """Will raise ValueError when it does not add up."""
        whole(self.name, self.deductible_cents)
        for paid in self.sums:
            whole(f"{self.name}, {paid.text}", paid.paid_cents, paid.childcare_cents)
            if abs(paid.childcare_cents) > abs(paid.paid_cents):
                raise ValueError(f"{self.name}, {paid.text} : la part de garde dépasse la somme payée")
        if any(aid.cents < 0 for aid in self.aids):
            raise ValueError(f"{self.name} : une aide s’écrit sans signe")
        found = sum(paid.childcare_cents for paid in self.sums) - total(self.aids)
        same(f"{self.name}, frais de garde", said=self.deductible_cents, found=found)


@dataclass(frozen=True, slots=True)
class ChildNotEligible:
    """A child whose care does not count, and why."""

    name: str
    born_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class TaxCertificateDocument:
    """The certificate of a payer for a calendar year, ready to be drawn; `total_cents` is the sum of the children.

    Raises ValueError when it does not add up, or when a child was already six on 1 January.
    """

    year: int
    issued_on: date
    issuer: Issuer
    payer: Recipient
    children: tuple[CertifiedChild, ...]
    total_cents: int
    not_eligible: tuple[ChildNotEligible, ...] = ()
    article: str = ARTICLE
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Will refuse a certificate that the law does not allow."""
        name = f"attestation {self.year}"
        whole(name, self.total_cents)
        same(name, said=self.total_cents, found=sum(child.deductible_cents for child in self.children))
        for child in self.children:
            if age_on(date(self.year, 1, 1), child.born_on) >= YOUNG:
                raise ValueError(f"{name} : {child.name} avait six ans le 1ᵉʳ janvier")
