"""The règlement in French, as a council could vote it: the whole of the data that decides, and nothing else.

Each value has its sentence: two different règlements never print the same articles. What a règlement does not choose
is said too, as it is decided; the words that it uses are defined at its end, those only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.acts import EVERYONE, Act, Late, OpeningWave
from marelle.domain.catalog.rules.closings import Closing, Replacement
from marelle.domain.catalog.rules.cutoffs import Cutoff, Never, Obstacle, SameDay, WeekdayTable, Window
from marelle.domain.catalog.rules.sentences import (
    audience_in_words,
    billed_in_words,
    block_in_words,
    circumstance_in_words,
    clause_in_words,
    cutoff_in_words,
    falling_in_words,
    last_moment_in_words,
    late_in_words,
    moves_in_words,
    opening_in_words,
    priority_in_words,
    quota_in_words,
    tidy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from marelle.domain.catalog.rules.absences import AbsenceRules
    from marelle.domain.catalog.rules.cancellations import CancellationEffect
    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.domain.catalog.rules.waiting import WaitingRules

_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
_DAYS_OF_A_WEEK: Final = 7


ABSENCES: Final = "Absences et maladie"  # the title of that article


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a règlement: its title, and its sentences in order."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of an act: « réservation », « la réservation », « réserver », and its late form."""

    title: str
    noun: str
    verb: str
    late_title: str
    opening_title: str


_BOOK: Final = _Words(
    "Réservation", "la réservation", "réserver", "Réservation après la limite", "Ouverture des réservations"
)
_CANCEL: Final = _Words(
    "Annulation", "l’annulation", "annuler", "Annulation après la limite", "Ouverture des annulations"
)
_CHANGE: Final = _Words(
    "Modification", "la modification", "modifier", "Modification après la limite", "Ouverture des modifications"
)

# What a word means, printed where its pattern occurs in the articles.
_MEANINGS: Final[Mapping[str, str]] = {
    r"\bavant (?:\d|midi|le \d)": (
        "« Avant » une heure ou un jour : à cette heure, ou ce jour-là, il est déjà trop tard."
    ),
    r"\bjusqu’(?:à (?!la fin)|au \d)": (
        "« Jusqu’à » une heure ou « jusqu’au » un jour : cette minute, ou ce jour, est encore à temps jusqu’à sa fin."
    ),
    r"\bla veille\b": "La veille est le jour d’avant, même un samedi, un dimanche, un jour férié ou de vacances.",
    r"\b\d+ jours? avant\b": (
        "Des jours comptés en arrière sont tous comptés, sauf ceux que la phrase met à part ; "
        "celui du service ne l’est pas."
    ),
    r"\bjours? de semaine\b": "Un jour de semaine est un jour du lundi au vendredi, férié ou non.",
    r"\bjours? ouvrés?\b": "Un jour ouvré est un jour du lundi au vendredi qui n’est pas férié.",
    r"\bjours? francs? avant\b": (
        "Des jours francs sont des jours entiers : ni celui de la demande ni celui du service n’y comptent."
    ),
    r"\bjours? de classe\b": (
        "Un jour de classe est un jour où l’école a lieu : ni jour férié, ni jour de vacances scolaires."
    ),
    r"\b(?:jour de pont|ponts)\b": (
        "Un pont est un vendredi qui suit un jeudi férié ou un lundi qui précède un mardi férié."
    ),
    r"\bla mairie est fermée\b": (
        "La mairie est fermée les jours fériés, ceux de la semaine où elle n’ouvre pas, et ceux qu’elle annonce."
    ),
    r"\bheures? avant (?:le début de la journée \(0.h\)|[^,;:.]* ce jour-là)(?!, sans compter)": (
        "Les heures comptées avant un service sont des heures réelles : toutes comptent, de nuit comme de jour."
    ),
    r"\bsans compter les heures\b": (
        "Quand les heures de certains jours ne comptent pas, les autres se comptent à l’horloge, et celles du jour du "
        "service comptent toujours."
    ),
    r"(?<!jour de )(?<!jours de )\bsemaines?\b": "Une semaine va du lundi au dimanche.",
    r"\bsemaines avant\b": (
        "Un jour « n semaines avant » est celui de la semaine qui vient n semaines avant celle du service."
    ),
    r"\bprécédent (?:avant|jusqu|à partir|dès)[^.;]* pour le\b": (
        "Un lundi « précédent » est le dernier avant le jour du service, jamais ce jour-là ; "
        "de même pour les autres jours."
    ),
    r"\b(?:29|30|31)(?: du mois|, \d+ mois)": (
        "Quand un mois n’a pas de 29, de 30 ou de 31, son dernier jour en tient lieu."
    ),
    r"\bavant les vacances\b": (
        "« Avant les vacances » : avant les dernières vacances scolaires d’avant le service, ou celles où il tombe."
    ),
    r"\bla rentrée\b": "La rentrée est le premier jour de classe après des vacances scolaires, petites ou grandes.",
    r"\ble jour d’avant est férié\b": (
        "Pour savoir si le jour d’avant est férié, on passe les samedis et les dimanches qui ne le sont pas."
    ),
    r"\b(?:par|chaque) période\b": (
        "Une période est une durée de vacances scolaires, ou de classe entre deux vacances."
    ),
    r"\bannée scolaire\b": "L’année scolaire va du 1ᵉʳ septembre au 31 août.",
    r"\bremis dans un délai de \d+ heures?\b": (
        "Le délai en heures d’un justificatif court du moment où la mairie est prévenue ; si elle l’est avant "
        "l’absence ou ne l’est pas, du début du premier jour d’absence."
    ),
    r"\bremis dans un délai de \d+ jours? francs?\b": (
        "Le délai en jours francs d’un justificatif dure jusqu’à la fin du lendemain du dernier ; "
        "le premier jour d’absence n’y compte pas."
    ),
    r"\bremis dans un délai de \d+ jours?\b(?! francs?)": (
        "Le délai en jours d’un justificatif dure jusqu’à la fin du dernier ; le premier jour d’absence n’y compte pas."
    ),
    r"\bdemande écrite\b": "Une demande écrite est à temps jusqu’à la fin du dernier jour de son délai.",
    r"%|\bmoitié du prix\b": "Un prix calculé est arrondi au centime le plus proche, un demi-centime vers le haut.",
}
_ALWAYS: Final = (
    "Toutes les heures sont celles de l’horloge de la commune.",
    "Aucune limite ne va au-delà de la fin du service.",
)
_QUOTED: Final = re.compile(r"« [^»]* »")


def articles_of(reglement: Reglement, *, subject: str, names: Mapping[str, str] = _NO_NAMES) -> tuple[Article, ...]:
    """Will print the whole règlement of `subject` (« Étude »).

    `names` are those of products and of categories of families, by code, each of its own; a code without one is
    printed as it is.
    """
    drafts = [
        ("Objet", _subject(reglement, subject)),
        *_act(reglement.book, _BOOK, names),
        *_act(reglement.cancel, _CANCEL, names, same_as=reglement.book.closes),
        ("Ce que donne une annulation", _cancellation(reglement.cancellation)),
        *_change(reglement, names),
        ("Nombre de jours et services liés", (quota_in_words(quota, names) for quota in reglement.quotas)),
        ("Familles qui ne peuvent pas réserver", _blocks(reglement)),
        (ABSENCES, _absences(reglement.absence)),
        ("Présence sans réservation", _unbooked(reglement)),
        ("Liste d’attente", _waiting(reglement.waiting, names)),
    ]
    articles = [Article(title, tuple(map(_sentence, phrases))) for title, phrases in drafts]
    articles = [article for article in articles if article.sentences]
    return (*articles, Article("Sens des mots", _meanings(articles)))


def _sentence(phrase: str) -> str:
    return f"{phrase[0].upper()}{phrase[1:]}."


def _subject(reglement: Reglement, subject: str) -> Iterator[str]:
    yield f"ce règlement dit comment réserver et annuler, et ce qui est facturé, pour « {tidy(subject)} »"
    if reglement.article:
        yield f"il applique ce passage du texte voté par le conseil : « {tidy(reglement.article)} »"


def _act(
    act: Act, words: _Words, names: Mapping[str, str], *, same_as: Closing | None = None
) -> Iterator[tuple[str, Iterator[str]]]:
    yield words.opening_title, _opening(act, words, names)
    yield words.title, _closing(act, words, same_as)
    if act.late is not None:
        yield words.late_title, _late(act.late, act.closes, words)


def _opening(act: Act, words: _Words, names: Mapping[str, str]) -> Iterator[str]:
    begins = any(_has_opening(cutoff) for cutoff in _cutoffs(act.closes))
    if not act.opens:
        if words is _BOOK and _is_ever_online(act.closes):
            since = "à partir du moment que dit l’article suivant" if begins else "sans attendre de date"
            yield f"{words.noun} est ouverte à toutes les familles, {since}"
        return
    for wave in act.opens:
        yield f"{audience_in_words(wave, names)}, {words.noun} {_opens(wave)}"
    if EVERYONE not in {wave.audience for wave in act.opens}:
        yield f"les autres familles ne peuvent pas {words.verb} en ligne"
    if len(act.opens) > 1:
        yield "une famille à qui plusieurs ouvertures conviennent profite de la première"
    if begins:
        yield "quand l’article suivant dit aussi un début, il faut attendre les deux"


def _opens(wave: OpeningWave) -> str:
    if isinstance(wave.opens, Never):
        return "n’ouvre pas en ligne"
    return f"ouvre {opening_in_words(wave.opens)}"


def _cutoffs(closing: Closing) -> tuple[Cutoff, ...]:
    return (closing.cutoff, *(each.cutoff for each in closing.replacements))


def _has_opening(cutoff: Cutoff) -> bool:
    if isinstance(cutoff, Window):
        return any(window.opens is not None for window in cutoff.windows)
    return isinstance(cutoff, SameDay) and cutoff.from_time is not None


def _is_ever_online(closing: Closing) -> bool:
    return not all(isinstance(cutoff, Never) for cutoff in _cutoffs(closing))


def _closing(act: Act, words: _Words, same_as: Closing | None) -> Iterator[str]:
    is_ever_online = _is_ever_online(act.closes)
    if is_ever_online and act.closes == same_as:
        yield f"on peut {words.verb} dans les mêmes limites que réserver"
    else:
        yield from _limits(act.closes, words)
    if is_ever_online and words is _BOOK:
        yield "une réservation faite dans cette limite est acquise aussitôt, s’il reste de la place"
    if is_ever_online and act.late is None:
        yield f"après la limite, {words.noun} ne se fait plus en ligne"
    if words is _CANCEL:
        yield "un jour réservé et non annulé suit les règles des absences"


def _limits(closing: Closing, words: _Words, *, is_second: bool = False) -> Iterator[str]:
    which = "la seconde limite" if is_second else "la limite"
    yield from _main_limit(closing.cutoff, words, which, is_second=is_second)
    for each in closing.replacements:
        yield f"{circumstance_in_words(each.circumstance)}, {_replacing(each, words, which, is_second=is_second)}"
        if _leaves_days_out(each.cutoff):
            yield "dans ce cas, pour un autre jour de la semaine, la règle ordinaire s’applique"
    if len(closing.replacements) > 1:
        yield "quand plusieurs de ces exceptions conviennent, la première seule s’applique"
    yield from moves_in_words(closing, which)
    if closing.moves:
        yield "si elle tombe alors sur un autre de ces jours, elle continue dans le même sens, jour par jour"
    if len({direction for _obstacle, direction in closing.moves}) > 1:
        order = ", puis ".join(falling_in_words([obstacle]) for obstacle, _direction in closing.moves)
        yield f"un jour de plusieurs sortes suit la règle de la première, dans cet ordre : {order}"
    kept = [obstacle for obstacle in Obstacle if obstacle not in dict(closing.moves)]
    if kept and _is_ever_online(closing):
        yield f"{which} reste la même si elle tombe {falling_in_words(kept)}"


def _main_limit(cutoff: Cutoff, words: _Words, which: str, *, is_second: bool) -> Iterator[str]:
    if isinstance(cutoff, Never):
        yield _never(words, is_second=is_second)
        return
    limit = last_moment_in_words(cutoff) if is_second else cutoff_in_words(cutoff)
    yield f"{which} pour {words.verb} est celle-ci : {limit}"
    if _leaves_days_out(cutoff):
        yield f"pour un autre jour de la semaine, {_never(words, is_second=is_second)}"


def _replacing(each: Replacement, words: _Words, which: str, *, is_second: bool) -> str:
    if isinstance(each.cutoff, Never):
        return _never(words, is_second=is_second)
    limit = last_moment_in_words(each.cutoff) if is_second else cutoff_in_words(each.cutoff)
    return f"{which} pour {words.verb} devient celle-ci : {limit}"


def _never(words: _Words, *, is_second: bool) -> str:
    return f"{words.noun} ne se fait {'alors ' if is_second else ''}pas en ligne"


def _leaves_days_out(cutoff: Cutoff) -> bool:
    return isinstance(cutoff, WeekdayTable) and len(cutoff.table) < _DAYS_OF_A_WEEK


def _late(late: Late, closes: Closing, words: _Words) -> Iterator[str]:
    yield f"après la limite, on peut encore {words.verb}, à ces conditions"
    if late.until is None:
        yield f"{words.noun} reste possible jusqu’à la fin du service"
    else:
        yield from _limits(late.until, words, is_second=True)
    yield from late_in_words(late)
    if late.is_request:
        yield "un agent de la mairie décide, et répond à chaque demande"
    elif words is _CANCEL:
        # Late or not, what the règlement says of cancellations tells whether an agent answers.
        yield "la demande est traitée comme une annulation faite dans la limite, sauf pour le prix"
    else:
        yield "la demande est acceptée aussitôt, s’il y a de la place"
    if any(isinstance(cutoff, Never) or _leaves_days_out(cutoff) for cutoff in _cutoffs(closes)):
        yield "cet article est sans effet pour un jour que l’article précédent ne permet pas en ligne"


def _cancellation(effect: CancellationEffect) -> Iterator[str]:
    if effect.is_automatic:
        yield "une annulation dans la limite est acceptée aussitôt, et la place est rendue"
    else:
        yield "un agent de la mairie décide, et répond à chaque demande d’annulation"
        yield "c’est l’heure de la demande qui compte ; la place est rendue quand la demande est acceptée"
    yield f"un jour annulé dans la limite {billed_in_words(effect.bills)}"
    if effect.is_credit:
        yield "ce qui a été payé et n’est plus dû devient un avoir sur le compte de la famille"
    else:
        yield "ce qui a été payé et n’est plus dû est remboursé"


def _change(reglement: Reglement, names: Mapping[str, str]) -> Iterator[tuple[str, Iterator[str]]]:
    if reglement.change is None:
        yield "Modification", iter(("modifier, c’est annuler et réserver : chacune de ces règles s’applique",))
        return
    yield from _act(reglement.change, _CHANGE, names, same_as=reglement.book.closes)


def _blocks(reglement: Reglement) -> Iterator[str]:
    yield from map(block_in_words, reglement.blocks)
    if reglement.blocks:
        yield "une telle famille peut toujours annuler"


def _absences(absence: AbsenceRules) -> Iterator[str]:
    for clause in absence.clauses:
        yield f"un jour d’absence {billed_in_words(clause.bills)} {clause_in_words(clause)}"
    if len(absence.clauses) > 1:
        yield "quand plusieurs de ces cas conviennent, le premier seul s’applique"
    if absence.clauses:
        yield "la mairie apprécie les causes et les justificatifs"
    told = "sans que la mairie ait été prévenue" if absence.no_show is not None else ""
    in_other_cases = "dans les autres cas, " if absence.clauses else ""
    yield f"{in_other_cases}un jour d’absence {billed_in_words(absence.otherwise)}"
    if absence.no_show is not None:
        yield f"{in_other_cases}{told}, il {billed_in_words(absence.no_show)}"


def _unbooked(reglement: Reglement) -> Iterator[str]:
    if reglement.unbooked is not None:
        yield f"un jour de présence sans réservation {billed_in_words(reglement.unbooked)}"


def _waiting(waiting: WaitingRules, names: Mapping[str, str]) -> Iterator[str]:
    if waiting.priorities:
        order = ", puis ".join(priority_in_words(code, names) for code in waiting.priorities)
        yield f"quand une place se libère, elle va d’abord à ceux qui l’attendent, dans cet ordre : {order}"
        yield "à égalité, l’ordre des demandes décide"
    else:
        yield "quand une place se libère, elle va d’abord à ceux qui l’attendent, dans l’ordre des demandes"
    if waiting.offer_hours is None:
        yield "la famille est prévenue ; la place n’est pas gardée, et va à la première qui la réserve"
        return
    hours = f"{waiting.offer_hours} heure{'s' if waiting.offer_hours > 1 else ''}"
    yield f"la place est proposée à une famille et gardée {hours} pour elle, jamais au-delà de la limite pour réserver"
    yield "si elle refuse ou ne répond pas, l’enfant quitte cette liste et la place est proposée au suivant"
    if waiting.is_past_limit:
        yield "après la limite, une place libérée est encore proposée ; elle est alors gardée une heure"
        yield "une famille qui ne peut plus annuler peut libérer sa place : elle ne la paie pas si une autre la prend"
    else:
        yield "après la limite pour réserver, aucune place n’est plus proposée"


def _meanings(articles: list[Article]) -> tuple[str, ...]:
    printed = "\n".join(sentence for article in articles for sentence in article.sentences)
    # What people typed is theirs: a product called « Jour ouvré » defines nothing.
    own = _QUOTED.sub("", printed)
    return (*(meaning for pattern, meaning in _MEANINGS.items() if re.search(pattern, own)), *_ALWAYS)
