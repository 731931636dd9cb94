"""What a basket comes to: cents, by the moment they are paid, cancellations said apart."""

from dataclasses import replace

import pytest

from marelle.domain.billing.rules.quotes import PricedDay, Quote, quote

NOVEMBER, DECEMBER, JANUARY = (2026, 11), (2026, 12), (2027, 1)


def later(cents, month=NOVEMBER):
    return PricedDay(cents, is_prepaid=False, is_cancellation=False, month=month)


def now(cents, month=NOVEMBER):
    return PricedDay(cents, is_prepaid=True, is_cancellation=False, month=month)


def cancelled(cents, *, is_prepaid=False):
    return PricedDay(cents, is_prepaid=is_prepaid, is_cancellation=True, month=NOVEMBER)


QUOTES = {
    "nothing": ((), Quote(0, 0, (), 0, 0, 0, has_unknown_price=False)),
    "three meals": ((later(385),) * 3, Quote(0, 1155, ((NOVEMBER, 1155),), 0, 0, 0, has_unknown_price=False)),
    "months in order": (
        (later(385, JANUARY), later(260, NOVEMBER), later(385, DECEMBER)),
        Quote(0, 1030, ((NOVEMBER, 260), (DECEMBER, 385), (JANUARY, 385)), 0, 0, 0, has_unknown_price=False),
    ),
    "paid on booking and at the month's end": (
        (now(1200), later(385)),
        Quote(1200, 385, ((NOVEMBER, 385),), 0, 0, 0, has_unknown_price=False),
    ),
    "a cancellation is never subtracted": (
        (later(385), cancelled(385)),
        Quote(0, 385, ((NOVEMBER, 385),), 385, 0, 1, has_unknown_price=False),
    ),
    "a prepaid cancellation takes nothing off": (
        (cancelled(1200, is_prepaid=True),),
        Quote(0, 0, (), 0, 0, 1, has_unknown_price=False),
    ),
    "a cancellation that needs nobody's word is sure": (
        (replace(cancelled(385), needs_agent=False), cancelled(260)),
        Quote(0, 0, (), 260, 385, 1, has_unknown_price=False),
    ),
    "what is given up has no price to know": ((cancelled(None),), Quote(0, 0, (), 0, 0, 1, has_unknown_price=False)),
    "a price not voted yet": (
        (later(None), later(385)),
        Quote(0, 385, ((NOVEMBER, 385),), 0, 0, 0, has_unknown_price=True),
    ),
    "free is not unknown": ((later(0),), Quote(0, 0, ((NOVEMBER, 0),), 0, 0, 0, has_unknown_price=False)),
}


@pytest.mark.parametrize(("days", "expected"), QUOTES.values(), ids=QUOTES.keys())
def test_a_quote(days, expected):
    assert quote(days) == expected
