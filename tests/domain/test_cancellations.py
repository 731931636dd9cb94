"""Agents answer what families ask to cancel: the place goes back on acceptance only, and nobody answers twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from marelle.domain.reservations.models import CancellationRequest
from marelle.domain.reservations.operations.cancellations import UnableToDecideError, decide_cancellation
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, THURSDAY, Household, journal, states, taken
from tests.factories.town import make_agent, make_authority, make_child, make_product, make_reservation

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(in_scope):
    """A family that has reserved Thursday and asks to cancel it."""
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)
    home.meal = make_product(authority)
    home.child = make_child(home.family, products=(home.meal,))
    home.agent = Actor(ActorKind.AGENT, make_agent(authority).user_id)
    make_reservation(home.child, home.meal, THURSDAY, family=home.family)
    home.wish(home.child, home.meal, THURSDAY, wanted=False)
    home.valider(words="Rendez-vous médical.")
    home.asked = CancellationRequest.objects.get()
    return home


def decide(home, *, accepted, refunded=False, reason="", at=NOW):
    return decide_cancellation(
        home.asked, is_accepted=accepted, is_refunded=refunded, reason=reason, by=home.agent, at=at
    )


def test_asking_keeps_the_place(home):
    assert states() == [(THURSDAY, "reserved")]
    assert taken(home.meal, THURSDAY) == 1


def test_accepted_gives_the_place_back(home):
    decide(home, accepted=True, refunded=True, reason="Certificat reçu")

    answer = CancellationRequest.objects.get()
    assert (answer.state, answer.decided_at, answer.decided_by_id) == ("accepted", NOW, home.agent.key)
    assert (answer.is_refunded, answer.reason) == (True, "Certificat reçu")
    assert states() == [(THURSDAY, "cancelled")]
    assert taken(home.meal, THURSDAY) == 0
    assert home.posted()[1:] == ["reservations.places_freed", "letters.cancellation_decided"]


def test_accepted_without_refund_and_without_a_word(home):
    decide(home, accepted=True)

    assert CancellationRequest.objects.get().is_refunded is False
    assert states() == [(THURSDAY, "cancelled")]


def test_refused_keeps_the_place_and_tells_why(home):
    decide(home, accepted=False, reason="Demandée après la limite")

    answer = CancellationRequest.objects.get()
    assert (answer.state, answer.reason) == ("refused", "Demandée après la limite")
    assert states() == [(THURSDAY, "reserved")]
    assert taken(home.meal, THURSDAY) == 1
    assert home.posted()[1:] == ["letters.cancellation_decided"]


def test_refused_is_never_refunded(home):
    decide(home, accepted=False, refunded=True, reason="Demandée après la limite")

    assert CancellationRequest.objects.get().is_refunded is False


@pytest.mark.parametrize("reason", ["", "   "], ids=["empty", "blank"])
def test_a_refusal_needs_a_reason(home, reason):
    with pytest.raises(UnableToDecideError):
        decide(home, accepted=False, reason=reason)

    assert CancellationRequest.objects.get().state == "pending"


@pytest.mark.parametrize(("first", "second"), [(True, False), (True, True), (False, True)], ids=str)
def test_answering_twice_is_an_error_and_changes_nothing(home, first, second):
    decide(home, accepted=first, reason="Première réponse")
    lines = len(journal())

    with pytest.raises(UnableToDecideError):
        decide(home, accepted=second, reason="Seconde réponse", at=NOW + timedelta(minutes=1))

    answer = CancellationRequest.objects.get()
    assert (answer.reason, answer.decided_at) == ("Première réponse", NOW)
    assert len(journal()) == lines
    assert taken(home.meal, THURSDAY) == (0 if first else 1)


@pytest.mark.parametrize(("accepted", "verb"), [(True, "accept_cancellation"), (False, "refuse_cancellation")])
def test_the_answer_is_in_the_journal(home, accepted, verb):
    decide(home, accepted=accepted, refunded=True, reason="Motif")

    assert journal()[-1] == (verb, {"refunded": accepted})


def test_a_refused_day_can_be_asked_for_again(home):
    decide(home, accepted=False, reason="Motif")
    home.wish(home.child, home.meal, THURSDAY, wanted=False)
    home.valider()

    assert list(CancellationRequest.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "pending"]


def test_an_accepted_day_can_be_reserved_again(home):
    decide(home, accepted=True)
    home.wish(home.child, home.meal, THURSDAY)
    home.valider()

    assert [state for _day, state in states()] == ["cancelled", "reserved"]
    assert taken(home.meal, THURSDAY) == 1


def test_the_table_itself_refuses_two_pending_requests(home):
    with permitted("test"), pytest.raises(IntegrityError, match="one_pending_request"), transaction.atomic():
        CancellationRequest.objects.create(authority=home.authority, reservation=home.asked.reservation, asked_at=NOW)
