"""The few writes of families."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.families.models import Child, Custody, Family, Guardian, HealthRecord, Membership
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

NAMED_BY: Final[dict[type[Any], Sequence[str]]] = {
    Family: ("code",),
    Guardian: ("family_id", "first_name", "last_name"),
    Child: ("code",),
    Custody: ("child_id", "family_id", "starts_on"),
    Membership: ("user_id", "family_id"),
    HealthRecord: ("child_id",),
}


@operation
def save_family_rows(
    authority: Authority, model: type[Any], said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[Any]:
    """Will create or update families, their people, custody or health as a file says them; see `authorities.save_rows`.

    `model` is one of `NAMED_BY`, which says by which columns its rows are named.
    """
    return save_rows(authority, model, NAMED_BY[model], said, force=force, by=by, at=at)


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
