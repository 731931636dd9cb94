"""What somebody looks for a family by, as it is typed; and the one slip of the finger that a name forgives."""

from __future__ import annotations

import re
from typing import Final

MOST_WORDS: Final = 6
LONGEST_TYPED: Final = 80
# A shorter name has too many neighbours for a slip to mean anything.
SHORTEST_SLIPPED: Final = 4
_PHONE: Final = re.compile(r"(?<![\w.\-])(?:\+|0)[\d\s.\-()/]*\d(?![\w\-])")
_PHONE_SIGNS: Final = re.compile(r"[\s.\-()/]")
_FRANCE: Final = re.compile(r"^(?:\+33|0033)0?")
_NUMBERED: Final = re.compile(r"(?=.*[0-9])[\w.\-/]+")


def read_typed(typed: str) -> tuple[tuple[str, ...], str]:
    """Will return the words of `typed` that are looked for as they are, and the rest, of which names are made.

    A telephone number is one word of digits, written nationally; so is an e-mail address, begun or whole; and a file's
    number, without its hyphens. The rest is for the function of the database that also cuts the names of the files.
    """
    text = " ".join(typed[:LONGEST_TYPED].lower().split())
    whole: list[str] = []

    def phone(found: re.Match[str]) -> str:
        whole.append(_FRANCE.sub("0", _PHONE_SIGNS.sub("", found.group())).lstrip("+"))
        return " "

    if "@" not in text:
        text = _PHONE.sub(phone, text)
    rest: list[str] = []
    for piece in text.split():
        if "@" in piece or "_" in piece or re.fullmatch(r"\w+(?:\.\w+)+", piece):
            whole.append(piece)
        elif _NUMBERED.fullmatch(piece):
            whole.append(re.sub(r"[^\w]", "", piece))
        else:
            rest.append(piece)
    return tuple(word for word in whole if word)[:MOST_WORDS], " ".join(rest)


def without_a_letter(word: str) -> frozenset[str]:
    """Will return `word` and what is left of it without one of its letters.

    Two words that are a slip apart share one of these: a letter too many or too few, another one, or two that changed
    places. (After SymSpell, by Wolf Garbe: only deletions are looked up, whatever the alphabet.)
    """
    return frozenset({word, *(word[:sign] + word[sign + 1 :] for sign in range(len(word)))})


def is_a_slip_apart(one: str, other: str) -> bool:
    """Will tell whether one letter added, left out, replaced, or two neighbours that changed places, make the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    sign = next((at for at, letter in enumerate(one) if letter != other[at]), len(one))
    if len(one) < len(other):
        return one[sign:] == other[sign + 1 :]
    if one[sign + 1 :] == other[sign + 1 :]:
        return True
    return one[sign : sign + 2] == other[sign : sign + 2][::-1] and one[sign + 2 :] == other[sign + 2 :]


def may_be_slipped(word: str) -> bool:
    """Will tell whether a word that somebody typed is looked for with a slip too: one of a name, long enough."""
    return len(word) >= SHORTEST_SLIPPED and word.isascii() and word.isalpha()
