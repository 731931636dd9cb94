"""Counting each night what is billed of days, so that three years of it are read in a moment."""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from marelle.domain.billing.models import BilledCount, BilledFigure
from marelle.domain.billing.queries.figures import BILLED_NOW, COLUMNS, uncounted_months
from marelle.domain.catalog.models import Product
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.foundation.actors import Actor

_INSERT: Final = f"""
WITH {BILLED_NOW}
INSERT INTO billing_billedfigure (authority_id, {COLUMNS})
SELECT %(authority)s, {COLUMNS} FROM billed_now
"""  # noqa: S608  our own columns, no value


@operation
def count_billed(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will count the days billed of each month of which `authority` issued something since it counted; return how many.

    The first time, all of them. Twice the same night, the second finds the same numbers. `by` is nobody's concern:
    nothing is decided, and no line of the journal says it.
    """
    del by
    mark = BilledCount.objects.select_for_update().filter(authority=authority).first()
    months = uncounted_months(authority.pk)
    products = list(Product.objects.values_list("pk", flat=True))
    for first in months:  # one at a time: the rows of one fit in memory, whatever the town
        last = first.replace(day=monthrange(first.year, first.month)[1])
        BilledFigure.objects.filter(date__gte=first, date__lte=last).delete()
        period: dict[str, Any] = {"months": [first], "first": first, "last": last}
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, {"authority": authority.pk, "products": products, **period})
    mark = mark or BilledCount(authority=authority)
    mark.counted_at = at
    mark.save()
    return len(months)
