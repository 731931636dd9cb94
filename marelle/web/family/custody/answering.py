"""A proposal: what it would change, and the answer to it."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CustodyProposal
from marelle.domain.reservations.operations.custody import (
    AlreadyAnsweredError,
    UnableToSettleCustodyError,
    answer_proposal,
    propose_days,
    withdraw_proposal,
)
from marelle.domain.reservations.queries.custody_effects import changes_of, preview_of
from marelle.domain.reservations.rules.custody import Role, terms_from
from marelle.domain.reservations.rules.custody_sentences import Homes, changes_in_words
from marelle.web.contacts import contact_view
from marelle.web.doors import family_page
from marelle.web.family.custody import wording
from marelle.web.family.custody.finding import AROUND, as_it_would_be, known_of, proposal_of, url
from marelle.web.family.custody.forms import AnswerForm
from marelle.web.family.custody.months import MonthView, month_of, month_view, months_after
from marelle.web.family.custody.rows import proposal_view, role_of
from marelle.web.family.surroundings import family_context, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.catalog.queries import Offer
    from marelle.web.doors import FamilyVisit

STATE, KIND = CustodyProposal.State, CustodyProposal.Kind
MONTHS_SHOWN: Final = 2
ONE_DAY: Final = timedelta(days=1)


@family_page
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, proposal: str) -> HttpResponse:
    """Will show what is asked and what it would change; a POST of the home that was asked answers."""
    visit = visit_of(request)
    found = proposal_of(visit, proposal)
    if request.method != "POST":
        return _page(request, visit, found, AnswerForm())
    if found.to_home_id != visit.family.pk:
        # One does not answer oneself: the page shows no such form.
        return _too_late(request, visit, found)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    agrees = form.cleaned_data["reponse"] == "oui"
    try:
        answer_proposal(
            found,
            agrees=agrees,
            words=form.cleaned_data["words"],
            offer=offer_of(visit.authority),
            by=visit.actor,
            at=visit.at,
        )
    except AlreadyAnsweredError as error:
        return _too_late(request, visit, error.proposal)
    except UnableToSettleCustodyError as error:
        refused = [(str(wording.NOTHING_DONE), str(error.fault))]
        return _page(request, visit, found, form, refused=refused, status=HTTPStatus.CONFLICT)
    refused_words = wording.REFUSED_DAYS if found.kind == KIND.DAYS else wording.REFUSED_CALENDAR
    messages.success(request, str(wording.ACCEPTED if agrees else refused_words))
    return _back(visit, found)


@family_page
@require_POST
def withdraw(request: HttpRequest, proposal: str) -> HttpResponse:
    """Will take back what this home asked and nobody decided yet."""
    visit = visit_of(request)
    found = proposal_of(visit, proposal)
    if found.from_home_id != visit.family.pk:
        return _too_late(request, visit, found)
    try:
        withdraw_proposal(found, by=visit.actor, at=visit.at)
    except AlreadyAnsweredError as error:
        return _too_late(request, visit, error.proposal)
    messages.success(request, str(wording.WITHDRAWN))
    return _back(visit, found)


@family_page
@require_POST
def give_back(request: HttpRequest, proposal: str) -> HttpResponse:
    """Will ask the other home to undo an exchange of days that was agreed, for those that are still to come."""
    visit = visit_of(request)
    found = proposal_of(visit, proposal)
    if found.kind != KIND.DAYS or found.state != STATE.AGREED:
        return _too_late(request, visit, found)
    ours, theirs = (found.takes, found.gives) if found.from_home_id == visit.family.pk else (found.gives, found.takes)
    gives, takes = ([day for day in days if day > visit.today] for days in (ours, theirs))
    if not gives and not takes:
        refused = [(str(wording.NOTHING_DONE), str(wording.NOTHING_TO_GIVE_BACK))]
        return _page(request, visit, found, AnswerForm(), refused=refused, status=HTTPStatus.CONFLICT)
    try:
        propose_days(
            found.child_id,
            from_home=visit.family.pk,
            gives=gives,
            takes=takes,
            words=str(wording.GIVES_BACK),
            offer=offer_of(visit.authority),
            by=visit.actor,
            at=visit.at,
        )
    except UnableToSettleCustodyError as error:
        refused = [(str(wording.NOTHING_DONE), str(error.fault))]
        return _page(request, visit, found, AnswerForm(), refused=refused, status=HTTPStatus.CONFLICT)
    messages.success(request, str(wording.SENT))
    return _back(visit, found)


def _back(visit: FamilyVisit, found: CustodyProposal) -> HttpResponseRedirect:
    where = url(visit, "custody", child=found.child.public_id)
    return HttpResponseRedirect(where, status=HTTPStatus.SEE_OTHER)


def _too_late(request: HttpRequest, visit: FamilyVisit, found: CustodyProposal) -> HttpResponse:
    """Will say what came of it before."""
    refused = [(str(wording.NOTHING_DONE), str(wording.TOO_LATE[STATE(found.state)]))]
    return _page(request, visit, found, AnswerForm(), refused=refused, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    visit: FamilyVisit,
    found: CustodyProposal,
    form: AnswerForm,
    *,
    refused: list[tuple[str, str]] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    offer = offer_of(visit.authority)
    view = proposal_view(found, visit, offer)
    is_open = found.state in CustodyProposal.OPEN
    context: dict[str, Any] = family_context(
        visit,
        "calendar",
        child_name=found.child.first_name,
        one=view,
        refused=refused or (),
        form=form,
        changes=_changes(visit, found, offer) if is_open else (),
        months=_months(visit, found, offer) if is_open else (),
        here=reverse("custody_proposal", kwargs={"authority": visit.authority.slug, "proposal": found.public_id}),
        back_url=url(visit, "custody", child=found.child.public_id),
        contact=contact_view(visit.authority),
    )
    return render(request, "family/custody/proposal.html", context, status=status)


def _changes(visit: FamilyVisit, found: CustodyProposal, offer: Offer) -> tuple[str, ...]:
    role = role_of(found, visit.family.pk)
    homes = {Role.FIRST: found.from_home_id, Role.SECOND: found.to_home_id}
    changes = changes_of(preview_of(found, offer=offer, today=visit.today), homes, offer=offer)
    # Who was asked reads what each of them holds: its own, and what the other home offers it.
    unseen = role if role is Role.FIRST else None
    is_calendar = found.kind == KIND.CALENDAR
    return changes_in_words(changes, Homes.seen_from(role), is_calendar=is_calendar, unseen=unseen)


def _months(visit: FamilyVisit, found: CustodyProposal, offer: Offer) -> list[MonthView]:
    """Will draw the months that it touches as they would be, two at most."""
    days = sorted({*found.gives, *found.takes})
    since = found.starts_on or days[0]
    first = month_of(since)
    shown = [months_after(first, each) for each in range(MONTHS_SHOWN)]
    if days:
        shown = sorted({month_of(day) for day in days})[:MONTHS_SHOWN]
    last = months_after(shown[-1], 1) - ONE_DAY
    known = known_of(visit, found.child, offer, first=first, last=last)
    then = preview_of(found, offer=offer, today=visit.today, until=last + AROUND).then
    if found.terms is not None:
        would = as_it_would_be(known, then, found.child, since=since, terms=terms_from(found.terms))
    else:
        moved = {**dict.fromkeys(found.gives, found.to_home_id), **dict.fromkeys(found.takes, found.from_home_id)}
        would = as_it_would_be(known, then, found.child, since=since, terms=None, agreed=moved)
    return [month_view(month, would) for month in shown]
