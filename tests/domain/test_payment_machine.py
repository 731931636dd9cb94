"""Families, agents, a gateway and the clock, in any order: a few dozen stories here, thousands in the torture."""

from __future__ import annotations

import logging

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.domain.payment_machine import PaperTill, Town, machine_of
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db


def test_whatever_happens_each_payment_is_credited_once_or_not_at_all(in_scope, caplog):
    authority = make_authority("Essai")
    in_scope(authority)
    town = Town(authority)
    caplog.set_level(logging.CRITICAL + 1, "marelle.payments")  # what is forged or down is said hundreds of times

    run_state_machine_as_test(
        machine_of(town, PaperTill(town)),
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            database=None,
            phases=(Phase.generate,),  # a failure is made smaller by the torture
            suppress_health_check=list(HealthCheck),
        ),
    )
