"""One act on a service day (book, cancel, change): when it opens, for whom, when it closes, what is possible late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Cutoff, Deadline, local_moment, needs_school_calendar

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.pricing import PriceRule
    from marelle.domain.catalog.rules.spans import Per
    from marelle.foundation.school_days import Calendar

EVERYONE: Final = "everyone"
RESIDENT: Final = "resident"
NON_RESIDENT: Final = "non_resident"


@dataclass(frozen=True, slots=True)
class OpeningWave:
    """From when families of a category may act: at a local moment (naive), or at a moment counted like a cut-off.

    `audience` is EVERYONE, RESIDENT, NON_RESIDENT or the code of a category that the authority gives its families.
    """

    audience: str
    opens: datetime | Cutoff

    def moment(self, day: date, calendar: Calendar, zone: ZoneInfo) -> datetime | None:
        """Will return when it opens for service day `day`, None when never; raises ImpossibleCutoffError."""
        if isinstance(self.opens, datetime):
            return local_moment(self.opens, zone)
        found = self.opens.deadline(day, calendar, zone)
        return found.moment if found else None


@dataclass(frozen=True, slots=True)
class Count:
    """So many in a span of time."""

    count: int
    per: Per


@dataclass(frozen=True, slots=True)
class Late:
    """What is possible after the closing: until when, at what price, decided by whom.

    `until` None: until the service is over. The first `free_first` late acts of a child in a span keep the ordinary
    price; or only the first `only_first` do not. `is_request`: an agent decides.
    """

    price: PriceRule
    until: Closing | None = None
    free_first: Count | None = None
    only_first: Count | None = None
    is_request: bool = False

    def is_at_ordinary_price(self, already: int) -> bool:
        """Will tell whether an act costs nothing more, `already` late ones having been done in the span."""
        if self.free_first is not None:
            return already < self.free_first.count
        return self.only_first is not None and already >= self.only_first.count

    @property
    def per(self) -> Per | None:
        """Will return the span in which late acts are counted, None when they are not."""
        counted = self.free_first or self.only_first
        return counted.per if counted else None


@dataclass(frozen=True, slots=True)
class Act:
    """When an act is possible. Without waves it opens at once, unless the shape of its closing has an opening."""

    closes: Closing
    opens: tuple[OpeningWave, ...] = ()
    late: Late | None = None

    @property
    def needs_school_calendar(self) -> bool:
        """Will tell whether one of its moments depends on which days are taught."""
        until = self.late.until if self.late else None
        return (
            self.closes.needs_school_calendar
            or (until is not None and until.needs_school_calendar)
            or any(not isinstance(w.opens, datetime) and needs_school_calendar(w.opens) for w in self.opens)
        )


@dataclass(frozen=True, slots=True, eq=False)
class ActTimes:
    """What an act comes to on one service day; told from another by what it is, not by what it holds.

    `opens` are (audience, moment), None for a wave that never opens that day; `from_moment` holds for everyone.
    `closes` None: never online. `late_closes` is the end of the second step, when there is one.
    """

    act: Act
    closes: Deadline | None
    opens: tuple[tuple[str, datetime | None], ...] = ()
    from_moment: datetime | None = None
    late_closes: Deadline | None = None

    def opens_for(self, audiences: frozenset[str]) -> tuple[bool, datetime | None]:
        """Will return whether it ever opens for families of these categories, and from when (None: at once)."""
        if not self.opens:
            return True, self.from_moment
        mine = [moment for audience, moment in self.opens if audience == EVERYONE or audience in audiences]
        known = [moment for moment in mine if moment is not None]
        if not known:
            return False, None
        first = min(known)
        return True, max(first, self.from_moment) if self.from_moment else first


def times_of(act: Act, day: date, calendar: Calendar, zone: ZoneInfo, *, over: Deadline) -> ActTimes:
    """Will place `act` on service day `day`. No limit falls after `over`, the end of the service.

    Raises ImpossibleCutoffError when the règlement and the calendar give no moment.
    """
    closes = _capped(act.closes.deadline(day, calendar, zone), over)
    late_closes = None
    if act.late is not None and closes is not None:
        until = act.late.until
        late_closes = over if until is None else _capped(until.deadline(day, calendar, zone), over)
    return ActTimes(
        act,
        closes,
        opens=tuple((wave.audience, wave.moment(day, calendar, zone)) for wave in act.opens),
        from_moment=act.closes.opening(day, calendar, zone),
        late_closes=late_closes,
    )


def _capped(found: Deadline | None, over: Deadline) -> Deadline | None:
    return over if found is not None and not found.is_past(over.over_at) else found
