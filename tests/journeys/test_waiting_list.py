"""A place is offered by an agent and accepted by the parent, another is let go: at the desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.domain.reservations.models import FreedPlace, PlaceOffer
from marelle.foundation import clock, tenancy
from tests.domain.household import THURSDAY
from tests.domain.test_place_offers import LIMIT_FOR_THURSDAY, Town
from tests.domain.waiting_town import fill, make_queue
from tests.factories.town import make_agent, make_child, make_family, make_reservation, make_user
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town(with_password):
    made = Town(waiting=3, places=4)
    made.user = with_password(make_user("elena@exemple.fr"))
    made.agent = make_agent(made.authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))
    family = make_family(made.authority, user=made.user)
    lucia, mateo = (make_child(family, name, products=(made.meal,)) for name in ("Lucia", "Mateo"))
    with tenancy.scope({made.authority.pk}):
        made.booked = fill(made.meal, THURSDAY, made.served[:3])
        make_reservation(mateo, made.meal, THURSDAY, family=family)
        make_queue(made.authority, made.meal, THURSDAY, [(lucia, family), *made.homes])
        made.free(made.booked[:2])
    made.square = f"{mateo.public_id}.{made.meal.public_id}.{THURSDAY.isoformat()}"
    return made


def test_from_the_free_place_to_the_family_that_has_it_and_to_the_one_that_lets_its_own_go(town, person):
    slug = town.authority.slug
    agent = person("mairie", viewport=DESK, scripts=False)
    agent.is_known(town.agent.user)
    agent.opens(f"/{slug}/attentes/")
    agent.sees("2 places libres alors que des enfants attendent.")
    agent.clicks_on(agent.page.get_by_role("link", name="Voir à qui les proposer"))
    agent.clicks_on(agent.page.get_by_role("button", name="Proposer ces 2 places"))
    agent.sees("2 places proposées")

    parent = person(viewport=PHONE)
    parent.is_known(town.user)
    parent.opens(f"/{slug}/attentes/")
    parent.finds_nothing_with_axe()
    parent.clicks_on(parent.page.get_by_role("button", name="Accepter la place de Lucia"))
    parent.page.get_by_role("heading", level=1).wait_for()
    with tenancy.scope({town.authority.pk}):
        assert set(PlaceOffer.objects.values_list("state", flat=True)) == {"accepted", "offered"}

    nadia = person("mairie", viewport=DESK)
    nadia.is_known(town.agent.user)
    nadia.opens(f"/{slug}/attentes/")
    nadia.finds_nothing_with_axe()

    with clock.visiting(LIMIT_FOR_THURSDAY + timedelta(hours=1)):
        parent.opens(f"/{slug}/absences/{town.square}/")
        parent.clicks_on(parent.page.get_by_role("button", name="Libérer ma place"))
        parent.sees("Vous libérez cette place")
        parent.finds_nothing_with_axe()
    with tenancy.scope({town.authority.pk}):
        assert FreedPlace.objects.get().state == "open"
