"""What an event, or its undoing, changes of what a family was invoiced: given back, or asked again, at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from marelle.domain.billing.operations.corrections import correct
from marelle.domain.billing.operations.redrafting import draft_anew, hold_regies
from marelle.domain.billing.queries.corrections import correction_of, invoices_with
from marelle.domain.billing.queries.disruptions import reason_of
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import DisruptionLine
from marelle.domain.reservations.operations.locking import lock_children
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import Invoice
    from marelle.domain.reservations.models import Disruption
    from marelle.foundation.actors import Actor


@operation
def settle_disruption(
    disruption: Disruption, family: int, *, authority: Authority, by: Actor, at: datetime
) -> tuple[Invoice, ...]:
    """Will issue the difference between what the family (key) was invoiced of an event's days and what they now cost.

    Credit notes, or complementary invoices once it is undone, one for each invoice that had some of them; what is in a
    run in review is drafted again. Run again, it finds no difference. Raises UnableToBillError while a run is being
    drafted or issued, UnableToCorrectError when an invoice changes at that moment: to be tried again.
    """
    rows = DisruptionLine.objects.filter(disruption=disruption, reservation__family=family).exclude(
        did=DisruptionLine.Did.LEFT
    )
    days: dict[tuple[int, int], set[date]] = defaultdict(set)
    for child, product, day in rows.values_list(
        "reservation__child_id", "reservation__product_id", "reservation__date"
    ):
        days[child, product].add(day)
    if not days:
        return ()
    lock_children({child for child, _product in days})
    offer = offer_of(authority)
    runs = hold_regies({product for _child, product in days if product in offer.product_by_pk}, offer=offer)
    reason = reason_of(disruption)
    issued = []
    for invoice, had in invoices_with(days, family=family).items():
        billed = correction_of(invoice, authority=authority, only=had, at=at)
        if billed is None or billed.draft is None or not any(line.total for line in billed.draft.lines):
            continue
        issued.append(
            correct(invoice, authority=authority, reason=reason, expected=billed.draft.total, only=had, by=by, at=at)
        )
    # A correction drafts its own régie again.
    corrected = {one.regie_id for one in issued}
    for regie, run in runs.items():
        if regie not in corrected:
            draft_anew(run, family, authority=authority, by=by, at=at)
    return tuple(issued)
