"""A service that signs what it tells, PayZen: what a notice may change, and what it never does."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from marelle.domain.payments import asking
from marelle.domain.payments.gateways import ForgedNoticeError
from marelle.domain.payments.models import PaymentAttempt, Receipt
from marelle.foundation.writes import permitted
from standins.payzen.platform import Outcome
from standins.payzen.server import Mood
from standins.payzen.shops import signed
from tests.domain.household import THURSDAY, states
from tests.domain.payments_town import LATER, NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.town import make_authority
from tests.payzen import SHOP, payzen, payzen_server  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db


class PayZenHousehold(PayingHousehold):
    """A family whose régie is paid by PayZen."""

    def __init__(self, authority, gateway, server):
        super().__init__(authority, gateway="payzen")
        self.gateways, self.server = {"payzen": gateway}, server
        keys = SHOP.contexts["PRODUCTION"]
        self.settings.number, self.settings.key, self.settings.password = SHOP.number, keys.signing, keys.password
        with permitted("factory"):
            self.settings.save()
        self.clock = server.platform.clock
        self.clock.now = NOW

    def arrive(self, at=NOW):
        """Press Valider, and open the payment page."""
        (attempt,) = self.attempts(THURSDAY)
        self.server.open(dict(self.begin(attempt, at=at).fields))
        return attempt

    def hear(self, attempt, fields, *, at=NOW + LATER):
        fresh = PaymentAttempt.objects.get(pk=attempt.pk)
        return asking.hear(fresh, fields, gateways=self.gateways, by=self.by, at=at)

    def questions(self):
        return [one for one in self.server.heard if one.kind == "ask"]


@pytest.fixture
def home(in_scope, payzen, payzen_server):  # noqa: F811
    authority = make_authority("Essai")
    in_scope(authority)
    yield PayZenHousehold(authority, payzen, payzen_server)
    assert_nothing_is_lost()


def carried(url):
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def test_who_gave_up_has_the_places_back_at_once(home):
    attempt = home.arrive()
    back = carried(home.server.pay(attempt.reference, Outcome.ABANDONED))
    assert home.ask(attempt) == "redirected"

    assert home.hear(attempt, back) == "abandoned"

    assert states() == [(THURSDAY, "cancelled")]
    assert home.hear(attempt, back) == "abandoned"


def test_who_left_after_a_refusal_has_them_back_at_once_too(home):
    attempt = home.arrive()
    back = carried(home.server.pay(attempt.reference, Outcome.REFUSED))

    assert home.hear(attempt, back) == "refused"


def test_without_a_word_the_places_come_back_after_an_hour(home):
    attempt = home.arrive()
    home.clock.later(minutes=59)
    assert home.ask(attempt, at=NOW + timedelta(minutes=59)) == "redirected"

    home.clock.later(minutes=1)
    assert home.ask(attempt, at=NOW + timedelta(minutes=60)) == "expired"
    assert states() == [(THURSDAY, "cancelled")]


def test_an_old_word_of_giving_up_takes_nothing_from_who_paid_since(home):
    attempt = home.arrive()
    old = carried(home.server.pay(attempt.reference, Outcome.ABANDONED))
    home.server.open(dict(home.begin(attempt).fields))
    home.server.pay(attempt.reference)

    assert home.hear(attempt, old) == "paid"
    assert states() == [(THURSDAY, "reserved")]


def test_a_notice_of_a_payment_credits_nothing_by_itself(home):
    attempt = home.arrive()
    paid = carried(home.server.pay(attempt.reference))
    home.server.mood = Mood.UNAVAILABLE

    assert home.hear(attempt, paid) == "redirected"
    assert home.money()["cash"] == 0

    home.server.mood = Mood.GOOD
    for _ in range(3):
        assert home.hear(attempt, paid) == "paid"
    assert home.money()["cash"] == 1200
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"vads_trans_status": "ABANDONED"},
        {"vads_amount": "1"},
        {"vads_order_id": "Another0001"},
        {"vads_site_id": "87654321"},
        {"vads_ctx_mode": "TEST"},
        {"signature": "AAAA"},
    ],
    ids=str,
)
def test_a_forged_one_changes_nothing_and_asks_nothing(home, changed):
    attempt = home.arrive()
    paid = carried(home.server.pay(attempt.reference))

    with pytest.raises(ForgedNoticeError):
        home.hear(attempt, paid | changed)
    with pytest.raises(ForgedNoticeError):
        home.hear(attempt, signed(paid | {"vads_amount": "1"} | changed, SHOP.contexts["PRODUCTION"].signing))

    assert home.questions() == []
    assert states() == [(THURSDAY, "held")]


def test_a_return_with_nothing_to_read_still_makes_us_ask(home):
    attempt = home.arrive()
    home.server.pay(attempt.reference)

    assert home.hear(attempt, {}) == "paid"
    assert len(home.questions()) == 1


def test_a_page_shown_long_after_valider_is_ordered_when_it_is_shown(home):
    """PayZen refuses a form that is more than half an hour old; other régies may have been paid before."""
    (attempt,) = home.attempts(THURSDAY)
    home.clock.later(minutes=29)
    first = dict(home.begin(attempt, at=NOW + timedelta(minutes=29)).fields)
    home.clock.later(minutes=29)

    assert home.server.open(first).order_id == attempt.reference
