"""What the screens of the guide say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.versions import Obstruction
from marelle.domain.onboarding.rules.presets import Days, WrongChoice
from marelle.foundation.french_dates import without_weekday

if TYPE_CHECKING:
    from datetime import date

CONTACT_SAVED = "Vos coordonnées sont enregistrées."
NO_WAY = "Donnez un téléphone ou une adresse e-mail."
WRONG_EMAIL = "Vérifiez cette adresse e-mail."
WRONG_SIRET = "Un SIRET a quatorze chiffres, et celui-ci ne se vérifie pas."
TOO_LONG = "C’est trop long."
NO_PLACES = "Collez au moins un nom."
ALL_PLACES_THERE = "Ces lieux et ces classes étaient déjà là."
CALENDAR_FILLED = "Les vacances et les jours fériés publiés sont là."
OPENED = "Votre espace est ouvert aux familles."
NOT_READY = "Il manque encore quelque chose. Rien n’a été ouvert."
CHOICES: Final = {
    WrongChoice.NOTHING: "Cochez au moins un service.",
    WrongChoice.NO_PLACE: "Choisissez au moins un lieu.",
    WrongChoice.HOURS: "L’heure de fin vient avant l’heure de début.",
}
NOTHING_MADE = "Tout cela était déjà là."
WRONG_HOUR = "Écrivez une heure, par exemple 16:30."
WRONG_PLACES = "Un nombre de places, de 1 à 9 999, ou rien : sans limite."
WRONG_YEARS = "Le dernier jour vient avant le premier, ou plus de deux ans après."
CHOOSE_REGLEMENT = "Choisissez un règlement."
CHOOSE_ACTIVITY = "Choisissez au moins une activité."
ALREADY_RULED = "Ces activités avaient déjà un règlement : rien n’a changé."
DAYS: Final = {
    Days.TAUGHT: "les jours de classe",
    Days.WEDNESDAY: "le mercredi",
    Days.HOLIDAYS: "les vacances",
}
CHOOSE_PRODUCT = "Choisissez au moins une prestation."
ALREADY_PRICED = "Ces prestations avaient déjà un tarif : rien n’a changé."
CHOOSE_SHAPE = "Choisissez comment le prix se calcule."
NO_PRICE = "Donnez un prix, par exemple 3,10."
NO_BANDS = "Donnez au moins deux tranches, la dernière sans limite."
HOLE = "Remplissez les tranches dans l’ordre, sans en sauter."
NOT_GROWING = "Chaque limite est plus grande que celle d’avant."
WRONG_LIMIT = "Écrivez un nombre d’euros entier, par exemple 650."
NO_RATE = "Donnez un taux, par exemple 0,36."
NO_BOUNDS = "Donnez un prix plancher et un prix plafond, le plus grand en second."
COSTS_SAVED = "Les coûts sont enregistrés."
NO_REGIE_NAME = "Donnez un nom à la régie."
WRONG_PAYFIP = "Le numéro de client PayFiP a six chiffres."
OBSTRUCTIONS: Final = {
    Obstruction.NOT_A_YEAR: "Indiquez un jour, par exemple 01/09/2027.",
    Obstruction.IN_THE_PAST: "Ce jour est passé, et une autre version vaut déjà.",
}


def places_made(places: int, classes: int) -> str:
    """Will count what was made."""
    return f"{_count(places, 'lieu', 'lieux')} et {_count(classes, 'classe', 'classes')} ajoutés."


def offer_made(activities: int, products: int, days: int) -> str:
    """Will count what was made, and its days."""
    return (
        f"{_count(activities, 'activité', 'activités')}, {_count(products, 'prestation', 'prestations')} "
        f"et {_count(days, 'séance ouverte', 'séances ouvertes')}."
    )


def ruled(count: int, on: date) -> str:
    """Will say how many activities have the règlement."""
    return f"Règlement donné à {_count(count, 'activité', 'activités')}, à partir du {without_weekday(on, year=True)}."


def priced(count: int, on: date) -> str:
    """Will say how many products have the price."""
    return f"Tarif donné à {_count(count, 'prestation', 'prestations')}, à partir du {without_weekday(on, year=True)}."


def regie_opened(name: str) -> str:
    """Will name the régie."""
    return f"« {name} » est là, et les services sans régie lui sont rattachés."


def at_places(count: int) -> str:
    """Will say at how many places the same is sold."""
    return _count(count, "lieu", "lieux")


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {several if number > 1 else one}"
