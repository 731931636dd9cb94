"""A town that is ready opens to the public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations.places import change_authority
from marelle.domain.onboarding.queries.readiness import readiness
from marelle.domain.onboarding.rules.checklist import Item, missing
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class NotReadyError(Exception):
    """Something that nothing works without is missing; nothing was written."""

    def __init__(self, items: Sequence[Item]) -> None:
        """Will keep what is missing."""
        super().__init__(", ".join(item.check for item in items))
        self.items = tuple(items)


@operation
def open_to_public(authority: Authority, *, by: Actor, at: datetime) -> None:
    """Will open an authority that has all that is required. One that is open already stays so. Raises NotReadyError."""
    found = Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    if found.is_open:
        return
    lacking = missing(readiness(found, today=at.astimezone(found.zone).date()))
    if lacking:
        raise NotReadyError(lacking)
    change_authority(found, {"is_open": True}, by=by, at=at)
