"""A closure: days on which everything, a service or a place is closed."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.models import ClosureDay
from marelle.domain.catalog.operations.calendar import AlreadySaidError, ClosureSaid, close_days, reopen_days
from marelle.domain.catalog.operations.standing import DaysStillReservedError
from marelle.domain.reservations.queries.reserved_ahead import reserved_ahead
from marelle.web.doors import office_page
from marelle.web.office.calendar import wording
from marelle.web.office.calendar.forms import ClosureForm
from marelle.web.office.calendar.listing import NEW, NOBODY, back_to, name_of_closure
from marelle.web.office.offer.wording import standing_days, standing_title
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.rules.standing import Standing

PARTS_OF_A_NAME: Final = 3


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, closure: str) -> HttpResponse:
    """Will show a closure, or a new one; a POST writes it."""
    visit = visit_of(request)
    found = None if closure == NEW else _found(closure)
    if request.method != "POST":
        return _page(request, found, ClosureForm(initial=_initial(found)))
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    given = form.cleaned_data
    said = ClosureSaid(
        given["reason"],
        given["starts_on"],
        given["ends_on"],
        form.services.get(given["service"]),
        form.facilities.get(given["facility"]),
    )
    try:
        close_days(
            visit.authority,
            found,
            said,
            reserved=reserved_ahead(visit.today),
            is_confirmed=request.POST.get("confirme") == "1",
            by=visit.actor,
            at=visit.at,
        )
    except AlreadySaidError:
        form.add_error("starts_on", wording.TAKEN)
        return _page(request, found, form, status=HTTPStatus.CONFLICT)
    except DaysStillReservedError as error:
        return _page(request, found, form, standing=error.standing, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.CLOSED, extra_tags="green")
    return SeeOther(back_to(visit, said.starts_on))


@require_POST
@office_page(ROLES.ADMINISTER)
def remove(request: HttpRequest, closure: str) -> HttpResponse:
    """Will open the days of a closure again."""
    visit = visit_of(request)
    found = _found(closure)
    day = found.starts_on
    reopen_days(found, by=visit.actor, at=visit.at)
    messages.success(request, wording.REOPENED, extra_tags="green")
    return SeeOther(back_to(visit, day))


def _found(named: str) -> ClosureDay:
    parts = named.split(".")
    if len(parts) != PARTS_OF_A_NAME:
        raise Http404
    day, service, facility = parts
    try:
        starts_on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    rows = ClosureDay.objects.select_related("authority", "service", "facility").filter(starts_on=starts_on)
    rows = rows.filter(service__isnull=True) if service == NOBODY else rows.filter(service__code=service)
    rows = rows.filter(facility__isnull=True) if facility == NOBODY else rows.filter(facility__code=facility)
    return get_object_or_404(rows)


def _initial(found: ClosureDay | None) -> dict[str, object]:
    if found is None:
        return {}
    return {
        "reason": found.reason,
        "starts_on": found.starts_on,
        "ends_on": found.ends_on,
        "service": found.service.code if found.service else "",
        "facility": found.facility.code if found.facility else "",
    }


def _page(
    request: HttpRequest,
    found: ClosureDay | None,
    form: ClosureForm,
    *,
    standing: Sequence[Standing] = (),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_calendar",
        closure=found,
        form=form,
        standing_title=standing_title(standing) if standing else "",
        standing_days=standing_days(standing) if standing else "",
        back_url=back_to(visit, found.starts_on if found else visit.today),
        remove_url=url_of(visit, "office_closure_remove", closure=name_of_closure(found)) if found else "",
    )
    return render(request, "office/calendar/closure.html", context, status=status)
