"""With whom a child lives, from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.families.rules.custody import CustodyFault, Stay, fault_of_custody, planned
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToChangeCustodyError(Exception):
    """The change is not taken: `fault` says why, in words. Nothing was written."""

    def __init__(self, fault: CustodyFault) -> None:
        """Will keep why."""
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CustodyChanged:
    """What came of a change of custody, as families (keys) in order.

    `ended`: where the child lives no more from that day, or was to live and will not. `started`: where it begins to
    live that day, or goes on living beyond an end that was foreseen.
    """

    ended: tuple[int, ...] = ()
    started: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Will tell whether the child changes home."""
        return bool(self.ended or self.started)


@operation
def change_custody(
    child: Child, homes: Sequence[Family], *, starts_on: date, by: Actor, at: datetime
) -> CustodyChanged:
    """Will note that a child lives, from a day on, with exactly these families of its authority: one, or two.

    Custodies of others end the eve; what was to begin that day or later never counts. What a home that ends reserved
    for that day or later stays as it is, and stays its own: `reservations.queries.families.reserved_after` says what,
    for the room that decides. The same again writes nothing. Raises UnableToChangeCustodyError.
    """
    row = Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    wanted = {home.pk: home.authority_id for home in homes}
    fault = fault_of_custody(
        wanted,
        authorities=wanted.values(),
        of=row.authority_id,
        starts_on=starts_on,
        born_on=row.birth_date,
        today=at.astimezone(child.authority.zone).date(),
    )
    if fault is not None:
        raise UnableToChangeCustodyError(fault)
    rows = {one.pk: one for one in Custody.objects.filter(child=row).order_by("starts_on", "pk")}
    stays = [
        Stay(one.pk, one.family_id, one.starts_on, one.ends_on) for one in rows.values() if one.withdrawn_at is None
    ]
    plan = planned(stays, wanted, starts_on=starts_on)
    if not plan:
        return CustodyChanged()
    for key in plan.ended:
        _write(rows[key], ends_on=starts_on - timedelta(days=1))
    for key in plan.lasting:
        _write(rows[key], ends_on=None)
    for key in plan.withdrawn:
        never = min(row.birth_date, rows[key].starts_on) - timedelta(days=1)
        _write(rows[key], ends_on=never, withdrawn_at=at)
    again = {one.family_id: one for one in rows.values() if one.withdrawn_at and one.starts_on == starts_on}
    for home in plan.begun:
        custody = again.get(home) or Custody(
            authority_id=row.authority_id, child=row, family_id=home, starts_on=starts_on
        )
        _write(custody, ends_on=None)
    changed = CustodyChanged(
        ended=tuple(sorted({rows[key].family_id for key in (*plan.ended, *plan.withdrawn)} - wanted.keys())),
        started=tuple(sorted({*plan.begun, *(rows[key].family_id for key in plan.lasting)})),
    )
    audit.record(
        "change_custody",
        authority=row.authority_id,
        of="child",
        key=row.pk,
        by=by,
        at=at,
        starts_on=starts_on.isoformat(),
        homes=sorted(wanted),
        ended=list(changed.ended),
        started=list(changed.started),
    )
    return changed


def _write(custody: Custody, *, ends_on: date | None, withdrawn_at: datetime | None = None) -> None:
    custody.ends_on, custody.withdrawn_at = ends_on, withdrawn_at
    custody.save()
