"""Invoices and certificates as PDF: for whoever may see them in the list, and for nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.queries.tax_certificates import care_paid, has_payer
from marelle.foundation import tenancy
from marelle.letters.documents.drawing import certificate_pdf
from marelle.letters.tax_documents import certificate_of
from marelle.web.doors import family_page
from marelle.web.family.invoices.views import account_of, invoice_of
from marelle.web.paying.files import as_file
from marelle.web.paying.invoices.document import drawn_invoice

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit


@family_page
@require_safe
def pdf(request: HttpRequest, invoice: str) -> HttpResponse:
    """Will answer with the document of an invoice, the same for ever."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        found = invoice_of(visit, who, invoice)
        if found.authority.pk != visit.authority.pk or not found.has_document:
            raise Http404
        drawn = drawn_invoice(found)
    return as_file(drawn, f"facture-{found.invoice.number}.pdf")


@family_page
@require_safe
def certificate(request: HttpRequest, payer: str, year: int) -> HttpResponse:
    """Will answer with the tax certificate of a payer account; without care paid that year, goes back to the list."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    who = account_of(visit)
    with tenancy.scope(who.authorities):
        if not has_payer(who, payer, authority=visit.authority.pk):
            raise Http404
        found = next(iter(care_paid(who, payer=payer)), None)
        if found is None or year not in found.years:
            return HttpResponseRedirect(reverse("invoices_paid", args=[visit.authority.slug]))
        authority = Authority.objects.get(pk=visit.authority.pk)
        drawn = certificate_pdf(certificate_of(found, year, authority, on=visit.today))
    return as_file(drawn, f"attestation-fiscale-{year}.pdf")
