"""Orders of meals: frozen once when their moment comes, corrected by another revision, sent by the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from marelle.domain.authorities.operations import Outcome, Said, save_rows
from marelle.domain.catalog.models import Service
from marelle.domain.reservations.models import KitchenOrder, KitchenSettings
from marelle.domain.reservations.queries.kitchen import (
    Where,
    due_days,
    expected_meals,
    kitchen_of,
    kitchens,
    meals_of,
    portions_of,
    where,
)
from marelle.domain.reservations.rules.kitchen import (
    MOST_DAYS_BEFORE,
    MOST_EMAILS,
    ORDERS_KEPT,
    Counts,
    Portion,
    differ,
    together,
    written,
)
from marelle.foundation import audit, outbox
from marelle.foundation.writes import operation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime, time

    from marelle.domain.authorities.models import Authority, Facility
    from marelle.domain.catalog.queries import Offer, ProductOffer
    from marelle.foundation.actors import Actor


class UnableToSetKitchenError(Exception):
    """Another kitchen is set for the same service and facility, or what is asked is beyond what settings may say."""


AT_ONCE = 500


class NothingToCorrectError(Exception):
    """No order of these differs from what is expected now, or none was frozen: nothing was written."""


@operation
def freeze_due(settings: KitchenSettings, *, offer: Offer, by: Actor, at: datetime) -> list[KitchenOrder]:
    """Will freeze what is due by these settings and not frozen yet, have the kitchen written to once, and return it.

    Two workers may come at once: the second waits for the first, and finds nothing left to freeze.
    """
    _lock([settings.service_id])
    every = kitchens()
    holds = next((one for one in every if one.pk == settings.pk), None)
    if holds is None:
        return []
    days = due_days(holds, every=every, offer=offer, at=at)
    if not days:
        return []
    products = {product.pk: product for day in days for each in day.products.values() for product in each}
    known = products.keys()
    expected = expected_meals(tuple(products.values()), days[0].date, days[-1].date, health_within=known)
    rows = [
        _order(
            Where(holds.service_id, facility),
            day.date,
            {product: expected.get((day.date, product.pk), Counts()) for product in made},
            why=KitchenOrder.Why.LIMIT,
            settings=holds,
            authority=offer.authority,
            at=at,
        )
        for day in days
        for facility, made in day.products.items()
    ]
    KitchenOrder.objects.bulk_create(rows)
    _tell(rows, authority=offer.authority)
    audit.record(
        "freeze_order", authority=offer.authority, of="kitchensettings", key=holds.pk, by=by, at=at, orders=len(rows)
    )
    return rows


@operation
def correct_orders(
    products: Sequence[ProductOffer], day: date, *, offer: Offer, by: Actor, at: datetime
) -> list[KitchenOrder]:
    """Will tell the kitchen again of `day`, wherever what is expected now of `products` is not what it was told.

    Each place gets another revision, whole; what was told stays. Raises NothingToCorrectError.
    """
    rows = _revise(products, [day], why=KitchenOrder.Why.CORRECTION, offer=offer, by=by, at=at)
    if not rows:
        raise NothingToCorrectError
    return rows


@operation
def tell_kitchen(days: Iterable[date], facilities: Collection[int], *, offer: Offer, by: Actor, at: datetime) -> int:
    """Will tell the kitchens again of these days at these facilities (keys), where an order that was frozen changed.

    For what changes many days at once: an event, or undoing one. Returns how many orders were revised. An order that
    is not frozen yet needs nothing: it will say what is expected when its moment comes.
    """
    products = tuple(product for product in offer.products if product.activity.facility_pk in facilities)
    return len(_revise(products, sorted(set(days)), why=KitchenOrder.Why.EVENT, offer=offer, by=by, at=at))


def _revise(
    products: Sequence[ProductOffer], days: Sequence[date], *, why: str, offer: Offer, by: Actor, at: datetime
) -> list[KitchenOrder]:
    _lock({product.activity.service.pk for product in products})
    every = kitchens()
    today = at.astimezone(offer.zone).date()
    days = [day for day in days if day >= today]
    made = meals_of(products, every)
    if not made or not days:
        return []
    last = _last_revisions(made, days)
    expected = expected_meals(made, days[0], days[-1], health_within={product.pk for product in made})
    rows = []
    for (day, at_place), order in last.items():
        here = {product: expected.get((day, product.pk), Counts()) for product in made if where(product) == at_place}
        told = {portion.product: portion.counts for portion in portions_of(order)}
        # A product that is not offered that day, and was not, is not said.
        now = {product: counts for product, counts in here.items() if counts.meals or product.pk in told}
        if differ(told, {product.pk: counts for product, counts in now.items()}):
            settings = kitchen_of(at_place, every)
            rows.append(
                _order(
                    at_place,
                    day,
                    now,
                    why=why,
                    settings=settings,
                    authority=offer.authority,
                    at=at,
                    revision=order.revision + 1,
                )
            )
    KitchenOrder.objects.bulk_create(rows)
    _tell(rows, authority=offer.authority)
    if rows:
        keys = [row.pk for row in rows]
        audit.record_all("correct_order", authority=offer.authority, of="kitchenorder", keys=keys, by=by, at=at)
    return rows


def _lock(services: Collection[int]) -> None:
    """Will have those who freeze, correct and set the kitchens of these services (keys) take turns."""
    list(Service.objects.select_for_update(no_key=True).filter(pk__in=services).order_by("pk").values_list("pk"))


def _last_revisions(products: Iterable[ProductOffer], days: Sequence[date]) -> dict[tuple[date, Where], KitchenOrder]:
    places = {where(product) for product in products}
    rows = KitchenOrder.objects.filter(
        date__in=days,
        service__in={one.service for one in places},
        facility__in={one.facility for one in places},
    ).order_by("date", "service_id", "facility_id", "revision")
    found = {(row.date, Where(row.service_id, row.facility_id)): row for row in rows}
    return {key: row for key, row in found.items() if key[1] in places}


def _order(
    at_place: Where,
    day: date,
    counts: Mapping[ProductOffer, Counts],
    *,
    why: str,
    settings: KitchenSettings | None,
    authority: int,
    at: datetime,
    revision: int = 1,
) -> KitchenOrder:
    emails = list(settings.emails) if settings else []
    return KitchenOrder(
        authority_id=authority,
        service_id=at_place.service,
        facility_id=at_place.facility,
        date=day,
        revision=revision,
        why=why,
        content=written(Portion(product.pk, product.name, each) for product, each in counts.items()),
        meals=together(counts.values()).meals,
        frozen_at=at,
        sent_to=emails,
        state=KitchenOrder.State.QUEUED if emails else KitchenOrder.State.KEPT,
    )


def _tell(rows: Iterable[KitchenOrder], *, authority: int) -> None:
    """Will have each kitchen written to once about all that was frozen for it together."""
    by_readers: dict[tuple[int, tuple[str, ...]], list[int]] = {}
    for row in rows:
        if row.sent_to:
            by_readers.setdefault((row.service_id, tuple(row.sent_to)), []).append(row.pk)
    for keys in by_readers.values():
        outbox.post("letters.kitchen_orders", authority=authority, orders=keys)


@operation
def save_kitchens(
    authority: Authority, said: Collection[Said], *, force: bool = False, by: Actor, at: datetime
) -> Outcome[KitchenSettings]:
    """Will create or update kitchens as a file says them, named by service and place; see `authorities.save_rows`."""
    return save_rows(authority, KitchenSettings, ("service_id", "facility_id"), said, force=force, by=by, at=at)


@operation
def set_kitchen(
    settings: KitchenSettings | None,
    *,
    service: Service,
    facility: Facility | None,
    emails: Sequence[str],
    days_before: int | None,
    at_time: time,
    attaches_csv: bool,
    attaches_pdf: bool,
    by: Actor,
    at: datetime,
) -> KitchenSettings:
    """Will say when the meals of a service are ordered and who is told, at a facility or (None) at all the others.

    Raises UnableToSetKitchenError.
    """
    if len(emails) > MOST_EMAILS or (days_before is not None and days_before > MOST_DAYS_BEFORE):
        raise UnableToSetKitchenError
    _lock([service.pk])
    others = KitchenSettings.objects.filter(service=service, facility=facility)
    if others.exclude(pk=settings.pk if settings else None).exists():
        raise UnableToSetKitchenError
    row = settings or KitchenSettings(authority_id=service.authority_id)
    row.service, row.facility = service, facility
    row.emails = list(dict.fromkeys(emails))
    row.days_before, row.at_time = days_before, at_time
    row.attaches_csv, row.attaches_pdf = attaches_csv, attaches_pdf
    row.save()
    audit.record("set_kitchen", authority=row.authority_id, of="kitchensettings", key=row.pk, by=by, at=at)
    return row


@operation
def forget_kitchen(settings: KitchenSettings, *, by: Actor, at: datetime) -> None:
    """Will order nothing more by these settings; what was ordered stays."""
    key, authority = settings.pk, settings.authority_id
    if KitchenSettings.objects.filter(pk=key).delete()[0]:
        audit.record("forget_kitchen", authority=authority, of="kitchensettings", key=key, by=by, at=at)


@operation
def purge_orders(authority: Authority, *, by: Actor, at: datetime) -> int:
    """Will erase orders of meals of more than two years before `at`, all the revisions of a day; tells how many.

    So many at once: whoever calls goes on until there are none.
    """
    before = at.astimezone(authority.zone).date() - ORDERS_KEPT
    old = KitchenOrder.objects.filter(authority=authority, date__lt=before).order_by("date", "pk")
    keys = list(old.values_list("pk", flat=True)[:AT_ONCE])
    if keys:
        KitchenOrder.objects.filter(pk__in=keys).delete()
        audit.record("purge_orders", authority=authority.pk, of="kitchenorder", key=None, by=by, at=at, count=len(keys))
    return len(keys)


@operation
def send_again(orders: Iterable[tuple[KitchenOrder, KitchenSettings]], *, by: Actor, at: datetime) -> int:
    """Will have orders that did not reach the kitchen written again, to its addresses of now; returns how many.

    One that reached it, or that is about to leave, is left alone; so is one whose kitchen has no address.
    """
    emails = {order.pk: list(settings.emails) for order, settings in orders if settings.emails}
    rows = list(
        KitchenOrder.objects.select_for_update()
        .filter(pk__in=emails)
        .exclude(Q(state=KitchenOrder.State.QUEUED) | Q(state=KitchenOrder.State.SENT, returned_at=None))
        .order_by("pk")
    )
    for row in rows:
        row.sent_to = emails[row.pk]
        row.state, row.sent_at, row.returned_at = KitchenOrder.State.QUEUED, None, None
    KitchenOrder.objects.bulk_update(rows, ["sent_to", "state", "sent_at", "returned_at"])
    if rows:
        authority = rows[0].authority_id
        _tell(rows, authority=authority)
        keys = [row.pk for row in rows]
        audit.record_all("send_order_again", authority=authority, of="kitchenorder", keys=keys, by=by, at=at)
    return len(rows)
