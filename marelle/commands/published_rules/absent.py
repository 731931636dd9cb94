"""A worked case of absence, decided under every reading of its facts: what they leave open must not matter.

A case says little: the day, when the town hall was told, sometimes the rank of the day, how long the absence lasts, a
certificate, a request. What it does not say is tried both ways; when the answer depends on it, nothing is decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any, Final

from marelle.commands.published_rules.absence_rules import BILLED, NOT_BILLED, ExpressedAbsence
from marelle.commands.published_rules.placing import World, placed
from marelle.commands.published_rules.reading import COUNTS, PAPERS, Case, as_moment_of
from marelle.commands.published_rules.service_rules import ServiceRules, Unexpressed
from marelle.commands.published_rules.shapes import NotExpressed
from marelle.domain.catalog.rules.absences import (
    AbsenceFacts,
    AbsenceRules,
    Cause,
    CountedIn,
    decide_absence,
)
from marelle.domain.catalog.rules.cutoffs import LAST_MINUTE, Deadline, local_moment
from marelle.domain.catalog.rules.pricing import PriceKind
from marelle.foundation.periods import days_between
from marelle.foundation.school_days import FOUR_DAY_WEEK

ONE_DAY: Final = timedelta(days=1)
MUCH_LATER: Final = timedelta(days=1000)  # every paper that was to come has come
LONGEST: Final = 60  # days; beyond, the rank of a day is anybody's guess
MIDDAY: Final = time(12)


def decided_absence(world: World, rules: ServiceRules, case: Case, day: date) -> str:
    """Will return « billed » or « not_billed »; raises NotExpressed when the facts do not settle it."""
    expressed = rules.absence
    if isinstance(expressed, Unexpressed):
        raise NotExpressed(expressed.reason)
    if expressed.is_only_no_show and (case.at is not None or {*COUNTS, *PAPERS} & set(case.says)):
        raise NotExpressed("règle d’absence non publiée, sauf sans prévenir")
    if expressed.is_told_by_day and case.at is not None and case.at >= world.end_of(day):
        raise NotExpressed("prévenu après le jour même : le texte ne dit pas si c’est avoir prévenu")
    limits = _cancel_limits(world, rules, expressed, day)
    words = {
        _decided(world, reading, facts, limit)
        for reading, facts, limit in product(expressed.readings, list(_facts(world, expressed, case, day)), limits)
    }
    if len(words) != 1 or None in words:
        raise NotExpressed("les faits du cas ne suffisent pas à décider de l’absence")
    return words.pop() or ""


def _decided(world: World, rules: AbsenceRules, facts: AbsenceFacts, cancel_by: Deadline | None) -> str | None:
    """Will return the word of the decision, None when it is not certain."""
    decision = decide_absence(
        rules,
        facts,
        at=world.end_of(facts.day) + MUCH_LATER,
        cancel_by=cancel_by,
        calendar=world.calendar,
        zone=world.zone,
    )
    if decision.is_unknown:
        return None
    return NOT_BILLED if decision.bills.kind is PriceKind.NOTHING else BILLED


def _cancel_limits(world: World, rules: ServiceRules, expressed: ExpressedAbsence, day: date) -> list[Deadline | None]:
    if not expressed.needs_cancel_limit:
        return [None]
    if isinstance(rules.cancel, Unexpressed):
        raise NotExpressed(rules.cancel.reason)
    return [placed(act, day, world).closes for act in rules.cancel.readings]


def _facts(world: World, expressed: ExpressedAbsence, case: Case, day: date) -> Iterator[AbsenceFacts]:
    """Will yield every state of affairs that the case allows."""
    lasted = tuple(
        (unit, case.says[name])
        for name, unit in (("consecutive_days", CountedIn.DAY), ("consecutive_school_days", CountedIn.SCHOOL_DAY))
        if name in case.says
    )
    for first, rank in _beginnings(world, case, day):
        if expressed.ranks is not None and rank not in expressed.ranks:
            raise NotExpressed("la règle ne dit rien d’un tel jour d’absence")
        for certificate, request in product(
            _papers(world, case, "certificate", first, day), _papers(world, case, "request", first, day)
        ):
            yield AbsenceFacts(
                day=day,
                first_day=first,
                # « The child is absent (illness, no-show) »: whoever tells tells an illness.
                cause=Cause.ILLNESS if case.at is not None else None,
                told_at=case.at,
                certificate_at=certificate,
                asked_at=request,
                rank=rank,
                lasted=lasted,
            )


def _papers(world: World, case: Case, name: str, first: date, day: date) -> list[datetime | None]:
    """Will return when a paper may have been given: at both ends of its day; or at once and never, when not said."""
    said: Any = case.says.get(name, ())
    end = world.end_of(day) + MUCH_LATER
    at_once = local_moment(datetime.combine(first, time(0)), world.zone)
    if said == ():
        return [at_once, None]
    if said is None or said is False:
        return [None]
    if said is True:
        return [at_once, end - ONE_DAY]
    if (moment := as_moment_of(said, world.zone)) is not None:
        return [moment]
    if not isinstance(said, str) or not said[:1].isdigit():
        raise NotExpressed(f"fait inconnu « {said} » ({name})")
    given = date.fromisoformat(said)
    return [local_moment(datetime.combine(given, hour), world.zone) for hour in (time(0), LAST_MINUTE)]


def _beginnings(world: World, case: Case, day: date) -> list[tuple[date, int]]:
    """Will return the first days that the absence may have, each with the rank of `day` in it."""
    told = case.at.astimezone(world.zone).date() if case.at is not None else None
    rank = case.says.get("day_of_illness")
    if rank is not None:
        return _beginnings_of_rank(rank, told, day)
    if told is None:
        # Nobody said anything: it may be the first day of an absence, or the last of a long one.
        return [(day, 1)] + [(day - timedelta(days=rank - 1), rank) for rank in range(2, LONGEST)]
    if told >= day:
        return [(day, 1)]
    if (day - told).days > LONGEST:
        raise NotExpressed("les faits du cas ne suffisent pas à décider de l’absence")
    return _beginnings_when_told_earlier(world, case, told, day)


def _beginnings_of_rank(rank: int, told: date | None, day: date) -> list[tuple[date, int]]:
    if rank == 1:
        return [(day, 1)]
    if rank > LONGEST:
        raise NotExpressed("les faits du cas ne suffisent pas à décider de l’absence")
    latest = day - timedelta(days=rank - 1)
    if told is not None and told <= latest:
        return [(told, rank)]
    # Days without the service stand between: two weeks more hold any of them.
    return [(first, rank) for first in days_between(latest - timedelta(weeks=2), latest)]


def _beginnings_when_told_earlier(world: World, case: Case, told: date, day: date) -> list[tuple[date, int]]:
    """Will suppose that the absence began when it was told, if that was the morning of a day of class.

    Told in the evening or on a day without class, it may as well begin on the next. The rank counts at least the days
    of class in between, at most all days.
    """
    in_between = [each for each in days_between(told, day - ONE_DAY) if _is_surely_a_day(world, each)]
    longest = (day - told).days + 1
    hour = case.at.astimezone(world.zone).time() if case.at is not None else MIDDAY
    if _is_surely_a_day(world, told) and hour < MIDDAY:
        return [(told, rank) for rank in range(len(in_between) + 1, longest + 1)]
    later = [(first, rank) for first in days_between(told + ONE_DAY, day) for rank in range(1, (day - first).days + 2)]
    return [(told, rank) for rank in range(1, longest + 1)] + later


def _is_surely_a_day(world: World, day: date) -> bool:
    calendar = world.calendar
    return day.weekday() in FOUR_DAY_WEEK and not calendar.public_holiday(day) and not calendar.school_holiday(day)
