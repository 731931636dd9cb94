"""A family registered at the counter, its children enrolled and its guardians given a way in, in one write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Activity
from marelle.domain.families.models import Child, Family, MembershipCode
from marelle.domain.families.operations.joining import Invited, invite, issue_codes
from marelle.domain.families.operations.registering import open_file
from marelle.domain.families.rules.registering import NewHome
from marelle.domain.reservations.operations.enrollments import UnableToEnrollError, enroll
from marelle.domain.reservations.rules.enrolling import WhyNotEnrolled
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class WayIn(StrEnum):
    """How the guardians come to their account: a link, a code by e-mail or on paper, or later."""

    LINK = "link"
    CODE_BY_MAIL = "mail"
    CODE_ON_PAPER = "letter"
    LATER = "later"


class UnableToRegisterError(Exception):
    """The child of this rank (from 0) is not enrolled in `activity` (key): `why` says it. Nothing was written."""

    def __init__(self, child: int, activity: int, why: WhyNotEnrolled) -> None:
        """Will keep which child, which activity and why."""
        super().__init__(why.name)
        self.child, self.activity, self.why = child, activity, why


@dataclass(frozen=True, slots=True)
class Registered:
    """A family, and what its guardians were sent; None: nothing was to be sent."""

    family: Family
    invited: Invited | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """The way in that an agent chose, and how long a link and a code are good for, in days, from the moment `now`.

    `now` is of the machine, as all that has to do with accounts.
    """

    chosen: WayIn
    link_days: int
    code_days: int
    now: datetime


@operation
def register_family(
    authority: Authority,
    home: NewHome,
    *,
    key: str,
    ways_in: WaysIn,
    into: Family | None = None,
    by: Actor,
    at: datetime,
) -> Registered:
    """Will open the file of a family (or complete the file `into`), enroll its children, give its guardians a way in.

    From today, or from the first day of an activity that begins later. The same form sent twice, by its `key`, opens
    one file and sends one letter. Raises UnableToRegisterError.
    """
    today = at.astimezone(authority.zone).date()
    opened = open_file(authority, home, key=key, into=into, on=today, by=by, at=at)
    if opened.is_again:
        return Registered(opened.family, None)
    activities = Activity.objects.in_bulk({pk for child in home.children for pk in child.activities})
    for rank, (child, wanted) in enumerate(zip(opened.children, home.children, strict=True)):
        for activity in sorted(wanted.activities):
            _enroll(child, activities[activity], rank=rank, today=today, by=by, at=at)
    return Registered(opened.family, _give_way_in([one.pk for one in opened.guardians], ways_in, by=by))


def _enroll(child: Child, activity: Activity, *, rank: int, today: date, by: Actor, at: datetime) -> None:
    try:
        enroll(child, activity, starts_on=max(today, activity.starts_on), by=by, at=at)
    except UnableToEnrollError as error:
        raise UnableToRegisterError(rank, activity.pk, error.why) from error


def _give_way_in(guardians: list[int], ways_in: WaysIn, *, by: Actor) -> Invited | None:
    if ways_in.chosen is WayIn.LATER:
        return None
    if ways_in.chosen is WayIn.LINK:
        return invite(guardians, days=ways_in.link_days, again=False, by=by, at=ways_in.now)
    is_mail = ways_in.chosen is WayIn.CODE_BY_MAIL
    delivery = MembershipCode.Delivery.MAIL if is_mail else MembershipCode.Delivery.LETTER
    return issue_codes(guardians, delivery, days=ways_in.code_days, by=by, at=ways_in.now)
