"""Where the time of an application stands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.queries import calendar_of
from marelle.domain.catalog.rules.public_holidays import estimated_until
from marelle.domain.procedures.models import ChangesAsked
from marelle.domain.procedures.rules.clocks import Clock, Pause, clock_of

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.models import Application
    from marelle.foundation.school_days import Calendar

# No delay is longer; working days are counted with the public holidays of all that time.
FURTHEST: Final = timedelta(days=800)


def working_calendar(authority: Authority, *, at: datetime) -> Calendar:
    """Will return the authority's calendar, its public holidays known long enough to count any delay from `at`."""
    return estimated_until(calendar_of(authority), authority.department, at.date() + FURTHEST)


def application_clock(application: Application, authority: Authority, *, at: datetime) -> Clock:
    """Will say where the time of a submitted application stands; see `rules.clocks`. `version` is loaded.

    Raises ValueError for a draft, whose time has not begun.
    """
    if application.submitted_at is None:
        message = f"{application} is a draft"
        raise ValueError(message)
    definition = application.version.definition
    return clock_of(
        application.submitted_at,
        definition.delay,
        definition.silence,
        pauses_of(application),
        zone=authority.zone,
        calendar=working_calendar(authority, at=application.submitted_at),
        at=at,
    )


def pauses_of(application: Application) -> list[Pause]:
    """Will return the times during which the family was asked to complete its application, in their order."""
    rows = ChangesAsked.objects.filter(application=application).order_by("asked_at", "pk")
    return [Pause(*told) for told in rows.values_list("asked_at", "due_on", "ended_at")]
