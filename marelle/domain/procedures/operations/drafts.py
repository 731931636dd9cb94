"""A family begins an application and comes back to it: nothing is asked of anybody yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import Child, Family, Guardian, SupportingDocument
from marelle.domain.procedures.models import (
    Application,
    ApplicationChild,
    ApplicationDocument,
    ChangesAsked,
    Procedure,
    ProcedureVersion,
)
from marelle.domain.procedures.models.applications import as_json
from marelle.domain.procedures.operations.locking import lock, touch
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.rules.answers import Given, names_given
from marelle.domain.procedures.rules.definitions import FieldKind
from marelle.domain.procedures.rules.states import State
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

# As data_retention.yaml says: a draft is kept for three months after it was last touched.
DRAFT_DAYS: Final = 90


@operation
def start_application(
    procedure: Procedure, family: Family, guardian: Guardian | None, *, by: Actor, at: datetime
) -> Application:
    """Will begin a draft of an open procedure, or return the one begun already by this account.

    Raises UnableToWriteError when the procedure is shut, or is not for this family.
    """
    procedure = Procedure.objects.select_for_update(no_key=True).get(pk=procedure.pk)
    if not procedure.is_open:
        raise UnableToWriteError(WhyNot.PROCEDURE_SHUT)
    version = ProcedureVersion.objects.get(procedure=procedure, number=procedure.current_number)
    if not version.definition.is_for(is_resident=family.is_resident, categories=family.categories):
        raise UnableToWriteError(WhyNot.NOT_FOR_THEM)
    begun = Application.objects.filter(
        family=family, applicant=by.key, state=State.DRAFT, version__procedure=procedure
    ).first()
    if begun is not None:
        return begun
    application = Application.objects.create(
        authority_id=family.authority_id,
        version=version,
        family=family,
        guardian=guardian,
        applicant_id=by.key,
        created_at=at,
        updated_at=at,
    )
    audit.record(
        "start_application",
        authority=family.authority_id,
        of="application",
        key=application.pk,
        by=by,
        at=at,
        family=family.pk,
        procedure=procedure.pk,
    )
    return application


@operation
def save_draft(application: Application, given: Given, *, by: Actor, at: datetime) -> Application:
    """Will keep what was written so far, right or wrong, under the version of the procedure in force now.

    The same again writes nothing. Raises UnableToWriteError for an application that is sent already.
    """
    row = lock(application)
    if row.state != State.DRAFT:
        raise UnableToWriteError(WhyNot.NOT_A_DRAFT)
    current = ProcedureVersion.objects.get(
        procedure=row.version.procedure_id, number=row.version.procedure.current_number
    )
    kept = as_json(names_given(current.definition, given))
    if kept == row.given and current == row.version:
        return row
    row.version, row.given = current, kept
    touch(row, at, "version", "given")
    note_children(row)
    return row


def note_children(application: Application) -> None:
    """Will write which children an application is about, as its answers say, among those of its family."""
    codes = [one.code for one in application.version.definition.fields if one.kind is FieldKind.CHILD]
    said = {name for code in codes for name in application.answers.get(code, ())}
    children = Child.objects.filter(public_id__in=said, custodies__family=application.family_id).distinct()
    wanted = set(children.values_list("pk", flat=True))
    ApplicationChild.objects.filter(application=application).exclude(child__in=wanted).delete()
    known = set(ApplicationChild.objects.filter(application=application).values_list("child_id", flat=True))
    ApplicationChild.objects.bulk_create(
        [
            ApplicationChild(authority_id=application.authority_id, application=application, child_id=key)
            for key in sorted(wanted - known)
        ]
    )


@operation
def join_document(
    application: Application, document: SupportingDocument, *, code: str, by: Actor, at: datetime
) -> ApplicationDocument:
    """Will answer a document that is asked for with one of the family's file, given now or before.

    In a draft, or while a completion is awaited. The same again returns what is there. Raises UnableToWriteError.
    """
    row = lock(application)
    if row.state not in {State.DRAFT, State.INCOMPLETE}:
        raise UnableToWriteError(WhyNot.NOT_A_DRAFT)
    if document.family_id != row.family_id:
        raise UnableToWriteError(WhyNot.NOT_THEIRS)
    asked = row.version.definition.document_of(code)
    if asked is None:
        raise UnableToWriteError(WhyNot.UNKNOWN_DOCUMENT)
    joined = ApplicationDocument.objects.filter(application=row, code=code)
    known = joined.filter(document=document).first()
    if known is not None:
        return known
    if joined.count() >= asked.most_files:
        raise UnableToWriteError(WhyNot.TOO_MANY_FILES)
    made = ApplicationDocument.objects.create(
        authority_id=row.authority_id, application=row, document=document, code=code, added_at=at
    )
    touch(row, at)
    audit.record(
        "join_document",
        authority=row.authority_id,
        of="application",
        key=row.pk,
        by=by,
        at=at,
        document=document.pk,
        code=code,
    )
    return made


@operation
def take_document_away(joined: ApplicationDocument, *, by: Actor, at: datetime) -> bool:
    """Will take a document away from a draft, or from a completion that is being made; it stays in the family's file.

    Tells whether it was there. Raises UnableToWriteError for an application, or a document, that is sent already.
    """
    row = lock(joined.application)
    if row.state not in {State.DRAFT, State.INCOMPLETE}:
        raise UnableToWriteError(WhyNot.NOT_A_DRAFT)
    asked = ChangesAsked.objects.filter(application=row, ended_at__isnull=True).order_by("asked_at").first()
    if asked is not None and joined.added_at < asked.asked_at:
        raise UnableToWriteError(WhyNot.SENT_ALREADY)
    count, _ = ApplicationDocument.objects.filter(pk=joined.pk, application=row).delete()
    if count:
        touch(row, at)
    return bool(count)


@operation
def discard_draft(application: Application, *, by: Actor, at: datetime) -> None:
    """Will throw a draft away, with its answers; documents given for it stay in the file. Raises UnableToWriteError."""
    row = lock(application)
    if row.state != State.DRAFT:
        raise UnableToWriteError(WhyNot.NOT_A_DRAFT)
    _discard(row, by=by, at=at)


@operation
def purge_drafts(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will throw away the drafts of an authority that nobody touched for ninety days; tells how many."""
    left = Application.objects.filter(
        authority=authority, state=State.DRAFT, updated_at__lt=at - timedelta(days=DRAFT_DAYS)
    )
    rows = list(left.select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        _discard(row, by=by, at=at)
    return len(rows)


def _discard(row: Application, *, by: Actor, at: datetime) -> None:
    key, authority, family = row.pk, row.authority_id, row.family_id
    row.delete()
    audit.record("discard_draft", authority=authority, of="application", key=key, by=by, at=at, family=family)


@operation
def move_applications(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will give what an account (key) asked, drafts included, to the one that takes over; returns how many it is."""
    return Application.objects.filter(applicant=ended).update(applicant=kept)


@operation
def forget_drafts(user: int, *, by: Actor, at: datetime) -> int:
    """Will throw away the drafts of an account (key), which nobody else reads; returns how many there were.

    What was sent belongs to the family and to the authority: it stays.
    """
    drafts = list(Application.objects.select_for_update().filter(applicant=user, state=State.DRAFT).order_by("pk"))
    for draft in drafts:
        key, authority = draft.pk, draft.authority_id
        draft.delete()
        audit.record("discard_draft", authority=authority, of="application", key=key, by=by, at=at)
    return len(drafts)
