"""Two files become one: what is alike, what is kept of both, and where a child then lives."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.domain.families.rules.health import LONGEST_CARE_PLAN, HealthSaid
from marelle.domain.families.rules.likeness import Named
from marelle.domain.families.rules.merging import (
    JoinedStays,
    Side,
    Stay,
    differing,
    has_too_many_homes,
    health_differs,
    is_said,
    is_same_person,
    joined_health,
    joined_stays,
    kept_values,
    proposed_pairs,
)

BORN = date(2018, 5, 6)
START = date(2026, 9, 1)


def day(number):
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("Maria", "Roy"), ("MARIA", "Roÿ"), True),
        (("Maria", "Roy"), ("Maria Ana", "Roy"), False),
        (("Maria", "Roy"), ("Roy", "Maria"), False),
        (("", "Roy"), ("", "Roy"), False),
    ],
    ids=["marks and capitals", "another first name", "turned", "no name"],
)
def test_a_guardian_is_the_same_by_her_whole_name(one, other, expected):
    assert is_same_person(one, other) is expected


def test_a_child_is_proposed_once_and_only_when_it_is_sure():
    zoe, marie = Named("Zoé", "Roy", BORN), Named("Zoé Marie", "Roy", BORN)
    twin, other_day = Named("Léa", "Roy", BORN), Named("Zoé", "Roy", date(2019, 5, 6))

    assert proposed_pairs({1: zoe, 2: twin, 3: other_day}, {7: marie, 8: twin, 1: zoe}) == {1: 7, 2: 8}
    # Two of the same: an agent says which.
    assert proposed_pairs({1: zoe}, {7: zoe, 8: marie}) == {}
    assert proposed_pairs({1: zoe, 2: marie}, {7: zoe}) == {1: 7}


def test_what_one_says_is_kept_and_what_both_say_is_chosen():
    kept = {"name": "Roy", "address": "", "phone": "06 11", "resident": False, "codes": []}
    ended = {"name": "Roi", "address": "1 rue Haute", "phone": "", "resident": True, "codes": ["quai"]}

    assert differing(kept, ended) == ("name", "resident")
    assert kept_values(kept, ended) == {**kept, "address": "1 rue Haute", "codes": ["quai"]}
    assert kept_values(kept, ended, taken={"name", "phone"}) == {
        "name": "Roi", "address": "1 rue Haute", "phone": "06 11", "resident": False, "codes": ["quai"],
    }  # fmt: skip
    assert [is_said(value) for value in (False, "", None, [], 0.5)] == [True, False, False, False, True]


class TestHealth:
    ONE = HealthSaid("sans porc", "arachide", "Stylo dans le sac", date(2027, 6, 30))
    OTHER = HealthSaid("", "œuf", "Stylo au bureau", date(2026, 12, 31))

    def test_it_differs_only_where_both_say_something(self):
        assert health_differs(self.ONE, self.OTHER)
        assert not health_differs(self.ONE, HealthSaid(diet="sans porc"))

    @pytest.mark.parametrize(
        ("side", "expected"),
        [
            (Side.KEPT, HealthSaid("sans porc", "arachide", "Stylo dans le sac", date(2027, 6, 30))),
            (Side.ENDED, HealthSaid("sans porc", "œuf", "Stylo au bureau", date(2026, 12, 31))),
            (
                Side.BOTH,
                HealthSaid("sans porc", "arachide\nœuf", "Stylo dans le sac\nStylo au bureau", date(2026, 12, 31)),
            ),
        ],
    )
    def test_what_one_says_is_never_lost(self, side, expected):
        assert joined_health(self.ONE, self.OTHER, side) == expected

    @pytest.mark.parametrize(("one", "other"), [("œuf", "Œuf et lait"), ("Œuf et lait", "œuf")])
    def test_both_say_each_thing_once(self, one, other):
        assert joined_health(HealthSaid(allergies=one), HealthSaid(allergies=other), Side.BOTH) == HealthSaid(
            allergies="Œuf et lait"
        )

    def test_texts_that_are_too_long_together_are_refused(self):
        long = "a" * LONGEST_CARE_PLAN
        assert joined_health(HealthSaid(care_plan=long), HealthSaid(care_plan="b"), Side.BOTH) is None


class TestCustody:
    def test_stays_that_meet_make_one_with_the_days_of_both(self):
        kept = [Stay(1, 9, day(10), day(20)), Stay(2, 9, day(40), None)]
        ended = [Stay(3, 9, day(0), day(9)), Stay(4, 8, day(0), None), Stay(5, 9, day(30), day(35))]

        assert joined_stays(kept, ended) == JoinedStays(
            {1: (day(0), day(20)), 2: (day(40), None), 4: (day(0), None), 5: (day(30), day(35))}, (3,)
        )

    def test_one_that_meets_two_joins_them(self):
        kept = [Stay(1, 9, day(0), day(9)), Stay(2, 9, day(20), None)]

        assert joined_stays(kept, [Stay(3, 9, day(5), day(25))]) == JoinedStays({1: (day(0), None)}, (3, 2))

    @given(
        st.lists(
            st.tuples(st.integers(0, 1), st.integers(0, 30), st.one_of(st.none(), st.integers(0, 10))), max_size=6
        ),
        st.integers(0, 6),
    )
    def test_a_child_lives_where_it_lived_and_nowhere_twice(self, drawn, cut):
        stays = [
            Stay(key, family, day(first), None if length is None else day(first + length))
            for key, (family, first, length) in enumerate(drawn)
        ]
        plan = joined_stays(stays[:cut], stays[cut:])

        def lived(family, number, spans):
            return sum(
                family == where and start <= day(number) and (end is None or day(number) <= end)
                for where, start, end in spans
            )

        before = [(one.family, one.starts_on, one.ends_on) for one in stays]
        after = [(stays[key].family, *span) for key, span in plan.lasting.items()]
        for family in (0, 1):
            for number in range(-1, 45):
                assert bool(lived(family, number, before)) == bool(lived(family, number, after))
                if not any(lived(family, number, before[:cut]) > 1 for number in range(45)):
                    assert lived(family, number, after) <= 1
        assert set(plan.gone) | plan.lasting.keys() == {one.key for one in stays}

    def test_a_child_lives_with_two_families_at_most(self):
        three = [Stay(1, 7, day(0), None), Stay(2, 8, day(5), None), Stay(3, 9, day(9), None)]

        assert has_too_many_homes(three)
        assert not has_too_many_homes([three[0]._replace(ends_on=day(8)), *three[1:]])
