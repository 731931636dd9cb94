"""What tablets and sheets say of who came: each tick is kept, and what stands of them is written for everything else.

There is one way in, `receive_marks`; the sheet without scripts goes through it too, as a device that speaks once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid4

from marelle.domain.reservations.models import Attendance, AttendanceMark
from marelle.domain.reservations.operations.locking import lock_children
from marelle.domain.reservations.queries.attendance import marks_by_key
from marelle.domain.reservations.rules.attendance import Mark, Seen, standing
from marelle.foundation import audit
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime, time

    from marelle.foundation.actors import Actor

    Key = tuple[int, int]


class Times(NamedTuple):
    """How long a child stayed, when somebody wrote it, how late it was fetched, in minutes, and at what hour."""

    minutes: int | None = None
    late_minutes: int = 0
    fetched_at: time | None = None


NO_TIMES = Times()


@operation
def receive_marks(marks: Sequence[tuple[Key, Mark]], *, day: date, authority: int, by: Actor, at: datetime) -> int:
    """Will keep marks of `day`, each of a (child, product) in keys, and write what stands; returns how many changed.

    Marks that came before (same uid) are left as they are: a tablet may send again what it is not sure of. Whoever
    calls has refused what is out of reach (`rules.attendance.not_kept`). The children are held meanwhile: of two
    tablets that send at once, the second one sees what the first one said.
    """
    lock_children(child for (child, _product), _mark in marks)
    known = set(AttendanceMark.objects.filter(uid__in=[mark.uid for _key, mark in marks]).values_list("uid", flat=True))
    fresh = {mark.uid: (key, mark) for key, mark in marks if UUID(mark.uid) not in known}
    if not fresh:
        return 0
    AttendanceMark.objects.bulk_create(
        [
            AttendanceMark(
                authority_id=authority,
                uid=mark.uid,
                device=mark.device,
                seq=mark.seq,
                child_id=child,
                product_id=product,
                date=day,
                state=mark.seen.state,
                minutes=mark.seen.minutes,
                late_minutes=mark.seen.late_minutes,
                fetched_at=mark.seen.fetched_at,
                knew=sorted(mark.knew),
                seen_at=mark.seen_at,
                received_at=at,
                recorded_by_id=by.key,
            )
            for (child, product), mark in fresh.values()
        ],
        ignore_conflicts=True,  # another authority's child cannot be there; the same uid for another child is nothing
    )
    count = _write_what_stands({key for key, _mark in fresh.values()}, day=day, authority=authority, by=by, at=at)
    if count:
        audit.record(
            "record_attendance",
            authority=authority,
            of="attendance_sheet",
            key=None,
            by=by,
            at=at,
            day=day.isoformat(),
            changed=count,
        )
    return count


@operation
def record_attendance(
    sheet: Mapping[Key, str | None],
    *,
    day: date,
    times: Mapping[Key, Times] | None = None,
    knew: Mapping[Key, frozenset[str]] | None = None,
    authority: int,
    by: Actor,
    at: datetime,
) -> int:
    """Will record what was seen on `day`: (child, product) keys → Attendance.State, None to erase.

    `times` by the same keys, for those who were there: what is left out of it is not changed when given, and there is
    none where it is not. `knew` says in view of which marks (uids) the sheet was filled; of a square left out, of those
    that stand now. Returns how many changed: the same sheet twice changes nothing more.
    """
    lock_children(child for child, _product in sheet)
    present = _seen(sheet, day=day)
    stands = {key: standing(marks) for key, marks in marks_by_key(sheet, day=day).items()}
    device = str(uuid4())
    marks = []
    for rank, (key, state) in enumerate(sheet.items()):
        before = present.get(key, Seen(""))
        told = Times(before.minutes, before.late_minutes, before.fetched_at)
        is_there = state == Attendance.State.PRESENT
        seen = Seen(state or "", *((times or {}).get(key, told) if is_there else NO_TIMES))
        now = stands.get(key)
        in_view_of = (knew or {}).get(key, now.heads if now else frozenset())
        # The same answer is a mark only where it settles what two tablets said.
        if seen != before or (now and now.others and now.heads <= in_view_of):
            marks.append((key, Mark(str(uuid4()), device, rank, seen, at, in_view_of)))
    return receive_marks(marks, day=day, authority=authority, by=by, at=at)


def _seen(keys: Collection[Key], *, day: date) -> dict[Key, Seen]:
    rows = Attendance.objects.filter(date=day, child__in={child for child, _product in keys})
    return {
        (child, product): Seen(*rest)
        for child, product, *rest in rows.values_list(
            "child_id", "product_id", "state", "minutes", "late_minutes", "fetched_at"
        )
        if (child, product) in keys
    }


def _write_what_stands(keys: Collection[Key], *, day: date, authority: int, by: Actor, at: datetime) -> int:
    """Will write what stands of the marks of these squares where something else is written; returns how many."""
    written = _seen(keys, day=day)
    stands = {key: standing(marks) for key, marks in marks_by_key(keys, day=day).items()}
    seen = {key: one.mark.seen for key, one in stands.items() if one}
    gone = [key for key, what in seen.items() if not what.state and key in written]
    changed = [(key, what) for key, what in seen.items() if what.state and what != written.get(key)]
    for product in {product for _child, product in gone}:
        children = [child for child, of in gone if of == product]
        Attendance.objects.filter(date=day, product=product, child__in=children).delete()
    if changed:
        Attendance.objects.bulk_create(
            [
                Attendance(
                    authority_id=authority,
                    child_id=child,
                    product_id=product,
                    date=day,
                    state=what.state,
                    minutes=what.minutes,
                    late_minutes=what.late_minutes,
                    fetched_at=what.fetched_at,
                    recorded_at=at,
                    recorded_by_id=by.key,
                )
                for (child, product), what in changed
            ],
            update_conflicts=True,
            unique_fields=["authority", "child", "product", "date"],
            update_fields=["state", "minutes", "late_minutes", "fetched_at", "recorded_at", "recorded_by"],
        )
    return len(gone) + len(changed)
