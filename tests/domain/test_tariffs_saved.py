"""A version of a tariff recorded, changed, refused, withdrawn; and what the families of the town pay under it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.catalog.models import Tariff
from marelle.domain.catalog.operations.tariffs import (
    UnableToSaveTariffError,
    UnableToWithdrawTariffError,
    save_tariff,
    withdraw_tariff,
)
from marelle.domain.catalog.queries import VersionedTariff, offer_of
from marelle.domain.catalog.rules.price_steps import PriceFacts
from marelle.domain.catalog.rules.versions import Decided, Obstruction
from marelle.domain.catalog.rules.written import InvalidTariffError, read_tariff
from marelle.domain.families.models import FamilyQuotient
from marelle.domain.reservations.queries.priced import BandPayers, priced_days, who_pays
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories import town

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TODAY, JANUARY = date(2026, 11, 23), date(2027, 1, 4)
NOTHING = Decided()
BANDS = {
    "price": {
        "by": "quotient",
        "missing": "highest",
        "bands": [{"up_to": 600, "price": "1,20"}, {"up_to": 1200, "price": "3,10"}, {"price": "4,60"}],
    }
}


@pytest.fixture
def commune(in_scope):
    authority = town.make_authority()
    in_scope(authority)
    meal = town.make_product(authority)
    return SimpleNamespace(authority=authority, meal=meal)


def save(commune, data=BANDS, **asked):
    values = {
        "product": commune.meal.pk,
        "valid_from": JANUARY,
        "resolution": "2026-40",
        "decided": NOTHING,
        "by": SYSTEM,
        "at": NOW,
        **asked,
    }
    return save_tariff(commune.authority, data=data, **values)


def price(commune, day, **facts):
    offer = offer_of(commune.authority)
    return offer.product_by_pk[commune.meal.pk].tariff_on(day).price(PriceFacts(**facts)).cents


class TestSaving:
    def test_a_new_version_prices_from_its_day_on(self, commune):
        before = commune.authority.catalog_version

        row = save(commune, {**BANDS, "caps": [{"amount": "80,00", "per": "month"}]})

        assert row.rules["caps"] == [{"amount": "80,00", "per": "month", "for": "child"}]  # the canonical form
        assert commune.authority.catalog_version > before
        assert price(commune, date(2027, 1, 5), quotient=74_200) == 310
        assert price(commune, date(2027, 1, 3), quotient=74_200) == 385
        entry = AuditEntry.objects.get(verb="save_tariff")
        assert (entry.object_key, entry.details["replaced"], entry.details["confirmed"]) == (row.pk, False, "")

    def test_the_version_of_that_date_is_replaced(self, commune):
        first = save(commune)
        second = save(commune, {"price": "4,00"}, resolution=" 2026-41 ")

        assert (first.pk, second.resolution) == (second.pk, "2026-41")
        assert Tariff.objects.count() == 2
        assert AuditEntry.objects.filter(verb="save_tariff", details__replaced=True).count() == 1

    def test_data_that_is_no_tariff_is_not_recorded(self, commune):
        with pytest.raises(InvalidTariffError, match="price"):
            save(commune, {"price": 3.1})

        assert Tariff.objects.count() == 1

    @pytest.mark.parametrize(
        ("asked", "obstruction"),
        [
            ({"decided": Decided(past=1, coming=3), "valid_from": date(2026, 9, 1)}, Obstruction.PAST_PRICED),
            ({"valid_from": date(2026, 11, 22)}, Obstruction.IN_THE_PAST),
            ({"decided": Decided(coming=3)}, Obstruction.COMING_DECIDED),
        ],
    )
    def test_what_changes_prices_already_given_is_asked_again(self, commune, asked, obstruction):
        with pytest.raises(UnableToSaveTariffError) as refused:
            save(commune, **asked)
        assert refused.value.obstruction is obstruction
        assert "2026-40" not in Tariff.objects.values_list("resolution", flat=True)

        save(commune, is_confirmed=True, **asked)

        assert Tariff.objects.filter(resolution="2026-40").exists()
        assert AuditEntry.objects.get(verb="save_tariff").details["confirmed"] == obstruction.value

    def test_an_absurd_year_is_never_recorded(self, commune):
        with pytest.raises(UnableToSaveTariffError) as refused:
            save(commune, valid_from=date(2100, 1, 1), is_confirmed=True)
        assert refused.value.obstruction is Obstruction.NOT_A_YEAR

    def test_what_is_said_of_the_vote_may_be_corrected_without_asking(self, commune):
        present = Tariff.objects.get()

        row = save(commune, present.rules, valid_from=present.valid_from, decided=Decided(past=9), resolution="2026-12")

        assert (row.pk, row.resolution) == (present.pk, "2026-12")

    def test_the_first_tariff_of_a_product_may_begin_in_the_past(self, commune):
        with permitted("test"):
            Tariff.objects.all().delete()

        save(commune, valid_from=date(2026, 9, 1))

        assert Tariff.objects.count() == 1


class TestWithdrawing:
    def test_a_version_to_come_is_taken_back(self, commune):
        row = save(commune)
        key = row.pk

        withdraw_tariff(row, by=SYSTEM, at=NOW)

        assert Tariff.objects.count() == 1
        assert price(commune, date(2027, 1, 5)) == 385
        assert AuditEntry.objects.get(verb="withdraw_tariff").object_key == key

    def test_a_version_in_force_is_not(self, commune):
        with pytest.raises(UnableToWithdrawTariffError) as refused:
            withdraw_tariff(Tariff.objects.get(), by=SYSTEM, at=NOW)

        assert refused.value.obstruction is Obstruction.IN_FORCE
        assert Tariff.objects.count() == 1


class TestPricedDays:
    def test_days_with_a_price_are_counted_by_side_of_today(self, commune):
        family = town.make_family(commune.authority)
        child = town.make_child(family, products=(commune.meal,))
        for day in (date(2026, 11, 19), date(2026, 11, 23), date(2026, 12, 3), date(2026, 12, 4)):
            town.make_reservation(child, commune.meal, day, family=family, price_cents=385)
        town.make_reservation(child, commune.meal, date(2026, 12, 7), family=family)
        town.make_reservation(child, commune.meal, date(2026, 12, 8), family=family, price_cents=1, state="cancelled")

        counted = priced_days(commune.meal.pk, first=date(2026, 9, 1), before=None, today=TODAY)
        until = priced_days(commune.meal.pk, first=date(2026, 11, 20), before=date(2026, 12, 4), today=TODAY)

        assert (counted, until) == (Decided(1, 3), Decided(0, 2))


class TestWhoPays:
    def make_family(self, commune, quotient, days, children=1):
        family = town.make_family(commune.authority)
        if quotient is not None:
            with permitted("test"):
                FamilyQuotient.objects.create(
                    authority=commune.authority,
                    family=family,
                    value_cents=quotient,
                    valid_from=date(2026, 1, 1),
                    source="typed",
                    recorded_at=NOW,
                )
        for number in range(children):
            child = town.make_child(
                family, f"Enfant {number}", products=(commune.meal,), birth_date=date(2015 + number, 1, 1)
            )
            for day in days:
                town.make_reservation(child, commune.meal, date(2026, 11, day), family=family)
        return family

    def asked(self, commune, data, before=None):
        offer = offer_of(commune.authority)
        version, was = (
            None if each is None else VersionedTariff(0, JANUARY, "", read_tariff(each)) for each in (data, before)
        )
        product = offer.product_by_pk[commune.meal.pk]
        return who_pays(version, was, product, first=date(2026, 11, 1), last=date(2026, 11, 30), offer=offer)

    def test_families_are_counted_in_their_band_with_what_they_paid_and_would_pay(self, commune):
        self.make_family(commune, 50_000, (2, 3))
        self.make_family(commune, 70_000, (2,), children=2)
        self.make_family(commune, None, (2, 3, 5))

        payers = self.asked(commune, BANDS, {"price": "3,00"})

        assert payers.bands == (
            BandPayers("1", families=1, days=2, before=600, after=240),
            BandPayers("2", families=1, days=2, before=600, after=620),
            BandPayers("3", families=1, days=3, before=900, after=1380),
        )
        assert (payers.days, payers.unpriced, payers.before, payers.after) == (7, 0, 2100, 2240)

    def test_days_without_a_price_are_said_and_not_summed(self, commune):
        self.make_family(commune, None, (2, 3))
        strict = {"price": {**BANDS["price"], "missing": "none"}}

        payers = self.asked(commune, strict, BANDS)

        assert (payers.bands, payers.days, payers.unpriced, payers.after) == ((), 2, 2, 0)
        assert self.asked(commune, BANDS, strict).unpriced_before == 2

    def test_brothers_and_days_of_the_week_count(self, commune):
        self.make_family(commune, None, (2, 3), children=2)
        ranked = {"price": {"by": "rank_present", "prices": ["4,00", "3,00"]}}
        weekly = {
            "price": "4,00",
            "changes": [{"name": "Deux jours", "percent": -50, "when": {"days_of_week": {"least": 2}}}],
        }

        assert self.asked(commune, ranked).after == 2 * 700
        assert self.asked(commune, weekly).after == 4 * 200

    def test_as_many_statements_for_one_family_as_for_ten(self, commune):
        self.make_family(commune, 50_000, (2, 3))
        offer_of(commune.authority)
        counts = []
        for more in (0, 9):
            for _ in range(more):
                self.make_family(commune, 50_000, (2, 3))
            offer_of(commune.authority)
            with CaptureQueriesContext(connection) as read:
                self.asked(commune, BANDS)
            counts.append(len(read))
        assert counts == [1, 1]

    def test_a_question_without_an_authority_is_an_error(self, commune):
        offer = offer_of(commune.authority)
        with tenancy.scope(set()), pytest.raises(tenancy.UnscopedQueryError):
            who_pays(
                VersionedTariff(0, JANUARY, "", read_tariff(BANDS)),
                None,
                offer.product_by_pk[commune.meal.pk],
                first=TODAY,
                last=TODAY,
                offer=offer,
            )
