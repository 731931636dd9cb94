"""Laws of règlements and deadlines, looked for by thousands of examples: those of `tests/rules/laws.py`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marelle.foundation.periods import days_between
from tests.rules import billing_laws, tariff_laws, two_homes_laws  # noqa: F401  their laws join the others
from tests.rules import strategies as some
from tests.rules.laws import FIRST, LAST, LAWS, calendars, decide_a_day, ends, ruled, zones

pytestmark = pytest.mark.torture

EXAMPLES = 3_000
# Each of these is a hundred days and more.
FEWER = {"ten_years_are_decided_without_an_exception": 500}


@pytest.mark.parametrize("name", LAWS)
def test_law(name):
    LAWS[name].tried(FEWER.get(name, EXAMPLES))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.reglements(), calendars(), zones, ends, st.booleans())
def test_every_day_of_ten_years_is_decided(reglement, calendar, zone, ends_at, is_estimated):
    known = calendar.estimated(LAST) if is_estimated else calendar

    decided = [decide_a_day(ruled(day, reglement, known, zone, ends_at)) for day in days_between(FIRST, LAST)]

    assert len(decided) == 3653
