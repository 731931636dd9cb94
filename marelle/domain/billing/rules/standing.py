"""Where an invoice stands for the family that received it, and the words that say so. In cents and days."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import NO_BREAK, in_digits, without_weekday

if TYPE_CHECKING:
    from datetime import date


class Stand(StrEnum):
    """Where an invoice stands."""

    CREDIT = "credit"
    SETTLED = "settled"
    IN_RECOVERY = "in_recovery"
    LATE = "late"
    TODAY = "today"
    COMING = "coming"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an invoice stands: `days` until it is due, below zero once late; 0 when there is nothing to wait for."""

    stand: Stand
    days: int = 0

    @property
    def is_owed(self) -> bool:
        """Will tell whether something is left to pay, here or at the Trésor."""
        return self.stand not in {Stand.CREDIT, Stand.SETTLED}

    @property
    def is_payable(self) -> bool:
        """Will tell whether the régie still takes the payment: before, on and after the due date, until recovery."""
        return self.is_owed and self.stand is not Stand.IN_RECOVERY


def standing(*, total: int, left: int, due_on: date | None, in_recovery: bool, on: date) -> Standing:
    """Will say where an invoice of `total` cents, of which `left` are still owed, stands on a day."""
    if total < 0:
        return Standing(Stand.CREDIT)
    if left <= 0:
        return Standing(Stand.SETTLED)
    if in_recovery:
        return Standing(Stand.IN_RECOVERY)
    if due_on is None:
        return Standing(Stand.UNDATED)
    days = (due_on - on).days
    if days < 0:
        return Standing(Stand.LATE, days)
    return Standing(Stand.COMING, days) if days else Standing(Stand.TODAY)


def countdown(found: Standing) -> str:
    """Will write the days around the due date, as in « 12 jours avant échéance »; nothing when there is none."""
    match found.stand:
        case Stand.COMING:
            return f"{_days(found.days)} avant échéance"
        case Stand.TODAY:
            return "échéance aujourd’hui"
        case Stand.LATE:
            return f"{_days(-found.days)} après échéance"
        case _:
            return ""


def in_words(found: Standing, *, due_on: date | None, on: date) -> str:
    """Will write what is to be done, and by when: « À payer avant le 7 décembre », « En retard de 6 jours »."""
    if found.stand is Stand.LATE:
        return f"En retard de {_days(-found.days)}"
    if found.stand is Stand.COMING and due_on is not None:
        return f"À payer avant le {without_weekday(due_on, year=due_on.year != on.year)}"
    return _WORDS.get(found.stand, "À payer à réception")


def named(*, by_date: bool, sequence: int, issued_on: date, payer: str, is_credit: bool = False) -> str:
    """Will name an invoice as its régie does: « facture n° 154 de … » or « Facture du 01/10/2016 pour … »."""
    if by_date:
        return f"{'Avoir' if is_credit else 'Facture'} du {in_digits(issued_on)} pour {payer}"
    return f"{'avoir' if is_credit else 'facture'} n°{NO_BREAK}{sequence} de {payer}"


_WORDS: Final = {
    Stand.CREDIT: "Avoir en votre faveur",
    Stand.SETTLED: "Payée",
    Stand.IN_RECOVERY: "À payer au Trésor public",
    Stand.TODAY: "À payer aujourd’hui",
}


def _days(number: int) -> str:
    return f"{number}{NO_BREAK}jour{'s' if number > 1 else ''}"
