"""The tasks of the ways in: links and codes sent, what an address is told, who learns that an account came in."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import Family, Invitation, JoinRequest, Membership, MembershipCode
from marelle.domain.families.operations.joining import (
    UnableToInviteError,
    note_failed,
    note_sent,
    send_again,
)
from marelle.domain.families.queries.joining import link_facts, links_to_send_again
from marelle.domain.families.rules.ways_in import is_good, same_address
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.encryption import decrypt
from marelle.jobs.tasks import PATIENT, for_authority, tasks
from marelle.letters import about_joining
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send, send_to_address

if TYPE_CHECKING:
    from marelle.letters.writing import Draft


@for_authority("letters.invitations")
def invitations(authority: Authority, *, invitations: list[int]) -> None:
    """Will send each of these links that is still good; those that the mail server refused are tried again later."""
    rows = Invitation.objects.filter(pk__in=invitations).select_related("guardian", "family").order_by("pk")
    failed = 0
    for row in rows:
        if row.sent_at is not None or not is_good(link_facts(row, row.guardian), at=clock.machine_now()):
            continue
        try:
            _send(Letter.Kind.INVITATION, about_joining.invitation(row, authority), row)
        except UnableToSendError:
            note_failed(row, by=SYSTEM, at=clock.machine_now())
            failed += 1
        else:
            note_sent(row, by=SYSTEM, at=clock.machine_now())
    _complain(failed)


@for_authority("letters.membership_codes")
def membership_codes(authority: Authority, *, codes: list[int]) -> None:
    """Will send each of these codes that may still be typed, to the address that it was made for."""
    rows = MembershipCode.objects.filter(pk__in=codes, used_at=None, revoked_at=None, sent_at=None)
    failed = 0
    for row in rows.select_related("guardian", "family").order_by("pk"):
        if not same_address(row.email, row.guardian.email) or row.expires_at <= clock.machine_now():
            continue
        try:
            _send(Letter.Kind.MEMBERSHIP_CODE, about_joining.membership_code(row, authority), row)
        except UnableToSendError:
            failed += 1
        else:
            note_sent(row, by=SYSTEM, at=clock.machine_now())
    _complain(failed)


@for_authority("letters.joined")
def joined(authority: Authority, *, membership: int) -> None:
    """Will say that an account acts for a guardian, to the account and to the address that the authority knows.

    The second letter is for whoever did not do it: a link that was passed on, a code that was found.
    """
    row = Membership.objects.filter(pk=membership).select_related("user", "guardian", "family").first()
    if row is None:
        return
    facts = {"about": row.pk, "family": row.family, "by": SYSTEM, "at": clock.business_now()}
    send(Letter.Kind.JOINED, about_joining.joined(row, authority, is_to_account=True), reader=row.user_id, **facts)
    if row.guardian.email and not same_address(row.guardian.email, row.user.email):
        draft = about_joining.joined(row, authority, is_to_account=False)
        send(Letter.Kind.JOINED, draft, guardian=row.guardian_id, **facts)


@for_authority("letters.membership_ended")
def membership_ended(authority: Authority, *, family: int, user: int, membership: int) -> None:
    """Will say to an account that a family was taken away from it."""
    home = Family.objects.get(pk=family)
    draft = about_joining.membership_ended(home.name, authority)
    send(
        Letter.Kind.MEMBERSHIP_ENDED, draft, about=membership, family=home, reader=user, by=SYSTEM,
        at=clock.business_now(),
    )  # fmt: skip


@for_authority("letters.join_refused")
def join_refused(authority: Authority, *, request: int) -> None:
    """Will say why a request was refused, to the account that made it."""
    row = JoinRequest.objects.select_related("user").get(pk=request)
    send_to_address(row.user.email, about_joining.join_refused(row, authority), name=f"join_refused.{row.public_id}")


@tasks.task(name="letters.account_asked", retry=PATIENT)
def account_asked(*, address: str) -> None:
    """Will write to an (encrypted) address how to open its account; or that it has one."""
    email = decrypt(address)
    exists = User.objects.filter(email=email).exists()
    draft = about_joining.has_account() if exists else about_joining.open_account(email)
    send_to_address(email, draft, name=f"account_asked.{_mark(address)}")


@tasks.task(name="letters.link_asked", retry=PATIENT)
def link_asked(*, address: str) -> None:
    """Will send again the links of an (encrypted) address, of every authority; or write what to do without one."""
    email = decrypt(address)
    count = 0
    with tenancy.every_authority():
        for link in links_to_send_again(email):
            with tenancy.scope({link.authority_id}):
                try:
                    send_again(link, days=settings.INVITATION_DAYS, by=SYSTEM, at=clock.machine_now())
                except UnableToInviteError:
                    continue
                count += 1
    if not count:
        is_known = User.objects.filter(email=email).exists()
        send_to_address(email, about_joining.no_link(is_known=is_known), name=f"link_asked.{_mark(address)}")


def _send(kind: str, draft: Draft, row: Invitation | MembershipCode) -> None:
    send(kind, draft, about=row.pk, family=row.family, guardian=row.guardian_id, by=SYSTEM, at=clock.business_now())


def _mark(address: str) -> str:
    """Will return what tells this message from any other: no two encryptions of an address are the same."""
    return sha256(address.encode()).hexdigest()[:24]


def _complain(failed: int) -> None:
    if failed:
        raise UnableToSendError(f"{failed} letters were not taken")
