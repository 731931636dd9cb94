"""An agent takes the ready procedures, changes one with what the family reads beside it, and says who answers."""

from __future__ import annotations

import pytest

from marelle.domain.procedures.models import Procedure, ServiceInCharge
from marelle.foundation import tenancy
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

LABEL = "[id='r.fields.5.label']"


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(DESK, True, id="desk"),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
        pytest.param(PHONE, True, id="phone", marks=pytest.mark.torture),
    ],
)
def test_a_procedure_is_taken_changed_and_published(person, with_password, scripts, viewport):  # noqa: PLR0915  a walk
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    page = nadia.page

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    nadia.opens()
    nadia.signs_in(town.user)
    nadia.opens("/dammartin/demarches/")
    nadia.sees("Douze démarches sont prêtes")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Ajouter les démarches prêtes"))
    nadia.sees("12 démarches ajoutées")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Autorisation de récupération d’un enfant"))
    nadia.sees("Ce que lit la famille")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Modifier", exact=True))
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Ajouter une question"))
    page.locator(LABEL).fill("Sait-elle où venir ?")
    page.locator("[id='r.fields.5.+kind.is']").select_option("yes_no")
    if scripts:
        page.locator("#apercu").get_by_text("Sait-elle où venir ?").wait_for()
    nadia.clicks_on(page.get_by_role("button", name="Monter la ligne 6"))
    page.locator("[id='r.+what.title']").fill("")
    nadia.clicks_on(page.get_by_role("button", name="Vérifier et enregistrer"))
    nadia.sees("la démarche est à revoir")
    looks_right()
    page.locator("[id='r.+what.title']").fill("Venir chercher mon enfant")
    nadia.clicks_on(page.get_by_role("button", name="Vérifier et enregistrer"))
    nadia.sees("Le titre devient « Venir chercher mon enfant ».")
    nadia.sees("La question « Sait-elle où venir ? » est ajoutée.")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer comme version 2"))
    nadia.sees("version 2, est en vigueur")

    nadia.opens("/dammartin/demarches/services/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Service Enfance"))
    page.get_by_label("Prénom et nom de l’agent").fill("Nadia Ferrand")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer"))
    nadia.sees("Le service est enregistré.")
    nadia.opens("/dammartin/demarches/modeles/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Il manque une pièce"))
    nadia.sees("Blancs possibles")
    looks_right()
    with tenancy.every_authority():
        definition = Procedure.objects.get(code="recuperation").versions.get(number=2).definition
        assert ServiceInCharge.objects.get(code="enfance").agent_name == "Nadia Ferrand"
    assert [one.code for one in definition.fields][-2:] == ["sait_elle_ou_venir", "ends_on"]
