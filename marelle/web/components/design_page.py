"""The design page's view, mounted in debug only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.web.components.design import design_page_context
from marelle.web.doors import public


@public
@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show every component and every state of a square."""
    return render(request, "design.html", design_page_context())
