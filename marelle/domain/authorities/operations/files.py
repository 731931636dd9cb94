"""What a file says of an authority and of its rows, where the office’s own edits win."""

from __future__ import annotations

import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Generic, TypeVar

from django.conf import settings
from django.db.models import F, Model

from marelle.domain.authorities.models import Authority, Facility, LoadedRecord, OfAuthority, Regie, SchoolClass
from marelle.domain.authorities.rules.palette import css, palette
from marelle.foundation import audit, tenancy
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

Row = TypeVar("Row", bound=Model)
Key = tuple[Any, ...]

WHOLE_ROW: Final = ""  # the « field » under which the key of a row is remembered, so that its removal is noticed
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Said:
    """A row as a file says it: what names it, the fields the file speaks of, what is chosen once at its creation."""

    key: Key
    fields: Mapping[str, Any] = field(default_factory=dict)
    at_creation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file says otherwise but the office has decided since: a field, or (`field` empty) a removed row."""

    key: Key
    field: str


@dataclass(frozen=True, slots=True)
class Changed(Generic[Row]):
    """A field that was given another value."""

    row: Row
    field: str
    before: Any
    after: Any


@dataclass(slots=True)
class Outcome(Generic[Row]):
    """What came of it: the rows by key, how many are new, which fields changed, what the office keeps."""

    rows: dict[Key, Row] = field(default_factory=dict)
    created: int = 0
    changed: list[Changed[Row]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    @property
    def has_changed(self) -> bool:
        """Will tell whether anything a reader can see was written."""
        return bool(self.created or self.changed)


@operation
def save_authority(said: Said, *, force: bool = False, by: Actor, at: datetime) -> tuple[Authority, Outcome[Authority]]:
    """Will create or update the authority named by its slug (`said.key`), with the colors that its accent gives."""
    (slug,) = said.key
    authority = Authority.objects.select_for_update().filter(slug=slug).first()
    outcome: Outcome[Authority] = Outcome()
    if authority is None:
        authority = Authority(slug=slug, **{**said.at_creation, **said.fields})
        authority.palette_css = css(palette(authority.accent))
        authority.save()
        outcome.created = 1
        with tenancy.scope({authority.pk}):
            _remember(authority, Authority, {authority.pk: said}, {})
    else:
        with tenancy.scope({authority.pk}):
            _merge(authority, Authority, {authority.pk: (authority, said)}, outcome, force=force)
        if outcome.changed:
            authority.palette_css = css(palette(authority.accent))
            authority.save(update_fields=[*(change.field for change in outcome.changed), "palette_css"])
    outcome.rows[said.key] = authority
    if outcome.has_changed:
        touch_catalog(authority, by=by, at=at)
        audit.record("save_authority", authority=authority.pk, of="authority", key=authority.pk, by=by, at=at)
    return authority, outcome


@operation
def save_places(
    authority: Authority,
    model: type[Regie | Facility | SchoolClass],
    named_by: Sequence[str],
    said: Collection[Said],
    *,
    force: bool = False,
    by: Actor,
    at: datetime,
) -> Outcome[Any]:
    """Will create or update régies, facilities or classes as a file says them; see `save_rows`."""
    outcome = save_rows(authority, model, named_by, said, force=force, by=by, at=at)
    if outcome.has_changed:
        touch_catalog(authority, by=by, at=at)
    return outcome


@operation
def save_rows(
    authority: Authority,
    model: type[OfAuthority],
    named_by: Sequence[str],
    said: Collection[Said],
    *,
    force: bool = False,
    by: Actor,
    at: datetime,
) -> Outcome[Any]:
    """Will create or update the rows of `model` that a file speaks of, named by the columns `named_by`.

    A field that the office has edited since the file last spoke of it keeps the office's value, and a row that it
    removed stays removed, unless `force`; both are listed in the outcome. Nothing is ever deleted. The rooms above
    wrap this for their own tables.
    """
    outcome: Outcome[Any] = Outcome()
    present = {
        tuple(getattr(row, name) for name in named_by): row
        for row in model.objects.filter(authority=authority).order_by("pk")
    }
    found = {present[each.key].pk: (present[each.key], each) for each in said if each.key in present}
    records = _records(authority, model)
    _merge(authority, model, found, outcome, force=force, records=records)
    outcome.rows = {each.key: present[each.key] for each in said if each.key in present}
    missing = [each for each in said if each.key not in present]
    if missing:
        gone = [] if force else _removed(records, {row.pk for row in present.values()})
        new: list[Said] = []
        for each in missing:
            if any(_digest(model, pk, WHOLE_ROW, each.key) == digest for pk, digest in gone):
                outcome.kept.append(Kept(each.key, WHOLE_ROW))
            else:
                new.append(each)
        rows = [
            model(
                authority=authority, **dict(zip(named_by, each.key, strict=True)), **{**each.at_creation, **each.fields}
            )
            for each in new
        ]
        model.objects.bulk_create(rows, batch_size=_BATCH)
        outcome.created = len(rows)
        outcome.rows |= {each.key: row for each, row in zip(new, rows, strict=True)}
        _remember(authority, model, {row.pk: each for each, row in zip(new, rows, strict=True)}, records)
    for row, fields in _by_row(outcome.changed).values():
        row.save(update_fields=fields)
    if outcome.has_changed:
        audit.record(
            "save_rows",
            authority=authority.pk,
            of=model._meta.model_name or "",
            key=None,
            by=by,
            at=at,
            created=outcome.created,
            changed=len(outcome.changed),
        )
    return outcome


@operation
def add_rows(
    authority: Authority,
    model: type[OfAuthority],
    named_by: Sequence[str],
    wanted: Collection[Said],
    *,
    by: Actor,
    at: datetime,
) -> Outcome[Any]:
    """Will make the rows that are not there yet, as an agent says them; those that are stay as they are.

    Nothing is remembered of a file: the next one that speaks of such a row finds the word of the office, and leaves it.
    """
    outcome: Outcome[Any] = Outcome()
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    present = {
        tuple(getattr(row, name) for name in named_by): row
        for row in model.objects.filter(authority=authority).order_by("pk")
    }
    new = {each.key: each for each in wanted if each.key not in present}
    rows = [
        model(authority=authority, **dict(zip(named_by, each.key, strict=True)), **{**each.at_creation, **each.fields})
        for each in new.values()
    ]
    model.objects.bulk_create(rows, batch_size=_BATCH)
    outcome.created = len(rows)
    made = dict(zip(new, rows, strict=True))
    outcome.rows = {each.key: made[each.key] if each.key in made else present[each.key] for each in wanted}
    if rows:
        touch_catalog(authority, by=by, at=at)
        of = model._meta.model_name or ""
        audit.record("add_rows", authority=authority.pk, of=of, key=None, by=by, at=at, created=len(rows))
    return outcome


@operation
def touch_catalog(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will make every process read the authority's catalog anew, once this transaction is committed."""
    Authority.objects.filter(pk=authority.pk).update(catalog_version=F("catalog_version") + 1)
    authority.refresh_from_db(fields=["catalog_version"])


def _merge(
    authority: Authority,
    model: type[Model],
    found: Mapping[int, tuple[Any, Said]],
    outcome: Outcome[Any],
    *,
    force: bool,
    records: dict[int, LoadedRecord] | None = None,
) -> None:
    """Will set on each row what the file says and the office has not decided, and remember what was said."""
    records = _records(authority, model) if records is None else records
    spoken: dict[int, Said] = {}
    for pk, (row, said) in found.items():
        digests = records[pk].digests if pk in records else {}
        for name, wanted in said.fields.items():
            before = _plain(getattr(row, name))
            if before == wanted:
                continue
            if force or hmac.compare_digest(digests.get(name, "never said"), _digest(model, pk, name, before)):
                setattr(row, name, wanted)
                outcome.changed.append(Changed(row, name, before, wanted))
            else:
                outcome.kept.append(Kept(said.key, name))
        spoken[pk] = said
    _remember(authority, model, spoken, records)


def _remember(
    authority: Authority, model: type[Model], spoken: Mapping[int, Said], records: Mapping[int, LoadedRecord]
) -> None:
    """Will write, as digests, what the file said of each row (by primary key), if that is news."""
    new, changed = [], []
    for pk, said in spoken.items():
        says = {name: _digest(model, pk, name, value) for name, value in said.fields.items()}
        says[WHOLE_ROW] = _digest(model, pk, WHOLE_ROW, said.key)
        record = records.get(pk)
        if record is None:
            new.append(LoadedRecord(authority=authority, kind=_kind(model), object_key=pk, digests=says))
        elif record.digests != record.digests | says:
            record.digests |= says
            changed.append(record)
    LoadedRecord.objects.bulk_create(new, batch_size=_BATCH)
    LoadedRecord.objects.bulk_update(changed, ["digests"], batch_size=_BATCH)


def _records(authority: Authority, model: type[Model]) -> dict[int, LoadedRecord]:
    rows = LoadedRecord.objects.filter(authority=authority, kind=_kind(model))
    return {record.object_key: record for record in rows}


def _removed(records: Mapping[int, LoadedRecord], present: Collection[int]) -> list[tuple[int, str]]:
    return [(pk, record.digests.get(WHOLE_ROW, "")) for pk, record in records.items() if pk not in present]


def _by_row(changes: Sequence[Changed[Any]]) -> dict[int, tuple[Any, list[str]]]:
    rows: dict[int, tuple[Any, list[str]]] = {}
    for change in changes:
        rows.setdefault(change.row.pk, (change.row, []))[1].append(change.field)
    return rows


def _kind(model: type[Model]) -> str:
    return model._meta.label_lower


def _digest(model: type[Model], pk: int, name: str, value: Any) -> str:
    """Will return a keyed digest that tells nothing of the value, and differs from row to row for the same one."""
    text = json.dumps([_kind(model), pk, name, value], default=_written, ensure_ascii=False, sort_keys=True)
    key = f"marelle.loaded {settings.SECRET_KEY}".encode()
    return hmac.digest(key, text.encode(), "sha256").hex()[:32]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _written(value: Any) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    return bytes(value).hex()
