"""The words of the families' screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.foundation.french_dates import in_digits, in_full
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.families.models import Block, PickupPerson

REASON_NEEDED = "Écrivez pourquoi : la famille lira ce motif."
REASON_TOO_LONG = "300 caractères au plus."
CHOOSE_CHILD = "Choisissez un enfant de la liste."
CHOOSE_PRODUCT = "Choisissez une prestation de la liste."
CHOOSE_ACTIVITY = "Choisissez une activité de la liste."
NOT_HIS_QUOTIENT = "Noter ou lire un quotient demande le droit de le voir."
NOT_HIS_HEALTH = "Ce document parle de santé : il est réservé à ceux qui doivent la connaître."
NO_DAY = "Indiquez un jour, par exemple 24/11/2026."
CHOOSE_REFUND = "Dites si la famille est remboursée."
NOTHING_TO_CANCEL = "Rien à annuler : ce jour n’est pas réservé par cette famille."
TOO_SHORT = "Écrivez au moins deux lettres."
CHOOSE_KIND = "Choisissez un motif."
NO_AMOUNT = "Indiquez un montant, par exemple 62,40."
NO_DOCUMENT = "Écrivez le nom du document, par exemple « assurance »."
DOCUMENT_TOO_LONG = "80 caractères au plus."
LIFTED = "Le blocage est levé : la famille peut de nouveau réserver."
RESIDENCE = {True: "Habitera la commune", False: "N’habitera plus la commune", None: ""}
ADDRESS_WITHDRAWN = "Ce changement d’adresse est retiré : le dossier garde l’adresse d’aujourd’hui."
ADDRESS_NOT_COMING = "Ce changement n’est plus à venir : il est déjà au dossier, ou déjà retiré."
REASON_HINT = "La famille lira ces mots ; ils restent au journal avec votre nom."


def coming_address(starts_on: date) -> str:
    """Will write « Nouvelle adresse à partir du mardi 1ᵉʳ décembre 2026 »."""
    return f"Nouvelle adresse à partir du {in_full(starts_on, year=True)}"


def care_plan_ends(until: date, *, today: date) -> str:
    """Will write « échu le 31/08/2026 », « jusqu’au 15/12/2026 »."""
    return f"échu le {in_digits(until)}" if until < today else f"jusqu’au {in_digits(until)}"


def reserved(child: str, product: str, day: date) -> str:
    """Will say what was reserved."""
    return f"Réservé : {child}, {product.lower()}, {in_full(day)}."


def enrolled_now(child: str, activity: str, starts_on: date) -> str:
    """Will say in what a child was enrolled."""
    return f"Inscrit : {child}, {activity}, à partir du {in_full(starts_on, year=True)}."


def cancelled(child: str, product: str, day: date, *, is_refunded: bool) -> str:
    """Will say what was cancelled."""
    words = "Annulé et remboursé" if is_refunded else "Annulé sans remboursement"
    return f"{words} : {child}, {product.lower()}, {in_full(day)}."


def found(count: int, *, is_whole: bool) -> str:
    """Will say how many families the search found."""
    if count == 0:
        return (
            "Aucune famille ne porte ce nom." if is_whole else "Écrivez un peu plus : beaucoup de familles y répondent."
        )
    if not is_whole:
        return f"Les {count} familles les plus proches : écrivez un peu plus pour préciser."
    return "1 famille" if count == 1 else f"{count} familles"


def enrolled(activity: str, starts_on: date, ends_on: date, *, today: date) -> str:
    """Will write « Restauration scolaire, jusqu’au 03/07/2027 »."""
    if starts_on > today:
        return f"{activity}, du {in_digits(starts_on)} au {in_digits(ends_on)}"
    return f"{activity}, jusqu’au {in_digits(ends_on)}"


def block_in_words(block: Block) -> str:
    """Will say what stands against a family."""
    if block.kind == block.Kind.UNPAID:
        return f"Factures impayées : {in_euros(block.amount_cents)}"
    if block.kind == block.Kind.MISSING_DOCUMENT:
        return f"Document manquant : {block.document}"
    return "Dossier incomplet"


def blocked(block: Block) -> str:
    """Will say what was noted, and what it does."""
    return f"Noté. {block_in_words(block)}. Le règlement de chaque service dit si cela suspend les réservations."


PICKUP_ALREADY_ENDED = "Cette personne était déjà retirée."


def pickup_ended(person: PickupPerson) -> str:
    """Will say that somebody may not fetch the children any more."""
    return f"{person.name} ne peut plus venir chercher les enfants. La famille le voit dans son profil."


PHOTO_AGREED = "La famille est d’accord pour que cette photo soit gardée et vue par les agents."
PHOTO_ALREADY_REMOVED = "Il n’y avait plus de photo."


def photo_kept(name: str) -> str:
    """Will say that a photo is kept."""
    return f"La photo de {name} est gardée, avec l’accord de la famille."


def photo_of_nobody_here(name: str) -> str:
    """Will say that a photo was not kept, nobody looking after the child."""
    return f"{name} n’est pas inscrit dans vos activités : personne n’a besoin de sa photo. Rien n’a été gardé."


def photo_removed(name: str) -> str:
    """Will say that a photo is erased."""
    return f"La photo de {name} est effacée."
