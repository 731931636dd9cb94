"""Reading one group of fields: each taken once, by name, and what is left over said by its key."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from marelle.foundation.money import cents_from

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C", bound=StrEnum)
T = TypeVar("T")

WEEKDAY_CODES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
A_DATE: Final = "une date est attendue, comme 2026-11-27"
FIRST_YEAR, LAST_YEAR = 2000, 2099
HIGHEST_CENTS: Final = 1_000_000
_HOUR_AND_MINUTE: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_DEFAULT: Final = object()


class InvalidWrittenError(ValueError):
    """Data that is not what it should be; the message says why, in French, beginning with the key."""

    def __init__(self, key: str, reason: str) -> None:
        """Will keep the key (`book.table.mon`) and the reason apart, for a form to show it in its place."""
        super().__init__(f"{key} : {reason}")
        self.key = key
        self.reason = reason


class InvalidReglementError(InvalidWrittenError):
    """Data that is not a règlement."""


class Fields:
    """The fields of one mapping under `key`. `done` refuses what nobody took.

    `root` is the key of the whole, which no other key repeats; `invalid` is what is raised.
    """

    root = "règlement"
    invalid: type[InvalidWrittenError] = InvalidReglementError

    def __init__(self, data: Any, key: str) -> None:
        """Will raise `invalid` when `data` is not a mapping."""
        if not isinstance(data, dict):
            raise self.invalid(key, "un groupe de champs est attendu")
        self.key = key
        self._left = {str(name): value for name, value in data.items()}

    def __contains__(self, name: str) -> bool:
        """Will tell whether the field is written and not taken yet."""
        return name in self._left

    def at(self, name: str) -> str:
        """Will return the key of a field, for a fault."""
        return name if self.key == self.root else f"{self.key}.{name}"

    def fault(self, name: str, reason: str) -> InvalidWrittenError:
        """Will make the fault of a field."""
        return self.invalid(self.at(name), reason)

    def take(self, name: str, default: Any = None) -> Any:
        """Will return the value as it is written."""
        return self._left.pop(name, default)

    def done(self) -> None:
        """Will raise `invalid` when a field is unknown."""
        if self._left:
            unknown = min(self._left)
            raise self.invalid(self.key, f"champ inconnu « {unknown} »")

    def group(self, name: str) -> Self:
        """Will return the fields of a group."""
        return type(self)(self.take(name), self.at(name))

    def each(self, name: str) -> list[tuple[str, Any]]:
        """Will return the key and value of each element of a list; empty when it is not written."""
        values = self.take(name, [])
        if not isinstance(values, list):
            raise self.fault(name, "une liste est attendue")
        return [(f"{self.at(name)}.{place}", value) for place, value in enumerate(values)]

    def text(self, name: str, default: str = "") -> str:
        """Will return a text, stripped."""
        value = self.take(name, default)
        if not isinstance(value, str):
            raise self.fault(name, "du texte est attendu")
        return value.strip()

    def flag(self, name: str) -> bool:
        """Will return yes or no; no when it is not written."""
        value = self.take(name, default=False)
        if not isinstance(value, bool):
            raise self.fault(name, "oui (true) ou non (false) est attendu")
        return value

    def count(self, name: str, low: int, high: int, *, default: Any = _NO_DEFAULT) -> Any:
        """Will return a whole number between the two; `default` when it is not written, if one is given."""
        if default is not _NO_DEFAULT and name not in self:
            return default
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.fault(name, f"un nombre entier de {low} à {high} est attendu")
        return value

    def cents(self, name: str, *, default: Any = _NO_DEFAULT) -> Any:
        """Will return an amount, written « "3,10" », in cents."""
        if default is not _NO_DEFAULT and name not in self:
            return default
        value = self.take(name)
        try:
            cents = cents_from(value) if isinstance(value, str) else -1
        except ValueError:
            cents = -1
        if not 0 <= cents <= HIGHEST_CENTS:
            raise self.fault(name, 'un montant entre guillemets est attendu, comme "3,10"')
        return cents

    def choice(self, name: str, choices: type[C], what: str, *, default: C | None = None) -> C:
        """Will return one of the values of `choices`; `what` begins the fault: « unité inconnue »."""
        value = self.take(name, default)
        try:
            return choices(value)
        except ValueError:
            expected = ", ".join(choices)
            reason = f"{what} : « {value} » ({expected})"
            raise self.fault(name, reason) from None

    def hour(self, name: str, default: str | None = None) -> time:
        """Will return an hour and a minute, written « "09:00" »."""
        return as_time(self.take(name, default), self.at(name))

    def weekday_and_time(self, name: str) -> tuple[int, time]:
        """Will return a weekday and an hour, written « thu 09:00 »."""
        return as_weekday_and_time(self.take(name), self.at(name))

    def codes(self, name: str) -> tuple[str, ...]:
        """Will return one code or more, sorted."""
        values = self.take(name)
        if not isinstance(values, list) or not values or not all(isinstance(one, str) and one for one in values):
            raise self.fault(name, "au moins un code est attendu")
        return tuple(sorted(set(values)))

    def read(self, name: str, reader: Callable[[Any, str], T]) -> T:
        """Will read a value with another reader."""
        return reader(self.take(name), self.at(name))


def as_weekday(code: Any, key: str) -> int:
    """Will read « mon » … « sun » as 0 … 6."""
    if code not in WEEKDAY_CODES:
        raise InvalidReglementError(key, f"jour inconnu « {code} » (mon, tue, wed, thu, fri, sat ou sun)")
    return WEEKDAY_CODES.index(code)


def as_weekday_and_time(cell: Any, key: str) -> tuple[int, time]:
    """Will read « thu 09:00 »."""
    words = cell.split() if isinstance(cell, str) else []
    if len(words) != 2:  # noqa: PLR2004  a weekday and a time
        raise InvalidReglementError(key, "un jour et une heure sont attendus, comme « thu 09:00 »")
    return as_weekday(words[0], key), as_time(words[1], key)


def as_time(value: Any, key: str) -> time:
    """Will read hours and minutes only: a rule has neither seconds nor a time zone of its own."""
    if isinstance(value, str) and _HOUR_AND_MINUTE.fullmatch(value):
        return time.fromisoformat(value)
    raise InvalidReglementError(key, 'une heure entre guillemets est attendue, comme "09:00"')


def as_date(value: Any, key: str) -> date:
    """Will read « 2026-11-27 », quoted or not, of this century: no calendar of ours goes further."""
    found = any_date(value, key)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InvalidReglementError(key, A_DATE)
    return found


def any_date(value: Any, key: str) -> date:
    """Will read « 2026-11-27 », quoted or not, of any century."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InvalidReglementError(key, A_DATE)


def as_moment(value: Any, key: str) -> datetime:
    """Will read « 2026-11-27 09:00 » as a moment of the authority's clocks (naive)."""
    words = value.split() if isinstance(value, str) else []
    if len(words) != 2:  # noqa: PLR2004  a date and a time
        raise InvalidReglementError(key, 'une date et une heure sont attendues, comme "2026-11-27 09:00"')
    return datetime.combine(as_date(words[0], key), as_time(words[1], key))


def moment_written(moment: datetime) -> str:
    """Will write a moment as `as_moment` reads it."""
    return f"{moment:%Y-%m-%d %H:%M}"
