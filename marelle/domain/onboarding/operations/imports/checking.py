"""A file is received, read, compared; an agent says what she takes of it. Nothing but its own lines is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority, Facility
from marelle.domain.onboarding.models import ColumnMapping, Import, ImportLine
from marelle.domain.onboarding.operations.imports.kinds import HANDLERS
from marelle.domain.onboarding.queries.imports import (
    KeptLine,
    content_of,
    counted,
    family_facts,
    kept,
    lines_of,
    options_of,
    remembered_columns,
    totals_of,
)
from marelle.domain.onboarding.rules.imports.class_change import ClassChange, moved
from marelle.domain.onboarding.rules.imports.columns import chosen, missing, recognized, signature
from marelle.domain.onboarding.rules.imports.kinds import IS_NEW, TAKEN, Entry, Line, Options, Verdict
from marelle.foundation import audit, files, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.table_files import Table, read_table
from marelle.foundation.writes import operation

BATCH: Final = 1000
LONGEST_NAME: Final = 120
STATE = Import.State


class ImportIsElsewhereError(Exception):
    """The import is no more where this may be done: somebody applied it, or gave it up, meanwhile."""


class ColumnsMissingError(Exception):
    """Columns without which nothing is read were given to none: `titles` says which."""

    def __init__(self, titles: Sequence[str]) -> None:
        """Will keep which."""
        super().__init__(", ".join(titles))
        self.titles = tuple(titles)


class TotalsDifferError(Exception):
    """What the file brings to a régie is not what the former software says: `found` and `said`, in cents, by régie."""

    def __init__(self, found: Mapping[str, int], said: Mapping[str, int]) -> None:
        """Will keep both, for the régies where they differ."""
        super().__init__(f"{len(found)} régies")
        self.found = dict(found)
        self.said = dict(said)


class NobodyMovesError(Exception):
    """No child is in the classes that change."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What an agent chose of some lines, by their place: whether taken, which changes are written, who it is about.

    A line that is not there stays as it was.
    """

    taken: Mapping[int, bool] = field(default_factory=dict)
    ticked: Mapping[int, frozenset[str]] = field(default_factory=dict)
    decided: Mapping[int, str] = field(default_factory=dict)


@operation
def receive_file(
    authority: Authority,
    content: bytes,
    *,
    kind: str,
    name: str,
    facility: Facility | None = None,
    on: date,
    by: Actor,
    at: datetime,
) -> Import:
    """Will keep a file of a kind (a code of HANDLERS) and compare its lines, once its columns are known.

    They are those that an agent chose for files of the same titles, else those that their titles name; when one that is
    needed is not found, she is asked (`choose_columns`). Nothing of families is written. Raises UnreadableTableError,
    and files.FilesUnavailableError.
    """
    table = read_table(content)
    columns = HANDLERS[kind].kind.columns
    where = remembered_columns(authority, kind, signature(table.columns)) or recognized(table.columns, columns)
    whole = Import.objects.create(
        authority=authority,
        kind=kind,
        facility=facility,
        holds_on=on,
        name=name[:LONGEST_NAME],
        stored_as=files.store(content),
        columns=where,
        checked_at=at,
        checked_by_id=by.key,
    )
    if not missing(where, columns):
        _read(whole, table, where)
    _note("receive_import", whole, by=by, at=at, rows=len(table.rows))
    return whole


@operation
def prepare_class_change(
    authority: Authority, moves: Mapping[int, str], *, on: date, by: Actor, at: datetime
) -> Import:
    """Will prepare, line by line, that the children of each class (key) go to another one (its key, LEAVES, or STAYS).

    Nothing of the children is written until it is applied. Raises NobodyMovesError when no child is in these classes.
    """
    kind = ClassChange()
    known = family_facts(authority, on=on)
    entries = moved(moves, known)
    if not entries:
        raise NobodyMovesError
    whole = Import.objects.create(authority=authority, kind=kind.code, holds_on=on, checked_at=at, checked_by_id=by.key)
    keep_lines(whole, kind.lines(entries, known, Options(on=on)))
    _note("prepare_class_change", whole, by=by, at=at, children=len(entries))
    return whole


@operation
def choose_columns(whole: Import, said: Mapping[int, str], *, by: Actor, at: datetime) -> Import:
    """Will read the file with the columns that an agent names (a code by place), and remember them for the next one.

    Choices made before on its lines are lost with them. Raises ColumnsMissingError, ImportIsElsewhereError, and what
    `files.read` raises.
    """
    row = locked(whole, STATE.COLUMNS, STATE.CHECKED)
    table = table_of(row)
    columns = HANDLERS[row.kind].kind.columns
    where = chosen({place: code for place, code in said.items() if place < len(table.columns)}, columns)
    if lacking := missing(where, columns):
        raise ColumnsMissingError(lacking)
    ColumnMapping.objects.update_or_create(
        authority_id=row.authority_id,
        kind=row.kind,
        signature=signature(table.columns),
        defaults={"columns": where, "chosen_at": at},
    )
    _read(row, table, where)
    _note("choose_import_columns", row, by=by, at=at)
    return row


def table_of(whole: Import) -> Table:
    """Will read again the file of an import. Raises what `files.read` raises."""
    return read_table(files.read(whole.stored_as or ""))


def _read(whole: Import, table: Table, where: Mapping[str, tuple[int, ...]]) -> None:
    entries = HANDLERS[whole.kind].kind.entries(table.rows, where, on=whole.holds_on)
    whole.columns = dict(where)
    ImportLine.objects.filter(of_import=whole).delete()
    lines = compare(whole, entries, Options(on=whole.holds_on, facility=whole.facility_id))
    keep_lines(whole, lines)


def compare(whole: Import, entries: Sequence[Entry], options: Options) -> tuple[Line, ...]:
    """Will compare entries with what is known now."""
    handler = HANDLERS[whole.kind]
    return handler.kind.lines(entries, handler.known(whole.authority, entries, options), options)


def keep_lines(whole: Import, lines: Sequence[Line]) -> None:
    """Will keep the lines of an import that has none yet."""
    rows = [_row(whole, line, place) for place, line in enumerate(lines)]
    ImportLine.objects.bulk_create(rows, batch_size=BATCH)
    _counted(whole, lines)


def _row(whole: Import, line: Line, place: int) -> ImportLine:
    return ImportLine(
        authority_id=whole.authority_id,
        of_import=whole,
        position=place,
        number=line.number,
        verdict=line.verdict.value,
        content=content_of(line),
        fields=list(dict.fromkeys(one.field for one in line.differences)),
        is_taken=line.verdict in TAKEN,
        ticked=list(dict.fromkeys(one.field for one in line.differences if one.is_ticked)),
    )


def _counted(whole: Import, lines: Sequence[Line]) -> None:
    whole.state, whole.counts, whole.trouble = STATE.CHECKED, counted(lines), ""
    whole.save(update_fields=["state", "counts", "columns", "trouble"])


@operation
def compare_again(whole: Import, *, by: Actor, at: datetime) -> Import:
    """Will compare the lines with what is known now, and keep the choices on those that come to the same.

    Raises ImportIsElsewhereError.
    """
    row = locked(whole, STATE.CHECKED)
    _compare_again(row)
    _note("compare_import", row, by=by, at=at)
    return row


def _compare_again(whole: Import) -> None:
    before = [kept(one) for one in lines_of(whole).select_for_update()]
    lines = compare(whole, [one.entry for one in before if one.entry], options_of(whole, [one.row for one in before]))
    found = {one.identity: one for one in before}
    changed: list[ImportLine] = []
    new: list[ImportLine] = []
    place = 1 + max((one.row.position for one in before), default=-1)
    for line in lines:
        known = found.pop(line.identity, None)
        if known is None:
            new.append(_row(whole, line, place + len(new)))
        elif known.row.content != content_of(line):
            changed.append(_replaced(whole, known, line))
    columns = ["verdict", "content", "fields", "is_taken", "ticked"]
    ImportLine.objects.bulk_update(changed, columns, batch_size=BATCH)
    ImportLine.objects.bulk_create(new, batch_size=BATCH)
    ImportLine.objects.filter(pk__in=[one.row.pk for one in found.values()]).delete()
    _counted(whole, lines)


def _replaced(whole: Import, known: KeptLine, line: Line) -> ImportLine:
    """Will return the row of a line that comes to something else, with the choices that a new one has."""
    fresh = _row(whole, line, known.row.position)
    for name in ("verdict", "content", "fields", "is_taken", "ticked"):
        setattr(known.row, name, getattr(fresh, name))
    return known.row


@operation
def choose_lines(whole: Import, choices: Choices, *, by: Actor, at: datetime) -> Import:
    """Will note what an agent takes of some lines; whom an ambiguous one is about changes what it comes to.

    A change or a candidate that the line does not have is not noted. Raises ImportIsElsewhereError.
    """
    row = locked(whole, STATE.CHECKED)
    places = choices.taken.keys() | choices.ticked.keys() | choices.decided.keys()
    is_decided = False
    lines = list(lines_of(row).select_for_update().filter(position__in=places))
    for line in lines:
        place = line.position
        if place in choices.taken and line.verdict in {*TAKEN, Verdict.LEFT}:
            line.is_taken = choices.taken[place]
            if line.verdict == Verdict.LEFT:
                line.ticked = line.fields if line.is_taken else []
        if place in choices.ticked and line.verdict in TAKEN:
            line.ticked = [one for one in line.fields if one in choices.ticked[place]]
        if place in choices.decided and _may_decide(line, choices.decided[place]):
            is_decided = is_decided or line.decision != choices.decided[place]
            line.decision = choices.decided[place]
    ImportLine.objects.bulk_update(lines, ["is_taken", "ticked", "decision"], batch_size=BATCH)
    if is_decided:
        _compare_again(row)
    return row


def _may_decide(line: ImportLine, answer: str) -> bool:
    """Will tell whether a line may be about whom is said; one that was decided may be undecided (nothing)."""
    if not answer:
        return bool(line.decision)
    if line.verdict == Verdict.AMBIGUOUS or line.decision:
        return answer == IS_NEW or answer.isdecimal()
    return answer.isdecimal() and bool(kept(line).candidates)


@operation
def tick_all(whole: Import, code: str, *, is_ticked: bool, by: Actor, at: datetime) -> int:
    """Will tick, or not, a change on every line that has it; returns how many there are. `left`: all those who left.

    Raises ImportIsElsewhereError.
    """
    row = locked(whole, STATE.CHECKED)
    if code == Verdict.LEFT:
        lines = list(lines_of(row, verdicts=[Verdict.LEFT]).defer("content"))
        for line in lines:
            line.is_taken, line.ticked = is_ticked, line.fields if is_ticked else []
    else:
        lines = list(lines_of(row, verdicts=[Verdict.CHANGED]).filter(fields__contains=[code]).defer("content"))
        for line in lines:
            line.ticked = [one for one in line.fields if (is_ticked if one == code else one in line.ticked)]
    ImportLine.objects.bulk_update(lines, ["is_taken", "ticked"], batch_size=BATCH)
    return len(lines)


@operation
def abandon_import(whole: Import, *, by: Actor, at: datetime) -> None:
    """Will give up an import that was not applied, and forget its file and its lines. Raises ImportIsElsewhereError."""
    row = locked(whole, STATE.COLUMNS, STATE.CHECKED)
    row.state = STATE.ABANDONED
    row.save(update_fields=["state"])
    forget_content(row, at=at)
    _note("abandon_import", row, by=by, at=at)


def forget_content(whole: Import, *, at: datetime) -> None:
    """Will forget what an import says of people: its lines, its file and the file's name. Inside an operation."""
    ImportLine.objects.filter(of_import=whole).delete()
    if whole.stored_as:
        files.forget_later(whole.stored_as)
    whole.stored_as, whole.name, whole.forgotten_at = None, "", at
    whole.save(update_fields=["stored_as", "name", "forgotten_at"])


@operation
def ask_to_apply(whole: Import, *, totals: Mapping[str, int] | None = None, by: Actor, at: datetime) -> None:
    """Will have an import applied as soon as a worker is free.

    `totals` are what an agent read in the former software, in cents, by régie, for those that she gave. Raises
    ImportIsElsewhereError, TotalsDifferError.
    """
    row = locked(whole, STATE.CHECKED)
    if totals:
        found = totals_of(row)
        if wrong := {name: found.get(name, 0) for name, said in totals.items() if found.get(name, 0) != said}:
            raise TotalsDifferError(wrong, {name: totals[name] for name in wrong})
    row.state, row.applied_by_id, row.trouble = STATE.APPLYING, by.key, ""
    row.save(update_fields=["state", "applied_by", "trouble"])
    outbox.post("onboarding.apply_import", authority=row.authority_id, whole=row.pk)
    _note("ask_to_apply_import", row, by=by, at=at)


def locked(whole: Import, *states: str) -> Import:
    """Will lock an import that stands where it may be acted upon. Raises ImportIsElsewhereError."""
    row = Import.objects.select_for_update(of=("self",)).select_related("authority").get(pk=whole.pk)
    if row.state not in states:
        raise ImportIsElsewhereError
    return row


def _note(verb: str, whole: Import, *, by: Actor, at: datetime, **details: Any) -> None:
    audit.record(
        verb, authority=whole.authority_id, of="import", key=whole.pk, by=by, at=at, kind=whole.kind, **details
    )
