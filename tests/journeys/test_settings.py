"""An agent adds a school, an activity, a strike, and plays an opening day; a reserved day asks before it closes."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.catalog.models import ClosureDay, Product
from marelle.foundation import tenancy
from tests.factories import town as make
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(DESK, True, id="desk"),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
        pytest.param(PHONE, True, id="phone", marks=pytest.mark.torture),
    ],
)
def test_a_town_is_set_right_on_screen(person, viewport, scripts):  # noqa: PLR0915  a walk
    authority = make.make_authority(slug="dammartin")
    meal = make.make_product(authority, service=make.make_service(authority, "Cantine"))
    family = make.make_family(authority)
    child = make.make_child(family, products=(meal,))
    make.make_reservation(child, meal, date(2026, 11, 26), family=family)
    agent = make.make_agent(authority)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    nadia.is_known(agent.user)
    page = nadia.page

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    def saves():
        nadia.clicks_on(page.get_by_role("button", name="Enregistrer", exact=True))

    nadia.opens("/dammartin/reglages/collectivite/")
    looks_right()
    page.get_by_label("Annonce").fill("La mairie ferme le 24 décembre.")
    saves()
    nadia.sees("C’est enregistré.")

    nadia.opens("/dammartin/reglages/lieux/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Ajouter un lieu"))
    looks_right()
    page.locator("[name='classes-0-name']").fill("CP")
    saves()
    nadia.sees("Donnez un nom.")
    looks_right()
    page.get_by_label("Nom", exact=True).fill("École des Prés")
    saves()
    nadia.sees("1 classe")

    nadia.opens("/dammartin/reglages/offre/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Cantine", exact=True))
    looks_right()
    nadia.opens("/dammartin/reglages/offre/")
    nadia.clicks_on(page.get_by_role("link", name="Ajouter une activité"))
    page.get_by_label("Nom", exact=True).fill("Cantine des Prés")
    page.get_by_label("Lieu").select_option("ecole-des-pres")
    page.get_by_label("Premier jour").fill("2026-11-23")
    page.get_by_label("Dernier jour").fill("2027-07-02")
    page.locator("[name='slots-0-name']").fill("Midi")
    page.locator("[name='slots-0-starts_at']").fill("11:45")
    page.locator("[name='slots-0-ends_at']").fill("13:30")
    page.locator("[name='products-0-name']").fill("Repas")
    looks_right()
    saves()
    nadia.sees("L’activité est enregistrée.")
    nadia.opens(f"/dammartin/reglages/offre/activites/{meal.activity.public_id}/ouverture/")
    nadia.sees("1 enfant inscrit")
    looks_right()

    nadia.opens("/dammartin/reglages/calendrier/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Fermer des jours"))
    page.get_by_label("Premier jour").fill("2026-11-26")
    page.get_by_label("Motif").fill("Grève")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Fermer ces jours"))
    nadia.sees("Une réservation tombe sur un jour qui ferme")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Fermer quand même"))
    nadia.sees("La fermeture est enregistrée.")
    with tenancy.every_authority():
        assert ClosureDay.objects.get().reason == "Grève"
        assert Product.objects.get(activity__name="Cantine des Prés").noun == "repas"
