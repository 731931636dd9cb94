"""Thousands of stories of families, agents, gateways and clocks; and the same through PayFiP's stand-in, by SOAP."""

from __future__ import annotations

import logging
import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.payments.gateways import Result
from standins.payfip.moods import Mood
from standins.payfip.server import Server, started
from standins.payfip.till import FunctionalError
from tests.domain.payment_machine import PaperTill, Town, machine_of
from tests.factories.town import make_authority

pytestmark = [pytest.mark.torture, pytest.mark.django_db]

STORIES = int(os.environ.get("TORTURE_PAYMENT_STORIES", "300"))
LETTERS = {Result.PAID: ("P", "V"), Result.REFUSED: ("R", "Z"), Result.ABANDONED: ("A", "A")}


class PayFiPTill:
    """The real connector, and the stand-in that answers it."""

    def __init__(self, town):
        self.town = town
        self.machine = None
        self.server = started(Server(clock=lambda: self.machine.at, takes_anyone=True))
        # A notice only makes us ask: the machine does so when it pleases, and more often.
        self.server.deliver = lambda _message: 200
        self.gateways = {"payfip": PayFiP(self.server.url, self.server.page_url, whole_seconds=20)}
        for home in town.homes:
            home.gateways = self.gateways

    def begin_again(self, machine):
        self.machine = machine
        self.server.till.operations.clear()
        self.server.mood = Mood.GOOD

    def be(self, *, is_down):
        moods = (Mood.UNAVAILABLE, Mood.TECHNICAL, Mood.GARBAGE, Mood.EMPTY, Mood.HALF)
        self.server.mood = moods[len(self.server.exchanges) % len(moods)] if is_down else Mood.GOOD

    def conclude(self, attempt, result):
        """Do it on the page while it opens; « paid » also much later, as a bank that was slow to say so."""
        operation = self.server.till.operations.get(attempt.provider_id)
        if operation is None or result not in LETTERS or operation.outcome in LETTERS[Result.PAID]:
            return
        letter = LETTERS[result][attempt.pk % 2]
        try:
            self.server.pay(attempt.provider_id, letter)
        except FunctionalError:
            if result is Result.PAID:
                self.server.settle(attempt.provider_id, letter)

    def mistake(self, attempt, other):
        """Alter what is answered, for a moment."""
        operation = self.server.till.operations.get(attempt.provider_id)
        if operation is None or operation.outcome:
            return
        names = {"cents": "montant", "reference": "refdet", "merchant": "numcli", "mode": "saisie"}
        ((name, _value),) = other.items()
        self.conclude(attempt, Result.PAID)
        operation.altered = {names[name]: {"cents": "1", "mode": "T", "merchant": "999999"}.get(name, "2026AUTRE")}

    def is_paid(self, attempt):
        operation = self.server.till.operations.get(attempt.provider_id)
        return operation is not None and operation.outcome in LETTERS[Result.PAID] and not operation.altered

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def town(in_scope, caplog):
    authority = make_authority("Essai")
    in_scope(authority)
    caplog.set_level(logging.CRITICAL + 1, "marelle")
    return Town(authority)


def tell(machine, stories):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=stories,
            stateful_step_count=40,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_each_payment_is_credited_once_or_not_at_all(town):
    tell(machine_of(town, PaperTill(town)), STORIES)


def test_whatever_happens_through_payfip_each_payment_is_credited_once_or_not_at_all(town):
    till = PayFiPTill(town)
    try:
        tell(machine_of(town, till), STORIES)
    finally:
        till.close()
