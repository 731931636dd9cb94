"""The proof that receipts and deposits hold: numbers, money, totals."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection

from marelle.domain.billing.queries.ledger import LedgerFault
from marelle.foundation import tenancy


def receipt_faults() -> list[LedgerFault]:
    """Will return what should be impossible of receipts and deposits in the authorities in scope."""
    authorities = tenancy.current_scope()
    parameters: dict[str, Any] = {"every": authorities is None, "authorities": sorted(authorities or ())}
    found = []
    with connection.cursor() as cursor:
        for what, statement in FAULTS.items():
            cursor.execute(statement, parameters)
            found += [LedgerFault(what, authority, key) for authority, key in cursor.fetchall()]
    return found


_SERIES: Final = """
    SELECT s.authority_id, s.id FROM {series} s
    LEFT JOIN {numbered} n ON n.authority_id = s.authority_id AND n.regie_id = s.regie_id AND n.exercice = s.exercice
    WHERE %(every)s OR s.authority_id = ANY(%(authorities)s::bigint[])
    GROUP BY s.authority_id, s.id
    HAVING coalesce(max(n.sequence), 0) <> s.last OR count(n.id) <> coalesce(max(n.sequence) - min(n.sequence) + 1, 0)
"""
FAULTS: Final = {
    "receipt numbers have a gap": _SERIES.format(series="payments_receiptseries", numbered="payments_receipt"),
    "deposit numbers have a gap": _SERIES.format(series="payments_depositseries", numbered="payments_bankdeposit"),
    "a receipt is not what was cashed": """
        SELECT r.authority_id, r.id FROM payments_receipt r
        LEFT JOIN billing_ledgerentry e
            ON e.authority_id = r.authority_id AND e.posting_id = r.posting_id AND e.account = 'cash'
        WHERE %(every)s OR r.authority_id = ANY(%(authorities)s::bigint[])
        GROUP BY r.authority_id, r.id HAVING coalesce(sum(e.cents), 0) <> r.cents
    """,
    "a counter-receipt is not its receipt": """
        SELECT r.authority_id, r.id FROM payments_receipt r
        JOIN payments_receipt c ON c.authority_id = r.authority_id AND c.id = r.cancels_id
        WHERE (%(every)s OR r.authority_id = ANY(%(authorities)s::bigint[])) AND r.cents <> -c.cents
    """,
    "a deposit is not its receipts": """
        SELECT d.authority_id, d.id FROM payments_bankdeposit d
        LEFT JOIN payments_receipt r ON r.authority_id = d.authority_id AND r.deposit_id = d.id
        WHERE %(every)s OR d.authority_id = ANY(%(authorities)s::bigint[])
        GROUP BY d.authority_id, d.id HAVING coalesce(sum(r.cents), 0) <> d.cents OR count(r.id) <> d.receipt_count
    """,
}
