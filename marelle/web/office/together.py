"""Several rows ticked in a queue, to be answered at once: what was ticked, and how far a page of a queue goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Paginator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.paginator import Page
    from django.db.models import QuerySet
    from django.http import HttpRequest, QueryDict

# The name of the boxes, on every queue.
TICKED: Final = "choisi"
ON_A_PAGE: Final = 50
# All that one page shows, twice over: an address that names more was not written by us.
MOST: Final = 2 * ON_A_PAGE


def ticked(given: QueryDict) -> list[str]:
    """Will return the public ids that were ticked, each once, `MOST` at most."""
    return list(dict.fromkeys(given.getlist(TICKED)))[:MOST]


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> Page[Any]:
    """Will return the page of a queue that is asked for, the nearest one when there is none of that number."""
    return Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))


def ticking(request: HttpRequest, page: Page[Any]) -> dict[str, Any]:
    """Will return what a queue says of its boxes and of its pages: whether all are ticked, and the ways around."""
    kept = request.GET.copy()
    is_all = bool(kept.pop("tout", None))
    kept["page"] = str(page.number)
    all_of = kept.copy()
    all_of["tout"] = "1"

    def at(number: int) -> str:
        there = kept.copy()
        there["page"] = str(number)
        return f"?{there.urlencode()}"

    return {
        "page": page,
        "is_all": is_all,
        "all_url": f"?{kept.urlencode()}" if is_all else f"?{all_of.urlencode()}",
        "previous_url": at(page.number - 1) if page.has_previous() else "",
        "next_url": at(page.number + 1) if page.has_next() else "",
    }
