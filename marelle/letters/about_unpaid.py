"""The letter that invoices are still owed: how much, since when, how to pay, whom to speak to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.foundation.french_dates import in_full
from marelle.foundation.money import in_euros
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, listing, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.authorities.models import Authority
    from marelle.domain.billing.models import Reminder


def invoice_reminder(owed: Sequence[tuple[Reminder, int]], authority: Authority) -> Draft:
    """Will say what is left (cents) of each of a family's invoices, one at least, in the words of their one stage."""
    stage = owed[0][0]
    url = settings.FAMILY_URL + reverse("invoices", urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})
    is_one = len(owed) == 1
    left = in_euros(sum(cents for _reminder, cents in owed))
    return Draft(
        f"{stage.name} : {stage.invoice.label if is_one else f'{len(owed)} factures'}",
        (
            *(words(line.strip()) for line in stage.words.splitlines() if line.strip()),
            words(f"Il reste {left} à payer de la {_of(stage)}.{_since(stage)}")
            if is_one
            else listing(
                f"Il reste {left} à payer :",
                [f"{in_euros(cents)} de la {_of(one)}.{_since(one)}" for one, cents in owed],
            ),
            words(
                "Vous venez de régler ? Ne tenez pas compte de ce mot. En cas de difficulté, ou si cette somme"
                " vous étonne, parlez-en à la mairie avant la prochaine relance."
            ),
            link("Voir mes factures", url),
        ),
        f"{authority.name}, espace famille",
        contact_lines(authority),
    )


def _of(reminder: Reminder) -> str:
    invoice = reminder.invoice
    return f"facture n° {invoice.number}, {invoice.label}, au nom de {invoice.payer_name}"


def _since(reminder: Reminder) -> str:
    due_on = reminder.invoice.due_on
    return f" Elle était à régler avant le {in_full(due_on, year=True)}." if due_on else ""
