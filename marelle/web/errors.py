"""What one sees when something is wrong: a calm page, what is safe, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from marelle.web.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Will answer 404."""
    return render(request, "errors/404.html", status=404)


@public
def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Will answer 403."""
    return render(request, "errors/403.html", status=403)


@public
def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Will answer 400; 413 to what weighs too much."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "errors/413.html", status=413)
    return render(request, "errors/400.html", status=400)


@public
def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Will answer 403 to a form that did not come from our own page, or from one too old."""
    return render(request, "errors/403.html", {"is_form": True}, status=403)


@public
def failure(request: HttpRequest) -> HttpResponse:
    """Will answer 500 with the reference of the request; needs neither database nor session."""
    page = render_to_string("errors/500.html", {"reference": getattr(request, "reference", "")})
    return HttpResponse(page, status=500)
