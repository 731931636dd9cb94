"""What an acknowledgement of a request (accusé de réception) says, and what follows when it does not say it.

R112-5 of the CRPA: the day of reception, the service in charge and how to reach it, whether silence accepts or refuses
and on what date; when it refuses, by what remedies and until when it is contested; when it accepts, the right to an
attestation (L232-3). L114-5: what is missing, by when, and what that does to the delay. L111-2: the first name,
surname, quality and address of the agent in charge, unless safety asks that nobody be named.

L112-6: without all that, the family's time to appeal cannot be held against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.procedures.rules.clocks import Clock, Silence
from marelle.foundation.french_dates import NO_BREAK, hour, in_full, listed

if TYPE_CHECKING:
    from datetime import date, datetime

CODE: Final = "code des relations entre le public et l’administration"
SILENCE_SHORT: Final = {
    Silence.ACCEPTS: "Sans réponse, la demande est acceptée",
    Silence.REFUSES: "Sans réponse, la demande est refusée",
    Silence.DECIDES_NOTHING: "Sans réponse, rien n’est décidé",
}


class Mention(StrEnum):
    """What the law wants an acknowledgement to say; the value is how an agent reads it."""

    SERVICE = "le service chargé de la demande"
    ADDRESS = "l’adresse du service"
    PHONE = "le téléphone du service"
    SILENCE_DATE = "le jour où le silence décide"
    REMEDIES = "comment contester un refus"
    APPEAL_DATE = "jusqu’à quand contester un refus"


@dataclass(frozen=True, slots=True)
class ServiceInCharge:
    """Who deals with the request, and how to reach them."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    opening_hours: str = ""

    @property
    def ways(self) -> tuple[str, ...]:
        """Will return the ways to reach it, those that it gave."""
        return tuple(way for way in (self.address, self.phone, self.email, self.opening_hours) if way)


@dataclass(frozen=True, slots=True)
class AgentInCharge:
    """Who follows the request: the first name and surname they go by at work, their quality, their office's address."""

    name: str
    quality: str = ""
    address: str = ""

    @property
    def named(self) -> str:
        """Will return « Camille Martin, responsable du service scolaire »."""
        return ", ".join(filter(None, (self.name, self.quality)))


class Unnamed(StrEnum):
    """Why nobody is named: the service does not, as it may for safety; or nobody has the request yet."""

    FOR_SAFETY = "for_safety"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Missing:
    """What is asked for, by its labels, the last day to send it, and what the agent wrote about it, for the page."""

    pieces: tuple[str, ...]
    due_on: date
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a family is told of its request. `received_at` is in the authority's zone.

    `clock` is where its time stands; `remedies` and `appeal_until` are said when silence refuses.
    """

    number: str
    procedure: str
    received_at: datetime
    service: ServiceInCharge
    agent: AgentInCharge | Unnamed
    silence: Silence
    clock: Clock
    remedies: str = ""
    appeal_until: date | None = None
    missing: Missing | None = None


def lacking(acknowledgement: Acknowledgement) -> tuple[Mention, ...]:
    """Will return what the law wants said and is not, in the law's order."""
    service, refuses = acknowledgement.service, acknowledgement.silence is Silence.REFUSES
    waits = acknowledgement.clock.silent_on is None and not acknowledgement.clock.is_suspended
    said = {
        Mention.SERVICE: service.name,
        Mention.ADDRESS: service.address,
        Mention.PHONE: service.phone,
        Mention.SILENCE_DATE: acknowledgement.silence is Silence.DECIDES_NOTHING or not waits,
        Mention.REMEDIES: not refuses or acknowledgement.remedies,
        Mention.APPEAL_DATE: not refuses or acknowledgement.appeal_until,
    }
    return tuple(mention for mention, is_said in said.items() if not is_said)


def appeal_against_silence(acknowledgement: Acknowledgement | None) -> date | None:
    """Will return the last day to contest a refusal by silence; None when no day can be held against the family.

    That is so when nothing was acknowledged, or when the acknowledgement does not say all that it must (L112-6).
    """
    if acknowledgement is None or lacking(acknowledgement):
        return None
    return acknowledgement.appeal_until


def sentences_of(acknowledgement: Acknowledgement, *, is_discreet: bool = False) -> tuple[str, ...]:
    """Will write the acknowledgement. `is_discreet` is for an e-mail: neither its subject nor its pieces are named."""
    return (
        _received(acknowledgement, is_discreet=is_discreet),
        *_in_charge(acknowledgement),
        *(missing_sentences(acknowledgement.missing, is_discreet=is_discreet) if acknowledgement.missing else ()),
        *silence_sentences(acknowledgement),
    )


def _received(acknowledgement: Acknowledgement, *, is_discreet: bool) -> str:
    at = acknowledgement.received_at
    about = "" if is_discreet else f", «{NO_BREAK}{acknowledgement.procedure}{NO_BREAK}»,"
    return (
        f"Nous avons reçu votre demande n°{NO_BREAK}{acknowledgement.number}{about} le"
        f" {in_full(at.date(), year=True)} à {hour(at)}."
    )


def _in_charge(acknowledgement: Acknowledgement) -> tuple[str, ...]:
    service, agent = acknowledgement.service, acknowledgement.agent
    where = f"{NO_BREAK}: {' · '.join(service.ways)}" if service.ways else ""
    return (f"Service en charge de votre demande{NO_BREAK}: {service.name}.", *_reached(where), agent_sentence(agent))


def _reached(where: str) -> tuple[str, ...]:
    return (f"Pour le joindre{where}.",) if where else ()


def agent_sentence(agent: AgentInCharge | Unnamed) -> str:
    """Will say who follows the request, or why nobody is named (L111-2)."""
    match agent:
        case AgentInCharge():
            at = f" ({agent.address})" if agent.address else ""
            return f"Votre demande est suivie par {agent.named}{at}."
        case Unnamed.FOR_SAFETY:
            return "La personne qui suit votre demande n’est pas nommée. Écrivez-lui par ce service."
        case Unnamed.NOT_YET:
            return (
                "Le nom de la personne qui suit votre demande s’affiche sur la page de la demande dès qu’il est connu."
            )


def missing_sentences(missing: Missing, *, is_discreet: bool = False) -> tuple[str, ...]:
    """Will say what is missing and by when; an e-mail names no piece when it `is_discreet`."""
    due = f"au plus tard le {in_full(missing.due_on, year=True)}"
    if is_discreet or not missing.pieces:
        asked = f"Il manque quelque chose à votre demande. Voyez quoi sur sa page, et envoyez-le {due}."
    else:
        asked = f"Il manque à votre demande{NO_BREAK}: {listed(missing.pieces)}. À envoyer {due}."
    return (asked,) if is_discreet else (asked, *(line for words in missing.words for line in paragraphs(words)))


def silence_sentences(acknowledgement: Acknowledgement) -> tuple[str, ...]:
    """Will say what silence means, on which date, and what can be done then."""
    clock = acknowledgement.clock
    match acknowledgement.silence:
        case Silence.ACCEPTS:
            return _accepted(clock)
        case Silence.REFUSES:
            return (*_refused(clock), *_contested(acknowledgement))
        case Silence.DECIDES_NOTHING:
            by = f" au plus tard le {in_full(clock.answer_by, year=True)}" if clock.answer_by else ""
            return (
                f"Nous vous répondons{by}. Sans réponse de notre part, rien n’est décidé{NO_BREAK}: relancez-nous.",
            )


ATTESTATION: Final = (
    f"Vous pouvez alors demander une attestation, sur la page de votre demande (article L. 232-3 du {CODE})."
)


def _accepted(clock: Clock) -> tuple[str, ...]:
    if clock.silent_on is None:
        return (
            (
                "Sans réponse de notre part, votre demande est acceptée au bout d’un délai. Ce délai commence seulement"
                f" le jour où nous recevons les pièces qui manquent (article L. 114-5 du {CODE}){NO_BREAK}; nous vous"
                " écrivons alors la date."
            ),
            ATTESTATION,
        )
    return (
        f"Sans réponse de notre part le {in_full(clock.silent_on, year=True)} au soir, votre demande est acceptée.",
        ATTESTATION,
    )


def _refused(clock: Clock) -> tuple[str, ...]:
    if clock.silent_on is None:
        return ()
    refused = f"Sans réponse de notre part le {in_full(clock.silent_on, year=True)} au soir, votre demande est refusée."
    if clock.resumes_on is None:
        return (refused,)
    return (
        (
            "Le délai de notre réponse est arrêté. Il reprend dès que vous envoyez les pièces qui manquent, ou à la"
            f" fin du temps donné pour les envoyer (article L. 114-5 du {CODE})."
        ),
        (
            f"{refused} Si vous les envoyez plus tôt, cette date avance d’autant{NO_BREAK}; nous vous écrivons la"
            " nouvelle."
        ),
    )


def _contested(acknowledgement: Acknowledgement) -> tuple[str, ...]:
    until = appeal_against_silence(acknowledgement)
    if until is None:
        return paragraphs(acknowledgement.remedies)
    return (
        f"Vous pouvez contester ce refus jusqu’au {in_full(until, year=True)}.",
        *paragraphs(acknowledgement.remedies),
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """Will cut what an authority wrote at its lines, the empty ones left out."""
    return tuple(said for line in text.splitlines() if (said := " ".join(line.split())))
