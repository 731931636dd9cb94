"""For whom something is published: everybody, or the families of some services or places; who may publish for whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

EVERY_FAMILY: Final = "toutes les familles"
EVERYBODY: Final = "tout le monde"


@dataclass(frozen=True, slots=True)
class Audience:
    """The services and the places (their codes) whose families read something; none at all: every family does.

    A family reads it as soon as one of its children is in one of them. A code that names nothing any more names
    nobody: what was meant for some is never read by all because a service was removed.
    """

    services: frozenset[str] = frozenset()
    facilities: frozenset[str] = frozenset()

    @property
    def is_narrow(self) -> bool:
        """Will tell whether it is for some families only."""
        return bool(self.services or self.facilities)


@dataclass(frozen=True, slots=True)
class PublishingReach:
    """For whom an agent may publish: everybody, else the services and the places that she was given, each as a whole.

    A right to one service at one place gives neither: what is published for that service is read at the others too.
    """

    is_whole: bool
    services: frozenset[str] = frozenset()
    facilities: frozenset[str] = frozenset()

    def covers(self, audience: Audience) -> bool:
        """Will tell whether she may publish for these families, and change what was published for them."""
        if self.is_whole:
            return True
        return audience.is_narrow and audience.services <= self.services and audience.facilities <= self.facilities


def publishing_reach(grants: Collection[tuple[str, str]]) -> PublishingReach:
    """Will return the reach of rights, each given at a place and for a service (their codes, empty: any)."""
    return PublishingReach(
        is_whole=("", "") in grants,
        services=frozenset(service for place, service in grants if service and not place),
        facilities=frozenset(place for place, service in grants if place and not service),
    )


def said(names: Collection[str], *, is_public: bool) -> str:
    """Will say for whom something is, by the names of its services and places: « les familles de : Cantine »."""
    if names:
        return f"les familles de : {', '.join(names)}"
    return EVERYBODY if is_public else EVERY_FAMILY
