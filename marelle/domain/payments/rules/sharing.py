"""How a sum is paid: from the wallet, then online or at the desk. In cents."""

from __future__ import annotations

import secrets
from typing import Final, NamedTuple

# Without those that are read one for another.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_RANDOM: Final = 12


class Shared(NamedTuple):
    """What the wallet pays, and what is left to pay."""

    wallet: int
    left: int


def shared(total: int, *, wallet: int, lowest: int) -> Shared:
    """Will take what it can of the wallet, and leave either nothing or at least `lowest`, which a gateway can cash."""
    taken = min(total, max(wallet, 0))
    left = total - taken
    if 0 < left < lowest <= total:
        return Shared(total - lowest, lowest)
    return Shared(taken, left)


def new_reference(exercice: int) -> str:
    """Will make the reference of an attempt: the year and twelve letters or digits, as PayFiP takes them (6 to 30)."""
    return f"{exercice:04d}" + "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
