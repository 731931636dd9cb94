"""Links, codes and requests by which an account comes to act for a guardian. Every moment here is of the machine.

One guardian is locked before anything of hers is read again, whatever the way in: of two people who follow the same
link, or a link and a code, one comes in and the other is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from django.db.models import Q

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.locking import lock_account, lock_accounts
from marelle.domain.accounts.operations.people import open_account
from marelle.domain.families.models import (
    Child,
    Custody,
    Family,
    Guardian,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
)
from marelle.domain.families.models.joining import digest_of
from marelle.domain.families.queries.joining import guardian_facts, link_facts, sure_matches, taken_addresses
from marelle.domain.families.queries.removals import home_that_is_shut, may_come_in
from marelle.domain.families.rules.codes import tidy
from marelle.domain.families.rules.removals import REMOVED
from marelle.domain.families.rules.ways_in import Uninvited, is_good, uninvited
from marelle.foundation import audit, outbox
from marelle.foundation.actors import SYSTEM, Actor
from marelle.foundation.encryption import encrypt
from marelle.foundation.public_ids import new_public_id
from marelle.foundation.writes import operation

# How many letters one message of the queue is about: some are tried again when the mail server is down.
LETTERS_AT_ONCE = 50
ANIMALS = ("squirrel", "turtle", "bird", "snail", "cat", "dog", "rabbit", "fish", "rat", "panda")
CHALKS = ("coral", "mint", "lilac", "sun", "sky")


class No(Enum):
    """Why an account does not come to act for a guardian."""

    # Unknown, used, expired, revoked, or sent to an address that was corrected since: never said which.
    NOT_GOOD = "not_good"
    ALREADY_IN_FAMILY = "already_in_family"
    # The authority keeps her, or this account, out of the family.
    REMOVED = "removed"


class UnableToJoinError(Exception):
    """The account does not act for anybody more than before: `no` says why. Nothing was written."""

    def __init__(self, no: No) -> None:
        """Will keep why."""
        super().__init__(no.name)
        self.no = no


class UnableToInviteError(Exception):
    """A guardian is not sent a link: `why`. Nothing was written."""

    def __init__(self, why: Uninvited) -> None:
        """Will keep why."""
        super().__init__(why.name)
        self.why = why


class AlreadyAskedError(Exception):
    """The account waits for an answer of the authority already. Nothing was written."""


class AlreadyAnsweredError(Exception):
    """Somebody answered this request before. Nothing was written."""


class UnableToAcceptError(Exception):
    """What an agent chose for a request does not hold any more. Nothing was written."""


class AccessRemovedError(UnableToAcceptError):
    """Who asks is kept out of the family that an agent chose. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Invited:
    """How many were sent something, and how many were not, by reason."""

    count: int
    why_not: dict[Uninvited, int]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who asks to be attached, as a guardian is written; the address is the account's."""

    first_name: str
    last_name: str
    phone: str


# ------------------------------------------------------------------------------------------------------------ links


@operation
def invite(guardians: Collection[int], *, days: int, again: bool, by: Actor, at: datetime) -> Invited:
    """Will send an activation link, good for `days`, to those of `guardians` (keys) who may be sent one.

    With `again`, those who were written to get a new link, and the one before ends; without, they are left in peace.
    """
    people = _locked(guardians)
    facts = guardian_facts(people, at=at)
    why = uninvited(facts, taken=taken_addresses({one.family for one in facts}, at=at), again=again)
    chosen = [one for one in people if one.pk not in why]
    _send_links(chosen, days=days, by=by, at=at)
    counted: dict[Uninvited, int] = defaultdict(int)
    for reason in why.values():
        counted[reason] += 1
    return Invited(len(chosen), dict(counted))


@operation
def send_again(invitation: Invitation, *, days: int, by: Actor, at: datetime) -> None:
    """Will send the guardian of a link another one, good for `days`; the one before ends. Raises UnableToInviteError.

    A link that is over, or that came back, is replaced too: that is when one asks.
    """
    (guardian,) = _locked([invitation.guardian_id])
    facts = guardian_facts([guardian], at=at)
    why = uninvited(facts, taken=taken_addresses({guardian.family_id}, at=at), again=True)
    if guardian.pk in why:
        raise UnableToInviteError(why[guardian.pk])
    _send_links([guardian], days=days, by=by, at=at)


@operation
def ask_for_link(email: str, *, by: Actor, at: datetime) -> None:
    """Will have a letter written to an address: its link again, or what to do without one. Says nothing here.

    As for `ask_for_account`, what is done now is the same whatever the address.
    """
    outbox.post("letters.link_asked", address=encrypt(email.strip().lower()))


@operation
def note_sent(row: Invitation | MembershipCode, *, by: Actor, at: datetime) -> None:
    """Will note that the mail server took the letter."""
    changed = {"sent_at": at} if isinstance(row, MembershipCode) else {"sent_at": at, "failed_at": None}
    type(row).objects.filter(pk=row.pk).update(**changed)


@operation
def note_failed(invitation: Invitation, *, by: Actor, at: datetime) -> None:
    """Will note that the mail server did not take the letter; it is tried again later."""
    Invitation.objects.filter(pk=invitation.pk, sent_at__isnull=True).update(failed_at=at)


@operation
def note_opened(invitation: Invitation, *, by: Actor, at: datetime) -> None:
    """Will note that somebody pressed the button of the link's page: a program that only reads it presses nothing."""
    if Invitation.objects.filter(pk=invitation.pk, opened_at__isnull=True).update(opened_at=at):
        _tell("open_invitation", invitation, by=by, at=at)


@operation
def mark_returned(guardian: Guardian, *, by: Actor, at: datetime) -> bool:
    """Will note that the letter came back, as an agent saw in the mailbox; tells whether a link was waiting."""
    waiting = Invitation.objects.filter(guardian=guardian, done_at=None, revoked_at=None, returned_at=None)
    count = waiting.update(returned_at=at)
    if count:
        _tell("return_invitation", guardian, of="guardian", by=by, at=at)
    return bool(count)


@operation
def note_returned(invitation: Invitation, *, by: Actor, at: datetime) -> bool:
    """Will note that the letter of a link came back, as its mail server said; tells whether it was waiting."""
    waiting = Invitation.objects.filter(pk=invitation.pk, done_at=None, revoked_at=None, returned_at=None)
    count = waiting.update(returned_at=at)
    if count:
        _tell("return_invitation", invitation, by=by, at=at)
    return bool(count)


@operation
def revoke_ways_in(guardian: Guardian, *, by: Actor, at: datetime) -> bool:
    """Will end the link and the code that a guardian may hold; tells whether there was one."""
    _locked([guardian.pk])
    count = _end_links([guardian.pk], at=at) + _end_codes([guardian.pk], at=at)
    if count:
        _tell("revoke_ways_in", guardian, of="guardian", by=by, at=at)
    return bool(count)


@operation
def complete_activation(
    invitation: Invitation, *, user: User | None, password: str, phone: str, by: Actor, at: datetime
) -> Membership:
    """Will let an account act for the guardian of a link: `user`, or a new one at the link's address.

    `phone` becomes the guardian's, unless empty. Raises UnableToJoinError, and AccountExistsError when the address has
    an account and `user` is None: its owner signs in first.
    """
    (guardian,) = _locked([invitation.guardian_id])
    link = Invitation.objects.get(pk=invitation.pk)
    if not is_good(link_facts(link, guardian), at=at) or _is_member(guardian):
        raise UnableToJoinError(No.NOT_GOOD)
    account = user or open_account(link.email, password, by=by, at=at)
    membership = _join(guardian, account, by=by, at=at, how="invitation")
    changed = {"done_at": at, "opened_at": link.opened_at or at}
    Invitation.objects.filter(pk=link.pk).update(**changed)
    _end_links([guardian.pk], at=at)
    _end_codes([guardian.pk], at=at)
    if phone and phone != guardian.phone:
        Guardian.objects.filter(pk=guardian.pk).update(phone=phone)
    return membership


# ------------------------------------------------------------------------------------------------------------ codes


@operation
def issue_codes(guardians: Collection[int], delivery: str, *, days: int, by: Actor, at: datetime) -> Invited:
    """Will give a code, good for `days`, to those of `guardians` (keys) who have no account; a code before it ends.

    By mail, it is sent to those who have an address of their own; by letter, it waits to be printed, and again.
    """
    people = _locked(guardians)
    facts = guardian_facts(people, at=at)
    why = uninvited(facts, taken=taken_addresses({one.family for one in facts}, at=at), again=True)
    if delivery == MembershipCode.Delivery.LETTER:
        why = {key: reason for key, reason in why.items() if reason in {Uninvited.MEMBER, Uninvited.REMOVED}}
    chosen = [one for one in people if one.pk not in why]
    _end_codes([one.pk for one in chosen], at=at)
    is_mail = delivery == MembershipCode.Delivery.MAIL
    codes = [
        MembershipCode(
            authority_id=one.authority_id,
            family_id=one.family_id,
            guardian=one,
            delivery=delivery,
            email=one.email if is_mail else "",
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        for one in chosen
    ]
    for code in codes:
        code.keep_digest()
    MembershipCode.objects.bulk_create(codes, batch_size=1000)
    if is_mail:
        _post("letters.membership_codes", "codes", codes)
    if codes:
        authority = codes[0].authority_id
        audit.record(
            "issue_codes", authority=authority, of="membership_code", key=None, by=by, at=at,
            count=len(codes), delivery=delivery,
        )  # fmt: skip
    counted: dict[Uninvited, int] = defaultdict(int)
    for reason in why.values():
        counted[reason] += 1
    return Invited(len(chosen), dict(counted))


@operation
def join_by_code(user: User, typed: str, *, by: Actor, at: datetime) -> Membership:
    """Will let `user` act for the guardian of a code, typed as people type. Raises UnableToJoinError.

    An unknown code and one that is over cost the same one question, so that the time says nothing either.
    """
    good = Q(used_at=None, revoked_at=None, expires_at__gt=at)
    found = MembershipCode.objects.filter(good, code_digest=digest_of(tidy(typed))).first()
    if found is None:
        raise UnableToJoinError(No.NOT_GOOD)
    (guardian,) = _locked([found.guardian_id])
    if _is_member(guardian) or not MembershipCode.objects.filter(good, pk=found.pk).exists():
        raise UnableToJoinError(No.NOT_GOOD)
    membership = _join(guardian, user, by=by, at=at, how="code")
    MembershipCode.objects.filter(pk=found.pk).update(used_at=at)
    _end_codes([guardian.pk], at=at)
    _end_links([guardian.pk], at=at)
    return membership


# --------------------------------------------------------------------------------------------------------- requests


@operation
def ask_to_join(
    user: User,
    *,
    authority: int,
    who: NewPerson,
    child_first_name: str,
    child_last_name: str,
    child_birth_date: date,
    words: str,
    by: Actor,
    at: datetime,
) -> JoinRequest:
    """Will note that an account asks an authority (key) to act for a family. Raises AlreadyAskedError.

    Whether such a child is known is not looked at here: only an agent learns it. But for who is kept out of that
    child's family: she knows it, and is answered at once, by the one sentence (`rules.removals`).
    """
    user = lock_account(user.pk)
    if JoinRequest.objects.filter(authority_id=authority, user=user, state=JoinRequest.State.WAITING).exists():
        raise AlreadyAskedError
    request = JoinRequest.objects.create(
        authority_id=authority,
        user=user,
        first_name=who.first_name,
        last_name=who.last_name,
        phone=who.phone,
        child_first_name=child_first_name,
        child_last_name=child_last_name,
        child_birth_date=child_birth_date,
        words=words,
        asked_at=at,
    )
    audit.record("ask_to_join", authority=authority, of="join_request", key=request.pk, by=by, at=at)
    shut = home_that_is_shut(request)
    if shut is not None:
        _answer(request, JoinRequest.State.REFUSED, reason=REMOVED, family=shut.pk, by=SYSTEM, at=at)
    return request


@operation
def accept_join(
    request: JoinRequest, *, guardian: Guardian | None, family: Family | None, on: date, by: Actor, at: datetime
) -> Membership:
    """Will let the account of a request act for `guardian`, or a new guardian of `family`; with neither, of a new one.

    A new family gets the child that was named, from the day `on`. Raises AlreadyAnsweredError, UnableToAcceptError when
    the guardian has an account or the account has the family, AccessRemovedError when it is kept out of it.
    """
    row = _still_waiting(request)
    chosen = guardian or _new_guardian(row, family or _new_family(row, on=on))
    (chosen,) = _locked([chosen.pk])
    if _is_member(chosen):
        raise UnableToAcceptError
    try:
        membership = _join(chosen, row.user, by=by, at=at, how="request")
    except UnableToJoinError as error:
        raise (AccessRemovedError if error.no is No.REMOVED else UnableToAcceptError) from error
    _end_links([chosen.pk], at=at)
    _end_codes([chosen.pk], at=at)
    _answer(row, JoinRequest.State.ACCEPTED, reason="", family=chosen.family_id, by=by, at=at)
    return membership


@operation
def refuse_join(request: JoinRequest, *, reason: str, by: Actor, at: datetime) -> None:
    """Will refuse a request, for a reason that its author reads. Raises AlreadyAnsweredError."""
    row = _still_waiting(request)
    _answer(row, JoinRequest.State.REFUSED, reason=reason, family=None, by=by, at=at)
    outbox.post("letters.join_refused", authority=row.authority_id, request=row.pk)


class NotJoined(Enum):
    """Why a request that was ticked among others waits on."""

    NOT_SURE = "not_sure"
    NOT_POSSIBLE = "not_possible"
    # An agent keeps who asks out of a family: her request is answered alone, its warning read.
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class AnsweredTogether:
    """What became of each request (keys): answered now, answered by somebody before; or left, and why, by key."""

    done: tuple[int, ...] = ()
    already: tuple[int, ...] = ()
    left: Mapping[int, NotJoined] = field(default_factory=dict)


@operation
def accept_joins(seen: Mapping[int, str], *, on: date, by: Actor, at: datetime) -> AnsweredTogether:
    """Will accept those of these requests (keys) that one guardian certainly made, and say what became of each.

    As `accept_join` for each of them, with the guardian of `sure_matches` on that day (local), when it is the one
    (public id) whom the agent saw; the others are left, and among them all who are kept out of a family.
    """
    waiting, already = _waiting_among(seen)
    rows = {
        one.pk: one for one in JoinRequest.objects.select_related("user").filter(pk__in=[row.pk for row in waiting])
    }
    sure, kept_out = sure_matches(list(rows.values()), on=on)
    # Nobody is of two requests: the one that was made first has her.
    first_of: dict[int, int] = {}
    for row in waiting:
        if row.pk in sure and sure[row.pk].public_id == seen[row.pk]:
            first_of.setdefault(sure[row.pk].pk, row.pk)
    chosen = {first_of[guardian.pk]: guardian for guardian in _locked(first_of)}
    lock_accounts([rows[key].user_id for key in chosen])
    done: list[int] = []
    left: dict[int, NotJoined] = {}
    for row in waiting:
        guardian = chosen.get(row.pk)
        if row.pk in kept_out:
            left[row.pk] = NotJoined.REMOVED
        elif guardian is None:
            left[row.pk] = NotJoined.NOT_SURE
        elif _is_member(guardian):
            left[row.pk] = NotJoined.NOT_POSSIBLE
        else:
            try:
                _join(guardian, rows[row.pk].user, by=by, at=at, how="request")
            except UnableToJoinError as error:  # raised before anything of this request is written
                left[row.pk] = NotJoined.REMOVED if error.no is No.REMOVED else NotJoined.NOT_POSSIBLE
                continue
            _end_links([guardian.pk], at=at)
            _end_codes([guardian.pk], at=at)
            _answer(row, JoinRequest.State.ACCEPTED, reason="", family=guardian.family_id, by=by, at=at)
            done.append(row.pk)
    return AnsweredTogether(tuple(done), already, left)


@operation
def refuse_joins(requests: Collection[int], *, reason: str, by: Actor, at: datetime) -> AnsweredTogether:
    """Will refuse these requests (keys) for one reason that each author reads, and say which were answered before."""
    waiting, already = _waiting_among(requests)
    for row in waiting:
        _answer(row, JoinRequest.State.REFUSED, reason=reason, family=None, by=by, at=at)
        outbox.post("letters.join_refused", authority=row.authority_id, request=row.pk)
    return AnsweredTogether(tuple(row.pk for row in waiting), already)


@operation
def end_membership(membership: Membership, *, by: Actor, at: datetime) -> bool:
    """Will take its family away from an account, at once: each page asks again. Nothing else of either changes.

    Tells whether the account still had it; it is written to.
    """
    (guardian,) = _locked([membership.guardian_id])
    count, _rows = Membership.objects.filter(pk=membership.pk).delete()
    if not count:
        return False
    outbox.post(
        "letters.membership_ended",
        authority=membership.authority_id,
        family=guardian.family_id,
        user=membership.user_id,
        membership=membership.pk,
    )
    audit.record(
        "end_membership", authority=membership.authority_id, of="guardian", key=guardian.pk, by=by, at=at,
        user=membership.user_id,
    )  # fmt: skip
    return True


# ---------------------------------------------------------------------------------------------------- what they share


def _locked(guardians: Iterable[int]) -> list[Guardian]:
    """Will lock these guardians in the order of their keys."""
    return list(Guardian.objects.select_for_update(no_key=True).filter(pk__in=list(guardians)).order_by("pk"))


def _is_member(guardian: Guardian) -> bool:
    return Membership.objects.filter(guardian=guardian).exists()


def _send_links(guardians: Collection[Guardian], *, days: int, by: Actor, at: datetime) -> None:
    """Will end the links that these (locked) guardians hold, and send each a new one."""
    if not guardians:
        return
    _end_links([one.pk for one in guardians], at=at)
    links = [
        Invitation(
            authority_id=one.authority_id,
            family_id=one.family_id,
            guardian=one,
            email=one.email,
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        for one in guardians
    ]
    for link in links:
        link.keep_digest()
    Invitation.objects.bulk_create(links, batch_size=1000)
    _post("letters.invitations", "invitations", links)
    authority = links[0].authority_id
    audit.record("invite", authority=authority, of="invitation", key=None, by=by, at=at, count=len(links))


def _post(task: str, named: str, rows: list[Any]) -> None:
    for first in range(0, len(rows), LETTERS_AT_ONCE):
        some = rows[first : first + LETTERS_AT_ONCE]
        facts: dict[str, int | list[int]] = {"authority": some[0].authority_id, named: [row.pk for row in some]}
        outbox.post(task, **facts)  # type: ignore[arg-type]  # keys and lists of keys


def _end_links(guardians: Collection[int], *, at: datetime) -> int:
    waiting = Invitation.objects.filter(guardian__in=list(guardians), done_at=None, revoked_at=None)
    return waiting.update(revoked_at=at)


def _end_codes(guardians: Collection[int], *, at: datetime) -> int:
    waiting = MembershipCode.objects.filter(guardian__in=list(guardians), used_at=None, revoked_at=None)
    return waiting.update(revoked_at=at)


def _join(guardian: Guardian, user: User, *, by: Actor, at: datetime, how: str) -> Membership:
    """Will note that `user` acts for a (locked) guardian, and have both written to. Raises UnableToJoinError."""
    # Two links of one family, followed by one account at the same instant, meet here; and one merged meanwhile.
    user = lock_account(user.pk)
    if not may_come_in(user, guardian):
        raise UnableToJoinError(No.REMOVED)
    if Membership.objects.filter(user=user, family=guardian.family_id).exists():
        raise UnableToJoinError(No.ALREADY_IN_FAMILY)
    membership = Membership.objects.create(
        authority_id=guardian.authority_id, user=user, family_id=guardian.family_id, guardian=guardian, joined_at=at
    )
    outbox.post("letters.joined", authority=guardian.authority_id, membership=membership.pk)
    audit.record(
        "join", authority=guardian.authority_id, of="guardian", key=guardian.pk, by=by, at=at, user=user.pk, how=how
    )
    return membership


def _still_waiting(request: JoinRequest) -> JoinRequest:
    # Not with its account: a row whose account changed while we waited for it would not be found by the join.
    row = JoinRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != JoinRequest.State.WAITING:
        raise AlreadyAnsweredError
    return row


def _waiting_among(requests: Collection[int]) -> tuple[list[JoinRequest], tuple[int, ...]]:
    """Will hold these requests (keys), in the order of their keys: those that wait, and the keys of the others."""
    rows = list(JoinRequest.objects.select_for_update().filter(pk__in=requests).order_by("pk"))
    waiting = [row for row in rows if row.state == JoinRequest.State.WAITING]
    return waiting, tuple(row.pk for row in rows if row.state != JoinRequest.State.WAITING)


def _answer(row: JoinRequest, state: str, *, reason: str, family: int | None, by: Actor, at: datetime) -> None:
    row.state, row.reason, row.answered_at, row.answered_by_id, row.family_id = state, reason, at, by.key, family
    row.save(update_fields=["state", "reason", "answered_at", "answered_by", "family"])
    audit.record(
        "answer_join", authority=row.authority_id, of="join_request", key=row.pk, by=by, at=at, state=str(state)
    )


def _new_family(row: JoinRequest, *, on: date) -> Family:
    name = row.child_last_name
    family = Family.objects.create(
        authority_id=row.authority_id, code=f"M-{new_public_id()}", name=name, email=row.user.email, phone=row.phone
    )
    child = Child.objects.create(
        authority_id=row.authority_id,
        code=f"{family.code}-1",
        first_name=row.child_first_name,
        last_name=row.child_last_name,
        birth_date=row.child_birth_date,
        animal=ANIMALS[family.pk % len(ANIMALS)],
        chalk=CHALKS[family.pk % len(CHALKS)],
    )
    Custody.objects.create(authority_id=row.authority_id, child=child, family=family, starts_on=on)
    return family


def _new_guardian(row: JoinRequest, family: Family) -> Guardian:
    """Will add who asks to a family. Raises UnableToAcceptError: somebody of that name there is the one to choose."""
    same = Guardian.objects.filter(family=family, first_name=row.first_name, last_name=row.last_name)
    if same.exists():
        raise UnableToAcceptError
    return Guardian.objects.create(
        authority_id=row.authority_id,
        family=family,
        first_name=row.first_name,
        last_name=row.last_name,
        email=row.user.email,
        phone=row.phone,
    )


def _tell(verb: str, row: Any, *, of: str = "invitation", by: Actor, at: datetime) -> None:
    audit.record(verb, authority=row.authority_id, of=of, key=row.pk, by=by, at=at)


@operation
def correct_address(guardian: Guardian, *, email: str, by: Actor, at: datetime) -> bool:
    """Will write the address of a guardian as an agent knows it; tells whether it changed.

    A link or a code that was sent to the former one is good no more (`rules.ways_in`). The account's own address, with
    which one signs in, is not touched.
    """
    row = Guardian.objects.select_for_update(no_key=True).get(pk=guardian.pk)
    if row.email == email:
        return False
    row.email = email
    row.save(update_fields=["email"])
    audit.record("correct_address", authority=row.authority_id, of="guardian", key=row.pk, by=by, at=at)
    return True
