"""Sending orders of meals, once: the rows say that they are to leave, the mail server takes them, the rows say so."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F

from marelle.domain.families.rules.ways_in import same_address
from marelle.domain.reservations.models import KitchenOrder
from marelle.domain.reservations.queries.kitchen import Where, kitchen_of, kitchens, portions_of
from marelle.domain.reservations.rules.kitchen import together
from marelle.foundation import audit, tenancy
from marelle.foundation.spreadsheets import csv_lines
from marelle.foundation.writes import operation
from marelle.letters.about_kitchen import meals_ordered
from marelle.letters.kitchen_documents import Ordered, kitchen_pdf, kitchen_sheet
from marelle.letters.sending import UnableToSendError, headers_named

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.reservations.rules.kitchen import Counts
    from marelle.foundation.actors import Actor

# What a letter is named after its public id: see `returned`.
KITCHEN_ORDER: Final = "kitchen_order"
STATE = KitchenOrder.State
TO_SEND: Final = (STATE.QUEUED, STATE.FAILED)
log = logging.getLogger("marelle.letters")


def send_orders(keys: Collection[int], authority: Authority, *, by: Actor, at: datetime) -> bool:
    """Will write to the kitchen about these orders (keys), together, and tell whether a letter left now.

    What has already left is not sent again. Raises UnableToSendError when the mail server did not take it; then it
    stays to be sent.
    """
    orders = list(
        KitchenOrder.objects.filter(pk__in=keys, state__in=TO_SEND)
        .select_related("service", "facility")
        .order_by("date", "service__position", "facility__name", "pk")
    )
    if not orders:
        return False
    message = _message(orders, authority)
    try:
        return hand_over_orders(orders, message, by=by, at=at)
    except (SMTPException, OSError) as error:
        # The error's own text may quote the address.
        note_orders_failed(orders, by=by, at=at)
        log.warning("orders of meals %s: not taken by the mail server: %s", orders[0].pk, type(error).__name__)
        raise UnableToSendError(f"{type(error).__name__} for {len(orders)} orders of meals") from None


def ordered(order: KitchenOrder, authority: Authority) -> Ordered:
    """Will return an order, with its service and facility, as documents show it."""
    return Ordered(
        order.date,
        order.service.name,
        order.facility.name,
        portions_of(order),
        order.frozen_at.astimezone(authority.zone),
        order.revision,
    )


def _message(orders: Sequence[KitchenOrder], authority: Authority) -> EmailMultiAlternatives:
    rows = [ordered(order, authority) for order in orders]
    kitchen = kitchen_of(Where(orders[0].service_id, orders[0].facility_id), kitchens())
    has_csv = kitchen is not None and kitchen.attaches_csv
    has_pdf = kitchen is not None and kitchen.attaches_pdf
    draft = meals_ordered(rows, authority, before=_before(orders), with_files=has_csv or has_pdf)
    message = EmailMultiAlternatives(
        subject=draft.subject,
        body=draft.text,
        from_email=settings.RETURNS_ADDRESS or None,
        to=orders[0].sent_to,
        reply_to=[authority.email] if authority.email else None,
        headers=headers_named(f"{orders[0].public_id}.{KITCHEN_ORDER}"),
    )
    message.attach_alternative(draft.html, "text/html")
    name = f"repas-{orders[0].date.isoformat()}"
    if has_csv:
        message.attach(f"{name}.csv", b"".join(csv_lines(kitchen_sheet(rows))), "text/csv")
    if has_pdf:
        frozen = max(order.frozen_at for order in orders).astimezone(authority.zone)
        message.attach(f"{name}.pdf", kitchen_pdf(rows, authority, on=frozen.date()), "application/pdf")
    return message


def _before(orders: Sequence[KitchenOrder]) -> dict[int, Counts]:
    """Will return what each order that corrects another was before, by its place among `orders`."""
    if all(order.revision == 1 for order in orders):
        return {}
    rows = KitchenOrder.objects.filter(
        date__in={order.date for order in orders}, service__in={order.service_id for order in orders}
    )
    known = {(row.date, row.service_id, row.facility_id, row.revision): row for row in rows}
    found = {}
    for place, order in enumerate(orders):
        former = known.get((order.date, order.service_id, order.facility_id, order.revision - 1))
        if former is not None:
            found[place] = together(portion.counts for portion in portions_of(former))
    return found


@operation
def hand_over_orders(
    orders: Sequence[KitchenOrder], message: EmailMultiAlternatives, *, by: Actor, at: datetime
) -> bool:
    """Will give the letter to the mail server, unless another worker did, and tell whether it did so now.

    The rows are held meanwhile. Raises what the mail server raises; then nothing is written. The letter keeps one
    identifier: if the power goes out between the two, mail programs recognize the second copy.
    """
    keys = [order.pk for order in orders]
    held = KitchenOrder.objects.select_for_update().filter(pk__in=keys, state__in=TO_SEND).order_by("pk")
    left = [row.pk for row in held]
    if left != sorted(keys):
        return False
    message.send()
    KitchenOrder.objects.filter(pk__in=keys).update(state=STATE.SENT, sent_at=at)
    authority = orders[0].authority_id
    audit.record("send_order", authority=authority, of="kitchenorder", key=orders[0].pk, by=by, at=at, orders=len(keys))
    return True


@operation
def note_orders_failed(orders: Sequence[KitchenOrder], *, by: Actor, at: datetime) -> None:
    """Will note that the mail server did not take these orders; they stay to be sent."""
    KitchenOrder.objects.filter(pk__in=[order.pk for order in orders], state__in=TO_SEND).update(
        state=STATE.FAILED, failures=F("failures") + 1
    )


@operation
def note_order_returned(public_id: str, address: str, *, by: Actor, at: datetime) -> bool:
    """Will note that an order came back from `address`, and those that left with it; tells whether it is one of ours.

    `at` is machine time.
    """
    with tenancy.every_authority():
        order = KitchenOrder.objects.filter(public_id=public_id, state=STATE.SENT, returned_at=None).first()
    if order is None or not any(same_address(one, address) for one in order.sent_to):
        return False
    with tenancy.scope({order.authority_id}):
        together_with = KitchenOrder.objects.filter(
            service=order.service_id, sent_at=order.sent_at, sent_to=order.sent_to, state=STATE.SENT
        )
        together_with.update(returned_at=at)
    return True
