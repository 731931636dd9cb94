"""An agent changes a tariff with a browser, tries it and records it; a parent finds its own line."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Tariff
from marelle.domain.families.models import Membership
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import make_user
from tests.journeys.conftest import BOTH, DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

BAND = "[id='r.price.bands.bands.{}.{}']"
FLAT = "[id='r.price.flat.+itself']"


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
        pytest.param(DESK, True, id="desk", marks=pytest.mark.torture),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
    ],
)
def test_a_tariff_is_changed_tried_and_recorded(person, with_password, scripts, viewport):
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)
    page = nadia.page

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    nadia.is_known(town.user)
    nadia.opens()
    nadia.clicks_on(page.get_by_role("link", name="Réglages"))
    section = page.get_by_role("navigation", name="Dans cette rubrique")
    nadia.clicks_on(section.get_by_role("link", name="Tarifs"))
    nadia.sees("3,85 € par repas")
    looks_right()
    nadia.clicks_on(page.locator("main").get_by_role("link", name=town.meal.name).first)
    nadia.sees("Le prix est de 3,85 €.")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Modifier", exact=True))
    expect(page.locator(FLAT)).to_be_visible()
    page.locator("[id='r.price.is']").select_option("bands")
    expect(page.locator(FLAT)).to_be_hidden()
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
    nadia.presses("Enter", on=page.get_by_label("Délibération", exact=True))  # tries, and writes nothing
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
        nadia.presses("Tab", on=page.get_by_label("Quotient familial"))  # the price comes as one leaves the field
    else:
        nadia.clicks_on(page.get_by_role("button", name="Voir le prix"))
    nadia.sees("Une journée : 1,20 €")
    looks_right()


def test_what_is_wrong_is_one_click_away_from_its_field(person, with_password):
    town = Town(with_password)
    nadia = person("mairie", viewport=DESK)
    nadia.is_known(town.user)
    nadia.opens()
    nadia.opens(f"/dammartin/tarifs/{town.meal.public_id}/modifier/")
    nadia.page.locator(FLAT).fill("trois euros")

    nadia.clicks_on(nadia.page.get_by_role("button", name="Essayer", exact=True))
    nadia.sees("Rien n’a été enregistré")
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(nadia.page.get_by_role("link", name="Un montant est attendu, comme 3,10."))

    expect(nadia.page).to_have_url(re.compile(r"#r\.price\.flat\.\+itself$"))
    expect(nadia.page.locator(FLAT)).to_have_value("trois euros")


@pytest.mark.parametrize("viewport", BOTH)
def test_a_parent_finds_its_own_line(person, with_password, viewport):
    town = Town(with_password)
    parent = with_password(make_user("parent@exemple.fr"))
    bands = [{"up_to": 600, "price": "1,20"}, {"price": {"by": "rank", "prices": ["4,60", "4,20"]}}]
    with permitted("test"), tenancy.scope({town.authority.pk}):
        family = town.family
        Membership.objects.create(
            authority=town.authority,
            user=parent,
            family=family,
            guardian=family.guardians.get(),
            joined_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
        Tariff.objects.filter(product=town.meal).update(
            rules={"price": {"by": "quotient", "missing": "highest", "bands": bands}}
        )
        Authority.objects.filter(pk=town.authority.pk).update(catalog_version=99)
    maria = person("famille", viewport=viewport)
    maria.is_known(parent)
    maria.opens("/compte/connexion/")
    maria.opens(f"/dammartin/reglements/{town.meal.public_id}/")

    maria.clicks_on(maria.page.get_by_role("link", name="Combien ça coûte"))

    maria.sees("votre tranche")
    maria.sees("Lucia : 4,60 € par repas")
    maria.finds_nothing_with_axe()
