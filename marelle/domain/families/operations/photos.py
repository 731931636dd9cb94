"""The photo of a child: kept with the agreement that comes in the same gesture, removed, forgotten in time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import Child, ChildPhoto, Family
from marelle.domain.families.operations.consents import UnableToAnswerError, answer_consent
from marelle.domain.families.operations.erasing_photos import erase_photos
from marelle.domain.families.queries.photos import agreed_among, photo_text
from marelle.domain.families.receiving import CleanPhoto, UnableToTakePhotoError
from marelle.domain.families.rules.photos import PhotoFault, given_before
from marelle.foundation import audit, files
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation

AT_ONCE = 200


@operation
def keep_photo(child: Child, family: Family, clean: CleanPhoto, *, by: Actor, at: datetime) -> ChildPhoto:
    """Will note that `family` agrees to a photo of `child`, and keep this one in the place of the one before.

    Raises UnableToTakePhotoError where the authority keeps no photo, where another home refuses, for a child that no
    longer lives with the family, and when the place where files are kept does not answer. Nothing is written then.
    """
    # In the order of a union: the home, then the child.
    Family.objects.select_for_update(no_key=True).get(pk=family.pk)
    Child.objects.select_for_update(of=("self",), no_key=True).get(pk=child.pk)
    text = photo_text()
    if text is None:
        raise UnableToTakePhotoError(PhotoFault.NOT_ASKED.value)
    try:
        answer_consent(text, family, {child.pk: True}, by=by, at=at)
    except UnableToAnswerError as error:
        raise UnableToTakePhotoError(PhotoFault.ELSEWHERE.value) from error
    if child.pk not in agreed_among([child.pk]):
        raise UnableToTakePhotoError(PhotoFault.REFUSED.value)
    for before in ChildPhoto.objects.filter(child=child):
        files.forget_later(before.stored_as)
        before.delete()
    try:
        stored_as = files.store(clean.content)
    except files.FilesUnavailableError as error:
        raise UnableToTakePhotoError(PhotoFault.NOT_NOW.value) from error
    photo = ChildPhoto.objects.create(
        authority_id=child.authority_id,
        child=child,
        stored_as=stored_as,
        content_type=clean.content_type,
        uploaded_at=at,
        uploaded_by_id=by.key,
    )
    audit.record("keep_photo", authority=child.authority_id, of="child", key=child.pk, by=by, at=at, family=family.pk)
    return photo


@operation
def remove_photo(child: Child, *, by: Actor, at: datetime) -> bool:
    """Will erase the photo of a child; the agreement stays as it is. Tells whether there was one."""
    return bool(erase_photos([child.pk], by=by, at=at))


@operation
def purge_photos(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will erase the photos of an authority that are a year old at `at`, or to which nobody agrees any more.

    Tells how many, so many at once: whoever calls goes on until there are none. A child who lives in no home of the
    authority any longer, or whose file was united with another, has none either.
    """
    photos = ChildPhoto.objects.filter(authority=authority)
    gone = photos.filter(Q(uploaded_at__lt=given_before(at)) | Q(child__merged_into__isnull=False))
    home = Q(child__custodies__ends_on__isnull=True) | Q(
        child__custodies__ends_on__gte=at.astimezone(authority.zone).date()
    )
    housed = set(photos.filter(home).values_list("child_id", flat=True))
    keys = set(photos.values_list("child_id", flat=True))
    old = set(gone.values_list("child_id", flat=True)) | (keys - housed) | (keys - agreed_among(keys))
    return erase_photos(sorted(old)[:AT_ONCE], by=by, at=at)
