"""What is wrong in a file of published rules: its line, its key, the reason. Without Django: no database is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Where = tuple[str | int, ...]


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
    """Will write a place in the file as « communes[1].cases[2].date », the first of a list being 1."""
    words = ""
    for step in where:
        words += f"[{step + 1}]" if isinstance(step, int) else f"{'.' if words else ''}{step}"
    return words
