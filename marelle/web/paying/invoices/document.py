"""The document (PDF) of an invoice, the same for whoever may see it in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import ImportedDocument
from marelle.letters.billing_documents import document_of
from marelle.letters.documents.drawing import invoice_pdf

if TYPE_CHECKING:
    from marelle.domain.billing.queries.family_invoices import FamilyInvoice


def drawn_invoice(found: FamilyInvoice) -> bytes:
    """Will return the document of an invoice, the same for ever: that of the software that issued it.

    Empty when that software brought none. Inside the scope of its authority.
    """
    if found.invoice.is_imported:
        brought = ImportedDocument.objects.filter(invoice=found.invoice.pk).first()
        return bytes(brought.content) if brought is not None else b""
    # With its logo, which the list leaves aside.
    return invoice_pdf(document_of(found.invoice, Authority.objects.get(pk=found.authority.pk)))
