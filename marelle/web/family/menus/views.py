"""What children eat: a week of menus, for everybody, and the file that is open to all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from marelle.domain.news.queries.articles import audience_of
from marelle.domain.news.queries.menus import may_be_open_data, publisher_of, served_menus, weeks_published
from marelle.domain.news.rules.open_data import as_csv
from marelle.foundation.periods import monday_of
from marelle.web.contacts import contact_view
from marelle.web.doors import authority_page, family_page
from marelle.web.family.menus import wording
from marelle.web.family.news.surroundings import entrance, is_member, published_here
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import HttpRequest

    from marelle.domain.news.queries.menus import MenuRow
    from marelle.web.doors import Visit

WEEK: Final = timedelta(days=7)
# Menus are written a few weeks ahead; further, or before last year, no link leads.
FURTHEST: Final = timedelta(days=400)
KEPT_SECONDS: Final = 3600


@authority_page
@require_safe
def menus(request: HttpRequest) -> HttpResponse:
    """Will show the menus of a week to everybody; to a family, those of her children's places."""
    visit = request.visit  # type: ignore[attr-defined]
    if is_member(request, visit.authority):
        return _family_menus(request, authority=visit.authority.slug)
    context = {
        **_week(request, visit, None),
        "tabs": published_here(visit.authority, "menus", is_public=True),
        "layout": "layouts/public.html",
        **entrance(visit.authority, is_signed_in=request.user.is_authenticated),
    }
    return render(request, "family/menus/page.html", context)


@family_page
def _family_menus(request: HttpRequest) -> HttpResponse:
    visit = request.visit  # type: ignore[attr-defined]
    places = audience_of(visit.family.pk, on=visit.today).facilities
    context = family_context(
        visit, "news", tabs=published_here(visit.authority, "menus"), **_week(request, visit, places)
    )
    return render(request, "family/menus/page.html", context)


def _week(request: HttpRequest, visit: Visit, places: Collection[str] | None) -> dict[str, Any]:
    here = reverse("menus", args=[visit.authority.slug])
    this_week = monday_of(visit.today)
    try:
        day = date.fromisoformat(request.GET.get("semaine", ""))
    except ValueError:
        day = this_week
    if abs(day - this_week) > FURTHEST:
        raise Http404
    monday = monday_of(day)
    sets = [
        {
            "title": wording.of_place(week.meal, week.facility.name if week.facility else ""),
            "days": [_day(row) for row in week.rows],
        }
        for week in weeks_published(monday, places=places)
    ]
    return {
        "week": wording.week(monday, monday + timedelta(days=4)),
        "sets": sets,
        "not_checked": wording.NOT_CHECKED,
        "caution": wording.CAUTION,
        "contact": contact_view(visit.authority),
        "previous_url": f"{here}?semaine={(monday - WEEK).isoformat()}",
        "this_week_url": here if monday != this_week else "",
        "next_url": f"{here}?semaine={(monday + WEEK).isoformat()}",
        "open_data_url": (
            reverse("menus_open_data", args=[visit.authority.slug]) if may_be_open_data(visit.authority) else ""
        ),
    }


def _day(row: MenuRow) -> dict[str, Any]:
    return {
        "title": wording.day_title(row.menu.day),
        "special": row.menu.special,
        "is_vegetarian": row.menu.is_vegetarian,
        "is_checked": row.allergens_checked,
        "dishes": [
            {
                "course": dish.course.capitalize(),
                "name": dish.name,
                "marks": dish.mark_words,
                "contains": wording.contains(dish, is_checked=row.allergens_checked),
            }
            for dish in row.menu.dishes
        ],
    }


@authority_page
@require_safe
def open_data(request: HttpRequest) -> HttpResponse:
    """Will answer with all the published menus of a year and to come, as the national schema wants them."""
    visit = request.visit  # type: ignore[attr-defined]
    if not may_be_open_data(visit.authority):
        raise Http404
    content = as_csv(publisher_of(visit.authority), served_menus(visit.authority, on=visit.today))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="menus-{visit.authority.slug}.csv"'
    # It is for whoever reuses it: any page may fetch it, anybody may keep it an hour.
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    return response
