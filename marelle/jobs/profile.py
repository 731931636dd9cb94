"""The task of the profile: the letter that follows an agent's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.models import ProposedChange
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority
from marelle.letters import about_profile
from marelle.letters.models import Letter
from marelle.letters.sending import send

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


@for_authority("letters.change_decided")
def change_decided(authority: Authority, *, change: int) -> None:
    """Will write the answer to a proposed change to whoever proposed it."""
    row = ProposedChange.objects.select_related("family", "guardian", "child").get(pk=change)
    send(
        Letter.Kind.CHANGE_DECIDED,
        about_profile.change_decided(row, authority),
        about=row.pk,
        family=row.family,
        reader=row.proposed_by_id,
        by=SYSTEM,
        at=clock.business_now(),
    )
