"""Issued invoices and their payments, by the operations that number, freeze and post them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from django.db import transaction

from marelle.domain.authorities.models import Authority, Regie
from marelle.domain.billing.models import Invoice, InvoiceLine, PayerAccount, Posting
from marelle.domain.billing.operations.issuing import issue
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.operations.payers import hand_over
from marelle.domain.catalog.models import Product
from marelle.domain.families.models import Child, Family
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted

ISSUED = date(2026, 11, 2)
DUE = date(2026, 12, 5)  # 12 days after Monday 23 November
DAYS = (date(2026, 10, 1), date(2026, 10, 2))
ISSUED_AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
_number = itertools.count(1)


def make_regie(authority: Authority, name: str = "Régie scolaire", **fields) -> Regie:
    """Make a régie that has joined the online invoices, unless said otherwise."""
    values = {
        "number_pattern": "{exercice}-CA-00-{numero}",
        "online_from": date(2026, 9, 1),
        "how_to_pay": "Par chèque, à l’ordre du Trésor public.\nEn espèces, au guichet.",
        **fields,
    }
    with permitted("factory"), tenancy.scope({authority.pk}):
        return Regie.objects.create(authority=authority, code=f"regie-{next(_number)}", name=name, **values)


def payer_of(family: Family, regie: Regie, name: str = "") -> PayerAccount:
    """Return the payer account of a family for a régie, opened when there is none."""
    with permitted("factory"), tenancy.scope({family.authority_id}):
        payer, _new = PayerAccount.objects.get_or_create(
            authority_id=family.authority_id, regie=regie, family=family, defaults={"name": name or family.name}
        )
    return payer


def issue_invoice(
    family: Family,
    regie: Regie,
    *,
    cents: int = 770,
    payer: str = "",
    child: Child | None = None,
    product: Product | None = None,
    days: tuple[date, ...] = DAYS,
    childcare: int = 0,
    issued_on: date = ISSUED,
    **fields,
) -> Invoice:
    """Issue an invoice of one line for `days`, `cents` in all, `childcare` of them for care."""
    at = datetime(issued_on.year, issued_on.month, issued_on.day, 8, tzinfo=UTC)
    account = payer_of(family, regie, payer)
    values = {
        "label": "Cantine, octobre 2026",
        "starts_on": days[0],
        "ends_on": days[-1],
        "exercice": issued_on.year,
        "due_on": DUE,
        **fields,
    }
    parts = [["7067", "", cents - childcare, False, False], ["70632", "Garde", childcare, True, True]]
    with permitted("factory"), tenancy.scope({family.authority_id}), transaction.atomic():
        invoice = Invoice.objects.create(
            authority_id=family.authority_id,
            regie=regie,
            payer=account,
            family=family,
            total_cents=cents,
            revenue={"7067": cents},
            childcare_cents=childcare,
            payer_name=account.name,
            drafted_at=at,
            **values,
        )
        InvoiceLine.objects.create(
            authority_id=family.authority_id,
            invoice=invoice,
            kind="day",
            child=child,
            product=product,
            key=str(next(_number)),
            label=product.name if product else "Repas",
            days=list(days),
            unit_cents=cents // len(days),
            total_cents=cents,
            steps=[["Tarif voté", cents // len(days)]],
            components=[part for part in parts if part[2]],
        )
        issue([invoice], regie=regie, exercice=invoice.exercice, issued_on=issued_on, by=SYSTEM, at=at)
        return Invoice.objects.get(pk=invoice.pk)


def pay(invoice: Invoice, cents: int, *, on: date, means: str = Posting.Means.CARD) -> Posting:
    """Record a payment of `cents` for an invoice."""
    with tenancy.scope({invoice.authority_id}):
        return record_payment(
            PayerAccount.objects.get(pk=invoice.payer_id),
            cents=cents,
            means=means,
            date=on,
            invoices=[invoice],
            by=SYSTEM,
            at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC),
        )


def recover(invoice: Invoice, number: str = "T-2026-0412") -> None:
    """Hand an invoice over to the Trésor."""
    with tenancy.scope({invoice.authority_id}):
        hand_over(invoice, number=number, by=SYSTEM, at=datetime(2026, 11, 20, 8, tzinfo=UTC))
