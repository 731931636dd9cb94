"""Menus: the weeks to come, one week written on one screen, copied or pasted; who cooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.authorities.models import Facility
from marelle.domain.news.models import Kitchen
from marelle.domain.news.operations.articles import UnableToPublishError
from marelle.domain.news.operations.menus import WeekWritten, save_kitchen, save_week, withdraw_week
from marelle.domain.news.queries.articles import reach_to_publish
from marelle.domain.news.queries.menus import MenuWeek, may_be_open_data, week_written, weeks_written
from marelle.domain.news.rules.audience import Audience
from marelle.domain.news.rules.menus import Meal, weeks_without_a_vegetarian_meal
from marelle.domain.news.rules.pasted import LONGEST_PASTE, read_table
from marelle.foundation.french_dates import without_weekday
from marelle.foundation.periods import monday_of
from marelle.web.doors import office_page
from marelle.web.office.publication import wording
from marelle.web.office.publication.menu_form import KitchenForm, MenuChoiceForm, WeekForm
from marelle.web.office.publication.surroundings import page
from marelle.web.office.surroundings import ROLES, url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.news.rules.audience import PublishingReach
    from marelle.web.doors import OfficeVisit

WEEKS_BEFORE: Final = 1
WEEKS_AFTER: Final = 5
WEEK: Final = timedelta(days=7)
FURTHEST: Final = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The week that an address is about: `lieu` (a code, empty: common to all) and `repas` name it."""

    monday: date
    facility: Facility | None
    meal: Meal
    reach: PublishingReach

    @property
    def query(self) -> str:
        """Will write what names it, after the address of its week."""
        return _query(self.meal.value, self.facility.code if self.facility else "")


def _query(meal: str, place: str) -> str:
    said = QueryDict(mutable=True)
    said["repas"] = meal
    if place:
        said["lieu"] = place
    return said.urlencode()


def _wanted(request: HttpRequest, monday: str) -> Wanted:
    """Will read an address; raises Http404 for a week, a place or a meal that is none, or beyond the agent's reach."""
    try:
        day = date.fromisoformat(monday)
        meal = Meal(request.GET.get("repas", Meal.LUNCH.value))
    except ValueError:
        raise Http404 from None
    today = visit_of(request).today
    if day.weekday() or not _is_near(day, today):
        raise Http404
    code = request.GET.get("lieu", "")
    facility = Facility.objects.filter(code=code).first() if code else None
    reach = reach_to_publish(visit_of(request).agent)
    if bool(code) != bool(facility) or not _covers(reach, facility):
        raise Http404
    return Wanted(day, facility, meal, reach)


def _is_near(day: date, today: date) -> bool:
    """Will tell whether menus of a day may still be written, or looked at: further no link leads."""
    return abs(day - today) <= FURTHEST


def _covers(reach: PublishingReach, facility: Facility | None) -> bool:
    return reach.covers(Audience(facilities=frozenset({facility.code} if facility else ())))


@require_safe
@office_page(ROLES.PUBLISH)
def every(request: HttpRequest) -> HttpResponse:
    """Will show the weeks around today, what is written of each, and what is still missing."""
    visit = visit_of(request)
    reach = reach_to_publish(visit.agent)
    this_week = monday_of(visit.today)
    mondays = [this_week + place * WEEK for place in range(-WEEKS_BEFORE, WEEKS_AFTER)]
    written = weeks_written(mondays[0], mondays[-1] + timedelta(days=6))
    kitchen = Kitchen.objects.filter(authority=visit.authority).first() if reach.is_whole else None
    return page(
        request,
        "office_menus",
        "menus.html",
        weeks=[
            {
                "title": wording.week(monday, this_week),
                "url": url_of(visit, "office_menu_week", monday=monday.isoformat()) if reach.is_whole else "",
                "sets": [_set(one, visit) for one in written.get(monday, []) if _covers(reach, one.facility)],
            }
            for monday in mondays
        ],
        choice=MenuChoiceForm(reach=reach, mondays=mondays, initial={"semaine": (this_week + WEEK).isoformat()}),
        choose_url=url_of(visit, "office_menu_choose"),
        **_open_data(visit, reach, kitchen, None),
    )


def _open_data(
    visit: OfficeVisit, reach: PublishingReach, kitchen: Kitchen | None, form: KitchenForm | None
) -> dict[str, Any]:
    if not reach.is_whole:
        return {"kitchen_form": None}
    at = f"{settings.FAMILY_URL}{reverse('menus_open_data', 'marelle.config.urls_family', [visit.authority.slug])}"
    initial = {"name": kitchen.name, "siret": kitchen.siret} if kitchen else {}
    return {
        "kitchen_form": form or KitchenForm(initial=initial),
        "kitchen_url": url_of(visit, "office_menus_kitchen"),
        "open_data_url": at if may_be_open_data(visit.authority) else "",
    }


def _set(week: MenuWeek, visit: OfficeVisit) -> dict[str, Any]:
    monday = monday_of(week.rows[0].menu.day)
    query = _query(week.meal.value, week.facility.code if week.facility else "")
    lacks_vegetarian = week.meal is Meal.LUNCH and bool(weeks_without_a_vegetarian_meal(week.days))
    return {
        "title": wording.of_place(week.meal, week.facility.name if week.facility else ""),
        "days": wording.days_written(len(week.rows)),
        "is_published": week.is_published,
        "allergens_checked": week.allergens_checked,
        "lacks_vegetarian": lacks_vegetarian,
        "url": f"{url_of(visit, 'office_menu_week', monday=monday.isoformat())}?{query}",
    }


@require_safe
@office_page(ROLES.PUBLISH)
def choose(request: HttpRequest) -> HttpResponse:
    """Will lead to the week, the place and the meal that were chosen."""
    visit = visit_of(request)
    this_week = monday_of(visit.today)
    mondays = [this_week + place * WEEK for place in range(-WEEKS_BEFORE, WEEKS_AFTER)]
    form = MenuChoiceForm(request.GET, reach=reach_to_publish(visit.agent), mondays=mondays)
    if not form.is_valid():
        return SeeOther(url_of(visit, "office_menus"))
    said = form.cleaned_data
    here = url_of(visit, "office_menu_week", monday=said["semaine"])
    return SeeOther(f"{here}?{_query(said['repas'], said['lieu'])}")


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.PUBLISH)
def week(request: HttpRequest, monday: str) -> HttpResponse:
    """Will show a week to write, `copier` filling it with another week's dishes; a POST writes it."""
    visit = visit_of(request)
    wanted = _wanted(request, monday)
    if request.method != "POST":
        source = _copied(request, wanted)
        form = WeekForm(wanted.monday, written=week_written(source, wanted.facility, wanted.meal))
        return _week_page(request, wanted, form, copied=source if source != wanted.monday else None)
    form = WeekForm(wanted.monday, request.POST)
    if form.is_valid():
        is_published = "publier" in request.POST
        said = WeekWritten(wanted.facility, wanted.meal, wanted.monday, form.days, form.allergens_checked)
        save_week(visit.authority, said, is_published=is_published, reach=wanted.reach, by=visit.actor, at=visit.at)
        messages.success(request, wording.week_saved(is_published=is_published), extra_tags="green")
        if form.days and wanted.meal is Meal.LUNCH and weeks_without_a_vegetarian_meal(form.days):
            messages.warning(request, wording.NO_VEGETARIAN, extra_tags="amber")
        return SeeOther(url_of(visit, "office_menus"))
    return _week_page(request, wanted, form, HTTPStatus.UNPROCESSABLE_ENTITY)


def _copied(request: HttpRequest, wanted: Wanted) -> date:
    try:
        day = date.fromisoformat(request.GET.get("copier", ""))
    except ValueError:
        return wanted.monday
    return monday_of(day) if _is_near(day, wanted.monday) else wanted.monday


@require_POST
@office_page(ROLES.PUBLISH)
def paste(request: HttpRequest, monday: str) -> HttpResponse:
    """Will fill the screen of a week with what was copied from a spreadsheet; nothing is written."""
    wanted = _wanted(request, monday)
    text = request.POST.get("tableau", "")
    pasted = read_table(text)
    if not pasted.count or len(text) > LONGEST_PASTE:
        form = WeekForm(wanted.monday, written=week_written(wanted.monday, wanted.facility, wanted.meal))
        return _week_page(
            request, wanted, form, HTTPStatus.UNPROCESSABLE_ENTITY, pasted_text=text, paste_error=wording.NOTHING_PASTED
        )
    form = WeekForm(wanted.monday, pasted=pasted)
    return _week_page(request, wanted, form, pasted_count=wording.pasted(pasted.count))


def _week_page(
    request: HttpRequest, wanted: Wanted, form: WeekForm, status: int = 200, /, copied: date | None = None, **more: Any
) -> HttpResponse:
    visit = visit_of(request)
    here = url_of(visit, "office_menu_week", monday=wanted.monday.isoformat())
    previous = wanted.monday - WEEK
    written = week_written(wanted.monday, wanted.facility, wanted.meal)
    return page(
        request,
        "office_menus",
        "menu_week.html",
        status,
        form=form,
        title=wording.of_place(wanted.meal, wanted.facility.name if wanted.facility else ""),
        above=wording.week(wanted.monday, monday_of(visit.today)),
        action=f"{here}?{wanted.query}",
        paste_url=f"{url_of(visit, 'office_menu_paste', monday=wanted.monday.isoformat())}?{wanted.query}",
        withdraw_url=(
            f"{url_of(visit, 'office_menu_withdraw', monday=wanted.monday.isoformat())}?{wanted.query}"
            if any(row.is_published for row in written.rows)
            else ""
        ),
        copy_url=f"{here}?{wanted.query}&copier={previous.isoformat()}",
        previous_words=without_weekday(previous),
        copied=wording.copied(copied) if copied else "",
        list_url=url_of(visit, "office_menus"),
        hint=wording.MENU_HINT,
        allergens=wording.ALLERGEN_WORDS,
        marks=wording.MARK_WORDS,
        **more,
    )


@require_POST
@office_page(ROLES.PUBLISH)
def withdraw(request: HttpRequest, monday: str) -> HttpResponse:
    """Will make a week a draft again."""
    visit = visit_of(request)
    wanted = _wanted(request, monday)
    withdraw_week(
        visit.authority,
        wanted.facility,
        wanted.meal,
        wanted.monday,
        reach=wanted.reach,
        by=visit.actor,
        at=visit.at,
    )
    messages.success(request, wording.WEEK_WITHDRAWN, extra_tags="green")
    return SeeOther(url_of(visit, "office_menus"))


@require_POST
@office_page(ROLES.PUBLISH)
def kitchen(request: HttpRequest) -> HttpResponse:
    """Will say who cooks."""
    visit = visit_of(request)
    reach = reach_to_publish(visit.agent)
    form = KitchenForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            save_kitchen(visit.authority, said["name"], said["siret"], reach=reach, by=visit.actor, at=visit.at)
        except UnableToPublishError as error:
            if "place" in error.faults:
                raise Http404 from error
            for name, words in error.faults.items():
                form.add_error(name, words)
        else:
            messages.success(request, wording.KITCHEN_SAVED, extra_tags="green")
            return SeeOther(url_of(visit, "office_menus"))
    return page(
        request,
        "office_menus",
        "kitchen.html",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        form=form,
        list_url=url_of(visit, "office_menus"),
    )
