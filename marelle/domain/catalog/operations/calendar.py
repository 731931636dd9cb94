"""The authority's own calendar: seeded from the published ones, corrected by the authority, whose word is last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Key, Outcome, Said, save_rows, touch_catalog
from marelle.domain.catalog.models import Holiday
from marelle.domain.catalog.rules.published_calendar import published_days
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

NAMED_BY: Final = ("kind", "starts_on")


@operation
def seed_calendar(
    authority: Authority,
    *,
    except_for: Collection[Key] = frozenset(),
    force: bool = False,
    by: Actor,
    at: datetime,
) -> Outcome[Any]:
    """Will fill the authority's calendar with the published holidays of its zone and department.

    From the first of September before last up to the last published day of class. Days that the authority has changed
    or removed stay as it wants them; `except_for` names (kind, first day) those that are said elsewhere.
    """
    today = at.astimezone(authority.zone).date()
    published = published_days(authority.school_zone, authority.department, today)
    said = [Said(key, {"name": name, "ends_on": ends_on}) for key, (name, ends_on) in published.items()]
    return save_holidays(authority, [each for each in said if each.key not in except_for], force=force, by=by, at=at)


@operation
def save_holidays(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update days of the calendar, named by kind and first day; see `authorities.save_rows`."""
    outcome = save_rows(authority, Holiday, NAMED_BY, said, force=force, by=by, at=at)
    if outcome.has_changed:
        touch_catalog(authority, by=by, at=at)
    return outcome
