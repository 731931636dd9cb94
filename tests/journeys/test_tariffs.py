"""An agent changes a tariff with a browser: bands, a row added, a trial, the record; a price tried as one types."""

from __future__ import annotations

import pytest

from marelle.domain.catalog.models import Tariff
from marelle.foundation import tenancy
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

BAND = "[id='r.price.bands.bands.{}.{}']"
FLAT = "[id='r.price.flat.+itself']"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_tariff_is_changed_tried_and_recorded(person, with_password, scripts, viewport):
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    page = nadia.page

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    nadia.opens()
    nadia.signs_in(town.user)
    nadia.clicks_on(page.get_by_role("link", name="Tarifs", exact=True))
    nadia.sees("3,85 € par repas")
    looks_right()
    nadia.clicks_on(page.locator("main").get_by_role("link", name=town.meal.name).first)
    nadia.sees("Le prix est de 3,85 €.")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Modifier", exact=True))
    assert page.locator(FLAT).is_visible()
    page.locator("[id='r.price.is']").select_option("bands")
    assert page.locator(FLAT).is_hidden()
    page.locator("[id='r.price.bands.missing']").select_option("highest")
    for _ in range(2):
        nadia.clicks_on(page.get_by_role("button", name="Ajouter une tranche"))
    page.locator(BAND.format(0, "+end.up_to.up_to")).fill("600")
    page.locator(BAND.format(0, "price.flat.+itself")).fill("1,20")
    page.locator(BAND.format(1, "+end.is")).select_option("end")
    page.locator(BAND.format(1, "price.flat.+itself")).fill("4,60")
    looks_right()
    page.get_by_label("À partir du").fill("2027-01-04")
    page.get_by_label("Délibération", exact=True).fill("2026-40")
    page.get_by_label("Délibération", exact=True).press("Enter")  # tries, and writes nothing
    nadia.sees("Quelques familles")
    looks_right()
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer"))
    nadia.sees("Tarif enregistré")

    with tenancy.every_authority():
        saved = Tariff.objects.get(valid_from="2027-01-04")
    assert saved.rules["price"]["bands"] == [{"up_to": "600", "price": "1,20"}, {"price": "4,60"}]
    nadia.clicks_on(page.get_by_role("link", name="À partir du 04/01/2027, délibération 2026-40", exact=True))
    page.get_by_label("Quotient familial").fill("300")
    if scripts:
        page.get_by_label("Quotient familial").press("Tab")  # the price comes as one leaves the field
    else:
        nadia.clicks_on(page.get_by_role("button", name="Voir le prix"))
    nadia.sees("Une journée : 1,20 €")
    looks_right()


def test_what_is_wrong_is_one_click_away_from_its_field(person, with_password):
    town = Town(with_password)
    nadia = person("mairie", viewport=DESK)
    nadia.opens()
    nadia.signs_in(town.user)
    nadia.opens(f"/dammartin/tarifs/{town.meal.public_id}/modifier/")
    nadia.page.locator(FLAT).fill("trois euros")

    nadia.clicks_on(nadia.page.get_by_role("button", name="Essayer", exact=True))
    nadia.sees("Rien n’a été enregistré")
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(nadia.page.get_by_role("link", name="Un montant est attendu, comme 3,10."))

    assert nadia.page.url.endswith("#r.price.flat.+itself")
    assert nadia.page.locator(FLAT).input_value() == "trois euros"
