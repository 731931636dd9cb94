"""The letters of refunds: what the town hall answered, and when the money left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.domain.payments.models import RefundRequest
from marelle.domain.payments.rules.bank_accounts import masked
from marelle.foundation.french_dates import in_full
from marelle.foundation.money import in_euros
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, words

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.letters.writing import Block

STATE = RefundRequest.State


def refund_decided(request: RefundRequest, authority: Authority) -> Draft:
    """Will say what the town hall answered; its own words are read in the family's space, not in an e-mail."""
    amount = in_euros(request.cents)
    if request.state == STATE.REFUSED:
        said = f"La mairie n’a pas accepté votre demande de remboursement de {amount}. Elle vous dit pourquoi."
    elif request.way == RefundRequest.Way.KEPT:
        said = f"{amount} restent sur votre porte-monnaie : ils seront déduits de vos prochaines factures."
    elif request.way == RefundRequest.Way.TREASURY:
        said = f"{amount} vous seront remboursés par le Trésor public, sous la référence {request.reference}."
    else:
        said = f"{amount} vous seront virés sur votre compte {masked(request.iban)}, avec le prochain fichier."
    return _draft("Votre demande de remboursement", authority, words(said))


def refund_paid(request: RefundRequest, authority: Authority) -> Draft:
    """Will say that the transfer is at the bank."""
    day = f" le {in_full(request.batch.paid_on, year=True)}" if request.batch else ""
    return _draft(
        f"Remboursement de {in_euros(request.cents)}",
        authority,
        words(
            f"{in_euros(request.cents)} vous sont virés{day} sur votre compte {masked(request.iban)}, sous la"
            f" référence {request.reference}."
        ),
    )


def _draft(subject: str, authority: Authority, *blocks: Block) -> Draft:
    path = reverse("refunds", urlconf=FAMILY_SITE, kwargs={"authority": authority.slug})
    where = link("Voir mes remboursements", f"{settings.FAMILY_URL}{path}")
    return Draft(subject, (*blocks, where), f"{authority.name}, espace famille", contact_lines(authority))
