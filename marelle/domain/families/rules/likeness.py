"""Children who may be the one that somebody names: proposed to an agent, who decides; nothing is merged by itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

# Less than a whole telephone number says nothing of whose it is.
SHORTEST_NUMBER: Final = 10


class Likeness(IntEnum):
    """How close a child is to what was said, the closest first."""

    SAME = 3
    CLOSE = 2
    DISTANT = 1
    NONE = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A child as somebody names it."""

    first_name: str
    last_name: str
    birth_date: date


def likeness(asked: Named, known: Named) -> Likeness:
    """Will say how close two children are.

    The same names and the same day are the same child; one of the three may be wrong (a day and a month that changed
    places, a name of use, a short first name) and it is close; the day alone, with nothing in common in the names, says
    nothing, and neither does a name alone: half a school may be called Martin.
    """
    first = alike(asked.first_name, known.first_name)
    last = alike(asked.last_name, known.last_name)
    same_day = asked.birth_date == known.birth_date
    if first and last and same_day:
        return Likeness.SAME
    if (same_day and (first or last)) or (first and last and _turned(asked.birth_date, known.birth_date)):
        return Likeness.CLOSE
    return Likeness.DISTANT if first and last else Likeness.NONE


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks to be attached: names, the address of the account, the telephone that was told."""

    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Known:
    """A guardian without an account, in a home of the child: its key, and how the authority knows who it is."""

    key: int
    first_name: str
    last_name: str
    email: str
    phone: str


def sure_guardian(asker: Asker, known: Collection[Known]) -> int | None:
    """Will return the key of the one guardian who is certainly who asks; None when there is none, or more than one.

    `known` are the guardians of the homes of the very child that was named. The names are all the same, and the
    address or the telephone is the one that the authority had already: to know a child proves nothing, an aunt does.
    """
    found = {
        one.key
        for one in known
        if _same(one.first_name, asker.first_name)
        and _same(one.last_name, asker.last_name)
        and (_same_address(one.email, asker.email) or _same_phone(one.phone, asker.phone))
    }
    return found.pop() if len(found) == 1 else None


def plain_words(name: str) -> tuple[str, ...]:
    """Will return the words of a name in small letters without marks: « D’Œuvre-Léa » gives d, oeuvre, lea."""
    text = name.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    letters = unicodedata.normalize("NFKD", text).lower()
    kept = "".join(sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign))
    return tuple(kept.split())


def alike(one: str, other: str) -> bool:
    """Will tell whether every word of the shorter name is in the longer one."""
    words, others = set(plain_words(one)), set(plain_words(other))
    return bool(words and others) and (words <= others or others <= words)


def _same(one: str, other: str) -> bool:
    words = plain_words(one)
    return bool(words) and words == plain_words(other)


def _same_address(one: str, other: str) -> bool:
    return bool(one.strip()) and one.strip().lower() == other.strip().lower()


def _same_phone(one: str, other: str) -> bool:
    number = _number(one)
    return len(number) >= SHORTEST_NUMBER and number == _number(other)


def _number(phone: str) -> str:
    """Will return the digits of a telephone, as they are dialed from France."""
    digits = "".join(sign for sign in phone if sign.isdecimal())
    abroad = "+33" if phone.strip().startswith("+33") else "0033" if digits.startswith("0033") else ""
    return f"0{digits.removeprefix(abroad.removeprefix('+')).removeprefix('0')}" if abroad else digits


def _turned(one: date, other: date) -> bool:
    return (one.year, one.month, one.day) == (other.year, other.day, other.month)
