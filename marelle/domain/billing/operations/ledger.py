"""The ledger of payer accounts: double entry, append-only. Every posting sums to zero; the database holds it too."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import F, Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.rules.settlement import Owed, settled
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime

    from marelle.foundation.actors import Actor

RECEIVABLE, WALLET, CASH = LedgerEntry.Account.RECEIVABLE, LedgerEntry.Account.WALLET, LedgerEntry.Account.CASH
HIGHEST_CENTS: Final = 10_000_000


class UnableToRecordPaymentError(Exception):
    """The amount is not positive, or too large, or an invoice is not this payer's; nothing was written."""


class UnableToRefundError(Exception):
    """There is not that much in the wallet; nothing was written."""


class Entry(NamedTuple):
    """A line to post."""

    account: str
    cents: int
    invoice: int | None = None
    code: str = ""


@operation
def record_payment(
    payer: PayerAccount,
    *,
    cents: int,
    means: str,
    date: date,
    invoices: Sequence[Invoice] = (),
    reference: str = "",
    spills: bool = True,
    by: Actor,
    at: datetime,
) -> Posting:
    """Will record money received from a payer: it settles the invoices given, in order, then the oldest ones.

    What is over goes to the wallet: at once when it does not spill, the others left alone. Raises
    UnableToRecordPaymentError.
    """
    payer = PayerAccount.objects.select_for_update().get(pk=payer.pk)
    if not 0 < cents <= HIGHEST_CENTS or any(invoice.payer_id != payer.pk for invoice in invoices):
        raise UnableToRecordPaymentError
    owed = sorted(_owed({payer.pk})[payer.pk], key=lambda one: one.order)
    named = list(dict.fromkeys(invoice.pk for invoice in invoices))
    first = [one for key in named for one in owed if one.invoice == key]
    others = [one for one in owed if one.invoice not in named] if spills else []
    shares, rest = settled(cents, [*first, *others])
    entries = [Entry(CASH, cents, code=means), *(Entry(RECEIVABLE, -share, invoice) for invoice, share in shares)]
    if rest:
        entries.append(Entry(WALLET, -rest))
    posting = _post(
        Posting.Kind.PAYMENT,
        payer,
        entries,
        date=date,
        invoice=named[0] if len(named) == 1 else None,
        means=means,
        reference=reference,
        by=by,
        at=at,
    )
    audit.record("record_payment", authority=payer.authority_id, of="posting", key=posting.pk, by=by, at=at)
    return posting


@operation
def pay_from_wallet(
    payer: PayerAccount, *, cents: int, invoices: Sequence[Invoice], date: date, by: Actor, at: datetime
) -> Posting | None:
    """Will settle these invoices, in order, with `cents` of the payer's wallet at most.

    What the wallet no longer holds stays owed. None when there was nothing to take, or nothing to settle.
    """
    payer = PayerAccount.objects.select_for_update().get(pk=payer.pk)
    held = -(LedgerEntry.objects.filter(payer=payer, account=WALLET).aggregate(sum=Sum("cents"))["sum"] or 0)
    owed = {one.invoice: one for one in _owed({payer.pk})[payer.pk]}
    shares, rest = settled(min(cents, held), [owed[one.pk] for one in invoices if one.pk in owed])
    taken = min(cents, held) - rest
    if taken <= 0:
        return None
    posting = _post(
        Posting.Kind.ALLOCATION,
        payer,
        [Entry(WALLET, taken), *(Entry(RECEIVABLE, -share, invoice) for invoice, share in shares)],
        date=date,
        by=by,
        at=at,
    )
    audit.record("pay_from_wallet", authority=payer.authority_id, of="posting", key=posting.pk, by=by, at=at)
    return posting


@operation
def refund_wallet(
    payer: PayerAccount, *, cents: int, means: str, date: date, reference: str = "", by: Actor, at: datetime
) -> Posting:
    """Will record money given back from a payer's wallet. Raises UnableToRefundError."""
    payer = PayerAccount.objects.select_for_update().get(pk=payer.pk)
    held = -(LedgerEntry.objects.filter(payer=payer, account=WALLET).aggregate(sum=Sum("cents"))["sum"] or 0)
    if not 0 < cents <= held:
        raise UnableToRefundError
    posting = _post(
        Posting.Kind.REFUND,
        payer,
        [Entry(WALLET, cents), Entry(CASH, -cents, code=means)],
        date=date,
        means=means,
        reference=reference,
        by=by,
        at=at,
    )
    audit.record("refund_wallet", authority=payer.authority_id, of="posting", key=posting.pk, by=by, at=at)
    return posting


def allocate_credits(payers: Collection[int], *, regie: Regie, on: date, by: Actor, at: datetime) -> None:
    """Will settle the invoices of these payers with their credit notes and wallets, the oldest first.

    What is over is kept in the wallet; a payer that keeps its wallet uses it when it wishes. Credits never cross
    régies: a payer account is of one. Inside an operation.
    """
    # Locked before they are read: a payment or a refund may be under way.
    list(PayerAccount.objects.select_for_update(no_key=True).filter(pk__in=payers).order_by("pk").values_list("pk"))
    sums = (
        LedgerEntry.objects.filter(payer__in=payers, account__in=(RECEIVABLE, WALLET))
        .values("payer", "account", "invoice")
        .exclude(account=WALLET, payer__keeps_wallet=True)
        .annotate(sum=Sum("cents"))
        .filter(sum__lt=0)
    )
    credits_of: dict[int, list[tuple[str, int | None, int]]] = defaultdict(list)
    for row in sums.order_by("invoice"):
        credits_of[row["payer"]].append((row["account"], row["invoice"], -row["sum"]))
    if not credits_of:
        return
    owed = _owed(credits_of)
    for payer in PayerAccount.objects.filter(pk__in=credits_of).order_by("pk"):
        held = credits_of[payer.pk]
        shares, rest = settled(sum(cents for *_rest, cents in held), sorted(owed[payer.pk], key=lambda one: one.order))
        entries = [Entry(account, cents, invoice) for account, invoice, cents in held]
        entries += [Entry(RECEIVABLE, -share, invoice) for invoice, share in shares]
        if rest:
            entries.append(Entry(WALLET, -rest))
        # The wallet alone, with nothing to settle, stays as it is.
        if shares or any(account == RECEIVABLE for account, *_others in held):
            _post(Posting.Kind.ALLOCATION, payer, _merged(entries), date=on, by=by, at=at)


def _merged(entries: Iterable[Entry]) -> list[Entry]:
    sums: dict[tuple[str, int | None, str], int] = defaultdict(int)
    for entry in entries:
        sums[entry.account, entry.invoice, entry.code] += entry.cents
    return [Entry(account, cents, invoice, code) for (account, invoice, code), cents in sums.items() if cents]


def _owed(payers: Collection[int]) -> dict[int, list[Owed]]:
    """Will return what is left to pay of each invoice of these payers."""
    found: dict[int, list[Owed]] = {payer: [] for payer in payers}
    rows = (
        LedgerEntry.objects.filter(payer__in=payers, account=RECEIVABLE, invoice__recovery_at__isnull=True)
        .values("payer", "invoice", due=F("invoice__due_on"), sequence=F("invoice__sequence"))
        .annotate(sum=Sum("cents"))
        .filter(sum__gt=0)
    )
    for row in rows:
        found[row["payer"]].append(Owed(row["invoice"], row["sum"], row["due"], row["sequence"] or 0))
    return found


def _post(
    kind: str,
    payer: PayerAccount,
    entries: Iterable[Entry],
    *,
    date: date,
    invoice: int | None = None,
    means: str = "",
    reference: str = "",
    by: Actor,
    at: datetime,
) -> Posting:
    posting = Posting.objects.create(
        authority_id=payer.authority_id,
        regie_id=payer.regie_id,
        payer=payer,
        kind=kind,
        date=date,
        at=at,
        by_id=by.key,
        invoice_id=invoice,
        means=means,
        reference=reference.strip()[:60],
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            authority_id=payer.authority_id,
            posting=posting,
            account=entry.account,
            payer=payer if entry.account in {RECEIVABLE, WALLET} else None,
            invoice_id=entry.invoice,
            code=entry.code,
            cents=entry.cents,
        )
        for entry in entries
    )
    return posting
