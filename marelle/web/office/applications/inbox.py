"""The inbox: what was sent to the agent's services, the soonest decided by silence first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.domain.procedures.models import Application, Message
from marelle.domain.procedures.queries.inbox import Show, inbox, procedures_within, services_within
from marelle.domain.procedures.rules.clocks import Silence
from marelle.domain.procedures.rules.states import OPEN, STATE_WORDS, State
from marelle.domain.procedures.rules.together import is_decided
from marelle.foundation.french_dates import without_weekday
from marelle.web.office.applications import wording
from marelle.web.office.applications.forms import FilterForm
from marelle.web.office.applications.surroundings import service_page, url_of
from marelle.web.office.surroundings import office_context, visit_of
from marelle.web.office.together import ticking

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

ON_A_PAGE: Final = 40
WAITING: Final = frozenset({Show.TO_HANDLE, Show.INCOMPLETE})


@dataclass(frozen=True, slots=True)
class Tag:
    """A word with its tone and its icon."""

    text: str
    tone: str = "quiet"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An application in the list."""

    key: str
    may_tick: bool
    url: str
    title: str
    number: str
    family: str
    children: str
    service: str
    received: str
    assigned: str
    is_mine: bool
    tags: tuple[Tag, ...]


@require_safe
@service_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show what an agent looks for among what was sent to her services."""
    visit = visit_of(request)
    services = list(services_within(visit.roles))
    procedures = list(procedures_within(visit.roles))
    form = FilterForm(
        request.GET,
        services=[(one.code, one.name) for one in services],
        procedures=[(one.procedure.code, one.title) for one in procedures],
    )
    wish = form.wish
    page = Paginator(inbox(visit.roles, wish, agent=visit.agent), ON_A_PAGE).get_page(request.GET.get("page"))
    # Those of one procedure may be answered at once: one reason, one effect.
    may_tick = wish.show in WAITING and (bool(wish.procedure) or len(procedures) == 1)
    rows = [_row(one, visit, may_tick=may_tick) for one in page.object_list]
    told = ticking(request, page)
    kept = {name: value for name, value in form.kept.items() if name != "etat" and value}
    context: dict[str, Any] = {
        "form": form,
        "has_services": len(services) > 1,
        "rows": rows,
        "page": page,
        "is_answered_together": any(row.may_tick for row in rows),
        "says_how": not may_tick and len(procedures) > 1 and wish.show in WAITING and len(rows) > 1,
        "is_all": told["is_all"],
        "all_url": told["all_url"],
        "together_url": url_of(visit, "office_applications_together"),
        "query": urlencode({**kept, "etat": wish.show.value}),
        "shown": [
            {
                "label": wording.SHOWN[one],
                "url": f"?{urlencode({**kept, 'etat': one.value})}",
                "is_current": one is wish.show,
            }
            for one in Show
        ],
        "is_filtered": bool(kept),
        "plain_url": f"?{urlencode({'etat': wish.show.value})}",
        "is_to_handle": wish.show is Show.TO_HANDLE,
        "statistics_url": url_of(visit, "office_application_statistics"),
    }
    return render(request, "office/applications/inbox.html", office_context(visit, "office_applications", **context))


def _row(one: Application, visit: OfficeVisit, *, may_tick: bool) -> Row:
    zone = visit.authority.zone
    sent_on = one.submitted_at.astimezone(zone).date() if one.submitted_at else visit.today
    return Row(
        key=one.public_id,
        may_tick=may_tick and one.state in OPEN and is_decided(one.version.definition),
        url=url_of(visit, "office_application", one),
        title=one.version.title,
        number=wording.number(one.number),
        family=one.family.name,
        children=", ".join(told.child.first_name for told in one.children.all()),
        service=one.in_charge.name if one.in_charge else "",
        received=wording.waited(sent_on, visit.today),
        assigned=one.assigned_to.name if one.assigned_to else "",
        is_mine=one.assigned_to_id == visit.agent.pk,
        tags=tuple(tags_of(one, visit)),
    )


def tags_of(one: Application, visit: OfficeVisit) -> list[Tag]:
    """Will return what a row of the inbox says in short: what presses, where it stands, what is new."""
    state = State(one.state)
    found = []
    if one.is_left_to_do:  # type: ignore[attr-defined]  # annotated by the inbox, as the others
        found.append(Tag("Reste à faire", "red", "triangle-alert"))
    if one.silent_on and state in OPEN:
        meaning = Silence(one.version.content["silence"])
        found.append(Tag(*wording.silence(meaning, (one.silent_on - visit.today).days)))
    found.append(Tag(STATE_WORDS[state], *wording.LOOKS[state]))
    due_on = one.due_on  # type: ignore[attr-defined]
    if state is State.INCOMPLETE and due_on:
        is_over = due_on < visit.today
        words = f"{'Délai passé le' if is_over else 'Jusqu’au'} {without_weekday(due_on)}"
        found.append(Tag(words, "amber" if is_over else "quiet", "calendar"))
    if state is State.SUBMITTED and one.completed_at:  # type: ignore[attr-defined]
        found.append(Tag("Complété", "blue", "paperclip"))
    if one.last_side == Message.Side.FAMILY:  # type: ignore[attr-defined]
        found.append(Tag("Nouveau message de la famille", "blue", "message-circle"))
    return found
