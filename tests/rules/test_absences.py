"""What an absence costs: each way in which authorities publish it, with what it settles and what it leaves open."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from marelle.domain.catalog.rules.absences import (
    AbsenceClause,
    AbsenceDecision,
    AbsenceFacts,
    AbsenceRules,
    Cause,
    Certificate,
    CountedIn,
    Notice,
    certificate_limit,
    decide_absence,
    longest_wait,
)
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, Never, Offset, SameDay, Unit
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.foundation.school_days import Calendar
from tests.rules.test_cutoffs import CALENDAR, NINE, PARIS, paris

MON, TUE, WED, THU, FRI = (date(2026, 11, day) for day in range(23, 28))
CANCEL_BY = Deadline(paris(2026, 11, 19, 9), Boundary.BEFORE)
MUCH_LATER = paris(2027, 6, 1)
PENALTY = PriceRule(PriceKind.INSTEAD, 299)
HALF = PriceRule(PriceKind.PART, 50)


def absent(on=MON, *, since=None, **known):
    return AbsenceFacts(on, since or on, **known)


def decided(rules, facts, at=MUCH_LATER, cancel_by=CANCEL_BY):
    return decide_absence(rules, facts, at=at, cancel_by=cancel_by, calendar=CALENDAR, zone=PARIS)


def rules(*clauses, **said):
    return AbsenceRules(clauses, **said)


def day_of(rank, first=MON):
    return {"since": first, "rank": rank}


def days(count, unit=CountedIn.DAY):
    return {"lasted": ((unit, count),)}


NOON = time(12)
PHONED = rules(AbsenceClause(told=Notice(SameDay(NINE))), otherwise=PENALTY)
ILLNESS = rules(AbsenceClause(causes=(Cause.ILLNESS,)))
FIRST_DAY_DUE = rules(
    AbsenceClause(FULL_PRICE, to_day=1), AbsenceClause(told=Notice(SameDay(time(10)), of_first_day=True), from_day=2)
)
ONE_WAITING_DAY = rules(AbsenceClause(from_day=2))
DAY_BY_DAY = rules(
    AbsenceClause(to_day=2),
    AbsenceClause(in_time=True, from_day=3, to_day=4),
    AbsenceClause(FULL_PRICE, from_day=3, to_day=4),
    no_show=PENALTY,
)
PROVEN = rules(AbsenceClause(certificate=Certificate()), AbsenceClause(causes=(Cause.EXCEPTIONAL,)))
FOUR_SCHOOL_DAYS = rules(AbsenceClause(certificate=Certificate(), minimum=4, counted_in=CountedIn.SCHOOL_DAY))
ASKED_FOR = rules(AbsenceClause(certificate=Certificate(), minimum=3, counted_in=CountedIn.DAY, asked_within_days=15))
WITHIN_48_HOURS = rules(
    AbsenceClause(certificate=Certificate(48), told=Notice(SameDay(time(9, 30)), of_first_day=True)),
    AbsenceClause(from_day=3),
)

PUBLISHED = {
    "phoned before nine: nothing": (PHONED, absent(told_at=paris(2026, 11, 23, 8, 40)), NOTHING_DUE),
    "phoned at nine: a penalty": (PHONED, absent(told_at=paris(2026, 11, 23, 9)), PENALTY),
    "nobody phoned: a penalty": (PHONED, absent(), PENALTY),
    "ill: nothing": (ILLNESS, absent(cause=Cause.ILLNESS), NOTHING_DUE),
    "of another cause: billed": (ILLNESS, absent(cause=Cause.STRIKE), FULL_PRICE),
    "the first day is due, though told": (
        FIRST_DAY_DUE,
        absent(told_at=paris(2026, 11, 23, 9, 30), **day_of(1)),
        FULL_PRICE,
    ),
    "the second is not, told before ten on the first": (
        FIRST_DAY_DUE,
        absent(TUE, told_at=paris(2026, 11, 23, 9, 30), **day_of(2)),
        NOTHING_DUE,
    ),
    "told after ten on the first: the second is due": (
        FIRST_DAY_DUE,
        absent(TUE, told_at=paris(2026, 11, 23, 10, 30), **day_of(2)),
        FULL_PRICE,
    ),
    "one waiting day: the first is due": (ONE_WAITING_DAY, absent(**day_of(1)), FULL_PRICE),
    "one waiting day: the second is not": (ONE_WAITING_DAY, absent(TUE, **day_of(2)), NOTHING_DUE),
    "one waiting day: the fourth is not": (ONE_WAITING_DAY, absent(FRI, **day_of(4)), NOTHING_DUE),
    "days one and two: the mairie pays": (
        DAY_BY_DAY,
        absent(TUE, told_at=paris(2026, 11, 23, 8), **day_of(2)),
        NOTHING_DUE,
    ),
    "day three, told after the limit to cancel": (
        DAY_BY_DAY,
        absent(THU, told_at=paris(2026, 11, 23, 8), **day_of(3)),
        FULL_PRICE,
    ),
    "day three, told before it": (
        DAY_BY_DAY,
        absent(THU, told_at=paris(2026, 11, 19, 8, 59), **day_of(3)),
        NOTHING_DUE,
    ),
    "day three, told at the limit itself": (
        DAY_BY_DAY,
        absent(THU, told_at=paris(2026, 11, 19, 9), **day_of(3)),
        FULL_PRICE,
    ),
    "day four, told before it": (DAY_BY_DAY, absent(FRI, told_at=paris(2026, 11, 18), **day_of(4)), NOTHING_DUE),
    "day five: nothing is said, its price": (
        DAY_BY_DAY,
        absent(FRI, told_at=paris(2026, 11, 18), **day_of(5)),
        FULL_PRICE,
    ),
    "day five, never told": (DAY_BY_DAY, absent(FRI, **day_of(5)), PENALTY),
    "day three, never told: its own clause comes first": (DAY_BY_DAY, absent(THU, **day_of(3)), FULL_PRICE),
    "a certificate": (PROVEN, absent(cause=Cause.ILLNESS, certificate_at=paris(2026, 12, 24)), NOTHING_DUE),
    "no certificate, but an exceptional event": (PROVEN, absent(cause=Cause.EXCEPTIONAL), NOTHING_DUE),
    "neither": (PROVEN, absent(cause=Cause.ILLNESS), FULL_PRICE),
    "four days of class and a certificate": (
        FOUR_SCHOOL_DAYS,
        absent(certificate_at=paris(2026, 11, 23), **days(4, CountedIn.SCHOOL_DAY)),
        NOTHING_DUE,
    ),
    "three days of class": (
        FOUR_SCHOOL_DAYS,
        absent(certificate_at=paris(2026, 11, 23), **days(3, CountedIn.SCHOOL_DAY)),
        FULL_PRICE,
    ),
    "four days of class, no certificate": (FOUR_SCHOOL_DAYS, absent(**days(4, CountedIn.SCHOOL_DAY)), FULL_PRICE),
    "asked in writing within fifteen days": (
        ASKED_FOR,
        absent(certificate_at=paris(2026, 11, 23), asked_at=paris(2026, 12, 8, 23, 59, 59), **days(3)),
        NOTHING_DUE,
    ),
    "asked on the sixteenth": (
        ASKED_FOR,
        absent(certificate_at=paris(2026, 11, 23), asked_at=paris(2026, 12, 9), **days(3)),
        FULL_PRICE,
    ),
    "asked, for two days only": (
        ASKED_FOR,
        absent(certificate_at=paris(2026, 11, 23), asked_at=paris(2026, 11, 30), **days(2)),
        FULL_PRICE,
    ),
    "asked, without the certificate": (ASKED_FOR, absent(asked_at=paris(2026, 11, 30), **days(3)), FULL_PRICE),
    "told in time, certificate within 48 hours": (
        WITHIN_48_HOURS,
        absent(told_at=paris(2026, 11, 23, 9), certificate_at=paris(2026, 11, 25, 9), **day_of(1)),
        NOTHING_DUE,
    ),
    "certificate after 48 hours": (
        WITHIN_48_HOURS,
        absent(told_at=paris(2026, 11, 23, 9), certificate_at=paris(2026, 11, 25, 9, 1), **day_of(1)),
        FULL_PRICE,
    ),
    "certificate in time, told too late": (
        WITHIN_48_HOURS,
        absent(told_at=paris(2026, 11, 23, 9, 30), certificate_at=paris(2026, 11, 23, 10), **day_of(1)),
        FULL_PRICE,
    ),
    "without it, two waiting days: the second is due": (
        WITHIN_48_HOURS,
        absent(TUE, told_at=paris(2026, 11, 23, 9), **day_of(2)),
        FULL_PRICE,
    ),
    "without it, two waiting days: the third is not": (
        WITHIN_48_HOURS,
        absent(THU, told_at=paris(2026, 11, 23, 9), **day_of(3)),
        NOTHING_DUE,
    ),
    "a council that says nothing: its price": (rules(), absent(cause=Cause.ILLNESS), FULL_PRICE),
    "half is due": (rules(AbsenceClause(HALF)), absent(), HALF),
    "never told, where it costs more": (rules(no_show=PENALTY), absent(), PENALTY),
    "told, where never told costs more": (
        rules(no_show=PENALTY, otherwise=HALF),
        absent(told_at=paris(2026, 11, 23, 18)),
        HALF,
    ),
}


@pytest.mark.parametrize(("said", "facts", "due"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_what_an_absence_costs(said, facts, due):
    decision = decided(said, facts)

    assert decision.bills == due
    assert not decision.is_unknown


@pytest.mark.parametrize("cause", [Cause.STRIKE, Cause.ABSENT_TEACHER, Cause.OUTING, Cause.CLOSURE])
def test_what_the_family_did_not_choose_is_not_billed_where_the_council_says_so(cause):
    not_their_choice = rules(AbsenceClause(causes=(Cause.STRIKE, Cause.ABSENT_TEACHER, Cause.OUTING, Cause.CLOSURE)))

    assert decided(not_their_choice, absent(cause=cause)).bills == NOTHING_DUE
    assert decided(not_their_choice, absent(cause=Cause.OTHER)).bills == FULL_PRICE


def test_the_first_clause_that_is_met_decides():
    half, nothing = AbsenceClause(HALF, causes=(Cause.ILLNESS,)), AbsenceClause()

    assert decided(rules(half, nothing), absent(cause=Cause.ILLNESS)) == AbsenceDecision(HALF, half)
    assert decided(rules(nothing, half), absent(cause=Cause.ILLNESS)) == AbsenceDecision(NOTHING_DUE, nothing)


def test_the_hour_of_each_day_or_of_the_first_only():
    each = rules(AbsenceClause(told=Notice(SameDay(NINE))))
    first = rules(AbsenceClause(told=Notice(SameDay(NINE), of_first_day=True)))
    told_on_tuesday = absent(TUE, since=MON, told_at=paris(2026, 11, 24, 8))

    assert decided(each, told_on_tuesday).bills == NOTHING_DUE
    assert decided(first, told_on_tuesday).bills == FULL_PRICE


def test_told_in_time_and_by_an_hour_are_both_asked():
    both = rules(AbsenceClause(in_time=True, told=Notice(Offset(3, Unit.DAY, NOON))))

    assert decided(both, absent(told_at=paris(2026, 11, 19, 8))).bills == NOTHING_DUE
    assert decided(both, absent(told_at=paris(2026, 11, 20, 8))).bills == FULL_PRICE
    late_limit = Deadline(paris(2026, 11, 22), Boundary.BEFORE)
    assert decided(both, absent(told_at=paris(2026, 11, 20, 13)), cancel_by=late_limit).bills == FULL_PRICE


def test_where_nothing_can_be_cancelled_nothing_is_told_in_time():
    in_time = rules(AbsenceClause(in_time=True))

    assert decided(in_time, absent(told_at=paris(2026, 1, 1)), cancel_by=None).bills == FULL_PRICE


def test_a_notice_that_is_never_possible_is_never_given():
    assert decided(rules(AbsenceClause(told=Notice(Never()))), absent(told_at=paris(2026, 1, 1))).bills == FULL_PRICE


UNKNOWN = {
    "the cause": (rules(AbsenceClause(causes=(Cause.ILLNESS,))), absent(rank=1)),
    "the rank of the day": (rules(AbsenceClause(from_day=2)), absent(cause=Cause.ILLNESS)),
    "the rank, where it is a last one": (rules(AbsenceClause(to_day=3)), absent(cause=Cause.ILLNESS)),
    "how long it lasts": (rules(AbsenceClause(minimum=3)), absent(cause=Cause.ILLNESS)),
    "how long it lasts in that unit": (
        rules(AbsenceClause(minimum=3, counted_in=CountedIn.SCHOOL_DAY)),
        absent(**days(9, CountedIn.DAY)),
    ),
}


@pytest.mark.parametrize(("said", "facts"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_known_is_said_and_its_price_stands(said, facts):
    decision = decided(said, facts)

    assert decision == AbsenceDecision(FULL_PRICE, is_unknown=True)


def test_an_unknown_fact_does_not_matter_where_another_says_no():
    said = rules(AbsenceClause(causes=(Cause.ILLNESS,), told=Notice(SameDay(NINE))))

    assert not decided(said, absent(told_at=paris(2026, 11, 23, 12))).is_unknown


def test_a_later_clause_is_met_and_an_earlier_one_not_known():
    said = rules(AbsenceClause(HALF, causes=(Cause.ILLNESS,)), AbsenceClause(from_day=2))

    decision = decided(said, absent(rank=2))

    assert (decision.bills, decision.clause, decision.is_unknown) == (NOTHING_DUE, said.clauses[1], True)


def test_what_is_still_awaited_has_its_last_moment():
    told = absent(told_at=paris(2026, 11, 23, 9), **day_of(1))

    before, after = (decided(WITHIN_48_HOURS, told, at=paris(2026, 11, 25, *when)) for when in ((9, 0), (9, 1)))

    assert before.bills == FULL_PRICE
    assert before.awaited_until == Deadline(paris(2026, 11, 25, 9), Boundary.UNTIL)
    assert after.awaited_until is None


def test_of_two_papers_awaited_the_first_moment_is_told():
    both = rules(AbsenceClause(certificate=Certificate(48), asked_within_days=1))
    one = absent(certificate_at=paris(2026, 11, 23, 12))

    assert decided(both, absent(), at=paris(2026, 11, 23)).awaited_until.moment == paris(2026, 11, 24, 23, 59)
    assert decided(both, one, at=paris(2026, 11, 23)).awaited_until.moment == paris(2026, 11, 24, 23, 59)


def test_of_two_clauses_awaited_the_first_is_told_and_stays_beside_the_one_that_is_met():
    said = rules(
        AbsenceClause(certificate=Certificate(48)),
        AbsenceClause(certificate=Certificate(24)),
        AbsenceClause(HALF, from_day=1),
    )

    decision = decided(said, absent(), at=paris(2026, 11, 23))

    assert (decision.bills, decision.awaited_until.moment) == (HALF, paris(2026, 11, 25))


def test_a_certificate_without_limit_is_awaited_for_ever_and_nothing_is_said_of_when():
    decision = decided(PROVEN, absent(cause=Cause.ILLNESS))

    assert (decision.bills, decision.awaited_until, decision.is_unknown) == (FULL_PRICE, None, False)


LIMITS = {
    "none": (Certificate(), absent(), None),
    "hours from when it was told": (
        Certificate(48),
        absent(told_at=paris(2026, 11, 23, 9)),
        paris(2026, 11, 25, 9),
    ),
    "told in another zone": (
        Certificate(48),
        absent(told_at=datetime(2026, 11, 23, 8, tzinfo=UTC)),
        paris(2026, 11, 25, 9),
    ),
    "told the week before: from the first hour of the absence": (
        Certificate(48),
        absent(told_at=paris(2026, 11, 16, 9)),
        paris(2026, 11, 25),
    ),
    "never told: from the first hour of the absence": (Certificate(48), absent(), paris(2026, 11, 25)),
    "from the first day, though this is the third": (Certificate(48), absent(WED, since=MON), paris(2026, 11, 25)),
    "hours are hours the night the clocks go back": (
        Certificate(24),
        absent(date(2026, 10, 25), told_at=paris(2026, 10, 25, 0, 30)),
        paris(2026, 10, 25, 23, 30),
    ),
    "days, until the end of the last": (Certificate(2, Unit.DAY), absent(FRI), paris(2026, 11, 29, 23, 59)),
    "days from the first of the absence": (
        Certificate(2, Unit.DAY),
        absent(FRI, since=THU, told_at=paris(2026, 11, 27)),
        paris(2026, 11, 28, 23, 59),
    ),
    "weekdays": (Certificate(2, Unit.WEEKDAY), absent(FRI), paris(2026, 12, 1, 23, 59)),
    "working days": (Certificate(1, Unit.WORKING_DAY), absent(date(2026, 11, 10)), paris(2026, 11, 12, 23, 59)),
    "days of class, over the Wednesday": (Certificate(2, Unit.SCHOOL_DAY), absent(TUE), paris(2026, 11, 27, 23, 59)),
    "days of class, over the holidays": (
        Certificate(1, Unit.SCHOOL_DAY),
        absent(date(2026, 10, 16)),
        paris(2026, 11, 2, 23, 59),
    ),
    "clear days: neither end counts": (Certificate(2, Unit.CLEAR_DAY), absent(MON), paris(2026, 11, 26, 23, 59)),
}


@pytest.mark.parametrize(("certificate", "facts", "expected"), LIMITS.values(), ids=LIMITS.keys())
def test_until_when_a_certificate_may_come(certificate, facts, expected):
    limit = certificate_limit(certificate, facts, CALENDAR, PARIS)

    assert limit == (Deadline(expected, Boundary.UNTIL) if expected else None)


def test_days_of_class_are_those_of_the_calendar():
    said = rules(AbsenceClause(certificate=Certificate(1, Unit.SCHOOL_DAY)))
    before_the_holidays = absent(date(2026, 10, 16))

    awaited = decided(said, before_the_holidays, at=paris(2026, 10, 30))

    assert awaited.awaited_until == Deadline(paris(2026, 11, 2, 23, 59), Boundary.UNTIL)


def test_the_last_moment_is_told_by_the_clocks_of_the_authority():
    limit = certificate_limit(Certificate(48), absent(told_at=datetime(2026, 11, 23, 8, tzinfo=UTC)), CALENDAR, PARIS)

    assert (limit.moment.tzinfo, limit.moment.hour) == (PARIS, 9)


def test_a_certificate_in_days_of_class_where_there_are_none_is_not_awaited_for_ever():
    limit = certificate_limit(Certificate(1, Unit.SCHOOL_DAY), absent(), Calendar(taught_weekdays=frozenset()), PARIS)

    assert limit.moment == paris(2027, 11, 28, 23, 59)


@pytest.mark.parametrize(
    ("certificates", "longest"),
    [
        ((), timedelta(0)),
        ((Certificate(48), Certificate(2, Unit.DAY), Certificate(24)), timedelta(days=3)),
        ((Certificate(48), Certificate()), None),
        ((Certificate(2, Unit.SCHOOL_DAY), Certificate(48)), None),
    ],
    ids=["none is asked for", "the longest of them", "one has no limit", "days that only a calendar counts"],
)
def test_how_long_a_certificate_may_be_awaited(certificates, longest):
    assert longest_wait(certificates) == longest
