"""Persons whom a family lets fetch its children, noted and ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from marelle.domain.families.models import Family, PickupChild, PickupPerson
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.profile import ways_at
from marelle.domain.families.rules.pickups import Pickup, PickupFault, faults_of, tidy
from marelle.domain.families.rules.profile import Way
from marelle.foundation import audit
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import operation


class UnableToAllowPickupError(Exception):
    """The person is not noted: `faults` says why, none when the town hall asks for a request. Nothing was written."""

    def __init__(self, faults: tuple[PickupFault, ...] = ()) -> None:
        """Will keep why."""
        super().__init__(faults)
        self.faults = faults


@operation
def allow_pickup(family: Family, wanted: Pickup, *, by: Actor, at: datetime) -> PickupPerson:
    """Will note somebody who may fetch children of the family, and return the person.

    The same person again for the same children and days is the one already noted. Where the authority asks for a
    request, agents note them. Raises UnableToAllowPickupError.
    """
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    if by.kind is ActorKind.FAMILY and ways_at(family.authority_id)["pickup"] is not Way.AT_ONCE:
        raise UnableToAllowPickupError
    on = at.astimezone(family.authority.zone).date()
    pickup = tidy(wanted)
    theirs = {child.pk for child in children_of(family.pk, on=on)}
    faults = faults_of(pickup, on=on)
    if not pickup.children <= theirs:
        faults = (*faults, PickupFault.NO_CHILD)
    if faults:
        raise UnableToAllowPickupError(faults)
    facts = {
        "name": pickup.name,
        "phone": pickup.phone,
        "relation": pickup.relation,
        "starts_on": pickup.starts_on,
        "ends_on": pickup.ends_on,
    }
    for known in PickupPerson.objects.filter(family=family, ended_at__isnull=True, **facts).order_by("pk"):
        if set(known.children.values_list("child_id", flat=True)) == pickup.children:
            return known
    person = PickupPerson.objects.create(
        authority_id=family.authority_id, family=family, added_at=at, added_by_id=by.key, **facts
    )
    PickupChild.objects.bulk_create(
        [PickupChild(authority_id=family.authority_id, person=person, child_id=key) for key in sorted(pickup.children)]
    )
    audit.record(
        "allow_pickup",
        authority=family.authority_id,
        of="pickupperson",
        key=person.pk,
        by=by,
        at=at,
        family=family.pk,
        children=sorted(pickup.children),
    )
    return person


@operation
def end_pickup(person: PickupPerson, *, by: Actor, at: datetime) -> bool:
    """Will end what somebody was allowed, from now on; tells whether it still held."""
    count = PickupPerson.objects.filter(pk=person.pk, ended_at__isnull=True).update(ended_at=at)
    if count:
        audit.record(
            "end_pickup",
            authority=person.authority_id,
            of="pickupperson",
            key=person.pk,
            by=by,
            at=at,
            family=person.family_id,
        )
    return bool(count)


@operation
def end_pickups(family: Family, *, last_day: date, keeping: Collection[int], by: Actor, at: datetime) -> int:
    """Will end on `last_day` what the family allowed for its children, but for those (keys) of `keeping`.

    A person who fetches one of them stays allowed; who was to begin later is allowed no more. Returns how many persons.
    """
    fetched = PickupChild.objects.filter(person=OuterRef("pk"), child__in=list(keeping))
    persons = PickupPerson.objects.filter(
        ~Exists(fetched), Q(ends_on__isnull=True) | Q(ends_on__gt=last_day), family=family, ended_at__isnull=True
    )
    ended = sorted(persons.values_list("pk", flat=True))
    if not ended:
        return 0
    these = PickupPerson.objects.filter(pk__in=ended, ended_at__isnull=True)
    these.filter(starts_on__gt=last_day).update(ended_at=at)
    these.filter(starts_on__lte=last_day).update(ends_on=last_day)
    audit.record(
        "end_pickups",
        authority=family.authority_id,
        of="pickupperson",
        key=None,
        by=by,
        at=at,
        family=family.pk,
        persons=ended,
    )
    return len(ended)
