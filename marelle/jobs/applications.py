"""The tasks of applications: their letters, and what the calendar does to them when nobody does anything."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import Application, ChangesAsked, Message, SilenceWarning
from marelle.domain.procedures.operations.drafts import purge_drafts
from marelle.domain.procedures.operations.effects import UnableToApplyError
from marelle.domain.procedures.operations.purging import AT_ONCE, purge_documents
from marelle.domain.procedures.operations.silence import decide_by_silence, warn_of_silence
from marelle.domain.procedures.queries.acknowledging import SILENT, acknowledgement_of, agent_in_charge
from marelle.domain.procedures.queries.applications import (
    agents_answering,
    changes_awaited,
    silence_near,
    silent_before,
)
from marelle.domain.procedures.queries.clocks import pause_of
from marelle.domain.procedures.rules.clocks import is_reminder_due, local_day
from marelle.domain.procedures.rules.states import OPEN
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority, tasks
from marelle.letters import about_applications
from marelle.letters.models import Letter
from marelle.letters.sending import UnableToSendError, send, send_to_address

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

    from marelle.letters.writing import Draft

# A transfer has no row of its own: it is known by the application and the revision that it made.
REVISIONS: Final = 100_000
log = logging.getLogger("marelle.jobs")


def _application(key: int) -> Application:
    return Application.objects.select_related("version", "family", "guardian", "in_charge", "assigned_to").get(pk=key)


def _send(kind: str, row: Application, draft: Draft, *, about: int) -> None:
    """Will write to the account that asked, or to the others of the family when it is there no more."""
    send(
        kind,
        draft,
        about=about,
        family=row.family,
        reader=row.applicant_id,
        by=SYSTEM,
        at=clock.business_now(),
    )


@for_authority("letters.application_acknowledged")
def application_acknowledged(authority: Authority, *, application: int) -> None:
    """Will send the acknowledgement, as of the moment of reception, however late the mail server is."""
    row = _application(application)
    told = acknowledgement_of(row, authority, at=row.submitted_at or clock.business_now())
    draft = about_applications.acknowledged(row, told, authority)
    _send(Letter.Kind.APPLICATION_RECEIVED, row, draft, about=row.pk)


@for_authority("letters.application_changes_asked")
def application_changes_asked(authority: Authority, *, changes: int) -> None:
    """Will ask the family for what is missing; nothing when it came, or was decided, before this could leave."""
    asked = ChangesAsked.objects.get(pk=changes)
    asked.application = row = _application(asked.application_id)
    if asked.ended_at is not None or row.state not in OPEN:
        return
    told = acknowledgement_of(row, authority, at=clock.business_now())
    draft = about_applications.changes_asked(asked, told, authority)
    _send(Letter.Kind.APPLICATION_CHANGES_ASKED, row, draft, about=asked.pk)


@for_authority("letters.application_completed")
def application_completed(authority: Authority, *, application: int) -> None:
    """Will say that what was missing came, once for each time that it was asked, and what date that gives."""
    row = _application(application)
    came = ChangesAsked.objects.filter(application=row, ended_at__isnull=False).order_by("-ended_at", "-pk").first()
    if came is None or row.state not in OPEN:
        return
    told = acknowledgement_of(row, authority, at=clock.business_now())
    _send(
        Letter.Kind.APPLICATION_COMPLETED,
        row,
        about_applications.completed(row, told, authority),
        about=came.pk,
    )


@for_authority("letters.application_message")
def application_message(authority: Authority, *, message: int) -> None:
    """Will say that the authority wrote."""
    written = Message.objects.get(pk=message)
    written.application = row = _application(written.application_id)
    draft = about_applications.message_written(written, agent_in_charge(row, authority), authority)
    _send(Letter.Kind.APPLICATION_MESSAGE, row, draft, about=written.pk)


@for_authority("letters.application_transferred")
def application_transferred(authority: Authority, *, application: int, revision: int) -> None:
    """Will say that another service has the application, once for each time that it was handed on."""
    row = _application(application)
    draft = about_applications.transferred(row, agent_in_charge(row, authority), authority)
    _send(Letter.Kind.APPLICATION_TRANSFERRED, row, draft, about=row.pk * REVISIONS + revision % REVISIONS)


@for_authority("letters.application_decided")
def application_decided(authority: Authority, *, application: int) -> None:
    """Will say what was decided."""
    row = _application(application)
    draft = about_applications.decided(row, agent_in_charge(row, authority), authority)
    _send(Letter.Kind.APPLICATION_DECIDED, row, draft, about=row.pk)


@for_authority("letters.application_decided_by_silence")
def application_decided_by_silence(authority: Authority, *, application: int) -> None:
    """Will say what silence decided; nothing when an agent has answered since, who said it better."""
    row = _application(application)
    if row.state not in SILENT:
        return
    _send(Letter.Kind.APPLICATION_SILENCE, row, about_applications.decided_by_silence(row, authority), about=row.pk)


@for_authority("letters.application_withdrawn")
def application_withdrawn(authority: Authority, *, application: int) -> None:
    """Will confirm that a request is taken back."""
    row = _application(application)
    _send(Letter.Kind.APPLICATION_WITHDRAWN, row, about_applications.withdrawn(row, authority), about=row.pk)


@for_authority("letters.silence_is_near")
def silence_is_near(authority: Authority, *, warning: int) -> None:
    """Will warn whoever answers that silence is about to decide; nothing when it was answered since."""
    told = SilenceWarning.objects.get(pk=warning)
    row = _application(told.application_id)
    if row.state not in OPEN or row.silent_on != told.silent_on:
        return
    on = clock.business_today(authority.zone)
    draft = about_applications.silence_is_near(row, authority, last_day=told.silent_on, on=on)
    _send_to_agents(row, draft, name=f"silence-{told.pk}")


@for_authority("letters.application_to_finish")
def application_to_finish(authority: Authority, *, application: int) -> None:
    """Will tell whoever answers that silence accepted what only an agent can carry out."""
    row = _application(application)
    _send_to_agents(row, about_applications.silence_accepted(row, authority), name=f"a-terminer-{row.public_id}")


def _send_to_agents(row: Application, draft: Draft, *, name: str) -> None:
    failed = 0
    for agent in agents_answering(row):
        try:
            send_to_address(agent.user.email, draft, name=f"{name}-{agent.pk}")
        except UnableToSendError:
            failed += 1
    if failed:
        raise UnableToSendError(f"{failed} warnings about the application {row.pk}")


@tasks.periodic(cron="7 * * * *")
@tasks.task(name="procedures.decide_by_silence", queueing_lock="procedures.decide_by_silence")
def decide_every_silence(timestamp: int) -> None:
    """Will note, each hour, what silence decided at the last midnight of each authority, and do what it accepted."""
    now = clock.business_now()
    for authority in _authorities():
        with tenancy.scope({authority.pk}):
            for row in silent_before(local_day(now, authority.zone)):
                try:
                    _decide(row, at=now)
                except Exception:
                    # One that cannot be decided keeps no other waiting; it is tried again in an hour.
                    log.exception("application %s of authority %s: silence could not be noted", row.pk, authority.pk)


def _decide(row: Application, *, at: datetime) -> None:
    try:
        decide_by_silence(row, by=SYSTEM, at=at)
    except UnableToApplyError:
        # It is accepted all the same: an agent does what could not be done alone.
        decide_by_silence(row, does_effect=False, by=SYSTEM, at=at)


@tasks.periodic(cron="40 5 * * *")
@tasks.task(name="procedures.follow", queueing_lock="procedures.follow")
def follow_applications(timestamp: int) -> None:
    """Will warn agents before silence decides, remind families of what is missing, and purge, each day."""
    now = clock.business_now()
    failed = 0
    for authority in _authorities():
        on = local_day(now, authority.zone)
        with tenancy.scope({authority.pk}):
            for row in silence_near(on):
                warn_of_silence(row, by=SYSTEM, at=now)
            for changes in changes_awaited(on):
                if is_reminder_due(pause_of(changes), on=on, zone=authority.zone):
                    failed += not _remind(changes, authority, on=on)
            purge_drafts(authority, by=SYSTEM, at=now)
            while purge_documents(authority, on=on, by=SYSTEM, at=now) == AT_ONCE:
                pass
    if failed:
        raise UnableToSendError(f"{failed} reminders of what is missing")


def _authorities() -> QuerySet[Authority]:
    return Authority.objects.defer("logo", "palette_css").order_by("pk")


def _remind(changes: ChangesAsked, authority: Authority, *, on: date) -> bool:
    row = changes.application
    draft = about_applications.changes_due(changes, authority, on=on)
    try:
        _send(Letter.Kind.APPLICATION_CHANGES_DUE, row, draft, about=changes.pk)
    except UnableToSendError:
        return False
    return True
