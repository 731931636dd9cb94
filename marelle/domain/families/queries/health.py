"""Care plans (PAI) to renew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from marelle.domain.families.models import Child, Custody, Family, HealthRecord


class CarePlanEnding(NamedTuple):
    """A care plan that ends, or ended, on that day: whose, and the home that its renewal is asked of."""

    child: Child
    family: Family
    until: date


def care_plans_ending(authority: int, *, on: date, within_days: int) -> list[CarePlanEnding]:
    """Will return the care plans of `authority` (key) that ended before `on` or end in that many days, the first first.

    Of the children who live somewhere that day; of two homes, the one by the first key. Two statements. The days are
    encrypted: each is read, and nothing else of the record.
    """
    last = on + timedelta(days=within_days)
    rows = HealthRecord.objects.filter(authority=authority, care_plan_until__isnull=False)
    ends = {child: until for child, until in rows.values_list("child_id", "care_plan_until") if until <= last}
    if not ends:
        return []
    homes: dict[int, CarePlanEnding] = {}
    living = (
        Custody.objects.filter(child__in=list(ends), starts_on__lte=on)
        .exclude(ends_on__lt=on)
        .select_related("child", "family")
        .order_by("family_id")
    )
    for custody in living:
        homes.setdefault(custody.child_id, CarePlanEnding(custody.child, custody.family, ends[custody.child_id]))
    return sorted(homes.values(), key=lambda one: (one.until, one.child.last_name, one.child.first_name, one.child.pk))
