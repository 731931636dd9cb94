"""Bank accounts and mandates, by values: keys, references, days, what a bank says."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.payments.rules.bank_accounts import (
    AccountFault,
    WrongAccountError,
    bic_from,
    iban_from,
    ics_from,
    in_fours,
    masked,
)
from marelle.domain.payments.rules.mandates import (
    REASONS,
    SUSPENDING,
    MandateState,
    WrongDay,
    earliest_debit,
    easter,
    has_lapsed,
    is_bank_day,
    is_reason,
    is_rum,
    lapses_on,
    reason_in_words,
    rum_of,
    suspends,
    wrong_day,
)

FRENCH = "FR7630006000011234567890189"
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        FRENCH,
        "FR76 3000 6000 0112 3456 7890 189",
        " fr76\u00a03000\u202f6000 0112-3456 7890 189 ",
        "IBAN : FR76 3000 6000 0112 3456 7890 189",
    ],
)
def test_an_account_is_read_however_it_is_spaced(text):
    assert iban_from(text) == FRENCH


@pytest.mark.parametrize("iban", ["DE89370400440532013000", "BE68539007547034", "ES9121000418450200051332"])
def test_an_account_of_another_country_of_the_zone_is_taken(iban):
    assert iban_from(iban) == iban
    assert bic_from("", iban=iban) == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", AccountFault.NO_IBAN),
        ("   ", AccountFault.NO_IBAN),
        ("bonjour", AccountFault.NOT_AN_IBAN),
        ("٣٣٣", AccountFault.NOT_AN_IBAN),
        ("FR76" + "1" * 500, AccountFault.NOT_AN_IBAN),
        ("FR7630006000011234567890188", AccountFault.KEY),
        ("FR7630006000011234567890198", AccountFault.KEY),
        ("FR763000600001123456789018", AccountFault.LENGTH),
        ("DE893704004405320130", AccountFault.LENGTH),
        ("TN5910006035183598478831", AccountFault.NOT_SEPA),
    ],
)
def test_an_account_that_is_none_is_refused_in_words(text, fault):
    with pytest.raises(WrongAccountError) as refused:
        iban_from(text)
    # A foreign account that lacks signs fails by its key first: both sentences send back to the bank's paper.
    assert refused.value.fault in {fault, AccountFault.KEY} if text.startswith("DE") else refused.value.fault == fault
    assert refused.value.fault.endswith((".", "…"))


@given(st.integers(4, 26), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(place, shift):
    wrong = FRENCH[:place] + str((int(FRENCH[place]) + shift) % 10) + FRENCH[place + 1 :]
    with pytest.raises(WrongAccountError) as refused:
        iban_from(wrong)
    assert refused.value.fault == AccountFault.KEY


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_accounts(text):
    for read in (iban_from, ics_from, lambda one: bic_from(one, iban=FRENCH)):
        with contextlib.suppress(WrongAccountError):
            assert read(text) == read(read(text))


@pytest.mark.parametrize(
    ("text", "iban", "fault"),
    [
        ("AGRI", FRENCH, AccountFault.NOT_A_BIC),
        ("AGRIFRPP00", FRENCH, AccountFault.NOT_A_BIC),
        ("", "CH9300762011623852957", AccountFault.BIC_NEEDED),
        ("AGRIFRPPXXX", "DE89370400440532013000", AccountFault.BIC_ELSEWHERE),
    ],
)
def test_a_bank_code_is_checked_against_the_account(text, iban, fault):
    with pytest.raises(WrongAccountError) as refused:
        bic_from(text, iban=iban)
    assert refused.value.fault == fault
    assert fault.is_of_bic


def test_an_account_is_never_shown_whole_unless_asked():
    assert masked(FRENCH) == "FR76 •••• 0189"
    assert in_fours(FRENCH) == "FR76 3000 6000 0112 3456 7890 189"


def test_the_identifier_of_a_creditor_has_a_key():
    assert ics_from("fr72 zzz 123456") == "FR72ZZZ123456"
    with pytest.raises(WrongAccountError):
        ics_from("FR12ZZZ123456")


@pytest.mark.parametrize("text", ["MDT-1", "a" * 35, "A/B", "2026:7(1)"])
def test_what_may_name_a_mandate(text):
    assert is_rum(text)


@pytest.mark.parametrize("text", ["", "a" * 36, "/A", "A/", "A//B", "A B", "É1", "A\n"])
def test_what_may_not_name_a_mandate(text):
    assert not is_rum(text)


@given(st.dates(), st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=12, max_size=12))
def test_the_name_we_give_is_one(day, name):
    assert is_rum(rum_of(day, name))


@pytest.mark.parametrize(
    ("signed", "used", "day"),
    [
        (date(2023, 11, 23), None, date(2026, 11, 23)),
        (date(2023, 11, 23), date(2025, 3, 10), date(2028, 3, 10)),
        (date(2024, 2, 29), None, date(2027, 3, 1)),
    ],
)
def test_a_mandate_lapses_36_months_after_it_last_served(signed, used, day):
    assert lapses_on(signed, used) == day
    assert has_lapsed(signed, used, on=day)
    assert not has_lapsed(signed, used, on=day - timedelta(days=1))


def test_banks_are_closed_at_easter_and_on_other_days():
    assert [easter(year) for year in (2024, 2026, 2038)] == [date(2024, 3, 31), date(2026, 4, 5), date(2038, 4, 25)]
    closed = [(2026, 4, 3), (2026, 4, 6), (2026, 5, 1), (2026, 12, 25), (2027, 1, 1), (2026, 11, 28), (2026, 11, 29)]
    assert not any(is_bank_day(date(*day)) for day in closed)
    # A French holiday is a day of work for banks of the zone.
    assert is_bank_day(date(2026, 7, 14))


def test_families_are_told_a_fortnight_before():
    assert wrong_day(date(2026, 12, 6), told_on=MONDAY) is WrongDay.TOO_SOON
    assert wrong_day(date(2026, 12, 7), told_on=MONDAY) is None
    assert wrong_day(date(2026, 12, 12), told_on=MONDAY) is WrongDay.CLOSED
    assert wrong_day(date(2027, 12, 6), told_on=MONDAY) is WrongDay.TOO_LATE


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_there_is_always_a_day_soon_enough(told):
    day = earliest_debit(told)
    assert wrong_day(day, told_on=told) is None
    assert day <= told + timedelta(days=20)


def test_a_reason_is_said_in_words_and_some_let_the_mandate_rest():
    assert reason_in_words("AM04") == "le compte n’était pas assez approvisionné"
    assert reason_in_words("ZZ99") == "motif ZZ99 de la banque"
    assert not suspends("AM04")
    assert suspends("AC04")
    assert suspends("MD01")
    assert set(REASONS) >= SUSPENDING
    assert all(is_reason(code) for code in REASONS)
    assert not is_reason("am04 ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("FR431007177000000010001870", AccountFault.LENGTH),
        ("DE06ABCDEFGHIJKLMNOPQR", AccountFault.NOT_AN_IBAN),
        ("XX86123456", AccountFault.NOT_AN_IBAN),
    ],
)
def test_a_right_key_does_not_make_an_account_of_another_shape(text, fault):
    with pytest.raises(WrongAccountError) as refused:
        iban_from(text)

    assert refused.value.fault is fault


def test_a_bank_of_another_country_than_its_account_is_refused():
    with pytest.raises(WrongAccountError) as refused:
        bic_from("DEUTDEFF", iban="BE68539007547034")

    assert refused.value.fault is AccountFault.BIC_ELSEWHERE


def test_a_mandate_that_is_suspended_still_lives_and_one_that_lapsed_does_not():
    assert [state.is_living for state in MandateState] == [True, True, False, False]


def test_a_bank_of_the_same_country_is_taken_in_capitals():
    assert bic_from("deut de ff", iban="DE89370400440532013000") == "DEUTDEFF"
