"""What Django sent to the database, recorded once and sent again by plain psycopg with other people's parameters.

The physical limit of an operation is its own statements without the program around them. Two recordings, for two
families, say which parameters vary; each varying one must be a value that we can name for any family, or the recording
is refused: a script that would quietly do something else would be no reference.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.types.json import Json, Jsonb

CONFIRMATION = 'INSERT INTO "reservations_confirmation"'


class UnknownParameterError(Exception):
    """A parameter varies between families and is none of the values that we can name."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was sent."""

    sql: str
    parameters: Any


@contextmanager
def recording() -> Iterator[list[Statement]]:
    """Will gather what Django's connection sends inside."""
    from django.db import connection

    sent: list[Statement] = []

    def keep(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        sent.append(Statement(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(keep):
        yield sent


def read_again(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    """Will send statements that only read as they are, and fetch what they give."""
    for statement in statements:
        cursor = connection.execute(statement.sql, statement.parameters)
        if cursor.description:
            cursor.fetchall()


@dataclass(frozen=True)
class Script:
    """Statements of one transaction with names in place of one family's values."""

    statements: tuple[Statement, ...]

    def run(self, connection: psycopg.Connection[Any], values: Mapping[str, Any]) -> None:
        """Will run them for the family that `values` describe, in a transaction."""
        named = {**values, "new key": secrets.token_hex(6)}
        with connection.transaction():
            for statement in self.statements:
                cursor = connection.execute(statement.sql, _with_values(statement.parameters, named))
                rows = cursor.fetchall() if cursor.description else []
                if statement.sql.startswith(CONFIRMATION):
                    named["confirmation"] = rows[0][0]


@dataclass(frozen=True, slots=True)
class _Named:
    name: str


def script_of(
    first: Sequence[Statement], second: Sequence[Statement], *, names: Mapping[str, tuple[Any, Any]]
) -> Script:
    """Will make a script of two recordings of the same operation; `names` gives each name its value in both.

    Raises UnknownParameterError.
    """
    if [one.sql for one in first] != [one.sql for one in second]:
        raise UnknownParameterError("the two families did not send the same statements")
    by_values = {pair: name for name, pair in names.items()}
    for name, pair in names.items():
        if by_values[pair] != name:
            raise UnknownParameterError(f"{name} and {by_values[pair]} have the same values in both recordings")
    return Script(
        tuple(
            Statement(one.sql, _compared(one.parameters, other.parameters, by_values))
            for one, other in zip(first, second, strict=True)
        )
    )


def _compared(one: Any, other: Any, by_values: Mapping[tuple[Any, Any], str]) -> Any:
    if isinstance(one, Json | Jsonb):
        return type(one)(_compared(one.obj, other.obj, by_values))
    if isinstance(one, Mapping):
        return {key: _compared(one[key], other[key], by_values) for key in one}
    if isinstance(one, tuple | list) and len(one) == len(other):
        if _days(one) == _days(other):  # the same days, perhaps in the order of a set
            other = [
                mine if _is_day(mine) and _is_day(theirs) else theirs for mine, theirs in zip(one, other, strict=True)
            ]
        compared = [_compared(mine, theirs, by_values) for mine, theirs in zip(one, other, strict=True)]
        return tuple(compared) if isinstance(one, tuple) else compared  # a tuple is a row, a list is an array
    if one == other or isinstance(one, datetime):  # the moment of recording is as good as any
        return one
    try:
        name = by_values.get((one, other))
    except TypeError:
        name = None
    if name is None and isinstance(one, str):
        return _compared_texts(one, other, by_values)
    if name is None:
        raise UnknownParameterError(f"{one!r} or {other!r}")
    return _Named(name)


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _days(values: Sequence[Any]) -> list[date]:
    return sorted(value for value in values if _is_day(value))


def _compared_texts(one: str, other: str, by_values: Mapping[tuple[Any, Any], str]) -> Any:
    """Will name a text that is not itself a value with a name: a number made of the basket's key, or a new key."""
    for (mine, theirs), name in by_values.items():
        if isinstance(mine, str) and one.startswith("R-") and mine[:8].upper() in one and theirs[:8].upper() in other:
            return _Named(f"{name} as a number of {one[:7]}")
    if one.startswith(("{", "[")):
        raise UnknownParameterError(f"a JSON text: {one[:80]}")
    if len(one) == len(other) == 12:
        return _Named("new key")
    raise UnknownParameterError(f"{one[:80]!r} or {other[:80]!r}")


def _with_values(found: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(found, _Named):
        name, _, start = found.name.partition(" as a number of ")
        return start + values[name][:8].upper() if start else values[name]
    if isinstance(found, Json | Jsonb):
        return type(found)(_with_values(found.obj, values))
    if isinstance(found, dict):
        return {key: _with_values(value, values) for key, value in found.items()}
    if isinstance(found, tuple | list):
        return type(found)(_with_values(value, values) for value in found)
    return found
