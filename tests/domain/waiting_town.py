"""Many families who wait for one full slot, made in a few statements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from marelle.domain.catalog.models import Slot
from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.reservations.models import Enrollment, Place, PlaceOffer, Reservation, WaitingListEntry
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import YEAR, make_reservation

ASKED = datetime(2026, 11, 20, 8, tzinfo=UTC)


def make_families(authority, product, count, *, name="Famille", **fields):
    """Make `count` families, each with a child enrolled in the activity of `product`; returns the children."""
    rest = {"authority": authority}
    with permitted("factory"), tenancy.scope({authority.pk}):
        families = Family.objects.bulk_create(
            Family(name=f"{name} {n}", code=f"{name}-{n}-{product.pk}".lower(), **rest, **fields) for n in range(count)
        )
        children = Child.objects.bulk_create(
            Child(
                first_name=f"Enfant {n}",
                last_name=family.name,
                code=family.code,
                birth_date=date(2017, 4, 9),
                animal="cat",
                chalk="mint",
                **rest,
            )
            for n, family in enumerate(families)
        )
        Custody.objects.bulk_create(
            Custody(child=child, family=family, starts_on=YEAR[0], **rest)
            for child, family in zip(children, families, strict=True)
        )
        Enrollment.objects.bulk_create(
            Enrollment(child=child, activity_id=product.activity_id, starts_on=YEAR[0], ends_on=YEAR[1], **rest)
            for child in children
        )
    return list(zip(children, families, strict=True))


def make_queue(authority, product, day, homes, *, order=None):
    """Make these (child, family) wait for `product`, a minute apart, in the order of `order` (ranks) if given."""
    with permitted("factory"), tenancy.scope({authority.pk}):
        slot = Slot.objects.get(activity=product.activity_id, date=day)
        return WaitingListEntry.objects.bulk_create(
            WaitingListEntry(
                authority=authority,
                child=child,
                family=family,
                product=product,
                date=day,
                slot=slot,
                asked_at=ASKED + timedelta(minutes=order[n] if order else n),
            )
            for n, (child, family) in enumerate(homes)
        )


def fill(product, day, homes):
    """Reserve a place for each of these (child, family)."""
    return [make_reservation(child, product, day, family=family) for child, family in homes]


def assert_no_more_than_there_is(slot):
    """Check that the slot counts its places, and that no more are taken and held than there are."""
    slot.refresh_from_db()
    places = Place.objects.filter(slot=slot)
    assert slot.taken == places.count() <= slot.capacity
    active = Reservation.objects.active().filter(places__slot=slot).count()
    assert active == slot.taken
    running = PlaceOffer.objects.filter(entry__slot=slot, state="offered", reservation__isnull=False)
    held = Reservation.objects.filter(places__slot=slot, state="held")
    assert set(running.values_list("reservation_id", flat=True)) == set(held.values_list("pk", flat=True))
