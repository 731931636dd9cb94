"""The reference of an invoice: « 2026-CA-00-154 », made of a pattern, the exercice and the number."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 40
_PART: Final = re.compile(r"\{(?:(exercice)|numero(?::([1-9]))?)\}")


class InvalidPatternError(ValueError):
    """A pattern that cannot tell two invoices apart; the message says why, in French."""


def check_pattern(pattern: str) -> str:
    """Will return the pattern, stripped. Raises InvalidPatternError when something is missing or unknown in it."""
    pattern = pattern.strip()
    found = [match.group(0) for match in _PART.finditer(pattern)]
    if not any("numero" in part for part in found) or "{exercice}" not in found:
        raise InvalidPatternError("il faut {exercice} et {numero}, par exemple {exercice}-CA-00-{numero:5}")
    if re.search(r"[{}]", _PART.sub("", pattern)) or not re.fullmatch(r"[\w{}:/. -]+", pattern):
        raise InvalidPatternError("seuls {exercice}, {numero}, des lettres, des chiffres et des tirets sont permis")
    if len(number_of(pattern, 9999, 10**9)) > LONGEST:
        raise InvalidPatternError(f"la référence ne peut dépasser {LONGEST} signes")
    return pattern


def number_of(pattern: str, exercice: int, sequence: int) -> str:
    """Will write the reference: « {numero:5} » is the number on five digits at least."""

    def part(match: re.Match[str]) -> str:
        if match.group(1):
            return str(exercice)
        return str(sequence).zfill(int(match.group(2) or 1))

    return _PART.sub(part, pattern)
