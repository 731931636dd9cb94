"""Reading a file: every mistake with its line, its key and its reason, in French, and all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from marelle.commands.authority_file.shapes import FileShape

Where = tuple[str | int, ...]

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


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A mistake: the line (1 for the first), the key as one writes it, the reason."""

    line: int
    key: str
    reason: str

    def in_words(self, file: str) -> str:
        """Will write it as compilers do, so that an editor can jump to it."""
        return f"{file}:{self.line}: {self.key + ' : ' if self.key else ''}{self.reason}"


class InvalidFile(Exception):
    """The file is refused whole; `faults` says all that is wrong, in the order of the file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """Will keep each fault once, in order."""
        self.faults = tuple(sorted(set(faults)))
        super().__init__(f"{len(self.faults)} faults")


class UnreadableFile(Exception):
    """There is nothing to read; the message says why, in French."""


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
    root = _parse(_text(path))
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


def key_in_words(where: Where) -> str:
    """Will write a place in the file as « services[1].activities[2].code », the first of a list being 1."""
    words = ""
    for step in where:
        words += f"[{step + 1}]" if isinstance(step, int) else f"{'.' if words else ''}{step}"
    return words


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > BIGGEST_FILE:
            raise UnreadableFile(f"{path} est trop gros ({BIGGEST_FILE // 1024 // 1024} Mo au plus).")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UnreadableFile(f"{path} n’existe pas.") from None
    except IsADirectoryError:
        raise UnreadableFile(f"{path} est un dossier.") from None
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} n’est pas écrit en UTF-8 (octet {error.start + 1}).") from None
    except OSError as error:
        raise UnreadableFile(f"{path} ne se lit pas : {error.strerror}.") from None


class _Constructor(RoundTripConstructor):
    """Leaves days as they are written: the shapes read them, and know their line when one does not exist."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _self, node: node.value)


def _parse(text: str) -> Any:
    parser = YAML(typ="rt")
    parser.Constructor = _Constructor
    try:
        return parser.load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidFile([Fault(line, "", "ce champ est écrit deux fois dans le même groupe")]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"ce n’est pas du YAML valable ({error.problem or error.context})"
        raise InvalidFile([Fault(mark.line + 1 if mark else 1, "", reason)]) from None
    except RecursionError:
        raise InvalidFile([Fault(1, "", "les groupes sont imbriqués trop profondément")]) from None
    except (YAMLError, ValueError) as error:
        # A control character, a number that is none: the parser does not tell the line.
        raise InvalidFile([Fault(1, "", f"ce n’est pas du YAML valable ({error})")]) from None


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
        raise InvalidFile([Fault(1, "", "les groupes sont imbriqués trop profondément")]) from None
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
