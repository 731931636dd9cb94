"""The clocks of a request: when silence decides, what stops the clock, by when it is acknowledged.

The articles are those of the code des relations entre le public et l'administration (CRPA).

- L231-1: « Le silence gardé pendant deux mois par l'administration sur une demande vaut décision d'acceptation. »
  L231-4 takes out, among others, financial requests and complaints, whose silence refuses. Decrees give other delays.
- L114-5, when pieces are missing: the delay of an implied *refusal* is suspended during the time given, and goes on
  when they come, or when that time is over; the delay of an implied *acceptance* runs only from their reception.
- L114-3: a refusal is counted from the day the administration first seized had the request, an acceptance from the
  day the competent one had it.
- L112-1: what is posted, or sent online, on the last day is in time.

What the articles leave open, and what was chosen:

- *A month goes from a day to the day of the same number* (de quantième à quantième), or to the last of a month that
  lacks it. The day of reception does not count, the last one counts whole: silence decides at midnight after it.
- *A last day that is off stays the last.* The delay of silence is not franc, and no text carries it over to the next
  working day; that is for the delays of appeals (CE, 5 juin 2009, n° 312682).
- *A suspension is counted in days.* Neither the day on which pieces are asked for nor those after it count, until the
  day they come, which counts. When they do not come, the first day that counts follows the last one given: a family
  who sends at 23:59 on that day is in time, and is never refused by silence at that midnight.
- *Pieces asked for once silence has decided change nothing*: the decision is born.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.cutoffs import local_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from marelle.foundation.school_days import Calendar

ONE_DAY: Final = timedelta(days=1)
# Days before the last one on which whoever answers is warned, the tightest first.
WARNED_DAYS_BEFORE: Final = (2, 7, 15)
# A family is reminded of what is missing once, so many days before the last one.
REMINDED_DAYS_BEFORE: Final = 3
# R421-1 and R421-2 of the code de justice administrative: to go to court.
APPEAL_MONTHS: Final = 2


class Silence(StrEnum):
    """What silence means once the delay is over."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    # A message, a piece of news: nothing to decide, and a day by which the authority says that it answers.
    DECIDES_NOTHING = "decides_nothing"


class DelayUnit(StrEnum):
    """What a delay is counted in. A working day (jour ouvré) is neither a Saturday, a Sunday nor a public holiday."""

    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"


class Receipt(StrEnum):
    """The two acknowledgements of a request made online (R112-11-1): that it is recorded, that it is in hand."""

    REGISTRATION = "registration"
    RECEPTION = "reception"


# At once, or within one working day when that is not possible; within ten.
RECEIPT_WORKING_DAYS: Final = {Receipt.REGISTRATION: 1, Receipt.RECEPTION: 10}


@dataclass(frozen=True, slots=True)
class Delay:
    """How long the authority has, from 1."""

    count: int
    unit: DelayUnit = DelayUnit.MONTHS

    def __post_init__(self) -> None:
        """Will raise ValueError for no delay at all."""
        if self.count < 1:
            message = f"un délai de {self.count} ne laisse le temps de rien"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Pause:
    """Missing pieces asked for, until the end of `due_on`; they came at `ended_at`, None as long as they did not."""

    asked_at: datetime
    due_on: date
    ended_at: datetime | None = None

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        """Will tell whether the clock stands still at `at` (aware)."""
        over_at = midnight_after(self._last_given(zone), zone)
        if self.ended_at is not None and is_reached(self.ended_at, over_at):
            over_at = self.ended_at
        return is_reached(self.asked_at, at) and not is_reached(over_at, at)

    def resumes_on(self, zone: ZoneInfo) -> date:
        """Will return the first day that counts again for a refusal: when they came, at the latest after `due_on`."""
        given = self._last_given(zone) + ONE_DAY
        return given if self.ended_at is None else min(given, local_day(self.ended_at, zone))

    def _last_given(self, zone: ZoneInfo) -> date:
        return max(self.due_on, local_day(self.asked_at, zone))


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the time of a request stands.

    `started_on` is the day from which it is counted, None while an acceptance waits for missing pieces. `answer_by` is
    the last day to answer; `silent_on` the same when silence then decides, at `born_at`: the midnight that ends it.
    `is_suspended`: missing pieces stop it now; `resumes_on` is then the day it goes on if none comes, None when it
    waits for as long as they do not. `days_left` counts down to `answer_by`, 0 on that day and after.
    """

    started_on: date | None
    silent_on: date | None
    is_suspended: bool
    born_at: datetime | None
    days_left: int | None
    answer_by: date | None = None
    resumes_on: date | None = None

    def has_decided(self, at: datetime) -> bool:
        """Will tell whether silence has decided by `at` (aware)."""
        return self.born_at is not None and is_reached(self.born_at, at)


def clock_of(
    received_at: datetime,
    delay: Delay,
    silence: Silence,
    pauses: Sequence[Pause],
    *,
    zone: ZoneInfo,
    calendar: Calendar,
    at: datetime,
) -> Clock:
    """Will say where the time of a request stands at `at`; moments are aware, days are those of `zone`.

    `pauses` in any order; one that does not end is taken to last the whole time given, which is the latest that an
    implied refusal can be. `received_at` is `counted_from` of the request.
    """
    received = local_day(received_at, zone)
    asked = sorted(pauses, key=lambda one: one.asked_at.astimezone(UTC))
    if silence is Silence.ACCEPTS:
        return _acceptance(received, delay, asked, zone=zone, calendar=calendar, at=at)
    stops = [(local_day(one.asked_at, zone), one.resumes_on(zone)) for one in asked]
    last = last_day(received, delay, calendar, stops=stops)
    now = [one for one in asked if local_day(one.asked_at, zone) <= last and one.holds(at, zone)]
    return _clock(
        received,
        last,
        decides=silence is Silence.REFUSES,
        zone=zone,
        at=at,
        is_suspended=bool(now),
        resumes_on=max((one.resumes_on(zone) for one in now), default=None),
    )


def _acceptance(
    received: date, delay: Delay, asked: Sequence[Pause], *, zone: ZoneInfo, calendar: Calendar, at: datetime
) -> Clock:
    starts, last = received, last_day(received, delay, calendar)
    is_suspended = False
    for pause in asked:
        if local_day(pause.asked_at, zone) > last:
            break
        if pause.ended_at is None:
            return Clock(None, None, is_suspended=True, born_at=None, days_left=None)
        is_suspended = is_suspended or (is_reached(pause.asked_at, at) and not is_reached(pause.ended_at, at))
        starts = max(starts, local_day(pause.ended_at, zone))
        last = last_day(starts, delay, calendar)
    return _clock(starts, last, decides=True, zone=zone, at=at, is_suspended=is_suspended)


def _clock(
    starts: date,
    last: date,
    *,
    decides: bool,
    zone: ZoneInfo,
    at: datetime,
    is_suspended: bool,
    resumes_on: date | None = None,
) -> Clock:
    return Clock(
        started_on=starts,
        silent_on=last if decides else None,
        is_suspended=is_suspended,
        born_at=midnight_after(last, zone) if decides else None,
        days_left=max((last - local_day(at, zone)).days, 0),
        answer_by=last,
        resumes_on=resumes_on,
    )


def last_day(starts: date, delay: Delay, calendar: Calendar, *, stops: Sequence[tuple[date, date]] = ()) -> date:
    """Will return the last day of a delay counted from `starts`, which does not count itself.

    `stops` are the days that do not count, as (first of them, first after them). A delay in months is as many days as
    it would have been without a stop. A stop that begins after the last day is none.
    """

    def counts(day: date) -> bool:
        return not any(first <= day < after for first, after in stops)

    day = starts
    while not counts(day):  # asked for at once: the delay begins whole when the clock goes on
        day += ONE_DAY
    left = (months_later(starts, delay.count) - starts).days if delay.unit is DelayUnit.MONTHS else delay.count
    while left:
        day += ONE_DAY
        left -= counts(day) and (delay.unit is not DelayUnit.WORKING_DAYS or calendar.is_working_day(day))
    return day


def months_later(day: date, count: int) -> date:
    """Will return the day of the same number `count` months later, or the last of a month that lacks it."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Will return the day that the calendars of `zone` show at `moment` (aware)."""
    return moment.astimezone(zone).date()


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """Will return the moment when `day` ends by the clocks of `zone`."""
    return local_moment(datetime.combine(day + ONE_DAY, time.min), zone)


def day_of_decision(decided_at: datetime, *, zone: ZoneInfo, is_silent: bool) -> date:
    """Will return the day that a decision is dated: for one born of silence, the last day before its midnight."""
    return local_day(decided_at, zone) - ONE_DAY if is_silent else local_day(decided_at, zone)


def is_reached(moment: datetime, at: datetime) -> bool:
    """Will tell whether `moment` has come by `at` (both aware)."""
    # In UTC: moments of one zone are compared by their clocks, which show an hour twice the night they go back.
    return moment.astimezone(UTC) <= at.astimezone(UTC)


def is_in_time(sent_at: datetime, due_on: date, *, zone: ZoneInfo) -> bool:
    """Will tell whether what was sent online, or posted, at `sent_at` is in time for `due_on` (L112-1)."""
    return local_day(sent_at, zone) <= due_on


def counted_from(silence: Silence, *, seized_at: datetime, competent_at: datetime) -> datetime:
    """Will return the moment from which the delay is counted when the request went to another administration first.

    `seized_at` is when the first one had it, `competent_at` when the one that can answer did (L114-3).
    """
    return competent_at if silence is Silence.ACCEPTS else seized_at


def acknowledge_by(received_at: datetime, receipt: Receipt, *, zone: ZoneInfo, calendar: Calendar) -> date:
    """Will return the last day to acknowledge a request made online (R112-11-1)."""
    delay = Delay(RECEIPT_WORKING_DAYS[receipt], DelayUnit.WORKING_DAYS)
    return last_day(local_day(received_at, zone), delay, calendar)


def appeal_until(born_on: date, calendar: Calendar, *, months: int = APPEAL_MONTHS) -> date:
    """Will return the last day to go to court against a refusal born, or notified, on `born_on`.

    This delay is franc: neither its first day nor its last counts, and a last day that is off gives the next working
    day (R421-1 of the code de justice administrative; CE, 5 juin 2009, n° 312682).
    """
    day = months_later(born_on, months) + ONE_DAY
    while not calendar.is_working_day(day):
        day += ONE_DAY
    return day


def warning_due(clock: Clock, *, on: date) -> int | None:
    """Will return how many days before the last one the warning of `on` is for: the tightest of those reached.

    None when silence decides nothing or is still far; a delay shorter than a warning does not begin with it.
    """
    if clock.silent_on is None or clock.started_on is None or on > clock.silent_on:
        return None
    left, whole = (clock.silent_on - on).days, (clock.silent_on - clock.started_on).days
    return next((days for days in WARNED_DAYS_BEFORE if left <= days < whole), None)


def is_reminder_due(pause: Pause, *, on: date, zone: ZoneInfo) -> bool:
    """Will tell whether a family is to be reminded on `on` of what it was asked for: near the end, not just after."""
    left = (pause.due_on - on).days
    whole = (pause.due_on - local_day(pause.asked_at, zone)).days
    return pause.ended_at is None and 0 <= left <= REMINDED_DAYS_BEFORE < whole
