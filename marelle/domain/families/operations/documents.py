"""Files that families give, kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from marelle.domain.families.models import (
    Child,
    Family,
    SupportingDocument,
)
from marelle.domain.families.rules.documents import DocumentFault, content_type_of, fault_of, tidy_name
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToKeepDocumentError(Exception):
    """The file is not one that is taken: `fault` says why, in words. Nothing was written."""

    def __init__(self, fault: DocumentFault) -> None:
        """Will keep why."""
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file as it came, with the name it had."""

    name: str
    content: bytes


@operation
def attach_document(
    family: Family,
    new: NewDocument,
    *,
    kind: str,
    child: Child | None = None,
    valid_until: date | None = None,
    by: Actor,
    at: datetime,
) -> SupportingDocument:
    """Will keep, encrypted, a file that a family gave; what it is, its first bytes say.

    Raises UnableToKeepDocumentError.
    """
    fault = fault_of(new.content)
    content_type = content_type_of(new.content)
    if fault is not None or content_type is None:
        raise UnableToKeepDocumentError(fault or DocumentFault.UNKNOWN_KIND)
    document = SupportingDocument.objects.create(
        authority_id=family.authority_id,
        family=family,
        child=child,
        kind=kind,
        name=tidy_name(new.name, content_type),
        content_type=content_type,
        content=new.content,
        size=len(new.content),
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
