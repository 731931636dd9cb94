"""Named reads of the children's photos: those that an agreement lets be shown, no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.families.models import ChildPhoto, Consent, ConsentText
from marelle.domain.families.rules.photos import PHOTO_CODE, is_photo_agreed
from marelle.foundation.many_keys import among

if TYPE_CHECKING:
    from collections.abc import Collection


def photo_text() -> ConsentText | None:
    """Will return the text by which families agree to a photo, None where the authority in scope keeps none."""
    return ConsentText.objects.filter(code=PHOTO_CODE, withdrawn_at__isnull=True).first()


def agreed_photos(children: Collection[int]) -> dict[int, ChildPhoto]:
    """Will return the photo of each of `children` (keys) that has one which an agreement lets be shown.

    Two statements, one when nobody has a photo.
    """
    photos = {photo.child_id: photo for photo in ChildPhoto.objects.filter(child__in=list(children))}
    agreed = agreed_among(photos)
    return {child: photo for child, photo in photos.items() if child in agreed}


def photo_names(children: Collection[int]) -> dict[int, str]:
    """Will return what addresses call the photo of each of `children` (keys) that may be shown. Two statements."""
    names = dict(ChildPhoto.objects.filter(child__in=among(children)).values_list("child_id", "public_id"))
    agreed = agreed_among(names)
    return {child: name for child, name in names.items() if child in agreed}


def agreed_among(children: Collection[int]) -> frozenset[int]:
    """Will return those of `children` (keys) of whom a photo may be kept: see `rules.photos`. One statement."""
    last: dict[int, dict[int, bool]] = {}
    if children:
        rows = Consent.objects.filter(
            text__code=PHOTO_CODE, text__withdrawn_at__isnull=True, child__in=among(children)
        ).order_by("answered_at", "pk")
        for child, family, is_given in rows.values_list("child_id", "family_id", "is_given"):
            if child is not None:
                last.setdefault(child, {})[family] = is_given
    return frozenset(child for child, answers in last.items() if is_photo_agreed(answers.values()))
