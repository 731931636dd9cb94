"""The exchange with tablets, the worker that keeps the sheet for them, and the days of which the sheet is not done."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import Http404, HttpResponse, JsonResponse, RawPostDataException
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_http_methods, require_safe

from marelle.domain.families.models import Child
from marelle.domain.reservations.operations.attendance import receive_marks
from marelle.domain.reservations.queries.attendance import (
    ends_of_parts,
    markable,
    marks_by_key,
    standing_since,
    unfinished_sheets,
)
from marelle.domain.reservations.rules.attendance import NotKept, not_kept, standing
from marelle.web.doors import office_page, public
from marelle.web.office.day import exchange, forms, wording
from marelle.web.office.day.roll import facility_code
from marelle.web.office.day.tablets import agent_key
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.http import HttpRequest

    from marelle.domain.catalog.queries import ProductOffer
    from marelle.domain.reservations.rules.attendance import Mark, Standing
    from marelle.web.doors import OfficeVisit

    Key = tuple[int, int]

DAYS_LOOKED_AT = 62


class Unfinished(NamedTuple):
    """A day of a service at a facility that is not all ticked, in words, and the way to its sheet."""

    day: str
    service: str
    facility: str
    ticked: str
    url: str


@public
@require_safe
def worker(_request: HttpRequest) -> HttpResponse:
    """Will hand over the worker that keeps the sheet of the day: at the root, since it serves every authority's."""
    scripts = ("marelle/attendance_queue.js", "marelle/attendance_worker.js")
    names = ", ".join(f'"{static(name)}"' for name in scripts)
    response = HttpResponse(f"importScripts({names});\n", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.RECORD_ATTENDANCE)
def marks(request: HttpRequest, day: str) -> HttpResponse:
    """Will take what a tablet ticked and tell what the others did: by public ids, no name and no health."""
    visit = visit_of(request)
    on = forms.read_day(day)
    if on is None:
        raise Http404
    products = reach(visit, ROLES.RECORD_ATTENDANCE).products
    if request.method != "POST":
        return _told(request, visit, _since(request, visit, on, products), products)
    if on > visit.today:
        return _refused(wording.FUTURE_EXCHANGE, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        sent = exchange.read_exchange(request.body)
    except (exchange.UnreadableExchangeError, RawPostDataException):  # a form: its body was read already
        return _refused(wording.NO_EXCHANGE, HTTPStatus.BAD_REQUEST)
    kept, refused = _sorted(sent, visit, on, products)
    receive_marks(kept, day=on, authority=visit.authority.pk, by=visit.actor, at=visit.at)
    touched = {key for key, _mark in kept}
    stands = {key: one for key, mine in marks_by_key(touched, day=on).items() if (one := standing(mine))}
    return _told(
        request,
        visit,
        stands,
        products,
        kept=[mark.uid for _key, mark in kept],
        refused=[{"uid": uid, "why": wording.NOT_KEPT[why]} for uid, why in refused],
    )


@require_safe
@office_page(ROLES.RECORD_ATTENDANCE)
def unfinished(request: HttpRequest) -> HttpResponse:
    """Will show the days of the last two months on which somebody expected was not ticked, the oldest first."""
    visit = visit_of(request)
    products = reach(visit, ROLES.RECORD_ATTENDANCE).products
    yesterday = visit.today - timedelta(days=1)
    found = unfinished_sheets(
        [product.pk for product in products], visit.today - timedelta(days=DAYS_LOOKED_AT), yesterday
    )
    names = {(one.activity.facility_pk, one.activity.service.pk): one for one in products}
    sheets = []
    for one in found:
        product = names[one.facility_pk, one.service_pk]
        url = url_of(visit, "office_sheet", day=one.date.isoformat())
        query = f"?service={product.activity.service.code}&etablissement={facility_code(product)}"
        sheets.append(
            Unfinished(
                wording.day_title(one.date),
                product.activity.service.name,
                product.activity.facility_name,
                wording.ticked_of(one.seen, one.expected),
                url + query,
            )
        )
    context = {"sheets": sheets, "count": len(sheets), "today_url": url_of(visit, "office_sheet_today")}
    page = office_context(visit, "office_sheet_today", **context)
    return render(request, "office/day/unfinished.html", page)


def _sorted(
    sent: exchange.Exchange, visit: OfficeVisit, day: date, products: tuple[ProductOffer, ...]
) -> tuple[list[tuple[Key, Mark]], list[tuple[str, NotKept]]]:
    """Will tell the marks to keep from those that are not (uid, why)."""
    by_public_id = {product.public_id: product for product in products}
    known = markable({line.child for line in sent.lines}, day=day, products=products)
    may_mark = {(child.pk, product) for child in known.values() for product in child.products}
    ends: dict[int, time] = {}
    if any(line.left_at for line in sent.lines):
        ends = ends_of_parts(day, {product.activity.pk for product in products})
    begins = datetime.combine(day, time.min, visit.authority.zone)
    kept: list[tuple[Key, Mark]] = []
    refused = [(uid, NotKept.UNREADABLE) for uid in sent.unreadable]
    for line in sent.lines:
        child, product = known.get(line.child), by_public_id.get(line.product)
        key = (child.pk if child else 0, product.pk if product else 0)
        why = not_kept(key, day, may_mark=may_mark, today=visit.today)
        if why or child is None or product is None:
            refused.append((line.uid, why or NotKept.OUT_OF_REACH))
            continue
        parts = [ends[part.pk] for part in product.parts_for(child.birth_date, day) if part.pk in ends]
        how: dict[str, Any] = {"device_now": sent.now, "at": visit.at, "day_begins": begins}
        kept.append((key, line.mark(sent.device, **how, ends_at=max(parts, default=None))))
    return kept, refused


def _since(
    request: HttpRequest, visit: OfficeVisit, day: date, products: tuple[ProductOffer, ...]
) -> dict[Key, Standing]:
    """Will return what stands where a tick came since the moment (milliseconds) that the tablet names; nothing else."""
    text = request.GET.get("depuis", "")
    if not (text.isascii() and text.isdigit() and int(text) in exchange.CLOCKS):
        return {}
    since = datetime.fromtimestamp(int(text) / 1000, tz=visit.at.tzinfo) - exchange.OVERLAP
    return standing_since(day, [product.pk for product in products], since=since)


def _told(
    request: HttpRequest,
    visit: OfficeVisit,
    stands: Mapping[Key, Standing],
    products: tuple[ProductOffer, ...],
    **more: Any,
) -> JsonResponse:
    children = dict(Child.objects.filter(pk__in={child for child, _product in stands}).values_list("pk", "public_id"))
    by_key: defaultdict[int, str] = defaultdict(str, {product.pk: product.public_id for product in products})
    said = {
        "agent": agent_key(visit),
        "csrf": get_token(request),
        "now": int(visit.at.timestamp() * 1000),
        "squares": exchange.squares_said(
            stands, name=lambda key: f"{children[key[0]]}.{by_key[key[1]]}", zone=visit.authority.zone
        ),
        **more,
    }
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})


def _refused(words: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"erreur": words}, status=status, json_dumps_params={"ensure_ascii": False})
