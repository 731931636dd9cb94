"""Documents as PDF, by typst: tagged (PDF/UA-1) and made to be kept (PDF/A-3a).

A compiler is kept for each template and thread: what does not change between two documents is not computed again. The
same document always gives the same bytes; its date is the day of issue, in UTC.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, Any

import typst
from pypdf import PdfReader, PdfWriter

from marelle.letters.documents.applications import ApplicationPaper
from marelle.letters.documents.certificates import TaxCertificateDocument
from marelle.letters.documents.codes import CodeLetterDocument
from marelle.letters.documents.flyers import FlyerDocument
from marelle.letters.documents.invoices import InvoiceDocument
from marelle.letters.documents.own_data import OwnDataDocument
from marelle.letters.documents.parties import Issuer, Logo
from marelle.letters.documents.receipts import ReceiptDocument
from marelle.letters.documents.reminders import ReminderDocument
from marelle.letters.documents.statements import StatementDocument
from marelle.letters.documents.tables import TablesDocument
from marelle.letters.documents.wording import (
    application_words,
    certificate_words,
    code_letter_words,
    flyer_words,
    invoice_words,
    own_data_words,
    receipt_words,
    reminder_words,
    statement_words,
    tables_words,
)

if TYPE_CHECKING:
    from typst import PDFStandard

HERE = Path(__file__).parent
TEMPLATES, FONTS = HERE / "templates", HERE / "fonts"
STANDARDS: list[PDFStandard] = ["a-3a", "ua-1"]
HANDFUL = 5  # typst keeps what the last ten drawings cost: a larger handful is hardly faster, and weighs much more

_kept = threading.local()
_making = threading.Lock()


def invoice_pdf(document: InvoiceDocument) -> bytes:
    """Will draw an invoice or a credit note."""
    return _draw("invoice", invoice_words(document), document.issued_on, document.issuer)


def certificate_pdf(document: TaxCertificateDocument) -> bytes:
    """Will draw a tax certificate."""
    return _draw("certificate", certificate_words(document), document.issued_on, document.issuer)


def receipt_pdf(document: ReceiptDocument) -> bytes:
    """Will draw a receipt or a counter-receipt."""
    return _draw("receipt", receipt_words(document), document.issued_on, document.issuer)


def own_data_pdf(document: OwnDataDocument) -> bytes:
    """Will draw what somebody asked to read of what is kept about them."""
    return _draw("own-data", own_data_words(document), document.issued_on, document.issuer)


def statement_pdf(document: StatementDocument) -> bytes:
    """Will draw what a régie signs."""
    return _draw("statement", statement_words(document), document.issued_on, document.issuer)


def tables_pdf(document: TablesDocument) -> bytes:
    """Will draw tables to carry."""
    return _draw("tables", tables_words(document), document.issued_on, document.issuer)


def application_paper_pdf(document: ApplicationPaper) -> bytes:
    """Will draw what a family keeps of a request."""
    return _draw("application", application_words(document), document.issued_on, document.issuer)


def flyer_pdf(document: FlyerDocument) -> bytes:
    """Will draw a flyer."""
    return _draw("flyer", flyer_words(document), document.written_on, document.issuer)


def invoices_pdf(documents: Iterable[InvoiceDocument]) -> bytes:
    """Will draw many invoices in one file to print: each begins on an odd page, for both sides of the sheet.

    It is for paper: not tagged. What is drawn is drawn by the handful, so that memory holds little more than the file.
    Raises ValueError when there is none.
    """
    writer = PdfWriter()
    left = iter(documents)
    while handful := list(islice(left, HANDFUL)):
        _append(writer, handful)
    if not writer.pages:
        raise ValueError("aucune facture à imprimer")
    writer.add_metadata({"/Title": "Factures à imprimer"})
    drawn = BytesIO()
    writer.write(drawn)
    return drawn.getvalue()


def reminders_pdf(documents: Iterable[ReminderDocument]) -> bytes:
    """Will draw reminders in one file to print: each begins on an odd page. Raises ValueError when there is none."""
    writer = PdfWriter()
    left = iter(documents)
    while handful := list(islice(left, HANDFUL)):
        words = [reminder_words(document) for document in handful]
        issuers = {document.issuer for document in handful}
        _add_pages(writer, "reminders", words, max(document.written_on for document in handful), issuers)
    if not writer.pages:
        raise ValueError("aucune relance à imprimer")
    writer.add_metadata({"/Title": "Relances à imprimer"})
    drawn = BytesIO()
    writer.write(drawn)
    return drawn.getvalue()


def code_letters_pdf(documents: Iterable[CodeLetterDocument]) -> bytes:
    """Will draw letters of codes in one file to print, one family a page. Raises ValueError when there is none."""
    writer = PdfWriter()
    left = iter(documents)
    while handful := list(islice(left, HANDFUL)):
        words = [code_letter_words(document) for document in handful]
        issuers = {document.issuer for document in handful}
        drawn = _draw("codes", {"documents": words}, handful[0].written_on, *issuers, standards=[])
        for page in PdfReader(BytesIO(drawn)).pages:
            writer.add_page(page)
    if not writer.pages:
        raise ValueError("aucun code à imprimer")
    writer.add_metadata({"/Title": "Codes d’adhésion à imprimer"})
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _append(writer: PdfWriter, documents: Sequence[InvoiceDocument]) -> None:
    words = [invoice_words(document) for document in documents]
    issuers = {document.issuer for document in documents}
    _add_pages(writer, "invoices", words, max(document.issued_on for document in documents), issuers)


def _add_pages(
    writer: PdfWriter, template: str, words: Sequence[dict[str, Any]], day: date, issuers: Iterable[Issuer]
) -> None:
    drawn = _draw(template, {"documents": words}, day, *issuers, standards=[])
    for page in PdfReader(BytesIO(drawn)).pages:
        writer.add_page(page)
    if len(writer.pages) % 2:
        writer.add_blank_page()


def _draw(
    template: str, words: dict[str, Any], day: date, *issuers: Issuer, standards: list[PDFStandard] = STANDARDS
) -> bytes:
    for issuer in issuers:
        _lay_out(issuer.logo)
    drawn = _compiler(template).compile(
        sys_inputs={"document": json.dumps(words, ensure_ascii=False)},
        format="pdf",
        pdf_standards=standards,
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
    if not isinstance(drawn, bytes):
        raise TypeError(f"{template} : typst n’a pas rendu un fichier")
    return drawn


def _compiler(template: str) -> typst.Compiler:
    compilers: dict[str, typst.Compiler] = _kept.__dict__.setdefault("compilers", {})
    if template not in compilers:
        # Only the fonts beside this file and those of typst itself: the same pages on every machine.
        desk = _desk()
        compilers[template] = typst.Compiler(
            desk / f"{template}.typ", root=desk, font_paths=[FONTS], ignore_system_fonts=True
        )
    return compilers[template]


def _lay_out(logo: Logo | None) -> None:
    if logo is None:
        return
    path = _desk() / logo.path.removeprefix("/")
    if not path.exists():
        # Whole or not at all, whoever else is laying it out.
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(logo.content)
        Path(file.name).replace(path)


def _desk() -> Path:
    """Will return the only folder that typst may read: the templates, and the logos of the authorities drawn so far."""
    # Several threads may draw first together: of two desks, the one that nobody keeps would be cleared under its user.
    with _making:
        return Path(_made_desk().name)


@cache
def _made_desk() -> TemporaryDirectory[str]:
    desk = TemporaryDirectory(prefix="marelle-documents-")
    shutil.copytree(TEMPLATES, desk.name, dirs_exist_ok=True)
    (Path(desk.name) / "logos").mkdir()
    return desk
