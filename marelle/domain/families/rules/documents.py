"""The files that families give: which ones are taken, and under what name. What they are, their cleaning says."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

HEAVIEST_BYTES: Final = 20 * 1024 * 1024  # as it comes; once cleaned it is far lighter
LONGEST_NAME: Final = 120
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS: Final = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}
# What a browser is told that a form takes; `.heic` for those that do not know the type.
ACCEPTED: Final = "application/pdf,image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"
# How long a document is kept once it is no longer valid: a year; two months when it speaks of health.
PROOF_DAYS, HEALTH_DAYS = 366, 60
_FORBIDDEN_IN_NAMES: Final = frozenset('"<>:|?*\\/')


class DocumentFault(StrEnum):
    """Why a file is not taken, in the words that are said: what is wrong, then what to do."""

    EMPTY = "Ce fichier est vide. Choisissez-en un autre."
    TOO_BIG = "Ce fichier pèse plus de 20 Mo. Choisissez une photo plus légère ou un PDF."
    UNKNOWN_KIND = "Ce fichier n’est ni un PDF, ni une photo (JPEG, PNG, HEIC ou WebP). Choisissez-en un autre."
    BROKEN = (
        "Ce fichier est abîmé ou incomplet. Ouvrez-le pour vérifier, enregistrez-le de nouveau, puis choisissez-le."
    )
    TOO_MANY_PIXELS = "Cette image est trop grande. Prenez une photo avec les réglages habituels du téléphone."
    TOO_MANY_PAGES = "Ce PDF a plus de 60 pages. Gardez seulement celles qui sont demandées."
    TOO_HEAVY = "Ce PDF est trop lourd : plus de 5 Mo. Enregistrez-le en plus petit, ou prenez une photo du document."
    LOCKED = "Ce PDF s’ouvre avec un mot de passe. Enregistrez-le sans mot de passe, puis choisissez-le."
    ACTIVE = "Ce PDF contient un programme. Imprimez-le en PDF, ou prenez une photo du document, puis choisissez-la."
    TOO_MUCH = "Ce fichier ne peut pas être lu sans risque. Prenez une photo du document, puis choisissez-la."
    INFECTED = "L’antivirus a trouvé un virus dans ce fichier : il n’est pas gardé. Choisissez-en un autre."
    UNAVAILABLE = "Les fichiers ne peuvent pas être lus pour le moment. Réessayez dans quelques minutes."
    NOT_NOW = "Les fichiers ne peuvent pas être reçus pour le moment. Réessayez plus tard."


def fault_before_cleaning(size: int) -> DocumentFault | None:
    """Will say what its weight alone, in bytes, says against a file; None when it is to be looked at."""
    if not size:
        return DocumentFault.EMPTY
    return DocumentFault.TOO_BIG if size > HEAVIEST_BYTES else None


def kept_before(on: date, *, is_health: bool) -> date:
    """Will return the day such that what ended to be valid earlier is erased in the night of `on`.

    What is not dated is as valid as the day it came. See `justificatifs` in `data_retention.yaml`.
    """
    return on - timedelta(days=HEALTH_DAYS if is_health else PROOF_DAYS)


def tidy_name(name: str, content_type: str) -> str:
    """Will return a name that every system can save: no folder, nothing unprintable, the content's own ending."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in _FORBIDDEN_IN_NAMES)
    stem = kept.rpartition(".")[0] or kept
    ending = EXTENSIONS[content_type]
    return (stem.strip(" .")[: LONGEST_NAME - len(ending)].strip(" .") or "document") + ending
