"""A parent asks for an address; the agenda of a telephone reads it, without signing in, as long as she has access."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.families.operations.feeds import UnableToFeedError, renew_calendar_feed, stop_calendar_feed
from marelle.domain.families.queries.feeds import feed_of, feed_read_by
from marelle.domain.reservations.queries.agenda import agenda_of
from marelle.foundation import clock, tenancy
from marelle.foundation.french_dates import in_full
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page, public
from marelle.web.family.agenda import wording
from marelle.web.family.agenda.ics import calendar_of
from marelle.web.family.surroundings import family_context, visit_of

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.families.models import CalendarFeed
    from marelle.web.doors import FamilyVisit

BEFORE: Final = timedelta(days=31)
AFTER: Final = timedelta(days=366)
LONGEST: Final = 60


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def agenda(request: HttpRequest) -> HttpResponse:
    """Will show the address that the parent's agenda reads; a POST makes it, or another one."""
    visit = visit_of(request)
    before = feed_of(visit.membership)
    if request.method == "POST":
        try:
            renew_calendar_feed(visit.membership, by=visit.actor, at=clock.machine_now())
        except UnableToFeedError:
            raise Http404 from None
        messages.success(request, str(wording.MADE if before is None else wording.RENEWED))
        return _back(visit)
    address = _address(before) if before is not None else ""
    made = before.made_at.astimezone(visit.authority.zone).date() if before is not None else None
    context = family_context(
        visit,
        "calendar",
        address=address,
        subscribe_url=f"webcal://{address.partition('://')[2]}" if address else "",
        made_on=in_full(made, year=True) if made is not None else "",
        calendar_url=reverse("calendar", args=[visit.authority.slug]),
        make_url=reverse("agenda", args=[visit.authority.slug]),
        stop_url=reverse("agenda_stop", args=[visit.authority.slug]),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/agenda/page.html", context)


@family_page
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Will end the address: the agenda reads nothing any more."""
    visit = visit_of(request)
    is_done = stop_calendar_feed(visit.membership, by=visit.actor, at=clock.machine_now())
    messages.success(request, str(wording.STOPPED if is_done else wording.NOTHING_TO_STOP))
    return _back(visit)


@public
@require_safe
def feed(request: HttpRequest, feed: str) -> HttpResponse:
    """Will hand over the days of a family to whoever bears the secret, from last month to next year.

    The membership is looked up each time: removed, nothing is handed over any more. No cookie is read nor set.
    """
    response = _feed(request, feed)
    patch_cache_control(response, private=True, no_store=True)
    response["X-Robots-Tag"] = "noindex"
    return response


def _feed(request: HttpRequest, token: str) -> HttpResponse:
    found = feed_read_by(token) if len(token) <= LONGEST else None
    # Whoever tries secrets is counted by address; a secret that serves, by itself.
    action, key = ("agenda", found.public_id) if found is not None else ("agenda_refused", None)
    if not ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True):
        return _plain(wording.TOO_MANY, 429)
    if found is None:
        return _plain(wording.UNKNOWN, 404)
    today = clock.business_now().astimezone(found.authority.zone).date()
    written = _written(found, today)
    mark = f'"{hashlib.sha256(written).hexdigest()[:32]}"'
    if mark in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(written, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="marelle.ics"'
    response["ETag"] = mark
    return response


def _written(found: CalendarFeed, today: date) -> bytes:
    with tenancy.scope({found.authority_id}):
        days = agenda_of(found.membership.family_id, first=today - BEFORE, last=today + AFTER)
    return calendar_of(
        days,
        name=wording.CALENDAR_NAME.format(authority=found.authority.name),
        host=urlsplit(settings.FAMILY_URL).hostname or "",
        zone=found.authority.zone,
    )


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def _address(found: CalendarFeed) -> str:
    """Will return the whole address, which no family's name precedes: the secret says which it is."""
    return f"{settings.FAMILY_URL.rstrip('/')}/agenda/{found.token}.ics"


def _back(visit: FamilyVisit) -> HttpResponse:
    return HttpResponseRedirect(reverse("agenda", args=[visit.authority.slug]))
