"""The agents' day: who is expected, what to mind, the places; held places; who sees what."""

import re
from datetime import UTC, datetime, time
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Service, Slot, Tariff
from marelle.domain.catalog.queries import forget_offers
from marelle.domain.families.operations.health import record_health
from marelle.domain.families.rules.health import HealthNote
from marelle.domain.reservations.models import Attendance, Reservation, WaitingListEntry
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import HOST, THURSDAY, TODAY, ask_to_cancel, signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")


def body(response):
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def day(office, date=THURSDAY, query=""):
    return office.client.get(office.at(f"journee/{date.isoformat()}/{query}"))


def add_child(office, first_name="Lucia", **fields):
    return town.make_child(office.family, first_name, products=(office.meal,), school_class=office.ce2, **fields)


def test_an_expected_child_is_shown_with_her_class_and_the_hour(office):
    town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family)

    response = day(office)

    assert response.status_code == 200
    page = body(response)
    assert "Jeudi 26 novembre 2026" in page
    assert "Lucia Sanchez-Cordoves" in page
    assert "CE2 · Mme Perrin · 1 enfant" in page
    assert "11 h 30" in page
    assert "1 sur 96" in page
    assert "95 places libres" in page


def test_allergies_are_said_in_words_before_the_list(office):
    child = add_child(office, "Noé", allergies="arachide", diet="sans porc")
    town.make_reservation(child, office.meal, THURSDAY, family=office.family)

    page = body(day(office))

    assert "Noé Sanchez-Cordoves , CE2 : arachide" in page
    assert page.index("Allergies et PAI") < page.index("Enfants attendus")
    assert "1 allergie, 1 régime" in page


def test_the_kitchen_counts_the_meals_by_diet(office):
    for name, diet in (("Ana", "Sans porc"), ("Bob", "sans porc"), ("Cléo", "")):
        town.make_reservation(add_child(office, name, diet=diet), office.meal, THURSDAY, family=office.family)

    page = body(day(office))

    assert "Sans porc 2" in page
    assert "Sans régime particulier 1" in page
    assert "Total 3" in page


def test_the_day_buttons_skip_the_days_without_service(office):
    page = body(day(office, TODAY.replace(day=24)))

    assert "Lundi Aujourd’hui Jeudi" in page  # no canteen on Wednesday


def test_a_closed_day_says_why(office):
    town.make_closure(office.authority, "Grève nationale", THURSDAY)

    page = body(day(office))

    assert "Pas de service ce jour-là. Grève nationale" in page


def test_a_chosen_day_leads_to_its_address_and_keeps_the_filters(office):
    other = town.make_service(office.authority, "Garderie", code="garderie")
    town.make_product(office.authority, name="Soir", service=other, facility=office.school)

    response = office.client.get(office.at("journee/"), {"jour": "2026-11-26", "service": "garderie"})

    assert response.status_code == 302
    assert response["Location"] == office.at("journee/2026-11-26/?service=garderie")


@pytest.mark.parametrize("text", ["", "demain", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused_in_words(office, text):
    response = office.client.get(office.at("journee/"), {"jour": text})

    assert response.status_code == 400
    assert "Indiquez un jour" in body(response)


@pytest.mark.parametrize("text", ["2026-02-30", "hier", "1999-01-01", "20x6-01-01"])
def test_an_address_of_no_day_is_not_found(office, text):
    assert office.client.get(office.at(f"journee/{text}/")).status_code == 404


@pytest.mark.parametrize("date", ["2000-01-01", "2099-12-31"])
def test_the_furthest_days_are_empty_pages(office, date):
    response = office.client.get(office.at(f"journee/{date}/"))

    assert response.status_code == 200


def test_a_service_can_be_looked_at_alone(office):
    evening = town.make_product(
        office.authority,
        name="Étude",
        noun="étude",
        service=town.make_service(office.authority, "Étude", code="etude"),
        facility=office.school,
    )
    town.make_reservation(add_child(office, "Lucia"), office.meal, THURSDAY, family=office.family)
    mateo = town.make_child(office.family, "Mateo", products=(evening,))
    town.make_reservation(mateo, evening, THURSDAY, family=office.family)

    page = body(day(office, query="?service=etude"))

    assert "Mateo" in page
    assert "Lucia" not in page


def test_an_unknown_filter_shows_everything(office):
    town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family)

    assert "Lucia" in body(day(office, query="?service=xxx&etablissement=%27"))


def test_a_pending_cancellation_is_set_apart_and_can_be_answered_from_the_day(office):
    reservation = town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family, price_cents=385)
    request = ask_to_cancel(reservation, words="Elle déjeune chez sa grand-mère.")

    page = body(day(office))
    assert "Annulation demandée" in page
    assert "Annulations à traiter 1" in page
    assert "« Elle déjeune chez sa grand-mère. »" in page

    answered = office.client.post(
        office.at(f"annulations/{request.public_id}/"), {"answer": "refund", "jour": THURSDAY.isoformat()}
    )
    assert (answered.status_code, answered["Location"]) == (303, office.at("journee/2026-11-26/"))


def test_a_full_service_says_so_and_lists_who_waits(office):
    with permitted("test"), tenancy.scope({office.authority.pk}):
        slot = Slot.objects.get(date=THURSDAY, activity=office.meal.activity)
        Slot.objects.filter(pk=slot.pk).update(capacity=1)
        waiting = add_child(office, "Mateo")
        WaitingListEntry.objects.create(
            authority=office.authority,
            child=waiting,
            family=office.family,
            product=office.meal,
            date=THURSDAY,
            slot=slot,
            asked_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
        )
    town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family)

    page = body(day(office))

    assert "Complet, 1 en attente" in page
    assert "Rang 1 : Mateo Sanchez-Cordoves" in page


# ------------------------------------------------------------------------------------------------------ held places


@pytest.fixture
def held(office):
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Service.objects.update(payment_mode="prepaid")
    return town.make_reservation(
        add_child(office),
        office.meal,
        THURSDAY,
        family=office.family,
        state="held",
        held_until=datetime(2026, 11, 25, 16, tzinfo=UTC),
    )


def answer_held(office, held, answer, client=None):
    return (client or office.client).post(
        office.at("journee/2026-11-26/places/"),
        {"child": held.child.public_id, "product": office.meal.public_id, "answer": answer},
    )


def test_a_held_place_says_until_when_and_can_be_confirmed(office, held, in_scope):
    page = body(day(office))
    assert "Place gardée jusqu’au mer. 25 nov., 17 h" in page  # in its square
    assert "Place gardée jusqu’au mercredi 25 novembre, 17 h" in page  # among those to answer

    response = answer_held(office, held, "confirm")

    assert response.status_code == 303
    assert "Place confirmée : Lucia Sanchez-Cordoves, repas, jeudi 26 novembre." in body(
        office.client.get(response["Location"])
    )
    in_scope(office.authority)
    held.refresh_from_db()
    assert (held.state, held.held_until) == ("reserved", None)


def test_a_held_place_can_be_released_and_gives_its_place_back(office, held, in_scope):
    assert answer_held(office, held, "release").status_code == 303

    in_scope(office.authority)
    held.refresh_from_db()
    assert (held.state, held.reason) == ("cancelled", "non réglée à temps")
    assert Slot.objects.get(date=THURSDAY).taken == 0


def test_a_place_that_is_no_longer_held_is_refused_in_words(office, held):
    answer_held(office, held, "confirm")

    response = answer_held(office, held, "release")

    assert response.status_code == 409
    assert "Cette place n’est plus gardée." in body(response)


@pytest.mark.parametrize("forged", [{"answer": "sell"}, {"child": "x" * 40}, {}])
def test_a_forged_answer_changes_nothing(office, held, in_scope, forged):
    data = {"child": held.child.public_id, "product": office.meal.public_id} | forged

    response = office.client.post(office.at("journee/2026-11-26/places/"), data)

    assert response.status_code == 400
    in_scope(office.authority)
    held.refresh_from_db()
    assert held.state == "held"


def test_an_agent_who_only_looks_may_not_answer(office, held):
    viewer = signed_in(town.make_agent(office.authority, "Bastien Roy", "view_day"))

    assert answer_held(office, held, "confirm", viewer).status_code == 403
    page = viewer.get(office.at("journee/2026-11-26/")).content.decode()
    assert 'value="confirm"' not in page


# -------------------------------------------------------------------------------------------------- who sees what


def test_an_agent_of_another_town_finds_nothing(office):
    stranger = signed_in(town.make_agent(town.make_authority("JolieVille")))

    assert stranger.get(office.at("journee/")).status_code == 404


def test_an_agent_of_one_facility_sees_only_it(office):
    elsewhere = town.make_facility(office.authority, "École du Lac")
    lake_meal = town.make_product(office.authority, service=office.canteen, facility=elsewhere)
    town.make_reservation(add_child(office, "Lucia"), office.meal, THURSDAY, family=office.family)
    mateo = town.make_child(office.family, "Mateo", products=(lake_meal,), allergies="œuf")
    town.make_reservation(mateo, lake_meal, THURSDAY, family=office.family)
    agent = town.make_agent(office.authority, "Bastien Roy", "view_day")
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=office.school)

    page = body(signed_in(agent).get(office.at("journee/2026-11-26/")))

    assert "Lucia" in page
    assert "1 sur 96" in page
    assert "Mateo" not in page
    assert "École du Lac" not in page


def test_an_agent_of_one_service_sees_only_it(office):
    evening = town.make_product(
        office.authority,
        name="Étude",
        service=town.make_service(office.authority, "Étude", code="etude"),
        facility=office.school,
    )
    town.make_reservation(add_child(office, "Lucia"), office.meal, THURSDAY, family=office.family)
    mateo = town.make_child(office.family, "Mateo", products=(evening,))
    town.make_reservation(mateo, evening, THURSDAY, family=office.family)
    agent = town.make_agent(office.authority, "Bastien Roy", "view_day")
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(service_code="etude")

    page = body(signed_in(agent).get(office.at("journee/2026-11-26/")))

    assert "Mateo" in page
    assert "Lucia" not in page


def test_the_page_is_kept_by_no_cache(office):
    assert "no-store" in day(office)["Cache-Control"]


def fill(office, children, classes, products):
    """Make that many children, in that many classes, each coming for every product."""
    rooms = [town.make_class(office.school, f"Classe {number}", position=number) for number in range(classes)]
    for number in range(children):
        family = town.make_family(office.authority, f"Famille {number}")
        child = town.make_child(
            family, f"Enfant {number}", products=products, school_class=rooms[number % classes], allergies="arachide"
        )
        for product in products:
            ask_to_cancel(town.make_reservation(child, product, THURSDAY, family=family))


def count_statements(office):
    day(office)  # the offer is read once a process
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert day(office).status_code == 200
    return len(counted)


def test_the_number_of_statements_does_not_grow(office):
    fill(office, 1, 1, (office.meal,))
    small = count_statements(office)
    more = tuple(
        town.make_product(
            office.authority,
            name=f"Produit {number}",
            service=town.make_service(office.authority, f"Service {number}"),
            facility=town.make_facility(office.authority, f"École {number}"),
        )
        for number in range(5)
    )
    fill(office, 12, 6, (office.meal, *more))

    assert count_statements(office) == small
    # One counts what families ask, for the menu; one says the events of the day, another looks for photos, one for
    # children who share their days between two homes.
    assert small <= 19


# --------------------------------------------------------------------------------------------------------- arriving


def test_an_agent_of_one_town_arrives_at_its_day(office):
    response = office.client.get("/")

    assert (response.status_code, response["Location"]) == (302, office.at("journee/"))


def test_an_agent_of_two_towns_chooses(office):
    town.make_agent(town.make_authority("JolieVille"), user=office.agent.user)

    page = body(office.client.get("/"))

    assert "Dammartin-sur-Tigeaux" in page
    assert "JolieVille" in page


def test_an_account_that_is_no_agent_is_told_so_calmly(db):
    client = Client(HTTP_HOST=HOST)
    client.force_login(town.make_user())

    response = client.get("/")

    assert response.status_code == 200
    page = body(response)
    assert "Ce compte n’est pas celui d’un agent" in page
    assert "Aller au site des familles" in page
    assert "Se déconnecter" in page


@pytest.mark.parametrize("name", ["office_home", "office_account"])
def test_nobody_arrives_without_signing_in(db, name):
    response = Client(HTTP_HOST=HOST).get(reverse(name))

    assert response.status_code == 302
    assert "next=" in response["Location"]


def test_the_menu_counts_what_waits(office):
    ask_to_cancel(town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family))

    assert "1 à traiter" in body(day(office))


# ---------------------------------------------------------------------------------------------------------- the sheet


def sheet_url(office, date=TODAY):
    return office.at(f"journee/{date.isoformat()}/presences/")


def square(office, child):
    return f"p.{child.public_id}.{office.meal.public_id}"


@pytest.fixture
def two(office):
    children = [add_child(office, "Lucia"), add_child(office, "Mateo")]
    for child in children:
        town.make_reservation(child, office.meal, TODAY, family=office.family)
    return children


def test_the_sheet_records_who_came(office, two, in_scope):
    lucia, mateo = two

    response = office.client.post(
        sheet_url(office), {square(office, lucia): "present", square(office, mateo): "absent"}, follow=True
    )

    assert response.redirect_chain[-1][1] == 303
    assert "1 présence enregistrée, 1 absence." in body(response)
    in_scope(office.authority)
    assert dict(lucia.attendance.values_list("child_id", "state")) == {lucia.pk: "present"}
    assert dict(mateo.attendance.values_list("child_id", "state")) == {mateo.pk: "absent"}


def test_one_button_marks_all_the_others_present(office, two):
    lucia, mateo = two

    response = office.client.post(
        sheet_url(office),
        {square(office, lucia): "", square(office, mateo): "absent", "others": "present"},
        follow=True,
    )

    assert "1 présence enregistrée, 1 absence." in body(response)


def test_the_same_sheet_twice_changes_nothing(office, two):
    for _time in range(2):
        response = office.client.post(sheet_url(office), {"others": "present"}, follow=True)

    assert "Rien n’a changé depuis la dernière fois : 2 présences enregistrées." in body(response)


def test_a_blank_erases_what_was_recorded(office, two, in_scope):
    lucia, _mateo = two
    office.client.post(sheet_url(office), {"others": "present"})

    office.client.post(sheet_url(office), {square(office, lucia): ""})

    in_scope(office.authority)
    assert not lucia.attendance.exists()


def test_the_sheet_of_a_day_to_come_is_refused(office, two, in_scope):
    town.make_reservation(two[0], office.meal, THURSDAY, family=office.family)

    response = office.client.post(sheet_url(office, THURSDAY), {square(office, two[0]): "present"})

    assert response.status_code == 422
    assert "Ce jour n’est pas encore venu." in body(response)
    in_scope(office.authority)
    assert not two[0].attendance.exists()


def test_a_child_who_left_the_list_is_not_recorded_and_it_is_said(office, two, in_scope):
    lucia, _mateo = two
    stranger = town.make_child(office.family, "Zoé")  # enrolled nowhere

    response = office.client.post(
        sheet_url(office), {square(office, lucia): "present", square(office, stranger): "present"}, follow=True
    )

    assert "Une case n’a pas été enregistrée" in body(response)
    in_scope(office.authority)
    assert lucia.attendance.count() == 1
    assert not stranger.attendance.exists()


def test_an_unreadable_square_records_nothing(office, two, in_scope):
    lucia, mateo = two

    response = office.client.post(
        sheet_url(office), {square(office, lucia): "present", square(office, mateo): "perhaps"}
    )

    assert response.status_code == 400
    in_scope(office.authority)
    assert not lucia.attendance.exists()


def test_a_sheet_of_another_facility_cannot_be_written(office, two, in_scope):
    agent = town.make_agent(office.authority, "Bastien Roy", "record_attendance")
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=town.make_facility(office.authority, "École du Lac"))

    signed_in(agent).post(sheet_url(office), {square(office, two[0]): "present"})

    in_scope(office.authority)
    assert not two[0].attendance.exists()


def test_attendance_is_seen_on_the_day(office, two):
    office.client.post(sheet_url(office), {"others": "present"})

    assert body(day(office, TODAY)).count("Présence ") >= 2


def test_the_sheet_is_for_those_who_record(office):
    viewer = signed_in(town.make_agent(office.authority, "Bastien Roy", "view_day"))

    assert viewer.get(sheet_url(office)).status_code == 403


def test_a_reservation_cancelled_since_is_not_expected(office, in_scope):
    reservation = town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family)
    in_scope(office.authority)
    with permitted("test"):
        Reservation.objects.filter(pk=reservation.pk).update(state="cancelled")

    assert "Lucia" not in body(day(office))
    assert clock.business_today() == TODAY


class TestMinutes:
    """Where the tariff goes by the time spent, or a late departure costs, the sheet asks for minutes."""

    def test_they_are_asked_only_where_the_tariff_needs_them_and_kept(self, office, in_scope):
        child = add_child(office)
        town.make_reservation(child, office.meal, TODAY, family=office.family)
        sheet = reverse("office_sheet", kwargs={"authority": office.authority.slug, "day": TODAY.isoformat()})
        assert b"retard." not in office.client.get(sheet).content
        forget_offers()
        in_scope(office.authority)
        with permitted("test"):
            Tariff.objects.update(rules={"price": "3,85", "late_pickup": {"price": "5,00", "minutes": 15}})
        square = f"{child.public_id}.{office.meal.public_id}"
        assert f"parti.{square}".encode() in office.client.get(sheet).content

        office.client.post(sheet, {f"p.{square}": "present", f"parti.{square}": "13:50"})  # the midday ends at 13:30

        row = Attendance.objects.get(child=child)
        assert (row.state, row.late_minutes, row.fetched_at, row.minutes) == ("present", 20, time(13, 50), None)
        assert office.client.post(sheet, {f"p.{square}": "present", f"parti.{square}": "vingt"}).status_code == 400
        office.client.post(sheet, {f"p.{square}": "present", f"retard.{square}": "5"})
        assert Attendance.objects.get(child=child).late_minutes == 5
        office.client.post(sheet, {f"p.{square}": "absent", f"parti.{square}": "13:50"})
        row = Attendance.objects.get(child=child)
        assert (row.late_minutes, row.fetched_at) == (0, None)


@pytest.fixture
def ines(office):
    child = add_child(office, "Inès")
    tomorrow = TODAY.replace(day=24)
    town.make_reservation(child, office.meal, tomorrow, family=office.family)
    return SimpleNamespace(child=child, tomorrow=tomorrow)


def note_health(office, child, *, at, **said):
    with tenancy.scope({office.authority.pk}):
        return record_health(child, HealthNote(**said), by=Actor(ActorKind.AGENT), at=at)


def test_an_allergy_noted_in_the_evening_is_on_the_lists_of_the_next_day(office, ines):
    evening = datetime(2026, 11, 23, 17, tzinfo=UTC)  # 18:00 in Paris
    assert "arachide" not in body(day(office, ines.tomorrow))

    note_health(office, ines.child, at=evening, allergies="arachide", care_plan="Trousse au bureau.")

    with clock.visiting(evening):
        seen = day(office, ines.tomorrow)
    printed = seen.content.decode().split('class="paper-alerts"', 1)[1].split("</div>", 1)[0]
    assert "Inès Sanchez-Cordoves , CE2 : arachide. PAI : Trousse au bureau." in body(seen)
    assert "arachide" in printed
    assert "PAI : Trousse au bureau." in printed
    with clock.visiting(datetime(2026, 11, 24, 6, tzinfo=UTC)):
        sheet = office.client.get(office.at(f"journee/{ines.tomorrow.isoformat()}/presences/"))
    assert sheet.status_code == 200
    assert "Allergie : arachide" in body(sheet)


def test_a_care_plan_past_its_day_is_said_so_and_never_hidden(office, ines):
    note_health(office, ines.child, at=clock.business_now(), care_plan="Trousse au bureau.", care_plan_until=TODAY)
    town.make_reservation(ines.child, office.meal, TODAY, family=office.family)

    today, tomorrow = body(day(office, TODAY)), body(day(office, ines.tomorrow))

    assert "PAI : Trousse au bureau." in today
    assert "à renouveler" not in today
    assert "PAI à renouveler (échu le 23/11/2026) : Trousse au bureau." in tomorrow
    assert "1 PAI" in tomorrow
