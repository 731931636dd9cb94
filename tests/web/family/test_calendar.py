"""Mes réservations, without scripts: what one sees in the weeks and what one may tick."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Product, ProductSlot, Slot
from marelle.domain.catalog.queries import forget_offers
from marelle.domain.families.models import Child, Custody, Family
from marelle.domain.reservations.models import BasketLine, Enrollment, WaitingListEntry
from marelle.foundation import clock, tenancy
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.factories.town import (
    make_authority,
    make_child,
    make_closure,
    make_facility,
    make_family,
    make_holiday,
    make_product,
    make_reservation,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

THURSDAY = date(2026, 11, 26)
FRIDAY = date(2026, 11, 27)


class Town:
    """A town with a canteen and a full study, and a signed-in family with one child."""

    def __init__(self, client):
        self.client = client
        self.authority = make_authority()
        self.school = make_facility(self.authority)
        self.meal = make_product(self.authority, facility=self.school)
        self.study = make_product(
            self.authority,
            name="Étude",
            noun="étude",
            plural="études",
            facility=self.school,
            capacity=1,
            price_cents=260,
        )
        self.user = make_user()
        self.family = make_family(self.authority, user=self.user)
        self.lucia = make_child(self.family, products=(self.meal, self.study))
        client.force_login(self.user)

    @property
    def address(self):
        return f"/{self.authority.slug}/reservations/"

    def square(self, product, day, child=None):
        return f"{(child or self.lucia).public_id}.{product.public_id}.{day.isoformat()}"

    def page(self, query=""):
        response = self.client.get(f"{self.address}{query}")
        assert response.status_code == 200
        return BeautifulSoup(response.content, "html.parser")

    def cell(self, product, day, child=None):
        page = self.page()
        name = self.square(product, day, child)
        box = page.find("input", {"name": "want", "value": name})
        if box is not None:
            return box.find_parent("td")
        bubble = page.find(id=f"b.{name}")
        return bubble.find_parent("td") if bubble else None

    def lines(self):
        with tenancy.scope({self.authority.pk}):
            return sorted(BasketLine.objects.values_list("date", "wish"))


@pytest.fixture
def town(family_site):
    return Town(family_site)


def test_a_free_day_says_until_when_it_can_be_reserved(town):
    cell = town.cell(town.meal, FRIDAY)

    assert "Réserver" in cell.get_text()
    assert "Réservable jusqu’au jeudi 26 novembre, 9 h." in cell.get_text().replace("\xa0", " ")


def test_a_day_past_its_deadline_says_since_when_the_rule_and_whom_to_ask(town):
    with clock.visiting(MONDAY_MORNING + timedelta(hours=2)):
        cell = town.cell(town.meal, date(2026, 11, 24))

    words = cell.get_text().replace("\xa0", " ")
    assert "Trop tard depuis le lundi 23 novembre, 9 h." in words
    assert "Repas : se réserve le jour de classe précédent avant 9 h." in words
    assert cell.find("a", href="#contact")
    assert cell.find("button", type="button")


def test_weeks_are_stacked_four_with_their_numbers_and_dates(town):
    captions = [one.h2.get_text(" ", strip=True) for one in town.page().find_all("caption")]

    assert captions[0] == "Semaine 48 du 23/11/2026 au 27/11/2026"
    assert len(captions) == 4


def test_a_ticked_day_enters_the_basket_and_waits_there_after_signing_out(town):
    town.client.post(town.address, {"want": [town.square(town.meal, FRIDAY)], "was": ""})
    town.client.logout()
    town.client.force_login(town.user)

    assert town.lines() == [(FRIDAY, "reserve")]
    assert "1 repas" in town.page().find(id="panier").get_text()


def test_unticking_a_reserved_day_puts_its_cancellation_in_the_basket(town):
    make_reservation(town.lucia, town.meal, FRIDAY, family=town.family)

    town.client.post(town.address, {"want": [], "was": town.square(town.meal, FRIDAY)})

    assert town.lines() == [(FRIDAY, "cancel")]
    assert "to_cancel" in town.cell(town.meal, FRIDAY)["class"]


def test_the_same_form_sent_twice_does_nothing_more(town):
    form = {"want": [town.square(town.meal, FRIDAY)], "was": ""}

    town.client.post(town.address, form)
    town.client.post(town.address, form)

    assert town.lines() == [(FRIDAY, "reserve")]


def test_a_page_made_before_the_other_parent_reserved_does_not_cancel_what_it_never_showed(town):
    make_reservation(town.lucia, town.meal, FRIDAY, family=town.family)

    town.client.post(town.address, {"want": [], "was": ""})

    assert town.lines() == []


def test_reserve_everything_of_a_line_takes_the_free_days_of_that_week(town):
    town.client.post(town.address, {"all": town.square(town.meal, date(2026, 11, 23))})

    assert [day for day, _wish in town.lines()] == [date(2026, 11, 24), THURSDAY, FRIDAY]


def test_a_fragment_is_the_same_row_as_in_the_whole_page(town):
    name = town.square(town.meal, FRIDAY)

    answer = town.client.post(f"{town.address}case/", {"cell": name, "want": "on"}, headers={"HX-Request": "true"})

    row = BeautifulSoup(answer.content, "html.parser").find("tr")
    assert str(row) == str(town.page().find("tr", id=row["id"]))


def test_a_change_brings_along_the_rows_at_the_same_hours_alone(town):
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

    answer = town.client.post(f"{town.address}case/", {"cell": town.square(town.meal, FRIDAY), "want": "on"})

    own, other = BeautifulSoup(answer.content, "html.parser").find_all("tr")  # and not the study's
    assert not own.has_attr("hx-swap-oob")
    assert "Pique-nique" in other.th.get_text()
    assert "Déjà pris" in other.get_text()
    assert other.attrs.pop("hx-swap-oob") == "true"
    assert str(other) == str(town.page().find("tr", id=other["id"]))


@pytest.mark.parametrize(
    "forge",
    [
        lambda town, other: other,
        lambda town, other: town.square(town.meal, date(2099, 1, 1)),
        lambda town, other: "x.y.z",
        lambda town, other: "'; DROP TABLE reservations_reservation; --",
        lambda town, other: town.square(town.meal, FRIDAY).replace("2026-11-27", "2026-02-31"),
    ],
    ids=["another family's child", "a day in 2099", "nonsense", "an injection", "31 February"],
)
def test_a_forged_square_is_refused_and_nothing_is_written(town, forge):
    stranger = make_child(make_family(town.authority, "Autre"), "Zoé", products=(town.meal,))
    name = forge(town, town.square(town.meal, FRIDAY, stranger))

    form = town.client.post(town.address, {"want": [name], "was": ""})
    fragment = town.client.post(f"{town.address}case/", {"cell": name, "want": "on"})

    assert (form.status_code, fragment.status_code) == (400, 400)
    assert "Rien n’a été ajouté" in form.content.decode()
    assert town.lines() == []


def test_a_closed_day_a_past_day_and_a_day_too_late_are_refused_with_words(town):
    make_closure(town.authority, "Journée pédagogique", THURSDAY)
    squares = [town.square(town.meal, day) for day in (THURSDAY, date(2026, 11, 20), date(2026, 11, 23))]

    answer = town.client.post(town.address, {"want": squares, "was": ""})

    assert answer.status_code == 409
    words = answer.content.decode()
    assert "Journée pédagogique" in words
    assert "Trop tard depuis" in words
    assert town.lines() == []


def test_ten_thousand_squares_at_once_are_refused_calmly(town):
    days = [date(2026, 11, 24) + timedelta(days=offset) for offset in range(700)]
    names = [town.square(product, day) for product in (town.meal, town.study) for day in days]

    many = town.client.post(town.address, {"want": names * 4, "was": ""})
    too_many = town.client.post(town.address, {"want": names * 9, "was": ""})

    assert many.status_code == 409
    assert too_many.status_code == 400
    assert town.client.get(town.address).status_code == 200


def test_a_full_day_tells_the_rank_one_would_have_and_lets_one_wait_and_leave(town):
    other = make_family(town.authority, "Autre")
    zoe = make_child(other, "Zoé", products=(town.study,))
    make_reservation(zoe, town.study, FRIDAY, family=other)
    cell = town.cell(town.study, FRIDAY).get_text()
    assert "Complet : 1 places sur 1." in cell or "Complet : 1 place sur 1." in cell
    assert "vous seriez au 1ᵉʳ rang" in cell

    town.client.post(town.address, {"wait": town.square(town.study, FRIDAY)})
    town.client.post(town.address, {"wait": town.square(town.study, FRIDAY)})

    assert "1ᵉʳ rang" in town.cell(town.study, FRIDAY).get_text()
    town.client.post(town.address, {"leave": town.square(town.study, FRIDAY)})
    with tenancy.scope({town.authority.pk}):
        assert WaitingListEntry.objects.filter(left_at__isnull=True).count() == 0


def test_one_cannot_wait_for_a_day_that_has_a_place(town):
    answer = town.client.post(town.address, {"wait": town.square(town.meal, FRIDAY)})

    assert answer.status_code == 409
    assert "Il n’y a pas de liste d’attente" in answer.content.decode()


def test_a_week_of_holidays_is_a_band_with_its_name(town):
    make_holiday(town.authority, "Vacances de Noël", date(2026, 11, 28), date(2026, 12, 6))

    page = town.page()

    assert "Vacances de Noël" in page.find(class_="band").get_text()
    assert len(page.find_all("caption")) == 3


def test_a_child_not_enrolled_is_told_so_when_chosen_alone(town):
    sofia = make_child(town.family, "Sofia", birth_date=date(2011, 5, 20))

    page = town.page(f"?enfant={sofia.public_id}")

    assert "Pas d’inscription pour Sofia." in page.get_text()


def test_another_town_s_family_sees_nothing_here(town, family_site):
    elsewhere = make_authority("JolieVille")

    assert family_site.get(f"/{elsewhere.slug}/reservations/").status_code == 404


def test_a_get_writes_nothing(town):
    with CaptureQueriesContext(connection) as statements:
        town.client.get(town.address)

    assert not [one for one in statements.captured_queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize("view", ["?semaine=2026-11-23", "periode/?du=2026-11-24&au=2026-12-18&jours=0&jours=1"])
def test_the_page_costs_the_same_statements_whatever_its_size(town, view):
    def statements(query):
        town.client.get(f"{town.address}{query}")
        with CaptureQueriesContext(connection) as captured:
            assert town.client.get(f"{town.address}{query}").status_code == 200
        return len(captured)

    def period_of_everybody():
        if not view.startswith("periode"):
            return ""
        with tenancy.scope({town.authority.pk}):
            children = [custody.child for custody in town.family.custodies.select_related("child")]

        with tenancy.scope({town.authority.pk}):
            products = list(Product.objects.all())
        return "".join(f"&enfants={child.public_id}" for child in children) + "".join(
            f"&prestations={product.public_id}" for product in products
        )

    small = statements(view + period_of_everybody() + "&semaines=1")

    more = [make_product(town.authority, name=f"Atelier {n}", facility=town.school) for n in range(4)]
    for n in range(4):
        make_child(town.family, f"Enfant {n}", products=(town.meal, *more))
    for n in range(20):
        make_child(make_family(town.authority, f"Autre {n}"), products=(town.meal,))
    town.client.post(town.address, {"want": [town.square(town.meal, FRIDAY)], "was": ""})
    with permitted("test"), tenancy.scope({town.authority.pk}):
        Slot.objects.filter(date=FRIDAY).update(taken=0)

    large = statements(view + period_of_everybody() + "&semaines=12")

    assert small == large <= 15


@pytest.mark.parametrize("many", [500, pytest.param(5_000, marks=pytest.mark.torture)])
def test_the_page_costs_the_same_statements_among_50_and_many_families_and_few_when_nothing_is_kept(town, many):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert town.client.get(town.address).status_code == 200
        return len(captured)

    add_families(town, 50)
    statements()
    among_fifty = statements()
    add_families(town, many - 50)

    assert statements() == among_fifty <= 15
    forget_offers()
    assert statements() <= 15


def add_families(town, count):
    """Bulk rows: what they are does not matter, only that there are many."""
    authority = town.authority
    with permitted("factory"), tenancy.scope({authority.pk}):
        families = Family.objects.bulk_create(
            Family(authority=authority, code=f"foule-{count}-{n}", name="Foule") for n in range(count)
        )
        children = Child.objects.bulk_create(
            Child(
                authority=authority,
                code=f"foule-{count}-{n}",
                first_name="Enfant",
                last_name="Foule",
                birth_date=date(2018, 1, 1),
                animal="cat",
                chalk="sky",
            )
            for n in range(count)
        )
        Custody.objects.bulk_create(
            Custody(authority=authority, child=child, family=family, starts_on=date(2020, 1, 1))
            for child, family in zip(children, families, strict=True)
        )
        Enrollment.objects.bulk_create(
            Enrollment(
                authority=authority,
                child=child,
                activity_id=town.meal.activity_id,
                starts_on=date(2026, 9, 1),
                ends_on=date(2027, 7, 3),
            )
            for child in children
        )
