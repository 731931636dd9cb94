"""What two families owe becomes what one owes: nothing issued is changed. Inside the operation that unites them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import (
    Aid,
    BillingRun,
    CollectionHold,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    ManualCharge,
    PayerAccount,
    Posting,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from marelle.foundation.actors import Actor

RECEIVABLE, WALLET = LedgerEntry.Account.RECEIVABLE, LedgerEntry.Account.WALLET


def hold_billing(authority: int) -> None:
    """Will hold the régies of an authority (key) and the runs under way: none begins, drafts nor issues meanwhile."""
    regies = Regie.objects.select_for_update(no_key=True).filter(authority=authority)
    list(regies.order_by("pk").values_list("pk"))
    runs = BillingRun.objects.select_for_update(no_key=True).filter(authority=authority, state__in=BillingRun.OPEN)
    list(runs.order_by("pk").values_list("pk"))


def lock_accounts_of(families: Collection[int]) -> None:
    """Will hold the payer accounts of these families (keys): nothing is paid, posted or debited until the end."""
    rows = PayerAccount.objects.select_for_update().filter(family__in=list(families))
    list(rows.order_by("pk").values_list("pk"))


def unite_homes(ended: int, kept: int, *, on: date, by: Actor, at: datetime) -> dict[str, int]:
    """Will give what a family (key) owes, and is owed, to another that the database knows it was united with.

    Where one alone has an account at a régie, it is that of the family from now on. Where both have one, that of the
    family that is kept goes on; the other keeps its invoices until they are paid, and what its wallet holds passes by
    one posting, which sums to zero. Nothing is settled by it: what was owed is owed.
    """
    held = CollectionHold.objects.filter(family=ended, invoice__isnull=True, lifted_at__isnull=True)
    standing = CollectionHold.objects.filter(family=kept, invoice__isnull=True, lifted_at__isnull=True)
    held.filter(kind__in=list(standing.values_list("kind", flat=True))).update(lifted_at=at)
    moved = {
        "invoices": Invoice.objects.filter(family=ended).update(family=kept),
        "aids": Aid.objects.filter(family=ended).update(family=kept),
        "holds": CollectionHold.objects.filter(family=ended).update(family=kept),
        "accounts": 0,
    }
    going_on = {one.regie_id: one for one in PayerAccount.objects.current().filter(family=kept)}
    for account in PayerAccount.objects.filter(family=ended).order_by("pk"):
        account.family_id = kept
        other = going_on.get(account.regie_id)
        if account.merged_into_id is None and other is not None:
            _close_into(account, other, on=on, by=by, at=at)
        account.save(update_fields=["family", "merged_into", "carried_from"])
        moved["accounts"] += 1
    return moved


def unite_children(ended: int, kept: int) -> dict[str, int]:
    """Will make what was invoiced for a child (key) invoiced for another that the database knows it was united with.

    A day that was invoiced for one is not invoiced again for the other; invoiced for both, it is given back once.
    """
    return {
        "lines": InvoiceLine.objects.filter(child=ended).update(child=kept),
        "aids": Aid.objects.filter(child=ended).update(child=kept),
        "charges": ManualCharge.objects.filter(child=ended).update(child=kept),
    }


def _close_into(account: PayerAccount, other: PayerAccount, *, on: date, by: Actor, at: datetime) -> None:
    """Will pass what comes next of an account to another one of the same family and régie."""
    account.merged_into = other
    if account.carried_from is not None:
        other.carried_from = min(account.carried_from, other.carried_from or account.carried_from)
        other.save(update_fields=["carried_from"])
        account.carried_from = None
    # A small debt that waits is looked for with the day since when it does.
    theirs = Invoice.objects.filter(payer=other, run__isnull=False).values("run")
    Invoice.objects.filter(payer=account, state=Invoice.State.CARRIED).exclude(run__in=theirs).update(payer=other)
    ManualCharge.objects.filter(payer=account).update(payer=other)
    PayerAccount.objects.filter(merged_into=account).update(merged_into=other)
    sums = LedgerEntry.objects.filter(payer=account, account__in=(RECEIVABLE, WALLET)).values("account", "invoice")
    passing = [
        (row["account"], row["invoice"], row["cents"])
        for row in sums.annotate(cents=Sum("cents")).order_by("account", "invoice")
        # What an invoice leaves to pay stays with it; what a credit note still gives back is money ahead.
        if row["cents"] and (row["invoice"] is None or row["cents"] < 0)
    ]
    if not passing:
        return
    posting = Posting.objects.create(
        authority_id=other.authority_id,
        regie_id=other.regie_id,
        payer=other,
        kind=Posting.Kind.UNION,
        date=on,
        at=at,
        by_id=by.key,
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            authority_id=other.authority_id, posting=posting, account=into, payer=payer, invoice_id=about, cents=cents
        )
        for name, invoice, left in passing
        for payer, into, about, cents in (
            (account, name, invoice, -left),
            (other, name if invoice is None else WALLET, None, left),
        )
    )
