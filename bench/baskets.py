"""Baskets ready to be confirmed, laid straight into the tables: filling them is measured elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from marelle.domain.authorities.models import Authority


class Parent(NamedTuple):
    """An account, its family, its eldest child there (keys), and the school where the child is."""

    user: int
    family: int
    child: int
    school: int


def parents_of(authority: Authority) -> list[Parent]:
    """Will return one parent a family, the known family left out, in a stable order."""
    from marelle.domain.families.models import Membership
    from marelle.foundation import tenancy

    with tenancy.scope({authority.pk}):
        rows = (
            Membership.objects.filter(family__custodies__child__school_class__isnull=False)
            .order_by("family", "family__custodies__child")
            .distinct("family")
            .values_list(
                "user_id",
                "family_id",
                "family__custodies__child_id",
                "family__custodies__child__school_class__facility_id",
            )
        )
        return [Parent(*row) for row in rows][1:]


def products_at(authority: Authority, school: int) -> list[Any]:
    """Will return the offered products of a school (key), the meal first."""
    from marelle.domain.catalog.queries import offer_of

    return [product for product in offer_of(authority).products if product.activity.facility_pk == school]


def open_days(authority: Authority, product: Any, first: date) -> Iterator[date]:
    """Will yield the days on which `product` is delivered, from `first` on."""
    from marelle.domain.catalog.queries import offer_of

    offer = offer_of(authority)
    for offset in range(365):
        day = first + timedelta(days=offset)
        if offer.day(product, day).closed is None:
            yield day


def fill(authority: Authority, wishes: Sequence[tuple[Parent, int, Sequence[date]]]) -> dict[int, dict[str, Any]]:
    """Will put days of a product (key) in the baskets of parents, and return by user what names each basket."""
    from bench.portal import AT
    from marelle.domain.catalog.queries import offer_of
    from marelle.domain.reservations.models import Basket, BasketLine
    from marelle.domain.reservations.queries.homes import homes_of
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    with tenancy.scope({authority.pk}), permitted("bench"):
        Basket.objects.bulk_create(
            [Basket(authority=authority, user_id=who.user, family_id=who.family) for who, _product, _days in wishes],
            ignore_conflicts=True,
        )
        users = [who.user for who, _product, _days in wishes]
        offer = offer_of(authority)
        homes = homes_of({who.family for who, _product, _days in wishes}, authority=authority.pk)

        def price(who: Parent, product: int, day: date) -> int:
            sold = offer.product_by_pk[product]
            facts = homes[who.family].facts(who.child, sold.activity.pk, day, together=offer.together(sold))
            return sold.tariff_on(day).price(facts).cents

        baskets = {basket.user_id: basket for basket in Basket.objects.filter(user__in=users)}
        lines = BasketLine.objects.bulk_create(
            BasketLine(
                authority=authority,
                basket=baskets[who.user],
                child_id=who.child,
                product_id=product,
                date=day,
                wish="reserve",
                added_at=AT,
                price_cents=price(who, product, day),
            )
            for who, product, days in wishes
            for day in days
        )
    keys: dict[int, list[int]] = {}
    for line in lines:
        keys.setdefault(line.basket_id, []).append(line.pk)
    return {
        user: {"basket": basket.pk, "key": basket.key, "revision": basket.revision, "lines": keys.get(basket.pk, [])}
        for user, basket in baskets.items()
    }


def counted_exactly(authority: Authority) -> None:
    """Will raise AssertionError unless each slot counts its places, and has no more of them than it may."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM catalog_slot s LEFT JOIN "
            "(SELECT slot_id, count(*) AS places FROM reservations_place WHERE authority_id = %s GROUP BY 1) p "
            "ON p.slot_id = s.id WHERE s.authority_id = %s "
            "AND (s.taken <> coalesce(p.places, 0) OR s.taken > coalesce(s.capacity, s.taken))",
            [authority.pk, authority.pk],
        )
        (wrong,) = cursor.fetchone()
    assert wrong == 0, f"{wrong} slots do not count their places"
