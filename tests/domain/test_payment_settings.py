"""A régie goes from the desk to online payment step by step, and never further than what it tried."""

from __future__ import annotations

import pytest

from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.domain.payments.operations.checkout import UnableToTopUpError, start_trial
from marelle.domain.payments.operations.settings import (
    Fault,
    PaymentChoices,
    UnableToSetPaymentError,
    close_online,
    go_to_activation,
    open_online,
    set_payment_settings,
)
from marelle.foundation.models import AuditEntry
from tests.domain.household import AGENT, THURSDAY
from tests.domain.payments_town import LATER, NOW, PayingHousehold, assert_nothing_is_lost
from tests.factories.invoices import make_regie
from tests.factories.town import make_authority, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
PAYFIP = PaymentChoices(gateway="payfip", number="654321")
PAYZEN = PaymentChoices(gateway="payzen", number="12345678", key="cle-d-essai", password="secret")


@pytest.fixture
def home(in_scope):
    authority = make_authority("Essai")
    in_scope(authority)
    return PayingHousehold(authority)


@pytest.fixture
def regie(home):
    return make_regie(home.authority)


def choose(regie, choices=PAYFIP):
    return set_payment_settings(regie, choices, by=AGENT, at=NOW)


def row_of(regie):
    return PaymentSettings.objects.get(regie=regie)


def go(step, regie, **more):
    step(regie, by=AGENT, at=NOW, **more)
    return row_of(regie).mode


def try_it(home, regie, means="card", result=Result.PAID):
    """Have an agent pay one euro."""
    attempt = start_trial(row_of(regie), user=make_user().pk, cents=100, gateways=home.gateways, by=AGENT, at=NOW)
    home.begin(attempt)
    home.paper.says(attempt, result, means=means)
    home.ask(attempt)
    return attempt


def fault_of(call, *args, **kwargs):
    with pytest.raises(UnableToSetPaymentError) as caught:
        call(*args, **kwargs)
    return caught.value.fault


def test_payfip_opens_after_a_trial_then_a_card_and_a_direct_debit_in_activation(home, regie):
    choose(regie)
    assert fault_of(go, go_to_activation, regie) == Fault.MISSING
    try_it(home, regie)
    assert go(go_to_activation, regie) == "activation"

    try_it(home, regie, "card")
    assert fault_of(go, open_online, regie) == Fault.MISSING
    try_it(home, regie, "debit")
    assert go(open_online, regie) == "production"

    row = row_of(regie)
    assert sorted(row.trials) == ["activation.card", "activation.debit", "test.card"]
    assert row.opened_at == NOW
    assert_nothing_is_lost()


def test_a_trial_that_is_refused_proves_nothing(home, regie):
    choose(regie)
    try_it(home, regie, result=Result.REFUSED)

    assert row_of(regie).trials == {}


def test_a_trial_of_a_number_changed_since_proves_nothing_of_the_new_one(home, regie):
    choose(regie)
    attempt = start_trial(row_of(regie), user=make_user().pk, cents=100, gateways=home.gateways, by=AGENT, at=NOW)
    home.begin(attempt)
    choose(regie, PaymentChoices(gateway="payfip", number="111111"))
    home.paper.says(attempt, Result.PAID)
    home.ask(attempt)

    assert PaymentAttempt.objects.get(pk=attempt.pk).state == "paid"
    assert row_of(regie).trials == {}


def test_payzen_opens_after_a_trial_with_the_production_key(home, regie):
    choose(regie, PAYZEN)
    assert fault_of(go, go_to_activation, regie) == Fault.NOT_A_STEP
    home.gateways["payzen"] = home.paper
    try_it(home, regie)

    assert fault_of(go, open_online, regie) == Fault.NEW_KEY
    assert go(open_online, regie, key="cle-de-production") == "production"
    assert row_of(regie).key == "cle-de-production"


def test_secrets_left_empty_are_kept_and_go_with_their_number(regie):
    choose(regie, PAYZEN)
    choose(regie, PaymentChoices(gateway="payzen", number="12345678", low_balance_cents=500))
    kept = row_of(regie)
    assert (kept.key, kept.password, kept.low_balance_cents) == ("cle-d-essai", "secret", 500)

    choose(regie, PaymentChoices(gateway="payzen", number="87654321"))
    assert (row_of(regie).key, row_of(regie).password) == ("", "")


def test_another_gateway_begins_again_in_test(home, regie):
    choose(regie)
    try_it(home, regie)
    go(go_to_activation, regie)

    choose(regie, PAYZEN)

    row = row_of(regie)
    assert (row.gateway, row.mode, row.trials) == ("payzen", "test", {})


@pytest.mark.parametrize(
    ("choices", "fault"),
    [
        (PaymentChoices(gateway="paypal"), Fault.UNKNOWN_GATEWAY),
        (PaymentChoices(gateway="payfip", number="12345"), "Le numéro de client PayFiP (numcli) a six chiffres."),
        (PaymentChoices(gateway="payfip"), "Le numéro de client PayFiP (numcli) a six chiffres."),
        (PaymentChoices(gateway="payzen", number="123456"), "L’identifiant de boutique PayZen a huit chiffres."),
        (PaymentChoices(gateway="desk", has_top_up=True, lowest_top_up_cents=50), Fault.TOP_UP),
        (PaymentChoices(gateway="desk", low_balance_cents=50_001), Fault.LOW_BALANCE),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_written(regie, choices, fault):
    assert fault_of(choose, regie, choices) == fault
    assert not PaymentSettings.objects.filter(regie=regie).exists()


def test_open_its_gateway_and_number_do_not_change_under_families(home):
    other = PaymentChoices(gateway="payfip", number="111111")
    assert fault_of(choose, home.regie, other) == Fault.IS_OPEN
    assert fault_of(choose, home.regie, PaymentChoices(gateway="desk")) == Fault.IS_OPEN

    choose(home.regie, PaymentChoices(gateway="payfip", number="123456", takes_part_payments=True))
    assert (row_of(home.regie).mode, row_of(home.regie).takes_part_payments) == ("production", True)


def test_closed_it_is_paid_at_the_desk_and_what_was_begun_goes_on(home):
    (begun,) = home.attempts(THURSDAY)
    home.begin(begun)
    close_online(home.regie, by=AGENT, at=NOW)
    home.paper.says(begun, Result.PAID)

    assert home.ask(begun, at=NOW + LATER) == "paid"
    assert home.money()["cash"] == 1200
    (after,) = home.attempts(THURSDAY.replace(day=27))
    assert after.gateway == "desk"
    assert (row_of(home.regie).gateway, row_of(home.regie).number) == ("desk", "123456")


def test_there_is_no_trial_at_the_desk_nor_once_open(home, regie):
    for row in (choose(regie, PaymentChoices(gateway="desk")), row_of(home.regie)):
        with pytest.raises(UnableToTopUpError):
            start_trial(row, user=make_user().pk, cents=100, gateways=home.gateways, by=AGENT, at=NOW)


def test_the_journal_says_what_changed_and_no_secret(regie):
    choose(regie, PAYZEN)

    entry = AuditEntry.objects.filter(verb="set_payment_settings").get()
    assert entry.details == {"gateway": "payzen", "mode": "test", "new_key": True, "new_password": True}
