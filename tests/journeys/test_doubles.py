"""An agent finds two files of one family, looks at both, chooses what is kept, and unites them."""

from __future__ import annotations

import pytest

from marelle.domain.families.models import Family, HealthRecord
from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import THURSDAY
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
    meal = make_product(authority)
    agent = make_agent(authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))
    homes = [make_family(authority, name) for name in ("Le Goff", "Legoff-Martin")]
    children = [make_child(home, "Zoé", products=(meal,), allergies=words) for home, words in
                zip(homes, ("arachide", "fruits à coque"), strict=True)]  # fmt: skip
    with permitted("factory"), tenancy.scope({authority.pk}):
        Family.objects.filter(pk=homes[0].pk).update(address="1 rue Haute, 77163 Dammartin-sur-Tigeaux")
        Family.objects.filter(pk=homes[1].pk).update(address="2 rue Basse, 77163 Dammartin-sur-Tigeaux")
        for child in children:
            child.last_name = "Le Goff"
            child.save()
    make_reservation(children[1], meal, THURSDAY, family=homes[1])
    return authority, agent, homes


@pytest.mark.parametrize("viewport", BOTH)
def test_two_files_of_one_family_become_one(town, person, viewport):
    authority, clerk, (kept, ended) = town
    agent = person("mairie", viewport=viewport)
    page = agent.page
    agent.is_known(clerk.user)
    agent.opens("/dammartin/familles/doublons/")
    agent.sees("Même enfant")
    agent.finds_nothing_with_axe()
    agent.clicks_on(page.get_by_role("link", name="Comparer"))
    agent.sees("1 jour réservé")
    agent.finds_nothing_with_axe()
    page.get_by_label("Maria Legoff-Martin").select_option(label="C’est Maria Le Goff")
    page.get_by_label("J’ai vérifié").check()
    agent.clicks_on(page.get_by_role("button", name="Réunir", exact=True))
    # Her health is chosen, never lost.
    agent.sees("Choisissez")
    agent.finds_nothing_with_axe()
    page.get_by_label("Garder les deux").check()
    page.get_by_label("2 rue Basse").check()
    agent.clicks_on(page.get_by_role("button", name="Réunir", exact=True))
    agent.sees("Les dossiers sont réunis")
    agent.finds_nothing_with_axe()

    with tenancy.scope({authority.pk}):
        assert Family.objects.get(pk=ended.pk).merged_into_id == kept.pk
        assert Family.objects.get(pk=kept.pk).address.startswith("2 rue Basse")
        assert HealthRecord.objects.get().allergies == "arachide\nfruits à coque"
        assert Reservation.objects.get().family_id == kept.pk
