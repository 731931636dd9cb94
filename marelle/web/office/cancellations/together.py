"""One answer to several requests to cancel: what it would come to first, then written, each with its fate said."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.operations.cancellations import AnswerToAll, decide_cancellations
from marelle.domain.reservations.queries.requests import is_late_for, left_due, requests_for
from marelle.foundation.french_dates import in_full
from marelle.web.doors import office_page
from marelle.web.office.cancellations import wording
from marelle.web.office.cancellations.forms import TogetherForm
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of
from marelle.web.office.together import TICKED, ticked
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import OfficeVisit

ACCEPT, REFUSE = "accepter", "refuser"


@require_http_methods(["GET", "HEAD", "POST"])
@office_page(ROLES.MANAGE_RESERVATIONS)
def answer(request: HttpRequest) -> HttpResponse:
    """Will show what one answer to the requests that were ticked comes to; a POST gives it."""
    visit = visit_of(request)
    is_post = request.method == "POST"
    given = request.POST if is_post else request.GET
    found = _ticked(visit, ticked(given))
    if not found:
        return _back(request, visit, wording.NOTHING_TICKED)
    if not is_post:
        chosen = given.get("reponse", "")
        if chosen not in {ACCEPT, REFUSE}:
            return _back(request, visit, wording.NO_ANSWER)
        return _page(
            request, found, TogetherForm(initial={"answer": AnswerToAll.AS_RULED}), is_refusal=chosen == REFUSE
        )
    form = TogetherForm(request.POST)
    if not form.is_valid():
        is_refusal = form.data.get("answer") == AnswerToAll.REFUSE
        return _page(request, found, form, is_refusal=is_refusal, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done = decide_cancellations(
        [one.pk for one in found],
        answer=AnswerToAll(form.cleaned_data["answer"]),
        reason=form.cleaned_data["reason"],
        offer=offer_of(visit.authority),
        by=visit.actor,
        at=visit.at,
    )
    is_whole = not done.already
    (messages.success if is_whole else messages.warning)(
        request, wording.decided_together(done), extra_tags="green" if is_whole else "amber"
    )
    return SeeOther(url_of(visit, "office_cancellations"))


def _ticked(visit: OfficeVisit, named: list[str]) -> list[CancellationRequest]:
    """Will return the requests of these public ids that the agent may answer, the oldest first."""
    within = requests_for(reach(visit, ROLES.MANAGE_RESERVATIONS).product_keys)
    return list(within.filter(public_id__in=named).order_by("asked_at", "pk"))


def _back(request: HttpRequest, visit: OfficeVisit, why: str) -> HttpResponse:
    messages.warning(request, why, extra_tags="amber")
    return SeeOther(url_of(visit, "office_cancellations"))


def _page(
    request: HttpRequest,
    found: list[CancellationRequest],
    form: TogetherForm,
    *,
    is_refusal: bool,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    offer = offer_of(visit.authority)
    waiting = [one for one in found if one.state == CancellationRequest.State.PENDING]
    late = [one for one in waiting if is_late_for(one, offer)]
    refunded = [one for one in waiting if one not in late]
    given_back = sum((one.reservation.price_cents or 0) - left_due(one, is_refunded=True) for one in refunded)
    due = sum(left_due(one, is_refunded=one not in late) for one in waiting)
    due_if_refunded = sum(left_due(one, is_refunded=True) for one in waiting)
    context = office_context(
        visit,
        "office_cancellations",
        title=wording.together_title(len(waiting), is_refusal=is_refusal),
        is_refusal=is_refusal,
        form=form,
        ticked_name=TICKED,
        keys=[one.public_id for one in found],
        rows=[_row(one, offer, is_late=one in late, is_refusal=is_refusal) for one in waiting],
        says=[] if is_refusal else wording.comes_to(len(refunded), given_back, len(late), due),
        already=wording.already_among(len(found) - len(waiting)),
        choices=[]
        if is_refusal or not late
        else [
            (AnswerToAll.AS_RULED.value, *wording.as_ruled(len(late), due)),
            (AnswerToAll.REFUND.value, *wording.refund_all(due_if_refunded)),
        ],
        answer=AnswerToAll.REFUSE.value if is_refusal else AnswerToAll.AS_RULED.value,
        chosen=form["answer"].value(),
        back_url=url_of(visit, "office_cancellations"),
    )
    return render(request, "office/cancellations/together.html", context, status=status)


def _row(one: CancellationRequest, offer: Offer, *, is_late: bool, is_refusal: bool) -> dict[str, Any]:
    reservation = one.reservation
    product = offer.product_by_pk[reservation.product_id]
    due = left_due(one, is_refunded=not is_late)
    return {
        "child": reservation.child.full_name,
        "what": f"{product.name} du {in_full(reservation.date)}",
        "place": product.activity.facility_name,
        "is_late": is_late,
        "comes_to": "" if is_refusal or not due else wording.stays_due(due),
    }
