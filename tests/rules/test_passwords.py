"""What is too easy to guess, and what is not."""

import pytest

from marelle.domain.accounts.rules.passwords import Weakness, weakness


@pytest.mark.parametrize(
    "password",
    [
        "trois petits chats verts",
        "le nouveau secret de Lucia",
        "Xk7!pq-2vTz9",
        "3141592653589793",
        "bonjourlestuilesbleues",
        "mairie de dammartin 12",
        "été à la plage, sable",
    ],
)
def test_a_secret_is_taken(password):
    assert weakness(password) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("190519851985", Weakness.ONLY_DIGITS),
        ("aaaaaaaaaaaa", Weakness.FEW_SIGNS),
        ("1111111111111111", Weakness.FEW_SIGNS),
        ("AbabÀbabABab", Weakness.FEW_SIGNS),
        ("soleilsoleil", Weakness.REPEATED),
        ("Soleil1soleil2", Weakness.REPEATED),
        ("abcde-abcde-", Weakness.REPEATED),
        ("azertyuiopqs", Weakness.ROW),
        ("AZERTYUIOP123!", Weakness.ROW),
        ("poiuytreza2026", Weakness.ROW),
        ("abcdefghijkl", Weakness.ROW),
        ("MotDePasse123", Weakness.COMMON),
        ("Môtdepasse2026!", Weakness.COMMON),
        ("2026 Cantine 2026", Weakness.COMMON),
        ("paris 1900-1999", Weakness.COMMON),
    ],
)
def test_what_anybody_would_try_is_refused_with_its_reason(password, why):
    assert weakness(password) is why


def test_nothing_at_all_is_too_few_signs():
    assert weakness("") is Weakness.FEW_SIGNS


def test_sixteen_digits_are_worth_a_secret_and_fifteen_are_not():
    assert weakness("3141592653589793") is None
    assert weakness("314159265358979") is Weakness.ONLY_DIGITS
