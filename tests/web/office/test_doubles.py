"""Agents look at files that are alike, unite them, or say that they are different."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import Child, DifferentFamilies, Family, HealthRecord
from marelle.domain.reservations.models import Reservation
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import TUESDAY
from tests.factories.town import make_agent, make_authority, make_child, make_family, make_reservation
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.django_db
SURE = {"act": "families", "is_sure": "on"}


@pytest.fixture
def town(office, in_scope):
    """Two files of one family: the same guardian and the same child; they say some things otherwise."""
    in_scope(office.authority)
    office.other = make_family(office.authority)
    office.child = make_child(office.family, "Inès", products=(office.meal,))
    office.again = make_child(office.other, "Ines", products=(office.meal,))
    with permitted("factory"):
        Family.objects.filter(pk=office.family.pk).update(address="1 rue Haute")
        Family.objects.filter(pk=office.other.pk).update(address="2 rue Basse", phone="06 11 11 11 11")
    office.preview = office.at(f"familles/doublons/{office.family.public_id}/{office.other.public_id}/")
    return office


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def same_child(town):
    return {f"c-{town.again.pk}": town.child.public_id, f"f-child-{town.again.pk}-first_name": "kept"}


class TestTheList:
    def test_files_of_one_child_are_shown_with_why_until_somebody_says_no(self, town):
        page = text_of(town.client.get(town.at("familles/doublons/")))
        assert "Même enfant" in page
        assert town.preview in page

        answer = town.client.post(f"{town.preview}differents/")

        assert (answer.status_code, DifferentFamilies.objects.count()) == (303, 1)
        assert "Aucun doublon" in text_of(town.client.get(town.at("familles/doublons/")))

    def test_two_numbers_lead_to_any_two_files(self, town):
        asked = {"dossier": town.family.code.upper(), "autre": town.other.code}
        assert town.client.get(town.at("familles/doublons/"), asked)["Location"] == town.preview
        wrong = text_of(town.client.get(town.at("familles/doublons/"), asked | {"autre": "rien"}), 422)
        assert "Aucun dossier ne porte ce numéro" in wrong
        assert town.family.code.upper() in wrong

    def test_it_asks_as_few_questions_for_many_pairs(self, town):
        def asked():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                text_of(town.client.get(town.at("familles/doublons/")))
            return len(queries)

        asked()
        few = asked()
        for number in range(6):
            for _twice in range(2):
                make_child(make_family(town.authority, f"Roy{number}"), "Zoé")

        assert asked() == few

    def test_an_agent_of_one_school_does_not_see_all_the_files(self, town):
        from marelle.domain.accounts.models import Grant

        agent = make_agent(town.authority, "Ada", "view_day")
        with permitted("factory"):
            Grant.objects.create(
                authority=town.authority, agent=agent, role="manage_reservations", facility=town.school
            )
        client = signed_in(agent)

        assert client.get(town.at("familles/doublons/")).status_code == 403
        assert client.post(town.preview, SURE).status_code == 403


class TestThePreview:
    def test_both_files_what_differs_and_what_passes_are_said(self, town):
        make_reservation(town.again, town.meal, TUESDAY, family=town.other)
        make_reservation(town.child, town.meal, TUESDAY, family=town.family)

        page = text_of(town.client.get(town.preview))

        for said in ("1 rue Haute", "2 rue Basse", "1 jour réservé", "Un jour est réservé dans les deux dossiers"):
            assert said in page
        assert f'value="{town.child.public_id}" selected' in page

    def test_the_files_are_united_as_chosen_and_the_former_address_leads_to_the_other(self, town):
        make_reservation(town.again, town.meal, TUESDAY, family=town.other)

        answer = town.client.post(town.preview, SURE | same_child(town) | {"f-address": "ended"})

        kept_url = town.at(f"familles/{town.family.public_id}/")
        assert (answer.status_code, answer["Location"]) == (303, kept_url)
        assert "Les dossiers sont réunis" in text_of(town.client.get(kept_url))
        town.family.refresh_from_db()
        assert (town.family.address, town.family.phone) == ("2 rue Basse", "06 11 11 11 11")
        assert Reservation.objects.get().child_id == town.child.pk
        assert town.client.get(town.at(f"familles/{town.other.public_id}/"))["Location"] == kept_url
        assert town.other.code not in text_of(town.client.get(town.at("familles/"), {"nom": "Sanchez"}))
        assert town.client.get(town.preview)["Location"] == kept_url
        assert town.client.post(town.preview, SURE)["Location"] == kept_url
        assert AuditEntry.objects.filter(verb="merge_families").count() == 1

    def test_what_was_chosen_is_kept_while_the_box_is_not_ticked(self, town):
        page = text_of(
            town.client.post(town.preview, {"act": "families", "f-address": "ended"} | same_child(town)), 422
        )

        assert "ne se défait pas" in page
        assert re.search(r'name="f-address" value="ended"[^>]*checked', page)
        assert not Family.objects.filter(merged_into__isnull=False).exists()

    def test_two_homes_of_one_child_keep_their_files(self, town):
        answer = town.client.post(town.preview, SURE | same_child(town) | {"act": "children", "f-address": "kept"})

        assert answer.status_code == 303
        assert not Family.objects.filter(merged_into__isnull=False).exists()
        assert Child.objects.get(pk=town.again.pk).merged_into_id == town.child.pk
        nobody = {f"c-{town.again.pk}": ""}
        assert town.client.post(town.preview, SURE | nobody | {"act": "children"}).status_code == 422

    def test_a_child_noted_twice_in_one_file_is_one(self, town):
        twin = make_child(town.family, "Inès")
        preview = town.at(f"familles/doublons/{town.family.public_id}/{town.family.public_id}/")
        assert "un enfant" in text_of(town.client.get(preview)).lower()

        chosen = {f"c-{twin.pk}": town.child.public_id, "act": "children", "is_sure": "on"}

        assert town.client.post(preview, chosen).status_code == 303
        assert Child.objects.get(pk=twin.pk).merged_into_id == town.child.pk

    def test_a_family_of_another_town_is_not_there(self, town):
        stranger = make_family(make_authority("Ailleurs"))

        for pair in ((town.family, stranger), (stranger, town.family)):
            address = town.at("familles/doublons/" + "/".join(one.public_id for one in pair) + "/")
            assert town.client.get(address).status_code == 404
            assert town.client.post(address, SURE).status_code == 404
            assert town.client.post(f"{address}differents/").status_code == 404


class TestHealth:
    @pytest.fixture
    def differing(self, town):
        with permitted("factory"):
            for child, words in ((town.child, "arachide"), (town.again, "réglisse du coin")):
                HealthRecord.objects.create(authority=town.authority, child=child, allergies=words)
        return town

    def test_who_knows_it_chooses_and_the_reading_is_noted(self, differing):
        page = text_of(differing.client.get(differing.preview))
        assert "réglisse du coin" in page
        assert AuditEntry.objects.filter(verb="read_health").exists()
        sent = SURE | same_child(differing) | {"f-address": "kept"}
        assert differing.client.post(differing.preview, sent).status_code == 422

        assert differing.client.post(differing.preview, sent | {f"h-{differing.again.pk}": "both"}).status_code == 303

        assert HealthRecord.objects.get().allergies == "arachide\nréglisse du coin"

    def test_who_does_not_is_told_and_writes_nothing(self, differing):
        client = signed_in(make_agent(differing.authority, "Ada", "manage_reservations"))

        page = text_of(client.get(differing.preview))
        assert "réglisse" not in page
        assert "droit de lire la santé" in page
        sent = SURE | same_child(differing) | {"f-address": "kept", f"h-{differing.again.pk}": "ended"}
        refused = text_of(client.post(differing.preview, sent), 409)

        assert "réglisse" not in refused
        assert "droit de lire la santé" in refused
        assert not Family.objects.filter(merged_into__isnull=False).exists()
        assert not AuditEntry.objects.filter(verb="read_health").exists()


def test_the_history_of_the_kept_file_tells_what_was_done_to_the_other(town):
    from marelle.domain.procedures.queries.of_a_family import rows_of_family
    from tests.domain.household import NOW

    town.client.post(town.preview, SURE | same_child(town) | {"f-address": "kept"})

    rows = rows_of_family(town.family.pk, since=NOW)
    assert set(rows["family"]) == {town.family.pk, town.other.pk}
    assert {town.child.pk, town.again.pk} <= set(rows["child"])
