"""Receipts as documents: what was frozen when they were given, ready to be drawn. The same for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.payments.queries.stories import settled_by
from marelle.letters.billing_documents import address_lines, issuer_of
from marelle.letters.documents.parties import Recipient
from marelle.letters.documents.receipts import ReceiptDocument

if TYPE_CHECKING:
    from marelle.domain.payments.models import Receipt


def receipt_document(receipt: Receipt) -> ReceiptDocument:
    """Will return the document of a receipt; its authority holds the logo."""
    authority, regie = receipt.authority, receipt.regie
    return ReceiptDocument(
        number=receipt.number,
        exercice=receipt.exercice,
        issued_on=receipt.given_at.astimezone(authority.zone).date(),
        paid_on=receipt.date,
        issuer=issuer_of(
            authority, regie, signatory=", ".join(filter(None, (regie.issuer_name, regie.issuer_quality)))
        ),
        payer=Recipient(receipt.payer_name, address_lines(receipt.payer.address)),
        cents=receipt.cents,
        means=receipt.get_means_display(),
        label=receipt.label or "Paiement",
        settles=tuple(f"facture n° {one.number}" for one in settled_by(receipt.posting_id)),
        reference=receipt.posting.reference,
        cancels=receipt.cancels.number if receipt.cancels is not None else "",
        reason=receipt.reason,
    )
