"""What was cashed at a régie: its journal, its drawer, what waits to be deposited, who holds it. Amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum

from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount, Posting
from marelle.domain.billing.queries.accounts import left_of
from marelle.domain.payments.models import (
    BankDeposit,
    CashCount,
    DepositSeries,
    PaymentAttempt,
    PaymentSettings,
    Receipt,
    ReceiptSeries,
    RegieAct,
    RegisseurTerm,
)
from marelle.domain.payments.rules.desk import Chosen, Drawer, Means

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

RECEIVABLE = LedgerEntry.Account.RECEIVABLE
FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """Which receipts: of which régies (keys), from when to when, by which means, for whom or under which number."""

    regies: Collection[int]
    starts_on: date
    ends_on: date
    means: str = ""
    asked: str = ""


class OfMeans(NamedTuple):
    """What was cashed by a means: receipts, those that counter others included, and what they come to."""

    means: str
    receipts: int
    cents: int


class Waiting(NamedTuple):
    """What one deposit would hold: an exercice, a means, receipts, cents, since when."""

    exercice: int
    means: str
    receipts: int
    cents: int
    oldest: date


def receipts() -> QuerySet[Any]:
    """Will return the receipts, each with `is_online`: its money reached the bank through a gateway or a debit."""
    online = PaymentAttempt.objects.exclude(gateway=PaymentSettings.Gateway.DESK)
    rows: QuerySet[Any] = Receipt.objects.annotate(
        is_online=Q(means=Posting.Means.DEBIT)
        | Exists(online.filter(posting=OuterRef("posting")))
        | Exists(online.filter(posting=OuterRef("posting__reverses")))
    )
    return rows


def journal(chosen: Filters) -> QuerySet[Receipt]:
    """Will return the receipts chosen, the last given first."""
    rows = receipts().filter(regie__in=chosen.regies, date__range=(chosen.starts_on, chosen.ends_on))
    if chosen.means:
        rows = rows.filter(means=chosen.means)
    asked = chosen.asked.strip()
    if asked:
        number = asked.removeprefix("Q-").rsplit("-", 1)[-1]
        wanted = Q(payer_name__icontains=asked) | Q(label__icontains=asked)
        if number.isascii() and number.isdigit() and len(number) < 9:  # noqa: PLR2004
            wanted |= Q(sequence=int(number))
        rows = rows.filter(wanted)
    return rows.select_related("regie", "deposit", "cancels").order_by("-given_at", "-pk")


def totals_of(rows: QuerySet[Receipt]) -> list[OfMeans]:
    """Will return what these receipts come to by means, the largest first."""
    found = rows.order_by().values("means").annotate(receipts=Count("pk"), total=Sum("cents"))
    return sorted((OfMeans(row["means"], row["receipts"], row["total"]) for row in found), key=lambda one: -one.cents)


def kept(regie: int) -> QuerySet[Receipt]:
    """Will return the receipts of a régie (key) whose money has not left it: not online, not handed over."""
    return receipts().filter(
        Q(deposit__isnull=True) | ~Q(deposit__state=BankDeposit.State.HANDED_OVER), regie=regie, is_online=False
    )


def to_deposit(regie: int) -> list[Waiting]:
    """Will return what waits to be put in a deposit, by exercice and means; what is in a prepared one waits no more."""
    rows = receipts().filter(regie=regie, is_online=False, deposit__isnull=True).order_by()
    found = rows.values("exercice", "means").annotate(count=Count("pk"), total=Sum("cents"), oldest=Min("date"))
    return [
        Waiting(row["exercice"], row["means"], row["count"], row["total"], row["oldest"])
        for row in found.order_by("exercice", "means")
    ]


def act_of(regie: int) -> RegieAct | None:
    """Will return the act of a régie (key), None when nothing was noted."""
    found: RegieAct | None = RegieAct.objects.filter(regie=regie).first()
    return found


def drawer_of(regie: int) -> Drawer:
    """Will return what should be in the drawer of a régie (key), and what its act says of it."""
    act = act_of(regie)
    sums = kept(regie).aggregate(cash=Sum("cents", filter=Q(means=Means.CASH)), oldest=Min("date"))
    return Drawer(
        float_cents=act.float_cents if act else 0,
        receipts_cents=sums["cash"] or 0,
        ceiling_cents=act.ceiling_cents if act else 0,
        deposit_days=act.deposit_days if act else 0,
        oldest=sums["oldest"],
    )


def counts_of(regie: int) -> QuerySet[CashCount]:
    """Will return the counts of a régie (key), the last first."""
    rows: QuerySet[CashCount] = CashCount.objects.filter(regie=regie)
    return rows.order_by("-counted_at", "-pk")


def deposits_of(regie: int) -> QuerySet[BankDeposit]:
    """Will return the deposits of a régie (key), those prepared first, then the last."""
    rows: QuerySet[BankDeposit] = BankDeposit.objects.filter(regie=regie)
    return rows.annotate(is_done=~Q(state=BankDeposit.State.PREPARED)).order_by("is_done", "-prepared_at", "-pk")


def terms_of(regie: int) -> QuerySet[RegisseurTerm]:
    """Will return who holds or held a régie (key): those in office first, the régisseur before the mandataires."""
    rows: QuerySet[RegisseurTerm] = RegisseurTerm.objects.filter(regie=regie)
    return rows.annotate(is_over=Q(ends_on__isnull=False)).order_by("is_over", "kind", "-starts_on", "-pk")


def regisseur_of(regie: int) -> RegisseurTerm | None:
    """Will return the term of the régisseur in office of a régie (key)."""
    found: RegisseurTerm | None = RegisseurTerm.objects.filter(
        regie=regie, kind=RegisseurTerm.Kind.REGISSEUR, ends_on__isnull=True
    ).first()
    return found


def last_numbers(regie: int) -> tuple[dict[str, int], dict[str, int]]:
    """Will return the last receipt and the last deposit of each exercice of a régie (key): ({"2026": 41}, …)."""
    given, made = (
        {str(year): last for year, last in series.objects.filter(regie=regie).values_list("exercice", "last")}
        for series in (ReceiptSeries, DepositSeries)
    )
    return given, made


def online_takings(regie: int, *, starts_on: date, ends_on: date) -> list[tuple[date, OfMeans]]:
    """Will return what was paid online, by day and means: the gateway brings it to the bank by itself."""
    rows = receipts().filter(regie=regie, is_online=True, date__range=(starts_on, ends_on)).order_by()
    found = rows.values("date", "means").annotate(receipts=Count("pk"), total=Sum("cents")).order_by("-date", "means")
    return [(row["date"], OfMeans(row["means"], row["receipts"], row["total"])) for row in found]


def chosen_of(invoices: Collection[Invoice]) -> list[Chosen]:
    """Will return what may still be paid of these invoices, in their order: in all, and by CESU."""
    keys = [invoice.pk for invoice in invoices]
    left = left_of(keys)
    by_cesu = dict(
        LedgerEntry.objects.filter(invoice__in=keys, account=RECEIVABLE, posting__means=Posting.Means.CESU)
        .values("invoice")
        .annotate(sum=Sum("cents"))
        .values_list("invoice", "sum")
    )
    return [
        Chosen(
            one.pk,
            left.get(one.pk, 0),
            max(0, one.cesu_cents + by_cesu.get(one.pk, 0)),
            one.exercice,
            one.recovery_at is not None,
        )
        for one in invoices
    ]


def payable_of(payer: int) -> list[Invoice]:
    """Will return the invoices of a payer account (key) of which something is left to pay at the régie, in order."""
    owed = LedgerEntry.objects.filter(payer=payer, account=RECEIVABLE, invoice__recovery_at__isnull=True)
    sums = owed.values("invoice").annotate(sum=Sum("cents")).filter(sum__gt=0, invoice__isnull=False)
    rows = Invoice.objects.filter(pk__in=[row["invoice"] for row in sums])
    return list(rows.order_by("due_on", "sequence"))


def left_at_regie(payers: Collection[int]) -> dict[int, int]:
    """Will return the cents that each payer account (key) may pay at its régie: not what the Trésor recovers."""
    rows = LedgerEntry.objects.filter(
        payer__in=payers, account=RECEIVABLE, invoice__isnull=False, invoice__recovery_at__isnull=True
    )
    sums = rows.values("payer", "invoice").annotate(sum=Sum("cents")).filter(sum__gt=0)
    left = dict.fromkeys(payers, 0)
    for row in sums:
        left[row["payer"]] += row["sum"]
    return left


def found_payers(asked: str, *, regies: Collection[int]) -> list[PayerAccount]:
    """Will return the payer accounts of these régies (keys) that a name, a file number or an invoice's number names."""
    asked = asked.strip()
    if not asked:
        return []
    numbered = Invoice.objects.issued().filter(payer=OuterRef("pk"), number__iendswith=asked)
    rows = PayerAccount.objects.filter(regie__in=regies).filter(
        Q(name__icontains=asked) | Q(family__code__iexact=asked) | Q(family__name__icontains=asked) | Exists(numbered)
    )
    return list(rows.select_related("regie", "family").order_by("name", "regie__name", "pk")[:FOUND_AT_MOST])
