"""What every screen of publication starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render

from marelle.domain.authorities.models import Facility
from marelle.domain.catalog.models import Service
from marelle.domain.news.rules.audience import said
from marelle.foundation.french_dates import without_weekday
from marelle.web.office.surroundings import office_context, visit_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from marelle.domain.news.models import Published
    from marelle.domain.news.rules.audience import PublishingReach
    from marelle.web.doors import OfficeVisit

NEW: Final = "nouveau"
PAGE: Final = 30
Choices = tuple[tuple[str, str], ...]


def page(request: HttpRequest, current: str, template: str, status: int = 200, /, **context: Any) -> HttpResponse:
    """Will answer with a screen of publication; `current` is its entry of the menu."""
    whole = office_context(visit_of(request), current, **context)
    return render(request, f"office/publication/{template}", whole, status=status)


def services_offered() -> Choices:
    """Will return the services by code, with their names, in their order."""
    return tuple(Service.objects.order_by("position", "name").values_list("code", "name"))


def facilities_offered() -> Choices:
    """Will return the places by code, with their names."""
    return tuple(Facility.objects.order_by("name").values_list("code", "name"))


def within(choices: Choices, codes: frozenset[str], reach: PublishingReach) -> Choices:
    """Will keep those of `choices` that an agent may publish for."""
    return choices if reach.is_whole else tuple(one for one in choices if one[0] in codes)


def row_of(row: Published, visit: OfficeVisit, services: Choices, facilities: Choices) -> dict[str, Any]:
    """Will return what a list says of a published thing: its title, where it stands, for whom."""
    names = [name for code, name in services if code in row.for_services]
    names += [name for code, name in facilities if code in row.for_facilities]
    if row.audience.is_narrow and not names:
        names = ["personne (ce service ou ce lieu n’existe plus)"]
    if row.withdrawn_on is not None and row.withdrawn_on <= visit.today:
        state = ("Retiré", "quiet", "eye-off")
    elif row.published_on > visit.today:
        state = (f"Prévu le {without_weekday(row.published_on)}", "amber", "clock")
    else:
        state = ("En ligne", "green", "check")
    days = f"Du {without_weekday(row.published_on, year=True)}"
    if row.withdrawn_on is not None:
        verb = "retiré" if row.withdrawn_on <= visit.today else "retrait prévu"
        days += f", {verb} le {without_weekday(row.withdrawn_on, year=True)}"
    return {
        "title": row.title,
        "state": state,
        "is_withdrawn": state[0] == "Retiré",
        "days": days,
        "whom": said(names, is_public=row.is_public).capitalize()
        if not names
        else f"Pour {said(names, is_public=False)}",
    }
