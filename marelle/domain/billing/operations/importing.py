"""Invoices that another software issued come in: all of them or none, and each once however often they are sent.

They are rows of invoices like any other, already numbered: of no series of ours, and of no docket. Each is issued and
posted as it comes, on the day that it comes: the ledger does not know what was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import ImportedDocument, Invoice, InvoiceLine, PayerAccount
from marelle.domain.billing.queries.imported import known_invoices, known_references
from marelle.domain.billing.rules.imports import differences
from marelle.foundation import audit, outbox
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from marelle.domain.billing.rules.imports import Wanted
    from marelle.foundation.actors import Actor

IMPORTED_LINE: Final = "imported"
# What they bring is not sold here: the accounts of the other software say by what.
IMPORTED_CODE: Final = "importe"
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it: the new invoices, and those that were known already, alike."""

    new: tuple[Invoice, ...]
    known: tuple[Invoice, ...]


class UnableToImportError(Exception):
    """Some references are known for something else: `why` says which, in words. Nothing was written."""

    def __init__(self, why: Mapping[str, str]) -> None:
        """Will keep why, by reference."""
        super().__init__(f"{len(why)} references")
        self.why = dict(why)


def conflicts(regie: Regie, wanted: Sequence[Wanted]) -> dict[str, str]:
    """Will say, by reference, what stands against importing these invoices; nothing for those known alike."""
    known = known_references(regie.pk, [one.reference for one in wanted])
    found = {}
    for one in wanted:
        if one.reference in known and (others := differences(one, known[one.reference])):
            found[one.reference] = f"Cette référence est déjà ici, avec autre chose : {', '.join(others)}."
    return found


@operation
def import_invoices(
    regie: Regie,
    wanted: Sequence[Wanted],
    *,
    origin: str,
    on: date,
    documents: Mapping[str, bytes] | None = None,
    token: int | None = None,
    by: Actor,
    at: datetime,
) -> Imported:
    """Will import these invoices on a day over there, with their `documents` (PDF, by reference).

    `token` is the key of that of the software that brings them.

    Those that are known already, and say the same, are left as they are; one that was withdrawn may come again. Raises
    UnableToImportError.
    """
    # Two files at once: the second sees what the first brought.
    Regie.objects.select_for_update(no_key=True).get(pk=regie.pk)
    if why := conflicts(regie, wanted):
        raise UnableToImportError(why)
    known = known_invoices(regie.pk, [one.reference for one in wanted])
    to_make = [one for one in {one.reference: one for one in wanted}.values() if one.reference not in known]
    made: list[Invoice] = []
    for first in range(0, len(to_make), AT_ONCE):
        some = to_make[first : first + AT_ONCE]
        made += issue_imported(regie, some, _payers(regie, some), origin=origin, on=on, by=by, at=at)
    files = documents or {}
    ImportedDocument.objects.bulk_create(
        ImportedDocument(authority_id=regie.authority_id, invoice=one, content=files[one.number], received_at=at)
        for one in made
        if one.number in files
    )
    told = {one.reference for one in to_make if one.email}
    for invoice in made:
        if invoice.number in told:
            outbox.post("letters.invoice_imported", authority=regie.authority_id, invoice=invoice.pk)
    if made:
        audit.record(
            "import_invoices", authority=regie.authority_id, of="regie", key=regie.pk, by=by, at=at,
            invoices=len(made), cents=sum(one.total_cents for one in made), origin=origin, token=token,
        )  # fmt: skip
    return Imported(tuple(made), tuple(known.values()))


def issue_imported(
    regie: Regie,
    wanted: Sequence[Wanted],
    payers: Mapping[tuple[str, str], PayerAccount],
    *,
    origin: str,
    on: date,
    by: Actor,
    at: datetime,
) -> list[Invoice]:
    """Will issue and post invoices on a day, each to the payer of its account code and debtor. Inside an operation."""
    drafts: list[Invoice] = Invoice.objects.bulk_create(
        Invoice(
            authority_id=regie.authority_id,
            regie=regie,
            payer=payers[one.account_code, one.debtor],
            family_id=payers[one.account_code, one.debtor].family_id,
            label=one.label,
            starts_on=one.issued_on,
            ends_on=one.issued_on,
            exercice=one.issued_on.year,
            number=one.reference,
            issued_on=one.issued_on,
            due_on=one.due_on,
            total_cents=one.cents,
            revenue={IMPORTED_CODE: one.cents},
            payer_name=one.debtor,
            delivery=PayerAccount.Delivery.PAPER,
            drafted_at=at,
            origin=origin,
            theme=one.theme,
        )
        for one in wanted
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            authority_id=regie.authority_id,
            invoice=one,
            kind=IMPORTED_LINE,
            key=one.public_id,
            label=one.label,
            unit_cents=one.total_cents,
            total_cents=one.total_cents,
            components=[[IMPORTED_CODE, "", one.total_cents, False, False]],
        )
        for one in drafts
    )
    facts: dict[str, Any] = {
        "authority": regie.authority_id,
        "invoices": [one.pk for one in drafts],
        "public_ids": [new_public_id() for _ in drafts],
        "on": on,
        "at": at,
        "by": by.key,
    }
    with connection.cursor() as cursor:
        cursor.execute(ISSUE, facts)
    return list(Invoice.objects.filter(pk__in=facts["invoices"]).select_related("payer").order_by("pk"))


def _payers(regie: Regie, wanted: Sequence[Wanted]) -> dict[tuple[str, str], PayerAccount]:
    """Will return the account of each payer, by code and name, opened when there is none; its last address is kept."""
    names = {(one.account_code, one.debtor): one for one in wanted}
    PayerAccount.objects.bulk_create(
        [
            PayerAccount(
                authority_id=regie.authority_id,
                regie=regie,
                name=name,
                debtor_code=code,
                email=one.email,
                delivery=PayerAccount.Delivery.PAPER,
                keeps_wallet=True,  # what is over is given back: the other software does not know of it
            )
            for (code, name), one in sorted(names.items())
        ],
        ignore_conflicts=True,
    )
    rows = PayerAccount.objects.filter(regie=regie, debtor_code__in={code for code, _name in names})
    found = {(row.debtor_code, row.name): row for row in rows}
    moved = [row for key, row in found.items() if key in names and names[key].email not in {"", row.email}]
    for row in moved:
        row.email = names[row.debtor_code, row.name].email
    PayerAccount.objects.bulk_update(moved, ["email"])
    return found


# One statement: issued and posted together, on the day that they come.
ISSUE: Final = """
WITH issued AS (
    UPDATE billing_invoice i SET state = 'issued', issued_at = %(at)s
    FROM unnest(%(invoices)s::bigint[], %(public_ids)s::text[]) AS n(id, posting)
    WHERE i.authority_id = %(authority)s AND i.id = n.id AND i.state = 'draft' AND i.origin <> 'marelle'
    RETURNING i.id, i.regie_id, i.payer_id, i.total_cents, i.revenue, n.posting
), posted AS (
    INSERT INTO billing_posting (authority_id, public_id, regie_id, payer_id, kind, date, at, by_id, invoice_id)
    SELECT %(authority)s, posting, regie_id, payer_id, 'invoice', %(on)s, %(at)s, %(by)s, id FROM issued
    RETURNING id AS posting, invoice_id
), entries AS (
    SELECT posted.posting, issued.id, payer_id, total_cents, revenue
    FROM posted JOIN issued ON issued.id = posted.invoice_id
)
INSERT INTO billing_ledgerentry (authority_id, posting_id, account, payer_id, invoice_id, code, cents)
SELECT %(authority)s, posting, 'receivable', payer_id, id, '', total_cents FROM entries
UNION ALL
SELECT %(authority)s, posting, 'revenue', NULL, NULL, share.key, -share.value::int
FROM entries, jsonb_each_text(revenue) AS share
"""
