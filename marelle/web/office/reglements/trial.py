"""What a règlement would give, day by day, as the page shows it: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.queries import trial_calendar
from marelle.domain.catalog.rules.questions import Question, questions
from marelle.domain.catalog.rules.simulation import Limits, Oddity, Simulated, Trial, simulate
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.trial_sentences import ODDITIES, limit_in_words
from marelle.domain.reservations.queries.trials import PastReservations, would_have_been_refused
from marelle.foundation.french_dates import MONTHS, in_full, moment
from marelle.web.office.reglements import wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import Offer, Ruled
    from marelle.domain.catalog.rules.reglements import Reglement

SHOWN_OPEN: Final = 12
SAME_AS_BEFORE: Final = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A limit in words, and what the règlement in force says when it is something else."""

    column: str
    words: str
    before: str = SAME_AS_BEFORE


@dataclass(frozen=True, slots=True)
class DayRow:
    """A service day."""

    day: str
    cells: tuple[Cell, ...]
    tags: tuple[str, ...]
    impossible: str
    has_changed: bool


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Days that go together: odd for the same reason, or of the same month."""

    title: str
    sentence: str
    rows: tuple[DayRow, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class TrialView:
    """The whole page of a trial."""

    span: str
    changed: str
    past: str
    columns: tuple[str, ...]
    odd: tuple[DayGroup, ...]
    months: tuple[DayGroup, ...]
    carried: str
    estimated: str


def years_to_try(today: date) -> tuple[date, date]:
    """Will return today, and the last day of the next school year."""
    last = today.year + 1 if today.month < FIRST_MONTH else today.year + 2
    return today, date(last, FIRST_MONTH, 1) - timedelta(days=1)


FIRST_MONTH: Final = 9


def asked_about(rules: Reglement, ruled: Ruled) -> tuple[Question, ...]:
    """Will return what the wording leaves open for this service."""
    opening = ruled.activity.opening
    return questions(rules, weekdays=opening.weekdays, in_holidays=bool(opening.holiday_weekdays))


def tried(
    rules: Reglement, ruled: Ruled, *, valid_from: date | None, today: date, authority: Authority, offer: Offer
) -> TrialView:
    """Will try `rules` from `valid_from` on (today at the earliest), to the end of the next school year."""
    first, last = years_to_try(today)
    first = min(max(first, valid_from or first), last)
    world = trial_calendar(authority, ruled, first=first, last=last, offer=offer)
    trial = simulate(
        lambda _day: rules,
        world.days,
        before_on=ruled.rules_on if ruled.versions or ruled.shared else None,
        calendar=world.calendar,
        zone=offer.zone,
        ends_at=ruled.ends_at,
    )
    shown = _columns(trial)
    ends_on = ruled.activity.opening.period.ends_on
    return TrialView(
        span=f"du {in_full(first, year=True)} au {in_full(last, year=True)}",
        changed=wording.changed(trial.changed, len(trial.days)),
        past=_past(rules, ruled, today, offer),
        columns=tuple(column for column, _value in shown),
        odd=tuple(
            DayGroup(
                f"{ODDITIES[oddity][0].capitalize()} : {wording.days(len(days))}",
                ODDITIES[oddity][1],
                tuple(_row(each, shown) for each in days),
                is_open=len(days) <= SHOWN_OPEN,
            )
            for oddity, days in trial.odd
            if oddity is not Oddity.ESTIMATED
        ),
        months=tuple(_months(trial.days, shown)),
        carried=in_full(ends_on, year=True) if ends_on and any(one.day > ends_on for one in trial.days) else "",
        estimated=wording.days(trial.estimated) if trial.estimated else "",
    )


def _past(rules: Reglement, ruled: Ruled, today: date, offer: Offer) -> str:
    """Will ask the reservations of last school year; of this one, so far, when there were none."""
    this_year = span_of(today, Per.SCHOOL_YEAR, offer.calendar)
    last_year = span_of(this_year.starts_on - timedelta(days=1), Per.SCHOOL_YEAR, offer.calendar)
    counted, first, last = PastReservations(), last_year.starts_on, this_year.starts_on - timedelta(days=1)
    counted = would_have_been_refused(rules, ruled.products, first=first, last=last, offer=offer)
    if not counted.total and this_year.starts_on < today:
        first, last = this_year.starts_on, today - timedelta(days=1)
        counted = would_have_been_refused(rules, ruled.products, first=first, last=last, offer=offer)
    return wording.past(counted, first, last)


def _columns(trial: Trial) -> tuple[tuple[str, str], ...]:
    """Will return the limits that some day has: (title, name in Limits)."""
    every = [limits for one in trial.days for limits in (one.limits, one.before) if limits is not None]
    optional = (("Ouverture", "opens"), ("Hors délai", "late_by"), ("Modifier", "change_by"))
    kept = {name for _title, name in optional if any(getattr(limits, name) is not None for limits in every)}
    columns = (optional[0], ("Réserver", "book_by"), optional[1], ("Annuler", "cancel_by"), optional[2])
    return tuple((title, name) for title, name in columns if name in kept or name in {"book_by", "cancel_by"})


def _row(one: Simulated, columns: tuple[tuple[str, str], ...]) -> DayRow:
    return DayRow(
        in_full(one.day, year=True),
        tuple(Cell(title, _words(one.limits, name), _before(one, name)) for title, name in columns),
        tuple(ODDITIES[oddity][0] for oddity in one.oddities),
        wording.fault(one.limits.impossible) if one.limits.impossible else "",
        one.has_changed,
    )


def _before(one: Simulated, name: str) -> str:
    if one.before is None or getattr(one.before, name) == getattr(one.limits, name):
        return SAME_AS_BEFORE
    return _words(one.before, name)


def _words(limits: Limits, name: str) -> str:
    if limits.impossible:
        return "pas de limite"
    if name == "opens":
        return f"dès le {moment(limits.opens)}" if limits.opens else "tout de suite"
    if name in {"late_by", "change_by"} and getattr(limits, name) is None:
        return "—"
    return limit_in_words(getattr(limits, name))


def _months(days: Iterable[Simulated], columns: tuple[tuple[str, str], ...]) -> Iterable[DayGroup]:
    for (year, month), rows in groupby(days, key=lambda one: (one.day.year, one.day.month)):
        each = tuple(_row(one, columns) for one in rows)
        yield DayGroup(f"{MONTHS[month - 1].capitalize()} {year}", wording.days(len(each), "jour"), each)
