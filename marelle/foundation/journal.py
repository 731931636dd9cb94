"""Reading the journal: lines, newest first, each with what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.foundation.actors import ActorKind
from marelle.foundation.models import AuditEntry, RowChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal with what it changed. Without an entry, nobody wrote why: only what changed is known."""

    entry: AuditEntry | None
    changes: tuple[RowChange, ...]

    @property
    def recorded_at(self) -> datetime:
        """Will return when it was written (machine time, UTC)."""
        return self.entry.recorded_at if self.entry else self.changes[0].recorded_at


def lines_of_authority(
    authority: int, *, until: datetime | None = None, agent: int | None = None, kinds: Collection[str] = ()
) -> list[Line]:
    """Will return the last lines of an authority written before `until`, one page and one more if there are others.

    Of the account `agent` (key) alone, or about some kinds of things alone, when these are given. Two statements.
    """
    rows = AuditEntry.objects.filter(authority_key=authority)
    if agent is not None:
        rows = rows.filter(actor_kind=ActorKind.AGENT.value, actor_key=agent)
    if kinds:
        rows = rows.filter(object_type__in=kinds)
    if until is not None:
        rows = rows.filter(recorded_at__lt=until)
    entries = list(rows.order_by("-recorded_at", "-pk")[: PAGE + 1])
    return _with_changes(entries, _changes_of(authority).filter(act__in={one.act for one in entries if one.act}))


def lines_about(authority: int, objects: Mapping[str, Collection[int]], *, until: datetime | None = None) -> list[Line]:
    """Will return the last lines about some rows of an authority, as `lines_of_authority` does. Three statements.

    `objects` gives, for each kind (a model's name in lower case, or the journal's own word), the keys of the rows.
    """
    about = Q(pk__in=())
    for kind, keys in objects.items():
        if keys:
            about |= Q(object_type=kind, object_key__in=list(keys))
    before = Q() if until is None else Q(recorded_at__lt=until)
    changes = list(_changes_of(authority).filter(about, before)[: PAGE + 1])
    own = AuditEntry.objects.filter(about, before, authority_key=authority).order_by("-recorded_at", "-pk")[: PAGE + 1]
    causes = AuditEntry.objects.filter(before, authority_key=authority, act__in={one.act for one in changes})
    entries = {one.pk: one for one in (*own, *causes)}
    lines = _with_changes(_telling(entries.values(), changes, objects), changes)
    return lines[: PAGE + 1]


def _changes_of(authority: int) -> QuerySet[RowChange]:
    return RowChange.objects.filter(authority_key=authority).order_by("-recorded_at", "-pk")


def _telling(
    entries: Iterable[AuditEntry], changes: Sequence[RowChange], objects: Mapping[str, Collection[int]]
) -> list[AuditEntry]:
    """Will keep the entries about these rows, and of an act that has none, its last: that of the outermost write."""
    ordered = sorted(entries, key=lambda one: (one.recorded_at, one.pk), reverse=True)
    own = {one.pk for one in ordered if one.object_key in objects.get(one.object_type, ())}
    told = {one.act for one in ordered if one.pk in own}
    kept = []
    for one in ordered:
        if one.pk in own:
            kept.append(one)
        elif one.act not in told:
            told.add(one.act)
            kept.append(one)
    return kept


def _with_changes(entries: Sequence[AuditEntry], changes: Iterable[RowChange]) -> list[Line]:
    """Will put each change under the entry of its act about the same row, else under the last entry of that act."""
    last: dict[UUID, int] = {}
    exact: dict[tuple[UUID, str, int | None], int] = {}
    for one in reversed(entries):
        if one.act is not None:
            last[one.act] = one.pk
            exact[one.act, one.object_type, one.object_key] = one.pk
    under: dict[int, list[RowChange]] = {}
    alone: dict[UUID, list[RowChange]] = {}
    for change in changes:
        place = exact.get((change.act, change.object_type, change.object_key), last.get(change.act))
        if place is None:
            alone.setdefault(change.act, []).append(change)
        else:
            under.setdefault(place, []).append(change)
    lines = [Line(one, tuple(under.get(one.pk, ()))) for one in entries]
    lines += [Line(None, tuple(found)) for found in alone.values()]
    return sorted(lines, key=lambda line: line.recorded_at, reverse=True)
