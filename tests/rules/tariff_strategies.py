"""Tariffs for property tests: every field that the written form accepts, and nothing else."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.price_steps import PriceFacts
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    NURSERY,
    OWN_MEAL,
    Bracket,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Cap,
    Case,
    Change,
    Component,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    LatePickup,
    Measure,
    Package,
    Rounding,
    RoundingMode,
    Scope,
    Tariff,
)
from marelle.domain.catalog.rules.written.fields import HIGHEST_CENTS
from marelle.domain.catalog.rules.written.tariff import HIGHEST_BOUND, HIGHEST_PERCENT, LONGEST_MINUTES
from tests.rules.strategies import plain_texts

SCHOOL_MONTHS = [9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8]
OF_A_YEAR = (Counted.RANK, Counted.CHILDREN_ENROLLED)

codes = st.sampled_from([RESIDENT, NON_RESIDENT, OWN_MEAL, NURSERY, "ccas", "agents", "minibus"])
few_minutes = st.sampled_from([15, 30, 60]) | st.integers(1, LONGEST_MINUTES)
roundings = st.builds(
    Rounding, st.sampled_from([1, 1, 5, 10]) | st.integers(1, 500), st.sampled_from(RoundingMode), st.booleans()
)
few_counts = st.integers(1, 6)


@cache  # a strategy costs more to make than to draw from
def cents_by(step, least=0, most=2_000):
    """Amounts that are multiples of `step`."""
    return st.integers(-(-least // step), max(most // step, -(-least // step))).map(lambda times: times * step)


@cache
def _amounts(step, counted=tuple(Counted), *, has_duration=True, loose=False, deep=2):
    """Any amount; `loose` where a voted price is multiplied, so that it need not be a multiple of the rounding."""
    price = cents_by(1 if loose else step)
    leaves = price.map(Fixed) | _rates(1 if loose else step)
    if not deep:
        return leaves
    inside = _amounts(step, counted, has_duration=has_duration, loose=loose, deep=deep - 1)
    kinds = [
        leaves,
        _brackets(inside),
        st.builds(ByCount, st.sampled_from(counted), st.lists(inside, min_size=1, max_size=4).map(tuple)),
        _situations(inside),
    ]
    if Counted.SIBLINGS_PRESENT in counted:
        kinds.append(_together(price))
    if has_duration:
        each = st.booleans().flatmap(
            lambda is_deep: _amounts(step, counted, has_duration=False, loose=loose, deep=deep - 1 if is_deep else 0)
        )
        kinds.append(st.builds(ByDuration, few_minutes, each, st.none() | few_minutes))
    return st.one_of(kinds)


def _rates(step):
    def bounded(millionths, ends, missing, of):
        floor, ceiling = ends
        if floor is not None and ceiling is not None and floor > ceiling:
            floor, ceiling = ceiling, floor
        return EffortRate(millionths, floor, ceiling, ceiling if missing == "ceiling" else missing, of)

    price = st.none() | cents_by(step)
    return st.builds(
        bounded,
        st.sampled_from([3600, 10_000, 1_000_000]) | st.integers(1, 1_000_000),
        st.tuples(price, price),
        st.just("ceiling") | price,
        st.sampled_from(Measure),
    )


@st.composite
def _brackets(draw, inside):
    is_whole = draw(st.booleans())
    unit = 100 if is_whole else 1
    usual = st.integers(2, 2_000).map(lambda euros: euros * 100)
    bounds = sorted(draw(st.sets(usual | st.integers(2, HIGHEST_BOUND // unit).map(lambda n: n * unit), max_size=5)))
    # Two units apart at least, so that a band that stops before its bound holds something.
    bounds = [bound for place, bound in enumerate(bounds) if not place or bound - bounds[place - 1] > unit]
    brackets = [
        Bracket(draw(inside), bound, draw(st.booleans()), draw(st.just("") | plain_texts.map(f"{{}}{place}x".format)))
        for place, bound in enumerate(bounds)
    ]
    if not brackets or draw(st.booleans()):
        brackets.append(Bracket(draw(inside)))
    missing = draw(st.none() | st.integers(0, len(brackets) - 1))
    return ByBracket(tuple(brackets), missing, draw(st.sampled_from(Measure)), is_whole)


@st.composite
def _situations(draw, inside):
    drawn = draw(st.lists(codes, min_size=1, max_size=4, unique=True))
    cut = draw(st.integers(1, len(drawn)))
    groups = [group for group in (tuple(sorted(drawn[:cut])), tuple(sorted(drawn[cut:]))) if group]
    cases = tuple(Case(group, draw(inside), draw(st.just("") | plain_texts)) for group in groups)
    return BySituation(cases, draw(st.none() | inside))


def _together(price):
    return st.lists(price, min_size=1, max_size=4).map(
        lambda cents: ByCount(Counted.SIBLINGS_PRESENT, tuple(map(Fixed, sorted(cents))), together=True)
    )


@st.composite
def _conditions(draw):
    drawn = tuple(sorted(draw(st.sets(codes, max_size=2))))
    if drawn and draw(st.booleans()):
        return Condition(drawn)
    least = draw(few_counts)
    upto = draw(st.integers(least, 31) if least == 1 else st.none() | st.integers(least, 31))
    return Condition(drawn, draw(st.sampled_from(Counted)), least, upto)


conditions = st.just(Condition()) | _conditions()
changes = st.builds(
    lambda name, percent, cents, is_percent, when: (
        Change(name, percent=percent, when=when) if is_percent else Change(name, cents=cents, when=when)
    ),
    plain_texts,
    st.integers(-100, HIGHEST_PERCENT).filter(bool),
    st.integers(-1_000, 1_000).filter(bool),
    st.booleans(),
    conditions,
)


@cache
@st.composite
def _packages(draw, step, place):
    per = draw(st.sampled_from([Per.MONTH, Per.SCHOOL_YEAR, None]))
    includes_days = draw(st.booleans())
    months = draw(st.sets(st.sampled_from(SCHOOL_MONTHS), max_size=4)) if per is Per.SCHOOL_YEAR else set()
    return Package(
        f"{draw(plain_texts)}{place}",
        draw(plain_texts),
        draw(_amounts(step, OF_A_YEAR, has_duration=False, deep=1)),
        per,
        None if per is not None else draw(st.integers(1, 366)),
        draw(st.sampled_from(Scope)),
        draw(st.booleans()),
        includes_days,
        draw(cents_by(1)) if includes_days else 0,
        tuple(month for month in SCHOOL_MONTHS if month in months),
    )


caps = st.lists(
    st.builds(Cap, st.integers(1, HIGHEST_CENTS), st.sampled_from(Per), st.sampled_from(Scope)),
    max_size=3,
    unique_by=lambda cap: (cap.per, cap.scope),
).map(tuple)
late_pickups = st.builds(LatePickup, st.integers(1, 5_000), few_minutes, st.just(0) | st.integers(0, 60))


@st.composite
def _components(draw):
    if draw(st.booleans()):
        return ()
    left = 100
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        percent = draw(st.none() | st.integers(1, left)) if left else None
        left -= percent or 0
        cents = draw(st.integers(1, 1_000)) if percent is None else None
        parts.append(_component(draw, cents, percent))
    parts.insert(draw(st.integers(0, len(parts))), _component(draw, None, None))
    return tuple(parts)


def _component(draw, cents, percent):
    name = draw(st.just("") | plain_texts)
    return Component(draw(plain_texts), name, cents, percent, draw(st.booleans()), draw(st.booleans()))


components = _components()


@st.composite
def tariffs(draw):
    """Any tariff that the written form accepts."""
    rounding = draw(st.just(Rounding()) | roundings)
    loose = st.builds(
        ByDuration,
        few_minutes,
        _amounts(rounding.to, has_duration=False, loose=not rounding.at_each_step, deep=1),
        st.none() | few_minutes,
    )
    return Tariff(
        draw(_amounts(rounding.to) | loose),
        tuple(draw(st.lists(changes, max_size=3))),
        rounding,
        tuple(draw(_packages(rounding.to, place)) for place in range(draw(st.integers(0, 2)))),
        draw(caps),
        draw(st.none() | late_pickups),
        draw(components),
        draw(st.just("") | plain_texts),
    )


counts = st.integers(1, 8)
facts = st.builds(
    PriceFacts,
    st.none() | st.integers(0, 300_000) | st.integers(0, HIGHEST_BOUND),
    st.none() | st.integers(0, 600_000),
    st.frozensets(codes, max_size=3),
    counts,
    counts,
    counts,
    counts,
    counts,
    st.none() | st.integers(0, LONGEST_MINUTES),
)
