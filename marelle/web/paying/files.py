"""A document that leaves the house as a file, under a name to keep it by."""

from __future__ import annotations

from django.http import HttpResponse


def as_file(content: bytes, name: str) -> HttpResponse:
    """Will answer with a PDF that the browser shows, under a name to keep it by."""
    safe = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-.") else "-" for sign in name)
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{safe}"'}
    )
