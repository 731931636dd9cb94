"""The sheet on two tablets of a canteen whose network is cut: sixty children, nothing lost, a disagreement shown."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from marelle.domain.families.operations.consents import NewText, publish_text
from marelle.domain.families.operations.photos import keep_photo
from marelle.domain.families.rules.photos import PHOTO_BODY, PHOTO_CODE, PHOTO_TITLE
from marelle.domain.reservations.models import Attendance, AttendanceMark
from marelle.foundation import clock, tenancy
from tests.domain.household import AGENT
from tests.factories.papers import clean_photo, image
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

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

MONDAY = date(2026, 11, 23)
TABLET = {"width": 810, "height": 1080}
CHILDREN = 60
SHEET = f"/dammartin/journee/{MONDAY}/presences/"
KEPT = "caches.open('presences-feuilles').then(cache => cache.keys()).then(keys => keys.length)"
PHOTOS = (
    "caches.open('{}').then(cache => cache.keys())"
    ".then(keys => keys.filter(one => one.url.includes('/photos/')).length)"
)
OF_THE_SHEETS, OF_NOBODY = PHOTOS.format("presences-feuilles"), PHOTOS.format("presences-moyens")
CONTROLLED = "navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"


@pytest.fixture
def canteen(with_password):
    """Sixty children at table in two classes, and one who is enrolled and had not reserved."""
    authority = make_authority(slug="dammartin")
    school = make_facility(authority)
    classes = (make_class(school, teacher="Mme Perrin"), make_class(school, "CP"))
    meal = make_product(authority, facility=school, service=make_service(authority, "Cantine"))
    family = make_family(authority)
    with tenancy.scope({authority.pk}):
        asked = NewText(PHOTO_CODE, PHOTO_TITLE, PHOTO_BODY, "child")
        publish_text(authority, asked, by=AGENT, at=clock.business_now())
    for number in range(CHILDREN):
        child = make_child(family, f"Enfant {number:02}", products=(meal,), school_class=classes[number % 2])
        make_reservation(child, meal, MONDAY, family=family)
        if number in {0, CHILDREN - 1}:  # at the top of the sheet, and where nobody goes down to
            with_photo(authority, child, family)
    make_child(family, "Zoé", products=(meal,), school_class=classes[0])
    users = [with_password(make_user(f"{name}@exemple.fr")) for name in ("nadia", "bastien")]
    for user, name in zip(users, ("Nadia Ferrand", "Bastien Roy"), strict=True):
        make_agent(authority, name, user=user)
    return authority, users


def with_photo(authority, child, family):
    with tenancy.scope({authority.pk}):
        keep_photo(child, family, clean_photo(image(size=(40, 40))), by=AGENT, at=clock.business_now())


def child(page, number):
    return page.get_by_role("row", name=f"Enfant {number:02}")


def ticks(page, number, state):
    child(page, number).locator(".tick label", has_text=state).click()


def words(page):
    return page.locator(".sync-words")


def test_sixty_children_are_ticked_without_the_network_on_two_tablets_and_nothing_is_lost(canteen, person):  # noqa: PLR0915  a walk
    authority, users = canteen
    nadia, bastien = people = [person("mairie", viewport=TABLET) for _user in users]
    for somebody, user in zip(people, users, strict=True):
        somebody.is_known(user)
        somebody.opens(SHEET)
        somebody.page.wait_for_url(lambda address: "/compte/" not in address)
        somebody.page.wait_for_function(f"() => {KEPT}")
        somebody.page.wait_for_function(f"() => {CONTROLLED}")
        somebody.page.wait_for_function(f"() => {OF_THE_SHEETS}.then(count => count === 2)")
        assert somebody.page.evaluate(OF_NOBODY) == 0
    nadia.finds_nothing_with_axe()

    nadia.page.context.set_offline(True)
    for number in range(40):
        ticks(nadia.page, number, "Présence")
    expect(words(nadia.page)).to_have_text("Hors ligne : 40 pointages gardés sur cette tablette.")
    expect(nadia.page.locator(".tally")).to_have_text("40 présents, 0 absent, 20 à pointer")
    # The page is opened again without the network: what was ticked is still on it.
    nadia.opens(SHEET)
    expect(words(nadia.page)).to_have_text("Hors ligne : 40 pointages gardés sur cette tablette.")
    expect(nadia.page.locator(".tally")).to_have_text("40 présents, 0 absent, 20 à pointer")
    last = child(nadia.page, CHILDREN - 1).locator("img")
    last.scroll_into_view_if_needed()
    nadia.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=last.element_handle())
    nadia.page.get_by_label("Nom de l’enfant").fill("zoe")
    nadia.page.get_by_role("button", name="Présence, Repas : Zoé").click()
    with tenancy.scope({authority.pk}):
        assert not AttendanceMark.objects.exists()

    ticks(bastien.page, 7, "Absence")  # with the network; he does not know what Nadia ticked
    expect(words(bastien.page)).to_contain_text("Tout est envoyé à")
    bastien.page.context.set_offline(True)
    for number in range(40, CHILDREN):
        ticks(bastien.page, number, "Absence")
    expect(words(bastien.page)).to_contain_text("20 pointages gardés sur cette tablette")

    for somebody in (nadia, bastien):
        somebody.page.context.set_offline(False)
        expect(words(somebody.page)).to_contain_text("Tout est envoyé à")
    nadia.page.evaluate("dispatchEvent(new Event('online'))")
    for somebody in people:
        expect(somebody.page.locator(".tally")).to_have_text("40 présents, 21 absents, 0 à pointer")
        expect(child(somebody.page, 7).locator(".conflict")).to_contain_text("Autre tablette : présence")
        expect(child(somebody.page, 7).locator(".tick input:checked")).to_have_value("absent")
    with tenancy.scope({authority.pk}):
        assert AttendanceMark.objects.count() == CHILDREN + 2  # one of them was ticked twice, and one had not reserved
        seen = dict(Attendance.objects.values_list("child__first_name", "state"))
    here = {f"Enfant {number:02}": "present" for number in range(40)} | {"Zoé": "present", "Enfant 07": "absent"}
    assert seen == {f"Enfant {number:02}": "absent" for number in range(40, CHILDREN)} | here

    ticks(bastien.page, 7, "Présence")  # the child has come in meanwhile: he says so, having seen both
    expect(child(bastien.page, 7).locator(".conflict")).to_be_hidden()
    nadia.page.evaluate("dispatchEvent(new Event('online'))")
    expect(child(nadia.page, 7).locator(".conflict")).to_be_hidden()
    expect(nadia.page.locator(".tally")).to_have_text("41 présents, 20 absents, 0 à pointer")

    nadia.opens("/mon-poste/")
    nadia.page.get_by_role("button", name="Se déconnecter").last.click()
    nadia.settles()
    nadia.opens("/aide/")
    assert nadia.page.evaluate(KEPT) == 0

    # His session ends elsewhere: the next exchange finds it out. What he ticked stays, what may be read does not.
    assert bastien.page.evaluate(OF_THE_SHEETS) == 2
    bastien.page.context.clear_cookies()
    ticks(bastien.page, 8, "Absence")
    expect(words(bastien.page)).to_have_text("Votre session est terminée : 1 pointage gardé sur cette tablette.")
    assert bastien.page.evaluate(KEPT) == 0
