"""At the counter: an agent looks for a family as she types, does not find it, and registers it on one screen."""

from __future__ import annotations

import pytest

from marelle.domain.families.models import Family, Invitation
from marelle.domain.reservations.models import Enrollment
from marelle.foundation import tenancy
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_user,
)
from tests.journeys.conftest import BOTH

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town(with_password):
    authority = make_authority(slug="dammartin")
    school = make_facility(authority)
    make_class(school, "CE2")
    meal = make_product(authority, facility=school)
    known = make_family(authority, "Le Goff")
    make_child(known, "Zoé", products=(meal,))
    agent = make_agent(authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))
    return authority, agent, meal


@pytest.mark.parametrize("viewport", BOTH)
def test_a_family_is_looked_for_as_one_types_then_registered(town, person, viewport):
    authority, clerk, meal = town
    agent = person("mairie", viewport=viewport)
    page = agent.page
    agent.is_known(clerk.user)
    agent.opens("/dammartin/familles/")
    field = page.get_by_role("searchbox", name="Nom, prénom, téléphone, e-mail ou numéro")
    field.press_sequentially("zoe gof")
    page.get_by_role("link", name="Le Goff").wait_for()
    agent.finds_nothing_with_axe()
    field.fill("vaucanson")
    agent.sees("Aucune famille ne porte ce nom.")

    agent.clicks_on(page.get_by_role("link", name="Inscrire une famille"))
    agent.finds_nothing_with_axe()
    page.locator("main").get_by_label("Prénom").first.fill("Aldegonde")
    page.locator("main").get_by_label("Nom", exact=True).first.fill("Vaucanson")
    page.locator("main").get_by_label("Adresse e-mail").first.fill("aldegonde@exemple.fr")
    agent.clicks_on(page.get_by_role("button", name="Ajouter un enfant"))
    children = page.get_by_role("region").or_(page.locator("section.card"))
    child = children.filter(has=page.get_by_role("heading", name="Enfant 1"))
    child.get_by_label("Prénom").fill("Théodore")
    child.get_by_label("Date de naissance").fill("2018-04-09")
    child.get_by_label(meal.activity.name).check()
    agent.clicks_on(page.get_by_role("button", name="Inscrire la famille"))
    agent.sees("Choisissez sa classe")
    agent.finds_nothing_with_axe()
    child.get_by_label("Classe").select_option(label="École des Tilleuls, CE2")
    agent.clicks_on(page.get_by_role("button", name="Inscrire la famille"))
    agent.sees("La famille Vaucanson est inscrite")
    agent.finds_nothing_with_axe()

    with tenancy.scope({authority.pk}):
        family = Family.objects.get(name="Vaucanson")
        assert Invitation.objects.get(family=family).email == "aldegonde@exemple.fr"
        assert Enrollment.objects.filter(child__custodies__family=family).count() == 1
