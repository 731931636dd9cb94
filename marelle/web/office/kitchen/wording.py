"""The words of the kitchen: its week, a day, its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from marelle.foundation.french_dates import (
    NO_BREAK,
    day_number,
    hour,
    in_full,
    in_short,
    listed,
    moment,
    without_weekday,
)

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.reservations.models import KitchenOrder, KitchenSettings

NO_WEEK: Final = "Indiquez un jour, par exemple 24/11/2026."
NOT_KNOWN: Final = (
    "Vos droits montrent le nombre de repas. Les régimes et les allergies sont montrés aux agents qui peuvent connaître"
    " la santé des enfants."
)
NOTHING_TO_CORRECT: Final = "Il n’y a rien à rectifier."
NOTHING_TO_CORRECT_WHY: Final = (
    "La cuisine a déjà les nombres d’aujourd’hui, ou rien n’est encore figé. Rien n’est parti."
)
NO_ADDRESS: Final = "Aucune adresse n’est enregistrée pour cette cuisine."
NO_ADDRESS_WHY: Final = "Rien n’est parti. Ajoutez une adresse dans ses réglages, ou téléchargez la commande."
FORGOTTEN: Final = "Les commandes de cette cuisine ne seront plus figées. Celles qui l’ont été restent."
DUE_NOW: Final = "à figer dans un instant"
TAKEN: Final = "Une cuisine est déjà réglée pour ce service et ce lieu."
NOT_AN_EMAIL: Final = "Donnez une adresse e-mail par ligne, cinq au plus."
NO_SERVICE: Final = "Choisissez un service."
NO_DAYS: Final = "Donnez un nombre de jours, de 0 à 10."
AT_LIMIT: Final = "limit"
BEFORE: Final = "before"
MOMENTS: Final = (
    (AT_LIMIT, "À la limite du règlement : quand les familles ne peuvent plus rien changer seules"),
    (BEFORE, "Quelques jours ouvrés avant, à une heure fixe"),
)


def week_title(first: date, last: date) -> str:
    """Will write « Du 23 au 27 novembre 2026 », or « Du 30 novembre au 4 décembre 2026 »."""
    begins = day_number(first) if (first.year, first.month) == (last.year, last.month) else without_weekday(first)
    return f"Du {begins} au {without_weekday(last, year=True)}".replace(NO_BREAK, " ")


def day_title(day: date) -> str:
    """Will write « Mardi 24 novembre 2026 », free to break on a narrow screen."""
    words = in_full(day, year=True).replace(NO_BREAK, " ")
    return words[:1].upper() + words[1:]


def meals(count: int) -> str:
    """Will write « 42 repas »."""
    return f"{count}{NO_BREAK}repas"


def due(local: datetime) -> str:
    """Will write « à figer jeu. 26 nov., 9 h »."""
    return f"à figer {in_short(local.date())}, {hour(local)}"


def frozen(order: KitchenOrder, local: datetime) -> str:
    """Will write « Figée lundi 23 novembre, 9 h : 42 repas »."""
    verb = "Figée" if order.revision == 1 else f"{order.get_why_display()},"
    return f"{verb} {moment(local)} : {meals(order.meals)}"


def sent(order: KitchenOrder, local: datetime | None, returned: datetime | None) -> str:
    """Will say whether the kitchen was told, and where."""
    to = listed(order.sent_to)
    if returned is not None:
        return f"Le courriel est revenu : {to} ne répond pas."
    if local is not None:
        return f"Envoyée à {to}, {moment(local)}."
    if not order.sent_to:
        return "Pas envoyée : aucune adresse n’était enregistrée."
    if order.failures:
        return f"Pas encore partie vers {to} : un nouvel essai est prévu."
    return f"Part dans un instant vers {to}."


def state(order: KitchenOrder) -> tuple[str, str, str]:
    """Will return a word for what became of an order, with its tone and its icon."""
    if order.returned_at is not None:
        return "Revenue", "red", "triangle-alert"
    return {
        "kept": ("Figée, sans adresse", "amber", "mail"),
        "queued": ("Envoi en cours", "blue", "send"),
        "sent": ("Envoyée", "green", "check"),
        "failed": ("Pas encore partie", "amber", "hourglass"),
    }[order.state]


def corrected(places: int) -> str:
    """Will say that a correction leaves."""
    return f"Rectificatif enregistré pour {places} lieu{'x' if places > 1 else ''}. La cuisine est prévenue."


def again(count: int) -> str:
    """Will say that orders leave again."""
    return f"{count} commande{'s' if count > 1 else ''} {'repartent' if count > 1 else 'repart'} vers la cuisine."


def rule(settings: KitchenSettings) -> str:
    """Will write when these settings freeze an order."""
    if settings.days_before is None:
        return "Figée à la limite du règlement"
    if settings.days_before == 0:
        return f"Figée le jour même à {hour(settings.at_time)}"
    many = "s" if settings.days_before > 1 else ""
    days = f"{settings.days_before} jour{many} ouvré{many}"
    return f"Figée {days} avant, à {hour(settings.at_time)}"


def readers(settings: KitchenSettings) -> str:
    """Will write to whom these settings send."""
    if not settings.emails:
        return "Aucune adresse : les commandes se téléchargent"
    files = [
        name for name, is_attached in (("CSV", settings.attaches_csv), ("PDF", settings.attaches_pdf)) if is_attached
    ]
    return f"Envoyée à {listed(settings.emails)}{f', avec {listed(files)}' if files else ''}"
