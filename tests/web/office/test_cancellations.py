"""The queue of cancellations and the answers."""

from datetime import UTC, datetime

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.catalog.models import Slot
from marelle.domain.reservations.models import CancellationRequest
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
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
