"""A day set by the town hall, whatever the terms say."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.views.decorators.http import require_POST

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.operations.custody import (
    CustodyChangedMeanwhileError,
    UnableToSettleCustodyError,
    decide_days,
)
from marelle.domain.reservations.queries.custody_effects import days_preview
from marelle.web.office.custody import wording
from marelle.web.office.custody.shown import child_or_404, home_names, pair_of, url_of_child
from marelle.web.office.custody.views import day_form, show
from marelle.web.office.surroundings import ROLES, visit_of, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def decide(request: HttpRequest, family: str, child: str) -> HttpResponse:
    """Will set whose a day is."""
    visit = visit_of(request)
    home, who = child_or_404(visit, family, child, ROLES.MANAGE_RESERVATIONS)
    pair = pair_of(who.pk, today=visit.today)
    if pair is None:
        return show(request, home, who, problem=("Un seul foyer", wording.ONE_HOME), status=HTTPStatus.CONFLICT)
    names = home_names(pair.homes.values())
    form = day_form(who, pair, names, request.POST)
    if not form.is_valid():
        return show(request, home, who, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    day = form.cleaned_data["date"]
    chosen = next((key for key, one in pair.homes.items() if one.public_id == form.cleaned_data["home"]), None)
    offer = offer_of(visit.authority)
    preview = days_preview(who.pk, days={day: chosen}, until=day, offer=offer, today=visit.today)
    try:
        decide_days(
            who.pk, days={day: chosen}, seen=form.cleaned_data["seen"], offer=offer, by=visit.actor, at=visit.at
        )
    except UnableToSettleCustodyError as error:
        form.add_error("date", str(error.fault))
        return show(request, home, who, form=form, status=HTTPStatus.CONFLICT)
    except CustodyChangedMeanwhileError:
        again = day_form(who, pair, names)
        again.initial["date"], again.initial["home"] = day, form.cleaned_data["home"]
        return show(request, home, who, form=again, problem=wording.MEANWHILE_DAYS, status=HTTPStatus.CONFLICT)
    said = wording.day_set(who.first_name, day, names[chosen] if chosen else "", preview.moves.count)
    messages.success(request, said, extra_tags="green")
    return SeeOther(url_of_child(visit, "office_custody", home, who))
