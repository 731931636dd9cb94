"""An agent changes a règlement with a browser: the fields of the shape chosen, a row added, a trial, the record."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from marelle.domain.catalog.models import Reglement
from marelle.foundation import tenancy
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

SHAPE = "[id='r.book.closes.+cutoff.is']"
COUNT = "[id='r.book.closes.+cutoff.offset.count']"
MONDAY = "[id='r.book.closes.+cutoff.weekday_table.table.mon.day']"


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
        pytest.param(DESK, True, id="desk", marks=pytest.mark.torture),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
    ],
)
def test_a_reglement_is_changed_tried_and_recorded(person, with_password, scripts, viewport):
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
    nadia.clicks_on(section.get_by_role("link", name="Règlements"))
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name=town.meal.activity.name))
    nadia.sees("La limite pour réserver est celle-ci")
    looks_right()
    nadia.clicks_on(page.get_by_role("link", name="Modifier", exact=True))
    expect(page.locator(COUNT)).to_be_visible()
    expect(page.locator(MONDAY)).to_be_hidden()
    page.locator(SHAPE).select_option("weekday_table")
    expect(page.locator(COUNT)).to_be_hidden()
    expect(page.locator(MONDAY)).to_be_visible()
    looks_right()
    page.locator(SHAPE).select_option("offset")
    page.locator(COUNT).fill("2")
    page.locator("[id='r.book.closes.+cutoff.offset.unit']").select_option("day")

    nadia.clicks_on(page.get_by_role("button", name="Ajouter une limite"))
    page.locator("[id='r.limits.0.at_most.at_most']").fill("4")
    expect(page).to_have_url(re.compile(r"#r\.limits$"))
    nadia.presses("Enter", on=page.get_by_label("Délibération", exact=True))  # tries, and writes nothing
    nadia.sees("Jours à regarder")
    looks_right()
    page.get_by_label("Les jours ouvrés, sans samedi, dimanche ni jour férié").check()
    nadia.clicks_on(page.get_by_role("button", name="Répondre et essayer de nouveau"))
    nadia.sees("2 jours ouvrés")
    page.get_by_label("À partir du").fill("2027-01-04")
    page.get_by_label("Délibération", exact=True).fill("2026-40")
    nadia.clicks_on(page.get_by_role("button", name="Enregistrer"))

    nadia.sees("Règlement enregistré")
    with tenancy.every_authority():
        saved = Reglement.objects.get(valid_from="2027-01-04")
    assert (saved.rules["book"]["count"], saved.rules["book"]["unit"]) == (2, "working_day")
    assert saved.rules["limits"] == [{"at_most": 4, "per": "week"}]


def test_what_is_wrong_is_one_click_away_from_its_field(person, with_password):
    town = Town(with_password)
    nadia = person("mairie", viewport=DESK)
    nadia.is_known(town.user)
    nadia.opens()
    nadia.opens(f"/dammartin/reglements/{town.meal.activity.public_id}/modifier/")
    nadia.page.locator(COUNT).fill("999")

    nadia.clicks_on(nadia.page.get_by_role("button", name="Essayer", exact=True))
    nadia.sees("Rien n’a été enregistré")
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(nadia.page.get_by_role("link", name="Un nombre entier de 0 à 180 est attendu."))

    expect(nadia.page).to_have_url(re.compile(r"#r\.book\.closes\.\+cutoff\.offset\.count$"))
    expect(nadia.page.locator(COUNT)).to_be_visible()
