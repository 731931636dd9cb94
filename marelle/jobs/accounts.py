"""The tasks of accounts: their letters, and what is forgotten each night."""

from __future__ import annotations

from marelle.domain.accounts.models import EmailChange, SecurityEvent
from marelle.domain.accounts.operations.security import OLD, forget_old_security, mark_told
from marelle.domain.accounts.queries import is_address_taken
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.encryption import decrypt
from marelle.jobs.tasks import PATIENT, tasks
from marelle.letters import about_accounts
from marelle.letters.sending import send_to_address


@tasks.task(name="letters.security_event", retry=PATIENT)
def security_event(event: int) -> None:
    """Will write to an account what happened to its security; what is forgotten since is not told."""
    row = SecurityEvent.objects.select_related("user").filter(pk=event, told_at=None).first()
    if row is None:
        return
    send_to_address(row.user.email, about_accounts.security_event(row), name=f"security.{row.pk}")
    mark_told(row, by=SYSTEM, at=clock.machine_now())


@tasks.task(name="letters.email_change_asked", retry=PATIENT)
def email_change_asked(change: int, side: str) -> None:
    """Will bring one side of a change of address its link, unless the change is over."""
    row = EmailChange.objects.filter(pk=change, done_at=None).first()
    if row is None:
        return
    draft = about_accounts.email_change_asked(row, side, is_taken=is_address_taken(row.new_email, but=row.user_id))
    to = row.old_email if side == OLD else row.new_email
    send_to_address(to, draft, name=f"address.{side}.{row.public_id}")


@tasks.task(name="letters.email_changed", retry=PATIENT)
def email_changed(change: int) -> None:
    """Will tell both addresses that the account has changed its own."""
    row = EmailChange.objects.filter(pk=change).first()
    if row is None:
        return
    for to in (row.old_email, row.new_email):
        send_to_address(to, about_accounts.email_changed(row), name=f"changed.{row.public_id}.{to == row.new_email:d}")


@tasks.task(name="letters.account_merged", retry=PATIENT)
def account_merged(event: int, address: str) -> None:
    """Will tell the (encrypted) address of an account that ended in another with which one to sign in."""
    row = SecurityEvent.objects.select_related("user").filter(pk=event).first()
    if row is None or not row.user.is_active:
        return
    send_to_address(decrypt(address), about_accounts.account_merged(row), name=f"merged.{row.pk}")


@tasks.periodic(cron="40 3 * * *")
@tasks.task(name="jobs.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Will forget, each night, sessions that have ended and what is too old in the security of accounts."""
    forget_old_security(by=SYSTEM, at=clock.machine_now())
