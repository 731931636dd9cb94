"""The yearly confirmation of a file."""

from __future__ import annotations

from datetime import datetime

from marelle.domain.families.models import Family, FileConfirmation
from marelle.domain.families.queries.profile import file_content
from marelle.domain.families.rules.confirmations import digest_of, written
from marelle.foundation import audit
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


class UnableToConfirmError(Exception):
    """The file changed since it was read: it is to be read again. Nothing was written."""


@operation
def confirm_file(family: Family, *, seen: str, by: Actor, at: datetime) -> FileConfirmation:
    """Will note that a family read its file and that it is right, with what it said.

    `seen` is the mark (`rules.confirmations.digest_of`) of what was on the screen. A second time the same day is the
    first one. Raises UnableToConfirmError.
    """
    locked = Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    on = at.astimezone(family.authority.zone).date()
    content = written(file_content(locked, on=on))
    if digest_of(content) != seen:
        raise UnableToConfirmError
    last = FileConfirmation.objects.filter(family=family, confirmed_on=on).order_by("-pk").first()
    if last is not None and last.content == content:
        return last
    confirmation = FileConfirmation.objects.create(
        authority_id=family.authority_id,
        family=family,
        confirmed_on=on,
        confirmed_at=at,
        confirmed_by_id=by.key,
        content=content,
    )
    audit.record(
        "confirm_file",
        authority=family.authority_id,
        of="fileconfirmation",
        key=confirmation.pk,
        by=by,
        at=at,
        family=family.pk,
    )
    return confirmation
