"""The invoices of the demonstration, loaded on another day than a Monday of term."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.commands.load import load_demonstration
from marelle.foundation import clock
from tests.domain.test_demonstration import (
    assert_its_water_is_paid_by_whoever_reads_the_readme,
    assert_they_are_those_of_the_flyer_and_one_of_every_kind,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", [date(2027, 8, 12), date(2027, 1, 4)], ids=["on holiday", "in January"])
def test_they_are_those_of_the_flyer_and_one_of_every_kind(day):
    at = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    with clock.visiting(at):
        load_demonstration()

    assert_they_are_those_of_the_flyer_and_one_of_every_kind(day, at)
    assert_its_water_is_paid_by_whoever_reads_the_readme(at)
