"""What follows the union of two families: what was being written meanwhile, and the letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.procedures.operations.uniting import follow_family
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority
from marelle.letters.uniting import unite_letters

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


@for_authority("families.united")
def families_united(authority: Authority, *, ended: int) -> None:
    """Will give to the family that took over another one all that came to that one at the last moment."""
    at = clock.business_now()
    kept = follow_family(ended, by=SYSTEM, at=at, machine=clock.machine_now())
    if kept is not None:
        unite_letters(ended, kept, by=SYSTEM, at=at)
