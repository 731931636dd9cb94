"""An opening day before it happens: who may ask for which day, and what each child would ask for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.opening_day import OpeningDay, Wish, played
from marelle.domain.families.models import Custody
from marelle.domain.reservations.models import Enrollment, Reservation
from marelle.foundation.periods import days_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from marelle.domain.catalog.queries import ActivityOffer, Offer, ProductOffer
    from marelle.domain.catalog.rules.acts import ActTimes

# Whole weeks: what a child did on a Wednesday, it would do on a Wednesday.
A_YEAR: Final = timedelta(weeks=52)
MOST_DAYS: Final = 370


class Habit(StrEnum):
    """What each child is supposed to ask for."""

    LAST_YEAR = "last_year"  # the same days as a year before, in the same service; all of them when it had none
    EVERY_DAY = "every_day"


@dataclass(frozen=True, slots=True)
class Trial:
    """An opening day played on the enrolled children of an activity, from a day to a day.

    `days` are those that can be asked for; `unruled` those that no règlement decides. `newcomers` are the children
    about whom the year before says nothing.
    """

    outcome: OpeningDay
    children: int
    newcomers: int
    days: tuple[date, ...]
    unruled: int


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """A child (key) and when it is enrolled."""

    key: int
    birth_date: date
    periods: list[tuple[date, date]] = field(default_factory=list)


def opening_day(activity: ActivityOffer, offer: Offer, *, first: date, last: date, habit: Habit) -> Trial:
    """Will play the opening of an activity's days from `first` to `last`, at most `MOST_DAYS`. Five statements."""
    last = min(last, first + timedelta(days=MOST_DAYS))
    products = tuple(product for product in offer.products if product.activity.pk == activity.pk)
    times, unruled = _times(products, offer, first, last)
    days = tuple(sorted({day for _product, day in times}))
    rows = Enrollment.objects.filter(activity=activity.pk, starts_on__lte=last, ends_on__gte=first)
    children: dict[int, _Enrolled] = {}
    for key, birth, starts, ends in rows.order_by("child").values_list(
        "child", "child__birth_date", "starts_on", "ends_on"
    ):
        children.setdefault(key, _Enrolled(key, birth)).periods.append((starts, ends))
    before = _year_before(activity, products, first, last) if habit is Habit.LAST_YEAR else {}
    here = Reservation.objects.active().filter(product__in=[one.pk for one in products], date__range=(first, last))
    has_already = set(here.values_list("child", "product", "date"))
    wishes = [
        wish
        for child in children.values()
        for wish in _wishes(child, products, times, days, before.get(child.key))
        if (child.key, wish.product, wish.day) not in has_already
    ]
    left = {
        (template, day): None if capacity is None else max(0, capacity - taken)
        for template, day, capacity, taken in Slot.objects.filter(
            activity=activity.pk, date__range=(first, last)
        ).values_list("template", "date", "capacity", "taken")
    }
    outcome = played(wishes, audiences=_audiences(children, first), times=times, left=left)
    newcomers = sum(child not in before for child in children) if habit is Habit.LAST_YEAR else 0
    return Trial(outcome, len(children), newcomers, days, unruled)


def _times(
    products: Sequence[ProductOffer], offer: Offer, first: date, last: date
) -> tuple[dict[tuple[int, date], ActTimes], int]:
    """Will return when each product may be asked for each open day, and how many of those no règlement decides."""
    found: dict[tuple[int, date], ActTimes] = {}
    unruled = 0
    for product in products:
        for day in days_between(first, last):
            rule = offer.day(product, day)
            if rule.closed is not None:
                continue
            if rule.book is None:
                unruled += 1
            else:
                found[product.pk, day] = rule.book
    return found, unruled


def _year_before(
    activity: ActivityOffer, products: Sequence[ProductOffer], first: date, last: date
) -> dict[int, set[tuple[int, date]]]:
    """Will return what each child had a year before in the service: its products by their name here, its days here.

    An activity has other products each year: those of the same name are the same thing.
    """
    by_name = {product.name.casefold(): product.pk for product in products}
    found: dict[int, set[tuple[int, date]]] = defaultdict(set)
    rows = Reservation.objects.active().filter(
        product__activity__service=activity.service.pk, date__range=(first - A_YEAR, last - A_YEAR)
    )
    for child, name, day in rows.values_list("child", "product__name", "date"):
        product = by_name.get(name.casefold())
        if product is not None:
            found[child].add((product, day + A_YEAR))
    return dict(found)


def _wishes(
    child: _Enrolled,
    products: Sequence[ProductOffer],
    times: Mapping[tuple[int, date], ActTimes],
    days: Sequence[date],
    before: set[tuple[int, date]] | None,
) -> Iterator[Wish]:
    """Will yield what a child would ask for; of products that share a part of the day, the first one alone."""
    for day in days:
        if not any(starts <= day <= ends for starts, ends in child.periods):
            continue
        busy: set[int] = set()
        for product in products:
            if (product.pk, day) not in times or (before is not None and (product.pk, day) not in before):
                continue
            parts = tuple(part.pk for part in product.parts_for(child.birth_date, day))
            if parts and busy.isdisjoint(parts):
                busy.update(parts)
                yield Wish(child.key, product.pk, day, parts)


def _audiences(children: Iterable[int], on: date) -> dict[int, frozenset[str]]:
    """Will return the categories of the homes of each child that day: of two homes, either may ask."""
    found: dict[int, frozenset[str]] = dict.fromkeys(children, frozenset())
    rows = Custody.objects.filter(child__in=list(found), starts_on__lte=on).exclude(ends_on__lt=on)
    for child, is_resident, categories in rows.values_list("child", "family__is_resident", "family__categories"):
        found[child] |= {RESIDENT if is_resident else NON_RESIDENT, *categories}
    return found
