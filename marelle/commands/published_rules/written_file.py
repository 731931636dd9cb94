"""The text of a file of published rules as plain values, and the line of each: nothing is asked of them yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from marelle.commands.published_rules.faults import Fault, InvalidFile, UnreadableFile, Where

BIGGEST_FILE: Final = 16 * 1024 * 1024
# What is published of 40 authorities is some 3,000 values; aliases that multiply themselves are cut off there.
MOST_VALUES: Final = 400_000
_KEY_OF_A_LINE: Final = re.compile(r"^[\s-]*([\w-]+)\s*:")


def plain_values(path: Path) -> tuple[Any, dict[Where, int]]:
    """Will return the values of a file, names of fields as text, and the line of each.

    Raises UnreadableFile when there is nothing to read, InvalidFile when it is no YAML.
    """
    copier = _Copier()
    root = _parse(_text(path))
    try:
        return copier.copied(root, ()), copier.lines
    except RecursionError:
        raise InvalidFile([Fault(1, "", "les groupes sont imbriqués trop profondément")]) from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > BIGGEST_FILE:
            raise UnreadableFile(f"{path} est trop gros ({BIGGEST_FILE // 1024 // 1024} Mo au plus).")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UnreadableFile(f"{path} n’existe pas.") from None
    except IsADirectoryError:
        raise UnreadableFile(f"{path} est un dossier.") from None
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} n’est pas écrit en UTF-8 (octet {error.start + 1}).") from None
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path} ne se lit pas : {getattr(error, 'strerror', None) or error}.") from None


class _Constructor(RoundTripConstructor):
    """Leaves days as they are written: whoever needs one reads it, and knows its line when it does not exist."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _self, node: node.value)


def _parse(text: str) -> Any:
    parser = YAML(typ="rt")
    parser.Constructor = _Constructor
    try:
        return parser.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = f"ce n’est pas du YAML valable ({error.problem or error.context})"
        if isinstance(error, DuplicateKeyError):
            reason = "ce champ est écrit deux fois dans le même groupe"
        raise InvalidFile([Fault(line, _key_near(text, line), reason)]) from None
    except RecursionError:
        raise InvalidFile([Fault(1, "", "les groupes sont imbriqués trop profondément")]) from None
    except (YAMLError, ValueError, AttributeError, TypeError) as error:
        # A control character, a number that is none, a value whose tag it does not fit: the parser tells no line.
        raise InvalidFile([Fault(1, "", f"ce n’est pas du YAML valable ({error})")]) from None


def _key_near(text: str, line: int) -> str:
    """Will return the last key written at or before `line`: what the writer was writing."""
    for written in reversed(text.splitlines()[:line]):
        if found := _KEY_OF_A_LINE.match(written):
            return found[1]
    return ""


class _Copier:
    """Copies what the parser returns, and notes where each value stands in `lines`."""

    def __init__(self) -> None:
        self.lines: dict[Where, int] = {}
        self._count = 0

    def copied(self, node: Any, where: Where) -> Any:
        self._count += 1
        if self._count > MOST_VALUES:
            raise InvalidFile([Fault(1, "", "le fichier est démesuré")])
        if isinstance(node, CommentedMap):
            return {str(name): self._field(node, name, (*where, str(name))) for name in node}
        if isinstance(node, CommentedSeq):
            return [self._element(node, index, (*where, index)) for index in range(len(node))]
        if isinstance(node, bool) or node is None:
            return node
        for kind in (str, int, float):
            if isinstance(node, kind):
                return kind(node)
        return str(node)

    def _field(self, node: CommentedMap, name: Any, where: Where) -> Any:
        if name in (node.lc.data or {}):  # a field that comes from elsewhere (<<) has no line of its own
            self.lines[where] = node.lc.key(name)[0] + 1
        return self.copied(node[name], where)

    def _element(self, node: CommentedSeq, index: int, where: Where) -> Any:
        self.lines[where] = node.lc.item(index)[0] + 1
        return self.copied(node[index], where)
