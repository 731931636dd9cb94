"""What no calendar can make sense of in a règlement: found before it is recorded, over the days it would rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.acts import times_of
from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError, WeekdayTable
from marelle.domain.catalog.rules.days import service_end
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Requires
from marelle.domain.catalog.rules.simulation import OUT_OF_CALENDAR
from marelle.foundation.french_dates import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, time
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.acts import Act, ActTimes
    from marelle.domain.catalog.rules.cutoffs import Deadline
    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.foundation.school_days import Calendar

NO_SCHOOL_CALENDAR = "cette règle compte des jours de classe, et le calendrier scolaire n’est pas enregistré"
CLOSES_FIRST = "cela fermerait avant d’ouvrir"
LATE_BEFORE = "la seconde limite tomberait avant la première"
LATE_NEVER = "la seconde étape ne serait jamais possible"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What is wrong, in French, under the key of the written form, and the first day on which it shows, if any."""

    key: str
    reason: str
    day: date | None = None


def contradictions(
    reglement: Reglement, days: Iterable[date], *, calendar: Calendar, zone: ZoneInfo, ends_at: time | None
) -> tuple[Contradiction, ...]:
    """Will return what is wrong with `reglement` on these service days, each fault once, with its first day."""
    found = list(_among_quotas(reglement))
    acts = {"book": reglement.book, "cancel": reglement.cancel, "change": reglement.change}
    named = {key: act for key, act in acts.items() if act is not None}
    if calendar.known_until is None:
        unknown = [key for key, act in named.items() if act.needs_school_calendar]
        if unknown:
            return (*found, Contradiction(unknown[0], NO_SCHOOL_CALENDAR))
    said: set[tuple[str, str]] = set()
    waiting = {(key, wave.audience) for key, act in named.items() for wave in act.opens}
    tried = False
    for day in days:
        tried = True
        over = service_end(day, ends_at, zone)
        wrong = [
            *_of_acts(named, day, calendar=calendar, zone=zone, over=over, waiting=waiting),
            *_of_absences(reglement, day, calendar, zone),
        ]
        for key, reason in wrong:
            if (key, reason) not in said:
                said.add((key, reason))
                found.append(Contradiction(key, reason, day))
    faulty = {one.key for one in found}
    for key, act in named.items():
        for place, wave in enumerate(act.opens):
            if tried and (key, wave.audience) in waiting and key not in faulty:
                found.append(
                    Contradiction(f"{key}.opens.{place}", "pour ces familles, cela n’ouvrirait jamais avant la limite")
                )
    return tuple(found)


def _of_acts(
    named: dict[str, Act],
    day: date,
    *,
    calendar: Calendar,
    zone: ZoneInfo,
    over: Deadline,
    waiting: set[tuple[str, str]],
) -> Iterator[tuple[str, str]]:
    """Will yield what is wrong on `day`, and take out of `waiting` the families who could act."""
    for key, act in named.items():
        try:
            times = times_of(act, day, calendar, zone, over=over)
            yield from ((key, reason) for reason in _of_times(times))
            if key == "book" and times.closes is None and _is_table(act, day, calendar):
                # To cancel, a day left out is a day that is not given back; to book, it is a day forgotten.
                yield key, f"le tableau ne dit rien du {WEEKDAYS[day.weekday()]}, où le service est ouvert"
            waiting.difference_update((key, audience) for audience in _who_may(times))
        except ImpossibleCutoffError as impossible:
            yield key, str(impossible)
        except OverflowError:
            yield key, OUT_OF_CALENDAR


def _is_table(act: Act, day: date, calendar: Calendar) -> bool:
    return isinstance(act.closes.cutoff_for(day, calendar), WeekdayTable)


def _of_absences(reglement: Reglement, day: date, calendar: Calendar, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    for place, clause in enumerate(reglement.absence.clauses):
        if clause.told is None:
            continue
        try:
            clause.told.cutoff.deadline(day, calendar, zone)
        except ImpossibleCutoffError as impossible:
            yield f"absence.clauses.{place}.told", str(impossible)
        except OverflowError:
            yield f"absence.clauses.{place}.told", OUT_OF_CALENDAR


def _of_times(times: ActTimes) -> Iterator[str]:
    closes = times.closes
    if closes is None:
        return
    is_nobody_in_time = bool(times.opens) and not _who_may(times)
    if is_nobody_in_time or (times.from_moment is not None and times.from_moment >= closes.over_at):
        yield CLOSES_FIRST
    if times.act.late is None:
        return
    if times.late_closes is None:
        yield LATE_NEVER
    elif times.late_closes.over_at < closes.over_at:
        yield LATE_BEFORE


def _who_may(times: ActTimes) -> list[str]:
    """Will return the audiences whose wave opens before the end."""
    last = _last(times)
    if last is None:
        return [audience for audience, _moment in times.opens]
    return [audience for audience, moment in times.opens if moment is not None and moment < last.over_at]


def _last(times: ActTimes) -> Deadline | None:
    if times.closes is None or times.late_closes is None:
        return times.closes
    return max(times.closes, times.late_closes, key=lambda limit: limit.over_at)


def _among_quotas(reglement: Reglement) -> Iterator[Contradiction]:
    most: dict[object, int] = {}
    for quota in reglement.quotas:
        if isinstance(quota, AtMost):
            most[quota.per] = min(quota.count, most.get(quota.per, quota.count))
    excluded = {code for quota in reglement.quotas if isinstance(quota, Excludes) for code in quota.products}
    for place, quota in enumerate(reglement.quotas):
        if isinstance(quota, AtLeast) and quota.count > most.get(quota.per, quota.count):
            yield Contradiction(f"limits.{place}", "le minimum dépasse le maximum")
        if isinstance(quota, Requires) and excluded.issuperset(quota.products):
            yield Contradiction(f"limits.{place}", "une prestation est à la fois exigée et exclue")
