"""How a family and its guardians are reached."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import (
    Family,
    Guardian,
)
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@operation
def change_contact_details(
    who: Family | Guardian, *, email: str, phone: str, by: Actor, at: datetime
) -> tuple[str, ...]:
    """Will give a family file or a guardian this address and this phone number; returns which of them changed.

    The account's own address, with which one signs in, is not touched.
    """
    row = type(who).objects.select_for_update(no_key=True).get(pk=who.pk)
    wanted = {"email": email, "phone": phone}
    changed = tuple(name for name, value in wanted.items() if getattr(row, name) != value)
    if not changed:
        return ()
    for name in changed:
        setattr(row, name, wanted[name])
    row.save(update_fields=changed)
    audit.record(
        "change_contact_details",
        authority=row.authority_id,
        of=row._meta.model_name or "",
        key=row.pk,
        by=by,
        at=at,
        fields=list(changed),
    )
    return changed
