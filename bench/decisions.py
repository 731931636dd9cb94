"""Deciding, without a database: a month of a family, and a school year of 5,000 children."""

from __future__ import annotations

import gc
import resource
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from bench.figures import Figure, Report, median

if TYPE_CHECKING:
    from marelle.domain.catalog.rules.days import DayRule
    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.foundation.school_days import Calendar

PARIS = ZoneInfo("Europe/Paris")
YEAR = (date(2026, 9, 1), date(2027, 7, 3))
CHILDREN, PRODUCTS = 5_000, 3
AT = datetime(2027, 1, 14, 7, 30, tzinfo=UTC)
# Six règlements of six shapes, as a town would have for six products.
EVE_AT_TEN = {"when": "first_school_day", "shape": "last_school_day", "time": "10:00"}
FROM_60_DAYS, FROM_45_DAYS = {"shape": "offset", "count": 60}, {"shape": "offset", "count": 45}
THURSDAY = {"shape": "week_cutoff", "cutoff": "thu 23:59", "boundary": "le"}
WRITTEN = (
    {"book": {"shape": "offset", "count": 1, "unit": "school_day", "time": "09:00"}},
    {"book": {"shape": "weekday_table", "table": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "thu 12:00")}},
    {"book": {**THURSDAY, "falls_on": {"public_holiday": "before"}}},
    {
        "book": {
            "closes": {"shape": "offset", "count": 2, "unit": "working_day", "time": "12:00"},
            "late": {"price": {"more_percent": 50}, "free_first": {"count": 2, "per": "month"}},
        }
    },
    {
        "book": {
            "closes": {"shape": "offset", "count": 48, "unit": "hour", "exceptions": [EVE_AT_TEN]},
            "opens": [{"for": "resident", "from": FROM_60_DAYS}, {"from": FROM_45_DAYS}],
        }
    },
    {"book": {"shape": "month_cutoff", "day": 20}, "limits": [{"at_most": 3, "per": "week"}]},
)


class World(NamedTuple):
    """What is decided: the règlements, and what places a day."""

    rules: tuple[Reglement, ...]
    days: tuple[date, ...]

    def day_rules(self, product: int, days: tuple[date, ...]) -> list[DayRule]:
        """Will decide each day of a product, the same for every child."""
        from marelle.domain.catalog.rules.days import VersionedReglement, day_rule
        from marelle.domain.catalog.rules.opening import OpeningDays
        from marelle.foundation.periods import Period

        opening = OpeningDays(Period(*YEAR), frozenset({0, 1, 3, 4}), frozenset())
        versions = (VersionedReglement(1, YEAR[0], self.rules[product]),)
        calendar = _calendar()
        return [
            day_rule(
                day,
                opening=opening,
                closures=(),
                reglements=versions,
                calendar=calendar,
                zone=PARIS,
                ends_at=clock_time(13, 30),
            )
            for day in days
        ]


def world() -> World:
    """Will read the règlements."""
    from marelle.domain.catalog.rules.written import read_reglement

    days = tuple(YEAR[0] + timedelta(days=offset) for offset in range((YEAR[1] - YEAR[0]).days + 1))
    return World(tuple(read_reglement(data) for data in WRITTEN), days)


def measure(report: Report, *, is_quick: bool) -> None:
    """Will time both, on one core."""
    told = world()
    month = tuple(date(2027, 1, 1) + timedelta(days=offset) for offset in range(31))
    times = []
    for _ in range(20 if is_quick else 200):
        start = time.perf_counter()
        _decide_month(told, month)
        times.append((time.perf_counter() - start) * 1000)
    value = median(times)
    report.add(
        Figure(
            "decide_month",
            value,
            "ms",
            floor=5,
            aim=2,
            note="3 children, 6 products: limits placed anew, 558 squares decided",
        )
    )
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    decided = _decide_year(told)
    seconds = time.perf_counter() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    report.add(
        Figure(
            "decide_school_year",
            seconds,
            "s",
            floor=30,
            aim=10,
            note=f"5,000 children, 3 products: {decided:,} decisions on one core",
        )
    )
    report.add(Figure("decide_school_year_memory", grown, "MB", floor=50))


def _decide_month(told: World, month: tuple[date, ...]) -> None:
    from marelle.domain.reservations.rules.decisions import Facts, Wish, decide

    rules = [told.day_rules(product, month) for product in range(len(told.rules))]
    for _child in range(3):
        for days in rules:
            for rule in days:
                decide(Facts(rule, is_enrolled=True, counted=(1,)), Wish.RESERVE, at=AT)


def _decide_year(told: World) -> int:
    from marelle.domain.reservations.rules.decisions import Booked, Facts, Wish, decide

    rules = [told.day_rules(product, told.days) for product in range(PRODUCTS)]
    decided = 0
    for child in range(CHILDREN):
        for days in rules:
            for place, rule in enumerate(days):
                if (child + place) % 4:
                    decide(Facts(rule, is_enrolled=True), Wish.RESERVE, at=AT)
                else:
                    decide(Facts(rule, is_enrolled=True, booked=Booked.RESERVED), Wish.CANCEL, at=AT)
                decided += 1
    return decided


@cache
def _calendar() -> Calendar:
    from marelle.domain.catalog.rules.public_holidays import published_public_holidays
    from marelle.domain.catalog.rules.published_calendar import published_school_holidays
    from marelle.foundation.school_days import Calendar

    school = tuple(published_school_holidays("C", YEAR[0]))
    public = tuple(published_public_holidays("77", *YEAR))
    return Calendar(school, public, known_until=max(span.ends_on for span in school))
