"""Vérifier et valider, without scripts: what is recorded, refused, repeated."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import BasketLine, CancellationRequest, Confirmation, Reservation
from marelle.foundation import clock, tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.factories.town import (
    make_authority,
    make_child,
    make_closure,
    make_family,
    make_product,
    make_reservation,
    make_service,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

TUESDAY, THURSDAY, FRIDAY = date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 27)


class Town:
    def __init__(self, client):
        self.client = client
        self.authority = make_authority()
        self.meal = make_product(self.authority, capacity=2)
        self.user = make_user()
        self.family = make_family(self.authority, user=self.user)
        self.lucia = make_child(self.family, products=(self.meal,))
        client.force_login(self.user)

    def fill(self, *days, child=None, product=None, was=()):
        names = [f"{(child or self.lucia).public_id}.{(product or self.meal).public_id}.{day}" for day in days]
        gone = [f"{self.lucia.public_id}.{self.meal.public_id}.{day}" for day in was]
        answer = self.client.post(f"/{self.authority.slug}/reservations/", {"want": names, "was": " ".join(gone)})
        assert answer.status_code == 303, answer.content.decode()[-2000:]

    def form(self):
        page = BeautifulSoup(self.client.get(f"/{self.authority.slug}/panier/").content, "html.parser")
        return {name: page.find("input", {"name": name})["value"] for name in ("key", "revision")}

    def valider(self, form=None, **more):
        return self.client.post(f"/{self.authority.slug}/panier/valider/", {**(form or self.form()), **more})

    def recorded(self):
        with tenancy.scope({self.authority.pk}):
            return sorted(Reservation.objects.values_list("date", "state"))

    def lines(self):
        with tenancy.scope({self.authority.pk}):
            return sorted(BasketLine.objects.values_list("date", "wish"))

    def taken(self, day):
        with tenancy.scope({self.authority.pk}):
            return Slot.objects.get(date=day).taken


@pytest.fixture
def town(family_site):
    return Town(family_site)


def words(response):
    return BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True).replace("\xa0", " ")


def test_valider_records_the_basket_and_says_so(town):
    town.fill(TUESDAY, FRIDAY)

    answer = town.valider()

    assert answer.status_code == 303
    assert town.recorded() == [(TUESDAY, "reserved"), (FRIDAY, "reserved")]
    assert town.lines() == []
    assert town.taken(TUESDAY) == 1
    page = words(town.client.get(answer["Location"]))
    assert "C’est noté, à demain !" in page
    assert "Vos 2 réservations sont enregistrées." in page
    assert "7,70 €" in page


def test_the_page_before_valider_says_each_day_the_price_and_where_it_comes_from(town):
    town.fill(TUESDAY, FRIDAY)

    page = words(town.client.get(f"/{town.authority.slug}/panier/"))

    assert "mardi 24 novembre" in page
    assert "2 × 3,85 €" in page
    assert "Repas : 3,85 € (délibération 2026-31)" in page
    assert "Facture de novembre : 7,70 €." in page


def test_a_double_click_and_a_retry_record_once_and_lead_to_the_same_page(town):
    town.fill(TUESDAY)
    form = town.form()

    first, second = town.valider(form), town.valider(form)

    assert second["Location"] == f"{first['Location']}?deja=1"
    assert "Rien n’a été enregistré deux fois." in words(town.client.get(second["Location"]))
    assert len(town.recorded()) == 1


def test_a_basket_changed_in_another_tab_is_shown_again_and_nothing_is_recorded(town):
    town.fill(TUESDAY)
    form = town.form()
    town.fill(FRIDAY)

    answer = town.valider(form)

    assert answer.status_code == 409
    assert "Votre panier a changé" in words(answer)
    assert town.recorded() == []


@pytest.mark.parametrize(
    "form",
    [{}, {"key": "", "revision": "1"}, {"key": "000000000000", "revision": "1"}, {"key": "x" * 500, "revision": "²"}],
    ids=["nothing", "no key", "another key", "nonsense"],
)
def test_a_forged_valider_records_nothing(town, form):
    town.fill(TUESDAY)

    answer = town.client.post(f"/{town.authority.slug}/panier/valider/", form)

    assert answer.status_code == 409
    assert town.recorded() == []
    assert town.lines() == [(TUESDAY, "reserve")]


def test_when_a_place_is_gone_meanwhile_nothing_is_recorded_the_rest_stays_and_it_says_which(town):
    town.fill(TUESDAY, FRIDAY)
    for name in ("Un", "Deux"):
        other = make_family(town.authority, name)
        make_reservation(make_child(other, products=(town.meal,)), town.meal, FRIDAY, family=other)

    answer = town.valider()

    assert answer.status_code == 409
    page = words(answer)
    assert "Lucia, repas, vendredi 27 novembre : La dernière place vient d’être prise." in page
    assert town.recorded().count((TUESDAY, "reserved")) == 0
    assert town.lines() == [(TUESDAY, "reserve")]
    assert town.valider().status_code == 303
    assert (TUESDAY, "reserved") in town.recorded()


def test_when_the_deadline_passes_between_filling_and_valider_it_says_since_when(town):
    town.fill(TUESDAY, FRIDAY)

    with clock.visiting(MONDAY_MORNING + timedelta(hours=1)):
        answer = town.valider()

    assert answer.status_code == 409
    assert "c’était avant le lundi 23 novembre, 9 h." in words(answer)
    assert town.lines() == [(FRIDAY, "reserve")]


def test_a_day_closed_meanwhile_is_set_aside_with_its_reason(town):
    town.fill(TUESDAY)
    make_closure(town.authority, "Grève", TUESDAY)

    answer = town.valider()

    assert "Grève" in words(answer)
    assert town.lines() == []


def test_cancelling_a_recorded_day_becomes_a_request_and_keeps_the_place_until_an_agent_answers(town):
    make_reservation(town.lucia, town.meal, FRIDAY, family=town.family)
    town.fill(was=[FRIDAY])

    answer = town.valider(words="Chez ses grands-parents.")

    with tenancy.scope({town.authority.pk}):
        request = CancellationRequest.objects.get()
    assert (request.state, request.words) == ("pending", "Chez ses grands-parents.")
    assert request.deadline_at is not None
    assert town.taken(FRIDAY) == 1
    page = words(town.client.get(answer["Location"]))
    assert "Votre demande d’annulation est partie à la mairie." in page
    assert "En attente" in page


def test_a_service_payable_on_booking_holds_the_places_and_the_basket_says_so(town):
    prepaid = make_service(town.authority, "Centre de loisirs", payment_mode="prepaid", hold_hours=72)
    day_out = make_product(
        town.authority, name="Journée", noun="journée", plural="journées", service=prepaid, price_cents=1200
    )
    child = make_child(town.family, "Mateo", products=(day_out,))
    town.client.post(
        f"/{town.authority.slug}/reservations/",
        {"want": [f"{child.public_id}.{day_out.public_id}.{FRIDAY}"], "was": ""},
    )
    page = words(town.client.get(f"/{town.authority.slug}/panier/"))
    assert "vos places sont gardées 72 h" in page
    assert "12,00 €" in page

    answer = town.valider()

    with tenancy.scope({town.authority.pk}):
        held = Reservation.objects.get(product=day_out)
    assert held.state == "held"
    assert held.held_until == MONDAY_MORNING + timedelta(hours=72)
    assert held.price_cents == 1200
    assert "Votre place est gardée." in words(town.client.get(answer["Location"]))


def test_a_held_place_given_back_is_free_at_once(town):
    prepaid = make_service(town.authority, "Centre de loisirs", payment_mode="prepaid")
    day_out = make_product(town.authority, name="Journée", noun="journée", plural="journées", service=prepaid)
    child = make_child(town.family, "Mateo", products=(day_out,))
    name = f"{child.public_id}.{day_out.public_id}.{FRIDAY}"
    town.client.post(f"/{town.authority.slug}/reservations/", {"want": [name], "was": ""})
    town.valider()

    town.client.post(f"/{town.authority.slug}/reservations/", {"want": [], "was": name})
    town.valider()

    with tenancy.scope({town.authority.pk}):
        assert Reservation.objects.get(product=day_out).state == "cancelled"
        assert Slot.objects.get(date=FRIDAY, activity=day_out.activity).taken == 0
        assert CancellationRequest.objects.count() == 0


def test_a_line_is_removed_with_its_button_and_a_second_press_changes_nothing(town):
    town.fill(TUESDAY, FRIDAY)
    page = BeautifulSoup(town.client.get(f"/{town.authority.slug}/panier/").content, "html.parser")
    button = page.find("button", {"name": "remove"})
    form = {"remove": button["value"]}

    for _press in range(2):
        answer = town.client.post(f"/{town.authority.slug}/panier/retirer/?depuis=panier", form)
        assert answer.status_code == 303

    assert town.lines() == []


def test_a_confirmation_belongs_to_its_family_alone(town, family_site):
    town.fill(TUESDAY)
    address = town.valider()["Location"]
    stranger = make_user()
    make_family(town.authority, "Autre", user=stranger)
    family_site.force_login(stranger)

    assert family_site.get(address).status_code == 404


def test_valider_leaves_one_line_in_the_journal_without_a_name(town):
    town.fill(TUESDAY)

    town.valider()

    entry = AuditEntry.objects.get(verb="confirm_basket")
    assert entry.details == {"family": town.family.pk, "reserved": 1, "cancelled": 0}
    assert entry.actor_key == town.user.pk


def test_a_confirmation_has_a_number_that_can_be_read_on_the_phone(town):
    town.fill(TUESDAY)
    town.valider()

    with tenancy.scope({town.authority.pk}):
        number = Confirmation.objects.get().number
    assert re.fullmatch(r"R-2026-[0-9A-HJKMNP-TV-Z]{8}", number)


def test_two_products_at_the_same_hours_cannot_both_be_wished(town):
    from marelle.domain.catalog.models import Product, ProductSlot

    with permitted("test"), tenancy.scope({town.authority.pk}):
        template = ProductSlot.objects.get(product=town.meal).template
        picnic = Product.objects.create(
            authority=town.authority,
            code="pique-nique",
            activity_id=town.meal.activity_id,
            name="Pique-nique",
            noun="pique-nique",
            plural="pique-niques",
        )
        ProductSlot.objects.create(authority=town.authority, product=picnic, template=template)
        Authority.objects.filter(pk=town.authority.pk).update(catalog_version=99)
    town.fill(TUESDAY)

    answer = town.client.post(
        f"/{town.authority.slug}/reservations/",
        {"want": [f"{town.lucia.public_id}.{picnic.public_id}.{TUESDAY}"], "was": ""},
    )

    assert answer.status_code == 409
    assert "retirez d’abord « Repas »" in words(answer)
    assert len(town.lines()) == 1
    assert THURSDAY not in dict(town.lines())


def test_the_whole_basket_is_emptied_in_one_press(town):
    town.fill(TUESDAY, FRIDAY)

    answer = town.client.post(f"/{town.authority.slug}/panier/vider/")

    assert answer.status_code == 303
    assert town.lines() == []
    assert "Votre panier est vide." in words(town.client.get(answer["Location"]))
