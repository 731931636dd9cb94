"""What a day of a product is, the same for every child: open or closed, and until when one may book and cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.rules.cutoffs import Cutoff, Deadline, ImpossibleCutoffError, Never
from marelle.domain.catalog.rules.opening import Closed, OpeningDays, closed

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.foundation.school_days import Calendar, NamedDays

NEVER: Final = Never()


@dataclass(frozen=True, slots=True)
class DayRule:
    """What is decided for one product on one day.

    `is_unclear` says that no règlement, or none that can be read, decides: the town hall is to be asked. `ends_at` is
    the moment the service is over.
    """

    day: date
    ends_at: datetime
    closed: Closed | None = None
    reglement: int | None = None
    is_unclear: bool = False
    book: Cutoff = NEVER
    book_by: Deadline | None = None
    cancel: Cutoff = NEVER
    cancel_by: Deadline | None = None
    article: str = ""


@dataclass(frozen=True, slots=True)
class VersionedReglement:
    """A règlement in force from a day on; `rules` None when its data cannot be read."""

    pk: int
    valid_from: date
    rules: Reglement | None


def day_rule(
    day: date,
    *,
    opening: OpeningDays,
    closures: tuple[NamedDays, ...],
    reglements: tuple[VersionedReglement, ...],
    calendar: Calendar,
    zone: ZoneInfo,
    ends_at: time | None,
) -> DayRule:
    """Will decide `day`. `reglements` come latest first; the one in force on the service day rules it."""
    end = datetime.combine(day, ends_at, zone) if ends_at else datetime.combine(day + timedelta(days=1), time(0), zone)
    why = closed(day, opening, calendar, closures)
    if why is not None:
        return DayRule(day, end, why)
    version = next((version for version in reglements if version.valid_from <= day), None)
    if version is None or version.rules is None:
        return DayRule(day, end, is_unclear=True)
    rules = version.rules
    try:
        book_by = rules.book.deadline(day, calendar, zone)
        cancel_by = rules.cancel.deadline(day, calendar, zone)
    except ImpossibleCutoffError:
        return DayRule(day, end, reglement=version.pk, is_unclear=True)
    return DayRule(
        day,
        end,
        reglement=version.pk,
        book=rules.book,
        book_by=book_by,
        cancel=rules.cancel,
        cancel_by=cancel_by,
        article=rules.article,
    )
