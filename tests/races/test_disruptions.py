"""A strike is declared by two agents while families reserve the very day: one event, and nothing stands on that day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import Disruption, DisruptionLine, Place, Reservation
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, reserve_for_family
from marelle.domain.reservations.operations.disruptions import AlreadyDeclaredError, declare_disruption
from marelle.domain.reservations.queries.planning import DayKey
from marelle.domain.reservations.rules.disruptions import Effect, Kind, Said
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from tests.factories.town import make_authority, make_child, make_family, make_product

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
THURSDAY = date(2026, 11, 26)


def test_who_reserves_as_a_strike_is_declared_has_nothing_that_day(at_once):
    authority = make_authority()
    meal = make_product(authority)
    homes = [make_family(authority, f"Famille {number}") for number in range(6)]
    children = [make_child(home, products=(meal,)) for home in homes]

    def offer():
        return offer_of(Authority.objects.get(pk=authority.pk))

    def reserve(child, home):
        with tenancy.scope({authority.pk}):
            key = DayKey(child.pk, meal.pk, THURSDAY)
            return reserve_for_family(child, key=key, family=home.pk, offer=offer(), reason="Oui", by=SYSTEM, at=NOW)

    def declare():
        with tenancy.scope({authority.pk}):
            said = Said(Kind.STRIKE, Effect.CANCEL, "Grève", THURSDAY, THURSDAY, frozenset({meal.pk}))
            return declare_disruption(said, offer=offer(), by=SYSTEM, at=NOW)

    reserving = [
        lambda child=child, home=home: reserve(child, home) for child, home in zip(children, homes, strict=True)
    ]
    results = at_once([*reserving[:3], declare, declare, *reserving[3:]])

    kinds = Counter(type(one) for one in results)
    assert kinds[AlreadyDeclaredError] == 1
    assert kinds[Disruption] == 1
    assert kinds[int] + kinds[UnableToRecordError] == len(homes)
    with tenancy.scope({authority.pk}):
        assert Disruption.objects.count() == 1
        assert DisruptionLine.objects.filter(did="cancelled").count() == kinds[int]
        assert not Reservation.objects.active().exists()
        assert not Place.objects.exists()
        assert not Slot.objects.exclude(taken=0).exists()
