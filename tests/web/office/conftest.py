from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from marelle.domain.reservations.models import CancellationRequest
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories import town

HOST = "mairie.localhost"
THURSDAY = date(2026, 11, 26)
TODAY = date(2026, 11, 23)


@pytest.fixture
def office(db, monday_morning):
    """A town of one school and one canteen, with an agent who may do everything, signed in on the agents' site."""
    authority = town.make_authority()
    school = town.make_facility(authority, "École des Tilleuls")
    canteen = town.make_service(authority, "Cantine", code="cantine")
    meal = town.make_product(authority, service=canteen, facility=school)
    agent = town.make_agent(authority)
    return SimpleNamespace(
        authority=authority,
        school=school,
        canteen=canteen,
        meal=meal,
        agent=agent,
        client=signed_in(agent),
        ce2=town.make_class(school, "CE2", teacher="Mme Perrin", position=2),
        family=town.make_family(authority),
        at=lambda path: f"/{authority.slug}/{path}",
    )


def signed_in(agent):
    client = Client(HTTP_HOST=HOST)
    client.force_login(agent.user)
    return client


def ask_to_cancel(reservation, *, words="", asked_at=None, deadline_at=None):
    with permitted("factory"), tenancy.scope({reservation.authority_id}):
        return CancellationRequest.objects.create(
            authority_id=reservation.authority_id,
            reservation=reservation,
            asked_at=asked_at or datetime(2026, 11, 22, 9, tzinfo=UTC),
            deadline_at=deadline_at or datetime(2026, 11, 24, 8, tzinfo=UTC),
            words=words,
        )
