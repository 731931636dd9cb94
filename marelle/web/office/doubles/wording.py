"""Words of the files that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from marelle.domain.families.rules.departments import department_in_words
from marelle.foundation.french_dates import in_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from marelle.domain.families.models import Family

TITLE: Final = _("Doublons")
LEAD: Final = _("Des dossiers qui semblent être ceux d’une même famille, ou d’un même enfant.")
NO_FILE: Final = _("Aucun dossier ne porte ce numéro.")
NO_NUMBER: Final = _("Écrivez le numéro du dossier.")
CHOOSE: Final = _("Choisissez.")
TO_CHECK: Final = _("Cochez cette case : la réunion ne se défait pas.")
NOBODY_ELSE: Final = _("Ajouter cette personne au dossier gardé")
OTHER_CHILD: Final = _("Un autre enfant")
SAID_DIFFERENT: Final = _("C’est noté : ces dossiers ne seront plus proposés ensemble.")
UNITED: Final = _("Les dossiers sont réunis dans celui-ci.")
CHILDREN_UNITED: Final = _("L’enfant n’a plus qu’une fiche. Chaque famille garde son dossier.")
ALREADY: Final = _("C’était déjà fait.")
NO_CHILD: Final = _("Dites quel enfant est le même.")
ACTS: Final = (
    ("families", _("C’est la même famille : un seul dossier")),
    ("children", _("Ce sont deux familles du même enfant : une fiche pour l’enfant, un dossier pour chacune")),
)  # fmt: skip
# What a field is called, for a family, a guardian or a child.
FIELDS: Final[Mapping[str, _StrPromise]] = {
    "name": _("Nom de la famille"),
    "address": _("Adresse"),
    "email": _("Adresse e-mail"),
    "phone": _("Téléphone"),
    "other_phone": _("Autre téléphone"),
    "department": _("Département du foyer"),
    "is_resident": _("Habite la commune"),
    "categories": _("Catégories"),
    "relation": _("Lien avec les enfants"),
    "first_name": _("Prénom"),
    "last_name": _("Nom"),
    "birth_date": _("Date de naissance"),
    "school_class": _("Classe"),
    "diet": _("Régime"),
    "allergies": _("Allergies"),
    "care_plan": _("Projet d’accueil (PAI)"),
}
# What passes, by what the counts are called: one, several.
PASSING: Final = {
    "memberships": (_("compte rattaché"), _("comptes rattachés")),
    "enrollments": (_("inscription"), _("inscriptions")),
    "reservations": (_("jour réservé"), _("jours réservés")),
    "waiting": (_("place attendue"), _("places attendues")),
    "documents": (_("justificatif"), _("justificatifs")),
    "applications": (_("demande"), _("demandes")),
    "invoices": (_("facture"), _("factures")),
    "pickups": (_("personne autorisée"), _("personnes autorisées")),
    "consents": (_("autorisation"), _("autorisations")),
}
DYING: Final = {
    "baskets": (_("panier commencé est vidé"), _("paniers commencés sont vidés")),
    "ways_in": (_("lien ou code d’accès ne sert plus"), _("liens et codes d’accès ne servent plus")),
}


def counted(count: int, words: tuple[Any, Any]) -> str:
    """Will write « 3 factures »."""
    return f"{count} {words[0] if count == 1 else words[1]}"


def pair(first: Family, second: Family) -> str:
    """Will name two files in one line."""
    if first == second:
        return f"{first.name}, dossier {first.code}"
    names = first.name if first.name == second.name else f"{first.name} et {second.name}"
    return f"{names}, dossiers {first.code} et {second.code}"


def value(name: str, said: Any) -> str:
    """Will write what a field says."""
    if name == "is_resident":
        return "Oui" if said else "Non"
    if name == "birth_date":
        return in_digits(said)
    if name == "school_class":
        return str(said.name) if said else ""
    if name == "department":
        return department_in_words(said)
    return ", ".join(said) if isinstance(said, list) else str(said)
