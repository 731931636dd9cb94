"""How one gets an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseNotAllowed
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from marelle.web.account.joining import creation
from marelle.web.account.whence import is_for_agents
from marelle.web.doors import public, signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Will open an account for a parent, beginning with the address; an agent's is opened by whoever administers."""
    if not is_for_agents(request):
        return creation.begin(request)
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return render(request, "account/create.html")


@signed_in
@require_safe
def password_changed(request: HttpRequest) -> HttpResponse:
    """Will say that the password is changed."""
    return render(request, "account/password_changed.html")
