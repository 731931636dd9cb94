"""An agent at work: the day, the sheet, the requests, a family; with a mouse, the keyboard alone, without scripts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from marelle.domain.reservations.models import Attendance, CancellationRequest, Reservation
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_class,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)
from tests.journeys.conftest import BOTH, DESK, PHONE, WITH_AND_WITHOUT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

MONDAY = date(2026, 11, 23)
THURSDAY = date(2026, 11, 26)


class Town:
    """Dammartin on a Monday: two children at table, one with an allergy, and two requests that wait."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin")
        school = make_facility(self.authority)
        ce2, cp = make_class(school, teacher="Mme Perrin"), make_class(school, "CP")
        canteen = make_service(self.authority, "Cantine")
        leisure = make_service(self.authority, "Centre de loisirs", payment_mode="prepaid", hold_hours=72)
        self.meal = make_product(self.authority, facility=school, service=canteen)
        self.outing = make_product(
            self.authority,
            name="Sortie",
            noun="sortie",
            plural="sorties",
            facility=school,
            service=leisure,
            price_cents=1420,
        )
        self.user = with_password(make_user("nadia@exemple.fr"))
        make_agent(self.authority, "Nadia Ferrand", user=self.user)
        self.family = make_family(self.authority)
        products = (self.meal, self.outing)
        self.lucia = make_child(
            self.family, "Lucia", products=products, school_class=ce2, allergies="arachide", diet="Sans porc"
        )
        self.mateo = make_child(self.family, "Mateo", products=products, school_class=cp, birth_date=date(2020, 10, 22))
        for child in (self.lucia, self.mateo):
            make_reservation(child, self.meal, MONDAY, family=self.family)
        held = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
        make_reservation(self.lucia, self.outing, THURSDAY, family=self.family, state="held", held_until=held)
        for child, words, hour in ((self.lucia, "Rendez-vous chez l’orthodontiste.", 8), (self.mateo, "", 9)):
            booked = make_reservation(child, self.meal, THURSDAY, family=self.family, price_cents=385)
            with permitted("factory"), tenancy.scope({self.authority.pk}):
                CancellationRequest.objects.create(
                    authority_id=self.authority.pk,
                    reservation=booked,
                    asked_at=datetime(2026, 11, 22, hour, tzinfo=UTC),
                    deadline_at=datetime(2026, 11, 24, 8, tzinfo=UTC),
                    words=words,
                )

    def answers(self):
        with tenancy.scope({self.authority.pk}):
            return {
                one.reservation.child.first_name: (one.state, one.is_refunded, one.reason)
                for one in CancellationRequest.objects.select_related("reservation__child")
            }

    def states(self, day):
        with tenancy.scope({self.authority.pk}):
            return sorted(
                Reservation.objects.filter(date=day).values_list("child__first_name", "product__name", "state")
            )

    def attendance(self):
        with tenancy.scope({self.authority.pk}):
            return dict(Attendance.objects.filter(date=MONDAY).values_list("child__first_name", "state"))


@pytest.fixture
def town(with_password):
    return Town(with_password)


@pytest.fixture
def agent(town, person):
    """Sit an agent down at a page of the office: `agent("annulations/", viewport=PHONE, scripts=False)`."""

    def sat(path="journee/", *, viewport=DESK, scripts=True):
        somebody = person("mairie", viewport=viewport, scripts=scripts)
        somebody.is_known(town.user)
        somebody.opens(f"/dammartin/{path}")
        somebody.page.wait_for_url(lambda address: "/compte/" not in address)
        return somebody

    return sat


@pytest.mark.parametrize("viewport", BOTH)
def test_axe_finds_nothing_on_any_page_of_the_office(town, person, agent, viewport):
    stranger = person("mairie", viewport=viewport)
    stranger.opens("/dammartin/journee/")
    stranger.finds_nothing_with_axe()

    nadia = agent(viewport=viewport)
    for path in (
        "/dammartin/journee/2026-11-23/",
        "/dammartin/journee/2026-11-23/?service=cantine",
        "/dammartin/journee/2026-11-26/",
        "/dammartin/journee/2026-11-25/",
        "/dammartin/journee/2026-11-23/presences/",
        "/dammartin/journee/2026-11-26/presences/",
        "/dammartin/annulations/",
        "/dammartin/familles/",
        "/dammartin/familles/?nom=sanchez",
        "/dammartin/familles/?nom=personne",
        f"/dammartin/familles/{town.family.public_id}/",
        "/mon-poste/",
        "/rien-ici/",
    ):
        nadia.opens(path)
        nadia.finds_nothing_with_axe()


def test_what_a_reader_hears_of_the_day_and_of_the_requests(agent):
    nadia = agent("journee/2026-11-23/")
    nadia.reads("journee")
    nadia.opens("/dammartin/annulations/")
    nadia.reads("annulations")


def test_with_the_keyboard_alone_one_accepts_a_request(town, agent):
    nadia = agent("annulations/")

    press(nadia, "Accepter l’annulation de Lucia")

    nadia.page.get_by_text(re.compile("Annulation acceptée")).first.wait_for()
    assert town.answers()["Lucia"][:2] == ("accepted", True)
    assert town.answers()["Mateo"][0] == "pending"


def test_with_the_keyboard_alone_what_waits_is_found_ticked_and_answered_together(town, agent):
    nadia = agent("a-traiter/")
    nadia.finds_nothing_with_axe()

    nadia.tabs_to("document.activeElement.matches('a') && document.activeElement.textContent.includes('demandées')")
    nadia.presses("Enter")
    for name in ("Lucia", "Mateo"):
        nadia.tabs_to(f"(document.activeElement.getAttribute('aria-label') || '').startsWith('Choisir {name}')")
        nadia.presses("Space")
    nadia.finds_nothing_with_axe()
    nadia.tabs_to("document.activeElement.matches('#ensemble [value=accepter]')")
    nadia.presses("Enter")
    nadia.sees("2 dans les délais, 7,70 € à déduire.")
    assert {state for state, _refunded, _reason in town.answers().values()} == {"pending"}
    nadia.finds_nothing_with_axe()
    press(nadia, "Accepter 2 annulations")

    nadia.sees("2 annulations acceptées.")
    assert {answer[:2] for answer in town.answers().values()} == {("accepted", True)}


def test_with_the_keyboard_alone_one_refuses_with_a_reason(town, agent):
    nadia = agent("annulations/")

    press(nadia, "Refuser… l’annulation de Mateo")
    nadia.tabs_to("document.activeElement.name === 'reason'")
    nadia.page.keyboard.type("Le repas est déjà commandé.")
    press(nadia, "Refuser, avec cette réponse")

    nadia.page.get_by_text(re.compile("Annulation refusée")).first.wait_for()
    assert town.answers()["Mateo"] == ("refused", False, "Le repas est déjà commandé.")


def test_without_scripts_a_refusal_needs_a_reason_and_keeps_its_place(town, agent):
    nadia = agent("annulations/", viewport=PHONE, scripts=False)
    page = nadia.page
    request = page.locator("article", has_text="Mateo")

    nadia.clicks_on(request.locator("summary"))
    nadia.clicks_on(request.get_by_role("button", name="Refuser, avec cette réponse"))
    nadia.sees("Écrivez pourquoi : la famille lira cette réponse.")
    assert town.answers()["Mateo"][0] == "pending"

    # The form that was refused comes back open, so that there is nothing to look for.
    request.locator("textarea").fill("Le repas est déjà commandé.")
    nadia.clicks_on(request.get_by_role("button", name="Refuser, avec cette réponse"))
    nadia.sees("Annulation refusée")
    assert town.answers()["Mateo"] == ("refused", False, "Le repas est déjà commandé.")


@pytest.mark.parametrize("scripts", WITH_AND_WITHOUT)
def test_the_sheet_records_who_was_there(town, agent, scripts):
    nadia = agent("journee/2026-11-23/presences/", viewport=PHONE, scripts=scripts)
    page = nadia.page

    mateo = page.get_by_role("row", name=re.compile("Mateo"))
    nadia.clicks_on(mateo.locator("label", has_text="Absence"))
    nadia.clicks_on(page.get_by_role("button", name=re.compile("tous les autres sont là", re.IGNORECASE)))

    # With scripts each tick leaves by itself; the sheet is recorded otherwise.
    page.get_by_text(re.compile("Tout est envoyé" if scripts else "enregistrée")).first.wait_for()
    assert town.attendance() == {"Lucia": "present", "Mateo": "absent"}


def test_a_held_place_is_confirmed(town, agent):
    nadia = agent("journee/2026-11-26/")

    nadia.clicks_on(nadia.page.get_by_role("button", name=re.compile("^Confirmer la place de Lucia")))

    nadia.page.get_by_role("status").first.wait_for()
    assert ("Lucia", "Sortie", "reserved") in town.states(THURSDAY)


def test_without_scripts_a_held_place_is_given_back_with_a_reason(town, agent):
    nadia = agent("journee/2026-11-26/", viewport=PHONE, scripts=False)
    page = nadia.page

    nadia.clicks_on(page.locator("summary", has_text="Libérer"))
    page.get_by_label("Pourquoi ?").fill("Non réglée à temps.")
    nadia.clicks_on(page.get_by_role("button", name="Libérer la place"))

    page.get_by_role("status").first.wait_for()
    assert ("Lucia", "Sortie", "cancelled") in town.states(THURSDAY)


def test_a_family_is_found_and_booked_for_past_the_deadline(town, agent):
    nadia = agent("familles/", viewport=PHONE)
    page = nadia.page
    page.get_by_label("Nom, prénom, téléphone, e-mail ou numéro").fill("sanchez cordoves")
    nadia.clicks_on(page.get_by_role("button", name="Chercher"))
    nadia.clicks_on(page.get_by_role("link", name=re.compile("Sanchez-Cordoves")).first)
    nadia.clicks_on(page.get_by_role("link", name="Réserver pour la famille"))
    form = page.locator("#reserver")

    form.get_by_label("Enfant").select_option(label="Lucia Sanchez-Cordoves")
    form.get_by_label("Prestation").select_option(index=1)
    form.get_by_label("Jour").fill("2026-11-24")
    nadia.clicks_on(form.get_by_role("button", name="Réserver"))
    nadia.finds_nothing_with_axe()
    form.get_by_label("Motif").fill("Vu avec la mère au téléphone.")
    nadia.clicks_on(form.get_by_role("button", name="Réserver"))

    page.get_by_role("status").first.wait_for()
    assert ("Lucia", "Repas", "reserved") in town.states(date(2026, 11, 24))


def press(somebody, words):
    """Go to the control of those words by the keyboard, and press it."""
    somebody.tabs_to(
        "(() => { const at = document.activeElement; return at.matches('button, summary')"
        f" && at.textContent.replace(/\\s+/g, ' ').trim().startsWith(`{words}`); }})()"
    )
    somebody.presses("Enter")
