"""What was answered, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marelle.domain.procedures.rules.answers import filled_text, in_words, read_answers
from marelle.domain.procedures.rules.definitions import BLANK, FieldKind, Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.procedures.rules.answers import Given, Value
    from marelle.domain.procedures.rules.definitions import Definition

UNKNOWN = "…"


def answers_in_words(definition: Definition, given: Given, names: Mapping[str, str]) -> dict[str, Any]:
    """Will return the text and the answers of the family: rows of a question and its answer, those given alone."""
    read = read_answers(definition, given, writer=Writer.FAMILY)
    return {
        "words": filled_text(definition, read.values, names) if definition.text else "",
        "answers": [
            (one.label, in_words(one, read.values[one.code], names))
            for one in definition.fields_for(Writer.FAMILY)
            if one.code in read.values
        ],
    }


def text_pieces(definition: Definition, values: Mapping[str, Value], names: Mapping[str, str]) -> list[dict[str, str]]:
    """Will cut the text at its blanks: words as they are, and blanks with the question that fills each."""
    pieces = []
    for rank, said in enumerate(BLANK.split(definition.text)):
        if rank % 2 == 0:
            pieces.append({"words": said, "blank": ""})
            continue
        one = definition.field_of(said)
        words = in_words(one, values[said], names) if one is not None and said in values else UNKNOWN
        pieces.append({"words": words, "blank": said})
    return [piece for piece in pieces if piece["words"]]


def without_other_homes(definition: Definition, names: Mapping[str, str], own_code: str) -> dict[str, str]:
    """Will leave out whose the other files are: a number that is typed must not tell a name."""
    kinds = {one.kind for one in definition.fields}
    if FieldKind.FAMILY not in kinds:
        return dict(names)
    return {
        code: f"dossier {code}" if f"(dossier {code})" in words and code != own_code else words
        for code, words in names.items()
    }
