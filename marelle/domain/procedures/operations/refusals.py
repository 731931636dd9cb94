"""Why a write on an application is not done."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from marelle.domain.procedures.rules.answers import AnswerFault


class WhyNot(StrEnum):
    """What stands against it, in words."""

    CHANGED = "Quelqu’un d’autre a traité cette demande entre-temps. Relisez-la avant de continuer."
    NOT_A_DRAFT = "Cette demande est déjà envoyée."
    SENT_ALREADY = "La mairie a déjà reçu ce document avec votre demande : il reste joint."
    NOT_OPEN = "Cette demande est close."
    SILENCE_DECIDED = "Le délai de réponse est dépassé : le silence a déjà décidé de cette demande."
    NOT_INCOMPLETE = "Aucun complément n’est attendu pour cette demande."
    PROCEDURE_SHUT = "Cette démarche n’est plus proposée en ligne. Votre brouillon est gardé : contactez la mairie."
    PROCEDURE_CHANGED = "Cette démarche a changé depuis votre brouillon. Relisez vos réponses avant d’envoyer."
    NOT_FOR_THEM = "Cette démarche n’est pas ouverte à votre famille."
    NO_WORDS = "Écrivez votre message."
    NO_REASON = "Donnez les raisons : la famille doit savoir pourquoi."
    PAST = "Choisissez un jour à venir."
    NOTHING_MISSING = "Dites ce qui manque : cochez une pièce ou écrivez-le."
    NOT_OFFERED = "Cette décision ne convient pas à cette démarche."
    CHANGED_WHAT_THEY_ASKED = (
        "Vous avez modifié ce que la famille demandait : acceptez en partie, et dites-lui pourquoi."
    )
    NOT_THEIRS = "Ce document n’est pas au dossier de la famille."
    TOO_MANY_FILES = "Il y a déjà assez de fichiers pour cette pièce."
    UNKNOWN_DOCUMENT = "Cette pièce n’est pas demandée ici."
    NO_LONGER_VALID = "Ce document n’est plus valable : envoyez-en un plus récent."
    NO_IMAGE = "Cette pièce ne peut pas être une photo : envoyez un PDF."
    NO_PDF = "Cette pièce ne peut pas être un PDF : envoyez une photo."


class UnableToWriteError(Exception):
    """Nothing was written: `why`."""

    def __init__(self, why: WhyNot) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


class UnableToSubmitError(Exception):
    """Answers are not taken or documents are missing: faults by field code, codes of the documents. Nothing written."""

    def __init__(self, faults: Mapping[str, AnswerFault], missing: tuple[str, ...] = ()) -> None:
        """Will keep why."""
        super().__init__(sorted(faults), missing)
        self.faults = dict(faults)
        self.missing = missing
