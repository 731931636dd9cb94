"""Hundreds of stories of families, agents, gateways and clocks; and the same through the stand-ins that answer them.

Of PayFiP by SOAP; of PayZen by signed forms, signed returns and its API.
"""

from __future__ import annotations

import logging
import os
import threading
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from marelle.connectors.payfip.gateway import PayFiP
from marelle.connectors.payzen.gateway import PayZen
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentSettings
from marelle.foundation.writes import permitted
from standins.payfip.moods import Mood
from standins.payfip.server import Server, started
from standins.payfip.till import FunctionalError
from standins.payzen.platform import FormRefusedError, Outcome, Platform, Transaction
from standins.payzen.server import Mood as PayZenMood
from standins.payzen.server import Post
from standins.payzen.server import Server as PayZenServer
from standins.payzen.shops import Keys, Shop
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

    def call_about(self, attempt, *, is_forged):
        return {"idOp" if attempt.pk % 2 else "idop": f"{attempt.provider_id}{'0' if is_forged else ''}"}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


SHOP = Shop("12345678", {"PRODUCTION": Keys("CleSecreteVraie0001", "prodpassword_MotSecretVrai")})


class Altering(Platform):
    """PayZen, whose answers about some orders are about something else."""

    def order_get(self, user, password, question):
        answer = super().order_get(user, password, question)
        (name, value) = self.altered.get(question.get("orderId"), ("", None))
        for one in answer["answer"].get("transactions", ()) if name else ():
            (one if name in one else one["orderDetails"])[name] = value
        return answer


class PayZenTill:
    """The real connector, and the stand-in of PayZen: forms, pages of ten minutes, cards tried one after another."""

    def __init__(self, town):
        self.machine = None
        self.server = PayZenServer((SHOP,), clock=lambda: self.machine.at)
        self.server.platform = Altering((SHOP,), lambda: self.machine.at)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.gateways = {"payzen": PayZen(self.server.page_url, self.server.url, whole_seconds=20)}
        for home in town.homes:
            home.gateways = self.gateways
        keys = SHOP.contexts["PRODUCTION"]
        with permitted("test"):
            for row in PaymentSettings.objects.all():
                row.gateway, row.number, row.key, row.password = "payzen", SHOP.number, keys.signing, keys.password
                row.save()

    def begin_again(self, machine):
        self.machine = machine
        platform = self.server.platform
        platform.sessions.clear()
        platform.transactions.clear()
        platform.altered = {}
        self.forms, self.told = {}, {}
        self.server.mood, self.server.post = PayZenMood.GOOD, Post.LOST

    def be(self, *, is_down):
        moods = (PayZenMood.UNAVAILABLE, PayZenMood.GARBAGE, PayZenMood.HALF, PayZenMood.ELSEWHERE)
        self.server.mood = moods[len(self.server.heard) % len(moods)] if is_down else PayZenMood.GOOD

    def _page(self, attempt):
        """Open a payment page, or find the one that is; None when the form is taken no more."""
        platform, order = self.server.platform, attempt.provider_id
        page = dict(attempt.page.get("fields", ()))
        if page:
            self.forms[order] = page
        live = [one for one in platform.sessions.values() if one.order_id == order and not platform.is_over(one)]
        if live:
            return live[attempt.pk % len(live)]
        try:
            return self.server.open(self.forms[order]) if order in self.forms else None
        except FormRefusedError:
            return None

    def conclude(self, attempt, result):
        """Do it on a page while one opens; « paid » also much later, as a bank that was slow to say so."""
        platform = self.server.platform
        session = self._page(attempt)
        known = [one for one in platform.sessions.values() if one.order_id == attempt.provider_id]
        if self.is_paid(attempt) or not known:
            return
        outcomes = {
            Result.PAID: (Outcome.PAID, Outcome.PAID_AND_CLOSED),
            Result.REFUSED: (Outcome.REFUSED, Outcome.REFUSED_ONCE),
            Result.ABANDONED: (Outcome.ABANDONED, Outcome.ABANDONED),
        }
        outcome = outcomes.get(result, (Outcome.CLOSED, Outcome.CLOSED))[attempt.pk % 2]
        try:
            back = self.server.act(session, outcome) if session is not None else None
        except LookupError:
            back = None
        if back:
            self.told.setdefault(attempt.provider_id, []).append(
                dict(parse_qsl(urlsplit(back).query, keep_blank_values=True))
            )
        if result is Result.PAID and not any(one.is_paid for one in self._tried(attempt)):
            late = Transaction(known[-1], f"{len(platform.transactions):032x}", 9, True, self.machine.at, "AUTHORISED")
            platform.transactions.append(late)

    def mistake(self, attempt, other):
        if not attempt.provider_id or any(one.is_paid for one in self._tried(attempt)):
            return
        self.conclude(attempt, Result.PAID)
        ((name, _value),) = other.items()
        self.server.platform.altered[attempt.provider_id] = {
            "cents": ("amount", 1),
            "reference": ("orderId", "2026AUTRE"),
            "merchant": ("shopId", "87654321"),
            "mode": ("mode", "TEST"),
        }[name]

    def _tried(self, attempt):
        return [one for one in self.server.platform.transactions if one.session.order_id == attempt.provider_id]

    def is_paid(self, attempt):
        is_altered = attempt.provider_id in self.server.platform.altered
        return not is_altered and any(one.is_paid for one in self._tried(attempt))

    def call_about(self, attempt, *, is_forged):
        """Return one of the signed returns of this order, perhaps an old one; or with another amount, or unsigned."""
        told = self.told.get(attempt.provider_id)
        if not told:
            return {"vads_order_id": attempt.provider_id, "signature": "fausse"} if is_forged else {}
        fields = dict(told[self.machine.at.minute % len(told)])
        if is_forged:
            name = ("vads_amount", "vads_trans_status", "signature")[attempt.pk % 3]
            fields[name] = {"vads_amount": "1", "vads_trans_status": "CAPTURED"}.get(name, "fausse")
        return fields

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


def test_whatever_happens_through_payzen_each_payment_is_credited_once_or_not_at_all(town):
    till = PayZenTill(town)
    try:
        tell(machine_of(town, till), STORIES)
    finally:
        till.close()
