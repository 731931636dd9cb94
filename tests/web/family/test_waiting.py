"""Mes attentes, without scripts: a place is accepted, paid or refused; one's own is let go, and kept after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import Guardian, Membership
from marelle.domain.reservations.models import FreedPlace, PlaceOffer, Reservation, WaitingListEntry
from marelle.domain.reservations.operations.freed_places import offer_let_go_place
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, THURSDAY
from tests.domain.test_place_offers import LIMIT_FOR_THURSDAY, Town
from tests.domain.waiting_town import fill, make_families, make_queue
from tests.factories.town import make_child, make_family, make_user
from tests.web.family.test_absences import said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
HOUR = timedelta(hours=1)


class Home:
    """A signed-in family whose child is the first to wait before a full canteen."""

    def __init__(self, client, **fields):
        self.client = client
        self.town = Town(waiting=2, places=2, **fields)
        self.authority = self.town.authority
        self.user = make_user()
        self.family = make_family(self.authority, user=self.user)
        self.lucia = make_child(self.family, products=(self.town.meal,))
        with tenancy.scope({self.authority.pk}):
            self.booked = fill(self.town.meal, THURSDAY, self.town.served)
            waiting = [(self.lucia, self.family), *self.town.homes]
            self.entry, *self.others = make_queue(self.authority, self.town.meal, THURSDAY, waiting)
        client.force_login(self.user)

    def offered(self):
        with tenancy.scope({self.authority.pk}):
            self.town.free(self.booked[:1])
            self.town.propose()
            return PlaceOffer.objects.get()

    def page(self):
        return self.client.get(f"/{self.authority.slug}/attentes/")

    def answer(self, made, answer):
        return self.client.post(f"/{self.authority.slug}/attentes/{made.public_id}/", {"answer": answer})

    @property
    def name(self):
        return f"{self.lucia.public_id}.{self.town.meal.public_id}.{THURSDAY.isoformat()}"

    def square(self, more=""):
        return f"/{self.authority.slug}/absences/{self.name}/{more}"

    def leave(self):
        return self.client.post(f"/{self.authority.slug}/attentes/quitter/{self.name}/")

    def state(self):
        with tenancy.scope({self.authority.pk}):
            return Reservation.objects.get(child=self.lucia).state


@pytest.fixture
def home(family_site):
    return Home(family_site)


def test_one_sees_ones_rank_and_then_the_place_that_is_kept_and_until_when(home):
    assert "Lucia Repas, jeudi 26 novembre 1ᵉʳ rang sur 3" in said(home.page())
    home.offered()
    page = said(home.page())

    assert "Répondez avant le lundi 23 novembre, 11 h." in page
    assert "Prix : 3,85 €." in page
    calendar = said(home.client.get(f"/{home.authority.slug}/reservations/"))
    assert "Place proposée jusqu’au lundi 23 novembre, 11 h." in calendar
    assert "Place gardée jusqu’au" not in calendar


def test_accepted_it_is_reserved_and_confirmed(home):
    made = home.offered()
    answer = home.answer(made, "accept")

    assert answer.status_code == 303
    assert "confirmation" in answer["Location"] or "/panier/" in answer["Location"]
    assert said(home.client.get(answer["Location"]))
    assert home.state() == "reserved"
    again = home.answer(made, "accept")
    assert again.status_code == 303, "pressed twice, it is no trouble"
    assert "Vous avez déjà accepté cette place." in said(home.client.get(again["Location"]))
    late = home.answer(made, "decline")
    assert late.status_code == 409
    assert "Cette place ne vous est plus proposée." in said(late)


def test_of_what_is_paid_on_booking_the_place_is_held_and_one_is_led_on(family_site):
    home = Home(family_site, payment_mode="prepaid", hold_hours=5)
    answer = home.answer(home.offered(), "accept")

    assert answer.status_code == 303
    assert home.state() == "held"
    with tenancy.scope({home.authority.pk}):
        assert Reservation.objects.get(child=home.lucia).held_until == NOW + 5 * HOUR
        assert WaitingListEntry.objects.get(pk=home.entry.pk).left_at == NOW


def test_refused_it_is_said_and_the_child_waits_no_more(home):
    answer = home.answer(home.offered(), "decline")

    assert "Place refusée." in said(home.client.get(answer["Location"]))
    assert home.state() == "cancelled"


def test_an_answer_that_is_none_writes_nothing_and_another_family_answers_nothing(home, client):
    made = home.offered()
    assert home.answer(made, "perhaps").status_code == 400
    other = make_user()
    make_family(home.authority, user=other)
    home.client.force_login(other)

    assert home.answer(made, "accept").status_code == 404
    assert home.state() == "held"


def test_a_list_is_left_once_and_said_so(home):
    answer = home.leave()

    assert "Lucia n’attend plus de place le jeudi 26 novembre." in said(home.client.get(answer["Location"]))
    home.entry.refresh_from_db()
    assert home.entry.left_at == NOW
    again = home.leave()
    assert (again.status_code, "n’attend plus ce jour" in said(again)) == (409, True)


def test_a_place_offered_meanwhile_is_answered_and_another_family_leaves_nothing(home):
    made = home.offered()
    answer = home.leave()
    assert answer.status_code == 409
    assert "Une place vient de se libérer" in said(answer)
    assert home.answer(made, "accept").status_code == 303

    other = make_user()
    make_family(home.authority, user=other)
    home.client.force_login(other)
    assert home.leave().status_code == 404


def test_it_asks_as_few_questions_for_many_waits_as_for_one(home):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert home.page().status_code == 200
        return len(found)

    home.page()
    one = count()
    with tenancy.scope({home.authority.pk}):
        for n in range(4):
            child = make_child(home.family, f"Enfant{n}", products=(home.town.meal,))
            make_queue(home.authority, home.town.meal, THURSDAY, [(child, home.family)])
        more = make_families(home.authority, home.town.meal, 20, name="Autre")
        make_queue(home.authority, home.town.meal, THURSDAY, more)
    assert count() == one


class TestLibererMaPlace:
    """The child of the first served family: too late to cancel, somebody waits."""

    LATE = LIMIT_FOR_THURSDAY + HOUR

    @pytest.fixture
    def late(self, family_site):
        home = Home(family_site)
        with tenancy.scope({home.authority.pk}):
            theirs = home.booked[0]
            theirs.child.refresh_from_db()
            home.lucia, home.family = theirs.child, theirs.family
        user = make_user()
        with tenancy.scope({home.authority.pk}), permitted("factory"):
            guardian = Guardian.objects.create(
                authority=home.authority,
                family=home.family,
                first_name="Maria",
                last_name="Servie",
                relation="mère",
            )
            Membership.objects.create(
                authority=home.authority, user=user, family=home.family, guardian=guardian,
                joined_at=datetime(2026, 9, 1, tzinfo=UTC),
            )  # fmt: skip
        home.client.force_login(user)
        with clock.visiting(self.LATE):
            yield home

    def test_it_is_let_go_said_plainly_and_kept_after_all(self, late):
        page = said(late.client.get(late.square()))
        assert "Elle reste facturée si personne ne la prend." in page
        freed = late.client.post(late.square("liberer/"), follow=True)
        assert "Vous libérez cette place" in said(freed)
        assert "Places que vous libérez" in said(late.page())
        kept = late.client.post(late.square("garder/"), follow=True)

        assert "Vous gardez votre place." in said(kept)
        with tenancy.scope({late.authority.pk}):
            assert FreedPlace.objects.get().state == "withdrawn"

    def test_once_it_is_offered_it_is_not_taken_back_under_their_feet(self, late):
        late.client.post(late.square("liberer/"))
        with tenancy.scope({late.authority.pk}):
            offer_let_go_place(FreedPlace.objects.get(), offer=late.town.offer, by=SYSTEM, at=self.LATE)
        answer = late.client.post(late.square("garder/"))

        assert answer.status_code == 409
        assert "Elle est proposée à une famille" in said(answer)

    def test_twice_is_refused(self, late):
        late.client.post(late.square("liberer/"))

        assert late.client.post(late.square("liberer/")).status_code == 409


def test_before_the_limit_nothing_is_let_go_one_cancels(home):
    assert "Libérer ma place" not in said(home.client.get(home.square()))
    assert BeautifulSoup(home.page().content, "html.parser").find("h1")
