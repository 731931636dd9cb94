"""What a service costs, said by whoever keeps the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.onboarding.models import ProductCost
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def say_costs(authority: Authority, costs: Mapping[int, int | None], *, by: Actor, at: datetime) -> int:
    """Will keep what products (keys) cost, in cents; None forgets it. Return how many changed."""
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    before = dict(ProductCost.objects.filter(product__in=costs).values_list("product_id", "cost_cents"))
    changed = {product: cents for product, cents in costs.items() if before.get(product) != cents}
    if not changed:
        return 0
    ProductCost.objects.filter(product__in=changed).delete()
    ProductCost.objects.bulk_create(
        ProductCost(authority=authority, product_id=product, cost_cents=cents, said_at=at)
        for product, cents in changed.items()
        if cents is not None
    )
    audit.record("say_costs", authority=authority.pk, of="product_cost", key=None, by=by, at=at, changed=len(changed))
    return len(changed)
