"""Whether a régie has joined the online invoices: a date, and the trial that comes before."""

from datetime import date

import pytest

from marelle.domain.authorities.rules.joining import Joining, is_joined, joining

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("online_from", "is_tried", "stands"),
    [
        (None, False, Joining.NOT_JOINED),
        (None, True, Joining.IN_TEST),
        (TOMORROW, True, Joining.JOINS_ON),
        # An operator may have given the day in a file, without a trial.
        (TOMORROW, False, Joining.JOINS_ON),
        (TODAY, True, Joining.JOINED),
        (date(2020, 1, 1), False, Joining.JOINED),
    ],
)
def test_where_a_regie_stands(online_from, is_tried, stands):
    assert joining(online_from, is_tried=is_tried, on=TODAY) is stands
    assert is_joined(online_from, on=TODAY) is (stands is Joining.JOINED)
