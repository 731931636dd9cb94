"""The authority's own calendar: published days come in, and its own word is last."""

from datetime import UTC, date, datetime

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.authorities.operations import Said, save_authority
from marelle.domain.catalog.models import Activity, Holiday, Slot, SlotTemplate
from marelle.domain.catalog.operations.calendar import seed_calendar
from marelle.domain.catalog.operations.slots import open_slots
from marelle.domain.catalog.rules.public_holidays import published_public_holidays
from marelle.domain.catalog.rules.published_calendar import published_school_holidays
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories.town import make_product

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOW = {"by": SYSTEM, "at": AT}


@pytest.fixture
def authority(db, in_scope):
    said = Said(("essai",), {"name": "Essai", "department": "77", "school_zone": "C", "taught_weekdays": [0, 1, 3, 4]})
    made, _ = save_authority(said, **HOW)
    in_scope(made)
    return made


@pytest.mark.parametrize(
    ("zone", "winter"),
    [
        ("A", (date(2027, 2, 13), date(2027, 2, 28))),
        ("B", (date(2027, 2, 20), date(2027, 3, 7))),
        ("C", (date(2027, 2, 6), date(2027, 2, 21))),
    ],
)
def test_each_zone_has_its_own_winter(zone, winter):
    span = next(s for s in published_school_holidays(zone, date(2027, 1, 15)) if s.name == "Vacances d’hiver")

    assert (span.starts_on, span.ends_on) == winter


def test_christmas_is_one_holiday_across_the_year_and_starts_on_the_saturday():
    christmas = next(
        span for span in published_school_holidays("C", date(2026, 11, 1)) if span.name == "Vacances de Noël"
    )

    assert (christmas.starts_on, christmas.ends_on) == (date(2026, 12, 19), date(2027, 1, 3))


def test_ascension_bridge_is_a_school_holiday():
    bridges = [span for span in published_school_holidays("A", date(2027, 4, 25)) if span.name == "Pont de l’Ascension"]

    assert bridges[0].starts_on == date(2027, 5, 6)


@pytest.mark.parametrize(
    ("department", "count"), [("77", 11), ("57", 13), ("67", 13), ("68", 13), ("2A", 11), ("974", 12)]
)
def test_public_holidays_are_those_of_the_department(department, count):
    days = published_public_holidays(department, date(2027, 1, 1), date(2027, 12, 31))

    assert len(days) == count


def test_alsace_and_moselle_keep_two_more_days():
    ours = {day.name for day in published_public_holidays("67", date(2027, 1, 1), date(2027, 12, 31))}
    others = {day.name for day in published_public_holidays("77", date(2027, 1, 1), date(2027, 12, 31))}

    assert ours - others == {"Vendredi saint", "Saint-Étienne"}


def test_seeding_twice_changes_nothing(authority):
    first = seed_calendar(authority, **HOW)
    version = Authority.objects.get().catalog_version

    second = seed_calendar(authority, **HOW)

    assert first.created > 40
    assert not second.has_changed
    assert Authority.objects.get().catalog_version == version


def test_a_day_changed_or_removed_by_the_authority_stays_as_it_wants_it(authority):
    seed_calendar(authority, **HOW)
    with permitted("the office"):
        Holiday.objects.filter(kind="school", starts_on=date(2027, 2, 6)).update(ends_on=date(2027, 2, 22))
        Holiday.objects.filter(kind="school", starts_on=date(2027, 5, 6)).delete()

    outcome = seed_calendar(authority, **HOW)

    assert not outcome.has_changed
    assert Holiday.objects.get(starts_on=date(2027, 2, 6)).ends_on == date(2027, 2, 22)
    assert not Holiday.objects.filter(kind="school", starts_on=date(2027, 5, 6)).exists()


def test_an_authority_without_zone_gets_public_holidays_only(db, in_scope):
    said = Said(("ile",), {"name": "Île", "department": "974"})
    authority, _ = save_authority(said, **HOW)
    in_scope(authority)

    seed_calendar(authority, **HOW)

    assert set(Holiday.objects.values_list("kind", flat=True)) == {"public"}


def test_slots_open_on_school_days_only_and_once(authority):
    seed_calendar(authority, **HOW)
    make_product(authority, period=(date(2026, 12, 14), date(2027, 1, 8)), slot_days=None)

    opened = open_slots(authority, **HOW)
    again = open_slots(authority, **HOW)

    expected = [14, 15, 17, 18, 4, 5, 7, 8]
    assert (opened, again) == (8, 0)
    assert [slot.date.day for slot in Slot.objects.order_by("date")] == expected
    assert set(Slot.objects.values_list("capacity", flat=True)) == {96}


def test_a_leisure_centre_opens_on_wednesdays_and_in_holidays_but_not_on_public_ones(authority):
    seed_calendar(authority, **HOW)
    make_product(
        authority,
        period=(date(2026, 12, 16), date(2026, 12, 27)),
        term_weekdays=(2,),
        holiday_weekdays=(0, 1, 2, 3, 4),
        slot_days=None,
    )

    open_slots(authority, **HOW)

    assert [slot.date.day for slot in Slot.objects.order_by("date")] == [16, 21, 22, 23, 24]


def test_no_slot_opens_beyond_the_published_calendar(authority):
    seed_calendar(authority, **HOW)
    make_product(authority, period=(date(2028, 6, 1), date(2028, 12, 1)), slot_days=None)

    open_slots(authority, **HOW)

    assert max(Slot.objects.values_list("date", flat=True)) < date(2028, 7, 4)


def test_slots_of_one_authority_say_nothing_of_another(authority, in_scope):
    other, _ = save_authority(Said(("autre",), {"name": "Autre", "department": "77", "school_zone": "C"}), **HOW)
    make_product(authority, period=(date(2026, 12, 14), date(2026, 12, 18)), slot_days=None)
    in_scope(other)

    assert open_slots(other, **HOW) == 0
    assert not SlotTemplate.objects.exists()
    assert not Activity.objects.exists()
