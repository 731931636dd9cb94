"""How long documents are kept once they are no longer valid."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.families.rules.documents import kept_before


@pytest.mark.parametrize(("is_health", "day"), [(False, date(2025, 11, 22)), (True, date(2026, 9, 24))])
def test_a_year_for_a_proof_two_months_for_health(is_health, day):
    assert kept_before(date(2026, 11, 23), is_health=is_health) == day
