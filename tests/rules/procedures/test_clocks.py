"""When silence decides: on the days that catch the unwary, with every kind of stop, on every kind of calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.procedures.rules.clocks import (
    Delay,
    DelayUnit,
    Pause,
    Receipt,
    Silence,
    acknowledge_by,
    appeal_until,
    clock_of,
    counted_from,
    day_of_decision,
    is_in_time,
    is_reminder_due,
    last_day,
    months_later,
    warning_due,
)
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
GUADELOUPE = ZoneInfo("America/Guadeloupe")
NOUMEA = ZoneInfo("Pacific/Noumea")
MIQUELON = ZoneInfo("America/Miquelon")
ACCEPTS, REFUSES, NOTHING = Silence.ACCEPTS, Silence.REFUSES, Silence.DECIDES_NOTHING
MONTHS, DAYS, WORKING_DAYS = DelayUnit.MONTHS, DelayUnit.DAYS, DelayUnit.WORKING_DAYS
TWO_MONTHS = Delay(2)

CALENDAR = Calendar(
    public_holidays=tuple(
        NamedDays(name, day, day)
        for name, day in (
            ("Armistice 1918", date(2026, 11, 11)),
            ("Noël", date(2026, 12, 25)),
            ("Jour de l’an", date(2027, 1, 1)),
            ("Lundi de Pâques", date(2027, 3, 29)),
        )
    ),
    # Nothing of this is a day off by law: neither counts for the clocks.
    school_holidays=(NamedDays("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),),
    town_hall_closures=(NamedDays("Inventaire", date(2026, 11, 27), date(2026, 11, 27)),),
)


def paris(*when, fold=0):
    return datetime(*when, tzinfo=PARIS, fold=fold)


def utc(*when):
    return datetime(*when, tzinfo=UTC)


def clock(received_at, delay=TWO_MONTHS, silence=REFUSES, pauses=(), *, zone=PARIS, at=None):
    return clock_of(received_at, delay, silence, pauses, zone=zone, calendar=CALENDAR, at=at or received_at)


# What is counted: (received, delay, last day).
COUNTED = {
    "months: the same number two months later": (paris(2026, 11, 23, 8), TWO_MONTHS, date(2027, 1, 23)),
    "months: a Saturday stays the last day": (paris(2026, 12, 2, 8), TWO_MONTHS, date(2027, 2, 2)),
    "months: a public holiday stays the last day": (paris(2026, 11, 1, 8), TWO_MONTHS, date(2027, 1, 1)),
    "months: 31 August, six months, the last of February": (paris(2026, 8, 31, 8), Delay(6), date(2027, 2, 28)),
    "months: and the 29th of a leap year": (paris(2027, 8, 31, 8), Delay(6), date(2028, 2, 29)),
    "months: 30 December, two months": (paris(2026, 12, 30, 8), TWO_MONTHS, date(2027, 2, 28)),
    "months: from the end of February, not to the end of April": (
        paris(2027, 2, 28, 8),
        TWO_MONTHS,
        date(2027, 4, 28),
    ),
    "months: over a year": (paris(2026, 11, 15, 8), Delay(14), date(2028, 1, 15)),
    "months: to December": (paris(2026, 10, 15, 8), TWO_MONTHS, date(2026, 12, 15)),
    "months: received on the last minute of a day": (paris(2026, 11, 30, 23, 59), TWO_MONTHS, date(2027, 1, 30)),
    "days: all of them count": (paris(2026, 11, 6, 8), Delay(15, DAYS), date(2026, 11, 21)),
    "days: the night the clocks go back": (paris(2026, 10, 20, 8), Delay(10, DAYS), date(2026, 10, 30)),
    "working days: neither weekend nor 11 November": (
        paris(2026, 11, 6, 8),
        Delay(5, WORKING_DAYS),
        date(2026, 11, 16),
    ),
    "working days: received on a Saturday": (paris(2026, 11, 7, 8), Delay(1, WORKING_DAYS), date(2026, 11, 9)),
    "working days: over Christmas, school holidays count": (
        paris(2026, 12, 23, 8),
        Delay(3, WORKING_DAYS),
        date(2026, 12, 29),
    ),
    "working days: the town hall shut for a stocktaking counts": (
        paris(2026, 11, 26, 8),
        Delay(1, WORKING_DAYS),
        date(2026, 11, 27),
    ),
}


@pytest.mark.parametrize(("received_at", "delay", "expected"), COUNTED.values(), ids=COUNTED)
def test_the_last_day_of_a_delay(received_at, delay, expected):
    for silence in (ACCEPTS, REFUSES):
        found = clock(received_at, delay, silence)

        assert (found.started_on, found.silent_on, found.answer_by) == (received_at.date(), expected, expected)
        assert (found.is_suspended, found.resumes_on) == (False, None)


# The day is that of the authority: (moment, zone, local day of reception, last day).
LOCAL_DAYS = {
    "Paris, after midnight": (utc(2026, 11, 30, 23, 30), PARIS, date(2026, 12, 1), date(2027, 2, 1)),
    "Paris, before midnight": (utc(2026, 11, 30, 22, 30), PARIS, date(2026, 11, 30), date(2027, 1, 30)),
    "Paris, summer, after midnight": (utc(2026, 6, 30, 22, 30), PARIS, date(2026, 7, 1), date(2026, 9, 1)),
    "Réunion is ahead": (utc(2026, 11, 30, 20, 30), REUNION, date(2026, 12, 1), date(2027, 2, 1)),
    "Guadeloupe is behind": (utc(2026, 12, 1, 3, 0), GUADELOUPE, date(2026, 11, 30), date(2027, 1, 30)),
    "Nouméa is a morning ahead": (utc(2026, 11, 30, 13, 0), NOUMEA, date(2026, 12, 1), date(2027, 2, 1)),
}


@pytest.mark.parametrize(("received_at", "zone", "day", "expected"), LOCAL_DAYS.values(), ids=LOCAL_DAYS)
def test_days_are_those_of_the_authority(received_at, zone, day, expected):
    found = clock(received_at, zone=zone)

    assert (found.started_on, found.silent_on) == (day, expected)


# The midnight at which silence decides: (received, zone, the moment in UTC).
MIDNIGHTS = {
    "winter": (paris(2026, 11, 23, 8), PARIS, utc(2027, 1, 23, 23, 0)),
    "the day before the clocks go forward": (paris(2027, 1, 27, 8), PARIS, utc(2027, 3, 27, 23, 0)),
    "the day they go forward, of 23 hours": (paris(2027, 1, 28, 8), PARIS, utc(2027, 3, 28, 22, 0)),
    "the day before the clocks go back": (paris(2026, 8, 24, 8), PARIS, utc(2026, 10, 24, 22, 0)),
    "the day they go back, of 25 hours": (paris(2026, 8, 25, 8), PARIS, utc(2026, 10, 25, 23, 0)),
    "the first 2:30 of that night": (paris(2026, 10, 25, 2, 30), PARIS, utc(2026, 12, 25, 23, 0)),
    "the second 2:30 of that night": (paris(2026, 10, 25, 2, 30, fold=1), PARIS, utc(2026, 12, 25, 23, 0)),
    "Réunion has one time": (utc(2027, 1, 28, 8), REUNION, utc(2027, 3, 28, 20, 0)),
    "Miquelon changes on another date": (utc(2027, 1, 14, 12), MIQUELON, utc(2027, 3, 15, 2, 0)),
}


@pytest.mark.parametrize(("received_at", "zone", "expected"), MIDNIGHTS.values(), ids=MIDNIGHTS)
def test_silence_decides_at_the_midnight_that_ends_the_last_day(received_at, zone, expected):
    found = clock(received_at, zone=zone)

    assert found.born_at.astimezone(UTC) == expected
    assert not found.has_decided(expected - timedelta(seconds=1))
    assert found.has_decided(expected)
    assert found.has_decided(expected.astimezone(NOUMEA))


def asked(*day, due, came=None):
    """Pieces asked for at 10:00 on a day, due on another, that came at 15:00 on a third."""
    ended_at = paris(*came, 15) if came else None
    return Pause(paris(*day, 10), date(*due), ended_at)


NOVEMBER_10 = {"due": (2026, 11, 30)}
RECEIVED = paris(2026, 11, 2, 9)  # two months: 2 January 2027

# What stops an implied refusal: (pauses, last day).
REFUSALS = {
    "nothing": ((), date(2027, 1, 2)),
    "the pieces come: as many days more": (
        (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),),
        date(2027, 1, 12),
    ),
    "they come on the day itself": ((asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 10)),), date(2027, 1, 2)),
    "they come on the last day given": ((asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 30)),), date(2027, 1, 22)),
    "they never come: the whole time given": ((asked(2026, 11, 10, **NOVEMBER_10),), date(2027, 1, 23)),
    "they come too late: the time given and no more": (
        (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 12, 20)),),
        date(2027, 1, 23),
    ),
    "twice, one after the other": (
        (
            asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),
            asked(2026, 12, 1, due=(2026, 12, 15), came=(2026, 12, 8)),
        ),
        date(2027, 1, 19),
    ),
    "twice at once: a day is suspended once": (
        (
            asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),
            asked(2026, 11, 15, due=(2026, 12, 15), came=(2026, 11, 25)),
        ),
        date(2027, 1, 17),
    ),
    "one inside the other": (
        (asked(2026, 11, 10, **NOVEMBER_10), asked(2026, 11, 15, due=(2026, 11, 20), came=(2026, 11, 18))),
        date(2027, 1, 23),
    ),
    "in the time that another gave": (
        (
            asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),
            asked(2027, 1, 8, due=(2027, 1, 20), came=(2027, 1, 11)),
        ),
        date(2027, 1, 15),
    ),
    "on the very last day": ((asked(2027, 1, 2, due=(2027, 1, 20), came=(2027, 1, 9)),), date(2027, 1, 9)),
    "on the very last day, and nothing comes": ((asked(2027, 1, 2, due=(2027, 1, 20)),), date(2027, 1, 21)),
    "once silence has decided: too late": ((asked(2027, 1, 3, due=(2027, 1, 20)),), date(2027, 1, 2)),
    "on the day of reception: the delay begins whole later": (
        (asked(2026, 11, 2, due=(2026, 11, 30), came=(2026, 11, 12)),),
        date(2027, 1, 12),
    ),
    "due before it was asked for: the day itself is given": (
        (asked(2026, 11, 10, due=(2026, 11, 1)),),
        date(2027, 1, 3),
    ),
}


@pytest.mark.parametrize(("pauses", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_missing_pieces_suspend_an_implied_refusal(pauses, expected):
    found = clock(RECEIVED, silence=REFUSES, pauses=pauses)

    assert (found.started_on, found.silent_on) == (date(2026, 11, 2), expected)
    assert clock(RECEIVED, silence=NOTHING, pauses=pauses).answer_by == expected


# What starts an implied acceptance: (pauses, first day, last day).
ACCEPTANCES = {
    "nothing": ((), date(2026, 11, 2), date(2027, 1, 2)),
    "the pieces come": (
        (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),),
        date(2026, 11, 20),
        date(2027, 1, 20),
    ),
    "they come after the time given": (
        (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 12, 31)),),
        date(2026, 12, 31),
        date(2027, 2, 28),
    ),
    "they do not come": ((asked(2026, 11, 10, **NOVEMBER_10),), None, None),
    "twice": (
        (
            asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),
            asked(2026, 12, 1, due=(2026, 12, 15), came=(2026, 12, 10)),
        ),
        date(2026, 12, 10),
        date(2027, 2, 10),
    ),
    "twice, the second does not come": (
        (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)), asked(2026, 12, 1, due=(2026, 12, 15))),
        None,
        None,
    ),
    "twice at once, the first comes last": (
        (
            asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 25)),
            asked(2026, 11, 12, due=(2026, 11, 30), came=(2026, 11, 20)),
        ),
        date(2026, 11, 25),
        date(2027, 1, 25),
    ),
    "on the very last day": (
        (asked(2027, 1, 2, due=(2027, 1, 20), came=(2027, 1, 9)),),
        date(2027, 1, 9),
        date(2027, 3, 9),
    ),
    "once silence has decided: too late": (
        (asked(2027, 1, 3, due=(2027, 1, 20)),),
        date(2026, 11, 2),
        date(2027, 1, 2),
    ),
    "the second once silence has decided": (
        (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)), asked(2027, 1, 21, due=(2027, 1, 30))),
        date(2026, 11, 20),
        date(2027, 1, 20),
    ),
}


@pytest.mark.parametrize(("pauses", "first", "last"), ACCEPTANCES.values(), ids=ACCEPTANCES)
def test_an_implied_acceptance_is_counted_from_the_missing_pieces(pauses, first, last):
    found = clock(RECEIVED, silence=ACCEPTS, pauses=pauses, at=paris(2027, 1, 22, 8))

    assert (found.started_on, found.silent_on) == (first, last)
    assert found.is_suspended == (last is None)
    assert (found.born_at is None) == (last is None)
    assert (found.days_left is None) == (last is None)


def test_an_acceptance_that_waits_is_never_born():
    pauses = (asked(2026, 11, 10, **NOVEMBER_10),)

    assert not clock(RECEIVED, silence=ACCEPTS, pauses=pauses).has_decided(paris(2036, 1, 1, 8))
    # The same silence refuses, once the time given is over and the rest of the delay with it.
    assert clock(RECEIVED, silence=REFUSES, pauses=pauses).has_decided(paris(2027, 1, 24, 0))


def test_working_days_are_suspended_too():
    pauses = (asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 16)),)

    found = clock(paris(2026, 11, 6, 9), Delay(5, WORKING_DAYS), REFUSES, pauses)

    assert found.silent_on == date(2026, 11, 19)  # the 9th, then the 16th, 17th, 18th and 19th


def test_the_days_of_a_pause_are_those_of_the_authority():
    late = Pause(utc(2026, 11, 9, 23, 30), date(2026, 11, 30), utc(2026, 11, 19, 22, 59))

    assert clock(RECEIVED, pauses=(late,)).silent_on == date(2027, 1, 11)  # from the 10th to the 19th
    assert clock(RECEIVED, pauses=(late,), zone=REUNION).silent_on == date(2027, 1, 12)  # from the 10th to the 20th


def test_silence_that_decides_nothing_has_a_day_to_answer_by():
    found = clock(RECEIVED, Delay(15, DAYS), NOTHING)

    assert found.answer_by == date(2026, 11, 17)
    assert (found.silent_on, found.born_at) == (None, None)
    assert not found.has_decided(paris(2030, 1, 1, 8))


def test_days_are_counted_down_to_the_last_and_not_below():
    moments = [paris(2026, 11, 2, 23, 59), paris(2027, 1, 1, 0), paris(2027, 1, 2, 23, 59), paris(2027, 2, 1, 8)]

    assert [clock(RECEIVED, at=at).days_left for at in moments] == [61, 1, 0, 0]


# Where it stands now: (silence, pauses, at, is suspended, goes on if nothing comes).
OPEN = asked(2026, 11, 10, **NOVEMBER_10)
CAME = asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20))
CAME_LATE = asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 12, 20))
LONGER = asked(2026, 11, 12, due=(2026, 12, 10))
AFTER_ALL = asked(2027, 1, 3, due=(2027, 1, 20))
MOMENTS = {
    "refusal: before it is asked": (REFUSES, (OPEN,), paris(2026, 11, 10, 9, 59), False, None),
    "refusal: from the moment it is": (REFUSES, (OPEN,), paris(2026, 11, 10, 10), True, date(2026, 12, 1)),
    "refusal: until midnight of the last day": (REFUSES, (OPEN,), paris(2026, 11, 30, 23, 59), True, date(2026, 12, 1)),
    "refusal: not after": (REFUSES, (OPEN,), paris(2026, 12, 1, 0), False, None),
    "refusal: until the pieces come": (REFUSES, (CAME,), paris(2026, 11, 20, 14, 59), True, date(2026, 11, 20)),
    "refusal: not once they did": (REFUSES, (CAME,), paris(2026, 11, 20, 15), False, None),
    "refusal: they came once it went on": (REFUSES, (CAME_LATE,), paris(2026, 12, 1, 0), False, None),
    "refusal: the longest of two": (REFUSES, (OPEN, LONGER), paris(2026, 11, 13, 8), True, date(2026, 12, 11)),
    "refusal: asked for too late": (REFUSES, (AFTER_ALL,), paris(2027, 1, 4, 8), False, None),
    "acceptance: nothing comes, nothing goes on": (ACCEPTS, (OPEN,), paris(2026, 12, 15, 8), True, None),
    "acceptance: until the pieces come": (ACCEPTS, (CAME_LATE,), paris(2026, 12, 20, 14, 59), True, None),
    "acceptance: not once they did": (ACCEPTS, (CAME_LATE,), paris(2026, 12, 20, 15), False, None),
    "acceptance: before it is asked": (ACCEPTS, (CAME,), paris(2026, 11, 10, 9), False, None),
    "acceptance: the first of two": (
        ACCEPTS,
        (CAME, asked(2026, 12, 1, due=(2026, 12, 15), came=(2026, 12, 8))),
        paris(2026, 11, 15, 8),
        True,
        None,
    ),
    "nothing decided: stops as well": (NOTHING, (OPEN,), paris(2026, 11, 20, 8), True, date(2026, 12, 1)),
}


@pytest.mark.parametrize(("silence", "pauses", "at", "stands", "goes_on"), MOMENTS.values(), ids=MOMENTS)
def test_whether_the_clock_stands_still(silence, pauses, at, stands, goes_on):
    found = clock(RECEIVED, silence=silence, pauses=pauses, at=at)

    assert (found.is_suspended, found.resumes_on) == (stands, goes_on)


def test_pauses_come_in_any_order():
    pauses = [
        asked(2026, 12, 1, due=(2026, 12, 15), came=(2026, 12, 8)),
        asked(2026, 11, 10, **NOVEMBER_10, came=(2026, 11, 20)),
        # Before the one at 10:00 of the same day: in hours of one zone it would come after.
        Pause(utc(2026, 12, 1, 8, 30), date(2026, 12, 2), utc(2026, 12, 1, 8, 45)),
    ]
    for silence, last in ((REFUSES, date(2027, 1, 19)), (ACCEPTS, date(2027, 2, 8))):
        assert clock(RECEIVED, silence=silence, pauses=pauses).silent_on == last
        assert clock(RECEIVED, silence=silence, pauses=pauses[::-1]).silent_on == last


def test_a_delay_of_nothing_is_none():
    with pytest.raises(ValueError, match="un délai de 0 ne laisse le temps de rien"):
        Delay(0)


def test_a_delay_may_be_counted_by_itself():
    assert last_day(date(2026, 11, 6), Delay(5, WORKING_DAYS), CALENDAR) == date(2026, 11, 16)
    assert last_day(date(2026, 11, 6), Delay(5, WORKING_DAYS), Calendar()) == date(2026, 11, 13)
    assert months_later(date(2026, 11, 30), 1) == date(2026, 12, 30)
    assert months_later(date(2026, 11, 30), 13) == date(2027, 12, 30)


# L112-1: (sent, due, in time).
SENDINGS = {
    "before": (paris(2026, 11, 29, 8), True),
    "on the last minute": (paris(2026, 11, 30, 23, 59), True),
    "at midnight": (paris(2026, 12, 1, 0), False),
    "by another clock": (utc(2026, 11, 30, 23, 0), False),
}


@pytest.mark.parametrize(("sent_at", "expected"), SENDINGS.values(), ids=SENDINGS)
def test_what_is_sent_on_the_last_day_is_in_time(sent_at, expected):
    assert is_in_time(sent_at, date(2026, 11, 30), zone=PARIS) == expected


def test_a_request_that_went_elsewhere_first_is_counted_as_the_law_says():
    moments = {"seized_at": paris(2026, 11, 2, 9), "competent_at": paris(2026, 11, 9, 9)}

    assert counted_from(REFUSES, **moments) == moments["seized_at"]
    assert counted_from(NOTHING, **moments) == moments["seized_at"]
    assert counted_from(ACCEPTS, **moments) == moments["competent_at"]


# (received, registered by, in hand by)
RECEIPTS = {
    "a Monday": (paris(2026, 11, 2, 9), date(2026, 11, 3), date(2026, 11, 17)),
    "a Friday evening": (paris(2026, 11, 6, 20), date(2026, 11, 9), date(2026, 11, 23)),
    "the eve of a public holiday": (paris(2026, 11, 10, 9), date(2026, 11, 12), date(2026, 11, 25)),
    "Sunday, as the clocks go back": (paris(2026, 10, 25, 2, 30), date(2026, 10, 26), date(2026, 11, 6)),
}


@pytest.mark.parametrize(("received_at", "registered", "in_hand"), RECEIPTS.values(), ids=RECEIPTS)
def test_by_when_a_request_is_acknowledged(received_at, registered, in_hand):
    assert acknowledge_by(received_at, Receipt.REGISTRATION, zone=PARIS, calendar=CALENDAR) == registered
    assert acknowledge_by(received_at, Receipt.RECEPTION, zone=PARIS, calendar=CALENDAR) == in_hand


# (born on, last day of the appeal)
APPEALS = {
    "neither end counts": (date(2027, 1, 5), date(2027, 3, 8)),  # 6 March is a Saturday
    "on a working day": (date(2027, 1, 12), date(2027, 3, 15)),
    "a Sunday gives the Monday": (date(2027, 2, 3), date(2027, 4, 5)),
    "after Easter Monday": (date(2027, 1, 28), date(2027, 3, 30)),
    "a month that lacks the day": (date(2026, 12, 31), date(2027, 3, 1)),
}


@pytest.mark.parametrize(("born_on", "expected"), APPEALS.values(), ids=APPEALS)
def test_until_when_a_refusal_goes_to_court(born_on, expected):
    assert appeal_until(born_on, CALENDAR) == expected


def test_an_appeal_may_have_another_delay():
    assert appeal_until(date(2027, 1, 5), CALENDAR, months=1) == date(2027, 2, 8)


# Two months from 2 November; the last day is 2 January: (day, warning).
WARNINGS = {
    "far": (date(2026, 12, 17), None),
    "fifteen days": (date(2026, 12, 18), 15),
    "eight days": (date(2026, 12, 25), 15),
    "seven days": (date(2026, 12, 26), 7),
    "three days": (date(2026, 12, 30), 7),
    "two days": (date(2026, 12, 31), 2),
    "the last day": (date(2027, 1, 2), 2),
    "over": (date(2027, 1, 3), None),
}


@pytest.mark.parametrize(("on", "expected"), WARNINGS.values(), ids=WARNINGS)
def test_who_answers_is_warned_before_silence_decides(on, expected):
    assert warning_due(clock(RECEIVED), on=on) == expected


def test_a_short_delay_does_not_begin_with_a_warning():
    week = clock(RECEIVED, Delay(7, DAYS))

    assert warning_due(week, on=date(2026, 11, 2)) is None
    assert warning_due(week, on=date(2026, 11, 3)) is None
    assert warning_due(week, on=date(2026, 11, 7)) == 2


def test_silence_that_decides_nothing_warns_of_nothing():
    assert warning_due(clock(RECEIVED, silence=NOTHING), on=date(2027, 1, 1)) is None
    waiting = clock(RECEIVED, silence=ACCEPTS, pauses=(OPEN,))
    assert warning_due(waiting, on=date(2027, 1, 1)) is None


# What was asked for, on which day, and whether the family is reminded of it then.
REMINDERS = {
    "early": (OPEN, date(2026, 11, 26), False),
    "three days before": (OPEN, date(2026, 11, 27), True),
    "on the last day": (OPEN, date(2026, 11, 30), True),
    "after it": (OPEN, date(2026, 12, 1), False),
    "they came": (CAME, date(2026, 11, 27), False),
    "three days were given in all": (asked(2026, 11, 10, due=(2026, 11, 13)), date(2026, 11, 12), False),
    "four were": (asked(2026, 11, 10, due=(2026, 11, 14)), date(2026, 11, 11), True),
}


@pytest.mark.parametrize(("pause", "on", "expected"), REMINDERS.values(), ids=REMINDERS)
def test_a_family_is_reminded_of_what_is_missing(pause, on, expected):
    assert is_reminder_due(pause, on=on, zone=PARIS) == expected


def test_a_decision_of_silence_is_dated_from_its_last_day():
    born = clock(RECEIVED).born_at

    assert day_of_decision(born, zone=PARIS, is_silent=True) == date(2027, 1, 2)
    assert day_of_decision(born, zone=PARIS, is_silent=False) == date(2027, 1, 3)
