"""A receipt: as it was given, and its cancellation."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.authorities.models import Authority
from marelle.domain.billing.models import LedgerEntry
from marelle.domain.billing.operations.ledger import UnableToReverseError, WhyNotReversed
from marelle.domain.payments.models import Receipt
from marelle.domain.payments.operations.reversals import cancel_receipt
from marelle.foundation.french_dates import in_digits, moment
from marelle.foundation.money import in_euros
from marelle.letters.documents.drawing import receipt_pdf
from marelle.letters.receipt_documents import receipt_document
from marelle.web.office.desk import wording
from marelle.web.office.desk.forms import CancelForm
from marelle.web.office.desk.surroundings import desk_context, desk_page, page, receipt_or_404, url_of, visit_of
from marelle.web.office.surroundings import ROLES
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
@desk_page
def show(request: HttpRequest, receipt: str) -> HttpResponse:
    """Will show a receipt, ready to be printed."""
    return _page(request, receipt_or_404(receipt))


@require_safe
@desk_page
def pdf(request: HttpRequest, receipt: str) -> HttpResponse:
    """Will hand over the document of a receipt."""
    found = receipt_or_404(receipt)
    found.authority = Authority.objects.get(pk=visit_of(request).authority.pk)
    response = HttpResponse(receipt_pdf(receipt_document(found)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="quittance-{found.number}.pdf"'
    return response


@require_POST
@desk_page
def cancel(request: HttpRequest, receipt: str) -> HttpResponse:
    """Will cancel what a receipt cashed, and show the counter-receipt."""
    visit = visit_of(request)
    found = receipt_or_404(receipt)
    form = CancelForm(request.POST, auto_id="annuler-%s", today=visit.today)
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        counter = cancel_receipt(found, reason=form.reason, date=form.cleaned_data["date"], by=visit.actor, at=visit.at)
    except UnableToReverseError as error:
        form.add_error("date" if error.why is WhyNotReversed.BEFORE else None, wording.WHY_NOT_REVERSED[error.why])
        return _page(request, found, form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.cancelled(counter), extra_tags="green")
    return SeeOther(url_of(visit, "office_receipt", receipt=counter.public_id))


def _page(
    request: HttpRequest, receipt: Receipt, form: CancelForm | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = visit_of(request)
    counter = Receipt.objects.filter(cancels=receipt).first()
    settled = LedgerEntry.objects.filter(
        posting=receipt.posting_id, account=LedgerEntry.Account.RECEIVABLE, invoice__isnull=False
    ).select_related("invoice")
    held = receipt.cents + sum(one.cents for one in settled)
    families = receipt.payer.family
    bills = visit.may(ROLES.MANAGE_BILLING)
    context = desk_context(
        visit,
        receipt=receipt,
        authority=visit.authority,
        amount=in_euros(receipt.cents),
        means=wording.means(receipt.means),
        date=in_digits(receipt.date),
        given=moment(receipt.given_at.astimezone(visit.authority.zone)),
        by=agent_names({receipt.given_by_id}).get(receipt.given_by_id, "") if receipt.given_by_id else "",
        reference=receipt.posting.reference,
        settled=[
            {
                "number": one.invoice.number,
                "amount": in_euros(-one.cents),
                "url": url_of(visit, "office_invoice", invoice=one.invoice.public_id) if bills else "",
            }
            for one in settled.order_by("pk")
            if one.invoice
        ],
        held=in_euros(held) if held > 0 else "",
        is_online=receipt.is_online,  # type: ignore[attr-defined]
        deposit=receipt.deposit,
        deposit_url=url_of(visit, "office_deposit", deposit=receipt.deposit.public_id) if receipt.deposit else "",
        cancels_url=url_of(visit, "office_receipt", receipt=receipt.cancels.public_id) if receipt.cancels else "",
        counter=counter,
        counter_url=url_of(visit, "office_receipt", receipt=counter.public_id) if counter else "",
        form=form or CancelForm(auto_id="annuler-%s", initial={"date": visit.today}, today=visit.today),
        may_cancel=counter is None and receipt.cents > 0,
        pdf_url=url_of(visit, "office_receipt_pdf", receipt=receipt.public_id),
        cancel_url=url_of(visit, "office_cancel_receipt", receipt=receipt.public_id),
        take_url=url_of(visit, "office_find_payer"),
        account_url=url_of(visit, "office_account_of", family=families.public_id) if families and bills else "",
    )
    return page(request, "receipt", context, status=status)
