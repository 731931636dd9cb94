"""Which days an activity is open, and the reason that families read on the others."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from marelle.domain.catalog.rules.acts import Act
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, Offset, SameDay, Unit
from marelle.domain.catalog.rules.days import VersionedReglement, day_rule, service_end
from marelle.domain.catalog.rules.opening import Closed, OpeningDays, closed
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.foundation.periods import Period
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
TOUSSAINT = NamedDays("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1))
CALENDAR = Calendar(
    school_holidays=(TOUSSAINT,),
    public_holidays=(
        NamedDays("Toussaint", date(2026, 11, 1), date(2026, 11, 1)),
        NamedDays("Armistice 1918", date(2026, 11, 11), date(2026, 11, 11)),
    ),
)
CLOSURES = (
    NamedDays("Sortie de toute l’école", date(2026, 11, 24), date(2026, 11, 24)),
    NamedDays("Travaux", date(2026, 11, 10), date(2026, 11, 12)),
)
YEAR = Period(date(2026, 9, 1), date(2027, 7, 3))
CANTEEN = OpeningDays(YEAR, frozenset({0, 1, 3, 4}), frozenset())
CENTRE = OpeningDays(YEAR, frozenset({2}), frozenset({0, 1, 2, 3, 4}))

DAYS = {
    "a school day": (CANTEEN, date(2026, 11, 23), None),
    "a Wednesday of term": (CANTEEN, date(2026, 11, 25), Closed("")),
    "a Saturday": (CANTEEN, date(2026, 11, 28), Closed("")),
    "a Monday of the holidays": (CANTEEN, date(2026, 10, 19), Closed("Vacances de la Toussaint", is_holiday=True)),
    "the last day before the holidays": (CANTEEN, date(2026, 10, 16), None),
    "the first day after the holidays": (CANTEEN, date(2026, 11, 2), None),
    "a closure": (CANTEEN, date(2026, 11, 24), Closed("Sortie de toute l’école")),
    "a closure of several days": (CANTEEN, date(2026, 11, 10), Closed("Travaux")),
    "a public holiday comes before a closure": (CANTEEN, date(2026, 11, 11), Closed("Armistice 1918")),
    "a public holiday within the holidays": (CANTEEN, date(2026, 11, 1), Closed("Toussaint")),
    "the first day of the period": (CANTEEN, date(2026, 9, 1), None),
    "the day before it": (CANTEEN, date(2026, 8, 31), Closed("")),
    "the last day of the period, a Saturday": (CANTEEN, date(2027, 7, 3), Closed("")),
    "the centre on a Wednesday of term": (CENTRE, date(2026, 11, 25), None),
    "the centre on a Monday of term": (CENTRE, date(2026, 11, 23), Closed("")),
    "the centre on a Monday of the holidays": (CENTRE, date(2026, 10, 19), None),
    "the centre on a Saturday of the holidays": (
        CENTRE,
        date(2026, 10, 17),
        Closed("Vacances de la Toussaint", is_holiday=True),
    ),
    "the centre on a public holiday": (CENTRE, date(2026, 11, 11), Closed("Armistice 1918")),
}


@pytest.mark.parametrize(("opening", "day", "expected"), DAYS.values(), ids=DAYS.keys())
def test_open_or_why_not(opening, day, expected):
    assert closed(day, opening, CALENDAR, CLOSURES) == expected


def test_all_the_weekdays_on_which_it_ever_opens():
    assert CENTRE.weekdays == {0, 1, 2, 3, 4}
    assert CANTEEN.weekdays == {0, 1, 3, 4}


def reglement(cutoff, **said):
    act = Act(Closing(cutoff))
    return Reglement(act, act, **said)


EVE = reglement(Offset(1, Unit.DAY, time(9)), article="article 6")
TWO_DAYS = reglement(Offset(2, Unit.DAY, time(9)))


def rule_of(day, *versions, ends_at=time(13, 30), opening=CANTEEN):
    return day_rule(
        day, opening=opening, closures=(), reglements=versions, calendar=CALENDAR, zone=PARIS, ends_at=ends_at
    )


def test_the_reglement_in_force_on_the_service_day_rules_it():
    versions = (
        VersionedReglement(2, date(2026, 11, 26), TWO_DAYS),
        VersionedReglement(1, date(2026, 9, 1), EVE),
    )

    before, after = rule_of(date(2026, 11, 24), *versions), rule_of(date(2026, 11, 26), *versions)

    assert (before.reglement, before.book_by.moment) == (1, datetime(2026, 11, 23, 9, tzinfo=PARIS))
    assert (after.reglement, after.book_by.moment) == (2, datetime(2026, 11, 24, 9, tzinfo=PARIS))
    assert before.article == "article 6"


UNCLEAR = {
    "no règlement at all": (),
    "none yet on that day": (VersionedReglement(1, date(2026, 12, 1), EVE),),
    "one that cannot be read": (VersionedReglement(1, date(2026, 9, 1), None),),
    "the latest one cannot be read": (
        VersionedReglement(2, date(2026, 11, 1), None),
        VersionedReglement(1, date(2026, 9, 1), EVE),
    ),
}


@pytest.mark.parametrize("versions", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_without_a_rule_nothing_is_guessed(versions):
    rule = rule_of(date(2026, 11, 26), *versions)

    assert rule.unclear
    assert rule.book_by is None
    assert rule.cancel_by is None


def test_a_calendar_that_cannot_answer_is_unclear_and_still_names_its_reglement():
    school_day = Offset(1, Unit.SCHOOL_DAY, time(9))
    version = VersionedReglement(7, date(2026, 9, 1), reglement(school_day))

    rule = day_rule(
        date(2026, 11, 26),
        opening=CANTEEN,
        closures=(),
        reglements=(version,),
        calendar=Calendar(taught_weekdays=frozenset()),
        zone=PARIS,
        ends_at=None,
    )

    assert rule.unclear
    assert rule.reglement == 7


def test_a_service_is_over_at_its_end_or_at_midnight():
    version = VersionedReglement(1, date(2026, 9, 1), EVE)

    assert rule_of(date(2026, 11, 26), version).ends_at == datetime(2026, 11, 26, 13, 30, tzinfo=PARIS)
    assert rule_of(date(2026, 11, 26), version, ends_at=None).ends_at == datetime(2026, 11, 27, tzinfo=PARIS)


def test_a_closed_day_has_no_limits():
    rule = rule_of(date(2026, 10, 19), VersionedReglement(1, date(2026, 9, 1), EVE))

    assert rule.closed == Closed("Vacances de la Toussaint", is_holiday=True)
    assert (rule.book_by, rule.cancel_by, rule.unclear) == (None, None, "")


def test_what_the_calendar_cannot_give_is_said_in_a_sentence():
    day = date(2026, 11, 26)
    version = VersionedReglement(7, date(2026, 9, 1), reglement(Offset(1, Unit.SCHOOL_DAY, time(9))))
    untaught = Calendar(taught_weekdays=frozenset(), known_until=date(2027, 8, 31))

    rule = day_rule(
        day,
        opening=CANTEEN,
        closures=(),
        reglements=(version,),
        calendar=untaught,
        zone=PARIS,
        ends_at=time(13, 30),
    )

    assert (rule.day, rule.ends_at) == (day, datetime(2026, 11, 26, 13, 30, tzinfo=PARIS))
    assert (rule.reglement, rule.rules, rule.book) == (7, None, None)
    assert rule.unclear == "Aucun jour de ce genre dans l’année qui précède."


def test_every_answer_of_a_day_names_its_day_its_end_and_its_reglement():
    day = date(2026, 11, 26)
    end = datetime(2026, 11, 26, 13, 30, tzinfo=PARIS)
    found = {
        "none": rule_of(day),
        "unreadable": rule_of(day, VersionedReglement(1, date(2026, 9, 1), None)),
        "in force": rule_of(day, VersionedReglement(1, day, EVE)),
        "closed": rule_of(date(2026, 11, 25), VersionedReglement(1, date(2026, 9, 1), EVE)),
    }

    assert {name: rule.day for name, rule in found.items() if name != "closed"} == dict.fromkeys(
        ["none", "unreadable", "in force"], day
    )
    assert {rule.ends_at for name, rule in found.items() if name != "closed"} == {end}
    assert (found["closed"].day, found["closed"].ends_at.date()) == (date(2026, 11, 25), date(2026, 11, 25))
    assert {name: rule.reglement for name, rule in found.items()} == {
        "none": None,
        "unreadable": 1,
        "in force": 1,
        "closed": None,
    }


def test_the_end_itself_is_over():
    end = datetime(2026, 11, 26, 13, 30, tzinfo=PARIS)

    assert service_end(date(2026, 11, 26), time(13, 30), PARIS) == Deadline(end, Boundary.BEFORE)


def test_an_open_day_places_the_change_too_and_knows_the_names():
    day = date(2026, 11, 26)
    change = Act(Closing(Offset(2, Unit.DAY, time(9))))
    version = VersionedReglement(1, day, reglement(Offset(1, Unit.DAY, time(9)), change=change))

    rule = day_rule(
        day,
        opening=CANTEEN,
        closures=(),
        reglements=(version,),
        calendar=CALENDAR,
        zone=PARIS,
        ends_at=time(13, 30),
        names={"repas": "Repas"},
    )

    assert rule.change.closes.moment == datetime(2026, 11, 24, 9, tzinfo=PARIS)
    assert rule_of(day, VersionedReglement(1, day, EVE)).change is None
    assert (rule.names, rule.rules) == ({"repas": "Repas"}, version.rules)


def test_booking_and_cancelling_each_have_their_own_limit():
    eve, morning = Act(Closing(Offset(1, Unit.DAY, time(9)))), Act(Closing(SameDay(time(8))))
    version = VersionedReglement(1, date(2026, 9, 1), Reglement(eve, morning))

    rule = rule_of(date(2026, 11, 26), version)

    assert rule.book_by.moment == datetime(2026, 11, 25, 9, tzinfo=PARIS)
    assert rule.cancel_by.moment == datetime(2026, 11, 26, 8, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("known_until", "cutoff"),
    [(date(2026, 11, 25), Offset(1, Unit.DAY, time(9))), (None, Offset(1, Unit.SCHOOL_DAY, time(9)))],
    ids=["beyond what is published", "nothing is published, and the rule counts days of class"],
)
def test_a_day_whose_school_calendar_is_not_published_is_the_town_halls(known_until, cutoff):
    day = date(2026, 11, 26)

    rule = day_rule(
        day,
        opening=CANTEEN,
        closures=(),
        reglements=(VersionedReglement(4, date(2026, 9, 1), reglement(cutoff)),),
        calendar=Calendar(known_until=known_until),
        zone=PARIS,
        ends_at=time(13, 30),
    )

    assert (rule.day, rule.ends_at, rule.reglement) == (day, datetime(2026, 11, 26, 13, 30, tzinfo=PARIS), 4)
    assert rule.unclear == "Le calendrier scolaire n’est pas encore publié pour ce jour."
