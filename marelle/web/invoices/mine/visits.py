"""Somebody signed in on the invoices site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.foundation.actors import Actor, ActorKind

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.payments.models import PaymentAttempt
    from marelle.web.payment_addresses import PayingSite


@dataclass(frozen=True, slots=True)
class AccountVisit:
    """An account (key) that pays, at a moment."""

    at: datetime
    user: int

    @property
    def actor(self) -> Actor:
        """Will return who writes."""
        return Actor(ActorKind.FAMILY, self.user)

    @property
    def site(self) -> PayingSite:
        """Will return where what is paid is paid."""
        return "invoices"

    def slug_for(self, attempt: PaymentAttempt) -> str:
        """Will return the authority that addresses about a payment name."""
        return str(attempt.authority.slug)
