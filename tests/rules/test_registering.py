"""A family registered at the counter is read at once; each fault is beside its field."""

from datetime import date

import pytest

from marelle.domain.families.rules.profile import Fault
from marelle.domain.families.rules.registering import (
    Faults,
    Given,
    NewChild,
    NewGuardian,
    NewHome,
    RegisterFault,
    is_same_guardian,
    read_home,
)

TODAY = date(2026, 11, 23)
ELISE = {"first_name": "Élise", "last_name": "Le Goff"}
ZOE = {"first_name": "Zoé", "birth_date": "02/05/2018"}


def read(*, home=None, guardians=(ELISE,), children=(ZOE,), places=()):
    return read_home(Given(home or {}, guardians, children, places=places), on=TODAY)


def test_what_is_not_written_follows_the_first_guardian():
    blank = {"first_name": " ", "last_name": ""}

    assert read(guardians=(ELISE, blank), children=(ZOE, blank), places=((3, frozenset({7})),)) == NewHome(
        "Le Goff",
        "",
        True,
        (NewGuardian("Élise", "Le Goff"),),
        (NewChild("Zoé", "Le Goff", date(2018, 5, 2), 3, frozenset({7})),),
    )


def test_a_home_has_its_own_name_and_a_child_its_own():
    found = read(
        home={"name": "Le Goff-Roux", "address": " 3,  rue "},
        children=({**ZOE, "last_name": "Roux"}, ZOE | {"first_name": "Malo"}),
    )

    assert (found.name, found.address) == ("Le Goff-Roux", "3, rue")
    assert [one.last_name for one in found.children] == ["Roux", "Le Goff-Roux"]


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"guardians": ()}, Faults(guardians={(0, "last_name"): RegisterFault.NO_GUARDIAN})),
        ({"children": ()}, Faults(children={(0, "first_name"): RegisterFault.NO_CHILD})),
        ({"home": {"name": "x" * 200}}, Faults(home={"name": Fault.TOO_LONG})),
        ({"home": {"address": "x" * 201}}, Faults(home={"address": Fault.TOO_LONG})),
        (
            {"guardians": (ELISE, ELISE | {"first_name": "elise"})},
            Faults(guardians={(1, "first_name"): RegisterFault.SAME_GUARDIAN}),
        ),
        (
            {"guardians": (ELISE | {"relation": "x" * 41, "phone": "1"},)},
            Faults(guardians={(0, "relation"): Fault.TOO_LONG, (0, "phone"): Fault.BAD_PHONE}),
        ),
        (
            {"children": (ZOE, ZOE | {"first_name": "ZOE"})},
            Faults(children={(1, "first_name"): RegisterFault.SAME_CHILD}),
        ),
        ({"children": (ZOE | {"birth_date": "2018-13-01"},)}, Faults(children={(0, "birth_date"): Fault.BAD_DAY})),
    ],
)  # fmt: skip
def test_what_is_wrong_is_beside_its_field(given, faults):
    found = read(**given)

    assert found == faults
    assert found


def test_accents_and_hyphens_make_no_other_guardian():
    assert is_same_guardian(NewGuardian("Élise", "Le Goff"), NewGuardian("elise", "le-goff"))
    assert not is_same_guardian(NewGuardian("Élise", "Le Goff"), NewGuardian("Anne", "Le Goff"))
