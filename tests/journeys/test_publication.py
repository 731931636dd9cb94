"""An agent writes a week of menus from her spreadsheet, a piece of news for one school; a family reads both."""

from __future__ import annotations

import re

import pytest

from marelle.foundation import tenancy
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

TABLE = (
    "\tLundi\tMardi\nEntrée\tCarottes (céleri)\tSoupe [bio]\nPlat\tHachis (lait)\tLasagnes végétariennes (gluten, lait)"
)


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(DESK, True, id="desk"),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
        pytest.param(PHONE, True, id="phone", marks=pytest.mark.torture),
    ],
)
def test_a_week_of_menus_and_a_piece_of_news_reach_their_families(person, with_password, scripts, viewport):  # noqa: PLR0915  a walk
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    page = nadia.page

    def looks_right(somebody=nadia):
        if scripts:
            somebody.finds_nothing_with_axe()

    nadia.is_known(town.user)
    nadia.opens("/dammartin/publication/menus/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name=re.compile("Écrire le déjeuner.*Semaine du 23")))
    nadia.clicks_on(page.get_by_text("Coller depuis un tableur"))
    page.get_by_label("Les cellules copiées").fill(TABLE)
    nadia.clicks_on(page.get_by_role("button", name="Remplir la semaine"))
    nadia.sees("4 plats à relire")
    looks_right()
    page.locator("#j0-0-al").fill("champignons")
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer et publier"))
    nadia.sees("« champignons » n’est pas un des 14 allergènes")
    looks_right()
    page.locator("#j0-0-al").fill("céleri, moutarde")
    page.get_by_label("Tous les allergènes de la semaine").check()
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer et publier"))
    nadia.sees("La semaine est publiée.")
    looks_right()

    nadia.opens("/dammartin/publication/actualites/")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Nouvelle actualité"))
    page.get_by_label("Titre").fill("L’école ferme à 16 h vendredi")
    page.get_by_label("Texte").fill("Venez chercher les enfants avant 16 h.")
    page.get_by_label("Certaines familles").check()
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer"))
    nadia.sees("Cochez au moins un service ou un lieu.")
    looks_right()
    page.get_by_label("École des Tilleuls").check()
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer"))
    nadia.sees("L’actualité est enregistrée.")
    nadia.opens("/dammartin/publication/documents/nouveau/")
    looks_right()

    parent = person("famille", viewport=viewport, scripts=scripts)
    with tenancy.every_authority():
        parent.is_known(town.family.memberships.get().user)
    parent.opens("/dammartin/actualites/")
    parent.sees("L’école ferme à 16 h vendredi")
    looks_right(parent)
    parent.clicks_on(parent.page.get_by_role("link", name="Menus"))
    parent.sees("Repas végétarien")
    parent.sees("Contient : céleri et moutarde")
    looks_right(parent)
    parent.clicks_on(parent.page.get_by_role("link", name="Documents"))
    parent.sees("Aucun document pour le moment.")
    looks_right(parent)
