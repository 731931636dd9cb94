"""A year copied into the next: once, whole, and taken back as long as nobody has done anything with it."""

from datetime import UTC, date, datetime, time

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import (
    Activity,
    Product,
    ProductSlot,
    Reglement,
    Slot,
    SlotTemplate,
    Tariff,
)
from marelle.domain.catalog.operations.calendar import seed_calendar
from marelle.domain.catalog.operations.years import Again
from marelle.domain.catalog.queries import offer_of
from marelle.domain.catalog.rules.next_year import Fate
from marelle.domain.onboarding.models import ActivityCopy
from marelle.domain.onboarding.operations.copying import (
    CopiedYear,
    UnableToCopyError,
    Unwanted,
    YearInUseError,
    copy_year,
    undo_copy,
)
from marelle.domain.onboarding.queries.next_year import school_year
from marelle.domain.reservations.models import Enrollment
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories.town import make_child, make_facility, make_family, make_product, make_service

pytestmark = pytest.mark.django_db
AT = datetime(2027, 5, 10, 9, 0, tzinfo=UTC)
HOW = {"by": SYSTEM, "at": AT}
YEAR = (date(2026, 9, 1), date(2027, 7, 2))
NEXT = (date(2027, 9, 1), date(2028, 7, 3))
WAVES = {
    "book": {
        "closes": {"shape": "offset", "count": 1, "unit": "school_day", "time": "09:00"},
        "opens": [{"for": "everyone", "at": "2026-08-21 07:00"}],
    }
}


@pytest.fixture
def town(in_scope):
    """A school with a canteen of two products, one excluding the other, and a club that goes on for years."""
    with permitted("test"):
        authority = Authority.objects.create(
            slug="essai", name="Essai", department="77", school_zone="C", taught_weekdays=[0, 1, 3, 4]
        )
    in_scope(authority)
    seed_calendar(authority, **HOW)
    service, school = make_service(authority, "Cantine"), make_facility(authority)
    meal = make_product(authority, service=service, facility=school, period=YEAR, rules=WAVES, slot_days=None)
    with permitted("test"):
        Activity.objects.filter(pk=meal.activity_id).update(code="cantine-2026", name="Cantine 2026-2027")
        cold = Product.objects.create(
            authority=authority,
            activity_id=meal.activity_id,
            code="panier",
            name="Panier",
            noun="panier",
            plural="paniers",
        )
        midi = SlotTemplate.objects.get()
        ProductSlot.objects.create(authority=authority, product=cold, template=midi)
        own = {**WAVES, "limits": [{"excludes": [meal.code]}]}
        Reglement.objects.create(
            authority=authority, activity_id=meal.activity_id, product=cold, valid_from=YEAR[0], rules=own
        )
        Tariff.objects.create(authority=authority, product=meal, valid_from=date(2028, 1, 3), rules={"price": "4,20"})
    make_product(authority, service=service, facility=school, period=(YEAR[0], date(2029, 7, 2)), slot_days=None)
    return Authority.objects.get(pk=authority.pk)


def proposals(town):
    found = school_year(town, 2026, at=AT).activities
    return [Again(one.pk, one.first.day, one.last.day) for one in found if one.fate is Fate.ENDS]


def test_the_days_that_are_proposed_are_those_of_the_next_calendar(town):
    year = school_year(town, None, at=AT)

    assert (year.year, year.copies) == (2026, ())
    ends, goes_on = year.activities
    assert (ends.fate, goes_on.fate) == (Fate.ENDS, Fate.GOES_ON)
    assert (ends.first.day, ends.last.day) == NEXT
    assert ends.names_dates
    assert [(one.name, one.price) for one in ends.products] == [("Panier", None), ("Repas", "3,85")]


def test_all_that_makes_an_activity_is_copied(town):
    done = copy_year(town, proposals(town), year=2026, **HOW)

    copy = Activity.objects.get(code="cantine-2027")
    assert done == CopiedYear(1, Slot.objects.filter(activity=copy).count())
    assert (copy.name, copy.starts_on, copy.ends_on) == ("Cantine 2027-2028", *NEXT)
    assert copy.term_weekdays == [0, 1, 3, 4]
    template = SlotTemplate.objects.get(activity=copy)
    assert (template.code, template.capacity, template.starts_at) == ("midi", 96, time(11, 30))
    meal, cold = Product.objects.filter(activity=copy).order_by("-code")
    assert cold.code == "panier-2027"
    assert set(ProductSlot.objects.filter(template=template).values_list("product", flat=True)) == {meal.pk, cold.pk}
    assert list(Tariff.objects.filter(product=meal).order_by("valid_from").values_list("valid_from", "rules")) == [
        (NEXT[0], {"price": "3,85"}),
        (date(2028, 1, 3), {"price": "4,20"}),
    ]
    shared, own = (Reglement.objects.get(activity=copy, product=product) for product in (None, cold))
    assert shared.valid_from == NEXT[0]
    assert shared.rules["book"]["opens"] == [{"for": "everyone", "at": "2027-08-20 07:00"}]
    assert own.rules["limits"] == [{"excludes": [meal.code]}]


def test_slots_open_on_the_days_of_class_of_the_next_year(town):
    before = town.catalog_version
    copy_year(town, proposals(town), year=2026, **HOW)

    days = set(Slot.objects.filter(activity__code="cantine-2027").values_list("date", flat=True))
    assert {date(2027, 9, 2), date(2028, 7, 3)} <= days
    assert not {date(2027, 9, 1), date(2027, 11, 11), date(2027, 12, 27)} & days  # Wednesday, Armistice, Christmas
    assert offer_of(Authority.objects.get(pk=town.pk)).version > before


def test_copied_twice_nothing_more_is_made(town):
    wanted = proposals(town)
    copy_year(town, wanted, year=2026, **HOW)
    rows = Activity.objects.count(), Slot.objects.count()

    assert copy_year(town, wanted, year=2026, **HOW) == CopiedYear(0, 0)
    assert (Activity.objects.count(), Slot.objects.count()) == rows
    assert [one.fate for one in school_year(town, 2026, at=AT).activities] == [Fate.COPIED, Fate.GOES_ON]


def test_a_new_price_is_of_the_first_day_and_says_who_voted_it(town):
    (wanted,) = proposals(town)
    meal = Product.objects.get(name="Repas", activity=wanted.activity)

    copy_year(
        town,
        [Again(wanted.activity, *NEXT, prices={meal.pk: "3,95"})],
        year=2026,
        resolution="Délibération 2027-20",
        **HOW,
    )

    first = Tariff.objects.get(product__activity__code="cantine-2027", valid_from=NEXT[0])
    assert (first.rules, first.resolution) == ({"price": "3,95"}, "Délibération 2027-20")
    assert Tariff.objects.get(product=meal, valid_from=YEAR[0]).rules == {"price": "3,85"}


def test_a_code_that_somebody_uses_is_left_to_it(town):
    with permitted("test"):
        Activity.objects.filter(ends_on=date(2029, 7, 2)).update(code="cantine-2027")

    copy_year(town, proposals(town), year=2026, **HOW)

    assert set(Activity.objects.values_list("code", flat=True)) == {
        "cantine-2026",
        "cantine-2027",
        "cantine-2026-2-2027",
    }


@pytest.mark.parametrize(
    ("days", "why"),
    [
        ((NEXT[1], NEXT[0]), Unwanted.ENDS_BEFORE),
        ((date(2027, 7, 2), NEXT[1]), Unwanted.OVERLAPS),
        ((NEXT[0], date(2038, 7, 3)), Unwanted.TOO_FAR),
    ],
)
def test_days_that_will_not_do_are_refused_whole(town, days, why):
    (wanted,) = proposals(town)

    with pytest.raises(UnableToCopyError) as refused:
        copy_year(town, [Again(wanted.activity, *days)], year=2026, **HOW)

    assert (refused.value.activity, refused.value.why) == (wanted.activity, why)
    assert not ActivityCopy.objects.exists()


def test_a_copy_is_taken_back_and_may_be_made_again(town):
    before = {model: model.objects.count() for model in (Activity, Product, SlotTemplate, Reglement, Tariff)}
    copy_year(town, proposals(town), year=2026, **HOW)

    assert undo_copy(town, year=2026, **HOW) == 1

    assert {model: model.objects.count() for model in before} == before
    assert not ActivityCopy.objects.exists()
    assert copy_year(town, proposals(town), year=2026, **HOW).activities == 1


def test_a_copy_in_which_a_child_is_enrolled_stays(town):
    copy_year(town, proposals(town), year=2026, **HOW)
    copy = Activity.objects.get(code="cantine-2027")
    child = make_child(make_family(town))
    with permitted("test"), tenancy.scope({town.pk}):
        Enrollment.objects.create(authority=town, child=child, activity=copy, starts_on=NEXT[0], ends_on=NEXT[1])

    with pytest.raises(YearInUseError) as refused:
        undo_copy(town, year=2026, **HOW)

    assert refused.value.activities == {copy.pk}
    assert school_year(town, 2026, at=AT).is_kept_by == 1
    assert Slot.objects.filter(activity=copy).exists()
