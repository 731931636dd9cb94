"""What a régie knows of its payments, to compare with its statements; and what the two do not agree on."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, Max, Min, OuterRef, Q, Sum
from django.db.models.functions import Lower

from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import BankStatement, PaymentAttempt, Receipt, StatementLine
from marelle.domain.payments.rules.attempts import State
from marelle.domain.payments.rules.matching import Begun, Given, Known
from marelle.domain.payments.rules.statements import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from marelle.domain.authorities.models import Regie
    from marelle.domain.payments.rules.statements import Said

# A card payment is on the account within three working days; with a week-end, five.
LATE: Final = timedelta(days=5)
SHOWN_PAYERS: Final = 8
LONGEST_NUMBER: Final = 6


def known_for(regie: Regie, lines: Iterable[Said]) -> Known:
    """Will return what these lines may be, by the names that they say; six statements, however many lines."""
    names = {name.casefold() for line in lines for name in names_in(line.reference, line.label)}
    begun: dict[str, list[Begun]] = defaultdict(list)
    rows = PaymentAttempt.objects.filter(regie=regie, mode=Mode.PRODUCTION.value).exclude(
        purpose=PaymentAttempt.Purpose.TRIAL
    )
    said = rows.annotate(ours=Lower("reference"), theirs=Lower("transaction")).filter(
        Q(ours__in=names) | Q(theirs__in=names - {""})
    )
    for row in said:
        one = Begun(row.pk, row.reference, row.transaction, row.cents, (row.paid_at or row.created_at).date())
        for name in {row.reference.casefold(), row.transaction.casefold()} - {""}:
            begun[name].append(one)
    invoices = {
        number.casefold(): key
        for number, key in Invoice.objects.issued()
        .filter(regie=regie)
        .annotate(said=Lower("number"))
        .filter(said__in=names)
        .values_list("number", "pk")
    }
    transfers: dict[int, list[Given]] = defaultdict(list)
    receipts = Receipt.objects.filter(regie=regie, cancels__isnull=True, cancelled_by__isnull=True)
    settling = LedgerEntry.objects.filter(
        posting=OuterRef("posting"), account=LedgerEntry.Account.RECEIVABLE, invoice__in=set(invoices.values())
    )
    by_transfer = receipts.filter(Exists(settling), means=Posting.Means.TRANSFER).prefetch_related("posting__entries")
    for receipt in by_transfer:
        for entry in receipt.posting.entries.all():
            if entry.invoice_id in invoices.values():
                transfers[entry.invoice_id].append(Given(receipt.pk, receipt.number, receipt.cents, entry.invoice_id))
    given = {}
    numbered = [name.split("-") for name in names if name.count("-") == 1]
    pairs = {(int(year), int(place)) for year, place in numbered if _is_short(year) and _is_short(place)}
    for receipt in receipts.filter(
        exercice__in={year for year, _place in pairs}, sequence__in={place for _year, place in pairs}
    ):
        given[receipt.number.casefold()] = Given(receipt.pk, receipt.number, receipt.cents, None)
    return Known(begun, given, transfers, invoices)


def _is_short(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= LONGEST_NUMBER


def taken_by(regie: Regie, source: str) -> set[tuple[str, int]]:
    """Will return the attempts and receipts (keys) that lines of this source are already the payment of."""
    rows = StatementLine.objects.filter(
        regie=regie, source=source, state__in=(StatementLine.State.MATCHED, StatementLine.State.ASSIGNED)
    ).values_list("attempt", "receipt")
    found = set()
    for attempt, receipt in rows:
        found |= {("attempt", attempt)} if attempt else set()
        found |= {("receipt", receipt)} if receipt else set()
    return found


def paid_elsewhere(regie: Regie) -> QuerySet[StatementLine]:
    """Will return the lines whose online payment is not credited here: to ask the gateway about, at once."""
    rows: QuerySet[StatementLine] = StatementLine.objects.filter(
        regie=regie, state=StatementLine.State.MATCHED, attempt__isnull=False
    ).exclude(attempt__state=State.PAID.value)
    return rows.select_related("regie", "invoice", "attempt__family", "attempt__payer").order_by("date", "pk")


def lines_to_settle() -> QuerySet[StatementLine]:
    """Will return, for every régie of the authority in scope, what `to_sort` and `paid_elsewhere` return of each."""
    rows: QuerySet[StatementLine] = StatementLine.objects.filter(
        Q(state=StatementLine.State.TO_SORT)
        | Q(state=StatementLine.State.MATCHED, attempt__isnull=False) & ~Q(attempt__state=State.PAID.value)
    )
    return rows.order_by("date", "pk")


def to_sort(regie: Regie) -> QuerySet[StatementLine]:
    """Will return the lines that an agent has to sort, the oldest first."""
    rows: QuerySet[StatementLine] = StatementLine.objects.filter(regie=regie, state=StatementLine.State.TO_SORT)
    return rows.select_related("regie", "attempt", "invoice__payer").order_by("date", "pk")


def never_seen(regie: Regie) -> QuerySet[PaymentAttempt]:
    """Will return what is credited here and that no statement shows, days after: neither the bank nor the gateway.

    Only for days that statements cover: what was not imported is not missing.
    """
    covered = BankStatement.objects.filter(regie=regie).aggregate(first=Min("starts_on"), last=Max("ends_on"))
    seen = StatementLine.objects.filter(attempt=OuterRef("pk"), state=StatementLine.State.MATCHED)
    rows: QuerySet[PaymentAttempt] = PaymentAttempt.objects.filter(
        ~Exists(seen), regie=regie, state=State.PAID.value, mode=Mode.PRODUCTION.value, cents__gt=0
    ).exclude(purpose=PaymentAttempt.Purpose.TRIAL)
    if covered["first"] is None:
        return rows.none()
    last: date = covered["last"] - LATE
    return (
        rows.filter(posting__date__gte=covered["first"], posting__date__lte=last, posting__reversed_by__isnull=True)
        .select_related("family", "payer", "posting")
        .order_by("posting__date", "pk")
    )


def statements_of(regie: Regie) -> QuerySet[BankStatement]:
    """Will return the statements imported for a régie, the latest first."""
    rows: QuerySet[BankStatement] = BankStatement.objects.filter(regie=regie)
    return rows.select_related("imported_by").order_by("-imported_at", "-pk")


def columns_of(regie: Regie, source: str) -> dict[str, str]:
    """Will return the columns of the last statement of this source; nothing at the first import."""
    last = BankStatement.objects.filter(regie=regie, source=source).order_by("-imported_at", "-pk").first()
    return dict(last.columns.get("columns", {})) if last is not None else {}


def unpaid_invoices_of(payers: Iterable[int]) -> list[tuple[Invoice, int]]:
    """Will return what these payers (keys) still owe, the oldest first, with what is left of each in cents."""
    left = dict(
        LedgerEntry.objects.filter(
            payer__in=list(payers), account=LedgerEntry.Account.RECEIVABLE, invoice__recovery_at__isnull=True
        )
        .values("invoice")
        .annotate(sum=Sum("cents"))
        .filter(sum__gt=0)
        .values_list("invoice", "sum")
    )
    rows = Invoice.objects.filter(pk__in=left).select_related("payer").order_by("due_on", "pk")
    return [(one, left[one.pk]) for one in rows]


def payers_named(regie: Regie, words: str) -> list[PayerAccount]:
    """Will return the payers of a régie by words of their name, or by the number of an invoice."""
    words = words.strip()
    if not words:
        return []
    rows = PayerAccount.objects.filter(regie=regie).filter(
        Q(name__icontains=words)
        | Q(family__name__icontains=words)
        | Exists(Invoice.objects.issued().filter(payer=OuterRef("pk"), number__iexact=words))
    )
    return list(rows.select_related("family").order_by("name", "pk")[:SHOWN_PAYERS])
