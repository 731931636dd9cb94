"""The words of the day and of its attendance sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.rules.phone_numbers import held_together
from marelle.domain.reservations.rules.attendance import NotKept
from marelle.foundation.french_dates import NO_BREAK, WEEKDAYS, hour, in_full, in_short, moment

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.families.queries.profile import Pickup

WITHOUT_CLASS = "Sans classe"
NO_DAY = "Indiquez un jour, par exemple 24/11/2026."
NOT_HELD = "Cette place n’est plus gardée."
NOT_TAKEN = "Le paiement n’est pas encaissé."
NOT_HELD_WHY = "Elle a été confirmée, rendue ou libérée entre-temps. Voici la journée à jour."
FORGED_ANSWER = "Cette réponse n’existe pas. Rien n’a été changé."
FUTURE_SHEET = "Ce jour n’est pas encore venu."
FUTURE_SHEET_WHY = "Les présences se notent le jour même ou après. Rien n’a été enregistré."
UNREADABLE_SHEET = "Une case de la feuille est illisible."
UNREADABLE_SHEET_WHY = "Rien n’a été enregistré. Rechargez la page et recommencez."
SEEN = {"present": "présence", "absent": "absence", "": "non pointé"}
NO_EXCHANGE = "Ces pointages sont illisibles. Rien n’a été enregistré."
FUTURE_EXCHANGE = "Ce jour n’est pas encore venu : les présences se notent le jour même ou après."
NOT_KEPT = {
    NotKept.TO_COME: FUTURE_EXCHANGE,
    NotKept.OUT_OF_REACH: "Cet enfant n’est ni attendu ni inscrit là où vous pointez.",
    NotKept.UNREADABLE: "Ce pointage est illisible.",
}
NOBODY_FOUND = "Aucun enfant inscrit ne porte ce nom, hors de la feuille."


def day_title(day: date) -> str:
    """Will write « Mardi 24 novembre 2026 », free to break on a narrow screen."""
    words = in_full(day, year=True).replace(NO_BREAK, " ")
    return words[0].upper() + words[1:]


def day_button(day: date | None, *, near: date) -> str:
    """Will name a day button by its weekday, and by its date when it is not in the week around `near`."""
    if day is None:
        return ""
    if abs((day - near).days) < len(WEEKDAYS):
        return WEEKDAYS[day.weekday()].capitalize()
    return f"{WEEKDAYS[day.weekday()].capitalize()} {day:%d/%m}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Will write « 1 enfant », « 3 enfants », « 2 repas »."""
    return f"{count} {noun if count < 2 else plural or f'{noun}s'}"  # noqa: PLR2004  French: zero is singular


def told_absent(count: int) -> str:
    """Will write « dont 2 absences signalées »; nothing for none."""
    return f"dont {counted(count, 'absence signalée', 'absences signalées')}" if count else ""


def held_shortly(local: datetime) -> str:
    """Will write « Place gardée jusqu’au ven. 28 nov., 17 h », free to break in a narrow column."""
    return f"Place gardée jusqu’au {in_short(local.date())}, {hour(local)}".replace(NO_BREAK, " ")


def held_until(local: datetime) -> str:
    """Will write « Place gardée jusqu’au vendredi 28 novembre, 17 h »."""
    return f"Place gardée jusqu’au {moment(local)}"


def sheet_saved(present: int, absent: int, changed: int) -> str:
    """Will say what the sheet now holds."""
    recorded = counted(present, "présence enregistrée", "présences enregistrées")
    if absent:
        recorded = f"{recorded}, {counted(absent, 'absence')}"
    return f"{recorded}." if changed else f"Rien n’a changé depuis la dernière fois : {recorded}."


def no_longer_expected(count: int) -> str:
    """Will say that some children left the list since the page was shown."""
    if count == 1:
        return "Une case n’a pas été enregistrée : cet enfant n’est plus attendu."
    return f"{count} cases n’ont pas été enregistrées : ces enfants ne sont plus attendus."


def place_confirmed(child: str, product: str, day: date) -> str:
    """Will say that a held place is recorded for good."""
    return f"Place confirmée : {child}, {product.lower()}, {in_full(day)}."


def place_released(child: str, product: str, day: date) -> str:
    """Will say that a held place is free again."""
    return f"Place libérée : {child}, {product.lower()}, {in_full(day)}."


def pickup(person: Pickup) -> str:
    """Will say who may fetch a child: « Paul Roy, grand-père, 06 12 34 56 78 »."""
    return ", ".join(part for part in (person.name, person.relation, held_together(person.phone)) if part)


def conflict(stands: str, others: list[str]) -> str:
    """Will say what is kept of two answers, and what another tablet said."""
    return f"Retenu : {stands}. Autre tablette : {' ; '.join(others)}."


def tally(present: int, absent: int, left: int) -> str:
    """Will write « 42 présents, 3 absents, 5 à pointer »."""
    return f"{counted(present, 'présent')}, {counted(absent, 'absent')}, {left} à pointer"


def ticked_of(seen: int, expected: int) -> str:
    """Will write « 12 pointés sur 42 »."""
    return f"{counted(seen, 'pointé')} sur {expected}"
