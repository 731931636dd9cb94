"""An agent reads what is known of a child's health, or a family's quotient: it is written down, never what it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import operation

READ_HEALTH: Final = "read_health"
READ_QUOTIENT: Final = "read_quotient"
# What a line is about, and how its details name the keys that were read.
_OF: Final = {READ_HEALTH: ("child", "children"), READ_QUOTIENT: ("family", "families")}


@operation
def note_readings(
    children: Collection[int],
    families: Collection[int],
    *,
    authority: int,
    page: str,
    family: int | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Will write that a page (its name) showed to somebody the health of `children`, the quotient of `families` (keys).

    A line for each of the two, in one transaction; `family` is the one that the page is about, if it is of one.
    """
    for verb, keys in ((READ_HEALTH, children), (READ_QUOTIENT, families)):
        if not keys:
            continue
        of, named = _OF[verb]
        details: dict[str, object] = {named: sorted(keys), "page": page}
        if family is not None and verb == READ_HEALTH:
            details["family"] = family
        key = next(iter(keys)) if len(keys) == 1 else None
        audit.record(verb, authority=authority, of=of, key=key, by=by, at=at, **details)


@operation
def note_all_read(of: str, key: int, *, authority: int, page: str, by: Actor, at: datetime) -> None:
    """Will write that somebody took away the quotients of all that a row (`of`, `key`) holds, too many to be named."""
    audit.record(READ_QUOTIENT, authority=authority, of=of, key=key, by=by, at=at, page=page)


@operation
def note_list_read(
    children: Collection[int],
    *,
    authority: int,
    day: date,
    facilities: Collection[int],
    page: str,
    since: datetime,
    by: Actor,
    at: datetime,
) -> bool:
    """Will write that somebody read the health of the children of a list of a day; tells whether it had to.

    `page` names the list. It is opened a hundred times in a morning: what was read of it since `since` (business time,
    the start of her day) is not written again. Whoever joined it meanwhile is.
    """
    number = int(f"{day:%Y%m%d}")
    before = AuditEntry.objects.filter(
        authority_key=authority,
        object_type="day",
        object_key=number,
        verb=READ_HEALTH,
        actor_kind=by.kind.value,
        actor_key=by.key,
        details__page=page,
        business_at__gte=since,
    )
    known = {key for details in before.values_list("details", flat=True) for key in details["children"]}
    new = sorted(set(children) - known)
    if not new:
        return False
    audit.record(
        READ_HEALTH,
        authority=authority,
        of="day",
        key=number,
        by=by,
        at=at,
        children=new,
        facilities=sorted(facilities),
        page=page,
    )
    return True
