"""What is decided for a family while a run is open is drafted at once: the review never shows an old draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.models import BillingRun
from marelle.domain.billing.operations.runs import UnableToBillError, WhyNot, draft_again

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor


def draft_again_in_review(regie: int, family: int, *, authority: Authority, by: Actor, at: datetime) -> None:
    """Will draft the family again in the run of the régie (key) that is in review, if there is one.

    Inside an operation. Raises UnableToBillError while a run of the régie is being drafted or issued: what the worker
    has under way would not know of it.
    """
    run = BillingRun.objects.select_for_update().filter(regie=regie, state__in=BillingRun.OPEN).first()
    if run is None:
        return
    if run.state != BillingRun.State.REVIEW:
        raise UnableToBillError(WhyNot.NOT_IN_REVIEW)
    draft_again(run, family, authority=authority, by=by, at=at)
