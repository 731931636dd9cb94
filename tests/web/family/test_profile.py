"""The profile of a family: what it changes, asks, trusts, consents to and confirms, from its pages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import (
    Child,
    Consent,
    Custody,
    FileConfirmation,
    Guardian,
    PickupPerson,
    ProposedChange,
)
from marelle.domain.families.operations.addresses import change_address
from marelle.domain.families.operations.consents import NewText, publish_text
from marelle.domain.families.operations.health import record_health
from marelle.domain.families.operations.profile import decide_change, set_profile_rules
from marelle.domain.families.rules.health import HealthNote
from marelle.domain.families.rules.profile import FIELDS
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.town import make_authority, make_child, make_family, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def town(in_scope):
    authority = make_authority("Dammartin-sur-Tigeaux")
    in_scope(authority)
    return authority


@pytest.fixture
def family(family_site, town):
    user = make_user("elena@exemple.fr")
    family_site.force_login(user)
    return make_family(town, "Benali", user=user)


@pytest.fixture
def child(family):
    return make_child(family, "Inès")


@pytest.fixture
def visit(family_site, family, town):
    """Open a page of the profile, or post to it: `visit("", name="Roy")`."""

    def go(path="", **sent):
        url = f"/{town.slug}/profil/{path}"
        return family_site.post(url, sent) if sent else family_site.get(url)

    return go


def text_of(response, status=200):
    assert response.status_code == status
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


class TestTheFamily:
    def test_the_words_of_the_first_tab(self, visit):
        text = text_of(visit())

        for said in (
            "Compte famille",
            "Nom de la famille",
            "Cette information sera utilisée pour le nom de votre foyer.",
            "Département du foyer",
            "il s’agit de votre identifiant de connexion, conservez-le bien",
            "elena@exemple.fr",
            "Changer son mot de passe",
            "Mes demandes",
            "Adresse du domicile",
        ):
            assert said in text
        assert 'name="address"' not in text

    def test_a_phone_is_recorded_and_a_name_is_asked(self, visit, family):
        response = visit(name="Benali-Roy", phone="0612345678", department="77", email="", other_phone="")

        assert response.status_code == 302
        text = text_of(visit())
        family.refresh_from_db()
        assert (family.name, family.phone, family.department) == ("Benali", "06 12 34 56 78", "77")
        for said in (
            "C’est enregistré.",
            "Votre demande est partie à la mairie : Nom de la famille",
            "De « Benali » à « Benali-Roy », demandé le lundi 23 novembre.",
            "Votre dossier dit encore : Benali.",
        ):
            assert said in text
        # Saving a phone afterwards does not take the name back: the form shows what was asked.
        assert 'value="Benali-Roy"' in text

    def test_what_waits_is_taken_back(self, visit):
        visit(name="Benali-Roy")
        change = ProposedChange.objects.get()

        visit(f"modifications/{change.public_id}/retirer/", x="1")

        change.refresh_from_db()
        assert change.state == "withdrawn"
        assert "Votre demande de modification est retirée." in text_of(visit())
        visit(f"modifications/{change.public_id}/retirer/", x="1")
        assert "La mairie avait déjà répondu" in text_of(visit())

    def test_the_answer_is_read_with_its_reason(self, visit):
        visit(name="Benali-Roy")
        decide_change(ProposedChange.objects.get(), is_approved=False, reason="Il manque un acte.", by=AGENT, at=NOW)

        text = text_of(visit())
        assert "Refusée" in text
        assert "Il manque un acte." in text
        assert "En attente de la mairie" not in text

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"name": " "}, "cette information est nécessaire"),
            ({"name": "a" * 600}, "raccourcissez"),
            ({"department": "20"}, "Choisissez un département"),
            ({"other_phone": "12"}, "Vérifiez ce numéro"),
        ],
    )
    def test_what_is_not_taken_is_said_beside_the_field(self, visit, sent, words):
        text = text_of(visit(**sent), 422)

        assert words in text
        assert 'aria-invalid="true"' in text
        assert not ProposedChange.objects.exists()

    def test_a_field_on_request_cannot_be_forged(self, visit, family):
        visit(address="9, rue Neuve", code="1", phone="0612345678")

        family.refresh_from_db()
        assert (family.address, family.phone) == ("", "06 12 34 56 78")

    def test_what_the_authority_chose_is_what_is_offered(self, visit, town, family):
        set_profile_rules(
            town,
            dict.fromkeys((code for code in FIELDS if code.startswith("family_")), "request"),
            confirmation_month=None,
            by=AGENT,
            at=NOW,
        )  # fmt: skip
        text = text_of(visit())

        assert 'name="phone"' not in text
        assert text_of(visit(phone="0612345678"))
        family.refresh_from_db()
        assert family.phone == ""


class TestGuardiansAndChildren:
    def test_a_guardian_asks_for_another_name(self, visit, family):
        visit("responsables/", first_name="Maria", last_name="Roy", phone="0612345678", email="")

        (maria,) = Guardian.objects.filter(family=family)
        assert (maria.last_name, maria.phone) == ("Benali", "06 12 34 56 78")
        assert ProposedChange.objects.get().guardian == maria
        assert "Nom, Maria" in text_of(visit("responsables/"))

    def test_a_diet_is_asked_and_an_allergy_is_not_offered(self, visit, child):
        assert 'name="allergies"' not in text_of(visit("enfants/"))

        visit(f"enfants/{child.public_id}/", diet="sans porc")

        change = ProposedChange.objects.get()
        assert (change.child, change.field, change.new) == (child, "child_diet", "sans porc")
        text = text_of(visit("enfants/"))
        assert "Régime, Inès" in text
        assert "Aucun régime signalé" in text

    def test_what_is_refused_opens_the_fold_of_that_child(self, visit, child, family):
        make_child(family, "Zoé", birth_date=date(2019, 1, 1))

        text = text_of(visit(f"enfants/{child.public_id}/", first_name=" "), 422)

        assert len(re.findall(r'<details class="fold" open>', text)) == 1

    def test_the_child_of_another_home_is_not_found(self, visit, town):
        stranger = make_child(make_family(town, "Roy"), "Zoé")

        assert visit(f"enfants/{stranger.public_id}/", diet="sans porc").status_code == 404

    def test_the_page_of_children_takes_as_many_statements_for_five(self, visit, family, child):
        visit("enfants/")
        with CaptureQueriesContext(connection) as one:
            visit("enfants/")
        for name in ("Zoé", "Léa", "Noé", "Tom"):
            make_child(family, name, diet="sans porc")
        with CaptureQueriesContext(connection) as five:
            visit("enfants/")

        assert len(five) == len(one)


PERSON = {"name": "Paul Roy", "relation": "grand-père", "phone": "0612345678", "starts_on": "2026-11-23", "ends_on": ""}


class TestPickups:
    def test_somebody_is_trusted_then_no_longer(self, visit, child):
        visit("personnes-autorisees/", children=child.public_id, **PERSON)

        text = text_of(visit("personnes-autorisees/"))
        assert "C’est noté : Paul Roy peut venir chercher Inès." in text
        assert "Inès, depuis le 23/11/2026 · 06 12 34 56 78" in text
        person = PickupPerson.objects.get()
        visit(f"personnes-autorisees/{person.public_id}/retirer/", x="1")
        text = text_of(visit("personnes-autorisees/"))
        assert "ne peut plus venir chercher" in text
        assert "Personne d’autre que vous." in text
        visit(f"personnes-autorisees/{person.public_id}/retirer/", x="1")
        assert "déjà été retirée" in text_of(visit("personnes-autorisees/"))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"name": ""}, "comme sur la pièce d’identité"),
            ({"children": "inconnu"}, "Cochez au moins un enfant"),
            ({"starts_on": "demain"}, "Indiquez un jour"),
            ({"ends_on": "2026-11-01"}, "La fin vient avant le début"),
            ({"starts_on": "2026-11-01"}, "Ce jour est passé"),
            ({"phone": "12"}, "Vérifiez ce numéro"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_noted(self, visit, child, change, words):
        text = text_of(visit("personnes-autorisees/", **{"children": child.public_id, **PERSON, **change}), 422)

        assert words in text
        assert not PickupPerson.objects.exists()

    def test_where_it_is_asked_by_a_request_the_page_says_so(self, visit, town, child):
        set_profile_rules(town, {"pickup": "request"}, confirmation_month=None, by=AGENT, at=NOW)

        assert "une autorisation se demande à la mairie" in text_of(visit("personnes-autorisees/"))
        assert text_of(visit("personnes-autorisees/", children=child.public_id, **PERSON), 409)
        assert not PickupPerson.objects.exists()

    def test_the_persons_of_another_home_are_not_shown_unless_they_fetch_the_child(
        self, visit, town, child, family_site
    ):
        other = make_family(town, "Roy")
        with permitted("factory"):
            Custody.objects.create(authority=town, child=child, family=other, starts_on=date(2026, 9, 1))
            theirs = PickupPerson.objects.create(
                authority=town, family=other, name="Anne Secrète", starts_on=date(2026, 9, 1), added_at=NOW
            )

        assert "Secrète" not in text_of(visit("personnes-autorisees/"))
        assert visit(f"personnes-autorisees/{theirs.public_id}/retirer/", x="1").status_code == 404


class TestConsents:
    @pytest.fixture
    def text(self, town):
        return publish_text(town, NewText("photos", "Photos", "Dans le journal.", "child"), by=AGENT, at=NOW)

    def test_yes_then_no(self, visit, child, text):
        assert "À répondre" in text_of(visit("autorisations/"))
        visit(f"autorisations/{text.public_id}/", **{child.public_id: "yes"})
        shown = text_of(visit("autorisations/"))
        assert "Votre réponse est enregistrée." in shown
        assert "Dernière réponse le 23/11/2026." in shown
        visit(f"autorisations/{text.public_id}/", **{child.public_id: "no"})

        assert list(Consent.objects.order_by("pk").values_list("is_given", flat=True)) == [True, False]
        visit(f"autorisations/{text.public_id}/", **{child.public_id: "no"})
        assert "c’était déjà votre réponse" in text_of(visit("autorisations/"))

    @pytest.mark.parametrize("said", ["", "peut-être"])
    def test_an_answer_is_yes_or_no(self, visit, child, text, said):
        assert "Répondez oui ou non." in text_of(
            visit(f"autorisations/{text.public_id}/", **{child.public_id: said}), 422
        )
        assert not Consent.objects.exists()

    def test_a_text_that_changed_meanwhile_is_read_again(self, visit, town, child, text):
        publish_text(town, NewText("photos", "Photos", "Et sur le site.", "child"), by=AGENT, at=NOW)

        shown = text_of(visit(f"autorisations/{text.public_id}/", **{child.public_id: "yes"}), 409)
        assert "Ce texte a changé pendant que vous le lisiez." in shown
        assert "Et sur le site." in shown


class TestConfirming:
    def test_the_notice_leads_to_the_file_which_is_confirmed(self, visit, town, family_site, child):
        set_profile_rules(town, {}, confirmation_month=9, by=AGENT, at=NOW)
        notice = "Votre dossier est-il à jour ?"
        assert notice in text_of(visit())
        assert notice in text_of(family_site.get(f"/{town.slug}/actualites/"))
        page = text_of(visit("confirmation/"))
        assert "Inès Benali" in page
        seen = re.search(r'name="seen" value="(\w+)"', page)[1]

        visit("confirmation/", seen=seen, is_right="on")

        assert FileConfirmation.objects.count() == 1
        assert "Votre dossier est confirmé à jour." in text_of(visit())
        assert notice not in text_of(visit())
        assert "Dernière confirmation le lundi 23 novembre 2026." in text_of(visit("confirmation/"))

    def test_the_box_is_ticked(self, visit):
        assert "quand vous avez tout relu" in text_of(visit("confirmation/", seen="0"), 422)

    def test_a_file_that_changed_meanwhile_is_shown_again(self, visit):
        assert "Votre dossier a changé pendant que vous le lisiez." in text_of(
            visit("confirmation/", seen="0", is_right="on"), 409
        )
        assert not FileConfirmation.objects.exists()


def test_nothing_of_this_town_is_reached_from_another_family(family_site, town, family, child):
    visit_name = {"name": "Roy"}
    family_site.post(f"/{town.slug}/profil/", visit_name)
    change = ProposedChange.objects.get()
    stranger = make_user("autre@exemple.fr")
    make_family(town, "Autre", user=stranger)
    family_site.force_login(stranger)

    response = family_site.post(f"/{town.slug}/profil/modifications/{change.public_id}/retirer/")

    assert response.status_code == 404
    with tenancy.scope({town.pk}):
        assert ProposedChange.objects.get().state == "waiting"
        assert Child.objects.count() == 1


def test_an_address_to_come_is_shown_with_its_day(visit, family):
    change_address(family, "12 rue des Ormes", is_resident=None, starts_on=date(2026, 12, 1), by=AGENT, at=NOW)

    page = visit().content.decode()

    assert "Nouvelle adresse à partir du mardi\N{NO-BREAK SPACE}1ᵉʳ\N{NO-BREAK SPACE}décembre" in page
    assert "12 rue des Ormes" in page


@pytest.mark.parametrize(("until", "says"), [(date(2027, 8, 31), "31"), (date(2026, 8, 31), "à renouveler")])
def test_a_care_plan_says_until_when_it_holds(visit, child, until, says):
    note = HealthNote(care_plan="Trousse au bureau.", care_plan_until=until)
    record_health(child, note, by=AGENT, at=NOW)

    page = visit("enfants/").content.decode()

    assert "Trousse au bureau." in page
    told = page.split("Valable jusqu’au", 1)[1].split("</dd>", 1)[0]
    assert says in told
    assert ("renouveler" in told) is (until < NOW.date())
