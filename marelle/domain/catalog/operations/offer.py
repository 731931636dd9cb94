"""What an authority offers, as a file says it. Each change makes every process read the catalog anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Changed, Key, Outcome, Said, save_rows, touch_catalog
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
from marelle.foundation.actors import Actor
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
        _resize_slots(authority, [change for change in outcome.changed if change.field == "capacity"], at)
    if outcome.has_changed:
        touch_catalog(authority, by=by, at=at)
    return outcome


def _resize_slots(authority: Authority, changes: Sequence[Changed[Any]], at: datetime) -> None:
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
