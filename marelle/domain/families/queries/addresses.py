"""Where families lived and will live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marelle.domain.authorities.models import Authority
from marelle.domain.families.models import AddressChange, Family
from marelle.domain.families.rules.residence import Move, residence_from

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet


def waiting_address_changes(authority: int, *, until: date) -> QuerySet[AddressChange]:
    """Will return the changes of address that start on that day or before and are not in the files of `authority` yet.

    The first to start first.
    """
    return AddressChange.objects.filter(
        authority=authority, applied_at__isnull=True, withdrawn_at__isnull=True, starts_on__lte=until
    ).order_by("starts_on", "pk")


def coming_address_changes(family: int) -> QuerySet[AddressChange]:
    """Will return the changes of address of `family` (key) that are to come, the first to start first."""
    return AddressChange.objects.filter(family=family, applied_at__isnull=True, withdrawn_at__isnull=True).order_by(
        "starts_on", "pk"
    )


def authorities_with_changes(*, until: date) -> list[Authority]:
    """Will return the authorities in scope where a change of address that starts by that day is to be written."""
    waiting = AddressChange.objects.filter(
        applied_at__isnull=True, withdrawn_at__isnull=True, starts_on__lte=until
    ).values("authority")
    return list(Authority.objects.filter(pk__in=waiting).defer("logo", "palette_css").order_by("pk"))


def residence_on(families: Collection[int], days: Collection[date]) -> dict[tuple[int, date], bool]:
    """Will tell whether each of `families` (keys) lives in the commune on each of `days`, past or to come.

    Two statements, whatever their number.
    """
    moves: dict[int, list[Move]] = {}
    rows = AddressChange.objects.filter(family__in=families, withdrawn_at__isnull=True, is_resident__isnull=False)
    for family, starts_on, was, becomes in rows.values_list("family_id", "starts_on", "was_resident", "is_resident"):
        moves.setdefault(family, []).append(Move(starts_on, was, bool(becomes)))
    said = dict(Family.objects.filter(pk__in=families).values_list("pk", "is_resident"))
    found = {}
    for family, now in said.items():
        residence = residence_from(moves.get(family, ()), now=now)
        found.update({(family, day): residence.on(day) for day in days})
    return found
