"""What agents publish: for whom, within their rights; a week of menus on one screen; documents."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.news.models import Article, Dish, Download, Kitchen, Menu
from marelle.domain.news.rules.menus import Allergen, Course, Mark
from marelle.domain.news.rules.menus import Dish as Served
from marelle.foundation import files, tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories import papers, town
from tests.factories.published import make_download, make_kitchen, make_menu
from tests.web.office.conftest import signed_in

TODAY, NEXT_MONDAY = date(2026, 11, 23), date(2026, 11, 30)
WEEK = "publication/menus/semaine/2026-11-30/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(office):
    """An agent who publishes for one school alone."""
    agent = town.make_agent(office.authority, "Paul", "view_day")
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.create(authority=office.authority, agent=agent, role="publish", facility=office.school)
    return signed_in(agent)


def rows(office, model):
    with tenancy.scope({office.authority.pk}):
        return list(model.objects.order_by("pk"))


def article(**changes):
    return {
        "title": "La cantine change",
        "body": "Premier paragraphe.\r\n\r\nSecond.",
        "published_on": "2026-11-23",
        "withdrawn_on": "",
        "whom": "certaines",
        "services": ["cantine"],
        **changes,
    }


class TestArticles:
    def test_one_is_written_for_a_service_changed_for_everybody_then_withdrawn(self, office):
        written = office.client.post(office.at("publication/actualites/nouveau/"), article())
        (row,) = rows(office, Article)
        assert written.status_code == 303
        assert (row.for_services, row.for_facilities, row.is_public) == (["cantine"], [], False)
        assert row.body == "Premier paragraphe.\n\nSecond."
        assert row.code.startswith("la-cantine-change-")

        office.client.post(office.at(f"publication/actualites/{row.public_id}/"), article(whom="tous"))
        (row,) = rows(office, Article)
        assert (row.for_services, row.is_public) == ([], True)

        office.client.post(office.at(f"publication/actualites/{row.public_id}/retirer/"))
        (row,) = rows(office, Article)
        assert row.withdrawn_on == TODAY
        listed = office.client.get(office.at("publication/actualites/")).content.decode()
        assert "Retiré" in listed

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"title": ""}, "Donnez un titre."),
            ({"body": " "}, "Écrivez le texte."),
            ({"published_on": "demain"}, "Écrivez ce jour ainsi"),
            ({"withdrawn_on": "2026-11-01"}, "Le retrait vient avant la publication"),
            ({"services": []}, "Cochez au moins un service ou un lieu."),
            ({"services": ["inconnu"]}, "Ce service n’existe plus"),
            ({"whom": "personne"}, "Choisissez dans la liste."),
        ],
    )
    def test_what_cannot_be_published_is_said_and_what_was_typed_is_kept(self, office, changes, said):
        answer = office.client.post(office.at("publication/actualites/nouveau/"), article(**changes))

        assert answer.status_code == 422
        text = answer.content.decode()
        assert said in text
        assert changes.get("title", "La cantine change") in text
        assert rows(office, Article) == []

    def test_an_agent_of_one_school_publishes_for_it_alone(self, office, limited):
        other = town.make_article(office.authority, "Pour tous")
        other_school = town.make_facility(office.authority, "École des Pins", code="pins")
        hers = town.make_article(office.authority, "Aux Tilleuls", is_public=False, for_facilities=[office.school.code])
        town.make_article(office.authority, "Aux Pins", is_public=False, for_facilities=["pins"])

        listed = limited.get(office.at("publication/actualites/")).content.decode()
        assert "Aux Tilleuls" in listed
        assert "Pour tous" not in listed
        assert "Aux Pins" not in listed
        assert limited.get(office.at(f"publication/actualites/{other.public_id}/")).status_code == 404

        where = office.at(f"publication/actualites/{hers.public_id}/")
        for beyond in (
            {"whom": "tous"},
            {"services": ["cantine"]},
            {"facilities": [other_school.code], "services": []},
        ):
            assert limited.post(where, article(**beyond)).status_code == 422
        assert (
            limited.post(where, article(services=[], facilities=[office.school.code], title="Ici")).status_code == 303
        )
        assert {row.title for row in rows(office, Article)} == {"Pour tous", "Ici", "Aux Pins"}

    @pytest.mark.parametrize("path", ["publication/actualites/", "publication/documents/", "publication/menus/"])
    def test_a_list_asks_as_few_questions_for_many_as_for_one(self, office, path):
        def asked():
            with CaptureQueriesContext(connection) as counted:
                assert office.client.get(office.at(path)).status_code == 200
            return len(counted)

        def add(number):
            town.make_article(office.authority, f"Article {number}")
            make_download(office.authority, f"Document {number}")
            make_menu(office.authority, date(2026, 11, 23 + number), "Riz", "Pomme")

        add(0)
        asked()  # the offer is read once and kept
        few = asked()
        for number in range(1, 6):
            add(number)
        assert asked() == few


class TestMenus:
    def test_a_week_is_written_on_one_screen_and_published(self, office):
        answer = office.client.post(
            office.at(WEEK),
            {
                "j0-0-plat": "Carottes râpées [bio] (céleri)",
                "j0-1-plat": "Gratin",
                "j0-1-al": "lait, gluten",
                "j0-1-lb": "végétarien, Ferme du Lac",
                "j3-0-plat": "",
                "j3-1-plat": "Poulet",
                "j3-special": "Repas de Noël",
                "verifies": "on",
                "publier": "1",
            },
        )

        assert answer.status_code == 303
        monday, thursday = rows(office, Menu)
        assert (monday.day, thursday.day, thursday.special) == (NEXT_MONDAY, date(2026, 12, 3), "Repas de Noël")
        assert monday.published_at is not None
        assert monday.allergens_checked
        carrots, gratin, _chicken = rows(office, Dish)
        assert (carrots.course, carrots.name, carrots.allergens, carrots.marks) == (
            "entrée",
            "Carottes râpées",
            ["celeri"],
            ["bio"],
        )
        assert (gratin.allergens, gratin.marks, gratin.label) == (["gluten", "lait"], ["vegetarien"], "Ferme du Lac")

    def test_the_same_week_again_changes_nothing_and_an_emptied_day_goes(self, office):
        said = {"j0-1-plat": "Gratin", "j0-0-plat": "", "j1-0-plat": "", "j1-1-plat": "Poulet", "publier": "1"}
        office.client.post(office.at(WEEK), said)
        before, lines = rows(office, Menu), AuditEntry.objects.count()

        office.client.post(office.at(WEEK), said)
        assert [(row.pk, row.changed_at) for row in rows(office, Menu)] == [(row.pk, row.changed_at) for row in before]
        assert AuditEntry.objects.count() == lines

        office.client.post(office.at(WEEK), {"j0-0-plat": "", "j0-1-plat": "Gratin"})
        (left,) = rows(office, Menu)
        assert left.day == NEXT_MONDAY
        assert left.published_at is not None, "what families read stays read"

        office.client.post(office.at(f"{WEEK}retirer/"))
        (left,) = rows(office, Menu)
        assert left.published_at is None

    def test_an_unknown_allergen_is_said_beside_its_dish_and_nothing_is_written(self, office):
        answer = office.client.post(office.at(WEEK), {"j0-0-plat": "Soupe", "j0-0-al": "champignons"})

        assert answer.status_code == 422
        text = answer.content.decode()
        assert "« champignons » n’est pas un des 14 allergènes" in text
        assert 'value="Soupe"' in text
        assert rows(office, Menu) == []

    def test_a_week_is_filled_from_a_spreadsheet_or_from_the_week_before_without_being_written(self, office):
        pasted = office.client.post(
            office.at(f"{WEEK}coller/"), {"tableau": "\tLundi\tMardi\nPlat\tGratin (lait)\tRiz\nPlat\tOmelette\t"}
        ).content.decode()
        assert "3 plats à relire" in pasted
        assert 'name="j0-1-plat" value="Gratin"' in pasted
        assert 'name="j0-1-al" value="lait"' in pasted
        assert 'value="Omelette"' in pasted

        make_menu(office.authority, TODAY, Served(Course.MAIN, "Hachis", frozenset({Allergen.MILK})))
        copied = office.client.get(office.at(f"{WEEK}?copier=2026-11-23")).content.decode()
        assert 'name="j0-1-plat" value="Hachis"' in copied
        assert [row.day for row in rows(office, Menu)] == [TODAY]

    def test_nothing_recognised_is_said_and_what_was_pasted_is_kept(self, office):
        answer = office.client.post(office.at(f"{WEEK}coller/"), {"tableau": " \n"})
        assert answer.status_code == 422
        assert "Aucun plat n’a été reconnu" in answer.content.decode()

    def test_a_week_without_a_vegetarian_meal_is_said(self, office):
        make_menu(office.authority, TODAY, "Bœuf")
        listed = office.client.get(office.at("publication/menus/")).content.decode()
        assert "Pas de repas végétarien" in listed

        make_menu(
            office.authority, date(2026, 11, 24), Served(Course.MAIN, "Chili", marks=frozenset({Mark.VEGETARIAN}))
        )
        assert "Pas de repas végétarien" not in office.client.get(office.at("publication/menus/")).content.decode()

    def test_an_agent_of_one_school_writes_its_menus_alone(self, office, limited):
        assert limited.get(office.at(WEEK)).status_code == 404
        assert limited.post(office.at(WEEK), {"j0-0-plat": "Soupe"}).status_code == 404
        assert limited.post(office.at("publication/menus/cuisine/"), {"name": "Autre"}).status_code == 404
        written = limited.post(office.at(f"{WEEK}?lieu={office.school.code}"), {"j0-0-plat": "Soupe"})
        assert written.status_code == 303
        (menu,) = rows(office, Menu)
        assert menu.facility_id == office.school.pk

    @pytest.mark.parametrize("where", ["2026-12-01/", "hier/", "2026-11-30/?lieu=ailleurs", "2026-11-30/?repas=apero"])
    def test_what_is_no_week_no_place_or_no_meal_is_not_found(self, office, where):
        assert office.client.get(office.at(f"publication/menus/semaine/{where}")).status_code == 404

    def test_who_cooks_is_said_with_a_siret_that_is_one(self, office):
        where = office.at("publication/menus/cuisine/")
        wrong = office.client.post(where, {"name": "Sodexor", "siret": "12345678901234"})
        assert wrong.status_code == 422
        assert "Ce SIRET n’en est pas un" in wrong.content.decode()
        assert rows(office, Kitchen) == []

        assert office.client.post(where, {"name": "Sodexor", "siret": "130 025 265 00013"}).status_code == 303
        assert [row.siret for row in rows(office, Kitchen)] == ["13002526500013"]
        office.client.post(where, {"name": "", "siret": ""})
        assert rows(office, Kitchen) == []

    def test_the_kitchen_is_offered_to_who_publishes_for_all(self, office, limited):
        make_kitchen(office.authority, "Cuisine du Val")
        assert "Cuisine du Val" in office.client.get(office.at("publication/menus/")).content.decode()
        assert "Cuisine du Val" not in limited.get(office.at("publication/menus/")).content.decode()


class TestDownloads:
    def test_a_document_is_cleaned_kept_replaced_then_erased_with_its_file(
        self, office, django_capture_on_commit_callbacks
    ):
        said = article(title="Règlement intérieur", about="À lire", whom="familles")
        upload = SimpleUploadedFile("reglement.pdf", papers.pdf(text="reglement"))
        answer = office.client.post(office.at("publication/documents/nouveau/"), {**said, "file": upload})

        assert answer.status_code == 303
        (row,) = rows(office, Download)
        assert (row.file_name, row.content_type, row.pages) == ("reglement.pdf", "application/pdf", 1)
        where = f"publication/documents/{row.public_id}/"
        handed = office.client.get(office.at(f"{where}fichier/"))
        assert handed.content == row.content
        assert handed["Content-Disposition"].startswith("attachment")
        assert "sandbox" in handed["Content-Security-Policy"]

        office.client.post(office.at(where), {**said, "title": "Règlement"})
        (changed,) = rows(office, Download)
        assert (changed.title, changed.stored_as) == ("Règlement", row.stored_as)

        assert office.client.post(office.at(f"{where}supprimer/")).status_code == 303
        assert rows(office, Download) == []

    @pytest.mark.parametrize(
        ("content", "said"),
        [(None, "Choisissez un fichier."), (b"", "Ce fichier est vide"), (b"MZ\x90", "ni un PDF, ni une photo")],
    )
    def test_a_file_that_is_none_is_said(self, office, content, said):
        sent = article(title="Règlement")
        if content is not None:
            sent["file"] = SimpleUploadedFile("x.pdf", content)
        answer = office.client.post(office.at("publication/documents/nouveau/"), sent)

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert rows(office, Download) == []

    def test_a_file_that_is_gone_is_not_found(self, office):
        row = make_download(office.authority, "Perdu")
        files.forget(row.stored_as)
        assert office.client.get(office.at(f"publication/documents/{row.public_id}/fichier/")).status_code == 404


@pytest.mark.parametrize("way_in", ["lien", "code"])
def test_the_flyer_is_handed_to_any_agent(office, way_in):
    reader = signed_in(town.make_agent(office.authority, "Lecture", "view_day"))
    answer = reader.get(office.at(f"publication/depliants/{way_in}.pdf"))

    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert reader.get(office.at("publication/depliants/autre.pdf")).status_code == 404
