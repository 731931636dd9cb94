"""Mes attentes: one answers the places that are offered, sees where one stands for the others, and leaves a list."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.sentences import priority_in_words
from marelle.domain.families.queries import children_of
from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.models import PaymentSettings
from marelle.domain.payments.operations.checkout import accept_and_pay
from marelle.domain.payments.rules.attempts import REPLACED
from marelle.domain.reservations.operations.place_offers import UnableToAnswerOfferError, decline_offer
from marelle.domain.reservations.operations.waiting_list import leave_waiting_list
from marelle.domain.reservations.queries.waiting import (
    let_go_by,
    offers_of_family,
    queues_of,
    waits_of_family,
)
from marelle.foundation.french_dates import in_full, listed, moment
from marelle.foundation.money import in_euros
from marelle.web.components.avatars import AvatarView
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.squares_wanted import ForgedSquareError, read_square
from marelle.web.family.surroundings import family_context
from marelle.web.family.waiting import wording
from marelle.web.paying.payments.leading import first_to_pay, is_paid_online, lead_to_page, result_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.families.models import Child
    from marelle.domain.payments.operations.checkout import CheckedOut
    from marelle.domain.reservations.models import FreedPlace, PlaceOffer, Reservation, WaitingListEntry
    from marelle.domain.reservations.queries.waiting import Queued
    from marelle.web.doors import FamilyVisit


@family_page
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Will show what the family is offered, waits for, and has let go."""
    return _page(request)


@family_page
@require_POST
def answer(request: HttpRequest, proposed: str) -> HttpResponse:
    """Will accept or refuse a place that the family is offered; what is paid on booking leads to its payment."""
    visit = _visit(request)
    made = offers_of_family(visit.family.pk).filter(public_id=proposed).first()
    if made is None:
        raise Http404
    said = request.POST.get("answer", "")
    if said not in {"accept", "decline"}:
        return _page(request, refused=[(wording.NO_ANSWER, "")], status=HTTPStatus.BAD_REQUEST)
    try:
        if said == "decline":
            decline_offer(made, family=visit.family.pk, by=visit.actor, at=visit.at)
            messages.success(request, str(wording.DECLINED))
            return HttpResponseRedirect(_url(visit, "waiting"), status=303)
        outcome = accept_and_pay(
            made,
            user=visit.user.pk,
            family=visit.family.pk,
            offer=offer_of(visit.authority),
            gateways=settings.GATEWAYS,
            by=visit.actor,
            at=visit.at,
        )
    except UnableToAnswerOfferError:
        made.refresh_from_db()
        if said == "accept" and made.state == made.State.ACCEPTED:  # pressed twice: the answer stands, no trouble
            messages.info(request, str(wording.ALREADY))
            return HttpResponseRedirect(_url(visit, "waiting"), status=303)
        return _page(request, refused=[(wording.OVER, wording.OVER_WHY)], status=HTTPStatus.CONFLICT)
    return _lead_on(visit, outcome)


@family_page
@require_POST
def leave(request: HttpRequest, square: str) -> HttpResponse:
    """Will take a child of the family off the list of a day; what is offered meanwhile is answered, not left."""
    visit = _visit(request)
    children = tuple(children_of(visit.family.pk, on=visit.today))
    try:
        key = read_square(square, children=children, offer=offer_of(visit.authority), today=visit.today)
    except ForgedSquareError:
        raise Http404 from None
    child = next(child for child in children if child.pk == key.child)
    offered = offers_of_family(visit.family.pk, at=visit.at).filter(
        entry__child=child, entry__product=key.product, entry__date=key.date
    )
    if offered.exists():
        return _page(request, refused=[(wording.OFFERED, wording.OFFERED_WHY)], status=HTTPStatus.CONFLICT)
    if not leave_waiting_list(child, key=key, family=visit.family.pk, by=visit.actor, at=visit.at):
        return _page(request, refused=[(wording.NOT_WAITING, "")], status=HTTPStatus.CONFLICT)
    messages.success(request, wording.left(child.first_name, key.date))
    return HttpResponseRedirect(_url(visit, "waiting"), status=303)


def _visit(request: HttpRequest) -> FamilyVisit:
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    return visit


def _url(visit: FamilyVisit, name: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **kwargs})


def _lead_on(visit: FamilyVisit, outcome: CheckedOut) -> HttpResponse:
    """Will lead to the page where the place is paid, or to what was recorded when it is not paid online."""
    online = [one for one in outcome.attempts if one.gateway != PaymentSettings.Gateway.DESK and one.reason != REPLACED]
    if not online:
        return HttpResponseRedirect(_url(visit, "confirmation", number=outcome.confirmation.number), status=303)
    first = first_to_pay(online)
    if first is None or not is_paid_online(first):
        return HttpResponseRedirect(result_url(visit, online[0]), status=303)
    try:
        return lead_to_page(visit, first)
    except UnableToBeginError:
        # The place is theirs while it is to be paid: the page of the payment says what to do.
        return HttpResponseRedirect(result_url(visit, first), status=303)


def _page(
    request: HttpRequest, *, refused: Sequence[tuple[Any, Any]] = (), status: int = HTTPStatus.OK
) -> HttpResponse:
    visit = _visit(request)
    offer = offer_of(visit.authority)
    offered = list(offers_of_family(visit.family.pk, at=visit.at))
    answered = {one.entry_id for one in offered}
    waits = [one for one in waits_of_family(visit.family.pk, since=visit.today) if one.pk not in answered]
    queues = queues_of({one.slot_id for one in waits}, offer=offer)
    ranks = {queued.entry: (queued, len(queue)) for queue in queues.values() for queued in queue}
    context = family_context(
        visit,
        "calendar",
        refused=refused,
        offered=[_offered(one, visit, offer) for one in offered],
        waits=[_waited(one, *ranks[one.pk], visit, offer) for one in waits if one.pk in ranks],
        let_go=[_let_go(one, visit) for one in let_go_by(visit.family.pk, since=visit.today)],
        calendar_url=_url(visit, "calendar"),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/waiting/page.html", context, status=int(status))


def _offered(made: PlaceOffer, visit: FamilyVisit, offer: Offer) -> dict[str, Any]:
    entry = made.entry
    product = offer.product_by_pk.get(entry.product_id)
    cents = made.reservation.price_cents if made.reservation is not None else None
    price = in_euros(cents) if cents is not None else ""
    is_paid_now = product is not None and product.activity.service.is_prepaid
    return {
        **_of_child(entry.child),
        "words": f"{entry.product.name}, {in_full(entry.date)}",
        "until": moment(made.expires_at.astimezone(visit.authority.zone)),
        "price": price,
        "is_paid_now": is_paid_now,
        "url": _url(visit, "waiting_answer", proposed=made.public_id),
    }


def _waited(entry: WaitingListEntry, queued: Queued, total: int, visit: FamilyVisit, offer: Offer) -> dict[str, Any]:
    why = listed([priority_in_words(code, {}) for code in queued.reasons])
    return {
        **_of_child(entry.child),
        "words": f"{entry.product.name}, {in_full(entry.date)}",
        "rank": wording.place_in_line(queued.rank, total),
        "why": f"Priorité : {why}." if why else "",
        "leave_url": _url(visit, "waiting_leave", square=_square(entry)),
        "since": moment(entry.asked_at.astimezone(visit.authority.zone)),
        "url": _week(visit, entry.child, offer.product_by_pk[entry.product_id].activity.facility_code, entry.date),
    }


def _let_go(freed: FreedPlace, visit: FamilyVisit) -> dict[str, Any]:
    one = freed.reservation
    return {
        **_of_child(one.child),
        "words": f"{one.product.name}, {in_full(one.date)}",
        "url": _url(visit, "absence", square=_square(one)),
    }


def _square(of: Reservation | WaitingListEntry) -> str:
    return f"{of.child.public_id}.{of.product.public_id}.{of.date.isoformat()}"


def _of_child(child: Child) -> dict[str, Any]:
    return {"avatar": AvatarView.of(child.animal, child.chalk), "child": child.first_name}


def _week(visit: FamilyVisit, child: Child, site: str, day: date) -> str:
    query = urlencode({"site": site, "enfant": child.public_id, "semaine": day.isoformat()})
    return f"{_url(visit, 'calendar')}?{query}"
