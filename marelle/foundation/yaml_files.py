"""YAML that people write, read with care: a file or a text, and the line of whatever is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Where = tuple[str | int, ...]
TOO_DEEP: Final = "les groupes sont imbriqués trop profondément"
# Far beyond what a rule needs. The parser looks at each open bracket again for each new one: 5,000 took it 5 seconds.
DEEPEST: Final = 100
_BRACKETS: Final = re.compile(r"[\[\]{}]")


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


def key_in_words(where: Where) -> str:
    """Will write a place in a file as « services[1].activities[2].code », the first of a list being 1."""
    words = ""
    for step in where:
        words += f"[{step + 1}]" if isinstance(step, int) else f"{'.' if words else ''}{step}"
    return words


def text_of(path: Path, *, biggest: int) -> str:
    """Will return the text of a file of `biggest` bytes at most; raises UnreadableFile."""
    try:
        if path.stat().st_size > biggest:
            raise UnreadableFile(f"{path} est trop gros ({biggest // 1024 // 1024} Mo au plus).")
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


def parsed(text: str) -> Any:
    """Will return the document as the parser does, each value with its line; raises InvalidFile with one fault."""
    _refuse_depth(text)
    parser = YAML(typ="rt")
    parser.Constructor = _Constructor
    try:
        return parser.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"ce n’est pas du YAML valable ({error.problem or error.context})"
        if isinstance(error, DuplicateKeyError):
            reason = "ce champ est écrit deux fois dans le même groupe"
        raise InvalidFile([Fault(mark.line + 1 if mark else 1, "", reason)]) from None
    except RecursionError:
        raise InvalidFile([Fault(1, "", TOO_DEEP)]) from None
    except (YAMLError, ValueError, AttributeError, TypeError, KeyError) as error:
        # A control character, a number that is none, a value whose tag it does not fit: the parser tells no line.
        raise InvalidFile([Fault(1, "", f"ce n’est pas du YAML valable ({str(error)[:200]})")]) from None


def _refuse_depth(text: str) -> None:
    """Will raise InvalidFile at the line where more than DEEPEST groups are open; a quoted bracket counts as one."""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        for bracket in _BRACKETS.findall(line):
            depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
            if depth > DEEPEST:
                raise InvalidFile([Fault(number, "", TOO_DEEP)])
        if line.count("- - ") > DEEPEST:
            raise InvalidFile([Fault(number, "", TOO_DEEP)])
