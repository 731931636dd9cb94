"""What is known of direct debits: who may be debited of what, what is expected, what came back. Amounts in cents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, LedgerEntry, PayerAccount
from marelle.domain.families.models import Family, Membership
from marelle.domain.payments.models import (
    CreditorAccount,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitLine,
    DirectDebitMandate,
    PaymentLine,
)
from marelle.domain.payments.models.attempts import OPEN_STATES
from marelle.domain.payments.models.direct_debits import LIVING_STATES
from marelle.domain.payments.rules.mandates import MandateState, has_lapsed

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet


class ExpectedDebit(NamedTuple):
    """An invoice that is to be debited: the day, the cents, and whether the bank has the order already."""

    due_on: date
    cents: int
    is_sent: bool


class Due(NamedTuple):
    """What an invoice (key) still owes."""

    invoice: int
    cents: int


@dataclass(frozen=True, slots=True)
class Debitable:
    """A payer who may be debited, by which mandate, of which invoices, the oldest first."""

    mandate: DirectDebitMandate
    dues: tuple[Due, ...]

    @property
    def cents(self) -> int:
        """Will return the sum."""
        return sum(due.cents for due in self.dues)


def debited_invoices(invoices: Collection[int]) -> dict[int, ExpectedDebit]:
    """Will return which of these invoices (keys) are announced or sent to be debited: paying them too pays twice."""
    rows = DirectDebitLine.objects.filter(invoice__in=invoices, is_live=True).values_list(
        "invoice", "debit__batch__due_on", "cents", "debit__state"
    )
    return {
        invoice: ExpectedDebit(due_on, cents, state == DirectDebit.State.SENT) for invoice, due_on, cents, state in rows
    }


def creditor_of(regie: int) -> CreditorAccount | None:
    """Will return the creditor account of a régie (key), with the régie."""
    found: CreditorAccount | None = CreditorAccount.objects.select_related("regie").filter(regie=regie).first()
    return found


def payers_of_creditors(family: int) -> list[tuple[CreditorAccount, PayerAccount]]:
    """Will return the payer accounts of a family (key) that may be debited, with whom would debit them."""
    payers = PayerAccount.objects.current().filter(family=family, regie__creditor_account__isnull=False)
    rows = payers.select_related("regie__creditor_account").order_by("regie__name", "pk")
    return [(payer.regie.creditor_account, payer) for payer in rows]


def living_mandates(payers: Collection[int]) -> dict[int, DirectDebitMandate]:
    """Will return the mandate of each payer (key) that is active or suspended."""
    rows = DirectDebitMandate.objects.filter(payer__in=payers, state__in=LIVING_STATES)
    return {mandate.payer_id: mandate for mandate in rows}


def debitable(regie: int, *, on: date) -> list[Debitable]:
    """Will return who may be debited for a régie (key): issued invoices, unpaid, still payable, not debited already.

    `on` is the day of the debit: an invoice that may be paid after it waits for the next time, for a family is never
    debited before its due date. So does one that somebody is paying online at this moment.
    """
    mandates = {
        mandate.payer_id: mandate
        for mandate in DirectDebitMandate.objects.filter(regie=regie, state=MandateState.ACTIVE.value).order_by("pk")
        if not has_lapsed(mandate.signed_on, mandate.last_used_on, on=on)
    }
    if not mandates:
        return []
    owed = (
        LedgerEntry.objects.filter(
            payer__in=mandates,
            account=LedgerEntry.Account.RECEIVABLE,
            invoice__state=Invoice.State.ISSUED,
            invoice__recovery_at__isnull=True,
        )
        .filter(Q(invoice__due_on__isnull=True) | Q(invoice__due_on__lte=on))
        .exclude(invoice__in=DirectDebitLine.objects.filter(is_live=True).values("invoice"))
        .exclude(
            invoice__in=PaymentLine.objects.filter(
                attempt__state__in=OPEN_STATES, invoice__isnull=False, attempt__payer__in=mandates
            ).values("invoice")
        )
        .values("payer", "invoice", due=F("invoice__due_on"))
        .annotate(sum=Sum("cents"))
        .filter(sum__gt=0)
        .order_by("due", "invoice")
    )
    dues: dict[int, list[Due]] = defaultdict(list)
    for row in owed:
        dues[row["payer"]].append(Due(row["invoice"], row["sum"]))
    return [Debitable(mandate, tuple(dues[payer])) for payer, mandate in mandates.items() if dues[payer]]


def left_of_invoices(invoices: Collection[int]) -> dict[int, int]:
    """Will return what is left to pay of each invoice (key); nothing of one that the Trésor recovers."""
    rows = (
        LedgerEntry.objects.filter(
            invoice__in=invoices, account=LedgerEntry.Account.RECEIVABLE, invoice__recovery_at__isnull=True
        )
        .values("invoice")
        .annotate(sum=Sum("cents"))
    )
    return {row["invoice"]: max(row["sum"], 0) for row in rows}


def batches_of(*, most: int = 24) -> QuerySet[DirectDebitBatch]:
    """Will return the latest batches of the authority, with their régie."""
    rows: QuerySet[DirectDebitBatch] = DirectDebitBatch.objects.defer("file").select_related("regie")
    return rows.order_by("-due_on", "-pk")[:most]


def batches_to_send() -> QuerySet[DirectDebitBatch]:
    """Will return the batches of the authority in scope that the bank does not have yet, the first day first."""
    rows: QuerySet[DirectDebitBatch] = DirectDebitBatch.objects.filter(state__in=DirectDebitBatch.OPEN)
    return rows.order_by("due_on", "pk")


def debits_of(batch: int) -> QuerySet[DirectDebit]:
    """Will return the debits of a batch (key), by name, with their payer, mandate and invoices."""
    rows: QuerySet[DirectDebit] = DirectDebit.objects.filter(batch=batch).select_related("payer__family", "mandate")
    return rows.prefetch_related("lines__invoice").order_by("payer__name", "pk")


class Figures(NamedTuple):
    """How many debits of a batch were not withdrawn, for how many cents, and how many came back."""

    debits: int = 0
    cents: int = 0
    returned: int = 0


def figures_of(batches: Collection[int]) -> dict[int, Figures]:
    """Will return the figures of each batch (key)."""
    rows = (
        DirectDebit.objects.filter(batch__in=batches)
        .exclude(state=DirectDebit.State.WITHDRAWN)
        .values("batch")
        .annotate(count=Count("pk"), sum=Sum("cents"), back=Count("pk", filter=Q(state=DirectDebit.State.RETURNED)))
    )
    found = {row["batch"]: Figures(row["count"], row["sum"], row["back"]) for row in rows}
    return {batch: found.get(batch, Figures()) for batch in batches}


def unreachable(families: Collection[int]) -> set[int]:
    """Will return which of these families (keys) no e-mail reaches: they are told on paper."""
    reached = Membership.objects.filter(family__in=families, user__is_active=True).values_list("family_id", flat=True)
    silent = Family.objects.filter(pk__in=families, email="").exclude(pk__in=reached)
    return set(silent.values_list("pk", flat=True))


def tills_of(authority: int) -> list[tuple[Regie, bool]]:
    """Will return the régies of an authority (key), by name, each with whether families may sign it a mandate."""
    creditors = CreditorAccount.objects.filter(regie=OuterRef("pk"), is_open=True)
    rows = Regie.objects.filter(authority=authority).annotate(may_debit=Exists(creditors)).order_by("name", "pk")
    return [(regie, bool(regie.may_debit)) for regie in rows]
