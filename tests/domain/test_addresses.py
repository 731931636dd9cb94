"""A family changes address: at once or on the night of its day, and the days before keep their price."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from marelle.domain.catalog.models import Tariff
from marelle.domain.families.models import AddressChange, Family
from marelle.domain.families.operations.addresses import (
    UnableToChangeAddressError,
    apply_address_changes,
    change_address,
    withdraw_address_change,
)
from marelle.domain.families.queries.addresses import coming_address_changes, residence_on
from marelle.domain.families.rules.addresses import AddressFault
from marelle.domain.reservations.models import BasketLine
from marelle.domain.reservations.queries.homes import homes_of
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs.addresses import change_addresses
from tests.domain.billing_town import billed, make_regie
from tests.domain.household import AGENT, NOW, Household, journal
from tests.factories.town import make_authority, make_child, make_family, make_product, make_reservation

pytestmark = pytest.mark.django_db

TODAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 24)
DAY = timedelta(days=1)
LILACS, ELMS, OAKS = "3 rue des Lilas\n77163 Dammartin", "12 rue des Ormes\n77100 Meaux", "1 allée des Chênes"


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return authority


@pytest.fixture
def family(town):
    family = make_family(town, "Benali")
    with permitted("factory"):
        Family.objects.filter(pk=family.pk).update(address=LILACS)
    return family


def move(family, address, starts_on, *, is_resident=None, at=NOW):
    return change_address(family, address, is_resident=is_resident, starts_on=starts_on, by=AGENT, at=at)


def night(authority, day, *, at=None):
    return apply_address_changes(authority, on=day, by=SYSTEM, at=at or NOW)


def said(family):
    """What the file says today: where, and whether it is in the commune."""
    return Family.objects.values_list("address", "is_resident").get(pk=family.pk)


def residence(family, *days):
    """Whether the family lived there on these days; what prices read says the same."""
    found = residence_on([family.pk], days)
    home = homes_of([family.pk], authority=family.authority_id)[family.pk]
    for day in days:
        assert ("resident" in home.audiences_on(day)) is found[family.pk, day]
        assert ("non_resident" in home.audiences_on(day)) is not found[family.pk, day]
    return [found[family.pk, day] for day in days]


class TestFromADay:
    @pytest.mark.parametrize("starts_on", [TODAY, TODAY - 30 * DAY])
    def test_from_today_or_before_it_is_written_at_once(self, family, starts_on):
        change = move(family, ELMS, starts_on, is_resident=False)

        assert said(family) == (ELMS, False)
        assert (change.applied_at, change.was_resident) == (NOW, True)
        assert residence(family, starts_on - DAY, starts_on, TODAY, TODAY + 90 * DAY) == [True, False, False, False]

    def test_from_a_later_day_it_is_kept_until_its_night_and_written_once(self, family, town):
        change = move(family, ELMS, TOMORROW, is_resident=False)

        assert said(family) == (LILACS, True)
        assert residence(family, TODAY, TOMORROW) == [True, False]
        assert night(town, TODAY) == 0
        assert [night(town, TOMORROW, at=NOW + DAY) for _ in range(3)] == [1, 0, 0]
        assert said(family) == (ELMS, False)
        assert residence(family, TODAY, TOMORROW) == [True, False]
        change.refresh_from_db()
        assert change.applied_at == NOW + DAY
        assert AuditEntry.objects.filter(verb="apply_address_change").count() == 1

    def test_a_night_that_was_missed_is_made_up_for_in_the_order_of_the_days(self, family, town):
        move(family, OAKS, TODAY + 3 * DAY, is_resident=True)
        move(family, ELMS, TODAY + 2 * DAY, is_resident=False)

        assert night(town, TODAY + 9 * DAY) == 2
        assert said(family) == (OAKS, True)
        assert residence(family, *(TODAY + n * DAY for n in range(1, 5))) == [True, False, True, True]

    def test_without_a_word_of_the_commune_nothing_of_it_changes(self, family):
        change = move(family, ELMS, TODAY)

        assert said(family) == (ELMS, True)
        assert change.was_resident is None

    def test_lines_are_tidied(self, family):
        move(family, "  12  rue des Ormes \n\n 77100 Meaux ", TODAY)

        assert said(family)[0] == ELMS

    @pytest.mark.parametrize(
        ("address", "starts_on", "fault"),
        [
            ("  ", TODAY, AddressFault.MISSING),
            ("x" * 201, TODAY, AddressFault.TOO_LONG),
            (ELMS, date(2025, 1, 1), AddressFault.TOO_FAR_BACK),
            (ELMS, date(2062, 1, 1), AddressFault.TOO_FAR_AHEAD),
        ],
    )
    def test_what_is_not_taken_says_why_and_writes_nothing(self, family, address, starts_on, fault):
        with pytest.raises(UnableToChangeAddressError) as refused:
            move(family, address, starts_on)

        assert refused.value.fault is fault
        assert not AddressChange.objects.exists()
        assert journal() == []

    def test_today_is_the_one_of_the_authority(self, in_scope):
        island = make_authority("Nouméa", timezone="Pacific/Noumea")
        in_scope(island)
        family = make_family(island)
        late = datetime(2026, 11, 23, 14, tzinfo=UTC)  # Tuesday, 1:00 over there

        assert move(family, ELMS, TOMORROW, at=late).applied_at == late

    def test_the_journal_names_no_street(self, family, town):
        move(family, ELMS, TOMORROW, is_resident=False)
        night(town, TOMORROW)

        assert [verb for verb, _ in journal()] == ["change_address", "apply_address_change"]
        assert "Ormes" not in str(journal())


class TestAgain:
    @pytest.mark.parametrize("starts_on", [TODAY, TOMORROW])
    def test_the_same_again_is_the_first_one(self, family, starts_on):
        first = move(family, ELMS, starts_on, is_resident=False)
        lines = len(journal())

        assert move(family, f" {ELMS} ", starts_on, is_resident=False) == first
        assert move(family, ELMS, starts_on) == first
        assert len(journal()) == lines

    def test_another_of_the_same_day_to_come_replaces_it(self, family, town):
        first = move(family, ELMS, TOMORROW, is_resident=False)
        second = move(family, OAKS, TOMORROW)

        first.refresh_from_db()
        assert first.withdrawn_at == NOW
        assert list(coming_address_changes(family.pk)) == [second]
        night(town, TOMORROW)
        assert said(family) == (OAKS, False)  # what was said of the commune stays said

    def test_another_of_the_same_day_already_written_replaces_it_and_remembers_the_eve(self, family):
        move(family, ELMS, TODAY, is_resident=False)
        move(family, OAKS, TODAY, is_resident=True)

        assert said(family) == (OAKS, True)
        assert residence(family, TODAY - DAY, TODAY) == [True, True]

        move(family, ELMS, TODAY, is_resident=False)
        assert residence(family, TODAY - DAY, TODAY) == [True, False]

    def test_the_street_alone_may_be_put_right_the_same_day(self, family):
        move(family, ELMS, TODAY, is_resident=False)
        move(family, OAKS, TODAY)

        assert said(family) == (OAKS, False)
        assert residence(family, TODAY - DAY, TODAY) == [True, False]

    def test_one_from_before_another_says_where_it_lived_meanwhile(self, family):
        move(family, OAKS, TODAY, is_resident=True)
        move(family, ELMS, TODAY - 10 * DAY, is_resident=False)

        assert said(family) == (OAKS, True)
        assert residence(family, TODAY - 11 * DAY, TODAY - 10 * DAY, TODAY - DAY, TODAY) == [True, False, False, True]

        move(family, ELMS, TODAY - 10 * DAY, is_resident=True)
        assert said(family) == (OAKS, True)
        assert residence(family, TODAY - 11 * DAY, TODAY - 10 * DAY, TODAY - DAY, TODAY) == [True] * 4

    def test_a_file_put_right_by_hand_holds_from_the_last_move(self, family):
        move(family, ELMS, TODAY - 10 * DAY, is_resident=False)
        with permitted("test"):
            Family.objects.filter(pk=family.pk).update(is_resident=True)

        assert residence(family, TODAY - 11 * DAY, TODAY - DAY, TODAY) == [True, True, True]

    def test_the_database_holds_one_a_day(self, family):
        change = move(family, ELMS, TOMORROW)

        change.pk, change.public_id = None, "autre"
        with pytest.raises(IntegrityError), transaction.atomic(), permitted("test"):
            change.save(force_insert=True)


class TestGivenUp:
    def test_one_to_come_is_given_up_once(self, family, town):
        change = move(family, ELMS, TOMORROW, is_resident=False)

        assert withdraw_address_change(change, by=AGENT, at=NOW) is True
        assert withdraw_address_change(change, by=AGENT, at=NOW) is False
        assert night(town, TOMORROW) == 0
        assert said(family) == (LILACS, True)
        assert residence(family, TOMORROW) == [True]

    def test_one_that_is_written_is_not_given_up(self, family):
        change = move(family, ELMS, TODAY)

        assert withdraw_address_change(change, by=AGENT, at=NOW) is False
        assert said(family)[0] == ELMS

    def test_after_it_the_same_day_may_be_said_again(self, family):
        withdraw_address_change(move(family, ELMS, TOMORROW), by=AGENT, at=NOW)

        assert move(family, ELMS, TOMORROW).withdrawn_at is None


class TestTheNight:
    """At the midnight of each authority, the nights on which the clock changes included."""

    @pytest.mark.parametrize(
        ("zone", "day", "midnight"),
        [
            ("Europe/Paris", date(2026, 12, 1), datetime(2026, 11, 30, 23, tzinfo=UTC)),
            ("Europe/Paris", date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),  # the day has 25 hours
            ("Europe/Paris", date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
            ("Europe/Paris", date(2027, 3, 28), datetime(2027, 3, 27, 23, tzinfo=UTC)),  # the day has 23 hours
            ("Europe/Paris", date(2027, 3, 29), datetime(2027, 3, 28, 22, tzinfo=UTC)),
            ("America/Martinique", date(2026, 12, 1), datetime(2026, 12, 1, 4, tzinfo=UTC)),
            ("Pacific/Noumea", date(2026, 12, 1), datetime(2026, 11, 30, 13, tzinfo=UTC)),
            ("Pacific/Marquesas", date(2026, 12, 1), datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
            ("America/Miquelon", date(2027, 3, 14), datetime(2027, 3, 14, 3, tzinfo=UTC)),
        ],
    )
    def test_the_file_says_the_new_address_from_midnight_and_not_a_minute_before(self, in_scope, zone, day, midnight):
        authority = make_authority(timezone=zone)
        in_scope(authority)
        family = make_family(authority)
        move(family, ELMS, day, is_resident=False, at=datetime(2026, 10, 1, tzinfo=UTC))

        with clock.visiting(midnight - timedelta(minutes=1)):
            change_addresses.func(timestamp=0)
        assert said(family) == ("", True)
        with clock.visiting(midnight):
            change_addresses.func(timestamp=0)
            change_addresses.func(timestamp=0)
        assert said(family) == (ELMS, False)
        assert AuditEntry.objects.filter(verb="apply_address_change").count() == 1

    def test_an_authority_that_fails_keeps_no_other_waiting(self, caplog):
        broken, sound = make_authority(), make_authority()
        families = []
        for authority in (broken, sound):
            with tenancy.scope({authority.pk}):
                family = make_family(authority)
                families.append(family)
                move(family, ELMS, TOMORROW)
        with permitted("test"), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            rule = f"CHECK (authority_id <> {broken.pk} OR address = '')"
            cursor.execute(f"ALTER TABLE families_family ADD CONSTRAINT faulty {rule}")

        with clock.visiting(NOW + DAY):
            change_addresses.func(timestamp=0)

        with tenancy.scope({broken.pk, sound.pk}):
            assert [said(family)[0] for family in families] == ["", ELMS]
        assert f"authority {broken.pk}" in caplog.text

    def test_an_authority_writes_its_own(self, family, town):
        elsewhere = make_authority()
        with tenancy.scope({elsewhere.pk}):
            other = make_family(elsewhere)
            move(other, ELMS, TOMORROW)

        with tenancy.every_authority():
            assert night(town, TOMORROW) == 0
            assert night(elsewhere, TOMORROW) == 1
            assert said(other)[0] == ELMS

    def test_eleven_families_cost_no_more_reads_than_one(self, town):
        families = [make_family(town) for _ in range(11)]
        for family in families:
            move(family, ELMS, TOMORROW)
        days = [TODAY + n * DAY for n in range(30)]
        counts = []
        for some in (families[:1], families):
            with CaptureQueriesContext(connection) as asked:
                residence_on([family.pk for family in some], days)
            counts.append(len(asked))

        assert counts == [2, 2]


BY_RESIDENCE = {
    "price": {"by": "situation", "cases": [{"for": ["non_resident"], "price": "6,00"}], "otherwise": "3,00"}
}


class TestPrices:
    @pytest.fixture
    def meal(self, town):
        meal = make_product(town)
        with permitted("factory"):
            Tariff.objects.filter(product=meal).update(rules=BY_RESIDENCE)
            meal.activity.service.regie = make_regie(town)
            meal.activity.service.save()
        return meal

    def test_a_month_billed_after_the_move_keeps_the_price_of_the_days_before_it(self, family, town, meal):
        child = make_child(family, products=(meal,))
        for day in (date(2026, 11, 12), date(2026, 11, 13), date(2026, 11, 16), date(2026, 11, 17)):
            make_reservation(child, meal, day, family=family)
        move(family, ELMS, date(2026, 11, 16), is_resident=False)

        (invoice,) = billed(meal.activity.service.regie)

        assert sorted((line.unit_cents, len(line.days)) for line in invoice.lines.all()) == [(300, 2), (600, 2)]

    def test_a_move_told_late_is_billed_with_the_next_month_for_its_own_days(self, family, town, meal):
        child = make_child(family, products=(meal,))
        for day in (date(2026, 11, 12), date(2026, 11, 16)):
            make_reservation(child, meal, day, family=family)
        regie = meal.activity.service.regie
        (first,) = billed(regie)
        assert first.total_cents == 600

        december = datetime(2026, 12, 10, 8, tzinfo=UTC)
        move(family, ELMS, date(2026, 11, 16), is_resident=False, at=december)

        assert [one.total_cents for one in billed(regie, at=december)] == [300]

    def test_the_basket_says_the_price_of_each_day(self, town, meal):
        home = Household(town)
        child = make_child(home.family, products=(meal,))
        move(home.family, ELMS, date(2026, 11, 27), is_resident=False)

        home.wish(child, meal, date(2026, 11, 26), date(2026, 11, 27))

        assert list(BasketLine.objects.order_by("date").values_list("price_cents", flat=True)) == [300, 600]
