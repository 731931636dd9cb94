"""What a régie lacks before its families may pay it online: item by item, in words.

PayFiP, « Guide de mise en œuvre pour une régie »: one successful payment in test, then one with each means of payment
in activation; production opens the next day. PayZen knows two modes alone: test and production.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.payments.gateways import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

# What a number looks like at each gateway, and in words.
NUMBERS: Final = {
    "payfip": (re.compile(r"[0-9]{6}"), "Le numéro de client PayFiP (numcli) a six chiffres."),
    "payzen": (re.compile(r"[0-9]{8}"), "L’identifiant de boutique PayZen a huit chiffres."),
}
SIGNED: Final = frozenset({"payzen"})  # those that we sign for with a key
# What must succeed in activation, by gateway, and how it is called.
TRIED: Final[Mapping[str, Mapping[str, str]]] = {
    "payfip": {"card": "par carte bancaire", "debit": "par prélèvement"},
    "payzen": {},
}


class Item(StrEnum):
    """Something to have before going on."""

    GATEWAY = "gateway"
    NUMBER = "number"
    KEY = "key"
    TEST = "test"
    ACTIVATION = "activation"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Setting:
    """How a régie is paid today. `trials` says when a payment succeeded, by mode and means: « activation.debit »."""

    gateway: str
    number: str
    has_key: bool
    trials: Mapping[str, str] = field(default_factory=dict)
    online_from: date | None = None


class Check(NamedTuple):
    """An item of the list, its words, and whether it is done; `mode` is the first that cannot be had without it."""

    item: Item
    words: str
    is_done: bool
    mode: Mode


def number_fault(gateway: str, number: str) -> str:
    """Will say what is wrong with a number at a gateway; nothing when it is well written, or not needed."""
    if gateway not in NUMBERS:
        return ""
    pattern, words = NUMBERS[gateway]
    return "" if pattern.fullmatch(number) else words


def modes_of(gateway: str) -> tuple[Mode, ...]:
    """Will return the steps of a gateway, in order."""
    if gateway not in NUMBERS:
        return ()
    return (Mode.TEST, Mode.ACTIVATION, Mode.PRODUCTION) if TRIED[gateway] else (Mode.TEST, Mode.PRODUCTION)


def checklist(setting: Setting) -> tuple[Check, ...]:
    """Will return what a régie needs before it opens online, in the order in which it is done."""
    chosen = setting.gateway in NUMBERS
    checks = [Check(Item.GATEWAY, "Choisir qui encaisse en ligne", chosen, Mode.TEST)]
    if not chosen:
        return tuple(checks)
    is_written = bool(setting.number) and not number_fault(setting.gateway, setting.number)
    checks.append(Check(Item.NUMBER, "Donner le numéro reçu du prestataire", is_written, Mode.TEST))
    if setting.gateway in SIGNED:
        checks.append(Check(Item.KEY, "Donner la clé de signature", setting.has_key, Mode.TEST))
    # One that succeeded further on says as much.
    tested = bool(setting.trials)
    after_test = modes_of(setting.gateway)[1]
    checks.append(
        Check(Item.TEST, "Réussir un paiement d’essai : le prestataire connaît ce numéro", tested, after_test)
    )
    for means, words in TRIED[setting.gateway].items():
        said = f"Réussir un paiement d’activation {words}"
        checks.append(Check(Item.ACTIVATION, said, f"{Mode.ACTIVATION}.{means}" in setting.trials, Mode.PRODUCTION))
    words = "Donner le jour où la régie rejoint les factures en ligne : rien ne s’y paie avant"
    return (*checks, Check(Item.JOINED, words, setting.online_from is not None, Mode.PRODUCTION))


def is_tried(setting: Setting) -> bool:
    """Will tell whether a payment succeeded with the number that a régie has today: it may then join."""
    return setting.gateway in NUMBERS and bool(setting.trials)


def missing_before(mode: Mode, checks: Sequence[Check]) -> tuple[Check, ...]:
    """Will return what is left to do before a mode."""
    order = list(Mode)
    return tuple(one for one in checks if not one.is_done and order.index(one.mode) <= order.index(mode))
