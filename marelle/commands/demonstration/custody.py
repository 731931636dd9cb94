"""Children of the demonstration who live in two homes: whose days are whose, what one asks, what both dispute."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Family, Membership
from marelle.domain.reservations.operations.custody import (
    answer_proposal,
    propose_custody,
    propose_days,
    settle_custody,
)
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.rules.custody import CustodyTerms, Packages, Weeks
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.periods import FRIDAY, MONDAY, monday_of
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.catalog.queries import Offer


class _Shared(NamedTuple):
    """A child (code) and its two homes (codes), the first one named first by the terms."""

    child: str
    first: str
    second: str
    terms: CustodyTerms


MONDAYS: Final = CustodyTerms(changeover=MONDAY, changeover_at=time(8, 30), packages=Packages.HALVES)
FRIDAYS: Final = CustodyTerms(changeover=FRIDAY, long_weekends=True)
SHARED: Final = (
    _Shared("D-0007-1", "D-0007", "D-0028", FRIDAYS),
    _Shared("D-0007-2", "D-0007", "D-0028", FRIDAYS),
    _Shared("D-0003-2", "D-0003", "D-0029", MONDAYS),
)
# Whose father asks for days, and whose father asks for another calendar that the mother does not want.
ASKS_DAYS, DISPUTED = SHARED[0], SHARED[2]
SEPTEMBER: Final = 9
ENOUGH: Final = timedelta(days=6)


@operation
def share_custody(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will settle, since the school year began, whose days are whose for the children who live in two homes."""
    with tenancy.scope({authority.pk}):
        offer = offer_of(authority)
        today = at.astimezone(offer.zone).date()
        starts_on = date(today.year if today.month >= SEPTEMBER else today.year - 1, SEPTEMBER, 1)
        children, homes = _rows()
        for one in SHARED:
            if one.child in children:
                settle_custody(
                    children[one.child].pk,
                    first_home=homes[one.first].pk,
                    second_home=homes[one.second].pk,
                    terms=one.terms,
                    starts_on=starts_on,
                    tells=False,
                    offer=offer,
                    by=_agent() or by,
                    at=at - timedelta(weeks=8),
                )


@operation
def ask_each_other(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will have a home ask the other for days, which waits for an answer; and two others dispute a calendar."""
    with tenancy.scope({authority.pk}):
        offer = offer_of(authority)
        children, homes = _rows()
        if ASKS_DAYS.child not in children:
            return
        child, asking = children[ASKS_DAYS.child].pk, homes[ASKS_DAYS.second]
        gives, takes = _days(child, asking.pk, homes[ASKS_DAYS.first].pk, offer, at)
        propose_days(
            child,
            from_home=asking.pk,
            gives=gives,
            takes=takes,
            words="Je suis en déplacement ce soir-là. Je le garde la semaine d’après ?",
            offer=offer,
            by=_of(asking) or by,
            at=at - timedelta(hours=26),
        )
        asking, other = homes[DISPUTED.second], homes[DISPUTED.first]
        today = at.astimezone(offer.zone).date()
        row = propose_custody(
            children[DISPUTED.child].pk,
            from_home=asking.pk,
            terms=CustodyTerms(weeks=Weeks.PARITY, first_even=False, changeover=FRIDAY),
            starts_on=monday_of(today) + timedelta(weeks=6),
            words="Mes horaires changent : je peux la prendre le vendredi à la sortie de l’école.",
            offer=offer,
            by=_of(asking) or by,
            at=at - timedelta(days=5),
        )
        answer_proposal(
            row,
            agrees=False,
            words="Le jugement dit le lundi matin, et cela lui va bien.",
            offer=offer,
            by=_of(other) or by,
            at=at - timedelta(days=3),
        )


def _days(child: int, asking: int, other: int, offer: Offer, at: datetime) -> tuple[list[date], list[date]]:
    """Will return a day of term that is of the home that asks, and one of the other's, both in a week or later."""
    today = at.astimezone(offer.zone).date()
    last = today + timedelta(weeks=8)
    found = responsible_homes([child], first=today, last=last, authority=offer.authority)
    school = [
        day
        for day in (today + timedelta(days=nth) for nth in range(ENOUGH.days, (last - today).days))
        if day.weekday() < FRIDAY and offer.calendar.school_holiday(day) is None
    ]
    mine, theirs = (next(day for day in school if found.home(child, day) == home) for home in (asking, other))
    return [mine], [theirs]


def _rows() -> tuple[dict[str, Child], dict[str, Family]]:
    children = Child.objects.filter(code__in=[one.child for one in SHARED])
    homes = Family.objects.filter(code__in={code for one in SHARED for code in (one.first, one.second)})
    return {one.code: one for one in children}, {one.code: one for one in homes}


def _of(home: Family) -> Actor | None:
    user = Membership.objects.filter(family=home).order_by("pk").values_list("user", flat=True).first()
    return None if user is None else Actor(ActorKind.FAMILY, user)


def _agent() -> Actor | None:
    agent = Agent.objects.filter(grants__role=Grant.Role.MANAGE_RESERVATIONS).order_by("pk").first()
    return None if agent is None else Actor(ActorKind.AGENT, agent.user_id)
