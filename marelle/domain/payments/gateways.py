"""The port through which money is asked of those who cash it: an order goes out, a page comes back, then an answer.

A connector fulfils `Gateway`; `config` plugs the known ones in (`settings.GATEWAYS`, by code). None of these calls is
ever made inside a transaction: each may take seconds. Amounts in cents, moments aware.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta


class Mode(StrEnum):
    """How far a régie has gone with its gateway: only PRODUCTION ever settles what a family owes."""

    TEST = "test"
    ACTIVATION = "activation"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Merchant:
    """A régie as its gateway knows it: its number (numcli, site), its mode, and what it signs and asks with."""

    number: str
    mode: Mode
    key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What a gateway is asked to cash.

    `reference` is ours: 6 to 30 letters and digits, never twice in an authority. `label` is plain words (the gateway
    strips what it does not take). `email` receives the gateway's own ticket. `exercice` is a year. `ordered_at` is the
    business moment of the attempt. The browser comes back to `return_url`; `notify_url` hears that something happened.
    """

    merchant: Merchant
    reference: str
    cents: int
    label: str
    email: str = field(repr=False)
    exercice: int
    ordered_at: datetime
    notify_url: str
    return_url: str


class Redirection(NamedTuple):
    """Where the browser goes to pay: by GET when there are no `fields`, else by a form that posts them.

    `provider_id` is the gateway's own name of this order (idOp), kept before the browser leaves. An empty `url`:
    nothing is paid online, the order waits at the desk.
    """

    provider_id: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()


class Result(StrEnum):
    """What became of an order, in the gateway's own word, asked of it.

    UNKNOWN: it knows no such order, or no longer (PayFiP purges at night those that were never brought to the bank).
    """

    PAID = "paid"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    WAITING = "waiting"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway answers about an order, with what it says the order was: compared with ours before any credit.

    `means` is a `Posting.Means` (card, debit…). `transaction` is the gateway's number of the operation. A field it did
    not say is None or empty, and only WAITING and UNKNOWN may leave the order's own out.
    """

    result: Result
    cents: int | None = None
    reference: str = ""
    merchant: str = ""
    mode: Mode | None = None
    transaction: str = ""
    means: str = ""
    paid_at: datetime | None = None


class Trouble(StrEnum):
    """Why an order was not taken, in the words that a family reads: what happened, then what to do."""

    UNAVAILABLE = "Le service de paiement ne répond pas pour le moment. Rien n’a été débité. Réessayez dans un moment."
    EMAIL = (
        "Le service de paiement n’accepte pas votre adresse e-mail. Rien n’a été débité. Vérifiez l’adresse de votre"
        " compte, puis réessayez."
    )
    AMOUNT = (
        "Ce montant ne peut pas être payé en ligne : il est trop petit ou trop grand. Payez à la mairie, ou avec votre"
        " porte-monnaie."
    )
    NOT_OPEN = (
        "Le paiement en ligne de cette régie n’est pas ouvert. Rien n’a été débité. Payez à la mairie, ou réessayez"
        " plus tard."
    )


class GatewayDownError(Exception):
    """The gateway did not answer, or not in its own language: to be asked again later. It holds nothing of anybody."""


class OrderRefusedError(Exception):
    """The gateway does not take this order: `trouble` says why, in words; `code` is the gateway's own, for the log."""

    def __init__(self, trouble: Trouble, code: str = "") -> None:
        """Will keep why."""
        super().__init__(trouble.name, code)
        self.trouble, self.code = trouble, code


class ForgedNoticeError(Exception):
    """A notice is not from the gateway: its signature is wrong, or it is about another order. Nothing changes."""


class Gateway(Protocol):
    """Who cashes money for a régie."""

    @property
    def code(self) -> str:
        """Will return its name in the settings: « payfip »."""

    @property
    def name(self) -> str:
        """Will return its name for people: « PayFiP »."""

    @property
    def is_online(self) -> bool:
        """Will tell whether people pay on a page of its own."""

    @property
    def lowest_cents(self) -> int:
        """Will return the smallest amount it takes."""

    @property
    def highest_cents(self) -> int:
        """Will return the largest amount it takes."""

    @property
    def stays_payable(self) -> timedelta:
        """Will return how long after its beginning an order may still be paid."""

    @property
    def opens_within(self) -> timedelta:
        """Will return how long after its beginning the page may still be opened."""

    @property
    def opens_once(self) -> bool:
        """Will tell whether who left the page cannot come back to it: each try is then a new order."""

    @property
    def comes_back_within(self) -> timedelta:
        """Will return how long after its beginning somebody who gave up may still press back and pay."""

    def begin(self, order: Order) -> Redirection:
        """Will place an order and return where it is paid. Raises GatewayDownError, OrderRefusedError."""

    def ask(self, order: Order, provider_id: str) -> Answer:
        """Will ask what became of an order; the same answer any number of times. Raises GatewayDownError."""

    def check_notice(self, order: Order, provider_id: str, fields: Mapping[str, str]) -> Answer | None:
        """Will raise ForgedNoticeError unless a notice (or a return) may be about this order.

        It proves no payment: whoever receives it asks. What a signed one says and no question can learn is returned,
        ABANDONED, or REFUSED for somebody who went away after it; None otherwise, and always when nothing is signed.
        """
