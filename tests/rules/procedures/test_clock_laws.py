"""What holds of the clocks whatever is asked for, and wherever the authority is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marelle.domain.procedures.rules.clocks import Delay, DelayUnit, Pause, Silence, clock_of, local_day
from marelle.foundation.periods import days_between
from marelle.foundation.school_days import Calendar, NamedDays

ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Paris", "Indian/Reunion", "America/Guadeloupe", "America/Miquelon", "Pacific/Noumea")
]
FIRST = datetime(2026, 8, 1, tzinfo=UTC)
CALENDAR = Calendar(
    public_holidays=tuple(
        NamedDays(f"férié {day}", day, day)
        for day in (date(2026, 8, 15), date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25), date(2027, 1, 1))
    )
)
SOME = settings(max_examples=60, deadline=None)

moments = st.integers(0, 400 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
zones = st.sampled_from(ZONES)
delays = st.one_of(
    st.builds(Delay, st.integers(1, 8), st.just(DelayUnit.MONTHS)),
    st.builds(Delay, st.integers(1, 90), st.sampled_from([DelayUnit.DAYS, DelayUnit.WORKING_DAYS])),
)
silences = st.sampled_from(Silence)


@st.composite
def pauses(draw):
    """Pieces asked for, with time given, that come or not, in time or not."""
    asked_at = draw(moments)
    due_on = asked_at.date() + timedelta(days=draw(st.integers(0, 60)))
    after = draw(st.one_of(st.none(), st.integers(0, 90 * 24 * 60)))
    return Pause(asked_at, due_on, None if after is None else asked_at + timedelta(minutes=after))


some_pauses = st.lists(pauses(), max_size=4)


class Asked(NamedTuple):
    """A request, and what stops its clock."""

    received_at: datetime
    delay: Delay
    silence: Silence
    stops: list[Pause]
    zone: ZoneInfo

    def clock(self, at=None):
        return clock_of(*self[:4], zone=self.zone, calendar=CALENDAR, at=at or self.received_at)

    def last(self):
        """The last day to answer; the end of time for one that waits."""
        return self.clock().answer_by or date.max

    def but(self, *more_stops):
        return self._replace(stops=[*self.stops, *more_stops])


requests = st.builds(Asked, moments, delays, silences, some_pauses, zones)
deciding = requests.filter(lambda one: one.silence is not Silence.DECIDES_NOTHING)


@pytest.mark.law
@SOME
@given(requests, pauses())
def test_asking_for_pieces_never_shortens_a_delay(request_, one_more):
    assert request_.but(one_more).last() >= request_.last()


@pytest.mark.law
@SOME
@given(st.data(), requests, moments)
def test_the_order_of_the_facts_is_indifferent(data, request_, at):
    shuffled = request_._replace(stops=data.draw(st.permutations(request_.stops)))

    assert shuffled.clock(at) == request_.clock(at)


@pytest.mark.law
@SOME
@given(requests, pauses(), st.integers(0, 60))
def test_pieces_that_come_sooner_never_make_one_wait_longer(request_, one, days):
    later = one if one.ended_at is None else replace(one, ended_at=one.ended_at + timedelta(days=days))

    assert request_.but(one).last() <= request_.but(later).last()


@pytest.mark.law
@SOME
@given(requests, st.integers(0, 100))
def test_what_is_received_sooner_is_answered_no_later(request_, days):
    """Of the same stops, all asked for after both: nothing is asked for of a request that is not there yet."""
    later_at = request_.received_at + timedelta(days=days)
    sooner = request_._replace(stops=[one for one in request_.stops if one.asked_at >= later_at])

    assert sooner.last() <= sooner._replace(received_at=later_at).last()


@pytest.mark.law
@SOME
@given(deciding)
def test_silence_decides_between_its_last_day_and_the_next(request_):
    found = request_.clock()
    if found.silent_on is None:
        assert (found.born_at, found.is_suspended) == (None, True)
        return

    before = found.born_at.astimezone(UTC) - timedelta(microseconds=1)

    assert local_day(before, request_.zone) == found.silent_on
    assert local_day(found.born_at, request_.zone) == found.silent_on + timedelta(days=1)
    assert not found.has_decided(before)
    assert found.has_decided(found.born_at)


@pytest.mark.law
@SOME
@given(requests)
def test_a_refusal_leaves_the_whole_delay_to_the_authority(request_):
    """As many days that count as without any stop: a suspension gives back exactly what it took."""
    request_ = request_._replace(silence=Silence.REFUSES)
    bare, found = request_._replace(stops=[]).clock(), request_.clock()
    spans = [(local_day(one.asked_at, request_.zone), one.resumes_on(request_.zone)) for one in request_.stops]
    days = [
        day
        for day in days_between(found.started_on, found.silent_on)
        if not any(first <= day < after for first, after in spans)
    ]

    if request_.delay.unit is DelayUnit.WORKING_DAYS:
        assert sum(CALENDAR.is_working_day(day) for day in days[1:]) == request_.delay.count
    else:
        assert len(days) - 1 == (bare.silent_on - bare.started_on).days
