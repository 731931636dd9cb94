"""Columns by their titles, whatever their case, accents, spaces and order; those that are not known are left aside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marelle.domain.families.rules.likeness import plain_words

# The places (from 0) of the columns that hold each thing, by code; several for what is repeated.
Where = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Column:
    """What a column may hold, what it is called, and whether a file is read without it. `repeats`: once a child."""

    code: str
    title: str
    spellings: tuple[str, ...] = ()
    is_needed: bool = False
    repeats: bool = False


def folded(text: str) -> str:
    """Will return a text as it is compared: small letters without marks, one space between words."""
    return " ".join(plain_words(text))


def squeezed(text: str) -> str:
    """Will return a text as names of classes are compared: « CP A », « CP-A » and « cpa » are one."""
    return "".join(plain_words(text))


def recognized(titles: Sequence[str], columns: Sequence[Column]) -> dict[str, tuple[int, ...]]:
    """Will return where each column is, by its titles; the first of those that bear the same, unless it repeats."""
    codes = {folded(words): one for one in columns for words in (one.title, *one.spellings)}
    found: dict[str, tuple[int, ...]] = {}
    for place, title in enumerate(titles):
        column = codes.get(folded(title))
        if column is not None and (column.repeats or column.code not in found):
            found[column.code] = (*found.get(column.code, ()), place)
    return found


def missing(where: Where, columns: Sequence[Column]) -> tuple[str, ...]:
    """Will return the titles of the columns without which the file is not read."""
    return tuple(one.title for one in columns if one.is_needed and not where.get(one.code))


def signature(titles: Sequence[str]) -> str:
    """Will return what recognizes the next file made alike: a digest of its titles, in their order."""
    return hashlib.sha256("\n".join(folded(one) for one in titles).encode()).hexdigest()[:32]


def chosen(said: Mapping[int, str], columns: Sequence[Column]) -> dict[str, tuple[int, ...]]:
    """Will return where each column is, as an agent says it: a code by place; a code that does not exist is none.

    The first place that is given a code keeps it, unless it repeats.
    """
    codes = {one.code: one for one in columns}
    found: dict[str, tuple[int, ...]] = {}
    for place, code in sorted(said.items()):
        if code in codes and (codes[code].repeats or code not in found):
            found[code] = (*found.get(code, ()), place)
    return found
