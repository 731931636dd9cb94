"""Which children's photos an agent sees: of those enrolled in an activity that a right of hers reaches."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied

from marelle.domain.families.queries.photos import photo_names
from marelle.domain.reservations.queries.families import enrollments_of
from marelle.web.doors import EVERY_AGENT, office_page
from marelle.web.office.surroundings import ROLES, around_name, reach, visit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from django.http import HttpRequest, HttpResponse

    from marelle.web.doors import OfficeVisit

# Whoever meets the children, or their families.
SEEING: Final = (ROLES.VIEW_DAY, ROLES.RECORD_ATTENDANCE, ROLES.READ_FAMILIES)


def photo_page(view: Callable[..., HttpResponse]) -> Any:
    """Will open `view` to the agents who have one of the rights to meet the children or their families."""

    @functools.wraps(view)
    def for_who_meets_them(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not any(visit_of(request).may(role) for role in SEEING):
            raise PermissionDenied
        return view(request, **kwargs)

    behind_door = office_page(EVERY_AGENT)(for_who_meets_them)
    behind_door.door = "office:of_the_children"
    return behind_door


def whose_photo(visit: OfficeVisit, children: Collection[int]) -> frozenset[int]:
    """Will return those of these children (keys) whose photo the agent may see. One statement at most."""
    within = [reach(visit, role) for role in SEEING if visit.may(role)] if children else []
    if any(one.is_whole for one in within):
        return frozenset(children)
    activities = frozenset[int]().union(*(one.activity_keys for one in within))
    if not activities:
        return frozenset()
    enrolled = enrollments_of(children, on=visit.today).filter(activity__in=activities)
    return frozenset(enrolled.values_list("child_id", flat=True))


def who_may_be_pictured(visit: OfficeVisit, children: Collection[int]) -> frozenset[int]:
    """Will return those of these children (keys) whose photo the agent may keep: who is enrolled, and whom she sees.

    Families agree to a photo for those who look after the child: of one whom nobody looks after, none is needed. Two
    statements at most.
    """
    enrolled = frozenset(enrollments_of(children, on=visit.today).values_list("child_id", flat=True))
    return enrolled & whose_photo(visit, children)


def photo_urls(visit: OfficeVisit, children: Collection[int]) -> dict[int, str]:
    """Will return the address of the photo of each of these children (keys) that has one the agent may see.

    Three statements at most, two for who sees them all.
    """
    names = photo_names(children)
    seen = whose_photo(visit, names)
    before, after = around_name(visit, "office_child_photo", "photo")
    return {child: f"{before}{name}{after}" for child, name in names.items() if child in seen}
