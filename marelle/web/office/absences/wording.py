"""The words of the absences told by families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.foundation.french_dates import in_full, moment

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.reservations.operations.absences import CertifiedTogether

RECEIVED_ON = "Certificat reçu le"
RECEIVED_TIME = "à"
NO_DAY = "Indiquez le jour, par exemple 24/11/2026."
NO_TIME = "Indiquez l’heure comme 8:40, ou laissez vide."
NOT_YET = "Ce moment n’est pas encore venu."
NOTHING_TICKED = "Cochez d’abord les absences dont le certificat est arrivé."
LOOK_AGAIN = "Voici ce que donne ce moment. Rien n’est encore enregistré."
NOT_RECORDED = "Rien n’a été enregistré."
CHANGED = "Cette absence a été retirée entre-temps."
CHANGED_WHY = "La famille a dit que son enfant venait. Rien n’a été enregistré."


def recorded(child: str, product: str, day: date, outcome: str) -> str:
    """Will say that a certificate is recorded, and what the day comes to."""
    return f"Certificat enregistré : {child}, {product.lower()}, {in_full(day)}. {outcome}"


def undone(child: str, product: str, day: date, outcome: str) -> str:
    """Will say that a certificate was recorded by mistake."""
    return f"Certificat effacé : {child}, {product.lower()}, {in_full(day)}. {outcome}"


def received(at: datetime) -> str:
    """Will write « Certificat reçu le mardi 24 novembre, 10 h »."""
    return f"Certificat reçu le {moment(at)}"


def days_of_event(first: date, last: date) -> str:
    """Will write « Jeudi 26 novembre », or « Du lundi 23 novembre au vendredi 27 novembre »."""
    return in_full(first).capitalize() if first == last else f"Du {in_full(first)} au {in_full(last)}"


def made(absences: int, children: int) -> str:
    """Will write « 12 absences, 9 enfants »."""
    return f"{absences} absence{_s(absences)}, {children} enfant{_s(children)}"


def see_children(children: int) -> str:
    """Will write « Voir l’enfant », « Voir les 9 enfants »."""
    return "Voir l’enfant" if children == 1 else f"Voir les {children} enfants"


def together_title(count: int) -> str:
    """Will say how many certificates are about to be recorded."""
    return f"Enregistrer {count} certificat{_s(count)}" if count else "Certificats déjà enregistrés"


def left_out(already: int) -> str:
    """Will say how many of those that were ticked take none; nothing for none."""
    if not already:
        return ""
    if already == 1:
        return "Une absence cochée a déjà son certificat, ou a été retirée : elle ne change pas."
    return f"{already} absences cochées ont déjà leur certificat, ou ont été retirées : elles ne changent pas."


def changes_to(outcome: str, *, is_changed: bool) -> str:
    """Will say what a day comes to with the certificate, when that is something else."""
    return outcome if is_changed else f"Rien ne change. {outcome}"


def recorded_together(done: CertifiedTogether) -> str:
    """Will say what became of the absences."""
    said = []
    if done.recorded:
        count = len(done.recorded)
        said.append(f"{count} certificat{_s(count)} enregistré{_s(count)}.")
    if done.already:
        count = len(done.already)
        said.append(
            "Une absence avait déjà son certificat."
            if count == 1
            else f"{count} absences avaient déjà leur certificat."
        )
    if done.withdrawn:
        count = len(done.withdrawn)
        said.append("Une absence a été retirée." if count == 1 else f"{count} absences ont été retirées.")
    return " ".join(said)


def _s(count: int) -> str:
    return "s" if count > 1 else ""
