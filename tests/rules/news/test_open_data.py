"""The file of menus that is open to all, held to the national schema."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.authorities.rules.identifiers import is_siret
from marelle.domain.news.rules.menus import Allergen, Course, DayMenu, Dish, Mark, Meal
from marelle.domain.news.rules.open_data import (
    ALLERGENS,
    COLUMNS,
    Publisher,
    Restaurant,
    ServedMenu,
    as_csv,
    school_type,
)
from marelle.domain.news.rules.pasted import Typed, UnreadableDishError, read_dish
from tests.scdl import MENUS, faults_in, with_schema

TOWN = Publisher("Fictiville", "21370999100011", "37099", "Cuisine du Val", "")
PUBLISHED = datetime(2026, 11, 16, 8, tzinfo=UTC)
LUNCH = ServedMenu(
    "École des Tilleuls",
    Restaurant.ELEMENTARY,
    Meal.LUNCH,
    DayMenu(date(2026, 11, 23), (), "Semaine du goût"),
    allergens_checked=True,
    published_at=PUBLISHED,
    changed_at=PUBLISHED,
)
LASAGNA = Dish(
    Course.MAIN,
    "Lasagnes",
    frozenset(Allergen),
    frozenset(Mark),
    "Ferme des Jarouilles",
)


def written(*dishes, **changes):
    menu = replace(LUNCH, menu=replace(LUNCH.menu, dishes=dishes), **changes)
    content = as_csv(TOWN, [menu])
    return content, list(csv.DictReader(io.StringIO(content.decode())))


def test_a_dish_says_its_signs_its_labels_its_diet_and_its_allergens():
    _content, (row,) = written(LASAGNA)

    assert tuple(row) == COLUMNS
    assert json.loads(row["menuPlatSiqo"]) == [
        "agriculture biologique",
        "appellation d'origine protégée",
        "indication géographique protégée",
        "spécialité traditionnelle garantie",
        "label rouge",
    ]
    assert row["menuPlatLabel"].split(";")[0] == "local"
    assert row["menuPlatLabel"].endswith(";Ferme des Jarouilles")
    assert row["menuPlatRegime"] == '["végétarien"]'
    assert set(json.loads(row["menuPlatAllergene"])) == set(ALLERGENS.values())
    assert row["menuPlatPrecision"] == "Semaine du goût"
    assert (row["menuPublicationDate"], row["menuModificationDate"]) == ("2026-11-16T08:00:00Z", "")


def test_allergens_that_nobody_checked_are_not_told():
    _content, (row,) = written(LASAGNA, allergens_checked=False, changed_at=datetime(2026, 11, 17, 9, tzinfo=UTC))

    assert row["menuPlatAllergene"] == ""
    assert row["menuModificationDate"] == "2026-11-17T09:00:00Z"


def test_a_kitchen_that_is_not_named_is_the_town_and_a_wrong_code_is_left_out():
    town = replace(TOWN, kitchen="", insee_code="999")
    (row,) = csv.DictReader(
        io.StringIO(as_csv(town, [replace(LUNCH, menu=DayMenu(LUNCH.menu.day, (LASAGNA,)))]).decode())
    )

    assert (row["menuEtablissementNom"], row["menuRestaurantInsee"]) == ("Fictiville", "")


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (("PS", "MS-GS"), Restaurant.NURSERY),
        (("CP", "CE1/CE2"), Restaurant.ELEMENTARY),
        (("GS", "CP"), Restaurant.OTHER),
        (("", "ULIS"), Restaurant.OTHER),
    ],
)
def test_a_school_is_what_its_classes_are(levels, said):
    assert school_type(levels) is said


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("13002526500013", True),
        ("13002526500014", False),
        ("1300252650001", False),
        ("35600000000048", True),  # the head office of La Poste, by the usual key
        ("35600000000002", False),
        ("35600000000001", True),  # an office: its digits add up to fifteen
    ],
)
def test_a_siret_has_its_key(number, is_one):
    assert is_siret(number) is is_one


@with_schema
def test_the_columns_are_those_of_the_schema():
    schema = json.loads(MENUS.read_text(encoding="utf-8"))

    assert schema["version"] == "1.2.3"
    assert [field["name"] for field in schema["fields"]] == list(COLUMNS)


@with_schema
def test_the_reader_of_schemas_sees_what_is_wrong():
    content, _rows = written(LASAGNA)

    assert faults_in(content) == []
    for right, wrong in (
        (b"21370999100011", b"21370999100012"),
        (b"2026-11-23", b"23/11/2026"),
        ("déjeuner".encode(), b"diner"),
        (b'""lait""', b'""lactose""'),
        (b"Lasagnes", b"L" * 161),
        (b"Lasagnes", b""),
        (b"menuPlatNom", b"nom"),
    ):
        assert len(faults_in(content.replace(right, wrong))) == 1, wrong


@pytest.mark.law
@with_schema
@given(
    texts=st.lists(
        st.builds(
            Typed,
            st.text(max_size=60),
            st.lists(st.sampled_from(["lait", "œufs", "gluten"]), max_size=3).map(", ".join),
            st.text(alphabet=" ,;\"'bio[]()=é\n", max_size=20),
        ),
        max_size=6,
    ),
    meal=st.sampled_from(Meal),
    course=st.sampled_from(Course),
    kind=st.sampled_from(Restaurant),
    is_checked=st.booleans(),
)
def test_whatever_is_typed_the_file_is_right(texts, meal, course, kind, is_checked):
    dishes = []
    for text in texts:
        try:
            dishes.append(read_dish(course, text))
        except UnreadableDishError:
            continue

    content, rows = written(*filter(None, dishes), meal=meal, kind=kind, allergens_checked=is_checked)

    assert faults_in(content) == []
    assert not any(row["menuPlatNom"].startswith(("=", "+", "-", "@")) for row in rows)
