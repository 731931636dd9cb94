"""Who pays what no day belongs to, of a child who lives in two homes: due by the week, the month or the year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from marelle.domain.reservations.rules.custody import Packages, Role

if TYPE_CHECKING:
    from collections.abc import Mapping


class Share(IntEnum):
    """What a home pays of a package. The greatest is the most."""

    NOTHING = 0
    SMALLER_HALF = 1
    LARGER_HALF = 2
    WHOLE = 3

    @property
    def is_half(self) -> bool:
        """Will tell whether the other home pays as much, but for a cent."""
        return self in {Share.SMALLER_HALF, Share.LARGER_HALF}

    def of(self, cents: int) -> int:
        """Will return the share of an amount (cents): both halves sum to it."""
        match self:
            case Share.WHOLE:
                return cents
            case Share.LARGER_HALF:
                return cents - cents // 2
            case Share.SMALLER_HALF:
                return cents // 2
            case _:
                return 0


class Living(NamedTuple):
    """The child lives with a family (key) from a day to a day (None: without end), both included."""

    family: int
    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        """Will tell whether the child lives there that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class EnrolledAnywhere(NamedTuple):
    """The child is enrolled in an activity (key) under a formula (code), from whatever home; both days included."""

    activity: int
    starts_on: date
    ends_on: date
    formula: str


@dataclass(frozen=True, slots=True)
class PackageTerms:
    """What two homes (keys) settled of packages from a day on; `packages` None: there are no terms any more.

    `services`: the home (key) that always answers for a service (key) pays its packages.
    """

    starts_on: date
    first: int
    second: int
    packages: Packages | None
    services: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class SharedChild:
    """A child that lived, or lives, in several homes: with whom, in what it is enrolled, and what was settled of it.

    Terms are in the order of their days.
    """

    lives: tuple[Living, ...]
    enrolled: tuple[EnrolledAnywhere, ...]
    terms: tuple[PackageTerms, ...] = ()

    def share(self, family: int, service: int, day: date) -> Share:
        """Will return what a home (key) pays of a package of a service (key) that is due that day.

        One home of the child alone pays it, or both do by halves: what the homes pay always sums to one price.
        Without terms the home of the first key does, so that it is the same in every bill.
        """
        homes = sorted({one.family for one in self.lives if one.holds(day)})
        if family not in homes:
            return Share.NOTHING
        terms = next((one for one in reversed(self.terms) if one.starts_on <= day), None)
        if terms is None or terms.packages is None or homes != sorted({terms.first, terms.second}):
            return Share.WHOLE if family == homes[0] else Share.NOTHING
        if service not in terms.services and terms.packages is Packages.HALVES:
            return Share.LARGER_HALF if family == terms.first else Share.SMALLER_HALF
        named = terms.second if terms.packages is Packages.SECOND else terms.first
        return Share.WHOLE if family == terms.services.get(service, named) else Share.NOTHING

    def pieces(self) -> tuple[EnrolledAnywhere, ...]:
        """Will return the days on which the child is enrolled while it lives somewhere, home by home."""
        return tuple(
            one._replace(
                starts_on=max(one.starts_on, home.starts_on),
                ends_on=one.ends_on if home.ends_on is None else min(one.ends_on, home.ends_on),
            )
            for one in self.enrolled
            for home in self.lives
            if home.starts_on <= one.ends_on and (home.ends_on is None or home.ends_on >= one.starts_on)
        )

    def formula(self, activity: int, day: date) -> str | None:
        """Will return the formula of the child that day, from whatever home; None when it is not enrolled."""
        return next(
            (one.formula for one in self.pieces() if one.activity == activity and one.starts_on <= day <= one.ends_on),
            None,
        )


def half_installment(share: Share, parts: tuple[int, ...], nth: int) -> int:
    """Will return a home's half of a part (cents) of a sum due in several: both sum to each part, and halve the whole.

    Halving each part would give the first home all the cents that are left over.
    """
    return share.of(sum(parts[: nth + 1])) - share.of(sum(parts[:nth]))


def shared_child_from(row: Mapping[str, Any]) -> SharedChild:
    """Will read a child of several homes as the database writes it (`HOME` of the queries)."""
    day = date.fromisoformat
    terms = []
    for starts_on, first, second, said in row["terms"]:
        homes = {Role.FIRST: first, Role.SECOND: second}
        packages = None if said is None else Packages(said["packages"])
        services = {} if said is None else {service: homes[Role(role)] for service, role in said["services"]}
        terms.append(PackageTerms(day(starts_on), first, second, packages, services))
    return SharedChild(
        lives=tuple(
            Living(family, day(first), None if last is None else day(last)) for family, first, last in row["lives"]
        ),
        enrolled=tuple(
            EnrolledAnywhere(activity, day(first), day(last), formula)
            for activity, first, last, formula in row["enrolled"]
        ),
        terms=tuple(terms),
    )
