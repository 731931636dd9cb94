"""Amounts written out: the rules of French numerals, one by one, then all of them."""

from __future__ import annotations

import pytest

from marelle.foundation.amounts_in_words import amount_in_words, number_in_words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zéro"),
        (16, "seize"),
        (17, "dix-sept"),
        (20, "vingt"),
        (21, "vingt et un"),
        (22, "vingt-deux"),
        (61, "soixante et un"),
        (70, "soixante-dix"),
        (71, "soixante et onze"),
        (77, "soixante-dix-sept"),
        (80, "quatre-vingts"),
        (81, "quatre-vingt-un"),
        (90, "quatre-vingt-dix"),
        (91, "quatre-vingt-onze"),
        (99, "quatre-vingt-dix-neuf"),
        (100, "cent"),
        (101, "cent un"),
        (180, "cent quatre-vingts"),
        (200, "deux cents"),
        (203, "deux cent trois"),
        (1000, "mille"),
        (1100, "mille cent"),
        (2000, "deux mille"),
        (80_000, "quatre-vingt mille"),
        (200_000, "deux cent mille"),
        (201_080, "deux cent un mille quatre-vingts"),
        (80_000_000, "quatre-vingts millions"),
        (1_000_001, "un million un"),
    ],
)
def test_a_number_is_written_as_the_grammar_says(number, words):
    assert number_in_words(number) == words


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (3850, "trente-huit euros et cinquante centimes"),
        (100, "un euro"),
        (101, "un euro et un centime"),
        (0, "zéro euro"),
        (80, "quatre-vingts centimes"),
        (200_000_000_00, "deux cents millions d’euros"),
        (1_000_000_00, "un million d’euros"),
        (1_000_200_00, "un million deux cents euros"),
        (-1250, "moins douze euros et cinquante centimes"),
    ],
)
def test_an_amount_is_written_with_its_euros_and_its_cents(cents, words):
    assert amount_in_words(cents) == words


def test_no_two_numbers_are_written_alike():
    said = [number_in_words(number) for number in range(100_000)]

    assert len(set(said)) == len(said)


def test_a_number_too_large_to_be_an_amount_is_refused():
    with pytest.raises(ValueError, match="de 0 à"):
        number_in_words(10**9)
    with pytest.raises(ValueError, match="de 0 à"):
        number_in_words(-1)
