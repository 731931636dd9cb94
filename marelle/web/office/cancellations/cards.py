"""A request as a card: who, what day, when asked, in time or not, the rule, the stake, the family's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from marelle.domain.reservations.queries.requests import agent_names, was_late
from marelle.domain.reservations.rules.decisions import Wish
from marelle.domain.reservations.rules.sentences import rule_sentence
from marelle.foundation.french_dates import in_full, moment
from marelle.web.office.cancellations import wording
from marelle.web.office.cancellations.forms import AnswerForm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marelle.domain.catalog.queries import Offer
    from marelle.domain.reservations.models import CancellationRequest


@dataclass(frozen=True, slots=True)
class RequestCard:
    """A request that waits, or that was answered (`outcome` not empty)."""

    key: str
    child: str
    first_name: str
    school_class: str
    family: str
    family_name: str
    product: str
    place: str
    day: str
    asked: str
    limit: str
    is_late: bool
    rule: str
    stake: str
    words: str
    form: AnswerForm
    outcome: str = ""
    is_refused: bool = False
    answered: str = ""
    reason: str = ""


def request_cards(
    requests: Iterable[CancellationRequest], *, offer: Offer, refused: AnswerForm | None = None, at: str = ""
) -> tuple[RequestCard, ...]:
    """Will return the cards of these requests; `refused` is the answer that did not pass, of the request named `at`."""
    found = list(requests)
    names = agent_names({request.decided_by_id for request in found if request.decided_by_id})
    return tuple(_card(request, offer, names, refused if at == request.public_id else None) for request in found)


def _card(request: CancellationRequest, offer: Offer, names: dict[int, str], refused: AnswerForm | None) -> RequestCard:
    reservation = request.reservation
    child = reservation.child
    product = offer.product_by_pk[reservation.product_id]
    rule = offer.day(product, reservation.date)
    is_late = was_late(request, rule)
    is_answered = request.state != request.State.PENDING
    article = f"règlement, {rule.article}" if rule.article else "règlement"
    return RequestCard(
        key=request.public_id,
        child=child.full_name,
        first_name=child.first_name,
        school_class=child.school_class.name if child.school_class else "",
        family=reservation.family.public_id,
        family_name=reservation.family.name,
        product=product.name,
        place=product.activity.facility_name,
        day=in_full(reservation.date),
        asked=wording.asked(request.asked_at.astimezone(offer.zone)),
        limit=wording.limit(request.deadline_at.astimezone(offer.zone), is_late=is_late) if request.deadline_at else "",
        is_late=is_late,
        rule=f"{rule_sentence(product.name, rule.cancel.act.closes, Wish.CANCEL).removesuffix('.')} ({article})."
        if rule.cancel
        else rule.unclear,
        stake=wording.stake(reservation.price_cents, is_late=is_late),
        words=request.words,
        form=refused or AnswerForm(auto_id=f"{request.public_id}-%s"),
        outcome=wording.outcome(request.state, is_refunded=request.is_refunded) if is_answered else "",
        is_refused=request.state == request.State.REFUSED,
        answered=_answered(request, names, offer) if is_answered else "",
        reason=request.reason,
    )


def _answered(request: CancellationRequest, names: dict[int, str], offer: Offer) -> str:
    who = names.get(request.decided_by_id or 0, "")
    when = moment(request.decided_at.astimezone(offer.zone)) if request.decided_at else ""
    return f"{when}, {who}" if who else when
