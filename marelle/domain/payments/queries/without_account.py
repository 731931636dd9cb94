"""Finding an invoice to pay by what is written on it: its reference and its amount, for whoever holds the paper.

Whoever types the right pair holds the invoice, or was given it: the page may say of which régie, for what, how much is
left, or when it was paid. Any other pair learns one thing, that nothing answers to it: an unknown reference, another
amount, a régie that has not joined or is in test, an invoice withdrawn are all the same, and take the same three
statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Max, Q, Sum
from django.db.models.functions import Upper

from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.models import Invoice, LedgerEntry, Posting
from marelle.domain.billing.rules.references import number_typed, public_id_of
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import PaymentSettings
from marelle.foundation import tenancy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority, Regie
    from marelle.domain.payments.gateways import Gateway

# Several softwares may number alike; beyond so many, nobody is meant.
_MOST_ALIKE = 20
_NOTHING = 0


class Payable(StrEnum):
    """What may be done of an invoice that was found."""

    ONLINE = "online"
    PAID = "paid"
    # Its sum is under or over what the gateway takes.
    AT_DESK = "at_desk"
    AT_TREASURY = "at_treasury"


@dataclass(frozen=True, slots=True)
class FoundToPay:
    """An invoice as whoever types its reference and its amount may read it; amounts in cents.

    No name, no address, no child, no line: those are for accounts.
    """

    invoice: Invoice
    authority: Authority
    regie: Regie
    payable: Payable
    left_cents: int
    settled_on: date | None

    @property
    def number(self) -> str:
        """Will return the number that is printed on it."""
        return str(self.invoice.number)

    @property
    def label(self) -> str:
        """Will return what it is for."""
        return str(self.invoice.label)


def find_for_payment(
    reference: str, amount_cents: int, *, gateways: Mapping[str, Gateway], at: datetime
) -> FoundToPay | None:
    """Will find the issued invoice that bears this reference (ours, or the number of another software) and this amount.

    Its total, or what is left of it, as a reminder says. None when there is none, or several by chance: all alike.
    Three statements, always; needs no scope. Whoever calls limits how often one may ask.
    """
    with tenancy.every_authority():
        mine = Q(public_id=public_id_of(reference) or "-")
        theirs = Q(typed=number_typed(reference) or "-") & ~Q(origin=Invoice.Origin.MARELLE)
        rows = Invoice.objects.issued().alias(typed=Upper("number")).filter(mine | theirs, withdrawn_at__isnull=True)
        alike = list(rows.select_related("authority", "regie", "payer", "family").order_by("pk")[:_MOST_ALIKE])
        keys = [one.pk for one in alike] or [_NOTHING]
        settled = Q(cents__lt=0) & ~Q(posting__kind=Posting.Kind.REVERSAL)
        sums = {
            row["invoice"]: (row["left"], row["last"])
            for row in LedgerEntry.objects.filter(invoice__in=keys, account=LedgerEntry.Account.RECEIVABLE)
            .values("invoice")
            .annotate(left=Sum("cents"), last=Max("posting__date", filter=settled))
        }
        tills = {
            row.regie_id: row
            for row in PaymentSettings.objects.filter(regie__in=[one.regie_id for one in alike] or [_NOTHING])
        }
    found = []
    for one in alike:
        left, last = sums.get(one.pk, (0, None))
        today = at.astimezone(one.authority.zone).date()
        till = tills.get(one.regie_id)
        gateway = gateways.get(till.gateway) if till is not None and till.mode == Mode.PRODUCTION else None
        is_open = gateway is not None and gateway.is_online and is_joined(one.regie.online_from, on=today)
        if gateway is not None and is_open and amount_cents > 0 and amount_cents in {one.total_cents, left}:
            state = _payable(one, left, gateway)
            found.append(FoundToPay(one, one.authority, one.regie, state, max(0, left), last))
    return found[0] if len(found) == 1 else None


def _payable(invoice: Invoice, left: int, gateway: Gateway) -> Payable:
    if left <= 0:
        return Payable.PAID
    if invoice.recovery_at is not None:
        return Payable.AT_TREASURY
    return Payable.ONLINE if gateway.lowest_cents <= left <= gateway.highest_cents else Payable.AT_DESK
