"""Who answers applications, and what the screens of applications share."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from marelle.domain.accounts.rules.roles import SEE_HEALTH, SEE_QUOTIENT
from marelle.domain.procedures.operations.reading import note_health_reading
from marelle.domain.procedures.queries.applications import applications_within
from marelle.domain.procedures.queries.inbox import services_within
from marelle.domain.procedures.rules.definitions import Definition
from marelle.domain.procedures.rules.secrecy import secret_fields
from marelle.foundation import clock
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.office.need_to_know import knows_quotient, whose_health
from marelle.web.office.surroundings import reach, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.procedures.models import Application
    from marelle.web.doors import OfficeVisit

# What is written in the session: which answers about health were opened, and when. A day's work is not one reading.
_OPENED: Final = "health_opened"
_OPENED_FOR: Final = timedelta(minutes=30)
_MOST_OPENED: Final = 20


def service_page(view: Any) -> Any:
    """Will open `view` to agents whose role answers for a service in charge of applications, or who administer."""

    @functools.wraps(view)
    def for_a_service(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not services_within(visit_of(request).roles).exists():
            raise PermissionDenied
        response: HttpResponse = view(request, **kwargs)
        return response

    behind_door = office_page(EVERY_AGENT)(for_a_service)
    behind_door.door = "office:of_a_service"
    return behind_door


def application_or_404(visit: OfficeVisit, application: str) -> Application:
    """Will return the application of this public id, when it was sent to a service of the agent; raises Http404."""
    return get_object_or_404(applications_within(visit.roles), public_id=application)


def url_of(visit: OfficeVisit, name: str, application: Application | None = None, **kwargs: str) -> str:
    """Will return an address of the screens of applications at the authority of the visit."""
    named = {"authority": visit.authority.slug, **kwargs}
    if application is not None:
        named["application"] = application.public_id
    return reverse(name, kwargs=named)


def rights_to_read(visit: OfficeVisit, application: Application) -> frozenset[str]:
    """Will return which of the rights to know the agent has for the people of an application.

    The health of its children, all of them; what is of no child is read by whoever sees the health of them all. The
    quotient of its family.
    """
    children = list(application.children.values_list("child", flat=True))
    found: set[str] = set()
    sees_all = visit.may(SEE_HEALTH) and reach(visit, SEE_HEALTH).is_whole
    if sees_all or (children and whose_health(visit, children) == frozenset(children)):
        found.add(SEE_HEALTH)
    if knows_quotient(visit, application.family_id):
        found.add(SEE_QUOTIENT)
    return frozenset(found)


def is_about_health(definition: Definition) -> bool:
    """Will tell whether some answers are about health: reading them is noted first."""
    return SEE_HEALTH in secret_fields(definition).values()


def hidden_fields(request: HttpRequest, application: Application, rights: frozenset[str]) -> frozenset[str]:
    """Will return the fields (codes) whose answers are not shown: no right reads them, or health was not opened."""
    shown = rights if is_health_open(request, application, rights) else rights - {SEE_HEALTH}
    return frozenset(
        code for code, right in secret_fields(application.version.definition).items() if right not in shown
    )


def open_health(request: HttpRequest, application: Application) -> None:
    """Will note in the journal that the agent reads the answers about health, and show them to her for half an hour."""
    visit = visit_of(request)
    note_health_reading(application, by=visit.actor, at=visit.at)
    opened = {**request.session.get(_OPENED, {}), application.public_id: clock.machine_now().isoformat()}
    request.session[_OPENED] = dict(list(opened.items())[-_MOST_OPENED:])


def is_health_open(request: HttpRequest, application: Application, rights: frozenset[str]) -> bool:
    """Will tell whether the answers about health are shown: there are none, or this agent opened them just now."""
    if not is_about_health(application.version.definition):
        return True
    if SEE_HEALTH not in rights:
        return False
    opened = request.session.get(_OPENED, {}).get(application.public_id)
    return opened is not None and clock.machine_now() - datetime.fromisoformat(opened) < _OPENED_FOR
