"""The règlement: everything that a council votes on booking, cancelling, changing and absences, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from marelle.domain.catalog.rules.absences import AbsenceRules
from marelle.domain.catalog.rules.cancellations import CancellationEffect
from marelle.domain.catalog.rules.waiting import WaitingRules

if TYPE_CHECKING:
    from marelle.domain.catalog.rules.acts import Act
    from marelle.domain.catalog.rules.blocks import BlockRule
    from marelle.domain.catalog.rules.pricing import PriceRule
    from marelle.domain.catalog.rules.quotas import Quota
    from marelle.domain.catalog.rules.spans import Per


@dataclass(frozen=True, slots=True)
class Reglement:
    """What the council voted for one activity or product.

    `change` None: to change is to cancel and to book. `unbooked` is what a presence without a reservation costs,
    None when the règlement says nothing of it. `article` is where the council's text says it.
    """

    book: Act
    cancel: Act
    change: Act | None = None
    cancellation: CancellationEffect = field(default_factory=CancellationEffect)
    quotas: tuple[Quota, ...] = ()
    blocks: tuple[BlockRule, ...] = ()
    absence: AbsenceRules = field(default_factory=AbsenceRules)
    unbooked: PriceRule | None = None
    waiting: WaitingRules = field(default_factory=WaitingRules)
    article: str = ""

    @property
    def acts(self) -> tuple[Act, ...]:
        """Will return what it says of booking, cancelling and, if it speaks of it, changing."""
        return (self.book, self.cancel) if self.change is None else (self.book, self.cancel, self.change)

    @property
    def needs_school_calendar(self) -> bool:
        """Will tell whether one of its moments depends on which days are taught."""
        return any(act.needs_school_calendar for act in self.acts)

    @property
    def counted_spans(self) -> frozenset[Per]:
        """Will return the spans in which something must be counted to decide a single day."""
        spans = {quota.per for quota in self.quotas if hasattr(quota, "per")}
        if self.book.late is not None and self.book.late.per is not None:
            spans.add(self.book.late.per)
        return frozenset(spans)

    @property
    def counts_days(self) -> bool:
        """Will tell whether other days of the child, or other products of the day, must be known to decide one."""
        return bool(self.quotas) or bool(self.counted_spans)
