"""Documents to download: for everybody, or for families."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from marelle.domain.news.queries.articles import audience_of, every_published_download, published_downloads
from marelle.foundation.french_dates import without_weekday
from marelle.web.doors import authority_page, family_page
from marelle.web.downloads import kind, published_file, weight
from marelle.web.family.news.surroundings import entrance, is_member, published_here
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.news.models import Download
    from marelle.web.doors import Visit


@authority_page
@require_safe
def downloads(request: HttpRequest) -> HttpResponse:
    """Will list the documents that everybody may download; to a family, hers too."""
    visit = request.visit  # type: ignore[attr-defined]
    if is_member(request, visit.authority):
        return _family_downloads(request, authority=visit.authority.slug)
    context = {
        "documents": _rows(visit, published_downloads(on=visit.today, read_by=None)),
        "tabs": published_here(visit.authority, "downloads", is_public=True),
        "layout": "layouts/public.html",
        **entrance(visit.authority, is_signed_in=request.user.is_authenticated),
    }
    return render(request, "family/downloads/page.html", context)


@family_page
def _family_downloads(request: HttpRequest) -> HttpResponse:
    visit = request.visit  # type: ignore[attr-defined]
    read_by = audience_of(visit.family.pk, on=visit.today)
    context = family_context(
        visit,
        "news",
        documents=_rows(visit, published_downloads(on=visit.today, read_by=read_by)),
        tabs=published_here(visit.authority, "downloads"),
    )
    return render(request, "family/downloads/page.html", context)


def _rows(visit: Visit, found: Iterable[Download]) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title,
            "about": one.about,
            "file": f"{kind(one.content_type)}, {weight(one.size)}",
            "published": without_weekday(one.published_on, year=True),
            "is_reserved": not one.is_public,
            "url": reverse("download", args=[visit.authority.slug, one.public_id]),
        }
        for one in found
    ]


@authority_page
@require_safe
def download(request: HttpRequest, download: str) -> HttpResponse:
    """Will hand over a document; one that is for families asks who one is, and whether it is for hers."""
    visit = request.visit  # type: ignore[attr-defined]
    found = every_published_download(on=visit.today).filter(public_id=download).first()
    if found is None:
        raise Http404
    if found.is_public:
        return published_file(request, found)
    return _family_download(request, authority=visit.authority.slug, download=download)


@family_page
def _family_download(request: HttpRequest, *, download: str) -> HttpResponse:
    visit = request.visit  # type: ignore[attr-defined]
    read_by = audience_of(visit.family.pk, on=visit.today)
    found = get_object_or_404(published_downloads(on=visit.today, read_by=read_by), public_id=download)
    return published_file(request, found)
