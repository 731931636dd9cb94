"""Who sets a town up, what its screens share, and where one leads once it is done."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from marelle.domain.onboarding.queries.readiness import readiness
from marelle.domain.onboarding.rules.checklist import Check, State, Step, state_of
from marelle.web.doors import office_page
from marelle.web.office.surroundings import ROLES, office_context, reach, url_of, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

# The screen of few clicks of each step that has one; the others have their ordinary screen alone.
SCREENS: Final = {
    Step.AUTHORITY: "office_guide_contact",
    Step.PLACES: "office_guide_places",
    Step.OFFER: "office_guide_offer",
    Step.REGLEMENT: "office_guide_reglement",
    Step.TARIFF: "office_guide_tariff",
    Step.REGIE: "office_guide_regie",
}
# Where each thing is mended, when it is not at the screen of its step.
MENDED_AT: Final = {
    Check.HOLIDAYS: "office_calendar",
    Check.SHORT_CALENDAR: "office_calendar",
    Check.OPEN_DAYS: "office_offer",
    Check.CANTEEN_CAPACITY: "office_offer",
    Check.RELIGION: "office_offer",
    Check.CANTEEN_WAVES: "office_reglements",
    Check.COST_UNKNOWN: "office_guide_costs",
    Check.ABOVE_COST: "office_tariffs",
    Check.ONLINE: "office_regies",
    Check.SECOND_AGENT: "office_agents",
    Check.HEALTH: "office_agents",
    Check.PROCEDURES: "office_procedures",
    Check.ANSWERING: "office_services_in_charge",
}
# Where everything of a step is changed afterwards.
ORDINARY: Final = {
    Step.AUTHORITY: ("office_identity", "Tout de la collectivité"),
    Step.CALENDAR: ("office_calendar", "Le calendrier"),
    Step.PLACES: ("office_places", "Tous les lieux"),
    Step.OFFER: ("office_offer", "Toute l’offre"),
    Step.REGLEMENT: ("office_reglements", "Tous les règlements"),
    Step.TARIFF: ("office_tariffs", "Tous les tarifs"),
    Step.REGIE: ("office_regies", "Les régies"),
    Step.AGENTS: ("office_agents", "Les agents"),
    Step.PROCEDURES: ("office_procedures", "Les démarches"),
}


def guide_page(view: Any) -> Any:
    """Will open `view` to agents who administer the whole authority."""

    @functools.wraps(view)
    def for_the_whole(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not reach(visit_of(request), ROLES.ADMINISTER).is_whole:
            raise PermissionDenied
        response: HttpResponse = view(request, **kwargs)
        return response

    return office_page(ROLES.ADMINISTER)(for_the_whole)


def page(request: HttpRequest, template: str, status: int = 200, /, **context: Any) -> HttpResponse:
    """Will answer with a screen of the guide."""
    visit = visit_of(request)
    whole = office_context(visit, "office_guide", guide_url=url_of(visit, "office_guide"), **context)
    return render(request, f"office/guide/{template}", whole, status=status)


def next_url(visit: OfficeVisit, step: Step) -> str:
    """Will return where to go on once something of `step` was recorded.

    The same screen as long as the step lacks something required, then that of the next step that is not done, else
    the list.
    """
    items = readiness(visit.authority, today=visit.today)
    if state_of(items, step) is State.MISSING:
        return url_of(visit, SCREENS[step])
    order = list(Step)
    later = order[order.index(step) + 1 :]
    found = next((one for one in later if one in SCREENS and state_of(items, one) is not State.DONE), None)
    return url_of(visit, SCREENS[found] if found else "office_guide")
