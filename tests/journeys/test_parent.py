"""A parent books, confirms, cancels: with a finger, with the keyboard alone, without scripts."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from marelle.domain.reservations.models import CancellationRequest, Reservation
from marelle.foundation import tenancy
from tests.factories.invoices import make_regie
from tests.factories.town import (
    make_article,
    make_authority,
    make_child,
    make_closure,
    make_facility,
    make_family,
    make_holiday,
    make_product,
    make_reservation,
    make_service,
    make_user,
)
from tests.journeys.conftest import BOTH, DESK, PASSWORD, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

FRIDAY = date(2026, 11, 27)


class Town:
    """Dammartin, with two children and every kind of square."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin", announcement="La cantine est en ligne !")
        school = make_facility(self.authority)
        canteen = make_service(self.authority, "Cantine", phone="01 64 04 30 12")
        self.meal = make_product(self.authority, facility=school, service=canteen)
        self.study = make_product(
            self.authority,
            name="Étude",
            noun="étude",
            plural="études",
            facility=school,
            service=make_service(self.authority, "Étude surveillée", icon="book-open"),
            capacity=1,
            price_cents=260,
        )
        self.user = with_password(make_user("elena@exemple.fr"))
        self.family = make_family(self.authority, user=self.user)
        self.lucia = make_child(self.family, "Lucia", products=(self.meal, self.study))
        self.mateo = make_child(self.family, "Mateo", products=(self.meal,), birth_date=date(2020, 10, 22))
        make_reservation(self.lucia, self.meal, FRIDAY, family=self.family)
        neighbour = make_family(self.authority, "Voisin")
        zoe = make_child(neighbour, "Zoé", products=(self.study,))
        make_reservation(zoe, self.study, FRIDAY, family=neighbour)
        make_closure(self.authority, "Journée pédagogique", date(2026, 12, 7))
        make_holiday(self.authority, "Vacances de Noël", date(2026, 12, 14), date(2027, 1, 3))
        self.article = make_article(self.authority, "Le menu de Noël est arrivé")

    def recorded(self):
        with tenancy.scope({self.authority.pk}):
            return sorted(
                Reservation.objects.filter(family=self.family)
                .active()
                .values_list("child__first_name", "product__name", "date")
            )

    def asked(self):
        with tenancy.scope({self.authority.pk}):
            return list(CancellationRequest.objects.values_list("reservation__date", "state"))


@pytest.fixture
def town(with_password):
    return Town(with_password)


def tick(page, who, day):
    """The tick of a square: who and what as a reader hears it, and the day."""
    return page.locator(f"input[aria-label^='{who}, '][value$='.2026-11-{day}']")


def square(page, who, day):
    """The square itself, as a finger finds it."""
    return page.locator(f"label:has(input[aria-label^='{who}, '][value$='.2026-11-{day}'])")


@pytest.mark.parametrize("viewport", BOTH)
def test_the_first_reservation_from_signing_in_to_confirmation(town, person, viewport):
    parent = person(viewport=viewport)
    page = parent.page

    parent.opens("/dammartin/reservations/")
    parent.finds_nothing_with_axe()
    parent.signs_in(town.user)
    page.get_by_role("heading", name="Mes réservations").wait_for()
    parent.finds_nothing_with_axe()
    parent.clicks_on(square(page, "Mateo, repas", 24))
    page.locator("#panier").get_by_text("1 repas", exact=True).wait_for(state="attached")
    if viewport is PHONE:
        parent.clicks_on(page.locator("#panier summary"))
        parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("link", name="Vérifier et valider"))
    page.get_by_role("heading", name="Vérifiez avant de valider").wait_for()
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name="Valider mes changements"))
    page.get_by_role("heading", name="C’est noté, à demain !").wait_for()
    parent.finds_nothing_with_axe()

    print(f"first reservation, signing in included: {parent.clicks} clicks at {viewport['width']} px")
    assert parent.clicks == (5 if viewport is PHONE else 4)
    assert ("Mateo", "Repas", date(2026, 11, 24)) in town.recorded()


def test_with_the_keyboard_alone_one_books_and_cancels(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    parent.opens("/dammartin/reservations/")
    parent.tabs_to("document.activeElement.name === 'login'")
    page.keyboard.type(town.user.email)
    parent.tabs_to("document.activeElement.name === 'password'")
    page.keyboard.type(PASSWORD)
    parent.presses("Enter")
    page.get_by_role("heading", name="Mes réservations").wait_for()

    _tab_to_square(parent, "Mateo, repas", 24)
    parent.presses("Space")
    page.locator("#panier").get_by_text("1 repas", exact=True).wait_for()
    expect(page.locator("*:focus")).to_have_attribute("aria-label", re.compile("Au panier$"))
    for _ in range(6):
        if page.evaluate("document.activeElement.matches(`input[aria-label^='Lucia, repas, '][value$='.2026-11-27']`)"):
            break
        page.keyboard.press("ArrowUp")
        page.keyboard.press("End")
    parent.presses("Space")
    page.locator("#panier").get_by_text("1 repas à annuler", exact=True).wait_for()
    parent.presses("Escape")

    parent.tabs_to("document.activeElement.matches('a') && document.activeElement.textContent.includes('Vérifier')")
    parent.presses("Enter")
    page.get_by_role("heading", name="Vérifiez avant de valider").wait_for()
    parent.tabs_to("document.activeElement.matches('button') && document.activeElement.textContent.includes('Valider')")
    parent.presses("Enter")
    page.get_by_role("heading", name=re.compile("C’est noté")).wait_for()

    assert ("Mateo", "Repas", date(2026, 11, 24)) in town.recorded()
    assert town.asked() == [(FRIDAY, "pending")]


def _tab_to_square(somebody, who, day):
    somebody.tabs_to(f"document.activeElement.matches(`input[aria-label^='{who}, '][value$='.2026-11-{day}']`)")


def test_without_scripts_one_books_cancels_and_validates(town, person):
    parent = person(scripts=False)
    page = parent.page
    parent.opens("/dammartin/reservations/")
    parent.signs_in(town.user)

    tick(page, "Mateo, repas", 24).check(force=True)
    tick(page, "Lucia, repas", 27).uncheck(force=True)
    parent.clicks_on(page.get_by_role("button", name=re.compile("Mettre à jour mon panier.*48")))
    parent.clicks_on(page.locator("#panier summary"))
    parent.clicks_on(page.get_by_role("link", name="Vérifier et valider"))
    page.get_by_label(re.compile("Un mot pour la mairie")).fill("Rendez-vous chez le dentiste.")
    parent.clicks_on(page.get_by_role("button", name="Valider mes changements"))

    page.get_by_role("heading", name="C’est noté, à demain !").wait_for()
    assert ("Mateo", "Repas", date(2026, 11, 24)) in town.recorded()
    assert town.asked() == [(FRIDAY, "pending")]


def test_a_square_tells_its_moment_on_focus_and_hides_it_on_escape(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/dammartin/reservations/")
    page.get_by_role("heading", name="Mes réservations").wait_for()

    _tab_to_square(parent, "Lucia, repas", 24)

    bubble = page.locator(".c:focus-within > .b")
    bubble.wait_for(state="visible")
    expect(bubble).to_have_text("Réservable jusqu’au lundi 23 novembre, 9 h.", use_inner_text=True)
    parent.presses("Escape")
    bubble.wait_for(state="hidden")
    # A mouse that comes by and leaves does not bring back what was closed.
    page.locator(".c:focus-within").hover()
    page.mouse.move(1, 1)
    expect(bubble).to_be_hidden()


def test_a_lost_connection_puts_the_square_back_and_says_what_is_safe(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/dammartin/reservations/")
    page.get_by_role("heading", name="Mes réservations").wait_for()
    page.context.set_offline(True)

    parent.clicks_on(square(page, "Mateo, repas", 24))

    parent.sees("La connexion a été coupée.")
    expect(tick(page, "Mateo, repas", 24)).not_to_be_checked()


def test_what_a_reader_hears_of_the_whole_walk(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    parent.opens("/")
    parent.reads("accueil")
    parent.opens("/dammartin/")
    parent.reads("commune")
    parent.opens("/dammartin/reservations/")
    parent.reads("connexion")
    parent.signs_in(town.user)
    page.get_by_role("heading", name="Mes réservations").wait_for()
    parent.reads("reservations")
    parent.clicks_on(square(page, "Mateo, repas", 24))
    page.locator("#panier").get_by_text("1 repas", exact=True).wait_for()
    parent.opens("/dammartin/panier/")
    parent.reads("panier")
    parent.clicks_on(page.get_by_role("button", name="Valider mes changements"))
    page.get_by_role("heading", name="C’est noté, à demain !").wait_for()
    heard = page.get_by_role("main").aria_snapshot()
    assert "Vos" not in heard.split("Récapitulatif")[0] or "enregistr" in heard
    assert "Et maintenant ?" in heard


@pytest.mark.torture
def test_axe_finds_nothing_on_the_texts_that_stay_either(person):
    """They have the layout of `/aide/` and `/contact/`, or of what other walks look at."""
    parent = person()
    for path in (
        "/accessibilite/",
        "/donnees-personnelles/",
        "/mentions-legales/",
        "/compte/creer/",
        "/compte/mot-de-passe/oublie/envoye/",
        "/compte/inactif/",
    ):
        parent.opens(path)
        parent.finds_nothing_with_axe()


def test_axe_finds_nothing_on_any_other_page_of_a_family(town, person):
    for name in ("Régie scolaire", "Régie des loisirs"):  # the profile asks how the invoices of each are received
        make_regie(town.authority, name)
    parent = person()
    for path in (
        "/",
        "/dammartin/",
        "/aide/",
        "/contact/",
        "/compte/mot-de-passe/oublie/",
        "/rien-ici/",
    ):
        parent.opens(path)
        parent.finds_nothing_with_axe()
    parent.is_known(town.user)
    parent.opens("/dammartin/actualites/")
    parent.page.get_by_role("heading", level=1).wait_for()
    for path in (
        "actualites/",
        "demandes/",
        "profil/",
        "profil/responsables/",
        f"reglements/{town.meal.public_id}/",
        f"actualites/{town.article.public_id}/",
        "reservations/periode/",
        f"reservations/periode/?du=2026-11-24&au=2026-12-10&jours=0&jours=1&enfants={town.lucia.public_id}&prestations={town.meal.public_id}",
        "reservations/?semaine=2026-11-16",
    ):
        response = parent.opens(f"/dammartin/{path}")
        assert response.status == 200, path
        parent.finds_nothing_with_axe()
    parent.opens("/compte/mot-de-passe/")
    parent.finds_nothing_with_axe()


def test_a_square_ticked_before_the_script_has_come_goes_to_the_basket(town, person):
    parent = person()
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/dammartin/reservations/")
    held = []
    page.route("**/marelle.js", lambda route: held.append(route))  # noqa: PLW0108  a builtin is refused
    page.goto(f"{parent.site}/dammartin/reservations/", wait_until="commit")

    square(page, "Mateo, repas", 24).click()
    expect(tick(page, "Mateo, repas", 24)).to_be_checked()
    assert held, "the script has come too early for this walk to show anything"
    held.pop().continue_()

    page.locator("#panier").get_by_text("1 repas", exact=True).wait_for(state="attached")
