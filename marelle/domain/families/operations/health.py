"""What is known of a child's health, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from marelle.domain.families.models import Child, HealthRecord
from marelle.domain.families.rules.health import HealthFault, HealthNote, HealthSaid, noted
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToRecordHealthError(Exception):
    """The note is not taken: `faults` says why, in words, by its field. Nothing was written."""

    def __init__(self, faults: Mapping[str, HealthFault]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = faults


@operation
def record_health(child: Child, note: HealthNote, *, by: Actor, at: datetime) -> bool:
    """Will write what `note` says of a child's health, and leave the rest; tells whether anything changed.

    The lists of each day read it as it is at that moment. The journal says that it changed, and nothing of what.
    Raises UnableToRecordHealthError.
    """
    Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    record = HealthRecord.objects.filter(child=child).first() or HealthRecord(
        authority_id=child.authority_id, child=child
    )
    before = HealthSaid(record.diet, record.allergies, record.care_plan, record.care_plan_until)
    after = noted(before, note)
    if not isinstance(after, HealthSaid):
        raise UnableToRecordHealthError(after)
    if after == before:
        return False
    for column, value in asdict(after).items():
        setattr(record, column, value)
    record.save()
    audit.record("record_health", authority=child.authority_id, of="healthrecord", key=record.pk, by=by, at=at)
    return True
