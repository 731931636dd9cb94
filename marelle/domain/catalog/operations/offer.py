"""What an authority offers, as a file says it, and its services as an agent decides them.

Each change makes every process read the catalog anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Changed, Key, Outcome, Said, save_rows, touch_catalog
from marelle.domain.authorities.rules.codes import free_code
from marelle.domain.catalog.models import (
    Activity,
    ClosureDay,
    Product,
    ProductSlot,
    Reglement,
    Service,
    Slot,
    SlotTemplate,
    Tariff,
)
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.holding import refuse_if_held
from marelle.foundation.writes import operation

NAMED_BY: Final[dict[type[Any], Sequence[str]]] = {
    Service: ("code",),
    Activity: ("code",),
    SlotTemplate: ("activity_id", "code"),
    Product: ("code",),
    ProductSlot: ("product_id", "template_id"),
    Reglement: ("activity_id", "product_id", "valid_from"),
    Tariff: ("product_id", "valid_from"),
    ClosureDay: ("starts_on", "service_id", "facility_id"),
}
LONGEST_CODE: Final = 40
SERVICE_FIELDS: Final = (
    "name",
    "icon",
    "payment_mode",
    "hold_hours",
    "regie",
    "phone",
    "email",
    "address",
    "opening_hours",
)


@dataclass(frozen=True, slots=True)
class Overfull:
    """A template (by key) was given fewer places than one of its coming days has already taken."""

    key: Key
    taken: int
    capacity: int


class CapacityBelowTaken(Exception):
    """Some templates would have fewer places than are already taken; nothing was written."""

    def __init__(self, overfull: Sequence[Overfull]) -> None:
        """Will say which templates."""
        super().__init__(f"{len(overfull)} templates below the places taken")
        self.overfull = tuple(overfull)


@operation
def save_offer_rows(
    authority: Authority, model: type[Any], said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update services, activities, products, rules, prices or closures as a file says them.

    `model` is one of `NAMED_BY`, which says by which columns its rows are named. The coming slots of a template whose
    capacity changes get the new one, unless the office gave them their own. Raises CapacityBelowTaken.
    """
    outcome = save_rows(authority, model, NAMED_BY[model], said, force=force, by=by, at=at)
    if model is SlotTemplate:
        resize_slots(authority, [change for change in outcome.changed if change.field == "capacity"], at)
    if outcome.has_changed:
        touch_catalog(authority, by=by, at=at)
    return outcome


@operation
def save_service(
    authority: Authority, service: Service | None, said: Mapping[str, Any], *, by: Actor, at: datetime
) -> Service:
    """Will make or change a service: its name, icon, régie, how it is paid, how to reach it (`SERVICE_FIELDS`)."""
    if service is None:
        rows = list(Service.objects.values_list("code", "position"))
        row = Service(
            authority=authority,
            code=free_code(said["name"], {code for code, _position in rows}, longest=LONGEST_CODE),
            position=max((position for _code, position in rows), default=-1) + 1,
        )
    else:
        row = Service.objects.select_for_update().get(pk=service.pk)
    for name in SERVICE_FIELDS:
        setattr(row, name, said[name])
    row.save()
    touch_catalog(authority, by=by, at=at)
    audit.record(
        "save_service",
        authority=authority.pk,
        of="service",
        key=row.pk,
        by=by,
        at=at,
        is_new=service is None,
        regie=row.regie_id,
        payment_mode=row.payment_mode,
    )
    return row


@operation
def remove_service(service: Service, *, by: Actor, at: datetime) -> None:
    """Will remove a service; raises StillHeldError when it has an activity, a closure, an agent of its own."""
    row = Service.objects.select_for_update().get(pk=service.pk)
    refuse_if_held([row])
    key = row.pk
    row.delete()
    touch_catalog(service.authority, by=by, at=at)
    audit.record("remove_service", authority=service.authority_id, of="service", key=key, by=by, at=at)


@operation
def move_up(row: Service | Activity, *, by: Actor, at: datetime) -> None:
    """Will put a service before the one above it, or an activity before the one above it in its service."""
    same = type(row).objects.select_for_update().order_by("position", "name", "pk")
    rows = list(same.filter(service=row.service_id) if isinstance(row, Activity) else same)
    place = next(place for place, one in enumerate(rows) if one.pk == row.pk)
    if place == 0:
        return
    rows[place - 1], rows[place] = rows[place], rows[place - 1]
    moved = []
    for position, one in enumerate(rows):
        if one.position != position:
            one.position = position
            moved.append(one)
    type(row).objects.bulk_update(moved, ["position"])
    touch_catalog(row.authority, by=by, at=at)
    audit.record(
        "move_up", authority=row.authority_id, of=row._meta.model_name or "", key=row.pk, by=by, at=at, to=place - 1
    )


def resize_slots(authority: Authority, changes: Sequence[Changed[Any]], at: datetime) -> None:
    """Will give the coming slots of templates their new capacity; raises CapacityBelowTaken. Inside an operation."""
    today = at.astimezone(authority.zone).date()
    overfull = []
    for change in changes:
        same = Q(capacity__isnull=True) if change.before is None else Q(capacity=change.before)
        coming = Slot.objects.filter(same, authority=authority, template_id=change.row.pk, date__gte=today)
        if change.after is not None:
            fullest = coming.filter(taken__gt=change.after).order_by("-taken").first()
            if fullest is not None:
                overfull.append(Overfull((change.row.activity_id, change.row.code), fullest.taken, change.after))
                continue
            coming = coming.filter(taken__lte=change.after)
        coming.update(capacity=change.after)
    if overfull:
        raise CapacityBelowTaken(overfull)
