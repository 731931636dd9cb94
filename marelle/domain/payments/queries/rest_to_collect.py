"""What is left to collect (reste à recouvrer) on a day: by exercice, service and age. Amounts in cents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Sum

from marelle.domain.billing.models import Invoice, InvoiceLine, LedgerEntry, PayerAccount
from marelle.domain.payments.rules.desk import Age, age_of, shared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

RECEIVABLE: Final = LedgerEntry.Account.RECEIVABLE
OTHERS: Final = "Autres"
NO_INVOICE: Final = "Sans facture"


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of an invoice, for one of its services. Without an invoice: what an account owes besides."""

    regie: str
    exercice: int | None
    service: str
    age: Age
    number: str
    invoice: str
    payer: str
    due_on: date | None
    is_at_tresor: bool
    cents: int


def rest_to_collect(regies: Collection[int], *, on: date) -> list[Rest]:
    """Will return what is left to collect for these régies (keys) at the end of a day. Four statements."""
    sums = (
        LedgerEntry.objects.filter(posting__regie__in=regies, account=RECEIVABLE, posting__date__lte=on)
        .values("payer", "invoice")
        .annotate(sum=Sum("cents"))
        .filter(sum__gt=0)
    )
    left = {(row["payer"], row["invoice"]): row["sum"] for row in sums}
    invoices = Invoice.objects.select_related("regie").in_bulk({invoice for _payer, invoice in left if invoice})
    payers = PayerAccount.objects.select_related("regie").in_bulk({payer for payer, _invoice in left})
    services = _services_of(invoices)
    found = []
    for (payer, key), cents in left.items():
        if key is None:
            account = payers[payer]
            found.append(
                Rest(account.regie.name, None, NO_INVOICE, Age.COMING, "", "", account.name, None, False, cents)  # noqa: FBT003
            )
            continue
        one = invoices[key]
        found += [
            Rest(
                regie=one.regie.name,
                exercice=one.exercice,
                service=service,
                age=age_of(one.due_on, on=on),
                number=one.number,
                invoice=one.public_id,
                payer=one.payer_name,
                due_on=one.due_on,
                is_at_tresor=one.recovery_at is not None and one.recovery_at.date() <= on,
                cents=share,
            )
            for service, share in shared(cents, services[key] or {OTHERS: 1}).items()
        ]
    return sorted(found, key=lambda one: (one.regie, one.exercice or 0, one.service, one.number, one.payer))


def _services_of(invoices: Iterable[int]) -> dict[int, dict[str, int]]:
    """Will return what the lines of each of these invoices (keys) come to, by name of service."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    lines = InvoiceLine.objects.filter(invoice__in=list(invoices))
    rows = lines.values_list("invoice", "product__activity__service__name").annotate(sum=Sum("total_cents"))
    for invoice, service, cents in rows.order_by("invoice", "product__activity__service__name"):
        found[invoice][service or OTHERS] = cents
    return found


def by_exercice_and_service(rows: Iterable[Rest]) -> dict[tuple[str, int | None, str], dict[Age, int]]:
    """Will add up what is left, by régie, exercice and service, then by age."""
    found: dict[tuple[str, int | None, str], dict[Age, int]] = defaultdict(lambda: defaultdict(int))
    for one in rows:
        found[one.regie, one.exercice, one.service][one.age] += one.cents
    return {key: dict(ages) for key, ages in found.items()}
