"""What a change of custody makes of the homes of a child."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.families.rules.custody import CustodyFault, CustodyPlan, Stay, fault_of_custody, planned

MOTHER, FATHER, AUNT = 1, 2, 3
BORN, TODAY = date(2017, 4, 9), date(2026, 11, 23)
DECEMBER, JANUARY, MARCH = date(2026, 12, 1), date(2027, 1, 1), date(2027, 3, 1)
YEAR = timedelta(days=366)


@pytest.mark.parametrize(
    ("homes", "authorities", "starts_on", "fault"),
    [
        ([MOTHER], [7], TODAY, None),
        ([MOTHER, FATHER], [7, 7], TODAY - YEAR, None),
        ([MOTHER], [7], TODAY + 2 * YEAR, None),
        ([], [], TODAY, CustodyFault.NO_HOME),
        ([MOTHER, FATHER, AUNT], [7, 7, 7], TODAY, CustodyFault.TOO_MANY),
        ([MOTHER, FATHER], [7, 8], TODAY, CustodyFault.OTHER_AUTHORITY),
        ([MOTHER], [7], BORN - timedelta(days=1), CustodyFault.BEFORE_BIRTH),
        ([MOTHER], [7], TODAY - YEAR - timedelta(days=1), CustodyFault.TOO_FAR_BACK),
        ([MOTHER], [7], TODAY + 2 * YEAR + timedelta(days=1), CustodyFault.TOO_FAR_AHEAD),
    ],
)
def test_what_cannot_be_is_refused_in_words(homes, authorities, starts_on, fault):
    said = fault_of_custody(homes, authorities=authorities, of=7, starts_on=starts_on, born_on=BORN, today=TODAY)

    assert said is fault


@pytest.mark.parametrize(
    ("stays", "homes", "plan"),
    [
        pytest.param([Stay(10, MOTHER, BORN, None)], [MOTHER], CustodyPlan(), id="the same again"),
        pytest.param(
            [Stay(10, MOTHER, BORN, None)], [FATHER], CustodyPlan(ended=(10,), begun=(FATHER,)), id="to the other"
        ),
        pytest.param([Stay(10, MOTHER, BORN, None)], [MOTHER, FATHER], CustodyPlan(begun=(FATHER,)), id="shared"),
        pytest.param(
            [Stay(10, MOTHER, BORN, None), Stay(11, FATHER, BORN, None)], [MOTHER], CustodyPlan(ended=(11,)), id="alone"
        ),
        pytest.param([Stay(10, MOTHER, BORN, MARCH)], [MOTHER], CustodyPlan(lasting=(10,)), id="no end any more"),
        pytest.param(
            [Stay(10, MOTHER, BORN, MARCH - timedelta(days=1)), Stay(11, FATHER, MARCH, None)],
            [MOTHER],
            CustodyPlan(lasting=(10,), withdrawn=(11,)),
            id="what was foreseen never counts",
        ),
        pytest.param(
            [Stay(10, MOTHER, JANUARY, None)],
            [FATHER],
            CustodyPlan(withdrawn=(10,), begun=(FATHER,)),
            id="what began that very day never counts",
        ),
        pytest.param(
            [Stay(10, MOTHER, BORN, DECEMBER), Stay(11, FATHER, MARCH, None)],
            [FATHER],
            CustodyPlan(withdrawn=(11,), begun=(FATHER,)),
            id="sooner than was foreseen",
        ),
        pytest.param([Stay(10, MOTHER, BORN, DECEMBER)], [FATHER], CustodyPlan(begun=(FATHER,)), id="it was over"),
    ],
)
def test_from_a_day_on_the_child_lives_with_exactly_these(stays, homes, plan):
    assert planned(stays, homes, starts_on=JANUARY) == plan
    assert bool(plan) is (plan != CustodyPlan())


days = st.integers(0, 30).map(lambda n: date(2026, 12, 15) + timedelta(days=n))
stays = st.lists(
    st.tuples(st.sampled_from([MOTHER, FATHER, AUNT]), days, st.none() | st.integers(0, 20)), max_size=5
).map(
    lambda said: [
        Stay(key, family, start, None if length is None else start + timedelta(days=length))
        for key, (family, start, length) in enumerate(said)
    ]
)
homes = st.lists(st.sampled_from([MOTHER, FATHER, AUNT]), min_size=1, max_size=2, unique=True)


def lived(stays, day):
    return {one.family for one in stays if one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)}


@given(stays, homes, days)
def test_nothing_changes_before_the_day_and_all_is_said_after_it(before, homes, starts_on):
    plan = planned(before, homes, starts_on=starts_on)
    eve = starts_on - timedelta(days=1)
    after = [
        one._replace(ends_on=eve if one.key in plan.ended else None if one.key in plan.lasting else one.ends_on)
        for one in before
        if one.key not in plan.withdrawn
    ]
    after += [Stay(100 + home, home, starts_on, None) for home in plan.begun]

    for n in range(-20, 40):
        day = starts_on + timedelta(days=n)
        assert lived(after, day) == (lived(before, day) if day < starts_on else set(homes))
    assert all(one.ends_on is None or one.ends_on >= one.starts_on for one in after)
    assert not planned(after, homes, starts_on=starts_on)
