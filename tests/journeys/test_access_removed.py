"""A parent puts the family's days in an agenda; an agent removes the access; the next page is no more."""

from __future__ import annotations

import pytest

from marelle.domain.families.models import CalendarFeed, Family, Guardian
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import THURSDAY
from tests.factories.joining import make_code
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_family,
    make_product,
    make_reservation,
    make_user,
)
from tests.journeys.conftest import BOTH

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town(with_password):
    authority = make_authority(slug="dammartin")
    agent = make_agent(authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))
    parent = with_password(make_user("karim@exemple.fr"))
    family = make_family(authority, "Le Goff", user=parent)
    meal = make_product(authority)
    make_reservation(make_child(family, "Zoé", products=(meal,)), meal, THURSDAY, family=family)
    with permitted("factory"), tenancy.scope({authority.pk}):
        Family.objects.update(email="karim@exemple.fr", phone="06 11 22 33 44")
        Guardian.objects.update(first_name="Karim", email="karim@exemple.fr", phone="06 11 22 33 44")
        make_code(Guardian.objects.get())
    return authority, agent, parent, family


@pytest.mark.parametrize("viewport", BOTH)
def test_access_is_removed_and_given_back(town, person, viewport):
    _authority, clerk, user, family = town
    parent, agent = person("famille", viewport=viewport), person("mairie", viewport=viewport)
    parent.is_known(user)
    parent.opens("/dammartin/reservations/")
    parent.clicks_on(parent.page.get_by_role("link", name="Ajouter à mon agenda"))
    parent.clicks_on(parent.page.get_by_role("button", name="Obtenir mon adresse"))
    parent.sees("Votre adresse est prête")
    parent.finds_nothing_with_axe()
    with tenancy.every_authority():
        feed = f"/agenda/{CalendarFeed.objects.get().token}.ics"

    agent.is_known(clerk.user)
    agent.opens(f"/dammartin/familles/{family.public_id}/")
    agent.clicks_on(agent.page.get_by_role("link", name="Retirer l’accès de Karim Le Goff"))
    agent.sees("Son code d’adhésion ne sert plus")
    agent.finds_nothing_with_axe()
    agent.clicks_on(agent.page.get_by_role("button", name="Retirer l’accès"))
    agent.sees("Plusieurs points sont à revoir")
    agent.finds_nothing_with_axe()
    agent.page.get_by_label("Décision de justice").check()
    agent.page.get_by_label("J’ai vérifié").check()
    agent.clicks_on(agent.page.get_by_role("button", name="Retirer l’accès"))
    agent.sees("Karim Le Goff n’a plus accès à ce dossier")
    agent.finds_nothing_with_axe()

    assert parent.opens("/dammartin/reservations/").status == 404
    assert parent.opens(feed).status == 404

    agent.clicks_on(agent.page.get_by_role("link", name="Accès retiré : voir ou rendre"))
    agent.sees("Décision de justice")
    agent.finds_nothing_with_axe()
    agent.clicks_on(agent.page.get_by_role("button", name="Rendre l’accès"))
    agent.sees("a de nouveau accès à ce dossier")
    parent.opens("/dammartin/reservations/")
    parent.sees("Zoé")
