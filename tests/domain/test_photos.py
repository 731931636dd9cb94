"""The photo of a child: kept with an agreement, seen while it holds, erased with it, a year at most."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from marelle.domain.families.models import ChildPhoto, Consent, Custody
from marelle.domain.families.operations.consents import NewText, answer_consent, publish_text, withdraw_text
from marelle.domain.families.operations.photos import keep_photo, purge_photos, remove_photo
from marelle.domain.families.queries.photos import photo_names
from marelle.domain.families.receiving import UnableToTakePhotoError, receive_photo
from marelle.domain.families.rules.photos import PHOTO_BODY, PHOTO_CODE, PHOTO_SIDE, PHOTO_TITLE, PhotoFault
from marelle.foundation import files
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW, Household, journal
from tests.factories.papers import clean_photo, heic, image, pdf, turned
from tests.factories.town import make_authority, make_child

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux")
    in_scope(authority)
    return authority


@pytest.fixture
def text(town):
    return publish_text(town, NewText(PHOTO_CODE, PHOTO_TITLE, PHOTO_BODY, "child"), by=AGENT, at=NOW)


@pytest.fixture
def home(town):
    return Household(town, "Benali")


@pytest.fixture
def child(home):
    return make_child(home.family, "Inès")


def other_home(child):
    """The child lives with its other parent too."""
    other = Household(child.authority, "Roy")
    with permitted("factory"):
        Custody.objects.create(
            authority_id=child.authority_id, child=child, family=other.family, starts_on=NOW.date() - timedelta(30)
        )
    return other


def give(child, home, content=b"\xff\xd8\xff un visage", at=NOW):
    return keep_photo(child, home.family, clean_photo(content), by=home.by, at=at)


def answer(text, home, child, said, at=NOW):
    return answer_consent(text, home.family, {child.pk: said}, by=home.by, at=at)


def test_the_photo_and_the_agreement_come_in_one_gesture(text, home, child):
    photo = give(child, home)

    assert photo_names([child.pk]) == {child.pk: photo.public_id}
    assert photo.content == b"\xff\xd8\xff un visage"
    assert Consent.objects.get().is_given
    assert sorted(verb for verb, _details in journal()) == ["answer_consent", "keep_photo", "publish_text"]


def test_a_new_photo_takes_the_place_of_the_one_before_under_another_name(text, home, child):
    first, second = give(child, home), give(child, home, b"\xff\xd8\xff plus grande")

    assert first.public_id != second.public_id
    assert ChildPhoto.objects.get().content == b"\xff\xd8\xff plus grande"
    assert home.posted().count("files.forget") == 1


def test_a_town_that_asks_for_no_photo_keeps_none(home, child):
    with pytest.raises(UnableToTakePhotoError, match="ne garde pas de photo"):
        give(child, home)

    assert not Consent.objects.exists()


def test_one_home_that_refuses_erases_the_photo_that_the_other_gave_and_no_other_is_kept(text, home, child):
    other = other_home(child)
    give(child, home)

    answer(text, other, child, said=False)

    assert not ChildPhoto.objects.exists()
    with pytest.raises(UnableToTakePhotoError) as no:
        give(child, home)
    assert no.value.words == PhotoFault.REFUSED
    assert not ChildPhoto.objects.exists()


def test_a_photo_is_removed_and_the_agreement_stays(text, home, child):
    give(child, home)

    assert remove_photo(child, by=AGENT, at=NOW)
    assert not remove_photo(child, by=AGENT, at=NOW)
    assert photo_names([child.pk]) == {}
    assert Consent.objects.get().is_given
    assert home.posted().count("files.forget") == 1


def test_a_child_who_left_the_home_gets_no_photo_from_it(text, home, child):
    with permitted("factory"):
        Custody.objects.update(ends_on=NOW.date() - timedelta(1))

    with pytest.raises(UnableToTakePhotoError) as no:
        give(child, home)
    assert no.value.words == PhotoFault.ELSEWHERE


def test_a_text_that_is_no_longer_asked_hides_the_photos_at_once_and_erases_them_in_the_night(town, text, home, child):
    give(child, home)

    withdraw_text(text, by=AGENT, at=NOW)

    assert photo_names([child.pk]) == {}
    assert purge_photos(town, by=SYSTEM, at=NOW) == 1
    assert not ChildPhoto.objects.exists()


def test_the_night_erases_photos_of_a_year_and_of_those_who_left_and_nothing_else(town, text, home, child):
    old, left = make_child(home.family, "Adam"), make_child(home.family, "Lila")
    for one, days in ((child, 365), (old, 367), (left, 1)):
        give(one, home, at=NOW - timedelta(days))
    with permitted("factory"):
        Custody.objects.filter(child=left).update(ends_on=NOW.date() - timedelta(1))

    assert purge_photos(town, by=SYSTEM, at=NOW) == 2
    assert [photo.child_id for photo in ChildPhoto.objects.all()] == [child.pk]


def test_photos_of_many_are_named_in_two_statements(text, home, child):
    children = [child, *(make_child(home.family, name) for name in ("Adam", "Lila", "Noé"))]
    for one in children[:3]:
        give(one, home)

    for some in (children[:1], children):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            names = photo_names([one.pk for one in some])
        assert len(asked) == 2
        assert len(names) == min(len(some), 3)


@pytest.mark.parametrize(
    ("made", "size"),
    [
        (lambda: turned(size=(900, 600)), "standing"),
        (lambda: heic((640, 480)), "wide"),
        (lambda: image("PNG", (50, 30), "RGBA"), "small"),
    ],
    ids=["a phone that says where it was", "an iPhone", "a small transparent picture"],
)
def test_a_photo_is_drawn_anew_as_a_square_that_says_nothing_else(made, size):
    clean = receive_photo(made())

    drawn = Image.open(io.BytesIO(clean.content))
    assert (drawn.format, drawn.size) == ("JPEG", (PHOTO_SIDE, PHOTO_SIDE))
    assert not drawn.getexif()
    assert clean.content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "vide"), (pdf(), "n’est pas une photo"), (image()[:200], "abîmé")],
    ids=["nothing", "a PDF", "half a photo"],
)
def test_what_is_not_a_photo_is_refused_in_words(content, words):
    with pytest.raises(UnableToTakePhotoError, match=words):
        receive_photo(content)


def test_the_files_are_encrypted_where_they_are_kept(text, home, child, settings):
    photo = give(child, home)

    kept = files.place().read(photo.stored_as)
    assert b"visage" not in kept
