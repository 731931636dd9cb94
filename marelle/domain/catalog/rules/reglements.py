"""The règlement as data: what is stored, written in a file, and read back exactly.

```yaml
book: {shape: offset, count: 1, unit: school_day, time: "09:00", boundary: lt}
cancel: same            # or another shape
article: "article 6"    # where the council's text says it
```
Times are quoted, weekdays are mon … sun, as in the corpus of published rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    Cutoff,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)

WEEKDAY_CODES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HIGHEST_COUNT: Final = {Unit.HOUR: 24 * 60}
HIGHEST_COUNT_OF_DAYS: Final = 180
_HOUR_AND_MINUTE: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


class InvalidReglementError(ValueError):
    """Data that is not a règlement; the message says why, in French, beginning with the key."""


@dataclass(frozen=True, slots=True)
class Reglement:
    """Until when one may book and cancel, and where the council said so."""

    book: Cutoff
    cancel: Cutoff
    article: str = ""


def read_reglement(data: Any) -> Reglement:
    """Will read the stored or written form; raises InvalidReglementError with the key and the reason."""
    fields = _mapping(data, "règlement", {"book", "cancel", "article"})
    if "book" not in fields:
        message = "book : la règle de réservation manque"
        raise InvalidReglementError(message)
    book = read_cutoff(fields["book"], "book")
    cancel = book if fields.get("cancel", "same") == "same" else read_cutoff(fields["cancel"], "cancel")
    article = fields.get("article", "")
    if not isinstance(article, str):
        message = "article : du texte est attendu"
        raise InvalidReglementError(message)
    return Reglement(book, cancel, article)


def write_reglement(reglement: Reglement) -> dict[str, Any]:
    """Will return the canonical form, which `read_reglement` reads back as the same value."""
    written: dict[str, Any] = {"book": write_cutoff(reglement.book)}
    written["cancel"] = "same" if reglement.cancel == reglement.book else write_cutoff(reglement.cancel)
    if reglement.article:
        written["article"] = reglement.article
    return written


def read_cutoff(data: Any, key: str) -> Cutoff:
    """Will read one cut-off; raises InvalidReglementError."""
    shape = data.get("shape") if isinstance(data, dict) else None
    match shape:
        case "weekday_table":
            fields = _mapping(data, key, {"shape", "table", "boundary"})
            table = _mapping(fields.get("table"), f"{key}.table", set(WEEKDAY_CODES))
            if not table:
                message = f"{key}.table : au moins un jour est attendu"
                raise InvalidReglementError(message)
            rows = [
                (_weekday(code, key), *_weekday_and_time(cell, f"{key}.table.{code}")) for code, cell in table.items()
            ]
            return WeekdayTable(tuple(sorted(rows)), _boundary(fields, key))
        case "week_cutoff":
            fields = _mapping(data, key, {"shape", "cutoff", "weeks", "boundary"})
            weekday, at_time = _weekday_and_time(fields.get("cutoff"), f"{key}.cutoff")
            return WeekCutoff(weekday, at_time, _count(fields, "weeks", key, 1, 26, default=1), _boundary(fields, key))
        case "offset":
            fields = _mapping(data, key, {"shape", "count", "unit", "time", "boundary"})
            unit = _unit(fields.get("unit", "day"), key)
            count = _count(fields, "count", key, 0, HIGHEST_COUNT.get(unit, HIGHEST_COUNT_OF_DAYS))
            boundary = _boundary(fields, key)
            # « au plus tard huit jours avant », without an hour, lasts until the end of that day.
            without_hour = "23:59" if boundary is Boundary.UNTIL else "00:00"
            at_time = time(0, 0) if unit is Unit.HOUR else _time(fields.get("time", without_hour), f"{key}.time")
            return Offset(count, unit, at_time, boundary)
        case "same_day":
            fields = _mapping(data, key, {"shape", "time", "boundary"})
            return SameDay(_time(fields.get("time"), f"{key}.time"), _boundary(fields, key))
        case "month_cutoff":
            fields = _mapping(data, key, {"shape", "day", "months"})
            return MonthCutoff(_count(fields, "day", key, 1, 31), _count(fields, "months", key, 1, 12, default=1))
        case "never":
            _mapping(data, key, {"shape"})
            return Never()
    message = f"{key}.shape : forme inconnue « {shape} »"
    raise InvalidReglementError(message)


def write_cutoff(cutoff: Cutoff) -> dict[str, Any]:  # noqa: PLR0911  one return a shape
    """Will return the canonical form of one cut-off."""
    match cutoff:
        case WeekdayTable(table, boundary):
            cells = {WEEKDAY_CODES[day]: f"{WEEKDAY_CODES[weekday]} {at:%H:%M}" for day, weekday, at in table}
            return {"shape": "weekday_table", "table": cells, "boundary": boundary.value}
        case WeekCutoff(weekday, at, weeks, boundary):
            cell = f"{WEEKDAY_CODES[weekday]} {at:%H:%M}"
            return {"shape": "week_cutoff", "cutoff": cell, "weeks": weeks, "boundary": boundary.value}
        case Offset(count, Unit.HOUR, _, boundary):
            return {"shape": "offset", "count": count, "unit": "hour", "boundary": boundary.value}
        case Offset(count, unit, at, boundary):
            return {
                "shape": "offset",
                "count": count,
                "unit": unit.value,
                "time": f"{at:%H:%M}",
                "boundary": boundary.value,
            }
        case SameDay(at, boundary):
            return {"shape": "same_day", "time": f"{at:%H:%M}", "boundary": boundary.value}
        case MonthCutoff(day, months):
            return {"shape": "month_cutoff", "day": day, "months": months}
        case Never():
            return {"shape": "never"}


def _mapping(data: Any, key: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        message = f"{key} : un groupe de champs est attendu"
        raise InvalidReglementError(message)
    unknown = sorted(str(name) for name in data if name not in known)
    if unknown:
        message = f"{key} : champ inconnu « {unknown[0]} »"
        raise InvalidReglementError(message)
    return dict(data)


def _weekday(code: Any, key: str) -> int:
    if code not in WEEKDAY_CODES:
        message = f"{key} : jour inconnu « {code} » (mon, tue, wed, thu, fri, sat ou sun)"
        raise InvalidReglementError(message)
    return WEEKDAY_CODES.index(code)


def _weekday_and_time(cell: Any, key: str) -> tuple[int, time]:
    words = cell.split() if isinstance(cell, str) else []
    if len(words) != 2:  # noqa: PLR2004  a weekday and a time
        message = f"{key} : un jour et une heure sont attendus, comme « thu 09:00 »"
        raise InvalidReglementError(message)
    return _weekday(words[0], key), _time(words[1], key)


def _time(value: Any, key: str) -> time:
    # Hours and minutes only: a rule has neither seconds nor a time zone of its own.
    if isinstance(value, str) and _HOUR_AND_MINUTE.fullmatch(value):
        return time.fromisoformat(value)
    message = f'{key} : une heure entre guillemets est attendue, comme "09:00"'
    raise InvalidReglementError(message)


def _boundary(fields: dict[str, Any], key: str) -> Boundary:
    try:
        return Boundary(fields.get("boundary", "lt"))
    except ValueError:
        message = f"{key}.boundary : « lt » (avant) ou « le » (jusqu’à) est attendu"
        raise InvalidReglementError(message) from None


def _unit(value: Any, key: str) -> Unit:
    try:
        return Unit(value)
    except ValueError:
        message = f"{key}.unit : unité inconnue « {value} »"
        raise InvalidReglementError(message) from None


def _count(fields: dict[str, Any], name: str, key: str, low: int, high: int, *, default: int | None = None) -> int:
    value = fields.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        message = f"{key}.{name} : un nombre entier de {low} à {high} est attendu"
        raise InvalidReglementError(message)
    return value
