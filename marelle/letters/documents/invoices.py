"""What an invoice, a complementary invoice or a credit note holds. One whose amounts do not add up cannot be made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from marelle.foundation.periods import Period
from marelle.letters.documents.parties import Amount, Issuer, Recipient, same, total, whole


class Kind(StrEnum):
    """What the document is, in the words of its title."""

    INVOICE = "facture"
    COMPLEMENTARY = "facture complémentaire"
    CREDIT_NOTE = "avoir"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a price: « Quotient 742 → tranche 3 », 310. `cents` None only explains."""

    text: str
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line: `quantity` of one thing at one price.

    `steps` lead to the price of one (`unit_cents`), `adjustments` go from quantity × price to `total_cents` (a monthly
    cap). `quantity` is whole, negative when given back; `unit` is its word (« repas », « demi-heures »). `dates` are
    sorted days. Raises ValueError when the steps, or the line, do not add up.
    """

    label: str
    quantity: int
    unit_cents: int
    total_cents: int
    unit: str = ""
    day_type: str = ""
    dates: tuple[date, ...] = ()
    steps: tuple[Step, ...] = ()
    adjustments: tuple[Amount, ...] = ()
    resolution: str = ""

    def __post_init__(self) -> None:
        """Will refuse a line that does not add up."""
        priced = [step.cents for step in self.steps if step.cents is not None]
        whole(self.label, self.quantity, self.unit_cents, self.total_cents, *priced)
        if priced:
            same(f"{self.label}, prix unitaire", said=self.unit_cents, found=sum(priced))
        found = self.quantity * self.unit_cents + total(self.adjustments)
        same(self.label, said=self.total_cents, found=found)


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of a child; `detail` says their class and school."""

    title: str
    lines: tuple[Line, ...]
    detail: str = ""

    @property
    def total_cents(self) -> int:
        """Will return the sum of the lines."""
        return sum(line.total_cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class AccountingShare:
    """What is booked under an accounting code."""

    code: str
    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class PaymentReference:
    """What identifies a payment: the authority's number at the payment service, the debt's reference, what to pay."""

    authority_code: str
    reference: str
    cents: int


@dataclass(frozen=True, slots=True)
class Mentions:
    """What the law wants written, in the authority's words; an empty one is not printed."""

    resolution: str = ""
    vat: str = ""
    recovery: str = ""
    contest: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """An invoice, a complementary invoice or a credit note, ready to be drawn.

    The sum of the lines, less `aids`, plus `carried_over` (small debts of earlier months), is `total_cents`; less
    `credits` (of the payer's account) and `payments`, it is `left_to_pay_cents`. Aids, credits and payments are written
    as what they take away, in positive cents. A credit note is the same with a total below zero. `components`, when
    given, share the sum of the lines by accounting code; `childcare_cents` and `cesu_cents` are its parts that count as
    childcare and that CESU may pay. `corrects` is the number of the invoice that a credit note or complement corrects.

    Raises ValueError when anything does not add up.
    """

    kind: Kind
    number: str
    exercice: int
    issued_on: date
    period: Period
    issuer: Issuer
    payer: Recipient
    object: str
    sections: tuple[Section, ...]
    total_cents: int
    left_to_pay_cents: int
    due_on: date | None = None
    aids: tuple[Amount, ...] = ()
    carried_over: tuple[Amount, ...] = ()
    credits: tuple[Amount, ...] = ()
    payments: tuple[Amount, ...] = ()
    components: tuple[AccountingShare, ...] = ()
    childcare_cents: int | None = None
    cesu_cents: int | None = None
    how_in_brief: str = ""
    how_to_pay: tuple[str, ...] = ()
    payment_reference: PaymentReference | None = None
    mentions: Mentions = Mentions()
    corrects: str = ""
    regrouping: str = ""

    def __post_init__(self) -> None:
        """Will refuse a document that does not add up."""
        name = f"{self.kind} {self.number}"
        shares = [share.cents for share in self.components]
        whole(name, self.total_cents, self.left_to_pay_cents, self.childcare_cents, self.cesu_cents, *shares)
        if not self.sections or not all(section.lines for section in self.sections):
            raise ValueError(f"{name} : il n’y a pas de ligne")
        if any(amount.cents < 0 for amount in (*self.aids, *self.credits, *self.payments)):
            raise ValueError(f"{name} : une aide, un crédit ou un paiement s’écrit sans signe")
        found = self.lines_cents - total(self.aids) + total(self.carried_over)
        same(f"{name}, total", said=self.total_cents, found=found)
        left = self.total_cents - total(self.credits) - total(self.payments)
        same(f"{name}, reste à payer", said=self.left_to_pay_cents, found=left)
        if (self.left_to_pay_cents > 0) if self.is_credit_note else (self.left_to_pay_cents < 0):
            raise ValueError(f"{name} : ce qui reste dû est du mauvais côté")
        if self.components:
            same(f"{name}, imputations", said=self.lines_cents, found=sum(shares))
        for part in (self.childcare_cents, self.cesu_cents):
            if part is not None and abs(part) > abs(self.lines_cents):
                raise ValueError(f"{name} : une part dépasse le tout")
        if self.payment_reference is not None:
            asked = self.payment_reference.cents
            whole(name, asked)
            same(f"{name}, référence de paiement", said=asked, found=self.left_to_pay_cents)

    @property
    def lines_cents(self) -> int:
        """Will return the sum of the lines."""
        return sum(section.total_cents for section in self.sections)

    @property
    def is_credit_note(self) -> bool:
        """Will tell whether it gives back."""
        return self.kind is Kind.CREDIT_NOTE
