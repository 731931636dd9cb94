"""Documents to download: their list, one put there or changed, one taken away."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.families.receiving import UnableToKeepDocumentError
from marelle.domain.news.operations.articles import UnableToPublishError
from marelle.domain.news.operations.downloads import remove_download, save_download
from marelle.domain.news.queries.articles import downloads_within, reach_to_publish
from marelle.web.doors import office_page, takes_documents
from marelle.web.downloads import kind, published_file, weight
from marelle.web.office.publication import wording
from marelle.web.office.publication.forms import DownloadForm
from marelle.web.office.publication.surroundings import NEW, PAGE, facilities_offered, page, row_of, services_offered
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.PUBLISH)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the documents that the agent may change, a page at a time."""
    visit = visit_of(request)
    leaf = Paginator(downloads_within(reach_to_publish(visit.agent)), PAGE).get_page(request.GET.get("page"))
    services, facilities = services_offered(), facilities_offered()
    here = url_of(visit, "office_downloads")
    return page(
        request,
        "office_downloads",
        "downloads.html",
        documents=[
            {
                **row_of(row, visit, services, facilities),
                "about": row.about,
                "file": f"{row.file_name}, {kind(row.content_type)}, {weight(row.size)}",
                "url": url_of(visit, "office_download", download=row.public_id),
            }
            for row in leaf
        ],
        new_url=url_of(visit, "office_download", download=NEW),
        previous_url=f"{here}?page={leaf.previous_page_number()}" if leaf.has_previous() else "",
        next_url=f"{here}?page={leaf.next_page_number()}" if leaf.has_next() else "",
    )


@takes_documents
@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.PUBLISH)
def one(request: HttpRequest, download: str) -> HttpResponse:
    """Will show the form of a document, or of a new one; a POST writes it."""
    visit = visit_of(request)
    reach = reach_to_publish(visit.agent)
    found = None if download == NEW else get_object_or_404(downloads_within(reach), public_id=download)
    if request.method == "POST":
        form = DownloadForm(request.POST, request.FILES, reach=reach, row=found)
        if form.is_valid():
            said = form.cleaned_data
            try:
                save_download(
                    visit.authority,
                    found,
                    form.publication,
                    said["about"],
                    said["file"],
                    reach=reach,
                    by=visit.actor,
                    at=visit.at,
                )
            except UnableToPublishError as error:
                for name, words in error.faults.items():
                    form.add_error(name, words)
            except UnableToKeepDocumentError as error:
                form.add_error("file", error.fault.value)
            else:
                messages.success(request, wording.DOWNLOAD_SAVED, extra_tags="green")
                return SeeOther(url_of(visit, "office_downloads"))
    elif found is None:
        form = DownloadForm(reach=reach, initial={"published_on": visit.today})
    else:
        form = DownloadForm(reach=reach, row=found)
    here = {"download": download}
    return page(
        request,
        "office_downloads",
        "download.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK,
        form=form,
        title=found.title if found else "Nouveau document",
        file=f"{found.file_name}, {weight(found.size)}" if found else "",
        file_url=url_of(visit, "office_download_file", **here) if found else "",
        remove_url=url_of(visit, "office_download_remove", **here) if found else "",
        some_hint=wording.SOME_HINT,
        list_url=url_of(visit, "office_downloads"),
    )


@require_safe
@office_page(ROLES.PUBLISH)
def file(request: HttpRequest, download: str) -> HttpResponse:
    """Will hand the file over, as families get it."""
    visit = visit_of(request)
    return published_file(
        request, get_object_or_404(downloads_within(reach_to_publish(visit.agent)), public_id=download)
    )


@require_POST
@office_page(ROLES.PUBLISH)
def remove(request: HttpRequest, download: str) -> HttpResponse:
    """Will take a document away, with its file."""
    visit = visit_of(request)
    found = get_object_or_404(downloads_within(reach_to_publish(visit.agent)), public_id=download)
    remove_download(found, by=visit.actor, at=visit.at)
    messages.success(request, wording.DOWNLOAD_REMOVED, extra_tags="green")
    return SeeOther(url_of(visit, "office_downloads"))
