"""The words of imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from marelle.domain.onboarding.models import Import, ImportLine
from marelle.domain.onboarding.rules.imports.kinds import Verdict
from marelle.foundation.money import in_euros

CHOOSE_KIND: Final = "Dites ce qu’est ce fichier."
CHOOSE_SCHOOL: Final = "Ce fichier est celui d’une école : dites laquelle."
CHOOSE_FILE: Final = "Choisissez un fichier."
NOT_NOW: Final = "Le fichier n’a pas pu être gardé. Essayez de nouveau dans quelques minutes."
ELSEWHERE: Final = "Cet import a changé entre-temps : une autre personne l’a lancé ou abandonné."
NOBODY_MOVES: Final = "Aucun enfant n’est dans une classe qui change."
NO_FILE_LEFT: Final = "Le fichier n’est plus lisible : abandonnez cet import et recommencez."
CHOSEN: Final = "Vos choix sont enregistrés."
ABANDONED: Final = "Import abandonné : le fichier et ce qu’il disait sont effacés."
TOO_LATE: Final = "Un import s’annule pendant un jour : celui-ci est plus ancien, ou déjà annulé."
# What each file of a former software holds, and what it is not.
TAKEOVERS: Final[Mapping[str, str]] = {
    "soldes": "Une ligne par famille et par régie : ce qui est dû, ce qui est en avance. Sans les factures ci-dessous.",
    "factures-impayees": "Une ligne par facture : son numéro, sa date, ce qu’il en reste. Les familles les paient ici.",
    "reservations": "Une ligne par enfant, prestation et jour, à partir d’aujourd’hui.",
    "mandats": "Une ligne par mandat : il garde sa RUM et sa date de signature. L’ICS reste celui de la régie.",
}
WRONG_TOTAL: Final = "Un total ne correspond pas : rien n’est importé."
NOT_AN_AMOUNT: Final = "Ce total n’est pas un montant. Exemple : 1 234,56, ou − 12,30 si les avances dépassent."
IGNORED: Final = "Ne pas lire"
ASK_TOWN_HALL: Final = "Ligne laissée de côté : à voir avec la mairie."
# What a verdict is called: on a chip (several), on a line (one), its tone and its icon.
VERDICTS: Final[Mapping[Verdict, tuple[str, str, str, str]]] = {
    Verdict.AMBIGUOUS: ("À préciser", "À préciser", "amber", "circle-help"),
    Verdict.CHANGED: ("Changements", "Change", "blue", "pencil"),
    Verdict.REFUSED: ("Refusées", "Refusée", "red", "x"),
    Verdict.NEW: ("Nouvelles", "Nouveau", "green", "plus"),
    Verdict.LEFT: ("Plus dans le fichier", "Plus dans le fichier", "amber", "log-out"),
    Verdict.UNCHANGED: ("Déjà là", "Déjà là", "quiet", "check"),
}
STATES: Final[Mapping[str, tuple[str, str]]] = {
    Import.State.COLUMNS: ("amber", "list-ordered"),
    Import.State.CHECKED: ("amber", "eye"),
    Import.State.APPLYING: ("blue", "hourglass"),
    Import.State.APPLIED: ("green", "check"),
    Import.State.UNDONE: ("quiet", "undo-2"),
}
LEFT: Final[Mapping[str, str]] = {one.value: one.label for one in ImportLine.Left}
REPORT: Final = ("Ligne", "Qui", "Résultat", "Ce qui change", "Retenue", "À savoir")


def lines(number: int, one: str = "ligne", several: str = "lignes") -> str:
    """Will count lines."""
    return f"{number} {one if number < 2 else several}"  # noqa: PLR2004  French counts zero as one


def kept_out(number: int) -> str:
    """Will say how many lines are about somebody whose access is removed; nothing for none."""
    if not number:
        return ""
    return (
        "Une ligne concerne une personne dont l’accès à un dossier est retiré. Elle n’est pas importée."
        if number == 1
        else f"{number} lignes concernent des personnes dont l’accès à un dossier est retiré. Elles ne sont pas"
        " importées."
    )


def missing(titles: Sequence[str]) -> str:
    """Will say which columns are missing."""
    listed = ", ".join(f"« {one} »" for one in titles)
    return f"Il manque {'la colonne' if len(titles) == 1 else 'les colonnes'} {listed} : dites où elle{'s' * (len(titles) > 1)} se trouve{'nt' * (len(titles) > 1)}."  # noqa: E501


def applied(counts: Mapping[str, int]) -> str:
    """Will say how many lines an import wrote."""
    written = counts.get("written", 0)
    return f"{lines(written)} {'écrite' if written < 2 else 'écrites'}"  # noqa: PLR2004


def undone(counts: Mapping[str, int]) -> str:
    """Will say what an undoing did."""
    stays = counts.get("stays", 0)
    said = f"{lines(counts.get('undone', 0))} annulée{'s' * (counts.get('undone', 0) > 1)}"
    if stays:
        said += f", {lines(stays)} laissée{'s' * (stays > 1)} : quelque chose s’y rattache depuis, ou y a changé"
    return f"{said}."


def differs(found: int, said: int) -> str:
    """Will say both totals of a régie."""
    return f"Le fichier apporte {in_euros(found)}, l’autre logiciel dit {in_euros(said)}."
