"""How a régie is paid, step by step: chosen, tried in test, tried in activation, opened, closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.payments.queries.settings import setting_of
from marelle.domain.payments.rules.checklist import SIGNED, checklist, missing_before, modes_of, number_fault
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Regie
    from marelle.foundation.actors import Actor

LOWEST_TOP_UP, HIGHEST_TOP_UP = 1_00, 500_00
DESK = PaymentSettings.Gateway.DESK


class Fault(StrEnum):
    """Why a choice was not recorded, in the words that an agent reads."""

    UNKNOWN_GATEWAY = "Choisissez qui encaisse en ligne."
    IS_OPEN = "Le paiement en ligne est en service : fermez-le avant de changer de prestataire ou de numéro."
    TOP_UP = "La recharge minimale va de 1 € à 500 €."
    LOW_BALANCE = "Le seuil d’avertissement va de 0 € à 500 €."
    MISSING = "Il manque encore une étape : voyez la liste de ce qui est à faire."
    NOT_A_STEP = "Ce prestataire n’a pas cette étape."
    NEW_KEY = "Donnez la clé de production : celle des essais ne signe pas les vrais paiements."


class UnableToSetPaymentError(Exception):
    """The choices were not recorded: `fault` says why, in a French sentence, `field` which of them, if one is."""

    def __init__(self, fault: str, field: str = "") -> None:
        """Will keep why."""
        super().__init__(str(fault))
        self.fault, self.field = str(fault), field


@dataclass(frozen=True, slots=True)
class PaymentChoices:
    """How a régie is paid; amounts in cents. An empty `key` or `password` keeps the one that is known."""

    gateway: str
    number: str = ""
    key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    takes_part_payments: bool = False
    has_top_up: bool = False
    lowest_top_up_cents: int = 1000
    low_balance_cents: int = 0


@operation
def set_payment_settings(regie: Regie, choices: PaymentChoices, *, by: Actor, at: datetime) -> PaymentSettings:
    """Will record how a régie is paid. Another gateway or number begins again in test, without any trial.

    Raises UnableToSetPaymentError.
    """
    row = _locked(regie)
    if choices.gateway not in PaymentSettings.Gateway.values:
        raise UnableToSetPaymentError(Fault.UNKNOWN_GATEWAY, "gateway")
    number = choices.number.strip() if choices.gateway != DESK else row.number
    if fault := number_fault(choices.gateway, number):
        raise UnableToSetPaymentError(fault, "number")
    is_another = (choices.gateway, number) != (row.gateway, row.number)
    if is_another and row.mode == Mode.PRODUCTION.value:
        raise UnableToSetPaymentError(Fault.IS_OPEN)
    if choices.has_top_up and not LOWEST_TOP_UP <= choices.lowest_top_up_cents <= HIGHEST_TOP_UP:
        raise UnableToSetPaymentError(Fault.TOP_UP, "lowest_top_up")
    if not 0 <= choices.low_balance_cents <= HIGHEST_TOP_UP:
        raise UnableToSetPaymentError(Fault.LOW_BALANCE, "low_balance")
    if number != row.number:
        # What was tried and what one signs with are of a number: another one begins with nothing.
        row.trials, row.key, row.password = {}, "", ""
    if is_another:
        row.mode = Mode.TEST.value
    row.gateway, row.number = choices.gateway, number
    row.key = choices.key.strip() or row.key
    row.password = choices.password.strip() or row.password
    row.takes_part_payments = choices.takes_part_payments
    row.has_top_up = choices.has_top_up
    row.lowest_top_up_cents = choices.lowest_top_up_cents
    row.low_balance_cents = choices.low_balance_cents
    row.save()
    audit.record(
        "set_payment_settings", authority=row.authority_id, of="payment_settings", key=row.pk, by=by, at=at,
        gateway=row.gateway, mode=row.mode, new_key=bool(choices.key), new_password=bool(choices.password),
    )  # fmt: skip
    return row


@operation
def go_to_activation(regie: Regie, *, by: Actor, at: datetime) -> None:
    """Will go on to the step where each means of payment is tried. Raises UnableToSetPaymentError."""
    _go_to(Mode.ACTIVATION, regie, by=by, at=at)


@operation
def open_online(regie: Regie, *, key: str = "", by: Actor, at: datetime) -> None:
    """Will open online payment to families, once nothing is missing.

    A gateway that we sign for has another `key` in production: it must be given. Raises UnableToSetPaymentError.
    """
    _go_to(Mode.PRODUCTION, regie, key=key, by=by, at=at)


@operation
def close_online(regie: Regie, *, by: Actor, at: datetime) -> None:
    """Will have a régie paid at the desk alone. What families have begun to pay online goes on to its end."""
    row = _locked(regie)
    was = row.gateway
    # The number, its key and its trials stay: they still answer for what is under way, and serve to open again.
    row.gateway, row.mode, row.opened_at = DESK, Mode.TEST.value, None
    row.save()
    audit.record(
        "close_online", authority=row.authority_id, of="payment_settings", key=row.pk, by=by, at=at, gateway=was
    )


def _go_to(mode: Mode, regie: Regie, *, key: str = "", by: Actor, at: datetime) -> None:
    row = _locked(regie)
    if mode not in modes_of(row.gateway):
        raise UnableToSetPaymentError(Fault.NOT_A_STEP if row.gateway != DESK else Fault.MISSING)
    if missing_before(mode, checklist(setting_of(row))):
        raise UnableToSetPaymentError(Fault.MISSING)
    if mode is Mode.PRODUCTION:
        if row.gateway in SIGNED and row.mode != mode.value:
            if not key.strip():
                raise UnableToSetPaymentError(Fault.NEW_KEY)
            row.key = key.strip()
        row.opened_at = row.opened_at or at
    row.mode = mode.value
    row.save(update_fields=["mode", "key", "opened_at"])
    audit.record(
        "go_to_mode", authority=row.authority_id, of="payment_settings", key=row.pk, by=by, at=at, mode=mode.value
    )


def _locked(regie: Regie) -> PaymentSettings:
    """Will lock the régie, and return how it is paid: a row that is not saved yet the first time."""
    type(regie).objects.select_for_update(no_key=True).get(pk=regie.pk)
    row = PaymentSettings.objects.select_for_update(of=("self",)).select_related("regie").filter(regie=regie).first()
    return row or PaymentSettings(authority_id=regie.authority_id, regie=regie)
