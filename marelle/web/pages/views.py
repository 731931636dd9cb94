"""The pages that both sites have. They tell the same to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.authorities.queries import open_authorities
from marelle.web.contacts import ContactView, contact_view
from marelle.web.doors import public

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Will answer the questions that families ask most."""
    return render(request, "pages/help.html")


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Will show the accessibility statement."""
    return render(request, "pages/accessibility.html", {"contacts": _contacts()})


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Will say what is known of families, why, for how long, and their rights."""
    return render(request, "pages/privacy.html", {"contacts": _contacts()})


@public
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Will say who answers for the site."""
    return render(request, "pages/legal.html", {"authorities": open_authorities()})


@public
@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Will say how to reach each authority."""
    return render(request, "pages/contact.html", {"contacts": _contacts()})


def _contacts() -> list[ContactView]:
    return [contact_view(one) for one in open_authorities()]
