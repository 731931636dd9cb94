"""How money settles invoices."""

from datetime import date

import pytest

from marelle.domain.billing.rules.settlement import Owed, prorated, settled

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def test_the_soonest_due_comes_first_then_the_lowest_number_then_what_has_no_date():
    owed = [Owed(1, 10), Owed(2, 10, JULY, 9), Owed(3, 10, JUNE, 8), Owed(4, 10, JUNE, 7)]

    assert [one.invoice for one in sorted(owed, key=lambda one: one.order)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("cents", "shares", "left"),
    [
        (0, [], 0),
        (40, [(1, 40)], 0),
        (100, [(1, 100)], 0),
        (120, [(1, 100), (None, 20)], 0),
        (500, [(1, 100), (None, 50)], 350),
        (-10, [], -10),
    ],
)
def test_a_sum_goes_to_each_in_order_and_what_is_over_is_left(cents, shares, left):
    assert settled(cents, [Owed(1, 100), Owed(2, 0), Owed(3, -5), Owed(None, 50)]) == (shares, left)


@pytest.mark.parametrize(
    ("part", "whole", "paid", "share"),
    [
        (50, 100, 100, 50),
        (50, 100, 10, 5),
        (50, 100, 1, 1),  # half a cent goes up
        (33, 100, 1, 0),
        (50, 100, 900, 50),  # no more than there is
        (50, 100, 0, 0),
        (50, 0, 10, 0),
        (-50, -100, 10, 0),
    ],
)
def test_a_part_payment_pays_its_share_of_childcare(part, whole, paid, share):
    assert prorated(part, whole, paid) == share
