"""A place that is offered is told by text too: once to each telephone, never at night, and its number is nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from marelle.domain.families.models import Family, Guardian
from marelle.domain.news.rules.texts import length_of
from marelle.domain.reservations.models import PlaceOffer
from marelle.foundation import clock
from marelle.foundation.writes import permitted
from marelle.jobs.texts import text_offers
from marelle.letters.models import FamilyText
from standins.sms.server import Mood
from tests.domain.household import NOW, THURSDAY
from tests.domain.test_place_offers import Town
from tests.domain.waiting_town import fill, make_queue
from tests.texts import ovh, texts_to  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "06 12 34 56 78", "+33700000001"


@pytest.fixture
def texts(ovh, settings):  # noqa: F811  a fixture
    settings.TEXTS = texts_to(ovh, seconds=0.5)
    return ovh


@pytest.fixture
def town(in_scope):
    """A place of Thursday is offered to the first of three who wait: a guardian has a telephone, the family another."""
    made = Town(waiting=3)
    in_scope(made.authority)
    made.taken = fill(made.meal, THURSDAY, made.served)
    make_queue(made.authority, made.meal, THURSDAY, made.homes)
    first = made.homes[0][1]
    with permitted("factory"):
        Family.objects.filter(pk=first.pk).update(phone=OTHER)
        Guardian.objects.create(
            authority=made.authority, family=first, first_name="Ana", last_name="Silva", phone=NUMBER
        )
    return made


def offered(town, *, at=NOW):
    town.free(town.taken[:1], at=at)
    town.propose(at=at)
    return PlaceOffer.objects.get()


def run(at=NOW):
    with clock.visiting(at):
        text_offers(0)


def pass_minutes(minutes):
    with permitted("time passes"):
        FamilyText.objects.update(claimed_at=clock.machine_now() - timedelta(minutes=minutes))


def test_the_guardian_is_told_once_in_few_words_with_the_end_and_the_address(town, texts, caplog):
    offered(town)

    run()
    run(NOW + timedelta(minutes=5))

    (text,) = texts.texts
    assert text.receiver == "+33612345678"
    assert "Enfant 0, " in text.message
    assert "Répondez avant le lundi 23 novembre, 11 h : http" in text.message
    assert f"/{town.authority.slug}/" in text.message
    assert length_of(text.message).parts <= 2
    row = FamilyText.objects.get()
    assert (row.state, row.guardian_id is None) == ("sent", False)
    assert "612345678" not in caplog.text


def test_nobody_is_woken_and_what_still_runs_in_the_morning_is_told_then(town, texts):
    evening = datetime(2026, 11, 23, 19, 1, tzinfo=UTC)  # one past eight in the evening, in Paris
    made = offered(town, at=evening)
    run(evening)
    run(datetime(2026, 11, 24, 6, 59, tzinfo=UTC))
    assert texts.texts == []

    with permitted("a longer hold"):
        PlaceOffer.objects.filter(pk=made.pk).update(expires_at=datetime(2026, 11, 24, 8, tzinfo=UTC))
    run(datetime(2026, 11, 24, 7, 0, tzinfo=UTC))

    assert len(texts.texts) == 1


def test_one_that_may_have_left_is_looked_for_and_never_sent_twice(town, texts):
    offered(town)
    texts.mood = Mood.TAKES_AND_HANGS_UP
    run()
    texts.mood = Mood.GOOD
    run()  # too early: another worker may be asking
    assert FamilyText.objects.get().state == "claimed"
    pass_minutes(6)
    run()

    assert len(texts.texts) == 1
    assert FamilyText.objects.get().state == "sent"


def test_one_whose_worker_was_killed_before_it_asked_is_given_up_not_guessed(town, texts):
    offered(town)
    texts.mood = Mood.TAKES_AND_HANGS_UP
    run()
    texts.mood = Mood.GOOD
    texts.texts.clear()  # as if it had never arrived there
    pass_minutes(6)
    run()
    run()

    assert texts.texts == []
    assert (FamilyText.objects.get().state, FamilyText.objects.get().failure) == ("failed", "unsure")


def test_a_busy_provider_is_asked_again_but_not_for_a_place_that_was_declined_meanwhile(town, texts):
    made = offered(town)
    texts.mood = Mood.BUSY
    run()
    assert FamilyText.objects.get().state == "waiting"
    texts.mood = Mood.GOOD
    town.decline(made)
    run()

    assert texts.texts == []


def test_a_busy_provider_that_answers_again_tells_it(town, texts):
    offered(town)
    texts.mood = Mood.BUSY
    run()
    texts.mood = Mood.GOOD
    run()

    assert len(texts.texts) == 1


def test_a_home_without_a_mobile_is_noted_and_without_texts_nothing_is(town, texts, settings):
    with permitted("factory"):
        Guardian.objects.update(phone="01 64 04 30 10")
        Family.objects.update(phone="")
    offered(town)
    sender, settings.TEXTS = settings.TEXTS, None
    run()
    assert not FamilyText.objects.exists()
    settings.TEXTS = sender
    run()

    assert texts.texts == []
    assert (FamilyText.objects.get().state, FamilyText.objects.get().failure) == ("failed", "no_number")
