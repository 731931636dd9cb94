"""An agent writes procedures: the list, the form and its preview, versions, who answers, words to answer with."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict

from marelle.domain.procedures.models import AnswerTemplate, Procedure, ProcedureVersion, ServiceInCharge
from marelle.domain.procedures.operations.publishing import publish_procedure
from marelle.domain.procedures.operations.ready import load_ready
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.queries.ready import CODES, ready_content, ready_definition
from marelle.domain.procedures.rules.definitions import written
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.web.office.procedures.forms import sent_by, typed_of
from tests.domain.household import NOW, Household
from tests.factories.procedures import PICKUP, make_draft, make_procedure, make_service_in_charge
from tests.factories.town import make_agent, make_child
from tests.web.office.conftest import signed_in

PLACES = {"title": "+what.title", "category": "+what.category", "text": "+what.text", "effect": "+after.effect"}
TITLE = '[name="+what.title"]'
SERVICES = (("enfance", "Service Enfance"), ("regie", "Régie"))


@pytest.fixture
def within(office):
    with tenancy.scope({office.authority.pk}):
        yield office


def read(answer):
    return BeautifulSoup(answer.content, "html.parser")


def typed_in(page, **instead):
    """What a browser sends of the editor's form; an underscore twice is a point, None takes a control away."""
    sent = {}
    form = page.select_one("form.procedure-form") or page
    for control in form.find_all(["input", "select", "textarea"]):
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            sent.setdefault(control["name"], []).append(chosen["value"])
        elif control.name == "textarea":
            sent.setdefault(control["name"], []).append(control.text.removeprefix("\n"))
        elif control["type"] != "checkbox" or control.has_attr("checked"):
            sent.setdefault(control["name"], []).append(control.get("value", ""))
    sent.pop("csrfmiddlewaretoken", None)
    for name, value in instead.items():
        sent[PLACES.get(name) or name.replace("__", ".")] = (
            [] if value is None else value if isinstance(value, list) else [value]
        )
    return sent


def words(answer):
    return " ".join(read(answer).get_text(" ").split())


@pytest.mark.parametrize("code", CODES)
def test_each_ready_procedure_is_drawn_sent_and_read_back_the_same(code):
    typed = typed_of(ready_content(code), SERVICES)
    page = BeautifulSoup(f"<form>{typed.drawn('/x/')}</form>", "html.parser")
    data = QueryDict(mutable=True)
    for name, values in typed_in(page).items():
        data.setlist(name, values)

    again = sent_by(data, SERVICES)

    assert again.found == []
    assert again.content == written(ready_definition(code))


class TestList:
    def test_an_empty_list_offers_the_ready_ones_and_a_button_adds_them(self, within):
        url = within.at("demarches/")
        assert "Douze démarches sont prêtes" in words(within.client.get(url))

        answer = within.client.post(within.at("demarches/pretes/"), follow=True)

        assert "12 démarches ajoutées" in words(answer)
        assert [one.text for one in read(answer).select(".procedures b")][:2] == [
            "Autorisation de récupération d’un enfant",
            "Inscription pour l’année scolaire",
        ]
        assert "Ajouter les démarches prêtes" not in words(answer)
        again = within.client.post(within.at("demarches/pretes/"), follow=True)
        assert "déjà là" in words(again)

    def test_it_says_versions_states_and_how_many_applications_and_asks_few_questions(
        self, within, django_assert_max_num_queries
    ):
        home = Household(within.authority)
        procedure = make_procedure(within.authority, documents=[])
        child = make_child(home.family, "Luca")
        given = {"children": [child.public_id], "person.name": ["Jeanne"], "starts_on": ["01/12/2026"]}
        submit_application(make_draft(home.family, procedure, given), by=home.by, at=NOW)
        publish_procedure(within.authority, "recuperation", PICKUP, by=SYSTEM, at=NOW)
        load_ready(within.authority, by=SYSTEM, at=NOW)

        with django_assert_max_num_queries(24):
            said = words(within.client.get(within.at("demarches/")))

        assert "version 2 · 1 demande" in said
        assert "version 1 · Aucune demande" in said

    def test_a_procedure_is_shut_opened_and_moved(self, within):
        make_procedure(within.authority, "un")
        make_procedure(within.authority, "deux", title="Deuxième")

        within.client.post(within.at("demarches/deux/monter/"))
        shut = within.client.post(within.at("demarches/deux/ouvrir/"), {"ouverte": "0"}, follow=True)

        assert "« Deuxième » n’est plus proposée" in words(shut)
        assert [one.code for one in Procedure.objects.order_by("position")] == ["deux", "un"]
        assert not Procedure.objects.get(code="deux").is_open
        within.client.post(within.at("demarches/deux/ouvrir/"), {"ouverte": "1"})
        assert Procedure.objects.get(code="deux").is_open

    @pytest.mark.parametrize("role", ["view_day", "manage_reservations", "manage_billing"])
    def test_only_who_administers_comes_in(self, within, role):
        other = signed_in(make_agent(within.authority, "Paul", role))

        assert other.get(within.at("demarches/")).status_code in {403, 404}


class TestEditor:
    @pytest.fixture
    def opened(self, within):
        make_procedure(within.authority)
        within.form = read(within.client.get(within.at("demarches/recuperation/modifier/")))
        return within

    def post(self, office, what, **instead):
        return office.client.post(office.at(f"demarches/recuperation/{what}/"), typed_in(office.form, **instead))

    def test_what_is_in_force_stands_in_the_form_and_beside_it_as_the_family_reads_it(self, opened):
        assert opened.form.select_one(TITLE)["value"] == PICKUP["title"]
        preview = " ".join(opened.form.select_one("#apercu").get_text(" ").split())
        assert "Je souhaiterais autoriser Personne autorisée à venir récupérer Enfants" in preview
        assert "Joignez les documents demandés pour finaliser votre demande" in preview
        assert "Aucun fichier choisi" in preview
        assert not opened.form.select_one(".error")

    def test_questions_are_added_moved_and_taken_out_without_a_script(self, opened):
        added = read(self.post(opened, "modifier", ajouter="fields"))
        assert len(added.select('input[name^="fields."][name$=".label"]')) == 4

        moved = read(self.post(opened, "modifier", monter="fields.2"))
        assert [one["value"] for one in moved.select('input[name^="fields."][name$=".label"]')] == [
            "Enfants",
            "À partir du",
            "Personne autorisée",
        ]
        gone = read(self.post(opened, "modifier", retirer="documents.0"))
        assert not gone.select('input[name^="documents."][name$=".label"]')
        assert ProcedureVersion.objects.count() == 1

    def test_a_row_that_is_not_there_changes_nothing(self, opened):
        for instead in ({"retirer": "fields.99"}, {"monter": "fields.0"}, {"monter": "x"}, {"retirer": "fields.a"}):
            page = read(self.post(opened, "modifier", **instead))
            assert len(page.select('input[name^="fields."][name$=".label"]')) == 3

    def test_the_preview_alone_is_the_piece_of_the_page(self, opened):
        page = read(self.post(opened, "modifier", title="Venir chercher"))
        alone = self.post(opened, "apercu", title="Venir chercher").content.decode()

        assert BeautifulSoup(alone, "html.parser").select_one("#apercu") == page.select_one("#apercu")
        assert "Venir chercher" in alone

    def test_a_mistake_is_said_at_its_field_and_nothing_is_published(self, opened):
        answer = self.post(opened, "verifier", title="", fields__1__label="", text="Pour {personne}.")
        page = read(answer)

        assert answer.status_code == 422
        assert {one["href"] for one in page.select("#a-revoir a")} == {
            "#r.+what.title",
            "#r.fields.1.label",
            "#r.+what.text",
        }
        assert page.find(id="r.+what.title")["aria-invalid"] == "true"
        assert "aucune question" in page.find(id="r.+what.text-error").text
        assert ProcedureVersion.objects.count() == 1

    def test_what_changes_is_said_then_saved_as_a_new_version(self, opened):
        checked = self.post(opened, "verifier", title="Venir chercher", fields__2__is_required="on", ends="")
        assert "Ce qui change" in words(checked)
        assert "Le titre devient « Venir chercher »." in words(checked)
        assert "La question « À partir du » change." in words(checked)
        assert ProcedureVersion.objects.count() == 1

        save = read(checked).select_one('form[action$="/enregistrer/"]')
        sent = {one["name"]: one["value"] for one in save.select("input[name]") if one["name"] != "csrfmiddlewaretoken"}
        saved = opened.client.post(save["action"], sent, follow=True)

        assert "« Venir chercher », version 2, est en vigueur" in words(saved)
        version = ProcedureVersion.objects.get(number=2)
        assert version.published_by_id == opened.agent.user_id
        assert version.definition.field_of("starts_on").is_required is False
        assert "par Agent" in words(saved) or opened.agent.name in words(saved)

        again = opened.client.post(save["action"], sent, follow=True)
        assert again.status_code == 200
        assert ProcedureVersion.objects.count() == 2

    def test_nothing_changed_is_not_saved(self, opened):
        checked = self.post(opened, "verifier")

        assert "Rien n’a changé" in words(checked)
        assert not read(checked).select('form[action$="/enregistrer/"]')

    def test_one_comes_back_to_the_form_with_what_was_typed(self, opened):
        checked = read(self.post(opened, "verifier", title="Venir chercher"))
        back = checked.select_one('form[action$="/modifier/"]')
        sent = {one["name"]: one["value"] for one in back.select("input[name]")}

        page = read(opened.client.post(back["action"], sent))
        assert page.select_one(TITLE)["value"] == "Venir chercher"

    def test_another_agent_s_version_is_not_overwritten(self, opened):
        checked = read(self.post(opened, "verifier", title="La mienne"))
        publish_procedure(opened.authority, "recuperation", PICKUP | {"title": "La sienne"}, by=SYSTEM, at=NOW)
        save = checked.select_one('form[action$="/enregistrer/"]')

        answer = opened.client.post(save["action"], {one["name"]: one["value"] for one in save.select("input[name]")})

        assert answer.status_code == 409
        assert "Quelqu’un d’autre a enregistré" in words(answer)
        assert read(answer).select_one(TITLE)["value"] == "La mienne"
        assert Procedure.objects.get().current_number == 2

    def test_the_questions_that_an_effect_needs_are_offered_and_added(self, opened):
        page = read(self.post(opened, "modifier", effect="change_custody"))
        assert "Foyers (numéros de dossier) (homes)" in " ".join(page.get_text(" ").split())

        added = self.post(opened, "modifier", effect="change_custody", completer="1")
        assert read(added).select_one('[name="fields.3.+more.code"]')["value"] == "homes"

    def test_a_question_gets_its_short_name_from_its_label(self, opened):
        page = read(
            self.post(
                opened,
                "modifier",
                fields__1__label="L’école de l’enfant ?",
                fields__2__label="L’école de l’enfant !",
                **{"fields__1__+more__code": "", "fields__2__+more__code": ""},
            )
        )

        assert page.select_one('[name="fields.1.+more.code"]')["value"] == "l_ecole_de_l_enfant"
        assert page.select_one('[name="fields.2.+more.code"]')["value"] == "l_ecole_de_l_enfant_2"

    @pytest.mark.parametrize(
        "content",
        ["", "{", "[]", '{"fields": 3}', '{"fields": [3], "documents": ["x"]}', "[" * 5000, '{"title": ["x"]}'],
        ids=["nothing", "half", "list", "number", "rows of nothing", "deep", "list for a title"],
    )
    def test_a_content_that_is_none_publishes_nothing(self, opened, content):
        answer = opened.client.post(opened.at("demarches/recuperation/enregistrer/"), {"content": content})

        assert answer.status_code in {400, 422}
        assert ProcedureVersion.objects.count() == 1

    def test_an_unusable_procedure_cannot_be_forced_through(self, opened):
        answer = opened.client.post(
            opened.at("demarches/recuperation/enregistrer/"), {"content": '{"title": "x", "service": "personne"}'}
        )

        assert answer.status_code == 422
        assert ProcedureVersion.objects.count() == 1


class TestNew:
    def test_a_new_procedure_is_made_with_the_delay_of_the_law_and_a_name_of_its_own(self, within):
        make_service_in_charge(within.authority)
        make_procedure(within.authority, "transport-scolaire")
        form = read(within.client.get(within.at("demarches/nouvelle/")))
        assert form.select_one('[name="+answer.delay.count"]')["value"] == "2"

        typed = typed_in(form, title="Transport scolaire", category="École")
        checked = read(within.client.post(within.at("demarches/nouvelle/verifier/"), typed))
        save = checked.select_one('form[action$="/nouvelle/enregistrer/"]')
        saved = within.client.post(save["action"], {one["name"]: one["value"] for one in save.select("input[name]")})

        assert saved.headers["Location"].endswith("/demarches/transport-scolaire-2/")
        assert Procedure.objects.get(code="transport-scolaire-2").is_open

    def test_without_a_service_one_is_sent_to_make_it(self, within):
        page = within.client.get(within.at("demarches/nouvelle/"))

        assert "Aucun service ne répond encore" in words(page)


class TestVersions:
    def test_an_old_version_is_read_only_and_says_so(self, within):
        make_procedure(within.authority)
        publish_procedure(within.authority, "recuperation", PICKUP | {"title": "Neuve"}, by=SYSTEM, at=NOW)

        old = within.client.get(within.at("demarches/recuperation/?version=1"))

        assert "Une ancienne version" in words(old)
        assert PICKUP["title"] in words(old)
        assert within.client.get(within.at("demarches/recuperation/?version=9")).status_code == 404
        assert within.client.get(within.at("demarches/recuperation/?version=x")).status_code == 404


class TestServices:
    def test_who_answers_is_written_and_may_stay_unnamed(self, within):
        form = read(within.client.get(within.at("demarches/services/nouvelle/")))
        assert "L111-2" in form.get_text()
        assert form.select_one('[name="phone"]')["value"] == within.authority.phone

        said = {"name": "Service Enfance", "role": "manage_reservations", "phone": "01 60 00 00 00"}
        within.client.post(within.at("demarches/services/nouvelle/"), said)
        service = ServiceInCharge.objects.get()
        assert (service.code, service.agent_name) == ("service-enfance", "")
        assert "Aucun agent nommé" in words(within.client.get(within.at("demarches/services/")))

        named = {**said, "agent_name": "Nadia Ferrand", "agent_quality": "responsable"}
        within.client.post(within.at("demarches/services/service-enfance/"), named)
        service.refresh_from_db()
        assert service.agent_name == "Nadia Ferrand"

    def test_a_service_that_nobody_could_reach_is_refused(self, within):
        answer = within.client.post(
            within.at("demarches/services/nouvelle/"), {"name": "Service", "role": "manage_reservations"}
        )

        assert answer.status_code == 422
        assert "accusé de réception" in words(answer)
        assert not ServiceInCharge.objects.exists()


class TestTemplates:
    def test_words_are_written_for_one_procedure_or_all_then_thrown_away(self, within):
        make_procedure(within.authority)
        said = {"title": "Trop tard", "purpose": "reject", "procedure": "recuperation", "body": "N° {numero} …"}
        within.client.post(within.at("demarches/modeles/nouvelle/"), said)
        made = AnswerTemplate.objects.get()

        assert made.procedure.code == "recuperation"
        assert "Trop tard" in words(within.client.get(within.at("demarches/modeles/")))
        url = within.at(f"demarches/modeles/{made.public_id}/")
        assert read(within.client.get(url)).select_one('option[value="recuperation"]').has_attr("selected")
        within.client.post(url, {**said, "procedure": ""})
        made.refresh_from_db()
        assert made.procedure is None
        within.client.post(f"{url}supprimer/")
        assert not AnswerTemplate.objects.exists()

    def test_an_unknown_blank_is_told_at_the_text(self, within):
        answer = within.client.post(
            within.at("demarches/modeles/nouvelle/"), {"title": "T", "purpose": "message", "body": "Cher {prenom}"}
        )

        assert answer.status_code == 422
        assert "Le blanc {prenom} n’existe pas" in words(answer)
        assert not AnswerTemplate.objects.exists()
