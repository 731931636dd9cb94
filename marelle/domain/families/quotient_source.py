"""The port through which a quotient is asked of those who compute it: what is told of a person, what comes back.

A connector fulfils `QuotientSource`; `config` plugs it in. None of this is kept: an identity serves one question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

FRANCE: Final = "99100"
MOST_FIRST_NAMES: Final = 3


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A person as her birth certificate names her; what is not known is left empty.

    Places are codes of INSEE. Born in France, she has a town: its code, or its name with the department and the year.
    """

    birth_name: str
    first_names: tuple[str, ...]
    sex: str  # « F » or « M », as the certificate says
    birth_year: int | None = None
    birth_month: int | None = None
    birth_day: int | None = None
    birth_country: str = FRANCE
    birth_town_code: str = ""
    birth_town: str = ""
    birth_department: str = ""
    used_name: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class PersonOfFile:
    """Somebody of the file that was found, so that an agent sees whether it is the right one."""

    first_names: str
    name: str
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, repr=False)
class FoundQuotient:
    """What was answered: the quotient in cents, who computed it, the month it holds for when that was said."""

    value_cents: int
    provider: str = ""  # CNAF, MSA
    year: int | None = None
    month: int | None = None
    adults: tuple[PersonOfFile, ...] = ()
    children: tuple[PersonOfFile, ...] = ()

    @property
    def valid_from(self) -> date | None:
        """Will return the first day of the month it holds for."""
        return date(self.year, self.month, 1) if self.year and self.month else None

    @property
    def period(self) -> str:
        """Will write that month as data, « 2026-11 »; empty when it was not said."""
        return f"{self.year:04d}-{self.month:02d}" if self.year and self.month else ""


class Trouble(StrEnum):
    """Why there is no answer, in the words that an agent reads: what happened, then what to do."""

    NOT_FOUND = (
        "La CAF et la MSA ne trouvent personne sous cette identité. Vérifiez chaque mot sur une pièce d’identité : nom"
        " de naissance, tous les prénoms, date et lieu de naissance. Si tout est juste, la personne n’est peut-être pas"
        " allocataire : essayez avec l’autre parent, ou demandez un justificatif."
    )
    WRONG_IDENTITY = (
        "La demande est refusée : une partie de l’identité n’a pas la forme attendue. Vérifiez les prénoms, la date et"
        " surtout le lieu de naissance, puis demandez de nouveau."
    )
    NO_RECIPIENT = (
        "La demande est refusée : le numéro SIRET de la collectivité manque ou n’est pas reconnu. Prévenez la personne"
        " qui administre Marelle. En attendant, demandez un justificatif à la famille."
    )
    NOT_ALLOWED = (
        "API Particulier refuse l’accès de la collectivité : son autorisation manque, a expiré ou ne couvre pas le"
        " quotient familial. Prévenez la personne qui administre Marelle. En attendant, demandez un justificatif à la"
        " famille."
    )
    ALREADY_ASKED = "La même demande est déjà en cours. Attendez une minute, puis demandez de nouveau."
    TOO_MANY = "Trop de demandes viennent d’être faites. Attendez une minute, puis demandez de nouveau."
    UNAVAILABLE = (
        "La CAF ou la MSA ne répond pas pour le moment. Réessayez dans quelques minutes. Si cela dure, notez le"
        " quotient avec un justificatif."
    )
    UNREACHABLE = (
        "API Particulier ne peut pas être joint depuis cette installation. Réessayez dans quelques minutes. Si cela"
        " dure, prévenez la personne qui administre Marelle."
    )
    UNREADABLE = (
        "La réponse d’API Particulier ne se lit pas : rien n’a été noté. Réessayez plus tard. Si cela dure, prévenez la"
        " personne qui administre Marelle."
    )
    NO_QUOTIENT = (
        "Le dossier est trouvé, mais la réponse ne donne pas de quotient familial : l’autorisation de la collectivité"
        " ne le couvre peut-être pas. Prévenez la personne qui administre Marelle, et demandez un justificatif à la"
        " famille."
    )


class QuotientUnknownError(Exception):
    """There is no answer: `trouble` says why, in words. It holds nothing of the person."""

    def __init__(self, trouble: Trouble) -> None:
        """Will keep why."""
        super().__init__(trouble.name)
        self.trouble = trouble


class QuotientSource(Protocol):
    """Who can be asked for a quotient."""

    def quotient_of(self, identity: Identity, *, recipient: str) -> FoundQuotient:
        """Will return this month's quotient of a person's file, for `recipient` (the SIRET of who asks).

        Raises QuotientUnknownError; writes nothing, nowhere, and may take some seconds: never inside a transaction.
        """


class QuotientByToken(Protocol):
    """Who can be asked for the quotient of whoever FranceConnect has just identified."""

    def quotient_by_token(self, access_token: str, *, recipient: str) -> FoundQuotient:
        """Will return this month's quotient of the holder of a FranceConnect access token, for `recipient` (a SIRET).

        The token lives sixty seconds. Raises QuotientUnknownError; writes nothing, nowhere, and may take some seconds:
        never inside a transaction.
        """
