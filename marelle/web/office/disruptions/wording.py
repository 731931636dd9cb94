"""The words of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.reservations.models import Disruption, DisruptionLine
from marelle.domain.reservations.queries.disruptions import ALREADY_TOLD, IS_ASKED, IS_HELD, WAS_PRESENT
from marelle.domain.reservations.rules.disruptions import Back, Effect
from marelle.foundation.french_dates import in_full

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

SEVERAL: Final = {"facilities": "Lieux", "services": "Services", "names": "Prestations", "classes": "Classes"}
GONE: Final = "Ce choix n’existe plus, ou n’est pas dans vos droits."
CHANNELS: Final = (("email", "Par e-mail"), ("text", "Par SMS"))
EFFECTS: Final = (
    (Effect.CANCEL.value, "Annuler : rien n’est dû, les places sont rendues, ces jours se ferment"),
    (Effect.ABSENCE.value, "Absences : le règlement dit ce qui est dû, la place reste prise"),
    (Effect.KEEP.value, "Garder : les réservations ne changent pas"),
)
EFFECTS_SHORT: Final = {
    Effect.CANCEL.value: "Annulé sans facturer",
    Effect.ABSENCE.value: "Absences, selon le règlement",
    Effect.KEEP.value: "Réservations gardées",
}
LEFT: Final = {
    WAS_PRESENT: "déjà noté présent",
    ALREADY_TOLD: "absence déjà signalée",
    IS_HELD: "place gardée, pas encore réglée",
    IS_ASKED: "annulation demandée, à traiter",
}
NOT_BACK: Final = {
    Back.ALREADY.value: "absence retirée ou réservation changée entre-temps",
    Back.AGAIN.value: "réservé à nouveau entre-temps",
    Back.SAME_TIME.value: "attendu ailleurs à la même heure",
    Back.NOT_ENROLLED.value: "n’est plus inscrit",
    Back.CLOSED.value: "ce jour est fermé par ailleurs",
    Back.HOLD_OVER.value: "place qui n’était gardée que jusque-là",
    Back.NO_PLACE.value: "plus de place",
}
ALREADY: Final = "Cet événement est déjà déclaré : le voici."
ALREADY_UNDONE: Final = "Cet événement ne peut plus être défait : il l’est déjà, ou il date de plus d’un mois."
TRY_AGAIN: Final = "Des places ont bougé au même moment. Rien n’a changé : réessayez."
BEYOND_REACH: Final = "Cet événement touche aussi des services hors de vos droits : demandez à un agent qui les a tous."
EVERYBODY: Final = "Tous les enfants"


def span(first: date, last: date) -> str:
    """Will write « jeudi 26 novembre 2026 », or « du lundi 23 novembre au vendredi 27 novembre 2026 »."""
    return in_full(last, year=True) if first == last else f"du {in_full(first)} au {in_full(last, year=True)}"


def declared(row: Disruption) -> str:
    """Will say that it is done."""
    done = {
        Effect.CANCEL.value: "les réservations sont annulées",
        Effect.ABSENCE.value: "les absences sont notées",
        Effect.KEEP.value: "les réservations sont gardées",
    }
    return f"C’est fait : {done[row.effect]}."


def undone(back: int, not_back: int) -> str:
    """Will say what came back."""
    if not back and not not_back:
        return "Événement défait : il ne changeait aucune réservation."
    said = "1 réservation est comme avant." if back == 1 else f"{back} réservations sont comme avant."
    if not_back:
        said += f" {not_back} ne l’{'est' if not_back == 1 else 'sont'} pas : voyez pourquoi plus bas."
    return f"Événement défait. {said}"


def state(row: Disruption, today: date) -> tuple[str, str, str]:
    """Will say where an event stands: words, tone, drawing."""
    if row.undone_at is not None:
        return "Défait", "gray", "undo-2"
    if row.ends_on < today:
        return "Passé", "gray", "check"
    return ("À venir", "blue", "calendar-check") if row.starts_on > today else ("En cours", "amber", "triangle-alert")


def counted(count: int, one: str, several: str) -> str:
    """Will write « 1 enfant », « 12 enfants »."""
    return f"{count} {one if count == 1 else several}"


def touched(changed: int, reservations: int, children: int) -> str:
    """Will write « 10 changées sur 12, 9 enfants »."""
    return f"{counted(changed, 'changée', 'changées')} sur {reservations}, {counted(children, 'enfant', 'enfants')}"


def left_said(left: Mapping[str, int]) -> list[str]:
    """Will say what an event leaves as it is: « 3 : déjà noté présent »."""
    return [f"{counted(count, 'réservation', 'réservations')} : {LEFT[why]}" for why, count in sorted(left.items())]


def why_left(line: DisruptionLine) -> str:
    """Will say why a line was left as it was."""
    return LEFT.get(line.left_for, "gardée")
