"""The photos of children, as agents see and keep them: with the agreement, within reach, erased in one click."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import ChildPhoto, Consent, ConsentText
from marelle.domain.families.operations.consents import NewText, answer_consent, publish_text
from marelle.domain.families.rules.photos import PHOTO_BODY, PHOTO_CODE, PHOTO_TITLE
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories import town
from tests.factories.papers import image, pdf
from tests.web.office.conftest import HOST, TODAY, signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def office(office, in_scope):
    """A child enrolled at the canteen and expected today, in a town that lets families give photos."""
    in_scope(office.authority)
    office.child = town.make_child(office.family, "Lucia", products=(office.meal,))
    town.make_reservation(office.child, office.meal, TODAY, family=office.family)
    office.text = publish_text(
        office.authority, NewText(PHOTO_CODE, PHOTO_TITLE, PHOTO_BODY, "child"), by=AGENT, at=NOW
    )
    office.page = office.at(f"familles/{office.family.public_id}/")
    office.photo = f"{office.page}enfants/{office.child.public_id}/photo/"
    return office


def give(office, content=None, **more):
    upload = SimpleUploadedFile("lucia.jpg", image(size=(80, 60)) if content is None else content)
    return office.client.post(office.photo, {"photo": upload, "agreed": "on", **more})


def shown(client, page):
    """Where the photos of a page are."""
    return re.findall(r'<img src="([^"]+/photos/[^"]+)"', client.get(page).content.decode())


def agent_at(office, *roles, facility=None):
    """An agent who has these rights at one facility only."""
    agent = town.make_agent(office.authority, "Karim", Grant.Role.PUBLISH)
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        for role in roles:
            Grant.objects.create(authority=office.authority, agent=agent, role=role, facility=facility)
    return signed_in(agent)


def test_an_agent_keeps_a_photo_with_the_agreement_and_it_is_on_the_day_the_sheet_and_the_family(office):
    assert give(office).status_code == 303

    assert Consent.objects.get().is_given
    address = office.at(f"familles/photos/{ChildPhoto.objects.get().public_id}/")
    for page in (office.page, office.at("journee/"), office.at(f"journee/{TODAY}/presences/")):
        assert shown(office.client, page) == [address]
    answer = office.client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_without_the_agreement_nothing_is_kept_nor_looked_at(office):
    answer = give(office, agreed="")

    assert answer.status_code == 422
    assert "Sans accord, aucune photo" in body(answer)
    assert not ChildPhoto.objects.exists()


def test_what_is_not_a_photo_is_refused_beside_its_field(office):
    answer = give(office, pdf())

    assert answer.status_code == 422
    assert "n’est pas une photo" in body(answer)


def test_it_is_erased_in_one_click_and_its_address_dies(office):
    give(office)
    (address,) = shown(office.client, office.page)

    assert office.client.post(f"{office.photo}effacer/").status_code == 303

    assert shown(office.client, office.page) == []
    assert office.client.get(address).status_code == 404


def test_a_family_that_says_no_has_it_erased(office):
    give(office)
    answer_consent(office.text, office.family, {office.child.pk: False}, by=AGENT, at=NOW)

    assert shown(office.client, office.page) == []
    assert not ChildPhoto.objects.exists()


def test_only_an_agent_whose_rights_reach_an_activity_of_the_child_sees_its_face(office):
    give(office)
    (address,) = shown(office.client, office.page)
    elsewhere = town.make_facility(office.authority, "École du Bourg")

    assert agent_at(office, Grant.Role.VIEW_DAY, facility=office.school).get(address).status_code == 200
    assert agent_at(office, Grant.Role.VIEW_DAY, facility=elsewhere).get(address).status_code == 404
    assert agent_at(office).get(address).status_code == 403
    assert Client(HTTP_HOST=HOST).get(address).status_code == 302


def test_a_town_lets_families_give_photos_in_one_click_and_another_text_is_never_that_one(office):
    with permitted("factory"):
        ConsentText.objects.all().delete()
    assert "Ajouter une photo" not in body(office.client.get(office.page))
    assert give(office).status_code == 409
    texts = office.at("dossiers/autorisations/")
    assert "Permettre les photos" in body(office.client.get(texts))

    asked = {"title": "Photo identification", "body": "Autre chose.", "about": "family"}
    office.client.post(texts, {"code": "", **asked})
    assert ConsentText.objects.get().code == "autre-photo-identification"
    assert office.client.post(texts, {"code": PHOTO_CODE, **asked}).status_code == 422
    office.client.post(texts, {"code": PHOTO_CODE, "title": PHOTO_TITLE, "body": PHOTO_BODY, "about": "child"})

    assert "Ajouter une photo" in body(office.client.get(office.page))
    assert "Permettre les photos" not in body(office.client.get(texts))


def test_it_is_on_the_lists_and_outside_for_who_may_see_it_and_in_no_file(office):
    give(office)
    (address,) = shown(office.client, office.page)
    lists, outside = office.at("listes/"), office.at("listes/evacuation/?quand=journee")

    assert shown(office.client, lists) == [address]
    assert shown(office.client, f"{lists}?duree=semaine") == [address]
    assert shown(office.client, outside) == [address]
    here = agent_at(office, Grant.Role.VIEW_DAY, facility=office.school)
    assert shown(here, lists) == [address]
    printed = PdfReader(BytesIO(office.client.get(office.at("listes/fichier/pdf/")).content))
    assert "Lucia" in printed.pages[0].extract_text()
    assert not printed.pages[0].images
    answer_consent(office.text, office.family, {office.child.pk: False}, by=AGENT, at=NOW)
    assert shown(office.client, lists) == shown(office.client, outside) == []


def test_nobody_asks_for_the_face_of_a_child_whom_nobody_looks_after(office):
    town.make_child(office.family, "Zoé")

    page = body(office.client.get(office.page))
    assert "Ajouter une photo de Lucia" in page
    assert "Ajouter une photo de Zoé" not in page

    office.photo = office.photo.replace(
        office.child.public_id, office.family.custodies.get(child__first_name="Zoé").child.public_id
    )
    answer = give(office)
    assert answer.status_code == 303
    assert not ChildPhoto.objects.exists()
    assert "Rien n’a été gardé" in body(office.client.get(answer["Location"]))
