"""The configuration of the authority, handed over as the file that `marelle load` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from marelle.domain.onboarding.queries.authority_file.writing import written
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.surroundings import visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
@regie_page
def configuration_file(request: HttpRequest) -> HttpResponse:
    """Will hand over the file."""
    visit = visit_of(request)
    response = HttpResponse(written(visit.authority, at=visit.at), content_type="application/yaml; charset=utf-8")
    name = f"{visit.authority.slug}-{visit.today.isoformat()}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
