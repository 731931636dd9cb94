"""Reading a file: every mistake with its line, its key and its reason, in French, and all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from marelle.domain.onboarding.queries.authority_file.shapes import FileShape
from marelle.foundation.yaml_files import TOO_DEEP, Fault, InvalidFile, Where, key_in_words, parsed, text_of

# What a town of 20,000 families would write is some 500,000 values; aliases that multiply themselves are cut off there.
MOST_VALUES: Final = 2_000_000
BIGGEST_FILE: Final = 64 * 1024 * 1024

_REASONS: Final = {
    "missing": "ce champ est obligatoire",
    "extra_forbidden": "champ inconnu",
    "string_type": "du texte est attendu, entre guillemets si besoin",
    "string_too_short": "au moins {min_length} caractère(s) attendu(s)",
    "string_too_long": "{max_length} caractères au plus",
    "string_pattern_mismatch": "ce texte n’a pas la forme attendue",
    "literal_error": "valeurs possibles : {expected}",
    "int_type": "un nombre entier est attendu",
    "int_parsing": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "bool_type": "true ou false est attendu",
    "bool_parsing": "true ou false est attendu",
    "list_type": "une liste est attendue",
    "dict_type": "un groupe de champs est attendu",
    "model_type": "un groupe de champs est attendu",
    "model_attributes_type": "un groupe de champs est attendu",
    "too_short": "au moins {min_length} élément(s) attendu(s)",
    "greater_than_equal": "au moins {ge} est attendu",
    "less_than_equal": "{le} au plus",
}


class Lines:
    """Where each value of a file stands."""

    def __init__(self, root: Any) -> None:
        """Will know the lines of a document as the parser returns it."""
        self._root = root

    def of(self, where: Where) -> int:
        """Will return the line of the value at `where`, or of what should have held it."""
        node, line = self._root, 1
        for step in where:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
                node = node[step]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
                node = node[step]
            else:
                break
        return line

    def fault(self, where: Where, reason: str) -> Fault:
        """Will make a fault at `where`."""
        return Fault(self.of(where), key_in_words(where), reason)


@dataclass(frozen=True, slots=True)
class AuthorityFile:
    """A file whose every value has the right shape."""

    path: Path
    said: FileShape
    lines: Lines


def read_file(path: Path) -> AuthorityFile:
    """Will read and check the shape of a file; raises UnreadableFile, or InvalidFile with all its faults."""
    root = parsed(text_of(path, biggest=BIGGEST_FILE))
    if not isinstance(root, CommentedMap):
        raise InvalidFile([Fault(1, "", "le fichier doit commencer par des champs, comme « authority: »")])
    lines = Lines(root)
    plain, faults = _plain(root, lines)
    try:
        said = FileShape.model_validate(plain)
    except ValidationError as error:
        faults += [_fault(each, lines) for each in error.errors(include_url=False)]
        raise InvalidFile(faults) from None
    if faults:
        raise InvalidFile(faults)
    return AuthorityFile(path, said, lines)


def _plain(root: CommentedMap, lines: Lines) -> tuple[dict[str, Any], list[Fault]]:
    """Will return the same values in plain types, and the keys that are not text."""
    faults: list[Fault] = []
    count = 0

    def copy(node: Any, where: Where) -> Any:
        nonlocal count
        count += 1
        if count > MOST_VALUES:
            raise InvalidFile([Fault(1, "", "le fichier est démesuré")])
        if isinstance(node, CommentedMap):
            odd = [key for key in node if not isinstance(key, str)]
            faults.extend(
                lines.fault(where, f"« {key} » n’est pas un nom de champ : mettez-le entre guillemets") for key in odd
            )
            return {str(key): copy(value, (*where, str(key))) for key, value in node.items() if key not in odd}
        if isinstance(node, CommentedSeq):
            return [copy(value, (*where, place)) for place, value in enumerate(node)]
        if isinstance(node, bool) or node is None:
            return node
        for kind in (str, int, float):
            if isinstance(node, kind):
                return kind(node)
        return str(node)

    try:
        plain = copy(root, ())
    except RecursionError:
        raise InvalidFile([Fault(1, "", TOO_DEEP)]) from None
    return plain, faults


def _fault(error: ErrorDetails, lines: Lines) -> Fault:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        reason = str(context["error"])
    else:
        reason = _REASONS.get(error["type"], error["msg"]).format(**context).replace(" or ", " ou ")
    where = tuple(
        step for step in error["loc"] if isinstance(step, int) or not step.startswith(("function-", "literal", "dict"))
    )
    return lines.fault(where, reason)
