"""Mes demandes: what waits for the family, what is under way, what was answered, cancellations of days included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.procedures.models import Application
from marelle.domain.procedures.queries.clocks import clocks_of_each
from marelle.domain.procedures.queries.history import history_of, to_finish
from marelle.domain.procedures.rules.states import State
from marelle.domain.reservations.models import CancellationRequest, CustodyProposal
from marelle.domain.reservations.queries.custody import waiting_proposals
from marelle.foundation.french_dates import in_full, listed, moment, without_weekday
from marelle.letters.models import Letter
from marelle.letters.queries import letters_of, sent_moments
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.applications import wording
from marelle.web.family.applications.finding import url
from marelle.web.family.custody.links import what_is_asked
from marelle.web.family.surroundings import family_context, visit_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.rules.clocks import Clock
    from marelle.web.doors import FamilyVisit

ON_A_PAGE = 20
CANCELLATION = CancellationRequest.State


@dataclass(frozen=True, slots=True)
class CancellationView:
    """A cancellation asked for, as the page shows it: each text is a whole sentence, empty when it has none."""

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
    is_cancellation: bool = True


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application in the list: who it is about, when it was sent, until when it is answered."""

    title: str
    url: str
    children: str
    state: str
    tone: str
    icon: str
    facts: str
    next: str
    is_cancellation: bool = False


@family_page
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Will list all that the family asked: what waits for it first, then the latest first."""
    visit = visit_of(request)
    waiting = to_finish(visit.family.pk, user=visit.user.pk)
    sent = history_of(visit.family.pk, user=visit.user.pk, number=request.GET.get("page"), size=ON_A_PAGE)
    shown = [*sent.under_way, *sent.answered]
    open_ones = [one for one in shown if isinstance(one, Application) and one.state == State.SUBMITTED]
    clocks = clocks_of_each(open_ones, visit.authority, at=visit.at)
    cancellations = [one.pk for one in shown if isinstance(one, CancellationRequest)]
    told = sent_moments(Letter.Kind.CANCELLATION_DECIDED, cancellations) if cancellations else {}

    def view(one: Application | CancellationRequest) -> ApplicationView | CancellationView:
        if isinstance(one, Application):
            return _application(one, visit, clocks)
        return _cancellation(one, visit, told.get(one.pk))

    first = sent.page.number == 1
    context = family_context(
        visit,
        "requests",
        drafts=[view(one) for one in waiting if one.state == State.DRAFT] if first else [],
        custody=[
            _proposal(one, visit) for one in waiting_proposals([visit.family.pk] if first else [], on=visit.today)
        ],
        to_complete=[view(one) for one in waiting if one.state == State.INCOMPLETE] if first else [],
        under_way=[view(one) for one in sent.under_way],
        answered=[view(one) for one in sent.answered],
        is_empty=not (waiting or shown),
        page=sent.page,
        new_url=url(visit, "application_new"),
        # The same letter to both parents is one letter.
        letters=list(dict.fromkeys(_letter(one, visit) for one in letters_of(visit.family.pk)[:ON_A_PAGE])),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/applications/list.html", context)


def _proposal(one: CustodyProposal, visit: FamilyVisit) -> tuple[str, str, str]:
    """Will say what homes ask of each other of a child's days, whether it waits for this one, and where."""
    waits = one.to_home_id == visit.family.pk
    said = wording.CUSTODY_TO_ANSWER if waits else wording.CUSTODY_ASKED[CustodyProposal.State(one.state)]
    return what_is_asked(one, visit.family.pk), str(said), url(visit, "custody_proposal", proposal=one.public_id)


def _letter(letter: Letter, visit: FamilyVisit) -> tuple[str, str]:
    """Will return the subject of a letter and when it left, or that it is on its way."""
    if letter.sent_at is None:
        return letter.subject, str(wording.NOT_LEFT_YET)
    return letter.subject, f"Envoyé le {moment(letter.sent_at.astimezone(visit.authority.zone))}."


def _application(one: Application, visit: FamilyVisit, clocks: Mapping[int, Clock]) -> ApplicationView:
    state = State(one.state)
    words, tone, icon = wording.tag_of(state)

    def day(at: datetime) -> str:
        return without_weekday(at.astimezone(visit.authority.zone).date(), year=True)

    if one.submitted_at is None:
        facts = f"Commencée le {day(one.created_at)}, modifiée le {day(one.updated_at)}"
    else:
        service = one.in_charge.name if one.in_charge else ""
        facts = " · ".join(filter(None, (f"N° {one.number}", service, f"envoyée le {day(one.submitted_at)}")))
    following = ""
    if state is State.INCOMPLETE:
        due = max((told.due_on for told in one.changes.all() if told.ended_at is None), default=None)
        following = f"À compléter avant le {in_full(due, year=True)} au soir." if due else ""
    elif one.pk in clocks:
        following = _answer_by(one, clocks[one.pk], visit.at)
    elif one.decided_at is not None:
        said = "Retirée" if state is State.WITHDRAWN else "Réponse"
        following = f"{said} le {day(one.decided_at)}."
    return ApplicationView(
        title=one.version.title,
        url=url(visit, "application_complete" if state is State.INCOMPLETE else "application", one),
        children=listed([joined.child.first_name for joined in one.children.all()]),
        state=words,
        tone=tone,
        icon=icon,
        facts=facts,
        next=following,
    )


def _answer_by(one: Application, clock: Clock, at: datetime) -> str:
    silence = one.version.definition.silence
    if clock.answer_by is None or clock.has_decided(at):
        return wording.clock_sentence(silence, clock, at)
    day = without_weekday(clock.answer_by, year=True)
    return f"Réponse au plus tard le {day}. {wording.silence_words(silence)}"


def _cancellation(found: CancellationRequest, visit: FamilyVisit, sent_at: datetime | None) -> CancellationView:
    def when(at: datetime | None) -> str:
        return moment(at.astimezone(visit.authority.zone)) if at else ""

    state, tone, icon = wording.CANCELLATION_TAGS[CANCELLATION(found.state)]
    reservation = found.reservation
    money = ""
    if found.state == CANCELLATION.ACCEPTED:
        money = str(wording.REFUNDED if found.is_refunded else wording.NOT_REFUNDED)
    elif found.state == CANCELLATION.REFUSED:
        money = str(wording.KEPT)
    return CancellationView(
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
