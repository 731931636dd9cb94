"""Issuing: the moment an invoice gets its number, its posting in the ledger, and is frozen."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Exists, Min, OuterRef

from marelle.domain.billing.models import BillingRun, Invoice, InvoiceLine, NumberSeries, PayerAccount
from marelle.domain.billing.operations.ledger import allocate_credits
from marelle.domain.billing.rules.numbers import number_of
from marelle.foundation.public_ids import new_public_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Regie
    from marelle.foundation.actors import Actor


def issue(
    invoices: Sequence[Invoice],
    *,
    regie: Regie,
    exercice: int,
    issued_on: date,
    allocates: bool = True,
    by: Actor,
    at: datetime,
) -> None:
    """Will number, freeze and post these drafts, in this order, inside an operation.

    The payers are locked, then the row of the series, until the transaction ends: numbers follow one another whatever
    is issued at the same time, and a transaction that fails leaves no gap. Credits of the payers then settle what they
    can, unless `allocates` says that the caller has its own payment for them.

    What is no draft any more is left as it is. A draft that holds what was invoiced to its payer since it was made is
    set aside: nothing is invoiced twice.
    """
    NumberSeries.objects.bulk_create(
        [NumberSeries(authority_id=regie.authority_id, regie=regie, exercice=exercice)], ignore_conflicts=True
    )
    drafts = _still_drafts(invoices)
    if not drafts:
        return
    series = NumberSeries.objects.select_for_update().get(regie=regie, exercice=exercice)
    first = series.last + 1
    sequences = [first + place for place in range(len(drafts))]
    series.last += len(drafts)
    series.save(update_fields=["last"])
    keys = [invoice.pk for invoice in drafts]
    facts: dict[str, Any] = {
        "authority": regie.authority_id,
        "regie": regie.pk,
        "invoices": keys,
        "sequences": sequences,
        "numbers": [number_of(regie.number_pattern, exercice, sequence) for sequence in sequences],
        "exercice": exercice,
        "issued_on": issued_on,
        "at": at,
        "by": by.key,
        "public_ids": [new_public_id() for _ in keys],
    }
    with connection.cursor() as cursor:
        cursor.execute(ISSUE, facts)
    payers = {invoice.payer_id for invoice in drafts}
    _take_up_carried(drafts, payers)
    third_parties = {int(payer) for invoice in drafts for payer in invoice.third_parties}
    allocate_credits(payers | third_parties if allocates else third_parties, regie=regie, on=issued_on, by=by, at=at)


def _still_drafts(invoices: Sequence[Invoice]) -> list[Invoice]:
    """Will lock these drafts and their payers, and return those that are still as they were made, in the same order."""
    rows = Invoice.objects.select_for_update().filter(
        pk__in=[invoice.pk for invoice in invoices], state=Invoice.State.DRAFT
    )
    locked = {row.pk: row for row in rows.order_by("pk")}
    # With those who pay for others: none is locked after the series, which whoever pays may be waiting for.
    payers = PayerAccount.objects.select_for_update(no_key=True).filter(
        pk__in={key for row in locked.values() for key in (row.payer_id, *map(int, row.third_parties))}
    )
    list(payers.order_by("pk").values_list("pk"))
    # The moment of an issue is that of its beginning: one that waited may have begun before a draft was made.
    near = Invoice.objects.issued().filter(payer=OuterRef("payer"), issued_at__gt=OuterRef("drafted_at") - A_DAY)
    doubtful = Invoice.objects.filter(Exists(near), pk__in=locked)
    stale = {invoice.pk for invoice in doubtful if _is_overtaken(invoice)}
    Invoice.objects.filter(pk__in=stale).update(state=Invoice.State.SET_ASIDE, reason=ISSUED_SINCE)
    return [locked[one.pk] for one in invoices if one.pk in locked and one.pk not in stale]


def _is_overtaken(draft: Invoice) -> bool:
    """Will tell whether a day of a draft was invoiced otherwise than the draft knew."""
    names = ("kind", "child_id", "product_id", "key")
    issued = InvoiceLine.objects.filter(invoice__payer=draft.payer_id, invoice__state=Invoice.State.ISSUED)
    sums: dict[tuple[Any, ...], int] = defaultdict(int)
    for *name, cents, days in issued.values_list(*names, "unit_cents", "days"):
        for day in days:
            sums[(*name, day)] += cents
    for *name, days, is_correction, steps in InvoiceLine.objects.filter(invoice=draft).values_list(
        *names, "days", "is_correction", "steps"
    ):
        # What is corrected says last what was invoiced until then.
        known = -steps[-1][1] if is_correction else 0
        if any(sums.get((*name, day), 0) != known for day in days):
            return True
    return False


def _take_up_carried(drafts: Sequence[Invoice], payers: set[int]) -> None:
    """Will forget since when small debts were carried, but for those of services that these invoices are not about."""
    runs = {invoice.payer_id: invoice.run_id for invoice in drafts}
    for payer in PayerAccount.objects.filter(pk__in=payers, carried_from__isnull=False):
        run = BillingRun.objects.filter(pk=runs[payer.pk]).first()
        others = Invoice.objects.filter(
            payer=payer, state=Invoice.State.CARRIED, starts_on__gte=payer.carried_from
        ).exclude(run__services__contained_by=run.services if run is not None else [])
        payer.carried_from = others.aggregate(first=Min("starts_on"))["first"]
        payer.save(update_fields=["carried_from"])


A_DAY: Final = timedelta(days=1)
ISSUED_SINCE: Final = "Une autre facture a été émise depuis : à préparer de nouveau."

# One statement: numbered, frozen and posted together. « Facture » below zero is an « avoir », of the same series.
ISSUE: Final = """
WITH numbered AS (
    UPDATE billing_invoice i SET state = 'issued', sequence = n.sequence, number = n.number, exercice = %(exercice)s,
        issued_on = %(issued_on)s, issued_at = %(at)s,
        kind = CASE WHEN i.total_cents < 0 THEN 'credit_note' ELSE i.kind END,
        due_on = CASE WHEN i.total_cents < 0 THEN NULL ELSE i.due_on END
    FROM unnest(%(invoices)s::bigint[], %(sequences)s::int[], %(numbers)s::text[], %(public_ids)s::text[])
        AS n(id, sequence, number, posting)
    WHERE i.authority_id = %(authority)s AND i.id = n.id AND i.state = 'draft'
    RETURNING i.id, i.regie_id, i.payer_id, i.total_cents, i.revenue, i.third_parties, n.posting
), posted AS (
    INSERT INTO billing_posting (authority_id, public_id, regie_id, payer_id, kind, date, at, by_id, invoice_id)
    SELECT %(authority)s, posting, regie_id, payer_id, 'invoice', %(issued_on)s, %(at)s, %(by)s, id FROM numbered
    RETURNING id AS posting, invoice_id
), entries AS (
    SELECT posted.posting, numbered.id, payer_id, total_cents, revenue, third_parties
    FROM posted JOIN numbered ON numbered.id = posted.invoice_id
)
INSERT INTO billing_ledgerentry (authority_id, posting_id, account, payer_id, invoice_id, code, cents)
SELECT %(authority)s, posting, 'receivable', payer_id, id, '', total_cents FROM entries
UNION ALL
SELECT %(authority)s, posting, 'receivable', share.key::bigint, NULL, '', share.value::int
FROM entries, jsonb_each_text(third_parties) AS share
UNION ALL
SELECT %(authority)s, posting, 'revenue', NULL, NULL, share.key, -share.value::int
FROM entries, jsonb_each_text(revenue) AS share
"""
