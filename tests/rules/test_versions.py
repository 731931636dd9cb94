"""What stands against recording or withdrawing a version of a règlement."""

from datetime import date, timedelta

import pytest

from marelle.domain.catalog.rules.versions import (
    Decided,
    Obstruction,
    against_pricing,
    against_saving,
    against_withdrawing,
)

TODAY = date(2026, 11, 23)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def saving(valid_from=TOMORROW, decided=Decided(), *, has_other_rules=True, is_first=False):  # noqa: B008  frozen
    return against_saving(
        valid_from=valid_from, today=TODAY, decided=decided, has_other_rules=has_other_rules, is_first=is_first
    )


@pytest.mark.parametrize(
    ("asked", "obstruction"),
    [
        ({}, None),
        ({"valid_from": TODAY}, None),
        ({"valid_from": YESTERDAY}, Obstruction.IN_THE_PAST),
        ({"valid_from": YESTERDAY, "is_first": True}, None),
        ({"valid_from": YESTERDAY, "has_other_rules": False}, None),
        ({"valid_from": date(1999, 12, 31)}, Obstruction.NOT_A_YEAR),
        ({"valid_from": date(2000, 1, 1), "is_first": True}, None),
        ({"valid_from": date(2099, 12, 31)}, None),
        ({"valid_from": date(2100, 1, 1), "has_other_rules": False}, Obstruction.NOT_A_YEAR),
        ({"decided": Decided(coming=1)}, Obstruction.COMING_DECIDED),
        ({"decided": Decided(past=1, coming=1)}, Obstruction.PAST_DECIDED),
        ({"decided": Decided(past=1), "has_other_rules": False}, None),
    ],
)
def test_days_already_decided_stay_as_they_were(asked, obstruction):
    assert saving(**asked) == obstruction


def test_only_what_changes_nothing_decided_may_be_confirmed():
    assert {each for each in Obstruction if each.may_be_confirmed} == {
        Obstruction.COMING_DECIDED,
        Obstruction.IN_THE_PAST,
        Obstruction.PAST_PRICED,
    }


@pytest.mark.parametrize(
    ("asked", "obstruction"),
    [
        ({}, None),
        ({"valid_from": YESTERDAY}, Obstruction.IN_THE_PAST),
        ({"valid_from": YESTERDAY, "is_first": True}, None),
        ({"valid_from": date(1999, 12, 31), "has_other_rules": False}, Obstruction.NOT_A_YEAR),
        ({"priced": Decided(past=1, coming=1), "valid_from": YESTERDAY}, Obstruction.PAST_PRICED),
        ({"priced": Decided(past=1), "valid_from": YESTERDAY, "has_other_rules": False}, None),
        ({"priced": Decided(coming=1)}, Obstruction.COMING_DECIDED),
        ({"priced": Decided(coming=1), "valid_from": YESTERDAY}, Obstruction.IN_THE_PAST),
    ],
)
def test_a_tariff_that_changes_prices_already_given_is_asked_again(asked, obstruction):
    values = {"valid_from": TOMORROW, "priced": Decided(), "has_other_rules": True, "is_first": False, **asked}
    assert against_pricing(today=TODAY, **values) == obstruction


@pytest.mark.parametrize(
    ("valid_from", "decided", "obstruction"),
    [
        (TOMORROW, Decided(), None),
        (TODAY, Decided(), Obstruction.IN_FORCE),
        (YESTERDAY, Decided(), Obstruction.IN_FORCE),
        (TOMORROW, Decided(coming=1), Obstruction.PAST_DECIDED),
        (TOMORROW, Decided(past=1), Obstruction.PAST_DECIDED),
    ],
)
def test_a_version_is_withdrawn_before_it_has_any_effect(valid_from, decided, obstruction):
    assert against_withdrawing(valid_from=valid_from, today=TODAY, decided=decided) == obstruction
