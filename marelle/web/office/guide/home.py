"""The list of what is missing, step by step, and opening to the public at its end."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.views.decorators.http import require_POST, require_safe

from marelle.domain.catalog.operations.calendar import seed_calendar
from marelle.domain.onboarding.operations.going_public import NotReadyError, open_to_public
from marelle.domain.onboarding.queries.readiness import readiness
from marelle.domain.onboarding.rules.checklist import Item, State, Step, missing, state_of
from marelle.domain.onboarding.rules.checklist_sentences import STEPS, WORDS, names, title
from marelle.web.office.guide import wording
from marelle.web.office.guide.surroundings import MENDED_AT, ORDINARY, SCREENS, guide_page, page
from marelle.web.office.surroundings import url_of, visit_of
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

TAGS = {
    State.MISSING: ("Manque", "red", "circle-x"),
    State.LOOK: ("À voir", "amber", "triangle-alert"),
    State.DONE: ("Fait", "green", "check"),
}


@require_safe
@guide_page
def guide(request: HttpRequest) -> HttpResponse:
    """Will show the steps, what lacks in each, and why it matters."""
    return _guide(request)


@require_POST
@guide_page
def open_town(request: HttpRequest) -> HttpResponse:
    """Will open the town to the public, or say what stands against it."""
    visit = visit_of(request)
    try:
        open_to_public(visit.authority, by=visit.actor, at=visit.at)
    except NotReadyError:
        return _guide(request, problem=wording.NOT_READY, status=HTTPStatus.CONFLICT)
    messages.success(request, wording.OPENED, extra_tags="green")
    return SeeOther(url_of(visit, "office_guide"))


@require_POST
@guide_page
def fill_calendar(request: HttpRequest) -> HttpResponse:
    """Will fill the calendar with the published holidays; days that the town has changed stay as it wants them."""
    visit = visit_of(request)
    seed_calendar(visit.authority, by=visit.actor, at=visit.at)
    messages.success(request, wording.CALENDAR_FILLED, extra_tags="green")
    return SeeOther(url_of(visit, "office_guide"))


def _guide(request: HttpRequest, *, problem: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    visit = visit_of(request)
    items = readiness(visit.authority, today=visit.today)
    steps = [_step(visit, step, items) for step in Step]
    lacking = missing(items)
    context = {
        "steps": steps,
        "done": sum(step["state"] is State.DONE for step in steps),
        "lacking": [f"{title(item)[:1].lower()}{title(item)[1:]}" for item in lacking],
        "to_look": sum(item.state is State.LOOK for item in items),
        "is_open": visit.authority.is_open,
        "open_url": url_of(visit, "office_guide_open"),
        "register_url": url_of(visit, "office_register"),
        "year_url": url_of(visit, "office_next_year"),
        "file_url": url_of(visit, "office_configuration_file"),
        "go_on_url": _go_on(visit, items),
        "problem": problem,
    }
    return page(request, "page.html", status, **context)


def _go_on(visit: OfficeVisit, items: Sequence[Item]) -> str:
    """Will return the screen of the first step that lacks something required, else of the first one to look at.

    Nothing when no step that has a screen is left.
    """
    states = {step: state_of(items, step) for step in SCREENS}
    wanted = (step for state in (State.MISSING, State.LOOK) for step in SCREENS if states[step] is state)
    left = next(wanted, None)
    return url_of(visit, SCREENS[left]) if left else ""


def _step(visit: OfficeVisit, step: Step, items: Sequence[Item]) -> dict[str, Any]:
    state = state_of(items, step)
    words, tone, icon = TAGS[state]
    shown = [_line(visit, item) for item in items if item.step is step]
    whole = ORDINARY.get(step)
    return {
        "code": step.value,
        "title": STEPS[step],
        "state": state,
        "tag": {"words": words, "tone": tone, "icon": icon},
        "left": [one for one in shown if not one["is_done"]],
        "done": [one for one in shown if one["is_done"]],
        "screen_url": url_of(visit, SCREENS[step]) if step in SCREENS else "",
        "whole_url": url_of(visit, whole[0]) if whole else "",
        "whole_label": whole[1] if whole else "",
        "calendar_url": url_of(visit, "office_guide_calendar")
        if step is Step.CALENDAR and state is not State.DONE
        else "",
    }


def _line(visit: OfficeVisit, item: Item) -> dict[str, Any]:
    words = WORDS[item.check]
    name = MENDED_AT.get(item.check) or SCREENS.get(item.step, "")
    return {
        "title": title(item),
        "names": names(item),
        "is_done": item.state is State.DONE,
        "is_missing": item.state is State.MISSING,
        "why": words.why,
        "source": words.source,
        "url": url_of(visit, name) if name else "",
        "is_law": bool(words.source),
    }
