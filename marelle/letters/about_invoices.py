"""The letter that an invoice is out: how much, before when, and where it is explained. Never the invoice itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.domain.billing.models import Invoice
from marelle.foundation.french_dates import in_full
from marelle.foundation.money import in_euros
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


def imported_invoice(invoice: Invoice, authority: Authority) -> Draft:
    """Will say to a debtor of another software that an invoice may be paid online, without an account."""
    site = settings.INVOICES_URL.split("://", 1)[-1]
    when = f", à régler avant le {in_full(invoice.due_on, year=True)}" if invoice.due_on else ""
    return Draft(
        f"Facture : {invoice.label}",
        (
            words(f"{invoice.regie.name} : {invoice.label}, {in_euros(invoice.total_cents)}{when}."),
            words(
                f"Vous pouvez la payer en ligne, sans compte, sur {site} : référence {invoice.public_reference},"
                f" montant {in_euros(invoice.total_cents)}. Vous l’avez déjà réglée ? Ne tenez pas compte de ce mot."
            ),
            link("Payer en ligne", f"{settings.INVOICES_URL}/"),
        ),
        f"{authority.name}, factures en ligne",
        contact_lines(authority),
    )


def invoice_issued(invoice: Invoice, authority: Authority) -> Draft:
    """Will say that an invoice, or a credit note, is in « Mes factures »."""
    is_credit = invoice.kind == Invoice.Kind.CREDIT_NOTE
    what = invoice.get_kind_display()
    if is_credit:
        sum_words = f"Il est de {in_euros(-invoice.total_cents)}, et vient en déduction de ce que vous devez."
    else:
        when = f", à régler avant le {in_full(invoice.due_on, year=True)}" if invoice.due_on else ""
        sum_words = f"Son montant est de {in_euros(invoice.total_cents)}{when}."
    url = settings.FAMILY_URL + reverse("invoices", urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})
    return Draft(
        f"{what} : {invoice.label}",
        (
            words(f"{what} n° {invoice.number}, {invoice.label}, au nom de {invoice.payer_name}. {sum_words}"),
            words(
                "Chaque jour et chaque prix y sont expliqués. Vous l’avez déjà réglée ? Ne tenez pas compte de ce mot."
            )
            if not is_credit
            else words("Chaque jour et chaque prix y sont expliqués."),
            link("Voir mes factures", url),
        ),
        f"{authority.name}, espace famille",
        contact_lines(authority),
    )
