"""Laws of deadlines and règlements, looked for by thousands of examples."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from marelle.domain.catalog.rules.cutoffs import (
    Boundary,
    MonthCutoff,
    Never,
    Offset,
    SameDay,
    Unit,
    WeekCutoff,
    WeekdayTable,
)
from marelle.domain.catalog.rules.days import VersionedReglement, day_rule
from marelle.domain.catalog.rules.opening import OpeningDays
from marelle.domain.catalog.rules.reglements import (
    InvalidReglementError,
    Reglement,
    read_reglement,
    write_reglement,
)
from marelle.domain.reservations.rules.decisions import Booked, Facts, Reason, Wish, refusals
from marelle.foundation.periods import Period
from marelle.foundation.school_days import Calendar, NamedDays

pytestmark = pytest.mark.torture

many = settings(max_examples=2_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ZONES = [ZoneInfo(name) for name in ("Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "Pacific/Noumea")]
FIRST, LAST = date(2024, 1, 1), date(2029, 12, 31)
# Reasons that come with time and never go.
TIMELY = {Reason.PAST, Reason.TOO_LATE}

days = st.dates(FIRST, LAST)
times = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
weekdays = st.integers(0, 6)
boundaries = st.sampled_from(Boundary)
moments = st.datetimes(datetime(2023, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
weekday_tables = st.builds(
    lambda table, boundary: WeekdayTable(
        tuple(sorted((service, weekday, at) for service, (weekday, at) in table.items())), boundary
    ),
    st.dictionaries(weekdays, st.tuples(weekdays, times), min_size=1),
    boundaries,
)
week_cutoffs = st.builds(WeekCutoff, weekdays, times, st.integers(1, 26), boundaries)
day_offsets = st.builds(
    Offset, st.integers(0, 30), st.sampled_from([unit for unit in Unit if unit is not Unit.HOUR]), times, boundaries
)
hour_offsets = st.builds(Offset, st.integers(0, 24 * 60), st.just(Unit.HOUR), st.just(time(0, 0)), boundaries)
same_days = st.builds(SameDay, times, boundaries)
month_cutoffs = st.builds(MonthCutoff, st.integers(1, 31), st.integers(1, 12))
cutoffs = st.one_of(weekday_tables, week_cutoffs, day_offsets, hour_offsets, same_days, month_cutoffs, st.just(Never()))
reglements = st.builds(
    Reglement, cutoffs, cutoffs, st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=40)
)


@st.composite
def calendars(draw):
    def spans(most, longest):
        starts = draw(st.lists(st.tuples(days, st.integers(0, longest)), max_size=most))
        return tuple(NamedDays("Congés", first, first + timedelta(days=length)) for first, length in starts)

    taught = draw(st.frozensets(st.integers(0, 5), min_size=1))
    return Calendar(school_holidays=spans(6, 60), public_holidays=spans(12, 0), taught_weekdays=taught)


@st.composite
def rules_of_days(draw):
    """A day that is open, decided by any règlement, on any calendar."""
    day = draw(days)
    everyday = frozenset(range(7))
    return day_rule(
        day,
        opening=OpeningDays(Period(FIRST, LAST), everyday, everyday),
        closures=(),
        reglements=(VersionedReglement(1, FIRST, draw(reglements)),),
        calendar=draw(calendars()),
        zone=draw(st.sampled_from(ZONES)),
        ends_at=draw(st.one_of(st.none(), times.filter(lambda end: end > time(0, 0)))),
    )


facts_of_days = st.builds(
    Facts,
    rules_of_days(),
    is_enrolled=st.just(True),
    booked=st.one_of(st.none(), st.sampled_from(Booked)),
    is_other_home=st.booleans(),
    is_asked=st.booleans(),
    places_left=st.one_of(st.none(), st.integers(0, 3)),
    has_slots=st.booleans(),
)


@many
@given(facts_of_days, st.sampled_from(Wish), st.integers(0, 60 * 24 * 40))
def test_nothing_is_allowed_once_the_service_is_over(facts, wish, minutes):
    at = facts.rule.ends_at.astimezone(UTC) + timedelta(minutes=minutes)

    assert refusals(facts, wish, at=at)


@many
@given(
    st.one_of(
        week_cutoffs,
        weekday_tables,
        month_cutoffs,
        hour_offsets,
        day_offsets.filter(lambda offset: offset.count > 0 or offset.unit is Unit.CLEAR_DAY),
    ),
    days,
    calendars(),
    st.sampled_from(ZONES),
)
def test_a_limit_that_counts_back_is_over_before_the_service_day_begins(cutoff, day, calendar, zone):
    from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError

    try:
        deadline = cutoff.deadline(day, calendar, zone)
    except ImpossibleCutoffError:
        return

    begins = datetime.combine(day, time(0), zone).astimezone(UTC)
    # « jusqu'à 0:00 » is the one limit that touches the day: its minute still counts.
    grace = timedelta(minutes=1) if isinstance(cutoff, Offset) and cutoff.unit is Unit.HOUR else timedelta(0)
    assert deadline is None or deadline.is_past(begins + grace)


@many
@given(same_days, days, st.sampled_from(ZONES))
def test_a_limit_of_the_same_day_never_leaves_that_day(cutoff, day, zone):
    deadline = cutoff.deadline(day, Calendar(), zone)

    assert deadline.moment.date() == day
    assert deadline.is_past(datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC))


@many
@given(facts_of_days, st.sampled_from(Wish), moments, moments)
def test_acting_earlier_never_turns_allowed_into_refused(facts, wish, one, other):
    earlier, later = sorted((one, other))
    before, after = refusals(facts, wish, at=earlier), refusals(facts, wish, at=later)

    if not after:
        assert not before
    # What time alone brings is never lost with time.
    assert not ({no.reason for no in before} & TIMELY) or {no.reason for no in after} & TIMELY
    assert {no.reason for no in before} - TIMELY <= {no.reason for no in after} | _hidden(after)


def _hidden(found):
    """A day that is over says nothing of its règlement: these two are then no longer told."""
    return {Reason.NOT_ONLINE, Reason.UNCLEAR} if Reason.PAST in {no.reason for no in found} else set()


@many
@given(facts_of_days, moments)
def test_the_limit_told_is_the_limit_applied(facts, at):
    deadline = facts.rule.book_by
    if deadline is None or facts.booked is not None:
        return

    told_too_late = {no.reason for no in refusals(facts, Wish.RESERVE, at=at)} & TIMELY

    assert bool(told_too_late) == (deadline.is_past(at) or at >= facts.rule.ends_at)


@many
@given(reglements)
@example(Reglement(Never(), Never()))
def test_what_is_written_reads_back_the_same(reglement):
    assert read_reglement(write_reglement(reglement)) == reglement
    assert write_reglement(read_reglement(write_reglement(reglement))) == write_reglement(reglement)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-400, 400) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["book", "cancel", "article", "shape", "count", "unit", "time", "boundary", "table", "mon", "day"]
            )
            | st.text(max_size=5),
            inside
            | st.sampled_from(
                ["offset", "same_day", "weekday_table", "week_cutoff", "month_cutoff", "never", "hour", "thu 09:00"]
            ),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@many
@given(plain)
def test_any_other_data_is_refused_with_a_reason_or_reads_and_writes_the_same(data):
    try:
        reglement = read_reglement(data)
    except InvalidReglementError as error:
        reason = str(error)
    else:
        reason = "none is needed"
        assert read_reglement(write_reglement(reglement)) == reglement
    assert reason
