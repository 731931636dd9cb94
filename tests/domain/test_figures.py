"""What the figures count: attendance and hours, at night and now; the year before; days billed; quotients."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.billing.models import BilledFigure
from marelle.domain.billing.operations.figures import count_billed
from marelle.domain.billing.queries.figures import billed_minutes, overdue_invoices, uncounted_months
from marelle.domain.families.models import Custody, FamilyQuotient
from marelle.domain.reservations.models import Attendance, DayFigure, Reservation
from marelle.domain.reservations.operations.figures import count_days
from marelle.domain.reservations.queries.figures import (
    Hours,
    counted_until,
    day_counts,
    fillings,
    hours_of,
    standing_quotients,
    year_before,
)
from marelle.domain.reservations.rules.figures import Counts, Step
from marelle.domain.reservations.rules.forecast import Past
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.factories import town as make
from tests.factories.invoices import issue_invoice, make_regie

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OCTOBER = date(2026, 10, 5)
NOVEMBER = date(2026, 11, 17)
LONG_AGO = date(2026, 9, 1)


@pytest.fixture
def town(in_scope):
    authority = make.make_authority()
    in_scope(authority)
    meal = make.make_product(authority, slot_days=(date(2026, 10, 1), date(2026, 11, 30)))
    family = make.make_family(authority)
    return SimpleNamespace(
        authority=authority,
        meal=meal,
        family=family,
        old=make.make_child(family, "Lucia", products=(meal,), birth_date=date(2017, 4, 9)),
        young=make.make_child(family, "Mateo", products=(meal,), birth_date=date(2021, 4, 9)),
    )


def comes(town, child, day, state="present", **fields):
    with permitted("factory"):
        Attendance.objects.update_or_create(
            authority=town.authority,
            child=child,
            product=town.meal,
            date=day,
            defaults={"state": state, "recorded_at": NOW, **fields},
        )


def lived(town):
    """Two children in October and November: come, absent, unbooked, cancelled, not ticked."""
    for day in (OCTOBER, NOVEMBER):
        for child in (town.old, town.young):
            make.make_reservation(child, town.meal, day, family=town.family)
        make.make_reservation(town.old, town.meal, day + timedelta(days=1), family=town.family, state="cancelled")
        comes(town, town.young, day)
        comes(town, town.old, day + timedelta(days=1), minutes=45)
    comes(town, town.old, NOVEMBER, "absent")


def counted(town, until, step=Step.DAY):
    rows = day_counts(town.authority.pk, products=[town.meal.pk], first=LONG_AGO, last=TODAY, step=step, until=until)
    return {row.day: row.counts for row in rows}


def hours(town, until):
    return hours_of(town.authority.pk, products=[town.meal.pk], first=LONG_AGO, last=TODAY, until=until, today=TODAY)


def test_who_came_who_did_not_who_had_not_reserved_and_who_was_not_ticked(town):
    lived(town)

    assert counted(town, None) == {
        OCTOBER: Counts(reserved=2, present=1, absent=0, unbooked=0),
        OCTOBER + timedelta(days=1): Counts(unbooked=1),
        NOVEMBER: Counts(reserved=2, present=1, absent=1, unbooked=0),
        NOVEMBER + timedelta(days=1): Counts(unbooked=1),
    }
    assert counted(town, None, Step.MONTH)[date(2026, 11, 1)] == Counts(2, 1, 1, 1)
    assert list(counted(town, None, Step.WEEK)) == [OCTOBER, date(2026, 11, 16)]


def test_hours_are_those_noted_else_those_of_the_part_of_the_day_and_six_is_reached_on_its_day(town):
    lived(town)
    born = make.make_child(town.family, "Noé", products=(town.meal,), birth_date=date(2020, 11, 17))
    comes(town, born, NOVEMBER - timedelta(days=1))
    comes(town, born, NOVEMBER)

    assert hours(town, None) == [
        Hours(town.meal.pk, is_young=True, provider="", presences=3, noted=0, minutes=360, unticked=0),
        Hours(town.meal.pk, is_young=False, provider="", presences=3, noted=2, minutes=210, unticked=1),
    ]


def test_days_counted_at_night_say_the_same_as_days_counted_now(town):
    lived(town)
    with permitted("factory"):
        FamilyQuotient.objects.create(
            authority=town.authority,
            family=town.family,
            value_cents=742_00,
            valid_from=date(2026, 9, 1),
            source="api",
            provider="MSA",
            recorded_at=NOW,
        )
    live, live_hours = counted(town, None), hours(town, None)
    assert {one.provider for one in live_hours} == {"MSA"}

    count_days(town.authority, by=SYSTEM, at=NOW)
    once = list(DayFigure.objects.order_by("pk").values_list("date", "is_young", "reserved", "minutes"))
    count_days(town.authority, by=SYSTEM, at=NOW)

    mark = counted_until(town.authority.pk)
    assert mark.until == TODAY - timedelta(days=31)
    assert once == list(DayFigure.objects.order_by("pk").values_list("date", "is_young", "reserved", "minutes"))
    assert {row[0] for row in once} == {OCTOBER, OCTOBER + timedelta(days=1)}, "November is counted when asked for"
    assert (counted(town, mark.until), hours(town, mark.until)) == (live, live_hours)
    for until in (OCTOBER - timedelta(days=1), OCTOBER):
        assert counted(town, until) == live, "wherever the two meet, no day is lost nor counted twice"


def test_a_correction_of_last_month_is_seen_the_next_morning(town):
    lived(town)
    count_days(town.authority, by=SYSTEM, at=NOW)
    comes(town, town.young, OCTOBER, "absent")
    until = counted_until(town.authority.pk).until
    assert counted(town, until)[OCTOBER].absent == 0

    count_days(town.authority, by=SYSTEM, at=NOW + timedelta(days=1))

    assert counted(town, until)[OCTOBER] == Counts(2, 0, 1, 0)


def test_what_was_counted_long_ago_outlives_the_rows_it_was_counted_from(town):
    lived(town)
    count_days(town.authority, by=SYSTEM, at=NOW)
    with permitted("factory"):
        Attendance.objects.all().delete()

    assert count_days(town.authority, by=SYSTEM, at=NOW + timedelta(days=500)) > 400
    assert DayFigure.objects.filter(date=OCTOBER).count() == 2


def test_an_authority_where_nothing_happened_is_counted_without_a_word(town):
    assert count_days(town.authority, by=SYSTEM, at=NOW) == 0
    assert counted_until(town.authority.pk) is None


def test_another_authority_is_never_counted(town):
    lived(town)
    other = make.make_authority("Tigeaux")

    with tenancy.scope({other.pk}):
        assert count_days(other, by=SYSTEM, at=NOW) == 0
        assert (
            day_counts(other.pk, products=[town.meal.pk], first=LONG_AGO, last=TODAY, step=Step.DAY, until=None) == []
        )
        with pytest.raises(tenancy.UnscopedQueryError):
            counted(town, None)


def test_sessions_are_as_full_as_their_places_are_taken(town):
    lived(town)

    (found,) = fillings(
        town.authority.pk, activities=[town.meal.activity_id], first=OCTOBER, last=OCTOBER + timedelta(days=1)
    ).items()

    assert (found[0].name, found[1].sessions, found[1].capacity, found[1].taken) == ("Midi", 2, 192, 3)


def test_the_year_before_says_what_had_been_reserved_at_the_same_distance(town):
    """Today fifty-two weeks earlier was Monday 24 November 2025; the day foreseen is Tuesday 1 December 2026."""
    then = date(2025, 12, 2)
    a_year_ago = datetime(2025, 11, 24, 12, tzinfo=UTC)
    children = [make.make_child(town.family, name, products=(town.meal,)) for name in ("Ana", "Eli", "Iris", "Olga")]
    moments = (
        {"reserved_at": a_year_ago - timedelta(days=9)},
        {"reserved_at": datetime(2025, 11, 24, 22, 59, tzinfo=UTC)},  # before midnight in Paris
        {"reserved_at": datetime(2025, 11, 24, 23, 1, tzinfo=UTC)},  # after it
        {
            "reserved_at": a_year_ago - timedelta(days=9),
            "cancelled_at": a_year_ago + timedelta(days=2),
            "state": "cancelled",
        },
    )
    for child, fields in zip(children, moments, strict=True):
        make.make_reservation(child, town.meal, then, family=town.family, **fields)

    (past,) = year_before(
        town.authority.pk,
        products={town.meal.pk: 7},
        first=date(2026, 12, 1),
        last=date(2026, 12, 1),
        today=TODAY,
        zone="Europe/Paris",
    )[7]

    assert past == Past(then, 3, {0: 3, -1: 2, 1: 3, -2: 0, 2: 3, -3: 0, 3: 3})


@pytest.fixture(params=[False, True], ids=["now", "at night"])
def billed(request, town):
    """What is billed of the meals of days, before the first night or after it."""

    def ask(first, last):
        if request.param:
            count_billed(town.authority, by=SYSTEM, at=NOW)
        found = billed_minutes(town.authority.pk, products=[town.meal.pk], first=first, last=last)
        return {is_young: counts for (_product, is_young), counts in found.items()}

    return ask


def test_a_day_is_billed_once_and_no_more_once_it_is_given_back(town, billed):
    regie = make_regie(town.authority)
    days = (NOVEMBER, NOVEMBER + timedelta(days=1))
    for child, cents, those, kind in (
        (town.old, 770, days, "invoice"),
        (town.young, 0, days, "invoice"),  # free is billed all the same
        (town.old, -385, days[:1], "credit_note"),
        (town.old, -100, days[1:], "credit_note"),  # a part of it stays
    ):
        issue_invoice(
            town.family, regie, cents=cents, child=child, product=town.meal, days=those, kind=kind, issued_on=LONG_AGO
        )

    assert billed(NOVEMBER, TODAY) == {False: (1, 120), True: (2, 240)}


def test_of_a_line_only_the_days_of_the_period_are_billed_each_at_the_age_of_that_day(town, billed):
    regie = make_regie(town.authority)
    birthday = date(2026, 11, 18)
    six_soon = make.make_child(town.family, "Ines", products=(town.meal,), birth_date=birthday.replace(year=2020))
    days = tuple(birthday + timedelta(days=around) for around in (-1, 0, 1))
    for child in (six_soon, town.old):
        issue_invoice(town.family, regie, child=child, product=town.meal, days=days, issued_on=LONG_AGO)

    assert billed(days[0], days[-1]) == {True: (1, 120), False: (2 + 3, 600)}
    assert billed(days[1], days[1]) == {False: (2, 240)}
    assert billed(days[0], days[0]) == {True: (1, 120), False: (1, 120)}


def test_months_billed_are_counted_once_and_again_after_something_is_issued_of_them(town):
    regie = make_regie(town.authority)
    for child, days, issued_on in (
        (town.old, (OCTOBER, OCTOBER + timedelta(days=1)), date(2026, 11, 2)),
        (town.old, (date(2026, 9, 30), OCTOBER), date(2026, 11, 2)),
        (town.young, (NOVEMBER,), date(2026, 11, 20)),
    ):
        issue_invoice(town.family, regie, child=child, product=town.meal, days=days, issued_on=issued_on)

    assert count_billed(town.authority, by=SYSTEM, at=NOW) == 3
    assert count_billed(town.authority, by=SYSTEM, at=NOW) == 0
    issue_invoice(
        town.family,
        regie,
        cents=-385,
        child=town.old,
        product=town.meal,
        days=(OCTOBER,),
        kind="credit_note",
        issued_on=TODAY,
    )
    assert uncounted_months(town.authority.pk) == [date(2026, 10, 1)]
    assert count_billed(town.authority, by=SYSTEM, at=NOW + timedelta(days=1)) == 1
    assert count_billed(town.authority, by=SYSTEM, at=NOW + timedelta(days=2)) == 0
    assert list(BilledFigure.objects.order_by("date").values_list("date", "is_young", "units", "minutes")) == [
        (date(2026, 9, 30), False, 1, 120),
        (OCTOBER, False, 1, 120),
        (OCTOBER + timedelta(days=1), False, 1, 120),
        (NOVEMBER, True, 1, 120),
    ]


def test_a_month_is_read_as_it_is_now_between_an_issue_and_the_night(town):
    regie = make_regie(town.authority)
    issue_invoice(town.family, regie, child=town.old, product=town.meal, days=(OCTOBER,), issued_on=LONG_AGO)
    issue_invoice(town.family, regie, child=town.old, product=town.meal, days=(NOVEMBER,), issued_on=LONG_AGO)
    count_billed(town.authority, by=SYSTEM, at=NOW)
    issue_invoice(town.family, regie, child=town.young, product=town.meal, days=(NOVEMBER,), issued_on=TODAY)
    with permitted("factory"):
        BilledFigure.objects.filter(date=OCTOBER).update(units=5)  # to tell what is read from what is counted

    with CaptureQueriesContext(connection) as asked:
        found = billed_minutes(town.authority.pk, products=[town.meal.pk], first=OCTOBER, last=TODAY)

    assert found == {(town.meal.pk, False): (6, 240), (town.meal.pk, True): (1, 120)}
    assert len(asked) == 2


def test_what_is_billed_is_counted_in_the_authority_in_scope_alone(town):
    issue_invoice(
        town.family, make_regie(town.authority), child=town.old, product=town.meal, days=(OCTOBER,), issued_on=LONG_AGO
    )
    other = make.make_authority("port-saint-elme")
    with tenancy.scope({other.pk}):
        assert count_billed(other, by=SYSTEM, at=NOW) == 0
        with pytest.raises(tenancy.UnscopedQueryError):
            billed_minutes(town.authority.pk, products=[town.meal.pk], first=OCTOBER, last=TODAY)
    assert uncounted_months(town.authority.pk) == [date(2026, 10, 1)]


def test_what_is_unpaid_is_read_in_one_statement_whatever_its_number(town):
    regie = make_regie(town.authority)
    for _turn in range(3):
        issue_invoice(town.family, regie, cents=500, issued_on=date(2026, 9, 1), due_on=date(2026, 9, 30))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rows = overdue_invoices(on=TODAY)

    assert len(asked) == 1
    assert [(row.regie, row.due_on, row.left, row.in_recovery) for row in rows] == [
        (regie.pk, date(2026, 9, 30), 500, False)
    ] * 3


def test_each_home_with_an_enrolled_child_counts_once_by_its_standing_quotient(town):
    other = make.make_family(town.authority, "Benali")
    make.make_family(town.authority, "Sans-Enfant")
    with permitted("factory"):
        Custody.objects.create(authority=town.authority, child=town.old, family=other, starts_on=date(2026, 1, 1))
        for value, since in ((500_00, date(2026, 1, 1)), (742_00, date(2026, 9, 1)), (900_00, date(2027, 1, 1))):
            FamilyQuotient.objects.create(
                authority=town.authority,
                family=town.family,
                value_cents=value,
                valid_from=since,
                source="document",
                recorded_at=NOW,
            )
    with CaptureQueriesContext(connection) as asked:
        found = standing_quotients(on=TODAY)

    assert len(asked) == 2
    assert sorted(found, key=str) == [742_00, None]
    assert Reservation.objects.count() == 0
