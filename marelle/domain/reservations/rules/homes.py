"""A home as prices see it: who its children are, in what they are enrolled, what quotient it has from when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.price_steps import PriceFacts
from marelle.domain.catalog.rules.tariffs import ELEMENTARY, NURSERY
from marelle.domain.families.rules.residence import Move, Residence, residence_from
from marelle.domain.reservations.rules.two_homes import Share, SharedChild, shared_child_from

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NURSERY_LEVELS: Final = frozenset({"tps", "ps", "ms", "gs"})
ELEMENTARY_LEVELS: Final = frozenset({"cp", "ce1", "ce2", "cm1", "cm2"})
NO_CODES: Final = frozenset[str]()


class HomeChild(NamedTuple):
    """A child of the home, with the level of its class."""

    pk: int
    birth_date: date
    level: str = ""


class Enrolled(NamedTuple):
    """A child is enrolled in an activity, both days included, under a formula and with options (codes)."""

    child: int
    activity: int
    starts_on: date
    ends_on: date
    formula: str = ""
    options: frozenset[str] = NO_CODES


class Measured(NamedTuple):
    """What the home has from a day on, in cents: quotient, monthly income; None when it is not known."""

    valid_from: date
    quotient: int | None
    income: int | None = None


@dataclass(frozen=True)
class Home:
    """A family (key) and all that a tariff may ask of it. Children are the eldest first, measures the latest first.

    `audiences`: resident or not as the file says today, and the categories of the family. `residence` says which it was
    on each day, when the family moved; None: it is always what the file says. `shared`: its children (keys) who live,
    or lived, in another home too.
    """

    family: int
    audiences: frozenset[str] = NO_CODES
    children: tuple[HomeChild, ...] = ()
    enrolled: tuple[Enrolled, ...] = ()
    measures: tuple[Measured, ...] = ()
    residence: Residence | None = None
    shared: Mapping[int, SharedChild] = field(default_factory=dict)
    _places: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Will know the place of each child among the eldest."""
        self._places.update({child.pk: place for place, child in enumerate(self.children)})

    def enrollment(self, child: int, activity: int, day: date) -> Enrolled | None:
        """Will return the enrollment of the child on that day."""
        return next(
            (
                one
                for one in self.enrolled
                if one.child == child and one.activity == activity and one.starts_on <= day <= one.ends_on
            ),
            None,
        )

    def share(self, child: int, service: int, day: date) -> Share:
        """Will return what the home pays of a package of the child that is due that day for a service (key)."""
        shared = self.shared.get(child)
        return Share.WHOLE if shared is None else shared.share(self.family, service, day)

    def formula(self, child: int, activity: int, day: date) -> str | None:
        """Will return the formula of the child that day; None when it is not enrolled.

        A child of several homes has one, from whichever it was enrolled.
        """
        shared = self.shared.get(child)
        if shared is not None:
            return shared.formula(activity, day)
        enrollment = self.enrollment(child, activity, day)
        return None if enrollment is None else enrollment.formula

    def under_packages(self, activity: int) -> list[Enrolled]:
        """Will return who is enrolled in an activity, the first to begin first, as packages are counted.

        Those of a child of several homes count from whichever it was enrolled: what is due once for a span is due from
        the same day for all of them.
        """
        mine = [one for one in self.enrolled if one.activity == activity and one.child not in self.shared]
        for child, shared in self.shared.items():
            mine += [
                Enrolled(child, one.activity, one.starts_on, one.ends_on, one.formula)
                for one in shared.pieces()
                if one.activity == activity
            ]
        return sorted(mine, key=lambda one: (one.starts_on, one.child))

    def measured(self, day: date) -> Measured | None:
        """Will return what was in force that day; None when nothing was known yet."""
        return next((one for one in self.measures if one.valid_from <= day), None)

    def turns(self) -> tuple[date, ...]:
        """Will return the days from which a price may be another.

        A new quotient, a move into the commune or out of it, an enrollment that begins or ends.
        """
        days = {one.valid_from for one in self.measures}
        if self.residence is not None:
            days |= {since for since, _is_resident in self.residence.turns}
        for one in self.enrolled:
            days |= {one.starts_on, one.ends_on + timedelta(days=1)}
        return tuple(sorted(days))

    def level_of(self, child: int) -> str:
        """Will return the level of the child's class, as a code."""
        place = self._places.get(child)
        return "" if place is None else self.children[place].level.strip().lower()

    def facts(
        self,
        child: int,
        activity: int,
        day: date,
        *,
        together: Collection[int] = (),
        present: Collection[int] = (),
        days_of_week: int = 1,
        minutes: int | None = None,
    ) -> PriceFacts:
        """Will return what the tariff asks of that child and that day.

        `together` are the activities in which its rank among siblings is counted, `present` the children of the home
        who come that day; the child itself is always one of them.
        """
        measured = self.measured(day)
        enrollment = self.enrollment(child, activity, day)
        enrolled = {
            one.child
            for one in self.enrolled
            if (one.activity == activity or one.activity in together) and one.starts_on <= day <= one.ends_on
        } | {child}
        here = {*present, child}
        return PriceFacts(
            quotient=measured.quotient if measured else None,
            income=measured.income if measured else None,
            situations=self._situations(child, enrollment, day),
            rank=self._rank(child, enrolled),
            rank_present=self._rank(child, here),
            siblings_present=len(here),
            children_enrolled=len(enrolled),
            days_of_week=days_of_week,
            minutes=minutes,
        )

    def _rank(self, child: int, among: Collection[int]) -> int:
        mine = self._places.get(child, len(self._places))
        return 1 + sum(self._places.get(other, len(self._places)) < mine for other in among)

    def audiences_on(self, day: date) -> frozenset[str]:
        """Will return the audiences as they were, or will be, that day."""
        if self.residence is None:
            return self.audiences
        return (self.audiences - {RESIDENT, NON_RESIDENT}) | {RESIDENT if self.residence.on(day) else NON_RESIDENT}

    def _situations(self, child: int, enrollment: Enrolled | None, day: date) -> frozenset[str]:
        level = self.level_of(child)
        found = {*self.audiences_on(day)}
        if level:
            found.add(level)
        if level in NURSERY_LEVELS:
            found.add(NURSERY)
        if level in ELEMENTARY_LEVELS:
            found.add(ELEMENTARY)
        if enrollment is not None:
            found |= enrollment.options
            if enrollment.formula:
                found.add(enrollment.formula)
        return frozenset(found)


def home_from(row: Mapping[str, Any]) -> Home:
    """Will read a home as the database writes it (`HOME` of the queries)."""
    day = date.fromisoformat
    return Home(
        family=row["family"],
        audiences=frozenset(row["categories"]) | {RESIDENT if row["is_resident"] else NON_RESIDENT},
        children=tuple(HomeChild(pk, day(born), level or "") for pk, born, level in row["children"]),
        enrolled=tuple(
            Enrolled(child, activity, day(first), day(last), formula, frozenset(options))
            for child, activity, first, last, formula, options in row["enrolled"]
        ),
        measures=tuple(Measured(day(start), quotient, income) for start, quotient, income in row["measures"]),
        residence=residence_from(
            (Move(day(start), was, becomes) for start, was, becomes in row["moves"]), now=row["is_resident"]
        )
        if row["moves"]
        else None,
        shared={one["child"]: shared_child_from(one) for one in row["shared"]},
    )
