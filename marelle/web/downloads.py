"""A document that an authority publishes, handed over as it was written anew: to be saved, not opened in our pages."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from marelle.foundation import files
from marelle.foundation.money import NO_BREAK
from marelle.web.documents import SAVED_ONLY

if TYPE_CHECKING:
    from django.http import HttpRequest

    from marelle.domain.news.models import Download

log = logging.getLogger("marelle.files")
MEGABYTE = 1_000_000


def published_file(request: HttpRequest, found: Download) -> HttpResponse:
    """Will answer with the file, or 503 when the place where files are kept does not answer. Raises Http404."""
    try:
        content = found.content
    except files.NoSuchFileError:
        log.error("the document to download %s has no file", found.pk)  # noqa: TRY400  the key is all there is to say
        raise Http404 from None
    except files.FilesUnavailableError:
        return render(request, "errors/503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response = HttpResponse(content, content_type=found.content_type)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=found.file_name) or "attachment"
    )
    response["Content-Security-Policy"] = SAVED_ONLY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def weight(size: int) -> str:
    """Will write the weight of a file: « 240 Ko », « 1,3 Mo »."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1000))}{NO_BREAK}ko"
    return f"{size / MEGABYTE:.1f}".replace(".", ",") + f"{NO_BREAK}Mo"


def kind(content_type: str) -> str:
    """Will say what a file is: « PDF », « image »."""
    return "PDF" if content_type == "application/pdf" else "image"
