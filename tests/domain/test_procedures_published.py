"""An authority takes ready procedures, makes them its own, says who answers and in which words."""

from __future__ import annotations

import pytest

from marelle.domain.procedures.models import AnswerTemplate, Application, Procedure, ProcedureVersion, ServiceInCharge
from marelle.domain.procedures.operations.publishing import (
    PublishedMeanwhileError,
    move_procedure,
    open_procedure,
    publish_procedure,
    save_service,
)
from marelle.domain.procedures.operations.ready import load_ready
from marelle.domain.procedures.operations.submitting import submit_application
from marelle.domain.procedures.operations.templates import (
    TemplateWords,
    WrongTemplateError,
    remove_template,
    save_template,
)
from marelle.domain.procedures.queries.ready import CODES, ready_content
from marelle.domain.procedures.rules.definitions import WrongDefinitionError
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from tests.domain.household import NOW, Household
from tests.factories.procedures import PICKUP, make_draft, make_procedure
from tests.factories.town import make_authority, make_child

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    authority = make_authority()
    with tenancy.scope({authority.pk}):
        yield authority


class TestLoading:
    def test_a_town_takes_the_twelve_with_who_answers_and_in_which_words(self, town):
        loaded = load_ready(town, by=SYSTEM, at=NOW)

        assert loaded.procedures == CODES
        assert loaded.services == ("enfance", "regie")
        assert list(Procedure.objects.order_by("position").values_list("code", flat=True)) == list(CODES)
        service = ServiceInCharge.objects.get(code="regie")
        assert (service.role, service.phone, service.email) == ("manage_billing", town.phone, town.email)
        assert AnswerTemplate.objects.count() == loaded.templates > 4

    def test_asked_again_it_adds_nothing(self, town):
        load_ready(town, by=SYSTEM, at=NOW)
        journal = AuditEntry.objects.count()

        assert not load_ready(town, by=SYSTEM, at=NOW).has_changed
        assert AuditEntry.objects.count() == journal
        assert ProcedureVersion.objects.count() == len(CODES)

    def test_what_the_town_made_its_own_is_never_overwritten(self, town):
        load_ready(town, ["message"], by=SYSTEM, at=NOW)
        publish_procedure(town, "message", ready_content("message") | {"title": "À vous"}, by=SYSTEM, at=NOW)
        open_procedure(Procedure.objects.get(), is_open=False, by=SYSTEM, at=NOW)
        save_service(town, "enfance", {"agent_name": "Nadia Ferrand"}, by=SYSTEM, at=NOW)
        remove_template(AnswerTemplate.objects.first(), by=SYSTEM, at=NOW)
        templates = AnswerTemplate.objects.count()

        loaded = load_ready(town, by=SYSTEM, at=NOW)

        assert "message" not in loaded.procedures
        assert loaded.services == ("regie",)
        message = Procedure.objects.get(code="message")
        assert (message.current_number, message.is_open) == (2, False)
        assert ServiceInCharge.objects.get(code="enfance").agent_name == "Nadia Ferrand"
        assert AnswerTemplate.objects.count() == templates

    def test_a_code_that_does_not_ship_writes_nothing(self, town):
        with pytest.raises(KeyError):
            load_ready(town, ["message", "piscine"], by=SYSTEM, at=NOW)

        assert not Procedure.objects.exists()

    def test_another_town_has_its_own(self, town):
        load_ready(town, by=SYSTEM, at=NOW)
        other = make_authority(slug="ailleurs", name="Ailleurs")
        with tenancy.scope({other.pk}):
            assert load_ready(other, ["message"], by=SYSTEM, at=NOW).procedures == ("message",)
            assert ServiceInCharge.objects.get().authority_id == other.pk


class TestVersions:
    def test_what_cannot_be_used_is_never_published(self, town):
        procedure = make_procedure(town)

        for wrong in ({"service": "nobody"}, {"title": ""}, {"effect": "enroll"}, {"text": "{nobody}"}):
            with pytest.raises(WrongDefinitionError):
                publish_procedure(town, "recuperation", PICKUP | wrong, by=SYSTEM, at=NOW)

        procedure.refresh_from_db()
        assert procedure.current_number == ProcedureVersion.objects.count() == 1

    def test_an_application_under_way_keeps_the_version_it_was_made_with(self, town):
        home = Household(town)
        child = make_child(home.family, "Luca")
        given = {"children": [child.public_id], "person.name": ["Jeanne"], "starts_on": ["01/12/2026"]}
        draft = make_draft(home.family, make_procedure(town, documents=[]), given)
        sent = submit_application(draft, by=home.by, at=NOW)

        publish_procedure(town, "recuperation", PICKUP | {"title": "Autre", "silence": "accepts"}, by=SYSTEM, at=NOW)

        kept = Application.objects.get(pk=sent.pk).version
        assert (kept.number, kept.definition.title) == (1, PICKUP["title"])
        assert Procedure.objects.get().current_number == 2

    def test_two_agents_do_not_publish_over_each_other(self, town):
        make_procedure(town)
        publish_procedure(town, "recuperation", PICKUP | {"title": "A"}, expected=1, by=SYSTEM, at=NOW)

        with pytest.raises(PublishedMeanwhileError):
            publish_procedure(town, "recuperation", PICKUP | {"title": "B"}, expected=1, by=SYSTEM, at=NOW)
        with pytest.raises(PublishedMeanwhileError):
            publish_procedure(town, "recuperation", PICKUP | {"title": "C"}, expected=0, by=SYSTEM, at=NOW)

        again = publish_procedure(town, "recuperation", PICKUP | {"title": "A"}, expected=1, by=SYSTEM, at=NOW)
        assert (again.number, again.title) == (2, "A")

    def test_a_procedure_moves_in_the_list_and_stops_at_its_ends(self, town):
        rows = [make_procedure(town, code) for code in ("un", "deux", "trois")]

        assert move_procedure(rows[2], places=-1, by=SYSTEM, at=NOW)
        assert list(Procedure.objects.order_by("position").values_list("code", flat=True)) == ["un", "trois", "deux"]
        assert not move_procedure(rows[0], places=-1, by=SYSTEM, at=NOW)
        assert move_procedure(rows[0], places=9, by=SYSTEM, at=NOW)
        assert not move_procedure(rows[0], places=1, by=SYSTEM, at=NOW)


class TestTemplates:
    WORDS = TemplateWords("reject", " Trop   tard ", "Votre demande n° {numero} …\r\nMerci.")

    def test_words_are_kept_tidied_and_the_same_again_writes_nothing(self, town):
        made = save_template(town, None, self.WORDS, by=SYSTEM, at=NOW)
        journal = AuditEntry.objects.count()

        assert (made.title, made.body) == ("Trop tard", "Votre demande n° {numero} …\nMerci.")
        assert save_template(town, made, self.WORDS, by=SYSTEM, at=NOW) == made
        assert AuditEntry.objects.count() == journal

    def test_they_are_changed_and_given_to_one_procedure(self, town):
        made = save_template(town, None, self.WORDS, by=SYSTEM, at=NOW)
        procedure = make_procedure(town)
        save_template(town, made, TemplateWords("approve", "Oui", "Oui.", procedure), by=SYSTEM, at=NOW)

        made.refresh_from_db()
        assert (made.purpose, made.title, made.body, made.procedure) == ("approve", "Oui", "Oui.", procedure)

    @pytest.mark.parametrize(
        ("words", "field"),
        [
            (TemplateWords("song", "Titre", "Texte"), "purpose"),
            (TemplateWords("reject", " ", "Texte"), "title"),
            (TemplateWords("reject", "t" * 121, "Texte"), "title"),
            (TemplateWords("approve", "Trop tard", "Texte"), "title"),
            (TemplateWords("reject", "Titre", " "), "body"),
            (TemplateWords("reject", "Titre", "t" * 4001), "body"),
            (TemplateWords("reject", "Titre", "Bonjour {prenom}"), "body"),
        ],
        ids=["purpose", "no title", "long title", "same title", "no body", "long body", "unknown blank"],
    )
    def test_words_that_cannot_serve_are_refused(self, town, words, field):
        save_template(town, None, self.WORDS, by=SYSTEM, at=NOW)

        with pytest.raises(WrongTemplateError) as refused:
            save_template(town, None, words, by=SYSTEM, at=NOW)

        assert set(refused.value.faults) == {field}
        assert AnswerTemplate.objects.count() == 1

    def test_thrown_away_twice_is_thrown_away_once(self, town):
        made = save_template(town, None, self.WORDS, by=SYSTEM, at=NOW)

        assert remove_template(made, by=SYSTEM, at=NOW)
        assert not remove_template(made, by=SYSTEM, at=NOW)
