"""What every screen of procedures starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import get_object_or_404, render

from marelle.domain.procedures.models import Procedure, ServiceInCharge
from marelle.web.office.surroundings import office_context, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.office.procedures.described import Choices

# In the place of a code: a procedure, a service, a template that is not made yet.
NEW: Final = "nouvelle"
# Codes that addresses of these screens use.
TAKEN: Final = frozenset({NEW, "pretes", "services", "modeles"})


def procedure_or_404(code: str) -> Procedure:
    """Will return a procedure of the authority in scope."""
    return get_object_or_404(Procedure, code=code)


def services_offered() -> Choices:
    """Will return the services that may answer, by code with their name."""
    return tuple(ServiceInCharge.objects.order_by("name").values_list("code", "name"))


def page(request: HttpRequest, template: str, status: int = 200, /, **context: Any) -> HttpResponse:
    """Will answer with a screen of procedures."""
    whole = office_context(visit_of(request), "office_procedures", **context)
    return render(request, f"office/procedures/{template}", whole, status=status)
