"""What was taken over from a former software, and stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from marelle.domain.billing.models import Posting

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


def standing_openings(
    *, payers: Collection[int] | None = None, postings: Collection[int] | None = None
) -> QuerySet[Posting]:
    """Will return the balances that were taken over and not undone; of some payers or postings (keys), if given."""
    where = Q(kind=Posting.Kind.OPENING)
    if payers is not None:
        where &= Q(payer__in=payers)
    if postings is not None:
        where &= Q(pk__in=postings)
    undone = Posting.objects.filter(reverses=OuterRef("pk"))
    rows: QuerySet[Posting] = Posting.objects.filter(where).exclude(Exists(undone))
    return rows.order_by("pk")
