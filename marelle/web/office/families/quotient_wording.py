"""The words of a family's quotient, on the agents' screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.models import FamilyQuotient
from marelle.domain.families.rules.quotients import in_words
from marelle.foundation.french_dates import MONTHS, in_digits

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.families.quotient_source import FoundQuotient, PersonOfFile

NO_VALUE = "Indiquez un quotient, par exemple 742 ou 742,50."
NO_DAY = "Indiquez un jour, par exemple 01/11/2026."
CHOOSE_SOURCE = "Dites comment vous connaissez ce quotient."
CHOOSE_GUARDIAN = "Choisissez la personne dont le dossier est demandé."
NO_BIRTH_NAME = "Écrivez le nom de naissance, celui de la pièce d’identité."
NO_FIRST_NAME = "Écrivez au moins un prénom."
TOO_LONG = "80 caractères au plus."
NO_BIRTH = "Indiquez la date de naissance, par exemple 12/03/1984, ou l’année seule si le jour n’est pas connu."
CHOOSE_SEX = "Choisissez ce que dit la pièce d’identité."
CHOOSE_PLACE = "Dites si la personne est née en France."
NO_TOWN = "Écrivez la commune de naissance, ou son code Insee à cinq chiffres."
NO_DEPARTMENT = "Indiquez le département de naissance, par exemple 77 ou 2A."
NO_COUNTRY = "Indiquez le code Insee du pays, cinq chiffres qui commencent par 99."
CONFIRM = "Cochez la case si c’est bien cela."
CHOOSE_FILE_AGAIN = "Choisissez de nouveau le fichier : le navigateur ne le garde pas."
EXPIRED = "Cette réponse a plus d’une heure, ou n’est pas pour cette famille. Demandez de nouveau."
NOT_PLUGGED = "Cette installation n’est pas reliée à API Particulier. Notez le quotient avec un justificatif."
WITHDRAWN = "Le quotient est retiré. Il reste dans l’historique."
PROVIDERS = {"CNAF": "la CAF", "MSA": "la MSA"}


def provider_in_words(provider: str) -> str:
    """Will name who computed a quotient."""
    return PROVIDERS.get(provider, "la CAF ou la MSA")


def recorded(quotient: FamilyQuotient) -> str:
    """Will say what was noted."""
    return f"Noté : quotient {in_words(quotient.value_cents)} à partir du {in_digits(quotient.valid_from)}."


def source_in_words(quotient: FamilyQuotient) -> str:
    """Will say whence a quotient is known."""
    if quotient.source != FamilyQuotient.Source.API:
        return FamilyQuotient.Source(quotient.source).label
    words = f"Donné par {provider_in_words(quotient.provider)} (API Particulier)"
    return f"{words}, pour {period_in_words(quotient.period)}" if quotient.period else words


def period_in_words(period: str) -> str:
    """Will write « 2026-11 » as « novembre 2026 »; anything else as it is."""
    year, _, month = period.partition("-")
    is_month = month.isdigit() and 1 <= int(month) <= len(MONTHS)
    return f"{MONTHS[int(month) - 1]} {year}" if is_month else period


def answered(found: FoundQuotient) -> str:
    """Will say what was answered and by whom."""
    words = f"{provider_in_words(found.provider)} donne un quotient de {in_words(found.value_cents)}"
    words = words[0].upper() + words[1:]
    return f"{words}, pour {period_in_words(found.period)}." if found.period else f"{words}."


def people_in_words(people: tuple[PersonOfFile, ...]) -> str:
    """Will name the people of a file, with their birth dates, as it was answered."""
    return " · ".join(_person(one) for one in people)


def _person(one: PersonOfFile) -> str:
    name = f"{one.first_names} {one.name}".strip() or "sans nom"
    return f"{name} ({in_digits(one.birth_date)})" if one.birth_date else name


def already_given(provider: str, day: date) -> str:
    """Will say that nothing is to be asked of the family, and why."""
    return (
        f"La mairie tient ce quotient de {provider_in_words(provider)} depuis le {in_digits(day)}. Ne demandez pas de"
        " justificatif à la famille : elle n’a pas à redonner ce qu’une administration a déjà transmis (article"
        " L. 114-8 du code des relations entre le public et l’administration)."
    )
