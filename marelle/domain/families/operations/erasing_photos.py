"""The photos of children, erased: by whoever gave them, with an agreement that ends, at their age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.models import ChildPhoto
from marelle.foundation import audit, files

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from marelle.foundation.actors import Actor


def erase_photos(children: Collection[int], *, by: Actor, at: datetime) -> int:
    """Will erase the photos of these children (keys), and tell how many; for the operations that end an agreement.

    The files go once that is committed.
    """
    found = list(
        ChildPhoto.objects.select_for_update(of=("self",)).filter(child__in=list(children)).order_by("child_id")
    )
    for photo in found:
        files.forget_later(photo.stored_as)
        audit.record("remove_photo", authority=photo.authority_id, of="child", key=photo.child_id, by=by, at=at)
    ChildPhoto.objects.filter(pk__in=[photo.pk for photo in found]).delete()
    return len(found)
