"""Cut-offs and closings, read and written."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, Final

from marelle.domain.catalog.rules.closings import Circumstance, Closing, Direction, Replacement, When
from marelle.domain.catalog.rules.cutoffs import (
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
from marelle.domain.catalog.rules.written.fields import (
    WEEKDAY_CODES,
    Fields,
    InvalidReglementError,
    as_date,
    as_moment,
    as_time,
    as_weekday,
    as_weekday_and_time,
    moment_written,
)

HIGHEST_COUNT: Final = {Unit.HOUR: 24 * 60}
HIGHEST_COUNT_OF_DAYS: Final = 180
MOST_WINDOWS: Final = 60
_MONTH: Final = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


def read_closing(data: Any, key: str) -> Closing:
    """Will read a cut-off with its `exceptions` and what it does when it `falls_on` a day."""
    fields = Fields(data, key)
    replacements = tuple(_replacement(value, where) for where, value in fields.each("exceptions"))
    moves = _moves(fields)
    return Closing(_cutoff(fields), replacements, moves)


def write_closing(closing: Closing) -> dict[str, Any]:
    """Will return the canonical form of a closing."""
    written = write_cutoff(closing.cutoff)
    if closing.replacements:
        written["exceptions"] = [
            {"when": _written_circumstance(each.circumstance), **write_cutoff(each.cutoff)}
            for each in closing.replacements
        ]
    if closing.moves:
        written["falls_on"] = {obstacle.value: direction.value for obstacle, direction in closing.moves}
    return written


def read_cutoff(data: Any, key: str) -> Cutoff:
    """Will read one cut-off; raises InvalidReglementError."""
    if not isinstance(data, dict):
        raise InvalidReglementError(key, "un groupe de champs est attendu")
    return _cutoff(Fields(data, key))


def _cutoff(fields: Fields) -> Cutoff:
    shape = fields.take("shape")
    cutoff: Cutoff
    match shape:
        case "weekday_table":
            cutoff = WeekdayTable(_table(fields), _boundary(fields))
        case "week_cutoff":
            weekday, at_time = fields.weekday_and_time("cutoff")
            cutoff = WeekCutoff(weekday, at_time, fields.count("weeks", 1, 26, default=1), _boundary(fields))
        case "offset":
            cutoff = _offset(fields)
        case "same_day":
            cutoff = _same_day(fields)
        case "month_cutoff":
            boundary = _boundary(fields, Boundary.UNTIL)
            day, months = fields.count("day", 1, 31), fields.count("months", 0, 12, default=1)
            cutoff = MonthCutoff(day, months, fields.hour("time", _without_hour(boundary)), boundary)
        case "date_list":
            boundary = _boundary(fields, Boundary.UNTIL)
            cutoff = DateList(_dates(fields), fields.hour("time", _without_hour(boundary)), boundary)
        case "window":
            cutoff = Window(_windows(fields), _boundary(fields, Boundary.UNTIL))
        case "last_school_day":
            boundary = _boundary(fields)
            count = fields.count("count", 1, 10, default=1)
            cutoff = LastSchoolDay(count, fields.hour("time", _without_hour(boundary)), boundary)
        case "never":
            cutoff = Never()
        case _:
            raise fields.fault("shape", f"forme inconnue « {shape} »")
    fields.done()
    return cutoff


def write_cutoff(cutoff: Cutoff) -> dict[str, Any]:  # noqa: C901, PLR0911  one return a shape
    """Will return the canonical form of one cut-off."""
    match cutoff:
        case WeekdayTable(table, boundary):
            cells = {WEEKDAY_CODES[day]: f"{WEEKDAY_CODES[weekday]} {at:%H:%M}" for day, weekday, at in table}
            return {"shape": "weekday_table", "table": cells, "boundary": boundary.value}
        case WeekCutoff(weekday, at, weeks, boundary):
            cell = f"{WEEKDAY_CODES[weekday]} {at:%H:%M}"
            return {"shape": "week_cutoff", "cutoff": cell, "weeks": weeks, "boundary": boundary.value}
        case Offset(count, unit, at, boundary, not_counted):
            written: dict[str, Any] = {"shape": "offset", "count": count, "unit": unit.value}
            if unit is not Unit.HOUR or at.hour or at.minute:
                written["time"] = f"{at:%H:%M}"
            written["boundary"] = boundary.value
            if not_counted:
                written["not_counted"] = [obstacle.value for obstacle in Obstacle if obstacle in not_counted]
            return written
        case SameDay(at, boundary, from_time):
            start = {"from": f"{from_time:%H:%M}"} if from_time is not None else {}
            return {"shape": "same_day", **start, "time": f"{at:%H:%M}", "boundary": boundary.value}
        case MonthCutoff(day, months, at, boundary):
            end = _hour(f"{at:%H:%M}", boundary)
            return {"shape": "month_cutoff", "day": day, "months": months, **end, "boundary": boundary.value}
        case DateList(dates, at, boundary):
            by_month = {f"{year}-{month:02d}": limit.isoformat() for year, month, limit in dates}
            return {
                "shape": "date_list",
                "by_month": by_month,
                **_hour(f"{at:%H:%M}", boundary),
                "boundary": boundary.value,
            }
        case Window(windows, boundary):
            return {
                "shape": "window",
                "windows": [_written_window(window) for window in windows],
                "boundary": boundary.value,
            }
        case LastSchoolDay(count, at, boundary):
            return {"shape": "last_school_day", "count": count, "time": f"{at:%H:%M}", "boundary": boundary.value}
        case Never():
            return {"shape": "never"}


def _table(fields: Fields) -> tuple[tuple[int, int, Any], ...]:
    cells = fields.group("table")
    rows = []
    for weekday, code in enumerate(WEEKDAY_CODES):
        if code in cells:
            rows.append((weekday, *cells.weekday_and_time(code)))
    cells.done()
    if not rows:
        raise fields.fault("table", "au moins un jour est attendu")
    return tuple(rows)


def _same_day(fields: Fields) -> SameDay:
    from_time = fields.hour("from") if "from" in fields else None
    cutoff = SameDay(fields.hour("time"), _boundary(fields), from_time)
    if from_time is not None and from_time >= cutoff.at_time:
        raise fields.fault("from", "l’ouverture doit venir avant la limite")
    return cutoff


def _offset(fields: Fields) -> Offset:
    unit = _unit(fields)
    count = fields.count("count", 0, HIGHEST_COUNT.get(unit, HIGHEST_COUNT_OF_DAYS))
    boundary = _boundary(fields)
    at_time = fields.hour("time", "00:00" if unit is Unit.HOUR else _without_hour(boundary))
    not_counted = fields.take("not_counted", [])
    if not isinstance(not_counted, list):
        raise fields.fault("not_counted", "une liste est attendue")
    obstacles = frozenset(_obstacle(value, fields.at("not_counted")) for value in not_counted)
    return Offset(count, unit, at_time, boundary, obstacles)


def _dates(fields: Fields) -> tuple[tuple[int, int, Any], ...]:
    by_month = fields.take("by_month")
    key = fields.at("by_month")
    if not isinstance(by_month, dict) or not by_month:
        raise fields.fault("by_month", "au moins un mois est attendu")
    rows = []
    for month, limit in by_month.items():
        if not _MONTH.fullmatch(str(month)):
            raise InvalidReglementError(key, f"mois illisible « {month} », attendu comme 2026-11")
        year, number = str(month).split("-")
        rows.append((int(year), int(number), as_date(limit, f"{key}.{month}")))
    return tuple(sorted(rows))


def _windows(fields: Fields) -> tuple[WindowDates, ...]:
    found = []
    for where, value in fields.each("windows"):
        window = Fields(value, where)
        first, last = window.read("first", as_date), window.read("last", as_date)
        opens = window.take("opens")
        opening = as_moment(opens, window.at("opens")) if opens is not None else None
        closes = window.read("closes", as_moment)
        window.done()
        if last < first:
            raise window.fault("last", "la période finit avant de commencer")
        if opening is not None and opening >= closes:
            raise window.fault("opens", "l’ouverture doit venir avant la clôture")
        found.append(WindowDates(first, last, closes, opening))
    if not 1 <= len(found) <= MOST_WINDOWS:
        raise fields.fault("windows", f"de 1 à {MOST_WINDOWS} périodes sont attendues")
    found.sort(key=lambda window: window.first)
    for before, after in pairwise(found):
        if after.first <= before.last:
            raise fields.fault("windows", f"deux périodes se chevauchent le {after.first:%d/%m/%Y}")
    return tuple(found)


def _written_window(window: WindowDates) -> dict[str, Any]:
    opens = {"opens": moment_written(window.opens)} if window.opens is not None else {}
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        **opens,
        "closes": moment_written(window.closes),
    }


def _replacement(data: Any, key: str) -> Replacement:
    fields = Fields(data, key)
    when = fields.take("when")
    where = fields.at("when")
    if isinstance(when, dict):
        group = Fields(when, where)
        weekday = group.read("public_holiday", as_weekday)
        group.done()
        return Replacement(Circumstance(When.PUBLIC_HOLIDAY_IN_WEEK, weekday), _cutoff(fields))
    known = [each for each in When if each is not When.PUBLIC_HOLIDAY_IN_WEEK]
    if when not in known:
        expected = ", ".join([*known, "{public_holiday: mon}"])
        raise InvalidReglementError(where, f"circonstance inconnue : « {when} » ({expected})")
    return Replacement(Circumstance(When(when)), _cutoff(fields))


def _written_circumstance(circumstance: Circumstance) -> Any:
    if circumstance.when is When.PUBLIC_HOLIDAY_IN_WEEK:
        return {circumstance.when.value: WEEKDAY_CODES[circumstance.weekday or 0]}
    return circumstance.when.value


def _moves(fields: Fields) -> tuple[tuple[Obstacle, Direction], ...]:
    if "falls_on" not in fields:
        return ()
    group = fields.group("falls_on")
    moves = []
    for obstacle in Obstacle:
        if obstacle.value in group:
            direction = group.take(obstacle.value)
            if direction == "keep":
                continue
            if direction not in list(Direction):
                raise group.fault(obstacle.value, "« keep », « before » ou « after » est attendu")
            moves.append((obstacle, Direction(direction)))
    group.done()
    return tuple(moves)


def _boundary(fields: Fields, default: Boundary = Boundary.BEFORE) -> Boundary:
    try:
        return Boundary(fields.take("boundary", default))
    except ValueError:
        raise fields.fault("boundary", "« lt » (avant) ou « le » (jusqu’à) est attendu") from None


def _unit(fields: Fields) -> Unit:
    value = fields.take("unit", Unit.DAY)
    try:
        return Unit(value)
    except ValueError:
        raise fields.fault("unit", f"unité inconnue « {value} »") from None


def _obstacle(value: Any, key: str) -> Obstacle:
    try:
        return Obstacle(value)
    except ValueError:
        raise InvalidReglementError(key, f"jour inconnu : « {value} » ({', '.join(Obstacle)})") from None


def _without_hour(boundary: Boundary) -> str:
    # « au plus tard huit jours avant », without an hour, lasts until the end of that day.
    return "23:59" if boundary is Boundary.UNTIL else "00:00"


def _hour(written: str, boundary: Boundary) -> dict[str, str]:
    return {} if written == _without_hour(boundary) else {"time": written}


__all__ = ["as_time", "as_weekday_and_time", "read_closing", "read_cutoff", "write_closing", "write_cutoff"]
