"""A parent tells an absence at the last minute, an agent files the certificate; with and without scripts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from marelle.domain.reservations.models import Absence
from marelle.foundation import tenancy
from tests.domain.test_absences import CANTEEN
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_user,
)
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

TODAY = date(2026, 11, 23)


class Town:
    """Dammartin on a Monday at eight: Lucia is expected for lunch, and it is too late to cancel."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin")
        self.meal = make_product(self.authority, facility=make_facility(self.authority), rules=CANTEEN)
        self.user = with_password(make_user("elena@exemple.fr"))
        family = make_family(self.authority, user=self.user)
        lucia = make_child(family, "Lucia", products=(self.meal,))
        make_reservation(lucia, self.meal, TODAY, family=family)
        self.agent = make_agent(self.authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))

    def told(self):
        with tenancy.scope({self.authority.pk}):
            return [(row.cause, row.words, row.certificate_at is not None) for row in Absence.objects.order_by("pk")]


@pytest.fixture
def town(with_password):
    return Town(with_password)


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts"),
        pytest.param(DESK, True, id="desk", marks=pytest.mark.torture),
        pytest.param(PHONE, False, id="phone, no scripts", marks=pytest.mark.torture),
    ],
)
def test_from_the_square_to_the_certificate(town, person, viewport, scripts):
    parent = person(viewport=viewport, scripts=scripts)
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/dammartin/reservations/")
    locked = page.get_by_role("button", name=re.compile(r"^Lucia, repas, lundi.23.novembre : Réservé"))
    parent.clicks_on(locked)
    parent.clicks_on(page.get_by_role("link", name="Signaler une absence"))
    page.get_by_role("heading", name="Lucia ne viendra pas").wait_for()
    if scripts:
        parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_text("Maladie", exact=True))
    page.get_by_label("Un mot pour la mairie").fill("Elle tousse")
    parent.clicks_on(page.get_by_role("button", name="Signaler l’absence"))
    parent.sees("Non facturé si un certificat arrive")
    if scripts:
        parent.finds_nothing_with_axe()
    assert town.told() == [("illness", "Elle tousse", False)]

    parent.clicks_on(
        page.get_by_role("button", name=re.compile(r"^Lucia, repas, lundi.23.novembre : Absence signalée"))
    )
    parent.clicks_on(page.get_by_role("link", name="Voir cette absence"))
    page.get_by_role("button", name="Retirer cette absence").wait_for()
    if scripts:
        parent.finds_nothing_with_axe()

    agent = person("mairie", viewport=viewport, scripts=scripts)
    agent.is_known(town.agent.user)
    agent.opens("/dammartin/absences/")
    agent.sees("Certificat reçu…")
    if scripts:
        agent.finds_nothing_with_axe()
    agent.clicks_on(agent.page.get_by_text("Certificat reçu…"))
    if scripts:
        agent.finds_nothing_with_axe()
    agent.clicks_on(agent.page.get_by_role("button", name="Enregistrer le certificat"))
    agent.sees("Certificat enregistré : Lucia, repas")
    assert town.told() == [("illness", "Elle tousse", True)]
    agent.opens("/dammartin/journee/2026-11-23/")
    agent.sees("dont 1 absence signalée")
    if scripts:
        agent.finds_nothing_with_axe()


FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_a_slow_hand_with_a_mouse_presses_what_it_points_at(town, person):
    parent = person(viewport=PHONE)
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/dammartin/reservations/")
    locked = page.get_by_role("button", name=re.compile(r"^Lucia, repas, lundi.23.novembre : Réservé"))
    parent.settles()
    # Low enough for the bubble to open under the basket's bar.
    locked.evaluate("element => scrollBy(0, element.getBoundingClientRect().bottom - innerHeight + 90)")
    (x, y), before = middle(locked), page.evaluate("scrollY")

    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    assert page.evaluate("scrollY") == before, "the page moved under the button that was held"
    page.mouse.up()
    page.wait_for_function("before => scrollY > before", arg=before)
    page.mouse.move(2, 2)
    link = page.get_by_role("link", name="Signaler une absence")
    link.evaluate("""link => {
      window.seen = [];
      addEventListener("mousemove", () => seen.push(getComputedStyle(link).visibility));
    }""")
    page.mouse.move(*middle(link))
    page.wait_for_function("seen.length")
    assert page.evaluate("seen") == ["visible"], "what was open hid from the pointer"
    page.mouse.down()
    page.evaluate(FRAMES)
    page.mouse.up()
    page.get_by_role("heading", name="Lucia ne viendra pas").wait_for()


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
