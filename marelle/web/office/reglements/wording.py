"""The words of the règlements' screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.versions import Obstruction
from marelle.foundation.french_dates import in_full, without_weekday
from marelle.web.office.long_forms.saving import NO_DAY

if TYPE_CHECKING:
    from datetime import date

    from marelle.domain.catalog.rules.contradictions import Contradiction
    from marelle.domain.reservations.queries.trials import PastReservations

MISSING = "Aucun règlement : les familles ne peuvent rien réserver en ligne."
NOT_YET = "Aucun règlement n’est encore en vigueur."
UNREADABLE = "Le règlement enregistré ne peut pas être lu : les familles sont renvoyées à la mairie."
PRODUCTS_HAVE_THEIRS = "Chaque prestation a son propre règlement."
OBSTRUCTIONS = {
    Obstruction.NOT_A_YEAR: NO_DAY,
    Obstruction.PAST_DECIDED: (
        "Des jours passés ont été décidés par la version de cette date : elle ne change plus. Choisissez un autre jour."
    ),
    Obstruction.COMING_DECIDED: (
        "Des réservations à venir ont déjà été décidées par la version de cette date. Elles gardent ce qui a été "
        "décidé ; les suivantes suivront le nouveau texte. Cochez la case pour confirmer."
    ),
    Obstruction.IN_THE_PAST: (
        "Ce jour est passé : le nouveau texte vaudrait pour des jours déjà réservés ou servis. "
        "Cochez la case pour confirmer, ou choisissez un jour à venir."
    ),
}
WITHDRAWALS = {
    Obstruction.IN_FORCE: "Cette version est en vigueur : enregistrez plutôt une nouvelle version.",
    Obstruction.PAST_DECIDED: (
        "Des réservations ont déjà été décidées par cette version : enregistrez plutôt une nouvelle version."
    ),
}


def saved(name: str, day: date) -> str:
    """Will say what was recorded."""
    return f"Règlement enregistré : {name}, à partir du {in_full(day, year=True)}."


def withdrawn(name: str, day: date) -> str:
    """Will say what was taken back."""
    return f"Version retirée : {name}, qui devait valoir à partir du {in_full(day, year=True)}."


def contradiction(found: Contradiction) -> str:
    """Will say what is wrong, with the first day on which it shows."""
    reason = f"{found.reason[:1].upper()}{found.reason[1:]}"
    return f"{reason} (par exemple pour le {in_full(found.day, year=True)})." if found.day else f"{reason}."


def without_quotes(reason: str) -> str:
    """Will say a reason to somebody who fills in a form: there, nothing goes between quotation marks."""
    return reason.replace(" entre guillemets", "").replace('"', "")


def fault(reason: str) -> str:
    """Will make a sentence of a reason."""
    return f"{reason[:1].upper()}{reason[1:]}."


def days(count: int, words: str = "jour") -> str:
    """Will write « 1 jour », « 12 jours »."""
    return f"{count} {words}{'s' if count > 1 else ''}"


def changed(count: int, total: int) -> str:
    """Will say how many days have other limits."""
    if not total:
        return "Aucun jour de service n’est ouvert sur cette période."
    if not count:
        return f"Rien ne change : les {total} jours de service gardent leurs limites."
    return f"{days(count)} de service sur {total} {'changent' if count > 1 else 'change'} de limite."


def past(counted: PastReservations, first: date, last: date) -> str:
    """Will say how the reservations of a past period would have fared."""
    span = f"du {without_weekday(first, year=True)} au {without_weekday(last, year=True)}"
    if not counted.total:
        return f"Aucune réservation de famille n’est enregistrée {span}."
    of = f"sur {counted.total} faites par des familles pour les jours {span}"
    if not counted.refused:
        words = f"Aucune réservation {of} n’aurait été refusée"
    elif counted.refused == 1:
        words = f"1 réservation {of} aurait été refusée ({_why(counted)})"
    else:
        words = f"{counted.refused} réservations {of} auraient été refusées ({_why(counted)})"
    if counted.surcharged:
        words += f" ; {counted.surcharged} prise{'s' if counted.surcharged > 1 else ''} hors délai, à une condition"
    return f"{words}."


def _why(counted: PastReservations) -> str:
    parts = (
        (counted.too_late, "trop tard"),
        (counted.not_open, "pas encore ouvert ou pas en ligne"),
        (counted.unclear, "sans limite possible"),
    )
    return ", ".join(f"{count} {words}" for count, words in parts if count)
