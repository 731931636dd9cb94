"""The letter that an invoice is still owed: how much, since when, how to pay, whom to speak to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.foundation.french_dates import in_full
from marelle.foundation.money import in_euros
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import Reminder


def invoice_reminder(reminder: Reminder, left: int, authority: Authority) -> Draft:
    """Will say what is left (cents) of an invoice, in the words of the stage."""
    invoice = reminder.invoice
    since = f" Elle était à régler avant le {in_full(invoice.due_on, year=True)}." if invoice.due_on else ""
    url = settings.FAMILY_URL + reverse("invoices", urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})
    return Draft(
        f"{reminder.name} : {invoice.label}",
        (
            *(words(line.strip()) for line in reminder.words.splitlines() if line.strip()),
            words(
                f"Il reste {in_euros(left)} à payer de la facture n° {invoice.number}, {invoice.label}, au nom de"
                f" {invoice.payer_name}.{since}"
            ),
            words(
                "Vous venez de la régler ? Ne tenez pas compte de ce mot. En cas de difficulté, ou si cette somme"
                " vous étonne, parlez-en à la mairie avant la prochaine relance."
            ),
            link("Voir mes factures", url),
        ),
        f"{authority.name}, espace famille",
        contact_lines(authority),
    )
