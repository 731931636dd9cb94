"""Reminders on paper as documents: one letter for each payer, of all that it owes the régie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from marelle.domain.billing.queries.unpaid import unpaid_invoices
from marelle.letters.billing_documents import address_lines, issuer_of
from marelle.letters.documents.parties import Recipient
from marelle.letters.documents.reminders import OwedInvoice, ReminderDocument

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import Reminder


@dataclass(frozen=True, slots=True)
class LettersToPrint:
    """The letters, and which reminders (keys) they are; those paid or held in between ask for nothing any more."""

    documents: tuple[ReminderDocument, ...]
    reminders: tuple[int, ...]


def reminder_letters(reminders: Iterable[Reminder], authority: Authority, *, on: date) -> LettersToPrint:
    """Will return the letters of these reminders, which come by payer, on a day; `authority` holds its logo."""
    rows = list(reminders)
    owed = unpaid_invoices(on=on, regies={row.invoice.regie_id for row in rows}) if rows else []
    by_payer: dict[int, list[OwedInvoice]] = {}
    for one in owed:
        if one.facts.may_be_asked_for and one.invoice.due_on is not None:
            by_payer.setdefault(one.invoice.payer_id, []).append(
                OwedInvoice(one.invoice.number, one.invoice.label, one.invoice.due_on, one.facts.left)
            )
    documents = []
    for payer, group in groupby(rows, key=lambda row: row.invoice.payer_id):
        own = list(group)
        invoices = tuple(by_payer.get(payer, ()))
        if not invoices:
            continue
        # The last words said are those of the letter.
        last = max(own, key=lambda row: row.position)
        regie, account = last.invoice.regie, last.invoice.payer
        signatory = ", ".join(filter(None, (regie.issuer_name, regie.issuer_quality)))
        documents.append(
            ReminderDocument(
                title=last.name,
                written_on=on,
                issuer=issuer_of(authority, regie, signatory=signatory),
                payer=Recipient(account.name, address_lines(account.address or last.invoice.payer_address)),
                words=tuple(line.strip() for line in last.words.splitlines() if line.strip()),
                invoices=invoices,
                total_cents=sum(one.left_cents for one in invoices),
                ways_to_pay=tuple(line.strip() for line in regie.how_to_pay.splitlines() if line.strip()),
            )
        )
    return LettersToPrint(tuple(documents), tuple(row.pk for row in rows))
