"""Until when: each published shape, on the days that catch the unwary."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    Deadline,
    ImpossibleCutoffError,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
NINE = time(9)

CALENDAR = Calendar(
    school_holidays=(
        NamedDays("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        NamedDays("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
        NamedDays("Vacances de printemps", date(2027, 4, 3), date(2027, 4, 18)),
    ),
    public_holidays=(
        NamedDays("Toussaint", date(2026, 11, 1), date(2026, 11, 1)),
        NamedDays("Armistice 1918", date(2026, 11, 11), date(2026, 11, 11)),
        NamedDays("Noël", date(2026, 12, 25), date(2026, 12, 25)),
        NamedDays("Jour de l’an", date(2027, 1, 1), date(2027, 1, 1)),
        NamedDays("Lundi de Pâques", date(2027, 3, 29), date(2027, 3, 29)),
    ),
)


def paris(*when):
    return datetime(*when, tzinfo=PARIS)


TABLE = WeekdayTable(((MON, FRI, NINE), (TUE, FRI, NINE), (THU, TUE, NINE), (FRI, TUE, time(14, 30)), (WED, WED, NINE)))

DEADLINES = {
    "table: Monday from the Friday before": (TABLE, date(2026, 11, 23), paris(2026, 11, 20, 9)),
    "table: Tuesday shares the Friday": (TABLE, date(2026, 11, 24), paris(2026, 11, 20, 9)),
    "table: Thursday from the Tuesday of the week": (TABLE, date(2026, 11, 26), paris(2026, 11, 24, 9)),
    "table: its own time for Friday": (TABLE, date(2026, 11, 27), paris(2026, 11, 24, 14, 30)),
    "table: the same weekday means a week before": (TABLE, date(2026, 11, 25), paris(2026, 11, 18, 9)),
    "table: across the new year": (TABLE, date(2027, 1, 4), paris(2027, 1, 1, 9)),
    "table: does not mind a public holiday": (TABLE, date(2026, 11, 12), paris(2026, 11, 10, 9)),
    "week: Thursday of the week before": (WeekCutoff(THU, NINE), date(2026, 11, 27), paris(2026, 11, 19, 9)),
    "week: the same for its Monday": (WeekCutoff(THU, NINE), date(2026, 11, 23), paris(2026, 11, 19, 9)),
    "week: Sunday belongs to the week that ends": (WeekCutoff(THU, NINE), date(2026, 11, 29), paris(2026, 11, 19, 9)),
    "week: two weeks before": (WeekCutoff(SUN, time(23, 59), 2), date(2026, 11, 25), paris(2026, 11, 15, 23, 59)),
    "week: week 53 to week 1": (WeekCutoff(MON, NINE), date(2027, 1, 4), paris(2026, 12, 28, 9)),
    "day: the eve": (Offset(1, Unit.DAY, NINE), date(2026, 11, 26), paris(2026, 11, 25, 9)),
    "day: none before is the day itself": (Offset(0, Unit.DAY, NINE), date(2026, 11, 26), paris(2026, 11, 26, 9)),
    "day: Saturday and Sunday count": (Offset(2, Unit.DAY, NINE), date(2026, 11, 23), paris(2026, 11, 21, 9)),
    "day: 29 February": (Offset(1, Unit.DAY, NINE), date(2028, 3, 1), paris(2028, 2, 29, 9)),
    "day: no 29 February": (Offset(1, Unit.DAY, NINE), date(2027, 3, 1), paris(2027, 2, 28, 9)),
    "day: a hundred": (Offset(100, Unit.DAY, NINE), date(2028, 3, 1), paris(2027, 11, 22, 9)),
    "weekday: Monday goes back to Friday": (Offset(1, Unit.WEEKDAY, NINE), date(2026, 11, 23), paris(2026, 11, 20, 9)),
    "weekday: a public holiday counts": (Offset(1, Unit.WEEKDAY, NINE), date(2026, 11, 12), paris(2026, 11, 11, 9)),
    "weekday: from a Sunday": (Offset(1, Unit.WEEKDAY, NINE), date(2026, 11, 22), paris(2026, 11, 20, 9)),
    "working day: 11 November is passed over": (
        Offset(1, Unit.WORKING_DAY, NINE),
        date(2026, 11, 12),
        paris(2026, 11, 10, 9),
    ),
    "working day: Easter Monday and its week-end": (
        Offset(1, Unit.WORKING_DAY, NINE),
        date(2027, 3, 30),
        paris(2027, 3, 26, 9),
    ),
    "working day: two around the new year": (
        Offset(2, Unit.WORKING_DAY, NINE),
        date(2027, 1, 4),
        paris(2026, 12, 30, 9),
    ),
    "working day: school holidays count": (
        Offset(1, Unit.WORKING_DAY, NINE),
        date(2026, 11, 2),
        paris(2026, 10, 30, 9),
    ),
    "clear day: neither end counts": (Offset(1, Unit.CLEAR_DAY, NINE), date(2026, 11, 26), paris(2026, 11, 24, 9)),
    "clear day: two, over the month": (Offset(2, Unit.CLEAR_DAY, NINE), date(2026, 12, 1), paris(2026, 11, 28, 9)),
    "school day: the eve": (Offset(1, Unit.SCHOOL_DAY, NINE), date(2026, 11, 24), paris(2026, 11, 23, 9)),
    "school day: Thursday goes over Wednesday": (
        Offset(1, Unit.SCHOOL_DAY, NINE),
        date(2026, 11, 26),
        paris(2026, 11, 24, 9),
    ),
    "school day: Monday goes back to Friday": (
        Offset(1, Unit.SCHOOL_DAY, NINE),
        date(2026, 11, 23),
        paris(2026, 11, 20, 9),
    ),
    "school day: the first Monday after the holidays": (
        Offset(1, Unit.SCHOOL_DAY, NINE),
        date(2026, 11, 2),
        paris(2026, 10, 16, 9),
    ),
    "school day: two, after Christmas": (Offset(2, Unit.SCHOOL_DAY, NINE), date(2027, 1, 4), paris(2026, 12, 17, 9)),
    "school day: a day of the holidays": (Offset(1, Unit.SCHOOL_DAY, NINE), date(2026, 10, 28), paris(2026, 10, 16, 9)),
    "school day: after a public holiday": (
        Offset(1, Unit.SCHOOL_DAY, NINE),
        date(2026, 11, 12),
        paris(2026, 11, 10, 9),
    ),
    "hour: 48 before the day begins": (Offset(48, Unit.HOUR), date(2026, 11, 26), paris(2026, 11, 24)),
    "hour: one": (Offset(1, Unit.HOUR), date(2026, 11, 26), paris(2026, 11, 25, 23)),
    "same day": (SameDay(time(8, 30)), date(2026, 11, 26), paris(2026, 11, 26, 8, 30)),
    "month: the 20th of the month before": (MonthCutoff(20), date(2026, 11, 26), paris(2026, 10, 20, 23, 59)),
    "month: the 31st of a month of 30 days": (MonthCutoff(31), date(2026, 12, 1), paris(2026, 11, 30, 23, 59)),
    "month: the 31st of February": (MonthCutoff(31), date(2027, 3, 12), paris(2027, 2, 28, 23, 59)),
    "month: the 31st of a leap February": (MonthCutoff(31), date(2028, 3, 31), paris(2028, 2, 29, 23, 59)),
    "month: the 31st of a month of 31 days": (MonthCutoff(31), date(2027, 1, 31), paris(2026, 12, 31, 23, 59)),
    "month: January looks at December": (MonthCutoff(15), date(2027, 1, 4), paris(2026, 12, 15, 23, 59)),
    "month: two before February": (MonthCutoff(1, 2), date(2027, 2, 4), paris(2026, 12, 1, 23, 59)),
    "month: twelve before": (MonthCutoff(29, 12), date(2028, 2, 4), paris(2027, 2, 28, 23, 59)),
}


@pytest.mark.parametrize(("cutoff", "day", "expected"), DEADLINES.values(), ids=DEADLINES.keys())
def test_the_limit_of_a_day(cutoff, day, expected):
    assert cutoff.deadline(day, CALENDAR, PARIS).moment == expected


@pytest.mark.parametrize(("cutoff", "day"), [(TABLE, date(2026, 11, 28)), (Never(), date(2026, 11, 26))])
def test_no_limit_means_never(cutoff, day):
    assert cutoff.deadline(day, CALENDAR, PARIS) is None


# The clocks go forward on 29 March 2026 and 28 March 2027 (2:00 → 3:00) and back on 25 October 2026 (3:00 → 2:00).
CLOCK_NIGHTS = {
    "spring 2026: the eve keeps its time": (Offset(1, Unit.DAY, NINE), date(2026, 3, 30), (2026, 3, 29, 7)),
    "spring 2026: before the night": (Offset(2, Unit.DAY, NINE), date(2026, 3, 30), (2026, 3, 28, 8)),
    "spring 2026: a time that does not exist": (
        Offset(1, Unit.DAY, time(2, 30)),
        date(2026, 3, 30),
        (2026, 3, 29, 1, 30),
    ),
    "spring 2026: 24 hours are hours": (Offset(24, Unit.HOUR), date(2026, 3, 30), (2026, 3, 28, 22)),
    "spring 2027: a time that does not exist": (
        Offset(1, Unit.DAY, time(2, 30)),
        date(2027, 3, 29),
        (2027, 3, 28, 1, 30),
    ),
    "spring 2027: 48 hours are hours": (Offset(48, Unit.HOUR), date(2027, 3, 29), (2027, 3, 26, 22)),
    "autumn 2026: the eve keeps its time": (Offset(1, Unit.DAY, NINE), date(2026, 10, 26), (2026, 10, 25, 8)),
    "autumn 2026: a time that comes twice is its first": (
        Offset(1, Unit.DAY, time(2, 30)),
        date(2026, 10, 26),
        (2026, 10, 25, 0, 30),
    ),
    "autumn 2026: 24 hours are hours": (Offset(24, Unit.HOUR), date(2026, 10, 26), (2026, 10, 24, 23)),
    "autumn 2026: the week before": (WeekCutoff(SUN, NINE), date(2026, 10, 26), (2026, 10, 25, 8)),
}


@pytest.mark.parametrize(("cutoff", "day", "utc"), CLOCK_NIGHTS.values(), ids=CLOCK_NIGHTS.keys())
def test_the_nights_the_clock_changes(cutoff, day, utc):
    assert cutoff.deadline(day, CALENDAR, PARIS).moment.astimezone(UTC) == datetime(*utc, tzinfo=UTC)


def test_a_skipped_time_is_shown_as_the_clock_will_say_it():
    deadline = Offset(1, Unit.DAY, time(2, 30)).deadline(date(2026, 3, 30), CALENDAR, PARIS)

    assert f"{deadline.moment:%H:%M}" == "03:30"


def test_an_authority_overseas_decides_in_its_own_zone():
    deadline = Offset(1, Unit.DAY, NINE).deadline(date(2026, 11, 26), CALENDAR, REUNION)

    assert deadline.moment.astimezone(UTC) == datetime(2026, 11, 25, 5, tzinfo=UTC)


BOUNDARIES = {
    "before: a second before": (Boundary.BEFORE, timedelta(seconds=-1), False),
    "before: the moment itself": (Boundary.BEFORE, timedelta(), True),
    "until: the moment itself": (Boundary.UNTIL, timedelta(), False),
    "until: the whole minute": (Boundary.UNTIL, timedelta(seconds=59, microseconds=999_999), False),
    "until: the next minute": (Boundary.UNTIL, timedelta(minutes=1), True),
}


@pytest.mark.parametrize(("boundary", "shift", "is_past"), BOUNDARIES.values(), ids=BOUNDARIES.keys())
@pytest.mark.parametrize("zone", [PARIS, UTC], ids=["asked in Paris", "asked in UTC"])
def test_the_two_sides_of_a_moment(boundary, shift, is_past, zone):
    deadline = Deadline(paris(2026, 11, 26, 9), boundary)

    assert deadline.is_past((paris(2026, 11, 26, 9) + shift).astimezone(zone)) is is_past


WITH_BOUNDARY = {
    "table": WeekdayTable(((THU, TUE, NINE),), Boundary.UNTIL),
    "week": WeekCutoff(THU, NINE, boundary=Boundary.UNTIL),
    "offset": Offset(1, Unit.DAY, NINE, Boundary.UNTIL),
    "hours": Offset(24, Unit.HOUR, boundary=Boundary.UNTIL),
    "same day": SameDay(NINE, Boundary.UNTIL),
    "month": MonthCutoff(20),
}


@pytest.mark.parametrize("cutoff", WITH_BOUNDARY.values(), ids=WITH_BOUNDARY.keys())
def test_each_shape_keeps_its_side(cutoff):
    assert cutoff.deadline(date(2026, 11, 26), CALENDAR, PARIS).boundary is Boundary.UNTIL


def test_a_month_lasts_until_midnight():
    deadline = MonthCutoff(20).deadline(date(2026, 11, 26), CALENDAR, PARIS)

    assert not deadline.is_past(paris(2026, 10, 20, 23, 59, 59))
    assert deadline.is_past(paris(2026, 10, 21))


@pytest.mark.parametrize("unit", [Unit.SCHOOL_DAY, Unit.WORKING_DAY])
def test_a_calendar_without_such_a_day_is_a_mistake_not_an_endless_search(unit):
    empty = Calendar(
        public_holidays=(NamedDays("tous les jours", date(2024, 1, 1), date(2027, 12, 31)),),
        taught_weekdays=frozenset(),
    )

    with pytest.raises(ImpossibleCutoffError):
        Offset(1, unit, NINE).deadline(date(2026, 11, 26), empty, PARIS)


def test_four_days_or_four_and_a_half():
    wednesday_too = Calendar(taught_weekdays=frozenset({MON, TUE, WED, THU, FRI}))

    limit = Offset(1, Unit.SCHOOL_DAY, NINE).deadline(date(2026, 11, 26), wednesday_too, PARIS)

    assert limit.moment == paris(2026, 11, 25, 9)
