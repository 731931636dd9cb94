"""A school year copied into the next: days stand by the same holidays, and what was voted comes along."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from marelle.domain.catalog.rules.next_year import (
    Fate,
    Voted,
    carried,
    fate_of,
    flat_price,
    has_dates,
    moved_dates,
    next_code,
    next_name,
    next_period,
    school_year_of,
    versions_carried,
    with_codes,
    with_price,
)
from marelle.domain.catalog.rules.published_calendar import published_school_holidays
from marelle.foundation.school_days import ONE_DAY, Calendar, NamedDays

SPANS = tuple(published_school_holidays("C", date(2025, 7, 1)))
# As the ministry published them for zone C, in November 2026.
CALENDAR = Calendar(school_holidays=SPANS, known_until=max(span.ends_on for span in SPANS))
NAMES = {(span.name, span.starts_on.year): span for span in SPANS}
CHRISTMAS, NEXT_CHRISTMAS = NAMES["Vacances de Noël", 2026], NAMES["Vacances de Noël", 2027]
SUMMER, NEXT_SUMMER = NAMES["Vacances d’été", 2027], NAMES["Vacances d’été", 2028]


def day_of(moved):
    assert not moved.is_estimated
    return moved.day


class TestDays:
    def test_the_first_day_of_class_becomes_the_first_day_of_class(self):
        first = day_of(carried(date(2026, 9, 1), CALENDAR))

        assert first == date(2027, 9, 1)
        assert CALENDAR.school_holiday(first) is None
        assert CALENDAR.school_holiday(date(2027, 8, 31)).name == "Vacances d’été"

    def test_the_last_friday_becomes_the_last_day_before_the_holidays(self):
        assert day_of(carried(SUMMER.starts_on - ONE_DAY, CALENDAR)) == NEXT_SUMMER.starts_on - ONE_DAY

    def test_the_ends_of_holidays_stay_their_ends(self):
        assert day_of(carried(CHRISTMAS.starts_on, CALENDAR)) == NEXT_CHRISTMAS.starts_on
        assert day_of(carried(CHRISTMAS.ends_on, CALENDAR)) == NEXT_CHRISTMAS.ends_on

    def test_in_the_middle_of_a_term_the_weekday_is_kept(self):
        for day in (date(2026, 9, 14), date(2026, 11, 18), date(2027, 1, 20), date(2027, 3, 26)):
            assert day_of(carried(day, CALENDAR)).weekday() == day.weekday()

    def test_without_holidays_it_is_fifty_two_weeks_later(self):
        assert carried(date(2026, 9, 1), Calendar()).day == date(2027, 8, 31)

    def test_holidays_that_have_no_like_a_year_later_are_no_help(self):
        lonely = NamedDays("Vacances de neige", date(2027, 1, 11), date(2027, 1, 17))
        calendar = Calendar(school_holidays=(lonely,))

        assert carried(date(2027, 1, 12), calendar).day == date(2028, 1, 11)
        assert carried(date(2027, 1, 18), calendar).day == date(2028, 1, 17)
        assert carried(date(2027, 1, 8), calendar).day == date(2028, 1, 7)

    def test_beyond_what_is_published_it_is_an_estimate(self):
        known = Calendar(school_holidays=SPANS, known_until=date(2027, 7, 2))

        assert carried(date(2027, 6, 1), known).is_estimated
        assert not carried(date(2026, 2, 2), known).is_estimated

    @pytest.mark.law
    @given(some.dates(date(2026, 9, 1), date(2027, 7, 31)))
    def test_a_day_goes_about_a_year_further_and_stays_in_class_or_on_holiday(self, day):
        moved = carried(day, CALENDAR).day

        assert 330 <= (moved - day).days <= 400
        if CALENDAR.school_holiday(day):
            assert CALENDAR.school_holiday(moved).name == CALENDAR.school_holiday(day).name


class TestActivities:
    def test_a_year_goes_from_september_to_august(self):
        assert (school_year_of(date(2026, 9, 1)), school_year_of(date(2027, 8, 31))) == (2026, 2026)

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "is_copied", "fate"),
        [
            (date(2026, 9, 1), date(2027, 7, 2), False, Fate.ENDS),
            (date(2026, 9, 1), date(2027, 7, 2), True, Fate.COPIED),
            (date(2024, 9, 1), date(2026, 12, 18), False, Fate.ENDS),
            (date(2026, 9, 1), date(2028, 7, 3), False, Fate.GOES_ON),
            (date(2025, 9, 1), date(2026, 8, 31), False, None),
            (date(2027, 9, 1), date(2028, 7, 3), False, None),
        ],
    )
    def test_what_ends_in_the_year_may_be_copied(self, starts_on, ends_on, is_copied, fate):
        assert fate_of(starts_on, ends_on, 2026, is_copied=is_copied) is fate

    def test_a_year_of_class_becomes_a_year_of_class(self):
        first, last = next_period(date(2026, 9, 1), date(2027, 7, 2), 2026, CALENDAR)

        assert (first.day, last.day) == (date(2027, 9, 1), NEXT_SUMMER.starts_on - ONE_DAY)

    def test_of_several_years_only_the_last_is_carried(self):
        first, _ = next_period(date(2024, 9, 2), date(2027, 7, 2), 2026, CALENDAR)

        assert first.day == date(2027, 9, 1)

    def test_the_year_begins_after_the_summer_that_reaches_into_september(self):
        late = Calendar(school_holidays=(NamedDays("Vacances d’été", date(2026, 7, 4), date(2026, 9, 2)),))

        assert next_period(date(2020, 9, 1), date(2027, 7, 2), 2026, late)[0].day == date(2027, 9, 2)

    def test_one_that_ends_as_it_starts_never_ends_before(self):
        odd = Calendar(
            school_holidays=(
                NamedDays("Pont", date(2027, 5, 7), date(2027, 5, 8)),
                NamedDays("Pont", date(2028, 6, 10), date(2028, 6, 11)),
            )
        )

        first, last = next_period(date(2027, 5, 7), date(2027, 5, 12), 2026, odd)

        assert last.day >= first.day

    @pytest.mark.parametrize(
        ("code", "copy"),
        [("cantine", "cantine-2027"), ("cantine-2026", "cantine-2027"), ("c" * 60, "c" * 55 + "-2027")],
    )
    def test_a_code_says_the_year(self, code, copy):
        assert next_code(code, 2027) == copy
        assert len(copy) <= 60

    def test_a_name_says_it_only_if_it_did(self):
        assert next_name("Cantine", 2027) == "Cantine"
        assert next_name("Cantine 2026-2027", 2027) == "Cantine 2027-2028"
        assert next_name("Étude 2026/2027 (midi)", 2027) == "Étude 2027/2028 (midi)"


class TestVotes:
    STARTS, ENDS, WAS_UNTIL = date(2027, 9, 1), date(2028, 7, 3), date(2027, 7, 2)

    def carried(self, *versions):
        return versions_carried(versions, self.STARTS, self.ENDS, was_until=self.WAS_UNTIL)

    def test_the_version_in_force_comes_from_the_first_day_on(self):
        old, present = Voted(date(2026, 9, 1), "D-1", {"price": "3,10"}), Voted(date(2027, 1, 4), "D-2", {"price": "3"})

        assert self.carried(old, present) == (Voted(self.STARTS, "D-2", {"price": "3"}),)

    def test_what_was_voted_for_later_comes_too(self):
        present, later, too_late = (
            Voted(day, "", {"price": price})
            for day, price in ((date(2026, 9, 1), "3"), (date(2028, 1, 3), "4"), (date(2028, 9, 1), "5"))
        )

        assert self.carried(present, later, too_late) == (Voted(self.STARTS, "", {"price": "3"}), later)

    def test_dates_of_the_year_that_ended_are_carried_and_those_of_the_next_are_right(self):
        rules = {"book": {"closes": {"shape": "never"}, "opens": [{"for": "resident", "at": "2026-08-21 07:00"}]}}

        (moved,) = self.carried(Voted(date(2026, 9, 1), "", rules))
        (kept,) = self.carried(Voted(date(2027, 7, 15), "", rules))

        assert moved.rules["book"]["opens"] == [{"for": "resident", "at": "2027-08-20 07:00"}]
        assert kept.rules == rules

    def test_nothing_voted_is_nothing_carried(self):
        assert self.carried() == ()

    def test_months_and_days_are_found_wherever_they_are(self):
        rules = {"shape": "date_list", "by_month": {"2026-12": "2026-11-24"}, "count": 2, "article": "article 6"}

        assert has_dates(rules)
        assert moved_dates(rules)["by_month"] == {"2027-12": "2027-11-23"}
        assert not has_dates({"shape": "offset", "count": 1, "time": "09:00", "list": [1, None, True]})

    def test_a_product_that_another_excludes_is_named_by_its_copy(self):
        rules = {"book": {}, "limits": [{"excludes": ["repas", "gouter"]}, {"at_most": 3, "per": "week"}]}

        assert with_codes(rules, {"repas": "repas-2027"})["limits"] == [
            {"excludes": ["repas-2027", "gouter"]},
            {"at_most": 3, "per": "week"},
        ]
        assert with_codes({"book": {}}, {"repas": "repas-2027"}) == {"book": {}}

    def test_a_new_price_replaces_one_amount_for_all_and_nothing_else(self):
        bands = {"price": {"by": "quotient", "bands": []}}

        assert flat_price({"price": "3,85"}) == "3,85"
        assert flat_price(bands) is None
        assert with_price({"price": "3,85", "note": "n"}, "3,95") == {"price": "3,95", "note": "n"}
        assert with_price({"price": "3,85"}, None) == {"price": "3,85"}
        assert with_price(bands, "3,95") == bands
