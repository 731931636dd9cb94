"""What both homes of a child share, and what one is told of the other: nothing but « Réservé par l’autre foyer »."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marelle.domain.families.models import Child, Custody, PickupPerson, ProposedChange
from marelle.domain.families.operations.consents import NewText, publish_text
from marelle.domain.families.operations.health import record_health
from marelle.domain.families.operations.pickups import allow_pickup
from marelle.domain.families.operations.profile import (
    UnableToDecideError,
    WhyNot,
    decide_change,
    set_profile_rules,
)
from marelle.domain.families.rules.health import HealthNote
from marelle.domain.families.rules.photos import PHOTO_CODE
from marelle.domain.families.rules.pickups import Pickup
from marelle.domain.reservations.models import Absence, CancellationRequest, CustodyTurn, WaitingListEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW, Household
from tests.factories.papers import turned
from tests.factories.town import make_authority, make_child, make_class, make_facility, make_product, make_reservation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
MONDAY = date(2026, 11, 23)
TUESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in (1, 3, 4))


class Home(Household):
    """A home and its browser."""

    def __init__(self, town, name):
        super().__init__(town, name)
        self.site = Client(headers={"host": "famille.localhost"})
        self.site.force_login(self.family.memberships.get().user)

    def read(self, path, *, status=200, **sent):
        url = f"/{self.authority.slug}/{path}"
        answer = self.site.post(url, sent) if sent else self.site.get(url)
        assert answer.status_code == status
        return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")

    def asks(self, child, **sent):
        """Send the form of the child as the page gives it, with what is typed."""
        said = self.site.get(f"/{self.authority.slug}/profil/enfants/")
        form = next(one.form for one in said.context["children"] if one.url.endswith(f"{child.public_id}/"))
        return {**{name: form[name].value() or "" for name in form.fields}, **dict(form.said), **sent}


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux")
    in_scope(authority)
    return authority


@pytest.fixture
def mother(town):
    return Home(town, "Benali")


@pytest.fixture
def father(town):
    return Home(town, "Roy")


@pytest.fixture
def meal(town):
    return make_product(town, capacity=1)


@pytest.fixture
def child(mother, father, town, meal):
    found = make_child(
        mother.family, "Inès", products=(meal,), school_class=make_class(make_facility(town), "CE2 de Mme Lune")
    )
    with permitted("factory"):
        Custody.objects.create(authority=town, child=found, family=father.family, starts_on=date(2026, 9, 1))
    return found


def week(home, child):
    return home.read(f"reservations/?enfant={child.public_id}&semaine={MONDAY}")


class TestADayOfTheOther:
    @pytest.fixture
    def stands(self, town, mother, child, meal):
        """Days that the mother reserved, or waits for, each in its own way."""
        here = {"family": mother.family}
        told, asked, answered = (make_reservation(child, meal, day, **here) for day in (TUESDAY, THURSDAY, FRIDAY))
        held_on = MONDAY + timedelta(days=7)
        make_reservation(child, meal, held_on, **here, state="held", held_until=NOW + timedelta(days=2))
        asking = {"authority": town, "asked_at": NOW, "words": "Mot"}
        with permitted("factory"):
            Absence.objects.create(authority=town, reservation=told, cause="illness", told_at=NOW, words="Mot")
            CancellationRequest.objects.create(reservation=asked, **asking)
            CancellationRequest.objects.create(
                reservation=answered, state="refused", decided_at=NOW, reason="Trop tard, Madame", **asking
            )
        return held_on

    # What a home is told of its own days, and what only it is told.
    OWN = ("prévenu lundi", "annulation demandée lundi", "trop tard, madame", "place gardée jusqu", "d’ici là")

    def test_its_calendar_says_that_it_is_reserved_and_nothing_else(self, mother, father, child, stands):
        own = week(mother, child).lower() + mother.read(f"reservations/?semaine={stands}").lower()
        other = week(father, child) + father.read(f"reservations/?semaine={stands}")

        assert [words for words in self.OWN if words not in own] == []
        assert [words for words in self.OWN if words in other.lower()] == []
        assert other.count("Réservé par l’autre foyer.") >= 4

    def test_neither_does_the_week_of_all_the_children(self, mother, father, child, stands):
        own, other = (home.site.get("/mes-enfants/").content.decode() for home in (mother, father))

        assert ("annulation demandée" in own, "absence signalée" in own) == (True, True)
        assert ("annulation demandée" in other, "absence signalée" in other) == (False, False)
        assert other.count("réservé par l’autre foyer") == 3

    def test_of_the_days_that_are_of_the_other_home_alone_nothing_is_said(self, town, father, mother, child, stands):
        with permitted("factory"):
            CustodyTurn.objects.create(
                authority=town, child=child, starts_on=MONDAY, family=mother.family, beside=father.family
            )

        assert "réservé par l’autre foyer" not in father.site.get("/mes-enfants/").content.decode()
        assert "Réservé par l’autre foyer." not in week(father, child)

    def test_what_it_waits_for_is_its_own_and_is_waited_for_once(self, town, mother, father, child, meal):
        make_reservation(make_child(Home(town, "Autre").family, "Zoé"), meal, FRIDAY, family=Home(town, "Tiers").family)
        square = f"{child.public_id}.{meal.public_id}.{FRIDAY}"
        sent = {"wait": square, "enfant": child.public_id, "semaine": str(MONDAY)}
        mother.site.post(f"/{town.slug}/reservations/", sent)

        assert "Quitter la liste d’attente" in week(mother, child)
        assert "Quitter la liste d’attente" not in week(father, child)
        assert "Une place est déjà attendue ce jour-là pour Inès." in father.read("reservations/", status=409, **sent)
        assert WaitingListEntry.objects.get().family == mother.family


class TestWhatIsCommon:
    def test_an_allergy_that_one_home_told_is_read_by_the_other(self, town, mother, father, child):
        set_profile_rules(town, {"child_allergies": "approval"}, confirmation_month=None, by=AGENT, at=NOW)
        mother.read(
            f"profil/enfants/{child.public_id}/", status=302, **mother.asks(child, allergies="Arachide et sésame")
        )
        waits = father.read("profil/enfants/")
        decide_change(ProposedChange.objects.get(), is_approved=True, by=AGENT, at=NOW)

        assert "Arachide" not in waits
        assert "Un changement est en attente" in waits
        assert "Un changement est en attente" not in mother.read("profil/enfants/")
        after = father.read("profil/enfants/")
        assert "Arachide et sésame" in after
        assert "Un changement est en attente" not in after

    def test_of_a_person_who_fetches_the_telephone_stays_with_the_home_that_gave_it(self, mother, father, child):
        only = make_child(mother.family, "Adam")
        person = allow_pickup(
            mother.family,
            Pickup("Anne Lebrun", "0612345678", "tante", frozenset({child.pk, only.pk}), MONDAY, None),
            by=mother.by,
            at=NOW,
        )

        own, other = (home.read("profil/personnes-autorisees/") for home in (mother, father))
        assert "06 12 34 56 78" in own
        assert "Anne Lebrun" in other
        assert "tante" in other
        assert "Inès, depuis le 23/11/2026" in other
        assert "Noté par l’autre foyer" in other
        assert [words for words in ("06 12 34 56 78", "0612345678", "Adam", person.public_id) if words in other] == []
        father.read(f"profil/personnes-autorisees/{person.public_id}/retirer/", status=404, x="1")
        assert PickupPerson.objects.get().ended_at is None

    def test_once_the_child_lives_there_no_more_nobody_is_told(self, mother, father, child):
        allow_pickup(
            mother.family, Pickup("Anne Lebrun", "", "", frozenset({child.pk}), MONDAY, None), by=mother.by, at=NOW
        )
        with permitted("factory"):
            Custody.objects.filter(family=mother.family).update(ends_on=MONDAY - timedelta(days=1))

        assert "Anne Lebrun" not in father.read("profil/personnes-autorisees/")

    def test_class_and_photo(self, town, mother, father, child):
        publish_text(town, NewText(PHOTO_CODE, "Photo", "Vue des agents.", "child"), by=AGENT, at=NOW)
        sent = mother.site.post(
            f"/{town.slug}/profil/enfants/{child.public_id}/photo/",
            {"photo": SimpleUploadedFile("ines.jpg", turned(size=(90, 60))), "agreed": "on"},
        )
        shown = [home.read("profil/enfants/") for home in (mother, father)]

        assert sent.status_code == 303
        assert [("CE2 de Mme Lune" in page, "Changer la photo" in page) for page in shown] == [(True, True)] * 2


class TestTwoHomesWriteAtOnce:
    def test_what_was_left_as_it_was_seen_undoes_nothing(self, town, mother, father, child):
        set_profile_rules(town, {"child_allergies": "approval"}, confirmation_month=None, by=AGENT, at=NOW)
        opened = father.asks(child, diet="sans porc")
        record_health(child, HealthNote(allergies="arachide"), by=AGENT, at=NOW)

        father.read(f"profil/enfants/{child.public_id}/", status=302, **opened)

        assert [(one.field, one.new) for one in ProposedChange.objects.all()] == [("child_diet", "sans porc")]

    def test_what_both_wrote_is_said_and_what_was_typed_stays(self, town, mother, father, child):
        set_profile_rules(town, {"child_allergies": "approval"}, confirmation_month=None, by=AGENT, at=NOW)
        opened = father.asks(child, allergies="œufs")
        record_health(child, HealthNote(allergies="arachide\nlait"), by=AGENT, at=NOW)

        path = f"profil/enfants/{child.public_id}/"
        page = father.read(path, status=409, **opened)
        assert "a changé pendant que vous écriviez" in page
        assert "arachide<br>lait" in page
        assert ">\nœufs</textarea>" in page
        assert not ProposedChange.objects.exists()
        # Read again, it is sent: the page now tells what the file says, in the way of a browser.
        again = {**opened, "avant-allergies": "arachide\r\nlait", "allergies": "arachide, lait, œufs"}
        father.read(path, status=302, **again)
        assert ProposedChange.objects.get().new == "arachide, lait, œufs"

    def test_two_proposals_are_two_and_the_second_is_not_taken_over_the_first(self, town, mother, father, child):
        path = f"profil/enfants/{child.public_id}/"
        for home, diet in ((mother, "sans porc"), (father, "sans viande")):
            home.read(path, status=302, **home.asks(child, diet=diet))
        first, second = ProposedChange.objects.order_by("pk")
        decide_change(first, is_approved=True, by=AGENT, at=NOW)

        with pytest.raises(UnableToDecideError) as error:
            decide_change(second, is_approved=True, by=AGENT, at=NOW)
        assert error.value.why is WhyNot.STALE
        second.refresh_from_db()
        assert (Child.objects.get(pk=child.pk).health.diet, second.new) == ("sans porc", "sans viande")
