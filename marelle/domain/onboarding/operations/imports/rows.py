"""Rows of schools and families that an import creates and changes, set by set; and how they are put back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Model

from marelle.domain.authorities.models import Authority, SchoolClass
from marelle.domain.authorities.operations import touch_catalog
from marelle.domain.families.models import Child, Custody, Family, Guardian
from marelle.domain.families.operations.joining import ANIMALS, CHALKS
from marelle.domain.onboarding.models import ImportLine
from marelle.domain.onboarding.rules.imports.kinds import Act, Create, Ref, Set, Value
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.public_ids import new_public_id

BATCH: Final = 1000
# In the order in which they are created: each points to those before it.
TABLES: Final[Mapping[str, type[Model]]] = {
    "class": SchoolClass,
    "family": Family,
    "guardian": Guardian,
    "child": Child,
    "custody": Custody,
}
LEFT = ImportLine.Left

# What a line did, as it is kept: ["create", table, key] or ["set", table, key, field, before, after].
Done = list[Any]


class ChangedSinceError(Exception):
    """A row is no more as it was when the lines were compared: nothing may be written on top of it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that is written: its place in the import, and what it does."""

    position: int
    acts: tuple[Act, ...]


# --------------------------------------------------------------------------------------------------------------- write
def write_rows(
    authority: Authority, taken: Sequence[Taken], *, by: Actor, at: datetime, tell: Callable[[int], None]
) -> dict[int, list[Done]]:
    """Will create, then change, the rows that these lines need; returns what each did, by its place.

    What several lines need is done once, by the first. Raises ChangedSinceError.
    """
    creates: defaultdict[str, dict[str, tuple[int, Create]]] = defaultdict(dict)
    sets: dict[tuple[str, int, str], tuple[int, Set]] = {}
    for line in taken:
        for act in line.acts:
            if isinstance(act, Create):
                creates[act.table].setdefault(act.ref, (line.position, act))
            elif isinstance(act, Set):
                sets.setdefault((act.table, act.key, act.field), (line.position, act))
            else:
                raise TypeError(type(act).__name__)
    done: dict[int, list[Done]] = {line.position: [] for line in taken}
    keys: dict[str, int] = {}
    total = sum(len(one) for one in creates.values()) + len(sets) or 1
    written = 0
    for table, model in TABLES.items():
        wanted = list(creates[table].values())
        for first in range(0, len(wanted), BATCH):
            some = wanted[first : first + BATCH]
            made = _create(authority, model, [act for _position, act in some], keys)
            for (position, act), row in zip(some, made, strict=True):
                keys[act.ref] = row.pk
                done[position].append(["create", table, row.pk])
            written += len(some)
            tell(100 * written // total)
    _give_avatars(authority, [keys[ref] for ref in creates["child"]])
    _change(authority, sets.values(), keys, done)
    tell(100)
    if creates["class"] or any(table == "class" for table, _key, _field in sets):
        touch_catalog(authority, by=by, at=at)
    for table, model in TABLES.items():
        _journal("import_row", authority, model, {keys[ref] for ref in creates[table]}, by=by, at=at)
        _journal("import_change", authority, model, {key for where, key, _ in sets if where == table}, by=by, at=at)
    return done


def _journal(verb: str, authority: Authority, model: type[Model], keys: set[int], *, by: Actor, at: datetime) -> None:
    audit.record_all(verb, authority=authority.pk, of=model._meta.model_name or "", keys=keys, by=by, at=at)


def _create(authority: Authority, model: type[Model], acts: Sequence[Create], keys: Mapping[str, int]) -> list[Any]:
    rows = []
    for act in acts:
        values = {_column(model, name): _resolved(value, keys) for name, value in act.values}
        if model in {Family, Child} and not values.get("code"):
            values["code"] = f"I-{new_public_id()}"
        rows.append(model(authority=authority, **values))  # type: ignore[call-arg]
    return model._base_manager.bulk_create(rows, batch_size=BATCH)  # noqa: SLF001  as Django calls it


def _column(model: type[Model], field: str) -> str:
    return str(getattr(model._meta.get_field(field), "attname", field))


def _resolved(value: Value, keys: Mapping[str, int]) -> str | int | date | None:
    return keys[value.name] if isinstance(value, Ref) else value


def _give_avatars(authority: Authority, children: Collection[int]) -> None:
    """Will give each new child an animal and a chalk that the others of its home do not have, as far as there are."""
    if not children:
        return
    home_of: dict[int, int] = {}
    members: defaultdict[int, list[int]] = defaultdict(list)
    here = Custody.objects.filter(authority=authority, child__in=children)
    for child, family in here.order_by("pk").values_list("child_id", "family_id"):
        home_of.setdefault(child, family)
    together = Custody.objects.filter(authority=authority, family__in=set(home_of.values()))
    for child, family in together.order_by("pk").values_list("child_id", "family_id"):
        members[family].append(child)
    chosen = []
    for child in sorted(children):
        family = home_of.get(child)
        turn = child if family is None else family + members[family].index(child)
        chosen.append((child, ANIMALS[turn % len(ANIMALS)], CHALKS[turn % len(CHALKS)]))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE families_child AS c SET animal = v.animal, chalk = v.chalk"
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v(key, animal, chalk)"
            " WHERE c.authority_id = %s AND c.id = v.key",
            [*(list(column) for column in zip(*chosen, strict=True)), authority.pk],
        )


def _change(
    authority: Authority,
    sets: Iterable[tuple[int, Set]],
    keys: Mapping[str, int],
    done: Mapping[int, list[Done]],
) -> None:
    by_field: defaultdict[tuple[str, str], list[tuple[int, Set]]] = defaultdict(list)
    for position, act in sets:
        by_field[act.table, act.field].append((position, act))
    for (table, field), some in sorted(by_field.items(), key=lambda one: one[0]):
        model, column = TABLES[table], _column(TABLES[table], field)
        current = _locked(authority, model, column, [act.key for _position, act in some])
        values: dict[int, str | int | date | None] = {}
        for position, act in some:
            if act.key not in current or current[act.key] != act.before:
                raise ChangedSinceError
            values[act.key] = _resolved(act.after, keys)
            done[position].append(["set", table, act.key, field, _kept(act.before), _kept(values[act.key])])
        write_column(authority, model, column, values)


def _locked(authority: Authority, model: type[Model], column: str, keys: Collection[int]) -> dict[int, Any]:
    """Will return what a column of these rows holds, and lock them, in the order of their keys."""
    rows = model._base_manager.select_for_update(no_key=True).filter(authority=authority, pk__in=keys)  # noqa: SLF001
    return dict(rows.order_by("pk").values_list("pk", column))


def write_column(
    authority: Authority, model: type[Model], column: str, values: Mapping[int, str | int | date | None]
) -> None:
    """Will write a column of many rows by one statement. The names of table and column are the model's own."""
    if not values:
        return
    kind = "text" if isinstance(_example(values), str) else "date" if isinstance(_example(values), date) else "bigint"
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} AS t SET {quote(column)} = v.value"  # noqa: S608
            f" FROM unnest(%s::bigint[], %s::{kind}[]) AS v(key, value) WHERE t.authority_id = %s AND t.id = v.key",
            [list(values), list(values.values()), authority.pk],
        )


def _example(values: Mapping[int, str | int | date | None]) -> str | int | date | None:
    return next((value for value in values.values() if value is not None), None)


def _kept(value: Any) -> Any:
    """Will return a value as JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value


# ---------------------------------------------------------------------------------------------------------------- undo
def undo_rows(authority: Authority, done: Mapping[int, list[Done]], *, by: Actor, at: datetime) -> dict[int, str]:
    """Will give changed fields their former values and delete created rows; returns what stays, by line.

    A field that changed since keeps what it says. A row to which something was attached since stays, with its home:
    the family, the guardians and the children that were created with it.
    """
    left: dict[int, str] = {}
    created: defaultdict[type[Model], dict[int, int]] = defaultdict(dict)
    sets: defaultdict[tuple[str, str], list[tuple[int, Done]]] = defaultdict(list)
    for position, acts in done.items():
        for one in acts:
            if one[0] == "create":
                created[TABLES[one[1]]][one[2]] = position
            else:
                sets[one[1], one[3]].append((position, one))
    for (table, field), some in sorted(sets.items(), key=lambda one: one[0]):
        _give_back(authority, TABLES[table], field, some, left, by=by, at=at)
    stays = _staying(created)
    for model in reversed(list(TABLES.values())):
        gone = created[model].keys() - stays[model]
        _delete(authority, model, gone)
        _journal("undo_import_row", authority, model, set(gone), by=by, at=at)
        left |= {created[model][key]: LEFT.IN_USE.value for key in stays[model]}
    if created[SchoolClass] or any(table == "class" for table, _field in sets):
        touch_catalog(authority, by=by, at=at)
    return left


def _delete(authority: Authority, model: type[Model], keys: Collection[int]) -> None:
    """Will delete rows that nothing uses, by one statement, with what the database keeps of them by itself.

    A custody is never deleted otherwise: nobody reserved, paid or signed anything under this one.
    """
    for relation in _pointing_to(model):
        related: Any = relation.related_model
        if getattr(related, "is_derived", False):
            _delete_raw(related._base_manager.filter(**{f"{relation.field.attname}__in": keys}))  # noqa: SLF001
    _delete_raw(model._base_manager.filter(authority=authority, pk__in=keys))  # noqa: SLF001


def _delete_raw(rows: Any) -> None:
    """Will delete without asking, table by table, what a cascade would take: nothing is there."""
    rows._raw_delete(rows.db)  # noqa: SLF001


def _pointing_to(model: type[Model]) -> list[Any]:
    """Will return the keys of other tables that point to `model`."""
    found: list[Any] = model._meta.get_fields(include_hidden=True)  # type: ignore[assignment]
    return [one for one in found if one.auto_created and not one.concrete and (one.one_to_many or one.one_to_one)]


def _give_back(
    authority: Authority,
    model: type[Model],
    field: str,
    some: Sequence[tuple[int, Done]],
    left: dict[int, str],
    *,
    by: Actor,
    at: datetime,
) -> None:
    column = _column(model, field)
    current = _locked(authority, model, column, [one[2] for _position, one in some])
    target: Any = getattr(model._meta.get_field(field), "related_model", None)
    former = {one[4] for _position, one in some} - {None}
    there = set(target.objects.filter(pk__in=former).values_list("pk", flat=True)) if target is not None else former
    values: dict[int, Any] = {}
    for position, (_set, _table, key, _field, before, after) in some:
        if key not in current or _kept(current[key]) != after or (before is not None and before not in there):
            left[position] = LEFT.CHANGED.value
        else:
            is_day = isinstance(current[key], date)
            values[key] = date.fromisoformat(before) if is_day and before is not None else before
    write_column(authority, model, column, values)
    _journal("undo_import_change", authority, model, set(values), by=by, at=at)


def _staying(created: Mapping[type[Model], Mapping[int, int]]) -> dict[type[Model], set[int]]:
    """Will return the created rows that stay: those that something uses, and those of the same home."""
    mine = {model: set(created[model]) for model in TABLES.values()}
    stays = {model: _used(model, mine) for model in TABLES.values() if model is not SchoolClass}
    homes = list(Custody.objects.filter(pk__in=mine[Custody]).values_list("pk", "child_id", "family_id"))
    adults = list(Guardian.objects.filter(pk__in=mine[Guardian]).values_list("pk", "family_id"))
    links = [
        *(((Custody, custody), (Child, child), (Family, family)) for custody, child, family in homes),
        *(((Guardian, guardian), (Family, family)) for guardian, family in adults),
    ]
    before = -1
    while before != sum(len(keys) for keys in stays.values()):
        before = sum(len(keys) for keys in stays.values())
        for link in links:
            if any(key in stays[model] for model, key in link):
                for model, key in link:
                    if key in mine[model]:
                        stays[model].add(key)
    going = {model: keys - stays.get(model, set()) for model, keys in mine.items()}
    stays[SchoolClass] = _used(SchoolClass, going)
    return stays


def _used(model: type[Model], going: Mapping[type[Model], set[int]]) -> set[int]:
    """Will return those of the rows of `model` in `going` to which a row of any table, itself not going, points.

    A table that the database keeps by itself from others (`is_derived`) does not count.
    """
    used: set[int] = set()
    keys = going[model]
    for relation in _pointing_to(model) if keys else ():
        related: Any = relation.related_model
        if getattr(related, "is_derived", False):
            continue
        column = relation.field.attname
        rows = related._base_manager.filter(**{f"{column}__in": keys}).exclude(pk__in=going.get(related, set()))  # noqa: SLF001
        used |= set(rows.values_list(column, flat=True))
    return used
