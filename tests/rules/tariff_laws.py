"""Laws of tariffs: what holds whatever a council votes and whoever comes. Tried with those of `laws.py`."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from marelle.domain.catalog.rules.price_steps import Priced, PriceFacts, amount_of, late_pickup_steps, price_of, split
from marelle.domain.catalog.rules.tariff_sentences import sections_of, sentences_of
from marelle.domain.catalog.rules.tariffs import ByCount, ByDuration, Counted, EffortRate, Fixed, Rounding
from marelle.domain.catalog.rules.written import InvalidTariffError, read_tariff, write_tariff
from tests.rules import tariff_strategies as some
from tests.rules.laws import any_texts, in_yaml, law, spots
from tests.rules.strategies import prices as price_rules

KEYS = [
    *("price", "by", "bands", "up_to", "below", "name", "whole", "missing", "of", "percent", "floor", "ceiling"),
    *("prices", "together", "cases", "for", "otherwise", "minutes", "presumed", "changes", "amount", "when", "rank"),
    *("least", "upto", "rounding", "to", "mode", "at", "packages", "code", "per", "sessions", "everyone", "refund"),
    *("includes_days", "installments", "caps", "late_pickup", "grace", "components", "childcare", "cesu", "note"),
]
WORDS = [
    *("1,00", "3,85", "0,05", "-1,00", "quotient", "income", "effort_rate", "rank", "siblings_present", "situation"),
    *("duration", "highest", "lowest", "none", "ceiling", "half_up", "up", "end", "each_step", "month", "school_year"),
    *("child", "family", "resident"),
]
plain_data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-400, 400)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | any_texts,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | any_texts, inside, max_size=5)
    ),
    max_leaves=16,
)


# -------------------------------------------------------------------------------------------------------- written form
@law(tariff=some.tariffs())
def a_tariff_written_as_yaml_reads_back_the_same_and_is_written_one_way(tariff):
    written = write_tariff(tariff)

    assert in_yaml(written) == written
    assert read_tariff(in_yaml(written)) == tariff
    assert write_tariff(read_tariff(written)) == written


@law(data=plain_data)
def any_other_data_is_no_tariff_or_reads_and_writes_the_same(data):
    tariff, fault = None, None
    try:
        tariff = read_tariff(data)
    except InvalidTariffError as refused:
        fault = refused
    assert (fault.key and fault.reason) if fault else read_tariff(write_tariff(tariff)) == tariff


@law(tariff=some.tariffs(), data=st.data())
def a_tariff_with_one_thing_changed_is_refused_with_a_reason_or_reads_and_writes_the_same(tariff, data):
    written = in_yaml(write_tariff(tariff))
    spot, key = data.draw(st.sampled_from(list(spots(written))))
    spot[key] = data.draw(plain_data)

    any_other_data_is_no_tariff_or_reads_and_writes_the_same(written)


# --------------------------------------------------------------------------------------------------------------- prices
def is_whole(number):
    return type(number) is int


@law(tariff=some.tariffs(), facts=some.facts)
def the_steps_of_a_price_sum_to_it_and_it_is_whole_cents_and_never_negative(tariff, facts):
    found = price_of(tariff, facts)
    if not isinstance(found, Priced):
        return

    assert sum(step.cents for step in found.steps) == found.cents >= 0
    assert is_whole(found.cents)
    assert all(is_whole(step.cents) and step.label for step in found.steps)
    assert found.steps


@law(tariff=some.tariffs(), facts=some.facts, rule=price_rules)
def what_the_reglement_makes_of_a_price_keeps_its_steps_and_their_sum(tariff, facts, rule):
    found = price_of(tariff, facts)
    if not isinstance(found, Priced):
        return
    ruled = found.ruled(rule, "Tardif")

    assert ruled.cents == rule.applied_to(found.cents) == sum(step.cents for step in ruled.steps)
    assert ruled.steps[: len(found.steps)] == found.steps


@law(tariff=some.tariffs(), facts=some.facts)
def a_price_is_a_multiple_of_its_rounding(tariff, facts):
    found = price_of(tariff, facts)

    assert not isinstance(found, Priced) or found.cents % tariff.rounding.to == 0


@law(tariff=some.tariffs(), facts=some.facts)
def the_same_facts_have_the_same_price_whatever_is_not_asked(tariff, facts):
    """What a tariff does not count changes nothing: neither the price nor a word of it."""
    others = {counted.value: 9 for counted in Counted if counted not in replace(tariff, packages=()).counts}

    assert price_of(tariff, facts._replace(**others)) == price_of(tariff, facts)


@law(
    rate=st.builds(EffortRate, st.integers(1, 1_000_000)),
    ends=st.tuples(some.cents_by(1), some.cents_by(1)),
    quotients=st.tuples(st.integers(0, 300_000), st.integers(0, 300_000)).map(sorted),
    rounding=some.roundings,
    minutes=st.none() | st.tuples(st.integers(1, 60), st.integers(0, 600)),
)
def a_rate_stays_within_its_bounds_and_never_falls_when_the_quotient_rises(rate, ends, quotients, rounding, minutes):
    floor, ceiling = sorted(end - end % rounding.to for end in ends)
    amount, slices = replace(rate, floor=floor, ceiling=ceiling), 1
    stayed = None
    if minutes is not None:
        slice_of, stayed = minutes
        amount, slices = ByDuration(slice_of, amount), -(-stayed // slice_of)
    low, high = (
        amount_of(amount, PriceFacts(quotient, minutes=stayed), rounding=rounding).cents for quotient in quotients
    )

    assert low <= high
    assert floor * slices <= low
    assert high <= ceiling * slices


@law(
    prices=st.lists(some.cents_by(1), min_size=1, max_size=5),
    children=st.integers(1, 8),
    rounding=some.roundings,
    rates=st.none() | st.lists(st.integers(1, 20_000), min_size=1, max_size=5),
    quotient=st.integers(0, 200_000),
)
def children_who_have_a_price_together_pay_it_exactly(prices, children, rounding, rates, quotient):
    rounding = Rounding(1, rounding.mode, rounding.at_each_step)
    amounts = tuple(map(Fixed, sorted(prices))) if rates is None else tuple(map(EffortRate, sorted(rates)))
    together = ByCount(Counted.SIBLINGS_PRESENT, amounts, together=True)
    last = amounts[min(children, len(amounts)) - 1]

    paid = [
        amount_of(together, PriceFacts(quotient, rank_present=rank), rounding=rounding).cents
        for rank in range(1, children + 1)
    ]

    assert sum(paid) == amount_of(last, PriceFacts(quotient), rounding=rounding).cents


@law(late=some.late_pickups, minutes=st.tuples(st.integers(-10, 600), st.integers(-10, 600)).map(sorted))
def a_later_pickup_never_costs_less(late, minutes):
    sooner, later = (sum(step.cents for step in late_pickup_steps(late, each)) for each in minutes)

    assert 0 <= sooner <= later


@law(components=some.components.filter(bool), cents=st.integers(-200_000, 200_000), units=st.integers(1, 30))
def the_components_share_a_price_exactly_and_a_credit_as_its_charge(components, cents, units):
    shares = split(components, cents, units)

    assert [one for one, _share in shares] == list(components)
    assert sum(share for _one, share in shares) == cents
    assert all(is_whole(share) and share * cents >= 0 for _one, share in shares)
    assert split(components, -cents, units) == tuple((one, -share) for one, share in shares)


# ------------------------------------------------------------------------------------------------------------ in words
def said(tariff):
    return sections_of(tariff)


@law(tariff=some.tariffs(), other=some.tariffs())
def two_tariffs_are_not_printed_alike(tariff, other):
    assert (said(tariff) == said(other)) is (tariff == other)


ELSE = {
    "quotient": ["income"],
    "income": ["quotient"],
    "highest": ["lowest", "none"],
    "lowest": ["highest", "none"],
    "half_up": ["up", "down"],
    "up": ["half_up", "down"],
    "end": ["each_step"],
    "each_step": ["end"],
    "month": ["school_year", "week"],
    "school_year": ["month"],
    "child": ["family"],
    "family": ["child"],
    **{counted.value: [other.value for other in Counted if other is not counted] for counted in Counted},
}


def others(value):
    """What else could be written where `value` is."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value - 1, value + 1, 1, 50]
    if value in ELSE:
        return ELSE[value]
    if value.replace(",", "").isdigit():
        return ["0,00", "1,50", "10", "200", "1,5"]
    return [f"{value} bis", ""]


def variants(written):
    """Yield every form that differs from `written` by one leaf, one key or one element of a list."""
    if isinstance(written, dict):
        for key, value in written.items():
            yield {name: kept for name, kept in written.items() if name != key}
            yield from ({**written, key: changed} for changed in variants(value))
            if key in ("up_to", "below"):
                kept = {name: inner for name, inner in written.items() if name != key}
                yield {**kept, "below" if key == "up_to" else "up_to": value}
    elif isinstance(written, list):
        for place, value in enumerate(written):
            yield [*written[:place], *written[place + 1 :]]
            yield [*written[: place + 1], value, *written[place + 1 :]]
            yield from ([*written[:place], changed, *written[place + 1 :]] for changed in variants(value))
        yield written[::-1]
    else:
        yield from others(written)


@law(tariff=some.tariffs(), chance=st.randoms(use_true_random=False))
def nothing_of_a_tariff_is_without_its_words(tariff, chance):
    possible = list(variants(write_tariff(tariff)))
    for written in chance.sample(possible, min(20, len(possible))):
        try:
            changed = read_tariff(written)
        except InvalidTariffError:
            continue
        assert (said(changed) == said(tariff)) is (changed == tariff), written


@law(tariff=some.tariffs())
def tables_are_rectangular_and_sentences_are_whole(tariff):
    for section in sections_of(tariff):
        assert section.title
        assert all(sentence.strip() == sentence and "  " not in sentence for sentence in section.sentences)
        if section.table is not None:
            assert {len(row) for row in section.table.rows} == {len(section.table.header)}
    assert all("None" not in line and "False" not in line for line in sentences_of(replace(tariff, note="")))
