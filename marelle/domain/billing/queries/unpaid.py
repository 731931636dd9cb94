"""What is past its due date and still owed, as the ledger knows it, and what was done about it. Amounts in cents."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, Sum

from marelle.domain.billing.models import CollectionHold, Invoice, LedgerEntry, Reminder, ReminderStage
from marelle.domain.billing.rules.reminders import Stage, Unpaid
from marelle.domain.families.models import Block

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

RECEIVABLE = LedgerEntry.Account.RECEIVABLE


@dataclass(frozen=True, slots=True)
class UnpaidInvoice:
    """An invoice that should have been paid, with its payer and régie, and what was done about it."""

    invoice: Invoice
    facts: Unpaid
    stages: tuple[Stage, ...]
    reminders: tuple[Reminder, ...] = ()
    holds: tuple[CollectionHold, ...] = field(default=())


def overdue_of(families: Collection[int], *, on: date) -> dict[int, int]:
    """Will return what each of these families (keys) should have paid before a day, all régies together.

    What the Trésor recovers is still owed: it counts until it is known to be paid. What nobody asks for now (a debit
    is announced, the invoice is disputed, the family has an arrangement) does not. Families that owe nothing are left
    out.
    """
    held = _held_in(standing_holds(families, on=on))
    found: dict[int, int] = defaultdict(int)
    for invoice, family, cents in _overdue(Q(invoice__family__in=families), on=on):
        if family is not None and (family, None) not in held and (family, invoice) not in held:
            found[family] += cents
    return dict(found)


def reminded_together(reminder: Reminder) -> list[Reminder]:
    """Will return the e-mail reminders that one letter says, with their invoices, the first due first.

    They are of one family, régie, stage and moment.
    """
    rows = Reminder.objects.filter(
        how=Reminder.How.EMAIL,
        position=reminder.position,
        sent_at=reminder.sent_at,
        invoice__family=reminder.invoice.family_id,
        invoice__regie=reminder.invoice.regie_id,
    )
    return list(rows.select_related("invoice").order_by("invoice__due_on", "pk"))


def families_overdue(authority: int, *, on: date) -> set[int]:
    """Will return the families (keys) of an authority (key) that owe something since before a day."""
    rows = _overdue(Q(authority=authority), on=on)
    return {family for _invoice, family, _cents in rows if family is not None}


def families_to_follow(*, on: date) -> tuple[int, date | None]:
    """Will return how many families owe something since before a day, and since when the first one does.

    In the authority in scope. Not what the Trésor recovers, nor what nobody asks for now: both are in other hands.
    """
    held = CollectionHold.objects.filter(
        Q(invoice__isnull=True) | Q(invoice=OuterRef("pk")),
        Q(until__isnull=True) | Q(until__gte=on),
        lifted_at__isnull=True,
        family=OuterRef("family"),
    )
    # Added up before anything is joined: of all that was ever invoiced, little is owed.
    owed = LedgerEntry.objects.filter(account=RECEIVABLE).values("invoice").annotate(left=Sum("cents"))
    rows = Invoice.objects.filter(
        ~Exists(held),
        pk__in=owed.filter(left__gt=0).values("invoice"),
        due_on__lt=on,
        origin=Invoice.Origin.MARELLE,
        family__isnull=False,
        recovery_at__isnull=True,
    )
    found = list(rows.values_list("family", "due_on"))
    return len({family for family, _due in found}), min((due for _family, due in found), default=None)


def families_blocked(authority: int) -> set[int]:
    """Will return the families (keys) of an authority (key) against whom the ledger put a block."""
    rows = Block.objects.filter(authority=authority, kind=Block.Kind.UNPAID, is_automatic=True, lifted_at__isnull=True)
    return set(rows.values_list("family", flat=True))


def unpaid_invoices(
    *, on: date, regies: Collection[int] | None = None, invoices: Collection[int] | None = None
) -> list[UnpaidInvoice]:
    """Will return what is overdue on a day in the authority in scope, by family then age; those handed over too.

    Of some régies or invoices (keys) alone, if named. Five statements whatever their number.
    """
    where = Q()
    if regies is not None:
        where &= Q(invoice__regie__in=regies)
    if invoices is not None:
        where &= Q(invoice__in=invoices)
    left = {invoice: cents for invoice, _family, cents in _overdue(where, on=on)}
    rows = list(
        Invoice.objects.filter(pk__in=left)
        .select_related("family", "payer", "regie")
        .order_by("payer_name", "payer_id", "due_on", "sequence")
    )
    stages: dict[int, list[Stage]] = defaultdict(list)
    for regie, position, days in (
        ReminderStage.objects.filter(regie__in={row.regie_id for row in rows})
        .order_by("position")
        .values_list("regie", "position", "days")
    ):
        stages[regie].append(Stage(position, days))
    reminders: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in Reminder.objects.filter(invoice__in=left).order_by("position"):
        reminders[reminder.invoice_id].append(reminder)
    holds: dict[tuple[int, int | None], list[CollectionHold]] = defaultdict(list)
    for hold in standing_holds({row.family_id for row in rows if row.family_id}, on=on):
        holds[hold.family_id, hold.invoice_id].append(hold)
    found = []
    for row in rows:
        held = tuple(holds[row.family_id, None] + holds[row.family_id, row.pk]) if row.family_id else ()
        sent = {one.position: one.sent_at.astimezone(row.authority.zone).date() for one in reminders[row.pk]}
        facts = Unpaid(left[row.pk], row.due_on, row.recovery_at is not None, bool(held), sent)
        found.append(UnpaidInvoice(row, facts, tuple(stages[row.regie_id]), tuple(reminders[row.pk]), held))
    return found


def standing_holds(families: Collection[int], *, on: date) -> QuerySet[CollectionHold]:
    """Will return why these families (keys), or some of their invoices, are not asked for anything on a day."""
    rows: QuerySet[CollectionHold] = CollectionHold.objects.filter(family__in=families, lifted_at__isnull=True)
    return rows.filter(Q(until__isnull=True) | Q(until__gte=on)).order_by("put_at", "pk")


def letters_to_print(regie: int | None = None) -> QuerySet[Reminder]:
    """Will return the reminders on paper that wait, of a régie (key) or all, by payer, with their invoices."""
    rows: QuerySet[Reminder] = Reminder.objects.filter(how=Reminder.How.LETTER, printed_at__isnull=True)
    if regie is not None:
        rows = rows.filter(invoice__regie=regie)
    return rows.select_related("invoice__payer", "invoice__regie", "invoice__family").order_by(
        "invoice__payer_name", "invoice__payer_id", "invoice__due_on", "pk"
    )


def _held_in(holds: QuerySet[CollectionHold]) -> set[tuple[int, int | None]]:
    return set(holds.values_list("family", "invoice"))


def _overdue(where: Q, *, on: date) -> list[tuple[int, int | None, int]]:
    """Will return (invoice, family, cents left) of what was due before a day.

    Not of what another software issued: it reminds, and hands over to the Trésor, by itself.
    """
    rows = (
        LedgerEntry.objects.filter(where, account=RECEIVABLE, invoice__due_on__lt=on)
        .filter(invoice__origin=Invoice.Origin.MARELLE)
        .values("invoice", family=F("invoice__family"))
        .annotate(left=Sum("cents"))
        .filter(left__gt=0)
    )
    return list(rows.values_list("invoice", "family", "left"))
