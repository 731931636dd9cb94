"""Membership codes: what is drawn reads well, what is typed is understood, a slip of the finger is seen."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from marelle.domain.families.rules.codes import (
    ALPHABET,
    DRAWN,
    LENGTH,
    check_sign,
    code_from,
    in_groups,
    is_well_formed,
    tidy,
)

CODES = st.binary(min_size=16, max_size=32).map(code_from)


def test_no_sign_is_taken_for_another():
    assert len(ALPHABET) == 31
    assert set("01OIL") & set(ALPHABET) == set()
    assert len(set(ALPHABET)) == 31


@given(st.binary(min_size=16, max_size=32))
def test_a_code_is_twelve_signs_that_check_and_the_same_bytes_give_the_same(random):
    code = code_from(random)

    assert len(code) == LENGTH == 12
    assert is_well_formed(code)
    assert code == code_from(random)


@pytest.mark.parametrize("random", [b"", b"0" * 15])
def test_too_few_bytes_are_refused(random):
    with pytest.raises(ValueError, match="octets ne suffisent pas"):
        code_from(random)


@given(CODES, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_seen(code, place, sign):
    assume(code[place] != sign)

    assert not is_well_formed(code[:place] + sign + code[place + 1 :])


@given(CODES, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_signs_that_changed_places_are_seen(code, one, other):
    assume(code[one] != code[other])
    signs = list(code)
    signs[one], signs[other] = signs[other], signs[one]

    assert not is_well_formed("".join(signs))


@given(CODES)
def test_a_code_is_understood_as_people_type_it(code):
    printed = in_groups(code)

    for typed in (printed, printed.lower(), f"  {printed.replace('-', ' ')}. ", code.lower(), " ".join(code)):
        assert tidy(typed) == code


def test_a_code_is_printed_in_groups_of_four():
    assert in_groups("7KQMX2PD9RHV") == "7KQM-X2PD-9RHV"


@pytest.mark.parametrize("typed", ["", "7KQM", "O" * 12, "7KQM-X2PD-9RH1", "é" * 12, "2" * 13])
def test_what_cannot_be_a_code_is_not_one(typed):
    assert not is_well_formed(tidy(typed))


def test_full_width_signs_are_read_as_the_plain_ones():
    assert tidy("\uff17\uff2b\uff51\uff4d") == "7KQM"


@given(st.text(alphabet=ALPHABET, min_size=DRAWN, max_size=DRAWN))
def test_one_check_sign_fits_and_one_only(drawn):
    assert [sign for sign in ALPHABET if is_well_formed(drawn + sign)] == [check_sign(drawn)]
