"""Invoices that another software issued, brought in by the operation that brings them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations.importing import import_invoices
from marelle.domain.billing.rules.imports import Wanted
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM, Actor

WATER = Wanted(
    "EAU-2026-154",
    "Eau, 3e trimestre 2026",
    8240,
    date(2026, 10, 1),
    date(2026, 12, 31),
    "Jeanne Moreau",
    debtor_code="C-77",
    theme="eau",
)
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def import_invoice(
    regie: Regie, *, documents: dict[str, bytes] | None = None, by: Actor = SYSTEM, at: datetime = AT, **fields
) -> Invoice:
    """Import one invoice: that of the water, unless said otherwise."""
    with tenancy.scope({regie.authority_id}):
        done = import_invoices(
            regie, [replace(WATER, **fields)], origin="file", on=at.date(), documents=documents, by=by, at=at
        )
    return (*done.new, *done.known)[0]
