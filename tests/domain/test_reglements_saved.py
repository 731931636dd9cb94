"""A version of a règlement recorded, changed, refused, withdrawn; and past reservations asked again under another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.catalog.models import Reglement
from marelle.domain.catalog.operations.reglements import (
    UnableToSaveReglementError,
    UnableToWithdrawReglementError,
    save_reglement,
    withdraw_reglement,
)
from marelle.domain.catalog.queries import all_ruled, offer_of, ruled_named
from marelle.domain.catalog.rules.contradictions import CLOSES_FIRST
from marelle.domain.catalog.rules.versions import Decided, Obstruction
from marelle.domain.catalog.rules.written import InvalidReglementError, read_reglement
from marelle.domain.reservations.queries.trials import (
    PastReservations,
    decided_by,
    decided_by_each,
    would_have_been_refused,
)
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories import town

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TODAY, JANUARY = date(2026, 11, 23), date(2027, 1, 4)
TWO_DAYS = {"book": {"shape": "offset", "count": 2, "unit": "weekday", "time": "12:00"}}
NOBODY = Decided()


@pytest.fixture
def commune(in_scope):
    authority = town.make_authority()
    in_scope(authority)
    meal = town.make_product(authority)
    return SimpleNamespace(authority=authority, meal=meal, activity=meal.activity_id)


def save(commune, data=TWO_DAYS, **asked):
    values = {
        "activity": commune.activity,
        "product": None,
        "valid_from": JANUARY,
        "resolution": "2026-40",
        "decided": NOBODY,
        "by": SYSTEM,
        "at": NOW,
        **asked,
    }
    return save_reglement(commune.authority, data=data, **values)


def limit(commune, day, product=None):
    offer = offer_of(commune.authority)
    return offer.day(offer.product_by_pk[(product or commune.meal).pk], day).book_by


class TestSaving:
    def test_a_new_version_rules_from_its_day_on(self, commune):
        before = commune.authority.catalog_version

        row = save(commune)

        assert row.rules["book"]["boundary"] == "lt"  # the canonical form
        assert row.rules["cancel"] == "same"
        assert commune.authority.catalog_version > before
        assert limit(commune, date(2027, 1, 5)).moment.hour == 12
        assert limit(commune, date(2026, 11, 24)).moment.hour == 9
        entry = AuditEntry.objects.get(verb="save_reglement")
        assert (entry.object_key, entry.details["replaced"]) == (row.pk, False)

    def test_the_version_of_that_date_is_replaced(self, commune):
        first = save(commune)
        second = save(commune, {"book": {"shape": "never"}}, resolution="2026-41")

        assert first.pk == second.pk
        assert Reglement.objects.count() == 2
        assert second.resolution == "2026-41"
        assert AuditEntry.objects.filter(verb="save_reglement", details__replaced=True).count() == 1

    def test_data_that_is_no_reglement_is_not_recorded(self, commune):
        with pytest.raises(InvalidReglementError, match=r"book.shape"):
            save(commune, {"book": {"shape": "moon"}})

        assert Reglement.objects.count() == 1

    def test_a_contradiction_is_not_recorded_and_says_its_day(self, commune):
        opens_late = {"book": {"closes": TWO_DAYS["book"], "opens": [{"for": "everyone", "at": "2027-06-01 09:00"}]}}

        with pytest.raises(UnableToSaveReglementError) as refused:
            save(commune, opens_late)

        (wrong,) = refused.value.contradictions
        assert (wrong.key, wrong.reason, wrong.day) == ("book", CLOSES_FIRST, JANUARY)
        assert Reglement.objects.count() == 1

    def test_only_the_days_it_would_rule_are_judged(self, commune):
        dates = {
            "shape": "date_list",
            "by_month": {"2027-01": "2026-12-18", "2027-02": "2027-01-20"},
        }
        with pytest.raises(UnableToSaveReglementError):
            save(commune, {"book": dates})
        save(commune, valid_from=date(2027, 3, 1))

        save(commune, {"book": dates})

        assert Reglement.objects.count() == 3

    def test_days_gone_by_keep_what_decided_them(self, commune):
        for asked in ({}, {"is_confirmed": True}):
            with pytest.raises(UnableToSaveReglementError) as refused:
                save(commune, valid_from=date(2026, 9, 1), decided=Decided(past=1, coming=3), **asked)
            assert refused.value.obstruction is Obstruction.PAST_DECIDED

    def test_what_is_said_of_the_vote_may_still_be_corrected(self, commune):
        present = Reglement.objects.get()
        canonical = save(commune, present.rules)

        row = save(commune, canonical.rules, decided=Decided(past=1), resolution=" 2026-12 ")

        assert (row.pk, row.resolution) == (canonical.pk, "2026-12")

    @pytest.mark.parametrize(
        ("asked", "obstruction"),
        [
            ({"decided": Decided(coming=1)}, Obstruction.COMING_DECIDED),
            ({"valid_from": date(2026, 11, 22)}, Obstruction.IN_THE_PAST),
        ],
    )
    def test_what_can_be_confirmed_is_asked_again(self, commune, asked, obstruction):
        with pytest.raises(UnableToSaveReglementError) as refused:
            save(commune, **asked)
        assert refused.value.obstruction is obstruction

        save(commune, is_confirmed=True, **asked)

        assert Reglement.objects.count() == 2

    def test_a_product_is_ruled_by_its_activity_until_its_own_begins(self, commune):
        save(commune, product=commune.meal.pk)

        assert limit(commune, date(2026, 11, 24)).moment.hour == 9
        assert limit(commune, date(2027, 1, 5)).moment.hour == 12
        ruled = ruled_named(offer_of(commune.authority), commune.meal.public_id)
        assert [version.valid_from for version in ruled.coming(TODAY)] == [JANUARY]
        assert ruled.rules_on(date(2026, 8, 1)) is None

    def test_the_first_reglement_of_all_may_begin_in_the_past(self, commune):
        with permitted("test"):
            Reglement.objects.all().delete()
        commune.authority.catalog_version += 1

        save(commune, valid_from=date(2026, 9, 1))

        assert Reglement.objects.count() == 1


class TestWithdrawing:
    def test_a_version_to_come_is_taken_back(self, commune):
        row = save(commune)
        key = row.pk

        withdraw_reglement(row, decided=NOBODY, by=SYSTEM, at=NOW)

        assert Reglement.objects.count() == 1
        commune.authority.refresh_from_db()
        assert limit(commune, date(2027, 1, 5)).moment.hour == 9
        assert AuditEntry.objects.get(verb="withdraw_reglement").object_key == key

    def test_a_version_in_force_or_that_decided_something_is_not(self, commune):
        for row, decided, obstruction in (
            (Reglement.objects.get(), NOBODY, Obstruction.IN_FORCE),
            (save(commune), Decided(coming=1), Obstruction.PAST_DECIDED),
        ):
            with pytest.raises(UnableToWithdrawReglementError) as refused:
                withdraw_reglement(row, decided=decided, by=SYSTEM, at=NOW)
            assert refused.value.obstruction is obstruction
        assert Reglement.objects.count() == 2


class TestPastReservations:
    def asked(self, commune, data, first=date(2026, 9, 1), last=date(2026, 12, 31)):
        offer = offer_of(commune.authority)
        return would_have_been_refused(read_reglement(data), offer.products, first=first, last=last, offer=offer)

    @pytest.fixture
    def family(self, commune):
        family = town.make_family(commune.authority)
        commune.child = town.make_child(family, products=(commune.meal,))
        return family

    def reserve(self, commune, family, day, reserved_at, **fields):
        return town.make_reservation(commune.child, commune.meal, day, family=family, reserved_at=reserved_at, **fields)

    def test_each_is_asked_at_its_own_moment(self, commune, family):
        thursday = date(2026, 11, 26)
        # Tuesday 24, noon in Paris, is the limit: a minute before, then the minute itself.
        self.reserve(commune, family, thursday, datetime(2026, 11, 24, 10, 59, tzinfo=UTC))
        self.reserve(commune, family, date(2026, 12, 3), datetime(2026, 12, 1, 11, 0, tzinfo=UTC), timing="late")
        self.reserve(commune, family, date(2026, 12, 4), datetime(2026, 12, 4, 6, 0, tzinfo=UTC), timing="by_agent")

        counted = self.asked(commune, TWO_DAYS)

        assert counted == PastReservations(total=2, too_late=1)
        assert counted.refused == 1

    def test_a_second_step_takes_them_at_another_price(self, commune, family):
        self.reserve(commune, family, date(2026, 12, 3), datetime(2026, 12, 1, 11, 0, tzinfo=UTC))
        self.reserve(commune, family, date(2026, 12, 4), datetime(2026, 12, 4, 8, 0, tzinfo=UTC))
        late = {"price": {"more": "1,00"}, "until": {"shape": "same_day", "time": "08:30"}}

        counted = self.asked(commune, {"book": {"closes": TWO_DAYS["book"], "late": late}})

        assert counted == PastReservations(total=2, surcharged=1, too_late=1)

    @pytest.mark.parametrize(
        ("opens", "not_open"),
        [
            ([{"for": "everyone", "at": "2026-11-10 09:00"}], 1),
            ([{"for": "resident", "at": "2026-11-10 09:00"}, {"for": "agents", "at": "2026-10-01 09:00"}], 1),
            ([{"for": "resident", "at": "2026-10-01 09:00"}, {"for": "non_resident", "at": "2026-11-10 09:00"}], 0),
            ([{"for": "non_resident", "at": "2026-10-01 09:00"}], 1),
        ],
    )
    def test_each_family_by_its_own_wave(self, commune, family, opens, not_open):
        self.reserve(commune, family, date(2026, 12, 3), datetime(2026, 11, 1, 9, 0, tzinfo=UTC))

        assert self.asked(commune, {"book": {"closes": TWO_DAYS["book"], "opens": opens}}).not_open == not_open

    def test_a_category_opens_earlier(self, commune, family):
        with permitted("test"):
            family.categories = ["agents"]
            family.save()
        self.reserve(commune, family, date(2026, 12, 3), datetime(2026, 11, 1, 9, 0, tzinfo=UTC))
        opens = [{"for": "resident", "at": "2026-11-10 09:00"}, {"for": "agents", "at": "2026-10-01 09:00"}]

        assert self.asked(commune, {"book": {"closes": TWO_DAYS["book"], "opens": opens}}).refused == 0

    def test_never_online_and_no_limit_at_all_are_refusals(self, commune, family):
        self.reserve(commune, family, date(2026, 12, 3), datetime(2026, 11, 1, 9, 0, tzinfo=UTC))
        gap = {"book": {"shape": "date_list", "by_month": {"2026-11": "2026-10-20"}}}

        assert self.asked(commune, {"book": {"shape": "never"}}) == PastReservations(total=1, not_open=1)
        assert self.asked(commune, gap) == PastReservations(total=1, unclear=1)

    def test_only_the_days_asked_for_in_one_read(self, commune, family):
        for day in (1, 3, 4):
            self.reserve(commune, family, date(2026, 12, day), datetime(2026, 11, 1, 9, 0, tzinfo=UTC))

        with CaptureQueriesContext(connection) as read:
            counted = self.asked(commune, TWO_DAYS, first=date(2026, 12, 3), last=date(2026, 12, 3))

        assert counted.total == 1
        assert len([query for query in read if "reservations_reservation" in query["sql"]]) == 1

    def test_what_a_version_has_decided_is_counted_by_side_of_today(self, commune, family):
        version = Reglement.objects.get()
        for day in (date(2026, 11, 20), date(2026, 11, 23), date(2026, 12, 3)):
            self.reserve(commune, family, day, NOW, reglement=version)

        assert decided_by(version.pk, today=TODAY) == Decided(past=1, coming=2)
        assert decided_by_each([version.pk, 0], today=TODAY) == {version.pk: Decided(past=1, coming=2)}
        assert decided_by(None, today=TODAY) == decided_by(0, today=TODAY) == Decided()


class TestRuled:
    def test_an_activity_rules_the_products_that_have_none_of_their_own(self, commune):
        save(commune, product=commune.meal.pk)

        activity, meal = all_ruled(offer_of(commune.authority))

        assert (activity.product, activity.products, meal.product.pk) == (None, (), commune.meal.pk)
        assert activity.ends_at is None
        assert meal.ends_at is not None
        assert ruled_named(offer_of(commune.authority), "nobody") is None
