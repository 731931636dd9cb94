"""What a wording leaves open: asked of the authority, never guessed.

Each question names the choice that stands in the data today, and what choosing otherwise would write in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.closings import Closing, Direction, When
from marelle.domain.catalog.rules.cutoffs import (
    LAST_MINUTE,
    MIDNIGHT,
    Boundary,
    MonthCutoff,
    Obstacle,
    Offset,
    Unit,
    WeekCutoff,
    WeekdayTable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from marelle.domain.catalog.rules.acts import Act
    from marelle.domain.catalog.rules.cutoffs import Cutoff
    from marelle.domain.catalog.rules.reglements import Reglement

_PUBLIC_HOLIDAYS = {When.PUBLIC_HOLIDAY_IN_WEEK, When.AFTER_PUBLIC_HOLIDAY}
_BACK_TO_SCHOOL = {When.FIRST_SCHOOL_DAY, When.FIRST_WEEK}
SUNDAY = 6
_ACTS = {"book": "Pour réserver", "cancel": "Pour annuler", "change": "Pour modifier"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer, in French, and the règlement it makes."""

    label: str
    reglement: Reglement


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; the first choice is what is written today. `key` names it, whatever else is answered."""

    key: str
    act: str
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    """A point that a closing leaves open, with the closings that would settle it."""

    point: str
    text: str
    variants: tuple[tuple[str, Closing], ...]


def questions(reglement: Reglement, *, weekdays: frozenset[int], in_holidays: bool = False) -> tuple[Question, ...]:
    """Will return what the wording of `reglement` leaves open, for a service open on these weekdays (0 Monday).

    `in_holidays`: the service is also open in school holidays, so that a limit falling in them surprises nobody.
    """
    asked = []
    for key, words in _ACTS.items():
        act: Act | None = getattr(reglement, key)
        if act is None or (key != "book" and act.closes == reglement.book.closes):
            continue
        for left_open in _of_closing(act.closes, weekdays, in_holidays=in_holidays):
            choices = tuple(Choice(label, _with(reglement, key, closing)) for label, closing in left_open.variants)
            asked.append(Question(f"{key}.{left_open.point}", words, left_open.text, choices))
    return tuple(asked)


def answered(
    reglement: Reglement, answers: Mapping[str, int], *, weekdays: frozenset[int], in_holidays: bool = False
) -> Reglement:
    """Will return `reglement` with these answers (place of the choice, by key of the question) written in it.

    An answer to what is no longer asked, or that is not among the choices, changes nothing.
    """
    for key, place in answers.items():
        for question in questions(reglement, weekdays=weekdays, in_holidays=in_holidays):
            if question.key == key and 0 <= place < len(question.choices):
                reglement = question.choices[place].reglement
                break
    return reglement


def _with(reglement: Reglement, key: str, closing: Closing) -> Reglement:
    # Acts that close by the same rule are one sentence of the règlement: they stay so.
    old = getattr(reglement, key).closes
    changed = {
        name: replace(act, closes=closing)
        for name in _ACTS
        if (act := getattr(reglement, name)) is not None and act.closes == old
    }
    return replace(reglement, **changed)


def _of_closing(closing: Closing, weekdays: frozenset[int], *, in_holidays: bool) -> Iterator[_Open]:
    yield from _of_days(closing, weekdays)
    yield from _of_hours(closing)
    yield from _of_month(closing)
    yield from _of_public_holidays(closing)
    if not in_holidays:
        yield from _of_school_holidays(closing)


def _of_days(closing: Closing, weekdays: frozenset[int]) -> Iterator[_Open]:
    cutoff = closing.cutoff
    if not isinstance(cutoff, Offset) or cutoff.unit is not Unit.DAY or not cutoff.count or cutoff.not_counted:
        return
    # Days that early in the week are those for which a Saturday or a Sunday is met in counting back.
    if not any(weekday < cutoff.count and weekday < SUNDAY for weekday in weekdays):
        return
    words = "la veille" if cutoff.count == 1 else f"{cutoff.count} jours avant"
    yield _Open(
        "days",
        f"« {words[:1].upper()}{words[1:]} » : comment compter, en début de semaine et après un jour férié ?",
        (
            ("Tous les jours comptent, samedi et dimanche compris", closing),
            ("Les jours de semaine, sans samedi ni dimanche", _counting(closing, cutoff, Unit.WEEKDAY)),
            ("Les jours ouvrés, sans samedi, dimanche ni jour férié", _counting(closing, cutoff, Unit.WORKING_DAY)),
            ("Les jours de classe", _counting(closing, cutoff, Unit.SCHOOL_DAY)),
        ),
    )


def _of_hours(closing: Closing) -> Iterator[_Open]:
    cutoff = closing.cutoff
    if not isinstance(cutoff, Offset) or cutoff.unit is not Unit.HOUR or not cutoff.count or cutoff.not_counted:
        return
    no_weekend = frozenset({Obstacle.WEEKEND})
    no_day_off = no_weekend | {Obstacle.PUBLIC_HOLIDAY}
    yield _Open(
        "hours",
        f"« {cutoff.count} heures avant » : les heures du samedi et du dimanche comptent-elles ?",
        (
            ("Oui", closing),
            ("Non", replace(closing, cutoff=replace(cutoff, not_counted=no_weekend))),
            ("Non, ni celles des jours fériés", replace(closing, cutoff=replace(cutoff, not_counted=no_day_off))),
        ),
    )


def _counting(closing: Closing, cutoff: Offset, unit: Unit) -> Closing:
    return replace(closing, cutoff=replace(cutoff, unit=unit))


def _of_month(closing: Closing) -> Iterator[_Open]:
    cutoff = closing.cutoff
    if isinstance(cutoff, MonthCutoff) and (cutoff.boundary, cutoff.at_time) == (Boundary.BEFORE, MIDNIGHT):
        number = "1ᵉʳ" if cutoff.day_of_month == 1 else str(cutoff.day_of_month)
        last = replace(cutoff, boundary=Boundary.UNTIL, at_time=LAST_MINUTE)
        yield _Open(
            "month",
            f"« Avant le {number} » : le {number} lui-même est-il encore à temps ?",
            (("Non", closing), ("Oui, jusqu’à la fin de la journée", replace(closing, cutoff=last))),
        )


def _of_public_holidays(closing: Closing) -> Iterator[_Open]:
    decided = {each.circumstance.when for each in closing.replacements}
    if decided & _PUBLIC_HOLIDAYS or not _may_fall_on_a_day_off(closing.cutoff):
        return
    yield from _of_falling(closing, Obstacle.PUBLIC_HOLIDAY, "public_holiday", "Quand la limite tombe un jour férié :")


def _of_school_holidays(closing: Closing) -> Iterator[_Open]:
    decided = {each.circumstance.when for each in closing.replacements}
    if decided & _BACK_TO_SCHOOL or isinstance(closing.cutoff, MonthCutoff):
        return
    is_counted_in_days = isinstance(closing.cutoff, Offset) and closing.cutoff.unit is Unit.WORKING_DAY
    if not (is_counted_in_days or _may_fall_on_a_day_off(closing.cutoff)):
        return
    text = "Pour la rentrée, quand la limite tombe pendant les vacances scolaires :"
    yield from _of_falling(closing, Obstacle.SCHOOL_HOLIDAY, "school_holiday", text)


def _may_fall_on_a_day_off(cutoff: Cutoff) -> bool:
    if isinstance(cutoff, Offset):
        return cutoff.unit in {Unit.DAY, Unit.WEEKDAY} and cutoff.count > 0
    return isinstance(cutoff, WeekdayTable | WeekCutoff | MonthCutoff)


def _of_falling(closing: Closing, obstacle: Obstacle, point: str, text: str) -> Iterator[_Open]:
    if obstacle in {each for each, _direction in closing.moves}:
        return
    yield _Open(
        point,
        text,
        (
            ("elle ne change pas", closing),
            ("elle est avancée au jour précédent, à la même heure", _moved(closing, obstacle, Direction.BEFORE)),
            ("elle est reportée au jour suivant, à la même heure", _moved(closing, obstacle, Direction.AFTER)),
        ),
    )


def _moved(closing: Closing, obstacle: Obstacle, direction: Direction) -> Closing:
    # In the order of the written form, so that what is recorded reads back as the same value.
    moves = {**dict(closing.moves), obstacle: direction}
    return replace(closing, moves=tuple((each, moves[each]) for each in Obstacle if each in moves))
