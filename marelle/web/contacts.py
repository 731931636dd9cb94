"""How to reach an authority or one of its services, as the contact card shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


class Reachable(Protocol):
    """What has a name and ways to be reached: an authority, a service."""

    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def opening_hours(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact card: `hours` is a line for each group of days."""

    name: str
    phone: str
    email: str
    address: str
    hours: tuple[str, ...]


def contact_view(who: Authority | Reachable) -> ContactView:
    """Will return the card of an authority or a service; hours are cut at each semicolon or new line."""
    lines = re.split(r"\s*[;\n]\s*", who.opening_hours.strip())
    hours = tuple(line[:1].upper() + line[1:] for line in lines if line)
    return ContactView(who.name, who.phone, who.email, who.address, hours)
