"""What a new town is given without being asked: its zone, its time, its name in addresses."""

import pytest

from marelle.domain.families.rules.departments import DEPARTMENTS
from marelle.domain.onboarding.rules.opening_town import is_slug, proposed_slug, timezone_of, zone_of

OWN_CALENDAR = {"2A", "2B", "971", "972", "973", "974", "976"}


@pytest.mark.parametrize(("department", "zone"), [("33", "A"), ("69", "A"), ("67", "B"), ("59", "B"), ("75", "C")])
def test_a_department_is_in_a_zone(department, zone):
    assert zone_of(department) == zone


def test_every_department_of_the_mainland_is_in_one_and_the_others_have_their_own_calendar():
    assert {code for code in DEPARTMENTS if zone_of(code) == ""} == OWN_CALENDAR


def test_a_town_overseas_lives_at_its_own_time():
    assert timezone_of("974") == "Indian/Reunion"
    assert timezone_of("77") == "Europe/Paris"


@pytest.mark.parametrize(
    ("name", "taken", "slug"),
    [
        ("Saint-Étienne-du-Rouvray", set(), "saint-etienne-du-rouvray"),
        ("L’Haÿ-les-Roses", set(), "l-hay-les-roses"),
        ("Œuilly", set(), "oeuilly"),
        ("Saint-Denis", {"saint-denis"}, "saint-denis-2a"),
        ("Saint-Denis", {"saint-denis", "saint-denis-2a"}, "saint-denis-2a-2"),
        ("Compte", set(), "compte-2a"),
        ("日本", set(), "collectivite"),
        ("a" * 90, set(), "a" * 50),
    ],
)
def test_its_name_in_addresses_is_made_of_its_name(name, taken, slug):
    assert proposed_slug(name, "2A", taken.__contains__) == slug
    assert is_slug(slug)


@pytest.mark.parametrize("slug", ["", "Saint-Denis", "saint--denis", "-a", "é", "ouvrir", "a" * 61])
def test_what_cannot_stand_in_an_address_is_no_name(slug):
    assert not is_slug(slug)
