"""The shapes of published limits in our own: one function a shape, and NotExpressed for what none of them says.

A word, a shape or a field that is not in the vocabulary raises NotExpressed with the reason, in French; a value of the
wrong type (« 25:00 », a list where a word goes) raises InvalidReglementError with its key, for the reader to be told
its line. Nothing is guessed: where the file leaves a boundary open, both readings are returned.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, time
from itertools import pairwise
from typing import Any, Final

from marelle.domain.catalog.rules.closings import Circumstance, Closing, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
    LAST_MINUTE,
    MIDNIGHT,
    Boundary,
    Cutoff,
    DateList,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
    Window,
    WindowDates,
)
from marelle.domain.catalog.rules.written.fields import (
    WEEKDAY_CODES,
    Fields,
    InvalidReglementError,
    as_date,
    as_time,
)
from marelle.foundation.periods import MONDAY

UNPUBLISHED: Final = "unpublished"
_SHORT_HOUR: Final = re.compile(r"\d:\d{2}")
_MONTH: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
SHAPES: Final[Mapping[str, frozenset[str]]] = {
    "weekday_table": frozenset({"table", "boundary", "if_monday_public_holiday"}),
    "week_cutoff": frozenset({"cutoff", "weeks", "boundary"}),
    "offset": frozenset({"n", "unit", "time", "boundary", "reference"}),
    "same_day": frozenset({"from", "time", "boundary"}),
    "month_cutoff": frozenset({"day", "months", "time", "boundary"}),
    "date_list": frozenset({"by_month", "time", "boundary"}),
    "window": frozenset({"windows", "boundary"}),
    "never": frozenset({"except"}),
}
LONGEST_OFFSET: Final = 366  # days
MOST_WEEKS: Final = 52
MOST_MONTHS: Final = 12
LAST_DAY_OF_A_MONTH: Final = 31
HIGHEST_NUMBER: Final = 10**12
HOURS: Final = 24


class NotExpressed(Exception):
    """What is published is not in our forms, or not in the vocabulary; the message says what, in French."""


def closings_of(rule: Mapping[str, Any], key: str, *, besides: Collection[str] = ()) -> tuple[Closing, ...]:
    """Will return the closing that a rule says; two when its boundary is not said. `besides`: fields read elsewhere.

    Raises NotExpressed or InvalidReglementError.
    """
    shape = rule.get("shape")
    if shape == UNPUBLISHED:
        raise NotExpressed("règle non publiée")
    if shape == "penalty_without_proof":
        raise NotExpressed("pas de limite : une pénalité sans justificatif")
    if shape is None:
        raise NotExpressed("règle sans forme (shape)")
    if not isinstance(shape, str):
        raise InvalidReglementError(f"{key}.shape", "un mot est attendu")
    if shape not in SHAPES:
        raise NotExpressed(f"forme inconnue « {shape} »")
    known_only({name: value for name, value in rule.items() if name not in besides}, {"shape", *SHAPES[shape]}, shape)
    return tuple(_closing(shape, rule, key, boundary) for boundary in _boundaries(shape, rule))


def known_only(fields: Mapping[str, Any], known: Collection[str], where: str) -> None:
    """Will raise NotExpressed when a field is not one of those that are known there."""
    unknown = sorted(set(fields) - set(known))
    if unknown:
        raise NotExpressed(f"champ inconnu « {unknown[0]} » ({where})")


def _boundaries(shape: str, rule: Mapping[str, Any]) -> tuple[Boundary, ...]:
    said = rule.get("boundary")
    if said is None:
        # Of these the vocabulary says it: until the end of the day, or until the closing moment.
        lasts = shape in {"month_cutoff", "date_list", "window", "never"}
        return (Boundary.UNTIL,) if lasts else (Boundary.BEFORE, Boundary.UNTIL)
    if said not in list(Boundary):
        raise NotExpressed(f"mot inconnu « {said} » (boundary)")
    return (Boundary(said),)


def _closing(shape: str, rule: Mapping[str, Any], key: str, boundary: Boundary) -> Closing:
    fields = Fields(dict(rule), key)
    if shape == "weekday_table":
        return _table_closing(fields, boundary)
    return Closing(_cutoff(shape, fields, boundary))


def _cutoff(shape: str, fields: Fields, boundary: Boundary) -> Cutoff:
    cutoff: Cutoff = Never()
    match shape:
        case "week_cutoff":
            weekday, at_time = _weekday_and_time(fields.take("cutoff"), fields.at("cutoff"))
            cutoff = WeekCutoff(weekday, at_time, _number(fields, "weeks", 0, MOST_WEEKS), boundary)
        case "offset":
            cutoff = _offset(fields, boundary)
        case "same_day":
            cutoff = _same_day(fields, boundary)
        case "month_cutoff":
            day, months = _number(fields, "day", 1, LAST_DAY_OF_A_MONTH), _number(fields, "months", 0, MOST_MONTHS)
            cutoff = MonthCutoff(day, months, _end(fields, boundary), boundary)
        case "date_list":
            cutoff = DateList(_dates(fields), _end(fields, boundary), boundary)
        case "window":
            cutoff = Window(_windows(fields), boundary)
    return cutoff


def _table_closing(fields: Fields, boundary: Boundary) -> Closing:
    table = WeekdayTable(_table(fields, "table"), boundary)
    if "if_monday_public_holiday" not in fields:
        return Closing(table)
    instead = WeekdayTable(_table(fields, "if_monday_public_holiday"), boundary)
    circumstance = Circumstance(When.PUBLIC_HOLIDAY_IN_WEEK, MONDAY)
    return Closing(table, (Replacement(circumstance, instead),))


def _table(fields: Fields, name: str) -> tuple[tuple[int, int, time], ...]:
    key, cells = fields.at(name), fields.take(name)
    if isinstance(cells, str):
        raise NotExpressed(f"mot inconnu « {cells} » ({name})")
    if not isinstance(cells, dict) or not cells:
        raise InvalidReglementError(key, "un jour au moins est attendu, comme « mon: thu 09:00 »")
    rows = []
    for code, cell in cells.items():
        if code not in WEEKDAY_CODES:
            raise NotExpressed(f"jour inconnu « {code} » ({name})")
        if cell is not None:  # nothing is said of that weekday
            rows.append((WEEKDAY_CODES.index(code), *_weekday_and_time(cell, f"{key}.{code}")))
    return tuple(sorted(rows))


def _weekday_and_time(cell: Any, key: str) -> tuple[int, time]:
    words = cell.split() if isinstance(cell, str) else []
    if len(words) == 1 and words[0].isalpha():
        raise NotExpressed(f"un jour sans heure, ou un mot inconnu « {cell} »")
    if len(words) != 2:  # noqa: PLR2004  a weekday and a time
        raise InvalidReglementError(key, f"un jour et une heure sont attendus, comme « thu 09:00 », et non « {cell} »")
    at_time = hour_of(words[1], key)
    if words[0] not in WEEKDAY_CODES:
        raise NotExpressed(f"jour inconnu « {words[0]} »")
    return WEEKDAY_CODES.index(words[0]), at_time


def hour_of(value: Any, key: str) -> time:
    """Will read « 09:00 » or « 9:00 »; raises NotExpressed for a word, InvalidReglementError for what is no hour."""
    if isinstance(value, str) and (value == "24:00" or value.replace("_", "").isalpha()):
        raise NotExpressed(f"une heure dite « {value} »")
    is_short = isinstance(value, str) and _SHORT_HOUR.fullmatch(value)
    return as_time(f"0{value}" if is_short else value, key)


def _number(fields: Fields, name: str, low: int, high: int) -> int:
    if name not in fields:
        raise NotExpressed(f"le champ « {name} » n’est pas donné")
    value = fields.take(name)
    if isinstance(value, str) and not value.strip().isdigit():
        raise NotExpressed(f"mot inconnu « {value} » ({name})")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise fields.fault(name, f"un nombre entier est attendu, et non « {value} »")
    if not low <= value <= high:
        raise NotExpressed(f"nombre hors de nos formes : {name} ({min(value, HIGHEST_NUMBER)})")
    return value


def _offset(fields: Fields, boundary: Boundary) -> Offset:
    said = fields.take("unit")
    if said not in list(Unit):
        raise NotExpressed(f"unité inconnue « {said} »")
    unit = Unit(said)
    if fields.take("reference", UNPUBLISHED) != UNPUBLISHED:
        raise NotExpressed("l’heure de référence de l’offset (reference)")
    if unit is Unit.HOUR:
        if fields.take("time") is not None:
            raise NotExpressed("des heures comptées d’une autre heure que minuit")
        return Offset(_number(fields, "n", 0, LONGEST_OFFSET * HOURS), unit, MIDNIGHT, boundary)
    return Offset(_number(fields, "n", 0, LONGEST_OFFSET), unit, _end(fields, boundary), boundary)


def _same_day(fields: Fields, boundary: Boundary) -> SameDay:
    if "time" not in fields and boundary is Boundary.BEFORE:
        raise NotExpressed("le jour même, avant une heure qui n’est pas donnée")
    from_time = hour_of(fields.take("from"), fields.at("from")) if "from" in fields else None
    at_time = _end(fields, boundary)
    if from_time is not None and from_time >= at_time:
        raise NotExpressed("l’ouverture ne vient pas avant la limite")
    return SameDay(at_time, boundary, from_time)


def _end(fields: Fields, boundary: Boundary) -> time:
    """Will return the hour; without one, « jusqu’à » lasts until the end of the day, « avant » ends where it begins."""
    value = fields.take("time")
    if value is None:
        return LAST_MINUTE if boundary is Boundary.UNTIL else MIDNIGHT
    return hour_of(value, fields.at("time"))


def _dates(fields: Fields) -> tuple[tuple[int, int, Any], ...]:
    key, by_month = fields.at("by_month"), fields.take("by_month")
    if not isinstance(by_month, dict) or not by_month:
        raise InvalidReglementError(key, "un mois au moins est attendu, comme « 2026-11: '2026-10-27' »")
    rows = []
    for month, limit in by_month.items():
        if limit in (None, UNPUBLISHED):
            continue  # this month has no date; the others keep theirs
        if not _MONTH.fullmatch(month):
            raise NotExpressed(f"mois inconnu « {month} » (by_month)")
        if isinstance(limit, str) and " " in limit:
            raise NotExpressed("une date du mois avec son heure (by_month)")
        rows.append((int(month[:4]), int(month[5:]), as_date(limit, f"{key}.{month}")))
    return tuple(sorted(rows))


def _windows(fields: Fields) -> tuple[WindowDates, ...]:
    found = []
    for where, value in fields.each("windows"):
        if not isinstance(value, dict):
            raise InvalidReglementError(where, "un groupe de champs est attendu")
        known_only(value, {"first", "last", "open", "close"}, "windows")
        if not {"first", "last"} <= set(value):
            raise NotExpressed("une période sans premier ni dernier jour")
        first, last = (as_date(value.get(name), f"{where}.{name}") for name in ("first", "last"))
        if last < first:
            raise InvalidReglementError(f"{where}.last", "la période finit avant de commencer")
        opens, closes = (moment_or_none(value.get(name), f"{where}.{name}") for name in ("open", "close"))
        if closes is None:
            raise NotExpressed("une période sans clôture publiée")
        if opens is not None and opens >= closes:
            raise NotExpressed("une période qui ferme avant d’ouvrir")
        found.append(WindowDates(first, last, closes, opens))
    if not found:
        raise NotExpressed("aucune période publiée")
    found.sort(key=lambda window: window.first)
    if any(after.first <= before.last for before, after in pairwise(found)):
        raise NotExpressed("deux périodes qui se chevauchent")
    return tuple(found)


def moment_or_none(value: Any, key: str) -> datetime | None:
    """Will read a moment by the clocks of the authority (naive); None when there is none."""
    if value is None:
        return None
    if value == UNPUBLISHED:
        raise NotExpressed("moment non publié")
    words = value.replace("T", " ").split() if isinstance(value, str) else []
    if len(words) == 1:
        as_date(words[0], key)
        raise NotExpressed("une date sans heure")
    if len(words) != 2:  # noqa: PLR2004  a date and an hour
        raise InvalidReglementError(key, f"une date et une heure sont attendues, et non « {value} »")
    return datetime.combine(as_date(words[0], key), hour_of(words[1], key))
