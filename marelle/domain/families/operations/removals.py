"""A guardian's access to a family is removed, at once, and given back. What is about other rooms is theirs to end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from marelle.domain.accounts.operations.locking import lock_account
from marelle.domain.families.models import (
    AccessRemoval,
    Family,
    Guardian,
    Invitation,
    JoinRequest,
    Membership,
    MembershipCode,
    RemovedMembership,
)
from marelle.domain.families.models.removals import digest_of_address
from marelle.domain.families.queries.removals import home_that_is_shut, standing_removal
from marelle.domain.families.rules.removals import REMOVED, addresses_of_removed
from marelle.foundation import audit, outbox
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToRemoveError(Exception):
    """Her access was removed before. Nothing was written."""


class UnableToRestoreError(Exception):
    """It was given back before. Nothing was written."""


@operation
def shut_out(
    guardian: Guardian, *, kind: str, words: str, addresses: Mapping[str, str], by: Actor, at: datetime
) -> AccessRemoval:
    """Will end all that lets anybody act for a guardian, and keep her out from now on. `at` is the machine's.

    Memberships are ended, links and codes too; what her accounts had asked in order to join is refused. Of the
    family's own address and numbers, those that are hers become what `addresses` says (« email », « phone »,
    « other_phone »), or nothing: she is reached by none of them. Each account is written to. Raises
    UnableToRemoveError.
    """
    # In the order in which others hold them: what waits for an answer, the family, the guardian.
    waiting = _hold_requests(guardian)
    home = Family.objects.select_for_update(of=("self",), no_key=True).get(pk=guardian.family_id)
    row = Guardian.objects.select_for_update(no_key=True).get(pk=guardian.pk)
    if row.family_id != home.pk or standing_removal(row.pk) is not None:
        raise UnableToRemoveError
    members = list(Membership.objects.filter(guardian=row).select_related("user").order_by("pk"))
    emails = {each for each in (row.email, *(one.user.email for one in members)) if each}
    removal = AccessRemoval.objects.create(
        authority_id=row.authority_id,
        family_id=row.family_id,
        guardian=row,
        kind=kind,
        words=words,
        addresses=sorted(digest_of_address(each) for each in emails),
        removed_at=at,
        removed_by_id=by.key,
    )
    end_for_good(removal, members)
    for one in members:
        outbox.post(
            "letters.membership_ended",
            authority=row.authority_id,
            family=row.family_id,
            user=one.user_id,
            membership=one.pk,
        )
    Invitation.objects.filter(guardian=row, done_at=None, revoked_at=None).update(revoked_at=at)
    MembershipCode.objects.filter(guardian=row, used_at=None, revoked_at=None).update(revoked_at=at)
    refused = _refuse_requests(waiting, home, by=by, at=at)
    cleared = _correct_family(home, row, emails, addresses)
    audit.record(
        "remove_access", authority=row.authority_id, of="guardian", key=row.pk, by=by, at=at,
        family=row.family_id, accounts=[one.user_id for one in members], cleared=list(cleared), requests=refused,
    )  # fmt: skip
    return removal


def end_for_good(removal: AccessRemoval, members: Collection[Membership]) -> None:
    """Will end these memberships and note them with what ended them. Inside an operation."""
    RemovedMembership.objects.bulk_create(
        [
            RemovedMembership(
                authority_id=removal.authority_id, removal=removal, user_id=one.user_id, joined_at=one.joined_at
            )
            for one in members
        ],
        ignore_conflicts=True,
    )
    Membership.objects.filter(pk__in=[one.pk for one in members]).delete()


@operation
def restore_access(removal: AccessRemoval, *, by: Actor, at: datetime) -> int:
    """Will let a guardian's accounts act for her again, as before; returns how many. `at` is the machine's.

    Nothing else comes back: neither a link, a code, a basket, nor an address of the family. An account that was closed
    since, or that acts for somebody else of the family, gets nothing. Raises UnableToRestoreError.
    """
    guardian = Guardian.objects.select_for_update(no_key=True).get(pk=removal.guardian_id)
    row = AccessRemoval.objects.select_for_update(of=("self",)).get(pk=removal.pk)
    if row.lifted_at is not None:
        raise UnableToRestoreError
    row.lifted_at, row.lifted_by_id = at, by.key
    row.save(update_fields=["lifted_at", "lifted_by"])
    given = 0
    for one in RemovedMembership.objects.filter(removal=row, user__isnull=False).order_by("pk"):
        user = lock_account(one.user_id)
        if not user.is_active or Membership.objects.filter(user=user, family=guardian.family_id).exists():
            continue
        membership = Membership.objects.create(
            authority_id=row.authority_id,
            user=user,
            family_id=guardian.family_id,
            guardian=guardian,
            joined_at=one.joined_at,
        )
        outbox.post("letters.joined", authority=row.authority_id, membership=membership.pk)
        given += 1
    audit.record(
        "restore_access", authority=row.authority_id, of="guardian", key=guardian.pk, by=by, at=at,
        family=guardian.family_id, accounts=given,
    )  # fmt: skip
    return given


def _hold_requests(guardian: Guardian) -> list[JoinRequest]:
    """Will hold what the accounts of a guardian wait for an answer to."""
    users = list(Membership.objects.filter(guardian=guardian).values_list("user_id", flat=True))
    waiting = JoinRequest.objects.filter(user__in=users, state=JoinRequest.State.WAITING)
    return list(waiting.select_for_update(of=("self",)).order_by("pk"))


def _refuse_requests(waiting: Collection[JoinRequest], home: Family, *, by: Actor, at: datetime) -> int:
    """Will refuse those of these (held) requests that ask for a child of the family; returns how many."""
    rows = [row for row in waiting if home_that_is_shut(row) == home]
    for row in rows:
        row.state, row.reason, row.answered_at, row.answered_by_id = JoinRequest.State.REFUSED, REMOVED, at, by.key
        row.family = home
        row.save(update_fields=["state", "reason", "answered_at", "answered_by", "family"])
        outbox.post("letters.join_refused", authority=row.authority_id, request=row.pk)
    return len(rows)


def _correct_family(
    home: Family, guardian: Guardian, emails: Collection[str], said: Mapping[str, str]
) -> tuple[str, ...]:
    """Will write the (held) family's own address and numbers anew where they are the guardian's; returns which."""
    known = {name: getattr(home, name) for name in ("email", "phone", "other_phone")}
    hers = addresses_of_removed(known, emails=emails, phones=[guardian.phone])
    after = known | {name: said.get(name, "") for name in hers}
    # What was typed may be hers again.
    after |= dict.fromkeys(addresses_of_removed(after, emails=emails, phones=[guardian.phone]), "")
    for name in hers:
        setattr(home, name, after[name])
    if hers:
        home.save(update_fields=list(hers))
    return hers
