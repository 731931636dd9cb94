"""What is missing before a town opens, and what the law minds, from facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marelle.domain.onboarding.rules.checklist import (
    REQUIRED,
    STEP_OF,
    ActivityFacts,
    Check,
    PlaceFacts,
    ProductFacts,
    RegieFacts,
    State,
    Step,
    TownFacts,
    checklist,
    is_school_canteen,
    missing,
    religious_words,
    state_of,
)
from marelle.domain.onboarding.rules.checklist_sentences import STEPS, WORDS, names, title

TODAY = date(2026, 11, 30)
CANTEEN = ActivityFacts("Cantine, Tilleuls", is_canteen=True, ends_on=date(2027, 8, 31))
MEAL = ProductFacts("Repas, Tilleuls", is_canteen=True, highest=450, cost=900)
CANTEENS, MEALS = (CANTEEN.name,), (MEAL.name,)
READY = TownFacts(
    TODAY,
    phone="01 64 00 00 10",
    email="mairie@exemple.fr",
    siret="21770154900016",
    known_until=date(2028, 8, 31),
    places=(PlaceFacts("École des Tilleuls", "school", 8), PlaceFacts("Les Cabanes", "leisure_centre")),
    activities=(CANTEEN,),
    products=(MEAL,),
    regies=(RegieFacts("Régie", is_online=True, is_proved=True),),
    agents=2,
    see_health=1,
    open_procedures=12,
)


def found(facts: TownFacts) -> dict[Check, tuple[State, tuple[str, ...]]]:
    return {item.check: (item.state, item.names) for item in checklist(facts)}


def test_a_town_that_has_everything_has_nothing_left_and_the_law_is_not_spoken_of():
    items = checklist(READY)
    assert {item.state for item in items} == {State.DONE}
    assert not missing(items)
    assert Check.CANTEEN_CAPACITY not in {item.check for item in items}
    assert all(state_of(items, step) is State.DONE for step in Step)


def test_an_empty_town_lacks_all_that_nothing_works_without_and_only_that_stops_it():
    items = checklist(TownFacts(TODAY))
    assert {item.check for item in missing(items)} == REQUIRED
    assert state_of(items, Step.AGENTS) is State.LOOK
    assert state_of(items, Step.TARIFF) is State.MISSING
    # Nobody is told that schools which are not there have their classes, or that a meal nobody sells has a known cost.
    assert not {Check.CLASSES, Check.COST_UNKNOWN} & {item.check for item in items}


@pytest.mark.parametrize(
    ("change", "check", "state", "about"),
    [
        ({"phone": "", "email": ""}, Check.REACHABLE, State.MISSING, ()),
        ({"email": ""}, Check.PRIVACY, State.LOOK, ()),
        ({"siret": ""}, Check.IDENTITY, State.LOOK, ()),
        ({"known_until": None}, Check.HOLIDAYS, State.MISSING, ()),
        ({"known_until": date(2026, 11, 29)}, Check.HOLIDAYS, State.MISSING, ()),
        ({"known_until": date(2027, 7, 31)}, Check.SHORT_CALENDAR, State.LOOK, CANTEENS),
        ({"places": (PlaceFacts("Bourg", "school"),)}, Check.CLASSES, State.LOOK, ("Bourg",)),
        ({"activities": (replace(CANTEEN, has_products=False),)}, Check.PRODUCTS, State.MISSING, ()),
        ({"activities": (replace(CANTEEN, has_open_days=False),)}, Check.OPEN_DAYS, State.LOOK, CANTEENS),
        ({"activities": (replace(CANTEEN, is_limited=True),)}, Check.CANTEEN_CAPACITY, State.LOOK, CANTEENS),
        ({"activities": (replace(CANTEEN, has_reglement=False),)}, Check.REGLEMENTS, State.MISSING, CANTEENS),
        ({"activities": (replace(CANTEEN, has_waves=True),)}, Check.CANTEEN_WAVES, State.LOOK, CANTEENS),
        ({"texts": (("tarif A", "Repas halal"),)}, Check.RELIGION, State.LOOK, ("« halal » (tarif A)",)),
        ({"products": (replace(MEAL, has_tariff=False, highest=None),)}, Check.TARIFFS, State.MISSING, MEALS),
        ({"products": (replace(MEAL, cost=None),)}, Check.COST_UNKNOWN, State.LOOK, MEALS),
        ({"products": (replace(MEAL, cost=449),)}, Check.ABOVE_COST, State.LOOK, MEALS),
        ({"services_without_regie": ("Cantine",)}, Check.REGIES, State.LOOK, ("Cantine",)),
        ({"regies": (RegieFacts("Régie", is_online=True),)}, Check.ONLINE, State.LOOK, ("Régie",)),
        ({"agents": 1}, Check.SECOND_AGENT, State.LOOK, ()),
        ({"see_health": 0}, Check.HEALTH, State.LOOK, ()),
        ({"open_procedures": 0}, Check.PROCEDURES, State.LOOK, ()),
        ({"unreachable": ("Enfance",)}, Check.ANSWERING, State.LOOK, ("Enfance",)),
    ],
    ids=lambda value: str(value) if isinstance(value, Check) else "",
)  # fmt: skip
def test_each_thing_that_lacks_is_said_alone_with_what_it_is_about(change, check, state, about):
    assert found(replace(READY, **change))[check] == (state, about)
    others = {item.check for item in checklist(replace(READY, **change)) if item.state is not State.DONE}
    assert others - {check} <= {Check.PRIVACY, Check.SHORT_CALENDAR}


def test_a_limit_of_places_is_no_fault_elsewhere_than_at_a_canteen():
    centre = replace(CANTEEN, is_canteen=False, is_limited=True, has_waves=True)
    assert {state for state, _names in found(replace(READY, activities=(centre,))).values()} == {State.DONE}


def test_a_price_equal_to_the_cost_is_lawful_and_one_without_bound_is_not_judged():
    assert Check.ABOVE_COST not in found(replace(READY, products=(replace(MEAL, cost=450),)))
    assert Check.ABOVE_COST not in found(replace(READY, products=(replace(MEAL, highest=None, cost=1),)))


@pytest.mark.parametrize(
    ("words", "kind", "has_days", "is_canteen"),
    [
        ("Restauration scolaire", "school", True, True),
        ("Périscolaire Pause méridienne", "school", True, True),
        ("Cantine", "leisure_centre", True, False),
        ("Cantine", "school", False, False),
        ("Garderie du soir", "school", True, False),
    ],
)
def test_the_right_of_pupils_is_to_the_canteen_of_their_school(words, kind, has_days, is_canteen):
    assert is_school_canteen(words, kind, has_days_of_class=has_days) is is_canteen


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Repas HALAL ou casher, halal", ("HALAL", "casher", "halal")),
        ("menu kasher", ("kasher",)),
        ("Repas cacher", ("Repas cacher",)),
        ("Sans porc, sans viande, végétarien", ()),
        ("Sans avoir à se cacher", ()),
        ("Chalala, cascher", ("cascher",)),
        ("juifve, Juvisy", ()),
    ],
)
def test_a_word_that_says_what_somebody_believes_is_found_and_what_is_eaten_is_not(text, words):
    assert religious_words(text) == words


def test_everything_that_is_looked_at_has_its_words_and_its_step():
    assert set(WORDS) == set(Check) == set(STEP_OF)
    assert set(STEPS) == set(Step)
    for item in (*checklist(READY), *checklist(TownFacts(TODAY))):
        assert title(item) == (WORDS[item.check].done if item.state is State.DONE else WORDS[item.check].undone)


def test_a_long_list_of_names_is_cut_and_the_rest_counted():
    places = tuple(PlaceFacts(f"École {n}", "school") for n in range(9))
    item = next(one for one in checklist(replace(READY, places=places)) if one.check is Check.CLASSES)
    assert names(item) == "École 0, École 1, École 2, École 3, École 4, École 5 et 3 autres"
    seven = next(one for one in checklist(replace(READY, places=places[:7])) if one.check is Check.CLASSES)
    assert names(seven).endswith("École 5 et 1 autre")
    assert names(checklist(TownFacts(TODAY))[0]) == ""
