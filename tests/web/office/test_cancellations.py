"""The queue of cancellations and the answers."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Slot
from marelle.domain.catalog.queries import offer_of
from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.operations.cancellations import AnswerToAll, decide_cancellations
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.factories import town
from tests.web.office.conftest import THURSDAY, ask_to_cancel, signed_in
from tests.web.office.test_day import add_child, body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def reservation(office):
    return town.make_reservation(add_child(office), office.meal, THURSDAY, family=office.family, price_cents=385)


def answer(office, request, client=None, **data):
    return (client or office.client).post(office.at(f"annulations/{request.public_id}/"), data)


def test_a_request_in_time_is_shown_with_the_rule_and_the_amount(office, reservation):
    ask_to_cancel(reservation, words="Rendez-vous.")

    page = body(office.client.get(office.at("annulations/")))

    assert "Lucia Sanchez-Cordoves CE2 Dans les délais" in page
    assert "Demandée le dimanche 22 novembre, 10 h, limite le mardi 24 novembre, 9 h. 3,85 € à déduire" in page
    assert "Repas : s’annule le jour de classe précédent avant 9 h (règlement)." in page
    assert "« Rendez-vous. »" in page


@pytest.mark.parametrize(
    ("minute", "is_late"), [(59, False), (60, True), (61, True)], ids=["8:59", "9:00, « avant »", "9:01"]
)
def test_the_very_moment_of_the_limit_is_late(office, reservation, minute, is_late):
    limit = datetime(2026, 11, 24, 8, tzinfo=UTC)
    ask_to_cancel(reservation, asked_at=limit.replace(hour=7 + minute // 60, minute=minute % 60), deadline_at=limit)

    page = body(office.client.get(office.at("annulations/")))

    assert ("Hors délai" in page) is is_late
    assert ("Accepter sans rembourser l’annulation de Lucia" in page) is is_late


def test_the_oldest_comes_first(office, reservation):
    mateo = town.make_reservation(add_child(office, "Mateo"), office.meal, THURSDAY, family=office.family)
    ask_to_cancel(reservation, asked_at=datetime(2026, 11, 22, 9, tzinfo=UTC))
    ask_to_cancel(mateo, asked_at=datetime(2026, 11, 21, 9, tzinfo=UTC))

    page = body(office.client.get(office.at("annulations/")))

    assert page.index("Mateo") < page.index("Lucia")


@pytest.mark.parametrize(("given", "is_refunded"), [("refund", True), ("keep", False)])
def test_an_accepted_request_frees_the_place(office, reservation, in_scope, given, is_refunded):
    request = ask_to_cancel(reservation)

    response = answer(office, request, answer=given)

    assert (response.status_code, response["Location"]) == (303, office.at("annulations/"))
    in_scope(office.authority)
    request.refresh_from_db()
    reservation.refresh_from_db()
    assert (request.state, request.is_refunded, reservation.state) == ("accepted", is_refunded, "cancelled")
    assert Slot.objects.get(date=THURSDAY).taken == 0
    assert AuditEntry.objects.filter(verb="accept_cancellation", object_key=request.pk).count() == 1


def test_a_refusal_needs_a_reason(office, reservation, in_scope):
    request = ask_to_cancel(reservation)

    response = answer(office, request, answer="refuse", reason="   ")

    assert response.status_code == 422
    assert "Écrivez pourquoi : la famille lira cette réponse." in body(response)
    in_scope(office.authority)
    request.refresh_from_db()
    assert request.state == "pending"


def test_a_refusal_is_recorded_with_its_reason(office, reservation, in_scope):
    request = ask_to_cancel(reservation)

    response = answer(office, request, answer="refuse", reason="Le repas est déjà commandé.")

    page = body(office.client.get(response["Location"]))
    assert "Annulation refusée : Lucia, repas, jeudi 26 novembre." in page
    assert "« Le repas est déjà commandé. »" in page
    assert "Nadia Ferrand" in page
    in_scope(office.authority)
    request.refresh_from_db()
    reservation.refresh_from_db()
    assert (request.state, request.reason, reservation.state) == ("refused", "Le repas est déjà commandé.", "reserved")


def test_what_was_typed_is_kept_when_it_does_not_pass(office, reservation):
    request = ask_to_cancel(reservation)
    words = "Trop long. " * 40

    response = answer(office, request, answer="refuse", reason=words)

    assert response.status_code == 422
    page = response.content.decode()
    assert words.strip() in page
    assert '<details class="answer-more" open>' in page


@pytest.mark.parametrize("forged", ["", "burn"])
def test_a_forged_answer_writes_nothing(office, reservation, in_scope, forged):
    request = ask_to_cancel(reservation)

    response = answer(office, request, answer=forged, reason="oui")

    assert response.status_code == 422
    assert "Choisissez une réponse" in body(response)
    in_scope(office.authority)
    request.refresh_from_db()
    assert request.state == "pending"


def test_a_request_that_a_colleague_answered_says_so(office, reservation, in_scope):
    request = ask_to_cancel(reservation)
    colleague = signed_in(town.make_agent(office.authority, "Bastien Roy"))
    answer(office, request, colleague, answer="keep")

    response = answer(office, request, answer="refuse", reason="Non.")

    assert response.status_code == 409
    assert "Elle a été acceptée par Bastien Roy le lundi 23 novembre, 8 h. Rien n’a été changé." in body(response)
    in_scope(office.authority)
    request.refresh_from_db()
    assert (request.state, request.reason) == ("accepted", "")


def test_a_request_of_another_town_is_not_found(office, reservation):
    request = ask_to_cancel(reservation)
    other = town.make_authority("JolieVille")
    stranger = signed_in(town.make_agent(other))

    assert answer(office, request, stranger, answer="refund").status_code == 404
    assert stranger.post(f"/{other.slug}/annulations/{request.public_id}/", {"answer": "refund"}).status_code == 404


def test_an_agent_of_another_facility_neither_sees_nor_answers(office, reservation, in_scope):
    request = ask_to_cancel(reservation)
    agent = town.make_agent(office.authority, "Bastien Roy", "manage_reservations")
    with permitted("test"), tenancy.scope({office.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=town.make_facility(office.authority, "École du Lac"))
    client = signed_in(agent)

    assert "Lucia" not in body(client.get(office.at("annulations/")))
    assert answer(office, request, client, answer="refund").status_code == 404
    in_scope(office.authority)
    assert CancellationRequest.objects.get().state == "pending"


def test_a_get_answers_nothing(office, reservation):
    request = ask_to_cancel(reservation)

    assert office.client.get(office.at(f"annulations/{request.public_id}/")).status_code == 405


def test_the_queue_is_for_those_who_manage(office):
    viewer = signed_in(town.make_agent(office.authority, "Bastien Roy", "view_day", "record_attendance"))

    assert viewer.get(office.at("annulations/")).status_code == 403


class TestSeveralAtOnce:
    """In time: Lucia and Mateo, 3,85 € each. Too late: Ines, 3,10 €."""

    @pytest.fixture
    def asked(self, office):
        late = datetime(2026, 11, 24, 8, tzinfo=UTC)
        made = {}
        for name, cents, asked_at in (("Lucia", 385, None), ("Mateo", 385, None), ("Ines", 310, late)):
            held = town.make_reservation(
                add_child(office, name), office.meal, THURSDAY, family=office.family, price_cents=cents
            )
            made[name] = ask_to_cancel(held, asked_at=asked_at)
        return made

    def ways(self, office, asked, *names, **more):
        return office.at("annulations/ensemble/"), {"choisi": [asked[name].public_id for name in names], **more}

    def states(self, office):
        with tenancy.scope({office.authority.pk}):
            rows = CancellationRequest.objects.order_by("pk").select_related("reservation")
            return [(row.state, row.is_refunded, row.reservation.state) for row in rows]

    def test_what_it_comes_to_is_said_before_anything_is_written(self, office, asked):
        page = body(office.client.get(*self.ways(office, asked, "Lucia", "Mateo", "Ines", reponse="accepter")))

        assert "Accepter 3 annulations" in page
        assert "2 dans les délais, 7,70 € à déduire." in page
        assert "1 hors délai, que le règlement laisse due. En tout, 3,10 € restent dus." in page
        assert (
            "Ines Sanchez-Cordoves Hors délai Repas du jeudi 26 novembre, École des Tilleuls. 3,10 € restent dus"
            in page
        )
        assert {state for state, _refunded, _held in self.states(office)} == {"pending"}

    def test_accepted_as_the_reglement_says_each_has_its_own_fate(self, office, asked):
        response = office.client.post(*self.ways(office, asked, "Lucia", "Mateo", "Ines", answer="as_ruled"))

        assert response.status_code == 303
        said = "3 annulations acceptées, dont 1 que le règlement laisse due : 3,10 € restent dus."
        assert said in body(office.client.get(response["Location"]))
        assert self.states(office) == [
            ("accepted", True, "cancelled"),
            ("accepted", True, "cancelled"),
            ("accepted", False, "cancelled"),
        ]
        with tenancy.scope({office.authority.pk}):
            assert Slot.objects.get(date=THURSDAY).taken == 0

    def test_all_are_refunded_when_the_agent_says_so(self, office, asked):
        office.client.post(*self.ways(office, asked, "Lucia", "Ines", answer="refund"))

        assert [refunded for _state, refunded, _held in self.states(office)] == [True, None, True]

    def test_what_a_colleague_answered_meanwhile_is_said_and_stays(self, office, asked):
        answer(office, asked["Mateo"], answer="refuse", reason="Le repas est commandé.")
        ticked = self.ways(office, asked, "Lucia", "Mateo", reponse="accepter")
        assert "Une demande cochée a déjà reçu une réponse" in body(office.client.get(*ticked))

        response = office.client.post(*self.ways(office, asked, "Lucia", "Mateo", answer="as_ruled"))

        page = body(office.client.get(response["Location"]))
        assert "1 annulation acceptée. Une demande avait déjà reçu une réponse : elle n’a pas changé." in page
        assert [state for state, _refunded, _held in self.states(office)] == ["accepted", "refused", "pending"]

    def test_a_refusal_is_explained_or_nothing_is_written(self, office, asked):
        mute = office.client.post(*self.ways(office, asked, "Lucia", "Mateo", answer="refuse", reason="  "))
        assert mute.status_code == 422
        assert "chaque famille lira cette réponse" in body(mute)
        assert {state for state, _refunded, _held in self.states(office)} == {"pending"}

        office.client.post(*self.ways(office, asked, "Lucia", "Mateo", answer="refuse", reason="Trop tard."))

        assert [held for _state, _refunded, held in self.states(office)] == ["reserved"] * 3
        with tenancy.scope({office.authority.pk}):
            assert set(CancellationRequest.objects.values_list("reason", flat=True)) == {"Trop tard.", ""}

    def test_nothing_ticked_or_no_answer_leads_back_and_says_it(self, office, asked):
        nothing = office.client.get(office.at("annulations/ensemble/"), {"reponse": "accepter"}, follow=True)
        assert "Cochez d’abord" in body(nothing)
        assert "Choisissez une réponse" in body(office.client.get(*self.ways(office, asked, "Lucia"), follow=True))

    def test_only_those_within_reach_are_answered(self, office, asked):
        agent = town.make_agent(office.authority, "Bastien Roy", "manage_reservations")
        with permitted("test"), tenancy.scope({office.authority.pk}):
            Grant.objects.filter(agent=agent).update(facility=town.make_facility(office.authority, "École du Lac"))

        response = signed_in(agent).post(*self.ways(office, asked, "Lucia", answer="as_ruled"), follow=True)

        assert "Cochez d’abord" in body(response)
        assert {state for state, _refunded, _held in self.states(office)} == {"pending"}

    def test_the_whole_page_is_ticked_at_once_and_goes_by_fifty(self, office, asked):
        for number in range(49):
            child = add_child(office, f"Enfant {number}")
            ask_to_cancel(town.make_reservation(child, office.meal, THURSDAY, family=office.family))

        html = office.client.get(office.at("annulations/"), {"tout": "1"}).content.decode()

        assert html.count(" checked") == 50
        assert "52 demandes" in body(office.client.get(office.at("annulations/")))
        assert "Page 2 sur 2" in body(office.client.get(office.at("annulations/"), {"page": "2"}))

    def test_as_few_statements_for_many_as_for_one_but_the_letters(self, office, asked):
        def statements(keys):
            with tenancy.scope({office.authority.pk}), CaptureQueriesContext(connection) as sent:
                decide_cancellations(
                    keys,
                    answer=AnswerToAll.AS_RULED,
                    reason="",
                    offer=offer_of(office.authority),
                    by=SYSTEM,
                    at=MONDAY_MORNING,
                )
            return sum("procrastinate" not in one["sql"] for one in sent)

        offer_of(office.authority)

        for_one = statements([asked["Lucia"].pk])
        assert statements([asked["Mateo"].pk, asked["Ines"].pk]) <= for_one + 1  # what was kept due has its own line
