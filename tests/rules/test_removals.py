"""Which of the family's own addresses reach the person who is kept out."""

from __future__ import annotations

import pytest

from marelle.domain.families.rules.removals import addresses_of_removed

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
