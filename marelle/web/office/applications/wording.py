"""The words of applications at the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from marelle.domain.procedures.queries.inbox import Show, Whose
from marelle.domain.procedures.rules.clocks import Silence
from marelle.domain.procedures.rules.states import STATE_WORDS, Decision, State
from marelle.foundation.actors import ActorKind
from marelle.foundation.french_dates import NO_BREAK, in_full, listed, moment, without_weekday

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from marelle.domain.procedures.queries.story import Event
    from marelle.domain.procedures.rules.clocks import Clock

SHOWN: Final = {
    Show.TO_HANDLE: "À traiter",
    Show.INCOMPLETE: "À compléter",
    Show.DECIDED: "Décidées",
    Show.ALL: "Toutes",
}
WHOSE: Final = {Whose.ANYBODY: "Tout le monde", Whose.MINE: "Moi", Whose.NOBODY: "Personne"}
# A tone and an icon for each state: never the colour alone.
LOOKS: Final = {
    State.SUBMITTED: ("amber", "hourglass"),
    State.INCOMPLETE: ("blue", "paperclip"),
    State.APPROVED: ("green", "check"),
    State.PARTLY_APPROVED: ("green", "check"),
    State.REJECTED: ("red", "x"),
    State.WITHDRAWN: ("quiet", "undo-2"),
    State.IMPLICITLY_APPROVED: ("green", "clock"),
    State.IMPLICITLY_REJECTED: ("red", "clock"),
    State.ANSWERED: ("green", "message-circle"),
}
# Days before silence decides from which an agent is warned, then pressed.
SOON, VERY_SOON = 15, 7
NO_WORDS: Final = "Écrivez votre message."
NO_NOTE: Final = "Écrivez votre note."
TOO_LONG: Final = "C’est trop long : 4 000 caractères au plus."
NO_DAY: Final = "Indiquez un jour, par exemple 09/04/2027."
NO_AGENT: Final = "Choisissez quelqu’un dans la liste."
NO_SERVICE: Final = "Choisissez un service dans la liste."
NO_DECISION: Final = "Choisissez votre décision."
UNREADABLE: Final = "Cette page est incomplète : rechargez-la."
BAD_PERIOD: Final = "Le premier jour vient après le dernier."
SENT: Final = "Message envoyé à la famille."
NOTED: Final = "Note enregistrée. La famille ne la voit pas."
ASKED: Final = "Complément demandé. La famille est prévenue."
APPLIED: Final = "C’est fait. La décision née du silence est appliquée."
SAME_HANDS: Final = "Rien n’a changé : c’était déjà le cas."
NOT_YOURS: Final = "Cette demande contient des réponses que vos droits ne montrent pas : son PDF non plus."
HEALTH_FIRST: Final = "Affichez d’abord les réponses de santé : leur lecture est notée."
DECIDED: Final = {
    Decision.APPROVE: "Demande acceptée. La famille est prévenue.",
    Decision.APPROVE_PARTLY: "Demande acceptée en partie. La famille est prévenue.",
    Decision.REJECT: "Demande refusée. La famille est prévenue.",
    Decision.ANSWER: "Réponse envoyée. La demande est close.",
}
NOT_APPLIED: Final = "La décision ne peut pas être appliquée. Rien n’a été décidé."
CHANGED: Final = "Cette demande a changé pendant que vous écriviez."
CHANGED_MORE: Final = "Rien n’a été enregistré. Vos mots sont gardés plus bas : relisez, puis recommencez si besoin."
NOT_DONE: Final = "Rien n’a été enregistré."
NOTHING_TICKED: Final = "Cochez d’abord les demandes auxquelles répondre."
ONE_PROCEDURE: Final = "Répondez à une démarche à la fois : choisissez-la, puis cochez ses demandes."


def assigned(name: str | None) -> str:
    """Will say who has an application now."""
    return f"Demande confiée à {name}." if name else "Cette demande n’est plus confiée à personne."


def transferred(service: str) -> str:
    """Will say where an application went."""
    return f"Demande transmise : {service}. La famille est prévenue."


def number(value: int | None) -> str:
    """Will write « n° 12 »."""
    return f"n°{NO_BREAK}{value}"


def pieces(count: int) -> str:
    """Will say how many documents are joined; nothing for none."""
    return f"{count}{NO_BREAK}pièce{_s(count)} jointe{_s(count)}" if count else ""


def together_title(count: int, *, is_refusal: bool) -> str:
    """Will say what is about to be decided of how many applications."""
    verb = "Refuser" if is_refusal else "Accepter"
    return f"{verb} {count} demande{_s(count)}" if count else f"Rien à {verb.lower()} d’un coup"


def already_among(count: int) -> str:
    """Will say how many of those that were ticked wait no more; nothing for none."""
    if not count:
        return ""
    if count == 1:
        return "Une demande cochée n’attend plus de décision : elle ne change pas."
    return f"{count} demandes cochées n’attendent plus de décision : elles ne changent pas."


def decided_together(done: int, already: int, left: Sequence[tuple[str, Sequence[str]]], *, is_accepted: bool) -> str:
    """Will say what became of the applications; `left` are the numbers of those that wait on, with why."""
    said = []
    verb = "acceptée" if is_accepted else "refusée"
    if done:
        tail = "La famille est prévenue." if done == 1 else "Les familles sont prévenues."
        said.append(f"{done} demande{_s(done)} {verb}{_s(done)}. {tail}")
    if already:
        said.append(f"{already} l’{'était' if already == 1 else 'étaient'} déjà.")
    by_why: dict[str, list[str]] = {}
    for told, why in left:
        by_why.setdefault(" ".join(why), []).append(told)
    said += [f"{listed(told)} : {why}" for why, told in by_why.items()]
    return " ".join(said)


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def days(count: int) -> str:
    """Will write « 3 jours », « 1 jour »."""
    return f"{count}{NO_BREAK}jour{'s' if count > 1 else ''}"


def within(count: int) -> str:
    """Will say when a last day comes: « ce soir », « demain soir », « dans 3 jours »."""
    if count <= 0:
        return "ce soir"
    return "demain soir" if count == 1 else f"dans {days(count)}"


def silence(meaning: Silence, left: int) -> tuple[str, str, str]:
    """Will warn that silence decides: words, tone and icon. The nearer, the louder."""
    verb = {Silence.ACCEPTS: "accepte", Silence.REFUSES: "refuse", Silence.DECIDES_NOTHING: ""}[meaning]
    words = f"Le silence {verb} {within(left)}"
    if left <= VERY_SOON:
        return words, "red", "triangle-alert"
    return (words, "amber", "clock") if left <= SOON else (words, "quiet", "clock")


def pressure(silent_on: date | None, *, on: date) -> Literal["blue", "amber", "red"]:
    """Will return the tone in which the time of an application is told."""
    left = SOON + 1 if silent_on is None else (silent_on - on).days
    return "red" if left <= VERY_SOON else "amber" if left <= SOON else "blue"


def clock_sentences(clock: Clock, meaning: Silence, *, on: date) -> list[str]:
    """Will say where the time of an open application stands, and what silence means."""
    verb = {Silence.ACCEPTS: "accepte", Silence.REFUSES: "refuse", Silence.DECIDES_NOTHING: ""}[meaning]
    if clock.is_suspended:
        said = ["Le délai est arrêté : vous attendez la famille."]
        if clock.resumes_on:
            said.append(f"Sans nouvelle, il reprend le {in_full(clock.resumes_on, year=True)}.")
        elif clock.answer_by is None:
            said.append("Il repart en entier quand elle aura envoyé ce qui manque.")
    else:
        said = []
    if clock.answer_by is None:
        return said
    left = (clock.answer_by - on).days
    last = in_full(clock.answer_by, year=True)
    if meaning is Silence.DECIDES_NOTHING:
        when = f"dans {days(left)}" if left > 1 else within(left)
        said.append(
            f"Réponse attendue avant la fin du {last}, {when}. Le silence ne décide rien."
            if left >= 0
            else f"Réponse attendue depuis le {last}. Le silence ne décide rien."
        )
    elif left < 0:
        said.append(f"Le délai est passé depuis le {last} : le silence {verb}.")
    else:
        said.append(f"Le silence {verb} {within(left)} : à la fin du {last}.")
    return said


def waited(sent_on: date, on: date) -> str:
    """Will write « Reçue le 23 novembre, il y a 3 jours »."""
    gone = (on - sent_on).days
    ago = "aujourd’hui" if gone <= 0 else "hier" if gone == 1 else f"il y a {days(gone)}"
    return f"Reçue le {without_weekday(sent_on)}, {ago}"


def event(one: Event, zone: ZoneInfo) -> tuple[str, str]:
    """Will say a line of the journal: what, then when and by whom."""
    state = STATE_WORDS.get(State(one.details["state"])) if one.details.get("state") else ""
    what = {
        "start_application": "Brouillon commencé",
        "join_document": "Pièce jointe",
        "submit_application": "Demande envoyée",
        "complete_application": "Complément envoyé",
        "withdraw_application": "Demande retirée",
        "write_message": "Message écrit",
        "write_note": "Note entre agents",
        "assign": f"Confiée à {one.to}" if one.to else "Confiée à personne",
        "transfer": f"Transmise : {one.to}" if one.to else "Transmise à un autre service",
        "request_changes": "Complément demandé",
        "decide": f"Décision : {state}",
        "decide_by_silence": f"Décision du silence : {state}",
        "apply_effect": "Décision appliquée",
        "read_health": "Réponses de santé lues",
    }.get(one.verb, one.verb)
    who = one.who or {ActorKind.FAMILY: "la famille", ActorKind.AGENT: "un agent", ActorKind.SYSTEM: ""}[one.kind]
    when = moment(one.at.astimezone(zone))
    return what, f"{when}, {who}" if who else when


def local_moment_words(at: datetime, zone: ZoneInfo) -> str:
    """Will write a moment by the clocks of the authority."""
    return moment(at.astimezone(zone))
