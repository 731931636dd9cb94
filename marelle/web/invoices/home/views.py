"""What the site is for, in a minute; where to begin; which authorities have joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.payments.queries.online_authorities import online_authorities
from marelle.foundation import clock
from marelle.web.doors import public
from marelle.web.invoices.forms import PairForm
from marelle.web.invoices.surroundings import invoices_context, sign_in_url
from marelle.web.paying.invoices.rows import crest_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.payments.queries.online_authorities import OnlineAuthority

SHOWN = 8
MOST_SHOWN = 200
LONGEST_NAME = 60


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Will say what the site is for, and offer both ways to pay."""
    found = online_authorities(gateways=settings.GATEWAYS, at=clock.business_now())
    context = invoices_context(
        request,
        form=PairForm(),
        authorities=_views(found[:SHOWN]),
        count=len(found),
        sign_in_url=sign_in_url(),
        name="",
    )
    return render(request, "invoices/home/home.html", context)


@public
@require_safe
def joined(request: HttpRequest) -> HttpResponse:
    """Will list the authorities that have joined, or those whose name holds what is looked for (`nom`)."""
    name = " ".join(request.GET.get("nom", "").split())[:LONGEST_NAME]
    found = online_authorities(gateways=settings.GATEWAYS, at=clock.business_now(), name=name)
    context = invoices_context(
        request, authorities=_views(found[:MOST_SHOWN]), count=len(found), name=name, is_cut=len(found) > MOST_SHOWN
    )
    return render(request, "invoices/home/joined.html", context)


def _views(found: list[OnlineAuthority]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.authority.name,
            "crest_url": crest_of(one.authority),
            "regies": ", ".join(regie.name for regie in one.regies),
        }
        for one in found
    ]
