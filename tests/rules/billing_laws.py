"""Laws of billing: what holds whatever is voted, lived, cut and billed again. Tried with those of `laws.py`."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st

from marelle.domain.billing.rules.charges import EVERY_CHILD, Helped, Kind
from marelle.domain.billing.rules.drafts import draft_of
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.spans import Per, span_of
from marelle.domain.catalog.rules.tariffs import (
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
    Package,
    Scope,
    Tariff,
)  # fmt: skip
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.domain.reservations.rules.homes import Enrolled, Measured
from marelle.foundation.periods import Period, days_between
from tests.rules.billing_scenarios import CALENDAR
from tests.rules.billing_town import (
    CANTEEN,
    EVENING,
    JULY,
    LEA,
    NOVEMBER,
    SEPTEMBER,
    TOM,
    Family,
    flat,
    good,
    goods,
)
from tests.rules.laws import law

MONTHS = Period(date(2026, 10, 12), date(2026, 12, 18))
DAYS = [day for day in days_between(MONTHS.starts_on, MONTHS.ends_on) if day.weekday() < 5]
FORMULAS = ["", "mois", "annee", "carte"]
PACKAGES = [
    Package("mois", "Forfait", Fixed(2000), per=Per.MONTH, refund=150),
    Package("annee", "Année", Fixed(10_000), per=Per.SCHOOL_YEAR, installments=(9, 10, 11, 1)),
    Package("mois", "Famille", Fixed(1500), per=Per.MONTH, scope=Scope.FAMILY, includes_days=False),
    Package("carte", "Carte", Fixed(1100), sessions=3),
    Package("adhesion", "Adhésion", Fixed(900), per=Per.SCHOOL_YEAR, scope=Scope.FAMILY, is_for_all=True,
            includes_days=False),
]  # fmt: skip
some_caps = st.lists(
    st.builds(
        Cap, st.integers(100, 4000), st.sampled_from([Per.WEEK, Per.MONTH, Per.SCHOOL_YEAR]), st.sampled_from(Scope)
    ),
    max_size=3,
    unique_by=lambda cap: (cap.per, cap.scope),
).map(tuple)
some_packages = st.lists(st.sampled_from(PACKAGES), max_size=2, unique_by=lambda one: one.code).map(tuple)
# Each way in which a price may be found; what tariffs may say of it has its own laws.
AMOUNTS = [
    Fixed(310),
    ByBracket((Bracket(Fixed(120), 50_000), Bracket(Fixed(455), None))),
    ByBracket((Bracket(Fixed(120), 50_000), Bracket(Fixed(455), 90_000)), missing=1),
    EffortRate(3600, 100, 500, 500),
    ByCount(Counted.RANK, (Fixed(300), Fixed(200))),
    ByCount(Counted.SIBLINGS_PRESENT, (Fixed(280), Fixed(465)), together=True),
    ByDuration(30, Fixed(80), 60),
    ByDuration(15, Fixed(45)),
    BySituation((Case(("mois",), Fixed(150)),), Fixed(333)),
]
CHANGES = [
    Change("Semaine", -20, when=Condition((), Counted.DAYS_OF_WEEK, 3)),
    Change("Fratrie", 0, -50, Condition((), Counted.RANK_PRESENT, 2)),
]
COMPONENTS = [
    (),
    (Component("7066", percent=33, is_childcare=True), Component("7067")),
    (Component("7067", cents=120), Component("7066", is_childcare=True, is_cesu=True)),
]
some_tariffs = st.builds(
    Tariff,
    st.integers(0, 900).map(Fixed) | st.sampled_from(AMOUNTS),
    st.just(()) | st.sampled_from(CHANGES).map(lambda change: (change,)),
    packages=some_packages,
    caps=some_caps,
    late_pickup=st.sampled_from([None, LatePickup(500, 15, 5)]),
    components=st.sampled_from(COMPONENTS),
)
rules = st.sampled_from(
    [NOTHING_DUE, FULL_PRICE, *(PriceRule(kind, value) for kind, value in (
        (PriceKind.PART, 50), (PriceKind.MORE_PERCENT, 50), (PriceKind.MORE, 100), (PriceKind.INSTEAD, 800)))]
)  # fmt: skip


@st.composite
def homes(draw):
    """A home of two children, with its products."""
    changed = draw(st.none() | st.sampled_from(DAYS))
    first = good(*([draw(some_tariffs)] if changed is None else [draw(some_tariffs), (changed, draw(some_tariffs))]))
    products = goods(first, good(draw(some_tariffs), pk=EVENING, service=2))
    enrolled = tuple(
        Enrolled(child, product + 100, first, last, draw(st.sampled_from(FORMULAS)))
        for child in (LEA, TOM)
        for product in (CANTEEN, EVENING)
        for first, last in [draw(st.sampled_from([(SEPTEMBER, JULY), (DAYS[9], JULY), (SEPTEMBER, DAYS[30])]))]
    )
    measures = tuple(Measured(day, value) for day, value in ((DAYS[20], draw(quotients)), (SEPTEMBER, draw(quotients))))
    aids = tuple(
        Helped(f"aide{place}", f"Aide {place}", 900 + place, DAYS[draw(st.integers(0, 20))], JULY,
               draw(st.integers(0, 700)), draw(st.sampled_from([0, 0, 30, 50, 100])),
               draw(st.sampled_from([None, LEA, TOM])), draw(st.sampled_from([None, 1, 2])))
        for place in range(draw(st.integers(0, 2)))
    )  # fmt: skip
    return Family(products, enrolled, measures, aids)


quotients = st.none() | st.integers(0, 150_000)


@st.composite
def lives(draw):
    """What two children lived: at most one thing a day of a product."""
    found = []
    for child in (LEA, TOM):
        for product in (CANTEEN, EVENING):
            drawn = draw(st.dictionaries(st.sampled_from(DAYS), st.integers(0, 5), max_size=12))
            ways = {way: tuple(sorted(day for day, which in drawn.items() if which == way)) for way in range(6)}
            for way, days in ways.items():
                if days:
                    found.append(_lived(draw, child, product, way, days))
    return found


def _lived(draw, child, product, way, days):
    what = [What.RESERVED, What.RESERVED, What.ABSENT, What.TOLD, What.CANCELLED, What.UNBOOKED][way]
    rule = None if what in {What.RESERVED, What.CANCELLED} else draw(st.none() | rules)
    return Lived(
        child,
        product,
        what,
        days,
        draw(rules) if way == 1 else None,
        rule,
        draw(st.integers(0, 900)) if what is What.CANCELLED else None,
        draw(st.none() | st.integers(0, 300)) if what is not What.CANCELLED else None,
        draw(st.sampled_from([0, 0, 40])) if what in {What.RESERVED, What.UNBOOKED} else 0,
    )


def draft(family, charges):
    return draft_of(charges, family.products, order=[LEA, TOM])


def by_name(billed):
    """Say what was billed by name and day, without what comes to nothing."""
    return {
        (name, day): cents for name, days in billed.items() for day, cents in days.items() if cents
    }  # fmt: skip


def amounts_in(value):
    """Yield every number of a value."""
    if is_dataclass(value):
        for each in fields(value):
            yield from amounts_in(getattr(value, each.name))
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from amounts_in(each)
    elif isinstance(value, dict):
        yield from amounts_in(list(value.items()))
    elif isinstance(value, (int, float)):
        yield value


@law(family=homes(), facts=lives())
def lines_sum_to_their_invoice_components_to_their_line_and_steps_to_their_price(family, facts):
    found = draft(family, family.left(facts))
    if found is None:
        return

    assert found.total == sum(line.total for line in found.lines)
    assert all(sum(share.cents for share in line.shares) == line.total for line in found.lines)
    assert all(sum(step.cents for step in line.steps) == line.charge.cents for line in found.lines)
    assert found.total == sum(found.revenue.values()) - sum(found.third_parties.values())
    assert found.childcare == sum(
        share.cents for line in found.lines for share in line.shares if share.is_childcare
    )  # fmt: skip


@law(family=homes(), facts=lives())
def no_amount_is_ever_a_float(family, facts):
    charges = family.left(facts)
    for value in [*charges, draft(family, charges)]:
        assert all(type(number) is not float for number in amounts_in(value))


@law(family=homes(), facts=lives())
def a_name_is_charged_once_a_day(family, facts):
    charged = Counter((one.name, day) for one in family.account(facts).charges for day in one.days)

    assert all(count == 1 for count in charged.values()), charged


@law(family=homes(), facts=lives())
def billing_twice_adds_nothing(family, facts):
    family.bill(facts, NOVEMBER)

    assert family.left(facts, NOVEMBER) == []


cuts = st.sets(st.sampled_from([day for day in DAYS if day > MONTHS.starts_on]), min_size=1, max_size=4).map(sorted)


@law(family=homes(), facts=lives(), edges=cuts, order=st.randoms(use_true_random=False))
def a_time_billed_in_any_runs_in_any_order_comes_to_one_run_by_name_and_by_code(family, facts, edges, order):
    firsts = [MONTHS.starts_on, *edges]
    lasts = [*(edge - timedelta(days=1) for edge in edges), MONTHS.ends_on]
    runs = [Period(first, last) for first, last in zip(firsts, lasts, strict=True)]
    order.shuffle(runs)
    whole = replace(family, billed={})
    (once,) = [draft(whole, whole.bill(facts, MONTHS))]
    parts = [draft(family, family.bill(facts, run)) for run in runs]

    assert by_name(family.billed) == by_name(whole.billed)
    codes = Counter()
    for part in parts:
        codes.update(part.revenue if part else {})
    assert {code: cents for code, cents in codes.items() if cents} == (once.revenue if once else {})


@law(family=homes(), facts=lives(), others=lives())
def what_changed_is_corrected_to_what_is_due(family, facts, others):
    family.bill(facts, MONTHS)
    family.bill(others, MONTHS)
    fresh = replace(family, billed={})
    fresh.bill(others, MONTHS)

    assert by_name(family.billed) == by_name(fresh.billed)


@law(family=homes(), facts=lives())
def cancelling_everything_brings_back_exactly_what_was_invoiced_code_by_code(family, facts):
    family.enrolled = tuple(one._replace(formula="") for one in family.enrolled)
    for product in family.products.values():
        for voted in product.sold.tariffs:
            voted.rules = replace(voted.rules, packages=())
    drafts = [draft(family, family.bill(each, MONTHS)) for each in (facts, [])]

    assert by_name(family.billed) == {}
    codes, payers = Counter(), Counter()
    for found in drafts:
        codes.update(found.revenue if found else {})
        payers.update(found.third_parties if found else {})
    assert not any([*codes.values(), *payers.values()])


@law(family=homes(), facts=lives(), order=st.randoms(use_true_random=False))
def the_order_of_facts_does_not_matter(family, facts, order):
    shuffled = [*facts]
    order.shuffle(shuffled)

    assert draft(family, family.left(shuffled)) == draft(family, family.left(facts))


@law(
    cents=st.integers(0, 900),
    per=st.sampled_from([Per.WEEK, Per.MONTH, Per.SCHOOL_YEAR]),
    limits=st.fixed_dictionaries({}, optional={scope: st.integers(100, 4000) for scope in Scope}),
    days=st.sets(st.sampled_from(DAYS), max_size=20),
    fewer=st.sets(st.sampled_from(DAYS), max_size=20),
)
def with_less_presence_nobody_pays_more_and_caps_hold(cents, per, limits, days, fewer):
    """Of one span: two that overlap, as weeks and months, may take off the same day and leave another."""
    products = goods(good(flat(cents, caps=tuple(Cap(limits[scope], per, scope) for scope in limits))))
    other = Lived(LEA, CANTEEN, What.RESERVED, tuple(DAYS[::5]))

    def total(present):
        family = Family(products)
        own = [Lived(TOM, CANTEEN, What.RESERVED, tuple(sorted(present)))] if present else []
        family.bill([other, *own], MONTHS)
        paid = Counter()
        for (name, day), billed in by_name(family.billed).items():
            paid[name.child, span_of(day, per, CALENDAR)] += billed
        for (child, _span), each in paid.items():
            assert child == EVERY_CHILD or each <= limits.get(Scope.CHILD, each)
        of_all = Counter()
        for (_child, span), each in paid.items():
            of_all[span] += each
        assert all(each <= limits.get(Scope.FAMILY, each) for each in of_all.values())
        return family.total

    assert total(days & fewer) <= total(days)


@law(family=homes(), facts=lives())
def no_day_costs_less_than_nothing_whatever_aids_and_caps_take_off_it(family, facts):
    due = Counter()
    for charge in family.account(facts, MONTHS).charges:
        if charge.name.kind in {Kind.DAY, Kind.AID} or (charge.name.kind is Kind.CAP and charge.name.child):
            for day in charge.days:
                due[charge.name.child, charge.name.product, day] += charge.cents
    of_all = Counter()
    for charge in family.account(facts, MONTHS).charges:
        if charge.name.kind in {Kind.DAY, Kind.AID, Kind.CAP}:
            for day in charge.days:
                of_all[charge.name.product, day] += charge.cents

    assert all(cents >= 0 for cents in [*due.values(), *of_all.values()])


@law(family=homes(), facts=lives())
def each_day_lived_is_billed_or_named(family, facts):
    account = family.account(facts, MONTHS)
    charged = {(one.name.child, one.name.product, day) for one in account.charges for day in one.days}
    named = {(one.child, one.product, day) for one in account.noted for day in one.days}
    for one in facts:
        for day in one.days:
            enrollment = family.home.enrollment(one.child, one.product + 100, day)
            voted = family.products[one.product].tariff_on(day).rules
            formula = enrollment.formula if enrollment else None
            included = any(
                package.includes_days and (package.is_for_all or package.code == formula) for package in voted.packages
            )
            if one.what is not What.CANCELLED and not included:
                assert (one.child, one.product, day) in charged | named
