"""An agent gives a child a second home, looks at what the terms would change, settles them, and decides a dispute."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CustodyProposal, SharedCustody
from marelle.domain.reservations.operations.custody import answer_proposal, propose_custody
from marelle.domain.reservations.rules.custody import CustodyTerms
from marelle.foundation import tenancy
from tests.domain.household import AGENT, NOW
from tests.factories.town import make_agent, make_authority, make_child, make_family, make_product, make_reservation
from tests.journeys.conftest import BOTH

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town():
    authority = make_authority(slug="dammartin")
    meal = make_product(authority)
    clerk = make_agent(authority, "Nadia Ferrand")
    mother, father = make_family(authority, "Benali"), make_family(authority, "Roy")
    child = make_child(mother, "Inès", products=(meal,))
    make_reservation(child, meal, date(2026, 12, 3), family=mother)
    return authority, clerk, child, mother, father


@pytest.mark.parametrize("viewport", BOTH[:1])
def test_from_a_second_home_to_a_dispute_that_is_decided(town, person, viewport):
    authority, clerk, child, mother, father = town
    agent = person("mairie", viewport=viewport)
    page = agent.page
    agent.is_known(clerk.user)
    agent.opens(f"/dammartin/familles/{mother.public_id}/")
    agent.clicks_on(page.get_by_role("link", name="Garde de Inès"))
    agent.finds_nothing_with_axe()
    agent.clicks_on(page.get_by_role("link", name="Ajouter un foyer"))
    page.get_by_label("Nom, prénom").fill("Roy")
    agent.clicks_on(page.get_by_role("button", name="Chercher").last)
    page.get_by_label("Chez Benali et chez Roy").check()
    page.get_by_label("À partir du").fill("2026-11-30")
    agent.finds_nothing_with_axe()
    agent.clicks_on(page.get_by_role("button", name="Noter"))
    # The terms come next: the keyboard alone goes to what they would change.
    agent.sees("Inès vit chez Benali et Roy à partir du lundi 30 novembre 2026.")
    agent.finds_nothing_with_axe()
    page.get_by_label("À partir du").fill("2026-11-30")
    agent.tabs_to("document.activeElement.matches('button[value=preview]')")
    agent.presses("Enter")
    agent.sees("1 réservation suit chez Roy")
    agent.finds_nothing_with_axe()
    agent.clicks_on(page.get_by_role("button", name="Régler la garde"))
    agent.sees("La garde alternée de Inès est réglée")
    agent.finds_nothing_with_axe()

    with tenancy.scope({authority.pk}):
        assert SharedCustody.objects.get().first_home_id == mother.pk
        offer = offer_of(Authority.objects.get(pk=authority.pk))
        asked = propose_custody(
            child.pk, from_home=father.pk, terms=CustodyTerms(changeover=0), starts_on=date(2027, 1, 4),
            words="Le lundi m’arrange.", offer=offer, by=AGENT, at=NOW,
        )  # fmt: skip
        answer_proposal(asked, agrees=False, words="Pas moi.", offer=offer, by=AGENT, at=NOW)

    agent.opens("/dammartin/a-traiter/")
    agent.clicks_on(page.get_by_role("link", name="Garde à trancher"))
    agent.finds_nothing_with_axe()
    agent.clicks_on(page.get_by_role("link", name="Inès Benali"))
    agent.sees("Pas moi.")
    agent.opens_every_fold()
    agent.finds_nothing_with_axe()
    page.get_by_label("Écarter la demande").check()
    page.get_by_label("Ce que vous dites aux deux foyers").fill("Le jugement reste.")
    agent.clicks_on(page.get_by_role("button", name="Voir ce qui changerait"))
    agent.sees("Rien ne change")
    agent.finds_nothing_with_axe()
    agent.clicks_on(page.get_by_role("button", name="Décider"))
    agent.sees("écartée par la mairie")

    with tenancy.scope({authority.pk}):
        assert CustodyProposal.objects.get().state == "dismissed"
