"""The règlement as data: what is written is read back the same, and what is wrong is said by its key."""

from datetime import date, datetime, time

import pytest

from marelle.domain.catalog.rules.absences import (
    AbsenceClause,
    AbsenceRules,
    Cause,
    Certificate,
    CountedIn,
    Notice,
)
from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Act, Count, Late, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    DateList,
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
)
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Requires, WholeWeek
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.waiting import WaitingRules
from marelle.domain.catalog.rules.written import InvalidReglementError, read_reglement, write_reglement
from tests.rules.laws import in_yaml

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
NINE = time(9)
LAST = time(23, 59)


def wall(*when):
    """What the clocks of the authority show, wherever it is."""
    return datetime(*when)  # noqa: DTZ001  its zone is the authority's, not the rule's


SHAPES = {
    "weekday_table": (
        {"shape": "weekday_table", "table": {"mon": "fri 09:00", "thu": "tue 14:30"}, "boundary": "le"},
        WeekdayTable(((MON, FRI, NINE), (THU, TUE, time(14, 30))), Boundary.UNTIL),
    ),
    "week_cutoff": (
        {"shape": "week_cutoff", "cutoff": "thu 12:00", "weeks": 2, "boundary": "lt"},
        WeekCutoff(THU, time(12), 2, Boundary.BEFORE),
    ),
    "offset in days": (
        {"shape": "offset", "count": 1, "unit": "day", "time": "09:00", "boundary": "lt"},
        Offset(1, Unit.DAY, NINE),
    ),
    "offset in weekdays": (
        {"shape": "offset", "count": 2, "unit": "weekday", "time": "00:00", "boundary": "le"},
        Offset(2, Unit.WEEKDAY, boundary=Boundary.UNTIL),
    ),
    "offset in working days": (
        {"shape": "offset", "count": 2, "unit": "working_day", "time": "18:00", "boundary": "lt"},
        Offset(2, Unit.WORKING_DAY, time(18)),
    ),
    "offset in clear days": (
        {"shape": "offset", "count": 8, "unit": "clear_day", "time": "23:59", "boundary": "le"},
        Offset(8, Unit.CLEAR_DAY, LAST, Boundary.UNTIL),
    ),
    "offset in school days": (
        {"shape": "offset", "count": 1, "unit": "school_day", "time": "09:00", "boundary": "lt"},
        Offset(1, Unit.SCHOOL_DAY, NINE),
    ),
    "offset in hours": (
        {"shape": "offset", "count": 48, "unit": "hour", "boundary": "le"},
        Offset(48, Unit.HOUR, boundary=Boundary.UNTIL),
    ),
    "offset in hours, from an hour": (
        {"shape": "offset", "count": 48, "unit": "hour", "time": "08:00", "boundary": "lt"},
        Offset(48, Unit.HOUR, time(8)),
    ),
    "offset in hours, from a minute past midnight": (
        {"shape": "offset", "count": 1440, "unit": "hour", "time": "00:01", "boundary": "lt"},
        Offset(1440, Unit.HOUR, time(0, 1)),
    ),
    "offset, days not counted": (
        {
            "shape": "offset",
            "count": 180,
            "unit": "day",
            "time": "09:00",
            "boundary": "lt",
            "not_counted": ["weekend", "public_holiday", "bridge_day", "school_holiday", "town_hall_shut"],
        },
        Offset(180, Unit.DAY, NINE, not_counted=frozenset(Obstacle)),
    ),
    "same_day": ({"shape": "same_day", "time": "08:30", "boundary": "le"}, SameDay(time(8, 30), Boundary.UNTIL)),
    "same_day, from an hour": (
        {"shape": "same_day", "from": "07:00", "time": "08:30", "boundary": "lt"},
        SameDay(time(8, 30), from_time=time(7)),
    ),
    "month_cutoff": ({"shape": "month_cutoff", "day": 20, "months": 1, "boundary": "le"}, MonthCutoff(20)),
    "month_cutoff, before": (
        {"shape": "month_cutoff", "day": 31, "months": 12, "boundary": "lt"},
        MonthCutoff(31, 12, time(0), Boundary.BEFORE),
    ),
    "month_cutoff of the month itself, at noon": (
        {"shape": "month_cutoff", "day": 1, "months": 0, "time": "12:00", "boundary": "le"},
        MonthCutoff(1, 0, time(12)),
    ),
    "date_list": (
        {"shape": "date_list", "by_month": {"2026-12": "2026-11-19", "2027-01": "2026-12-15"}, "boundary": "le"},
        DateList(((2026, 12, date(2026, 11, 19)), (2027, 1, date(2026, 12, 15)))),
    ),
    "date_list, at an hour": (
        {"shape": "date_list", "by_month": {"2026-12": "2026-11-19"}, "time": "09:00", "boundary": "lt"},
        DateList(((2026, 12, date(2026, 11, 19)),), NINE, Boundary.BEFORE),
    ),
    "window": (
        {
            "shape": "window",
            "windows": [
                {
                    "first": "2026-10-19",
                    "last": "2026-10-30",
                    "opens": "2026-09-21 08:30",
                    "closes": "2026-10-09 12:00",
                },
                {"first": "2026-10-31", "last": "2026-10-31", "closes": "2026-10-30 17:30"},
            ],
            "boundary": "lt",
        },
        Window(
            (
                WindowDates(date(2026, 10, 19), date(2026, 10, 30), wall(2026, 10, 9, 12), wall(2026, 9, 21, 8, 30)),
                WindowDates(date(2026, 10, 31), date(2026, 10, 31), wall(2026, 10, 30, 17, 30)),
            ),
            Boundary.BEFORE,
        ),
    ),
    "last_school_day": (
        {"shape": "last_school_day", "count": 2, "time": "09:00", "boundary": "lt"},
        LastSchoolDay(2, NINE),
    ),
    "never": ({"shape": "never"}, Never()),
}


def closed_by(cutoff):
    return Act(Closing(cutoff))


@pytest.mark.parametrize(("data", "cutoff"), SHAPES.values(), ids=SHAPES.keys())
def test_each_shape_is_read_and_written_back_the_same(data, cutoff):
    reglement = read_reglement({"book": {"shape": "same_day", "time": "07:07"}, "cancel": data, "article": "article 6"})

    assert reglement == Reglement(closed_by(SameDay(time(7, 7))), closed_by(cutoff), article="article 6")
    assert write_reglement(reglement) == {
        "book": {"shape": "same_day", "time": "07:07", "boundary": "lt"},
        "cancel": data,
        "article": "article 6",
    }
    assert read_reglement(in_yaml(write_reglement(reglement))) == reglement


@pytest.mark.parametrize(("data", "cutoff"), SHAPES.values(), ids=SHAPES.keys())
def test_the_same_rule_for_both_is_written_once(data, cutoff):
    reglement = read_reglement({"book": data})

    assert reglement == Reglement(closed_by(cutoff), closed_by(cutoff))
    assert write_reglement(reglement) == {"book": data, "cancel": "same"}


SHORT = {
    "offset": ({"shape": "offset", "count": 1}, Offset(1, Unit.DAY)),
    "offset until": (
        {"shape": "offset", "count": 8, "unit": "clear_day", "boundary": "le"},
        Offset(8, Unit.CLEAR_DAY, LAST, Boundary.UNTIL),
    ),
    "hours": ({"shape": "offset", "count": 8, "unit": "hour"}, Offset(8, Unit.HOUR)),
    "week": ({"shape": "week_cutoff", "cutoff": "thu 09:00"}, WeekCutoff(THU, NINE, 1, Boundary.BEFORE)),
    "table": ({"shape": "weekday_table", "table": {"sun": "sat 09:00"}}, WeekdayTable(((SUN, SAT, NINE),))),
    "month": ({"shape": "month_cutoff", "day": 20}, MonthCutoff(20, 1, LAST, Boundary.UNTIL)),
    "month, before": (
        {"shape": "month_cutoff", "day": 20, "boundary": "lt"},
        MonthCutoff(20, 1, time(0), Boundary.BEFORE),
    ),
    "same day": ({"shape": "same_day", "time": "09:00"}, SameDay(NINE, Boundary.BEFORE)),
    "dates": (
        {"shape": "date_list", "by_month": {"2026-12": date(2026, 11, 19)}},
        DateList(((2026, 12, date(2026, 11, 19)),), LAST, Boundary.UNTIL),
    ),
    "dates, before": (
        {"shape": "date_list", "by_month": {"2026-12": "2026-11-19"}, "boundary": "lt"},
        DateList(((2026, 12, date(2026, 11, 19)),), time(0), Boundary.BEFORE),
    ),
    "dates in disorder": (
        {"shape": "date_list", "by_month": {"2027-01": "2026-12-15", "2026-12": "2026-11-19"}},
        DateList(((2026, 12, date(2026, 11, 19)), (2027, 1, date(2026, 12, 15)))),
    ),
    "windows in disorder": (
        {
            "shape": "window",
            "windows": [
                {"first": date(2026, 11, 2), "last": date(2026, 11, 30), "closes": "2026-10-20 12:00"},
                {"first": date(2026, 10, 1), "last": date(2026, 11, 1), "closes": "2026-09-20 12:00"},
            ],
        },
        Window(
            (
                WindowDates(date(2026, 10, 1), date(2026, 11, 1), wall(2026, 9, 20, 12)),
                WindowDates(date(2026, 11, 2), date(2026, 11, 30), wall(2026, 10, 20, 12)),
            )
        ),
    ),
    "last day of class": ({"shape": "last_school_day"}, LastSchoolDay(1, time(0), Boundary.BEFORE)),
    "until the end of the last day of class": (
        {"shape": "last_school_day", "boundary": "le"},
        LastSchoolDay(1, LAST, Boundary.UNTIL),
    ),
    "days named twice": (
        {"shape": "offset", "count": 1, "not_counted": ["weekend", "weekend"]},
        Offset(1, not_counted=frozenset({Obstacle.WEEKEND})),
    ),
    "table in disorder": (
        {"shape": "weekday_table", "table": {"thu": "tue 09:00", "mon": " fri   09:00 "}},
        WeekdayTable(((MON, FRI, NINE), (THU, TUE, NINE))),
    ),
}


@pytest.mark.parametrize(("data", "cutoff"), SHORT.values(), ids=SHORT.keys())
def test_what_is_left_out_has_a_meaning_and_order_has_none(data, cutoff):
    read = read_reglement({"book": data})

    assert read.book == closed_by(cutoff)
    assert read_reglement(write_reglement(read)) == read


EVE = {"shape": "offset", "count": 1, "unit": "day", "time": "09:00", "boundary": "lt"}
NOON = {"shape": "same_day", "time": "12:00", "boundary": "lt"}
THE_EVE = Offset(1, Unit.DAY, NINE)
AT_NOON = SameDay(time(12))


def holidays(weekday):
    return Circumstance(When.PUBLIC_HOLIDAY_IN_WEEK, weekday)


ACTS = {
    "another rule in a circumstance": (
        {
            **EVE,
            "exceptions": [
                {"when": {"public_holiday": "sun"}, **NOON},
                {"when": "after_public_holiday", "shape": "never"},
                {"when": "first_school_day", **NOON},
                {"when": "first_week", **NOON},
                {"when": "school_holidays", **NOON},
            ],
        },
        Act(
            Closing(
                THE_EVE,
                (
                    Replacement(holidays(SUN), AT_NOON),
                    Replacement(Circumstance(When.AFTER_PUBLIC_HOLIDAY), Never()),
                    Replacement(Circumstance(When.FIRST_SCHOOL_DAY), AT_NOON),
                    Replacement(Circumstance(When.FIRST_WEEK), AT_NOON),
                    Replacement(Circumstance(When.SCHOOL_HOLIDAYS), AT_NOON),
                ),
            )
        ),
    ),
    "a Monday off in the week": (
        {**EVE, "exceptions": [{"when": {"public_holiday": "mon"}, **NOON}]},
        Act(Closing(THE_EVE, (Replacement(holidays(MON), AT_NOON),))),
    ),
    "another day when it may not fall there": (
        {**EVE, "falls_on": {"weekend": "before", "public_holiday": "after"}},
        Act(
            Closing(
                THE_EVE,
                moves=((Obstacle.WEEKEND, Direction.BEFORE), (Obstacle.PUBLIC_HOLIDAY, Direction.AFTER)),
            )
        ),
    ),
    "waves": (
        {
            "closes": EVE,
            "opens": [
                {"for": "resident", "at": "2026-09-01 08:00"},
                {"for": "non_resident", "from": {"shape": "month_cutoff", "day": 1, "months": 1, "boundary": "lt"}},
                {"for": "agents", "at": "2026-08-31 08:05"},
            ],
        },
        Act(
            Closing(THE_EVE),
            (
                OpeningWave(RESIDENT, wall(2026, 9, 1, 8)),
                OpeningWave(NON_RESIDENT, MonthCutoff(1, 1, time(0), Boundary.BEFORE)),
                OpeningWave("agents", wall(2026, 8, 31, 8, 5)),
            ),
        ),
    ),
    "late until the service is over": (
        {"closes": EVE, "late": {"price": "full"}},
        Act(Closing(THE_EVE), late=Late(FULL_PRICE)),
    ),
    "late, all said": (
        {
            "closes": EVE,
            "late": {
                "price": {"more_percent": 50},
                "until": {**NOON, "falls_on": {"weekend": "before"}},
                "free_first": {"count": 2, "per": "month"},
                "on_request": True,
            },
        },
        Act(
            Closing(THE_EVE),
            late=Late(
                PriceRule(PriceKind.MORE_PERCENT, 50),
                Closing(AT_NOON, moves=((Obstacle.WEEKEND, Direction.BEFORE),)),
                free_first=Count(2, Per.MONTH),
                is_request=True,
            ),
        ),
    ),
    "only the first late bookings cost more": (
        {"closes": EVE, "late": {"price": {"more": "1,00"}, "only_first": {"count": 366, "per": "school_year"}}},
        Act(Closing(THE_EVE), late=Late(PriceRule(PriceKind.MORE, 100), only_first=Count(366, Per.SCHOOL_YEAR))),
    ),
}


@pytest.mark.parametrize(("data", "act"), ACTS.values(), ids=ACTS.keys())
def test_an_act_is_read_and_written_back_the_same(data, act):
    written = {"book": data, "cancel": {"shape": "never"}}
    change = None
    if act.late is None or act.late.per is None:
        written["change"], change = data, act

    reglement = read_reglement(written)

    assert reglement == Reglement(act, Act(Closing(Never())), change=change)
    assert write_reglement(reglement) == written
    assert read_reglement(in_yaml(written)) == reglement


def test_a_wave_is_for_everyone_if_nobody_is_named():
    waves = [{"at": "2026-09-01 08:00"}, {"for": " ", "at": "2026-09-01 08:00"}]

    for wave in waves:
        assert read_reglement({"book": {"closes": EVE, "opens": [wave]}}).book.opens == (
            OpeningWave(EVERYONE, wall(2026, 9, 1, 8)),
        )


def test_openings_without_waves_and_a_day_that_is_kept_say_nothing():
    bare = closed_by(THE_EVE)

    assert read_reglement({"book": {"closes": EVE, "opens": []}}).book == bare
    assert read_reglement({"book": {**EVE, "falls_on": {"weekend": "keep"}, "exceptions": []}}).book == bare


def test_what_is_late_costs_its_price_if_no_other_is_said():
    assert read_reglement({"book": {"closes": EVE, "late": {}}}).book.late == Late(FULL_PRICE)


def test_to_cancel_by_the_same_rule_is_by_its_closing_only():
    reglement = read_reglement({"book": ACTS["late, all said"][0], "cancel": "same"})

    assert reglement.cancel == closed_by(THE_EVE)
    assert write_reglement(reglement)["cancel"] == "same"


OTHERS = {
    "cancelled at once, as a credit, half due": (
        {"cancellation": {"decided_by": "automatic", "bills": {"part": 50}, "gives": "credit"}},
        {"cancellation": CancellationEffect(True, PriceRule(PriceKind.PART, 50), True)},
    ),
    "cancelled by an agent, as a credit": (
        {"cancellation": {"decided_by": "agent", "bills": "nothing", "gives": "credit"}},
        {"cancellation": CancellationEffect(is_credit=True)},
    ),
    "cancelled at once, refunded": (
        {"cancellation": {"decided_by": "automatic", "bills": "nothing", "gives": "refund"}},
        {"cancellation": CancellationEffect(is_automatic=True)},
    ),
    "limits": (
        {
            "limits": [
                {"at_most": 4, "per": "week"},
                {"at_least": 3, "per": "period"},
                {"whole": "holiday_week"},
                {"excludes": ["journee", "matin"]},
                {"requires": ["repas"]},
            ]
        },
        {
            "quotas": (
                AtMost(4, Per.WEEK),
                AtLeast(3, Per.PERIOD),
                WholeWeek(),
                Excludes(("journee", "matin")),
                Requires(("repas",)),
            )
        },
    ),
    "blocks": (
        {
            "blocked_if": [
                {"kind": "unpaid", "above": "50,00"},
                {"kind": "incomplete_file"},
                {"kind": "missing_document", "document": "Assurance"},
                {"kind": "missing_document"},
            ]
        },
        {
            "blocks": (
                BlockRule(BlockKind.UNPAID, 5000),
                BlockRule(BlockKind.INCOMPLETE_FILE),
                BlockRule(BlockKind.MISSING_DOCUMENT, document="Assurance"),
                BlockRule(BlockKind.MISSING_DOCUMENT),
            )
        },
    ),
    "unbooked": ({"unbooked": {"instead": "10,00"}}, {"unbooked": PriceRule(PriceKind.INSTEAD, 1000)}),
    "the waiting list, told only": (
        {"waiting_list": {"priorities": ["sibling"], "gives": "word"}},
        {"waiting": WaitingRules(("sibling",), None)},
    ),
    "the waiting list, by date": (
        {"waiting_list": {"gives": "offer", "hours": 6}},
        {"waiting": WaitingRules((), 6)},
    ),
    "the waiting list": (
        {"waiting_list": {"priorities": ["school", "both"], "gives": "offer", "hours": 6, "past_limit": True}},
        {"waiting": WaitingRules(("school", "both"), 6, is_past_limit=True)},
    ),
    "absences, by default": (
        {"absence": {"otherwise": "nothing"}},
        {"absence": AbsenceRules(otherwise=NOTHING_DUE)},
    ),
    "absences": (
        {
            "absence": {
                "clauses": [
                    {
                        "causes": ["illness", "strike"],
                        "told": {"by": NOON, "of_first_day": True},
                        "certificate": {"within": 48, "unit": "hour"},
                        "lasts": {"at_least": 2, "in": "school_day"},
                        "asked_within_days": 15,
                        "from_day": 2,
                        "to_day": 4,
                        "bills": {"part": 99},
                    },
                    {"told": "in_time", "certificate": "required", "bills": "nothing"},
                    {"told": {"by": NOON}, "to_day": 1, "bills": "full"},
                    {"bills": "nothing"},
                ],
                "otherwise": "full",
                "no_show": {"more": "2,99"},
            }
        },
        {
            "absence": AbsenceRules(
                (
                    AbsenceClause(
                        PriceRule(PriceKind.PART, 99),
                        causes=(Cause.ILLNESS, Cause.STRIKE),
                        told=Notice(AT_NOON, of_first_day=True),
                        certificate=Certificate(48),
                        minimum=2,
                        counted_in=CountedIn.SCHOOL_DAY,
                        asked_within_days=15,
                        from_day=2,
                        to_day=4,
                    ),
                    AbsenceClause(in_time=True, certificate=Certificate()),
                    AbsenceClause(FULL_PRICE, told=Notice(AT_NOON), to_day=1),
                    AbsenceClause(),
                ),
                no_show=PriceRule(PriceKind.MORE, 299),
            )
        },
    ),
}


@pytest.mark.parametrize(("data", "said"), OTHERS.values(), ids=OTHERS.keys())
def test_the_rest_of_the_reglement_is_read_and_written_back_the_same(data, said):
    written = {"book": EVE, "cancel": "same", **data}

    reglement = read_reglement(written)

    assert reglement == Reglement(closed_by(THE_EVE), closed_by(THE_EVE), **said)
    assert write_reglement(reglement) == written
    assert read_reglement(in_yaml(written)) == reglement


PRICES = {
    "full": FULL_PRICE,
    "nothing": NOTHING_DUE,
    "part": ({"part": 1}, PriceRule(PriceKind.PART, 1)),
    "more_percent": ({"more_percent": 500}, PriceRule(PriceKind.MORE_PERCENT, 500)),
    "more": ({"more": "0,05"}, PriceRule(PriceKind.MORE, 5)),
    "instead": ({"instead": "10000,00"}, PriceRule(PriceKind.INSTEAD, 1_000_000)),
}


@pytest.mark.parametrize("name", PRICES)
def test_each_price_is_read_and_written_back_the_same(name):
    data, price = PRICES[name] if isinstance(PRICES[name], tuple) else (name, PRICES[name])

    reglement = read_reglement({"book": EVE, "unbooked": data})

    assert reglement.unbooked == price
    assert write_reglement(reglement)["unbooked"] == data


LOOSE = {
    "an effect that is the usual one": ({"cancellation": {}}, {}),
    "an amount with a point, or whole": (
        {"blocked_if": [{"kind": "unpaid", "above": "50.00"}, {"kind": "unpaid", "above": "3"}]},
        {"blocks": (BlockRule(BlockKind.UNPAID, 5000), BlockRule(BlockKind.UNPAID, 300))},
    ),
    "a debt of any amount": ({"blocked_if": [{"kind": "unpaid"}]}, {"blocks": (BlockRule(BlockKind.UNPAID),)}),
    "codes in disorder, named twice": (
        {"limits": [{"excludes": ["b", "a", "b"]}]},
        {"quotas": (Excludes(("a", "b")),)},
    ),
    "causes in disorder": (
        {"absence": {"clauses": [{"causes": ["strike", "illness"]}]}},
        {"absence": AbsenceRules((AbsenceClause(causes=(Cause.ILLNESS, Cause.STRIKE)),))},
    ),
    "an absence of which nothing is said": ({"absence": {}}, {}),
    "days of the child, if no unit is said": (
        {"absence": {"clauses": [{"lasts": {"at_least": 3}}]}},
        {"absence": AbsenceRules((AbsenceClause(minimum=3, counted_in=CountedIn.SERVICE_DAY),))},
    ),
    "hours, if no unit is said": (
        {"absence": {"clauses": [{"certificate": {"within": 48}}]}},
        {"absence": AbsenceRules((AbsenceClause(certificate=Certificate(48, Unit.HOUR)),))},
    ),
    "no more than the first day": (
        {"absence": {"clauses": [{"from_day": 1, "to_day": 1}]}},
        {"absence": AbsenceRules((AbsenceClause(to_day=1),))},
    ),
    "an article with spaces around": ({"article": "  article 6 "}, {"article": "article 6"}),
}


@pytest.mark.parametrize(("data", "said"), LOOSE.values(), ids=LOOSE.keys())
def test_other_ways_of_writing_the_same_are_read_too(data, said):
    reglement = read_reglement({"book": EVE, **data})

    assert reglement == Reglement(closed_by(THE_EVE), closed_by(THE_EVE), **said)
    assert read_reglement(write_reglement(reglement)) == reglement


def test_as_many_clauses_and_windows_as_are_allowed():
    clauses = {"absence": {"clauses": [{}] * 20}}
    windows = {"shape": "window", "windows": [window_of(day) for day in range(60)]}

    assert len(read_reglement({"book": EVE, **clauses}).absence.clauses) == 20
    assert len(read_reglement({"book": windows}).book.closes.cutoff.windows) == 60


def window_of(day):
    on = date.fromordinal(date(2026, 9, 1).toordinal() + day).isoformat()
    return {"first": on, "last": on, "closes": "2026-08-20 12:00"}


def window(**changes):
    return {"first": "2026-11-02", "last": "2026-11-06", "closes": "2026-10-20 12:00", **changes}


def windows(*spans, **more):
    return {"book": {"shape": "window", "windows": list(spans), **more}}


def dates(by_month):
    return {"book": {"shape": "date_list", "by_month": by_month}}


def clause(**said):
    return {"book": EVE, "absence": {"clauses": [said]}}


def limits(*quotas):
    return {"book": EVE, "limits": list(quotas)}


def late(**said):
    return {"book": {"closes": EVE, "late": said}}


A_TIME = 'une heure entre guillemets est attendue, comme "09:00"'
A_CELL = "un jour et une heure sont attendus, comme « thu 09:00 »"
A_DAY = "(mon, tue, wed, thu, fri, sat ou sun)"
OFFSET = {"shape": "offset", "count": 1}
A_DATE = "une date est attendue, comme 2026-11-27"
A_MOMENT = 'une date et une heure sont attendues, comme "2026-11-27 09:00"'
A_PRICE = 'un prix est attendu : full, nothing, {part: 50}, {more_percent: 50}, {more: "1,00"} ou {instead: "5,00"}'
KINDS = "weekend, public_holiday, bridge_day, school_holiday, town_hall_shut"
CIRCUMSTANCES = "after_public_holiday, first_school_day, first_week, school_holidays, {public_holiday: mon}"
SPANS = "week, month, period, school_year"
UNITS = "day, weekday, working_day, clear_day, school_day, hour"
CAUSES = "illness, exceptional_event, strike, absent_teacher, school_outing, closure, other"
FAULTS = {
    "not a mapping": ("texte", "règlement : un groupe de champs est attendu"),
    "nothing": (None, "règlement : un groupe de champs est attendu"),
    "an unknown key": ({"book": OFFSET, "books": 1}, "règlement : champ inconnu « books »"),
    "no booking rule": ({"cancel": "same"}, "book : la règle de réservation manque"),
    "an article that is a number": ({"book": OFFSET, "article": 6}, "article : du texte est attendu"),
    "an unknown shape": ({"book": {"shape": "ofset"}}, "book.shape : forme inconnue « ofset »"),
    "no shape": ({"book": {}}, "book.shape : forme inconnue « None »"),
    "a rule that is a text": ({"book": "same"}, "book : un groupe de champs est attendu"),
    "the fault of the other rule": ({"book": OFFSET, "cancel": {"shape": "?"}}, "cancel.shape : forme inconnue « ? »"),
    "a field of another shape": ({"book": {"shape": "never", "time": "09:00"}}, "book : champ inconnu « time »"),
    "no table": ({"book": {"shape": "weekday_table"}}, "book.table : un groupe de champs est attendu"),
    "an empty table": ({"book": {"shape": "weekday_table", "table": {}}}, "book.table : au moins un jour est attendu"),
    "a French weekday in the table": (
        {"book": {"shape": "weekday_table", "table": {"lundi": "fri 09:00"}}},
        "book.table : champ inconnu « lundi »",
    ),
    "a French weekday in a cell": (
        {"book": {"shape": "weekday_table", "table": {"mon": "vendredi 09:00"}}},
        f"book.table.mon : jour inconnu « vendredi » {A_DAY}",
    ),
    "a cell without a time": (
        {"book": {"shape": "weekday_table", "table": {"mon": "fri"}}},
        f"book.table.mon : {A_CELL}",
    ),
    "a cell that is a number": (
        {"book": {"shape": "weekday_table", "table": {"mon": 900}}},
        f"book.table.mon : {A_CELL}",
    ),
    "a cell with half a time": (
        {"book": {"shape": "weekday_table", "table": {"mon": "fri 9h"}}},
        f"book.table.mon : {A_TIME}",
    ),
    "no cut-off of the week": ({"book": {"shape": "week_cutoff"}}, f"book.cutoff : {A_CELL}"),
    "no week": (
        {"book": {"shape": "week_cutoff", "cutoff": "thu 09:00", "weeks": 0}},
        "book.weeks : un nombre entier de 1 à 26 est attendu",
    ),
    "no count": ({"book": {"shape": "offset"}}, "book.count : un nombre entier de 0 à 180 est attendu"),
    "a count in words": (
        {"book": {"shape": "offset", "count": "1"}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "a count that is yes": (
        {"book": {"shape": "offset", "count": True}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "a half day": ({"book": {"shape": "offset", "count": 0.5}}, "book.count : un nombre entier de 0 à 180 est attendu"),
    "before the day itself": (
        {"book": {"shape": "offset", "count": -1}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "too many hours": (
        {"book": {"shape": "offset", "count": 1441, "unit": "hour"}},
        "book.count : un nombre entier de 0 à 1440 est attendu",
    ),
    "an unknown unit": ({"book": {**OFFSET, "unit": "jour"}}, "book.unit : unité inconnue « jour »"),
    "a unit that is a list": ({"book": {**OFFSET, "unit": ["day"]}}, "book.unit : unité inconnue « ['day'] »"),
    "a time that lost its quotes": ({"book": {**OFFSET, "time": 540}}, f"book.time : {A_TIME}"),
    "a time that does not exist": ({"book": {**OFFSET, "time": "24:30"}}, f"book.time : {A_TIME}"),
    "a time with a zone": ({"book": {**OFFSET, "time": "09:00+02:00"}}, f"book.time : {A_TIME}"),
    "a time to the second": ({"book": {**OFFSET, "time": "09:00:30"}}, f"book.time : {A_TIME}"),
    "no time of the same day": ({"book": {"shape": "same_day"}}, f"book.time : {A_TIME}"),
    "an unknown boundary": (
        {"book": {**OFFSET, "boundary": "<="}},
        "book.boundary : « lt » (avant) ou « le » (jusqu’à) est attendu",
    ),
    "a boundary that is a list": (
        {"book": {**OFFSET, "boundary": ["lt"]}},
        "book.boundary : « lt » (avant) ou « le » (jusqu’à) est attendu",
    ),
    "a day of no month": (
        {"book": {"shape": "month_cutoff", "day": 32}},
        "book.day : un nombre entier de 1 à 31 est attendu",
    ),
    "more than a year of months": (
        {"book": {"shape": "month_cutoff", "day": 1, "months": 13}},
        "book.months : un nombre entier de 0 à 12 est attendu",
    ),
    "a month with a text for its day": (
        {"book": {"shape": "month_cutoff", "day": "20"}},
        "book.day : un nombre entier de 1 à 31 est attendu",
    ),
    "the day 0": (
        {"book": {"shape": "month_cutoff", "day": 0}},
        "book.day : un nombre entier de 1 à 31 est attendu",
    ),
    "too many weeks": (
        {"book": {"shape": "week_cutoff", "cutoff": "thu 09:00", "weeks": 27}},
        "book.weeks : un nombre entier de 1 à 26 est attendu",
    ),
    "too many days": (
        {"book": {"shape": "offset", "count": 181}},
        "book.count : un nombre entier de 0 à 180 est attendu",
    ),
    "three words in a cell": (
        {"book": {"shape": "week_cutoff", "cutoff": "thu at 09:00"}},
        f"book.cutoff : {A_CELL}",
    ),
    "days not counted that are one word": (
        {"book": {**OFFSET, "not_counted": "weekend"}},
        "book.not_counted : une liste est attendue",
    ),
    "an unknown kind of day not counted": (
        {"book": {**OFFSET, "not_counted": ["weekend", "dimanche"]}},
        f"book.not_counted : jour inconnu : « dimanche » ({KINDS})",
    ),
    "a kind of day that is a list": (
        {"book": {**OFFSET, "not_counted": [["weekend"]]}},
        f"book.not_counted : jour inconnu : « ['weekend'] » ({KINDS})",
    ),
    "opens the day itself after it closes": (
        {"book": {**NOON, "from": "12:01"}},
        "book.from : l’ouverture doit venir avant la limite",
    ),
    "opens the day itself as it closes": (
        {"book": {**NOON, "from": "12:00"}},
        "book.from : l’ouverture doit venir avant la limite",
    ),
    "opens the day itself at no hour": ({"book": {**NOON, "from": "7h"}}, f"book.from : {A_TIME}"),
    "no date": ({"book": {"shape": "date_list"}}, "book.by_month : au moins un mois est attendu"),
    "an empty list of dates": (dates({}), "book.by_month : au moins un mois est attendu"),
    "dates that are a list": (dates(["2026-11-19"]), "book.by_month : au moins un mois est attendu"),
    "a date that is a word": (dates({"2026-12": "jeudi"}), f"book.by_month.2026-12 : {A_DATE}"),
    "a date that does not exist": (dates({"2026-12": "2026-11-31"}), f"book.by_month.2026-12 : {A_DATE}"),
    "a date with an hour": (dates({"2026-12": wall(2026, 11, 19, 9)}), f"book.by_month.2026-12 : {A_DATE}"),
    "a date without zeros": (dates({"2026-12": "2026-11-9"}), f"book.by_month.2026-12 : {A_DATE}"),
    "a date that is a number": (dates({"2026-12": 20261119}), f"book.by_month.2026-12 : {A_DATE}"),
    **{
        f"the month {month!r}": (
            dates({month: "2026-11-19"}),
            f"book.by_month : mois illisible « {month} », attendu comme 2026-11",
        )
        for month in (
            "2026-13",
            "2026-00",
            "26-11",
            "20261",
            "2026-11-01",
            "décembre",
            "2026-",
            "-11",
            "2026-1x",
            202611,
        )
    },
    "a date of another century": (dates({"2026-12": date(1999, 12, 31)}), f"book.by_month.2026-12 : {A_DATE}"),
    "late cancellations that are counted": (
        {
            "book": EVE,
            "cancel": {"closes": EVE, "late": {"free_first": {"count": 1, "per": "week"}}},
        },
        "cancel.late : seules les réservations tardives se comptent",
    ),
    "no window": (windows(), "book.windows : de 1 à 60 périodes sont attendues"),
    "no list of windows": ({"book": {"shape": "window"}}, "book.windows : de 1 à 60 périodes sont attendues"),
    "too many windows": (
        windows(*[window_of(day) for day in range(61)]),
        "book.windows : de 1 à 60 périodes sont attendues",
    ),
    "windows that are one": (
        {"book": {"shape": "window", "windows": window()}},
        "book.windows : une liste est attendue",
    ),
    "a window that is a text": (windows("octobre"), "book.windows.0 : un groupe de champs est attendu"),
    "a window without its first day": (windows(window(first=None)), f"book.windows.0.first : {A_DATE}"),
    "a window without its last day": (windows(window(last=None)), f"book.windows.0.last : {A_DATE}"),
    "a window that never closes": (windows(window(closes=None)), f"book.windows.0.closes : {A_MOMENT}"),
    "a window that closes on a day": (windows(window(closes="2026-10-20")), f"book.windows.0.closes : {A_MOMENT}"),
    "a window that closes at no hour": (windows(window(closes="2026-10-20 9h")), f"book.windows.0.closes : {A_TIME}"),
    "a window that closes on no day": (windows(window(closes="20/10/2026 09:00")), f"book.windows.0.closes : {A_DATE}"),
    "a window that opens on a day": (windows(window(opens="2026-10-20")), f"book.windows.0.opens : {A_MOMENT}"),
    "a window with a field too many": (windows(window(name="été")), "book.windows.0 : champ inconnu « name »"),
    "a window that ends before it begins": (
        windows(window(last="2026-11-01")),
        "book.windows.0.last : la période finit avant de commencer",
    ),
    "a window that opens as it closes": (
        windows(window(opens="2026-10-20 12:00")),
        "book.windows.0.opens : l’ouverture doit venir avant la clôture",
    ),
    "the second of two windows is wrong": (
        windows(window_of(0), window(last=None)),
        f"book.windows.1.last : {A_DATE}",
    ),
    "two windows of the same day": (
        windows(window(), window(first="2026-11-06", last="2026-11-06")),
        "book.windows : deux périodes se chevauchent le 06/11/2026",
    ),
    "no day of class": (
        {"book": {"shape": "last_school_day", "count": 0}},
        "book.count : un nombre entier de 1 à 10 est attendu",
    ),
    "too many days of class": (
        {"book": {"shape": "last_school_day", "count": 11}},
        "book.count : un nombre entier de 1 à 10 est attendu",
    ),
    "exceptions that are one": (
        {"book": {**EVE, "exceptions": {"when": "first_week", **NOON}}},
        "book.exceptions : une liste est attendue",
    ),
    "an exception without its circumstance": (
        {"book": {**EVE, "exceptions": [NOON]}},
        f"book.exceptions.0.when : circonstance inconnue : « None » ({CIRCUMSTANCES})",
    ),
    "an unknown circumstance": (
        {"book": {**EVE, "exceptions": [{"when": "lundi", **NOON}]}},
        f"book.exceptions.0.when : circonstance inconnue : « lundi » ({CIRCUMSTANCES})",
    ),
    "a public holiday on no weekday": (
        {"book": {**EVE, "exceptions": [{"when": "public_holiday", **NOON}]}},
        f"book.exceptions.0.when : circonstance inconnue : « public_holiday » ({CIRCUMSTANCES})",
    ),
    "a public holiday on an unknown weekday": (
        {"book": {**EVE, "exceptions": [{"when": {"public_holiday": "lundi"}, **NOON}]}},
        f"book.exceptions.0.when.public_holiday : jour inconnu « lundi » {A_DAY}",
    ),
    "a public holiday and something else": (
        {"book": {**EVE, "exceptions": [{"when": {"public_holiday": "mon", "and": 1}, **NOON}]}},
        "book.exceptions.0.when : champ inconnu « and »",
    ),
    "an exception without a rule": (
        {"book": {**EVE, "exceptions": [{"when": "first_week"}]}},
        "book.exceptions.0.shape : forme inconnue « None »",
    ),
    "an exception that moves": (
        {"book": {**EVE, "exceptions": [{"when": "first_week", **NOON, "falls_on": {}}]}},
        "book.exceptions.0 : champ inconnu « falls_on »",
    ),
    "a limit that falls on an unknown kind of day": (
        {"book": {**EVE, "falls_on": {"sunday": "before"}}},
        "book.falls_on : champ inconnu « sunday »",
    ),
    "a limit that goes nowhere": (
        {"book": {**EVE, "falls_on": {"weekend": "later"}}},
        "book.falls_on.weekend : « keep », « before » ou « after » est attendu",
    ),
    "a limit that falls on a word": (
        {"book": {**EVE, "falls_on": "weekend"}},
        "book.falls_on : un groupe de champs est attendu",
    ),
    "openings and no closing": (
        {"book": {"opens": []}},
        "book.closes : un groupe de champs est attendu",
    ),
    "late and no closing": ({"book": {"late": {}}}, "book.closes : un groupe de champs est attendu"),
    "an act with a field too many": (
        {"book": {"closes": EVE, "shape": "never"}},
        "book : champ inconnu « shape »",
    ),
    "one audience twice": (
        {"book": {"closes": EVE, "opens": [{"at": "2026-09-01 08:00"}, {"for": "everyone", "at": "2026-09-02 08:00"}]}},
        "book.opens : une catégorie de familles n’a qu’une ouverture",
    ),
    "a wave for nobody that has a name": (
        {"book": {"closes": EVE, "opens": [{"for": 3, "at": "2026-09-01 08:00"}]}},
        "book.opens.0.for : du texte est attendu",
    ),
    "a wave without a moment": (
        {"book": {"closes": EVE, "opens": [{"for": "resident"}]}},
        "book.opens.0.from : un groupe de champs est attendu",
    ),
    "a wave with two moments": (
        {"book": {"closes": EVE, "opens": [{"at": "2026-09-01 08:00", "from": EVE}]}},
        "book.opens.0 : champ inconnu « from »",
    ),
    "a wave of an unknown shape": (
        {"book": {"closes": EVE, "opens": [{"from": {"shape": "?"}}]}},
        "book.opens.0.from.shape : forme inconnue « ? »",
    ),
    "the change of a word": ({"book": EVE, "change": "same"}, "change : un groupe de champs est attendu"),
    "late in a word": ({"book": {"closes": EVE, "late": "full"}}, "book.late : un groupe de champs est attendu"),
    "late with a field too many": (late(percent=50), "book.late : champ inconnu « percent »"),
    "late until a word": (late(until="noon"), "book.late.until : un groupe de champs est attendu"),
    "late on a request in words": (
        late(on_request="oui"),
        "book.late.on_request : oui (true) ou non (false) est attendu",
    ),
    "late on a request that is 1": (late(on_request=1), "book.late.on_request : oui (true) ou non (false) est attendu"),
    "both kinds of first late bookings": (
        late(free_first={"count": 1, "per": "week"}, only_first={"count": 1, "per": "week"}),
        "book.late.only_first : les premières fois sont ou tolérées, ou seules majorées, pas les deux",
    ),
    "no late booking tolerated": (
        late(free_first={"count": 0, "per": "week"}),
        "book.late.free_first.count : un nombre entier de 1 à 366 est attendu",
    ),
    "late bookings tolerated in no span": (
        late(free_first={"count": 1}),
        f"book.late.free_first.per : durée inconnue : « None » ({SPANS})",
    ),
    "late bookings counted with a field too many": (
        late(only_first={"count": 1, "per": "week", "then": 2}),
        "book.late.only_first : champ inconnu « then »",
    ),
    "late at an unknown price": (late(price="double"), f"book.late.price : {A_PRICE}"),
    "a cancellation in a word": (
        {"book": EVE, "cancellation": "automatic"},
        "cancellation : un groupe de champs est attendu",
    ),
    "a cancellation decided by nobody": (
        {"book": EVE, "cancellation": {"decided_by": "mayor"}},
        "cancellation.decided_by : « agent » ou « automatic » est attendu",
    ),
    "a cancellation that gives something else": (
        {"book": EVE, "cancellation": {"gives": "voucher"}},
        "cancellation.gives : « refund » (remboursement) ou « credit » (avoir) est attendu",
    ),
    "a cancellation at an unknown price": (
        {"book": EVE, "cancellation": {"bills": 50}},
        f"cancellation.bills : {A_PRICE}",
    ),
    "a cancellation with a field too many": (
        {"book": EVE, "cancellation": {"by": "agent"}},
        "cancellation : champ inconnu « by »",
    ),
    "limits that are one": ({"book": EVE, "limits": {"at_most": 1, "per": "week"}}, "limits : une liste est attendue"),
    "a limit in a word": (limits("holiday_week"), "limits.0 : un groupe de champs est attendu"),
    "a limit of nothing": (
        limits({}),
        "limits.0 : at_most, at_least, whole, excludes ou requires est attendu",
    ),
    "the second limit is wrong": (
        limits({"whole": "holiday_week"}, {"at_most": 0, "per": "week"}),
        "limits.1.at_most : un nombre entier de 1 à 366 est attendu",
    ),
    "a minimum beyond a year": (
        limits({"at_least": 367, "per": "week"}),
        "limits.0.at_least : un nombre entier de 1 à 366 est attendu",
    ),
    "a limit in an unknown span": (
        limits({"at_most": 1, "per": "day"}),
        f"limits.0.per : durée inconnue : « day » ({SPANS})",
    ),
    "the whole of something else": (limits({"whole": "week"}), "limits.0.whole : « holiday_week » est attendu"),
    "two limits in one": (
        limits({"at_most": 1, "per": "week", "excludes": ["repas"]}),
        "limits.0 : champ inconnu « excludes »",
    ),
    "excludes nothing": (limits({"excludes": []}), "limits.0.excludes : au moins un code est attendu"),
    "excludes a word that is no list": (
        limits({"excludes": "repas"}),
        "limits.0.excludes : au moins un code est attendu",
    ),
    "excludes a code without a name": (
        limits({"excludes": ["repas", ""]}),
        "limits.0.excludes : au moins un code est attendu",
    ),
    "requires a number": (limits({"requires": [3]}), "limits.0.requires : au moins un code est attendu"),
    "blocked if one": ({"book": EVE, "blocked_if": {"kind": "unpaid"}}, "blocked_if : une liste est attendue"),
    "blocked by something unknown": (
        {"book": EVE, "blocked_if": [{"kind": "debt"}]},
        "blocked_if.0.kind : blocage inconnu : « debt » (unpaid, incomplete_file, missing_document)",
    ),
    "blocked by nothing": (
        {"book": EVE, "blocked_if": [{}]},
        "blocked_if.0.kind : blocage inconnu : « None » (unpaid, incomplete_file, missing_document)",
    ),
    **{
        f"blocked above {amount!r}": (
            {"book": EVE, "blocked_if": [{"kind": "unpaid", "above": amount}]},
            'blocked_if.0.above : un montant entre guillemets est attendu, comme "3,10"',
        )
        for amount in (50, "cinquante", "3,1", "-3,00", "10000,01", None)
    },
    "an incomplete file above a sum": (
        {"book": EVE, "blocked_if": [{"kind": "incomplete_file", "above": "3,00"}]},
        "blocked_if.0 : champ inconnu « above »",
    ),
    "a debt with a document": (
        {"book": EVE, "blocked_if": [{"kind": "unpaid", "document": "Assurance"}]},
        "blocked_if.0 : champ inconnu « document »",
    ),
    "a document that is a number": (
        {"book": EVE, "blocked_if": [{"kind": "missing_document", "document": 3}]},
        "blocked_if.0.document : du texte est attendu",
    ),
    **{
        f"the price {price!r}": ({"book": EVE, "unbooked": price}, f"unbooked : {A_PRICE}")
        for price in (None, "half", 3, [], {}, {"part": 50, "more": "1,00"}, {"double": True})
    },
    "a priority that is no code": (
        {"book": EVE, "waiting_list": {"priorities": ["school", 3]}},
        "waiting_list.priorities.1 : un code est attendu : sibling, school, resident ou une catégorie",
    ),
    "a priority without words": (
        {"book": EVE, "waiting_list": {"priorities": [" "]}},
        "waiting_list.priorities.0 : un code est attendu : sibling, school, resident ou une catégorie",
    ),
    "a priority said twice": (
        {"book": EVE, "waiting_list": {"priorities": ["school", "school "]}},
        "waiting_list.priorities : une priorité n’est dite qu’une fois",
    ),
    "too many priorities": (
        {"book": EVE, "waiting_list": {"priorities": list("abcdefghi")}},
        "waiting_list.priorities : 8 priorités au plus",
    ),
    "another thing than an offer": (
        {"book": EVE, "waiting_list": {"gives": "place"}},
        "waiting_list.gives : « offer » (place gardée) ou « word » (famille prévenue) est attendu",
    ),
    "hours of a place that is not kept": (
        {"book": EVE, "waiting_list": {"gives": "word", "hours": 3}},
        "waiting_list : champ inconnu « hours »",
    ),
    "no hour at all": (
        {"book": EVE, "waiting_list": {"hours": 0}},
        "waiting_list.hours : un nombre entier de 1 à 240 est attendu",
    ),
    "a part of all": (
        {"book": EVE, "unbooked": {"part": 100}},
        "unbooked.part : un nombre entier de 1 à 99 est attendu",
    ),
    "a part of nothing": (
        {"book": EVE, "unbooked": {"part": 0}},
        "unbooked.part : un nombre entier de 1 à 99 est attendu",
    ),
    "too many percent": (
        {"book": EVE, "unbooked": {"more_percent": 501}},
        "unbooked.more_percent : un nombre entier de 1 à 500 est attendu",
    ),
    "no percent": (
        {"book": EVE, "unbooked": {"more_percent": 0}},
        "unbooked.more_percent : un nombre entier de 1 à 500 est attendu",
    ),
    "more by a number": (
        {"book": EVE, "unbooked": {"more": 1}},
        'unbooked.more : un montant entre guillemets est attendu, comme "3,10"',
    ),
    "instead, a number": (
        {"book": EVE, "unbooked": {"instead": 1}},
        'unbooked.instead : un montant entre guillemets est attendu, comme "3,10"',
    ),
    "absences in a word": ({"book": EVE, "absence": "billed"}, "absence : un groupe de champs est attendu"),
    "absences with a field too many": (
        {"book": EVE, "absence": {"illness": "nothing"}},
        "absence : champ inconnu « illness »",
    ),
    "absences otherwise unknown": (
        {"book": EVE, "absence": {"otherwise": "billed"}},
        f"absence.otherwise : {A_PRICE}",
    ),
    "never told at an unknown price": ({"book": EVE, "absence": {"no_show": None}}, f"absence.no_show : {A_PRICE}"),
    "clauses that are one": ({"book": EVE, "absence": {"clauses": {}}}, "absence.clauses : une liste est attendue"),
    "too many clauses": (
        {"book": EVE, "absence": {"clauses": [{}] * 21}},
        "absence.clauses : 20 clauses au plus",
    ),
    "a clause in a word": (
        {"book": EVE, "absence": {"clauses": ["illness"]}},
        "absence.clauses.0 : un groupe de champs est attendu",
    ),
    "a clause with a field too many": (clause(then="nothing"), "absence.clauses.0 : champ inconnu « then »"),
    "a clause at an unknown price": (clause(bills="half"), f"absence.clauses.0.bills : {A_PRICE}"),
    "told in other words": (clause(told="late"), "absence.clauses.0.told : un groupe de champs est attendu"),
    "told by no hour": (clause(told={}), "absence.clauses.0.told.by : un groupe de champs est attendu"),
    "told by an unknown shape": (
        clause(told={"by": {"shape": "?"}}),
        "absence.clauses.0.told.by.shape : forme inconnue « ? »",
    ),
    "told of the first day, in words": (
        clause(told={"by": NOON, "of_first_day": "oui"}),
        "absence.clauses.0.told.of_first_day : oui (true) ou non (false) est attendu",
    ),
    "told with a field too many": (
        clause(told={"by": NOON, "to": "mairie"}),
        "absence.clauses.0.told : champ inconnu « to »",
    ),
    "an unknown cause": (
        clause(causes=["illness", "rain"]),
        f"absence.clauses.0.causes : cause inconnue : « rain » ({CAUSES})",
    ),
    "causes that are one": (clause(causes="illness"), "absence.clauses.0.causes : une liste est attendue"),
    "a certificate in a word": (
        clause(certificate="asked"),
        "absence.clauses.0.certificate : un groupe de champs est attendu",
    ),
    "a certificate within nothing": (
        clause(certificate={"within": 0}),
        "absence.clauses.0.certificate.within : un nombre entier de 1 à 366 est attendu",
    ),
    "a certificate within an unknown unit": (
        clause(certificate={"within": 2, "unit": "week"}),
        f"absence.clauses.0.certificate.unit : unité inconnue : « week » ({UNITS})",
    ),
    "a certificate with a field too many": (
        clause(certificate={"within": 2, "of": "doctor"}),
        "absence.clauses.0.certificate : champ inconnu « of »",
    ),
    "one consecutive day": (
        clause(lasts={"at_least": 1}),
        "absence.clauses.0.lasts.at_least : un nombre entier de 2 à 366 est attendu",
    ),
    "consecutive hours": (
        clause(lasts={"at_least": 2, "in": "hour"}),
        "absence.clauses.0.lasts.in : unité inconnue : « hour » (day, school_day, service_day)",
    ),
    "consecutive days with a field too many": (
        clause(lasts={"at_least": 2, "days": 3}),
        "absence.clauses.0.lasts : champ inconnu « days »",
    ),
    "asked within no day": (
        clause(asked_within_days=0),
        "absence.clauses.0.asked_within_days : un nombre entier de 1 à 366 est attendu",
    ),
    "asked within too many": (
        clause(asked_within_days=367),
        "absence.clauses.0.asked_within_days : un nombre entier de 1 à 366 est attendu",
    ),
    "from the day 0": (clause(from_day=0), "absence.clauses.0.from_day : un nombre entier de 1 à 366 est attendu"),
    "from a day too far": (
        clause(from_day=367),
        "absence.clauses.0.from_day : un nombre entier de 1 à 366 est attendu",
    ),
    "to the day 0": (clause(to_day=0), "absence.clauses.0.to_day : un nombre entier de 1 à 366 est attendu"),
    "to a day too far": (clause(to_day=367), "absence.clauses.0.to_day : un nombre entier de 1 à 366 est attendu"),
    "to a day before the first": (
        clause(from_day=3, to_day=2),
        "absence.clauses.0.to_day : le dernier jour vient avant le premier",
    ),
    "several unknown fields: the first by name": (
        {"book": EVE, "zebra": 1, "alpha": 2},
        "règlement : champ inconnu « alpha »",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_said_by_its_key_in_french(data, sentence):
    with pytest.raises(InvalidReglementError) as refused:
        read_reglement(data)

    assert str(refused.value) == sentence
    assert f"{refused.value.key} : {refused.value.reason}" == sentence


@pytest.mark.parametrize("weekday", [[], {}, 3, None], ids=repr)
def test_a_weekday_of_another_type_is_refused_too(weekday):
    with pytest.raises(InvalidReglementError):
        read_reglement({"book": {"shape": "weekday_table", "table": {"mon": weekday}}})


UNHASHABLE = {
    "a direction": {"book": {**EVE, "falls_on": {"weekend": ["before"]}}},
    "who decides": {"book": EVE, "cancellation": {"decided_by": ["agent"]}},
    "what it gives": {"book": EVE, "cancellation": {"gives": {"refund": 1}}},
    "a span": {"book": EVE, "limits": [{"at_most": 1, "per": ["week"]}]},
    "a circumstance": {"book": {**EVE, "exceptions": [{"when": ["first_week"], **NOON}]}},
    "a weekday off": {"book": {**EVE, "exceptions": [{"when": {"public_holiday": ["mon"]}, **NOON}]}},
    "a cause": {"book": EVE, "absence": {"clauses": [{"causes": [["illness"]]}]}},
    "an audience": {"book": {"closes": EVE, "opens": [{"for": ["resident"], "at": "2026-09-01 08:00"}]}},
    "a shape": {"book": {"shape": ["never"]}},
}


@pytest.mark.parametrize("data", UNHASHABLE.values(), ids=UNHASHABLE.keys())
def test_a_list_where_a_word_is_expected_is_a_fault_not_a_crash(data):
    with pytest.raises(InvalidReglementError):
        read_reglement(data)


WAITS = {
    "to book": ({"book": {"shape": "last_school_day"}, "cancel": EVE}, True),
    "to cancel": ({"book": EVE, "cancel": {"shape": "last_school_day"}}, True),
    "to change": ({"book": EVE, "change": {"shape": "last_school_day"}}, True),
    "for nothing": ({"book": EVE, "change": NOON}, False),
}


@pytest.mark.parametrize(("data", "waits"), WAITS.values(), ids=WAITS.keys())
def test_what_waits_for_the_school_calendar(data, waits):
    assert read_reglement(data).needs_school_calendar is waits


def test_what_it_says_of_acts():
    two, three = read_reglement({"book": EVE, "cancel": NOON}), read_reglement({"book": EVE, "change": NOON})

    assert two.acts == (closed_by(THE_EVE), closed_by(AT_NOON))
    assert three.acts == (closed_by(THE_EVE), closed_by(THE_EVE), closed_by(AT_NOON))


TOLERATED = {"closes": EVE, "late": {"free_first": {"count": 1, "per": "school_year"}}}
COUNTED = {
    "nothing": ({"book": EVE}, set(), False),
    "days of a week": ({"book": EVE, "limits": [{"at_most": 1, "per": "week"}]}, {Per.WEEK}, True),
    "days of two spans": (
        {"book": EVE, "limits": [{"at_most": 1, "per": "week"}, {"at_least": 3, "per": "period"}]},
        {Per.WEEK, Per.PERIOD},
        True,
    ),
    "other products of the day": ({"book": EVE, "limits": [{"requires": ["repas"]}]}, set(), True),
    "late bookings": ({"book": TOLERATED, "cancel": EVE}, {Per.SCHOOL_YEAR}, True),
    "late, and not counted": ({"book": {"closes": EVE, "late": {}}}, set(), False),
}


@pytest.mark.parametrize(("data", "spans", "counts"), COUNTED.values(), ids=COUNTED.keys())
def test_what_must_be_counted_to_decide_a_day(data, spans, counts):
    reglement = read_reglement(data)

    assert reglement.counted_spans == spans
    assert reglement.counts_days is counts


FROM_THE_15TH = {"shape": "month_cutoff", "day": 15}
FROM_A_DATE = {"shape": "date_list", "by_month": {"2026-12": "2026-11-02"}}


@pytest.mark.parametrize("opening", [FROM_THE_15TH, FROM_A_DATE], ids=["a day of the month", "published dates"])
def test_what_opens_on_a_day_opens_with_it_where_what_closes_on_a_day_closes_with_its_end(opening):
    book = {"closes": opening, "opens": [{"from": opening}, {"for": "resident", "from": {**opening, "boundary": "le"}}]}

    act = read_reglement({"book": book}).book

    closes, opens, for_residents = act.closes.cutoff, act.opens[0].opens, act.opens[1].opens
    assert (closes.boundary, closes.at_time) == (Boundary.UNTIL, time(23, 59))
    assert (opens.boundary, opens.at_time) == (Boundary.BEFORE, time(0, 0))
    assert (for_residents.boundary, for_residents.at_time) == (Boundary.UNTIL, time(23, 59))


@pytest.mark.parametrize("key", ["cancel", "change"])
def test_only_late_bookings_are_counted(key):
    late = {"closes": EVE, "late": {"price": "full", "free_first": {"count": 1, "per": "month"}}}

    with pytest.raises(InvalidReglementError) as refused:
        read_reglement({"book": EVE, key: late})

    assert str(refused.value) == f"{key}.late : seules les réservations tardives se comptent"


@pytest.mark.parametrize("day", ["1999-12-31", "2100-01-01"])
def test_a_date_of_another_century_is_refused(day):
    window = {"first": day, "last": "2099-12-31", "closes": "2026-11-01 09:00"}

    with pytest.raises(InvalidReglementError) as refused:
        read_reglement({"book": {"shape": "window", "windows": [window]}})

    assert str(refused.value) == "book.windows.0.first : une date est attendue, comme 2026-11-27"


@pytest.mark.parametrize("shape", [["offset"], {}, None, 3], ids=repr)
def test_an_opening_of_a_shape_that_is_no_word_is_refused(shape):
    with pytest.raises(InvalidReglementError) as refused:
        read_reglement({"book": {"closes": EVE, "opens": [{"from": {"shape": shape}}]}})

    assert refused.value.key == "book.opens.0.from.shape"
