"""What agents do with families' files: answer changes, set the rules, publish texts; and see whom families trust."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import ConsentText, PickupPerson, ProposedChange
from marelle.domain.families.operations.consents import NewText, answer_consent, publish_text
from marelle.domain.families.operations.pickups import allow_pickup
from marelle.domain.families.operations.profile import change_profile
from marelle.domain.families.queries.profile import confirmation_month_at, ways_at
from marelle.domain.families.rules.pickups import Pickup
from marelle.domain.families.rules.profile import FIELDS
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.town import make_agent, make_child, make_family, make_reservation
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def town(office, in_scope):
    in_scope(office.authority)
    office.child = make_child(office.family, "Inès", products=(office.meal,))
    make_reservation(office.child, office.meal, TODAY, family=office.family)
    return office


@pytest.fixture
def change(town):
    change_profile(town.family, {"family_name": "Roy"}, by=AGENT, at=NOW)
    return ProposedChange.objects.get()


def text_of(response, status=200):
    assert response.status_code == status
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def answer(town, change, **sent):
    return town.client.post(town.at(f"dossiers/modifications/{change.public_id}/"), sent)


class TestAnswering:
    def test_old_and_new_who_and_when_are_beside_each_other(self, town, change):
        with permitted("factory"):
            ProposedChange.objects.update(proposed_by=town.family.memberships.get().user)

        text = text_of(town.client.get(town.at("dossiers/modifications/")))

        for said in (
            "Nom de la famille",
            "Sanchez-Cordoves",
            "Roy",
            "demandé par Maria Sanchez-Cordoves",
            "lundi 23 novembre, 8 h",
        ):
            assert said in text
        assert "1 à traiter" in text_of(town.client.get(town.at("familles/")))
        assert "1 modification demandée" in text_of(town.client.get(town.at(f"familles/{town.family.public_id}/")))

    def test_accepted_it_is_done(self, town, change):
        response = answer(town, change, answer="approve")

        assert response.status_code == 303
        town.family.refresh_from_db()
        assert town.family.name == "Roy"
        text = text_of(town.client.get(town.at("dossiers/modifications/")))
        assert "Accepté : Nom de la famille, famille Sanchez-Cordoves." in text
        assert "Rien n’attend." in text
        assert answer(town, change, answer="approve").status_code == 303
        assert "même réponse" in text_of(town.client.get(town.at("dossiers/modifications/")))

    def test_refused_with_a_reason(self, town, change):
        assert "la famille lira ce motif" in text_of(answer(town, change, answer="refuse"), 422)
        assert answer(town, change, answer="refuse", reason="Il manque un acte.").status_code == 303

        change.refresh_from_db()
        assert (change.state, change.reason) == ("refused", "Il manque un acte.")
        assert "Déjà répondu" in text_of(answer(town, change, answer="approve"), 409)

    def test_a_stale_one_says_what_the_file_says_now_and_offers_to_refuse(self, town, change):
        with permitted("factory"):
            town.family.name = "Vasseur"
            town.family.save()

        text = text_of(town.client.get(town.at("dossiers/modifications/")))
        assert "Périmée" in text
        assert "le dossier dit maintenant « Vasseur »" in text
        assert 'value="approve"' not in text
        assert "Demande périmée" in text_of(answer(town, change, answer="approve"), 409)

    @pytest.mark.parametrize("sent", [{}, {"answer": "peut-être"}])
    def test_an_answer_that_is_none_changes_nothing(self, town, change, sent):
        assert answer(town, change, **sent).status_code == 422
        change.refresh_from_db()
        assert change.state == "waiting"

    def test_an_agent_of_another_site_does_not_see_it(self, town, change):
        from tests.factories.town import make_facility, make_product

        elsewhere = make_facility(town.authority, "École du Lac")
        make_product(town.authority, facility=elsewhere)
        paul = make_agent(town.authority, "Paul", Grant.Role.VIEW_DAY)
        with permitted("factory"):
            Grant.objects.create(
                authority=town.authority, agent=paul, role=Grant.Role.MANAGE_RESERVATIONS, facility=elsewhere
            )
        client = signed_in(paul)

        assert "Rien n’attend." in text_of(client.get(town.at("dossiers/modifications/")))
        assert (
            client.post(town.at(f"dossiers/modifications/{change.public_id}/"), {"answer": "approve"}).status_code
            == 404
        )

    def test_as_many_statements_for_many_changes(self, town, change, django_assert_max_num_queries):
        for number in range(12):
            change_profile(make_family(town.authority, f"Famille {number}"), {"family_name": "Autre"}, by=AGENT, at=NOW)
        with django_assert_max_num_queries(16):
            town.client.get(town.at("dossiers/modifications/"))


class TestRules:
    def sent(self, town, **changed):
        ways = {code: way.value for code, way in ways_at(town.authority.pk).items()}
        return town.client.post(town.at("dossiers/reglages/"), {**ways, "month": "", **changed})

    def test_they_are_shown_and_set(self, town):
        text = text_of(town.client.get(town.at("dossiers/reglages/")))
        assert [field.label for field in FIELDS.values() if field.label not in text] == []

        assert self.sent(town, family_name="request", month="9").status_code == 303

        assert ways_at(town.authority.pk)["family_name"] == "request"
        assert confirmation_month_at(town.authority.pk) == 9
        assert "Les familles voient aussitôt" in text_of(town.client.get(town.at("dossiers/reglages/")))
        self.sent(town, month="9")
        assert "Rien n’a changé." in text_of(town.client.get(town.at("dossiers/reglages/")))

    @pytest.mark.parametrize("changed", [{"child_allergies": "at_once"}, {"family_name": ""}, {"month": "13"}])
    def test_what_cannot_be_is_refused(self, town, changed):
        text_of(self.sent(town, **changed), 422)
        assert confirmation_month_at(town.authority.pk) is None


class TestTexts:
    def publish(self, town, **changed):
        sent = {"code": "", "title": "Photos", "body": "Dans le journal.", "about": "child", **changed}
        return town.client.post(town.at("dossiers/autorisations/"), sent)

    def test_published_answered_changed_and_withdrawn(self, town):
        assert "Rien n’est demandé." in text_of(town.client.get(town.at("dossiers/autorisations/")))
        self.publish(town)
        text = ConsentText.objects.get()
        answer_consent(text, town.family, {town.child.pk: True}, by=AGENT, at=NOW)
        assert "1 oui, 0 non" in text_of(town.client.get(town.at("dossiers/autorisations/")))
        assert "Photos, Inès" in text_of(town.client.get(town.at(f"familles/{town.family.public_id}/")))

        self.publish(town, code=text.code, body="Et sur le site.")
        shown = text_of(town.client.get(town.at("dossiers/autorisations/")))
        assert "Version 2" in shown
        assert "0 oui, 0 non" in shown

        newer = ConsentText.objects.get(version=2)
        for said in ("Retiré : les familles ne sont plus interrogées.", "Ce texte était déjà retiré."):
            town.client.post(town.at(f"dossiers/autorisations/{newer.public_id}/retirer/"))
            assert said in text_of(town.client.get(town.at("dossiers/autorisations/")))

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"title": ""}, "Écrivez un titre."),
            ({"body": ""}, "Écrivez ce que la famille accepte"),
            ({"body": "a" * 4001}, "raccourcissez"),
            ({"about": "chat"}, "pour chaque enfant ou pour le foyer"),
        ],
    )
    def test_what_is_missing_is_said(self, town, changed, words):
        assert words in text_of(self.publish(town, **changed), 422)
        assert not ConsentText.objects.exists()

    def test_a_title_without_letters_has_a_code_too(self, town):
        self.publish(town, title="…")

        assert ConsentText.objects.get().code == "autorisation"

    def test_a_new_version_that_is_refused_is_shown_in_its_place(self, town):
        text = publish_text(town.authority, NewText("photos", "Photos", "Texte.", "child"), by=AGENT, at=NOW)

        shown = text_of(self.publish(town, code=text.code, body=""), 422)

        assert shown.count('<details class="fold" open>') == 1


class TestWhoMayFetch:
    @pytest.fixture(autouse=True)
    def grandfather(self, town):
        wanted = Pickup("Paul Roy", "06 12 34 56 78", "grand-père", frozenset({town.child.pk}), TODAY)
        allow_pickup(town.family, wanted, by=AGENT, at=NOW)

    @pytest.mark.parametrize("page", ["journee/2026-11-23/", "journee/2026-11-23/presences/"])
    def test_the_roll_of_the_day_says_it(self, town, page):
        assert "Peut venir : Paul Roy, grand-père, 06 12 34 56 78" in text_of(town.client.get(town.at(page)))

    def test_the_family_s_page_says_it(self, town):
        text = text_of(town.client.get(town.at(f"familles/{town.family.public_id}/")))

        assert "Paul Roy" in text
        assert "Inès, du 23/11/2026 jusqu’à nouvel ordre" in text

    def test_it_costs_one_statement_whatever_the_children(self, town, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        town.client.get(town.at("journee/2026-11-23/"))
        with CaptureQueriesContext(connection) as one:
            town.client.get(town.at("journee/2026-11-23/"))
        for name in ("Zoé", "Léa", "Noé"):
            child = make_child(town.family, name, products=(town.meal,))
            make_reservation(child, town.meal, TODAY, family=town.family)
            wanted = Pickup(f"Tante de {name}", "", "", frozenset({child.pk}), TODAY)
            allow_pickup(town.family, wanted, by=AGENT, at=NOW)
        with django_assert_num_queries(len(one)):
            town.client.get(town.at("journee/2026-11-23/"))
        with tenancy.scope({town.authority.pk}):
            assert PickupPerson.objects.count() == 4

    def test_an_agent_ends_it_at_once_and_a_second_press_says_so(self, town):
        with tenancy.scope({town.authority.pk}):
            key = PickupPerson.objects.get().public_id
        page = town.at(f"familles/{town.family.public_id}/")
        button = f"{page}personnes/{key}/retirer/"
        assert f'action="{button}"' in town.client.get(page).content.decode()

        done = town.client.post(button, follow=True)
        again = town.client.post(button, follow=True)

        assert "Paul Roy ne peut plus venir chercher les enfants." in text_of(done)
        assert "était déjà retirée" in text_of(again)
        assert "Personne d’autre que les responsables." in text_of(again)
        assert "Paul Roy" not in text_of(town.client.get(town.at("journee/2026-11-23/")))
        assert AuditEntry.objects.filter(verb="end_pickup", actor_kind="agent").count() == 1

    def test_not_that_of_another_family(self, town):
        with tenancy.scope({town.authority.pk}):
            key = PickupPerson.objects.get().public_id
        other = make_family(town.authority, "Voisin")

        assert town.client.post(town.at(f"familles/{other.public_id}/personnes/{key}/retirer/")).status_code == 404


class TestSeveralAtOnce:
    @pytest.fixture
    def changes(self, town, change):
        change_profile(town.family, {"child_first_name": "Ines"}, child=town.child, by=AGENT, at=NOW)
        change_profile(town.family, {"child_last_name": "Roy"}, child=town.child, by=AGENT, at=NOW)
        return {one.field: one for one in ProposedChange.objects.order_by("pk")}

    def post(self, town, changes, **sent):
        keys = [one.public_id for one in changes.values()]
        return town.client.post(town.at("dossiers/modifications/ensemble/"), {"choisi": keys, **sent})

    def states(self):
        return dict(ProposedChange.objects.values_list("field", "state"))

    def test_they_are_read_together_before_anything_changes(self, town, changes):
        keys = [one.public_id for one in changes.values()]

        asked = {"choisi": keys, "reponse": "accepter"}
        text = text_of(town.client.get(town.at("dossiers/modifications/ensemble/"), asked))

        assert "Accepter 3 modifications" in text
        assert set(self.states().values()) == {"waiting"}

    def test_each_is_done_but_what_is_stale_or_answered(self, town, changes):
        with permitted("factory"):
            type(town.family).objects.filter(pk=town.family.pk).update(name="Autrement")
        answer(town, changes["child_last_name"], answer="refuse", reason="Non.")

        response = self.post(town, changes, answer="approve")

        text = text_of(town.client.get(response["Location"]))
        assert "1 modification acceptée. Les familles sont prévenues." in text
        assert "Une avait déjà reçu une réponse : elle n’a pas changé. Demande périmée (1)." in text
        assert self.states() == {"family_name": "waiting", "child_first_name": "approved", "child_last_name": "refused"}
        town.child.refresh_from_db()
        assert town.child.first_name == "Ines"

    def test_a_refusal_is_explained_to_all(self, town, changes):
        assert "la famille lira ce motif" in text_of(self.post(town, changes, answer="refuse", reason=" "), 422)
        assert set(self.states().values()) == {"waiting"}

        self.post(town, changes, answer="refuse", reason="Il manque un acte.")

        assert set(ProposedChange.objects.values_list("state", "reason")) == {("refused", "Il manque un acte.")}

    def test_what_is_of_health_is_left_to_who_may_know_it(self, town):
        change_profile(town.family, {"child_diet": "sans porc"}, child=town.child, by=AGENT, at=NOW)
        found = {"child_diet": ProposedChange.objects.get()}
        agent = make_agent(town.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS)
        town.client = signed_in(agent)

        self.post(town, found, answer="approve")

        assert self.states() == {"child_diet": "waiting"}
