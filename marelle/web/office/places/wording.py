"""The words of the identity of an authority and of its places."""

from __future__ import annotations

from typing import Final

WEEKDAYS: Final = (
    ("0", "Lundi"),
    ("1", "Mardi"),
    ("2", "Mercredi"),
    ("3", "Jeudi"),
    ("4", "Vendredi"),
    ("5", "Samedi"),
    ("6", "Dimanche"),
)
NO_NAME: Final = "Donnez un nom."
TOO_LONG: Final = "C’est trop long."
CHOOSE: Final = "Choisissez dans la liste."
NOT_AN_EMAIL: Final = "Donnez une adresse e-mail, comme accueil@exemple.fr."
NOT_A_PHONE: Final = "Donnez un numéro de téléphone, comme 01 64 04 30 10."
NOT_A_COLOR: Final = "Donnez une couleur, comme #3953A8."
NOT_AN_INSEE_CODE: Final = "Un code INSEE compte cinq caractères, comme 77153."
NOT_A_DEPARTMENT: Final = "Donnez le numéro du département, comme 77, 2A ou 974."
NO_WEEKDAY: Final = "Choisissez au moins un jour."
NO_FILE: Final = "Choisissez l’image de votre logo."
SAVED: Final = "C’est enregistré."
NOTHING_NEW: Final = "Rien n’avait changé."
LOGO_SAVED: Final = "Votre logo est en place."
LOGO_REMOVED: Final = "Votre logo est retiré."
ZONE_CHANGED: Final = (
    "La zone scolaire a changé : reprenez maintenant le calendrier publié, pour que les vacances soient les bonnes."
)
CLOSED_HINT: Final = "Décochée, seules vos équipes entrent : les familles ne voient pas votre page."
ANNOUNCEMENT_HINT: Final = "Une phrase en haut de votre page, par exemple « La mairie ferme le 24 décembre »."
COLOR_HINT: Final = "Celle de votre charte. Sa clarté est réglée pour rester lisible partout."
ADDRESS_HINT: Final = "Les familles écrivent ici si un service ne donne pas ses propres coordonnées."
PLACE_SAVED: Final = "Le lieu est enregistré."


def removed(name: str) -> str:
    """Will say that a place is gone."""
    return f"« {name} » est supprimé."


def place_held(name: str, holders: str) -> str:
    """Will say what still hangs on a place."""
    return f"« {name} » ne peut pas être supprimé : il a encore {holders}. Déplacez-les d’abord."


def class_held(holders: str) -> str:
    """Will say that a class is not empty."""
    return f"Une classe retirée a encore {holders}. Changez d’abord les enfants de classe."
