"""What an absence costs: who was told, when, with what certificate, for how long. First clause met decides.

The conditions are those that authorities publish: an hour of notice, waiting days, a certificate within n hours or
days, a minimum of consecutive days, a written request within n days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.cutoffs import (
    FURTHEST_DAYS_BACK,
    LAST_MINUTE,
    Boundary,
    Cutoff,
    Deadline,
    Offset,
    Unit,
    deadline_on,
)
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceRule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from marelle.foundation.school_days import Calendar


class Cause(StrEnum):
    """Why a child is not there."""

    ILLNESS = "illness"
    EXCEPTIONAL = "exceptional_event"
    STRIKE = "strike"
    ABSENT_TEACHER = "absent_teacher"
    OUTING = "school_outing"
    CLOSURE = "closure"
    OTHER = "other"


class CountedIn(StrEnum):
    """In what consecutive days of absence are counted."""

    DAY = "day"  # every day, weekends included
    SCHOOL_DAY = "school_day"
    SERVICE_DAY = "service_day"  # days on which the child was expected


@dataclass(frozen=True, slots=True)
class Notice:
    """Until when the town hall must have been told. `of_first_day`: counted from the first day of the absence."""

    cutoff: Cutoff
    of_first_day: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate is needed; within `count` hours of telling, or days of the first day of absence, when given."""

    count: int | None = None
    unit: Unit = Unit.HOUR


@dataclass(frozen=True, slots=True)
class AbsenceClause:
    """One sentence of the règlement: when all its conditions are met, the day is billed as `bills` says.

    `causes` empty: whatever the cause. `from_day` and `to_day` are ranks of the day within the absence, the first
    being 1. `in_time`: told before the limit to cancel.
    """

    bills: PriceRule = NOTHING_DUE
    causes: tuple[Cause, ...] = ()
    told: Notice | None = None
    in_time: bool = False
    certificate: Certificate | None = None
    minimum: int | None = None
    counted_in: CountedIn = CountedIn.SERVICE_DAY
    asked_within_days: int | None = None
    from_day: int = 1
    to_day: int | None = None


@dataclass(frozen=True, slots=True)
class AbsenceRules:
    """What an absence costs. `otherwise` when no clause is met; `no_show` when nobody was told, if not the same."""

    clauses: tuple[AbsenceClause, ...] = ()
    otherwise: PriceRule = FULL_PRICE
    no_show: PriceRule | None = None


@dataclass(frozen=True, slots=True)
class AbsenceFacts:
    """What is known of one day of absence. Moments are aware; None is « not », or « not known » for the counts.

    `rank` is the place of the day within its absence, from 1. `lasted` is how long the absence is so far, by unit.
    `first_told_at` is when the absence itself was told first, where each of its days is told apart.
    """

    day: date
    first_day: date
    cause: Cause | None = None
    told_at: datetime | None = None
    certificate_at: datetime | None = None
    asked_at: datetime | None = None
    rank: int | None = None
    lasted: tuple[tuple[CountedIn, int], ...] = ()
    first_told_at: datetime | None = None


class Standing(StrEnum):
    """Whether a clause is met."""

    MET = "met"
    AWAITED = "awaited"  # only a certificate or a request is still missing, and may still come
    UNKNOWN = "unknown"  # a fact that the clause needs is not known
    NOT_MET = "not_met"


@dataclass(frozen=True, slots=True)
class AbsenceDecision:
    """What one day of absence costs: the clause that decides (None: none), and what may still change it.

    `awaited_until` is the last moment for what is still missing. `is_unknown`: the facts do not settle it.
    """

    bills: PriceRule
    clause: AbsenceClause | None = None
    awaited_until: Deadline | None = None
    is_unknown: bool = False


def decide_absence(
    rules: AbsenceRules,
    facts: AbsenceFacts,
    *,
    at: datetime,
    cancel_by: Deadline | None,
    calendar: Calendar,
    zone: ZoneInfo,
) -> AbsenceDecision:
    """Will decide one day of absence as it stands at `at`; `cancel_by` is the limit to cancel that day.

    Raises ImpossibleCutoffError when the calendar cannot give the hour of a notice.
    """
    awaited: Deadline | None = None
    is_unknown = False
    for clause in rules.clauses:
        standing, until = _standing(clause, facts, at=at, cancel_by=cancel_by, calendar=calendar, zone=zone)
        if standing is Standing.MET:
            return AbsenceDecision(clause.bills, clause, awaited, is_unknown)
        if standing is Standing.AWAITED and awaited is None:
            awaited = until
        is_unknown = is_unknown or standing is Standing.UNKNOWN
    otherwise = rules.no_show if facts.told_at is None and rules.no_show is not None else rules.otherwise
    return AbsenceDecision(otherwise, None, awaited, is_unknown)


def _standing(
    clause: AbsenceClause,
    facts: AbsenceFacts,
    *,
    at: datetime,
    cancel_by: Deadline | None,
    calendar: Calendar,
    zone: ZoneInfo,
) -> tuple[Standing, Deadline | None]:
    is_told = (clause.told is None and not clause.in_time) or _was_told(clause, facts, cancel_by, calendar, zone)
    met = (_has_cause(clause, facts), is_told, _has_rank(clause, facts), _has_lasted(clause, facts))
    papers = _papers(clause, facts, calendar, zone)
    came_late = any(limit is not None and limit.is_past(given_at or at) for given_at, limit in papers)
    if False in met or came_late:
        return Standing.NOT_MET, None
    if None in met:
        return Standing.UNKNOWN, None
    awaited = [limit for given_at, limit in papers if given_at is None]
    if not awaited:
        return Standing.MET, None
    known = [limit for limit in awaited if limit is not None]
    return Standing.AWAITED, min(known, key=lambda limit: limit.over_at, default=None)


def _has_cause(clause: AbsenceClause, facts: AbsenceFacts) -> bool | None:
    if not clause.causes:
        return True
    return None if facts.cause is None else facts.cause in clause.causes


def _has_rank(clause: AbsenceClause, facts: AbsenceFacts) -> bool | None:
    if clause.from_day == 1 and clause.to_day is None:
        return True
    if facts.rank is None:
        return None
    return facts.rank >= clause.from_day and (clause.to_day is None or facts.rank <= clause.to_day)


def _has_lasted(clause: AbsenceClause, facts: AbsenceFacts) -> bool | None:
    if clause.minimum is None:
        return True
    lasted = dict(facts.lasted).get(clause.counted_in)
    return None if lasted is None else lasted >= clause.minimum


def _was_told(
    clause: AbsenceClause, facts: AbsenceFacts, cancel_by: Deadline | None, calendar: Calendar, zone: ZoneInfo
) -> bool:
    if facts.told_at is None:
        return False
    if clause.in_time and (cancel_by is None or cancel_by.is_past(facts.told_at)):
        return False
    if clause.told is None:
        return True
    limit = notice_limit(clause.told, facts, calendar, zone)
    told_at = facts.first_told_at if clause.told.of_first_day and facts.first_told_at else facts.told_at
    return limit is not None and not limit.is_past(told_at)


def notice_limit(told: Notice, facts: AbsenceFacts, calendar: Calendar, zone: ZoneInfo) -> Deadline | None:
    """Will return until when the town hall is to be told, None when it never can be."""
    return told.cutoff.deadline(facts.first_day if told.of_first_day else facts.day, calendar, zone)


def _papers(
    clause: AbsenceClause, facts: AbsenceFacts, calendar: Calendar, zone: ZoneInfo
) -> list[tuple[datetime | None, Deadline | None]]:
    wanted = []
    if clause.certificate is not None:
        wanted.append((facts.certificate_at, certificate_limit(clause.certificate, facts, calendar, zone)))
    if clause.asked_within_days is not None:
        last = facts.first_day + timedelta(days=clause.asked_within_days)
        wanted.append((facts.asked_at, deadline_on(last, LAST_MINUTE, zone, Boundary.UNTIL)))
    return wanted


def certificate_limit(
    certificate: Certificate, facts: AbsenceFacts, calendar: Calendar, zone: ZoneInfo
) -> Deadline | None:
    """Will return until when a certificate may come, None without limit.

    Hours run from the moment the town hall was told, or from the first hour of the absence when that comes later or
    nobody told; days from the first day of the absence, until the end of the last.
    """
    if certificate.count is None:
        return None
    if certificate.unit is Unit.HOUR:
        start = deadline_on(facts.first_day, time(0), zone, Boundary.UNTIL).moment
        if facts.told_at is not None:
            start = max(start, facts.told_at.astimezone(zone))
        # Real hours: those of a night when the clock changes count too.
        return Deadline(_later(start, certificate.count), Boundary.UNTIL)
    day = facts.first_day
    left = certificate.count
    unit = Offset(0, certificate.unit)
    for _ in range(FURTHEST_DAYS_BACK):
        if not left:
            break
        day += timedelta(days=1)
        left -= unit.counts(day, calendar)
    if certificate.unit is Unit.CLEAR_DAY:
        # Neither the first day of the absence nor the day it is given counts (jours francs).
        day += timedelta(days=1)
    return deadline_on(day, LAST_MINUTE, zone, Boundary.UNTIL)


def longest_wait(certificates: Iterable[Certificate]) -> timedelta | None:
    """Will return how long after it was told, or after its day, a certificate of an absence may come at the most.

    None when one has no limit, or is counted in days of which only a calendar knows how far they go.
    """
    longest = timedelta(0)
    for one in certificates:
        if one.count is None or one.unit not in {Unit.HOUR, Unit.DAY}:
            return None
        length = timedelta(hours=one.count) if one.unit is Unit.HOUR else timedelta(days=one.count)
        # From the first hour of one day to the last one of another.
        longest = max(longest, length + timedelta(days=1))
    return longest


def _later(start: datetime, hours: int) -> datetime:
    return (start.astimezone(UTC) + timedelta(hours=hours)).astimezone(start.tzinfo)
