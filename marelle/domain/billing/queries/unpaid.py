"""What is past its due date and still owed, as the ledger knows it. Amounts in cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from marelle.domain.billing.models import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date


def overdue_of(families: Collection[int], *, on: date) -> dict[int, int]:
    """Will return what each of these families (keys) should have paid before a day, all régies together.

    What the Trésor recovers is still owed: it counts until it is known to be paid. Families that owe nothing are left
    out.
    """
    rows = (
        LedgerEntry.objects.filter(
            account=LedgerEntry.Account.RECEIVABLE, invoice__family__in=families, invoice__due_on__lt=on
        )
        .values("invoice__family", "invoice")
        .annotate(left=Sum("cents"))
        .filter(left__gt=0)
    )
    found: dict[int, int] = {}
    for family, cents in rows.values_list("invoice__family", "left"):
        found[family] = found.get(family, 0) + cents
    return found
