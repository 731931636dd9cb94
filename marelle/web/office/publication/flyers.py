"""The authority's flyer, in its two variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from marelle.domain.authorities.models import Authority
from marelle.letters.documents.drawing import flyer_pdf
from marelle.letters.documents.flyers import WayIn
from marelle.letters.flyer_documents import flyer
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.office.surroundings import visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
@office_page(EVERY_AGENT)
def flyer_file(request: HttpRequest, way_in: str) -> HttpResponse:
    """Will draw the flyer for a way in: it holds nothing that is not public."""
    visit = visit_of(request)
    try:
        wanted = WayIn(way_in)
    except ValueError:
        raise Http404 from None
    authority = Authority.objects.get(pk=visit.authority.pk)  # with its logo
    answer = HttpResponse(flyer_pdf(flyer(authority, wanted, on=visit.today)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="depliant-{wanted}-{authority.slug}.pdf"'
    return answer
