"""An absence told after the deadline: who may tell it, how long it is, and what the règlement makes of it.

`decide_absence` of the catalog decides one day of absence; here are the facts it asks for, drawn from what a child had
reserved and missed, and what its answer may still become.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.absences import (
    AbsenceDecision,
    AbsenceFacts,
    CountedIn,
    certificate_limit,
    decide_absence,
    notice_limit,
)
from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError
from marelle.domain.reservations.rules.decisions import Booked, Reason, Wish, decide
from marelle.domain.reservations.rules.squares import Seen
from marelle.foundation.periods import days_between

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.absences import AbsenceRules, Cause
    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.days import DayRule
    from marelle.domain.reservations.rules.decisions import Facts, Refusal
    from marelle.foundation.school_days import Calendar

# How long after its day an absence may still be told online, in days: a month, the time of an invoice.
TOLD_WITHIN_DAYS: Final = 31
# Two expected days further apart than this are two absences: nobody knows whether the child was ill meanwhile.
FURTHEST_APART: Final = timedelta(days=7)
# What no longer lets one cancel: from there on, it is an absence.
OVER = frozenset({Reason.TOO_LATE, Reason.PAST, Reason.NOT_ONLINE})


class Told(NamedTuple):
    """One day of absence as it was told. Moments are aware; `asked_at` None: the telling is the request."""

    cause: Cause
    told_at: datetime
    certificate_at: datetime | None = None
    asked_at: datetime | None = None


class Untold(StrEnum):
    """Why an absence cannot be told, or no longer be withdrawn."""

    NOT_RESERVED = "not_reserved"
    HELD = "held"
    OTHER_HOME = "other_home"
    ASKED = "asked"
    ALREADY_TOLD = "already_told"
    NOT_TOLD = "not_told"
    WAS_PRESENT = "was_present"
    CANCEL_INSTEAD = "cancel_instead"
    CLOSED = "closed"
    UNCLEAR = "unclear"
    TOO_LONG_AGO = "too_long_ago"
    SERVICE_OVER = "service_over"


@dataclass(frozen=True, slots=True)
class NotTold:
    """One reason, with the limit to cancel when that is what is still possible, and what explains it."""

    reason: Untold
    until: Deadline | None = None
    refusal: Refusal | None = None


def telling(  # noqa: C901, PLR0911  one return a reason
    facts: Facts, *, at: datetime, seen: Seen | None = None
) -> NotTold | None:
    """Will tell why the absence of that day cannot be told at `at` (aware) by the family that looks; None: it can."""
    if facts.booked is None:
        return NotTold(Untold.NOT_RESERVED)
    if facts.is_other_home:
        return NotTold(Untold.OTHER_HOME)
    if facts.booked is Booked.HELD:
        return NotTold(Untold.HELD)
    if facts.is_asked:
        return NotTold(Untold.ASKED)
    if facts.is_told:
        return NotTold(Untold.ALREADY_TOLD)
    if seen is Seen.PRESENT:
        return NotTold(Untold.WAS_PRESENT)
    if facts.rule.closed is not None:
        return NotTold(Untold.CLOSED)
    cancelling = decide(facts, Wish.CANCEL, at=at)
    if not cancelling.is_refused:
        return NotTold(Untold.CANCEL_INSTEAD, until=cancelling.until)
    first = cancelling.refusals[0]
    if first.reason is Reason.UNCLEAR:
        return NotTold(Untold.UNCLEAR, refusal=first)
    if first.reason not in OVER:
        return NotTold(Untold.CANCEL_INSTEAD, until=facts.rule.cancel_by, refusal=first)
    if local_day(at, facts.rule) > facts.rule.day + timedelta(days=TOLD_WITHIN_DAYS):
        return NotTold(Untold.TOO_LONG_AGO)
    return None


def certifying(facts: Facts, *, at: datetime, seen: Seen | None = None) -> NotTold | None:
    """Will tell why a certificate does not make of that day an absence, for an agent at `at` (aware); None: it does.

    As `telling`, but a day that was told takes it, and none is too long ago: the time to tell is that of the site, and
    what the règlement says of a late certificate is asked of it.
    """
    if facts.is_told:
        return NotTold(Untold.WAS_PRESENT) if seen is Seen.PRESENT else None
    no = telling(facts, at=at, seen=seen)
    return None if no is not None and no.reason is Untold.TOO_LONG_AGO else no


def withdrawing(facts: Facts, *, at: datetime) -> NotTold | None:
    """Will tell why a telling cannot be withdrawn at `at` (aware) by the family that looks; None: it can."""
    # First: whether another home told anything is not said.
    if facts.is_other_home:
        return NotTold(Untold.OTHER_HOME)
    if not facts.is_told:
        return NotTold(Untold.NOT_TOLD)
    if at >= facts.rule.ends_at:
        return NotTold(Untold.SERVICE_OVER)
    return None


def local_day(at: datetime, rule: DayRule) -> date:
    """Will return the day that `at` is where the service is."""
    return at.astimezone(rule.ends_at.tzinfo).date()


@dataclass(frozen=True, slots=True)
class Spell:
    """An absence: its days on which the child was expected, in order."""

    days: tuple[date, ...]

    def rank(self, day: date) -> int:
        """Will return the place of `day` among them, from 1."""
        return self.days.index(day) + 1

    def lasted(self, calendar: Calendar) -> tuple[tuple[CountedIn, int], ...]:
        """Will count it from its first day to its last: days reserved, days of class, every day."""
        every = days_between(self.days[0], self.days[-1])
        return (
            (CountedIn.SERVICE_DAY, len(self.days)),
            (CountedIn.SCHOOL_DAY, sum(calendar.is_school_day(day) for day in every)),
            (CountedIn.DAY, (self.days[-1] - self.days[0]).days + 1),
        )


def spell_of(
    day: date, *, expected: Collection[date], told: Mapping[date, Told], missed: Collection[date] = ()
) -> Spell:
    """Will return the absence that `day` is in: days expected one after the other, all told or seen (`missed`) absent.

    A day told for another cause is another absence; so is one that is more than a week away from its neighbour.
    """
    cause = told[day].cause if day in told else None

    def is_of_it(other: date) -> bool:
        if other in told:
            return cause is None or told[other].cause is cause
        return other in missed

    days = sorted({*expected, day})
    place = days.index(day)
    first = last = place
    while first > 0 and _follow(days[first - 1], days[first]) and is_of_it(days[first - 1]):
        first -= 1
    while last + 1 < len(days) and _follow(days[last], days[last + 1]) and is_of_it(days[last + 1]):
        last += 1
    return Spell(tuple(days[first : last + 1]))


def _follow(day: date, following: date) -> bool:
    return following - day <= FURTHEST_APART


def facts_of(
    day: date,
    *,
    expected: Collection[date],
    told: Mapping[date, Told],
    missed: Collection[date] = (),
    calendar: Calendar,
    zone: ZoneInfo,
) -> AbsenceFacts:
    """Will return what the règlement asks of a day that was told: its place in the absence, and the papers.

    A certificate covers the days of the absence that had been told by the evening it came.
    """
    mine = told[day]
    spell = spell_of(day, expected=expected, told=told, missed=missed)
    siblings = [told[other] for other in spell.days if other in told]
    papers = [
        one.certificate_at
        for one in siblings
        if one.certificate_at is not None
        and mine.told_at.astimezone(zone).date() <= one.certificate_at.astimezone(zone).date()
    ]
    return AbsenceFacts(
        day=day,
        first_day=spell.days[0],
        cause=mine.cause,
        told_at=mine.told_at,
        certificate_at=mine.certificate_at or min(papers, default=None),
        asked_at=mine.asked_at or mine.told_at,
        rank=spell.rank(day),
        lasted=spell.lasted(calendar),
        first_told_at=min(one.told_at for one in siblings),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What the règlement makes of a day of absence.

    `with_certificate` is what it would be with a certificate, None when it changes nothing or one came; until
    `certificate_by` (None: no limit). `missed_notice` and `missed_certificate` are limits that were passed, without
    which less would be billed.
    """

    facts: AbsenceFacts
    decision: AbsenceDecision
    with_certificate: AbsenceDecision | None = None
    certificate_by: Deadline | None = None
    missed_notice: Deadline | None = None
    missed_certificate: Deadline | None = None

    @property
    def is_awaited(self) -> bool:
        """Will tell whether a certificate may still change it."""
        return self.with_certificate is not None


def read_absence(
    rules: AbsenceRules,
    facts: AbsenceFacts,
    *,
    at: datetime,
    cancel_by: Deadline | None,
    calendar: Calendar,
    zone: ZoneInfo,
) -> Reading | None:
    """Will say what becomes of a told day at `at` (aware), and what a certificate would still change.

    None when the calendar cannot place an hour that the règlement asks for: the town hall is to be asked.
    """

    def decided(known: AbsenceFacts, moment: datetime) -> AbsenceDecision:
        return decide_absence(rules, known, at=moment, cancel_by=cancel_by, calendar=calendar, zone=zone)

    try:
        decision = decided(facts, at)
        if facts.certificate_at is None:
            given = decided(replace(facts, certificate_at=at), at)
            if given.bills != decision.bills:
                return Reading(facts, decision, given, _paper_limit(given, facts, calendar, zone))
        # Had it come at once: what was missed is said only where it would have changed something.
        told_at = facts.told_at or at
        in_time = decided(replace(facts, certificate_at=told_at), told_at)
        return Reading(
            facts,
            decision,
            missed_notice=_missed_notice(rules, facts, decision, cancel_by=cancel_by, calendar=calendar, zone=zone),
            missed_certificate=_paper_limit(in_time, facts, calendar, zone)
            if in_time.bills != decision.bills
            else None,
        )
    except ImpossibleCutoffError:
        return None


def _paper_limit(decision: AbsenceDecision, facts: AbsenceFacts, calendar: Calendar, zone: ZoneInfo) -> Deadline | None:
    wanted = decision.clause.certificate if decision.clause else None
    return certificate_limit(wanted, facts, calendar, zone) if wanted else None


def _missed_notice(
    rules: AbsenceRules,
    facts: AbsenceFacts,
    decision: AbsenceDecision,
    *,
    cancel_by: Deadline | None,
    calendar: Calendar,
    zone: ZoneInfo,
) -> Deadline | None:
    """Will return the notice of the first clause for this cause that was told too late for, if it bills otherwise."""
    told_at = facts.told_at
    for clause in rules.clauses:
        if clause is decision.clause:
            break
        if told_at is None or clause.bills == decision.bills or (clause.causes and facts.cause not in clause.causes):
            continue
        limits = [cancel_by] if clause.in_time else []
        if clause.told is not None:
            limits.append(notice_limit(clause.told, facts, calendar, zone))
        late = [limit for limit in limits if limit is not None and limit.is_past(told_at)]
        if late:
            return min(late, key=lambda limit: limit.over_at)
    return None
