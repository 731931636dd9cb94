"""The waiting lists of the days to come: the order and why, what is offered; to offer by hand, or all that is free."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Child, Family
from marelle.domain.reservations.models import WaitingListEntry
from marelle.domain.reservations.operations.freed_places import (
    UnableToOfferError,
    next_in_line,
    offer_by_hand,
    offer_freed_places,
)
from marelle.domain.reservations.queries.waiting import SlotQueue, queues_ahead, rules_of
from marelle.foundation.french_dates import in_full, moment
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.office.waiting import wording
from marelle.web.office.waiting.forms import OfferForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.queries.waiting import Queued
    from marelle.web.doors import OfficeVisit

SHOWN_SLOTS = 60
SHOWN_IN_LINE = 12


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def waiting(request: HttpRequest) -> HttpResponse:
    """Will show who waits for the days to come, and on demand to whom the free places would be offered."""
    return _page(request, is_preview="apercu" in request.GET)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def offer_all(request: HttpRequest) -> HttpResponse:
    """Will offer every free place of the days shown to the next who waits for it."""
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    slots = [one.slot for one in _queues(visit, offer)[:SHOWN_SLOTS] if one.free]
    count = offer_freed_places(slots, offer=offer, by=visit.actor, at=visit.at)
    messages.success(
        request, wording.done(count) if count else str(wording.NOTHING), extra_tags="green" if count else ""
    )
    return SeeOther(url_of(visit, "office_waiting"))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def offer_one(request: HttpRequest) -> HttpResponse:
    """Will offer a free place to one who waits, out of the order, with a reason."""
    visit = visit_of(request)
    form = OfferForm(request.POST)
    entry = _entry(visit, request.POST.get("square", ""))
    if entry is None:
        if request.POST.get("square"):
            raise Http404
        problem = (wording.NOT_OFFERED, wording.NOBODY)
        return _page(request, problem=problem, status=HTTPStatus.BAD_REQUEST)
    if not form.is_valid():
        return _page(request, refused=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        offer_by_hand(
            entry, reason=form.cleaned_data["reason"], offer=offer_of(visit.authority), by=visit.actor, at=visit.at
        )
    except UnableToOfferError:
        problem = (wording.NOT_OFFERED, wording.NOT_OFFERED_WHY)
        return _page(request, refused=form, problem=problem, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.done(1), extra_tags="green")
    return SeeOther(url_of(visit, "office_waiting"))


def _entry(visit: OfficeVisit, square: str) -> WaitingListEntry | None:
    """Will find who waits, among the products that the agent manages; None when nobody does."""
    child, _, rest = square.partition(".")
    product, _, day = rest.partition(".")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return None
    within = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    return WaitingListEntry.objects.filter(
        product__in=within, product__public_id=product, child__public_id=child, date=on, left_at__isnull=True
    ).first()


def _queues(visit: OfficeVisit, offer: Offer) -> list[SlotQueue]:
    products = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    return queues_ahead(products, since=visit.today, most=SHOWN_SLOTS + 1, offer=offer, at=visit.at)


def _wanted(one: SlotQueue) -> int:
    """Will count the free places that somebody still waits for: who has an offer already is not waiting for another."""
    left = sum(queued.entry not in one.offers and not queued.is_offered for queued in one.queue)
    return min(one.free, left)


def _page(
    request: HttpRequest,
    *,
    refused: OfferForm | None = None,
    problem: tuple[Any, Any] | None = None,
    is_preview: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    found = _queues(visit, offer)
    shown = found[:SHOWN_SLOTS]
    people = {queued for one in shown for queued in one.queue[:SHOWN_IN_LINE]}
    names = _Names(people)
    context = office_context(
        visit,
        "office_waiting",
        queues=[_queue(one, visit, offer, names, refused) for one in shown],
        has_more=len(found) > SHOWN_SLOTS,
        free=sum(_wanted(one) for one in shown),
        is_preview=is_preview,
        preview=_preview(shown, visit, offer) if is_preview else (),
        problem=problem,
        here=url_of(visit, "office_waiting"),
        preview_url=f"{url_of(visit, 'office_waiting')}?apercu=1",
        offer_all_url=url_of(visit, "office_waiting_offer_all"),
        offer_one_url=url_of(visit, "office_waiting_offer_one"),
    )
    return render(request, "office/waiting/page.html", context, status=int(status))


class _Names:
    """The names of children and the public names of their families, read once."""

    def __init__(self, people: set[Queued]) -> None:
        self.children = Child.objects.select_related("school_class").in_bulk({one.child for one in people})
        self.families = dict(
            Family.objects.filter(pk__in={one.family for one in people}).values_list("pk", "public_id")
        )


def _queue(
    one: SlotQueue, visit: OfficeVisit, offer: Offer, names: _Names, refused: OfferForm | None
) -> dict[str, Any]:
    product = offer.product_by_pk[one.queue[0].product]
    return {
        "title": f"{product.activity.name}, {in_full(one.date)}",
        "place": product.activity.facility_name,
        "slot": one.name,
        "places": wording.places(one.free, one.capacity, len(one.offers)),
        "free": one.free,
        "order": wording.order(rules_of(product.pk, one.date, offer=offer)),
        "people": [
            _person(queued, one, visit, offer, names=names, refused=refused) for queued in one.queue[:SHOWN_IN_LINE]
        ],
        "others": max(0, len(one.queue) - SHOWN_IN_LINE),
    }


def _person(
    queued: Queued, one: SlotQueue, visit: OfficeVisit, offer: Offer, *, names: _Names, refused: OfferForm | None
) -> dict[str, Any]:
    child = names.children[queued.child]
    zone = visit.authority.zone
    square = f"{child.public_id}.{offer.product_by_pk[queued.product].public_id}.{queued.date.isoformat()}"
    made = one.offers.get(queued.entry)
    is_refused = refused is not None and refused.data.get("square") == square
    form = refused if is_refused else OfferForm(initial={"square": square}, auto_id=f"{queued.entry}-%s")
    return {
        "rank": queued.rank,
        "name": f"{child.first_name} {child.last_name}",
        "school_class": child.school_class.name if child.school_class else "",
        "family": names.families[queued.family],
        "since": moment(queued.waiting.asked_at.astimezone(zone)),
        "reasons": [wording.reason(code) for code in queued.reasons],
        "offered": wording.offered_until(made.expires_at.astimezone(zone)) if made else "",
        "was_told": queued.told_at is not None and made is None,
        "form": form if one.free and made is None and not queued.is_offered else None,
        "is_open": is_refused,
    }


def _preview(shown: list[SlotQueue], visit: OfficeVisit, offer: Offer) -> list[dict[str, Any]]:
    """Will say to whom the free places would be offered now."""
    chosen = next_in_line([one.slot for one in shown if one.free], offer=offer, at=visit.at)
    children = Child.objects.in_bulk({one.queued.child for one in chosen})
    zone = visit.authority.zone
    return [
        {
            "name": f"{children[one.queued.child].first_name} {children[one.queued.child].last_name}",
            "words": f"{offer.product_by_pk[one.queued.product].name}, {in_full(one.queued.date)}",
            "until": f"gardée jusqu’au {moment(one.kept.until.astimezone(zone))}"
            if one.kept
            else "prévenue, non gardée",
        }
        for one in chosen
    ]
