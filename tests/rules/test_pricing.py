"""What something costs when it is not simply its price."""

import pytest

from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule


def rule(kind, value):
    return PriceRule(PriceKind(kind), value)


PRICES = {
    "its price": (FULL_PRICE, 310, 310),
    "nothing": (NOTHING_DUE, 310, 0),
    "half of it": (rule("part", 50), 310, 155),
    "half of an odd amount is rounded up": (rule("part", 50), 311, 156),
    "a third, rounded down": (rule("part", 33), 310, 102),
    "just under half a cent is nothing": (rule("part", 7), 7, 0),
    "half more": (rule("more_percent", 50), 310, 465),
    "half more of an odd amount, rounded up": (rule("more_percent", 50), 311, 467),
    "ten percent more, rounded down": (rule("more_percent", 10), 314, 345),
    "ten percent more, exactly half a cent": (rule("more_percent", 10), 315, 347),
    "three times more": (rule("more_percent", 200), 310, 930),
    "a euro more": (rule("more", 100), 310, 410),
    "five euros instead": (rule("instead", 500), 310, 500),
    "nothing instead": (rule("instead", 0), 310, 0),
    "of what is free, nothing": (rule("more_percent", 50), 0, 0),
    "of what is free, the amount": (rule("more", 100), 0, 100),
    "not voted: not known": (FULL_PRICE, None, None),
    "half of what is not voted is not known": (rule("part", 50), None, None),
    "more than what is not voted is not known": (rule("more", 100), None, None),
    "not voted, but nothing is due": (NOTHING_DUE, None, 0),
    "not voted, but so much instead": (rule("instead", 500), None, 500),
}


@pytest.mark.parametrize(("price", "cents", "due"), PRICES.values(), ids=PRICES.keys())
def test_what_is_due(price, cents, due):
    assert price.applied_to(cents) == due


@pytest.mark.parametrize("price", [FULL_PRICE, NOTHING_DUE, rule("part", 50), rule("more", 100), rule("instead", 0)])
def test_its_code_reads_back_the_same(price):
    assert PriceRule.from_code(price.code) == price


def test_a_code_is_a_few_letters_and_none_for_the_ordinary_price():
    assert (FULL_PRICE.code, rule("more_percent", 50).code) == ("", "more_percent 50")
    with pytest.raises(ValueError, match="beaucoup"):
        PriceRule.from_code("beaucoup 3")
