"""A place paid on booking, settled at the town hall: confirmed, invoiced at the price that was shown, already paid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum

from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Invoice, LedgerEntry
from marelle.domain.billing.operations.prepaid import settle_at_desk
from marelle.domain.billing.queries.to_bill import bill
from marelle.domain.catalog.models import Service, Tariff
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import Reservation
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, cancel_for_family
from marelle.foundation.actors import SYSTEM
from marelle.foundation.periods import Period
from marelle.foundation.writes import permitted
from tests.domain.household import Household
from tests.factories.town import make_authority, make_child, make_product, make_reservation, make_service

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
THURSDAY = date(2026, 11, 26)


@pytest.fixture
def town(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    with permitted("factory"):
        regie = Regie.objects.create(authority=authority, code="regie", name="Régie")
    service = make_service(authority, name="Accueil de loisirs", payment_mode="prepaid", regie=regie)
    product = make_product(authority, service=service, name="Journée", capacity=5, price_cents=1200)
    home = Household(authority)
    home.product = product
    home.child = make_child(home.family, "Lucia", products=(product,))
    return home


def held(town):
    return make_reservation(
        town.child,
        town.product,
        THURSDAY,
        family=town.family,
        state="held",
        held_until=NOW + timedelta(hours=72),
        price_cents=1200,
    )


def owed():
    sums = LedgerEntry.objects.filter(account="receivable").aggregate(sum=Sum("cents"))
    return sums["sum"]


def test_it_is_invoiced_at_once_and_already_paid(town):
    invoice = settle_at_desk(held(town), authority=town.authority, means="cheque", by=SYSTEM, at=NOW)

    assert Reservation.objects.get().state == "reserved"
    assert (invoice.total_cents, invoice.state, invoice.number) == (1200, "issued", "2026-00001")
    assert owed() == 0
    assert LedgerEntry.objects.filter(account="cash").get().cents == 1200


def test_the_price_is_the_one_that_was_shown_whatever_was_voted_since(town):
    place = held(town)
    with permitted("test"):
        Tariff.objects.update(rules={"price": "15,00"})

    invoice = settle_at_desk(place, authority=town.authority, by=SYSTEM, at=NOW)

    assert invoice.total_cents == 1200
    assert [step[0] for step in invoice.lines.get().steps] == ["Prix fixé à la réservation"]


def test_the_month_does_not_bill_it_again(town):
    settle_at_desk(held(town), authority=town.authority, by=SYSTEM, at=NOW)

    found = drafted(town)

    assert [one.draft for one in found] == [None]


def test_a_day_given_back_comes_back_as_a_credit(town):
    place = held(town)
    settle_at_desk(place, authority=town.authority, by=SYSTEM, at=NOW)
    cancel_for_family(place, reason="malade", is_refunded=True, by=SYSTEM, at=NOW)

    (found,) = drafted(town)

    assert found.draft.total == -1200


def test_a_day_that_is_not_refunded_stays_due(town):
    place = held(town)
    settle_at_desk(place, authority=town.authority, by=SYSTEM, at=NOW)
    cancel_for_family(place, reason="trop tard", is_refunded=False, by=SYSTEM, at=NOW)

    assert [one.draft for one in drafted(town)] == [None]


def test_a_place_that_is_no_longer_held_is_neither_confirmed_nor_invoiced(town):
    place = held(town)
    settle_at_desk(place, authority=town.authority, by=SYSTEM, at=NOW)

    with pytest.raises(UnableToRecordError):
        settle_at_desk(place, authority=town.authority, by=SYSTEM, at=NOW)

    assert Invoice.objects.count() == 1


def test_a_regie_that_invoices_elsewhere_only_confirms(town):
    with permitted("test"):
        Regie.objects.update(has_billing=False)

    assert settle_at_desk(held(town), authority=town.authority, by=SYSTEM, at=NOW) is None
    assert Reservation.objects.get().state == "reserved"
    assert not Invoice.objects.exists()


def drafted(town):
    return bill(
        [town.family.pk],
        regie=Regie.objects.get().pk,
        services=list(Service.objects.values_list("pk", flat=True)),
        period=Period(date(2026, 11, 1), date(2026, 11, 30)),
        offer=offer_of(town.authority),
        at=NOW,
    )
