"""Who is to be counted when a building is left in a hurry: those seen there, and those expected whom nobody has seen.

In doubt a child is on the list: to look for somebody who has gone home is safer than to look for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Children come before the hour and leave after it.
AROUND: Final = timedelta(minutes=30)


class Seen(StrEnum):
    """What is known of a child at one part of the day."""

    PRESENT = "present"
    EXPECTED = "expected"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Part:
    """A child (key) at a part of the day: from when to when (None: not known, all the day long), and what is known."""

    child: int
    seen: Seen
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def is_under_way(self, at: datetime) -> bool:
        """Will tell whether `at` is within it, or around it."""
        now = at.astimezone(UTC)
        begun = self.starts_at is None or self.starts_at.astimezone(UTC) - AROUND <= now
        return begun and (self.ends_at is None or now < self.ends_at.astimezone(UTC) + AROUND)


def there_at(parts: Iterable[Part], at: datetime | None) -> dict[int, Seen]:
    """Will return the children to count at `at`, seen or only expected; None: at any moment of the day.

    Somebody seen at one part is seen, whatever the others say; seen absent at every part, she is not on the list.
    """
    found: dict[int, Seen] = {}
    for part in parts:
        if part.seen is Seen.ABSENT or not (at is None or part.is_under_way(at)):
            continue
        if found.get(part.child) is not Seen.PRESENT:
            found[part.child] = part.seen
    return found


def counted(found: Mapping[int, Seen]) -> tuple[int, int]:
    """Will return how many were seen, and how many are only expected."""
    seen = sum(one is Seen.PRESENT for one in found.values())
    return seen, len(found) - seen
