"""What there is to treat: each queue of the agent, how much is in it, and the page where it is treated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.foundation.french_dates import in_full
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.office.inbox import wording
from marelle.web.office.inbox.queues import lines_for
from marelle.web.office.surroundings import office_context, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit
    from marelle.web.office.inbox.queues import Line


@require_safe
@office_page(EVERY_AGENT)
def inbox(request: HttpRequest) -> HttpResponse:
    """Will show the queues in which something waits, and name those in which nothing does."""
    visit = visit_of(request)
    lines = lines_for(visit)
    waiting = [line for line in lines if line.waiting.count]
    context = office_context(
        visit,
        "office_inbox",
        lead=wording.LEAD,
        lines=[_line(line, visit) for line in waiting],
        total=wording.total(sum(line.waiting.count for line in waiting)),
        done=[_line(line, visit) for line in lines if not line.waiting.count],
    )
    return render(request, "office/inbox/page.html", context)


def _line(line: Line, visit: OfficeVisit) -> dict[str, Any]:
    zone, waiting, queue = visit.authority.zone, line.waiting, line.queue
    since = waiting.since.astimezone(zone).date() if waiting.since else None
    return {
        "label": queue.alone if waiting.count == 1 else queue.label,
        "count": waiting.count,
        "presses": line.presses,
        "since": wording.since(since, today=visit.today) if since else "",
        "by": f"{queue.by_words} {in_full(waiting.by)}" if queue.by_words and waiting.by else "",
        "url": queue.url(visit, waiting),
    }
