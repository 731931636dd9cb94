"""The règlement as a text for experts: YAML, read with care, each fault with its line."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from marelle.foundation.yaml_files import TOO_DEEP, InvalidFile, parsed

LONGEST: Final = 64 * 1024
MOST_VALUES: Final = 5_000
# What reads as a number, a time or a line that ends, unless it is quoted.
_QUOTED: Final = re.compile(r"[0-9]|.*[\x85\u2028\u2029]")


class UnreadableTextError(ValueError):
    """A text that is no YAML; the message says why, in French."""

    def __init__(self, reason: str, line: int = 1) -> None:
        """Will keep the line, the first being 1."""
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class ReadText:
    """The plain values of a text, and the line of each by its key (`book.table.mon`)."""

    values: Any
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """Will return the line of a key, or of the nearest group around it."""
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return self.lines.get(key, 1)


def read_text(text: str) -> ReadText:
    """Will return the values of a text; raises UnreadableTextError."""
    if len(text) > LONGEST:
        raise UnreadableTextError(f"le texte est trop long ({LONGEST // 1024} Ko au plus)")
    read = ReadText(None)
    try:
        read.values = _plain(parsed(text), "", read, [0])
    except InvalidFile as error:
        (fault,) = error.faults
        raise UnreadableTextError(fault.reason, fault.line) from None
    except RecursionError:
        raise UnreadableTextError(TOO_DEEP) from None
    except (TypeError, KeyError, AttributeError):  # a value whose tag it does not fit has no line
        raise UnreadableTextError("ce n’est pas du YAML valable") from None
    return read


def write_text(written: Any) -> str:
    """Will write data as a text, times and amounts quoted as the corpus has them."""
    writer = YAML(typ="rt")
    writer.default_flow_style = False
    writer.width = 100
    out = io.StringIO()
    writer.dump(_quoted(written), out)
    return out.getvalue()


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _quoted(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_quoted(each) for each in value]
    if isinstance(value, str) and _QUOTED.match(value):
        return DoubleQuotedScalarString(value)
    return value


def _plain(node: Any, key: str, read: ReadText, count: list[int]) -> Any:
    count[0] += 1
    if count[0] > MOST_VALUES:
        raise UnreadableTextError("le texte est démesuré")
    if isinstance(node, CommentedMap):
        found = {}
        for name in node:
            inside = f"{key}.{name}" if key else str(name)
            if name in (node.lc.data or {}):  # a field that comes from elsewhere (<<) has no line of its own
                read.lines[inside] = int(node.lc.key(name)[0]) + 1
            found[str(name)] = _plain(node[name], inside, read, count)
        return found
    if isinstance(node, CommentedSeq):
        for place in range(len(node)):
            read.lines[f"{key}.{place}"] = int(node.lc.item(place)[0]) + 1
        return [_plain(each, f"{key}.{place}", read, count) for place, each in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    return next((kind(node) for kind in (str, int, float) if isinstance(node, kind)), str(node))
