"""Files that families give, kept, read and forgotten."""

from __future__ import annotations

from datetime import date, datetime

from marelle.domain.families.models import (
    Child,
    Family,
    SupportingDocument,
)
from marelle.domain.families.receiving import CleanDocument, UnableToKeepDocumentError
from marelle.domain.families.rules.documents import DocumentFault
from marelle.foundation import audit, files
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def attach_document(
    family: Family,
    clean: CleanDocument,
    *,
    kind: str,
    child: Child | None = None,
    valid_until: date | None = None,
    is_health: bool = False,
    by: Actor,
    at: datetime,
) -> SupportingDocument:
    """Will keep, encrypted and outside the database, a file that a family gave and that `receiving.receive` cleaned.

    Should the transaction be undone, the file is swept away a day later. Raises UnableToKeepDocumentError when the
    place where files are kept does not answer, TypeError for anything that was not cleaned.
    """
    if not isinstance(clean, CleanDocument):
        message = "only a cleaned document is kept"
        raise TypeError(message)
    try:
        stored_as = files.store(clean.content)
    except files.FilesUnavailableError as error:
        raise UnableToKeepDocumentError(DocumentFault.NOT_NOW) from error
    document = SupportingDocument.objects.create(
        authority_id=family.authority_id,
        family=family,
        child=child,
        kind=kind,
        name=clean.name,
        content_type=clean.content_type,
        stored_as=stored_as,
        size=len(clean.content),
        pages=clean.pages,
        is_health=is_health,
        uploaded_at=at,
        uploaded_by_id=by.key,
        valid_until=valid_until,
    )
    audit.record(
        "attach_document",
        authority=family.authority_id,
        of="supportingdocument",
        key=document.pk,
        by=by,
        at=at,
        family=family.pk,
        kind=kind,
    )
    return document


@operation
def note_reading(document: SupportingDocument, *, by: Actor, at: datetime) -> None:
    """Will write in the journal that somebody reads a document, before it is handed over."""
    audit.record(
        "read_document",
        authority=document.authority_id,
        of="supportingdocument",
        key=document.pk,
        by=by,
        at=at,
        family=document.family_id,
        kind=document.kind,
    )


@operation
def forget_document(document: SupportingDocument, *, by: Actor, at: datetime) -> bool:
    """Will delete a document and, once that is committed, its file; tells whether it was still there."""
    found = SupportingDocument.objects.select_for_update(of=("self",)).filter(pk=document.pk).first()
    if found is None:
        return False
    files.forget_later(found.stored_as)
    found.delete()
    audit.record(
        "forget_document",
        authority=document.authority_id,
        of="supportingdocument",
        key=document.pk,
        by=by,
        at=at,
        family=document.family_id,
        kind=document.kind,
    )
    return True
