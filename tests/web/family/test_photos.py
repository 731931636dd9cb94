"""The photo of a child, as its family gives it and takes it back."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.domain.families.models import ChildPhoto
from marelle.domain.families.operations.consents import NewText, publish_text
from marelle.domain.families.operations.photos import keep_photo
from marelle.domain.families.rules.photos import PHOTO_BODY, PHOTO_CODE, PHOTO_TITLE
from tests.domain.household import AGENT, NOW
from tests.factories.papers import clean_photo, turned
from tests.factories.town import make_child, make_family
from tests.web.family.test_profile import child, family, town, visit  # noqa: F401  the same home

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def text(town):  # noqa: F811
    return publish_text(town, NewText(PHOTO_CODE, PHOTO_TITLE, PHOTO_BODY, "child"), by=AGENT, at=NOW)


def test_a_family_gives_a_photo_sees_it_and_takes_it_back(visit, family_site, text, child):  # noqa: F811
    assert "vue que par eux, jamais publiée" in visit("enfants/").content.decode()

    photo = SimpleUploadedFile("ines.jpg", turned(size=(90, 60)))
    assert visit(f"enfants/{child.public_id}/photo/", photo=photo, agreed="on").status_code == 303
    page = visit("enfants/").content.decode()
    (address,) = re.findall(r'<img src="([^"]+/photos/[^"]+)"', page)
    answer = family_site.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in answer["Cache-Control"]

    assert visit(f"enfants/{child.public_id}/photo/effacer/", sent="1").status_code == 303
    assert not ChildPhoto.objects.exists()
    assert family_site.get(address).status_code == 404


def test_a_refusal_in_the_consents_erases_it(visit, family_site, text, family, child):  # noqa: F811
    keep_photo(child, family, clean_photo(), by=AGENT, at=NOW)

    visit(f"autorisations/{text.public_id}/", **{child.public_id: "no"})

    assert not ChildPhoto.objects.exists()


def test_without_the_box_nothing_is_kept(visit, text, child):  # noqa: F811
    photo = SimpleUploadedFile("ines.jpg", b"whatever")
    answer = visit(f"enfants/{child.public_id}/photo/", photo=photo)

    assert answer.status_code == 422
    assert "Sans accord, aucune photo" in answer.content.decode()


def test_a_town_that_keeps_no_photo_asks_for_none_and_refuses_one(visit, child):  # noqa: F811
    assert "Ajouter une photo" not in visit("enfants/").content.decode()
    photo = SimpleUploadedFile("ines.jpg", turned(size=(90, 60)))
    assert visit(f"enfants/{child.public_id}/photo/", photo=photo, agreed="on").status_code == 409


def test_the_photo_of_a_child_of_others_is_nobody_elses(visit, family_site, town, text, child):  # noqa: F811
    others = make_family(town, "Roy")
    theirs = make_child(others, "Zoé")
    photo = keep_photo(theirs, others, clean_photo(), by=AGENT, at=NOW)

    assert visit(f"photos/{photo.public_id}/").status_code == 404
    assert visit(f"enfants/{theirs.public_id}/photo/effacer/", sent="1").status_code == 404
