"""The agents' day: who is expected, the places, what to mind; held places; the sheet of attendance."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.queries.profile import pickups_on
from marelle.domain.payments.operations.desk import UnableToTakeError, settle_place
from marelle.domain.reservations.models import Attendance, Reservation
from marelle.domain.reservations.operations.attendance import record_attendance
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, release_held_place
from marelle.domain.reservations.queries.attendance import enrolled_on, markable, standing_on
from marelle.domain.reservations.queries.days import expected_by_facility, is_open, open_day_near, read_day
from marelle.domain.reservations.queries.disruptions import closed_by, disruptions_on
from marelle.domain.reservations.queries.french_names import folded
from marelle.domain.reservations.queries.requests import pending_requests
from marelle.web.components.controls import Choice
from marelle.web.doors import office_page
from marelle.web.long_pages import WrittenApart
from marelle.web.office.cancellations.cards import request_cards
from marelle.web.office.day import forms, roll, rows, wording
from marelle.web.office.day.tablets import (
    agent_key,
    carried,
    has_unbooked,
    kept_for,
    local_hour,
    unbooked,
    unbooked_prices,
)
from marelle.web.office.disruptions import wording as event_words
from marelle.web.office.homes_of_day import homes_of_day
from marelle.web.office.need_to_know import health_products
from marelle.web.office.photos import photo_urls
from marelle.web.office.surroundings import ROLES, around_name, office_context, reach, url_of
from marelle.web.readings import notes_readings, reads_health_on
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, time

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.queries.days import Day
    from marelle.web.doors import OfficeVisit
    from marelle.web.office.cancellations.cards import RequestCard

FILTERS = ("service", "etablissement")
MOST_FOUND = 20
# A tablet stands in one place: where more children than these are expected, a sheet opens on the first one.
MOST_AT_ONCE = 200
EVERYWHERE = "tous"


@require_safe
@office_page(ROLES.VIEW_DAY)
@notes_readings
def today(request: HttpRequest) -> HttpResponse:
    """Will show today, or lead to the day that was chosen."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    if "jour" not in request.GET:
        return _day_page(request, visit.today)
    form = forms.DayForm(request.GET)
    if not form.is_valid():
        return _day_page(request, visit.today, form=form, status=HTTPStatus.BAD_REQUEST)
    return HttpResponseRedirect(_day_url(visit, form.cleaned_data["jour"], _filters(request)))


@require_safe
@office_page(ROLES.VIEW_DAY)
@notes_readings
def any_day(request: HttpRequest, day: str) -> HttpResponse:
    """Will show the day of the address."""
    return _day_page(request, _day_or_404(day))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def held_place(request: HttpRequest, day: str) -> HttpResponse:
    """Will confirm or give back a place that was held."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    on = _day_or_404(day)
    form = forms.HeldPlaceForm(request.POST)
    if not form.is_valid():
        return _refused(request, on, wording.FORGED_ANSWER, "", HTTPStatus.BAD_REQUEST)
    asked = form.cleaned_data
    found = (
        Reservation.objects.active()
        .filter(
            child__public_id=asked["child"],
            product__public_id=asked["product"],
            product__in=reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys,
            date=on,
        )
        .select_related("child", "product")
        .first()
    )
    if found is None:
        return _refused(request, on, wording.NOT_HELD, wording.NOT_HELD_WHY, HTTPStatus.CONFLICT)
    names = (found.child.full_name, found.product.name, on)
    try:
        if asked["answer"] == "confirm":
            settle_place(found, authority=visit.authority, means=asked["means"], by=visit.actor, at=visit.at)
            messages.success(request, wording.place_confirmed(*names), extra_tags="green")
        else:
            release_held_place(found, reason=asked["reason"], by=visit.actor, at=visit.at)
            messages.success(request, wording.place_released(*names), extra_tags="green")
    except UnableToRecordError:
        return _refused(request, on, wording.NOT_HELD, wording.NOT_HELD_WHY, HTTPStatus.CONFLICT)
    except UnableToTakeError as error:
        return _refused(request, on, wording.NOT_TAKEN, error.why.value, HTTPStatus.CONFLICT)
    return SeeOther(_day_url(visit, on))


@require_safe
@office_page(ROLES.RECORD_ATTENDANCE)
def sheet_today(request: HttpRequest) -> HttpResponse:
    """Will lead to the sheet of today."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    return HttpResponseRedirect(_sheet_url(visit, visit.today))


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.RECORD_ATTENDANCE)
@notes_readings
def sheet(request: HttpRequest, day: str) -> HttpResponse:
    """Will show the sheet of a day, and record it."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    on = _day_or_404(day)
    if request.method != "POST":
        return _sheet_page(request, on)
    if on > visit.today:
        return _sheet_page(request, on, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    within = _in_reach(visit, ROLES.RECORD_ATTENDANCE, _filters(request))
    # Who is on the sheet is enough to record it.
    found = read_day(on, products=within, health_within=(), has_waits=False)
    squares = {
        forms.square_name(found.children[child].public_id, product.public_id): (child, product.pk)
        for product in found.products
        for child in found.children
        if (child, product.pk) in found.marks
    } | _squares_of_unbooked(request, found)
    try:
        answers, unknown = forms.read_sheet(request.POST, squares)
        shown = forms.read_shown(request.POST, squares)
        times = forms.read_times(request.POST, squares, ends=_ends(found))
    except forms.UnreadableSheetError:
        problem = (wording.UNREADABLE_SHEET, wording.UNREADABLE_SHEET_WHY)
        return _sheet_page(request, on, problem=problem, status=HTTPStatus.BAD_REQUEST)
    if request.POST.get("others") == Attendance.State.PRESENT:
        awaited = [key for key, mark in found.marks.items() if not mark.seen and not mark.is_told]
        answers |= {key: answers.get(key) or Attendance.State.PRESENT.value for key in awaited}
    right = forms.read_right(request.POST, squares)
    changed = record_attendance(
        # What the page showed and nobody touched says nothing: another tablet may have said better since.
        {
            key: state
            for key, state in answers.items()
            if key not in shown or key in right or key in times or (state or "") != shown[key].state
        },
        day=on,
        times=times,
        knew={key: one.knew for key, one in shown.items()},
        authority=visit.authority.pk,
        by=visit.actor,
        at=visit.at,
    )
    now = {key: mark.seen or None for key, mark in found.marks.items()} | answers
    present, absent = (forms.ticked(now.values(), state) for state in Attendance.State.values)
    messages.success(request, wording.sheet_saved(present, absent, changed), extra_tags="green")
    if unknown:
        messages.warning(request, wording.no_longer_expected(unknown), extra_tags="amber")
    return SeeOther(_sheet_url(visit, on, _filters(request)))


def _refused(request: HttpRequest, day: date, first: str, why: str, status: int) -> HttpResponse:
    """Will show the day with a refusal on top; one who may answer but not look at the day is sent to the queue."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    if not visit.may(ROLES.VIEW_DAY):
        messages.warning(request, first, extra_tags="amber")
        return SeeOther(reverse("office_cancellations", kwargs={"authority": visit.authority.slug}))
    return _day_page(request, day, problem=(first, why), status=status)


def _day_page(
    request: HttpRequest,
    day: date,
    *,
    form: forms.DayForm | None = None,
    problem: tuple[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    within = reach(visit, ROLES.VIEW_DAY).products
    chosen = _known_filters(within, _filters(request))
    found = read_day(day, products=within, health_within=health_products(visit), offer=offer_of(visit.authority))
    at_facility = _products_chosen(within, {**chosen, "service": ""})
    shown = _products_chosen(within, chosen)
    children = roll.expected_children(found, shown)
    watched, watched_words = roll.watched_words(children)
    _say_what_is_read(request, found, shown, named="day")
    manages = visit.may(ROLES.MANAGE_RESERVATIONS)
    cards: tuple[RequestCard, ...] = ()
    if manages:
        answerable = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys & {product.pk for product in shown}
        cards = request_cards(pending_requests(answerable).filter(reservation__date=day), offer=offer)
    closed = [offer.day(product, day).closed for product in within]
    events = list(disruptions_on(day, day).filter(products__overlap=[product.pk for product in within]))
    closing = {product: title for (product, _day), title in closed_by(events, day, day).items()}
    apart = WrittenApart()
    context = {
        **_around(visit, day, within, chosen),
        "title": wording.day_title(day),
        "is_today": day == visit.today,
        "is_open": is_open(day, products=within, offer=offer),
        "closed_reasons": tuple(dict.fromkeys(why.reason for why in closed if why and why.reason)),
        "events": [
            (
                f"{one.title} : {event_words.EFFECTS_SHORT[one.effect].lower()}.",
                url_of(visit, "office_disruption", disruption=one.public_id) if manages else "",
            )
            for one in events
        ],
        "is_closed": bool(shown) and all(product.pk in closing for product in shown),
        "day_form": form or forms.DayForm(initial={"jour": day}),
        "kept_filters": [(name, value) for name, value in chosen.items() if value],
        "gauges": roll.gauges(found, at_facility, closing),
        "shows_health": roll.shows_health(children),
        "watched": watched,
        "watched_noun": "enfant" if watched < 2 else "enfants",  # noqa: PLR2004
        "watched_words": watched_words,
        "alerts": roll.alerts(children, on=found.date),
        "services": _service_choices(visit, day, within, chosen),
        "facilities": _facility_choices(visit, day, within, chosen),
        "rolls": _rolls(visit, found, shown, apart),
        "expected": wording.counted(len(children), "enfant"),
        "kitchen": roll.kitchen(found, shown),
        "held": roll.held_places(found, shown, zone=visit.authority.zone),
        "waiting": roll.waiting_lists(found, shown),
        "cards": cards,
        "manages": manages,
        "sheet_url": _sheet_url(visit, day, chosen)
        if visit.may(ROLES.RECORD_ATTENDANCE) and day <= visit.today
        else "",
        "means": forms.MEANS,
        "held_url": reverse("office_held_place", kwargs={"authority": visit.authority.slug, "day": day.isoformat()}),
        "problem": problem,
    }
    page = office_context(visit, "office_day", **context)
    return apart.page(request, "office/day/page.html", page, status=status)


def _sheet_page(
    request: HttpRequest, day: date, *, problem: tuple[str, str] | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    within = reach(visit, ROLES.RECORD_ATTENDANCE).products
    chosen = _known_filters(within, _filters(request))
    asked, is_future = chosen, day > visit.today
    if not chosen["etablissement"] and not is_future:
        chosen = {**chosen, "etablissement": _first_place(day, _products_chosen(within, chosen))}
    shown = _products_chosen(within, chosen)
    if is_future:
        problem = (wording.FUTURE_SHEET, wording.FUTURE_SHEET_WHY)
    found = None if is_future else read_day(day, products=shown, health_within=health_products(visit), has_waits=False)
    if found is not None:
        _say_what_is_read(request, found, shown, named="sheet")
    apart = WrittenApart()
    # Before the classes: its part of the page comes first.
    tablet = {} if found is None else _tablet(visit, shown, found, request.GET.get("nom", ""), apart)
    context = {
        **_around(visit, day, within, chosen, is_sheet=True),
        "title": wording.day_title(day),
        "services": _service_choices(visit, day, within, chosen, is_sheet=True),
        "facilities": _facility_choices(visit, day, within, chosen, is_sheet=True),
        "rolls": () if found is None else _rolls(visit, found, shown, apart, is_sheet=True),
        "tally": "" if found is None else roll.tallied(found, shown),
        **tablet,
        "is_future": is_future,
        "sheet_url": _sheet_url(visit, day, chosen),
        "sheet_path": _sheet_url(visit, day),
        "kept_filters": [(name, value) for name, value in chosen.items() if value],
        "today_sheet_url": _sheet_url(visit, visit.today, chosen),
        "day_url": _day_url(visit, day, asked) if visit.may(ROLES.VIEW_DAY) else "",
        "ticked_products": "" if found is None else roll.ticked_together(found, shown),
        "problem": problem,
    }
    page = office_context(visit, "office_sheet_today", **context)
    response = apart.page(request, "office/day/sheet.html", page, status=status)
    if day == visit.today and status == HTTPStatus.OK:
        # The worker in the browser keeps the sheet of the day, for its agent alone, and no longer than the night.
        response["X-Sheet-Kept"] = str(context["kept_for"])
        response["X-Sheet-Agent"] = str(context["agent_key"])
    return response


def _tablet(
    visit: OfficeVisit, shown: Sequence[ProductOffer], found: Day, name: str, apart: WrittenApart
) -> dict[str, Any]:
    """Will return what a tablet needs to tick without the network, and whom the sheet without scripts searches."""
    day = found.date
    enrolled = enrolled_on(day, shown)
    has_enrolled = has_unbooked(found, enrolled)
    return {
        "exchange_url": url_of(visit, "office_attendance_marks", day=day.isoformat()),
        "agent_key": agent_key(visit),
        "kept_for": kept_for(visit) if day == visit.today else 0,
        "enrolled": apart.put(carried(enrolled, shown)) if found.marks or has_enrolled else "",
        "unbooked": unbooked(found, enrolled, shown, folded(name).split())[:MOST_FOUND],
        "has_enrolled": has_enrolled,
        "unbooked_prices": unbooked_prices(shown, on=day),
        "searched": name,
        "unfinished_url": url_of(visit, "office_unfinished_sheets"),
        "now": local_hour(visit),
    }


def _squares_of_unbooked(request: HttpRequest, found: Day) -> dict[str, tuple[int, int]]:
    """Will return, by their names in the form, the squares posted of children who are enrolled and had not reserved."""
    posted = [name.removeprefix(forms.PREFIX) for name in request.POST if name.startswith(forms.PREFIX)]
    here = {child.public_id for child in found.children.values()}
    others = {child for child, _dot, _product in (rest.partition(".") for rest in posted) if child not in here}
    if not others:
        return {}
    by_public_id = {product.public_id: product.pk for product in found.products}
    known = markable(others, day=found.date, products=found.products)
    squares = {}
    for rest in posted:
        child, _dot, product = rest.partition(".")
        if child in known and by_public_id.get(product) in known[child].products:
            squares[forms.PREFIX + rest] = (known[child].pk, by_public_id[product])
    return squares


def _ends(found: Day) -> Callable[[tuple[int, int]], time | None]:
    """Will return what says when the part of the day of a child for a product (keys) ends."""
    products = {product.pk: product for product in found.products}

    def ends(key: tuple[int, int]) -> time | None:
        child = found.children.get(key[0])
        return found.ends_at(child, products[key[1]]) if child else None

    return ends


def _say_what_is_read(request: HttpRequest, day: Day, shown: Sequence[ProductOffer], *, named: str) -> None:
    """Will have the journal note whose health the list shows: those of whom there is something to read."""
    keys = {product.pk for product in shown}
    here = {child for child, product in day.marks if product in keys}
    read = {pk for pk in here if day.children[pk].health.is_watched}
    facilities = {product.activity.facility_pk for product in shown}
    reads_health_on(request, read, named=named, day=day.date, facilities=facilities)


def _rolls(
    visit: OfficeVisit, day: Day, shown: Sequence[ProductOffer], apart: WrittenApart, *, is_sheet: bool = False
) -> tuple[rows.Written, ...]:
    zone, children = visit.authority.zone, list(day.children)
    around = rows.Around(
        pickups=pickups_on(day.date, children, zone=zone),
        photos=photo_urls(visit, children),
        stands=standing_on(day.date, [product.pk for product in shown]) if is_sheet else {},
        zone=zone,
        family_url=around_name(visit, "office_family", "family") if visit.may(ROLES.MANAGE_RESERVATIONS) else None,
        authority=visit.authority.name,
        title=wording.day_title(day.date),
        homes=homes_of_day(visit, day.children.keys(), day.date),
    )
    return rows.written(day, roll.facility_rolls(day, shown), around, apart, is_sheet=is_sheet)


def _around(
    visit: OfficeVisit, day: date, within: Sequence[ProductOffer], chosen: dict[str, str], *, is_sheet: bool = False
) -> dict[str, Any]:
    """Will give the way to the open days before and after, named by their weekday."""
    offer = offer_of(visit.authority)
    url = _sheet_url if is_sheet else _day_url
    before = open_day_near(day, -1, products=within, offer=offer)
    after = open_day_near(day, 1, products=within, offer=offer)
    if is_sheet and after and after > visit.today:
        after = None
    return {
        "day": day,
        "previous_url": url(visit, before, chosen) if before else "",
        "previous_label": wording.day_button(before, near=day),
        "next_url": url(visit, after, chosen) if after else "",
        "next_label": wording.day_button(after, near=day),
        "today_url": url(visit, visit.today, chosen),
    }


def _in_reach(visit: OfficeVisit, role: str, asked: dict[str, str]) -> tuple[ProductOffer, ...]:
    within = reach(visit, role).products
    return _products_chosen(within, _known_filters(within, asked))


def _products_chosen(products: Sequence[ProductOffer], chosen: dict[str, str]) -> tuple[ProductOffer, ...]:
    facility = "" if chosen["etablissement"] == EVERYWHERE else chosen["etablissement"]
    return roll.products_shown(products, service=chosen["service"], facility=facility)


def _first_place(day: date, products: Sequence[ProductOffer]) -> str:
    """Will return the facility (code) on which the sheet of these products opens, empty for all of them.

    The address alone says where a tablet stands: the links of a sheet name its place, « everywhere » is one of them.
    """
    expected = expected_by_facility(day, [product.pk for product in products])
    if len(expected) < 2 or sum(expected.values()) <= MOST_AT_ONCE:  # noqa: PLR2004  nothing to choose from
        return ""
    return next(roll.facility_code(product) for product in products if product.activity.facility_pk in expected)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in FILTERS}


def _known_filters(products: Sequence[ProductOffer], asked: dict[str, str]) -> dict[str, str]:
    """Will drop a filter that names nothing: an old address shows what one without it does."""
    services = {product.activity.service.code for product in products}
    facilities = {roll.facility_code(product) for product in products}
    return {
        "service": asked["service"] if asked["service"] in services else "",
        "etablissement": asked["etablissement"] if asked["etablissement"] in {*facilities, EVERYWHERE} else "",
    }


def _service_choices(
    visit: OfficeVisit, day: date, products: Sequence[ProductOffer], chosen: dict[str, str], *, is_sheet: bool = False
) -> list[Choice]:
    services = {product.activity.service.code: product.activity.service for product in products}
    names = {"": ("Tous les services", ""), **{code: (one.name, one.icon) for code, one in services.items()}}
    return _choices(visit, day, "service", names, chosen, is_sheet=is_sheet)


def _facility_choices(
    visit: OfficeVisit, day: date, products: Sequence[ProductOffer], chosen: dict[str, str], *, is_sheet: bool = False
) -> list[Choice]:
    facilities = {roll.facility_code(product): product.activity.facility_name for product in products}
    everywhere = EVERYWHERE if is_sheet else ""
    names = {everywhere: ("Tous les lieux", ""), **{code: (name, "") for code, name in facilities.items()}}
    if chosen["etablissement"] in {"", EVERYWHERE}:
        chosen = {**chosen, "etablissement": everywhere}
    return _choices(visit, day, "etablissement", names, chosen, is_sheet=is_sheet)


def _choices(
    visit: OfficeVisit,
    day: date,
    name: str,
    labels: dict[str, tuple[str, str]],
    chosen: dict[str, str],
    *,
    is_sheet: bool,
) -> list[Choice]:
    """Will return the links of one filter, the other filter kept; none when there is nothing to choose."""
    if len(labels) <= 2:  # noqa: PLR2004  « all » and the only one
        return []
    url = _sheet_url if is_sheet else _day_url
    return [
        Choice(label, url(visit, day, {**chosen, name: code}), chosen[name] == code, icon)
        for code, (label, icon) in labels.items()
    ]


def _day_or_404(text: str) -> date:
    day = forms.read_day(text)
    if day is None:
        raise Http404
    return day


def _day_url(visit: OfficeVisit, day: date, filters: dict[str, str] | None = None) -> str:
    url = reverse("office_any_day", kwargs={"authority": visit.authority.slug, "day": day.isoformat()})
    return _with_filters(url, filters)


def _sheet_url(visit: OfficeVisit, day: date, filters: dict[str, str] | None = None) -> str:
    url = reverse("office_sheet", kwargs={"authority": visit.authority.slug, "day": day.isoformat()})
    return _with_filters(url, filters)


def _with_filters(url: str, filters: dict[str, str] | None) -> str:
    query = urlencode({name: value for name, value in (filters or {}).items() if value})
    return f"{url}?{query}" if query else url
