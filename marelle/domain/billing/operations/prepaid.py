"""What is paid on booking: settled, it is invoiced at once, already paid."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, Posting
from marelle.domain.billing.operations.drafting import write_drafts
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.by_agents import confirm_held_place
from marelle.foundation.periods import Period
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

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
    till = Regie.objects.select_for_update().get(pk=regie)
    if not reservations or not till.has_billing:
        return None
    offer = offer_of(authority)
    only: dict[tuple[int, int], set[date]] = defaultdict(set)
    for one in reservations:
        only[one.child_id, one.product_id].add(one.date)
    services = {offer.product_by_pk[one.product_id].activity.service for one in reservations}
    days = sorted(one.date for one in reservations)
    billed = bill(
        [reservations[0].family_id],
        regie=till.pk,
        services=sorted(service.pk for service in services),
        period=Period(days[0], days[-1]),
        offer=offer,
        at=at,
        only=only,
    )
    today = at.astimezone(authority.zone).date()
    drafts = write_drafts(
        [one for one in billed if one.draft is not None],
        run=None,
        regie=till,
        label=f"{', '.join(sorted(service.name for service in services))[:96]}, payé à la réservation",
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
