"""A version of what the council voted, on the page of a règlement or of a tariff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from marelle.foundation.french_dates import in_digits
from marelle.foundation.school_days import ONE_DAY
from marelle.web.office.surroundings import ROLES, reach

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from marelle.web.doors import OfficeVisit

GONE: Final = "Cette version n’existe plus."


class Version(Protocol):
    """What was voted, from a day on: `rules` is None when what is recorded cannot be read."""

    @property
    def pk(self) -> int: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def resolution(self) -> str: ...
    @property
    def rules(self) -> object | None: ...


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of the page."""

    words: str
    day: str
    is_in_force: bool
    is_coming: bool
    is_readable: bool
    may_withdraw: bool
    read_url: str
    edit_url: str


def version_view(
    version: Version,
    versions: Iterable[Version],
    *,
    today: date,
    in_force: Version | None,
    may_withdraw: bool,
    read_url: str,
    edit_url: str,
) -> VersionView:
    """Will return what the page shows of a version among `versions`; only what is to come may be withdrawn."""
    day = version.valid_from.isoformat()
    is_coming = version.valid_from > today
    return VersionView(
        words=version_words(version, versions, today),
        day=day,
        is_in_force=in_force is not None and version.pk == in_force.pk,
        is_coming=is_coming,
        is_readable=version.rules is not None,
        may_withdraw=is_coming and may_withdraw,
        read_url=f"{read_url}?version={day}",
        edit_url=edit_url,
    )


def version_words(version: Version, versions: Iterable[Version], today: date) -> str:
    """Will say, as a sentence begins, when a version among `versions` holds, and by which vote."""
    later = [each.valid_from for each in versions if each.valid_from > version.valid_from]
    if version.valid_from > today:
        words = coming(version)
    elif later and min(later) <= today:
        words = f"du {in_digits(version.valid_from)} au {in_digits(min(later) - ONE_DAY)}{_by(version.resolution)}"
    else:
        words = since(version)
    return f"{words[:1].upper()}{words[1:]}"


def since(version: Version) -> str:
    """Will write « en vigueur depuis le 01/09/2026, délibération 2026-31 »."""
    return f"en vigueur depuis le {in_digits(version.valid_from)}{_by(version.resolution)}"


def coming(version: Version) -> str:
    """Will write « à partir du 01/01/2027, délibération 2026-40 »."""
    return f"à partir du {in_digits(version.valid_from)}{_by(version.resolution)}"


def may_change(visit: OfficeVisit, activity: int) -> bool:
    """Will tell whether the agent administers an activity (key): everything, or its facility or service."""
    if not visit.may(ROLES.ADMINISTER):
        return False
    within = reach(visit, ROLES.ADMINISTER)
    return within.is_whole or activity in within.activity_keys


def _by(resolution: str) -> str:
    if not resolution:
        return ", sans délibération indiquée"
    return f", {resolution}" if resolution.lower().startswith("délib") else f", délibération {resolution}"
