"""The way back to the month that one is closing, on the screens where its steps are done.

It is in the address (`retour`), which names a month and a régie and nothing else, so that it leads nowhere but there. A
form that is sent finds it in the address that it comes from, and the page that follows has it again in its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from django.urls import reverse

from marelle.domain.accounts.models import Site
from marelle.web.office.billing.wording import month_of
from marelle.web.office.month.naming import Closing, month_written

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

RETOUR: Final = "retour"
ITSELF: Final = "office_month"


def way_back(request: HttpRequest) -> dict[str, Any]:
    """Will give the agents' templates the way back to the closing of a month, where they were come to from there.

    `kept_way` is what a link adds to its address to keep it, empty when there is none.
    """
    visit = getattr(request, "visit", None)
    if visit is None or getattr(request, "site", "") != Site.OFFICE:
        return {"kept_way": ""}
    closing = closing_of(request)
    if closing is None or (request.resolver_match and request.resolver_match.url_name == ITSELF):
        return {"kept_way": ""}
    return {
        "way_back": {"url": closing_url(visit, closing), "words": f"Clôture {_of(month_of(closing.month))}"},
        "kept_way": f"?{urlencode({RETOUR: str(closing)})}",
    }


class KeepsWayBack:
    """Writes the way back again in the address where a write of the agents' site leads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Will wrap the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Will answer; a redirection within the site keeps the way back of the page that asked for it."""
        response = self.get_response(request)
        where = response.headers.get("Location", "")
        if request.method != "POST" or getattr(request, "site", "") != Site.OFFICE or not where.startswith("/"):
            return response
        closing = closing_of(request)
        parts = urlsplit(where)
        if closing is not None and not parts.netloc and RETOUR not in parse_qs(parts.query):
            query = "&".join(filter(None, (parts.query, urlencode({RETOUR: str(closing)}))))
            response.headers["Location"] = urlunsplit(parts._replace(query=query))
        return response


def closing_of(request: HttpRequest) -> Closing | None:
    """Will return the month that one is closing, as the address says or the one before it did."""
    if RETOUR in request.GET:
        return Closing.read(request.GET[RETOUR])
    before = urlsplit(request.headers.get("Referer", ""))
    if before.netloc != request.get_host():
        return None
    return Closing.read(parse_qs(before.query).get(RETOUR, [""])[0])


def closing_url(visit: OfficeVisit, closing: Closing) -> str:
    """Will return the address of the closing of a month."""
    address = reverse(ITSELF, kwargs={"authority": visit.authority.slug})
    return f"{address}?{urlencode({'mois': month_written(closing.month), 'regie': closing.regie})}"


def _of(month: str) -> str:
    return f"d’{month}" if month[:1] in "ao" else f"de {month}"
