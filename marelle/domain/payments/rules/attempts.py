"""The life of a payment attempt: created → redirected → paid, refused, abandoned or expired. Paid wins over everything.

PayFiP, « Guide de mise en œuvre pour une régie » §3.5: an idOp opens within 15 minutes and once; its result stays
unknown (P5) while somebody pays; one never brought to the bank is forgotten at night (P1). A « paid » may come after
any of the others, and is always credited.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

REFERENCE: Final = re.compile(r"[A-Za-z0-9]{6,30}")
# Nobody was sent to the payment page: nobody can be paying. Time to go through the other tills of the same basket.
BEGINS_WITHIN: Final = timedelta(minutes=30)
# Invoices that were to be paid at the desk hold nothing but what the wallet promised.
WAITS_AT_DESK: Final = timedelta(days=3)
# A button pressed twice, or in two tabs: the page that the first press ordered is still to be opened.
SAME_PRESS: Final = timedelta(seconds=20)
# A payment is begun again by its family for so long: what it holds is not held for ever.
BEGINS_AGAIN_WITHIN: Final = timedelta(hours=2)
# Clocks that are not set alike, and hours told to the minute.
CLOCKS_AGREE_WITHIN: Final = timedelta(hours=1)
# Why an attempt ended: another was begun in its place. It is asked about as long as somebody may be paying it.
REPLACED: Final = "replaced"
# Of one still open: the gateway said that the payer gave up, who may press back and pay.
LEFT: Final = "left"


class State(StrEnum):
    """Where an attempt stands."""

    CREATED = "created"
    REDIRECTED = "redirected"
    PAID = "paid"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Will tell whether its outcome is still awaited: what it holds is kept."""
        return self in {State.CREATED, State.REDIRECTED}


class Said(StrEnum):
    """What was learnt of an attempt (`gateways.Result`), from the gateway and from nobody else."""

    PAID = "paid"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    WAITING = "waiting"
    UNKNOWN = "unknown"


class Mismatch(StrEnum):
    """Why an answer is not about the attempt it was asked for."""

    REFERENCE = "reference"
    AMOUNT = "amount"
    MERCHANT = "merchant"
    MODE = "mode"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was ordered, or what an answer says was: reference, cents, the régie's number at the gateway, its mode."""

    reference: str
    cents: int | None
    merchant: str
    mode: str | None


def mismatch(ordered: Terms, answered: Terms) -> Mismatch | None:
    """Will say what an answer does not agree on, the reference first; None when it is about what was ordered."""
    if ordered.reference != answered.reference:
        return Mismatch.REFERENCE
    if ordered.cents != answered.cents:
        return Mismatch.AMOUNT
    if ordered.merchant != answered.merchant:
        return Mismatch.MERCHANT
    return None if ordered.mode == answered.mode else Mismatch.MODE


def after(
    state: State,
    said: Said,
    *,
    elapsed: timedelta,
    stays_payable: timedelta,
    opens_within: timedelta,
    comes_back_within: timedelta = timedelta(0),
) -> State:
    """Will return the state after an answer, `elapsed` after the attempt began (or was sent to the page).

    Who gave up may press back and pay until `comes_back_within`: not before is it believed.
    """
    if state is State.PAID or said is Said.PAID:
        return State.PAID
    if not state.is_open:
        return state
    match said:
        case Said.REFUSED:
            return State.REFUSED
        case Said.ABANDONED if elapsed >= comes_back_within:
            return State.ABANDONED
        case Said.UNKNOWN if elapsed >= opens_within:
            # Forgotten by the gateway: nobody can pay it any more.
            return State.EXPIRED
        case _:
            return State.EXPIRED if elapsed >= stays_payable else state


def is_same_press(elapsed: timedelta) -> bool:
    """Will tell whether a press comes so soon after another (`elapsed`) that both are to open the one page."""
    return elapsed < SAME_PRESS


def may_begin_again(state: State, *, elapsed: timedelta) -> bool:
    """Will tell whether a payment whose page was shown may have another, `elapsed` after its first attempt was made."""
    return state is State.REDIRECTED and elapsed < BEGINS_AGAIN_WITHIN


def never_begun(state: State, *, elapsed: timedelta) -> State:
    """Will return the state of an attempt whose payment page was never shown, `elapsed` after it was created."""
    return State.EXPIRED if state is State.CREATED and elapsed >= BEGINS_WITHIN else state


def paid_at(said: datetime | None, *, created_at: datetime, at: datetime) -> datetime:
    """Will return when it was paid: what the gateway said if that can be, else when it was known, `at`."""
    if said is None or not created_at - CLOCKS_AGREE_WITHIN <= said <= at:
        return at
    return said


def wait_before_asking(elapsed: timedelta) -> timedelta:
    """Will return how long to wait before a gateway is asked again about an attempt: often at first, then less."""
    for until, wait in _ASKING:
        if elapsed < until:
            return wait
    return timedelta(hours=1)


_ASKING: Final = (
    (timedelta(minutes=20), timedelta(minutes=1)),
    (timedelta(hours=3), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(minutes=30)),
)
