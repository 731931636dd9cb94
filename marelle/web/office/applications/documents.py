"""What an agent reads of an application apart from its page: a document of the family, the whole on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import ApplicationDocument
from marelle.domain.procedures.rules.secrecy import right_to_read_document
from marelle.letters.application_documents import application_pdf
from marelle.web.documents import Reading, handed_over, hands_over_documents
from marelle.web.office.applications import wording
from marelle.web.office.applications.page import unreadable
from marelle.web.office.applications.surroundings import (
    application_or_404,
    hidden_fields,
    rights_to_read,
    service_page,
    url_of,
)
from marelle.web.office.surroundings import visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
@service_page
@hands_over_documents
def document(request: HttpRequest, application: str, document: str) -> Reading:
    """Will hand over a document joined to an application, to be saved; `voir` shows it inside its page."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    rows = ApplicationDocument.objects.filter(application=found).select_related("document")
    joined = rows.filter(document__public_id=document).first()
    if joined is None:
        raise Http404
    asked = found.version.definition.document_of(joined.code)
    right = right_to_read_document(
        joined.document.kind, is_health=joined.document.is_health or (asked is not None and asked.is_health)
    )
    if right and right not in rights_to_read(visit, found):
        raise PermissionDenied
    return handed_over(joined.document, is_shown="voir" in request.GET, by=visit.actor, at=visit.at)


@require_safe
@service_page
def whole(request: HttpRequest, application: str) -> HttpResponse:
    """Will draw the whole of an application; what is about health in it is opened first, on its page."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    if hidden_fields(request, found, rights := rights_to_read(visit, found)):
        is_readable = not unreadable(found.version.definition, rights)
        messages.info(request, wording.HEALTH_FIRST if is_readable else wording.NOT_YOURS, extra_tags="blue")
        return SeeOther(url_of(visit, "office_application", found))
    authority = Authority.objects.get(pk=visit.authority.pk)  # with its logo
    response = HttpResponse(application_pdf(found, authority, visit.at), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="demande-{found.number}.pdf"'
    return response
