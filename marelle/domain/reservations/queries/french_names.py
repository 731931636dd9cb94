"""Names as people look for them: without accents, case or hyphens. No extension of the database is needed for it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django.db.models import Func, Value
from django.db.models.functions import Lower, Replace

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARKED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ-'’"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyy   "
_LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
_LETTERS = str.maketrans({**dict(zip(_MARKED, _PLAIN, strict=True)), **_LIGATURES})


def folded(text: str) -> str:
    """Will return `text` in small plain letters: « Élise D’Œuvre » → « elise d oeuvre »."""
    return " ".join(_plain_letters(text).lower().split())


def in_order(*names: str) -> tuple[str, ...]:
    """Will return a key that sorts names as a French list does."""
    return tuple(folded(name) for name in names)


def all_folded(texts: Sequence[str]) -> list[str]:
    """Will return each of `texts` folded, at the cost of one: what is looked up by letter is looked up once for all."""
    whole = "\n".join(texts)
    if whole.count("\n") != len(texts) - 1:  # one of them has a line of its own, or there is none
        return [folded(text) for text in texts]
    lines = _plain_letters(whole).lower().split("\n")
    return [" ".join(line.split()) for line in lines]


def folded_column(column: str) -> Any:
    """Will return the same folding as an expression on a column, whatever the collation of the database."""
    expression: Any = Func(column, Value(_MARKED), Value(_PLAIN), function="translate")
    for ligature, letters in _LIGATURES.items():
        expression = Replace(expression, Value(ligature), Value(letters))
    return Lower(expression)


def words_of(text: str, *, most: int = 6) -> Sequence[str]:
    """Will return the words to look for, folded, `most` of them at most."""
    return folded(text).split()[:most]


def _plain_letters(text: str) -> str:
    if text.isascii():  # most names: nothing to look up letter by letter
        return text.replace("-", " ").replace("'", " ")
    text = text.translate(_LETTERS)
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
