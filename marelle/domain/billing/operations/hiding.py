"""An account hides an invoice from its own list, or shows it again. Nothing else changes, for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.billing.models import HiddenInvoice
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.billing.models import Invoice
    from marelle.foundation.actors import Actor


@operation
def hide_invoice(invoice: Invoice, *, user: int, by: Actor, at: datetime) -> bool:
    """Will hide an invoice from the list of an account (key); returns whether it was shown until then.

    It is owed as before: hiding is not paying. A second time writes nothing.
    """
    _row, is_new = HiddenInvoice.objects.get_or_create(
        authority_id=invoice.authority_id, user_id=user, invoice=invoice, defaults={"hidden_at": at}
    )
    if is_new:
        audit.record("hide_invoice", authority=invoice.authority_id, of="invoice", key=invoice.pk, by=by, at=at)
    return bool(is_new)


@operation
def show_invoice(invoice: Invoice, *, user: int, by: Actor, at: datetime) -> bool:
    """Will show a hidden invoice in the list of an account (key) again; returns whether it was hidden until then."""
    gone, _by_model = HiddenInvoice.objects.filter(user=user, invoice=invoice).delete()
    if gone:
        audit.record("show_invoice", authority=invoice.authority_id, of="invoice", key=invoice.pk, by=by, at=at)
    return bool(gone)


@operation
def forget_hidden(user: int, *, by: Actor, at: datetime) -> int:
    """Will forget which invoices an account (key) hid from its own lists; returns how many."""
    gone, _by_model = HiddenInvoice.objects.filter(user=user).delete()
    return int(gone)


@operation
def move_hidden(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will hide from the lists of an account (key) what another one hid from its own; returns how many invoices."""
    already = HiddenInvoice.objects.filter(user=kept).values("invoice")
    moved = HiddenInvoice.objects.filter(user=ended).exclude(invoice__in=already).update(user=kept)
    HiddenInvoice.objects.filter(user=ended).delete()
    return moved
