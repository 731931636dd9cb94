"""Issuing: the moment an invoice gets its number, its posting in the ledger, and is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from marelle.domain.billing.models import Invoice, NumberSeries, PayerAccount
from marelle.domain.billing.operations.ledger import allocate_credits
from marelle.domain.billing.rules.numbers import number_of
from marelle.foundation.public_ids import new_public_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from marelle.domain.authorities.models import Regie
    from marelle.foundation.actors import Actor


def issue(
    invoices: Sequence[Invoice], *, regie: Regie, exercice: int, issued_on: date, by: Actor, at: datetime
) -> None:
    """Will number, freeze and post these drafts, in this order, inside an operation.

    The row of the series is locked until the transaction ends: numbers follow one another whatever is issued at the
    same time, and a transaction that fails leaves no gap. Credits of the payers then settle what they can.
    """
    NumberSeries.objects.bulk_create(
        [NumberSeries(authority_id=regie.authority_id, regie=regie, exercice=exercice)], ignore_conflicts=True
    )
    series = NumberSeries.objects.select_for_update().get(regie=regie, exercice=exercice)
    first = series.last + 1
    sequences = [first + place for place in range(len(invoices))]
    series.last += len(invoices)
    series.save(update_fields=["last"])
    keys = [invoice.pk for invoice in invoices]
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
    payers = {invoice.payer_id for invoice in invoices}
    PayerAccount.objects.filter(pk__in=payers, carried_from__isnull=False).update(carried_from=None)
    allocate_credits(payers, regie=regie, on=issued_on, by=by, at=at)


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
