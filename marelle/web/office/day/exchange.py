"""What a tablet sends of a sheet, and what it is told: the words of the exchange, read strictly, line by line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from marelle.domain.reservations.models import Attendance
from marelle.domain.reservations.rules.attendance import Mark, Seen, corrected, late_minutes
from marelle.foundation.french_dates import hour
from marelle.web.office.day import wording
from marelle.web.office.day.forms import ANSWERS, MOST_MINUTES, UID, UnreadableSheetError, read_hour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import time
    from zoneinfo import ZoneInfo

    from marelle.domain.reservations.rules.attendance import Standing

MOST_BYTES = 256 * 1024
MOST_MARKS = 1000
MOST_KNOWN = 50
# What came while another answer was being written is told again: a mark told twice changes nothing.
OVERLAP = timedelta(minutes=2)
# From 2001 to 2286 in milliseconds: a device whose clock says otherwise has none.
CLOCKS = range(10**12, 10**13)
MOST_SEQ = 2**53


class UnreadableExchangeError(ValueError):
    """What came is not an exchange at all: nothing of it was read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A tick as the tablet sent it: of whom (`child`, `product`, public ids), what was seen, when by its clock."""

    uid: str
    child: str
    product: str
    seq: int
    state: str
    seen_at: datetime
    left_at: time | None
    minutes: int | None
    knew: frozenset[str]

    def mark(
        self, device: str, *, device_now: datetime, at: datetime, day_begins: datetime, ends_at: time | None
    ) -> Mark:
        """Will return the mark, its moment by our clock, its lateness by when the child's part of the day ends."""
        is_there = self.state == Attendance.State.PRESENT
        left = self.left_at if is_there else None
        seen = Seen(self.state, self.minutes if is_there else None, late_minutes(left, ends_at) if left else 0, left)
        seen_at = corrected(self.seen_at, device_now=device_now, at=at, day_begins=day_begins)
        return Mark(self.uid, device, self.seq, seen, seen_at, self.knew)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a tablet sent: its name, what its clock said, its ticks, and those (uids) that cannot be read."""

    device: str
    now: datetime
    lines: tuple[Line, ...]
    unreadable: tuple[str, ...]


def read_exchange(body: bytes) -> Exchange:
    """Will read what a tablet sent. Raises UnreadableExchangeError when it is none, or too much."""
    if len(body) > MOST_BYTES:
        raise UnreadableExchangeError
    try:
        said = json.loads(body)
        device, now, marks = said["device"], _moment(said["now"]), said["marks"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableExchangeError from error
    if not _is_uid(device) or not isinstance(marks, list) or len(marks) > MOST_MARKS:
        raise UnreadableExchangeError
    lines, unreadable = [], []
    for one in marks:
        if not isinstance(one, dict) or not _is_uid(one.get("uid")):
            raise UnreadableExchangeError  # a tablet could not be told which one
        try:
            lines.append(_line(one))
        except (ValueError, TypeError, KeyError):
            unreadable.append(one["uid"])
    return Exchange(device, now, tuple(lines), tuple(unreadable))


def _line(one: Mapping[str, Any]) -> Line:
    child, _dot, product = one["square"].partition(".")
    knew, minutes, seq = one.get("knew", []), one.get("minutes"), one["seq"]
    if (
        one["state"] not in ANSWERS
        or not _is_whole(seq, MOST_SEQ)
        or not (minutes is None or _is_whole(minutes, MOST_MINUTES))
        or len(knew) > MOST_KNOWN
        or not all(_is_uid(each) for each in knew)
        or not (child.isalnum() and product.isalnum())
    ):
        raise UnreadableSheetError
    return Line(
        one["uid"],
        child,
        product,
        seq,
        one["state"],
        _moment(one["at"]),
        read_hour(one.get("left") or ""),
        minutes,
        frozenset(knew),
    )


def _moment(said: object) -> datetime:
    """Will read milliseconds since 1970, as browsers count. Raises UnreadableExchangeError."""
    if not isinstance(said, int) or said not in CLOCKS:
        raise UnreadableExchangeError
    return datetime.fromtimestamp(said / 1000, tz=UTC)


def _is_uid(said: object) -> bool:
    return isinstance(said, str) and UID.fullmatch(said) is not None


def _is_whole(said: object, most: int) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= most


def square_said(stands: Standing, *, zone: ZoneInfo) -> dict[str, Any]:
    """Will write what stands of a square for a tablet."""
    seen = stands.mark.seen
    return {
        "state": seen.state,
        "left": f"{seen.fetched_at:%H:%M}" if seen.fetched_at else "",
        "minutes": seen.minutes,
        "knew": sorted(stands.heads),
        "conflict": conflict_words(stands, zone=zone),
    }


def conflict_words(stands: Standing, *, zone: ZoneInfo) -> str:
    """Will say where tablets disagree: « Retenu : absence, 12 h 03. Autre tablette : présence, 12 h 01. »."""
    if not stands.others:
        return ""

    def words(mark: Mark) -> str:
        return f"{wording.SEEN[mark.seen.state]}, {hour(mark.seen_at.astimezone(zone))}"

    return wording.conflict(words(stands.mark), [words(one) for one in stands.others])


def squares_said(
    stands: Mapping[tuple[int, int], Standing], *, name: Callable[[tuple[int, int]], str], zone: ZoneInfo
) -> dict[str, Any]:
    """Will write what stands of several squares, by the `name` of each."""
    return {named: square_said(one, zone=zone) for key, one in stands.items() if (named := name(key))}
