"""A family gives what an application asks for: a new file, or one that its file holds already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from marelle.domain.families.models import Child, SupportingDocument
from marelle.domain.families.operations.documents import attach_document
from marelle.domain.families.receiving import CleanDocument
from marelle.domain.families.rules.documents import PDF
from marelle.domain.procedures.models import Application, ApplicationChild, ApplicationDocument
from marelle.domain.procedures.operations.drafts import join_document, save_draft, take_document_away
from marelle.domain.procedures.operations.locking import lock
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.rules.answers import Given
from marelle.domain.procedures.rules.clocks import local_day, months_later
from marelle.domain.procedures.rules.definitions import RequiredDocument
from marelle.domain.procedures.rules.states import State
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class FilledIn:
    """What one form brings at once, so that nothing typed is lost when a file is added.

    `given` is the answers of a draft, None when they are not on the form. `reused` holds documents of the family's
    file by what they answer, `added` cleaned files with what each answers, `taken_away` a document that was joined.
    """

    given: Given | None = None
    reused: Mapping[str, SupportingDocument] = field(default_factory=dict)
    added: Sequence[tuple[str, CleanDocument]] = ()
    taken_away: ApplicationDocument | None = None


@operation
def fill_in(application: Application, filled: FilledIn, *, by: Actor, at: datetime) -> None:
    """Will keep all that a form brings, or nothing of it.

    Raises UnableToWriteError, and UnableToKeepDocumentError when the place where files are kept does not answer.
    """
    if filled.given is not None:
        save_draft(application, filled.given, by=by, at=at)
    if filled.taken_away is not None:
        take_document_away(filled.taken_away, by=by, at=at)
    for code, document in filled.reused.items():
        _reuse(application, document, code=code, by=by, at=at)
    for code, clean in filled.added:
        add_document(application, clean, code=code, by=by, at=at)


def _reuse(application: Application, document: SupportingDocument, *, code: str, by: Actor, at: datetime) -> None:
    row = lock(application)
    asked = row.version.definition.document_of(code)
    if asked is None or asked.kind != document.kind:
        raise UnableToWriteError(WhyNot.UNKNOWN_DOCUMENT)
    if document.valid_until is not None and document.valid_until < local_day(at, row.family.authority.zone):
        raise UnableToWriteError(WhyNot.NO_LONGER_VALID)
    join_document(row, document, code=code, by=by, at=at)


@operation
def add_document(
    application: Application, clean: CleanDocument, *, code: str, by: Actor, at: datetime
) -> ApplicationDocument:
    """Will keep a cleaned file in the family's file and answer with it the document asked for under `code`.

    It is valid for as many months as the procedure says. What speaks of the health of the one child whom the
    application is about is that child's. Raises as `fill_in`; a file that is not joined is not kept.
    """
    row = lock(application)
    # Before the file is kept: `join_document` says the same, after.
    if row.state not in {State.DRAFT, State.INCOMPLETE}:
        raise UnableToWriteError(WhyNot.NOT_A_DRAFT)
    asked = row.version.definition.document_of(code)
    if asked is None:
        raise UnableToWriteError(WhyNot.UNKNOWN_DOCUMENT)
    if ApplicationDocument.objects.filter(application=row, code=code).count() >= asked.most_files:
        raise UnableToWriteError(WhyNot.TOO_MANY_FILES)
    if clean.content_type == PDF and not asked.takes_pdf:
        raise UnableToWriteError(WhyNot.NO_PDF)
    if clean.content_type != PDF and not asked.takes_images:
        raise UnableToWriteError(WhyNot.NO_IMAGE)
    today = local_day(at, row.family.authority.zone)
    document = attach_document(
        row.family,
        clean,
        kind=asked.kind,
        child=_only_child(row, asked),
        valid_until=None if asked.valid_months is None else months_later(today, asked.valid_months),
        is_health=asked.is_health,
        by=by,
        at=at,
    )
    return join_document(row, document, code=code, by=by, at=at)


def _only_child(row: Application, asked: RequiredDocument) -> Child | None:
    if not asked.is_health:
        return None
    about = list(ApplicationChild.objects.filter(application=row).select_related("child")[:2])
    return about[0].child if len(about) == 1 else None
