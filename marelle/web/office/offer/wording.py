"""The words of the offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.opening_day import WaveOddity
from marelle.foundation.french_dates import WEEKDAYS, in_full, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from marelle.domain.catalog.rules.standing import Standing

ICONS: Final = (
    ("utensils", "Repas"),
    ("sunrise", "Matin"),
    ("moon", "Soir"),
    ("book-open", "Étude"),
    ("smile", "Loisirs"),
    ("sun", "Vacances"),
    ("school", "École"),
    ("snowflake", "Neige"),
)
SERVICE_SAVED: Final = "Le service est enregistré."
ACTIVITY_SAVED: Final = "L’activité est enregistrée."
TAKES: Final = "Occupe"
NOUN_HINT: Final = "Ce que lit la famille : « 1 repas », « 3 repas »."
CAPACITY_HINT: Final = "Vide : les places ne sont pas comptées."
CANTEEN: Final = (
    "Dans une école primaire publique, tout enfant qui le demande a droit à la cantine (article L131-13 du code de "
    "l’éducation) : ne comptez pas les places d’un repas."
)
NO_PLACE: Final = "Il faut d’abord un lieu où l’accueillir."
AUDIENCES: Final = {
    EVERYONE: "Tout le monde",
    RESIDENT: "Familles de la commune",
    NON_RESIDENT: "Familles d’autres communes",
}
ODDITIES: Final = {
    WaveOddity.SUNDAY: "un dimanche",
    WaveOddity.PUBLIC_HOLIDAY: "un jour férié",
    WaveOddity.NIGHT: "la nuit",
    WaveOddity.TOWN_HALL_SHUT: "mairie fermée : personne ne répondra",
    WaveOddity.SAME_MOMENT: "en même temps qu’une autre vague",
    WaveOddity.AFTER_EVERYONE: "après tout le monde : cette vague ne donne rien",
}
HABITS: Final = (
    ("last_year", "Ce qu’il avait l’an dernier"),
    ("every_day", "Tous ses jours possibles"),
)
SHOWN_DAYS: Final = 8


def audience(code: str) -> str:
    """Will name who a wave is for."""
    return AUDIENCES.get(code, f"Familles « {code} »")


def removed(name: str) -> str:
    """Will say that it is gone."""
    return f"« {name} » est supprimé."


def service_held(name: str, holders: str) -> str:
    """Will say what is still under a service."""
    return f"« {name} » ne peut pas être supprimé : il a encore {holders}."


def activity_held(name: str, holders: str) -> str:
    """Will say what an activity has lived, and what to do instead."""
    return (
        f"« {name} » ne peut pas être supprimée : elle a {holders}. Donnez-lui plutôt un dernier jour : elle "
        "s’arrêtera, et son passé reste."
    )


def row_held(holders: str) -> str:
    """Will say why a slot or a product stays."""
    return f"Une ligne retirée a encore {holders} : elle doit rester. Vous pouvez changer son nom."


def overfull(taken: int, capacity: int) -> str:
    """Will say that a day has more children than the places it is given."""
    return (
        f"Un jour à venir a déjà {taken} places prises : {capacity} ne suffisent pas. Annulez d’abord des réservations."
    )


def standing_title(standing: Sequence[Standing]) -> str:
    """Will say how many would come to a closed door."""
    count = sum(one.count for one in standing)
    if count == 1:
        return "Une réservation tombe sur un jour qui ferme"
    return f"{count} réservations tombent sur des jours qui ferment"


def standing_days(standing: Sequence[Standing]) -> str:
    """Will name the days, the first ones of many, with how many come."""
    by_day: dict[str, int] = {}
    for one in standing:
        name = in_full(one.day)
        by_day[name] = by_day.get(name, 0) + one.count
    shown = [f"{name} ({count})" for name, count in by_day.items()][:SHOWN_DAYS]
    more = len(by_day) - len(shown)
    if more:
        shown.append(f"{more} autre{'s' if more > 1 else ''} jour{'s' if more > 1 else ''}")
    return listed(shown)


def days_of_week(days: Iterable[int]) -> str:
    """Will write « lundi, mardi et jeudi »."""
    return listed([WEEKDAYS[day] for day in sorted(days)])
