"""What two files hold becomes what one of them holds. Inside the operation of `procedures` that unites them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from marelle.domain.families.models import (
    AccessRemoval,
    AddressChange,
    Block,
    Child,
    ChildPhoto,
    Consent,
    Custody,
    DifferentFamilies,
    Family,
    FamilyQuotient,
    FileConfirmation,
    Guardian,
    HealthRecord,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
    PickupChild,
    PickupPerson,
    ProposedChange,
    RemovedMembership,
    SupportingDocument,
)
from marelle.domain.families.models.removals import digest_of_address
from marelle.domain.families.operations.removals import end_for_good
from marelle.domain.families.rules.health import HealthSaid
from marelle.domain.families.rules.merging import (
    CHILD_FIELDS,
    FAMILY_FIELDS,
    GUARDIAN_FIELDS,
    Side,
    Stay,
    joined_health,
    joined_stays,
    kept_values,
)
from marelle.foundation import audit, files
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def say_different(one: Family, other: Family, *, by: Actor, at: datetime) -> None:
    """Will note that two files that are alike are those of two families; they are not shown together again.

    Twice the same file: two of its own children are two.
    """
    first, second = sorted((one.pk, other.pk))
    DifferentFamilies.objects.bulk_create(
        [DifferentFamilies(authority_id=one.authority_id, first_id=first, second_id=second, said_at=at)],
        ignore_conflicts=True,
    )
    audit.record("say_different", authority=one.authority_id, of="family", key=first, by=by, at=at, other=second)


def lock_homes(families: Collection[int]) -> dict[int, Family]:
    """Will hold these families (keys) until the end, in the order of their keys."""
    rows = Family.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(families)).order_by("pk")
    return {row.pk: row for row in rows}


def unite_homes(
    ended: Family,
    kept: Family,
    *,
    taken: Collection[str],
    guardians: Mapping[int, int],
    at: datetime,
    machine: datetime,
) -> dict[str, int]:
    """Will give all that is of a (locked) family to another, and return how many rows of each kind went.

    `taken` names what the file that ends says better: « name », or « guardian:12:phone » for its guardian of key 12.
    `guardians` are those of the file that ends who are noted in the other one (keys). `machine` is the machine's time:
    links and codes that are out die then.
    """
    own = Guardian.objects.filter(family=ended, merged_into__isnull=True)
    _end_ways_in(own.values("pk"), machine=machine)
    said = kept_values(_values(kept, FAMILY_FIELDS), _values(ended, FAMILY_FIELDS), taken=taken)
    _write(kept, said)
    # What one is written to by, and found by: of the file that is kept alone.
    _write(ended, {"merged_into": kept, "email": "", "phone": "", "other_phone": ""})
    moved = {
        "guardians": _move_guardians(list(own.order_by("pk")), kept, guardians, taken=taken),
        "memberships": _move_memberships(ended, kept, guardians),
        "removals": _move_removals(ended, kept, guardians, machine=machine),
        "custodies": _move_custodies(Custody.objects.filter(family=ended), {"family_id": kept.pk}),
        "quotients": _move_dated(FamilyQuotient, "valid_from", ended, kept, at=at),
        "moves": _move_addresses(ended, kept, at=at),
        "blocks": _move_blocks(ended, kept, at=at),
        "changes": _move_changes(ended, kept, guardians, at=at),
    }
    for rows in (Invitation, MembershipCode):
        for guardian, other in guardians.items():
            rows.objects.filter(family=ended, guardian=guardian).update(guardian=other)
    for name, model in (
        ("invitations", Invitation),
        ("codes", MembershipCode),
        ("join_requests", JoinRequest),
        ("documents", SupportingDocument),
        ("pickups", PickupPerson),
        ("consents", Consent),
        ("confirmations", FileConfirmation),
    ):
        moved[name] = model.objects.filter(family=ended).update(family=kept)
    DifferentFamilies.objects.filter(first=ended).delete()
    DifferentFamilies.objects.filter(second=ended).delete()
    # A file that was united with the one that ends is united with the one that is kept: an address leads there at once.
    Family.objects.filter(merged_into=ended).update(merged_into=kept)
    return moved


def unite_children(
    pairs: Mapping[int, int], *, taken: Collection[str], health: Mapping[int, Side], at: datetime
) -> dict[str, int]:
    """Will give all that is of these (locked) children (keys) to others, and return how many rows of each kind went.

    `taken` names what the child that ends says better: « child:7:last_name ». `health` says, for those of them whose
    record says something else than the other's, what is kept: nothing is lost that nobody chose to lose.
    """
    rows = Child.objects.in_bulk({*pairs, *pairs.values()})
    moved = dict.fromkeys(("custodies", "health", "documents", "changes", "pickups", "consents"), 0)
    for ended, kept in ((rows[one], rows[other]) for one, other in pairs.items()):
        mine = {name.rsplit(":", 1)[1] for name in taken if name.startswith(f"child:{ended.pk}:")}
        _write(kept, kept_values(_values(kept, CHILD_FIELDS), _values(ended, CHILD_FIELDS), taken=mine))
        _write(ended, {"merged_into": kept, "school_class": None})
        moved["custodies"] += _move_custodies(Custody.objects.filter(child=ended), {"child_id": kept.pk})
        moved["health"] += _join_health(ended, kept, health.get(ended.pk, Side.KEPT))
        moved["documents"] += SupportingDocument.objects.filter(child=ended).update(child=kept)
        moved["changes"] += _move_child_changes(ended, kept, at=at)
        moved["pickups"] += _move_pickups(ended, kept)
        moved["consents"] += Consent.objects.filter(child=ended).update(child=kept)
        _keep_one_photo(ended, kept)
        Child.objects.filter(merged_into=ended).update(merged_into=kept)
    return moved


def _values(row: Any, fields: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}


def _write(row: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _end_ways_in(guardians: Any, *, machine: datetime) -> None:
    """Will end the links and codes that are out: each was for a file that is no more."""
    Invitation.objects.filter(guardian__in=guardians, done_at=None, revoked_at=None).update(revoked_at=machine)
    MembershipCode.objects.filter(guardian__in=guardians, used_at=None, revoked_at=None).update(revoked_at=machine)


def _move_guardians(own: Sequence[Guardian], kept: Family, same: Mapping[int, int], *, taken: Collection[str]) -> int:
    others = Guardian.objects.in_bulk(set(same.values()))
    moved = 0
    for guardian in own:
        if guardian.pk not in same:
            _write(guardian, {"family": kept})
            moved += 1
            continue
        other = others[same[guardian.pk]]
        mine = {name.rsplit(":", 1)[1] for name in taken if name.startswith(f"guardian:{guardian.pk}:")}
        said = kept_values(_values(other, GUARDIAN_FIELDS), _values(guardian, GUARDIAN_FIELDS), taken=mine)
        _write(other, said)
        _write(guardian, {"merged_into": other, "email": "", "phone": ""})
        Guardian.objects.filter(merged_into=guardian).update(merged_into=other)
    return moved


def _move_memberships(ended: Family, kept: Family, same: Mapping[int, int]) -> int:
    there = set(Membership.objects.filter(family=kept).values_list("user_id", flat=True))
    moved = 0
    for row in Membership.objects.select_for_update(of=("self",)).filter(family=ended).order_by("pk"):
        if row.user_id in there:
            row.delete()
            continue
        _write(row, {"family": kept, "guardian_id": same.get(row.guardian_id, row.guardian_id)})
        moved += 1
    return moved


def _move_removals(ended: Family, kept: Family, same: Mapping[int, int], *, machine: datetime) -> int:
    """Will keep out of the file that is kept whoever was kept out of either: who came in by the other comes out.

    Two removals of one guardian make one, which knows the addresses and the accounts of both.
    """
    moved = AccessRemoval.objects.filter(family=ended).update(family=kept)
    for guardian, other in same.items():
        there = AccessRemoval.objects.filter(guardian=other, lifted_at__isnull=True).first()
        for one in AccessRemoval.objects.filter(guardian=guardian).order_by("pk"):
            if there is not None and one.lifted_at is None:
                _write(there, {"addresses": sorted({*there.addresses, *one.addresses})})
                known = RemovedMembership.objects.filter(removal=there)
                again = RemovedMembership.objects.filter(removal=one)
                again.exclude(user__in=list(known.values_list("user_id", flat=True))).update(removal=there)
                one.lifted_at = machine
            _write(one, {"guardian_id": other, "lifted_at": one.lifted_at})
    for removal in AccessRemoval.objects.filter(family=kept, lifted_at__isnull=True).order_by("pk"):
        accounts = set(RemovedMembership.objects.filter(removal=removal).values_list("user_id", flat=True))
        members = Membership.objects.filter(family=kept).select_related("user").order_by("pk")
        end_for_good(
            removal,
            [
                one
                for one in members
                if one.guardian_id == removal.guardian_id
                or one.user_id in accounts
                or digest_of_address(one.user.email) in removal.addresses
            ],
        )
    return moved


def _move_custodies(leaving: Any, change: Mapping[str, int]) -> int:
    """Will make these custodies those of another child, or family: those that meet make one, whose days are of both."""
    rows: dict[int, Custody] = {row.pk: row for row in leaving.order_by("pk")}
    for row in rows.values():
        for column, key in change.items():
            setattr(row, column, key)
    children, families = {row.child_id for row in rows.values()}, {row.family_id for row in rows.values()}
    there = {
        row.pk: row for row in Custody.objects.filter(child__in=children, family__in=families).exclude(pk__in=rows)
    }
    every = {**there, **rows}
    lasting: dict[int, Custody] = {}
    gone: set[int] = set()
    for child in children:
        plan = joined_stays(_stays(there.values(), child), _stays(rows.values(), child))
        gone |= set(plan.gone)
        for key, (starts_on, ends_on) in plan.lasting.items():
            lasting[key] = every[key]
            lasting[key].starts_on, lasting[key].ends_on = starts_on, ends_on
    days = {(row.child_id, row.family_id, row.starts_on) for row in lasting.values()}
    for row in every.values():
        named = (row.child_id, row.family_id, row.starts_on)
        if row.pk not in lasting and row.pk not in gone:
            # One that never counted, of a day that another one takes.
            if named in days:
                gone.add(row.pk)
            else:
                lasting[row.pk] = row
                days.add(named)
    Custody.objects.filter(pk__in=gone).delete()
    for row in lasting.values():
        row.save(update_fields=["child", "family", "starts_on", "ends_on"])
    return len(rows)


def _stays(rows: Iterable[Custody], child: int) -> list[Stay]:
    return [
        Stay(row.pk, row.family_id, row.starts_on, row.ends_on)
        for row in rows
        if row.child_id == child and row.withdrawn_at is None
    ]


def _move_dated(model: Any, day: str, ended: Family, kept: Family, *, at: datetime) -> int:
    """Will pass what is dated; of two that begin the same day, that of the file that is kept counts."""
    standing = model.objects.filter(family=kept, withdrawn_at__isnull=True)
    mine = model.objects.filter(family=ended)
    mine.filter(withdrawn_at__isnull=True, **{f"{day}__in": list(standing.values_list(day, flat=True))}).update(
        withdrawn_at=at
    )
    return int(mine.update(family=kept))


def _move_addresses(ended: Family, kept: Family, *, at: datetime) -> int:
    """Will pass what is to come; what was applied stays to be read, and says nothing of days that are past.

    Where the family lived, and what it paid then, is what the file that is kept says.
    """
    AddressChange.objects.filter(family=ended, applied_at__isnull=False, withdrawn_at__isnull=True).update(
        withdrawn_at=at
    )
    return _move_dated(AddressChange, "starts_on", ended, kept, at=at)


def _move_blocks(ended: Family, kept: Family, *, at: datetime) -> int:
    """Will pass what stands against the family; what both are told is told once, by the word of an agent if any."""
    standing = {(one.kind, one.document): one for one in Block.objects.filter(family=kept, lifted_at__isnull=True)}
    for one in Block.objects.filter(family=ended, lifted_at__isnull=True):
        other = standing.get((one.kind, one.document))
        if other is not None:
            lifted = other if other.is_automatic and not one.is_automatic else one
            Block.objects.filter(pk=lifted.pk).update(lifted_at=at)
    return Block.objects.filter(family=ended).update(family=kept)


def _move_changes(ended: Family, kept: Family, same: Mapping[int, int], *, at: datetime) -> int:
    waiting = ProposedChange.objects.filter(state=ProposedChange.State.WAITING)
    asked = set(waiting.filter(family=kept).values_list("field", "guardian", "child"))
    twice = [
        key
        for key, field, guardian, child in waiting.filter(family=ended).values_list("pk", "field", "guardian", "child")
        if (field, same.get(guardian, guardian), child) in asked
    ]
    _withdraw(twice, at=at)
    for guardian, other in same.items():
        ProposedChange.objects.filter(family=ended, guardian=guardian).update(guardian=other)
    return ProposedChange.objects.filter(family=ended).update(family=kept)


def _move_child_changes(ended: Child, kept: Child, *, at: datetime) -> int:
    waiting = ProposedChange.objects.filter(state=ProposedChange.State.WAITING)
    asked = set(waiting.filter(child=kept).values_list("family", "field"))
    mine = waiting.filter(child=ended).values_list("pk", "family", "field")
    _withdraw([key for key, *named in mine if tuple(named) in asked], at=at)
    return ProposedChange.objects.filter(child=ended).update(child=kept)


def _withdraw(changes: Collection[int], *, at: datetime) -> None:
    ProposedChange.objects.filter(pk__in=list(changes)).update(state=ProposedChange.State.WITHDRAWN, decided_at=at)


def _move_pickups(ended: Child, kept: Child) -> int:
    there = PickupChild.objects.filter(child=kept).values("person")
    PickupChild.objects.filter(child=ended, person__in=there).delete()
    return PickupChild.objects.filter(child=ended).update(child=kept)


def _keep_one_photo(ended: Child, kept: Child) -> None:
    """Will leave the child that is kept its own photo, or give it the other one: the latest of a face is no choice."""
    if ChildPhoto.objects.filter(child=kept).exists():
        for photo in ChildPhoto.objects.filter(child=ended):
            files.forget_later(photo.stored_as)
            photo.delete()
    ChildPhoto.objects.filter(child=ended).update(child=kept)


def _join_health(ended: Child, kept: Child, side: Side) -> int:
    mine = HealthRecord.objects.filter(child=ended).first()
    if mine is None:
        return 0
    other = HealthRecord.objects.filter(child=kept).first()
    if other is None:
        mine.child = kept
        mine.save(update_fields=["child"])
        return 1
    said = joined_health(health_said(other), health_said(mine), side)
    assert said is not None  # noqa: S101  the operation asked before it wrote anything
    _write(other, asdict(said))
    mine.delete()
    return 1


def health_said(record: HealthRecord | None) -> HealthSaid:
    """Will return what a record says, nothing when there is none."""
    if record is None:
        return HealthSaid()
    return HealthSaid(record.diet, record.allergies, record.care_plan, record.care_plan_until)
