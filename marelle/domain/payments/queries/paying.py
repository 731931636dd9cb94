"""How régies are paid today, and what wallets hold, before anything is begun. Amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, Sum, Value

from marelle.domain.authorities.models import Regie
from marelle.domain.authorities.rules.joining import is_joined
from marelle.domain.billing.models import LedgerEntry, PayerAccount
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.gateways import Mode
from marelle.domain.payments.models import PaymentAttempt, PaymentLine, PaymentSettings, Receipt
from marelle.domain.payments.queries.attempts import TRIED_BY_ANYBODY
from marelle.domain.payments.rules.attempts import REPLACED, State
from marelle.domain.payments.rules.sharing import shared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from marelle.domain.billing.queries.family_invoices import Entitled
    from marelle.domain.payments.gateways import Gateway
    from marelle.domain.reservations.models import Confirmation


class Split(NamedTuple):
    """How a sum would be paid: from the wallet, then what is left, online or at the desk."""

    wallet: int
    left: int
    is_online: bool


@dataclass(frozen=True, slots=True)
class HowPaid:
    """How a régie is paid today: by its gateway (None: at the desk alone), and what it lets families do.

    One that has not joined the online invoices is paid at the desk alone, whatever its gateway.
    """

    regie: Regie
    gateway: Gateway | None = None
    takes_parts: bool = False
    has_top_up: bool = False
    lowest_top_up_cents: int = 0
    low_balance_cents: int = 0

    def split(self, total: int, *, wallet: int = 0) -> Split:
        """Will say how `total` would be paid with what the wallet holds, as *Valider* and *Payer* decide it."""
        taken, left = shared(total, wallet=wallet, lowest=self.gateway.lowest_cents if self.gateway else 1)
        takes = self.gateway is not None and self.gateway.lowest_cents <= left <= self.gateway.highest_cents
        return Split(taken, left, is_online=takes)


class WalletLeft(NamedTuple):
    """What the wallet of a payer holds that no open attempt is to take, and whether its family keeps it for itself."""

    payer: PayerAccount
    cents: int

    @property
    def is_kept(self) -> bool:
        """Will tell whether the family chose that nothing is taken from it by itself."""
        return bool(self.payer.keeps_wallet)


class AttemptWithLines(NamedTuple):
    """An attempt, and what it pays: places by their day, invoices."""

    attempt: PaymentAttempt
    lines: tuple[PaymentLine, ...]


def how_paid(regies: Iterable[Regie], gateways: Mapping[str, Gateway], *, at: datetime) -> dict[int, HowPaid]:
    """Will return how each régie is paid on the day of `at` over there, by its key. One statement."""
    by_key = {regie.pk: regie for regie in regies}
    found = {key: HowPaid(regie) for key, regie in by_key.items()}
    rows = PaymentSettings.objects.filter(regie__in=by_key).annotate(timezone=F("authority__timezone"))
    for row in rows if by_key else ():
        today = at.astimezone(ZoneInfo(row.timezone)).date()  # type: ignore[attr-defined]  # annotated above
        is_open = row.mode == Mode.PRODUCTION and is_joined(by_key[row.regie_id].online_from, on=today)
        gateway = gateways.get(row.gateway) if is_open else None
        if gateway is not None and not gateway.is_online:
            gateway = None
        found[row.regie_id] = HowPaid(
            by_key[row.regie_id],
            gateway,
            takes_parts=row.takes_part_payments,
            has_top_up=row.has_top_up and gateway is not None,
            lowest_top_up_cents=max(row.lowest_top_up_cents, gateway.lowest_cents if gateway is not None else 0),
            low_balance_cents=row.low_balance_cents,
        )
    return found


def wallets_left(families: Collection[int], regies: Collection[int] | None = None) -> list[WalletLeft]:
    """Will return what is left in the wallet of each payer account of these families (keys), by authority and régie.

    Only for these régies (keys), if given. Three statements, inside the scope of their authorities.
    """
    rows = PayerAccount.objects.current().filter(family__in=families)
    if regies is not None:
        rows = rows.filter(regie__in=regies)
    payers = list(rows.select_related("regie", "family").order_by("authority", "regie__name", "name", "pk"))
    if not payers:
        return []
    keys = [payer.pk for payer in payers]
    balances = balances_of(keys)
    promised: dict[int, int] = dict(
        PaymentAttempt.objects.open()
        .filter(payer__in=keys)
        .values("payer")
        .annotate(sum=Sum("wallet_cents"))
        .values_list("payer", "sum")
    )
    return [WalletLeft(payer, max(0, balances[payer.pk].wallet - promised.get(payer.pk, 0))) for payer in payers]


def checkout_of(who: Entitled, checkout: str) -> list[AttemptWithLines]:
    """Will return what one press of *Valider* or *Payer* is to pay for the families of an account, in order.

    Two statements, inside the scope of its authorities.
    """
    rows = PaymentAttempt.objects.filter(_of(who), checkout=checkout)
    rows = rows.exclude(purpose=PaymentAttempt.Purpose.TRIAL)
    found = list(rows.select_related("regie", "confirmation", "posting__receipt").order_by("position", "pk"))
    return with_lines(found)


def _of(who: Entitled) -> Q:
    return Q(family__in=who.families) | Q(payer__in=who.payers)


def with_lines(attempts: Iterable[PaymentAttempt]) -> list[AttemptWithLines]:
    """Will read what each of these attempts pays. One statement."""
    found = list(attempts)
    lines: dict[int, list[PaymentLine]] = {attempt.pk: [] for attempt in found}
    rows = PaymentLine.objects.filter(attempt__in=lines).select_related(
        "reservation__child", "reservation__product", "invoice"
    )
    for line in rows.order_by("reservation__date", "pk") if found else ():
        lines[line.attempt_id].append(line)
    return [AttemptWithLines(attempt, tuple(lines[attempt.pk])) for attempt in found]


def lines_of_confirmation(confirmation: Confirmation) -> list[PaymentLine]:
    """Will return what became of each place of a confirmation that is paid on booking, with its attempt.

    Of the attempt that counts when one was begun again. What is settled comes last.
    """
    rows = PaymentLine.objects.filter(attempt__confirmation=confirmation).exclude(state=PaymentLine.State.MOVED)
    rows = rows.exclude(~Q(attempt__state=State.PAID), attempt__reason=REPLACED)
    found = list(rows.select_related("reservation", "attempt").order_by("attempt__position", "pk"))
    return sorted(found, key=lambda line: line.state == PaymentLine.State.SETTLED)


def put_in_wallet(postings: Collection[int]) -> dict[int, int]:
    """Will return what each of these payments (keys of postings) put in the wallet of its payer, if anything."""
    rows = LedgerEntry.objects.filter(posting__in=postings, account=LedgerEntry.Account.WALLET).values("posting")
    sums: dict[int, int] = dict(rows.annotate(sum=-Sum("cents")).values_list("posting", "sum"))
    return {posting: cents for posting, cents in sums.items() if cents > 0}


def paid_by(who: Entitled) -> QuerySet[PaymentAttempt, tuple[datetime, str, int]]:
    """Will return what the families of an account paid, or tried to, the latest first: (moment, what, key).

    A try that another took the place of is not one, unless it was paid after all.

    "attempt": a payment begun here; "receipt": another one, received at the desk. In the scope of its authorities.
    """
    attempts = PaymentAttempt.objects.filter(_of(who)).exclude(purpose=PaymentAttempt.Purpose.TRIAL)
    attempts = attempts.exclude(~Q(state=State.PAID), reason=REPLACED).exclude(TRIED_BY_ANYBODY)
    theirs = Q(payer__family__in=who.families) | Q(payer__in=who.payers)
    receipts = Receipt.objects.filter(theirs, posting__payment_attempt__isnull=True)
    columns = ("moment", "what", "key")
    first = attempts.order_by().annotate(moment=F("created_at"), what=Value("attempt"), key=F("pk"))
    others = receipts.order_by().annotate(moment=F("given_at"), what=Value("receipt"), key=F("pk"))
    both = first.values_list(*columns).union(others.values_list(*columns), all=True)
    return both.order_by("-moment", "-key", "what")  # keys of two tables: the third settles what both share


def paid_rows(keys: Iterable[tuple[datetime, str, int]]) -> list[AttemptWithLines | Receipt]:
    """Will return the rows of `paid_by` in the same order. Three statements."""
    wanted = list(keys)
    attempts = PaymentAttempt.objects.filter(pk__in=[key for _at, what, key in wanted if what == "attempt"])
    read = with_lines(attempts.select_related("regie", "posting__receipt"))
    found: dict[tuple[str, int], AttemptWithLines | Receipt] = {("attempt", one.attempt.pk): one for one in read}
    receipts = Receipt.objects.filter(pk__in=[key for _at, what, key in wanted if what == "receipt"])
    found |= {("receipt", one.pk): one for one in receipts.select_related("regie")}
    return [found[what, key] for _at, what, key in wanted if (what, key) in found]


def receipt_of(who: Entitled, public_id: str) -> Receipt | None:
    """Will return a receipt given to the families of an account, with all that its document says. In its scope."""
    theirs = Q(payer__family__in=who.families) | Q(payer__in=who.payers)
    rows = Receipt.objects.filter(theirs, public_id=public_id)
    found: Receipt | None = rows.select_related("authority", "regie", "payer", "posting", "cancels").first()
    return found


def movements_of(payers: Collection[int], *, at_most: int) -> list[LedgerEntry]:
    """Will return the last movements of the wallets of these payers (keys), the latest first. Minus: put in."""
    rows = LedgerEntry.objects.filter(payer__in=payers, account=LedgerEntry.Account.WALLET)
    return list(rows.select_related("posting__regie").order_by("-posting__date", "-pk")[:at_most])


def regies_of(authority: int) -> list[Regie]:
    """Will return the régies of an authority (key) that families pay, by name."""
    return list(Regie.objects.filter(authority=authority, has_billing=True).order_by("name", "pk"))
