"""An issued invoice becomes a document and a letter: frozen, complete, and addressed to the right people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from django.core import mail
from pypdf import PdfReader

from marelle.commands.generate import generate_authority
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice
from marelle.domain.billing.operations import runs
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.catalog.models import Service
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from marelle.letters.billing_documents import document_of, documents_of
from marelle.letters.documents.drawing import invoice_pdf

pytestmark = [pytest.mark.django_db]
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def town():
    authority = generate_authority(8, by=SYSTEM, at=NOW)
    with tenancy.scope({authority.pk}):
        with permitted("factory"):
            Regie.objects.update(how_to_pay="Par chèque à l’ordre de la régie\nEn espèces à la mairie")
        yield authority


@pytest.fixture
def run(town):
    regie = Regie.objects.get()
    run = runs.start_run(
        regie,
        authority=town,
        services=list(Service.objects.values_list("pk", flat=True)),
        name="Novembre 2026",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 11, 22),
        invoiced_on=date(2026, 11, 23),
        due_on=date(2026, 12, 23),
        exercice=2026,
        by=SYSTEM,
        at=NOW,
    )
    tasks.go_on_billing.func(authority=town.pk, run=run.pk)
    with permitted("factory"):
        Invoice.objects.filter(pk=Invoice.objects.filter(run=run).first().pk).update(delivery="paper")
    runs.approve_run(run, by=SYSTEM, at=NOW)
    tasks.go_on_billing.func(authority=town.pk, run=run.pk)
    return run


def issued(run):
    return Invoice.objects.issued().filter(run=run).select_related("regie", "run").order_by("sequence")


def text_of(pdf: bytes) -> str:
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(words.replace("\N{NO-BREAK SPACE}", " ").split())


def test_every_invoice_of_a_run_is_a_document_that_adds_up(town, run):
    documents = list(documents_of(issued(run), town))

    assert [one.number for one in documents] == [invoice.number for invoice in issued(run)]
    assert [one.total_cents for one in documents] == [invoice.total_cents for invoice in issued(run)]
    assert len(documents) > 3


def test_the_pdf_says_each_day_each_price_and_how_to_pay(town, run):
    invoice = issued(run).first()

    words = text_of(invoice_pdf(document_of(invoice, town)))

    assert invoice.number in words
    assert invoice.payer_name in words
    assert "Repas" in words
    assert "Par chèque à l’ordre de la régie" in words
    assert "deux mois" in words


def test_what_is_paid_afterwards_does_not_change_the_document(town, run):
    invoice = issued(run).first()
    before = document_of(invoice, town)

    record_payment(
        invoice.payer,
        cents=invoice.total_cents,
        means="cheque",
        date=date(2026, 12, 1),
        by=SYSTEM,
        at=NOW.replace(day=30),
    )

    assert document_of(invoice, town) == before


def test_drawing_many_asks_as_few_questions_as_drawing_one(town, run, django_assert_num_queries):
    list(documents_of(issued(run), town))  # the offer is kept by the process

    with django_assert_num_queries(4):
        list(documents_of(issued(run)[:1], town))
    with django_assert_num_queries(4):
        list(documents_of(issued(run), town))


def test_families_who_chose_the_e_mail_are_written_to_once_and_the_others_never(town, run):
    tasks.run_issued.func(authority=town.pk, run=run.pk)
    first = len(mail.outbox)
    tasks.run_issued.func(authority=town.pk, run=run.pk)

    assert first == issued(run).count() - 1
    assert len(mail.outbox) == first
    letter = mail.outbox[0]
    assert "Facture" in letter.subject
    assert "/factures/" in letter.body
