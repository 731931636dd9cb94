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


def hold_regies(regies: Collection[int]) -> dict[int, BillingRun | None]:
    """Will lock these régies (keys) and the run in review of each, None where none is open: `in_review` for several.

    Inside an operation, after the children and before the payers. Raises UnableToBillError.
    """
    rows = Regie.objects.select_for_update(no_key=True).filter(pk__in=set(regies)).order_by("pk")
    return {pk: in_review(pk) for pk in list(rows.values_list("pk", flat=True))}


def draft_anew(run: BillingRun | None, family: int, *, authority: Authority, by: Actor, at: datetime) -> None:
    """Will draft the family (key) again in the run that `in_review` gave. Inside an operation."""
    if run is not None:
        draft_again(run, family, authority=authority, by=by, at=at)
