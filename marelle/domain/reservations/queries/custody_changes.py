"""What a proposal would change, before anybody accepts it: days that pass to a home, and what is reserved of them.

Counted as `operations.custody` does it: what is paid afterwards goes with its day, what was paid on booking stays.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from marelle.domain.families.models import Child, Custody
from marelle.domain.reservations.models import CustodyProposal, Reservation
from marelle.domain.reservations.queries.custody import Responsibility, TurnFacts, homes_together, responsible_homes
from marelle.domain.reservations.rules.custody import WRITTEN_AHEAD, Booking, Role, terms_from, turns_of
from marelle.domain.reservations.rules.custody_sentences import Changes, Passing
from marelle.foundation.periods import days_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.rules.custody import CustodyTerms

A_YEAR: Final = timedelta(days=365)


def shared_children(family: int, *, on: date) -> list[Child]:
    """Will return the children of a home (key) who live that day, or later, with another one too, the eldest first."""
    lasts = Q(custodies__ends_on__isnull=True) | Q(custodies__ends_on__gte=on)
    others = Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).exclude(family=family)
    return list(
        Child.objects.filter(lasts, custodies__family=family, pk__in=others.values("child"))
        .order_by("birth_date", "pk")
        .distinct()
    )


def living_in_two_homes(children: Iterable[int], *, on: date) -> set[int]:
    """Will return which of these children (keys) live that day, or later, with more than one family."""
    rows = Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), child__in=list(children))
    counted = rows.order_by().values("child").annotate(homes=Count("family", distinct=True)).filter(homes__gt=1)
    return set(counted.values_list("child", flat=True))


def is_shared(child: int, family: int, *, on: date) -> bool:
    """Will tell whether a child of a home (keys) lives with another one too, that day or later."""
    return any(
        family in homes and (period.ends_on is None or period.ends_on >= on)
        for period, homes in homes_together(child)
    )  # fmt: skip


def under_terms(
    terms: CustodyTerms,
    homes: Mapping[Role, int],
    *,
    child: int,
    now: Responsibility,
    first: date,
    last: date,
    offer: Offer,
) -> Responsibility:
    """Will return whose days of a child (key) they would be under these terms, from `first` to `last`.

    `homes` are the families (keys) by role; where the child lives is as in `now`.
    """
    is_open = terms.booking is Booking.EITHER
    both = set(homes.values())

    def facts(day: date, home: int) -> TurnFacts:
        return TurnFacts(day.isoformat(), home, next(iter(both - {home})), is_open)

    turns = turns_of(terms, homes, first=first, last=last, calendar=offer.calendar.estimated(last))
    said: dict[tuple[int, int | None], tuple[TurnFacts, ...]] = {
        (child, None): tuple(facts(turn.starts_on, turn.home) for turn in turns if turn.home is not None)
    }
    for service, role in terms.services:
        said[child, service] = (TurnFacts(first.isoformat(), homes[role], homes[role.other], is_open=False),)
    return Responsibility(said, now.lives)


def with_days(now: Responsibility, child: int, days: Mapping[date, int], homes: Collection[int]) -> Responsibility:
    """Will return whose days of a child (key) they would be, were some of them of another of its homes (keys)."""
    turns = dict(now.turns)
    kept = turns.get((child, None), ())
    said: dict[str, TurnFacts] = {turn.starts_on: turn for turn in kept}
    one_day = timedelta(days=1)
    standing: dict[date, TurnFacts | None] = {}
    for day in {*days, *(day + one_day for day in days)}:
        standing[day] = max(
            (turn for turn in kept if turn.starts_on <= day.isoformat()), key=lambda turn: turn.starts_on, default=None
        )
    for day, turn in standing.items():
        if turn is None:
            continue
        home = days.get(day, turn.family)
        beside = next((other for other in homes if other != home), None)
        said[day.isoformat()] = TurnFacts(day.isoformat(), home, beside, turn.is_open)
    turns[child, None] = tuple(said[day] for day in sorted(said))
    return Responsibility(turns, now.lives)


def changes_of(proposal: CustodyProposal, *, offer: Offer, today: date) -> Changes:
    """Will return what a proposal would change if it were agreed now."""
    homes = {Role.FIRST: proposal.from_home_id, Role.SECOND: proposal.to_home_id}
    if proposal.terms is not None and proposal.starts_on is not None:
        return changes_of_terms(
            terms_from(proposal.terms),
            homes,
            child=proposal.child_id,
            starts_on=proposal.starts_on,
            offer=offer,
            today=today,
        )
    days = {
        **dict.fromkeys(proposal.gives, proposal.to_home_id),
        **dict.fromkeys(proposal.takes, proposal.from_home_id),
    }
    first, last = min(days), max(days)
    now = responsible_homes([proposal.child_id], first=first, last=last, authority=offer.authority)
    then = with_days(now, proposal.child_id, days, list(homes.values()))
    return _changes(proposal.child_id, homes, now, then, sorted(days), offer=offer, today=today)


def changes_of_terms(
    terms: CustodyTerms, homes: Mapping[Role, int], *, child: int, starts_on: date, offer: Offer, today: date
) -> Changes:
    """Will return what these terms would change from a day on, until the published calendar ends or for a year.

    What is reserved is counted as far as it is. `homes` are the families (keys) by role.
    """
    known = offer.calendar.known_until
    until = known if known is not None and known > starts_on else starts_on + A_YEAR
    last = max(today, starts_on) + WRITTEN_AHEAD
    now = responsible_homes([child], first=starts_on, last=last, authority=offer.authority)
    then = under_terms(terms, homes, child=child, now=now, first=starts_on, last=last, offer=offer)
    days = list(days_between(starts_on, until))
    return _changes(child, homes, now, then, days, offer=offer, today=today, reserved_until=last)


def _changes(
    child: int,
    homes: Mapping[Role, int],
    now: Responsibility,
    then: Responsibility,
    days: list[date],
    *,
    offer: Offer,
    today: date,
    reserved_until: date | None = None,
) -> Changes:
    said = {day: (now.home(child, day), then.home(child, day)) for day in days}
    rows = Reservation.objects.filter(
        child=child,
        date__gte=max(days[0], today + timedelta(days=1)),
        date__lte=reserved_until or days[-1],
        state=Reservation.State.RESERVED,
    ).values_list("family", "product", "date")
    moved: dict[Role, dict[str, int]] = {role: {} for role in homes}
    staying = dict.fromkeys(homes, 0)
    for family, product_key, day in rows:
        product = offer.product_by_pk[product_key]
        service = product.activity.service
        home = then.home(child, day, service.pk)
        if home is None or home == family or then.may_reserve(family, child, day, service.pk):
            continue
        role = next(role for role, key in homes.items() if key == home)
        if service.is_prepaid:
            staying[role] += 1
            continue
        moved[role][product.name] = moved[role].get(product.name, 0) + 1
    return Changes(
        passing={
            role: Passing(tuple(_days_that_pass(said, key)), tuple(sorted(moved[role].items())), staying[role])
            for role, key in homes.items()
        },
        until=days[-1],
        is_new=all(before is None for before, _after in said.values()),
    )


def _days_that_pass(said: Mapping[date, tuple[int | None, int | None]], home: int) -> Iterable[date]:
    return (day for day, (before, after) in said.items() if after == home != before)
