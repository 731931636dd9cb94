"""What an agent decides on screen: who the authority is, its logo, its places and their classes.

The file of the authority, loaded again, respects it: a field that no longer holds what the file last said is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority, Facility, SchoolClass
from marelle.domain.authorities.operations.files import touch_catalog
from marelle.domain.authorities.rules.codes import free_code
from marelle.domain.authorities.rules.logos import type_of_logo
from marelle.domain.authorities.rules.palette import css, palette
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.holding import refuse_if_held
from marelle.foundation.writes import operation

# What an agent may change of her authority; its name in addresses is not among them: families have kept it.
IDENTITY: Final = (
    "name",
    "kind",
    "department",
    "insee_code",
    "siret",
    "phone",
    "email",
    "address",
    "opening_hours",
    "school_zone",
    "taught_weekdays",
    "town_hall_weekdays",
    "announcement",
    "accent",
    "is_open",
)
LONGEST_CODE: Final = 40
# The address of a place that is not made yet.
NEW: Final = "nouveau"


@dataclass(frozen=True, slots=True)
class ClassSaid:
    """A class as an agent writes it; `key` None for a new one. The order of a list is the order of the school."""

    key: int | None
    name: str
    level: str = ""
    teacher: str = ""


@operation
def change_authority(authority: Authority, said: Mapping[str, Any], *, by: Actor, at: datetime) -> tuple[str, ...]:
    """Will write what changes among `IDENTITY`, and the colors of its accent; return the names of those fields.

    The object that was given says the same afterwards.
    """
    row = Authority.objects.select_for_update().get(pk=authority.pk)
    changed = tuple(name for name in IDENTITY if name in said and getattr(row, name) != said[name])
    if not changed:
        return ()
    for name in changed:
        setattr(row, name, said[name])
    row.palette_css = css(palette(row.accent))
    row.save(update_fields=[*changed, "palette_css"])
    touch_catalog(row, by=by, at=at)
    authority.refresh_from_db(fields=[*changed, "palette_css", "catalog_version"])
    audit.record(
        "change_authority", authority=row.pk, of="authority", key=row.pk, by=by, at=at, fields=",".join(changed)
    )
    return changed


@operation
def change_logo(authority: Authority, content: bytes | None, *, by: Actor, at: datetime) -> None:
    """Will give the authority this logo, or none; raises WrongLogoError."""
    kind = type_of_logo(content) if content is not None else ""
    row = Authority.objects.select_for_update().get(pk=authority.pk)
    row.logo, row.logo_type = content, kind
    row.save(update_fields=["logo", "logo_type"])
    audit.record("change_logo", authority=row.pk, of="authority", key=row.pk, by=by, at=at, bytes=len(content or b""))


@operation
def save_facility(
    authority: Authority,
    facility: Facility | None,
    said: Mapping[str, Any],
    classes: Sequence[ClassSaid],
    *,
    by: Actor,
    at: datetime,
) -> Facility:
    """Will make or change a place (name, kind, address), and its classes in the order that they are given.

    A class that is no longer given is removed; raises StillHeldError when a child is in it.
    """
    if facility is None:
        taken = {*Facility.objects.values_list("code", flat=True), NEW}
        row = Facility(authority=authority, code=free_code(said["name"], taken, longest=LONGEST_CODE))
    else:
        row = Facility.objects.select_for_update().get(pk=facility.pk)
    row.name, row.kind, row.address = said["name"], said["kind"], said["address"]
    row.save()
    made, changed, removed = _save_classes(row, classes)
    touch_catalog(authority, by=by, at=at)
    audit.record(
        "save_facility",
        authority=authority.pk,
        of="facility",
        key=row.pk,
        by=by,
        at=at,
        is_new=facility is None,
        classes_made=made,
        classes_changed=changed,
        classes_removed=removed,
    )
    return row


@operation
def remove_facility(facility: Facility, *, by: Actor, at: datetime) -> None:
    """Will remove a place and its classes; raises StillHeldError when anything is offered or said there."""
    row = Facility.objects.select_for_update().get(pk=facility.pk)
    refuse_if_held([row], but={SchoolClass})
    classes = list(SchoolClass.objects.filter(facility=row))
    refuse_if_held(classes)
    SchoolClass.objects.filter(facility=row).delete()
    key = row.pk
    row.delete()
    touch_catalog(facility.authority, by=by, at=at)
    audit.record("remove_facility", authority=facility.authority_id, of="facility", key=key, by=by, at=at)


def _save_classes(facility: Facility, said: Sequence[ClassSaid]) -> tuple[int, int, int]:
    """Will write the classes of a place; return how many were made, changed and removed."""
    present = {row.pk: row for row in SchoolClass.objects.filter(facility=facility)}
    codes = {row.code for row in present.values()}
    kept = {one.key for one in said}
    gone = [row for key, row in present.items() if key not in kept]
    refuse_if_held(gone)
    SchoolClass.objects.filter(pk__in=[row.pk for row in gone]).delete()
    made = changed = 0
    for position, one in enumerate(said):
        row = present.get(one.key) if one.key is not None else None
        if row is None:
            code = free_code(one.name, codes, longest=LONGEST_CODE)
            codes.add(code)
            row = SchoolClass(authority_id=facility.authority_id, facility=facility, code=code)
            made += 1
        elif (row.name, row.level, row.teacher, row.position) == (one.name, one.level, one.teacher, position):
            continue
        else:
            changed += 1
        row.name, row.level, row.teacher, row.position = one.name, one.level, one.teacher, position
        row.save()
    return made, changed, len(gone)
