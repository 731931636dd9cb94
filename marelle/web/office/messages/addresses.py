"""Addresses that answer no more: whose they are, and trying one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.news.models import LostAddress
from marelle.domain.news.operations.returns import try_address_again
from marelle.domain.news.queries.messages import lost_addresses
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation.french_dates import in_full
from marelle.web.doors import office_page
from marelle.web.office.messages import wording
from marelle.web.office.messages.surroundings import page, publishing
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@office_page(ROLES.PUBLISH)
def every(request: HttpRequest) -> HttpResponse:
    """Will list the addresses from which letters come back, of the families within the agent's reach."""
    visit = visit_of(request)
    may_open = visit.may(ROLES.READ_FAMILIES)
    return page(
        request,
        "addresses.html",
        rows=[
            {
                "family": one.family.name,
                "url": url_of(visit, "office_family", family=one.family.public_id) if may_open else "",
                "who": one.guardian,
                "address": one.address,
                "since": in_full(one.row.returned_at.astimezone(visit.authority.zone).date(), year=True),
                "try_url": url_of(visit, "office_try_address_again", lost=one.row.public_id),
            }
            for one in lost_addresses(families_within(publishing(visit)))
        ],
        list_url=url_of(visit, "office_messages"),
    )


@require_POST
@office_page(ROLES.PUBLISH)
def try_again(request: HttpRequest, lost: str) -> HttpResponse:
    """Will let letters go again to an address."""
    visit = visit_of(request)
    within = LostAddress.objects.filter(family__in=families_within(publishing(visit)).values("pk"))
    is_done = try_address_again(get_object_or_404(within, public_id=lost), by=visit.actor, at=visit.at)
    words = wording.TRIED_AGAIN if is_done else wording.ALREADY_CLEARED
    (messages.success if is_done else messages.warning)(request, words, extra_tags="green" if is_done else "amber")
    return SeeOther(url_of(visit, "office_lost_addresses"))
