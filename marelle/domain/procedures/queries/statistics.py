"""How long the authority takes to answer, for its own agents: small counts are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Aggregate, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q

from marelle.domain.catalog.rules.cutoffs import local_moment
from marelle.domain.procedures.models import ChangesAsked, ProcedureVersion, ServiceInCharge
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.queries.clocks import working_calendar
from marelle.domain.procedures.rules.clocks import ONE_DAY, DelayUnit, Silence, last_day
from marelle.domain.procedures.rules.states import OPEN, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.rules.clocks import Delay
    from marelle.foundation.school_days import Calendar

# What an agent decided: neither withdrawn nor left to silence.
EXPRESS: Final = (State.APPROVED, State.PARTLY_APPROVED, State.REJECTED, State.ANSWERED)
BY_SILENCE: Final = (State.IMPLICITLY_APPROVED, State.IMPLICITLY_REJECTED)
MEDIAN, NEARLY_ALL = 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Delays:
    """The figures of a procedure, a service or all: counts, and days from reception to an agent's decision.

    `median` and `nine_tenths` are None when nothing was decided: half of the answers, nine in ten of them, came within.
    `open` and `late` are of today, whatever the period.
    """

    name: str
    received: int = 0
    decided: int = 0
    median: float | None = None
    nine_tenths: float | None = None
    by_silence: int = 0
    completed: int = 0
    refused: int = 0
    open: int = 0
    late: int = 0


class _Percentile(Aggregate):
    """What a share of the values does not exceed, between two of them when it falls there."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        """Will compute the value that `share` of them do not exceed."""
        super().__init__(expression, share=share, **extra)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a period, by procedure and by service, the busiest first, and all together."""

    by_procedure: list[Delays]
    by_service: list[Delays]
    whole: Delays


def statistics(
    roles: frozenset[str], *, first: date, last: date, authority: Authority, on: date, at: datetime
) -> Statistics:
    """Will count what was sent to the services that these roles answer for, from a local day to another, both counted.

    `on` is today: what is open or late is counted now. Five statements, whatever the number of applications.
    """
    zone = authority.zone
    begins = local_moment(datetime.combine(first, time.min), zone)
    ends = local_moment(datetime.combine(last + ONE_DAY, time.min), zone)
    late = _late(working_calendar(authority, at=at), authority, on=on)
    asked = ChangesAsked.objects.filter(application=OuterRef("pk"), asked_at__gte=begins, asked_at__lt=ends)
    rows = (
        applications_within(roles)
        .select_related(None)
        .order_by()
        .annotate(
            took=ExpressionWrapper(F("decided_at") - F("submitted_at"), output_field=DurationField()),
            was_asked=Exists(asked),
        )
    )
    figures = _figures(begins, ends, late)
    titles = dict(
        ProcedureVersion.objects.filter(number=F("procedure__current_number")).values_list("procedure_id", "title")
    )
    services = dict(ServiceInCharge.objects.values_list("pk", "name"))
    return Statistics(
        _told(rows.values(group=F("version__procedure_id")).annotate(**figures), titles),
        _told(rows.values(group=F("in_charge_id")).annotate(**figures), services),
        _one("Ensemble", rows.aggregate(**figures)),
    )


def _figures(begins: datetime, ends: datetime, late: Q) -> dict[str, Any]:
    received = Q(submitted_at__gte=begins, submitted_at__lt=ends)
    closed = Q(decided_at__gte=begins, decided_at__lt=ends)
    express = closed & Q(state__in=EXPRESS)
    return {
        "received": Count("pk", filter=received),
        "decided": Count("pk", filter=express),
        "median": _Percentile("took", share=MEDIAN, filter=express),
        "nine_tenths": _Percentile("took", share=NEARLY_ALL, filter=express),
        "by_silence": Count("pk", filter=closed & Q(state__in=BY_SILENCE)),
        "completed": Count("pk", filter=Q(was_asked=True)),
        "refused": Count("pk", filter=closed & Q(state=State.REJECTED)),
        "open": Count("pk", filter=Q(state__in=OPEN)),
        "late": Count("pk", filter=late),
    }


def _late(calendar: Calendar, authority: Authority, *, on: date) -> Q:
    """Will return what is late today: the day before silence decides is past, or the day by which one answers.

    What waits for the family is not late. Where silence decides nothing no last day is kept: that of the delay counts.
    """
    late = Q(silent_on__lt=on)
    for version in ProcedureVersion.objects.filter(content__silence=Silence.DECIDES_NOTHING.value):
        before = received_before(version.definition.delay, calendar, on=on)
        moment = local_moment(datetime.combine(before + ONE_DAY, time.min), authority.zone)
        late |= Q(version=version, silent_on__isnull=True, submitted_at__lt=moment)
    return Q(state=State.SUBMITTED) & late


def received_before(delay: Delay, calendar: Calendar, *, on: date) -> date:
    """Will return the latest day of reception whose last day to answer is before `on`."""
    day = on - timedelta(days=delay.count * (28 if delay.unit is DelayUnit.MONTHS else 1))
    while last_day(day, delay, calendar) >= on:
        day -= ONE_DAY
    return day


def _told(rows: Iterable[Any], names: dict[int, str]) -> list[Delays]:
    found = [_one(names.get(row.pop("group"), ""), row) for row in rows]
    return sorted(
        (one for one in found if one.received or one.decided or one.by_silence or one.open or one.completed),
        key=lambda one: (-one.received, -one.open, one.name),
    )


def _one(name: str, row: dict[str, Any]) -> Delays:
    days = {code: None if row[code] is None else row[code] / ONE_DAY for code in ("median", "nine_tenths")}
    return Delays(name, **{**row, **days})
