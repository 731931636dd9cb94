"""Documents of families on the street: received by a form, handed over by an address, each reading of health noted.

« A GET writes nothing » has one more exception here, as narrow as can be (decision 27): a view only says which document
is read; the line of the journal is written by the decorator, outside the view, before the first byte leaves.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from marelle.domain.families.operations.documents import note_reading
from marelle.domain.families.receiving import UnableToKeepDocumentError, receive
from marelle.domain.families.rules.documents import JPEG, PDF, PNG, fault_before_cleaning
from marelle.foundation import files, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

    from marelle.domain.families.models import SupportingDocument
    from marelle.domain.families.receiving import CleanDocument
    from marelle.foundation.actors import Actor

log = logging.getLogger("marelle.files")
SAVED_ONLY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
SHOWN_IN_OUR_PAGE: Final = "default-src 'none'; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody is about to read, and what answers once it is noted."""

    documents: Sequence[SupportingDocument]
    answer: Callable[[], HttpResponse]
    by: Actor
    at: datetime


def received(upload: UploadedFile[Any]) -> CleanDocument:
    """Will receive the file of a form, for its `clean_…`. Raises ValidationError with what is said beside the field."""
    fault = fault_before_cleaning(upload.size or 0)
    if fault is not None:
        raise ValidationError(fault.value)
    try:
        return receive(upload.name or "", upload.read())
    except UnableToKeepDocumentError as error:
        raise ValidationError(error.fault.value) from None


def hands_over_documents(view: Any) -> Any:
    """Will let `view`, which reads, return a Reading: each document of health is noted in the journal, then answered.

    It stands nearest to the view, inside its door. A reading that cannot be noted is not answered.
    """

    @functools.wraps(view)
    def noted(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        reading: Reading | HttpResponse = view(request, **kwargs)
        if isinstance(reading, HttpResponse):
            return reading
        with writes.writing_after_all():
            for document in reading.documents:
                if document.is_health:
                    note_reading(document, by=reading.by, at=reading.at)
        try:
            return reading.answer()
        except files.FilesUnavailableError:
            return render(request, "errors/503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)

    noted.notes_readings = True  # type: ignore[attr-defined]  # the house tests name these views
    return noted


def handed_over(document: SupportingDocument, *, is_shown: bool = False, by: Actor, at: datetime) -> Reading:
    """Will return the reading of one document, to be saved; with `is_shown`, to be looked at inside a page of ours.

    Only what was written anew by the cleaning is shown: anything else is saved all the same.
    """
    return Reading((document,), partial(_file, document, is_shown=is_shown), by, at)


def _file(document: SupportingDocument, *, is_shown: bool) -> HttpResponse:
    try:
        content = document.content
    except files.NoSuchFileError:
        log.error("the document %s has no file", document.pk)  # noqa: TRY400  the key is all that is to be said
        raise Http404 from None
    is_shown = is_shown and document.pages > 0 and document.content_type in {PDF, JPEG, PNG}
    response = HttpResponse(content, content_type=document.content_type)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=not is_shown, filename=document.name) or "attachment"
    )
    response["Content-Security-Policy"] = SHOWN_IN_OUR_PAGE if is_shown else SAVED_ONLY
    response["X-Frame-Options"] = "SAMEORIGIN" if is_shown else "DENY"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
