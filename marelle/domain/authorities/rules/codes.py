"""The code of what an agent names on screen: a file finds the row again by it, so it is made once and stays."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

NOT_IN_A_CODE: Final = re.compile(r"[^a-z0-9]+")
NAMELESS: Final = "sans-nom"
LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


def free_code(name: str, taken: Collection[str], *, longest: int) -> str:
    """Will return a code made from `name` that is not `taken`: « École des Tilleuls » gives « ecole-des-tilleuls »."""
    plain = unicodedata.normalize("NFKD", name.translate(LIGATURES)).encode("ascii", "ignore").decode().lower()
    code = NOT_IN_A_CODE.sub("-", plain).strip("-")[:longest].strip("-") or NAMELESS
    number, tried = 2, code
    while tried in taken:
        end = f"-{number}"
        tried, number = f"{code[: longest - len(end)]}{end}", number + 1
    return tried
