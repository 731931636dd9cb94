"""Named reads of families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.families.models import Block, Child, Membership

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


def memberships_of(user: int) -> QuerySet[Membership]:
    """Will return what an account (key) belongs to, with authority, family and guardian, in a stable order."""
    return (
        Membership.objects.filter(user_id=user)
        .select_related("authority", "family", "guardian")
        .defer("authority__logo", "authority__palette_css")
        .order_by("authority__name", "family__name", "pk")
    )


def children_of(family: int, *, on: date) -> QuerySet[Child]:
    """Will return the children who live with `family` (key) on that day, the eldest first."""
    return (
        Child.objects.filter(
            Q(custodies__ends_on__isnull=True) | Q(custodies__ends_on__gte=on),
            custodies__family_id=family,
            custodies__starts_on__lte=on,
        )
        .select_related("school_class")
        .order_by("birth_date", "pk")
        .distinct()
    )


def blocks_of(family: int) -> QuerySet[Block]:
    """Will return what stands against the reservations of `family` (key), the oldest first."""
    return Block.objects.filter(family_id=family, lifted_at__isnull=True).order_by("put_at", "pk")
