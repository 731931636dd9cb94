"""Fifty places freed, two hundred families who wait, whatever they answer and when: the deep version."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.test_place_offers import crowd, play

pytestmark = [pytest.mark.torture, pytest.mark.django_db]
__all__ = ["crowd"]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False))
def test_never_more_held_than_free_and_the_order_kept_whatever_they_answer(crowd, chance):
    with transaction.atomic():
        play(crowd, chance, rounds=12)
        transaction.set_rollback(True)
