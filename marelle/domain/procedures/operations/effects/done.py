"""What an effect says that it did, or why it could not."""

from __future__ import annotations

from dataclasses import dataclass


class UnableToApplyError(Exception):
    """The acceptance cannot do what it should: `reasons` says why, in French. Nothing was written."""

    def __init__(self, *reasons: str) -> None:
        """Will keep why."""
        super().__init__(len(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: sentences for people, without any word of health, and the rows touched (kind, key)."""

    sentences: tuple[str, ...]
    rows: tuple[tuple[str, int], ...] = ()
