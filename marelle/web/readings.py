"""What a page shows of somebody's health or quotient: noted in the journal by one decorator, after the page is drawn.

« A GET writes nothing », and a reading is written (decisions 27 and 36): the view says what it shows, and may still
write nothing; the decorator writes the lines before the first byte leaves. A page whose line cannot be written does not
leave either. A view that shows such a thing and is not so decorated fails: there is no other way to say it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from marelle.domain.families.operations.readings import (
    note_all_read,
    note_list_read,
    note_readings,
)
from marelle.foundation import writes

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit


class ReadingNotNotedError(RuntimeError):
    """A view shows what a right opens, and nothing would note it: it stands behind no `notes_readings`."""


@dataclass(slots=True)
class _Read:
    """What one page shows: of children and of families (keys), and of whom on a list of a day, by the list's name."""

    children: set[int] = field(default_factory=set)
    families: set[int] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)
    facilities: set[int] = field(default_factory=set)
    day: date | None = None
    named: str = ""
    all_of: tuple[str, int] | None = None
    family: int | None = None


def notes_readings(view: Any) -> Any:
    """Will let `view` show somebody's health or quotient: what it says it shows is in the journal before it is sent.

    It stands inside the door, which opens the scope, and nearest to the view.
    """

    @functools.wraps(view)
    def noted(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        read = _Read()
        request.noted_readings = read  # type: ignore[attr-defined]
        response: HttpResponse = view(request, **kwargs)
        if hasattr(response, "render"):
            response.render()
        if read.children or read.families or read.listed or read.all_of:
            with writes.writing_after_all():
                _write(request, read)
        return response

    noted.says_what_is_read = True  # type: ignore[attr-defined]  # the house tests name these views
    return noted


def reads_health(request: HttpRequest, children: Collection[int], *, family: int | None = None) -> None:
    """Will say that the page shows what is known of the health of these children (keys)."""
    if children:
        read = _read(request)
        read.children.update(children)
        read.family = family


def reads_health_on(
    request: HttpRequest, children: Collection[int], *, named: str, day: date, facilities: Collection[int]
) -> None:
    """Will say that the page is a list of a day, at these facilities (keys), with the health of these children (keys).

    Read again the same day by the same agent, the list of that name is noted once.
    """
    if children:
        read = _read(request)
        read.listed.update(children)
        read.facilities.update(facilities)
        read.day, read.named = day, named


def reads_quotient(request: HttpRequest, family: int) -> None:
    """Will say that the page shows the quotient of a family (key)."""
    _read(request).families.add(family)


def reads_quotients_of(request: HttpRequest, of: str, key: int) -> None:
    """Will say that the file that leaves shows the quotients of all that a row holds (`of`, its kind, and `key`)."""
    _read(request).all_of = (of, key)


def _read(request: HttpRequest) -> _Read:
    read: _Read | None = getattr(request, "noted_readings", None)
    if read is None:
        raise ReadingNotNotedError(request.path)
    return read


def _write(request: HttpRequest, read: _Read) -> None:
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    page = request.resolver_match.url_name or "" if request.resolver_match else ""
    how: dict[str, Any] = {"authority": visit.authority.pk, "by": visit.actor, "at": visit.at}
    if read.listed and read.day is not None:
        since = datetime.combine(visit.today, time.min, visit.authority.zone)
        note_list_read(read.listed, day=read.day, facilities=read.facilities, page=read.named, since=since, **how)
    if read.all_of is not None:
        note_all_read(*read.all_of, page=page, **how)
    if read.children or read.families:
        note_readings(read.children, read.families, page=page, family=read.family, **how)
