"""Writing drafts: what the rules found becomes rows, until they are issued or thrown away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, PayerAccount

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from marelle.domain.billing.models import BillingRun
    from marelle.domain.billing.queries.to_bill import Billed
    from marelle.domain.billing.rules.charges import Noted
    from marelle.domain.billing.rules.drafts import Draft

LONGEST_LABEL: Final = 160


def payers_of(billed: Iterable[Billed], *, regie: Regie) -> dict[int, PayerAccount]:
    """Will return the payer account of each family for the régie, opened when it has none yet. Inside an operation."""
    rows = {one.family: one.household for one in billed}
    found = {
        payer.family_id: payer
        for payer in PayerAccount.objects.current().filter(regie=regie, family__in=rows)
        if payer.family_id
    }
    missing = [
        PayerAccount(
            authority_id=regie.authority_id,
            regie=regie,
            family_id=family,
            name=household.name,
            address=household.address,
            email=household.email,
            delivery=PayerAccount.Delivery.EMAIL if household.email else PayerAccount.Delivery.PAPER,
        )
        for family, household in rows.items()
        if family not in found
    ]
    if missing:
        PayerAccount.objects.bulk_create(missing, ignore_conflicts=True)
        return payers_of(billed, regie=regie)
    return found


def write_drafts(
    billed: Sequence[Billed], *, run: BillingRun | None, regie: Regie, label: str, invoiced_on: date, at: datetime,
    starts_on: date, ends_on: date, exercice: int, due_on: date | None, kind: str = Invoice.Kind.INVOICE,
    corrects: Invoice | None = None, reason: str = "",
) -> list[Invoice]:  # fmt: skip
    """Will write a draft invoice, with its lines, for each family that has something to be invoiced.

    Families whose facts could not all be billed have a draft too, even empty, so that the review names them.
    """
    told = [one for one in billed if one.draft is not None or one.account.noted]
    if not told:
        return []
    payers = payers_of(told, regie=regie)
    invoices = []
    for one in told:
        draft, payer = one.draft, payers[one.family]
        invoices.append(
            Invoice(
                authority_id=regie.authority_id,
                regie=regie,
                run=run,
                payer=payer,
                family_id=one.family,
                corrects=corrects,
                kind=kind,
                label=label,
                starts_on=min(starts_on, draft.first_day) if draft else starts_on,
                ends_on=max(ends_on, draft.last_day) if draft else ends_on,
                exercice=exercice,
                due_on=due_on,
                total_cents=draft.total if draft else 0,
                revenue=draft.revenue if draft else {},
                childcare_cents=draft.childcare if draft else 0,
                cesu_cents=draft.cesu if draft else 0,
                third_parties={str(payer): cents for payer, cents in draft.third_parties.items()} if draft else {},
                payer_name=payer.name,
                payer_address=payer.address,
                # Nobody would read the e-mail: on paper, whatever was chosen.
                delivery=payer.delivery if one.household.has_reader else PayerAccount.Delivery.PAPER,
                notes=[_note(noted) for noted in one.account.noted],
                reason=reason,
                drafted_at=at,
            )
        )
    _copy_invoices(invoices)
    _copy_lines(
        ((invoice.pk, one.draft) for invoice, one in zip(invoices, told, strict=True) if one.draft is not None),
        authority=regie.authority_id,
    )
    return invoices


def _copy_invoices(invoices: Sequence[Invoice]) -> None:
    """Will insert drafts with the keys that the database gives: by the thousand, faster than the ORM composes them."""
    fields = [field for field in Invoice._meta.concrete_fields if field.name != "id"]
    names = ", ".join(["id", *(str(field.column) for field in fields)])
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [len(invoices)])
        keys = [key for (key,) in cursor.fetchall()]
        with cursor.copy(f"COPY billing_invoice ({names}) FROM STDIN") as copy:  # our own columns
            for key, invoice in zip(keys, invoices, strict=True):
                invoice.pk = key
                row: list[Any] = [key]
                for field in fields:
                    value = getattr(invoice, field.attname)
                    row.append(json.dumps(value) if isinstance(value, dict | list) else value)
                copy.write_row(row)


def _note(noted: Noted) -> list[Any]:
    return [noted.trouble.value, noted.child, noted.product, [day.isoformat() for day in noted.days]]


def _copy_lines(drafts: Iterable[tuple[int, Draft]], *, authority: int) -> None:
    dumped: dict[Any, str] = {}

    def as_text(value: Any) -> str:
        # A month has few different prices: each is written once.
        found = dumped.get(value)
        if found is None:
            found = dumped[value] = json.dumps(value, ensure_ascii=False)
        return found

    with connection.cursor() as cursor, cursor.copy(COPY_LINES) as copy:
        for invoice, draft in drafts:
            for position, line in enumerate(draft.lines):
                name, charge = line.charge.name, line.charge
                copy.write_row(
                    (
                        authority, invoice, position, name.kind.value, name.child or None, name.product or None,
                        name.key, line.label[:LONGEST_LABEL], list(charge.days), charge.cents, line.total,
                        as_text(charge.steps), as_text(line.shares), charge.measured, charge.bracket,
                        charge.is_correction, line.reason,
                    )
                )  # fmt: skip


KEYS: Final = "SELECT nextval(pg_get_serial_sequence('billing_invoice', 'id')) FROM generate_series(1, %s)"
COPY_LINES: Final = """
COPY billing_invoiceline (
    authority_id, invoice_id, position, kind, child_id, product_id, key, label, days, unit_cents, total_cents, steps,
    components, quotient_cents, bracket, is_correction, reason
) FROM STDIN
"""
