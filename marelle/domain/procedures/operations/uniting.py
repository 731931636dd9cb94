"""Two files of one family, or of one child, become one: what stands against it first, then each room in turn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.billing.operations import uniting as billing
from marelle.domain.billing.operations.blocks import refresh_unpaid_block
from marelle.domain.billing.queries.uniting import accounts_that_meet
from marelle.domain.families.models import Family, Guardian
from marelle.domain.families.operations import uniting as families
from marelle.domain.families.queries.doubles import children_named, homes_of_children, people_of_file
from marelle.domain.families.rules.merging import Obstacle, Side, is_same_person
from marelle.domain.news.operations import uniting as news
from marelle.domain.payments.operations import uniting as payments
from marelle.domain.procedures.models import Application, ApplicationChild
from marelle.domain.procedures.models.applications import as_json
from marelle.domain.procedures.queries.uniting import against_children, against_families
from marelle.domain.procedures.rules.states import DECIDABLE, State
from marelle.domain.reservations.operations import uniting as reservations
from marelle.domain.reservations.operations.locking import lock_children
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToUniteError(Exception):
    """Something stands against it: `why`, in words. Nothing was written."""

    def __init__(self, *why: Obstacle) -> None:
        """Will keep why."""
        super().__init__(", ".join(one.name for one in why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Choices:
    """What an agent chose: who is the same (keys of the file that ends → of the other), and what is kept of both.

    `taken` names the fields where the file that ends is right: « name », « guardian:12:phone », « child:7:last_name ».
    `health` says what is kept of the records of a child that ends (key).
    """

    guardians: Mapping[int, int] = field(default_factory=dict)
    children: Mapping[int, int] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    health: Mapping[int, Side] = field(default_factory=dict)


@operation
def merge_families(ended: int, kept: int, choices: Choices, *, by: Actor, at: datetime, machine: datetime) -> bool:
    """Will end a family (key) in another of the same authority: all that was of it is of the other. No way back.

    The one that ends keeps its number, its name and its address on the site, which leads to the other; its basket is
    dropped, its links and codes die. Guardians of the same name are one, whatever was chosen: a file notes nobody
    twice. `at` is the business moment, `machine` the machine's. Tells whether anything changed: again does nothing.
    Raises UnableToUniteError, and DoesNotExist for a family out of scope.
    """
    homes = Family.objects.select_related("authority").in_bulk([ended, kept])
    authority: Authority = homes[kept].authority
    children = _hold({ended, kept}, set(choices.children), authority=authority.pk)
    locked = families.lock_homes({ended, kept})
    if ended == kept:
        raise UnableToUniteError(Obstacle.SAME)
    if locked[ended].merged_into_id == kept:
        return False
    if any(home.merged_into_id is not None for home in locked.values()):
        raise UnableToUniteError(Obstacle.GONE)
    mine, theirs = people_of_file(ended), people_of_file(kept)
    guardians = dict(choices.guardians)
    for one in mine.guardians:
        for other in theirs.guardians:
            if is_same_person((one.first_name, one.last_name), (other.first_name, other.last_name)):
                guardians.setdefault(one.pk, other.pk)
    pairs = dict(choices.children)
    # Who came into one of the files since they were held was never seen by the agent.
    if {one.pk for one in (*mine.children, *theirs.children)} - children or not (
        guardians.keys() <= {one.pk for one in mine.guardians}
        and set(guardians.values()) <= {one.pk for one in theirs.guardians}
        and pairs.keys() <= {one.pk for one in mine.children}
        and set(pairs.values()) <= {one.pk for one in theirs.children}
        and len(set(pairs.values())) == len(pairs)
        and not pairs.keys() & set(pairs.values())
    ):
        raise UnableToUniteError(Obstacle.WRONG_PAIR)
    why = against_families(
        ended,
        kept,
        authority=authority.pk,
        guardians=guardians,
        children=pairs,
        health=choices.health,
        on=at.astimezone(authority.zone).date(),
    )
    if why:
        raise UnableToUniteError(*why)
    counts = _unite_homes(
        locked[ended], locked[kept], guardians=guardians, taken=choices.taken, by=by, at=at, machine=machine
    )
    _unite_children(pairs, choices, by=by, at=at)
    refresh_unpaid_block(kept, authority=authority, by=by, at=at)
    outbox.post("families.united", authority=authority.pk, ended=ended)
    audit.record(
        "merge_families",
        authority=authority.pk,
        of="family",
        key=kept,
        by=by,
        at=at,
        ended=ended,
        guardians=sorted(guardians),
        children=sorted(pairs),
        moved={name: count for name, count in counts.items() if count},
    )
    return True


@operation
def follow_family(ended: int, *, by: Actor, at: datetime, machine: datetime) -> int | None:
    """Will give to the family that took over another one (key) what was written on that one at the same instant.

    Somebody may have begun to before it ended, and finished after. Returns the family (key) that is kept; None for a
    family that is united with none.
    """
    row = Family.objects.select_related("authority").get(pk=ended)
    if row.merged_into_id is None:
        return None
    kept = row.merged_into_id
    _hold({ended, kept}, (), authority=row.authority_id)
    locked = families.lock_homes({ended, kept})
    people = Guardian.objects.filter(merged_into__isnull=False, family=ended)
    same = dict(people.values_list("pk", "merged_into"))
    counts = _unite_homes(locked[ended], locked[kept], guardians=same, taken=(), by=by, at=at, machine=machine)
    if moved := {name: count for name, count in counts.items() if count}:
        audit.record(
            "follow_family", authority=row.authority_id, of="family", key=kept, by=by, at=at, ended=ended, moved=moved
        )
    return kept


@operation
def merge_children(choices: Choices, *, by: Actor, at: datetime) -> bool:
    """Will make children who were noted twice one each (`choices.children`); their families stay what they are.

    A child noted in two homes lives with both. Tells whether anything changed: again does nothing. Raises
    UnableToUniteError.
    """
    pairs = dict(choices.children)
    homes = homes_of_children({*pairs, *pairs.values()})
    found = children_named({*pairs, *pairs.values()})
    if found.keys() != {*pairs, *pairs.values()} or not pairs:
        raise UnableToUniteError(Obstacle.WRONG_PAIR)
    authority: Authority = next(iter(found.values())).authority
    _hold(homes, found, authority=authority.pk)
    rows = children_named(found)
    pairs = {one: other for one, other in pairs.items() if rows[one].merged_into_id != other}
    if not pairs:
        return False
    if any(rows[key].merged_into_id is not None for key in {*pairs, *pairs.values()}):
        raise UnableToUniteError(Obstacle.GONE)
    if pairs.keys() & set(pairs.values()) or len(set(pairs.values())) != len(pairs):
        raise UnableToUniteError(Obstacle.WRONG_PAIR)
    today = at.astimezone(authority.zone).date()
    why = against_children(pairs, homes, health=choices.health, authority=authority.pk, on=today)
    if why:
        raise UnableToUniteError(*why)
    _unite_children(pairs, choices, by=by, at=at)
    return True


def _hold(homes: Collection[int], children: Collection[int], *, authority: int) -> set[int]:
    """Will hold what a union uses up, in the order in which everybody does; returns the children (keys).

    The authority first: files that were united with one that ends are written too, and which they are is known only
    when no other union goes on. Then runs of billing, baskets, children, payer accounts: as *Valider* and an issue
    take them.
    """
    list(Authority.objects.select_for_update(no_key=True).filter(pk=authority).values_list("pk"))
    billing.hold_billing(authority)
    reservations.hold_baskets_of(homes)
    every = {one.pk for home in homes for one in people_of_file(home).children} | set(children)
    lock_children(every)
    billing.lock_accounts_of(homes)
    return every


def _unite_homes(
    ended: Family,
    kept: Family,
    *,
    guardians: Mapping[int, int],
    taken: Collection[str],
    by: Actor,
    at: datetime,
    machine: datetime,
) -> dict[str, int]:
    meeting = accounts_that_meet(ended.pk, kept.pk)
    counts = families.unite_homes(ended, kept, taken=taken, guardians=guardians, at=at, machine=machine)
    counts |= reservations.unite_homes(ended.pk, kept.pk)
    counts |= news.unite_homes(ended.pk, kept.pk, guardians)
    today = at.astimezone(kept.authority.zone).date()
    counts |= billing.unite_homes(ended.pk, kept.pk, on=today, by=by, at=at)
    counts |= payments.unite_homes(ended.pk, kept.pk, meeting)
    counts["applications"] = Application.objects.filter(family=ended).update(family=kept)
    for guardian, other in guardians.items():
        Application.objects.filter(guardian=guardian).update(guardian=other)
    return counts


def _unite_children(pairs: Mapping[int, int], choices: Choices, *, by: Actor, at: datetime) -> None:
    if not pairs:
        return
    counts = families.unite_children(pairs, taken=choices.taken, health=choices.health, at=at)
    for ended, kept in pairs.items():
        for more in (
            reservations.unite_children(ended, kept, by=by, at=at),
            billing.unite_children(ended, kept),
            {"applications": _move_applications(ended, kept)},
        ):
            for name, count in more.items():
                counts[name] = counts.get(name, 0) + count
    (authority,) = {row.authority_id for row in children_named(pairs).values()}
    audit.record(
        "merge_children",
        authority=authority,
        of="child",
        key=next(iter(pairs.values())) if len(pairs) == 1 else None,
        by=by,
        at=at,
        pairs=sorted(pairs.items()),
        moved={name: count for name, count in counts.items() if count},
    )


def _move_applications(ended: int, kept: int) -> int:
    """Will make what was asked for a child asked for another, who is named in the answers of what is undecided."""
    names = {row.pk: row.public_id for row in children_named({ended, kept}).values()}
    about = Application.objects.filter(children__child=ended, state__in={State.DRAFT, *DECIDABLE}).order_by("pk")
    for one in about.select_for_update(of=("self",)):
        one.given = as_json(
            {
                code: tuple(dict.fromkeys(names[kept] if said == names[ended] else said for said in given))
                for code, given in one.answers.items()
            }
        )
        one.save(update_fields=["given"])
    there = ApplicationChild.objects.filter(child=kept).values("application")
    ApplicationChild.objects.filter(child=ended, application__in=there).delete()
    return ApplicationChild.objects.filter(child=ended).update(child=kept)
