"""The contract of every gateway: whatever its protocol, the domain may count on this."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta

import pytest

from marelle.domain.payments.gateways import (
    ForgedNoticeError,
    GatewayDownError,
    Mode,
    OrderRefusedError,
    Redirection,
    Result,
    Trouble,
)
from marelle.domain.payments.rules.attempts import Terms, mismatch
from tests.connectors.tills import ABANDONED, PAID, REFUSED, TILLS
from tests.payzen import order as order_of

ONLINE = [name for name in TILLS if name != "desk"]


@pytest.fixture
def till(request):
    with TILLS[request.param]() as till:
        yield till


every_till = pytest.mark.parametrize("till", TILLS, indirect=True)
every_online_till = pytest.mark.parametrize("till", ONLINE, indirect=True)


def begun(till, reference="Attempt0001", mode=Mode.PRODUCTION, **said):
    order = order_of(reference, by=till.merchant(mode), **said)
    return order, till.gateway.begin(order)


def done(till, outcome, **said):
    """An order whose payer went to the page and did that; the page's own time is over."""
    order, redirection = begun(till, **said)
    till.arrive(redirection)
    till.act(order, redirection, outcome)
    till.later(timedelta(minutes=11))
    return order, redirection


def ask(till, order, redirection):
    return till.gateway.ask(order, redirection.provider_id)


def terms_of(order):
    return Terms(order.reference, order.cents, order.merchant.number, order.merchant.mode)


def terms_in(answer):
    return Terms(answer.reference, answer.cents, answer.merchant, answer.mode)


@every_till
class TestEvery:
    def test_it_says_who_it_is_and_what_it_takes(self, till):
        gateway = till.gateway

        assert TILLS.keys() >= {gateway.code}
        assert gateway.name
        assert 1 <= gateway.lowest_cents < 100_000 <= gateway.highest_cents
        assert timedelta(minutes=5) <= gateway.opens_within <= gateway.stays_payable
        assert timedelta(0) <= gateway.comes_back_within <= gateway.opens_within
        assert isinstance(gateway.opens_once, bool)

    def test_an_order_has_a_name_there_and_a_page_if_it_is_online(self, till):
        _, first = begun(till, "Attempt0001")
        _, second = begun(till, "Attempt0002")

        assert isinstance(first, Redirection)
        assert 0 < len(first.provider_id) <= 64
        assert first.provider_id != second.provider_id
        assert bool(first.url) == till.gateway.is_online

    @pytest.mark.parametrize("edge", ["lowest_cents", "highest_cents"])
    def test_an_amount_out_of_its_limits_is_refused_in_words(self, till, edge):
        limit = getattr(till.gateway, edge)
        assert begun(till, "Attempt0001", cents=limit)

        with pytest.raises(OrderRefusedError) as refused:
            begun(till, "Attempt0002", cents=limit + (1 if edge == "highest_cents" else -1))

        assert refused.value.trouble is Trouble.AMOUNT

    def test_before_anybody_paid_it_waits(self, till):
        order, redirection = begun(till)
        assert ask(till, order, redirection).result in {till.before_payment, Result.WAITING}

        till.arrive(redirection)
        assert ask(till, order, redirection).result is Result.WAITING


@every_online_till
class TestOnline:
    @pytest.mark.parametrize("mode", Mode)
    @pytest.mark.parametrize(
        ("outcome", "expected"), [(PAID, Result.PAID), (REFUSED, Result.REFUSED), (ABANDONED, None)]
    )
    def test_what_happened_is_answered_with_all_that_was_ordered(self, till, mode, outcome, expected):
        order, redirection = done(till, outcome, mode=mode)
        answer = ask(till, order, redirection)

        assert answer.result is (expected or till.given_up)
        if answer.result is not Result.WAITING:
            assert mismatch(terms_of(order), terms_in(answer)) is None
        if answer.result is Result.PAID:
            assert answer.transaction
            assert answer.means in {"card", "debit", "transfer", "other"}
            assert answer.paid_at.tzinfo is not None

    @pytest.mark.parametrize("outcome", [PAID, REFUSED, ABANDONED])
    def test_asking_ten_times_gives_the_same_answer(self, till, outcome):
        order, redirection = done(till, outcome)

        assert len({ask(till, order, redirection) for _ in range(10)}) == 1

    def test_two_orders_are_not_taken_for_each_other(self, till):
        paid, paid_there = done(till, PAID, reference="Attempt0001")
        other, other_there = begun(till, "Attempt0002", at=paid.ordered_at + timedelta(minutes=11))
        till.arrive(other_there)

        assert ask(till, paid, paid_there).result is Result.PAID
        assert ask(till, other, other_there).result is Result.WAITING

    def test_its_own_notices_are_heard_and_say_nothing_of_a_payment(self, till):
        order, redirection = done(till, PAID)
        notices = till.genuine(order, redirection)

        assert notices
        for notice in notices:
            assert till.gateway.check_notice(order, redirection.provider_id, notice) is None

    def test_a_notice_of_another_order_is_forged(self, till):
        order, redirection = done(till, PAID, reference="Attempt0001")
        other, other_there = begun(till, "Attempt0002")

        for notice in till.genuine(order, redirection):
            with pytest.raises(ForgedNoticeError):
                till.gateway.check_notice(other, other_there.provider_id, notice)

    def test_a_forged_notice_is_refused(self, till):
        order, redirection = done(till, PAID)
        forged = till.forged(order, redirection)

        assert forged
        for notice in forged:
            with pytest.raises(ForgedNoticeError):
                till.gateway.check_notice(order, redirection.provider_id, notice)

    def test_when_it_does_not_answer_it_is_said_to_be_down_and_nothing_else(self, till):
        order, redirection = done(till, PAID)
        till.down()

        with pytest.raises(GatewayDownError) as error:
            ask(till, order, redirection)

        assert error.value.__cause__ is None
        assert error.value.__context__ is None

    def test_nobody_and_no_secret_is_in_a_log(self, till, caplog):
        said = ""
        with caplog.at_level(logging.INFO):
            order, redirection = done(till, PAID)
            ask(till, order, redirection)
            for notice in till.forged(order, redirection):
                with pytest.raises(ForgedNoticeError) as error:
                    till.gateway.check_notice(order, redirection.provider_id, notice)
                said += "".join(traceback.format_exception(error.value)) + repr(error.value)
            till.down()
            with pytest.raises(GatewayDownError) as down:
                ask(till, order, redirection)
            said += "".join(traceback.format_exception(down.value)) + repr(down.value)

        written = caplog.text + said + repr((order, till.gateway))
        told = (order.email, "Sofia", "jetonsecret", *till.secrets)
        # The addresses and the label are the order's own to show; nothing of them goes into a log.
        assert not [one for one in told if one in caplog.text + said]
        assert not [secret for secret in (order.email, *till.secrets) if secret in written]


@pytest.mark.parametrize("till", ["desk"], indirect=True)
def test_nothing_is_told_to_the_desk(till):
    order, redirection = begun(till)

    with pytest.raises(ForgedNoticeError):
        till.gateway.check_notice(order, redirection.provider_id, {})
