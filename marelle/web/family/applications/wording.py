"""What Mes demandes says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from marelle.domain.procedures.rules.clocks import Delay, DelayUnit, Silence
from marelle.domain.procedures.rules.states import STATE_WORDS, State
from marelle.domain.reservations.models import CancellationRequest, CustodyProposal
from marelle.foundation.french_dates import NO_BREAK, hour, in_full, without_weekday

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.procedures.rules.clocks import Clock
    from marelle.domain.procedures.rules.definitions import RequiredDocument

CANCELLATION = CancellationRequest.State
PENDING = _("En attente")
ACCEPTED = _("Acceptée")
REFUSED = _("Refusée")
WAITING = _("La mairie doit répondre ; jusque-là, ce jour reste réservé.")
REFUNDED = _("Ce jour ne vous sera pas facturé ; s’il est déjà réglé, il vous sera remboursé.")
NOT_REFUNDED = _("Selon le règlement du service, ce jour reste facturé.")
KEPT = _("La réservation est maintenue, et reste facturée.")
CUSTODY_TO_ANSWER = _("L’autre foyer attend votre réponse.")
CUSTODY_ASKED = {
    CustodyProposal.State.PENDING: _("L’autre foyer n’a pas encore répondu."),
    CustodyProposal.State.DISPUTED: _("L’autre foyer n’est pas d’accord, ou n’a pas répondu : la mairie décide."),
}
NOT_LEFT_YET = _("En route.")

DRAFT = _("Brouillon, à terminer")
SAVED = _("Votre brouillon est enregistré.")
DISCARDED = _("Votre brouillon est supprimé. Les documents joints restent dans votre dossier.")
SENT = _("Votre demande est envoyée.")
MESSAGE_SENT = _("Votre message est envoyé.")
NO_MESSAGE = _("Écrivez votre message.")
LONG_MESSAGE = _("C’est trop long : 4 000 caractères au plus.")
COMPLETED = _("Votre complément est envoyé à la mairie.")
WITHDRAWN = _("Votre demande est retirée. Rien ne change.")
NO_ATTESTATION = _("Une attestation se délivre quand l’absence de réponse a valu acceptation.")
NOT_SENT_YET = _("Cette demande n’est pas encore envoyée.")

MISSING_DOCUMENT = _("Joignez ce document.")
NO_FILE = _("Choisissez un fichier, puis ajoutez-le.")
NOTHING_CHOSEN = _("Choisissez dans la liste")
PERSON = {"name": _("Nom et prénom"), "phone": _("Téléphone"), "relation": _("Lien avec les enfants")}
ADDRESS = {"street": _("Numéro et rue"), "postcode": _("Code postal"), "city": _("Ville")}
HOMES = (_("Premier foyer"), _("Deuxième foyer"), _("Troisième foyer"))
IBAN_HINT = _("Les espaces ne comptent pas. Sa clé est vérifiée.")
AMOUNT_HINT = _("En euros, par exemple 12,50.")

NO_PROCEDURE = _("Choisissez une démarche dans la liste.")
RESIDENTS_ONLY = _("Réservée aux habitants de la commune.")
OTHERS_ONLY = _("Réservée à certaines familles : demandez à la mairie.")

TAGS: Final = {
    State.DRAFT: ("quiet", "pencil"),
    State.SUBMITTED: ("amber", "hourglass"),
    State.INCOMPLETE: ("amber", "circle-alert"),
    State.APPROVED: ("green", "check"),
    State.PARTLY_APPROVED: ("green", "check"),
    State.REJECTED: ("red", "x"),
    State.WITHDRAWN: ("quiet", "undo-2"),
    State.IMPLICITLY_APPROVED: ("green", "check"),
    State.IMPLICITLY_REJECTED: ("red", "x"),
    State.ANSWERED: ("green", "message-circle"),
}
CANCELLATION_TAGS: Final = {
    CANCELLATION.PENDING: (PENDING, "amber", "hourglass"),
    CANCELLATION.ACCEPTED: (ACCEPTED, "green", "check"),
    CANCELLATION.REFUSED: (REFUSED, "red", "x"),
}
A_MEGABYTE: Final = 1024 * 1024
ONE, TWO_TO_TEN = 1, ("", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
UNITS: Final = {
    DelayUnit.MONTHS: ("mois", "mois"),
    DelayUnit.DAYS: ("jour", "jours"),
    DelayUnit.WORKING_DAYS: ("jour ouvré", "jours ouvrés"),
}


def tag_of(state: State) -> tuple[str, str, str]:
    """Will return the words, the tone and the icon of where an application stands."""
    tone, icon = TAGS[state]
    return (str(DRAFT) if state is State.DRAFT else STATE_WORDS[state], tone, icon)


def delay_words(delay: Delay) -> str:
    """Will write « deux mois », « dix jours ouvrés »."""
    count = TWO_TO_TEN[delay.count] if delay.count < len(TWO_TO_TEN) else str(delay.count)
    return f"{count} {UNITS[delay.unit][delay.count > ONE]}"


def silence_words(silence: Silence) -> str:
    """Will say what silence means, before anything is asked."""
    return {
        Silence.ACCEPTS: "Sans réponse à cette date, la demande est acceptée.",
        Silence.REFUSES: "Sans réponse à cette date, la demande est refusée.",
        Silence.DECIDES_NOTHING: "Sans réponse à cette date, relancez la mairie.",
    }[silence]


def clock_sentence(silence: Silence, clock: Clock, at: datetime) -> str:
    """Will say until when the authority may answer, and what silence means, in one or two sentences."""
    if clock.answer_by is None:
        return "Le délai de réponse commence le jour où la mairie reçoit ce qui manque."
    if clock.has_decided(at):
        said = "acceptée" if silence is Silence.ACCEPTS else "refusée"
        return f"Sans réponse le {in_full(clock.answer_by, year=True)} au soir : votre demande est {said}."
    day = without_weekday(clock.answer_by, year=True)
    if silence is Silence.DECIDES_NOTHING:
        words = f"La mairie vous répond au plus tard le {day}. Sans réponse, rien n’est décidé : relancez-la."
    else:
        said = "acceptée" if silence is Silence.ACCEPTS else "refusée"
        words = f"Sans réponse le {day}, votre demande sera {said}."
    if clock.is_suspended:
        return f"Le délai de réponse est arrêté tant qu’il manque quelque chose. {words}"
    return words


def lower_first(words: str) -> str:
    """Will write a label inside a sentence: « pièce d’identité »; an acronym stays: « RIB »."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def document_words(one: RequiredDocument) -> str:
    """Will write a document to prepare: its label, and whether one may do without."""
    label = lower_first(one.label)
    if one.only_if is not None:
        return f"{label} (selon vos réponses)"
    return label if one.is_required else f"{label} (facultatif)"


def accepted_words(one: RequiredDocument) -> str:
    """Will say what a document may be and weigh, how many files, and until when it serves."""
    kinds = [words for words, is_taken in (("une photo", one.takes_images), ("un PDF", one.takes_pdf)) if is_taken]
    said = " ou ".join(kinds)
    words = f"{said[:1].upper()}{said[1:]}, {one.most_mb}{NO_BREAK}Mo au plus."
    if one.most_files > ONE:
        words += f" {one.most_files} fichiers au plus."
    if one.valid_months is not None:
        words += f" Valable {delay_words(Delay(one.valid_months))}."
    return words


def moment_words(local: datetime) -> str:
    """Will write « lundi 23 novembre 2026, 8 h » for a datetime already in the authority's zone."""
    return f"{in_full(local.date(), year=True)}, {hour(local)}"


def weight_words(size: int) -> str:
    """Will write a number of bytes: « 340 ko », « 1,2 Mo »."""
    if size < A_MEGABYTE:
        return f"{max(1, round(size / 1024))}{NO_BREAK}ko"
    return f"{size / A_MEGABYTE:.1f}".replace(".", ",") + f"{NO_BREAK}Mo"
