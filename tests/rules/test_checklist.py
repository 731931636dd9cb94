"""What a régie lacks before it opens online: each item, at each step, for each gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.rules.checklist import (
    Item,
    Setting,
    checklist,
    is_tried,
    missing_before,
    modes_of,
    number_fault,
)

READY = Setting(
    gateway="payfip",
    number="123456",
    has_key=False,
    trials={"test.card": "2026-11-20", "activation.card": "2026-11-21", "activation.debit": "2026-11-22"},
    online_from=date(2026, 9, 1),
)
PAYZEN = replace(READY, gateway="payzen", number="12345678", has_key=True, trials={"test.card": "2026-11-20"})


def missing(mode, setting):
    return [one.item for one in missing_before(mode, checklist(setting))]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("setting", [READY, PAYZEN])
def test_a_regie_that_tried_everything_lacks_nothing(mode, setting):
    assert missing(mode, setting) == []


@pytest.mark.parametrize(
    ("setting", "lacks"),
    [
        (replace(READY, gateway="desk"), {"test": [Item.GATEWAY], "activation": [Item.GATEWAY]}),
        (replace(READY, number=""), {"test": [Item.NUMBER], "activation": [Item.NUMBER]}),
        (replace(READY, number="12345"), {"test": [Item.NUMBER], "activation": [Item.NUMBER]}),
        (replace(READY, trials={}), {"test": [], "activation": [Item.TEST]}),
        (replace(PAYZEN, has_key=False), {"test": [Item.KEY], "activation": [Item.KEY]}),
        (replace(READY, online_from=None), {"test": [], "activation": [], "production": [Item.JOINED]}),
        (
            replace(READY, trials={"test.card": "2026-11-20", "activation.card": "2026-11-21"}),
            {"activation": [], "production": [Item.ACTIVATION]},
        ),
        (replace(PAYZEN, trials={}), {"test": [], "production": [Item.TEST]}),
    ],
)
def test_what_is_lacking_is_asked_for_before_the_step_that_needs_it(setting, lacks):
    assert {mode: missing(Mode(mode), setting) for mode in lacks} == lacks


def test_payfip_is_activated_by_card_and_by_direct_debit():
    words = [one.words for one in checklist(READY) if one.item is Item.ACTIVATION]

    assert words == [
        "Réussir un paiement d’activation par carte bancaire",
        "Réussir un paiement d’activation par prélèvement",
    ]


def test_each_gateway_has_its_own_steps():
    assert modes_of("payfip") == (Mode.TEST, Mode.ACTIVATION, Mode.PRODUCTION)
    assert modes_of("payzen") == (Mode.TEST, Mode.PRODUCTION)
    assert modes_of("desk") == ()


@pytest.mark.parametrize(
    ("gateway", "number", "is_well_written"),
    [
        ("payfip", "123456", True),
        ("payfip", "1234567", False),
        ("payfip", "12345a", False),
        ("payfip", "١٢٣٤٥٦", False),
        ("payfip", "", False),
        ("payzen", "12345678", True),
        ("payzen", "123456", False),
        ("desk", "", True),
    ],
)
def test_a_number_is_written_as_its_gateway_wants_it(gateway, number, is_well_written):
    assert bool(number_fault(gateway, number)) is not is_well_written


@pytest.mark.parametrize(
    ("setting", "tried"),
    [(READY, True), (PAYZEN, True), (replace(READY, trials={}), False), (replace(READY, gateway="desk"), False)],
)
def test_a_regie_may_join_once_a_trial_succeeded_with_its_number(setting, tried):
    assert is_tried(setting) is tried
