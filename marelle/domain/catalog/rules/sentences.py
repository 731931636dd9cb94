"""Rules in plain French: the same data that decides, said in a few words. Two different values never read the same.

« Avant 9 h » and « jusqu’à 9 h inclus » are the two sides of a limit. Whole sentences are made of these phrases, under
the calendar by the room of reservations, as a règlement to vote in `articles.py`.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum, auto
from itertools import groupby
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.absences import AbsenceClause, Cause, Certificate, CountedIn, Notice
from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Count, Late, OpeningWave
from marelle.domain.catalog.rules.blocks import BlockKind, BlockRule
from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, When
from marelle.domain.catalog.rules.cutoffs import (
    LAST_MINUTE,
    MIDNIGHT,
    Boundary,
    Cutoff,
    DateList,
    LastSchoolDay,
    MonthCutoff,
    Never,
    Obstacle,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.domain.catalog.rules.pricing import PriceKind, PriceRule
from marelle.domain.catalog.rules.quotas import AtLeast, AtMost, Excludes, Quota, Requires, WholeWeek
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.waiting import SCHOOL, SIBLING
from marelle.foundation.french_dates import MONTHS, NO_BREAK, WEEKDAYS, hour, in_full, listed, without_weekday
from marelle.foundation.money import in_euros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HALF: Final = 50

_COUNTED: Final = {
    Unit.DAY: ("jour", "jours"),
    Unit.WEEKDAY: ("jour de semaine", "jours de semaine"),
    Unit.WORKING_DAY: ("jour ouvré", "jours ouvrés"),
    Unit.CLEAR_DAY: ("jour franc", "jours francs"),
    Unit.SCHOOL_DAY: ("jour de classe", "jours de classe"),
    Unit.HOUR: ("heure", "heures"),
}
_PASSED_OVER: Final = {
    Obstacle.WEEKEND: ("samedis", "dimanches"),
    Obstacle.PUBLIC_HOLIDAY: ("jours fériés",),
    Obstacle.BRIDGE_DAY: ("ponts",),
    Obstacle.SCHOOL_HOLIDAY: ("jours de vacances scolaires",),
    Obstacle.TOWN_HALL_SHUT: ("jours où la mairie est fermée",),
}
_FALLING: Final = {
    Obstacle.WEEKEND: ("un samedi", "un dimanche"),
    Obstacle.PUBLIC_HOLIDAY: ("un jour férié",),
    Obstacle.BRIDGE_DAY: ("un jour de pont",),
    Obstacle.SCHOOL_HOLIDAY: ("un jour de vacances scolaires",),
    Obstacle.TOWN_HALL_SHUT: ("un jour où la mairie est fermée",),
}
_MOVED: Final = {
    Direction.BEFORE: "elle est avancée au jour précédent, à la même heure",
    Direction.AFTER: "elle est reportée au jour suivant, à la même heure",
}
_LAST: Final = ("le dernier", "l’avant-dernier")
_CAUSES: Final = {
    Cause.ILLNESS: "maladie",
    Cause.EXCEPTIONAL: "événement exceptionnel",
    Cause.STRIKE: "grève",
    Cause.ABSENT_TEACHER: "enseignant absent",
    Cause.OUTING: "sortie de l’école",
    Cause.CLOSURE: "fermeture du service",
    Cause.OTHER: "autre cause",
}
_CONSECUTIVE: Final = {
    CountedIn.DAY: "jours de suite, tous les jours comptant",
    CountedIn.SCHOOL_DAY: "jours de classe de suite",
    CountedIn.SERVICE_DAY: "jours réservés de suite",
}
_PER: Final = {
    Per.WEEK: "par semaine",
    Per.MONTH: "par mois",
    Per.PERIOD: "par période",
    Per.SCHOOL_YEAR: "par année scolaire",
}
_IN_EACH: Final = {
    Per.WEEK: "dans chaque semaine",
    Per.MONTH: "dans chaque mois",
    Per.PERIOD: "dans chaque période",
    Per.SCHOOL_YEAR: "dans chaque année scolaire",
}


class _Said(Enum):
    """As what a shape is said: it gives a moment, which ends something or begins it."""

    LIMIT = auto()
    LIMIT_ONLY = auto()  # a limit, where the opening that the shape may carry decides nothing
    OPENING = auto()


def cutoff_in_words(cutoff: Cutoff) -> str:
    """Will say until when, without the verb: « la veille avant 9 h », « le jour même jusqu’à 9 h inclus »."""
    return _shape(cutoff, _Said.LIMIT)


def last_moment_in_words(cutoff: Cutoff) -> str:
    """Will say until when, in a place where the opening of a shape decides nothing: a second limit, a notice."""
    return _shape(cutoff, _Said.LIMIT_ONLY)


def opening_in_words(opens: datetime | Cutoff) -> str:
    """Will say from when: « le lundi 1ᵉʳ juin 2026 à 8 h », « la veille à partir de 9 h »."""
    if isinstance(opens, datetime):
        return f"le {in_full(opens.date(), year=True)} à {_clock(opens.time())}"
    return _shape(opens, _Said.OPENING)


def closing_in_words(closing: Closing) -> str:
    """Will say until when, with what holds in stated circumstances and what moves the limit."""
    exceptions = (
        f"{circumstance_in_words(each.circumstance)}, {cutoff_in_words(each.cutoff)}" for each in closing.replacements
    )
    return " ; ".join((cutoff_in_words(closing.cutoff), *exceptions, *moves_in_words(closing)))


def circumstance_in_words(circumstance: Circumstance) -> str:
    """Will say in what circumstance of the service day: « si le lundi de la semaine est férié »."""
    match circumstance.when:
        case When.PUBLIC_HOLIDAY_IN_WEEK:
            return f"si le {WEEKDAYS[circumstance.weekday or 0]} de la semaine est férié"
        case When.AFTER_PUBLIC_HOLIDAY:
            return "si le jour d’avant est férié"
        case When.FIRST_SCHOOL_DAY:
            return "pour le jour de la rentrée"
        case When.FIRST_WEEK:
            return "pour la semaine de la rentrée"
        case When.SCHOOL_HOLIDAYS:
            return "pour un jour de vacances scolaires"


def moves_in_words(closing: Closing, limit: str = "la limite") -> tuple[str, ...]:
    """Will say, for the days on which the limit may not fall, where it goes: one phrase a direction."""
    by_direction: dict[Direction, list[Obstacle]] = {}
    for obstacle, direction in closing.moves:
        by_direction.setdefault(direction, []).append(obstacle)
    return tuple(
        f"si {limit} tombe {falling_in_words(obstacles)}, {_MOVED[direction]}"
        for direction, obstacles in by_direction.items()
    )


def falling_in_words(obstacles: Sequence[Obstacle]) -> str:
    """Will list kinds of days on which a limit may fall: « un jour férié ou un jour de pont »."""
    return _either([words for obstacle in obstacles for words in _FALLING[obstacle]])


def price_in_words(price: PriceRule) -> str:
    """Will say a changed price: « au prix majoré de 50 % », « avec 1,50 € de plus », « 5,00 € », « rien »."""
    match price.kind:
        case PriceKind.FULL:
            return "au prix ordinaire"
        case PriceKind.NOTHING:
            return "rien"
        case PriceKind.PART:
            return "la moitié du prix" if price.value == HALF else f"{_percent(price.value)} du prix"
        case PriceKind.MORE_PERCENT:
            return f"au prix majoré de {_percent(price.value)}"
        case PriceKind.MORE:
            return f"avec {in_euros(price.value)} de plus"
        case PriceKind.INSTEAD:
            return in_euros(price.value)


def billed_in_words(price: PriceRule) -> str:
    """Will say what is billed, as a verb: « n’est pas facturé », « est facturé la moitié du prix »."""
    return "n’est pas facturé" if price.kind is PriceKind.NOTHING else f"est facturé {price_in_words(price)}"


def audience_in_words(wave: OpeningWave, names: Mapping[str, str]) -> str:
    """Will say for which families: « pour les familles de la commune »."""
    known = {
        EVERYONE: "pour toutes les familles",
        RESIDENT: "pour les familles de la commune",
        NON_RESIDENT: "pour les familles qui n’habitent pas la commune",
    }
    return known.get(wave.audience) or f"pour les familles de la catégorie {_named(wave.audience, names)}"


def late_in_words(late: Late) -> tuple[str, ...]:
    """Will say what an act after the limit costs: the price of the day, and for how many times."""
    words = [f"le jour {billed_in_words(late.price)}"]
    if late.free_first is not None:
        words.append(f"{_first_times(late.free_first)}, le prix reste pourtant ordinaire")
    if late.only_first is not None:
        words.append(f"ce prix ne vaut que {_first_times(late.only_first)} ; ensuite, le prix est ordinaire")
    return tuple(words)


def priority_in_words(code: str, names: Mapping[str, str]) -> str:
    """Will say whom a priority of the waiting list puts first: « les enfants de la commune »."""
    known = {
        SIBLING: "les enfants dont un frère ou une sœur a une place du même service ce jour-là",
        SCHOOL: "les enfants de l’école où se tient l’activité",
        RESIDENT: "les enfants des familles de la commune",
        NON_RESIDENT: "les enfants des familles qui n’habitent pas la commune",
        EVERYONE: "les enfants de toutes les familles",
    }
    return known.get(code) or f"les enfants des familles de la catégorie {_named(code, names)}"


def quota_in_words(quota: Quota, names: Mapping[str, str]) -> str:
    """Will say until how many days, or with which products; `names` are those of the products, by code."""
    match quota:
        case AtMost(count, per):
            return f"un enfant vient au plus {_days(count)} {_PER[per]}"
        case AtLeast(count, per):
            least = f"il faut réserver au moins {_days(count)}, ou tous les jours ouverts s’il y en a moins"
            return f"{_IN_EACH[per]} où un enfant vient, {least}"
        case WholeWeek():
            return (
                "pendant les vacances scolaires, tous les jours ouverts d’une semaine se réservent ensemble, ou aucun"
            )
        case Excludes(products):
            return f"un jour ne se réserve pas avec {_either([_named(code, names) for code in products])} le même jour"
        case Requires(products):
            return f"un jour ne se réserve qu’avec {_either([_named(code, names) for code in products])} le même jour"


def block_in_words(block: BlockRule) -> str:
    """Will say which family may not book, and what it has to do."""
    match block.kind:
        case BlockKind.UNPAID:
            unpaid = (
                f"plus de {in_euros(block.above_cents)} de factures impayées"
                if block.above_cents
                else "une facture impayée"
            )
            return f"une famille qui a {unpaid} ne peut pas réserver ; il lui faut d’abord régler ses factures"
        case BlockKind.INCOMPLETE_FILE:
            return "une famille dont le dossier est incomplet ne peut pas réserver ; il lui faut d’abord le compléter"
        case BlockKind.MISSING_DOCUMENT:
            missing = f"le document « {tidy(block.document)} »" if block.document else "un document, quel qu’il soit,"
            return f"une famille à qui il manque {missing} ne peut pas réserver ; il lui faut d’abord l’envoyer"


def clause_in_words(clause: AbsenceClause) -> str:
    """Will list the conditions of a clause, all of them needed; « dans tous les cas » when it has none."""
    conditions = " ; ".join(_conditions(clause))
    return f"à ces conditions : {conditions}" if conditions else "dans tous les cas"


def _conditions(clause: AbsenceClause) -> Iterator[str]:
    if clause.causes:
        yield _either([_CAUSES[cause] for cause in clause.causes])
    if clause.in_time:
        yield "mairie prévenue dans le délai pour annuler"
    if clause.told is not None:
        yield _notice(clause.told)
    if clause.certificate is not None:
        yield _certificate(clause.certificate)
    if clause.minimum is not None:
        yield f"absence d’au moins {clause.minimum} {_CONSECUTIVE[clause.counted_in]}"
    if clause.asked_within_days is not None:
        yield f"demande écrite reçue au plus tard {_days(clause.asked_within_days)} après le premier jour d’absence"
    if (clause.from_day, clause.to_day) != (1, None):
        yield _ranks(clause.from_day, clause.to_day)


def _notice(told: Notice) -> str:
    day = "le premier jour d’absence" if told.of_first_day else "chaque jour d’absence"
    if isinstance(told.cutoff, Never):
        return f"mairie prévenue pour {day}, ce que le règlement ne permet jamais"
    return f"mairie prévenue, pour {day}, {last_moment_in_words(told.cutoff)}"


def _certificate(certificate: Certificate) -> str:
    if certificate.count is None:
        return "justificatif remis, sans délai fixé"
    within = f"justificatif remis dans un délai de {certificate.count} {_counted(certificate.count, certificate.unit)}"
    if certificate.unit is Unit.HOUR:
        return f"{within} après avoir prévenu"
    return f"{within} après le premier jour d’absence"


def _ranks(first: int, last: int | None) -> str:
    if last is None:
        return f"à partir du {_nth(first)} jour d’absence"
    if first == last:
        return f"le {_nth(first)} jour d’absence seulement"
    return f"du {_nth(first)} au {_nth(last)} jour d’absence"


def _shape(cutoff: Cutoff, said: _Said) -> str:  # noqa: C901, PLR0911  one return a shape
    match cutoff:
        case Never():
            return "pas en ligne"
        case SameDay():
            return _same_day(cutoff, said)
        case Offset():
            return _offset(cutoff, said)
        case WeekCutoff(weekday, at, 1, boundary):
            return f"le {WEEKDAYS[weekday]} de la semaine d’avant, {_hour(at, boundary, said)}"
        case WeekCutoff(weekday, at, weeks, boundary):
            return f"le {WEEKDAYS[weekday]}, {weeks} semaines avant, {_hour(at, boundary, said)}"
        case WeekdayTable():
            return _table(cutoff, said)
        case MonthCutoff(day, months, at, boundary):
            number = _nth(day) if day == 1 else str(day)
            month = {0: " du mois même", 1: " du mois d’avant"}.get(months, f", {months} mois avant")
            return _dated(f"{number}{month}", at, boundary, said, joint=", ")
        case DateList(dates, at, boundary):
            rows = [
                f"{_dated(_date(limit), at, boundary, said)} pour {MONTHS[month - 1]}{NO_BREAK}{year}"
                for year, month, limit in dates
            ]
            return " ; ".join(rows)
        case Window(windows, boundary):
            return " ; ".join(_window(window, boundary, said) for window in windows)
        case LastSchoolDay(count, at, boundary):
            limit = _hour(at, boundary, said)
            if count > len(_LAST):
                return f"le {_nth(count)} jour de classe avant les vacances, en comptant à rebours, {limit}"
            return f"{_LAST[count - 1]} jour de classe avant les vacances, {limit}"


def _same_day(cutoff: SameDay, said: _Said) -> str:
    limit = _hour(cutoff.at_time, cutoff.boundary, said)
    if cutoff.from_time is None:
        return f"le jour même {limit}"
    if said is _Said.LIMIT:
        return f"le jour même, à partir de {_clock(cutoff.from_time)} et {limit}"
    return f"le jour même {limit} ({_clock(cutoff.from_time)}, heure d’ouverture, est ici sans effet)"


def _offset(cutoff: Offset, said: _Said) -> str:
    count, unit = cutoff.count, cutoff.unit
    skipped = _skipped(cutoff.not_counted, unit)
    limit = _hour(cutoff.at_time, cutoff.boundary, said)
    if not count:
        # A count of nothing is written out: it is what the file says, whatever it comes to.
        day = "la veille" if unit is Unit.CLEAR_DAY else "le jour du service"
        aside = f" (0 {_counted(0, unit)} avant{skipped})" if unit is not Unit.DAY or skipped else ""
        return f"{day}{aside} {limit}"
    if unit is Unit.HOUR:
        return _hours(cutoff, skipped, said)
    if (count, unit, skipped) == (1, Unit.DAY, ""):
        return f"la veille {limit}"
    if (count, unit, skipped) == (1, Unit.SCHOOL_DAY, ""):
        return f"le jour de classe précédent {limit}"
    return f"{count} {_counted(count, unit)} avant{skipped}, {limit}"


def _hours(cutoff: Offset, skipped: str, said: _Said) -> str:
    is_before = cutoff.boundary is Boundary.BEFORE
    if said is _Said.OPENING:
        side = "à partir de" if is_before else "dès"
    else:
        side = "plus de" if is_before else "au moins"
    start = f"{_clock(cutoff.at_time)} ce jour-là" if cutoff.at_time != MIDNIGHT else "le début de la journée (0 h)"
    return f"{side} {cutoff.count} {_counted(cutoff.count, Unit.HOUR)} avant {start}{skipped}"


def _skipped(obstacles: frozenset[Obstacle], unit: Unit) -> str:
    words = [word for obstacle in Obstacle if obstacle in obstacles for word in _PASSED_OVER[obstacle]]
    if not words:
        return ""
    if unit is Unit.HOUR:
        return f", sans compter les heures des {listed(words)}"
    return f", sans compter les {listed(words)}"


def _table(cutoff: WeekdayTable, said: _Said) -> str:
    rows = []
    # Days that share a limit share its words; the order of the week is kept, so that nothing is lost.
    for (weekday, at), cells in groupby(cutoff.table, key=lambda row: (row[1], row[2])):
        days = listed([f"le {WEEKDAYS[day]}" for day, _weekday, _at in cells])
        rows.append(f"le {WEEKDAYS[weekday]} précédent {_hour(at, cutoff.boundary, said)} pour {days}")
    return " ; ".join(rows)


def _window(window: WindowDates, boundary: Boundary, said: _Said) -> str:
    first, last = _date(window.first), _date(window.last)
    days = f"pour le {first}" if window.first == window.last else f"pour la période du {first} au {last}"
    closes = _dated(_date(window.closes.date()), window.closes.time(), boundary, said)
    if window.opens is None:
        return f"{closes} {days}"
    opens = f"{_date(window.opens.date())} à {_clock(window.opens.time())}"
    if said is _Said.LIMIT:
        return f"à partir du {opens} et {closes} {days}"
    return f"{closes} {days} (le {opens}, date d’ouverture, est ici sans effet)"


def _dated(day: str, at: time, boundary: Boundary, said: _Said, *, joint: str = " ") -> str:
    """Will say a day of which the whole is in time or not; with an hour when the limit is within it."""
    if said is not _Said.OPENING and (at, boundary) == (LAST_MINUTE, Boundary.UNTIL):
        return f"jusqu’au {day}"
    if said is not _Said.OPENING and (at, boundary) == (MIDNIGHT, Boundary.BEFORE):
        return f"avant le {day}"
    return f"le {day}{joint}{_hour(at, boundary, said)}"


def _hour(at: time, boundary: Boundary, said: _Said) -> str:
    is_before = boundary is Boundary.BEFORE
    if said is _Said.OPENING:
        # An opening is a moment: both sides come to the same. They are still told apart, as in the file.
        return f"à partir de {_clock(at)}" if is_before else f"dès {_clock(at)}"
    if is_before:
        return f"avant le début de cette journée ({_clock(at)})" if at == MIDNIGHT else f"avant {_clock(at)}"
    return "jusqu’à la fin de la journée" if at == LAST_MINUTE else f"jusqu’à {_clock(at)} inclus"


def _clock(at: time) -> str:
    # « minuit » is the end of a day for most people: the beginning of one is its hour 0.
    return f"0{NO_BREAK}h" if at == MIDNIGHT else hour(at)


def _date(day: date) -> str:
    return without_weekday(day, year=True)


def _days(count: int) -> str:
    return f"{count} {_counted(count, Unit.DAY)}"


def _nth(number: int) -> str:
    return "1ᵉʳ" if number == 1 else f"{number}ᵉ"


def _first_times(counted: Count) -> str:
    times = "la première fois" if counted.count == 1 else f"les {counted.count} premières fois"
    return f"{times} {_PER[counted.per]} pour un même enfant"


def _percent(value: int) -> str:
    return f"{value}{NO_BREAK}%"


def _counted(count: int, unit: Unit) -> str:
    return _COUNTED[unit][count > 1]


def _named(code: str, names: Mapping[str, str]) -> str:
    return f"« {tidy(names.get(code, code))} »"


def tidy(text: str) -> str:
    """Will return a text that somebody typed, on one line."""
    return " ".join(text.split())


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} ou {words[-1]}" if len(words) > 1 else words[0]
