"""What is handed over to the Trésor: dockets of titles, their debtors, their control keys. Pure values, in cents."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

LINE: Final = 38  # characters of a line of an address, and of a name
MODULO_23: Final = "ABCDEFGHJKLMNPQRSTUVWXY"
# The period is one digit: no month fits. The number of the debt is unique by itself, the months are said in words.
NO_PERIOD: Final = "0"
FOREIGN: Final = "99999"


class DocketKind(StrEnum):
    """What a docket holds: titles for what a régie was not paid, or a roll (ORMC)."""

    TITLES = "titles"
    ROLLS = "rolls"


class Lack(StrEnum):
    """What must be known of a debtor and is not, or does not fit."""

    CIVILITY = "civility"
    LAST_NAME = "last_name"
    FIRST_NAME = "first_name"
    ADDRESS = "address"
    LONG_ADDRESS = "long_address"
    POSTCODE = "postcode"
    TOWN = "town"


class BudgetLack(StrEnum):
    """What must be known of a régie before it hands anything over."""

    SIRET = "siret"
    CODIQUE = "codique"
    TOWN_CODE = "town_code"
    BUDGET_CODE = "budget_code"
    PRODUCT_CODE = "product_code"
    NATURE = "nature"
    REGIE_CODE = "regie_code"


@dataclass(frozen=True, slots=True)
class Person:
    """A debtor, as the Trésor takes one: `civility` is MME or M; lines of at most 38 characters."""

    civility: str
    last_name: str
    first_name: str
    address: str
    postcode: str
    town: str
    address_extra: str = ""
    place: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class TitleLine:
    """What is asked for an invoice."""

    number: int
    label: str
    cents: int


@dataclass(frozen=True, slots=True)
class Title:
    """All that is asked of one debtor: a titre, or an article of a roll."""

    number: int
    label: str
    debtor: Person
    lines: tuple[TitleLine, ...]

    @property
    def cents(self) -> int:
        """Will return what it asks for."""
        return sum(line.cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class Budget:
    """What Hélios knows the town and its régie by."""

    siret: str
    codique: str
    town_code: str
    budget_code: str
    name: str
    regie_code: str
    product_code: str
    nature: str
    function: str = ""
    has_keys: bool = True


@dataclass(frozen=True, slots=True)
class Docket:
    """A whole docket, ready to be written. `attempt` counts its files: each has a name of its own."""

    kind: DocketKind
    budget: Budget
    exercice: int
    number: int
    emitted_on: date
    label: str
    titles: tuple[Title, ...]
    attempt: int = 1

    @property
    def cents(self) -> int:
        """Will return its total."""
        return sum(title.cents for title in self.titles)

    @property
    def file_name(self) -> str:
        """Will return the name of its file, without an extension: never the same twice."""
        what = "PESORMC" if self.kind is DocketKind.ROLLS else "PESALR1"
        return f"{what}_{self.budget.siret}_{self.exercice}_{self.number:07d}_{self.attempt:02d}"

    def debt_of(self, title: Title) -> str:
        """Will return the number of a debt, of 13 digits: its roll, then its article. No two debts have the same."""
        return f"{self.number:07d}{title.number:06d}"


def lacks(person: Person) -> list[Lack]:
    """Will return what keeps a debtor from being handed over."""
    found = []
    if person.civility not in {"MME", "M"}:
        found.append(Lack.CIVILITY)
    if not 0 < len(plain(person.last_name)) <= LINE:
        found.append(Lack.LAST_NAME)
    if not 0 < len(plain(person.first_name)) <= LINE:
        found.append(Lack.FIRST_NAME)
    if not plain(person.address):
        found.append(Lack.ADDRESS)
    if any(len(plain(line)) > LINE for line in (person.address_extra, person.address, person.place, person.town)):
        found.append(Lack.LONG_ADDRESS)
    if not re.fullmatch(r"[0-9]{5}", person.postcode):
        found.append(Lack.POSTCODE)
    if not plain(person.town):
        found.append(Lack.TOWN)
    return found


def budget_lacks(budget: Budget, kind: DocketKind) -> list[BudgetLack]:
    """Will return what keeps a régie from handing over."""
    tests = (
        (BudgetLack.SIRET, r"[0-9]{14}", budget.siret),
        (BudgetLack.CODIQUE, r"02[AB][0-9]{3,4}|[0-9]{6,7}", budget.codique),
        (BudgetLack.TOWN_CODE, r"[0-9]{3}", budget.town_code),
        (BudgetLack.BUDGET_CODE, r"[0-9A-Z][0-9]", budget.budget_code),
        (BudgetLack.PRODUCT_CODE, r"[0-9a-zA-Z]{1,4}", budget.product_code),
        (BudgetLack.NATURE, r"[0-9]{1,12}" if kind is DocketKind.TITLES else r".*", budget.nature),
        (BudgetLack.REGIE_CODE, r"[0-9A-Za-z]{1,10}" if kind is DocketKind.TITLES else r".*", budget.regie_code),
    )
    return [lack for lack, pattern, value in tests if not re.fullmatch(pattern, value)]


def plain(text: str) -> str:
    """Will write a text as the Trésor's programs read it without doubt: capitals, no accent, no odd character."""
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE").replace("ß", "ss")
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    kept = re.sub(r"[^A-Z0-9 '()+,./:_-]", " ", bare.upper().replace("’", "'"))
    return " ".join(kept.split())


def guessed(name: str, first_name: str, last_name: str, address: str) -> Person:
    """Will read a debtor in what is known of a family; what is not sure is left for an agent to write.

    The postcode and the town are at the end of an address: « 12 rue des Lilas, 77515 Fictiville ».
    """
    found = re.search(r"[\s,;]*\b([0-9]{5})\s+(\D[^0-9]*)$", address.strip())
    street = address.strip()[: found.start()] if found else address.strip()
    lines = [" ".join(line.split()) for line in re.split(r"[,;\n]", street) if line.strip()]
    # The line that begins by a number is the street; what comes before is more about the building.
    at = next((place for place, line in enumerate(lines) if line[:1].isdigit()), 0)
    return Person(
        civility="",
        last_name=last_name or name,
        first_name=first_name,
        address_extra=", ".join(lines[:at]),
        address=lines[at] if lines else "",
        place=", ".join(lines[at + 1 :]),
        postcode=found[1] if found else "",
        town=found[2].strip() if found else "",
    )


def is_worth_it(cents: Iterable[int], *, lowest: int) -> bool:
    """Will tell whether what one debtor owes, all together, may be put into recovery: L. 1611-5 of the CGCT."""
    return sum(cents) >= lowest


def control_keys(town_code: str, nature: str, exercice: int, debt: str) -> tuple[str, str]:
    """Will return the control keys of an article of a roll: `Cle1` (modulo 11) and `Cle2` (modulo 23).

    What they are made on is said in the schemas: for the first, « code collectivité, code nature, deux derniers
    chiffres de l’exercice, période, numéro de dette »; for the second, « deux derniers chiffres de l’exercice, période,
    00, numéro de dette ». HOW is in an annex that is not public (ANNEXE_TECHNIQUE_PES_SEPA_ORMC): weights 2 to 7 from
    the right, and the letters without I, O and Z, are what other software does. To be proved with the Trésor before the
    first roll; a régie may leave them out, as the schemas allow.
    """
    year = f"{exercice % 100:02d}"
    second = MODULO_23[int(f"{year}{NO_PERIOD}00{debt}") % 23]
    digits = f"{town_code}{nature}{year}{NO_PERIOD}{debt}"
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits)))
    first = str(11 - total % 11)
    return first if len(first) == 1 else "1", second
