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
        cursor.execute(NUMBER, facts)
        cursor.execute(POST, facts)
        cursor.execute(ENTER, facts)
    payers = {invoice.payer_id for invoice in invoices}
    PayerAccount.objects.filter(pk__in=payers, carried_from__isnull=False).update(carried_from=None)
    allocate_credits(payers, regie=regie, on=issued_on, by=by, at=at)


# « Facture » below zero is an « avoir »; its number is of the same series.
NUMBER: Final = """
UPDATE billing_invoice i SET state = 'issued', sequence = n.sequence, number = n.number, exercice = %(exercice)s,
    issued_on = %(issued_on)s, issued_at = %(at)s,
    kind = CASE WHEN i.total_cents < 0 THEN 'credit_note' ELSE i.kind END,
    due_on = CASE WHEN i.total_cents < 0 THEN NULL ELSE i.due_on END
FROM unnest(%(invoices)s::bigint[], %(sequences)s::int[], %(numbers)s::text[]) AS n(id, sequence, number)
WHERE i.authority_id = %(authority)s AND i.id = n.id AND i.state = 'draft'
"""

POST: Final = """
INSERT INTO billing_posting (authority_id, public_id, regie_id, payer_id, kind, date, at, by_id, invoice_id)
SELECT i.authority_id, n.public_id, i.regie_id, i.payer_id, 'invoice', %(issued_on)s, %(at)s, %(by)s, i.id
FROM unnest(%(invoices)s::bigint[], %(public_ids)s::text[]) AS n(id, public_id)
JOIN billing_invoice i ON i.authority_id = %(authority)s AND i.id = n.id
"""

ENTER: Final = """
WITH posted AS MATERIALIZED (
    SELECT p.id AS posting, i.id, i.payer_id, i.total_cents, i.revenue, i.third_parties
    FROM billing_posting p JOIN billing_invoice i ON i.authority_id = p.authority_id AND i.id = p.invoice_id
    WHERE p.authority_id = %(authority)s AND p.kind = 'invoice' AND p.invoice_id = ANY(%(invoices)s::bigint[])
)
INSERT INTO billing_ledgerentry (authority_id, posting_id, account, payer_id, invoice_id, code, cents)
SELECT %(authority)s, posting, 'receivable', payer_id, id, '', total_cents FROM posted
UNION ALL
SELECT %(authority)s, posting, 'receivable', share.key::bigint, NULL, '', share.value::int
FROM posted, jsonb_each_text(third_parties) AS share
UNION ALL
SELECT %(authority)s, posting, 'revenue', NULL, NULL, share.key, -share.value::int
FROM posted, jsonb_each_text(revenue) AS share
"""
