"""A line of the journal in words: who, when, what, and each field before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime

from marelle.domain.accounts.models import Agent
from marelle.domain.accounts.queries import agent_names
from marelle.domain.authorities.models import OfAuthority
from marelle.domain.families.models import Family
from marelle.foundation.actors import ActorKind
from marelle.foundation.encryption import encrypted_fields
from marelle.foundation.french_dates import hour, in_digits, in_full
from marelle.foundation.money import in_euros
from marelle.web.office.journal import wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from marelle.foundation.journal import Line
    from marelle.foundation.models import AuditEntry, RowChange
    from marelle.web.doors import OfficeVisit

# What the journal calls a thing, where it is not its table's name without the spaces.
_TABLES: Final = {"authority": "authorities.Authority", "deposit": "payments.BankDeposit"}
# By what a row is named to people, the first that it has.
_NAMES: Final = ("full_name", "title", "number", "name", "code")
_PERSON: Final = ("first_name", "last_name")
LONGEST_VALUE: Final = 160


@dataclass(frozen=True, slots=True)
class Field:
    """A field that changed, in words; `is_long` when a value is better read unfolded."""

    label: str
    before: str
    after: str
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that changed: of what kind, its name, and its fields; `is_gone` when it was removed."""

    thing: str
    name: str
    fields: tuple[Field, ...]
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """A line as it is read. `by_url` leads to the other lines of that agent, `url` to what the line is about."""

    at: str
    day: str
    what: str
    thing: str
    name: str
    url: str
    who: str
    by_url: str
    changes: tuple[Changed, ...]


def described(lines: Sequence[Line], visit: OfficeVisit) -> list[Described]:
    """Will write lines in words. Some ten statements, whatever their number.

    A line without an entry, of columns that nobody reads, is left out.
    """
    names = _Names(lines)
    written = [_line(line, visit, names) for line in lines]
    return [one for line, one in zip(lines, written, strict=True) if line.entry is not None or one.changes]


def table_of(kind: str) -> type[Any] | None:
    """Will return the table that the journal calls `kind`; None for what is no table, as a roll."""
    if kind in _TABLES:
        return apps.get_model(_TABLES[kind])
    return _tables_by_name().get(kind.replace("_", ""))


def thing_of(kind: str) -> str:
    """Will return what `kind` is called on screen."""
    if kind in wording.THINGS:
        return str(wording.THINGS[kind])
    table = table_of(kind)
    return str(table._meta.verbose_name) if table else kind


def _tables_by_name() -> dict[str, type[Any]]:
    return {str(model._meta.model_name): model for model in apps.get_models() if issubclass(model, OfAuthority)}


class _Names:
    """The names of the rows and people that some lines speak of, found kind by kind."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Will find them."""
        wanted: dict[type[Any], set[int]] = {}
        actors: set[int] = set()
        for line in lines:
            entry = line.entry
            if entry is not None:
                _want(wanted, table_of(entry.object_type), entry.object_key)
                if entry.actor_kind == ActorKind.AGENT.value and entry.actor_key:
                    actors.add(entry.actor_key)
            for change in line.changes:
                table = table_of(change.object_type)
                _want(wanted, table, change.object_key)
                for target, keys in _pointed(table, change):
                    for key in keys:
                        _want(wanted, target, key)
        self.rows = {table: _named(table, keys) for table, keys in wanted.items()}
        families = wanted.get(Family, set())
        self.families = dict(Family.objects.filter(pk__in=families).values_list("pk", "public_id")) if families else {}
        self.agents = agent_names(actors)
        self.accounts = dict(Agent.objects.filter(user__in=actors).values_list("user_id", "user__public_id"))

    def of(self, table: type[Any] | None, key: int | None) -> str:
        """Will return the name of a row, empty if it has none or is gone."""
        return self.rows.get(table, {}).get(key, "") if table and key else ""


def _want(wanted: dict[type[Any], set[int]], table: type[Any] | None, key: int | None) -> None:
    if table is not None and key is not None:
        wanted.setdefault(table, set()).add(key)


def _pointed(table: type[Any] | None, change: RowChange) -> Iterable[tuple[type[Any], Collection[int]]]:
    """Will yield the rows that changed fields point to, where these have names."""
    for name, before in change.before.items():
        field = _field(table, name)
        target = field.related_model if isinstance(field, models.ForeignKey) else None
        if isinstance(target, type) and issubclass(target, OfAuthority):
            yield target, {key for key in (before, (change.after or {}).get(name)) if isinstance(key, int)}


def _named(table: type[Any], keys: Collection[int]) -> dict[int, str]:
    secret = {field.name for field in encrypted_fields(table)}  # the name of a file may tell of health
    columns = {field.name for field in table._meta.get_fields()} - secret
    if set(_PERSON) <= columns:
        rows: Iterable[tuple[int, str]] = (
            (key, f"{first} {last}")
            for key, first, last in table.objects.filter(pk__in=keys).values_list("pk", *_PERSON)
        )
        return dict(rows)
    column = next((name for name in _NAMES if name in columns), None)
    if column is None:
        return {}
    return {key: str(name) for key, name in table.objects.filter(pk__in=keys).values_list("pk", column) if name}


def _line(line: Line, visit: OfficeVisit, names: _Names) -> Described:
    local = line.recorded_at.astimezone(visit.authority.zone)
    entry = line.entry
    who, by_url = _who(entry, visit, names)
    return Described(
        at=hour(local),
        day=in_full(local.date(), year=True),
        what=str(wording.VERBS.get(entry.verb, entry.verb)) if entry else str(wording.UNWRITTEN),
        thing=thing_of(entry.object_type) if entry else "",
        name=names.of(table_of(entry.object_type), entry.object_key) if entry else "",
        url=_address(entry, visit, names) if entry else "",
        who=who,
        by_url=by_url,
        changes=tuple(one for change in line.changes if (one := _changed(change, visit, names)).fields or one.is_gone),
    )


def _address(entry: AuditEntry, visit: OfficeVisit, names: _Names) -> str:
    family = names.families.get(entry.object_key or 0) if entry.object_type == "family" else None
    return reverse("office_family", kwargs={"authority": visit.authority.slug, "family": family}) if family else ""


def _who(entry: AuditEntry | None, visit: OfficeVisit, names: _Names) -> tuple[str, str]:
    if entry is None:
        return "", ""
    if entry.actor_kind == ActorKind.AGENT.value:
        account = names.accounts.get(entry.actor_key or 0)
        url = (
            reverse("office_journal_by", kwargs={"authority": visit.authority.slug, "colleague": account})
            if account
            else ""
        )
        return names.agents.get(entry.actor_key or 0, str(wording.FORMER_AGENT)), url
    return str(wording.ACTORS.get(entry.actor_kind, entry.actor_kind)), ""


def _changed(change: RowChange, visit: OfficeVisit, names: _Names) -> Changed:
    table = table_of(change.object_type)
    if change.after is None:
        name = names.of(table, change.object_key) or str(change.before.get("name", ""))
        return Changed(thing_of(change.object_type), name, (), is_gone=True)
    fields = []
    for column, before in change.before.items():
        if column in wording.UNREAD:
            continue
        field = _field(table, column)
        label = label_of(field) if field else column
        said, says = (_value(field, value, visit, names) for value in (before, change.after.get(column)))
        fields.append(Field(label, said, says, is_long=max(len(said), len(says)) > LONGEST_VALUE))
    return Changed(thing_of(change.object_type), names.of(table, change.object_key), tuple(fields))


def label_of(field: models.Field[Any, Any]) -> str:
    """Will return what a column is called on screen: its own name, the journal's, or that of what it points to."""
    if field.verbose_name != field.name.replace("_", " "):
        return str(field.verbose_name)
    if field.column in wording.COLUMNS:
        return str(wording.COLUMNS[field.column])
    target = field.related_model if isinstance(field, models.ForeignKey) else None
    return str(target._meta.verbose_name) if isinstance(target, type) else str(field.verbose_name)


def _field(table: type[Any] | None, column: str) -> Any:
    if table is None:
        return None
    return next((field for field in table._meta.concrete_fields if field.column == column), None)


def _value(field: Any, value: Any, visit: OfficeVisit, names: _Names) -> str:  # noqa: PLR0911  one way a kind of value
    if value is None or value in ("", [], {}):
        return str(wording.EMPTY_VALUE)
    if isinstance(field, models.ForeignKey):
        return names.of(field.related_model, value) or f"n° {value}"  # type: ignore[arg-type]
    if getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return str(wording.YES if value else wording.NO)
    if isinstance(value, int) and field is not None and field.column.endswith("_cents"):
        return in_euros(value)
    if isinstance(field, models.DateTimeField):
        local = _moment(value).astimezone(visit.authority.zone)
        return f"{in_digits(local.date())}, {hour(local)}"
    if isinstance(field, models.DateField):
        return in_digits(_day(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)


def _moment(value: str) -> datetime:
    found = parse_datetime(value)
    if found is None:
        raise ValueError
    return found


def _day(value: str) -> date:
    found = parse_date(value)
    if found is None:
        raise ValueError
    return found
