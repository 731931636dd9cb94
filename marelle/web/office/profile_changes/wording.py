"""The words of the changes of families' files."""

from __future__ import annotations

from typing import Final

from marelle.domain.families.operations.profile import DecidedTogether, WhyNot

APPROVED: Final = "Accepté : {title}, famille {family}. Le dossier est à jour, la famille est prévenue."
REFUSED: Final = "Refusé : {title}, famille {family}. La famille est prévenue."
ALREADY: Final = "Un collègue venait de donner la même réponse."
NO_ANSWER: Final = "Choisissez une réponse : accepter ou refuser."
NOTHING_TICKED: Final = "Cochez d’abord les modifications auxquelles répondre."
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


def together_title(count: int, *, is_refusal: bool) -> str:
    """Will say what is about to be answered to how many changes."""
    verb = "Refuser" if is_refusal else "Accepter"
    return f"{verb} {count} modification{_s(count)}" if count else "Rien à accepter"


def already_among(count: int) -> str:
    """Will say how many of those that were ticked wait no more; nothing for none."""
    if not count:
        return ""
    if count == 1:
        return "Une modification cochée a déjà reçu une réponse, ou la famille l’a retirée : elle ne change pas."
    return f"{count} modifications cochées ont déjà reçu une réponse, ou ont été retirées : elles ne changent pas."


def stale_among(count: int) -> str:
    """Will say how many cannot be accepted, because the file has changed since; nothing for none."""
    if not count:
        return ""
    if count == 1:
        return "Une modification est périmée : elle restera dans la liste, à refuser en le disant."
    return f"{count} modifications sont périmées : elles resteront dans la liste, à refuser en le disant."


def decided_together(done: DecidedTogether, *, is_approved: bool) -> str:
    """Will say what became of the changes, those left waiting with why."""
    said = []
    if done.done:
        count = len(done.done)
        verb = "acceptée" if is_approved else "refusée"
        said.append(f"{count} modification{_s(count)} {verb}{_s(count)}. Les familles sont prévenues.")
    before = len(done.already) + sum(why is WhyNot.DECIDED for why in done.left.values())
    if before:
        said.append(
            "Une avait déjà reçu une réponse : elle n’a pas changé."
            if before == 1
            else f"{before} avaient déjà reçu une réponse : elles n’ont pas changé."
        )
    for why, (title, words) in WHY_NOT.items():
        count = sum(one is why for one in done.left.values())
        if count and why is not WhyNot.DECIDED:
            said.append(f"{title} ({count}). {words}")
    return " ".join(said)


def _s(count: int) -> str:
    return "s" if count > 1 else ""
