"""Finding a family, and booking or cancelling for it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Slot
from marelle.domain.families.operations.addresses import change_address
from marelle.domain.families.operations.health import record_health
from marelle.domain.families.rules.health import HealthNote
from marelle.domain.reservations.models import Reservation
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories import town
from tests.web.office.conftest import THURSDAY, TODAY, ask_to_cancel, signed_in
from tests.web.office.test_day import add_child, body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


def search(office, name, client=None):
    return (client or office.client).get(office.at("familles/"), {"nom": name})


@pytest.mark.parametrize(
    "typed", ["lefèvre", "LEFEVRE", "  le-fevre ", "Éloïse", "eloise lefevre", "d oeuvre", "D’Œuvre", "Maria"]
)
def test_a_family_is_found_whatever_the_accents(office, typed):
    family = town.make_family(office.authority, "Le-Fèvre" if "-" in typed else "Lefèvre")
    town.make_child(family, "Éloïse d’Œuvre")
    town.make_family(office.authority, "Dupont")

    page = body(search(office, typed))

    assert "Fèvre" in page or "Lefèvre" in page
    assert ("Dupont" in page) is (typed == "Maria")


@pytest.mark.parametrize("typed", ["%", "_", "%%", "\\"])
def test_signs_of_a_pattern_find_nobody(office, typed):
    response = search(office, f"a{typed}z")

    assert response.status_code == 200
    assert "Aucune famille ne porte ce nom." in body(response)


@pytest.mark.parametrize("typed", ["", "a", " ", "é", "x" * 500])
def test_a_search_that_would_find_everybody_is_refused(office, typed):
    response = search(office, typed)

    assert response.status_code == 400


def test_a_search_shows_twenty_and_says_there_are_more(office):
    for number in range(22):
        town.make_family(office.authority, f"Martin {number:02d}")

    page = body(search(office, "martin"))

    assert "Les 20 familles les plus proches" in page
    assert "Martin 19" in page
    assert "Martin 20" not in page


def test_what_a_script_asks_for_is_the_same_piece_of_the_page(office):
    town.make_child(town.make_family(office.authority, "Martin"), "Ana")
    piece = office.client.get(office.at("familles/"), {"nom": "mart"}, headers={"HX-Request": "true"})
    page = search(office, "mart").content.decode()

    assert piece.status_code == 200
    assert piece.content.decode().strip() in page
    nothing = office.client.get(office.at("familles/"), {"nom": "m"}, headers={"HX-Request": "true"})
    assert body(nothing).strip() == ""


def test_a_search_reads_as_few_times_for_many(office):
    def statements():
        with CaptureQueriesContext(connection) as counted:
            search(office, "martin")
        return len(counted)

    town.make_child(town.make_family(office.authority, "Martin"), "Ana")
    search(office, "martin")
    small = statements()
    for number in range(8):
        town.make_child(town.make_family(office.authority, f"Martin {number}"), "Léo")

    assert statements() == small


def family_url(office, end=""):
    return office.at(f"familles/{office.family.public_id}/{end}")


def test_a_family_page_says_what_it_has(office):
    child = add_child(office, diet="sans porc")
    town.make_reservation(child, office.meal, THURSDAY, family=office.family)

    page = body(office.client.get(family_url(office)))

    assert "Maria Sanchez-Cordoves mère" in page
    assert "Sans porc" in page
    assert "jusqu’au 03/07/2027" in page
    assert "jeudi 26 novembre , Lucia, repas Réservé" in page


def reserve(office, child, /, **changed):
    data = {
        "child": child.public_id,
        "product": office.meal.public_id,
        "date": TODAY.isoformat(),
        "reason": "Oubli signalé par téléphone",
    }
    return office.client.post(family_url(office, "reserver/"), data | changed)


def test_an_agent_books_past_the_deadline_with_a_reason(office, in_scope):
    child = add_child(office)

    response = reserve(office, child)

    assert (response.status_code, response["Location"]) == (303, family_url(office))
    assert "Réservé : Lucia, repas, lundi 23 novembre." in body(office.client.get(family_url(office)))
    in_scope(office.authority)
    reservation = Reservation.objects.get()
    assert (reservation.state, reservation.timing) == ("reserved", "by_agent")
    assert AuditEntry.objects.get(verb="reserve_for_family").actor_key == office.agent.user_id


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": " "}, "Écrivez pourquoi : la famille lira ce motif."),
        ({"date": ""}, "Indiquez un jour"),
        ({"date": "2026-02-30"}, "Indiquez un jour"),
        ({"date": "0001-01-01"}, "Indiquez un jour"),
        ({"child": "0" * 12}, "Choisissez un enfant de la liste."),
        ({"product": "'; --"}, "Choisissez une prestation de la liste."),
        ({"reason": "x" * 301}, "300 caractères au plus."),
    ],
)
def test_bad_input_is_refused_in_words(office, in_scope, changed, sentence):
    response = reserve(office, add_child(office), **changed)

    assert response.status_code == 422
    assert sentence in body(response)
    in_scope(office.authority)
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [(date(2026, 11, 25), "Fermé. Pas de service ce jour-là."), (date(2028, 1, 10), "Fermé.")],
    ids=["a Wednesday", "after the year"],
)
def test_a_closed_day_is_refused_to_agents_too(office, day, sentence):
    response = reserve(office, add_child(office), date=day.isoformat())

    assert response.status_code == 409
    assert sentence in body(response)


def test_a_full_service_is_refused_to_agents_too(office, in_scope):
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Slot.objects.update(capacity=0)

    response = reserve(office, add_child(office))

    assert response.status_code == 409
    assert "Complet." in body(response)
    in_scope(office.authority)
    assert not Reservation.objects.exists()


def test_a_child_who_is_not_enrolled_is_refused(office):
    child = town.make_child(office.family, "Sofia")

    response = reserve(office, child)

    assert response.status_code == 409
    assert "Pas d’inscription pour Sofia." in body(response)


def test_the_same_booking_twice_is_said(office):
    child = add_child(office)
    reserve(office, child)

    response = reserve(office, child)

    assert response.status_code == 409
    assert "Déjà réservé." in body(response)


def test_another_familys_child_cannot_be_booked(office, in_scope):
    other = town.make_child(town.make_family(office.authority, "Dupont"), "Zoé", products=(office.meal,))

    response = reserve(office, other)

    assert response.status_code == 422
    in_scope(office.authority)
    assert not Reservation.objects.exists()


def cancel(office, child, /, **changed):
    data = {
        "child": child.public_id,
        "product": office.meal.public_id,
        "date": THURSDAY.isoformat(),
        "reason": "Enfant malade",
        "refund": "yes",
    }
    return office.client.post(family_url(office, "annuler/"), data | changed)


def test_an_agent_cancels_and_answers_the_pending_request(office, in_scope):
    child = add_child(office)
    reservation = town.make_reservation(child, office.meal, THURSDAY, family=office.family)
    request = ask_to_cancel(reservation)

    response = cancel(office, child)

    assert response.status_code == 303
    in_scope(office.authority)
    reservation.refresh_from_db()
    request.refresh_from_db()
    assert (reservation.state, reservation.reason) == ("cancelled", "Enfant malade")
    assert (request.state, request.is_refunded) == ("accepted", True)
    assert Slot.objects.get(date=THURSDAY).taken == 0
    assert AuditEntry.objects.filter(verb="cancel_for_family").count() == 1


def test_a_cancellation_says_whether_it_is_refunded(office):
    child = add_child(office)
    town.make_reservation(child, office.meal, THURSDAY, family=office.family)

    response = cancel(office, child, refund="")

    assert response.status_code == 422
    assert "Dites si la famille est remboursée." in body(response)


def test_nothing_to_cancel_is_said(office):
    child = add_child(office)
    other = town.make_family(office.authority, "Autre foyer")
    town.make_reservation(child, office.meal, THURSDAY, family=other)

    response = cancel(office, child)

    assert response.status_code == 409
    assert "Rien à annuler" in body(response)


def test_the_link_of_a_day_fills_the_form(office):
    child = add_child(office)
    query = f"?child={child.public_id}&product={office.meal.public_id}&date=2026-11-26"

    page = office.client.get(family_url(office, query)).content.decode()

    assert f'value="{child.public_id}" selected' in page
    assert 'value="2026-11-26"' in page


def test_an_agent_of_one_facility_opens_only_its_families(office):
    add_child(office)
    elsewhere = town.make_facility(office.authority, "École du Lac")
    lake_meal = town.make_product(office.authority, service=office.canteen, facility=elsewhere)
    agent = town.make_agent(office.authority, "Bastien Roy", "manage_reservations")
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=elsewhere)
    client = signed_in(agent)

    assert "Aucune famille" in body(search(office, "sanchez", client))
    assert client.get(family_url(office)).status_code == 404

    town.make_child(office.family, "Mateo", products=(lake_meal,))
    page = client.get(family_url(office))
    assert page.status_code == 200
    assert office.meal.public_id not in page.content.decode()


def test_a_family_of_another_town_is_not_found(office):
    other = town.make_authority("JolieVille")
    stranger = signed_in(town.make_agent(other))

    assert stranger.get(f"/{other.slug}/familles/{office.family.public_id}/").status_code == 404


def test_families_are_for_those_who_manage(office):
    viewer = signed_in(town.make_agent(office.authority, "Bastien Roy", "view_day"))

    assert viewer.get(office.at("familles/")).status_code == 403


class TestComingAddress:
    @pytest.fixture
    def move(self, office):
        with tenancy.scope({office.authority.pk}):
            return change_address(
                office.family, "12 rue des Ormes", is_resident=False, starts_on=date(2026, 12, 1), by=AGENT, at=NOW
            )

    def withdraw(self, office, move, client=None):
        url = family_url(office, f"adresses/{move.public_id}/retirer/")
        return (client or office.client).post(url, follow=True)

    def test_it_is_shown_with_its_day(self, office, move):
        page = body(office.client.get(family_url(office)))

        assert (
            "Nouvelle adresse à partir du mardi 1ᵉʳ décembre 2026 N’habitera plus la commune 12 rue des Ormes" in page
        )

    def test_an_agent_gives_it_up_once(self, office, move):
        assert "Ce changement d’adresse est retiré" in body(self.withdraw(office, move))
        again = body(self.withdraw(office, move))

        assert "n’est plus à venir" in again
        assert "Ormes" not in again

    def test_not_one_of_another_family(self, office, move):
        other = town.make_family(office.authority)

        url = office.at(f"familles/{other.public_id}/adresses/{move.public_id}/retirer/")
        assert office.client.post(url).status_code == 404


class TestCarePlansToRenew:
    @pytest.fixture(autouse=True)
    def plans(self, office):
        for name, until in (("Ana", date(2026, 8, 31)), ("Bob", date(2026, 12, 15)), ("Cléo", date(2027, 8, 31))):
            child = add_child(office, name)
            with tenancy.scope({office.authority.pk}):
                note = HealthNote(care_plan="Trousse au bureau.", care_plan_until=until)
                record_health(child, note, by=AGENT, at=NOW)

    def test_they_are_listed_the_first_first_without_what_they_say(self, office):
        page = body(office.client.get(office.at("familles/")))

        assert (
            "PAI à renouveler Ana Sanchez-Cordoves échu le 31/08/2026 Bob Sanchez-Cordoves jusqu’au 15/12/2026" in page
        )
        assert "Cléo" not in page
        assert "Trousse" not in page

    def test_not_to_an_agent_who_sees_no_day(self, office):
        other = town.make_agent(office.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS)

        assert "PAI" not in body(signed_in(other).get(office.at("familles/")))

    def test_not_of_children_that_the_agent_never_sees(self, office):
        elsewhere = town.make_facility(office.authority, "Autre école")
        agent = town.make_agent(office.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS)
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Grant.objects.create(authority=office.authority, agent=agent, role=Grant.Role.VIEW_DAY, facility=elsewhere)

        assert "PAI" not in body(signed_in(agent).get(office.at("familles/")))

    def test_the_page_of_the_family_says_it_and_shows_the_plan(self, office):
        page = body(office.client.get(family_url(office)))

        assert "PAI à renouveler (échu le 31/08/2026) : Trousse au bureau." in page
