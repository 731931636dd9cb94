"""Who pays, and from which site: what a page of payments must know of the one that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.payments.models import PaymentAttempt
    from marelle.foundation.actors import Actor
    from marelle.web.payment_addresses import PayingSite


class PayingVisit(Protocol):
    """Somebody who pays: `slug_for` says which authority the addresses about a payment name."""

    def slug_for(self, attempt: PaymentAttempt) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def site(self) -> PayingSite: ...


class Surroundings(Protocol):
    """What a site puts around a page: the context that it returns holds the `layout`, then what the page says."""

    def __call__(self, **more: object) -> dict[str, object]: ...
