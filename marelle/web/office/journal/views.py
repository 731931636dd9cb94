"""The journal of an authority, of an agent, of a family, of a thing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from marelle.domain.accounts.models import Agent
from marelle.domain.authorities.models import Facility, Regie
from marelle.domain.catalog.models import Activity, Product, Service
from marelle.domain.procedures.queries.of_a_family import rows_of_family
from marelle.domain.reservations.queries.families import families_within
from marelle.foundation import journal
from marelle.web.doors import office_page
from marelle.web.office.billing.surroundings import regie_page
from marelle.web.office.journal import wording
from marelle.web.office.journal.described import described
from marelle.web.office.journal.forms import JournalForm
from marelle.web.office.surroundings import ROLES, office_context, reach, visit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.foundation.journal import Line

A_YEAR: Final = timedelta(days=365)
# What has a page of its own, by its name in the address: its table, the column named there, the word of the journal.
THINGS: Final[dict[str, tuple[type[Any], str, str]]] = {
    "services": (Service, "public_id", "service"),
    "activites": (Activity, "public_id", "activity"),
    "prestations": (Product, "public_id", "product"),
    "etablissements": (Facility, "code", "facility"),
    "regies": (Regie, "code", "regie"),
}


@require_safe
@regie_page
def show(request: HttpRequest) -> HttpResponse:
    """Will show the last lines, of everybody about everything unless the form says otherwise."""
    visit = visit_of(request)
    agents = list(Agent.objects.select_related("user").order_by("name", "pk"))
    form = JournalForm(request.GET, agents=[(one.user.public_id, one.name) for one in agents])
    status = HTTPStatus.OK
    lines: list[Line] = []
    if form.is_valid():
        chosen = next((one for one in agents if one.user.public_id == form.cleaned_data["agent"]), None)
        lines = journal.lines_of_authority(
            visit.authority.pk,
            until=_until(request) or _end_of(form.cleaned_data["jusqu_au"], visit.authority.zone),
            agent=chosen.user_id if chosen else None,
            kinds=form.kinds,
        )
    else:
        status = HTTPStatus.BAD_REQUEST
    return _page(request, lines, title=str(wording.TITLE), lead=str(wording.LEAD), form=form, status=status)


@require_safe
@regie_page
def of_agent(request: HttpRequest, colleague: str) -> HttpResponse:
    """Will show what an agent did."""
    agent = get_object_or_404(Agent.objects.all(), user__public_id=colleague)
    lines = journal.lines_of_authority(visit_of(request).authority.pk, until=_until(request), agent=agent.user_id)
    return _page(request, lines, title=agent.name, lead=str(wording.DONE_BY))


@require_safe
@office_page(ROLES.READ_FAMILIES)
def of_family(request: HttpRequest, family: str) -> HttpResponse:
    """Will show the history of a family that the agent may open."""
    visit = visit_of(request)
    found = get_object_or_404(families_within(reach(visit, ROLES.READ_FAMILIES)), public_id=family)
    lines = journal.lines_about(
        visit.authority.pk, rows_of_family(found.pk, since=visit.at - A_YEAR), until=_until(request)
    )
    back = reverse("office_family", kwargs={"authority": visit.authority.slug, "family": found.public_id})
    return _page(
        request, lines, title=str(wording.OF_FAMILY) % found.name, current="office_families", back=(back, found.name)
    )


@require_safe
@regie_page
def of_thing(request: HttpRequest, thing: str, named: str) -> HttpResponse:
    """Will show the history of a service, an activity, a product, a facility or a régie."""
    if thing not in THINGS:
        raise Http404
    table, column, kind = THINGS[thing]
    found: Any = get_object_or_404(table.objects.all(), **{column: named})
    lines = journal.lines_about(visit_of(request).authority.pk, {kind: [found.pk]}, until=_until(request))
    return _page(request, lines, title=str(wording.OF_THING) % found.name)


def _until(request: HttpRequest) -> datetime | None:
    """Will return the moment before which the lines of the next page are; anything else than a moment is no page."""
    asked = request.GET.get("avant", "")
    if not asked:
        return None
    try:
        found = parse_datetime(asked)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Http404
    return found


def _end_of(day: Any, zone: Any) -> datetime | None:
    return datetime.combine(day + timedelta(days=1), time(), zone) if day else None


def _page(
    request: HttpRequest,
    lines: Sequence[Line],
    *,
    title: str,
    lead: str = "",
    form: JournalForm | None = None,
    current: str = "office_journal",
    back: tuple[str, str] = ("", ""),
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    visit = visit_of(request)
    shown = lines[: journal.PAGE]
    days: list[dict[str, Any]] = []
    for line in described(shown, visit):
        if not days or days[-1]["day"] != line.day:
            days.append({"day": line.day, "lines": []})
        days[-1]["lines"].append(line)
    older = ""
    if len(lines) > journal.PAGE:
        kept = {name: value for name, value in request.GET.items() if name != "avant"}
        older = "?" + urlencode({**kept, "avant": shown[-1].recorded_at.astimezone(UTC).isoformat()})
    journal_url = reverse("office_journal", kwargs={"authority": visit.authority.slug})
    back_url, back_label = back if back[0] else ("" if form else journal_url, str(wording.TITLE))
    context = {
        "title": title,
        "lead": lead,
        "form": form,
        "days": days,
        "older": older,
        "is_later": "avant" in request.GET,
        "back_url": back_url,
        "back_label": back_label,
    }
    return render(request, "office/journal/page.html", office_context(visit, current, **context), status=status)
