"""The absences that families told, as agents see them: on the roll, in the list, with their certificates."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import Absence, Attendance, Disruption, DisruptionLine
from marelle.domain.reservations.queries.absences import awaiting_certificate, readings_of, recent_absences
from marelle.foundation import clock, tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.test_absences import CANTEEN
from tests.factories import town
from tests.web.office.conftest import THURSDAY, TODAY, signed_in
from tests.web.office.test_day import add_child, body, day

pytestmark = pytest.mark.urls("marelle.config.urls_office")

TOLD = datetime(2026, 11, 23, 6, 40, tzinfo=UTC)  # today, 7:40


@pytest.fixture
def canteen(office):
    """The office of a canteen with a rule for illness."""
    office.meal = town.make_product(office.authority, service=office.canteen, facility=office.school, rules=CANTEEN)
    return office


def told(office, first_name="Lucia", *, on=TODAY, **fields):
    reservation = town.make_reservation(add_child(office, first_name), office.meal, on, family=office.family)
    with permitted("factory"), tenancy.scope({office.authority.pk}):
        return Absence.objects.create(
            authority=office.authority,
            reservation=reservation,
            **{"cause": "illness", "told_at": TOLD, "words": "Elle tousse", **fields},
        )


def page(office, client=None):
    return body((client or office.client).get(office.at("absences/")))


def receive(office, absence, client=None, **form):
    return (client or office.client).post(office.at(f"absences/{absence.public_id}/certificat/"), form)


def again(absence):
    with tenancy.scope({absence.authority_id}):
        absence.refresh_from_db()
    return absence


class TestTheList:
    def test_each_says_who_when_why_and_what_it_comes_to(self, canteen):
        told(canteen)

        said = page(canteen)

        assert "Lucia Sanchez-Cordoves CE2 Maladie Certificat attendu" in said
        assert "Repas du lundi 23 novembre , École des Tilleuls" in said
        assert (
            "Prévenu lundi 23 novembre, 7 h 40. "
            "Non facturé si un certificat arrive au plus tard mercredi 25 novembre, 7 h 40, sinon facturé."
        ) in said
        assert "« Elle tousse »" in said

    def test_the_latest_told_comes_first(self, canteen):
        told(canteen, "Lucia", told_at=TOLD - timedelta(hours=1))
        told(canteen, "Mateo")

        said = page(canteen)

        assert said.index("Mateo") < said.index("Lucia")

    def test_nobody_told_anything(self, canteen):
        assert "Aucune absence signalée." in page(canteen)

    def test_what_was_withdrawn_or_is_months_old_is_not_there(self, canteen):
        told(canteen, "Lucia", withdrawn_at=TOLD)
        told(canteen, "Mateo", told_at=TOLD - timedelta(weeks=9))

        assert "Aucune absence signalée." in page(canteen)

    def test_only_within_the_agent_s_reach(self, canteen):
        absence = told(canteen)
        elsewhere = town.make_facility(canteen.authority, "École du Bourg")
        agent = town.make_agent(canteen.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS)
        with permitted("factory"), tenancy.scope({canteen.authority.pk}):
            Grant.objects.filter(agent=agent).update(facility=elsewhere)
        client = signed_in(agent)

        assert "Aucune absence signalée." in page(canteen, client)
        assert receive(canteen, absence, client, received_on="2026-11-23").status_code == 404
        assert again(absence).certificate_at is None

    def test_it_is_for_those_who_manage_reservations(self, canteen):
        client = signed_in(town.make_agent(canteen.authority, "Paul", Grant.Role.VIEW_DAY))

        assert client.get(canteen.at("absences/")).status_code == 403
        assert "Absences" not in body(client.get(canteen.at("journee/")))
        assert 'href="' + canteen.at("absences/") in canteen.client.get(canteen.at("a-traiter/")).content.decode()

    def test_as_few_questions_for_many_as_for_one(self, canteen):
        def questions():
            page(canteen)
            with CaptureQueriesContext(connection) as statements:
                page(canteen)
            return len(statements)

        told(canteen)
        for_one = questions()
        for number in range(6):
            told(canteen, f"Enfant {number}")

        assert questions() == for_one


class TestTheCertificate:
    def test_recorded_with_its_hour(self, canteen):
        absence = told(canteen)

        with clock.visiting(datetime(2026, 11, 25, 8, tzinfo=UTC)):
            response = receive(canteen, absence, received_on="2026-11-25", received_time="07:40")
            said = page(canteen)

        assert response.status_code == 303
        assert response["Location"] == canteen.at(f"absences/#{absence.public_id}")
        assert again(absence).certificate_at == datetime(2026, 11, 25, 6, 40, tzinfo=UTC)
        assert "Certificat enregistré : Lucia, repas, lundi 23 novembre. Non facturé." in said
        assert "Certificat reçu le mercredi 25 novembre, 7 h 40." in said

    def test_a_minute_too_late(self, canteen):
        absence = told(canteen)

        with clock.visiting(datetime(2026, 11, 25, 8, tzinfo=UTC)):
            receive(canteen, absence, received_on="2026-11-25", received_time="07:41")
            said = page(canteen)

        assert "Facturé : un certificat devait arriver au plus tard mercredi 25 novembre, 7 h 40." in said

    def test_without_an_hour_today_is_now_and_another_day_its_first_hour(self, canteen):
        first, second = told(canteen), told(canteen, "Mateo")

        with clock.visiting(datetime(2026, 11, 25, 8, tzinfo=UTC)):
            receive(canteen, first, received_on="2026-11-25")
            receive(canteen, second, received_on="2026-11-24")

        assert again(first).certificate_at == datetime(2026, 11, 25, 8, tzinfo=UTC)
        assert again(second).certificate_at == datetime(2026, 11, 23, 23, tzinfo=UTC)

    def test_recorded_by_mistake_it_is_erased(self, canteen):
        absence = told(canteen, certificate_at=TOLD)

        assert receive(canteen, absence, undo="yes").status_code == 303

        assert again(absence).certificate_at is None
        assert "Certificat effacé : Lucia" in page(canteen)
        assert AuditEntry.objects.exclude(verb="read_health").get().verb == "forget_certificate"

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({}, "Indiquez le jour"),
            ({"received_on": "31/02/2026"}, "Indiquez le jour"),
            ({"received_on": "2026-11-24"}, "Ce moment n’est pas encore venu."),
            ({"received_on": "2026-11-23", "received_time": "8:01"}, "Ce moment n’est pas encore venu."),
            ({"received_on": "2026-11-23", "received_time": "?"}, "Indiquez l’heure"),
            ({"received_on": "0001-01-01"}, "Indiquez le jour"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_beside_its_field(self, canteen, form, said):
        absence = told(canteen)

        response = receive(canteen, absence, **form)

        assert response.status_code == 422
        assert said in body(response)
        assert again(absence).certificate_at is None

    def test_withdrawn_meanwhile_it_is_no_longer_there(self, canteen):
        absence = told(canteen, withdrawn_at=TOLD)

        assert receive(canteen, absence, received_on="2026-11-23").status_code == 404


class TestTheRoll:
    def test_a_told_absence_is_a_tag_and_is_counted_apart(self, canteen):
        told(canteen, on=THURSDAY)
        town.make_reservation(add_child(canteen, "Mateo"), canteen.meal, THURSDAY, family=canteen.family)

        said = body(day(canteen))

        assert "Absence signalée" in said
        assert "2 enfants dont 1 absence signalée" in said
        assert "Dont 1 pour une absence signalée." in said
        assert "2 sur 192" in said  # the place stays taken; two canteens here

    def test_the_day_asks_as_few_questions_with_absences_as_without(self, canteen):
        def questions():
            day(canteen)
            with CaptureQueriesContext(connection) as statements:
                day(canteen)
            return len(statements)

        town.make_reservation(add_child(canteen), canteen.meal, THURSDAY, family=canteen.family)
        without = questions()
        for number in range(3):
            told(canteen, f"Enfant {number}", on=THURSDAY)

        assert questions() == without

    def test_none_is_not_spoken_of(self, canteen):
        town.make_reservation(add_child(canteen), canteen.meal, THURSDAY, family=canteen.family)

        assert "absence signalée" not in body(day(canteen))

    def test_a_child_who_came_all_the_same_is_present(self, canteen):
        absence = told(canteen)
        with permitted("factory"), tenancy.scope({canteen.authority.pk}):
            Attendance.objects.create(
                authority=canteen.authority,
                child=absence.reservation.child,
                product=canteen.meal,
                date=TODAY,
                state="present",
                recorded_at=TOLD,
            )

        assert "bsence signalée" not in body(day(canteen, TODAY))

    def test_the_sheet_says_it_beside_the_squares(self, canteen):
        told(canteen)

        said = body(canteen.client.get(canteen.at(f"journee/{TODAY.isoformat()}/presences/")))

        assert "Non pointé Absence signalée" in said


class TestMadeByAnEvent:
    """A strike that notes absences is one line, whatever the number of children."""

    def declare(self, canteen, *first_names, on=THURSDAY, effect="absence", **said):
        for name in first_names:
            town.make_reservation(add_child(canteen, name), canteen.meal, on, family=canteen.family)
        canteen.client.post(
            canteen.at("evenements/declarer/faire/"),
            {"kind": "strike", "starts_on": on.isoformat(), "effect": effect, **said},
        )
        with tenancy.scope({canteen.authority.pk}):
            return Disruption.objects.order_by("-pk").first()

    def test_it_is_one_line_with_its_days_its_count_and_the_way_to_it(self, canteen):
        told(canteen)
        event = self.declare(canteen, "Mateo", "Ines")

        response = canteen.client.get(canteen.at("absences/"))

        said = body(response)
        assert "Notées par un événement Grève Jeudi 26 novembre · 2 absences, 2 enfants · Voir les 2 enfants" in said
        assert canteen.at(f"evenements/{event.public_id}/") in response.content.decode()
        assert "1 absence Cocher" in said
        assert "Lucia Sanchez-Cordoves" in said
        assert "Mateo" not in said

    def test_its_children_are_a_click_away_with_their_day_and_take_a_certificate_there(self, canteen):
        told(canteen)
        event = self.declare(canteen, "Mateo", "Ines")
        there = canteen.at(f"absences/?evenement={event.public_id}")

        said = body(canteen.client.get(there))
        assert "Repas du jeudi 26 novembre" in said
        assert said.index("Ines") < said.index("Mateo")
        assert "Lucia" not in said

        with tenancy.scope({canteen.authority.pk}):
            absence = Absence.objects.get(reservation__child__first_name="Mateo")
        refused = receive(canteen, absence, received_on="")
        assert (refused.status_code, "Ines" in body(refused)) == (422, True)
        done = receive(canteen, absence, received_on="2026-11-23")
        assert done["Location"] == f"{there}#{absence.public_id}"
        assert "Certificat reçu le" in body(canteen.client.get(there))

    def test_alone_all_or_none_and_what_is_undone_cancelled_or_withdrawn_is_not_there(self, canteen):
        every = canteen.at("absences/?evenement=tous")
        assert "Aucun événement n’a noté d’absences." in body(canteen.client.get(every))
        event = self.declare(canteen, "Mateo", "Ines")
        with permitted("factory"), tenancy.scope({canteen.authority.pk}):
            Absence.objects.filter(reservation__child__first_name="Ines").update(withdrawn_at=TOLD)
        self.declare(canteen, on=TODAY + timedelta(days=2), effect="cancel", title="La neige")

        said = body(canteen.client.get(every))
        assert "Grève Jeudi 26 novembre · 1 absence, 1 enfant · Voir l’enfant" in said
        assert "La neige" not in said
        assert "Aucune absence signalée par les familles." in page(canteen)

        canteen.client.post(canteen.at(f"evenements/{event.public_id}/defaire/"))
        assert "Aucun événement n’a noté d’absences." in body(canteen.client.get(every))
        assert "Aucune absence signalée." in page(canteen)
        assert canteen.client.get(canteen.at(f"absences/?evenement={event.public_id}")).status_code == 404

    def test_an_agent_counts_and_opens_those_of_her_services_alone(self, canteen):
        evening = town.make_product(
            canteen.authority, name="Soir", service=town.make_service(canteen.authority, "Garderie", code="garderie")
        )
        town.make_reservation(add_child(canteen, "Zoé"), evening, THURSDAY, family=canteen.family)
        event = self.declare(canteen, "Mateo")

        def seen_by(service):
            agent = town.make_agent(canteen.authority, service, Grant.Role.MANAGE_RESERVATIONS)
            with permitted("factory"), tenancy.scope({canteen.authority.pk}):
                Grant.objects.filter(agent=agent).update(service_code=service)
            client = signed_in(agent)
            answer = client.get(canteen.at("absences/"), {"evenement": event.public_id})
            return page(canteen, client), answer

        whole, mine, (other, answer) = page(canteen), seen_by("cantine")[0], seen_by("piscine")
        assert "2 absences, 2 enfants" in whole
        assert "1 absence, 1 enfant" in mine
        assert "Aucune absence signalée." in other
        assert answer.status_code == 404

    def test_as_few_questions_for_many_events_and_children_as_for_one(self, canteen):
        def questions(**asked):
            canteen.client.get(canteen.at("absences/"), asked)
            with CaptureQueriesContext(connection) as statements:
                canteen.client.get(canteen.at("absences/"), asked)
            return len(statements)

        event = self.declare(canteen, "Mateo")
        few = questions(), questions(evenement="tous"), questions(evenement=event.public_id)
        with permitted("factory"), tenancy.scope({canteen.authority.pk}):
            line = event.lines.get()
            for number in range(5):
                other = town.make_reservation(
                    add_child(canteen, f"Enfant {number}"), canteen.meal, THURSDAY, family=canteen.family
                )
                DisruptionLine.objects.create(
                    authority=canteen.authority,
                    disruption=event,
                    reservation=other,
                    did=line.did,
                    former_state="reserved",
                )
                Absence.objects.create(
                    authority=canteen.authority, reservation=other, cause="strike", told_at=event.declared_at
                )
        for later in (1, 3, 4):
            self.declare(canteen, f"Cadet {later}", on=TODAY + timedelta(days=later), title=f"Jour {later}")

        assert (questions(), questions(evenement="tous"), questions(evenement=event.public_id)) == few
        assert "6 absences, 6 enfants" in page(canteen)


class TestSeveralCertificatesAtOnce:
    def post(self, canteen, *absences, **form):
        keys = [one.public_id for one in absences]
        return canteen.client.post(canteen.at("absences/ensemble/"), {"choisi": keys, "vu": "2026-11-23 ", **form})

    def test_what_each_day_becomes_is_said_first(self, canteen):
        ill = told(canteen)
        away = told(canteen, "Mateo", cause="other")

        ticked = {"choisi": [ill.public_id, away.public_id]}
        said = body(canteen.client.get(canteen.at("absences/ensemble/"), ticked))

        assert "Enregistrer 2 certificats" in said
        assert "Lucia Sanchez-Cordoves Maladie Repas du lundi 23 novembre, École des Tilleuls Non facturé." in said
        assert "Mateo Sanchez-Cordoves Autre Repas du lundi 23 novembre, École des Tilleuls Rien ne change." in said
        assert again(ill).certificate_at is None

    def test_all_are_recorded_but_what_changed_meanwhile(self, canteen):
        first, second = told(canteen), told(canteen, "Mateo")
        before = told(canteen, "Ines", certificate_at=TOLD)

        response = self.post(canteen, first, second, before, received_on="2026-11-23")

        said = body(canteen.client.get(response["Location"]))
        assert "2 certificats enregistrés. Une absence avait déjà son certificat." in said
        assert again(first).certificate_at == again(second).certificate_at > TOLD
        assert again(before).certificate_at == TOLD
        assert AuditEntry.objects.filter(verb="record_certificate").count() == 2

    def test_another_moment_is_looked_at_before_it_is_recorded(self, canteen):
        absence = told(canteen)

        looked_at = self.post(canteen, absence, received_on="2026-11-23", received_time="07:50")

        assert looked_at.status_code == 200
        assert "Rien n’est encore enregistré." in body(looked_at)
        assert again(absence).certificate_at is None
        self.post(canteen, absence, received_on="2026-11-23", received_time="07:50", vu="2026-11-23 07:50:00")
        assert again(absence).certificate_at == datetime(2026, 11, 23, 6, 50, tzinfo=UTC)

    def test_a_moment_to_come_records_nothing(self, canteen):
        absence = told(canteen)

        response = self.post(canteen, absence, received_on="2026-11-24", vu="2026-11-24 ")

        assert response.status_code == 422
        assert "Ce moment n’est pas encore venu." in body(response)
        assert again(absence).certificate_at is None

    def test_those_awaited_are_all_those_that_a_certificate_would_change(self, canteen):
        for days in range(6):
            on = TODAY - timedelta(days=days)
            told(canteen, f"Enfant {days}", on=on, told_at=TOLD - timedelta(days=days))
            told(canteen, f"Cadet {days}", on=on, told_at=TOLD - timedelta(days=days, hours=20))
        counts = []
        with tenancy.scope({canteen.authority.pk}):
            offer = offer_of(canteen.authority)
            for hours in range(0, 96, 8):
                at, since = TOLD + timedelta(hours=hours), TOLD - timedelta(weeks=4)
                recent = recent_absences({canteen.meal.pk}, since=since)
                every = readings_of(recent, offer=offer, at=at)
                would_change = {key for key, reading in every.items() if reading and reading.is_awaited}

                assert awaiting_certificate(recent, offer=offer, at=at).keys() == would_change
                counts.append(len(would_change))

        assert (max(counts), min(counts)) == (2, 0)

    def test_the_list_of_those_awaited_is_the_first_told_first(self, canteen):
        told(canteen, "Lucia", told_at=TOLD - timedelta(hours=1))
        told(canteen, "Mateo")
        told(canteen, "Ines", cause="other")

        said = body(canteen.client.get(canteen.at("absences/"), {"certificat": "attendu"}))

        assert said.index("Lucia") < said.index("Mateo")
        assert "Ines" not in said
