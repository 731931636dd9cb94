"""Counting each night the days that are past, so that three years of them are read in a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models import Min

from marelle.domain.catalog.models import Product
from marelle.domain.reservations.models import Attendance, DayFigure, FiguresCount, Reservation
from marelle.domain.reservations.queries.figures import COLUMNS, COUNTED_NOW
from marelle.foundation.periods import MONDAY
from marelle.foundation.school_days import ONE_DAY
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import date, datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

# The last days are counted when they are asked for: agents still correct them. What changes in a term is seen next
# morning, in a school year next Monday; after that, what was counted stays, even when the rows are erased.
COUNTED_LIVE: Final = timedelta(days=31)
COUNTED_EACH_NIGHT: Final = timedelta(days=100)
COUNTED_ON_MONDAYS: Final = timedelta(days=400)

_INSERT: Final = f"""
WITH {COUNTED_NOW}
INSERT INTO reservations_dayfigure (authority_id, {COLUMNS})
SELECT %(authority)s, {COLUMNS} FROM counted_now
"""  # noqa: S608  our own columns, no value


@operation
def count_days(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will count the days of `authority` up to a month before `at`; return how many days were counted or again.

    The first time, all of them. Twice the same night, the second finds the same numbers. `by` is nobody's concern:
    nothing is decided, and no line of the journal says it.
    """
    del by
    mark, _is_new = FiguresCount.objects.select_for_update().get_or_create(authority=authority)
    today = at.astimezone(authority.zone).date()
    until = today - COUNTED_LIVE
    again = COUNTED_ON_MONDAYS if today.weekday() == MONDAY else COUNTED_EACH_NIGHT
    first = _first_day() if mark.until is None else min(mark.until + ONE_DAY, until - again)
    if first is None or first > until:
        return 0
    products = list(Product.objects.values_list("pk", flat=True))
    start = first
    while start <= until:  # a month at a time: the rows of one fit in memory, whatever the town
        end = min(until, (start.replace(day=1) + timedelta(days=31)).replace(day=1) - ONE_DAY)
        DayFigure.objects.filter(date__gte=start, date__lte=end).delete()
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, {"authority": authority.pk, "products": products, "live": start, "last": end})
        start = end + ONE_DAY
    mark.until, mark.counted_at = until, at
    mark.save(update_fields=["until", "counted_at"])
    return (until - first).days + 1


def _first_day() -> date | None:
    """Will return the first day that something is known of in the authority in scope."""
    found = [
        rows.aggregate(first=Min("date"))["first"] for rows in (Reservation.objects.all(), Attendance.objects.all())
    ]
    return min((day for day in found if day is not None), default=None)
