"""What a day of a product is, the same for every child: open or closed, and when one may book, cancel and change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.catalog.rules.acts import ActTimes, times_of
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, ImpossibleCutoffError, local_moment
from marelle.domain.catalog.rules.opening import Closed, OpeningDays, closed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from marelle.domain.catalog.rules.acts import Act
    from marelle.domain.catalog.rules.reglements import Reglement
    from marelle.foundation.school_days import Calendar, NamedDays

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})
NO_REGLEMENT: Final = "Aucun règlement n’est enregistré pour ce jour."
UNREADABLE: Final = "Le règlement enregistré ne peut pas être lu."
NO_CALENDAR: Final = "Le calendrier scolaire n’est pas encore publié pour ce jour."


class DayRule(NamedTuple):
    """What is decided for one product on one day.

    `unclear` says why no règlement, or none that can be applied, decides: the town hall is to be asked. `ends_at` is
    the moment the service is over. `names` are those of the products, by code.
    """

    day: date
    ends_at: datetime
    closed: Closed | None = None
    unclear: str = ""
    reglement: int | None = None
    rules: Reglement | None = None
    book: ActTimes | None = None
    cancel: ActTimes | None = None
    change: ActTimes | None = None
    names: Mapping[str, str] = NO_NAMES

    @property
    def book_by(self) -> Deadline | None:
        """Will return the limit to book at the ordinary price; None when nothing decides or never online."""
        return self.book.closes if self.book else None

    @property
    def cancel_by(self) -> Deadline | None:
        """Will return the limit to cancel; None when nothing decides or never online."""
        return self.cancel.closes if self.cancel else None

    @property
    def article(self) -> str:
        """Will return where the council's text says it; empty when nothing does."""
        return self.rules.article if self.rules else ""


def service_end(day: date, ends_at: time | None, zone: ZoneInfo) -> Deadline:
    """Will return the moment the service of `day` is over: at `ends_at`, else at the end of the day."""
    wall = datetime.combine(day, ends_at) if ends_at else datetime.combine(day + timedelta(days=1), time(0))
    return Deadline(local_moment(wall, zone), Boundary.BEFORE)


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
    names: Mapping[str, str] = NO_NAMES,
) -> DayRule:
    """Will decide `day`. `reglements` come latest first; the one in force on the service day rules it."""
    over = service_end(day, ends_at, zone)
    end = over.moment
    why = closed(day, opening, calendar, closures)
    if why is not None:
        return DayRule(day, end, why)
    version = next((version for version in reglements if version.valid_from <= day), None)
    if version is None:
        return DayRule(day, end, unclear=NO_REGLEMENT)
    if version.rules is None:
        return DayRule(day, end, unclear=UNREADABLE, reglement=version.pk)
    rules = version.rules
    if not calendar.is_known(day) or (calendar.known_until is None and rules.needs_school_calendar):
        return DayRule(day, end, unclear=NO_CALENDAR, reglement=version.pk)

    def placed(act: Act) -> ActTimes:
        return times_of(act, day, calendar, zone, over=over)

    try:
        book = placed(rules.book)
        return DayRule(
            day,
            end,
            reglement=version.pk,
            rules=rules,
            book=book,
            cancel=book if rules.cancel == rules.book else placed(rules.cancel),
            change=placed(rules.change) if rules.change is not None else None,
            names=names,
        )
    except ImpossibleCutoffError as impossible:
        reason = str(impossible)
        return DayRule(day, end, unclear=f"{reason[:1].upper()}{reason[1:]}.", reglement=version.pk)
