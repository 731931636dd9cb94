"""The ledger of payer accounts: double entry, append-only. Every posting sums to zero; the database holds it too."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import F, Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.rules.settlement import Owed, settled
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from marelle.foundation.actors import Actor

RECEIVABLE, WALLET, CASH = LedgerEntry.Account.RECEIVABLE, LedgerEntry.Account.WALLET, LedgerEntry.Account.CASH
TREASURY = LedgerEntry.Account.TREASURY
HIGHEST_CENTS: Final = 10_000_000


class UnableToRecordPaymentError(Exception):
    """The amount is not positive, or too large, or an invoice is not this payer's; nothing was written."""


class UnableToRefundError(Exception):
    """There is not that much in the wallet, or it would leave in cash; nothing was written."""


class WhyNotReversed(StrEnum):
    """Why a payment is not cancelled."""

    NOT_A_PAYMENT = "not_a_payment"
    ALREADY = "already"
    NO_REASON = "no_reason"
    BEFORE = "before"


class UnableToReverseError(Exception):
    """The payment is not cancelled, `why` says it; nothing was written."""

    def __init__(self, why: WhyNotReversed) -> None:
        """Will keep why."""
        super().__init__(why)
        self.why = why


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
    at_most: Mapping[int, int] | None = None,
    reference: str = "",
    spills: bool = True,
    by: Actor,
    at: datetime,
) -> Posting:
    """Will record money received from a payer: it settles the invoices given, in order, then the oldest ones.

    `at_most` is what may go to each of the invoices given (cents by key), the whole of it unless said. What is over
    goes to the wallet: at once when it does not spill, the others left alone. Raises UnableToRecordPaymentError.
    """
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=payer.pk)
    if not 0 < cents <= HIGHEST_CENTS or any(invoice.payer_id != payer.pk for invoice in invoices):
        raise UnableToRecordPaymentError
    owed = sorted(_owed({payer.pk})[payer.pk], key=lambda one: one.order)
    named = list(dict.fromkeys(invoice.pk for invoice in invoices))
    first = [_capped(one, at_most) for key in named for one in owed if one.invoice == key]
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
    payer: PayerAccount,
    *,
    cents: int,
    invoices: Sequence[Invoice],
    at_most: Mapping[int, int] | None = None,
    date: date,
    by: Actor,
    at: datetime,
) -> Posting | None:
    """Will settle these invoices, in order, with `cents` of the payer's wallet at most, `at_most` for each if given.

    What the wallet no longer holds stays owed. None when there was nothing to take, or nothing to settle.
    """
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=payer.pk)
    held = _held(payer.pk)
    owed = {one.invoice: one for one in _owed({payer.pk})[payer.pk]}
    shares, rest = settled(min(cents, held), [_capped(owed[one.pk], at_most) for one in invoices if one.pk in owed])
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
    """Will record money given back from a payer's wallet. Raises UnableToRefundError.

    Never in cash: a régie de recettes pays nothing out of its drawer, whose count is that of its receipts.
    """
    if means == Posting.Means.CASH:
        raise UnableToRefundError
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=payer.pk)
    if not 0 < cents <= _held(payer.pk):
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


@operation
def reverse_payment(posting: Posting, *, reason: str, date: date, by: Actor, at: datetime) -> Posting:
    """Will cancel a payment by its counter-entry, dated `date`: what it had settled is owed again.

    What it had put in the wallet leaves it. Was that spent since, the invoices it went to are owed again, the last
    settled first; was it refunded, the account owes it without an invoice: a cheque that bounces does so whatever the
    wallet holds. Raises UnableToReverseError.
    """
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=posting.payer_id)
    if posting.kind != Posting.Kind.PAYMENT:
        raise UnableToReverseError(WhyNotReversed.NOT_A_PAYMENT)
    if Posting.objects.filter(reverses=posting).exists():
        raise UnableToReverseError(WhyNotReversed.ALREADY)
    if not reason.strip():
        raise UnableToReverseError(WhyNotReversed.NO_REASON)
    if date < posting.date:
        raise UnableToReverseError(WhyNotReversed.BEFORE)
    entries = [
        Entry(one.account, -one.cents, one.invoice_id, one.code) for one in LedgerEntry.objects.filter(posting=posting)
    ]
    from_wallet = sum(entry.cents for entry in entries if entry.account == WALLET)
    missing = from_wallet - max(0, _held(payer.pk))
    if missing > 0:
        reopened = _spent_since(posting, missing)
        entries += [
            Entry(WALLET, -missing),
            *(Entry(RECEIVABLE, cents, invoice) for invoice, cents in reopened),
            Entry(RECEIVABLE, missing - sum(cents for _invoice, cents in reopened)),
        ]
    reversal = _post(
        Posting.Kind.REVERSAL,
        payer,
        _merged(entries),
        date=date,
        invoice=posting.invoice_id,
        means=posting.means,
        reference=posting.reference,
        reverses=posting,
        by=by,
        at=at,
    )
    audit.record("reverse_payment", authority=payer.authority_id, of="posting", key=reversal.pk, by=by, at=at)
    return reversal


def _held(payer: int) -> int:
    """Will return what the wallet of a payer account (key) holds."""
    sums = LedgerEntry.objects.filter(payer=payer, account=WALLET).aggregate(sum=Sum("cents"))
    return -(sums["sum"] or 0)


def _spent_since(posting: Posting, missing: int) -> list[tuple[int, int]]:
    """Will return the invoices that credits settled after a payment, the last first: (key, cents), `missing` at most.

    An invoice is never owed again for more than was settled of it.
    """
    rows = LedgerEntry.objects.filter(
        payer=posting.payer_id,
        account=RECEIVABLE,
        invoice__isnull=False,
        cents__lt=0,
        posting__kind=Posting.Kind.ALLOCATION,
        posting__pk__gt=posting.pk,
    ).order_by("-posting", "-pk")
    settled_by_credits = [(row.invoice_id, -row.cents) for row in rows]
    keys = {invoice for invoice, _cents in settled_by_credits}
    left = dict(
        LedgerEntry.objects.filter(invoice__in=keys, account=RECEIVABLE)
        .values("invoice")
        .annotate(sum=Sum("cents"))
        .values_list("invoice", "sum")
    )
    may_reopen = {
        invoice: max(0, total - max(0, left.get(invoice, 0)))
        for invoice, total in Invoice.objects.filter(pk__in=keys).values_list("pk", "total_cents")
    }
    found = []
    for invoice, cents in settled_by_credits:
        assert invoice is not None  # noqa: S101  filtered above
        share = min(cents, missing, may_reopen[invoice])
        if share > 0:
            found.append((invoice, share))
            may_reopen[invoice] -= share
            missing -= share
    return found


@operation
def record_at_treasury(
    invoice: Invoice, *, cents: int, date: date, is_written_off: bool, by: Actor, at: datetime
) -> Posting | None:
    """Will record what the Trésor received for an invoice, or gave up; no more than what is left of it, None for none.

    The régie's cash is not touched: the money is the Trésor's to account for.
    """
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=invoice.payer_id)
    left = LedgerEntry.objects.filter(invoice=invoice, account=RECEIVABLE).aggregate(sum=Sum("cents"))["sum"] or 0
    cents = min(cents, left)
    if cents <= 0:
        return None
    kind = Posting.Kind.WRITE_OFF if is_written_off else Posting.Kind.RECOVERY
    posting = _post(
        kind,
        payer,
        [Entry(TREASURY, cents, code=kind), Entry(RECEIVABLE, -cents, invoice.pk)],
        date=date,
        invoice=invoice.pk,
        reference=invoice.recovery_number,
        by=by,
        at=at,
    )
    audit.record("record_at_treasury", authority=payer.authority_id, of="posting", key=posting.pk, by=by, at=at)
    return posting


def record_withdrawal(invoice: Invoice, *, date: date, by: Actor, at: datetime) -> Posting:
    """Will undo the posting of an invoice of which nothing was paid, by its counter-entry, inside an operation.

    Which has locked its payer, and seen that the whole of it is still owed.
    """
    posting = Posting.objects.get(invoice=invoice, kind=Posting.Kind.INVOICE)
    entries = [
        Entry(one.account, -one.cents, one.invoice_id, one.code) for one in LedgerEntry.objects.filter(posting=posting)
    ]
    return _post(Posting.Kind.WITHDRAWAL, invoice.payer, entries, date=date, invoice=invoice.pk, by=by, at=at)


@operation
def reverse_at_treasury(posting: Posting, *, date: date, by: Actor, at: datetime) -> int:
    """Will undo what the Trésor received, by its counter-entry; returns the cents. Raises UnableToReverseError."""
    payer = PayerAccount.objects.select_for_update(no_key=True).get(pk=posting.payer_id)
    if posting.kind != Posting.Kind.RECOVERY:
        raise UnableToReverseError(WhyNotReversed.NOT_A_PAYMENT)
    if Posting.objects.filter(reverses=posting).exists():
        raise UnableToReverseError(WhyNotReversed.ALREADY)
    entries = [
        Entry(one.account, -one.cents, one.invoice_id, one.code) for one in LedgerEntry.objects.filter(posting=posting)
    ]
    reversal = _post(
        Posting.Kind.REVERSAL,
        payer,
        entries,
        date=max(date, posting.date),
        invoice=posting.invoice_id,
        reference=posting.reference,
        reverses=posting,
        by=by,
        at=at,
    )
    audit.record("reverse_at_treasury", authority=payer.authority_id, of="posting", key=reversal.pk, by=by, at=at)
    return sum(entry.cents for entry in entries if entry.account == RECEIVABLE)


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


def _capped(owed: Owed, at_most: Mapping[int, int] | None) -> Owed:
    if at_most is None or owed.invoice is None:
        return owed
    return owed._replace(cents=min(owed.cents, at_most.get(owed.invoice, owed.cents)))


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
    reverses: Posting | None = None,
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
        reverses=reverses,
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
