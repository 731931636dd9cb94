"""One account, two communes and two families in one of them: all the children, then from one family to another."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import (
    make_authority,
    make_child,
    make_family,
    make_product,
    make_reservation,
    make_user,
)
from tests.journeys.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

FRIDAY = date(2026, 11, 27)


@pytest.fixture
def user(with_password):
    user = with_password(make_user("elena@exemple.fr"))
    towns = (make_authority(slug="dammartin"), make_authority("JolieVille", slug="jolieville"))
    for town, name, child in (
        (towns[0], "Zamora", "Lucia"),
        (towns[0], "Abadie", "Marius"),
        (towns[1], "Zamora", "Sofia"),
    ):
        meal = make_product(town, name="Repas")
        family = make_family(town, name, user=user)
        make_reservation(make_child(family, child, products=(meal,)), meal, FRIDAY, family=family)
        issue_invoice(family, make_regie(town))
    return user


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
    ],
)
def test_from_all_the_children_to_one_family_and_another(user, person, viewport, scripts):
    parent = person(viewport=viewport, scripts=scripts)
    page = parent.page
    menu = page.locator(".account-menu")

    def passes_to(commune, family):
        parent.clicks_on(menu.locator("summary"))
        if scripts:
            parent.finds_nothing_with_axe()
        parent.clicks_on(menu.get_by_role("link", name=f"{commune} Famille {family}"))
        menu.locator("summary", has_text=f"Famille {family}").wait_for()

    parent.opens("/compte/connexion/")
    parent.signs_in(user)
    page.get_by_role("heading", name="Tous mes enfants").wait_for()
    for child in ("Lucia", "Marius", "Sofia"):
        page.get_by_role("heading", name=child).wait_for()
    if scripts:
        parent.finds_nothing_with_axe()

    parent.clicks_on(page.get_by_role("link", name="Réserver pour Marius"))
    page.get_by_role("heading", name="Mes réservations").wait_for()
    passes_to("Dammartin-sur-Tigeaux", "Zamora")
    parent.clicks_on(page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="réservations"))
    parent.clicks_on(page.locator("label:has(input[aria-label^='Lucia, repas, '][value$='.2026-11-26'])"))
    if scripts:
        page.locator("#panier").get_by_text("1 repas", exact=True).wait_for(state="attached")
    else:
        parent.clicks_on(page.get_by_role("button", name="Mettre à jour mon panier").first)
    parent.opens(page.url.partition("/reservations/")[0].removeprefix(parent.site) + "/panier/")
    parent.clicks_on(page.get_by_role("button", name="Valider mes changements"))
    page.get_by_role("heading", name="C’est noté").wait_for()
    passes_to("JolieVille", "Zamora")
    parent.clicks_on(menu.locator("summary"))
    parent.clicks_on(menu.get_by_role("link", name="Ajouter une commune"))
    page.get_by_role("heading", name="Ajouter une commune").wait_for()
    if scripts:
        parent.finds_nothing_with_axe()
        parent.clicks_on(menu.locator("summary"))
        parent.presses("Escape")
        menu.get_by_role("link", name="Tous mes enfants").wait_for(state="hidden")

    with tenancy.every_authority():
        booked = Reservation.objects.filter(date=date(2026, 11, 26)).values_list("child__first_name", "family__name")
        assert list(booked) == [("Lucia", "Zamora")]
