"""Documents as PDF, by typst: tagged (PDF/UA-1) and made to be kept (PDF/A-3a).

A compiler is kept for each template and thread: what does not change between two documents is not computed again. The
same document always gives the same bytes; its date is the day of issue, in UTC.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

import typst

from marelle.letters.documents.certificates import TaxCertificateDocument
from marelle.letters.documents.invoices import InvoiceDocument
from marelle.letters.documents.wording import certificate_words, invoice_words

HERE = Path(__file__).parent
TEMPLATES, FONTS = HERE / "templates", HERE / "fonts"
STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]

_kept = threading.local()


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """Will draw an invoice or a credit note."""
    return _draw("invoice", invoice_words(document), document.issued_on)


def certificate_pdf(document: TaxCertificateDocument) -> bytes:
    """Will draw a tax certificate."""
    return _draw("certificate", certificate_words(document), document.issued_on)


def invoices_pdf(documents: Sequence[InvoiceDocument]) -> bytes:
    """Will draw many invoices in one file to print: each begins on an odd page, for both sides of the sheet.

    Raises ValueError when there is none.
    """
    if not documents:
        raise ValueError("aucune facture à imprimer")
    words = {
        "title": f"{len(documents)} factures à imprimer, {documents[0].issuer.name}",
        "author": documents[0].issuer.name,
        "documents": [invoice_words(document) for document in documents],
    }
    return _draw("invoices", words, max(document.issued_on for document in documents))


def _draw(template: str, words: dict[str, Any], day: date) -> bytes:
    drawn = _compiler(template).compile(
        sys_inputs={"document": json.dumps(words, ensure_ascii=False)},
        format="pdf",
        pdf_standards=STANDARDS,
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
    if not isinstance(drawn, bytes):
        raise TypeError(f"{template} : typst n’a pas rendu un fichier")
    return drawn


def _compiler(template: str) -> typst.Compiler:
    compilers: dict[str, typst.Compiler] = _kept.__dict__.setdefault("compilers", {})
    if template not in compilers:
        # Only the fonts beside this file and those of typst itself: the same pages on every machine.
        compilers[template] = typst.Compiler(
            TEMPLATES / f"{template}.typ", root=TEMPLATES, font_paths=[FONTS], ignore_system_fonts=True
        )
    return compilers[template]
