"""What cells say: names, days, addresses; and why one is not taken, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from marelle.domain.families.rules.phone_numbers import read_phone
from marelle.domain.families.rules.profile import FIELDS, FIRST_BIRTH_YEAR, Fault, read_value
from marelle.domain.onboarding.rules.imports.columns import Where

# What a spreadsheet would compute: nobody is called so, and nothing that begins so is kept nor written again.
FORMULA: Final = ("=", "+", "-", "@")
LONGEST_NAME: Final = 80
LONGEST_FIRST_NAME: Final = 60
LONGEST_ADDRESS: Final = 200
LONGEST_CLASS: Final = 40
_FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: 0{1,2}:00(?::00)?)?")
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_DIGITS: Final = re.compile(r"[1-9]\d{8}")


class Cells:
    """The cells of a row by the codes of their columns, and what is wrong of them as it is read."""

    def __init__(self, cells: Sequence[str], where: Where) -> None:
        """Will read this row."""
        self._cells = cells
        self._where = where
        self.faults: list[str] = []
        self.notes: list[str] = []

    def raw(self, code: str, group: int = 0) -> str:
        """Will return what a column holds, the `group`-th (from 0) of those that repeat; nothing beyond the row."""
        places = self._where.get(code, ())
        if group >= len(places) or places[group] >= len(self._cells):
            return ""
        return self._cells[places[group]]

    def groups(self, code: str) -> int:
        """Will return how many times a column is repeated."""
        return len(self._where.get(code, ()))

    def text(self, code: str, what: str, *, longest: int, is_needed: bool = False, group: int = 0) -> str:
        """Will return a text; nothing, and a fault, when it is missing, too long or a formula."""
        text = self.raw(code, group)
        if text.startswith(FORMULA):
            self.faults.append(f"{what} : « {text[0]} » au début est une formule, pas un texte.")
        elif len(text) > longest:
            self.faults.append(f"{what} : {longest} caractères au plus.")
        elif text or not is_needed:
            return text
        else:
            self.faults.append(f"{what} : il manque.")
        return ""

    def name(self, code: str, what: str, *, is_first: bool = False, is_needed: bool = False, group: int = 0) -> str:
        """Will return a name as people write it: « MARTIN-DUPONT » gives Martin-Dupont, « de Vries » stays."""
        longest = LONGEST_FIRST_NAME if is_first else LONGEST_NAME
        text = self.text(code, what, longest=longest, is_needed=is_needed, group=group)
        if text and not any(sign.isalpha() for sign in text):
            self.faults.append(f"{what} : « {text} » n’est pas un nom.")
            return ""
        return as_people_write(text)

    def birth_date(self, code: str, *, on: date) -> str:
        """Will return a day of birth, as 2017-04-09; nothing, and a fault, when nobody here was born that day."""
        text = self.raw(code)
        day = read_day(text)
        if not text:
            self.faults.append("Date de naissance : il manque.")
        elif day is None:
            self.faults.append(f"Date de naissance : « {text[:20]} » n’est pas un jour. Exemple : 09/04/2017.")
        elif not day.year >= FIRST_BIRTH_YEAR or day > on:
            self.faults.append(f"Date de naissance : {day:%d/%m/%Y} n’est pas possible.")
        else:
            return day.isoformat()
        return ""

    def email(self, code: str) -> str:
        """Will return an address; nothing, and a note, when it is none: a person is not refused for it."""
        text = self.raw(code)
        value = read_value(FIELDS["guardian_email"], text, on=date.max)
        if not isinstance(value, Fault) and not value.startswith(FORMULA):
            return value
        self.notes.append("L’adresse e-mail n’en est pas une : elle est laissée de côté.")
        return ""

    def phone(self, code: str) -> str:
        """Will return a number; nothing, and a note, when it is none. A spreadsheet drops the zero of « 0612… »."""
        text = self.raw(code)
        digits = re.sub(r"[\s.\-]", "", text)
        number = read_phone(f"0{digits}" if _DIGITS.fullmatch(digits) else text)
        if text and not number:
            self.notes.append("Le téléphone n’en est pas un : il est laissé de côté.")
        return number

    def address(self, street: str, postcode: str, town: str) -> str:
        """Will return an address on one line, from its columns; a formula or too long a one is a fault."""
        line = self.text(street, "Adresse", longest=LONGEST_ADDRESS)
        code = self.text(postcode, "Code postal", longest=10)
        if re.fullmatch(r"\d{4}", code):
            code = f"0{code}"  # a spreadsheet dropped it
        city = as_people_write(self.text(town, "Commune", longest=80))
        whole = ", ".join(part for part in (line, " ".join(part for part in (code, city) if part)) if part)
        if len(whole) > LONGEST_ADDRESS:
            self.faults.append(f"Adresse : {LONGEST_ADDRESS} caractères au plus.")
            return ""
        return whole


def read_day(text: str) -> date | None:
    """Will return the day that a text says (09/04/2017, 9.4.2017, 2017-04-09); None for any other, or an impossible."""
    french, iso = _FRENCH_DAY.fullmatch(text), _ISO_DAY.fullmatch(text)
    try:
        if french:
            return date(int(french[3]), int(french[2]), int(french[1]))
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return None
    return None


def as_people_write(name: str) -> str:
    """Will give small letters to a name written in capitals alone; any other is as it was written."""
    if name != name.upper() or len(name) < 2:  # noqa: PLR2004  an initial is a capital
        return name
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), name.lower())
