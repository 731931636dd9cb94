"""An import is applied whole, or not at all; undone for a day; forgotten after a month."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.families.queries.removals import standing_removals
from marelle.domain.onboarding.models import Import, ImportLine
from marelle.domain.onboarding.operations.imports.checking import (
    STATE,
    ImportIsElsewhereError,
    compare,
    forget_content,
    locked,
)
from marelle.domain.onboarding.operations.imports.kinds import HANDLERS
from marelle.domain.onboarding.operations.imports.rows import ChangedSinceError, Taken, write_column
from marelle.domain.onboarding.queries.imports import content_of, is_undoable, kept, lines_of, options_of
from marelle.domain.onboarding.rules.imports.kinds import Act, Line
from marelle.foundation import audit, progress
from marelle.foundation.actors import Actor
from marelle.foundation.encryption import encrypt
from marelle.foundation.writes import operation

BATCH: Final = 1000
WORK: Final = "import"
# How much of the work is done once what is known was read, and once the rows are written, in hundredths.
COMPARED, WRITTEN = 25, 85
CHANGED_SINCE: Final = (
    "Des dossiers ont changé depuis la vérification : rien n’est écrit. Relisez ce qui a changé, puis importez."
)
FAILED: Final = "L’import a échoué : rien n’est écrit. Essayez de nouveau ; si cela recommence, prévenez l’exploitant."


class TooLateToUndoError(Exception):
    """An import is undone within a day, and once."""


@operation
def apply_import(whole: Import, *, by: Actor, at: datetime) -> dict[str, int]:
    """Will write what was taken of an import that was asked for; all, or nothing.

    The lines are compared once more, with what is known now: were one that is taken to come to anything else than what
    was looked over, nothing is written. Returns how many lines were. How far it is, is told by `progress`. Raises
    ChangedSinceError, and ImportIsElsewhereError: applied already, by a worker that was killed before it said so.
    """
    row = locked(whole, STATE.APPLYING)
    # One import at a time at an authority; whoever only points to it is not held.
    Authority.objects.select_for_update(no_key=True).get(pk=row.authority_id)
    progress.tell(WORK, row.pk, 1)
    shut = standing_removals(row.authority_id)
    rows = list(lines_of(row))
    before = [kept(one) for one in rows]
    lines = compare(row, [one.entry for one in before if one.entry], options_of(row, rows))
    found = {line.identity: line for line in lines}
    progress.tell(WORK, row.pk, COMPARED)
    taken: list[Taken] = []
    for one in before:
        if not one.row.is_taken:
            continue
        line = found.get(one.identity)
        if line is None or one.row.content != content_of(line):
            raise ChangedSinceError
        if acts := _acts(line, one.row.ticked):
            taken.append(Taken(one.row.position, acts))
    done = HANDLERS[row.kind].write(
        row.authority,
        taken,
        by=by,
        at=at,
        tell=lambda percent: progress.tell(WORK, row.pk, COMPARED + percent * (WRITTEN - COMPARED) // 100),
    )
    # Who lost her access while the rows were written was in nobody's sight when they were compared.
    if standing_removals(row.authority_id) != shut:
        raise ChangedSinceError
    _keep_done(row, {one.position: one for one in rows}, done)
    written = sum(1 for acts in done.values() if acts)
    row.state, row.applied_at, row.counts = STATE.APPLIED, at, {**row.counts, "written": written}
    row.save(update_fields=["state", "applied_at", "counts"])
    _note("apply_import", row, by=by, at=at, written=written)
    return row.counts


def _acts(line: Line, ticked: Sequence[str]) -> tuple[Act, ...]:
    chosen = [act for one in line.differences if one.field in ticked for act in one.acts]
    return (*line.acts, *chosen)


def _keep_done(whole: Import, rows: dict[int, ImportLine], done: Any) -> None:
    values = [(rows[position].pk, encrypt(json.dumps(acts))) for position, acts in done.items() if acts]
    for first in range(0, len(values), BATCH):
        write_column(whole.authority, ImportLine, "done", dict(values[first : first + BATCH]))
        progress.tell(WORK, whole.pk, WRITTEN + (99 - WRITTEN) * first // len(values))


@operation
def note_trouble(whole: Import, words: str, *, by: Actor, at: datetime) -> None:
    """Will give an import that could not be applied back to whoever looked it over, with why. Twice, nothing."""
    row = Import.objects.select_for_update(of=("self",)).get(pk=whole.pk)
    if row.state != STATE.APPLYING:
        return
    row.state, row.trouble = STATE.CHECKED, words
    row.save(update_fields=["state", "trouble"])
    _note("import_failed", row, by=by, at=at)


@operation
def undo_import(whole: Import, *, by: Actor, at: datetime) -> dict[str, int]:
    """Will undo what an import wrote less than a day ago: what it created goes, what it changed is as before.

    What was used or changed since stays, and its line says so. Returns how many lines were undone and left. Raises
    TooLateToUndoError, ImportIsElsewhereError.
    """
    row = locked(whole, STATE.APPLIED)
    if not is_undoable(row, at=at):
        raise TooLateToUndoError
    rows = {one.position: one for one in lines_of(row).filter(done__isnull=False)}
    done = {position: json.loads(one.done) for position, one in rows.items()}
    left = HANDLERS[row.kind].undo(row.authority, done, by=by, at=at)
    for position, words in left.items():
        rows[position].left_as = words
    ImportLine.objects.bulk_update([rows[position] for position in left], ["left_as"], batch_size=BATCH)
    row.state, row.undone_at = STATE.UNDONE, at
    row.counts = {**row.counts, "undone": len(rows) - len(left), "stays": len(left)}
    row.save(update_fields=["state", "undone_at", "counts"])
    _note("undo_import", row, by=by, at=at, undone=len(rows) - len(left), stays=len(left))
    return row.counts


@operation
def forget_import(whole: Import, *, by: Actor, at: datetime) -> None:
    """Will forget what an import says of people, a month after; that it was made, and its counts, stay."""
    row = Import.objects.select_for_update(of=("self",)).get(pk=whole.pk)
    if row.forgotten_at is None and row.state != STATE.APPLYING:
        forget_content(row, at=at)
        _note("forget_import", row, by=by, at=at)


def _note(verb: str, whole: Import, *, by: Actor, at: datetime, **details: Any) -> None:
    audit.record(
        verb, authority=whole.authority_id, of="import", key=whole.pk, by=by, at=at, kind=whole.kind, **details
    )


__all__ = (
    "ChangedSinceError",
    "ImportIsElsewhereError",
    "TooLateToUndoError",
    "apply_import",
    "forget_import",
    "note_trouble",
    "undo_import",
)
