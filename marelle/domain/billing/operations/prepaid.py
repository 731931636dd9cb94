"""What is paid on booking: settled, it is invoiced at once, already paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, PayerAccount, Posting
from marelle.domain.billing.operations.drafting import write_drafts
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.payers import open_account
from marelle.domain.billing.queries.prepaid import bill_places
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.by_agents import confirm_held_place
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.reservations.models import Reservation
    from marelle.foundation.actors import Actor


@operation
def invoice_prepaid(
    reservations: Sequence[Reservation], *, regie: int, authority: Authority, by: Actor, at: datetime
) -> Invoice | None:
    """Will issue one invoice for these recorded places of one family, of services that the régie (key) is paid for.

    Prices are those of the reservations. None when nothing is invoiced: no place, or a régie that invoices elsewhere.
    The credits of the payer are left alone: what pays it is said next.
    """
    till = Regie.objects.get(pk=regie)
    if not reservations or not till.has_billing:
        return None
    # Locked before it is read what was invoiced: the worker that issues a month may be at this payer.
    payer = open_account(reservations[0].family, till, by=by, at=at)
    PayerAccount.objects.select_for_update(no_key=True).get(pk=payer.pk)
    offer = offer_of(authority)
    billed = bill_places(reservations, regie=till.pk, offer=offer, at=at)
    names = {offer.product_by_pk[one.product_id].activity.service.name for one in reservations}
    days = sorted(one.date for one in reservations)
    today = at.astimezone(authority.zone).date()
    drafts = write_drafts(
        [billed] if billed.draft is not None else [],
        run=None,
        regie=till,
        label=f"{', '.join(sorted(names))[:96]}, payé à la réservation",
        invoiced_on=today,
        at=at,
        starts_on=days[0],
        ends_on=days[-1],
        exercice=today.year,
        due_on=today,
    )
    if not drafts or drafts[0].total_cents <= 0:
        Invoice.objects.filter(pk__in=[draft.pk for draft in drafts]).update(state=Invoice.State.SET_ASIDE)
        return None
    issue(drafts, regie=till, exercice=today.year, issued_on=today, allocates=False, by=by, at=at)
    return Invoice.objects.issued().select_related("payer").filter(pk=drafts[0].pk).first()  # type: ignore[no-any-return]


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
    reservation.refresh_from_db()
    invoice = invoice_prepaid([reservation], regie=service.regie, authority=authority, by=by, at=at)
    if invoice is None:
        return None
    today = at.astimezone(authority.zone).date()
    record_payment(invoice.payer, cents=invoice.total_cents, means=means, date=today, invoices=[invoice], by=by, at=at)
    return invoice
