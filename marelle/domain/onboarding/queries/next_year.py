"""What a school year offered, and what of it may be copied into the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from marelle.domain.catalog.models import Activity, Product, Reglement, Tariff
from marelle.domain.catalog.queries import calendar_of
from marelle.domain.catalog.rules.next_year import (
    Carried,
    Fate,
    Voted,
    fate_of,
    flat_price,
    has_dates,
    next_period,
    school_year_of,
    versions_carried,
)
from marelle.domain.catalog.rules.public_holidays import estimated_until
from marelle.domain.onboarding.models import ActivityCopy
from marelle.domain.reservations.models import Enrollment, Reservation, WaitingListEntry

if TYPE_CHECKING:
    from collections.abc import Collection

    from marelle.domain.authorities.models import Authority


@dataclass(frozen=True, slots=True)
class OfferedProduct:
    """A product of an activity that may be copied; `price` when it is one amount for all: « 3,85 »."""

    pk: int
    public_id: str
    name: str
    price: str | None
    has_tariff: bool


@dataclass(frozen=True, slots=True)
class OfferedActivity:
    """An activity of a school year, what becomes of it, and the days proposed for its copy (None: it has none)."""

    pk: int
    public_id: str
    name: str
    service: str
    facility: str
    starts_on: date
    ends_on: date
    fate: Fate
    first: Carried | None
    last: Carried | None
    products: tuple[OfferedProduct, ...]
    names_dates: bool
    has_reglement: bool


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school year (the year in which it began), its activities, and the copies that were made of them (keys)."""

    year: int
    years: tuple[int, ...]
    activities: tuple[OfferedActivity, ...]
    copies: tuple[int, ...]
    is_kept_by: int


def school_year(authority: Authority, year: int | None, *, at: datetime) -> SchoolYear:
    """Will return the school year that began in `year`; None for the one under way. In the scope of the authority."""
    under_way = school_year_of(at.astimezone(authority.zone).date())
    wanted = under_way if year is None else year
    rows = list(
        Activity.objects.select_related("service", "facility").order_by(
            "service__position", "service__name", "position", "name", "pk"
        )
    )
    copies = dict(ActivityCopy.objects.order_by("pk").values_list("source", "copy"))
    fates = {row.pk: fate_of(row.starts_on, row.ends_on, wanted, is_copied=row.pk in copies) for row in rows}
    calendar = estimated_until(calendar_of(authority), authority.department, date(wanted + 2, 9, 30))
    ending = [pk for pk, fate in fates.items() if fate is Fate.ENDS]
    products, tariffs, reglements = _voted(ending)
    activities = []
    for row in rows:
        fate = fates[row.pk]
        if fate is None:
            continue
        first = last = None
        kept: list[Voted] = []
        if fate is Fate.ENDS:
            first, last = next_period(row.starts_on, row.ends_on, wanted, calendar)
            kept = [
                one
                for versions in reglements.get(row.pk, {}).values()
                for one in versions_carried(versions, first.day, last.day, was_until=row.ends_on)
            ]
        activities.append(
            OfferedActivity(
                pk=row.pk,
                public_id=row.public_id,
                name=row.name,
                service=row.service.name,
                facility=row.facility.name,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                fate=fate,
                first=first,
                last=last,
                products=tuple(
                    _offered(one, tariffs.get(one.pk, []), first.day) for one in products.get(row.pk, []) if first
                ),
                names_dates=any(has_dates(one.rules) for one in kept),
                has_reglement=bool(kept),
            )
        )
    made = tuple(copies[one.pk] for one in activities if one.fate is Fate.COPIED)
    years = sorted({school_year_of(row.ends_on) for row in rows} | {under_way})
    return SchoolYear(
        year=wanted,
        years=tuple(one for one in years if one <= under_way + 1),
        activities=tuple(activities),
        copies=made,
        is_kept_by=len(lived_in(made)),
    )


def lived_in(activities: Collection[int]) -> frozenset[int]:
    """Will return those of these activities (keys) in which somebody is enrolled, comes or waits."""
    keys = list(activities)
    if not keys:
        return frozenset()
    enrolled = Enrollment.objects.filter(activity__in=keys).values_list("activity", flat=True)
    reserved = Reservation.objects.filter(product__activity__in=keys).values_list("product__activity", flat=True)
    waiting = WaitingListEntry.objects.filter(product__activity__in=keys).values_list("product__activity", flat=True)
    return frozenset(enrolled.union(reserved, waiting))


def _voted(
    activities: Collection[int],
) -> tuple[dict[int, list[Product]], dict[int, list[Voted]], dict[int, dict[int | None, list[Voted]]]]:
    products: dict[int, list[Product]] = {}
    for row in Product.objects.filter(activity__in=activities).order_by("position", "pk"):
        products.setdefault(row.activity_id, []).append(row)
    tariffs: dict[int, list[Voted]] = {}
    for tariff in Tariff.objects.filter(product__activity__in=activities).order_by("valid_from"):
        voted = Voted(tariff.valid_from, tariff.resolution, tariff.rules)
        tariffs.setdefault(tariff.product_id, []).append(voted)
    reglements: dict[int, dict[int | None, list[Voted]]] = {}
    for reglement in Reglement.objects.filter(activity__in=activities).order_by("valid_from"):
        voted = Voted(reglement.valid_from, reglement.resolution, reglement.rules)
        reglements.setdefault(reglement.activity_id, {}).setdefault(reglement.product_id, []).append(voted)
    return products, tariffs, reglements


def _offered(product: Product, versions: list[Voted], starts_on: date) -> OfferedProduct:
    in_force = [one for one in versions if one.valid_from <= starts_on]
    price = flat_price(in_force[-1].rules) if in_force else None
    return OfferedProduct(product.pk, product.public_id, product.name, price, bool(in_force))
