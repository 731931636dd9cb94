"""What stands against uniting two families, of their bills; and what of theirs would meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.billing.models import BillingRun, Invoice, PayerAccount

if TYPE_CHECKING:
    from collections.abc import Collection


def is_being_billed(families: Collection[int], *, authority: int) -> bool:
    """Will tell whether a run of an authority (key) is drafting or issuing, or has a draft of these families (keys)."""
    busy = (BillingRun.State.DRAFTING, BillingRun.State.ISSUING)
    if BillingRun.objects.filter(authority=authority, state__in=busy).exists():
        return True
    drafted = Q(family__in=list(families)) | Q(payer__family__in=list(families))
    drafts = Invoice.objects.filter(drafted, run__state__in=BillingRun.OPEN).exclude(state=Invoice.State.ISSUED)
    loose = Invoice.objects.filter(drafted, run__isnull=True, state=Invoice.State.DRAFT)
    return bool(drafts.exists() or loose.exists())


def accounts_that_meet(ended: int, kept: int) -> list[tuple[PayerAccount, PayerAccount]]:
    """Will return the accounts of two families (keys) at the same régie: that which ends, that which goes on."""
    going_on = {one.regie_id: one for one in PayerAccount.objects.current().filter(family=kept)}
    rows = PayerAccount.objects.current().filter(family=ended).select_related("regie").order_by("regie__name", "pk")
    return [(one, going_on[one.regie_id]) for one in rows if one.regie_id in going_on]
