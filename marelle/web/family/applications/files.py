"""The files of an application: what was joined to it, and what the house draws of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.queries.documents import documents_joined
from marelle.domain.procedures.rules.states import State
from marelle.letters.application_documents import (
    NothingToAttestError,
    acknowledgement_pdf,
    application_pdf,
    attestation_pdf,
)
from marelle.web.documents import handed_over, hands_over_documents
from marelle.web.doors import family_page
from marelle.web.family.applications import wording
from marelle.web.family.applications.finding import application_or_404, url
from marelle.web.family.surroundings import visit_of
from marelle.web.paying.files import as_file
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.web.documents import Reading

    Drawing = Callable[[Application, Authority, datetime], bytes]


@family_page
@require_safe
@hands_over_documents
def document(request: HttpRequest, application: str, document: str) -> Reading:
    """Will hand over a file that is joined to an application of the family, to be saved."""
    visit = visit_of(request)
    found = application_or_404(visit, application)
    joined = documents_joined(found).filter(document__public_id=document).first()
    if joined is None:
        raise Http404
    return handed_over(joined.document, by=visit.actor, at=visit.at)


@family_page
@require_safe
def pdf(request: HttpRequest, application: str) -> HttpResponse:
    """Will draw the whole of an application."""
    return _drawn(request, application, application_pdf, "demande")


@family_page
@require_safe
def acknowledgement(request: HttpRequest, application: str) -> HttpResponse:
    """Will draw what the family was told when it was sent."""
    return _drawn(request, application, acknowledgement_pdf, "accuse-de-reception")


@family_page
@require_safe
def attestation(request: HttpRequest, application: str) -> HttpResponse:
    """Will draw the attestation that silence accepted (CRPA L232-3); what silence did not accept has none."""
    try:
        return _drawn(request, application, attestation_pdf, "attestation")
    except NothingToAttestError:
        visit = visit_of(request)
        messages.warning(request, str(wording.NO_ATTESTATION))
        return SeeOther(url(visit, "application", application_or_404(visit, application)))


def _drawn(request: HttpRequest, public_id: str, draw: Drawing, name: str) -> HttpResponse:
    visit = visit_of(request)
    found = application_or_404(visit, public_id)
    if found.state == State.DRAFT:
        messages.warning(request, str(wording.NOT_SENT_YET))
        return SeeOther(url(visit, "application", found))
    # A visit comes without the logo.
    authority = Authority.objects.get(pk=visit.authority.pk)
    return as_file(draw(found, authority, visit.at), f"{name}-{found.number}.pdf")
