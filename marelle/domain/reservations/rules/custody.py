"""Whose day it is, of a child who lives in two homes: each day is of exactly one.

What parents agree, or a judge decides, and the authority applies: weeks in turn, holidays shared, long week-ends. The
usual words of judgments and agreements; no law says them (Code civil, art. 373-2-9, leaves them to parents and judge).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from marelle.foundation.periods import FRIDAY, MONDAY, SATURDAY, SUNDAY, monday_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from marelle.foundation.school_days import Calendar, NamedDays

NOON: Final = time(12)
ONE_DAY: Final = timedelta(days=1)
A_WEEK: Final = timedelta(weeks=1)
A_FORTNIGHT: Final = timedelta(weeks=2)
# Holidays that last longer than those within a school year: the summer's, also overseas.
AS_LONG_AS_A_SUMMER: Final = timedelta(days=28)
# Turns are written that far ahead: a school year that begins, and the next.
WRITTEN_AHEAD: Final = timedelta(days=2 * 366)
WRITTEN_AGAIN: Final = timedelta(days=183)
# Days agreed in one proposal, each way.
MOST_DAYS: Final = 31


class Role(StrEnum):
    """Which of the two homes, as the terms name them."""

    FIRST = "first"
    SECOND = "second"

    @property
    def other(self) -> Role:
        """Will return the other home."""
        return Role.SECOND if self is Role.FIRST else Role.FIRST


class Weeks(StrEnum):
    """How ordinary weeks go."""

    PARITY = "parity"  # one home the even weeks of the calendar (ISO 8601), the other the odd ones
    FROM_DAY = "from_day"  # one week each, from a day on, whatever the number of the week
    SAME = "same"  # always with the first home, but for what follows


class HolidayShare(StrEnum):
    """How school holidays within the year are shared."""

    AS_WEEKS = "as_weeks"
    HALVES = "halves"
    WHOLE = "whole"


class SummerShare(StrEnum):
    """How summer holidays are shared."""

    AS_WEEKS = "as_weeks"
    HALVES = "halves"
    FORTNIGHTS = "fortnights"


class Booking(StrEnum):
    """Who may reserve a day."""

    OWN_DAYS = "own_days"  # the home whose day it is
    EITHER = "either"  # whoever reserves first answers for it


class Packages(StrEnum):
    """Who pays what is due by the month or the year, which no day belongs to."""

    FIRST = "first"
    SECOND = "second"
    HALVES = "halves"


@dataclass(frozen=True, slots=True)
class CustodyTerms:
    """What was agreed or decided, as a value.

    `since` is the day of a changeover to the first home (FROM_DAY). `first_even`: the first home has the even weeks
    (PARITY). The child passes on weekday `changeover` (0: Monday) at `changeover_at`; the day of the changeover is of
    the home where the child is at noon. `first_half_even`: the first home has the first half, or the whole, of
    holidays that begin in an even year. `services`: the home that always answers for a service (key), whoever has the
    day.
    """

    weeks: Weeks = Weeks.PARITY
    since: date | None = None
    first_even: bool = True
    changeover: int = FRIDAY
    changeover_at: time = time(16, 30)
    holidays: HolidayShare = HolidayShare.HALVES
    summer: SummerShare = SummerShare.HALVES
    first_half_even: bool = True
    long_weekends: bool = False
    booking: Booking = Booking.OWN_DAYS
    packages: Packages = Packages.FIRST
    services: tuple[tuple[int, Role], ...] = ()

    @property
    def begins_on(self) -> int:
        """Will return the weekday that is the first whole one of who takes the child."""
        return self.changeover if self.changeover_at <= NOON else (self.changeover + 1) % 7


class Turn(NamedTuple):
    """From that day on, until the next turn, days are of that home; None: of neither more than of the other."""

    starts_on: date
    home: int | None


class TermsFault(StrEnum):
    """Why terms are not taken, in words."""

    NO_SINCE = "Indiquez le jour où l’enfant arrive chez le premier foyer."
    SINCE_NOT_CHANGEOVER = "Ce jour n’est pas celui du passage d’un foyer à l’autre."
    NO_WEEKDAY = "Choisissez le jour du passage."
    UNKNOWN_SERVICE = "Ce service n’existe plus."


class DaysFault(StrEnum):
    """Why days cannot be exchanged, in words."""

    NO_DAYS = "Choisissez au moins un jour."
    TOO_MANY = "Choisissez 31 jours au plus de chaque côté."
    PAST = "Un jour passé ne change plus de foyer."
    NOT_YOURS = "Vous ne pouvez donner que vos jours."
    NOT_THEIRS = "Vous ne pouvez prendre que des jours de l’autre foyer."
    TOO_FAR = "Ce jour est trop loin : le calendrier n’est pas encore connu."
    ASKED_ALREADY = "Un échange est déjà demandé pour l’un de ces jours."


def fault_of_terms(terms: CustodyTerms, *, services: Collection[int]) -> TermsFault | None:
    """Will say why these terms say nothing sure; `services` are the keys of those of the authority."""
    if not MONDAY <= terms.changeover <= SUNDAY:
        return TermsFault.NO_WEEKDAY
    if terms.weeks is Weeks.FROM_DAY:
        if terms.since is None:
            return TermsFault.NO_SINCE
        if terms.since.weekday() != terms.changeover:
            return TermsFault.SINCE_NOT_CHANGEOVER
    return TermsFault.UNKNOWN_SERVICE if {key for key, _role in terms.services} - set(services) else None


def faults_of_days(
    gives: Collection[date],
    takes: Collection[date],
    *,
    mine: Collection[date],
    theirs: Collection[date],
    asked: Collection[date],
    today: date,
) -> tuple[DaysFault, ...]:
    """Will say why a home cannot ask to give some of its days and take some of the other's, the first reason first.

    `mine` and `theirs` are the days of each, as they are now; `asked` those of proposals that wait for an answer.
    """
    every = {*gives, *takes}
    found = (
        (DaysFault.NO_DAYS, not every),
        (DaysFault.TOO_MANY, max(len(set(gives)), len(set(takes))) > MOST_DAYS),
        (DaysFault.PAST, any(day <= today for day in every)),
        (DaysFault.TOO_FAR, any(day > today + WRITTEN_AHEAD for day in every)),
        (DaysFault.NOT_YOURS, not set(gives) <= set(mine)),
        (DaysFault.NOT_THEIRS, not set(takes) <= set(theirs)),
        (DaysFault.ASKED_ALREADY, bool(every & set(asked))),
    )
    return tuple(fault for fault, is_met in found if is_met)


def last_day_to_answer(asked_on: date, *, starts_on: date | None, days: Collection[date]) -> date:
    """Will return the last day on which the other home may answer.

    Days: the eve of the first one. Terms (`starts_on`): a fortnight, or until the eve of their day.
    """
    if starts_on is None:
        return min(days) - ONE_DAY
    return min(starts_on, asked_on + A_FORTNIGHT) - ONE_DAY


def is_unanswered(asked_on: date, *, starts_on: date | None, days: Collection[date], today: date) -> bool:
    """Will tell whether the other home had its time to answer."""
    return today > last_day_to_answer(asked_on, starts_on=starts_on, days=days)


def role_on(day: date, terms: CustodyTerms, calendar: Calendar) -> Role:
    """Will return the home whose day it is by the terms: holidays first, then long week-ends, then weeks."""
    off = calendar.school_holiday(day)
    if off is not None:
        shared = _in_holidays(day, off, terms)
        if shared is not None:
            return shared
    saturday = _long_weekend(day, calendar) if terms.long_weekends else None
    return _in_weeks(saturday or day, terms)


def turns_of(
    terms: CustodyTerms,
    homes: Mapping[Role, int],
    *,
    first: date,
    last: date,
    calendar: Calendar,
    exceptions: Mapping[date, int] = MappingProxyType({}),
) -> tuple[Turn, ...]:
    """Will return whose day it is from `first` to `last`, as the days on which it changes; the first turn is `first`.

    `homes` are the families (keys) by role. `exceptions`: days that were agreed to be of a family, whatever the terms.
    """
    turns: list[Turn] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        home = exceptions.get(day, homes[role_on(day, terms, calendar)])
        if not turns or turns[-1].home != home:
            turns.append(Turn(day, home))
    return tuple(turns)


def double_weeks(terms: CustodyTerms, *, first: date, last: date) -> tuple[date, ...]:
    """Will return the Mondays from which a home has two weeks running because the year has 53 (weeks 53 and 1 are odd).

    Which surprises once in five or six years whoever alternates by even and odd weeks.
    """
    if terms.weeks is not Weeks.PARITY:
        return ()
    monday = monday_of(first)
    found = []
    while monday <= last:
        if monday.isocalendar().week == (monday + A_WEEK).isocalendar().week + 52:
            found.append(monday)
        monday += A_WEEK
    return tuple(found)


def _in_weeks(day: date, terms: CustodyTerms) -> Role:
    if terms.weeks is Weeks.SAME:
        return Role.FIRST
    begins = day - timedelta(days=(day.weekday() - terms.begins_on) % 7)
    if terms.weeks is Weeks.FROM_DAY and terms.since is not None:
        since = terms.since + timedelta(days=(terms.begins_on - terms.changeover) % 7)
        return Role.FIRST if (begins - since).days // 7 % 2 == 0 else Role.SECOND
    # A week that begins at its end is named after the Monday that follows, when school is.
    monday = monday_of(begins) + (A_WEEK if begins.weekday() >= FRIDAY else timedelta())
    is_even = monday.isocalendar().week % 2 == 0
    return Role.FIRST if is_even == terms.first_even else Role.SECOND


def _in_holidays(day: date, off: NamedDays, terms: CustodyTerms) -> Role | None:
    """Will return whose the day is within these holidays; None: as in ordinary weeks."""
    length = off.ends_on - off.starts_on + ONE_DAY
    passed = day - off.starts_on
    leads = Role.FIRST if (off.starts_on.year % 2 == 0) == terms.first_half_even else Role.SECOND
    # An odd day is of the first half.
    is_first_half = passed * 2 < length
    if length < AS_LONG_AS_A_SUMMER:
        if terms.holidays is HolidayShare.AS_WEEKS:
            return None
        return leads if terms.holidays is HolidayShare.WHOLE or is_first_half else leads.other
    if terms.summer is SummerShare.AS_WEEKS:
        return None
    if terms.summer is SummerShare.FORTNIGHTS:
        return leads if passed // A_FORTNIGHT % 2 == 0 else leads.other
    return leads if is_first_half else leads.other


def _long_weekend(day: date, calendar: Calendar) -> date | None:
    """Will return the Saturday of the long week-end that holds a day: public holidays and bridges beside it are of it.

    None for a day that is of none, or of a week-end like others.
    """
    if not _is_off(day, calendar):
        return None
    starts, ends = day, day
    while _is_off(starts - ONE_DAY, calendar):
        starts -= ONE_DAY
    while _is_off(ends + ONE_DAY, calendar):
        ends += ONE_DAY
    saturday = starts + timedelta(days=(SATURDAY - starts.weekday()) % 7)
    return saturday if saturday < ends and ends - starts > ONE_DAY else None


def _is_off(day: date, calendar: Calendar) -> bool:
    """Will tell whether there is neither school nor work, outside school holidays."""
    if calendar.school_holiday(day) is not None:
        return False
    return calendar.is_weekend(day) or calendar.public_holiday(day) is not None or calendar.is_bridge_day(day)


# ------------------------------------------------------------------------------------------------- as it is written


def as_json(terms: CustodyTerms) -> dict[str, Any]:
    """Will return the terms as a table keeps them."""
    return {
        "weeks": terms.weeks.value,
        "since": None if terms.since is None else terms.since.isoformat(),
        "first_even": terms.first_even,
        "changeover": terms.changeover,
        "changeover_at": terms.changeover_at.strftime("%H:%M"),
        "holidays": terms.holidays.value,
        "summer": terms.summer.value,
        "first_half_even": terms.first_half_even,
        "long_weekends": terms.long_weekends,
        "booking": terms.booking.value,
        "packages": terms.packages.value,
        "services": [[key, role.value] for key, role in terms.services],
    }


def terms_from(kept: Mapping[str, Any]) -> CustodyTerms:
    """Will read the terms as a table keeps them."""
    services: Iterable[tuple[int, str]] = kept["services"]
    return CustodyTerms(
        weeks=Weeks(kept["weeks"]),
        since=None if kept["since"] is None else date.fromisoformat(kept["since"]),
        first_even=kept["first_even"],
        changeover=kept["changeover"],
        changeover_at=time.fromisoformat(kept["changeover_at"]),
        holidays=HolidayShare(kept["holidays"]),
        summer=SummerShare(kept["summer"]),
        first_half_even=kept["first_half_even"],
        long_weekends=kept["long_weekends"],
        booking=Booking(kept["booking"]),
        packages=Packages(kept["packages"]),
        services=tuple((key, Role(role)) for key, role in services),
    )
