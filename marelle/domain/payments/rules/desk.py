"""What a régisseur may cash, on which exercice, and when the till must be emptied. Amounts in cents.

Articles R. 1617-1 and following of the CGCT: cash beyond the ceiling goes to the comptable, and at least as often as
the act says; nothing there lets a régisseur refuse the money of a family that pays. No change is given for a CESU or
a chèque-vacances.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JANUARY: Final = 1
# What a till holds, in cents: notes, then coins.
PIECES: Final = (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)


class Means(StrEnum):
    """What is taken at a desk."""

    CASH = "cash"
    CHEQUE = "cheque"
    CARD = "card"
    TRANSFER = "transfer"
    CESU = "cesu"
    HOLIDAY = "holiday"
    OTHER = "other"


class WhyNotTaken(StrEnum):
    """Why money is not taken, in the words that the régisseur reads."""

    NO_AMOUNT = "Indiquez un montant au-dessus de zéro."
    NOT_AT_A_DESK = "Ce moyen de paiement ne se prend pas au guichet."
    NOT_ITS_INVOICE = "Une de ces factures n’est pas de ce compte."
    AT_TRESOR = "Une de ces factures est remise au Trésor : elle ne se paie plus à la régie."
    SETTLED = "Ces factures sont déjà réglées. Rien n’a été encaissé."
    CHANGED = "Le reste dû a changé depuis que cette page est affichée. Relisez-le avant d’encaisser."
    TO_COME = "Ce jour n’est pas encore venu."
    ONE_BY_ONE = "Un CESU s’encaisse facture par facture : choisissez-en une."
    NO_CESU = "Rien de cette facture ne se paie en CESU."
    BEYOND_CESU = "C’est plus que ce qui se paie en CESU sur cette facture. La monnaie ne se rend pas sur un CESU."
    NO_CHANGE = "C’est plus que ce qui est dû. La monnaie ne se rend pas sur un chèque-vacances."
    EXERCICE = (
        "En janvier, seules des factures de l’exercice précédent peuvent encore lui être rattachées. Choisissez-les, "
        "ou encaissez sur l’exercice en cours."
    )


class Chosen(NamedTuple):
    """An invoice to settle: its key, what is left of it, what CESU may still pay of it, its exercice."""

    invoice: int
    left: int
    cesu_left: int
    exercice: int
    is_at_tresor: bool = False


@dataclass(frozen=True, slots=True)
class Tendered:
    """What is handed over the desk. `owed` is all that the payer owes to the régie; `shown` what the page said was."""

    cents: int
    means: str
    date: date
    chosen: Sequence[Chosen] = ()
    owed: int = 0
    exercice: int | None = None
    shown: int | None = None


def why_not_taken(offered: Tendered, *, today: date) -> WhyNotTaken | None:
    """Will say why money is not taken; None when it may be."""
    left = sum(max(0, one.left) for one in offered.chosen)
    checks = (
        (offered.cents <= 0, WhyNotTaken.NO_AMOUNT),
        (offered.means not in set(Means), WhyNotTaken.NOT_AT_A_DESK),
        (offered.date > today, WhyNotTaken.TO_COME),
        (any(one.is_at_tresor for one in offered.chosen), WhyNotTaken.AT_TRESOR),
        (bool(offered.chosen) and left <= 0, WhyNotTaken.SETTLED),
        (offered.shown is not None and offered.shown != left, WhyNotTaken.CHANGED),
    )
    for is_refused, why in checks:
        if is_refused:
            return why
    if offered.means == Means.CESU:
        return _why_not_cesu(offered)
    if offered.means == Means.HOLIDAY and offered.cents > (left if offered.chosen else offered.owed):
        return WhyNotTaken.NO_CHANGE
    return _why_not_in(offered)


def _why_not_cesu(offered: Tendered) -> WhyNotTaken | None:
    if len(offered.chosen) != 1:
        return WhyNotTaken.ONE_BY_ONE
    (one,) = offered.chosen
    payable = min(one.cesu_left, one.left)
    if payable <= 0:
        return WhyNotTaken.NO_CESU
    return WhyNotTaken.BEYOND_CESU if offered.cents > payable else _why_not_in(offered)


def _why_not_in(offered: Tendered) -> WhyNotTaken | None:
    if offered.exercice is None or offered.exercice == offered.date.year:
        return None
    former = offered.date.year - 1
    is_of_former = bool(offered.chosen) and all(one.exercice == former for one in offered.chosen)
    may = offered.exercice in exercices_open(offered.date) and is_of_former
    return None if may else WhyNotTaken.EXERCICE


def exercices_open(day: date) -> tuple[int, ...]:
    """Will return the exercices on which money may be cashed on a day: in January, the former one too.

    Journée complémentaire: what was due in December is cashed on its exercice until 31 January.
    """
    return (day.year, day.year - 1) if day.month == JANUARY else (day.year,)


def exercice_of_reversal(exercice: int, *, on: date) -> int:
    """Will return the exercice of a counter-receipt: that of the receipt while it is open, else that of its day."""
    return exercice if exercice in exercices_open(on) else on.year


@dataclass(frozen=True, slots=True)
class Drawer:
    """What a till holds in cash: its float, and the receipts not deposited yet; with what the act says, 0: nothing.

    `oldest` is the day of the oldest receipt, whatever its means, that was not deposited.
    """

    float_cents: int
    receipts_cents: int
    ceiling_cents: int = 0
    deposit_days: int = 0
    oldest: date | None = None

    @property
    def cents(self) -> int:
        """Will return all the cash that should be there."""
        return self.float_cents + self.receipts_cents

    @property
    def over_cents(self) -> int:
        """Will return how much must go: the ceiling does not count the float."""
        return max(0, self.receipts_cents - self.ceiling_cents) if self.ceiling_cents else 0

    def due_on(self) -> date | None:
        """Will return the day before which what waits must be deposited."""
        if self.oldest is None or not self.deposit_days:
            return None
        return self.oldest + timedelta(days=self.deposit_days)

    def is_overdue(self, *, on: date) -> bool:
        """Will tell whether the deposit should have been made."""
        due = self.due_on()
        return due is not None and on > due


def counted(pieces: Mapping[int, int]) -> int:
    """Will return what notes and coins come to; raises ValueError for a piece that does not exist."""
    if any(value not in PIECES or number < 0 for value, number in pieces.items()):
        raise ValueError
    return sum(value * number for value, number in pieces.items())


def shared(left: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Will share what is left of an invoice between services, in proportion to their lines; the sum is exact.

    What is below zero (an aid, a discount) weighs nothing; the cents over go to the largest remainders.
    """
    heavy = {name: weight for name, weight in weights.items() if weight > 0}
    whole = sum(heavy.values())
    if not whole:
        return {next(iter(weights), ""): left}
    found = {name: left * weight // whole for name, weight in heavy.items()}
    remainders = sorted(heavy, key=lambda name: (-(left * heavy[name] % whole), name))
    for name in remainders[: left - sum(found.values())]:
        found[name] += 1
    return found


class Age(StrEnum):
    """How long ago a debt was due."""

    COMING = "pas encore échu"
    MONTH = "moins d’un mois"
    QUARTER = "d’un à trois mois"
    YEAR = "de trois mois à un an"
    OLDER = "plus d’un an"


_AGES: Final = ((30, Age.MONTH), (91, Age.QUARTER), (365, Age.YEAR))


def age_of(due_on: date | None, *, on: date) -> Age:
    """Will say how long ago a debt was due; what has no day is due since it was invoiced."""
    if due_on is None or due_on >= on:
        return Age.COMING
    days = (on - due_on).days
    return next((age for limit, age in _AGES if days <= limit), Age.OLDER)


def is_count_current(*, counted_on: date | None, expected: int | None, drawer: int, on: date) -> bool:
    """Will tell whether a count says what is in the drawer today: made that day, and nothing came or went since."""
    return counted_on == on and expected == drawer
