"""Laws of two homes: whatever was settled, exchanged and lived, each day is billed once and all is paid once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from marelle.domain.catalog.rules.pricing import NOTHING_DUE
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import Bracket, ByBracket, Fixed, Package
from marelle.domain.reservations.rules.custody import (
    CustodyTerms,
    HolidayShare,
    Packages,
    Role,
    SummerShare,
    Weeks,
    turns_of,
)
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.domain.reservations.rules.homes import Enrolled, Measured
from marelle.domain.reservations.rules.two_homes import EnrolledAnywhere, Living, PackageTerms, SharedChild
from marelle.foundation.periods import Period
from marelle.foundation.school_days import NamedDays
from tests.rules.billing_laws import DAYS, MONTHS
from tests.rules.billing_scenarios import CALENDAR
from tests.rules.billing_town import CANTEEN, EVENING, JULY, LEA, SEPTEMBER, Family, flat, good, goods
from tests.rules.laws import law

HERS, HIS, ALONE = 1, 2, 3
SINCE = date(2020, 1, 1)
# A period of class begins where the holidays before it end: the summer's too.
SINCE_SUMMER = replace(
    CALENDAR,
    school_holidays=(NamedDays("Été", date(2026, 7, 4), date(2026, 8, 31)), *CALENDAR.school_holidays),
)
SERVICES = {CANTEEN: 1, EVENING: 2}
PACKAGES = [
    Package("mois", "Forfait", Fixed(2001), per=Per.MONTH, refund=151),
    Package("annee", "Année", Fixed(10_003), per=Per.SCHOOL_YEAR, installments=(9, 10, 11, 1), refund=99),
    Package("semaine", "Semaine", Fixed(505), per=Per.WEEK, refund=33),
    Package("adhesion", "Adhésion", Fixed(901), per=Per.SCHOOL_YEAR, is_for_all=True, includes_days=False),
    Package("periode", "Période", Fixed(3001), per=Per.PERIOD),
]
FORMULAS = ["", "mois", "annee", "semaine", "periode"]
tariffs = st.builds(
    flat,
    st.sampled_from([0, 310, 455]),
    packages=st.lists(st.sampled_from(PACKAGES), max_size=3, unique_by=lambda one: one.code).map(tuple),
) | st.just(flat()).map(
    lambda tariff: replace(tariff, amount=ByBracket((Bracket(Fixed(120), 50_000), Bracket(Fixed(455), None))))
)


@st.composite
def custody_terms(draw):
    """Terms that say something sure."""
    weeks = draw(st.sampled_from(Weeks))
    since = draw(st.sampled_from(DAYS))
    role = st.sampled_from(Role)
    return CustodyTerms(
        weeks=weeks,
        since=since if weeks is Weeks.FROM_DAY else None,
        first_even=draw(st.booleans()),
        changeover=since.weekday() if weeks is Weeks.FROM_DAY else draw(st.integers(0, 6)),
        holidays=draw(st.sampled_from(HolidayShare)),
        summer=draw(st.sampled_from(SummerShare)),
        first_half_even=draw(st.booleans()),
        long_weekends=draw(st.booleans()),
        packages=draw(st.sampled_from(Packages)),
        services=tuple(draw(st.dictionaries(st.sampled_from([1, 2]), role, max_size=1)).items()),
    )


@st.composite
def custodies(draw):
    """Where the child lives, what was settled from when, and days exchanged."""
    joins, until = draw(st.sampled_from([SINCE, DAYS[3], DAYS[25]])), draw(st.none() | st.sampled_from(DAYS[24:]))
    stays = draw(st.sampled_from([HERS, HIS]))
    # He joins her, or she him; one of them ends perhaps, never before the other begins.
    lives = [Living(stays, SINCE, None), Living(HERS + HIS - stays, joins, None)]
    if until is not None:
        ends = draw(st.integers(0, 1))
        lives[ends] = lives[ends]._replace(ends_on=max(until, joins))
    starts = sorted(draw(st.sets(st.sampled_from([SEPTEMBER, DAYS[10], DAYS[30]]), max_size=2)))
    settled = [(day, draw(st.none() | custody_terms()), draw(st.sampled_from([HERS, HIS]))) for day in starts]
    return tuple(lives), settled, draw(st.dictionaries(st.sampled_from(DAYS), st.sampled_from([HERS, HIS]), max_size=6))


def answers(lives, settled, exchanged):
    """Return which home answers for a product and a day, as turns say it."""
    whose: dict[tuple[int, date], int] = {}
    for day in DAYS:
        homes = sorted(one.family for one in lives if one.holds(day))
        said = next(((terms, first) for since, terms, first in reversed(settled) if since <= day), (None, HERS))
        terms, first = said
        for product, service in SERVICES.items():
            if len(homes) == 1 or terms is None:
                whose[product, day] = homes[0]
                continue
            roles = {Role.FIRST: first, Role.SECOND: HIS if first == HERS else HERS}
            (turn,) = turns_of(terms, roles, first=day, last=day, calendar=CALENDAR, exceptions=exchanged)
            always = dict(terms.services).get(service)
            whose[product, day] = roles[always] if always is not None else turn.home
    return whose


booked = st.fixed_dictionaries(
    {product: st.dictionaries(st.sampled_from(DAYS), st.integers(0, 2), max_size=15) for product in SERVICES}
)
enrollments = st.fixed_dictionaries(
    {
        product: st.tuples(
            st.sampled_from(FORMULAS), st.sampled_from([(SEPTEMBER, JULY), (DAYS[9], JULY), (SEPTEMBER, DAYS[30])])
        )
        for product in SERVICES
    }
)


def both(first, role):
    return first if role is Role.FIRST else HERS + HIS - first


def package_terms(settled):
    """Return what was settled as packages read it."""
    return tuple(
        PackageTerms(
            since,
            first,
            HERS + HIS - first,
            None if said is None else said.packages,
            {} if said is None else {key: both(first, role) for key, role in said.services},
        )
        for since, said, first in settled
    )


def live(days, whose):
    """Return what each home, and the one that is alone, lived."""
    lived = {HERS: [], HIS: [], ALONE: []}
    for product, drawn in days.items():
        for day, way in drawn.items():
            what, rule = [(What.RESERVED, None), (What.ABSENT, None), (What.TOLD, NOTHING_DUE)][way]
            for key in (whose[product, day], ALONE):
                lived[key].append(Lived(LEA, product, what, (day,), rule=rule))
    return lived


def billed_in(*families):
    """Return the cents of each name and day, but for what comes to nothing."""
    total = Counter()
    for family in families:
        for name, days in family.billed.items():
            for day, cents in days.items():
                total[name, day] += cents
    return {name: cents for name, cents in total.items() if cents}


@law(
    voted=st.tuples(tariffs, tariffs),
    custody=custodies(),
    days=booked,
    enrolled=enrollments,
    quotient=st.integers(0, 99_999),
)
def two_homes_pay_once_what_one_would_and_each_its_days(voted, custody, days, enrolled, quotient):
    lives, settled, exchanged = custody
    whose = answers(lives, settled, exchanged)
    products = goods(good(voted[0]), good(voted[1], pk=EVENING, service=2))
    rows = tuple(
        EnrolledAnywhere(product + 100, first, last, formula) for product, (formula, (first, last)) in enrolled.items()
    )
    shared = SharedChild(lives, rows, package_terms(settled))
    lived = live(days, whose)

    def billed(key):
        mine = (
            rows if key == ALONE else replace(shared, lives=tuple(one for one in lives if one.family == key)).pieces()
        )
        family = Family(
            products,
            tuple(Enrolled(LEA, *one) for one in mine) or (Enrolled(LEA, 999, SEPTEMBER, JULY),),
            (Measured(SINCE, quotient),),
            shared={} if key == ALONE else {LEA: shared},
            key=key,
            elsewhere=tuple(lived.get(HERS + HIS - key, ())),
            calendar=SINCE_SUMMER,
        )
        for period in SPANS:
            family.bill(lived[key], period)
        return family

    hers, his, alone = billed(HERS), billed(HIS), billed(ALONE)

    assert billed_in(hers, his) == billed_in(alone)
    for family in (hers, his):
        days_of = {(name.product, day) for name, day in billed_in(family) if name.kind == "day"}
        assert {whose[each] for each in days_of} <= {family.key}


# From the first day of school to the end of what is lived, month by month: what is due before is due to somebody.
SPANS = [Period(date(2026, month, 1), date(2026, month + 1, 1) - timedelta(days=1)) for month in range(9, 12)] + [
    Period(date(2026, 12, 1), date(2026, 12, 31))
]
assert SPANS[1].starts_on <= MONTHS.starts_on
