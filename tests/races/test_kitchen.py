"""Two workers come in the same minute: an order is frozen once, and the kitchen is written to once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import KitchenOrder
from marelle.domain.reservations.operations.kitchen import freeze_due
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from tests.factories.kitchen import make_kitchen_settings
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation, make_service

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_two_workers_freeze_once():
    authority = make_authority()
    canteen = make_service(authority)
    meal = make_product(authority, service=canteen)
    family = make_family(authority)
    make_reservation(make_child(family, products=(meal,)), meal, DAY, family=family)
    settings = make_kitchen_settings(authority, canteen)
    authority.refresh_from_db()
    offer = offer_of(authority)
    together, frozen = threading.Barrier(2), []

    def freeze():
        try:
            with tenancy.scope({authority.pk}):
                together.wait()
                frozen.append(len(freeze_due(settings, offer=offer, by=SYSTEM, at=AT)))
        except Exception as error:  # noqa: BLE001  the test judges
            frozen.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=freeze) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert 0 in frozen, frozen
    with tenancy.scope({authority.pk}):
        assert list(KitchenOrder.objects.filter(date=DAY).values_list("revision", "meals")) == [(1, 1)]
        assert sum(count for count in frozen if isinstance(count, int)) == KitchenOrder.objects.count()
    assert ProcrastinateJob.objects.filter(task_name="letters.kitchen_orders").count() == 1
