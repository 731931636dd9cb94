"""The tax certificate: golden cases of the law, then what must always hold."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.billing.rules.tax_certificate import CaredFor, PaidCare, Settled, certified, is_young

LUCIA, MATEO = 1, 2
BIRTHS = {LUCIA: date(2017, 4, 9), MATEO: date(2020, 10, 22)}
ONE = {10: CaredFor("2026-1", 10000, {MATEO: 6000})}


def care(year, invoices, *settled, births=BIRTHS) -> dict[int, int]:
    """Return the care certified by child, in cents."""
    found = certified(year, invoices, [Settled(*one) for one in settled], births)
    return {child: sum(one.care for one in paid) for child, paid in found.children.items()}


@pytest.mark.parametrize(
    ("born", "counts"),
    [
        (date(2020, 1, 1), False),
        (date(2020, 1, 2), True),
        (date(2020, 12, 31), True),
        (date(2019, 12, 31), False),
        (date(2020, 2, 29), True),
        (date(2026, 6, 1), True),
    ],
    ids=["six on 1 January", "six on 2 January", "six on 31 December", "six the day before", "29 February", "a baby"],
)
def test_a_child_counts_when_under_six_on_the_first_of_january(born, counts):
    assert is_young(born, 2026) is counts
    found = certified(2026, ONE, [Settled(10, date(2026, 5, 4), 10000)], {MATEO: born})
    assert found.total == (6000 if counts else 0)
    assert found.too_old == (frozenset() if counts else {MATEO})


def test_what_is_paid_on_2_january_for_december_counts_for_the_new_year():
    paid = (10, date(2027, 1, 2), 10000)

    assert care(2026, ONE, paid) == {}
    assert care(2027, ONE, paid, births={MATEO: date(2021, 10, 22)}) == {MATEO: 6000}


def test_a_refund_in_march_comes_off_the_year_of_the_refund():
    invoices = {**ONE, 11: CaredFor("2026-2", -2000, {MATEO: -1200})}
    bill, refund = (10, date(2026, 1, 20), 10000), (11, date(2026, 3, 5), -2000)

    assert care(2026, invoices, bill, refund) == {MATEO: 4800}
    found = certified(2026, invoices, [Settled(*bill), Settled(*refund)], BIRTHS)
    assert found.children[MATEO] == (
        PaidCare("2026-1", date(2026, 1, 20), 10000, 6000),
        PaidCare("2026-2", date(2026, 3, 5), -2000, -1200),
    )


def test_an_invoice_half_paid_counts_for_half_and_the_rest_when_it_is_paid():
    half, rest = (10, date(2026, 12, 15), 5000), (10, date(2027, 1, 10), 5000)
    later = {MATEO: date(2021, 10, 22)}

    assert care(2026, ONE, half) == {MATEO: 3000}
    assert care(2026, ONE, half, rest) == {MATEO: 3000}
    assert care(2027, ONE, half, rest, births=later) == {MATEO: 3000}


def test_two_payers_each_declare_what_they_paid():
    mother = {1: CaredFor("2026-1", 6000, {MATEO: 4000})}
    father = {2: CaredFor("2026-2", 3000, {MATEO: 2000})}

    assert care(2026, mother, (1, date(2026, 3, 1), 6000)) == {MATEO: 4000}
    assert care(2026, father, (2, date(2026, 3, 1), 3000)) == {MATEO: 2000}


def test_only_the_young_child_of_an_invoice_counts_and_the_other_is_named():
    invoices = {10: CaredFor("2026-1", 10000, {LUCIA: 3000, MATEO: 3000})}
    found = certified(2026, invoices, [Settled(10, date(2026, 5, 4), 10000)], BIRTHS)

    assert (found.total, set(found.children), found.too_old) == (3000, {MATEO}, {LUCIA})


def test_a_discount_on_something_else_never_makes_care_above_what_was_paid():
    invoices = {10: CaredFor("2026-1", 1000, {MATEO: 1500})}
    notes = {11: CaredFor("2026-2", -1000, {MATEO: -1500})}

    assert care(2026, invoices, (10, date(2026, 5, 4), 1000)) == {MATEO: 1000}
    assert care(2026, notes, (11, date(2026, 5, 4), -1000)) == {MATEO: -1000}


def test_care_given_back_on_an_invoice_that_asks_for_more_is_taken_off():
    invoices = {10: CaredFor("2026-1", 1000, {MATEO: -300})}

    assert care(2026, invoices, (10, date(2026, 5, 4), 1000)) == {MATEO: -300}


def test_a_payment_too_small_for_a_cent_of_care_says_nothing():
    assert care(2026, {10: CaredFor("2026-1", 10000, {MATEO: 10})}, (10, date(2026, 5, 4), 100)) == {}


@pytest.mark.law
@given(
    total=st.integers(1, 10**6),
    shares=st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
    portion=st.integers(0, 10**6),
    credit=st.booleans(),
)
def test_payments_of_an_invoice_sum_to_its_care(total, shares, portion, credit):
    amount = min(portion, total)
    sign = -1 if credit else 1
    invoices = {10: CaredFor("1", sign * total, {MATEO: sign * amount})}
    left, parts = total, []
    for share in shares:
        parts.append(min(share, left))
        left -= parts[-1]
    parts.append(left)
    settled = [Settled(10, date(2026, 1, 1 + place), sign * part) for place, part in enumerate(parts)]
    found = certified(2026, invoices, settled, BIRTHS)

    assert found.total == sign * amount
    assert all(abs(one.care) <= abs(one.paid) for paid in found.children.values() for one in paid)
