"""What is handed over to the Trésor: who may be, how texts are written, control keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marelle.domain.billing.rules.dockets import (
    Budget,
    BudgetLack,
    Docket,
    DocketKind,
    Lack,
    Person,
    Title,
    TitleLine,
    budget_lacks,
    control_keys,
    guessed,
    is_worth_it,
    lacks,
    plain,
)
from marelle.domain.billing.rules.returns import DocketName, LineSaid, Received, ranked, undone

LEA = Person("MME", "Martin", "Léa", "12 rue des Lilas", "77515", "Fictiville")
BUDGET = Budget("21770001200016", "077015", "100", "00", "COMMUNE", "R001", "CANT", "7067")


def test_texts_are_capitals_without_accents():
    assert plain("Zoé d’Œuvrœ — l’Haÿ-les-Roses n° 3") == "ZOE D'OEUVROE L'HAY-LES-ROSES N 3"
    assert plain("Straße  \t 日本 &<>") == "STRASSE"


@pytest.mark.parametrize(
    ("change", "lack"),
    [
        ({}, []),
        ({"civility": ""}, [Lack.CIVILITY]),
        ({"civility": "MLLE"}, [Lack.CIVILITY]),
        ({"last_name": " "}, [Lack.LAST_NAME]),
        ({"last_name": "X" * 39}, [Lack.LAST_NAME]),
        ({"first_name": ""}, [Lack.FIRST_NAME]),
        ({"address": ""}, [Lack.ADDRESS]),
        ({"address": "Y" * 39}, [Lack.LONG_ADDRESS]),
        ({"address_extra": "Y" * 39}, [Lack.LONG_ADDRESS]),
        ({"postcode": "7751"}, [Lack.POSTCODE]),
        ({"postcode": "٣٣٣٣٣"}, [Lack.POSTCODE]),
        ({"town": ""}, [Lack.TOWN]),
    ],
)
def test_what_is_lacking_is_listed_before(change, lack):
    assert lacks(replace(LEA, **change)) == lack


def test_what_a_file_says_is_read_and_what_it_does_not_is_asked_for():
    address = "Bât. B, 12 rue des Lilas, Les Prés, 77515 Fictiville-sur-Yerres"
    found = guessed("Famille Martin", "Léa", "Martin", address)

    assert (found.address_extra, found.address, found.place) == ("Bât. B", "12 rue des Lilas", "Les Prés")
    assert (found.postcode, found.town) == ("77515", "Fictiville-sur-Yerres")
    assert lacks(found) == [Lack.CIVILITY]
    assert guessed("Martin", "", "", "quelque part").last_name == "Martin"
    assert lacks(guessed("", "", "", "")) == [
        Lack.CIVILITY,
        Lack.LAST_NAME,
        Lack.FIRST_NAME,
        Lack.ADDRESS,
        Lack.POSTCODE,
        Lack.TOWN,
    ]


def test_small_debts_are_grouped_by_debtor():
    assert not is_worth_it([1499], lowest=1500)
    assert is_worth_it([700, 800], lowest=1500)


def test_a_regie_says_what_the_tresor_knows_it_by():
    assert budget_lacks(BUDGET, DocketKind.TITLES) == []
    bare = Budget("", "77", "", "", "", "", "", "")
    assert budget_lacks(bare, DocketKind.TITLES) == list(BudgetLack)
    assert set(BudgetLack) - set(budget_lacks(bare, DocketKind.ROLLS)) == {BudgetLack.NATURE, BudgetLack.REGIE_CODE}
    assert budget_lacks(replace(BUDGET, codique="02A015"), DocketKind.TITLES) == []


def test_control_keys_are_a_digit_and_a_letter():
    # 26 0 00 0000011000002 modulo 23 is 5: F. By hand: 100 01 26 0 0000011000002, weights 2 to 7 from the right.
    first, second = control_keys("100", "01", 2026, "0000011000002")
    digits = [int(one) for one in reversed("1000126" + "0" + "0000011000002")]
    total = sum(digit * weight for digit, weight in zip(digits, [2, 3, 4, 5, 6, 7] * 4, strict=False))

    assert int(first) == (11 - total % 11 if 11 - total % 11 <= 9 else 1)
    assert second == "ABCDEFGHJKLMNPQRSTUVWXY"[int("260000000011000002") % 23]
    keys = {control_keys("100", "01", 2026, f"{debt:013d}") for debt in range(300)}
    assert {len(one) for one, _letter in keys} == {1}
    assert not {letter for _one, letter in keys} & set("IOZ")


def test_two_payments_alike_are_two_and_the_same_file_again_is_none():
    one = Received("10", date(2026, 12, 1), 1000)

    assert ranked([one, one]) == [(one, 0), (one, 1)]
    assert one.is_money
    assert not one.is_written_off
    assert replace(one, origin="06").is_written_off
    assert not replace(one, origin="09").is_money


def test_a_docket_adds_up_and_names_its_file_and_its_debts():
    line = TitleLine(1, "Cantine, octobre 2026", 3850)
    title = Title(3, "Cantine", LEA, (line, replace(line, cents=1150)))
    docket = Docket(DocketKind.TITLES, BUDGET, 2026, 12, date(2027, 1, 15), "Cantine", (title, title))

    assert (title.cents, docket.cents) == (5000, 10000)
    assert docket.file_name == "PESALR1_21770001200016_2026_0000012_01"
    assert replace(docket, kind=DocketKind.ROLLS, attempt=2).file_name == "PESORMC_21770001200016_2026_0000012_02"
    assert docket.debt_of(title) == "0000012000003"


@pytest.mark.parametrize(
    ("amounts", "missing", "places"),
    [
        ((1000, 1340, 700), 1340, (1,)),
        ((1000, 1340, 700), 2040, (1, 2)),
        ((1000, 1340, 700), 3040, (0, 1, 2)),
        ((1000, 500, 500, 1000), 1000, (3,)),
        ((1000,), 999, ()),
        ((), 100, ()),
        ((1,) * 40, 12, tuple(range(28, 40))),
        ((1,) * 40, 13, ()),
    ],
)
def test_what_the_tresor_lacks_is_the_fewest_payments_that_come_to_it(amounts, missing, places):
    assert undone(amounts, missing) == places


@pytest.mark.parametrize(
    ("line_state", "told", "received", "counted"),
    [
        ("04", None, (), 0),
        ("04", 500, (), 500),
        ("04", None, (Received("10", date(2027, 1, 21), 500),), None),
        ("05", None, (), None),
        ("01", None, (), None),
    ],
)
def test_an_unpaid_line_of_which_nothing_is_said_has_received_nothing(line_state, told, received, counted):
    said = LineSaid(DocketName(2027, 1), 1, 1, "02", line_state, told=told, received=received)
    assert said.counted == counted
