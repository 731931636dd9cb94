"""What a family may change of its file, whom it trusts, what it consents to, when it confirms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.families.rules.confirmations import asked_since, digest_of, is_due, written
from marelle.domain.families.rules.consents import ConsentStanding, consent_standing
from marelle.domain.families.rules.departments import DEPARTMENTS, department_in_words
from marelle.domain.families.rules.phone_numbers import held_together, read_phone
from marelle.domain.families.rules.pickups import LONGEST_NAME, Pickup, PickupFault, faults_of, tidy
from marelle.domain.families.rules.profile import (
    FIELDS,
    Fault,
    Kind,
    Standing,
    Subject,
    Way,
    fields_of,
    in_words,
    meant,
    read_value,
    sorted_changes,
    standing_of,
    ways_of,
)

TODAY = date(2026, 11, 23)


class TestWays:
    def test_without_a_choice_each_field_follows_its_default(self):
        assert ways_of({}) == {code: field.default for code, field in FIELDS.items()}

    def test_an_authority_chooses_field_by_field(self):
        ways = ways_of({"family_name": "request", "family_phone": "approval"})

        assert (ways["family_name"], ways["family_phone"]) == (Way.REQUEST, Way.APPROVAL)
        assert ways["family_email"] is Way.AT_ONCE

    @pytest.mark.parametrize("choice", ["at_once", "whatever"])
    def test_a_choice_that_the_field_does_not_allow_is_none(self, choice):
        assert ways_of({"child_allergies": choice})["child_allergies"] is Way.REQUEST

    def test_what_decides_a_price_or_a_child_s_safety_is_never_changed_at_once(self):
        careful = {*fields_of(Subject.CHILD, Subject.HEALTH), "family_address"}

        assert {code for code in careful if Way.AT_ONCE in FIELDS[code].ways} == set()
        assert all(field.default in field.ways for field in FIELDS.values())


READ = {
    "tidied": ("family_name", "  Sanchez   Cordoves ", "Sanchez Cordoves"),
    "missing": ("family_name", "  ", Fault.MISSING),
    "optional": ("family_email", " ", ""),
    "too long": ("family_name", "a" * 121, Fault.TOO_LONG),
    "just as long": ("family_name", "a" * 120, "a" * 120),
    "lines kept": ("family_address", " 2, rue Haute \n\n 77163  Dammartin ", "2, rue Haute\n77163 Dammartin"),
    "one line": ("family_name", "Sanchez\nCordoves", "Sanchez Cordoves"),
    "address whatever its case": ("family_email", "Foyer@Exemple.FR", "foyer@exemple.fr"),
    "no at sign": ("family_email", "foyer.exemple.fr", Fault.BAD_EMAIL),
    "no end": ("family_email", "foyer@exemple", Fault.BAD_EMAIL),
    "phone": ("family_phone", "+33 6 12.34-56 78", "06 12 34 56 78"),
    "not a phone": ("family_phone", "12", Fault.BAD_PHONE),
    "a very long phone": ("family_phone", "06" * 40, Fault.BAD_PHONE),
    "department": ("family_department", "2A", "2A"),
    "no such department": ("family_department", "20", Fault.BAD_DEPARTMENT),
    "day": ("child_birth_date", "09/04/2017", "2017-04-09"),
    "day of a browser": ("child_birth_date", "2017-04-09", "2017-04-09"),
    "born today": ("child_birth_date", "2026-11-23", "2026-11-23"),
    "not born yet": ("child_birth_date", "2026-11-24", Fault.BAD_DAY),
    "no such day": ("child_birth_date", "31/02/2017", Fault.BAD_DAY),
    "a year of two digits": ("child_birth_date", "0017-04-09", Fault.BAD_DAY),
    "the first year": ("child_birth_date", "1990-01-01", "1990-01-01"),
    "the last day before": ("child_birth_date", "1989-12-31", Fault.BAD_DAY),
    "words": ("child_birth_date", "avril", Fault.BAD_DAY),
}


@pytest.mark.parametrize(("code", "given", "read"), READ.values(), ids=READ.keys())
def test_reading(code, given, read):
    assert read_value(FIELDS[code], given, on=TODAY) == read


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=300))
def test_what_is_read_is_read_again_the_same(code, text):
    field = FIELDS[code]
    read = read_value(field, text, on=TODAY)

    if not isinstance(read, Fault):
        assert read_value(field, read, on=TODAY) == read
        assert len(read) <= field.longest
        assert in_words(field, read)


PHONES = {
    "06.12.34.56.78": "06 12 34 56 78",
    "0033612345678": "06 12 34 56 78",
    "+32 2 123 45 67": "+32 2 123 45 67",
    "+1 (202) 555 - 01 - 2 3": "+12025550123",
    "+0612345678": "",
    "00 12 34 56 78": "",
    "": "",
}


@pytest.mark.parametrize(("given", "read"), PHONES.items())
def test_phones(given, read):
    assert read_phone(given) == read


def test_values_in_words():
    assert in_words(FIELDS["child_birth_date"], "2017-04-09") == "09/04/2017"
    assert in_words(FIELDS["family_department"], "77") == "Seine-et-Marne (77)"
    assert in_words(FIELDS["family_name"], "Benali") == "Benali"
    assert in_words(FIELDS["family_phone"], "") == "non renseigné"


def test_there_are_101_departments_named_once():
    assert len(DEPARTMENTS) == len(set(DEPARTMENTS.values())) == 101
    assert list(DEPARTMENTS)[19:21] == ["2A", "2B"]
    assert department_in_words("99") == "99"
    assert department_in_words("974") == "La Réunion (974)"


def test_changes_are_sorted_by_their_way_and_the_same_value_is_none():
    current = {"family_name": "Benali", "family_phone": "", "family_address": "2, rue Haute", "family_email": "a@b.fr"}
    wanted = {
        "family_name": "Benali-Roy",
        "family_phone": "06 12 34 56 78",
        "family_address": "3, rue Basse",
        "family_email": "a@b.fr",
    }

    found = sorted_changes(current, wanted, ways_of({}))

    assert found.at_once == {"family_phone": "06 12 34 56 78"}
    assert found.to_propose == {"family_name": "Benali-Roy"}
    assert found.not_theirs == ("family_address",)


@pytest.mark.parametrize(
    ("current", "standing"),
    [("Benali", Standing.FRESH), ("Roy", Standing.ALREADY_SO), ("Vasseur", Standing.STALE)],
)
def test_a_change_is_stale_once_the_file_says_something_else(current, standing):
    assert standing_of(old="Benali", new="Roy", current=current) is standing


PERSON = Pickup(" Paul  Roy ", " 0612345678", " grand-père ", frozenset({1}), TODAY)
PICKUPS = {
    "whole": ({}, ()),
    "no phone": ({"phone": " "}, ()),
    "no name": ({"name": "  "}, (PickupFault.NO_NAME,)),
    "no child": ({"children": frozenset()}, (PickupFault.NO_CHILD,)),
    "bad phone": ({"phone": "12"}, (PickupFault.BAD_PHONE,)),
    "one day": ({"ends_on": TODAY}, ()),
    "begun before, not over": ({"starts_on": date(2026, 9, 1), "ends_on": TODAY}, ()),
    "over": ({"starts_on": date(2026, 9, 1), "ends_on": date(2026, 11, 22)}, (PickupFault.PAST,)),
    "begins in the past without an end": ({"starts_on": date(2026, 11, 22)}, (PickupFault.PAST,)),
    "reversed": ({"starts_on": date(2026, 12, 2), "ends_on": date(2026, 12, 1)}, (PickupFault.REVERSED,)),
}


@pytest.mark.parametrize(("fields", "faults"), PICKUPS.values(), ids=PICKUPS.keys())
def test_who_may_fetch_a_child(fields, faults):
    assert faults_of(replace(PERSON, **fields), on=TODAY) == faults


def test_a_person_is_kept_tidy():
    assert tidy(PERSON) == Pickup("Paul Roy", "06 12 34 56 78", "grand-père", frozenset({1}), TODAY)
    assert tidy(replace(PERSON, phone="12")).phone == "12"
    assert len(tidy(replace(PERSON, name="a" * 200)).name) == LONGEST_NAME


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        ([True], ConsentStanding.GIVEN),
        ([True, True], ConsentStanding.GIVEN),
        ([False], ConsentStanding.REFUSED),
        ([True, False], ConsentStanding.REFUSED),
        ([None, False], ConsentStanding.REFUSED),
        ([True, None], ConsentStanding.PARTIAL),
        ([None], ConsentStanding.ASKED),
        ([], ConsentStanding.ASKED),
    ],
)
def test_one_home_that_says_no_is_no(answers, standing):
    assert consent_standing(answers) is standing


DUE = {
    "not asked": (None, None, False),
    "never confirmed": (9, None, True),
    "confirmed last year": (9, date(2026, 8, 31), True),
    "confirmed on the first day": (9, date(2026, 9, 1), False),
    "from this month on": (11, date(2026, 10, 31), True),
    "from next month on, confirmed last year": (12, date(2025, 12, 1), False),
    "from next month on, the year before": (12, date(2025, 11, 30), True),
}


@pytest.mark.parametrize(("month", "last", "due"), DUE.values(), ids=DUE.keys())
def test_a_file_is_confirmed_once_a_year(month, last, due):
    assert is_due(month, last=last, on=TODAY) is due


@given(st.integers(1, 12), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_it_is_asked_since_a_day_of_the_last_twelve_months(month, day):
    since = asked_since(month, on=day)

    assert since.month == month
    assert 0 <= (day - since).days < 366


def test_two_files_that_differ_have_two_marks():
    one = [("Votre foyer", [("Nom de la famille", "Benali")])]
    other = [("Votre foyer", [("Nom de la famille", "Roy")])]

    assert digest_of(written(one)) == digest_of(written([(title, list(lines)) for title, lines in one]))
    assert digest_of(written(one)) != digest_of(written(other))
    assert "Nom de la famille" in written(one)


def test_each_kind_of_field_is_on_a_screen():
    assert {field.kind for field in FIELDS.values()} == set(Kind)


AT_ONCE_BY_TWO = {
    "nobody else wrote": ("lait", "lait, œufs", "lait", ({"child_allergies": "lait, œufs"}, ())),
    "left as it was seen": ("lait", "", "", ({}, ())),
    "both wrote the same": ("lait", "lait", "", ({}, ())),
    "both wrote otherwise": ("lait", "œufs", "", ({}, ("child_allergies",))),
    "nothing is known of what was seen": ("lait", "œufs", None, ({"child_allergies": "œufs"}, ())),
}


@pytest.mark.parametrize(("current", "wanted", "seen", "due"), AT_ONCE_BY_TWO.values(), ids=AT_ONCE_BY_TWO.keys())
def test_what_another_wrote_meanwhile_is_not_undone(current, wanted, seen, due):
    was = {"child_diet": "sans porc"} | ({} if seen is None else {"child_allergies": seen})

    assert meant({"child_allergies": current, "child_diet": ""}, {"child_allergies": wanted}, was) == due


def test_in_a_sentence_a_number_is_not_cut_at_the_end_of_a_line():
    assert (
        held_together("06 12 34 56 78")
        == "06\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}34\N{NO-BREAK SPACE}56\N{NO-BREAK SPACE}78"
    )
