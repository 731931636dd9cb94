"""The text of a file of published rules as plain values, and the line of each: nothing is asked of them yet."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from marelle.foundation.yaml_files import TOO_DEEP, Fault, InvalidFile, Where, parsed, text_of

BIGGEST_FILE: Final = 16 * 1024 * 1024
# What is published of 40 authorities is some 3,000 values; aliases that multiply themselves are cut off there.
MOST_VALUES: Final = 400_000
_KEY_OF_A_LINE: Final = re.compile(r"^[\s-]*([\w-]+)\s*:")


def plain_values(path: Path) -> tuple[Any, dict[Where, int]]:
    """Will return the values of a file, names of fields as text, and the line of each.

    Raises UnreadableFile when there is nothing to read, InvalidFile when it is no YAML.
    """
    copier = _Copier()
    root = _parsed(text_of(path, biggest=BIGGEST_FILE))
    try:
        return copier.copied(root, ()), copier.lines
    except RecursionError:
        raise InvalidFile([Fault(1, "", TOO_DEEP)]) from None


def _parsed(text: str) -> Any:
    try:
        return parsed(text)
    except InvalidFile as error:
        raise InvalidFile([replace(one, key=_key_near(text, one.line)) for one in error.faults]) from None


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
