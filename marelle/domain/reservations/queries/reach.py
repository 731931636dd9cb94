"""What an agent's grants let her see: products, by facility and by service. The whole office asks here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.accounts.queries import granted_to
from marelle.domain.accounts.rules.roles import givers_of

if TYPE_CHECKING:
    from marelle.domain.accounts.models import Agent
    from marelle.domain.catalog.queries import Offer, ProductOffer


@dataclass(frozen=True, slots=True)
class Reach:
    """The products within reach of a role, in the order of the screens; `is_whole` when nothing limits it."""

    products: tuple[ProductOffer, ...]
    is_whole: bool

    @property
    def product_keys(self) -> frozenset[int]:
        """Will return the keys of the products."""
        return frozenset(product.pk for product in self.products)

    @property
    def activity_keys(self) -> frozenset[int]:
        """Will return the keys of their activities."""
        return frozenset(product.activity.pk for product in self.products)


def reach_of(agent: Agent, role: str, offer: Offer) -> Reach:
    """Will return what `agent` may see or do as `role`: everything, else the facilities and services granted.

    A grant of a right that gives this one counts for it, as far as it reaches.
    """
    givers = givers_of(role)
    granted = [one for one in granted_to(agent) if one.role in givers]
    if any(one.is_whole for one in granted):
        return Reach(offer.products, is_whole=True)
    return Reach(
        tuple(
            product
            for product in offer.products
            if any(
                one.facility in {0, product.activity.facility_pk} and one.service in {"", product.activity.service.code}
                for one in granted
            )
        ),
        is_whole=False,
    )
