"""Until when: each published shape, on the days that catch the unwary."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.cutoffs import (
    FURTHEST_DAYS_BACK,
    Boundary,
    DateList,
    Deadline,
    ImpossibleCutoffError,
    LastSchoolDay,
    MonthCutoff,
    Never,
    Obstacle,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
    local_moment,
    needs_school_calendar,
    opening_of,
)
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
GUADELOUPE = ZoneInfo("America/Guadeloupe")
MIQUELON = ZoneInfo("America/Miquelon")  # with its own summer time, on American dates
NOUMEA = ZoneInfo("Pacific/Noumea")
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
        NamedDays("Ascension", date(2027, 5, 6), date(2027, 5, 6)),
    ),
    town_hall_closures=(NamedDays("Inventaire", date(2026, 11, 27), date(2026, 11, 27)),),
)


def paris(*when):
    return datetime(*when, tzinfo=PARIS)


def wall(*when):
    """What the clocks of the authority show, wherever it is."""
    return datetime(*when)  # noqa: DTZ001  its zone is the authority's, not the rule's


WEEKEND = frozenset({Obstacle.WEEKEND})
DAYS_OFF = frozenset({Obstacle.WEEKEND, Obstacle.PUBLIC_HOLIDAY})
PUBLISHED = DateList(((2026, 12, date(2026, 11, 19)), (2027, 1, date(2026, 12, 15)), (2027, 12, date(2027, 11, 22))))
AUTUMN = WindowDates(date(2026, 10, 19), date(2026, 10, 30), wall(2026, 10, 9, 12), wall(2026, 9, 21, 8, 30))
CHRISTMAS = WindowDates(date(2026, 12, 21), date(2026, 12, 31), wall(2026, 12, 11, 17, 30))
WINDOW = Window((AUTUMN, CHRISTMAS))

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
    "day: neither weekends nor public holidays": (
        Offset(2, Unit.DAY, NINE, not_counted=DAYS_OFF),
        date(2026, 11, 12),
        paris(2026, 11, 9, 9),
    ),
    "day: a kind of day that is not named still counts": (
        Offset(2, Unit.DAY, NINE, not_counted=WEEKEND),
        date(2026, 11, 12),
        paris(2026, 11, 10, 9),
    ),
    "day: over a bridge day, to the public holiday itself": (
        Offset(1, Unit.DAY, NINE, not_counted=frozenset({Obstacle.WEEKEND, Obstacle.BRIDGE_DAY})),
        date(2027, 5, 10),
        paris(2027, 5, 6, 9),
    ),
    "day: over the school holidays": (
        Offset(1, Unit.DAY, NINE, not_counted=frozenset({Obstacle.SCHOOL_HOLIDAY})),
        date(2026, 11, 2),
        paris(2026, 10, 16, 9),
    ),
    "day: over all the days when the town hall is shut": (
        Offset(1, Unit.DAY, NINE, not_counted=frozenset({Obstacle.TOWN_HALL_SHUT})),
        date(2026, 11, 30),
        paris(2026, 11, 26, 9),
    ),
    "weekday: besides Saturday and Sunday, the public holidays": (
        Offset(1, Unit.WEEKDAY, NINE, not_counted=frozenset({Obstacle.PUBLIC_HOLIDAY})),
        date(2027, 3, 30),
        paris(2027, 3, 26, 9),
    ),
    "clear day: the day before the last that counts": (
        Offset(1, Unit.CLEAR_DAY, NINE, not_counted=WEEKEND),
        date(2026, 11, 23),
        paris(2026, 11, 19, 9),
    ),
    "clear day: none is the eve": (Offset(0, Unit.CLEAR_DAY, NINE), date(2026, 11, 26), paris(2026, 11, 25, 9)),
    "hour: from an hour of the service day": (
        Offset(48, Unit.HOUR, time(12)),
        date(2026, 11, 26),
        paris(2026, 11, 24, 12),
    ),
    "hour: Saturday and Sunday have none": (
        Offset(48, Unit.HOUR, not_counted=WEEKEND),
        date(2026, 11, 23),
        paris(2026, 11, 19),
    ),
    "hour: from noon, over the weekend": (
        Offset(48, Unit.HOUR, time(12), not_counted=WEEKEND),
        date(2026, 11, 24),
        paris(2026, 11, 20, 12),
    ),
    "hour: those of the service day itself come first": (
        Offset(5, Unit.HOUR, time(12), not_counted=WEEKEND),
        date(2026, 11, 23),
        paris(2026, 11, 23, 7),
    ),
    "hour: exactly those of the service day": (
        Offset(12, Unit.HOUR, time(12), not_counted=WEEKEND),
        date(2026, 11, 23),
        paris(2026, 11, 23),
    ),
    "hour: one more is the last of Friday": (
        Offset(13, Unit.HOUR, time(12), not_counted=WEEKEND),
        date(2026, 11, 23),
        paris(2026, 11, 20, 23),
    ),
    "hour: a public holiday has none": (
        Offset(24, Unit.HOUR, not_counted=frozenset({Obstacle.PUBLIC_HOLIDAY})),
        date(2026, 11, 12),
        paris(2026, 11, 10),
    ),
    "hour: none before is the hour of reference": (
        Offset(0, Unit.HOUR, time(9), not_counted=WEEKEND),
        date(2026, 11, 23),
        paris(2026, 11, 23, 9),
    ),
    "same day: an opening does not move the limit": (
        SameDay(NINE, from_time=time(7)),
        date(2026, 11, 26),
        paris(2026, 11, 26, 9),
    ),
    "month: the 20th of the month itself": (MonthCutoff(20, 0), date(2026, 11, 26), paris(2026, 11, 20, 23, 59)),
    "month: the last day of December itself": (MonthCutoff(31, 0), date(2026, 12, 10), paris(2026, 12, 31, 23, 59)),
    "month: December looks at November": (MonthCutoff(31, 1), date(2026, 12, 10), paris(2026, 11, 30, 23, 59)),
    "month: before the 20th": (
        MonthCutoff(20, 1, time(0), Boundary.BEFORE),
        date(2026, 11, 26),
        paris(2026, 10, 20),
    ),
    "month: the 20th at noon": (MonthCutoff(20, 1, time(12)), date(2026, 11, 26), paris(2026, 10, 20, 12)),
    "dates: that of its month": (PUBLISHED, date(2026, 12, 3), paris(2026, 11, 19, 23, 59)),
    "dates: of the same month of another year": (PUBLISHED, date(2027, 12, 3), paris(2027, 11, 22, 23, 59)),
    "dates: of the other side of the new year": (PUBLISHED, date(2027, 1, 4), paris(2026, 12, 15, 23, 59)),
    "dates: at an hour": (
        DateList(((2026, 12, date(2026, 11, 19)),), NINE, Boundary.BEFORE),
        date(2026, 12, 1),
        paris(2026, 11, 19, 9),
    ),
    "window: its first day": (WINDOW, date(2026, 10, 19), paris(2026, 10, 9, 12)),
    "window: its last day": (WINDOW, date(2026, 10, 30), paris(2026, 10, 9, 12)),
    "window: the second": (WINDOW, date(2026, 12, 24), paris(2026, 12, 11, 17, 30)),
    "last school day: the Friday before the holidays": (
        LastSchoolDay(at_time=NINE),
        date(2026, 11, 2),
        paris(2026, 10, 16, 9),
    ),
    "last school day: two before": (LastSchoolDay(2, NINE), date(2026, 11, 2), paris(2026, 10, 15, 9)),
    "last school day: three, over the Wednesday": (LastSchoolDay(3, NINE), date(2026, 11, 2), paris(2026, 10, 13, 9)),
    "last school day: for a day of the holidays": (
        LastSchoolDay(at_time=NINE),
        date(2026, 10, 28),
        paris(2026, 10, 16, 9),
    ),
    "last school day: for the first day of the holidays": (
        LastSchoolDay(at_time=NINE),
        date(2026, 10, 17),
        paris(2026, 10, 16, 9),
    ),
    "last school day: weeks after the holidays, still before them": (
        LastSchoolDay(at_time=NINE),
        date(2026, 11, 26),
        paris(2026, 10, 16, 9),
    ),
    "last school day: midnight if no hour is said": (LastSchoolDay(), date(2027, 1, 4), paris(2026, 12, 18)),
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
    "spring 2027: a night is passed over by the clock": (
        Offset(48, Unit.HOUR, not_counted=WEEKEND),
        date(2027, 3, 29),
        (2027, 3, 24, 23),
    ),
    "autumn 2026: an hour before three is the second two o’clock": (
        Offset(1, Unit.HOUR, time(3)),
        date(2026, 10, 25),
        (2026, 10, 25, 1),
    ),
    "autumn 2026: hours of the clock, where days are passed over": (
        Offset(24, Unit.HOUR, not_counted=frozenset({Obstacle.PUBLIC_HOLIDAY})),
        date(2026, 10, 26),
        (2026, 10, 24, 22),
    ),
}


@pytest.mark.parametrize(("cutoff", "day", "utc"), CLOCK_NIGHTS.values(), ids=CLOCK_NIGHTS.keys())
def test_the_nights_the_clock_changes(cutoff, day, utc):
    assert cutoff.deadline(day, CALENDAR, PARIS).moment.astimezone(UTC) == datetime(*utc, tzinfo=UTC)


def test_a_skipped_time_is_shown_as_the_clock_will_say_it():
    deadline = Offset(1, Unit.DAY, time(2, 30)).deadline(date(2026, 3, 30), CALENDAR, PARIS)

    assert f"{deadline.moment:%H:%M}" == "03:30"


OVERSEAS = {
    "Réunion": (Offset(1, Unit.DAY, NINE), date(2026, 11, 26), REUNION, (2026, 11, 25, 5)),
    "Guadeloupe": (Offset(1, Unit.DAY, NINE), date(2026, 11, 26), GUADELOUPE, (2026, 11, 25, 13)),
    "Nouméa: the day begins while Paris sleeps on the eve": (
        SameDay(time(7)),
        date(2026, 11, 26),
        NOUMEA,
        (2026, 11, 25, 20),
    ),
    "Réunion: no clock changes with Paris": (
        Offset(24, Unit.HOUR),
        date(2026, 10, 26),
        REUNION,
        (2026, 10, 24, 20),
    ),
    "Miquelon: its own autumn night has an hour more": (
        Offset(24, Unit.HOUR),
        date(2026, 11, 2),
        MIQUELON,
        (2026, 11, 1, 3),
    ),
    "Guadeloupe: a window closes by its own clocks": (WINDOW, date(2026, 10, 19), GUADELOUPE, (2026, 10, 9, 16)),
    "Guadeloupe: a month too": (MonthCutoff(20), date(2026, 11, 26), GUADELOUPE, (2026, 10, 21, 3, 59)),
}


@pytest.mark.parametrize(("cutoff", "day", "zone", "utc"), OVERSEAS.values(), ids=OVERSEAS.keys())
def test_an_authority_overseas_decides_in_its_own_zone(cutoff, day, zone, utc):
    deadline = cutoff.deadline(day, CALENDAR, zone)

    assert deadline.moment.astimezone(UTC) == datetime(*utc, tzinfo=UTC)
    assert deadline.moment.tzinfo is zone


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
    "dates": DateList(((2026, 11, date(2026, 10, 20)),)),
    "window": Window((WindowDates(date(2026, 11, 1), date(2026, 11, 30), wall(2026, 10, 20, 12)),)),
    "last school day": LastSchoolDay(boundary=Boundary.UNTIL),
    "hours, days passed over": Offset(24, Unit.HOUR, boundary=Boundary.UNTIL, not_counted=WEEKEND),
}


@pytest.mark.parametrize("cutoff", WITH_BOUNDARY.values(), ids=WITH_BOUNDARY.keys())
def test_each_shape_keeps_its_side(cutoff):
    assert cutoff.deadline(date(2026, 11, 26), CALENDAR, PARIS).boundary is Boundary.UNTIL


@pytest.mark.parametrize(
    ("boundary", "over_at"),
    [(Boundary.BEFORE, paris(2026, 11, 26, 9)), (Boundary.UNTIL, paris(2026, 11, 26, 9, 1))],
    ids=["before: that moment", "until: a minute later"],
)
def test_the_first_moment_that_is_too_late(boundary, over_at):
    assert Deadline(paris(2026, 11, 26, 9), boundary).over_at == over_at


def test_a_minute_is_a_minute_the_night_the_clocks_go_back():
    deadline = Deadline(local_moment(wall(2026, 10, 25, 2, 59), PARIS), Boundary.UNTIL)

    assert deadline.over_at.astimezone(UTC) == datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert deadline.over_at.tzinfo is PARIS


def test_the_second_half_past_two_of_that_night_is_not_the_first():
    deadline = Deadline(local_moment(wall(2026, 10, 25, 2, 30), PARIS), Boundary.BEFORE)

    assert not deadline.is_past(paris(2026, 10, 25, 2, 10))
    assert deadline.is_past(paris(2026, 10, 25, 2, 10).replace(fold=1))


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


IMPOSSIBLE = {
    "a month without a date": (PUBLISHED, date(2026, 11, 26), "aucune date n’est publiée pour ce mois"),
    "the same month of a year without dates": (PUBLISHED, date(2025, 12, 3), "aucune date n’est publiée pour ce mois"),
    "the day before a window": (WINDOW, date(2026, 10, 18), "ce jour n’est dans aucune période publiée"),
    "the day after a window": (WINDOW, date(2026, 10, 31), "ce jour n’est dans aucune période publiée"),
    "no holidays before": (
        LastSchoolDay(),
        date(2026, 10, 16),
        "aucun jour de ce genre dans l’année qui précède",
    ),
    "hours of days that are all passed over": (
        Offset(1, Unit.HOUR, not_counted=frozenset({Obstacle.WEEKEND, Obstacle.TOWN_HALL_SHUT})),
        date(2023, 1, 1),
        "aucun jour de ce genre dans l’année qui précède",
    ),
}
ALWAYS_SHUT = Calendar(
    school_holidays=CALENDAR.school_holidays,
    public_holidays=CALENDAR.public_holidays,
    town_hall_weekdays=frozenset(),
)


@pytest.mark.parametrize(("cutoff", "day", "reason"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_the_calendar_cannot_give_is_said_in_french(cutoff, day, reason):
    with pytest.raises(ImpossibleCutoffError) as impossible:
        cutoff.deadline(day, ALWAYS_SHUT, PARIS)

    assert str(impossible.value) == reason


def test_a_count_may_reach_the_furthest_day_and_none_beyond():
    day = date(2026, 11, 26)
    furthest = Offset(FURTHEST_DAYS_BACK, Unit.DAY, NINE).deadline(day, CALENDAR, PARIS)

    assert furthest.moment == paris(2025, 11, 21, 9)
    with pytest.raises(ImpossibleCutoffError):
        Offset(FURTHEST_DAYS_BACK + 1, Unit.DAY, NINE).deadline(day, CALENDAR, PARIS)


def test_as_far_where_days_are_looked_at_one_by_one():
    day, bridges = date(2026, 11, 26), frozenset({Obstacle.BRIDGE_DAY})
    bare = Calendar()

    furthest = Offset(FURTHEST_DAYS_BACK, Unit.DAY, NINE, not_counted=bridges).deadline(day, bare, PARIS)

    assert furthest.moment == paris(2025, 11, 21, 9)
    with pytest.raises(ImpossibleCutoffError):
        Offset(FURTHEST_DAYS_BACK + 1, Unit.DAY, NINE, not_counted=bridges).deadline(day, bare, PARIS)


OPENINGS = {
    "same day, from an hour": (SameDay(NINE, from_time=time(7, 15)), date(2026, 11, 26), paris(2026, 11, 26, 7, 15)),
    "same day, at once": (SameDay(NINE), date(2026, 11, 26), None),
    "a window that opens": (WINDOW, date(2026, 10, 20), paris(2026, 9, 21, 8, 30)),
    "a window that is open already": (WINDOW, date(2026, 12, 22), None),
    "any other shape": (Offset(1, Unit.DAY, NINE), date(2026, 11, 26), None),
    "never": (Never(), date(2026, 11, 26), None),
}


@pytest.mark.parametrize(("cutoff", "day", "expected"), OPENINGS.values(), ids=OPENINGS.keys())
def test_the_moment_before_which_the_shape_lets_nobody_act(cutoff, day, expected):
    assert opening_of(cutoff, day, PARIS) == expected


def test_outside_its_windows_nothing_opens_either():
    with pytest.raises(ImpossibleCutoffError):
        opening_of(WINDOW, date(2026, 11, 26), PARIS)


SCHOOL_CALENDAR = {
    "school days": (Offset(1, Unit.SCHOOL_DAY), True),
    "school holidays not counted": (Offset(1, Unit.DAY, not_counted=frozenset({Obstacle.SCHOOL_HOLIDAY})), True),
    "the last day of class": (LastSchoolDay(), True),
    "weekends not counted": (Offset(1, Unit.DAY, not_counted=WEEKEND), False),
    "working days": (Offset(1, Unit.WORKING_DAY), False),
    "a table": (TABLE, False),
    "never": (Never(), False),
}


@pytest.mark.parametrize(("cutoff", "needed"), SCHOOL_CALENDAR.values(), ids=SCHOOL_CALENDAR.keys())
def test_what_waits_for_the_school_calendar(cutoff, needed):
    assert needs_school_calendar(cutoff) is needed


# Monday 10 May 2027 comes after the Ascension (Thursday 6) and its bridge (Friday 7).
OBSTACLES = {
    "a Saturday": (Obstacle.WEEKEND, date(2026, 11, 28), True),
    "a Sunday": (Obstacle.WEEKEND, date(2026, 11, 29), True),
    "a Friday is no weekend": (Obstacle.WEEKEND, date(2026, 11, 27), False),
    "a public holiday": (Obstacle.PUBLIC_HOLIDAY, date(2026, 11, 11), True),
    "the day after it": (Obstacle.PUBLIC_HOLIDAY, date(2026, 11, 12), False),
    "a bridge day": (Obstacle.BRIDGE_DAY, date(2027, 5, 7), True),
    "a Friday like others": (Obstacle.BRIDGE_DAY, date(2027, 5, 14), False),
    "a day of the holidays": (Obstacle.SCHOOL_HOLIDAY, date(2026, 10, 20), True),
    "a day of class": (Obstacle.SCHOOL_HOLIDAY, date(2026, 11, 3), False),
    "the town hall shut for a stock-taking": (Obstacle.TOWN_HALL_SHUT, date(2026, 11, 27), True),
    "the town hall open": (Obstacle.TOWN_HALL_SHUT, date(2026, 11, 26), False),
}


@pytest.mark.parametrize(("obstacle", "day", "holds"), OBSTACLES.values(), ids=OBSTACLES.keys())
def test_what_kind_of_day_it_is(obstacle, day, holds):
    assert obstacle.holds(day, CALENDAR) is holds
