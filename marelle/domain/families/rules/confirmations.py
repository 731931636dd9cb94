"""The yearly « Je confirme que mon dossier est à jour »: when it is asked, and what was confirmed."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# A title, and its lines: what each field is called and what it says.
Content = list[tuple[str, list[tuple[str, str]]]]


def asked_since(month: int | None, *, on: date) -> date | None:
    """Will return the day since which it is asked: the first of `month`, this year or the last; None if never."""
    if month is None:
        return None
    this_year = date(on.year, month, 1)
    return this_year if this_year <= on else date(on.year - 1, month, 1)


def is_due(month: int | None, *, last: date | None, on: date) -> bool:
    """Will tell whether the family is to confirm its file: `last` is the day it last did, None if never."""
    since = asked_since(month, on=on)
    return since is not None and (last is None or last < since)


def written(content: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """Will write what a file says, always the same for the same file."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def digest_of(text: str) -> str:
    """Will return a short mark of what was written: two files that differ have two marks."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
