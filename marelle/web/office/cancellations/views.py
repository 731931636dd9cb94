"""The queue of cancellations that families ask for, and the answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.operations.cancellations import UnableToDecideError, decide_cancellation
from marelle.domain.reservations.queries.requests import (
    agent_names,
    answered_requests,
    pending_requests,
    requests_for,
)
from marelle.web.doors import office_page
from marelle.web.office.cancellations import wording
from marelle.web.office.cancellations.cards import request_cards
from marelle.web.office.cancellations.forms import REFUND, REFUSE, AnswerForm
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of
from marelle.web.office.together import page_of, ticking
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

SHOWN_ANSWERED = 30


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def queue(request: HttpRequest) -> HttpResponse:
    """Will show what waits for an answer, the oldest first, and the latest answers."""
    return _page(request)


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def answer(request: HttpRequest, asked: str) -> HttpResponse:
    """Will record the answer to a request."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    within = reach(visit, ROLES.MANAGE_RESERVATIONS)
    found = get_object_or_404(requests_for(within.product_keys), public_id=asked)
    if found.state != CancellationRequest.State.PENDING:
        return _too_late(request, found)
    form = AnswerForm(request.POST, auto_id=f"{found.public_id}-%s")
    if not form.is_valid():
        return _page(request, refused=form, at=found.public_id, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = form.cleaned_data["answer"]
    try:
        decide_cancellation(
            found,
            is_accepted=chosen != REFUSE,
            is_refunded=chosen == REFUND,
            reason=form.cleaned_data["reason"],
            by=visit.actor,
            at=visit.at,
        )
    except UnableToDecideError:
        found.refresh_from_db()
        return _too_late(request, found)
    product = offer_of(visit.authority).product_by_pk[found.reservation.product_id]
    done = wording.done(chosen, found.reservation.child.first_name, product.name, found.reservation.date)
    messages.success(request, done, extra_tags="green")
    return SeeOther(_way_back(visit, form.cleaned_data["jour"]))


def _way_back(visit: OfficeVisit, day: date | None) -> str:
    if day is not None and visit.may(ROLES.VIEW_DAY):
        return reverse("office_any_day", kwargs={"authority": visit.authority.slug, "day": day.isoformat()})
    return reverse("office_cancellations", kwargs={"authority": visit.authority.slug})


def _too_late(request: HttpRequest, found: CancellationRequest) -> HttpResponse:
    """Will say that a colleague was quicker."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    name = agent_names({found.decided_by_id}).get(found.decided_by_id or 0, "")
    decided_at = found.decided_at.astimezone(visit.authority.zone) if found.decided_at else None
    problem = (wording.ALREADY_ANSWERED, wording.already_answered(found.state, name, decided_at))
    return _page(request, problem=problem, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    *,
    refused: AnswerForm | None = None,
    at: str = "",
    problem: tuple[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    offer = offer_of(visit.authority)
    products = reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys
    shown = page_of(request, pending_requests(products))
    context = {
        **ticking(request, shown),
        "cards": request_cards(shown.object_list, offer=offer, refused=refused, at=at),
        "together_url": url_of(visit, "office_cancellations_together"),
        "answered": request_cards(answered_requests(products)[:SHOWN_ANSWERED], offer=offer),
        "problem": problem,
    }
    page = office_context(visit, "office_cancellations", **context)
    return render(request, "office/cancellations/page.html", page, status=status)
