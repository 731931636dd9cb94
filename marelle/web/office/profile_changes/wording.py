"""The words of the changes of families' files."""

from __future__ import annotations

from typing import Final

from marelle.domain.families.operations.profile import WhyNot

APPROVED: Final = "Accepté : {title}, famille {family}. Le dossier est à jour, la famille est prévenue."
REFUSED: Final = "Refusé : {title}, famille {family}. La famille est prévenue."
ALREADY: Final = "Un collègue venait de donner la même réponse."
NO_REASON: Final = "Écrivez pourquoi : la famille lira ce motif."
REASON_TOO_LONG: Final = "300 caractères au plus."
FORGED: Final = "Cette réponse n’est pas lisible : rechargez la page."
WHY_NOT: Final = {
    WhyNot.DECIDED: ("Déjà répondu", "Un collègue a répondu autrement, ou la famille a retiré sa demande."),
    WhyNot.STALE: (
        "Demande périmée",
        "Le dossier a changé depuis cette demande. Refusez-la en le disant : la famille pourra la refaire.",
    ),
    WhyNot.NAME_TAKEN: (
        "Nom déjà porté",
        "Un autre responsable de cette famille porte ce nom : vérifiez les deux fiches avant d’accepter.",
    ),
    WhyNot.NO_REASON: ("Il manque un motif", NO_REASON),
}
STALE: Final = "Demande périmée : le dossier dit maintenant « {current} »."
ALREADY_SO: Final = "Le dossier dit déjà cela."
RULES_SAVED: Final = "Enregistré. Les familles voient aussitôt ce qu’elles peuvent changer."
RULES_UNCHANGED: Final = "Rien n’a changé."
CHOOSE_WAY: Final = "Choisissez une façon de la liste."
NO_MONTH: Final = "Pas de confirmation"
MONTH: Final = "Les familles confirment leur dossier à partir de"
TEXT_PUBLISHED: Final = "Publié, version {version} : les familles peuvent répondre."
TEXT_WITHDRAWN: Final = "Retiré : les familles ne sont plus interrogées. Leurs réponses sont gardées."
TEXT_ALREADY: Final = "Ce texte était déjà retiré."
NO_TITLE: Final = "Écrivez un titre."
NO_BODY: Final = "Écrivez ce que la famille accepte ou refuse."
PHOTO_OF_A_CHILD: Final = "La photo se demande pour chaque enfant."
TEXT_TOO_LONG: Final = "C’est trop long : raccourcissez."
CHOOSE_ABOUT: Final = "Dites si la réponse vaut pour chaque enfant ou pour le foyer."


def secret_changes(count: int) -> str:
    """Will say how many changes wait for somebody else, because they are of a child's health; nothing for none."""
    if not count:
        return ""
    waits = "Une modification de santé attend" if count == 1 else f"{count} modifications de santé attendent"
    return f"{waits} quelqu’un qui peut voir la santé de l’enfant."
