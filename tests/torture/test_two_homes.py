"""A child of two homes, through a year of anything: each day billed once, all of it at one price."""

import pytest

from tests.domain.test_two_homes_billing import each_day_is_billed_once_to_who_answers_for_it

pytestmark = [pytest.mark.torture, pytest.mark.django_db]


def test_each_day_of_any_year_is_billed_once_to_who_answers_for_it():
    each_day_is_billed_once_to_who_answers_for_it(examples=150)
