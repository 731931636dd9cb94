"""The reference that anybody types from an invoice: a slip is caught, what is read alike is alike."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.billing.rules.references import (
    check_sign,
    number_typed,
    public_id_of,
    reference_of,
    without_account_words,
)
from marelle.foundation.public_ids import ALPHABET, LENGTH, new_public_id

NAMES = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)


@pytest.mark.parametrize(
    ("public_id", "reference"),
    [
        ("000000000000", "0000-0000-00000"),
        ("7kq2m9xd4trb", "7KQ2-M9XD-4TRBQ"),
        ("zzzzzzzzzzzz", "ZZZZ-ZZZZ-ZZZZR"),
    ],
)
def test_a_reference_is_the_public_name_and_a_sign(public_id, reference):
    assert reference_of(public_id) == reference


@given(NAMES)
def test_it_is_read_back_however_it_is_typed(name):
    reference = reference_of(name)
    for typed in (
        reference,
        reference.lower(),
        reference.replace("-", ""),
        f"  {reference.replace('-', ' ')} ",
        reference.replace("-", "\N{EN DASH}"),
        reference.replace("0", "O").replace("1", "l"),
        reference.replace("1", "i").replace("0", "o"),
    ):
        assert public_id_of(typed) == name


@given(NAMES, st.integers(0, LENGTH), st.sampled_from(ALPHABET))
def test_one_sign_for_another_is_caught(name, place, sign):
    whole = name + check_sign(name)
    slipped = whole[:place] + sign + whole[place + 1 :]
    assert public_id_of(slipped) == (name if slipped == whole else "")


@given(NAMES)
def test_two_signs_in_the_wrong_order_are_caught_wherever_they_are(name):
    whole = name + check_sign(name)
    for one, other in combinations(range(LENGTH + 1), 2):
        signs = list(whole)
        signs[one], signs[other] = signs[other], signs[one]
        if signs[one] != signs[other]:
            assert public_id_of("".join(signs)) == ""


@pytest.mark.parametrize("typed", ["", "7KQ2", "7KQ2-M9XD-4TRB-44", "2026-CA-00-154", "7KQ2-M9XD-4TR\u00c9U", "%" * 13])
def test_anything_else_is_no_reference(typed):
    assert public_id_of(typed) == ""


def test_random_references_differ():
    assert len({reference_of(new_public_id()) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("typed", "number"), [("  eau-2026-154 ", "EAU-2026-154"), ("eau  2026\t154", "EAU 2026 154"), ("x" * 90, "X" * 40)]
)
def test_the_number_of_another_software_is_compared_in_capitals(typed, number):
    assert number_typed(typed) == number


@pytest.mark.parametrize("url", ["https://factures.ville.fr", "https://factures.ville.fr/"])
def test_paper_says_where_to_type_it_without_the_beginning_that_nobody_types(url):
    said = without_account_words(url, "7kq2m9xd4trb", 64_20).replace("\N{NO-BREAK SPACE}", " ")

    assert said == "Sans compte : factures.ville.fr, référence 7KQ2-M9XD-4TRBQ, montant 64,20 €"
