"""The laws of règlements, tariffs and billing, on a few examples each: see `laws.py`; the deep run tries thousands."""

import pytest

from tests.rules import billing_laws, tariff_laws, two_homes_laws  # noqa: F401  their laws join the others
from tests.rules.laws import LAWS

EXAMPLES = 20
# A whole règlement and ten years of days cost more than the rest.
FEWER = {"ten_years_are_decided_without_an_exception": 6}


@pytest.mark.law
@pytest.mark.parametrize("name", LAWS)
def test_law(name):
    LAWS[name].tried(FEWER.get(name, EXAMPLES))
