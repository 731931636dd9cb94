"""The letters of direct debits: a mandate signed, changed or revoked; a debit announced, given up or sent back.

The announcement is the pre-notification of the SEPA rules: the amount, the day, the mandate and the creditor. No letter
holds a whole account number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from marelle.domain.payments.rules.bank_accounts import masked
from marelle.domain.payments.rules.mandates import reason_in_words, suspends
from marelle.foundation.french_dates import in_full, without_weekday
from marelle.foundation.money import in_euros
from marelle.letters.about_reservations import FAMILY_SITE, contact_lines
from marelle.letters.writing import Draft, link, listing, words

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.payments.models import DirectDebit, DirectDebitMandate
    from marelle.letters.writing import Block


def mandate_signed(mandate: DirectDebitMandate, authority: Authority) -> Draft:
    """Will confirm that a mandate is signed, and how it is revoked."""
    return _draft(
        "Votre mandat de prélèvement est signé",
        authority,
        words(
            f"Vous autorisez {mandate.creditor_name} à prélever ce que vous devez à la régie « {mandate.regie.name} »."
            " Avant chaque prélèvement, un message vous dit le montant et le jour, au moins quatorze jours avant."
        ),
        _facts(mandate),
        words(
            "Ce n’est pas vous qui avez signé ? Révoquez ce mandat dans votre espace, et prévenez la mairie. Votre"
            " banque vous rembourse un prélèvement autorisé si vous le demandez dans les huit semaines, et un"
            " prélèvement que vous n’avez pas autorisé dans les treize mois."
        ),
        link("Voir mon mandat", _url("debit_mandate", authority, mandate=mandate.public_id)),
    )


def mandate_amended(mandate: DirectDebitMandate, authority: Authority) -> Draft:
    """Will say that another account is debited from now on."""
    return _draft(
        "Le compte de votre prélèvement a changé",
        authority,
        words("Les prochains prélèvements se feront sur ce compte, avec le même mandat."),
        _facts(mandate),
        words("Ce n’est pas vous ? Révoquez ce mandat dans votre espace, et prévenez la mairie."),
        link("Voir mon mandat", _url("debit_mandate", authority, mandate=mandate.public_id)),
    )


def mandate_revoked(mandate: DirectDebitMandate, authority: Authority) -> Draft:
    """Will confirm that nothing is debited any more."""
    return _draft(
        "Votre mandat de prélèvement est révoqué",
        authority,
        words(
            f"Le mandat {mandate.rum} ne sert plus. Un prélèvement déjà remis à la banque peut encore avoir lieu."
            " Vos prochaines factures se règlent autrement : en ligne ou à la mairie."
        ),
        link("Voir mes factures", _url("invoices", authority)),
    )


def debit_announced(debit: DirectDebit, authority: Authority) -> Draft:
    """Will tell a payer what is debited, when, and by which mandate, fourteen days before at least."""
    mandate, day = debit.mandate, in_full(debit.batch.due_on, year=True)
    lines = [f"{line.invoice.number}, {line.invoice.label} : {in_euros(line.cents)}" for line in debit.lines.all()]
    return _draft(
        f"Prélèvement de {in_euros(debit.cents)} le {without_weekday(debit.batch.due_on, year=True)}",
        authority,
        words(f"{in_euros(debit.cents)} seront prélevés le {day} sur votre compte {masked(mandate.iban)}."),
        listing("Ce qui est payé", lines),
        _facts(mandate),
        words(
            "Ne réglez pas ces factures d’une autre manière. Si vous l’avez déjà fait, rien de plus ne sera prélevé."
            " Une erreur ? Écrivez à la mairie avant ce jour."
        ),
        link("Voir mes factures", _url("invoices", authority)),
    )


def debit_abandoned(debit: DirectDebit, authority: Authority) -> Draft:
    """Will say that an announced debit does not take place."""
    return _draft(
        f"Le prélèvement du {without_weekday(debit.batch.due_on, year=True)} n’aura pas lieu",
        authority,
        words(
            f"La mairie a abandonné le prélèvement de {in_euros(debit.cents)} annoncé pour le"
            f" {in_full(debit.batch.due_on, year=True)}. Vos factures restent à régler : en ligne, à la mairie, ou par"
            " un prochain prélèvement, qui vous sera annoncé."
        ),
        link("Voir mes factures", _url("invoices", authority)),
    )


def debit_returned(debit: DirectDebit, authority: Authority) -> Draft:
    """Will say that the bank sent a debit back, why, what it costs and what to do."""
    blocks = [
        words(
            f"Le prélèvement de {in_euros(debit.cents)} du {in_full(debit.batch.due_on, year=True)} a été rejeté :"
            f" {reason_in_words(debit.reason)}. La somme reste due : réglez-la en ligne ou à la mairie."
        )
    ]
    if debit.fee is not None:
        blocks.append(words(f"Des frais de {in_euros(debit.fee.cents)} seront sur votre prochaine facture."))
    if suspends(debit.reason):
        blocks.append(
            words("Votre mandat est suspendu. Donnez un autre compte dans votre espace pour qu’il serve à nouveau.")
        )
    return _draft(
        "Votre prélèvement a été rejeté", authority, *blocks, link("Voir mes factures", _url("invoices", authority))
    )


def _facts(mandate: DirectDebitMandate) -> Block:
    return listing(
        "Votre mandat",
        [
            f"Référence unique (RUM) : {mandate.rum}",
            f"Créancier : {mandate.creditor_name}, {mandate.ics}",
            f"Compte : {masked(mandate.iban)}",
        ],
    )


def _url(name: str, authority: Authority, **kwargs: str) -> str:
    path: str = reverse(name, urlconf=FAMILY_SITE, kwargs={"authority": authority.slug, **kwargs})
    return f"{settings.FAMILY_URL}{path}"


def _draft(subject: str, authority: Authority, *blocks: Block) -> Draft:
    return Draft(subject, blocks, f"{authority.name}, espace famille", contact_lines(authority))
