"""Where the time of an application stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.queries import calendar_of
from marelle.domain.catalog.rules.public_holidays import published_public_holidays
from marelle.domain.procedures.models import ChangesAsked
from marelle.domain.procedures.rules.clocks import Clock, Pause, clock_of, is_reached

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.models import Application
    from marelle.foundation.school_days import Calendar

# No delay is longer; working days are counted with the public holidays of all that time.
FURTHEST: Final = timedelta(days=800)


def working_calendar(authority: Authority, *, at: datetime, latest: datetime | None = None) -> Calendar:
    """Will return the authority's calendar, with the public holidays of the law for long enough from `at`.

    For long enough from `latest` too, when delays are counted from several moments.
    Those of the law even where the authority wrote none in its own: a working day does not depend on what was typed.
    """
    own, first = calendar_of(authority), at.astimezone(authority.zone).date()
    last = first if latest is None else latest.astimezone(authority.zone).date()
    by_law = published_public_holidays(authority.department, first, last + FURTHEST)
    return replace(own, public_holidays=(*own.public_holidays, *by_law))


def application_clock(application: Application, authority: Authority, *, at: datetime) -> Clock:
    """Will say where the time of a submitted application stands; see `rules.clocks`. `version` is loaded.

    What was asked after `at` stops nothing yet. Raises ValueError for a draft, whose time has not begun.
    """
    if application.submitted_at is None:
        message = f"{application} is a draft"
        raise ValueError(message)
    definition = application.version.definition
    return clock_of(
        application.submitted_at,
        definition.delay,
        definition.silence,
        [pause for pause in pauses_of(application) if is_reached(pause.asked_at, at)],
        zone=authority.zone,
        calendar=working_calendar(authority, at=application.submitted_at),
        at=at,
    )


def pauses_of(application: Application) -> list[Pause]:
    """Will return the times during which the family was asked to complete its application, in their order."""
    rows = ChangesAsked.objects.filter(application=application).order_by("asked_at", "pk")
    return [Pause(*told) for told in rows.values_list("asked_at", "due_on", "ended_at")]


def pause_of(changes: ChangesAsked) -> Pause:
    """Will return the time that a family was given to complete its application."""
    return Pause(changes.asked_at, changes.due_on, changes.ended_at)


def clocks_of_each(applications: Sequence[Application], authority: Authority, *, at: datetime) -> dict[int, Clock]:
    """Will say where the time of each of these submitted applications stands, by key.

    `version` is loaded and `changes` prefetched: as many statements for any number of them.
    """
    moments = {one.pk: one.submitted_at for one in applications if one.submitted_at is not None}
    if not moments:
        return {}
    calendar = working_calendar(authority, at=min(moments.values()), latest=max(moments.values()))
    clocks = {}
    for one in applications:
        if one.pk not in moments:
            continue
        definition = one.version.definition
        clocks[one.pk] = clock_of(
            moments[one.pk],
            definition.delay,
            definition.silence,
            [pause_of(told) for told in one.changes.all()],
            zone=authority.zone,
            calendar=calendar,
            at=at,
        )
    return clocks
