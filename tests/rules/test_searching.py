"""What somebody types to find a family is read, and a name forgives one slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.families.rules.searching import (
    is_a_slip_apart,
    may_be_slipped,
    read_typed,
    without_a_letter,
)


@pytest.mark.parametrize(
    ("typed", "whole", "names"),
    [
        ("  Élise   D’Œuvre ", (), "élise d’œuvre"),
        ("06 12 34 56 78", ("0612345678",), ""),
        ("+33 (0)6.12.34.56.78", ("0612345678",), ""),
        ("0033612345678 Martin", ("0612345678",), "martin"),
        ("+32 2 123 45 67", ("3221234567",), ""),
        ("martin 06 12", ("0612",), "martin"),
        ("F-0042", ("f0042",), ""),
        ("1042", ("1042",), ""),
        ("0042-b", ("0042b",), ""),
        ("M-a8x2", ("ma8x2",), ""),
        ("Jean.Dupont@exemple.fr", ("jean.dupont@exemple.fr",), ""),
        ("jean.dup", ("jean.dup",), ""),
        ("nom_de", ("nom_de",), ""),
        ("06@exemple.fr 0612", ("06@exemple.fr", "0612"), ""),
        ("St. Jean-Baptiste", (), "st. jean-baptiste"),
        ("", (), ""),
        ("0" * 500, ("0" * 80,), ""),
        ("1/- a", ("1",), "a"),
    ],
)
def test_what_is_typed_is_read(typed, whole, names):
    assert read_typed(typed) == (whole, names)


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("dupont", "dupond", True),
        ("dupont", "dupon", True),
        ("dupont", "dupontt", True),
        ("dupont", "udpont", True),
        ("dupont", "duopnt", True),
        ("dupont", "dupotn", True),
        ("dupont", "dupont", False),
        ("dupont", "dupo", False),
        ("dupont", "dpuotn", False),
        ("dupont", "uponta", False),
        ("ab", "cd", False),
    ],
)
def test_a_slip_is_one_letter_or_two_that_changed_places(one, other, is_so):
    assert is_a_slip_apart(one, other) is is_so
    assert is_a_slip_apart(other, one) is is_so


@given(st.text("abcde", min_size=1, max_size=7), st.text("abcde", min_size=1, max_size=7))
def test_two_words_a_slip_apart_share_what_is_left_without_a_letter(one, other):
    if is_a_slip_apart(one, other):
        assert without_a_letter(one) & without_a_letter(other)


@pytest.mark.parametrize(("word", "may"), [("dupont", True), ("léa", False), ("lea", False), ("f0042", False)])
def test_only_a_name_long_enough_is_slipped(word, may):
    assert may_be_slipped(word) is may
