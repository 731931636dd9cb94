"""An opening day played before it happens: who is served, who is not, and the moments that deserve a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.catalog.rules.acts import EVERYONE, NON_RESIDENT, RESIDENT, Act, OpeningWave, times_of
from marelle.domain.catalog.rules.closings import Closing
from marelle.domain.catalog.rules.cutoffs import Boundary, Deadline, Never, Offset, Unit
from marelle.domain.catalog.rules.opening_day import Wave, WaveOddity, Wish, oddities, opens_for, played
from marelle.foundation.school_days import Calendar, NamedDays

PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY, NEXT = date(2026, 12, 2), date(2026, 12, 9)
CLOSES = Closing(Offset(2, Unit.DAY, time(9), Boundary.BEFORE))
FIRST, SECOND = datetime(2026, 11, 16, 8, 30), datetime(2026, 11, 18, 8, 30)  # noqa: DTZ001  as a règlement writes it
IN_ORDER = (OpeningWave(RESIDENT, FIRST), OpeningWave(EVERYONE, SECOND))
HERE, ELSEWHERE = frozenset({RESIDENT}), frozenset({NON_RESIDENT})
MORNING, EVENING = 1, 2


def times(*waves, day=WEDNESDAY, closes=CLOSES):
    over = Deadline(datetime.combine(day, time(18), PARIS), Boundary.BEFORE)
    return times_of(Act(closes, waves), day, Calendar(), PARIS, over=over)


def play(wishes, audiences, places, *waves):
    asked = [Wish(child, 1, day, (MORNING,)) for child, day in wishes]
    days = {day for _child, day in wishes}
    return played(
        asked,
        audiences=audiences,
        times={(1, day): times(*waves, day=day) for day in days},
        left={(MORNING, day): places for day in days},
    )


def test_families_of_the_town_come_first_and_the_others_share_what_is_left():
    children = {1: HERE, 2: HERE, 3: ELSEWHERE, 4: ELSEWHERE}

    day = play([(child, WEDNESDAY) for child in (4, 3, 2, 1)], children, 3, *IN_ORDER)

    residents, everyone = day.waves
    assert (residents.wave, residents.children, residents.with_none, residents.left) == (
        Wave(RESIDENT, FIRST.replace(tzinfo=PARIS)),
        {1, 2},
        set(),
        1,
    )
    assert (everyone.products[1].asked, everyone.products[1].given, everyone.products[1].refused) == (2, 1, 1)
    assert (everyone.with_none, everyone.full_on_arrival) == ({3}, set())
    assert (everyone.left, everyone.full_days) == (0, 1)
    assert day.shut_out == frozenset()


def test_who_arrives_when_all_is_full_is_told_from_who_had_a_chance():
    children = {1: HERE, 2: HERE, 3: ELSEWHERE}

    day = play([(child, on) for child in children for on in (WEDNESDAY, NEXT)], children, 1, *IN_ORDER)

    residents, everyone = day.waves
    assert (residents.with_none, residents.full_on_arrival) == ({2}, set())
    assert (everyone.with_none, everyone.full_on_arrival) == ({3}, {3})


def test_without_waves_everybody_asks_at_once_and_uncounted_places_never_lack():
    day = play([(1, WEDNESDAY), (2, WEDNESDAY)], {1: HERE, 2: ELSEWHERE}, None)

    (wave,) = day.waves
    assert (wave.wave, wave.first, wave.last) == (Wave(EVERYONE), None, None)
    assert (wave.products[1].given, wave.with_none, wave.left, wave.full_days) == (2, set(), 0, 0)


def test_a_child_whom_no_wave_reaches_is_shut_out_and_a_day_that_nothing_decides_is_left_aside():
    outcome = played(
        [Wish(1, 1, WEDNESDAY, (MORNING,)), Wish(2, 1, NEXT, (MORNING,))],
        audiences={1: ELSEWHERE, 2: HERE},
        times={(1, WEDNESDAY): times(OpeningWave(RESIDENT, FIRST))},
        left={(MORNING, WEDNESDAY): 5},
    )

    assert (outcome.waves, outcome.shut_out) == ((), frozenset({1}))


def test_a_whole_day_takes_its_two_halves_or_nothing():
    whole = Wish(1, 1, WEDNESDAY, (MORNING, EVENING))
    half = Wish(2, 2, WEDNESDAY, (EVENING,))

    outcome = played(
        [half, whole],
        audiences={1: HERE, 2: HERE},
        times={(1, WEDNESDAY): times(), (2, WEDNESDAY): times()},
        left={(MORNING, WEDNESDAY): 1, (EVENING, WEDNESDAY): 1},
    )

    (wave,) = outcome.waves
    assert {key: one.given for key, one in wave.products.items()} == {1: 0, 2: 1}
    assert wave.left == 1


def test_a_part_of_the_day_that_was_not_opened_has_no_place():
    outcome = played([Wish(1, 1, WEDNESDAY, (MORNING,))], audiences={1: HERE}, times={(1, WEDNESDAY): times()}, left={})

    assert outcome.waves[0].full_on_arrival == {1}


def test_a_wave_that_each_day_has_of_its_own_is_one_wave_from_its_first_moment_to_its_last():
    ahead = OpeningWave(EVERYONE, Offset(14, Unit.DAY, time(8), Boundary.BEFORE))

    day = play([(1, NEXT), (1, WEDNESDAY)], {1: HERE}, 5, ahead)

    (wave,) = day.waves
    assert wave.wave == Wave(EVERYONE)
    assert (wave.first, wave.last) == tuple(
        datetime.combine(each - timedelta(days=14), time(8), PARIS) for each in (WEDNESDAY, NEXT)
    )


@pytest.mark.parametrize(
    ("waves", "closes", "found"),
    [
        ((), CLOSES, (Wave(EVERYONE), None)),
        (IN_ORDER, CLOSES, (Wave(RESIDENT, FIRST.replace(tzinfo=PARIS)), FIRST.replace(tzinfo=PARIS))),
        ((OpeningWave("fratrie", FIRST),), CLOSES, None),
        # It opens once the limit is past: nobody will ever ask.
        ((OpeningWave(EVERYONE, datetime(2026, 12, 1, 8)),), CLOSES, None),  # noqa: DTZ001
        ((), Closing(Never()), None),
    ],
    ids=["at once", "the earliest of one's own", "never for her", "too late", "never online"],
)
def test_the_first_wave_that_is_ones_own(waves, closes, found):
    assert opens_for(times(*waves, closes=closes), HERE) == found


def test_a_wave_waits_for_the_opening_that_holds_for_everyone():
    later = datetime(2026, 11, 20, 8, tzinfo=PARIS)

    assert opens_for(replace(times(*IN_ORDER), from_moment=later), HERE) == (
        Wave(RESIDENT, FIRST.replace(tzinfo=PARIS)),
        later,
    )


@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from([WEDNESDAY, NEXT])), unique=True, min_size=1),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.integers(0, 4),
)
def test_no_place_is_given_twice_and_none_is_kept_from_who_asks(wishes, resident, places):
    audiences = {child: HERE if resident[child - 1] else ELSEWHERE for child in range(1, 7)}

    day = play(wishes, audiences, places, *IN_ORDER)

    given_away = sum(one.given for wave in day.waves for one in wave.products.values())
    per_day = [sum(on == each for _child, on in wishes) for each in (WEDNESDAY, NEXT)]
    assert given_away == sum(min(asked, places) for asked in per_day)
    for wave in day.waves:
        assert wave.full_on_arrival <= wave.with_none <= wave.children


ODD = Calendar(
    public_holidays=(NamedDays("Armistice 1918", date(2026, 11, 11), date(2026, 11, 11)),),
    town_hall_weekdays=frozenset({0, 1, 2, 4}),
)


@pytest.mark.parametrize(
    ("moment", "odd"),
    [
        (datetime(2026, 11, 16, 8, 30), ()),  # noqa: DTZ001
        (datetime(2026, 11, 15, 9), (WaveOddity.SUNDAY,)),  # noqa: DTZ001
        (datetime(2026, 11, 11, 9), (WaveOddity.PUBLIC_HOLIDAY, WaveOddity.TOWN_HALL_SHUT)),  # noqa: DTZ001
        (datetime(2026, 11, 16, 0), (WaveOddity.NIGHT,)),  # noqa: DTZ001
        (datetime(2026, 11, 16, 22), (WaveOddity.NIGHT,)),  # noqa: DTZ001
        (datetime(2026, 11, 19, 9), (WaveOddity.TOWN_HALL_SHUT,)),  # noqa: DTZ001
    ],
)
def test_moments_that_deserve_a_look(moment, odd):
    wave = Wave(RESIDENT, moment.replace(tzinfo=PARIS))

    assert oddities([wave, Wave(EVERYONE)], ODD) == {wave: odd}


def test_two_waves_at_once_and_one_after_everybody_give_nothing():
    at, later = FIRST.replace(tzinfo=PARIS), SECOND.replace(tzinfo=PARIS)
    waves = [Wave(RESIDENT, at), Wave(EVERYONE, at), Wave("fratrie", later)]

    assert oddities(waves, Calendar()) == {
        waves[0]: (WaveOddity.SAME_MOMENT,),
        waves[1]: (WaveOddity.SAME_MOMENT,),
        waves[2]: (WaveOddity.AFTER_EVERYONE,),
    }
