"""The tasks of kitchens: orders frozen when their moment comes, and the letter that says them."""

from __future__ import annotations

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import KitchenSettings
from marelle.domain.reservations.operations.kitchen import AT_ONCE, freeze_due, purge_orders
from marelle.domain.reservations.queries.kitchen import due_days, kitchens
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs.tasks import for_authority, tasks
from marelle.letters.kitchen_orders import send_orders


@tasks.periodic(cron="* * * * *")
@tasks.task(name="kitchen.freeze_orders", queueing_lock="kitchen.freeze_orders")
def freeze_orders(timestamp: int) -> None:
    """Will freeze, each minute, the orders of meals whose moment has come; what is frozen already is left alone."""
    with tenancy.every_authority():
        with_kitchens = set(KitchenSettings.objects.values_list("authority_id", flat=True))
    authorities = Authority.objects.defer("logo", "palette_css").in_bulk(with_kitchens)
    for authority in authorities.values():
        with tenancy.scope({authority.pk}):
            _freeze(authority)


@tasks.periodic(cron="45 3 * * *")
@tasks.task(name="kitchen.purge_orders", queueing_lock="kitchen.purge_orders")
def purge_old_orders(timestamp: int) -> None:
    """Will erase, each night, the orders of meals that are more than two years old."""
    now = clock.business_now()
    for authority in Authority.objects.defer("logo", "palette_css").order_by("pk"):
        with tenancy.scope({authority.pk}):
            while purge_orders(authority, by=SYSTEM, at=now) == AT_ONCE:
                pass


def _freeze(authority: Authority) -> None:
    offer, at = offer_of(authority), clock.business_now()
    every = kitchens()
    for settings in every:
        # Looked at without a lock: most minutes have nothing to freeze.
        if due_days(settings, every=every, offer=offer, at=at):
            freeze_due(settings, offer=offer, by=SYSTEM, at=at)


@for_authority("letters.kitchen_orders")
def kitchen_orders(authority: Authority, *, orders: list[int]) -> None:
    """Will write to a kitchen about these orders, together, unless it was written to already."""
    whole = Authority.objects.get(pk=authority.pk)  # the papers show its logo
    send_orders(orders, whole, by=SYSTEM, at=clock.business_now())
