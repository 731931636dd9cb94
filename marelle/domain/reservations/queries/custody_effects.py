"""What other terms or days change: whose days they become, what is reserved. Acts and previews ask alike."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import connection

from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import (
    CustodyDay,
    CustodyProposal,
    CustodyTurn,
    Reservation,
    SharedCustody,
    WaitingListEntry,
)
from marelle.domain.reservations.queries.custody import (
    RESPONSIBLE,
    Responsibility,
    TurnFacts,
    agreed_days,
    responsible_homes,
    standing_terms,
)
from marelle.domain.reservations.rules.custody import (
    WRITTEN_AHEAD,
    Booking,
    CustodyTerms,
    Role,
    Turn,
    as_json,
    terms_from,
    turns_of,
)
from marelle.domain.reservations.rules.custody_sentences import Changes, Passing
from marelle.foundation import tenancy
from marelle.foundation.periods import days_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from marelle.domain.catalog.queries import Offer


A_YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Moves:
    """What comes of what some children have reserved once days change hands.

    `moved`: by the home (key) that answers for it now. `staying`: of days of the other home, and paid on booking, or
    waiting for it: it stays with who paid. `over`: waits for days that are no longer one's own.
    """

    moved: dict[int, list[Reservation]] = field(default_factory=dict)
    staying: list[Reservation] = field(default_factory=list)
    over: list[WaitingListEntry] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Will return how many reservations go with their days."""
        return sum(map(len, self.moved.values()))


def reserved_ahead(children: Collection[int], *, today: date) -> QuerySet[Reservation]:
    """Will return what is reserved for these children (keys) after today, in a stable order."""
    rows = Reservation.objects.filter(child__in=list(children), date__gt=today, state=Reservation.State.RESERVED)
    return rows.order_by("pk")


def waits_ahead(children: Collection[int], *, today: date) -> QuerySet[WaitingListEntry]:
    """Will return the waits for a place, after today, of these children (keys)."""
    return WaitingListEntry.objects.filter(child__in=list(children), date__gt=today, left_at__isnull=True)


def moves_of(
    reserved: Iterable[Reservation], waits: Iterable[WaitingListEntry], homes: Responsibility, offer: Offer
) -> Moves:
    """Will say which reservations go to the home that answers for them, which stay, and which waits end."""
    found = Moves()
    for row in reserved:
        service = offer.product_by_pk[row.product_id].activity.service
        home = homes.home(row.child_id, row.date, service.pk)
        if home is None or homes.may_reserve(row.family_id, row.child_id, row.date, service.pk):
            continue
        if service.is_prepaid:
            found.staying.append(row)
        else:
            found.moved.setdefault(home, []).append(row)
    found.over.extend(
        row
        for row in waits
        if not homes.may_reserve(
            row.family_id, row.child_id, row.date, offer.product_by_pk[row.product_id].activity.service.pk
        )
    )
    return found


def turns_after(
    child: int, *, since: date, versions: Sequence[SharedCustody], agreed: Mapping[date, int], offer: Offer, today: date
) -> list[CustodyTurn]:
    """Will return the turns of a child (key) from `since` on, as these versions of its terms say; not written.

    `agreed`: the days that are of a family (key) whatever the terms. Turns before `since` stay as they are.
    """
    last = max(today, since) + WRITTEN_AHEAD
    before = {
        service: said
        for service, *said in CustodyTurn.objects.filter(child=child, starts_on__lt=since)
        .order_by("starts_on")
        .values_list("service", "family", "beside", "is_open")
    }
    calendar = offer.calendar.estimated(last)
    rows: list[CustodyTurn] = []

    def write(service: int | None, turns: Sequence[Turn], both: Collection[int], *, is_open: bool = False) -> None:
        for turn in turns:
            beside = None if turn.home is None else next(home for home in both if home != turn.home)
            if before.get(service, [None, None, False]) != [turn.home, beside, is_open]:
                before[service] = [turn.home, beside, is_open]
                rows.append(
                    CustodyTurn(
                        authority_id=offer.authority,
                        child_id=child,
                        service_id=service,
                        starts_on=turn.starts_on,
                        family_id=turn.home,
                        beside_id=beside,
                        is_open=is_open,
                    )
                )

    for version, following in zip(versions, (*versions[1:], None), strict=True):
        first = max(since, version.starts_on)
        until = last if following is None else min(last, following.starts_on - timedelta(days=1))
        if first > until:
            continue
        terms = version.settled
        homes = {Role.FIRST: version.first_home_id, Role.SECOND: version.second_home_id}
        services = {} if terms is None else dict(terms.services)
        if terms is None:
            write(None, [Turn(first, None)], ())
        else:
            turns = turns_of(terms, homes, first=first, last=until, calendar=calendar, exceptions=agreed)
            write(None, turns, homes.values(), is_open=terms.booking is Booking.EITHER)
        # A service that no longer has its own home follows the days again.
        for service in sorted({*services, *(key for key in before if key is not None)}):
            role = services.get(service)
            write(service, [Turn(first, None if role is None else homes[role])], homes.values())
    return rows


@dataclass(frozen=True)
class CustodyPreview:
    """What a change of terms, or of days, would do.

    `before` and `after` say which home (key) has each day from the first one of the change on; `moves` what becomes of
    what is reserved; `then` who would answer, services included.
    """

    first: date
    before: dict[date, int | None]
    after: dict[date, int | None]
    moves: Moves
    then: Responsibility

    @property
    def changing(self) -> list[date]:
        """Will return the days that change hands."""
        return [day for day, home in self.after.items() if home != self.before[day]]


def terms_preview(
    child: int,
    *,
    first_home: int,
    second_home: int,
    terms: CustodyTerms | None,
    starts_on: date,
    moves: bool = True,
    until: date,
    offer: Offer,
    today: date,
) -> CustodyPreview:
    """Will say what `operations.custody.settle_custody` of the same would do, over the days to `until`."""
    standing = [one for one in standing_terms(child) if one.starts_on < starts_on]
    row = SharedCustody(
        authority_id=offer.authority,
        child_id=child,
        first_home_id=first_home,
        second_home_id=second_home,
        starts_on=starts_on,
        terms=None if terms is None else as_json(terms),
    )
    return _preview(child, [*standing, row], {}, since=starts_on, moves=moves, until=until, offer=offer, today=today)


def days_preview(
    child: int, *, days: Mapping[date, int | None], until: date, offer: Offer, today: date
) -> CustodyPreview:
    """Will say what it would do that each of `days` is of a family (key); None: of the one that the terms say."""
    since = min(days)
    agreed: dict[date, int | None] = {**agreed_days(child, since=since), **days}
    kept = {day: home for day, home in agreed.items() if home is not None}
    return _preview(child, standing_terms(child), kept, since=since, moves=True, until=until, offer=offer, today=today)


def preview_of(proposal: CustodyProposal, *, offer: Offer, today: date, until: date | None = None) -> CustodyPreview:
    """Will say what a proposal would do if it were agreed now, over the days to `until`.

    Without it: to the last of the days that it is about; of terms, until the published calendar ends, or for a year.
    """
    if proposal.terms is not None and proposal.starts_on is not None:
        return terms_preview(
            proposal.child_id,
            first_home=proposal.from_home_id,
            second_home=proposal.to_home_id,
            terms=terms_from(proposal.terms),
            starts_on=proposal.starts_on,
            until=until or known_until(proposal.starts_on, offer),
            offer=offer,
            today=today,
        )
    days: dict[date, int | None] = {
        **dict.fromkeys(proposal.gives, proposal.to_home_id),
        **dict.fromkeys(proposal.takes, proposal.from_home_id),
    }
    return days_preview(proposal.child_id, days=days, until=until or max(days), offer=offer, today=today)


def known_until(starts_on: date, offer: Offer) -> date:
    """Will return until when days from `starts_on` on are known: the published calendar's end, or a year."""
    known = offer.calendar.known_until
    return known if known is not None and known > starts_on else starts_on + A_YEAR


def changes_of(preview: CustodyPreview, homes: Mapping[Role, int], *, offer: Offer) -> Changes:
    """Will return what a preview says of each home, `homes` being the families (keys) by role."""
    moves, changing = preview.moves, preview.changing

    def passing(home: int, other: int) -> Passing:
        named = Counter(offer.product_by_pk[row.product_id].name for row in moves.moved.get(home, ()))
        return Passing(
            tuple(day for day in changing if preview.after[day] == home),
            tuple(sorted(named.items())),
            sum(row.family_id == other for row in moves.staying),
        )

    return Changes(
        passing={role: passing(home, homes[role.other]) for role, home in homes.items()},
        until=max(preview.after),
        is_new=all(home is None for home in preview.before.values()),
    )


def children_shared(*, on: date) -> frozenset[int]:
    """Will return the children (keys) of whom terms were settled by that day: few, hence asked first."""
    rows = SharedCustody.objects.filter(withdrawn_at__isnull=True, starts_on__lte=on)
    return frozenset(rows.values_list("child", flat=True))


class HomeNamed(NamedTuple):
    """The home (key, public id, name, number) that answers for a child (key)."""

    child: int
    family: int
    public_id: str
    name: str
    code: str


def homes_named_on(day: date, children: Collection[int], *, authority: int) -> list[HomeNamed]:
    """Will return the home that answers that day for those of these children (keys) who have two, by name.

    Services apart. One statement, which asks whose day it is of the few who share their days alone.
    """
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(NAMED_ON, {"authority": authority, "children": list(children), "day": day})
        return [HomeNamed(*row) for row in cursor.fetchall()]


_HOME: Final = RESPONSIBLE.format(child="s.child_id", service="NULL::bigint", day="%(day)s", authority="%(authority)s")
# Materialised: whose day it is is asked once a child, whatever the plan of the join.
NAMED_ON: Final = f"""
WITH who AS MATERIALIZED (
    SELECT s.child_id, {_HOME} AS family_id
    FROM (
        SELECT DISTINCT child_id FROM reservations_sharedcustody
        WHERE authority_id = %(authority)s AND child_id = ANY(%(children)s::bigint[])
            AND withdrawn_at IS NULL AND starts_on <= %(day)s
    ) AS s
)
SELECT who.child_id, f.id, f.public_id, f.name, f.code
FROM who JOIN families_family f ON f.authority_id = %(authority)s AND f.id = who.family_id
ORDER BY who.child_id
"""  # noqa: S608  our own words


def mark_of_holidays(offer: Offer) -> str:
    """Will return what tells one calendar of holidays from another."""
    off = [*offer.calendar.school_holidays, *offer.calendar.public_holidays]
    return hashlib.sha256(repr([(one.starts_on, one.ends_on) for one in off]).encode()).hexdigest()[:16]


def mark_of_custody(child: int) -> str:
    """Will return a mark of what is settled of a child (key), and set day by day: another mark, and it has changed."""
    terms = SharedCustody.objects.filter(child=child).order_by("pk").values_list("pk", "withdrawn_at")
    days = CustodyDay.objects.filter(child=child).order_by("pk").values_list("pk", "withdrawn_at")
    lives = Custody.objects.filter(child=child).order_by("pk").values_list("family", "starts_on", "ends_on")
    return hashlib.sha256(repr([list(terms), list(days), list(lives)]).encode()).hexdigest()[:16]


def _preview(
    child: int,
    versions: Sequence[SharedCustody],
    agreed: Mapping[date, int],
    *,
    since: date,
    moves: bool,
    until: date,
    offer: Offer,
    today: date,
) -> CustodyPreview:
    last = max(until, today + WRITTEN_AHEAD)
    now = responsible_homes([child], first=min(since, today) - timedelta(days=1), last=last, authority=offer.authority)
    rows = turns_after(child, since=since, versions=versions, agreed=agreed, offer=offer, today=today)
    then = _with(now, child, rows, since)
    days = list(days_between(since, until))
    reserved, waits = reserved_ahead([child], today=today), waits_ahead([child], today=today)
    return CustodyPreview(
        since,
        {day: now.home(child, day) for day in days},
        {day: then.home(child, day) for day in days},
        moves_of(reserved, waits, then, offer) if moves else Moves(),
        then,
    )


def _with(now: Responsibility, child: int, rows: Iterable[CustodyTurn], since: date) -> Responsibility:
    """Will return what is answered for once these turns of a child (key) follow those before `since`."""
    turns: dict[tuple[int, int | None], list[TurnFacts]] = {
        key: [turn for turn in said if turn.starts_on < since.isoformat()] for key, said in now.turns.items()
    }
    for row in rows:
        said = TurnFacts(row.starts_on.isoformat(), row.family_id, row.beside_id, row.is_open)
        turns.setdefault((child, row.service_id), []).append(said)
    return replace(now, turns={key: tuple(said) for key, said in turns.items() if said})
