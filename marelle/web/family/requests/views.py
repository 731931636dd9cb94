"""Mes demandes: the cancellations that the family asked for, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.queries.answers import cancellations_asked_by
from marelle.foundation.french_dates import in_full, moment
from marelle.letters.models import Letter
from marelle.letters.queries import letters_of, sent_moments
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.requests import wording
from marelle.web.family.surroundings import family_context

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import FamilyVisit

ON_A_PAGE = 20
State = CancellationRequest.State
TAGS = {
    State.PENDING: (wording.PENDING, "amber", "hourglass"),
    State.ACCEPTED: (wording.ACCEPTED, "green", "check"),
    State.REFUSED: (wording.REFUSED, "red", "x"),
}


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request, as the page shows it: each text is a whole sentence, empty when there is nothing to say."""

    public_id: str
    what: str
    where: str
    state: str
    tone: str
    icon: str
    asked: str
    words: str
    answered: str
    reason: str
    money: str
    told: str


@family_page
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Will list the cancellation requests of the family, the latest first."""
    visit: FamilyVisit = request.visit  # type: ignore[attr-defined]
    page = Paginator(cancellations_asked_by(visit.family.pk), ON_A_PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    sent = sent_moments(Letter.Kind.CANCELLATION_DECIDED, [one.pk for one in found])
    context = family_context(
        visit,
        "requests",
        requests=[_view(one, visit, sent.get(one.pk)) for one in found],
        page=page,
        letters=[_letter(one, visit) for one in letters_of(visit.family.pk)[:ON_A_PAGE]],
        contact=contact_view(visit.authority),
    )
    return render(request, "family/requests/page.html", context)


def _letter(letter: Letter, visit: FamilyVisit) -> tuple[str, str]:
    """Will return the subject of a letter and when it left, or that it is on its way."""
    if letter.sent_at is None:
        return letter.subject, str(wording.NOT_LEFT_YET)
    return letter.subject, f"Envoyé le {moment(letter.sent_at.astimezone(visit.authority.zone))}."


def _view(found: CancellationRequest, visit: FamilyVisit, sent_at: datetime | None) -> RequestView:
    def when(at: datetime | None) -> str:
        return moment(at.astimezone(visit.authority.zone)) if at else ""

    state, tone, icon = TAGS[State(found.state)]
    reservation = found.reservation
    money = ""
    if found.state == State.ACCEPTED:
        money = str(wording.REFUNDED if found.is_refunded else wording.NOT_REFUNDED)
    elif found.state == State.REFUSED:
        money = str(wording.KEPT)
    return RequestView(
        public_id=found.public_id,
        what=f"{reservation.child.first_name}, {reservation.product.noun}, {in_full(reservation.date)}",
        where=reservation.product.activity.service.name,
        state=str(state),
        tone=tone,
        icon=icon,
        asked=f"Demandée le {when(found.asked_at)}.",
        words=found.words,
        answered=f"Réponse du {when(found.decided_at)}." if found.decided_at else str(wording.WAITING),
        reason=found.reason,
        money=money,
        told=f"Courriel envoyé le {when(sent_at)}." if sent_at else "",
    )
