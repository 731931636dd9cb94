"""A booking paid by PayFiP, over the wire: what it says when it is asked is credited once, and nothing else ever is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.accounts.models import User
from marelle.domain.payments.asking import UnableToBeginError
from marelle.domain.payments.gateways import Trouble
from marelle.domain.payments.models import PaymentAttempt
from marelle.foundation.writes import permitted
from standins.payfip.moods import Mood
from tests.domain.household import THURSDAY, states, taken
from tests.domain.payments_town import NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.town import make_authority
from tests.payfip import served

pytestmark = pytest.mark.django_db


@pytest.fixture
def server():
    server = served(clock=lambda: NOW, takes_anyone=True)
    server.carried = []
    server.deliver = lambda message: server.carried.append(message) or 200
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def home(in_scope, server):
    authority = make_authority("Essai")
    in_scope(authority)
    home = PayingHousehold(authority)
    home.gateways = {"payfip": PayFiP(server.url, server.page_url, whole_seconds=2)}
    yield home
    assert_nothing_is_lost()
    for attempt in PaymentAttempt.objects.filter(state="paid"):
        assert server.reads(attempt.provider_id), "nothing is credited without asking"


def begun(home):
    """An attempt at 12 € whose browser has left, and its idOp."""
    (attempt,) = home.attempts(THURSDAY)
    return attempt, home.begin(attempt).provider_id


def test_paid_on_the_page_it_is_credited_once_it_is_asked(home, server):
    attempt, idop = begun(home)
    back = server.pay(idop)
    assert home.money()["cash"] == 0, "a notice and a return prove nothing"
    assert [message.fields for message in (*server.carried, back)] == [{"idop": idop}] * 2

    assert [home.ask(attempt) for _ in range(3)] == ["paid"] * 3

    assert states() == [(THURSDAY, "reserved")]
    assert home.money() == {"cash": 1200, "owed": 0, "wallet": 0}
    paid = PaymentAttempt.objects.get(pk=attempt.pk)
    assert (paid.means, len(paid.transaction), paid.paid_at) == ("card", 6, NOW)


@pytest.mark.parametrize(("outcome", "state"), [("A", "abandoned"), ("R", "refused"), ("Z", "refused")])
def test_not_paid_the_place_is_given_back_and_a_late_payment_takes_it_again(home, server, outcome, state):
    attempt, idop = begun(home)
    server.pay(idop, outcome)

    assert home.ask(attempt) == state
    assert taken(home.product, THURSDAY) == 0
    server.settle(idop, "V")
    assert home.ask(attempt, at=NOW + timedelta(days=1)) == "paid"
    assert taken(home.product, THURSDAY) == 1
    assert home.money()["cash"] == 1200


@pytest.mark.parametrize(
    "said", [{"montant": "1"}, {"refdet": "AUTRE1"}, {"numcli": "654321"}, {"saisie": "T"}, {"saisie": "X"}], ids=str
)
def test_paid_for_something_else_it_credits_nothing(home, server, said):
    attempt, idop = begun(home)
    server.pay(idop)
    server.till.operations[idop].altered = said

    assert home.ask(attempt) == "redirected"
    assert home.money() == {"cash": 0, "owed": 0, "wallet": 0}
    assert states() == [(THURSDAY, "held")]


@pytest.mark.parametrize("mood", [Mood.UNAVAILABLE, Mood.TECHNICAL, Mood.GARBAGE, Mood.EMPTY, Mood.HALF])
def test_nothing_is_lost_while_it_does_not_answer(home, server, mood):
    attempt, idop = begun(home)
    server.pay(idop)
    server.mood = mood
    assert home.ask(attempt, at=NOW + timedelta(hours=5)) == "redirected"
    assert states() == [(THURSDAY, "held")]
    server.mood = Mood.GOOD

    assert home.ask(attempt, at=NOW + timedelta(hours=6)) == "paid"


def test_a_closed_tab_is_forgotten_in_the_night(home, server):
    attempt, idop = begun(home)
    server.till.open(idop)
    assert home.ask(attempt, at=NOW + timedelta(minutes=119)) == "redirected"
    server.ahead = timedelta(days=1)

    assert home.ask(attempt, at=NOW + timedelta(days=1)) == "expired"
    assert taken(home.product, THURSDAY) == 0


def test_an_order_whose_answer_was_lost_gives_the_place_back(home, server):
    server.mood = Mood.LOST
    (attempt,) = home.attempts(THURSDAY)

    with pytest.raises(UnableToBeginError) as unable:
        home.begin(attempt)

    assert unable.value.trouble is Trouble.UNAVAILABLE
    assert len(server.till.operations) == 1
    assert taken(home.product, THURSDAY) == 0


def test_an_address_that_payfip_refuses_is_said_in_words_and_gives_the_place_back(home):
    with permitted("test"):
        User.objects.filter(pk=home.user).update(email="quelquun@localhost@exemple.fr")
    (attempt,) = home.attempts(THURSDAY)

    with pytest.raises(UnableToBeginError) as unable:
        home.begin(attempt)

    assert unable.value.trouble is Trouble.EMAIL
    assert taken(home.product, THURSDAY) == 0
