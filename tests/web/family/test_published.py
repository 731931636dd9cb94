"""What families read: the news that are for them, the menus of the week, the documents; and what everybody may."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.news.rules.menus import Allergen, Course, Dish, Mark
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.factories.published import make_download, make_kitchen, make_menu
from tests.scdl import faults_in, with_schema

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
GRATIN = Dish(Course.MAIN, "Gratin", frozenset({Allergen.MILK, Allergen.GLUTEN}), frozenset({Mark.VEGETARIAN}))
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


class Place:
    """A town of two schools, a canteen and a study; a family whose child goes to one school and its canteen."""

    def __init__(self, client):
        self.authority = town.make_authority("Fictiville", siret="21370999100011", insee_code="37099")
        self.school = town.make_facility(self.authority, "École des Tilleuls", code="tilleuls")
        self.other = town.make_facility(self.authority, "École des Pins", code="pins")
        canteen = town.make_service(self.authority, "Cantine", code="cantine")
        self.study = town.make_service(self.authority, "Étude", code="etude")
        meal = town.make_product(self.authority, service=canteen, facility=self.school)
        self.user = town.make_user()
        self.family = town.make_family(self.authority, user=self.user)
        town.make_child(self.family, products=(meal,), school_class=town.make_class(self.school, "CP", level="CP"))
        town.make_class(self.other, "PS", level="PS")
        self.client = client

    def text(self, path, status=200):
        answer = self.client.get(f"/{self.authority.slug}/{path}")
        assert answer.status_code == status
        return answer.content.decode()

    def told(self, title, **fields):
        return town.make_article(self.authority, title, is_public=False, **fields)


@pytest.fixture
def place(family_site):
    return Place(family_site)


@pytest.fixture
def at_home(place):
    place.client.force_login(place.user)
    return place


class TestArticles:
    def test_a_family_reads_what_is_for_all_its_school_or_its_services_and_nothing_else(self, at_home):
        at_home.told("Pour toutes")
        at_home.told("Pour la cantine", for_services=["cantine"])
        at_home.told("Pour les Tilleuls ou l’étude", for_services=["etude"], for_facilities=["tilleuls"])
        hidden = [
            at_home.told("Pour l’étude seule", for_services=["etude"]),
            at_home.told("Pour les Pins seuls", for_facilities=["pins"]),
            at_home.told("Pour un service disparu", for_services=["disparu"]),
        ]

        text = at_home.text("actualites/")

        for title in ("Pour toutes", "Pour la cantine", "Pour les Tilleuls ou l’étude"):
            assert title in text
        for one in hidden:
            assert one.title not in text
            at_home.text(f"actualites/{one.public_id}/", status=404)

    def test_an_enrollment_counts_before_it_begins_and_no_longer_once_it_is_over(self, at_home):
        product = town.make_product(at_home.authority, service=at_home.study, facility=at_home.other)
        one = at_home.told("Pour l’étude", for_services=["etude"])
        child = town.make_child(
            at_home.family, "Noé", products=(product,), enrolled=(date(2027, 1, 4), date(2027, 6, 30))
        )
        assert one.title in at_home.text("actualites/")

        with permitted("test"), tenancy.scope({at_home.authority.pk}):
            child.enrollments.update(starts_on=date(2026, 1, 1), ends_on=date(2026, 11, 22))
        assert one.title not in at_home.text("actualites/")

    def test_the_list_asks_as_few_questions_for_many_articles_and_children_as_for_one(self, at_home):
        def asked():
            with CaptureQueriesContext(connection) as counted:
                at_home.text("actualites/")
            return len(counted)

        at_home.told("Une")
        few = asked()
        for number in range(4):
            at_home.told(f"Autre {number}", for_services=["cantine"])
            town.make_child(at_home.family, f"Enfant {number}")
        assert asked() == few


class TestMenus:
    def test_everybody_reads_the_week_its_allergens_and_its_vegetarian_meal(self, place):
        make_menu(place.authority, MONDAY, GRATIN, Dish(Course.DESSERT, "Poire"), allergens_checked=True)
        make_menu(place.authority, TUESDAY, Dish(Course.MAIN, "Poulet", frozenset({Allergen.MUSTARD})))
        make_menu(place.authority, date(2026, 11, 26), "Brouillon", published_at=None)

        text = place.text("menus/")

        assert "Contient : gluten et lait" in text
        assert "Aucun des 14 allergènes" in text
        assert text.count("Repas végétarien") == 1
        assert "moutarde" not in text, "what nobody checked is not told by halves"
        assert "Allergènes : pas encore renseignés" in text
        assert "Brouillon" not in text

    def test_a_family_reads_the_menus_of_its_school_and_the_common_ones(self, at_home):
        make_menu(at_home.authority, MONDAY, "Commun")
        make_menu(at_home.authority, MONDAY, "Aux Tilleuls", facility=at_home.school)
        make_menu(at_home.authority, MONDAY, "Aux Pins", facility=at_home.other)

        text = at_home.text("menus/")

        assert "Commun" in text
        assert "Aux Tilleuls" in text
        assert "Aux Pins" not in text

    def test_weeks_follow_each_other_and_far_ones_do_not_exist(self, place):
        make_menu(place.authority, date(2026, 12, 1), "Semaine suivante")

        assert "Aucun menu pour cette semaine" in place.text("menus/")
        assert "Semaine suivante" in place.text("menus/?semaine=2026-12-02")
        assert "Semaine du 23 au 27" in place.text("menus/?semaine=demain").replace("\N{NO-BREAK SPACE}", " ")
        place.text("menus/?semaine=2036-01-01", status=404)

    def test_a_week_asks_as_few_questions_for_many_menus_as_for_one(self, place):
        def asked():
            with CaptureQueriesContext(connection) as counted:
                place.text("menus/")
                place.text("menus.csv")
            return len(counted)

        make_menu(place.authority, MONDAY, GRATIN)
        few = asked()
        for day in (24, 26, 27):
            make_menu(place.authority, date(2026, 11, day), GRATIN, "Riz")
            make_menu(place.authority, date(2026, 11, day), "Pâtes", facility=place.school)
        assert asked() == few

    @with_schema
    def test_the_open_file_is_what_the_national_schema_wants_school_by_school(self, place):
        make_menu(place.authority, MONDAY, GRATIN, '=Riz ; à l’ail, "bio"', allergens_checked=True)
        make_menu(place.authority, MONDAY, "Poulet", facility=place.school)
        make_menu(place.authority, TUESDAY, "Brouillon", published_at=None)
        make_kitchen(place.authority, "Cuisine du Val", "13002526500013")

        answer = place.client.get(f"/{place.authority.slug}/menus.csv")

        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert faults_in(answer.content) == []
        lines = answer.content.decode().splitlines()
        assert [("École des Pins" in line, "maternelle" in line) for line in lines[1:3]] == [(True, True)] * 2
        assert "École des Tilleuls" in lines[3]
        assert "Poulet" in lines[3]
        assert len(lines) == 4

    def test_without_a_siret_there_is_no_open_file(self, family_site):
        authority = town.make_authority()
        assert family_site.get(f"/{authority.slug}/menus.csv").status_code == 404


class TestDownloads:
    def test_everybody_sees_and_takes_what_is_public_and_is_asked_who_one_is_for_the_rest(self, place):
        public = make_download(place.authority, "Règlement", is_public=True, content=b"%PDF-1.7 pour tous")
        kept = make_download(place.authority, "Formulaire")

        text = place.text("documents/")
        assert "Règlement" in text
        assert "Formulaire" not in text
        handed = place.client.get(f"/{place.authority.slug}/documents/{public.public_id}/")
        assert handed.content == b"%PDF-1.7 pour tous"
        assert handed["Content-Disposition"].startswith("attachment")
        assert place.client.get(f"/{place.authority.slug}/documents/{kept.public_id}/").status_code == 302

    def test_a_family_takes_what_is_for_its_school_and_not_for_another(self, at_home):
        hers = make_download(at_home.authority, "Aux Tilleuls", for_facilities=["tilleuls"])
        others = make_download(at_home.authority, "Aux Pins", for_facilities=["pins"])
        gone = make_download(at_home.authority, "Ancien", withdrawn_on=MONDAY)

        text = at_home.text("documents/")
        assert "Aux Tilleuls" in text
        assert "Aux Pins" not in text
        assert "Ancien" not in text
        for one, status in ((hers, 200), (others, 404), (gone, 404)):
            assert at_home.client.get(f"/{at_home.authority.slug}/documents/{one.public_id}/").status_code == status
