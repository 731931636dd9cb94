"""The colors and the logo of an authority, as files of their own: no inline style, long in the browser's cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.web.doors import public

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest


@public
@require_safe
def colours(_request: HttpRequest, authority: str, digest: str) -> HttpResponse:
    """Will answer with the authority's color file."""
    found = get_object_or_404(Authority.objects.only("palette_css"), slug=authority)
    response = HttpResponse(found.palette_css, content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=31536000, immutable=True)
    return response


@public
@require_safe
def logo(_request: HttpRequest, authority: str) -> HttpResponse:
    """Will answer with the authority's logo, which may do nothing but be seen."""
    found = get_object_or_404(Authority.objects.only("logo", "logo_type"), slug=authority)
    if not found.logo:
        raise Http404
    response = HttpResponse(bytes(found.logo), content_type=found.logo_type)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    patch_cache_control(response, public=True, max_age=86400)
    return response


@public
@require_safe
def operator_mark(_request: HttpRequest) -> HttpResponse:
    """Will answer with the mark of who runs the service, when the settings name one."""
    return picture(settings.OPERATOR.mark)


def picture(file: Path | None) -> HttpResponse:
    """Will answer with a picture that the operator gave, which may do nothing but be seen; raises Http404 for none."""
    if file is None:
        raise Http404
    kind = "image/svg+xml" if file.suffix.lower() == ".svg" else "image/png"
    response = HttpResponse(file.read_bytes(), content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    patch_cache_control(response, public=True, max_age=86400)
    return response
