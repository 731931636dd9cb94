"""What an agent decides of the authority: codes made from names, logos, identifiers, activities that hold together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.authorities.rules.codes import free_code
from marelle.domain.authorities.rules.identifiers import siret_from
from marelle.domain.authorities.rules.logos import BIGGEST_LOGO, WrongLogoError, type_of_logo
from marelle.domain.catalog.rules import offer_said as rules
from marelle.domain.catalog.rules.offer_said import ActivitySaid, ProductSaid, SlotSaid, faults_of
from marelle.domain.catalog.rules.opening import OpeningDays
from marelle.domain.catalog.rules.standing import Opens, Standing, left_standing
from marelle.foundation.periods import Period
from marelle.foundation.school_days import Calendar, NamedDays

NOON = SlotSaid(None, "Midi", time(11, 45), time(13, 30), 96, 3, 11)
MEAL = ProductSaid(None, "Repas", "repas", "repas", (0,))
CANTEEN = ActivitySaid("Cantine", 1, 1, date(2026, 9, 1), date(2027, 7, 2), (0, 1, 3, 4), (), (NOON,), (MEAL,))


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("École des Tilleuls", (), "ecole-des-tilleuls"),
        ("Cœur de ville", (), "coeur-de-ville"),
        ("École", {"ecole", "ecole-2"}, "ecole-3"),
        ("!!!", (), "sans-nom"),
        ("x" * 50, {"x" * 40}, f"{'x' * 38}-2"),
    ],
)
def test_a_name_gives_a_code_that_is_free(name, taken, code):
    assert free_code(name, taken, longest=40) == code


# What a short name could become, and what it becomes when it is taken.
TAKEN = ("a", "b", "a-2", "b-2", "ab", "ba", "ab-2", "lieu", "lieu-2", "lieu-3")


@given(st.text(max_size=60), st.frozensets(st.sampled_from(TAKEN)))
def test_a_code_is_always_free_and_short_enough(name, taken):
    code = free_code(name, taken, longest=8)

    assert code not in taken
    assert 0 < len(code) <= 8


def test_a_siret_is_read_with_its_spaces_and_checked_by_its_key():
    assert siret_from("217 701 549 00016") == "21770154900016"
    with pytest.raises(ValueError, match="14 chiffres"):
        siret_from("21770154")
    with pytest.raises(ValueError, match="clé de contrôle"):
        siret_from("21770154900017")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"  <svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg/>", "image/svg+xml"),
    ],
)
def test_an_image_is_known_by_its_first_bytes(content, kind):
    assert type_of_logo(content) == kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a", "un logo est un fichier SVG"),
        (b"<?xml version='1.0'?><html/>", "un logo est un fichier SVG"),
        (b"<svg><SCRIPT>alert(1)</SCRIPT></svg>", "ni script"),
        (b"<svg><!ENTITY a 'b'></svg>", "ni script ni entit"),
        (b"\xff\xd8\xff" + b"0" * BIGGEST_LOGO, "200 ko au plus"),
    ],
)
def test_what_is_not_a_logo_is_refused_in_french(content, said):
    with pytest.raises(WrongLogoError, match=said):
        type_of_logo(content)


def test_a_good_activity_has_no_fault():
    assert faults_of(CANTEEN) == ()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"ends_on": date(2026, 8, 31)}, ("", 0, "ends_on", rules.ENDS_BEFORE)),
        ({"ends_on": date(2029, 7, 2)}, ("", 0, "ends_on", rules.TOO_LONG)),
        ({"term_weekdays": ()}, ("", 0, "term_weekdays", rules.NO_WEEKDAY)),
        ({"slots": ()}, ("", 0, "slots", rules.NO_SLOT)),
        ({"products": ()}, ("", 0, "products", rules.NO_PRODUCT)),
        ({"slots": (replace(NOON, ends_at=time(11, 45)),)}, ("slots", 0, "ends_at", rules.SLOT_ENDS_BEFORE)),
        ({"slots": (NOON, replace(NOON, max_age=2))}, ("slots", 1, "max_age", rules.AGES_CROSSED)),
        ({"products": (replace(MEAL, takes=()),)}, ("products", 0, "takes", rules.TAKES_NOTHING)),
        ({"products": (MEAL, replace(MEAL, name="REPAS"))}, ("products", 1, "name", rules.SAME_NAME)),
    ],
)
def test_each_fault_is_said_in_its_place(changes, fault):
    assert [(one.where, one.place, one.field, one.reason) for one in faults_of(replace(CANTEEN, **changes))] == [fault]


def test_open_in_the_holidays_alone_with_one_age_is_an_activity_too():
    centre = replace(
        CANTEEN, term_weekdays=(), holiday_weekdays=(0,), slots=(replace(NOON, max_age=None, capacity=None),)
    )

    assert faults_of(centre) == ()


def opens(*closures, ends=date(2027, 7, 2), calendar=None):
    opening = OpeningDays(Period(date(2026, 9, 1), ends), frozenset({0, 1, 3, 4}), frozenset())
    return Opens(opening, tuple(closures), calendar or Calendar())


def test_what_is_reserved_on_a_day_that_closes_is_named_by_day():
    strike = NamedDays("Grève", date(2026, 11, 26), date(2026, 11, 27))
    reserved = {
        (2, date(2026, 11, 27)): 5,
        (1, date(2026, 11, 27)): 80,
        (1, date(2026, 11, 26)): 78,
        (1, date(2026, 11, 30)): 79,
        # Reserved by an agent on a Wednesday, when the canteen is closed as it was: nothing new.
        (1, date(2026, 11, 25)): 1,
        (3, date(2026, 11, 26)): 4,
    }
    before = {1: opens(), 2: opens(), 3: opens()}

    found = left_standing(reserved, before, {1: opens(strike), 2: opens(strike), 3: opens()})

    assert found == (
        Standing(1, date(2026, 11, 26), 78),
        Standing(1, date(2026, 11, 27), 80),
        Standing(2, date(2026, 11, 27), 5),
    )


@pytest.mark.parametrize(
    "after",
    [
        {1: opens(ends=date(2026, 11, 20))},
        {1: opens(calendar=Calendar(school_holidays=(NamedDays("Pont", date(2026, 11, 23), date(2026, 11, 27)),)))},
        {1: opens(calendar=Calendar(public_holidays=(NamedDays("Fête", date(2026, 11, 26), date(2026, 11, 26)),)))},
        {},
    ],
    ids=["it ends sooner", "holidays", "a public holiday", "no more activity"],
)
def test_whatever_closes_the_day_it_is_seen(after):
    reserved = {(1, date(2026, 11, 26)): 3, (9, date(2026, 11, 26)): 1}

    assert left_standing(reserved, {1: opens()}, after) == (Standing(1, date(2026, 11, 26), 3),)
