"""Children who may be the one that somebody names: proposed to an agent, who decides; nothing is merged by itself."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import IntEnum


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
    first = _alike(asked.first_name, known.first_name)
    last = _alike(asked.last_name, known.last_name)
    same_day = asked.birth_date == known.birth_date
    if first and last and same_day:
        return Likeness.SAME
    if (same_day and (first or last)) or (first and last and _turned(asked.birth_date, known.birth_date)):
        return Likeness.CLOSE
    return Likeness.DISTANT if first and last else Likeness.NONE


def plain_words(name: str) -> tuple[str, ...]:
    """Will return the words of a name in small letters without marks: « D’Œuvre-Léa » gives d, oeuvre, lea."""
    text = name.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    letters = unicodedata.normalize("NFKD", text).lower()
    kept = "".join(sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign))
    return tuple(kept.split())


def _alike(one: str, other: str) -> bool:
    """Will tell whether every word of the shorter name is in the longer one."""
    words, others = set(plain_words(one)), set(plain_words(other))
    return bool(words and others) and (words <= others or others <= words)


def _turned(one: date, other: date) -> bool:
    return (one.year, one.month, one.day) == (other.year, other.day, other.month)
