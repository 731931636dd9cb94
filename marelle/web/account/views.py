"""How one gets an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.authorities.queries import open_authorities
from marelle.web.contacts import contact_view
from marelle.web.doors import public, signed_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_safe
def create(request: HttpRequest) -> HttpResponse:
    """Will say how an account is opened, and whom to ask."""
    return render(request, "account/create.html", {"contacts": [contact_view(one) for one in open_authorities()]})


@signed_in
@require_safe
def password_changed(request: HttpRequest) -> HttpResponse:
    """Will say that the password is changed."""
    return render(request, "account/password_changed.html")
