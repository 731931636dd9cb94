"""An agent enrolls a child, and ends an enrollment: at once it may reserve, or no longer; no file undoes it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Said
from marelle.domain.catalog.models import SlotTemplate
from marelle.domain.reservations.models import Enrollment
from marelle.domain.reservations.operations.baskets import Confirmed
from marelle.domain.reservations.operations.enrollments import (
    UnableToEnrollError,
    end_enrollment,
    end_enrollments,
    enroll,
    save_enrollments,
)
from marelle.domain.reservations.rules.decisions import Reason
from marelle.domain.reservations.rules.enrolling import WhyNotEnrolled
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, FRIDAY, NOW, THURSDAY, Household, journal, states
from tests.factories.town import YEAR, make_authority, make_child, make_product

pytestmark = pytest.mark.django_db

MONDAY = NOW.date()
DECEMBER = date(2026, 12, 1)


@pytest.fixture
def home(in_scope):
    """A family whose child is enrolled in nothing yet, in a town with a canteen."""
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)
    home.meal = make_product(authority)
    home.activity = home.meal.activity
    home.child = make_child(home.family)
    return home


def enrolled(home, first=MONDAY, last=None, *, at=NOW):
    return enroll(home.child, home.activity, starts_on=first, ends_on=last, by=AGENT, at=at)


def periods(home):
    rows = Enrollment.objects.filter(child=home.child, activity=home.activity).order_by("starts_on")
    return list(rows.values_list("starts_on", "ends_on"))


class TestEnrolling:
    def test_a_child_that_was_not_may_reserve_at_once(self, home):
        assert home.wish(home.child, home.meal, FRIDAY).refused[0][2].reason is Reason.NOT_ENROLLED

        enrolled(home)
        home.wish(home.child, home.meal, FRIDAY)

        assert isinstance(home.valider(), Confirmed)
        assert states() == [(FRIDAY, "reserved")]

    def test_until_the_end_of_the_activity_unless_said(self, home):
        assert enrolled(home).ends_on == YEAR[1]

    def test_only_on_the_days_that_were_asked_for(self, home):
        enrolled(home, FRIDAY, FRIDAY)

        refused = home.wish(home.child, home.meal, THURSDAY, FRIDAY).refused

        assert [(key.date, no.reason) for key, _wish, no in refused] == [(THURSDAY, Reason.NOT_ENROLLED)]

    def test_asked_again_it_is_the_one_already_there(self, home):
        first = enrolled(home)

        assert enrolled(home) == first
        assert len(periods(home)) == 1
        assert [verb for verb, _details in journal()] == ["enroll"]

    def test_what_overlaps_is_prolonged_under_its_formula(self, home):
        known = enrolled(home, MONDAY, DECEMBER)
        with permitted("test"):
            Enrollment.objects.filter(pk=known.pk).update(formula="regulier", options=["minibus"])

        found = enrolled(home, date(2026, 11, 30), date(2026, 12, 18))

        assert found == known
        assert periods(home) == [(MONDAY, date(2026, 12, 18))]

    def test_what_comes_before_is_of_the_same_formula_and_leaves_the_other_its_first_day(self, home):
        known = enrolled(home, DECEMBER)
        with permitted("test"):
            Enrollment.objects.filter(pk=known.pk).update(formula="regulier", options=["minibus"])

        found = enrolled(home)

        assert periods(home) == [(MONDAY, date(2026, 11, 30)), (DECEMBER, YEAR[1])]
        assert (found.starts_on, found.formula, found.options) == (MONDAY, "regulier", ["minibus"])

    def test_what_comes_long_before_another_is_of_no_formula(self, home):
        known = enrolled(home, date(2027, 1, 4))
        with permitted("test"):
            Enrollment.objects.filter(pk=known.pk).update(formula="regulier")

        assert enrolled(home, MONDAY, DECEMBER).formula == ""


class TestRefusals:
    def test_an_activity_of_another_authority(self, home):
        elsewhere = make_product(make_authority())

        with pytest.raises(UnableToEnrollError) as refused:
            enroll(home.child, elsewhere.activity, starts_on=DECEMBER, by=AGENT, at=NOW)

        assert refused.value.why is WhyNotEnrolled.OTHER_AUTHORITY

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"at": datetime(2027, 7, 4, 8, tzinfo=UTC)}, WhyNotEnrolled.PERIOD_OVER),
            ({"first": date(2026, 8, 31)}, WhyNotEnrolled.OUT_OF_PERIOD),
            ({"last": date(2027, 7, 4)}, WhyNotEnrolled.OUT_OF_PERIOD),
            ({"last": date(2026, 11, 22)}, WhyNotEnrolled.REVERSED),
        ],
    )
    def test_days_that_are_not_the_activity_s(self, home, said, why):
        with pytest.raises(UnableToEnrollError) as refused:
            enrolled(home, **said)

        assert refused.value.why is why
        assert periods(home) == []

    def test_the_last_day_is_over_by_the_clock_of_the_place(self, in_scope):
        authority = make_authority(timezone="Indian/Reunion")
        in_scope(authority)
        home = Household(authority)
        home.activity = make_product(authority).activity
        home.child = make_child(home.family)
        night = datetime(2027, 7, 3, 20, 30, tzinfo=UTC)  # already the 4th in La Réunion

        with pytest.raises(UnableToEnrollError) as refused:
            enrolled(home, YEAR[1], at=night)

        assert refused.value.why is WhyNotEnrolled.PERIOD_OVER

    def test_an_age_that_the_catalog_does_not_take(self, home):
        with permitted("test"):
            SlotTemplate.objects.filter(activity=home.activity).update(min_age=3, max_age=5)
            Authority.objects.filter(pk=home.authority.pk).update(catalog_version=home.authority.catalog_version + 1)

        with pytest.raises(UnableToEnrollError) as refused:
            enrolled(home)

        assert refused.value.why is WhyNotEnrolled.WRONG_AGE
        assert journal() == []


class TestEnding:
    def test_from_the_next_day_nothing_can_be_reserved(self, home):
        found = enrolled(home)

        assert end_enrollment(found, last_day=THURSDAY, by=AGENT, at=NOW)

        refused = home.wish(home.child, home.meal, THURSDAY, FRIDAY).refused
        assert [(key.date, no.reason) for key, _wish, no in refused] == [(FRIDAY, Reason.NOT_ENROLLED)]

    def test_again_or_later_changes_nothing(self, home):
        found = enrolled(home)
        end_enrollment(found, last_day=THURSDAY, by=AGENT, at=NOW)

        assert not end_enrollment(found, last_day=THURSDAY, by=AGENT, at=NOW)
        assert not end_enrollment(found, last_day=FRIDAY, by=AGENT, at=NOW)
        assert periods(home) == [(MONDAY, THURSDAY)]
        assert [verb for verb, _details in journal()] == ["enroll", "end_enrollment"]

    def test_one_that_had_not_begun_is_forgotten(self, home):
        found = enrolled(home, DECEMBER)

        assert end_enrollment(found, last_day=THURSDAY, by=AGENT, at=NOW)
        assert periods(home) == []

    def test_all_those_of_some_children_at_once(self, home):
        sister = make_child(home.family, "Sofia", products=(home.meal,))
        enrolled(home)

        count = end_enrollments(
            [home.child.pk, sister.pk], last_day=FRIDAY, authority=home.authority.pk, by=AGENT, at=NOW
        )

        assert count == 2
        assert set(Enrollment.objects.values_list("ends_on", flat=True)) == {FRIDAY}


class TestAFileAfterwards:
    """What a file says of enrollments does not undo what the office decided since."""

    def load(self, home, last=YEAR[1]):
        said = Said((home.child.pk, home.activity.pk, YEAR[0]), {"ends_on": last})
        return save_enrollments(home.authority, [said], by=AGENT, at=NOW)

    def test_an_end_that_the_office_gave_stays(self, home):
        self.load(home)
        end_enrollment(Enrollment.objects.get(), last_day=FRIDAY, by=AGENT, at=NOW)

        outcome = self.load(home)

        assert [one.field for one in outcome.kept] == ["ends_on"]
        assert periods(home) == [(YEAR[0], FRIDAY)]

    def test_a_longer_one_stays_and_is_not_doubled(self, home):
        self.load(home, DECEMBER)
        enrolled(home, MONDAY, date(2026, 12, 18))

        self.load(home, DECEMBER)

        assert periods(home) == [(YEAR[0], date(2026, 12, 18))]

    def test_one_that_was_forgotten_does_not_come_back(self, home):
        self.load(home)
        end_enrollment(Enrollment.objects.get(), last_day=date(2026, 8, 31), by=AGENT, at=NOW)

        self.load(home)

        assert periods(home) == []
