"""What the removal of a guardian's access says to agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.families.models import Guardian
    from marelle.domain.procedures.queries.shutting_out import Removing

CHOOSE: Final = "Choisissez un motif."
TOO_LONG: Final = "500 caractères au plus."
TO_CHECK: Final = "Cochez cette case pour retirer l’accès."
BAD_ADDRESS: Final = "Écrivez une adresse e-mail, par exemple nom@exemple.fr, ou rien."
BAD_PHONE: Final = "Écrivez un numéro, par exemple 06 12 34 56 78, ou rien."
STILL_HERS: Final = "C’est encore une coordonnée de cette personne : écrivez-en une autre, ou rien."
ALREADY_REMOVED: Final = "Cet accès était déjà retiré."
ALREADY_RESTORED: Final = "Cet accès était déjà rendu."
ADDRESSES: Final = {
    "email": "Adresse e-mail de la famille",
    "phone": "Téléphone de la famille",
    "other_phone": "Autre téléphone de la famille",
}


def removed(name: str) -> str:
    """Will say what was done."""
    return f"C’est fait. {name} n’a plus accès à ce dossier."


def restored(name: str, count: int) -> str:
    """Will say what was given back."""
    if not count:
        return f"{name} peut de nouveau être rattaché à ce dossier. Aucun compte ne l’est pour l’instant."
    return f"{name} a de nouveau accès à ce dossier, comme avant."


def ends(found: Removing, family: str) -> list[str]:
    """Will say, one by one, what ends at once."""
    addresses = listed([one.user.email for one in found.memberships])
    if not found.memberships:
        account = "Cette personne n’a pas de compte. Elle ne pourra plus en rattacher un à ce dossier."
    elif len(found.memberships) == 1:
        account = f"Le compte {addresses} ne voit plus la famille {family}, sur aucun site ni dans son agenda."
    else:
        account = f"Les comptes {addresses} ne voient plus la famille {family}, sur aucun site ni dans leur agenda."
    return [
        account,
        *(["Son lien d’activation ne sert plus."] if found.has_link else []),
        *(["Son code d’adhésion ne sert plus."] if found.has_code else []),
        *([_days(found.basket_days)] if found.basket_days else []),
        "Plus aucun message, e-mail ou SMS ne lui est envoyé pour cette famille, même ceux qui attendaient.",
        "Elle ne peut pas revenir : ni par un code, ni par un lien, ni par une demande, ni par un fichier importé.",
        *(["Son compte est prévenu que l’accès est retiré, sans le motif."] if found.memberships else []),
    ]


def stays(found: Removing) -> list[str]:
    """Will say what does not change, and what the agent may want to look at."""
    said = ["Ce qui est réservé, facturé ou demandé reste à la famille."]
    if found.payments:
        said.append("Un paiement est en cours : s’il aboutit, ce qu’il paie est gardé. Sinon les places sont rendues.")
    if found.mandates:
        said.append("Cette personne a signé le prélèvement de la famille. Il continue : révoquez-le si besoin.")
    if found.requests:
        said.append("Sa demande de rattachement est refusée si elle concerne un enfant de ce dossier.")
    if found.drafts:
        said.append("Ses brouillons de demandes ne sont plus visibles de personne.")
    return said


def others(found: Removing) -> str:
    """Will say who still sees the family."""
    if not found.others:
        return "Plus personne n’aura de compte pour cette famille."
    if len(found.others) == 1:
        return f"{names(found.others)} garde son accès."
    return f"{names(found.others)} gardent leur accès."


def sharing(found: Removing) -> str:
    """Will say whose address is hers too; nothing when nobody's is."""
    if not found.sharing:
        return ""
    return (
        f"L’adresse e-mail de {names(found.sharing)} est aussi celle de cette personne : rien n’y sera plus envoyé."
        " Corrigez-la dans « Comptes, liens et codes »."
    )


def elsewhere(found: Removing) -> str:
    """Will say in which other files of the same children she is, and stays; nothing when in none."""
    if not found.elsewhere:
        return ""
    files = listed([f"{one.name} ({one.code})" for one in found.elsewhere])
    several = len(found.elsewhere) > 1
    return (
        f"Cette personne est aussi dans {'les dossiers' if several else 'le dossier'} {files}, où vit un des enfants :"
        f" elle y garde ses accès. Retirez-{'les' if several else 'le'} aussi si la décision porte sur l’enfant."
    )


def names(people: Iterable[Guardian]) -> str:
    """Will write the names of people."""
    return listed([f"{one.first_name} {one.last_name}" for one in people])


def _days(count: int) -> str:
    return "Son panier est vidé (1 jour)." if count == 1 else f"Son panier est vidé ({count} jours)."
