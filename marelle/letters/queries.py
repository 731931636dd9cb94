"""Named reads of what was sent: « courriel envoyé à 10 h 14 »."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from marelle.domain.reservations.queries.waiting import running_offers
from marelle.letters.models import FamilyText, Letter

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from marelle.domain.reservations.models import PlaceOffer


def letters_of(family: int) -> QuerySet[Letter]:
    """Will return the letters written to a family (key), the latest first."""
    return Letter.objects.filter(family=family).order_by("-queued_at", "-pk")


def sent_moments(kind: str, objects: Collection[int]) -> dict[int, datetime]:
    """Will return when the letters of this kind about these rows (keys) left, by row; those that have left only."""
    return dict(
        Letter.objects.filter(kind=kind, object_key__in=objects, state=Letter.State.SENT)
        .order_by("-sent_at")
        .values_list("object_key", "sent_at")
    )


def offers_to_text(*, at: datetime) -> QuerySet[PlaceOffer]:
    """Will return the offers that run at `at` of which no text was tried, or one waits or is not known to have left."""
    texts = FamilyText.objects.filter(
        authority=OuterRef("authority"), kind=FamilyText.Kind.PLACE_OFFERED, object_key=OuterRef("pk")
    )
    unsettled = texts.filter(state__in=(FamilyText.State.WAITING, FamilyText.State.CLAIMED))
    return running_offers(at=at).filter(~Exists(texts) | Exists(unsettled))
