"""What a wording leaves open is asked; the answer is written in the data, and what is written today is an answer."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.domain.catalog.rules.acts import Act
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    LAST_MINUTE,
    MIDNIGHT,
    Boundary,
    LastSchoolDay,
    MonthCutoff,
    Never,
    Obstacle,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)
from marelle.domain.catalog.rules.questions import answered, questions
from marelle.domain.catalog.rules.reglements import Reglement
from marelle.domain.catalog.rules.written import read_reglement, write_reglement
from tests.rules.strategies import reglements

MON, TUE, WED, THU, FRI = range(5)
SCHOOL = frozenset({MON, TUE, THU, FRI})
NINE = time(9)


def rule(cutoff, cancel=None, **closing):
    return Reglement(Act(Closing(cutoff, **closing)), Act(Closing(cancel) if cancel else Closing(cutoff, **closing)))


def keys(rules, *, weekdays=SCHOOL, in_holidays=False):
    return [question.key for question in questions(rules, weekdays=weekdays, in_holidays=in_holidays)]


def falls(*moves):
    return {"moves": moves}


BACK = Replacement(Circumstance(When.FIRST_SCHOOL_DAY), LastSchoolDay(1, NINE))
AFTER_HOLIDAY = Replacement(Circumstance(When.AFTER_PUBLIC_HOLIDAY), Offset(2, Unit.DAY, NINE))


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        (rule(Offset(1, Unit.DAY, NINE)), ["book.days", "book.public_holiday", "book.school_holiday"]),
        (rule(Offset(1, Unit.WEEKDAY, NINE)), ["book.public_holiday", "book.school_holiday"]),
        (rule(Offset(2, Unit.WORKING_DAY, NINE)), ["book.school_holiday"]),
        (rule(Offset(1, Unit.SCHOOL_DAY, NINE)), []),
        (rule(Offset(8, Unit.CLEAR_DAY, NINE)), []),
        (rule(Offset(48, Unit.HOUR)), ["book.hours"]),
        (rule(Offset(0, Unit.HOUR)), []),
        (rule(Offset(0, Unit.DAY, NINE)), []),
        (rule(Offset(48, Unit.HOUR, not_counted=frozenset({Obstacle.WEEKEND}))), []),
        (
            rule(Offset(1, Unit.DAY, NINE, not_counted=frozenset({Obstacle.WEEKEND}))),
            ["book.public_holiday", "book.school_holiday"],
        ),
        (rule(WeekdayTable(((MON, FRI, NINE),))), ["book.public_holiday", "book.school_holiday"]),
        (rule(WeekCutoff(THU, NINE)), ["book.public_holiday", "book.school_holiday"]),
        (rule(MonthCutoff(20, 1, MIDNIGHT, Boundary.BEFORE)), ["book.month", "book.public_holiday"]),
        (rule(MonthCutoff(20)), ["book.public_holiday"]),
        (rule(SameDay(NINE)), []),
        (rule(Never()), []),
        (rule(Offset(1, Unit.WEEKDAY, NINE), replacements=(BACK,)), ["book.public_holiday"]),
        (rule(Offset(1, Unit.WEEKDAY, NINE), replacements=(AFTER_HOLIDAY,)), ["book.school_holiday"]),
        (
            rule(Offset(1, Unit.WEEKDAY, NINE), **falls((Obstacle.PUBLIC_HOLIDAY, Direction.BEFORE))),
            ["book.school_holiday"],
        ),
        (
            rule(Offset(1, Unit.WEEKDAY, NINE), **falls((Obstacle.SCHOOL_HOLIDAY, Direction.AFTER))),
            ["book.public_holiday"],
        ),
        (rule(Never(), Offset(48, Unit.HOUR)), ["cancel.hours"]),
        (
            Reglement(Act(Closing(Never())), Act(Closing(Never())), Act(Closing(Offset(24, Unit.HOUR)))),
            ["change.hours"],
        ),
    ],
)
def test_only_what_the_wording_leaves_open_is_asked(rules, asked):
    assert keys(rules) == asked


def test_a_day_before_is_clear_when_no_monday_is_served():
    assert "book.days" not in keys(rule(Offset(1, Unit.DAY, NINE)), weekdays=frozenset({TUE, THU}))
    assert "book.days" in keys(rule(Offset(2, Unit.DAY, NINE)), weekdays=frozenset({TUE, THU}))
    assert "book.days" not in keys(rule(Offset(1, Unit.DAY, NINE)), weekdays=frozenset({6}))


def test_nothing_is_odd_in_a_limit_in_the_holidays_for_a_service_open_in_them():
    assert "book.school_holiday" not in keys(rule(WeekCutoff(THU, NINE)), in_holidays=True)


def test_the_words_are_those_of_the_rule():
    asked = {
        question.key: question.text
        for rules in (
            rule(Offset(1, Unit.DAY, NINE)),
            rule(MonthCutoff(1, 1, MIDNIGHT, Boundary.BEFORE), Offset(2, Unit.DAY, NINE)),
        )
        for question in questions(rules, weekdays=SCHOOL)
    }

    assert asked["book.days"].startswith("« La veille » : comment compter")
    assert asked["cancel.days"].startswith("« 2 jours avant » : comment compter")
    assert asked["book.month"].startswith("« Avant le 1ᵉʳ » : le 1ᵉʳ lui-même")


def test_acts_that_close_alike_stay_alike():
    rules = rule(Offset(1, Unit.DAY, NINE))
    rules = Reglement(rules.book, rules.cancel, Act(Closing(SameDay(NINE))))

    now = answered(rules, {"book.days": 2}, weekdays=SCHOOL)

    assert now.book.closes.cutoff == now.cancel.closes.cutoff == Offset(1, Unit.WORKING_DAY, NINE)
    assert now.change == rules.change


def test_an_act_apart_is_answered_apart():
    rules = rule(Offset(1, Unit.DAY, NINE), Offset(48, Unit.HOUR))

    now = answered(rules, {"cancel.hours": 2}, weekdays=SCHOOL)

    assert now.book == rules.book
    assert now.cancel.closes.cutoff.not_counted == {Obstacle.WEEKEND, Obstacle.PUBLIC_HOLIDAY}


def test_the_month_s_own_day_is_given_until_its_end():
    now = answered(rule(MonthCutoff(20, 1, MIDNIGHT, Boundary.BEFORE)), {"book.month": 1}, weekdays=SCHOOL)

    assert now.book.closes.cutoff == MonthCutoff(20, 1, LAST_MINUTE, Boundary.UNTIL)


def test_several_answers_are_written_one_after_the_other_in_the_order_of_the_written_form():
    answers = {"book.school_holiday": 1, "book.days": 1, "book.public_holiday": 2}

    now = answered(rule(Offset(1, Unit.DAY, NINE)), answers, weekdays=SCHOOL)

    assert now.book.closes.cutoff == Offset(1, Unit.WEEKDAY, NINE)
    assert now.book.closes.moves == (
        (Obstacle.PUBLIC_HOLIDAY, Direction.AFTER),
        (Obstacle.SCHOOL_HOLIDAY, Direction.BEFORE),
    )
    assert questions(now, weekdays=SCHOOL) == ()


@pytest.mark.parametrize("answers", [{}, {"book.days": 0}, {"book.days": 9}, {"book.days": -1}, {"nobody": 1}])
def test_what_is_not_an_answer_changes_nothing(answers):
    rules = rule(Offset(1, Unit.DAY, NINE))

    assert answered(rules, answers, weekdays=SCHOOL) == rules


@pytest.mark.law
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(reglements(), st.frozensets(st.integers(0, 6)), st.booleans())
def test_what_is_written_today_comes_first_and_every_answer_can_be_written(reglement, weekdays, in_holidays):
    for question in questions(reglement, weekdays=weekdays, in_holidays=in_holidays):
        assert question.choices[0].reglement == reglement
        for choice in question.choices[1:]:
            assert choice.reglement != reglement
            assert read_reglement(write_reglement(choice.reglement)) == choice.reglement
            # Answered, it is not asked again.
            left = questions(choice.reglement, weekdays=weekdays, in_holidays=in_holidays)
            assert question.key not in [each.key for each in left]


MOVES = (
    ("elle ne change pas", {}),
    ("elle est avancée au jour précédent, à la même heure", "before"),
    ("elle est reportée au jour suivant, à la même heure", "after"),
)
EVE = {"shape": "offset", "count": 1, "unit": "day", "time": "09:00", "boundary": "lt"}
TWO_DAYS = {"shape": "offset", "count": 48, "unit": "hour", "boundary": "lt"}
BEFORE_THE_20TH = {"shape": "month_cutoff", "day": 20, "months": 1, "boundary": "lt"}
BEFORE_THE_FIRST = {**BEFORE_THE_20TH, "day": 1}


def moved(closing, obstacle):
    return [(label, {**closing, "falls_on": {obstacle: way}} if way else closing) for label, way in MOVES]


@pytest.mark.parametrize(
    ("closing", "asked"),
    [
        (
            EVE,
            {
                "« La veille » : comment compter, en début de semaine et après un jour férié ?": [
                    ("Tous les jours comptent, samedi et dimanche compris", EVE),
                    ("Les jours de semaine, sans samedi ni dimanche", {**EVE, "unit": "weekday"}),
                    ("Les jours ouvrés, sans samedi, dimanche ni jour férié", {**EVE, "unit": "working_day"}),
                    ("Les jours de classe", {**EVE, "unit": "school_day"}),
                ],
                "Quand la limite tombe un jour férié :": moved(EVE, "public_holiday"),
                "Pour la rentrée, quand la limite tombe pendant les vacances scolaires :": moved(EVE, "school_holiday"),
            },
        ),
        (
            TWO_DAYS,
            {
                "« 48 heures avant » : les heures du samedi et du dimanche comptent-elles ?": [
                    ("Oui", TWO_DAYS),
                    ("Non", {**TWO_DAYS, "not_counted": ["weekend"]}),
                    ("Non, ni celles des jours fériés", {**TWO_DAYS, "not_counted": ["weekend", "public_holiday"]}),
                ],
            },
        ),
        (
            BEFORE_THE_20TH,
            {
                "« Avant le 20 » : le 20 lui-même est-il encore à temps ?": [
                    ("Non", BEFORE_THE_20TH),
                    ("Oui, jusqu’à la fin de la journée", {**BEFORE_THE_20TH, "boundary": "le"}),
                ],
                "Quand la limite tombe un jour férié :": moved(BEFORE_THE_20TH, "public_holiday"),
            },
        ),
        (
            BEFORE_THE_FIRST,
            {
                "« Avant le 1ᵉʳ » : le 1ᵉʳ lui-même est-il encore à temps ?": [
                    ("Non", BEFORE_THE_FIRST),
                    ("Oui, jusqu’à la fin de la journée", {**BEFORE_THE_FIRST, "boundary": "le"}),
                ],
                "Quand la limite tombe un jour férié :": moved(BEFORE_THE_FIRST, "public_holiday"),
            },
        ),
    ],
    ids=["the eve", "hours", "before the 20th", "before the first"],
)
def test_each_question_in_its_words_with_what_each_answer_writes(closing, asked):
    found = questions(read_reglement({"book": closing}), weekdays=SCHOOL)

    assert {
        question.text.replace("\N{NO-BREAK SPACE}", " "): [
            (choice.label, write_reglement(choice.reglement)["book"]) for choice in question.choices
        ]
        for question in found
    } == asked
