"""The photo by which agents recognize a child: only while a home agrees and none refuses, a year at most."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

# The text that families consent to, by its code: an authority that publishes none keeps no photo.
PHOTO_CODE: Final = "photo-identification"
PHOTO_TITLE: Final = "Photo d’identification de mon enfant"
PHOTO_BODY: Final = (
    "J’accepte que la mairie garde une photo du visage de mon enfant, pour que les agents qui l’accueillent le"
    " reconnaissent. Elle n’est vue que par eux, jamais publiée, jamais envoyée. Elle est effacée dès que je la retire"
    " ou que je refuse, et au plus tard un an après avoir été donnée."
)
PHOTO_SIDE: Final = 400  # pixels: a face on a tablet
PHOTO_DAYS: Final = 366  # a child's face changes, and an agreement is asked anew
ACCEPTED: Final = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif"


class PhotoFault(StrEnum):
    """Why a photo is not kept, in the words that are said: what is wrong, then what to do."""

    NOT_ASKED = "La mairie ne garde pas de photo des enfants. Rien n’a été gardé."
    # Not why: what the other home answers is its own.
    REFUSED = "La mairie ne peut pas garder de photo de cet enfant. Pour savoir pourquoi, adressez-vous à elle."
    ELSEWHERE = "Cet enfant ne vit plus dans ce dossier. Rien n’a été gardé."
    NOT_NOW = "Les fichiers ne peuvent pas être reçus pour le moment. Réessayez plus tard."
    NOT_A_PHOTO = (
        "Ce fichier n’est pas une photo. Choisissez une photo (JPEG, PNG, HEIC ou WebP) du visage de l’enfant."
    )


def is_photo_agreed(answers: Collection[bool]) -> bool:
    """Will tell whether a photo may be kept and shown, given the last answer of each home that answered.

    To let those who look after a child recognize it is a usual act of parental authority: one parent does it, who is
    deemed to act with the other's agreement (article 372-2 of the Code civil). Hence one « yes » is enough where no
    home says no, unlike a photo that is published, for which a silence is said (`consents.consent_standing`).
    """
    return any(answers) and all(answers)


def given_before(at: datetime) -> datetime:
    """Will return the moment such that a photo given earlier is erased at `at`."""
    return at - timedelta(days=PHOTO_DAYS)
