"""The desk as a gateway: nothing leaves, nothing comes back; the order waits until an agent records its payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from marelle.domain.payments.gateways import Answer, ForgedNoticeError, OrderRefusedError, Redirection, Result, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from marelle.domain.payments.gateways import Order

HIGHEST_CENTS = 2**31 - 1  # what a column of ours holds: the desk itself has no limit


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk. It fulfils `Gateway`; what is to be paid there stays so until an agent says otherwise."""

    code: ClassVar[str] = "desk"
    name: ClassVar[str] = "Guichet de la mairie"
    is_online: ClassVar[bool] = False
    lowest_cents: ClassVar[int] = 1
    highest_cents: ClassVar[int] = HIGHEST_CENTS
    stays_payable: ClassVar[timedelta] = timedelta(days=3650)
    opens_within: ClassVar[timedelta] = timedelta(days=3650)
    opens_once: ClassVar[bool] = False
    comes_back_within: ClassVar[timedelta] = timedelta(0)

    def begin(self, order: Order) -> Redirection:
        """Will return the order under its own reference, with no page to go to."""
        if not self.lowest_cents <= order.cents <= self.highest_cents:
            raise OrderRefusedError(Trouble.AMOUNT)
        return Redirection(order.reference, "")

    def ask(self, order: Order, provider_id: str) -> Answer:
        """Will answer that it waits: only an agent knows more."""
        return Answer(Result.WAITING)

    def check_notice(self, order: Order, provider_id: str, fields: Mapping[str, str]) -> None:
        """Will raise ForgedNoticeError whatever is told: the desk sends no notice."""
        raise ForgedNoticeError
