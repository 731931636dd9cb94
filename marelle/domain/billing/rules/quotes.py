"""What a basket comes to, before anything is recorded. Amounts in cents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PricedDay:
    """One day of a basket: what it costs (None: no price voted), when it is paid, and whether it is being cancelled.

    `needs_agent`: what is wished is done only if an agent accepts it.
    """

    cents: int | None
    is_prepaid: bool
    is_cancellation: bool
    month: tuple[int, int]
    needs_agent: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """The sums of a basket: reservations by when they are paid, and what accepted cancellations would take off.

    A cancellation is never subtracted: what the town hall must accept, and what is sure, are said apart.
    """

    prepaid_cents: int
    later_cents: int
    later_by_month: tuple[tuple[tuple[int, int], int], ...]
    if_accepted_cents: int
    sure_cents: int
    cancellations: int
    has_unknown_price: bool


def quote(days: tuple[PricedDay, ...]) -> Quote:
    """Will sum the days of a basket."""
    reserved = [day for day in days if not day.is_cancellation]
    cancelled = [day for day in days if day.is_cancellation]
    months: dict[tuple[int, int], int] = {}
    for day in reserved:
        if not day.is_prepaid:
            months[day.month] = months.get(day.month, 0) + (day.cents or 0)
    return Quote(
        prepaid_cents=sum(day.cents or 0 for day in reserved if day.is_prepaid),
        later_cents=sum(months.values()),
        later_by_month=tuple(sorted(months.items())),
        if_accepted_cents=sum(day.cents or 0 for day in cancelled if not day.is_prepaid and day.needs_agent),
        sure_cents=sum(day.cents or 0 for day in cancelled if not day.is_prepaid and not day.needs_agent),
        cancellations=sum(day.needs_agent for day in cancelled),
        has_unknown_price=any(day.cents is None for day in reserved),
    )
