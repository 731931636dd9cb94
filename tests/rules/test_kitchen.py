"""What a kitchen is told: counts that add up however things are written, a moment, what changed since."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline
from marelle.domain.reservations.rules.kitchen import (
    Counts,
    Meal,
    Moment,
    Portion,
    allergies_in,
    changes,
    count,
    differ,
    due_at,
    is_due,
    read_back,
    said,
    same_words,
    together,
    written,
)
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)
CALENDAR = Calendar((), (NamedDays("Armistice", date(2026, 11, 11), date(2026, 11, 11)),))
MEAL, SNACK, LILAS, TILLEULS = 1, 2, 10, 20

meals = st.lists(
    st.builds(
        Meal,
        st.sampled_from([LILAS, TILLEULS]),
        st.sampled_from([MEAL, SNACK]),
        st.sampled_from(["", "sans porc", "Sans Porc", " sans-porc. ", "végétarien", "aucun"]),
        st.sampled_from(["", "arachide", "Arachide, lait", "lait et œuf", "non", "oeuf/LAIT"]),
        st.booleans(),
    ),
    max_size=20,
)


def paris(*wall):
    return datetime(*wall, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sans-Porc.", "sans porc"),
        ("Végétarien", " VEGETARIEN "),
        ("sans œuf", "Sans oeuf"),
        ("Aucun", ""),
        ("RAS", ""),
    ],
)
def test_a_diet_is_the_same_however_it_is_written(one, other):
    assert same_words(one) == same_words(other)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("arachide, lait", ("arachide", "lait")),
        ("Œuf et oeuf", ("Œuf",)),
        ("fruits à coque / gluten\nsésame", ("fruits à coque", "gluten", "sésame")),
        ("aucune", ()),
        ("", ()),
        ("crevette", ("crevette",)),  # « et » inside a word separates nothing
    ],
)
def test_a_text_names_its_allergies_each_once(text, named):
    assert allergies_in(text) == named


def test_a_child_with_two_allergies_is_once_with_an_allergy_and_once_in_each():
    (counts,) = count(
        [
            Meal(LILAS, MEAL, "Sans porc", "arachide, lait", has_care_plan=True),
            Meal(LILAS, MEAL, "sans porc", "Lait"),
            Meal(LILAS, MEAL, "sans  porc"),
            Meal(LILAS, MEAL),
        ]
    ).values()

    assert counts == Counts(
        meals=4, diets=(("Sans porc", 3),), allergies=(("Arachide", 1), ("Lait", 2)), with_allergy=2, care_plans=1
    )
    assert counts.plain == 1


@given(meals)
def test_counts_add_up_whatever_is_written(eaten):
    found = count(eaten)
    everything = together(found.values())

    assert everything.meals == len(eaten)
    assert everything.plain + sum(number for _name, number in everything.diets) == len(eaten)
    assert everything.with_allergy <= sum(number for _name, number in everything.allergies)
    keys = [same_words(name) for name, _number in (*everything.diets, *everything.allergies)]
    assert "" not in keys
    assert len({*keys}) == len(keys)
    assert sum(one.meals for (facility, _product), one in found.items() if facility == LILAS) == sum(
        meal.facility == LILAS for meal in eaten
    )


@given(meals, meals)
def test_the_order_and_what_changed_since_make_what_is_expected_now(before, after):
    old, new = together(count(before).values()), together(count(after).values())
    moved = {same_words(change.what): change.by for change in changes(old, new) if change.what != "PAI"}

    def rest(counts):
        numbers = {same_words(name): number for name, number in (*counts.diets, *counts.allergies)}
        return {"": counts.meals, **numbers}

    assert {key: rest(old).get(key, 0) + by for key, by in moved.items()} == {
        key: rest(new).get(key, 0) for key in moved
    }
    assert rest(old).items() - rest(new).items() == {(key, n) for key, n in rest(old).items() if key in moved}
    assert not changes(old, old)


def test_what_changed_is_said_as_a_kitchen_says_it():
    before = Counts(40, (("Sans porc", 4),), (("Lait", 1),), 1, 1)
    after = Counts(42, (("sans porc", 3), ("Végétarien", 1)), (("Lait", 1),), 1, 0)

    assert said(changes(before, after)) == "+2 repas, −1 sans porc, +1 végétarien, −1 PAI"
    assert said(changes(before, before)) == ""


def test_as_many_meals_of_other_products_are_another_order():
    two, three = Counts(2), Counts(3)

    assert differ({MEAL: two, SNACK: three}, {MEAL: three, SNACK: two})
    assert differ({MEAL: two}, {})
    assert not differ({MEAL: two, SNACK: Counts()}, {MEAL: two})


@given(meals)
def test_an_order_is_read_back_as_it_was_written(eaten):
    portions = tuple(Portion(product, "Repas", counts) for (_facility, product), counts in count(eaten).items())

    assert read_back(written(portions)) == portions


def test_one_count_that_is_not_known_leaves_the_whole_so():
    assert together([Counts(2), Counts(3, is_known=False)]) == Counts(5, is_known=False)


@pytest.mark.parametrize(
    ("day", "moment", "due"),
    [
        (MONDAY, Moment(1, time(9)), paris(2026, 11, 27, 9)),  # Friday: Saturday and Sunday are not working days
        (date(2026, 11, 12), Moment(1, time(9)), paris(2026, 11, 10, 9)),  # nor is the Armistice
        (FRIDAY, Moment(0, time(9, 30)), paris(2026, 11, 27, 9, 30)),
        (MONDAY, Moment(0, time(0)), paris(2026, 11, 30, 0)),
    ],
)
def test_an_order_is_frozen_so_many_working_days_before(day, moment, due):
    assert due_at(day, moment, limits=(), calendar=CALENDAR, zone=PARIS) == due


def test_an_order_waits_for_the_last_limit_of_the_reglements():
    limits = [
        Deadline(paris(2026, 11, 26, 9), Boundary.UNTIL),
        None,
        Deadline(paris(2026, 11, 25, 9), Boundary.BEFORE),
    ]

    # « jusqu’à 9 h » lasts the whole minute
    assert due_at(FRIDAY, Moment(), limits=limits, calendar=CALENDAR, zone=PARIS) == paris(2026, 11, 26, 9, 1)
    assert due_at(FRIDAY, Moment(), limits=[None], calendar=CALENDAR, zone=PARIS) == paris(2026, 11, 27)


def test_a_calendar_without_such_a_day_freezes_when_the_day_begins():
    never = Calendar((), (NamedDays("Toujours férié", date(2024, 1, 1), date(2027, 12, 31)),))

    assert due_at(FRIDAY, Moment(3), limits=(), calendar=never, zone=PARIS) == paris(2026, 11, 27)


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        # 25 October 2026: 2 h 30 comes twice, the first one counts; 28 March 2027: 2 h 30 does not exist, it is 3 h 30.
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2027, 3, 28), time(2, 30), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(0), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (date(2027, 3, 28), time(0), datetime(2027, 3, 27, 23, tzinfo=UTC)),
        (date(2026, 10, 25), time(9), datetime(2026, 10, 25, 8, tzinfo=UTC)),
        (date(2027, 3, 28), time(9), datetime(2027, 3, 28, 7, tzinfo=UTC)),
    ],
)
def test_both_nights_when_the_clocks_change_freeze_at_one_instant(day, hour, utc):
    due = due_at(day, Moment(0, hour), limits=(), calendar=CALENDAR, zone=PARIS)
    over = datetime(day.year, day.month, day.day, 22, tzinfo=UTC)

    assert due.astimezone(UTC) == utc
    assert not is_due(due, over_at=over, at=datetime.fromtimestamp(utc.timestamp() - 1, UTC))
    assert is_due(due, over_at=over, at=utc)
    assert not is_due(due, over_at=over, at=over)  # the service is over: nothing more is ordered


def test_the_hour_that_comes_twice_is_not_taken_for_the_first_one():
    limit = Deadline(datetime(2026, 10, 25, 2, 45, tzinfo=PARIS, fold=1), Boundary.BEFORE)
    other = Deadline(datetime(2026, 10, 25, 2, 50, tzinfo=PARIS, fold=0), Boundary.BEFORE)

    due = due_at(date(2026, 10, 25), Moment(), limits=[limit, other], calendar=CALENDAR, zone=PARIS)

    assert due.astimezone(UTC) == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
