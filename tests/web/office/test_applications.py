"""The inbox of applications, and one application before its agent."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import PickupPerson
from marelle.domain.procedures.models import Application, ChangesAsked, Message
from marelle.domain.procedures.operations.exchanging import write_message, write_note
from marelle.domain.procedures.operations.reviewing import assign, decide, request_changes
from marelle.domain.procedures.operations.silence import decide_by_silence
from marelle.domain.procedures.operations.submitting import complete_application
from marelle.domain.procedures.rules.states import Decision, State
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import NOW
from tests.factories.applications import ALLERGY, join, make_sent, make_template, person_of, pickup_of
from tests.factories.procedures import PICKUP, make_draft, make_procedure, make_service_in_charge
from tests.factories.town import make_agent, make_child, make_family, make_user
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.django_db

AGENT_FIELD = {"code": "resident", "label": "Habite la commune", "kind": "yes_no", "writer": "agent"}


@pytest.fixture
def town(office, in_scope):
    in_scope(office.authority)
    office.child = make_child(office.family, "Inès", products=(office.meal,))
    office.pickup = make_procedure(office.authority, documents=[])
    office.by = Actor(ActorKind.AGENT, office.agent.user_id)
    office.sent = make_sent(office.family, office.pickup, pickup_of(office.child))
    office.page = office.at(f"demandes/{office.sent.public_id}/")
    return office


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def inbox(town, client=None, **asked):
    return text_of((client or town.client).get(town.at("demandes/"), asked))


def post(town, act, client=None, *, sent=None, **fields):
    found = sent or Application.objects.get(pk=town.sent.pk)
    seen = AuditEntry.objects.filter(object_type="application", object_key=found.pk).order_by("pk").last().pk
    told = {"expected": found.revision, "seen": seen, **fields}
    return (client or town.client).post(town.at(f"demandes/{found.public_id}/{act}/"), told)


def fresh(town):
    return Application.objects.get(pk=town.sent.pk)


def accepted_with(town, **more):
    return {
        "children": town.child.public_id,
        "person.name": "Jeanne Martin",
        "person.phone": "06 12 34 56 78",
        "person.relation": "",
        "starts_on": "2026-12-01",
        **more,
    }


class TestTheInbox:
    def test_it_says_who_asks_what_since_when_and_what_silence_means(self, town):
        text = inbox(town)

        for said in (
            "Autorisation de récupération",
            "Famille Sanchez-Cordoves, pour Inès",
            "n° 1",
            "Reçue le 23 novembre, aujourd’hui",
            "confiée à personne",
            "Le silence accepte dans 61 jours",
            "En cours d’examen",
        ):
            assert said in text
        assert "1<span" in text, "the menu counts what waits"

    def test_the_soonest_decided_is_first_and_the_last_days_press_by_words_and_icon(self, town):
        late = make_sent(town.family, town.pickup, pickup_of(town.child), at=NOW - timedelta(days=58))

        text = inbox(town)

        assert text.index(f"/{late.public_id}/") < text.index(f"/{town.sent.public_id}/")
        assert "Le silence accepte dans 3 jours" in text
        assert text.index("triangle-alert") < text.index("Le silence accepte dans 3 jours")

    def test_what_silence_accepted_and_could_not_do_is_first_and_left_to_do(self, town):
        after = datetime(2027, 1, 24, 8, tzinfo=UTC)
        decide_by_silence(town.sent, does_effect=False, by=SYSTEM, at=after)
        with clock.visiting(after):
            text = inbox(town)

        assert "Reste à faire" in text
        assert "Acceptée sans réponse" in text

    def test_a_word_of_the_family_and_a_completion_are_marked(self, town):
        write_message(town.sent, "Bonjour, avez-vous reçu ?", by=person_of(town.family), at=NOW)
        assert "Nouveau message de la famille" in inbox(town)
        write_message(town.sent, "Oui.", by=town.by, at=NOW)
        assert "Nouveau message de la famille" not in inbox(town)

        due = date(2026, 12, 8)
        request_changes(town.sent, "", codes=["person"], due_on=due, expected=fresh(town).revision, by=town.by, at=NOW)
        assert "Aucune demande n’attend" in inbox(town)
        assert "Jusqu’au 8 décembre" in inbox(town, etat="a-completer")
        complete_application(fresh(town), {"person.name": ["Jean Roy"]}, by=person_of(town.family), at=NOW)
        assert "Complété" in inbox(town)

    def test_filters_find_by_state_service_procedure_hands_and_names(self, town):
        make_service_in_charge(town.authority, "mairie", name="Mairie")
        other = make_procedure(town.authority, "message", title="Message libre", documents=[], service="mairie")
        roy = make_family(town.authority, "Le Roÿ")
        zoe = make_child(roy, "Zoé")
        theirs = make_sent(roy, other, pickup_of(zoe))
        assign(theirs, town.agent, expected=theirs.revision, by=town.by, at=NOW)

        def found(**asked):
            text = inbox(town, **asked)
            return [one for one in (town.sent, theirs) if f"/{one.public_id}/" in text]

        assert found() == [town.sent, theirs]
        assert found(service="mairie") == [theirs]
        assert found(demarche="recuperation") == [town.sent]
        assert found(confiee="moi") == [theirs]
        assert found(confiee="personne") == [town.sent]
        assert found(nom="zoe leroy") == []
        assert found(nom="ZOE le roy") == [theirs]
        assert found(nom=str(town.sent.number)) == [town.sent]
        assert found(etat="decidees") == []
        assert found(etat="nimporte", service="rien") == [town.sent, theirs], "what is not a choice is as usual"
        assert "Aucune demande ne correspond" in inbox(town, nom="personne de ce nom")

    def test_what_is_decided_is_in_its_list(self, town):
        decide(town.sent, Decision.REJECT, reasons="Non.", expected=town.sent.revision, by=town.by, at=NOW)

        assert f"/{town.sent.public_id}/" not in inbox(town)
        assert "Refusée" in inbox(town, etat="decidees")
        assert f"/{town.sent.public_id}/" in inbox(town, etat="toutes")

    def test_as_many_questions_for_many_as_for_few_and_pages(self, town):
        def questions():
            with CaptureQueriesContext(connection) as asked:
                inbox(town)
            return len(asked)

        questions()  # what the authority offers is kept in memory from here on
        few = questions()
        for number in range(42):
            family = town.family if number > 3 else make_family(town.authority)
            make_sent(family, town.pickup, pickup_of(town.child if number > 3 else make_child(family, "Luca")))
        assert questions() == few
        assert "Page 1 sur 2" in inbox(town)
        assert "Page 2 sur 2" in inbox(town, page="2")


class TestTheDoor:
    def test_a_role_that_answers_for_no_service_has_no_entry_and_no_way_in(self, town):
        biller = signed_in(make_agent(town.authority, "Ana", Grant.Role.MANAGE_BILLING))

        assert biller.get(town.at("demandes/")).status_code == 403
        assert biller.get(town.page).status_code == 403
        assert "demandes/" not in text_of(biller.get(town.at("reglements/")))

    def test_an_agent_of_another_service_does_not_find_it(self, town):
        make_service_in_charge(town.authority, "regie", name="Régie", role=Grant.Role.MANAGE_BILLING)
        biller = signed_in(make_agent(town.authority, "Ana", Grant.Role.MANAGE_BILLING))
        document = join(town.sent)

        assert "Aucune demande" in inbox(town, biller)
        assert biller.get(town.page).status_code == 404
        assert biller.get(f"{town.page}pieces/{document.public_id}/").status_code == 404
        assert biller.get(f"{town.page}demande.pdf").status_code == 404
        for act in ("attribuer", "transmettre", "complement", "message", "note", "decision", "effet", "sante"):
            assert post(town, act, biller, words="x", decision="reject", reasons="x").status_code == 404
        assert fresh(town).revision == town.sent.revision

    def test_who_administers_sees_all(self, town):
        chief = signed_in(make_agent(town.authority, "Chef", Grant.Role.ADMINISTER))

        assert f"/{town.sent.public_id}/" in inbox(town, chief)
        assert text_of(chief.get(town.page))

    def test_a_draft_is_nobody_s_business(self, town):
        draft = make_draft(town.family, town.pickup, {})

        assert town.client.get(town.at(f"demandes/{draft.public_id}/")).status_code == 404


class TestThePage:
    def test_it_says_what_is_asked_for_whom_until_when_and_what_happened(self, town):
        write_note(town.sent, "Vue avec la directrice.", by=town.by, at=NOW)

        text = text_of(town.client.get(town.page))

        for said in (
            "Je souhaiterais autoriser Jeanne Martin (06 12 34 56 78) à venir récupérer Inès à partir du mardi 1ᵉʳ",
            "Personne autorisée",
            "par Maria Sanchez-Cordoves",
            "Le silence accepte dans 61 jours : à la fin du samedi 23 janvier 2027.",
            "Vue avec la directrice.",
            "Demande envoyée",
            "lundi 23 novembre, 8 h, Maria Sanchez-Cordoves",
            "Accepter ne change rien au dossier",
            "Cette démarche ne demande aucune pièce",
        ):
            assert said in text, said
        assert f"familles/{town.family.public_id}/" in text

    def test_taken_given_and_given_back(self, town):
        lea = make_agent(town.authority, "Léa Roy", Grant.Role.MANAGE_RESERVATIONS)
        assert post(town, "attribuer", agent=str(town.agent.pk)).status_code == 303
        assert fresh(town).assigned_to == town.agent
        assert "<b>Vous.</b>" in text_of(town.client.get(town.page))
        assert post(town, "attribuer", agent=str(lea.pk)).status_code == 303
        assert "Confiée à Léa Roy" in text_of(town.client.get(town.page))
        assert post(town, "attribuer", agent="personne").status_code == 303
        assert fresh(town).assigned_to is None
        assert "Choisissez quelqu’un" in text_of(post(town, "attribuer", agent="0"), 422)

    def test_handed_to_another_service_its_agents_have_it(self, town):
        make_service_in_charge(town.authority, "regie", name="Régie", role=Grant.Role.MANAGE_BILLING)
        biller = signed_in(make_agent(town.authority, "Ana", Grant.Role.MANAGE_BILLING))

        assert post(town, "transmettre", service="regie").status_code == 303

        assert f"/{town.sent.public_id}/" in inbox(town, biller)
        assert "Transmise : Régie" in text_of(biller.get(town.page))
        assert "Choisissez un service" in text_of(post(town, "transmettre", biller, service="ailleurs"), 422)

    def test_a_message_is_sent_once_and_no_words_keep_the_page(self, town):
        assert "Écrivez votre message" in text_of(post(town, "message", words=" "), 422)
        for _press in range(2):
            assert post(town, "message", words="Bonjour, votre demande avance.").status_code == 303

        assert Message.objects.count() == 1
        assert "Bonjour, votre demande avance." in text_of(town.client.get(town.page))

    def test_a_template_fills_its_form_alone_without_scripts(self, town):
        words = make_template(
            town.authority, "message", "Reçue", "Bonjour, demande n° {numero} pour {enfants}, {agent}."
        )
        make_template(town.authority, "reject", "Hors commune", "Vous n’habitez pas ici.")

        text = text_of(town.client.get(town.page, {"modele": words.public_id}))

        assert "Bonjour, demande n° 1 pour Inès, Nadia Ferrand.</textarea>" in text
        assert "Vous n’habitez pas ici.</textarea>" not in text
        other = make_procedure(town.authority, "autre", documents=[])
        hidden = make_template(town.authority, "message", "Autre", "Rien à voir.", procedure=other)
        assert "Rien à voir." not in text_of(town.client.get(town.page, {"modele": hidden.public_id}))

    def test_a_completion_names_what_is_missing_until_a_day(self, town):
        shown = text_of(town.client.get(town.page))
        assert 'value="2026-12-08"' in shown, "fifteen days are proposed"
        assert "cochez une pièce" in text_of(post(town, "complement", words="", due_on="2026-12-08"), 422)
        kept = text_of(post(town, "complement", words="Il manque son nom.", due_on="2026-11-23"), 422)
        assert "Choisissez un jour à venir" in kept
        assert "Il manque son nom.</textarea>" in kept

        sent = post(town, "complement", words="Il manque son nom.", due_on="2026-12-08", codes=["person"])

        assert sent.status_code == 303
        asked = ChangesAsked.objects.get()
        assert (asked.codes, asked.words, fresh(town).state) == (["person"], "Il manque son nom.", State.INCOMPLETE)
        text = text_of(town.client.get(town.page))
        assert "Le délai est arrêté : vous attendez la famille." in text
        assert "à fournir avant la fin du mardi 8 décembre 2026" in text


class TestDeciding:
    def test_accepted_as_asked(self, town):
        response = post(town, "decision", decision="approve", reasons="", **accepted_with(town))

        assert response.status_code == 303
        assert fresh(town).state == State.APPROVED
        text = text_of(town.client.get(town.page))
        assert "Acceptée" in text
        assert "par Nadia Ferrand" in text
        assert "Votre décision" not in text

    def test_what_is_changed_is_in_part_with_its_reasons_and_everything_typed_is_kept(self, town):
        changed = accepted_with(town, starts_on="2026-12-15", **{"person.name": "Jeanne Roy"})

        text = text_of(post(town, "decision", decision="approve", reasons="", **changed), 422)
        assert "acceptez en partie, et dites-lui pourquoi" in text
        assert 'value="Jeanne Roy"' in text
        assert 'value="2026-12-15"' in text
        assert fresh(town).state == State.SUBMITTED
        assert "Donnez les raisons" in text_of(
            post(town, "decision", decision="approve_partly", reasons=" ", **changed), 422
        )
        done = post(town, "decision", decision="approve_partly", reasons="Dès le 15.", **changed)

        assert done.status_code == 303
        assert fresh(town).state == State.PARTLY_APPROVED
        text = text_of(town.client.get(town.page))
        for said in ("Acceptée en partie", "Dès le 15.", "Ce que l’agent a écrit", "mardi 15 décembre 2026"):
            assert said in text

    def test_a_fault_stands_above_its_field(self, town):
        text = text_of(post(town, "decision", decision="approve", **accepted_with(town, starts_on="demain")), 422)

        assert "Indiquez une date, par exemple 09/04/2027." in text
        assert 'value="demain"' in text
        assert fresh(town).state == State.SUBMITTED

    def test_refused_with_reasons_alone(self, town):
        assert "Donnez les raisons" in text_of(post(town, "decision", decision="reject", reasons=""), 422)
        assert (
            post(town, "decision", decision="reject", reasons="Une décision de justice l’interdit.").status_code == 303
        )

        assert fresh(town).state == State.REJECTED
        assert "Une décision de justice l’interdit." in text_of(town.client.get(town.page))
        assert post(town, "decision", decision="n’importe quoi").status_code == 400

    def test_the_agent_s_own_fields_are_asked_and_told(self, town):
        procedure = make_procedure(town.authority, "adresse", documents=[], fields=[*PICKUP["fields"], AGENT_FIELD])
        sent = make_sent(town.family, procedure, pickup_of(town.child))
        page = town.at(f"demandes/{sent.public_id}/")
        assert "À remplir par vous" in text_of(town.client.get(page))

        missing = text_of(post(town, "decision", sent=sent, decision="approve", **accepted_with(town)), 422)
        assert "Répondez à cette question." in missing
        done = post(town, "decision", sent=sent, decision="approve", **accepted_with(town, resident="yes"))

        assert done.status_code == 303
        assert "Habite la commune" in text_of(town.client.get(page))

    def test_what_decides_nothing_is_answered_and_closed(self, town):
        procedure = make_procedure(town.authority, "message", documents=[], silence="decides_nothing")
        sent = make_sent(town.family, procedure, pickup_of(town.child))
        page = town.at(f"demandes/{sent.public_id}/")
        text = text_of(town.client.get(page))
        assert "Répondre et clore" in text
        assert "Refuser…" not in text
        assert "Le silence ne décide rien." in text

        assert post(town, "decision", sent=sent, decision="answer", reasons="Merci.").status_code == 303

        assert Application.objects.get(pk=sent.pk).state == State.ANSWERED
        assert "Merci." in text_of(town.client.get(page))

    def test_what_cannot_be_done_is_a_sentence_and_nothing_is_decided(self, town):
        address = {"code": "address", "label": "Adresse", "kind": "address"}
        procedure = make_procedure(
            town.authority, "adresse", documents=[], effect="change_address", fields=[*PICKUP["fields"], address]
        )
        where = {"address.street": ["1 rue Neuve"], "address.postcode": ["77163"], "address.city": ["Dammartin"]}
        sent = make_sent(town.family, procedure, pickup_of(town.child, **where, starts_on=["2031-12-01"]))

        answer = post(town, "decision", sent=sent, decision="approve", reasons="Oui.", **sent.answers)

        text = text_of(answer, 409)
        assert "Rien n’a été décidé" in text
        assert "à plus de deux ans d’ici" in text
        assert "Oui.</textarea>" in text
        assert Application.objects.get(pk=sent.pk).state == State.SUBMITTED

    def test_silence_accepted_and_an_agent_does_the_rest_once(self, town):
        procedure = make_procedure(town.authority, "adresse", documents=[], fields=[*PICKUP["fields"], AGENT_FIELD])
        sent = make_sent(town.family, procedure, pickup_of(town.child))
        after = datetime(2027, 1, 24, 8, tzinfo=UTC)
        decide_by_silence(sent, does_effect=False, by=SYSTEM, at=after)
        with clock.visiting(after):
            text = text_of(town.client.get(town.at(f"demandes/{sent.public_id}/")))
            assert "Reste à faire" in text
            assert "Appliquer ce que le silence a accepté" in text
            now = Application.objects.get(pk=sent.pk)
            assert "Répondez à cette question." in text_of(post(town, "effet", sent=now), 422)
            assert post(town, "effet", sent=now, resident="no").status_code == 303
            text = text_of(town.client.get(town.at(f"demandes/{sent.public_id}/")))

        assert "Reste à faire" not in text
        assert "Décision appliquée" in text


class TestTogether:
    @pytest.fixture
    def asked(self, town):
        """Three, each of which lets a neighbor fetch the child."""
        town.fetching = make_procedure(
            town.authority, code="chercher", title="Venir chercher", documents=[], effect="allow_pickup"
        )
        names = ("Jeanne Martin", "Jeanne Durand", "Jeanne Petit")
        return [make_sent(town.family, town.fetching, pickup_of(town.child, **{"person.name": [n]})) for n in names]

    def ticked(self, asked, **more):
        fresh_rows = [Application.objects.get(pk=one.pk) for one in asked]
        seen = [f"{one.public_id}.{one.revision}" for one in fresh_rows]
        return {"choisi": [one.public_id for one in asked], "vu": seen, **more}

    def test_what_each_asks_is_read_before_anything_is_decided(self, town, asked):
        page = text_of(town.client.get(town.at("demandes/ensemble/"), self.ticked(asked, reponse="accepter")))

        assert "Accepter 3 demandes" in page
        assert page.count("Jeanne ") == 3
        assert "Autorise une personne à venir chercher les enfants" in page
        assert set(Application.objects.values_list("state", flat=True)) == {"submitted"}

    def test_each_is_decided_but_what_a_colleague_answered_or_a_family_changed(self, town, asked):
        sent = self.ticked(asked, answer="approve")
        first, second, third = asked
        decide(first, Decision.REJECT, reasons="Non.", expected=first.revision, by=town.by, at=NOW)
        decide(second, Decision.APPROVE, expected=second.revision, by=town.by, at=NOW)

        page = text_of(town.client.post(town.at("demandes/ensemble/"), sent, follow=True))

        assert "1 demande acceptée. La famille est prévenue. 1 l’était déjà. n° 2 : Quelqu’un d’autre" in page
        states = {one.pk: Application.objects.get(pk=one.pk).state for one in asked}
        assert states == {first.pk: "rejected", second.pk: "approved", third.pk: "approved"}
        assert PickupPerson.objects.count() == 2

    def test_one_whose_effect_fails_leaves_nothing_and_stops_no_other(self, town, asked):
        elsewhere = make_child(make_family(town.authority, "Autre", user=make_user("autre@exemple.fr")), "Léo")
        with permitted("factory"):
            given = json.dumps({**pickup_of(town.child), "children": [elsewhere.public_id]})
            Application.objects.filter(pk=asked[1].pk).update(given=given)

        page = text_of(
            town.client.post(town.at("demandes/ensemble/"), self.ticked(asked, answer="approve"), follow=True)
        )

        assert "2 demandes acceptées" in page
        assert "n° 3 : Un des enfants n’est plus au dossier de la famille." in page
        assert [Application.objects.get(pk=one.pk).state for one in asked] == ["approved", "submitted", "approved"]
        assert PickupPerson.objects.count() == 2

    def test_what_needs_a_choice_is_said_and_left(self, town):
        chosen = make_procedure(
            town.authority, code="place", title="Place", fields=[AGENT_FIELD], text="Je demande.", documents=[]
        )
        one = make_sent(town.family, chosen, {})

        page = text_of(town.client.get(town.at("demandes/ensemble/"), self.ticked([one], reponse="accepter")))
        said = text_of(
            town.client.post(town.at("demandes/ensemble/"), self.ticked([one], answer="approve"), follow=True)
        )

        assert "Rien à accepter d’un coup" in page
        assert "Elle attend une réponse de la mairie." in page
        assert "Elle attend une réponse de la mairie." in said
        assert Application.objects.get(pk=one.pk).state == State.SUBMITTED

    def test_a_refusal_says_why_to_all(self, town, asked):
        nothing = self.ticked(asked, answer="reject", reasons=" ")
        assert "la famille doit savoir pourquoi" in text_of(
            town.client.post(town.at("demandes/ensemble/"), nothing), 422
        )

        town.client.post(town.at("demandes/ensemble/"), self.ticked(asked, answer="reject", reasons="Trop tard."))

        rows = [Application.objects.get(pk=one.pk) for one in asked]
        assert {(one.state, one.reasons) for one in rows} == {("rejected", "Trop tard.")}

    def test_boxes_are_of_one_procedure_and_another_service_s_are_not_found(self, town, asked):
        other = make_service_in_charge(town.authority, "urbanisme", role=Grant.Role.ADMINISTER)
        works = make_procedure(town.authority, code="travaux", title="Travaux", documents=[], service=other.code)
        theirs = make_sent(town.family, works, pickup_of(town.child))

        assert 'name="choisi"' not in inbox(town)
        assert inbox(town, demarche=town.fetching.code).count('name="choisi"') == 3
        both = self.ticked([town.sent, theirs], reponse="accepter")
        assert "Répondez à une démarche à la fois" in text_of(
            town.client.get(town.at("demandes/ensemble/"), both, follow=True)
        )
        desk = signed_in(make_agent(town.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS))
        sent = self.ticked([theirs], answer="reject", reasons="Non.")
        assert "Cochez d’abord" in text_of(desk.post(town.at("demandes/ensemble/"), sent, follow=True))
        assert Application.objects.get(pk=theirs.pk).state == State.SUBMITTED

    def test_as_many_questions_for_many_as_for_few(self, town, asked):
        def statements(some):
            with CaptureQueriesContext(connection) as counted:
                text_of(town.client.get(town.at("demandes/ensemble/"), self.ticked(some, reponse="accepter")))
            return len(counted) - len(some)  # the test reads each of them itself

        statements(asked[:1])
        few = statements(asked[:1])
        many = [*asked, *(make_sent(town.family, town.fetching, pickup_of(town.child)) for _ in range(5))]

        assert statements(many) == few


class TestSeveralAgents:
    def test_who_answers_what_she_no_longer_sees_is_told_who_did_what_and_keeps_her_words(self, town):
        lea = make_agent(town.authority, "Léa Roy", Grant.Role.MANAGE_RESERVATIONS)
        before = fresh(town)
        seen = AuditEntry.objects.filter(object_type="application").order_by("pk").last().pk
        assign(town.sent, lea, expected=before.revision, by=Actor(ActorKind.AGENT, lea.user_id), at=NOW)
        told = {"expected": before.revision, "seen": seen, "decision": "reject", "reasons": "Mes longs motifs."}

        response = town.client.post(f"{town.page}decision/", told)

        text = text_of(response, 409)
        assert "Cette demande a changé pendant que vous écriviez." in text
        assert "Confiée à Léa Roy</b> : lundi 23 novembre, 8 h, Léa Roy" in text
        assert "Mes longs motifs.</textarea>" in text
        assert f'name="expected" value="{fresh(town).revision}"' in text, "she may go on from here"
        assert fresh(town).state == State.SUBMITTED

    def test_closed_meanwhile_the_words_are_shown_even_without_their_form(self, town):
        before = fresh(town)
        decide(town.sent, Decision.APPROVE, expected=before.revision, by=town.by, at=NOW)
        told = {"expected": before.revision, "decision": "reject", "reasons": "Mes longs motifs."}

        text = text_of(town.client.post(f"{town.page}decision/", told), 409)

        assert "Mes longs motifs." in text
        assert fresh(town).state == State.APPROVED

    def test_the_same_decision_twice_is_one(self, town):
        before = fresh(town)
        told = {"expected": before.revision, "decision": "reject", "reasons": "Non."}

        assert [town.client.post(f"{town.page}decision/", told).status_code for _press in range(2)] == [303, 303]
        assert AuditEntry.objects.filter(verb="decide").count() == 1

    def test_a_page_without_its_revision_writes_nothing(self, town):
        assert town.client.post(f"{town.page}decision/", {"decision": "reject", "reasons": "Non."}).status_code == 422
        assert town.client.post(f"{town.page}attribuer/", {"agent": "personne"}).status_code == 422
        assert fresh(town).state == State.SUBMITTED


class TestDocuments:
    def test_a_picture_is_shown_beside_the_page_by_its_own_door(self, town):
        first = join(town.sent, name="carte.png")
        second = join(town.sent, name="livret.png", valid_until=date(2026, 11, 1), at=NOW + timedelta(minutes=1))

        text = text_of(town.client.get(town.page))
        assert f'src="{town.page}pieces/{first.public_id}/?voir=1"' in text
        assert "1 sur 2" in text
        text = text_of(town.client.get(town.page, {"piece": second.public_id}))
        assert f'src="{town.page}pieces/{second.public_id}/?voir=1"' in text
        assert "Périmée" in text
        shown = town.client.get(f"{town.page}pieces/{first.public_id}/?voir=1")
        assert shown["Content-Disposition"].startswith("inline")
        assert "sandbox" in shown["Content-Security-Policy"]
        saved = town.client.get(f"{town.page}pieces/{first.public_id}/")
        assert saved["Content-Disposition"].startswith("attachment")
        assert saved.content == shown.content
        assert not AuditEntry.objects.filter(verb="read_document").exists()

    def test_one_of_another_application_is_not_found_here(self, town):
        other = make_sent(town.family, town.pickup, pickup_of(town.child))
        document = join(other)

        assert town.client.get(f"{town.page}pieces/{document.public_id}/").status_code == 404

    def test_what_is_missing_is_named(self, town):
        procedure = make_procedure(
            town.authority, "autre", documents=[{**PICKUP["documents"][0], "is_required": False}]
        )
        sent = make_sent(town.family, procedure, pickup_of(town.child))

        assert "Pas de fichier pour" in text_of(town.client.get(town.at(f"demandes/{sent.public_id}/")))

    def test_the_whole_on_paper(self, town):
        response = town.client.get(f"{town.page}demande.pdf")

        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")


class TestHealth:
    @pytest.fixture
    def allergy(self, town):
        procedure = make_procedure(town.authority, "sante", **ALLERGY)
        given = {"child": [town.child.public_id], "allergies": ["arachide, choc grave"]}
        town.sent = make_sent(town.family, procedure, given)
        town.page = town.at(f"demandes/{town.sent.public_id}/")
        return town

    def readings(self, verb="read_health"):
        return list(AuditEntry.objects.filter(verb=verb).values_list("object_key", "actor_key"))

    def test_answers_are_shown_once_their_reading_is_noted(self, allergy):
        text = text_of(allergy.client.get(allergy.page))
        assert "arachide" not in text
        assert "Réponse de santé, non affichée" in text
        assert "affichez d’abord les réponses de santé" in text
        assert self.readings() == []

        assert post(allergy, "sante").status_code == 303

        for _look in range(2):
            text = text_of(allergy.client.get(allergy.page))
            assert "arachide, choc grave" in text
            assert "Accepter la demande" in text
        assert self.readings() == [(allergy.sent.pk, allergy.agent.user_id)]
        assert "Réponses de santé lues" in text

    def test_it_closes_again_and_is_each_agent_s_own(self, allergy):
        post(allergy, "sante")
        other = signed_in(make_agent(allergy.authority, "Léa", Grant.Role.MANAGE_RESERVATIONS))

        assert "arachide" not in text_of(other.get(allergy.page))

    def test_the_paper_waits_for_the_reading(self, allergy):
        led = allergy.client.get(f"{allergy.page}demande.pdf")
        assert (led.status_code, led["Location"]) == (303, allergy.page)
        assert "Affichez d’abord les réponses de santé" in text_of(allergy.client.get(allergy.page))

        post(allergy, "sante")

        assert allergy.client.get(f"{allergy.page}demande.pdf").status_code == 200

    def test_where_nothing_is_about_health_nothing_is_noted(self, town):
        assert post(town, "sante").status_code == 303
        assert self.readings() == []

    def test_a_document_about_health_is_not_drawn_by_itself_and_each_reading_is_noted(self, town):
        document = join(town.sent, is_health=True)

        text = text_of(town.client.get(town.page))
        assert "Cette pièce parle de santé" in text
        assert "?voir=1" not in text
        assert self.readings("read_document") == []
        assert "?voir=1" in text_of(town.client.get(town.page, {"piece": document.public_id}))
        town.client.get(f"{town.page}pieces/{document.public_id}/?voir=1")

        assert self.readings("read_document") == [(document.pk, town.agent.user_id)]


def test_no_health_in_what_a_template_writes(town):
    procedure = make_procedure(town.authority, "sante", **ALLERGY)
    sent = make_sent(town.family, procedure, {"child": [town.child.public_id], "allergies": ["arachide"]})
    words = make_template(town.authority, "message", "Santé", "Pour {enfants} : {allergies}.")

    text = text_of(town.client.get(town.at(f"demandes/{sent.public_id}/"), {"modele": words.public_id}))

    assert "Pour Inès : ….</textarea>" in text
