"""Letters and texts to a family that was united with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from marelle.domain.families.models import Guardian
from marelle.foundation.writes import operation
from marelle.letters.models import FamilyText, Letter

if TYPE_CHECKING:
    from datetime import datetime

    from marelle.foundation.actors import Actor


@operation
def unite_letters(ended: int, kept: int, *, by: Actor, at: datetime) -> int:
    """Will make what a family (key) was written what another one was, for it to read; returns how many letters.

    Twice does nothing more: no letter is sent again, each keeps its state.
    """
    for guardian, other in Guardian.objects.filter(family=ended, merged_into__isnull=False).values_list(
        "pk", "merged_into"
    ):
        Letter.objects.filter(guardian=guardian).update(guardian=other)
        _unite_texts(guardian, other)
    FamilyText.objects.filter(family=ended).update(family=kept)
    return Letter.objects.filter(family=ended).update(family=kept)


def _unite_texts(guardian: int, other: int) -> None:
    """Will make the texts of a guardian (key) another one's; of one thing told to both, one is left."""
    texts = FamilyText.objects.filter(guardian=guardian)
    same = FamilyText.objects.filter(guardian=other, kind=OuterRef("kind"), object_key=OuterRef("object_key"))
    texts.filter(Exists(same)).delete()
    texts.update(guardian=other)
