"""Which home answers for a child, a service and a day: read from the turns, in Python or inside a statement."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from marelle.domain.families.models import Child, Custody
from marelle.domain.reservations.models import CustodyDay, CustodyProposal, SharedCustody
from marelle.domain.reservations.queries.homes import as_json
from marelle.foundation import tenancy
from marelle.foundation.periods import Period, days_between

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from django.db.models import QuerySet

# The family that answers for a child, a service and a day, as an expression of any statement; NULL: the terms say
# nothing, or the child lives in one home. `{child}`, `{service}`, `{day}` and `{authority}` are columns of it.
RESPONSIBLE: Final = """(
    SELECT said.family_id FROM (
        -- The service's own turn first; one that follows the days again says no family.
        (SELECT t.family_id, t.beside_id, 1 AS place FROM reservations_custodyturn t
         WHERE t.authority_id = {authority} AND t.child_id = {child} AND t.service_id = {service}
            AND t.starts_on <= {day} ORDER BY t.starts_on DESC LIMIT 1)
        UNION ALL
        (SELECT t.family_id, t.beside_id, 2 FROM reservations_custodyturn t
         WHERE t.authority_id = {authority} AND t.child_id = {child} AND t.service_id IS NULL
            AND t.starts_on <= {day} ORDER BY t.starts_on DESC LIMIT 1)
    ) said
    WHERE EXISTS (
        SELECT 1 FROM families_custody lives
        WHERE lives.authority_id = {authority} AND lives.child_id = {child} AND lives.family_id = said.family_id
            AND lives.starts_on <= {day} AND (lives.ends_on IS NULL OR lives.ends_on >= {day})
    ) AND EXISTS (
        SELECT 1 FROM families_custody lives
        WHERE lives.authority_id = {authority} AND lives.child_id = {child} AND lives.family_id = said.beside_id
            AND lives.starts_on <= {day} AND (lives.ends_on IS NULL OR lives.ends_on >= {day})
    )
    ORDER BY said.place LIMIT 1
)"""

# What `Responsibility` is made of, as one column of any statement: the turns of some children that touch some days,
# with the one before them, and the days that the children live with each home.
TURNS: Final = """(
    SELECT json_build_object(
        'turns', coalesce((
            SELECT json_agg(json_build_array(t.child_id, t.service_id, t.starts_on, t.family_id, t.beside_id, t.is_open)
                ORDER BY t.child_id, t.service_id, t.starts_on)
            FROM reservations_custodyturn t
            WHERE t.authority_id = %(authority)s AND t.child_id = ANY(%(children)s::bigint[])
                AND t.starts_on <= %(last)s AND t.starts_on >= coalesce((
                    SELECT max(before.starts_on) FROM reservations_custodyturn before
                    WHERE before.authority_id = t.authority_id AND before.child_id = t.child_id
                        AND before.service_id IS NOT DISTINCT FROM t.service_id AND before.starts_on <= %(first)s
                ), %(first)s)
        ), '[]'),
        'lives', coalesce((
            SELECT json_agg(json_build_array(u.child_id, u.family_id, u.starts_on, u.ends_on))
            FROM families_custody u
            WHERE u.authority_id = %(authority)s AND u.child_id = ANY(%(children)s::bigint[])
                AND u.starts_on <= %(last)s AND (u.ends_on IS NULL OR u.ends_on >= %(first)s)
        ), '[]')
    )
)"""


class TurnFacts(NamedTuple):
    """A turn: from that day on (ISO) days are of a family (key; None: of neither) beside another one (key).

    `is_open`: the other one may reserve too.
    """

    starts_on: str
    family: int | None
    beside: int | None
    is_open: bool


@dataclass(frozen=True)
class Responsibility:
    """Which home answers for some children over some days.

    Turns by (child, service), service None for all the others; and where each child lives, by (child, family).
    """

    turns: dict[tuple[int, int | None], tuple[TurnFacts, ...]] = field(default_factory=dict)
    lives: dict[tuple[int, int], tuple[tuple[str, str | None], ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Will tell whether any of the children has turns."""
        return bool(self.turns)

    def home(self, child: int, day: date, service: int | None = None) -> int | None:
        """Will return the family (key) that answers for a child that day, for a service (key) or for those in general.

        None: whoever reserves does, or the child has one home.
        """
        turn = self._turn(child, day, service)
        return None if turn is None else turn.family

    def may_reserve(self, family: int, child: int, day: date, service: int | None = None) -> bool:
        """Will tell whether a home (key) of the child may reserve that day, or say anything of it."""
        turn = self._turn(child, day, service)
        return turn is None or turn.is_open or turn.family == family

    def days_of(self, family: int, child: int, first: date, last: date) -> list[date]:
        """Will return the days of a child that are of a family (key), services apart."""
        return [day for day in days_between(first, last) if self.home(child, day) == family]

    def _turn(self, child: int, day: date, service: int | None) -> TurnFacts | None:
        for named in (service, None) if service is not None else (None,):
            turns = self.turns.get((child, named))
            if not turns:
                continue
            said = day.isoformat()
            place = bisect_right(turns, said, key=lambda turn: turn.starts_on)
            turn = turns[place - 1] if place else None
            if turn is not None and self._lives(child, turn.family, said) and self._lives(child, turn.beside, said):
                return turn
        return None

    def _lives(self, child: int, family: int | None, day: str) -> bool:
        return family is not None and any(
            first <= day and (last is None or last >= day) for first, last in self.lives.get((child, family), ())
        )


def responsibility_from(column: Any) -> Responsibility:
    """Will read what `TURNS` returns."""
    said = as_json(column)
    turns: dict[tuple[int, int | None], list[TurnFacts]] = {}
    for child, service, *turn in said["turns"]:
        turns.setdefault((child, service), []).append(TurnFacts(*turn))
    lives: dict[tuple[int, int], list[tuple[str, str | None]]] = {}
    for child, family, first, last in said["lives"]:
        lives.setdefault((child, family), []).append((first, last))
    return Responsibility(
        {named: tuple(rows) for named, rows in turns.items()}, {named: tuple(rows) for named, rows in lives.items()}
    )


def responsible_homes(children: Iterable[int], *, first: date, last: date, authority: int) -> Responsibility:
    """Will return which homes answer for these children (keys) from `first` to `last`, in one statement."""
    keys = sorted(set(children))
    if not keys:
        return Responsibility()
    if not tenancy.is_in_scope(authority):
        raise tenancy.UnscopedQueryError
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {TURNS}",
            {"authority": authority, "children": keys, "first": first, "last": last},
        )
        (column,) = cursor.fetchone()
    return responsibility_from(column)


def standing_terms(child: int) -> list[SharedCustody]:
    """Will return what was settled of a child (key), the first to begin first; the withdrawn ones are left out."""
    rows = SharedCustody.objects.filter(child=child, withdrawn_at__isnull=True)
    return list(rows.select_related("first_home", "second_home").order_by("starts_on"))


def agreed_days(child: int, *, since: date) -> dict[date, int]:
    """Will return the days of a child (key) that were agreed to be of a family (key), from `since` on."""
    rows = CustodyDay.objects.filter(child=child, date__gte=since, withdrawn_at__isnull=True)
    return dict(rows.values_list("date", "family"))


def homes_together(child: int) -> list[tuple[Period, tuple[int, int]]]:
    """Will return the days on which a child (key) lives with two families at once, with their keys in order."""
    rows = list(Custody.objects.filter(child=child, withdrawn_at__isnull=True).order_by("family", "starts_on"))
    found = []
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            starts = max(one.starts_on, other.starts_on)
            ends = min((day for day in (one.ends_on, other.ends_on) if day is not None), default=None)
            if one.family_id != other.family_id and (ends is None or starts <= ends):
                found.append((Period(starts, ends), (one.family_id, other.family_id)))
    return sorted(found, key=lambda each: each[0].starts_on)


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


def other_home(child: int, family: int, *, on: date) -> int | None:
    """Will return the other family (key) with which a child of `family` (keys) lives that day; None without."""
    rows = Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), child=child, starts_on__lte=on)
    homes = set(rows.values_list("family", flat=True))
    return next(iter(homes - {family}), None) if family in homes else None


def proposals_of(family: int, children: Collection[int]) -> QuerySet[CustodyProposal]:
    """Will return what a home (key) asked or was asked about these children (keys), the latest first."""
    return (
        CustodyProposal.objects.filter(Q(from_home=family) | Q(to_home=family), child__in=list(children))
        .select_related("child")
        .order_by("-asked_at", "-pk")
    )


def waiting_proposals(families: Collection[int], *, on: date) -> QuerySet[CustodyProposal]:
    """Will return what homes (keys) asked and waits for an answer, or waits for theirs, the oldest first.

    Of children who still live there that day.
    """
    homes = list(families)
    stays = Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), child=OuterRef("child"))
    asked_by = Q(from_home__in=homes) & Exists(stays.filter(family=OuterRef("from_home")))
    asked_of = Q(to_home__in=homes) & Exists(stays.filter(family=OuterRef("to_home")))
    return open_proposals().filter(asked_by | (asked_of & Q(state=CustodyProposal.State.PENDING)))


def open_proposals() -> QuerySet[CustodyProposal]:
    """Will return what waits for a home or for the town hall, the oldest first."""
    return (
        CustodyProposal.objects.filter(state__in=CustodyProposal.OPEN)
        .select_related("child", "from_home", "to_home")
        .order_by("asked_at", "pk")
    )


def disputed_proposals() -> QuerySet[CustodyProposal]:
    """Will return what waits for the town hall."""
    return CustodyProposal.objects.filter(state=CustodyProposal.State.DISPUTED)
