"""Menus as they are typed and pasted, the day without meat, and the audience of what is published."""

from datetime import date

import pytest

from marelle.domain.news.rules.audience import Audience, PublishingReach, publishing_reach, said
from marelle.domain.news.rules.menus import (
    Allergen,
    Course,
    DayMenu,
    Dish,
    Mark,
    in_order,
    weeks_without_a_vegetarian_meal,
)
from marelle.domain.news.rules.pasted import (
    PastedWeek,
    Typed,
    UnreadableDishError,
    day_of,
    read_dish,
    read_table,
    typed,
)

MONDAY = date(2026, 11, 23)
VEGETARIAN = frozenset({Mark.VEGETARIAN})


def main(name, *allergens, vegetarian=False):
    return Dish(Course.MAIN, name, frozenset(allergens), VEGETARIAN if vegetarian else frozenset())


@pytest.mark.parametrize(
    ("text", "name", "allergens", "marks", "label"),
    [
        pytest.param("Carottes râpées", "Carottes râpées", set(), set(), "", id="a name alone"),
        pytest.param(
            "Gratin de courgettes [bio, local] (lait, gluten)",
            "Gratin de courgettes",
            {Allergen.MILK, Allergen.GLUTEN},
            {Mark.ORGANIC, Mark.LOCAL},
            "",
            id="allergens and marks between brackets",
        ),
        pytest.param("Poisson (du marché)", "Poisson (du marché)", set(), set(), "", id="other words stay"),
        pytest.param(
            "Mousse (Œufs et LAIT)", "Mousse", {Allergen.EGGS, Allergen.MILK}, set(), "", id="accents and capitals"
        ),
        pytest.param(
            "Vin chaud (anhydride sulfureux et sulfites)", "Vin chaud", {Allergen.SULPHITES}, set(), "", id="one name"
        ),
        pytest.param("Yaourt bio", "Yaourt bio", set(), {Mark.ORGANIC}, "", id="a mark said in the name"),
        pytest.param("Chili végétarien", "Chili végétarien", set(), VEGETARIAN, "", id="vegetarian said in the name"),
        pytest.param("Tarte maison", "Tarte maison", set(), set(), "", id="a word that may belong to the dish"),
        pytest.param("Pomme [Ferme des Jarouilles]", "Pomme", set(), set(), "Ferme des Jarouilles", id="its own label"),
        pytest.param('=HYPERLINK("x")', 'HYPERLINK("x")', set(), set(), "", id="no formula"),
        pytest.param("- Soupe", "Soupe", set(), set(), "", id="no bullet"),
        pytest.param("Mimolette AOC", "Mimolette AOC", set(), {Mark.AOP}, "", id="AOC"),
    ],
)
def test_a_dish_is_read_as_a_cook_writes_it(text, name, allergens, marks, label):
    dish = read_dish(Course.MAIN, Typed(text))

    assert dish == Dish(Course.MAIN, name, frozenset(allergens), frozenset(marks), label)
    assert read_dish(Course.MAIN, typed(dish)) == dish


def test_columns_and_brackets_are_put_together():
    dish = read_dish(Course.SIDE, Typed("Riz (lait)", "gluten", "bio, Ferme du Lac"))

    assert dish.allergen_words == ["gluten", "lait"]
    assert dish.mark_words == ["bio", "Ferme du Lac"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(Typed("Riz", "riz"), "« riz » n’est pas un des 14 allergènes", id="an unknown allergen"),
        pytest.param(Typed("", "lait"), "Donnez le nom", id="allergens of nothing"),
        pytest.param(Typed("a" * 161), "160 caractères", id="a long name"),
        pytest.param(Typed("Riz", "", "b" * 61), "60 caractères", id="a long label"),
    ],
)
def test_what_is_no_dish_is_said_in_words(text, said):
    with pytest.raises(UnreadableDishError) as raised:
        read_dish(Course.MAIN, text)

    assert said in raised.value.words


def test_nothing_typed_is_no_dish():
    assert read_dish(Course.MAIN, Typed("  ")) is None


def test_a_table_of_a_spreadsheet_with_its_days_and_its_courses():
    week = read_table(
        "Semaine 48\tLundi 23\tMARDI\tJeudi\n"
        "Entrée\tCarottes\t\tSoupe\n"
        'Plat\t"Hachis\nparmentier"\tPoisson\t\n'
        "\tou omelette\t\t\n"
        "Dessert :\tPomme\t\tFlan\n"
    )

    assert week.days == {
        0: [
            (Course.STARTER, "Carottes"),
            (Course.MAIN, "Hachis parmentier"),
            (Course.MAIN, "ou omelette"),
            (Course.DESSERT, "Pomme"),
        ],
        1: [(Course.MAIN, "Poisson")],
        3: [(Course.STARTER, "Soupe"), (Course.DESSERT, "Flan")],
    }
    assert week.count == 7


def test_a_table_without_names_is_read_in_the_usual_order():
    week = read_table("Carottes;Soupe\nHachis;\nPurée\nYaourt\nPomme\nPain")

    assert [course for course, _name in week.days[0]] == [
        Course.STARTER,
        Course.MAIN,
        Course.SIDE,
        Course.DAIRY,
        Course.DESSERT,
        Course.OTHER,
    ]
    assert week.days[1] == [(Course.STARTER, "Soupe")]


def test_rows_before_the_first_course_are_others():
    assert read_table("x\tPain\nPlat\tRiz").days == {0: [(Course.OTHER, "Pain"), (Course.MAIN, "Riz")]}


def test_nothing_pasted_is_nothing_read():
    assert read_table(" \n\t\n").count == PastedWeek({}).count == 0
    assert day_of(MONDAY, 3) == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("dishes", "is_vegetarian"),
    [
        pytest.param((), False, id="nothing served"),
        pytest.param((main("Lasagnes", vegetarian=True), Dish(Course.DESSERT, "Pomme")), True, id="its main dish is"),
        pytest.param((main("Bœuf"), Dish(Course.STARTER, "Soupe", marks=VEGETARIAN)), False, id="only its starter is"),
        pytest.param((main("Gratin", vegetarian=True), main("Bœuf")), False, id="one main dish of two"),
        pytest.param(
            (main("Gratin", vegetarian=True), Dish(Course.STARTER, "Thon", frozenset({Allergen.FISH}))),
            False,
            id="fish before it",
        ),
        pytest.param((Dish(Course.STARTER, "Grande salade", marks=VEGETARIAN),), True, id="no main dish"),
    ],
)
def test_a_meal_without_meat_nor_fish(dishes, is_vegetarian):
    assert DayMenu(MONDAY, dishes).is_vegetarian is is_vegetarian


def test_a_week_that_serves_no_vegetarian_meal_is_named():
    bad, good = date(2026, 11, 24), date(2026, 12, 3)

    assert weeks_without_a_vegetarian_meal(
        [DayMenu(bad, (main("Bœuf"),)), DayMenu(good, (main("Chili", vegetarian=True),)), DayMenu(date(2026, 12, 8))]
    ) == [MONDAY]


def test_dishes_are_served_in_the_order_of_a_meal():
    first, second, pear = main("Bœuf"), main("Omelette"), Dish(Course.DESSERT, "Poire")

    assert in_order([pear, first, second]) == (first, second, pear)


def test_an_agent_publishes_for_what_she_was_given_as_a_whole():
    reach = publishing_reach({("", "cantine"), ("tilleuls", ""), ("pins", "etude")})

    assert reach == PublishingReach(False, frozenset({"cantine"}), frozenset({"tilleuls"}))
    assert reach.covers(Audience(frozenset({"cantine"}), frozenset({"tilleuls"})))
    assert not reach.covers(Audience(frozenset({"cantine", "etude"})))
    assert not reach.covers(Audience(facilities=frozenset({"pins"})))
    assert not reach.covers(Audience())


def test_an_agent_of_the_whole_authority_publishes_for_everybody():
    assert publishing_reach({("", ""), ("pins", "")}).covers(Audience())


@pytest.mark.parametrize(
    ("names", "is_public", "words"),
    [
        ((), True, "tout le monde"),
        ((), False, "toutes les familles"),
        (("Cantine", "École des Pins"), False, "les familles de : Cantine, École des Pins"),
    ],
)
def test_for_whom_in_words(names, is_public, words):
    assert said(names, is_public=is_public) == words
