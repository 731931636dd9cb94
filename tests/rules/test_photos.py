"""Whether the photo of a child may be kept, and until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marelle.domain.families.rules.photos import given_before, is_photo_agreed


@pytest.mark.parametrize(
    ("answers", "is_agreed"),
    [([], False), ([True], True), ([False], False), ([True, False], False), ([True, True], True)],
    ids=["nobody was asked", "one home agrees", "one refuses", "the other home refuses", "both agree"],
)
def test_one_home_agrees_and_none_refuses(answers, is_agreed):
    assert is_photo_agreed(answers) is is_agreed


def test_a_photo_is_kept_for_a_year_and_a_day():
    assert given_before(datetime(2027, 11, 24, 8, 0, tzinfo=UTC)) == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
