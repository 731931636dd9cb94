"""The agents: who works here and what each may do; appointed, changed, suspended, brought back, ended."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.accounts.models import Agent
from marelle.domain.accounts.operations.posts import (
    AlreadyAgentError,
    EndedPostError,
    LastAdministratorError,
    appoint_agent,
    change_rights,
    end_post,
    invite_agent_again,
    restore_agent,
    suspend_agent,
)
from marelle.domain.accounts.queries import employed_at, rights_by_agent
from marelle.domain.accounts.rules.roles import is_administering
from marelle.domain.authorities.models import Facility
from marelle.domain.catalog.queries import offer_of
from marelle.web.office.agents import wording
from marelle.web.office.agents.forms import ADD, AppointForm, RightsForm, initial_of
from marelle.web.office.surroundings import office_context, whole_authority_page
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.accounts.queries import Employed
    from marelle.web.doors import OfficeVisit

administrator_page = whole_authority_page("administer")


@require_safe
@administrator_page
def every(request: HttpRequest) -> HttpResponse:
    """Will list the agents, those whose post is ended last."""
    visit = _visit(request)
    names = _names(visit)
    shown = [_shown(one, visit, names) for one in employed_at(visit.authority.pk)]
    return _page(
        request,
        "page.html",
        agents=[one for one in shown if not one["is_ended"]],
        ended=[one for one in shown if one["is_ended"]],
        new_url=_url(visit, "office_agent_new"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_page
def appoint(request: HttpRequest) -> HttpResponse:
    """Will show the form of a new agent; a POST appoints her."""
    visit = _visit(request)
    if request.method != "POST":
        return _new_page(request, AppointForm(**_offered(visit)))
    form = AppointForm(request.POST, **_offered(visit))
    if not form.is_valid():
        return _new_page(request, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    try:
        appoint_agent(
            visit.authority, email=said["email"], name=said["name"], rights=form.asked, by=visit.actor, at=visit.at
        )
    except AlreadyAgentError:
        form.add_error("email", wording.ALREADY)
        return _new_page(request, form, HTTPStatus.CONFLICT)
    messages.success(request, wording.appointed(said["name"], said["email"]), extra_tags="green")
    return SeeOther(_url(visit, "office_agents"))


@require_http_methods(["GET", "HEAD", "POST"])
@administrator_page
def one(request: HttpRequest, agent: str) -> HttpResponse:
    """Will show an agent; a POST changes her name and her rights."""
    visit = _visit(request)
    found = _agent_or_404(agent)
    if request.method != "POST":
        return _agent_page(request, found)
    form = RightsForm(request.POST, **_offered(visit))
    if not form.is_valid():
        return _agent_page(request, found, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    rights = form.asked
    if form.cleaned_data["how"] == ADD:
        rights |= rights_by_agent([found.pk])[found.pk]
    try:
        is_new = change_rights(found, name=form.cleaned_data["name"], rights=rights, by=visit.actor, at=visit.at)
    except LastAdministratorError:
        return _agent_page(request, found, form, problem=wording.LAST, status=HTTPStatus.CONFLICT)
    said = wording.changed(found.name) if is_new else wording.UNCHANGED
    messages.success(request, said, extra_tags="green" if is_new else "blue")
    return _back(visit, agent)


@require_POST
@administrator_page
def invite(request: HttpRequest, agent: str) -> HttpResponse:
    """Will have the letter that says how to come in leave again."""
    visit = _visit(request)
    found = _agent_or_404(agent)
    if not found.is_active:
        return _agent_page(request, found, problem=wording.ENDED, status=HTTPStatus.CONFLICT)
    invite_agent_again(found, by=visit.actor, at=visit.at)
    messages.success(request, wording.invited(found.user.email), extra_tags="green")
    return _back(visit, agent)


@require_POST
@administrator_page
def suspend(request: HttpRequest, agent: str) -> HttpResponse:
    """Will shut an agent out, her rights kept."""
    visit = _visit(request)
    found = _agent_or_404(agent)
    try:
        is_new = suspend_agent(found, by=visit.actor, at=visit.at)
    except LastAdministratorError:
        return _agent_page(request, found, problem=wording.LAST, status=HTTPStatus.CONFLICT)
    return _done(request, agent, wording.suspended(found.name), is_new=is_new)


@require_POST
@administrator_page
def restore(request: HttpRequest, agent: str) -> HttpResponse:
    """Will let a suspended agent in again."""
    visit = _visit(request)
    found = _agent_or_404(agent)
    try:
        is_new = restore_agent(found, by=visit.actor, at=visit.at)
    except EndedPostError:
        return _agent_page(request, found, problem=wording.ENDED, status=HTTPStatus.CONFLICT)
    return _done(request, agent, wording.restored(found.name), is_new=is_new)


@require_POST
@administrator_page
def end(request: HttpRequest, agent: str) -> HttpResponse:
    """Will end the post of an agent: she is out, and has no rights left."""
    visit = _visit(request)
    found = _agent_or_404(agent)
    try:
        is_new = end_post(found, by=visit.actor, at=visit.at)
    except LastAdministratorError:
        return _agent_page(request, found, problem=wording.LAST, status=HTTPStatus.CONFLICT)
    return _done(request, agent, wording.ended(found.name), is_new=is_new)


def _visit(request: HttpRequest) -> OfficeVisit:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    return visit


def _url(visit: OfficeVisit, name: str, **more: str) -> str:
    return reverse(name, kwargs={"authority": visit.authority.slug, **more})


def _agent_or_404(public_id: str) -> Agent:
    """Will return the agent of the authority whose account has this name in addresses; raises Http404."""
    return get_object_or_404(Agent.objects.select_related("user", "authority"), user__public_id=public_id)


def _back(visit: OfficeVisit, agent: str) -> HttpResponse:
    """Will lead to the agent's page; whoever has just shut herself out of it is led to her own home."""
    me = visit.agent
    if visit.user.public_id == agent and not is_administering(rights_by_agent([me.pk])[me.pk]):
        return SeeOther(reverse("office_home"))
    return SeeOther(_url(visit, "office_agent", agent=agent))


def _done(request: HttpRequest, agent: str, said: str, *, is_new: bool) -> HttpResponse:
    messages.success(request, said if is_new else wording.UNCHANGED, extra_tags="green" if is_new else "blue")
    return _back(_visit(request), agent)


def _offered(visit: OfficeVisit) -> dict[str, Any]:
    services = [(one.code, one.name) for one in offer_of(visit.authority).services]
    return {"facilities": list(Facility.objects.order_by("name", "pk")), "services": services}


def _names(visit: OfficeVisit) -> dict[str, Any]:
    offered = _offered(visit)
    return {
        "facilities": {place.pk: place.name for place in offered["facilities"]},
        "services": dict(offered["services"]),
    }


def _shown(one: Employed, visit: OfficeVisit, names: dict[str, Any]) -> dict[str, Any]:
    last = one.seen_at.astimezone(visit.authority.zone) if one.seen_at else None
    return {
        "name": one.agent.name,
        "email": one.agent.user.email if one.agent.user.is_active else "",
        "is_closed": not one.agent.user.is_active,
        "is_me": one.agent.pk == visit.agent.pk,
        "is_active": one.agent.is_active,
        "is_ended": one.is_ended,
        "has_come": one.has_come,
        "rights": wording.rights_in_words(one.rights, **names),
        "seen": wording.seen(last, today=visit.today),
        "url": _url(visit, "office_agent", agent=one.agent.user.public_id),
    }


def _page(request: HttpRequest, template: str, status: int = HTTPStatus.OK, /, **context: Any) -> HttpResponse:
    whole = office_context(_visit(request), "office_agents", **context)
    return render(request, f"office/agents/{template}", whole, status=status)


def _new_page(request: HttpRequest, form: AppointForm, status: int = HTTPStatus.OK) -> HttpResponse:
    visit = _visit(request)
    return _page(
        request,
        "new.html",
        status,
        form=form,
        is_one_by_one=_is_one_by_one(form),
        list_url=_url(visit, "office_agents"),
        has_proconnect=settings.PROCONNECT is not None and bool(visit.authority.siret),
    )


def _agent_page(
    request: HttpRequest,
    agent: Agent,
    form: RightsForm | None = None,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = _visit(request)
    employed = next((each for each in employed_at(visit.authority.pk) if each.agent.pk == agent.pk), None)
    if employed is None:  # gone between two statements
        raise Http404
    offered = _offered(visit)
    key = agent.user.public_id
    form = form or RightsForm(
        initial=initial_of(employed.agent.name, employed.rights, offered["facilities"]), **offered
    )
    return _page(
        request,
        "agent.html",
        status,
        journal_url=_url(visit, "office_journal_by", colleague=key),
        one=_shown(employed, visit, _names(visit)),
        form=form,
        is_one_by_one=_is_one_by_one(form),
        is_mixed=form.initial.get("how") == ADD,
        problem=problem,
        list_url=_url(visit, "office_agents"),
        new_url=_url(visit, "office_agent_new"),
        invite_url=_url(visit, "office_agent_invite", agent=key),
        suspend_url=_url(visit, "office_agent_suspend", agent=key),
        restore_url=_url(visit, "office_agent_restore", agent=key),
        end_url=_url(visit, "office_agent_end", agent=key),
    )


def _is_one_by_one(form: RightsForm) -> bool:
    return form["post"].value() == wording.ONE_BY_ONE or "roles" in form.errors
