"""What is paid on booking: settled at the town hall, it is invoiced at once, already paid."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, Posting
from marelle.domain.billing.operations.drafting import write_drafts
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.billing.rules.charges import Kind, Name
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.by_agents import confirm_held_place
from marelle.foundation.periods import Period
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.reservations.models import Reservation
    from marelle.foundation.actors import Actor


@operation
def settle_at_desk(
    reservation: Reservation,
    *,
    authority: Authority,
    means: str = Posting.Means.OTHER,
    by: Actor,
    at: datetime,
) -> Invoice | None:
    """Will confirm a held place; when its service is paid on booking, also invoice the day and record it as paid.

    The price is the one that was shown when the place was taken. None when nothing is invoiced: a service paid at the
    month's end, a régie that invoices elsewhere. Raises UnableToRecordError.
    """
    confirm_held_place(reservation, by=by, at=at)
    offer = offer_of(authority)
    product = offer.product_by_pk[reservation.product_id]
    service = product.activity.service
    if not service.is_prepaid or service.regie is None:
        return None
    regie = Regie.objects.select_for_update().get(pk=service.regie)
    if not regie.has_billing:
        return None
    day, today = reservation.date, at.astimezone(authority.zone).date()
    billed = bill(
        [reservation.family_id],
        regie=regie.pk,
        services=[service.pk],
        period=Period(day, day),
        offer=offer,
        at=at,
        only=[Name(Kind.DAY, reservation.child_id, product.pk), Name(Kind.AID, reservation.child_id, product.pk)],
    )
    drafts = write_drafts(
        [one for one in billed if one.draft is not None],
        run=None,
        regie=regie,
        label=f"{service.name}, payé à la réservation",
        invoiced_on=today,
        at=at,
        starts_on=day,
        ends_on=day,
        exercice=today.year,
        due_on=today + timedelta(days=regie.payment_days),
    )
    if not drafts or drafts[0].total_cents <= 0:
        Invoice.objects.filter(pk__in=[draft.pk for draft in drafts]).update(state=Invoice.State.SET_ASIDE)
        return None
    issue(drafts, regie=regie, exercice=today.year, issued_on=today, by=by, at=at)
    invoice = Invoice.objects.select_related("payer").get(pk=drafts[0].pk)
    record_payment(invoice.payer, cents=invoice.total_cents, means=means, date=today, invoices=[invoice], by=by, at=at)
    return invoice
