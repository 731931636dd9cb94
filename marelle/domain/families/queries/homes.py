"""Homes: who acts for them, who lives there, what they gave and what stands against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.families.models import Block, Child, Custody, FamilyQuotient, Membership, SupportingDocument
from marelle.domain.families.rules.quotients import DatedQuotient
from marelle.foundation import tenancy
from marelle.foundation.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection
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


def children_of_each(families: Collection[int], *, first: date, last: date) -> dict[int, tuple[Child, ...]]:
    """Will return for each of `families` (keys) the children who live there on one of those days, the eldest first.

    One statement, over all the authorities in scope. A child of two of them is in both.
    """
    rows = (
        Custody.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=first), family__in=families, starts_on__lte=last
        )
        .select_related("child__school_class")
        .order_by("child__birth_date", "child_id")
    )
    found: dict[int, dict[int, Child]] = {family: {} for family in families}
    for row in rows:
        found[row.family_id][row.child_id] = row.child
    return {family: tuple(children.values()) for family, children in found.items()}


def lives_with(children: Collection[int], *, after: date) -> dict[int, frozenset[int]]:
    """Will return the families (keys) with which each of these children (keys) lives on a day after that one.

    One statement; a child who then lives with nobody has none.
    """
    rows = Custody.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=after), child__in=list(children))
    found: dict[int, set[int]] = {child: set() for child in children}
    for child, family in rows.values_list("child_id", "family_id"):
        found[child].add(family)
    return {child: frozenset(families) for child, families in found.items()}


def days_in_two_homes(children: Collection[int]) -> dict[int, tuple[Period, ...]]:
    """Will return when each of these children (keys) lives, or lived, with two families at once, in one statement.

    Those who never did are left out.
    """
    rows = Custody.objects.filter(child__in=list(children), withdrawn_at__isnull=True).order_by("child", "starts_on")
    of_child: dict[int, list[Custody]] = {}
    for row in rows:
        of_child.setdefault(row.child_id, []).append(row)
    found = {}
    for child, homes in of_child.items():
        periods = []
        for place, one in enumerate(homes):
            for other in homes[place + 1 :]:
                ends = min((day for day in (one.ends_on, other.ends_on) if day is not None), default=None)
                if one.family_id != other.family_id and (ends is None or other.starts_on <= ends):
                    periods.append(Period(other.starts_on, ends))
        if periods:
            found[child] = tuple(periods)
    return found


def blocks_of(family: int) -> QuerySet[Block]:
    """Will return what stands against the reservations of `family` (key), the oldest first."""
    return Block.objects.filter(family_id=family, lifted_at__isnull=True).order_by("put_at", "pk")


def quotient_history(family: int) -> QuerySet[FamilyQuotient]:
    """Will return every quotient noted for `family` (key), withdrawn ones included, the latest to begin first.

    With the document.
    """
    return (
        FamilyQuotient.objects.filter(family_id=family)
        .select_related("document")
        .order_by("-valid_from", "-recorded_at", "-pk")
    )


def quotients_of(families: Collection[int]) -> dict[int, tuple[DatedQuotient, ...]]:
    """Will return for each of `families` (keys) its active quotients, the first to begin first; () without any.

    One statement. `rules.quotients.quotient_on` says which one is in force on a day.
    """
    rows = (
        FamilyQuotient.objects.filter(family_id__in=families, withdrawn_at__isnull=True)
        .order_by("family_id", "valid_from")
        .values_list("family_id", "value_cents", "valid_from", "source", "provider", "period")
    )
    found: dict[int, list[DatedQuotient]] = {family: [] for family in families}
    for family, *told in rows:
        found[family].append(DatedQuotient(*told))
    return {family: tuple(quotients) for family, quotients in found.items()}


def documents_of(family: int) -> QuerySet[SupportingDocument]:
    """Will return what `family` (key) gave, the latest first."""
    return SupportingDocument.objects.filter(family_id=family).order_by("-uploaded_at", "-pk")


def health_documents_of(user: int) -> list[SupportingDocument]:
    """Will return what speaks of health among the documents of the families of an account (key), wherever they are."""
    with tenancy.every_authority():
        mine = Membership.objects.filter(user_id=user).values("family_id")
        return list(SupportingDocument.objects.filter(family_id__in=mine, is_health=True).order_by("pk"))
