"""An agent and what families ask: from the inbox to a decision, the document beside the page."""

from __future__ import annotations

import pytest

from marelle.domain.procedures.models import Application
from marelle.foundation import tenancy
from tests.factories.applications import join, make_sent, make_template, pickup_of
from tests.factories.procedures import PICKUP, make_procedure, make_service_in_charge
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_product,
    make_user,
)
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


class Town:
    """A family that asked twice, with a picture, and an agent with words ready."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin")
        meal = make_product(self.authority, facility=make_facility(self.authority))
        family = make_family(self.authority, "Benali")
        child = make_child(family, "Inès", products=(meal,))
        identity = {**PICKUP["documents"][0], "is_required": False}
        procedure = make_procedure(self.authority, documents=[identity])
        self.sent = make_sent(family, procedure, pickup_of(child))
        make_sent(family, procedure, pickup_of(child, **{"person.name": ["Paul Roy"]}))
        join(self.sent, name="carte d’identité.png")
        make_service_in_charge(self.authority, "mairie", name="Mairie")
        make_template(self.authority, "reject", "Décision de justice", "Une décision de justice l’interdit, {famille}.")
        self.agent = make_agent(self.authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))

    def states(self):
        with tenancy.scope({self.authority.pk}):
            return list(Application.objects.order_by("number").values_list("state", flat=True))


@pytest.fixture
def town(with_password):
    return Town(with_password)


def looked_at(person):
    if person.has_scripts:
        person.finds_nothing_with_axe()


WALKS = [
    pytest.param(DESK, True, id="desk"),
    pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
]


@pytest.mark.parametrize(("viewport", "scripts"), WALKS)
def test_an_agent_takes_asks_refuses_and_accepts(town, person, viewport, scripts):
    agent = person("mairie", viewport=viewport, scripts=scripts)
    page = agent.page
    agent.opens("/dammartin/demandes/")
    agent.signs_in(town.agent.user)
    agent.sees("Le silence accepte dans 61 jours")
    looked_at(agent)
    agent.clicks_on(page.get_by_role("link", name="n° 1").first)
    agent.sees("Ce que la famille demande")
    page.get_by_role("img", name="Pièce d’identité").wait_for()
    agent.clicks_on(page.get_by_role("button", name="Je m’en charge"))
    agent.sees("Demande confiée à Nadia Ferrand.")

    page.get_by_label("Votre message à la famille").fill("Bonjour, nous regardons votre demande.")
    agent.clicks_on(page.get_by_role("button", name="Écrire à la famille"))
    agent.sees("Message envoyé à la famille.")

    agent.clicks_on(page.get_by_text("Refuser…"))
    agent.clicks_on(page.locator("#refus").get_by_role("button", name="Utiliser ce modèle"))
    words = page.get_by_label("Motifs du refus")
    words.wait_for()
    assert words.input_value() == "Une décision de justice l’interdit, Benali."
    agent.opens_every_fold()
    looked_at(agent)
    agent.clicks_on(page.get_by_role("button", name="Refuser, avec ces motifs"))
    agent.sees("Demande refusée. La famille est prévenue.")

    agent.clicks_on(page.get_by_role("link", name="Demandes").first)
    agent.clicks_on(page.get_by_role("link", name="n° 2").first)
    agent.clicks_on(page.get_by_role("button", name="Accepter la demande"))
    agent.sees("Demande acceptée. La famille est prévenue.")
    assert town.states() == ["rejected", "approved"]

    agent.opens("/dammartin/demandes/delais/")
    agent.sees("Délai médian")
    looked_at(agent)
