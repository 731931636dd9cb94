"""Days of the calendar, added, changed or taken off."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.models import Holiday
from marelle.domain.catalog.operations.calendar import AlreadySaidError, HolidaySaid, remove_holiday, save_holiday
from marelle.domain.catalog.operations.standing import DaysStillReservedError
from marelle.domain.reservations.queries.reserved_ahead import reserved_ahead
from marelle.web.doors import office_page
from marelle.web.office.calendar import wording
from marelle.web.office.calendar.forms import HolidayForm
from marelle.web.office.calendar.listing import NEW, back_to, name_of_holiday
from marelle.web.office.offer.wording import standing_days, standing_title
from marelle.web.office.setting_fields import initial_of
from marelle.web.office.surroundings import ROLES, office_context, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.rules.standing import Standing


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.ADMINISTER)
def one(request: HttpRequest, holiday: str) -> HttpResponse:
    """Will show days of the calendar, or new ones; a POST writes them."""
    visit = visit_of(request)
    found = None if holiday == NEW else _found(holiday)
    if request.method != "POST":
        asked = request.GET.get("nature", "")
        kind = asked if asked in set(Holiday.Kind) else Holiday.Kind.SCHOOL
        initial: dict[str, Any] = (
            initial_of(found, ("kind", "name", "starts_on", "ends_on")) if found else {"kind": kind}
        )
        return _page(request, found, HolidayForm(initial=initial))
    form = HolidayForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        row = save_holiday(
            visit.authority,
            found,
            HolidaySaid(**form.cleaned_data),
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
    messages.success(request, wording.HOLIDAY_SAVED, extra_tags="green")
    return SeeOther(back_to(visit, row.starts_on))


@require_POST
@office_page(ROLES.ADMINISTER)
def remove(request: HttpRequest, holiday: str) -> HttpResponse:
    """Will take days off the calendar."""
    visit = visit_of(request)
    found = _found(holiday)
    day = found.starts_on
    try:
        remove_holiday(
            found,
            reserved=reserved_ahead(visit.today),
            is_confirmed=request.POST.get("confirme") == "1",
            by=visit.actor,
            at=visit.at,
        )
    except DaysStillReservedError as error:
        form = HolidayForm(initial=initial_of(found, ("kind", "name", "starts_on", "ends_on")))
        return _page(request, found, form, standing=error.standing, is_removing=True, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.HOLIDAY_REMOVED, extra_tags="green")
    return SeeOther(back_to(visit, day))


def _found(named: str) -> Holiday:
    kind, _, day = named.partition("-")
    try:
        starts_on = date.fromisoformat(day)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Holiday.objects.select_related("authority"), kind=kind, starts_on=starts_on)


def _page(
    request: HttpRequest,
    found: Holiday | None,
    form: HolidayForm,
    *,
    standing: Sequence[Standing] = (),
    is_removing: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    context = office_context(
        visit,
        "office_calendar",
        holiday=found,
        form=form,
        is_removing=is_removing,
        standing_title=standing_title(standing) if standing else "",
        standing_days=standing_days(standing) if standing else "",
        back_url=back_to(visit, found.starts_on if found else visit.today),
        remove_url=url_of(visit, "office_holiday_remove", holiday=name_of_holiday(found)) if found else "",
    )
    return render(request, "office/calendar/holiday.html", context, status=status)
