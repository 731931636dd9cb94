"""What the page of reservations is asked to show: where, whom, from which week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from marelle.domain.reservations.models import Enrollment
from marelle.foundation.french_dates import listed
from marelle.foundation.periods import SATURDAY, Period, monday_of
from marelle.web.family.squares_wanted import DAYS_AHEAD, DAYS_BACK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.domain.families.models import Child

WEEKS_SHOWN = 4
MOST_WEEKS = 12


@dataclass(frozen=True)
class Site:
    """A facility with the services that it gives: one choice of the page."""

    code: str
    label: str
    products: tuple[ProductOffer, ...]
    activities: frozenset[int]


@dataclass(frozen=True)
class Choices:
    """The choices made and those that can be made. `child` None: all the children together."""

    sites: tuple[Site, ...]
    site: Site | None
    children: tuple[Child, ...]
    child: Child | None
    monday: date
    weeks: int
    enrollments: tuple[tuple[int, int, Period], ...]

    @property
    def last_day(self) -> date:
        """Will return the last day shown."""
        return self.monday + timedelta(weeks=self.weeks, days=-1)

    def is_enrolled(self, child: Child) -> bool:
        """Will tell whether the child is enrolled here at some time of the days shown."""
        return any(self.enrolled_activities(child))

    def enrolled_activities(self, child: Child) -> set[int]:
        """Will return the activities of the site (keys) in which the child is enrolled on some day shown."""
        if self.site is None:
            return set()
        return {
            activity
            for enrolled, activity, period in self.enrollments
            if enrolled == child.pk
            and activity in self.site.activities
            and period.starts_on <= self.last_day
            and (period.ends_on is None or period.ends_on >= self.monday)
        }

    def lines(self) -> list[tuple[Child, ProductOffer]]:
        """Will return the lines of the grid: each child with the products of its activities.

        A child chosen alone who is enrolled in nothing here sees every product, refused with the reason.
        """
        if self.site is None:
            return []
        lines = []
        for child in self.children if self.child is None else (self.child,):
            activities = self.enrolled_activities(child)
            if not activities and self.child is not None:
                activities = set(self.site.activities)
            lines += [(child, product) for product in self.site.products if product.activity.pk in activities]
        return lines

    def query(self, **changes: str) -> str:
        """Will write the query of an address with these choices, changed by `changes` (empty removes)."""
        query = {
            "site": self.site.code if self.site else "",
            "enfant": self.child.public_id if self.child else "",
            "semaine": self.monday.isoformat(),
            "semaines": str(self.weeks) if self.weeks != WEEKS_SHOWN else "",
        }
        return urlencode({name: value for name, value in {**query, **changes}.items() if value})


def read_choices(query: Mapping[str, str], *, children: Sequence[Child], offer: Offer, today: date) -> Choices:
    """Will read the query of an address with one read; what is unknown or impossible falls back to what is usual."""
    children = tuple(children)
    enrollments = tuple(
        (child, activity, Period(starts_on, ends_on))
        for child, activity, starts_on, ends_on in Enrollment.objects.filter(
            child__in=[child.pk for child in children], ends_on__gte=today - timedelta(days=DAYS_BACK)
        ).values_list("child_id", "activity_id", "starts_on", "ends_on")
    )
    enrolled = {activity for _child, activity, period in enrollments if period.ends_on and period.ends_on >= today}
    sites = tuple(site for site in _sites(offer) if not enrolled or enrolled & site.activities) or _sites(offer)
    site = next((site for site in sites if site.code == query.get("site")), sites[0] if sites else None)
    child = next((child for child in children if child.public_id == query.get("enfant")), None)
    monday = _monday(query.get("semaine", ""), today, site)
    return Choices(sites, site, children, child, monday, _weeks(query), enrollments)


def _sites(offer: Offer) -> tuple[Site, ...]:
    by_facility: dict[str, list[ProductOffer]] = {}
    for product in offer.products:
        by_facility.setdefault(product.activity.facility_code, []).append(product)
    sites = []
    for code, products in by_facility.items():
        services = list(dict.fromkeys(product.activity.service.name for product in products))
        words = listed([services[0], *(name[:1].lower() + name[1:] for name in services[1:])])
        sites.append(
            Site(
                code,
                f"{words} — {products[0].activity.facility_name}",
                tuple(products),
                frozenset(product.activity.pk for product in products),
            )
        )
    return tuple(sites)


def _monday(asked: str, today: date, site: Site | None) -> date:
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = _usual_day(today, site)
    if not -DAYS_BACK <= (day - today).days <= DAYS_AHEAD:
        day = _usual_day(today, site)
    return monday_of(day)


def _usual_day(today: date, site: Site | None) -> date:
    """On a weekend without service the week is over: the next one is what people come for."""
    is_open = site is not None and any(today.weekday() in one.activity.opening.weekdays for one in site.products)
    return today + timedelta(days=7 - today.weekday()) if today.weekday() >= SATURDAY and not is_open else today


def _weeks(query: Mapping[str, str]) -> int:
    asked = query.get("semaines", "")
    # Three digits are plenty; and a number of thousands of digits cannot even be read.
    return min(int(asked[:3]), MOST_WEEKS) if asked.isdecimal() and int(asked[:3]) > 0 else WEEKS_SHOWN
