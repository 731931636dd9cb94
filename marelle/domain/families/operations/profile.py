"""A family changes its file: at once where it may, else by a proposal that an agent approves or refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import (
    Child,
    Family,
    Guardian,
    HealthRecord,
    ProfilePolicy,
    ProfileSettings,
    ProposedChange,
)
from marelle.domain.families.queries import children_of
from marelle.domain.families.queries.profile import value_of, values_of, ways_at
from marelle.domain.families.rules.profile import (
    FIELDS,
    Fault,
    Kind,
    Standing,
    Subject,
    meant,
    read_value,
    sorted_changes,
    standing_of,
)
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class NotThisWayError(Exception):
    """A field that the family may not change here: another's, unknown, or by a request only. Nothing was written."""


class UnableToChangeError(Exception):
    """Values are not taken: `faults` says why, by field code. Nothing was written."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        """Will keep why."""
        super().__init__(sorted(faults))
        self.faults = faults


class WhyNot(StrEnum):
    """Why an answer to a proposed change is not taken."""

    DECIDED = "decided"
    STALE = "stale"
    NAME_TAKEN = "name_taken"
    NO_REASON = "no_reason"


class UnableToDecideError(Exception):
    """The answer is not taken: `why`. Nothing was written."""

    def __init__(self, why: WhyNot) -> None:
        """Will keep why."""
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of what a family wanted: the fields (codes) changed at once, and those proposed to the town hall."""

    at_once: tuple[str, ...]
    proposed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Will tell whether anything was written."""
        return bool(self.at_once or self.proposed)


@operation
def change_profile(
    family: Family,
    wanted: Mapping[str, str],
    *,
    guardian: Guardian | None = None,
    child: Child | None = None,
    seen: Mapping[str, str] | None = None,
    by: Actor,
    at: datetime,
) -> Changed:
    """Will change what the family may change by itself, propose what an agent reads first, and say which is which.

    `wanted` holds values by field code, of the family, or of `guardian`, or of `child`, who are of this family. A
    proposal takes the place of one that waits for the same field; wanting what the file says withdraws it. The same
    again writes nothing. `seen` is what the file said when the page was opened: what somebody else, as the other home
    of a child, wrote since is not undone. Raises NotThisWayError and UnableToChangeError.
    """
    locked = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    on = at.astimezone(family.authority.zone).date()
    rows = _rows(locked, guardian, child, on=on)
    if any(code not in FIELDS or FIELDS[code].subject not in rows for code in wanted):
        raise NotThisWayError
    read = {code: read_value(FIELDS[code], given, on=on) for code, given in wanted.items()}
    current = values_of(rows)
    read, of_two = meant(current, read, seen or {})
    if of_two:
        raise UnableToChangeError(dict.fromkeys(of_two, Fault.CHANGED))
    todo = sorted_changes(current, read, ways_at(family.authority_id))
    if todo.not_theirs:
        raise NotThisWayError
    faults = {code: value for code, value in read.items() if isinstance(value, Fault)}
    if faults:
        raise UnableToChangeError(faults)
    if _is_name_taken(rows.get(Subject.GUARDIAN), todo.at_once):
        raise UnableToChangeError(dict.fromkeys(todo.at_once, Fault.NAME_TAKEN))
    for code, value in todo.at_once.items():
        _set(rows[FIELDS[code].subject], code, value, child)
    whose = {"family": locked, "guardian": guardian, "child": child}
    proposed = _propose(whose, list(read), todo.to_propose, current, by=by, at=at)
    if todo.at_once:
        row = guardian or child or family
        audit.record(
            "change_profile",
            authority=family.authority_id,
            of=row._meta.model_name or "",
            key=row.pk,
            by=by,
            at=at,
            fields=list(todo.at_once),
            family=family.pk,
        )
    return Changed(tuple(todo.at_once), proposed)


@operation
def withdraw_change(change: ProposedChange, *, by: Actor, at: datetime) -> bool:
    """Will take back what the family proposed; tells whether it still waited."""
    Family.objects.select_for_update(no_key=True).get(pk=change.family_id)
    count = ProposedChange.objects.filter(pk=change.pk, state=ProposedChange.State.WAITING).update(
        state=ProposedChange.State.WITHDRAWN, decided_at=at
    )
    if count:
        audit.record("withdraw_change", authority=change.authority_id, of="proposedchange", key=change.pk, by=by, at=at)
    return bool(count)


@operation
def decide_change(change: ProposedChange, *, is_approved: bool, reason: str = "", by: Actor, at: datetime) -> bool:
    """Will approve what a family proposed and change the file, or refuse it and say why; the family is written to.

    Tells whether it was decided now: the same answer by two agents at once is one answer. Raises UnableToDecideError
    when a refusal has no reason, when somebody else decided otherwise, when the file no longer says what it said (it
    may be refused), when another guardian bears that name.
    """
    reason = reason.strip()
    if not is_approved and not reason:
        raise UnableToDecideError(WhyNot.NO_REASON)
    family = Family.objects.select_for_update(no_key=True).get(pk=change.family_id)
    return _decide(family, change, is_approved=is_approved, reason=reason, by=by, at=at)


@dataclass(frozen=True, slots=True)
class DecidedTogether:
    """What became of each change (keys): answered now, answered so before; or left waiting, and why, by key."""

    done: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    left: Mapping[int, WhyNot] = field(default_factory=dict)


@operation
def decide_changes(
    changes: Collection[ProposedChange], *, is_approved: bool, reason: str = "", by: Actor, at: datetime
) -> DecidedTogether:
    """Will give one answer to several changes, each as `decide_change`, and say what became of each.

    One that cannot be answered so stays as it is: the others are answered all the same. Families are held in the order
    of their keys. Raises UnableToDecideError when a refusal has no reason: nothing is written then.
    """
    reason = reason.strip()
    if not is_approved and not reason:
        raise UnableToDecideError(WhyNot.NO_REASON)
    keys = {change.family_id for change in changes}
    families = {
        family.pk: family for family in Family.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    }
    # Then the children, in the order of theirs: the other home of one may be answered about at the same moment.
    children = {change.child_id for change in changes if change.child_id}
    list(Child.objects.select_for_update(no_key=True).filter(pk__in=children).order_by("pk").values_list("pk"))
    done: list[int] = []
    already: list[int] = []
    left: dict[int, WhyNot] = {}
    for change in sorted(changes, key=lambda one: (one.proposed_at, one.pk)):
        try:
            is_new = _decide(families[change.family_id], change, is_approved=is_approved, reason=reason, by=by, at=at)
        except UnableToDecideError as error:  # raised before anything of this change is written
            left[change.pk] = error.why
            continue
        (done if is_new else already).append(change.pk)
    return DecidedTogether(tuple(done), tuple(already), left)


def _decide(family: Family, change: ProposedChange, *, is_approved: bool, reason: str, by: Actor, at: datetime) -> bool:
    """Will write one answer, its family (held) being the one that the change is of; see `decide_change`."""
    row = ProposedChange.objects.select_related("guardian", "child").get(pk=change.pk)
    wanted = ProposedChange.State.APPROVED if is_approved else ProposedChange.State.REFUSED
    if row.state == wanted:
        return False
    if row.state != ProposedChange.State.WAITING:
        raise UnableToDecideError(WhyNot.DECIDED)
    if is_approved:
        _approve(family, row)
    row.state, row.decided_at, row.decided_by_id, row.reason = wanted, at, by.key, reason
    row.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    outbox.post("letters.change_decided", authority=change.authority_id, change=change.pk)
    audit.record(
        "decide_change",
        authority=change.authority_id,
        of="proposedchange",
        key=change.pk,
        by=by,
        at=at,
        state=row.state,
        field=row.field,
        family=change.family_id,
    )
    return True


@operation
def set_profile_rules(
    authority: Authority, ways: Mapping[str, str], *, confirmation_month: int | None, by: Actor, at: datetime
) -> bool:
    """Will set how each field of the file is changed, and the month (1 to 12) from which families confirm it.

    Tells whether anything changed. What families proposed already waits on. Raises ValueError for a field that does
    not exist, a way that it does not allow, or a month that is none.
    """
    for code, way in ways.items():
        if way not in FIELDS[code].ways:
            message = f"{code} is not changed by {way}"
            raise ValueError(message)
    if confirmation_month is not None and not 1 <= confirmation_month <= 12:  # noqa: PLR2004  months of a year
        message = f"{confirmation_month} is not a month"
        raise ValueError(message)
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    before = ways_at(authority.pk)
    changed = {code: way for code, way in ways.items() if before[code] != way}
    for code, way in changed.items():
        ProfilePolicy.objects.update_or_create(authority=authority, field=code, defaults={"way": way})
    settings, is_new = ProfileSettings.objects.get_or_create(
        authority=authority, defaults={"confirmation_month": confirmation_month}
    )
    is_other_month = settings.confirmation_month != confirmation_month or (is_new and confirmation_month is not None)
    if is_other_month and not is_new:
        settings.confirmation_month = confirmation_month
        settings.save(update_fields=["confirmation_month"])
    if not changed and not is_other_month:
        return False
    audit.record(
        "set_profile_rules",
        authority=authority.pk,
        of="authority",
        key=authority.pk,
        by=by,
        at=at,
        ways=changed,
        month=confirmation_month,
    )
    return True


def _rows(family: Family, guardian: Guardian | None, child: Child | None, *, on: date) -> dict[Subject, Any]:
    """Will return the rows whose fields are meant, fresh; raises NotThisWayError for somebody of another family."""
    if guardian is not None:
        mine = Guardian.objects.filter(family=family, pk=guardian.pk).first()
        if mine is None:
            raise NotThisWayError
        return {Subject.GUARDIAN: mine}
    if child is not None:
        if not children_of(family.pk, on=on).filter(pk=child.pk).exists():
            raise NotThisWayError
        # The other home of a child may be changing the same row.
        row = Child.objects.select_for_update(no_key=True).get(pk=child.pk)
        return {Subject.CHILD: row, Subject.HEALTH: HealthRecord.objects.filter(child=row).first()}
    return {Subject.FAMILY: family}


def _approve(family: Family, change: ProposedChange) -> None:
    field = FIELDS[change.field]
    row: Any = family
    if change.guardian is not None:
        row = change.guardian
    if change.child is not None:
        row = Child.objects.select_for_update(no_key=True).get(pk=change.child_id)
        if field.subject is Subject.HEALTH:
            row = HealthRecord.objects.filter(child=row).first()
    standing = standing_of(old=change.old, new=change.new, current=value_of(row, field.column))
    if standing is Standing.STALE:
        raise UnableToDecideError(WhyNot.STALE)
    if standing is Standing.ALREADY_SO:
        return
    if _is_name_taken(row, {change.field: change.new}):
        raise UnableToDecideError(WhyNot.NAME_TAKEN)
    _set(row, change.field, change.new, change.child)


def _set(row: Any, code: str, value: str, child: Child | None) -> None:
    """Will write one value; a child of whose health nothing is known gets a record."""
    field = FIELDS[code]
    if row is None and child is not None:
        HealthRecord.objects.create(authority_id=child.authority_id, child=child, **{field.column: value})
        return
    setattr(row, field.column, date.fromisoformat(value) if field.kind is Kind.DAY else value)
    row.save(update_fields=[field.column])


def _is_name_taken(row: Any, wanted: Mapping[str, str]) -> bool:
    """Will tell whether another guardian of the family bears the name that these values (by field code) make."""
    if not isinstance(row, Guardian):
        return False
    names = {"first_name": row.first_name, "last_name": row.last_name}
    names |= {FIELDS[code].column: value for code, value in wanted.items() if FIELDS[code].column in names}
    return Guardian.objects.filter(family=row.family_id, **names).exclude(pk=row.pk).exists()


def _propose(
    whose: dict[str, Any],
    asked: list[str],
    to_propose: Mapping[str, str],
    current: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
) -> tuple[str, ...]:
    """Will make the proposals of these fields the ones that wait, and return the codes of the new ones.

    A proposal that waits for a field that was asked about gives way, unless it says the same of the same file.
    """
    authority = whose["family"].authority_id
    kept = set()
    waiting = ProposedChange.objects.filter(state=ProposedChange.State.WAITING, field__in=asked, **whose)
    for change in waiting.order_by("pk"):
        if (change.old, change.new) == (current[change.field], to_propose.get(change.field)):
            kept.add(change.field)
            continue
        change.state, change.decided_at = ProposedChange.State.WITHDRAWN, at
        change.save(update_fields=["state", "decided_at"])
        audit.record("withdraw_change", authority=authority, of="proposedchange", key=change.pk, by=by, at=at)
    new = [code for code in to_propose if code not in kept]
    for code in new:
        change = ProposedChange.objects.create(
            authority_id=authority,
            field=code,
            old=current[code],
            new=to_propose[code],
            proposed_at=at,
            proposed_by_id=by.key,
            **whose,
        )
        audit.record(
            "propose_change", authority=authority, of="proposedchange", key=change.pk, by=by, at=at, field=code
        )
    return tuple(new)
