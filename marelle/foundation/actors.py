"""Who does something: a person of the family, an agent, or the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The side from which a write comes."""

    FAMILY = "family"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: a kind and the key of the account; None for the clock, the command line and whoever has none."""

    kind: ActorKind
    key: int | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
# Who pays an invoice from its reference, on the side of families, without an account.
ANYBODY = Actor(ActorKind.FAMILY)
