"""What is decided for a family while a run is open is drafted at once: the review never shows an old draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import BillingRun
from marelle.domain.billing.operations.runs import UnableToBillError, WhyNot, draft_again

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import Offer
    from marelle.foundation.actors import Actor


def in_review(regie: int) -> BillingRun | None:
    """Will lock and return the run of the régie (key) that is in review, None when none is open.

    Inside an operation, before it writes. Raises UnableToBillError while one is being drafted or issued: what the
    worker has under way would not know of what is decided.
    """
    run: BillingRun | None = (
        BillingRun.objects.select_for_update().filter(regie=regie, state__in=BillingRun.OPEN).first()
    )
    if run is not None and run.state != BillingRun.State.REVIEW:
        raise UnableToBillError(WhyNot.NOT_IN_REVIEW)
    return run


def hold_regies(products: Collection[int], *, offer: Offer) -> dict[int, BillingRun | None]:
    """Will lock the régies that bill these products (keys) and the run in review of each, None where none is open.

    A service without a régie may be billed by any. Inside an operation, after the children and before the payers.
    Raises UnableToBillError, as `in_review`.
    """
    regies = {offer.product_by_pk[pk].activity.service.regie for pk in products}
    rows = Regie.objects.select_for_update(no_key=True).filter(authority=offer.authority).order_by("pk")
    if None not in regies:
        rows = rows.filter(pk__in=regies)
    return {pk: in_review(pk) for pk in list(rows.values_list("pk", flat=True))}


def draft_anew(run: BillingRun | None, family: int, *, authority: Authority, by: Actor, at: datetime) -> None:
    """Will draft the family (key) again in the run that `in_review` gave. Inside an operation."""
    if run is not None:
        draft_again(run, family, authority=authority, by=by, at=at)
