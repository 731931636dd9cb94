"""Where an agent arrives: her authority's day, the choice of one, or a calm word when the account is not an agent's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.queries import agents_of
from marelle.domain.accounts.rules.roles import gives
from marelle.foundation import clock, tenancy
from marelle.web.doors import EVERY_AGENT, OfficeVisit, signed_in
from marelle.web.office.home import wording
from marelle.web.office.inbox.queues import is_anything_waiting
from marelle.web.office.surroundings import SECTIONS, TREATING, url_of
from marelle.web.surroundings import MenuEntry

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.accounts.models import Agent


@dataclass(frozen=True, slots=True)
class Post:
    """A place where the agent works: its name, what she may do there, where to begin (empty: nothing yet)."""

    authority: str
    roles: str
    url: str


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Will lead to the only post of the agent, or let her choose."""
    agents = _agents(request)
    posts = [_post(agent) for agent in agents]
    if len(posts) == 1 and posts[0].url:
        return HttpResponseRedirect(_to_treat(request, agents[0]) or posts[0].url)
    return _page(request, posts, wording.CHOOSE)


@require_safe
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Will show who is signed in, the posts of that account, and the way out."""
    return _page(request, [_post(agent) for agent in _agents(request)], wording.MY_POST)


def _page(request: HttpRequest, posts: list[Post], title: str) -> HttpResponse:
    context = {
        "title": title if posts else wording.NOT_AN_AGENT,
        "posts": posts,
        "families_url": settings.FAMILY_URL,
        "account": MenuEntry(str(getattr(request.user, "email", "")), reverse("office_account")),
        "home_url": reverse("office_home"),
    }
    response = render(request, "office/home/page.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _agents(request: HttpRequest) -> list[Agent]:
    with tenancy.every_authority():
        return list(agents_of(request.user.pk or 0))


def _post(agent: Agent) -> Post:
    return Post(agent.authority.name, _roles(agent), _first_page(agent))


def _to_treat(request: HttpRequest, agent: Agent) -> str:
    """Will return the page of what there is to treat, empty when nothing waits for this agent."""
    at = clock.business_now()
    visit = OfficeVisit(
        authority=agent.authority,
        at=at,
        today=at.astimezone(agent.authority.zone).date(),
        user=request.user,  # type: ignore[arg-type]  # signed in
        agent=agent,
        roles=frozenset(agent.roles),  # type: ignore[attr-defined]  # annotated by agents_of
    )
    with tenancy.scope({agent.authority_id}):
        return url_of(visit, "office_inbox") if is_anything_waiting(visit) else ""


def _first_page(agent: Agent) -> str:
    roles = set(agent.roles)  # type: ignore[attr-defined]  # annotated by agents_of
    for entry in (entry for section in SECTIONS for entry in section.entries):
        # Demands are of a service in charge, which this page does not know.
        if entry.name == "office_applications":
            continue
        if entry.name == "office_inbox" and not any(gives(roles, role) for role in TREATING):
            continue
        if gives(roles, entry.role) or (roles and entry.role == EVERY_AGENT):
            return reverse(entry.name, kwargs={"authority": agent.authority.slug})
    return ""


def _roles(agent: Agent) -> str:
    labels = dict(Grant.Role.choices)
    return ", ".join(str(labels[role]).lower() for role in labels if role in set(agent.roles))  # type: ignore[attr-defined]
