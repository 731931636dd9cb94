"""A family changes address, from a day: at once, or on the night of that day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import AddressChange, Family
from marelle.domain.families.queries.addresses import waiting_address_changes
from marelle.domain.families.rules.addresses import AddressFault, read_address
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToChangeAddressError(Exception):
    """The change is not taken: `fault` says why, in words. Nothing was written."""

    def __init__(self, fault: AddressFault) -> None:
        """Will keep why."""
        super().__init__(fault.name)
        self.fault = fault


@operation
def change_address(
    family: Family, address: str, *, is_resident: bool | None, starts_on: date, by: Actor, at: datetime
) -> AddressChange:
    """Will note that a family lives at `address` from a day on, and in the commune or not; None leaves that as it is.

    From today or an earlier day it is written in the file at once; from a later one, `apply_address_changes` does it
    that night. Another change of the same day is withdrawn. One from before a change already written leaves the file's
    address, which is the latest, and says where the family lived meanwhile. The same again writes nothing and returns
    the first. Raises UnableToChangeAddressError.
    """
    locked = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    today = at.astimezone(family.authority.zone).date()
    read = read_address(address, starts_on=starts_on, today=today)
    if isinstance(read, AddressFault):
        raise UnableToChangeAddressError(read)
    same_day = AddressChange.objects.filter(family=locked, starts_on=starts_on, withdrawn_at__isnull=True).first()
    if same_day is not None and same_day.address == read and is_resident in {None, same_day.is_resident}:
        return same_day
    change = AddressChange(
        authority_id=family.authority_id,
        family=locked,
        address=read,
        is_resident=is_resident,
        starts_on=starts_on,
        recorded_at=at,
        recorded_by_id=by.key,
    )
    was = None
    if same_day is not None:
        was = same_day.was_resident
        if is_resident is None and same_day.is_resident is not None:
            change.is_resident = same_day.is_resident if was is None else _status_after(locked, starts_on)
        same_day.withdrawn_at = at
        same_day.save(update_fields=["withdrawn_at"])
    change.save()
    if starts_on <= today:
        _apply(locked, change, was=was, at=at)
    audit.record(
        "change_address",
        authority=family.authority_id,
        of="addresschange",
        key=change.pk,
        by=by,
        at=at,
        family=family.pk,
        starts_on=starts_on.isoformat(),
        applied=change.applied_at is not None,
        replaces=None if same_day is None else same_day.pk,
    )
    return change


@operation
def apply_address_changes(authority: Authority, *, on: date, by: Actor, at: datetime) -> int:
    """Will write in the files of an authority the changes of address that start on that day or before, once each.

    `on` is today where the authority is. Returns how many were written.
    """
    due = waiting_address_changes(authority.pk, until=on)
    families = Family.objects.filter(pk__in=due.values("family")).order_by("pk")
    locked = {family.pk: family for family in families.select_for_update(of=("self",), no_key=True)}
    # Read again under the lock: another worker, or an agent, may have been there first.
    changes = list(due.filter(family__in=list(locked)))
    for change in changes:
        _apply(locked[change.family_id], change, at=at)
        audit.record(
            "apply_address_change",
            authority=authority.pk,
            of="addresschange",
            key=change.pk,
            by=by,
            at=at,
            family=change.family_id,
        )
    return len(changes)


@operation
def withdraw_address_change(change: AddressChange, *, by: Actor, at: datetime) -> bool:
    """Will give up a change of address that is to come; tells whether it was still to come.

    What the file says already is undone only by another change.
    """
    Family.objects.select_for_update(no_key=True).get(pk=change.family_id)
    count = AddressChange.objects.filter(pk=change.pk, applied_at__isnull=True, withdrawn_at__isnull=True).update(
        withdrawn_at=at
    )
    if count:
        audit.record(
            "withdraw_address_change",
            authority=change.authority_id,
            of="addresschange",
            key=change.pk,
            by=by,
            at=at,
            family=change.family_id,
        )
    return bool(count)


def _apply(family: Family, change: AddressChange, *, was: bool | None = None, at: datetime) -> None:
    """Will write a change in the file of its family, locked; `was` is what held before, when it is not what is read."""
    change.applied_at = at
    if change.is_resident is not None:
        row, column = _where_after(family, change.starts_on)
        change.was_resident = getattr(row, column) if was is None else was
        setattr(row, column, change.is_resident)
        row.save(update_fields=[column])
    change.save(update_fields=["applied_at", "was_resident"])
    if not _applied(family).filter(starts_on__gt=change.starts_on).exists():
        family.address = change.address
        family.save(update_fields=["address"])


def _status_after(family: Family, day: date) -> bool:
    row, column = _where_after(family, day)
    said: bool = getattr(row, column)
    return said


def _where_after(family: Family, day: date) -> tuple[Any, str]:
    """Will return where it is written whether the family lives in the commune from `day` on, until its next move.

    It is what that next move says was before it; the file itself when there is none.
    """
    later = _applied(family).filter(starts_on__gt=day, is_resident__isnull=False).order_by("starts_on").first()
    return (family, "is_resident") if later is None else (later, "was_resident")


def _applied(family: Family) -> Any:
    return AddressChange.objects.filter(family=family, applied_at__isnull=False, withdrawn_at__isnull=True)
