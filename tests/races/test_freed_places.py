"""A place freed while another family is waiting for the slot's lock is a place it can have, not an error."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime

import pytest
from django.db import connection, connections, transaction

from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import Place, Reservation
from marelle.domain.reservations.operations.places import NewReservation, exchange_places
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

DAY = date(2026, 11, 26)
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def wait_until_somebody_waits_for_a_lock():
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    pytest.fail("nobody came to wait")


def test_two_places_asked_while_one_of_two_taken_is_being_freed_are_got():
    """2 of 3 are taken; 2 are asked. It fits only once the place being freed is free, and never as 2 + 2."""
    authority = make_authority()
    product = make_product(authority, capacity=3)
    early, late = make_family(authority), make_family(authority)
    leaving, staying = (make_child(early, name, products=(product,)) for name in ("Alvaro", "Sofia"))
    siblings = [make_child(late, name, products=(product,)) for name in ("Noé", "Iris")]
    freed = make_reservation(leaving, product, DAY, family=early)
    make_reservation(staying, product, DAY, family=early)
    with tenancy.scope({authority.pk}):
        slot = Slot.objects.get(date=DAY)
    rest = {"authority": authority.pk, "at": AT}
    outcome = []

    def ask():
        wanted = [
            NewReservation(child.pk, product.pk, DAY, (slot.pk,), "reserved", None, None, None, None, "on_time")
            for child in siblings
        ]
        try:
            with transaction.atomic(), permitted("test"):
                outcome.append(exchange_places(wanted, family=late.pk, **rest))
        except Exception as error:  # noqa: BLE001  the test judges
            outcome.append(error)
        finally:
            connections.close_all()

    asking = threading.Thread(target=ask)
    with transaction.atomic(), permitted("test"):
        exchange_places((), family=early.pk, releases=[freed.pk], **rest)
        asking.start()
        wait_until_somebody_waits_for_a_lock()
    asking.join(30)

    (done,) = outcome
    assert not isinstance(done, Exception), done
    assert done.is_done
    with tenancy.scope({authority.pk}):
        slot.refresh_from_db()
        assert slot.taken == Place.objects.filter(slot=slot).count() == 3
        assert Reservation.objects.filter(family=late, state="reserved").count() == 2
