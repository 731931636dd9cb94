"""An issued invoice: as it was frozen, what was paid of it, its correction, its hand-over to the Trésor."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import Invoice, Posting
from marelle.domain.billing.operations.corrections import UnableToCorrectError, WhyNotCorrected, correct
from marelle.domain.billing.operations.payers import UnableToHandOverError, hand_over
from marelle.domain.billing.queries.accounts import ledger_of, left_of
from marelle.domain.billing.queries.corrections import correction_of
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.catalog.queries import offer_of
from marelle.domain.payments.models import Receipt
from marelle.domain.payments.operations.desk import UnableToTakeError, take_payment
from marelle.foundation.french_dates import in_digits
from marelle.foundation.money import in_amount, in_euros
from marelle.foundation.periods import Period
from marelle.letters.billing_documents import document_of
from marelle.letters.documents.drawing import invoice_pdf
from marelle.web.office.billing import wording
from marelle.web.office.billing.forms import CorrectionForm, PaymentForm, RecoveryForm
from marelle.web.office.billing.lines import hides_quotient, lines_of, lines_of_draft, tells_quotient
from marelle.web.office.billing.review import said_of
from marelle.web.office.billing.surroundings import billing_page, invoice_or_404
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.readings import notes_readings, reads_quotient
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.billing.models import LedgerEntry
    from marelle.web.doors import OfficeVisit


@require_safe
@billing_page
@notes_readings
def show(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will show an issued invoice."""
    return _page(request, invoice_or_404(invoice))


@require_safe
@billing_page
@notes_readings
def pdf(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will hand over its document; it explains each price, hence shows the quotient that made it."""
    found = invoice_or_404(invoice)
    visit = visit_of(request)
    if hides_quotient(found, visit):
        raise PermissionDenied
    if found.family_id and tells_quotient(found):
        reads_quotient(request, found.family_id)
    authority = Authority.objects.get(pk=visit.authority.pk)
    response = HttpResponse(invoice_pdf(document_of(found, authority)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{slugify(found.number)}.pdf"'
    return response


@require_POST
@billing_page
@notes_readings
def payment(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will record money that came for an invoice; what is over goes to the oldest others, then is held."""
    visit = visit_of(request)
    found = invoice_or_404(invoice)
    form = PaymentForm(request.POST, auto_id="paiement-%s", today=visit.today)
    if not form.is_valid():
        return _page(request, found, paying=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        receipt = take_payment(
            found.payer,
            cents=said["amount"],
            means=said["means"],
            date=said["date"],
            invoices=[found],
            reference=said["reference"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToTakeError as error:
        form.add_error("amount", error.why.value)
        return _page(request, found, paying=form, status=HTTPStatus.CONFLICT)
    held = balances_of([found.payer_id])[found.payer_id].wallet
    messages.success(request, wording.paid(said["amount"], held, receipt.number), extra_tags="green")
    return SeeOther(url_of(visit, "office_invoice", invoice=found.public_id))


@require_POST
@billing_page
@notes_readings
def recovery(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will note that the Trésor recovers what is left of an invoice."""
    visit = visit_of(request)
    found = invoice_or_404(invoice)
    form = RecoveryForm(request.POST, auto_id="tresor-%s")
    if not form.is_valid():
        return _page(request, found, recovering=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    number = form.cleaned_data["number"]
    try:
        hand_over(found, number=number, by=visit.actor, at=visit.at)
    except UnableToHandOverError:
        form.add_error("number", wording.NOT_TO_HAND_OVER)
        return _page(request, found, recovering=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.handed_over(number), extra_tags="green")
    return SeeOther(url_of(visit, "office_invoice", invoice=found.public_id))


@require_http_methods(["GET", "HEAD", "POST"])
@billing_page
@notes_readings
def correction(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will show what would be issued to correct an invoice; once a reason is given, issue it."""
    visit = visit_of(request)
    found = invoice_or_404(invoice)
    if request.method != "POST":
        return _correction_page(request, found, None)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _correction_page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        issued = correct(
            found,
            authority=visit.authority,
            reason=said["reason"],
            expected=said["expected"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToCorrectError as error:
        form.add_error(
            "reason" if error.why is WhyNotCorrected.NO_REASON else None, wording.WHY_NOT_CORRECTED[error.why]
        )
        return _correction_page(request, found, form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.corrected(issued.number, issued.total_cents), extra_tags="green")
    return SeeOther(url_of(visit, "office_invoice", invoice=issued.public_id))


def _correction_page(
    request: HttpRequest, invoice: Invoice, form: CorrectionForm | None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    billed = correction_of(invoice, authority=visit.authority, at=visit.at)
    draft = billed.draft if billed else None
    total = draft.total if draft else 0
    if form is None:
        form = CorrectionForm(initial={"expected": total})
    else:
        # What is shown now is what the next click says yes to.
        form.data = {**form.data.dict(), "expected": str(total)}  # type: ignore[attr-defined]
    notes = [
        [one.trouble, one.child, one.product, [day.isoformat() for day in one.days]]
        for one in (billed.account.noted if billed else ())
    ]
    context = office_context(
        visit,
        "office_billing",
        form=form,
        invoice=invoice,
        total=total,
        amount=in_euros(total),
        kind="Un avoir" if total < 0 else "Une facture complémentaire",
        children=lines_of_draft(draft, invoice, request) if draft else [],
        troubles=said_of(notes, offer_of(visit.authority)),
        back_url=url_of(visit, "office_invoice", invoice=invoice.public_id),
        nothing=wording.WHY_NOT_CORRECTED[WhyNotCorrected.NOTHING],
    )
    return render(request, "office/billing/correction.html", context, status=status)


def _page(
    request: HttpRequest,
    invoice: Invoice,
    *,
    paying: PaymentForm | None = None,
    recovering: RecoveryForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    left = left_of([invoice.pk]).get(invoice.pk, 0)
    entries = list(ledger_of(invoice.pk))
    receipts = dict(
        Receipt.objects.filter(posting__in=[entry.posting_id for entry in entries]).values_list("posting", "public_id")
    )
    names = agent_names({entry.posting.by_id for entry in entries if entry.posting.by_id})
    corrections = Invoice.objects.filter(corrects=invoice, state=Invoice.State.ISSUED).order_by("issued_at")
    initial = {"amount": in_amount(left) if left > 0 else "", "date": visit.today}
    balance = balances_of([invoice.payer_id])[invoice.payer_id]
    context = office_context(
        visit,
        "office_billing",
        invoice=invoice,
        kind=invoice.get_kind_display(),
        amount=in_euros(invoice.total_cents),
        left=left,
        left_amount=in_euros(left),
        is_credit=invoice.total_cents < 0,
        period=wording.month_of(Period(invoice.starts_on, invoice.ends_on)),
        issued_on=in_digits(invoice.issued_on) if invoice.issued_on else "",
        due_on=in_digits(invoice.due_on) if invoice.due_on else "",
        is_late=bool(left > 0 and invoice.due_on and invoice.due_on < visit.today),
        childcare=in_euros(invoice.childcare_cents) if invoice.childcare_cents else "",
        cesu=in_euros(invoice.cesu_cents) if invoice.cesu_cents else "",
        codes=[{"code": code, "amount": in_euros(cents)} for code, cents in invoice.revenue.items()],
        third_parties=in_euros(sum(invoice.third_parties.values())) if invoice.third_parties else "",
        children=lines_of(invoice, request),
        ledger=[_entry(entry, names, receipts, visit) for entry in entries],
        corrections=[
            {
                "number": one.number,
                "kind": one.get_kind_display(),
                "amount": in_euros(one.total_cents),
                "url": url_of(visit, "office_invoice", invoice=one.public_id),
            }
            for one in corrections
        ],
        corrects_url=url_of(visit, "office_invoice", invoice=invoice.corrects.public_id) if invoice.corrects else "",
        balance=in_euros(balance.owed - balance.wallet),
        held=in_euros(balance.wallet) if balance.wallet else "",
        recovery_on=in_digits(invoice.recovery_at.astimezone(visit.authority.zone).date())
        if invoice.recovery_at
        else "",
        paying=paying or PaymentForm(auto_id="paiement-%s", initial=initial, today=visit.today),
        recovering=recovering or RecoveryForm(auto_id="tresor-%s"),
        pay_url=url_of(visit, "office_payment", invoice=invoice.public_id),
        recovery_url=url_of(visit, "office_recovery", invoice=invoice.public_id),
        correct_url=url_of(visit, "office_correct", invoice=invoice.public_id) if invoice.family else "",
        pdf_url=""
        if hides_quotient(invoice, visit)
        else url_of(visit, "office_invoice_pdf", invoice=invoice.public_id),
        run_url=url_of(visit, "office_run", run=invoice.run.public_id) if invoice.run else "",
        **_family_urls(invoice, visit),
    )
    return render(request, "office/billing/invoice.html", context, status=status)


def _family_urls(invoice: Invoice, visit: OfficeVisit) -> dict[str, Any]:
    if invoice.family is None:
        return {
            "family_url": "",
            "account_url": "",
            "back_url": url_of(visit, "office_billing"),
            "back_label": "Facturation",
        }
    key = invoice.family.public_id
    account = url_of(visit, "office_account_of", family=key)
    may_see = visit.may(ROLES.MANAGE_RESERVATIONS)
    return {
        "family_url": url_of(visit, "office_family", family=key) if may_see else "",
        "account_url": account,
        "back_url": url_of(visit, "office_run", run=invoice.run.public_id) if invoice.run else account,
        "back_label": invoice.run.name if invoice.run else "Le compte de la famille",
    }


def _entry(entry: LedgerEntry, names: dict[int, str], receipts: dict[int, str], visit: OfficeVisit) -> dict[str, Any]:
    posting = entry.posting
    means = Posting.Means(posting.means).label.lower() if posting.means else ""
    return {
        "date": in_digits(posting.date),
        "what": f"{wording.POSTINGS[posting.kind]}{f', {means}' if means else ''}",
        "reference": posting.reference,
        "by": names.get(posting.by_id or 0, ""),
        "amount": in_euros(entry.cents),
        "receipt_url": url_of(visit, "office_receipt", receipt=receipts[posting.pk]) if posting.pk in receipts else "",
    }
