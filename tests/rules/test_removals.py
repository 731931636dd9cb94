"""Which of the family's own addresses reach the person who is kept out, and who is she by another file."""

from __future__ import annotations

import pytest

from marelle.domain.families.rules.removals import (
    KeptOutOf,
    Newcomer,
    addresses_of_removed,
    kept_from_home,
    who_may_not_come,
    whom_child_may_not_join,
)

FAMILY = {"email": "Roy@Exemple.fr", "phone": "0611223344", "other_phone": "12"}


@pytest.mark.parametrize(
    ("emails", "phones", "hers"),
    [
        ((), (), ()),
        (("",), ("",), ()),
        (("roy@exemple.fr ",), (), ("email",)),
        (("autre@exemple.fr",), ("+33 6 11 22 33 44",), ("phone",)),
        (("roy@exemple.fr",), ("06 11 22 33 44", " 12"), ("email", "phone", "other_phone")),
    ],
    ids=[
        "nothing known",
        "empty is nobody's",
        "whatever the capitals",
        "however it is written",
        "all, even a half number",
    ],
)
def test_an_address_is_hers_however_it_is_written(emails, phones, hers):
    assert addresses_of_removed(FAMILY, emails=emails, phones=phones) == hers


def test_an_empty_field_is_nobodys():
    assert addresses_of_removed(dict.fromkeys(FAMILY, ""), emails=("a@b.fr", ""), phones=("", "06")) == ()


# Karim, kept out of family 1, where Lucia (7) lives; his account acts in family 3.
KARIM = KeptOutOf(
    guardian=5, family=1, first_name="Karim", last_name="Roy", emails=frozenset({"karim@exemple.fr"}),
    phones=frozenset({"0611223344"}), children=frozenset({7}), acts_in=frozenset({3}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "is_she"),
    [
        pytest.param(Newcomer("KARIM", "Roy-Martin"), True, id="a file may say fewer names"),
        pytest.param(Newcomer("K.", "Martin", "KARIM@exemple.fr "), True, id="his address, whatever he is called"),
        pytest.param(Newcomer("Karim", "Martin", phone="+33 6 11 22 33 44"), True, id="his telephone and first name"),
        pytest.param(Newcomer("Inès", "Roy", phone="06 11 22 33 44"), False, id="the telephone of a home is of two"),
        pytest.param(Newcomer("Karim", "Martin"), False, id="a first name says nothing"),
        pytest.param(Newcomer("Inès", "Roy", "ines@exemple.fr"), False, id="nor does a last name"),
    ],
)
def test_who_is_kept_out_is_known_by_another_name_and_not_taken_for_another(who, is_she):
    assert KARIM.is_she(who) is is_she


@pytest.mark.parametrize(
    ("family", "children", "is_kept"),
    [
        pytest.param(1, (), True, id="back into the file, whoever lives there"),
        pytest.param(None, (7, 8), True, id="a new file of the same child"),
        pytest.param(2, (8,), False, id="a file of other children"),
    ],
)
def test_he_comes_neither_back_nor_into_another_file_of_the_same_child(family, children, is_kept):
    found = who_may_not_come([KARIM], Newcomer("Karim", "Roy"), family=family, children=children)
    assert (found is KARIM) is is_kept


@pytest.mark.parametrize(
    ("child", "family", "people", "is_kept"),
    [
        pytest.param(7, 3, (), True, id="where his account acts"),
        pytest.param(7, 2, (Newcomer("Karim", "Roy"),), True, id="where he is a guardian"),
        pytest.param(7, None, (Newcomer("Karim", "Roy"),), True, id="a new file where he is one"),
        pytest.param(7, 1, (Newcomer("Karim", "Roy"),), False, id="its own file, which is shut to him"),
        pytest.param(8, 3, (), False, id="another child"),
        pytest.param(7, 2, (Newcomer("Inès", "Roy"),), False, id="a file where he is not"),
        pytest.param(7, None, (), False, id="a new file of nobody"),
    ],
)
def test_nor_does_the_child_come_where_he_is(child, family, people, is_kept):
    found = whom_child_may_not_join([KARIM], child, family=family, people=people)
    assert (found is KARIM) is is_kept


def test_an_agent_is_told_who_is_there_and_what_to_do():
    said = kept_from_home(KARIM.name, "Lucia")
    assert said.startswith("L’accès de Karim Roy à un dossier de Lucia est retiré, et ce foyer est le sien.")
