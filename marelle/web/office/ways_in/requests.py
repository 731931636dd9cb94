"""Requests to be attached: who asks, which families it may be, and the answer. For agents who see every family."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.accounts.queries import agent_names
from marelle.domain.families.models import Family, Guardian, JoinRequest
from marelle.domain.families.operations.joining import (
    AccessRemovedError,
    AlreadyAnsweredError,
    UnableToAcceptError,
    accept_join,
    refuse_join,
)
from marelle.domain.families.queries.joining import Proposal, join_requests, proposal_of, proposals_for, sure_matches
from marelle.domain.families.queries.removals import removals_about, who_of
from marelle.domain.families.rules.removals import Newcomer
from marelle.foundation import clock
from marelle.foundation.french_dates import in_digits
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, office_context, reach
from marelle.web.office.together import page_of, ticking
from marelle.web.office.ways_in import wording
from marelle.web.office.ways_in.forms import NEW_FAMILY, AcceptForm, RefuseForm
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

SHOWN_ANSWERED = 30
GUARDIAN, FAMILY = "guardian", "family"


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def show(request: HttpRequest) -> HttpResponse:
    """Will list what waits, the first to wait first, and the latest answers."""
    visit = visit_of_all(request)
    answered = list(join_requests(is_waiting=False)[:SHOWN_ANSWERED])
    names = agent_names({one.answered_by_id for one in answered if one.answered_by_id})
    shown = page_of(request, join_requests(is_waiting=True))
    sure, kept_out = sure_matches(list(shown.object_list), on=visit.today)
    context = {
        **ticking(request, shown),
        "waiting": [
            {**words_of(one, visit), "is_sure": one.pk in sure, "is_kept_out": one.pk in kept_out}
            for one in shown.object_list
        ],
        "has_sure": bool(sure),
        "together_url": _url(visit, "office_joins_together"),
        "answered": [
            {
                **words_of(one, visit),
                "by": names.get(one.answered_by_id or 0, ""),
                "is_accepted": one.state == "accepted",
            }
            for one in answered
        ],
        "back_url": _url(visit, "office_ways_in"),
    }
    return render(request, "office/ways_in/requests.html", office_context(visit, "office_ways_in", **context))


@require_safe
@office_page(ROLES.MANAGE_RESERVATIONS)
def detail(request: HttpRequest, joining: str) -> HttpResponse:
    """Will show a request beside the families that it may mean."""
    return _page(request, visit_of_all(request), _request_or_404(joining))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def accept(request: HttpRequest, joining: str) -> HttpResponse:
    """Will attach the account that asks to whom the agent chose."""
    visit = visit_of_all(request)
    found = _request_or_404(joining)
    if found.state != JoinRequest.State.WAITING:
        return _too_late(request, visit)
    proposals, _unknown = _proposals(found, request.POST.get("dossier", ""))
    form = AcceptForm(request.POST, choices=_choices(found, proposals), has_proposals=bool(proposals))
    if not form.is_valid():
        return _page(request, visit, found, accepting=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    kind, _dot, public_id = form.cleaned_data["chosen"].partition(".")
    try:
        accept_join(
            found,
            guardian=Guardian.objects.get(public_id=public_id) if kind == GUARDIAN else None,
            family=Family.objects.get(public_id=public_id) if kind == FAMILY else None,
            on=visit.today,
            by=visit.actor,
            at=clock.machine_now(),
        )
    except AlreadyAnsweredError:
        return _too_late(request, visit)
    except AccessRemovedError:
        form.add_error("chosen", wording.ACCESS_REMOVED)
        return _page(request, visit, found, accepting=form, status=HTTPStatus.CONFLICT)
    except UnableToAcceptError:
        form.add_error("chosen", wording.NOT_POSSIBLE)
        return _page(request, visit, found, accepting=form, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.ACCEPTED, extra_tags="green")
    return SeeOther(_url(visit, "office_join_requests"))


@require_POST
@office_page(ROLES.MANAGE_RESERVATIONS)
def refuse(request: HttpRequest, joining: str) -> HttpResponse:
    """Will refuse a request, with its reason."""
    visit = visit_of_all(request)
    found = _request_or_404(joining)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _page(request, visit, found, refusing=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        refuse_join(found, reason=form.cleaned_data["reason"], by=visit.actor, at=clock.machine_now())
    except AlreadyAnsweredError:
        return _too_late(request, visit)
    messages.success(request, wording.REFUSED, extra_tags="green")
    return SeeOther(_url(visit, "office_join_requests"))


def _page(
    request: HttpRequest,
    visit: OfficeVisit,
    found: JoinRequest,
    *,
    accepting: AcceptForm | None = None,
    refusing: RefuseForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    asked = request.GET if request.method in {"GET", "HEAD"} else request.POST
    number = asked.get("dossier", "").strip()[:40]
    proposals, is_unknown = _proposals(found, number)
    choices = _choices(found, proposals)
    context: dict[str, Any] = {
        "one": words_of(found, visit),
        "removed_from": [
            {"name": name, "family": home.name, "url": _url(visit, "office_family", family=home.public_id)}
            for name, home in _removed_from(found, proposals, visit)
        ],
        "is_waiting": found.state == JoinRequest.State.WAITING,
        "reason": found.reason,
        "proposals": [
            {
                "name": one.family.name,
                "code": one.family.code,
                "url": _url(visit, "office_family", family=one.family.public_id),
                "child": f"{one.child.full_name}, {wording.born(one.child.birth_date)}" if one.child else "",
                "likeness": wording.LIKENESS[one.likeness],
                "has_the_address": one.has_the_address,
                "members": ", ".join(_name(person) for person in one.members),
                "phones": ", ".join(person.phone for person in (*one.guardians, *one.members) if person.phone),
            }
            for one in proposals
        ],
        "accepting": accepting or AcceptForm(choices=choices, has_proposals=bool(proposals)),
        "refusing": refusing or RefuseForm(),
        "is_refusing": refusing is not None,
        "number": number,
        "number_error": wording.NO_SUCH_FILE if is_unknown else "",
        "accept_url": _url(visit, "office_accept_join", joining=found.public_id),
        "refuse_url": _url(visit, "office_refuse_join", joining=found.public_id),
        "back_url": _url(visit, "office_join_requests"),
    }
    page = office_context(visit, "office_ways_in", **context)
    return render(request, "office/ways_in/request.html", page, status=status)


def _proposals(found: JoinRequest, number: str) -> tuple[list[Proposal], bool]:
    """Will return the families to choose from, the one of that number first; and whether no family has it."""
    proposals = proposals_for(found)
    if not number:
        return proposals, False
    family = Family.objects.filter(code__iexact=number).first()
    if family is None:
        return proposals, True
    return [proposal_of(family), *(one for one in proposals if one.family != family)], False


def _removed_from(found: JoinRequest, proposals: list[Proposal], visit: OfficeVisit) -> list[tuple[str, Family]]:
    """Will return who the author may be, and is kept out of which family: by the account, or by name where proposed."""
    known = {one.guardian_id: (_name(one.guardian), one.family) for one in removals_about(found)}
    homes = {one.family.pk: one.family for one in proposals}
    author = Newcomer(found.first_name, found.last_name, found.user.email, found.phone)
    for family, some in who_of(homes, [author], authority=visit.authority.pk, on=visit.today).items():
        known |= {one.guardian: (one.name, homes[family]) for one in some if one.guardian not in known}
    return list(known.values())


def _choices(found: JoinRequest, proposals: list[Proposal]) -> list[tuple[str, str]]:
    choices = []
    for one in proposals:
        home = f"famille {one.family.name} ({one.family.code})"
        choices += [(f"{GUARDIAN}.{person.public_id}", f"{_name(person)}, {home}") for person in one.guardians]
        choices.append(
            (
                f"{FAMILY}.{one.family.public_id}",
                f"Un nouveau responsable, {found.first_name} {found.last_name}, dans la {home}",
            )
        )
    return [*choices, (NEW_FAMILY, f"Une nouvelle famille {found.child_last_name}, avec {found.child_first_name}")]


def words_of(one: JoinRequest, visit: OfficeVisit) -> dict[str, Any]:
    """Will return what a list says of a request."""
    return {
        "who": f"{one.first_name} {one.last_name}",
        "email": one.user.email,
        "phone": one.phone,
        "child": f"{one.child_first_name} {one.child_last_name}",
        "key": one.public_id,
        "born": wording.born(one.child_birth_date),
        "words": one.words,
        "asked": in_digits(one.asked_at.astimezone(visit.authority.zone).date()),
        "state": one.get_state_display(),
        "url": _url(visit, "office_join_request", joining=one.public_id),
    }


def visit_of_all(request: HttpRequest) -> OfficeVisit:
    """Will return the visit of an agent who sees every family: who sees some would make twins of the others."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    if not reach(visit, ROLES.MANAGE_RESERVATIONS).is_whole:
        raise PermissionDenied
    return visit


def _request_or_404(public_id: str) -> JoinRequest:
    return get_object_or_404(JoinRequest.objects.select_related("user"), public_id=public_id)


def _too_late(request: HttpRequest, visit: OfficeVisit) -> HttpResponse:
    messages.warning(request, wording.ALREADY_ANSWERED, extra_tags="amber")
    return SeeOther(_url(visit, "office_join_requests"))


def _name(person: Guardian) -> str:
    return f"{person.first_name} {person.last_name}"


def _url(visit: OfficeVisit, name: str, **parts: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **parts})
