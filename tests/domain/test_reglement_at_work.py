"""What a règlement says, obeyed by the basket, by *Valider* and by the grid: steps, prices, quotas, blocks, waves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from marelle.domain.catalog.models import Product, ProductSlot, SlotTemplate, Tariff
from marelle.domain.families.models import Block
from marelle.domain.families.operations.blocks import UnableToBlockError, lift_block, put_block
from marelle.domain.reservations.models import CancellationRequest, Reservation
from marelle.domain.reservations.operations.baskets import Confirmed, Refused
from marelle.domain.reservations.operations.by_agents import reserve_for_family
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.decisions import Outcome, Reason, Wish
from marelle.foundation.writes import permitted
from tests.domain.household import (
    AFTER_NINE,
    AGENT,
    FRIDAY,
    NOW,
    THURSDAY,
    TUESDAY,
    Household,
    states,
    taken,
)
from tests.factories.town import DAY_BEFORE_AT_NINE, make_authority, make_child, make_holiday, make_product

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 30)
EVE = DAY_BEFORE_AT_NINE["book"]
HALF_MORE = {"book": {"closes": EVE, "late": {"price": {"more_percent": 50}}}}


@pytest.fixture
def town(in_scope):
    """Return a function that makes a home under the given règlement."""
    authority = make_authority()
    in_scope(authority)

    def under(rules, **product):
        home = Household(authority)
        home.meal = make_product(authority, rules=rules, **{"capacity": 10, **product})
        home.child = make_child(home.family, products=(home.meal,))
        return home

    return under


def reasons(outcome):
    assert isinstance(outcome, Refused)
    return {(key.date, no.reason) for key, _wish, no in outcome.lines}


def decision(home, day, wish=Wish.RESERVE, *, at=NOW, product=None):
    product = product or home.meal
    planning = read_planning(
        [ChildFacts(home.child.pk, home.child.birth_date)],
        [home.offer.product_by_pk[product.pk]],
        day,
        day,
        offer=home.offer,
        family=home.family.pk,
        user=home.user,
    )
    return planning.decision(DayKey(home.child.pk, product.pk, day), wish, at=at)


class TestTwoSteps:
    def test_a_late_day_is_recorded_late_at_the_price_that_was_shown(self, town):
        home = town(HALF_MORE)
        home.wish(home.child, home.meal, TUESDAY, THURSDAY, at=AFTER_NINE)

        assert isinstance(home.valider(at=AFTER_NINE), Confirmed)

        rows = Reservation.objects.order_by("date").values_list("date", "timing", "price_cents", "surcharge_cents")
        assert list(rows) == [(TUESDAY, "late", 578, 193), (THURSDAY, "on_time", 385, 0)]

    def test_a_deadline_that_passes_meanwhile_never_costs_more_than_what_was_seen(self, town):
        home = town(HALF_MORE)
        home.wish(home.child, home.meal, TUESDAY)

        first = home.valider(at=AFTER_NINE)

        assert reasons(first) == {(TUESDAY, Reason.NEW_PRICE)}
        assert states() == []
        assert [line.price_cents for _key, line in home.content.lines] == [578]
        assert isinstance(home.valider(at=AFTER_NINE), Confirmed)

    def test_a_tariff_voted_meanwhile_is_shown_before_it_is_recorded(self, town):
        home = town(DAY_BEFORE_AT_NINE)
        home.wish(home.child, home.meal, THURSDAY)
        with permitted("test"):
            Tariff.objects.update(rules={"price": "4,00"})
            home.authority.catalog_version += 1
            home.authority.save(update_fields=["catalog_version"])

        assert reasons(home.valider()) == {(THURSDAY, Reason.NEW_PRICE)}
        assert isinstance(home.valider(), Confirmed)
        assert Reservation.objects.get().price_cents == 400

    def test_the_page_that_showed_the_old_price_is_refused(self, town):
        home = town(HALF_MORE)
        home.wish(home.child, home.meal, TUESDAY)
        shown = home.content
        home.valider(shown, at=AFTER_NINE)

        assert home.content.revision != shown.revision

    def test_the_first_late_days_of_a_month_are_tolerated_within_one_basket_too(self, town):
        late = {"price": {"more": "1,00"}, "free_first": {"count": 1, "per": "month"}}
        home = town({"book": {"closes": {**EVE, "count": 10}, "late": late}})
        home.wish(home.child, home.meal, TUESDAY, THURSDAY)
        home.valider()
        home.wish(home.child, home.meal, FRIDAY)
        home.valider()

        rows = Reservation.objects.order_by("date").values_list("timing", "price_cents")
        assert list(rows) == [("late", 385), ("late", 485), ("late", 485)]

    def test_late_on_request_holds_the_place_until_an_agent_answers(self, town):
        home = town({"book": {"closes": EVE, "late": {"price": "full", "on_request": True}}})
        home.wish(home.child, home.meal, TUESDAY, at=AFTER_NINE)

        outcome = home.valider(at=AFTER_NINE)

        assert outcome.confirmation.lines[0]["outcome"] == "requested"
        assert states() == [(TUESDAY, "held")]
        assert taken(home.meal, TUESDAY) == 1
        assert Reservation.objects.get().timing == "late"

    def test_after_the_second_step_it_is_refused_with_its_moment(self, town):
        late = {"price": {"more": "1,00"}, "until": {"shape": "same_day", "time": "08:00"}}
        home = town({"book": {"closes": EVE, "late": late}})
        at_eight = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)

        (no,) = decision(home, TUESDAY, at=at_eight).refusals

        assert (no.reason, no.since) == (Reason.TOO_LATE, at_eight)
        assert decision(home, TUESDAY, at=at_eight - timedelta(minutes=1)).outcome is Outcome.SURCHARGE


class TestCancelling:
    def test_automatic_frees_the_place_at_once_and_says_so(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "cancellation": {"decided_by": "automatic"}})
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)
        home.valider()
        home.wish(home.child, home.meal, THURSDAY, wanted=False)

        outcome = home.valider()

        assert outcome.confirmation.lines == [
            {
                "child": home.child.pk,
                "product": home.meal.pk,
                "date": THURSDAY.isoformat(),
                "outcome": "cancelled",
                "cents": 385,
            }
        ]
        assert states() == [(THURSDAY, "cancelled"), (FRIDAY, "reserved")]
        assert taken(home.meal, THURSDAY) == 0
        asked = CancellationRequest.objects.get()
        assert (asked.state, asked.decided_at, asked.is_refunded, asked.due_cents) == ("accepted", NOW, True, 0)
        assert "reservations.places_freed" in home.posted()

    def test_the_moment_of_asking_fixes_what_stays_due(self, town):
        cancel = {"closes": EVE, "late": {"price": {"part": 50}}}
        home = town({"book": EVE, "cancel": cancel, "cancellation": {"decided_by": "automatic"}})
        home.wish(home.child, home.meal, TUESDAY)
        home.valider()
        home.wish(home.child, home.meal, TUESDAY, wanted=False, at=AFTER_NINE)
        home.valider(at=AFTER_NINE)

        asked = CancellationRequest.objects.get()
        assert (asked.due_cents, asked.is_refunded) == (193, True)

    def test_by_an_agent_it_stays_reserved_until_answered_with_what_the_rule_leaves_due(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "cancellation": {"bills": {"part": 30}}})
        home.wish(home.child, home.meal, THURSDAY)
        home.valider()
        home.wish(home.child, home.meal, THURSDAY, wanted=False)
        home.valider()

        assert states() == [(THURSDAY, "reserved")]
        asked = CancellationRequest.objects.get()
        assert (asked.state, asked.due_cents) == ("pending", 116)

    def test_what_was_paid_more_for_being_late_is_not_forgotten(self, town):
        home = town({**HALF_MORE, "cancel": {"shape": "same_day", "time": "09:00"}})
        home.wish(home.child, home.meal, TUESDAY, at=AFTER_NINE)
        home.valider(at=AFTER_NINE)
        home.wish(home.child, home.meal, TUESDAY, wanted=False, at=AFTER_NINE)

        assert [line.price_cents for _key, line in home.content.lines] == [578]


class TestUntilHowMany:
    def test_a_day_too_many_in_a_week_is_refused_and_says_which_rule(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_most": 2, "per": "week"}]})

        filled = home.wish(home.child, home.meal, TUESDAY, THURSDAY, FRIDAY, MONDAY)

        assert filled.added == 3
        assert [(key.date, no.reason) for key, _wish, no in filled.refused] == [(FRIDAY, Reason.AT_MOST)]

    def test_days_reserved_outside_the_page_count_too(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_most": 1, "per": "month"}]})
        home.wish(home.child, home.meal, THURSDAY)
        home.valider()

        assert decision(home, FRIDAY).refusals[0].reason is Reason.AT_MOST
        assert decision(home, date(2026, 12, 3)).outcome is Outcome.ALLOWED

    def test_a_day_taken_out_of_the_basket_makes_room(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_most": 1, "per": "week"}]})
        home.wish(home.child, home.meal, THURSDAY)
        child, meal = home.child.pk, home.meal.pk

        filled = home.wish_keys({DayKey(child, meal, THURSDAY): False, DayKey(child, meal, FRIDAY): True})

        assert filled.refused == ()
        assert list(home.lines) == [(child, meal, FRIDAY)]

    def test_too_few_days_are_told_and_nothing_is_recorded_nor_lost(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_least": 2, "per": "week"}]})
        home.wish(home.child, home.meal, THURSDAY)

        outcome = home.valider()

        assert reasons(outcome) == {(THURSDAY, Reason.TOO_FEW)}
        assert outcome.lines[0][2].lack.missing == 1
        assert states() == []
        assert len(home.lines) == 1
        home.wish(home.child, home.meal, FRIDAY)
        assert isinstance(home.valider(), Confirmed)

    def test_a_week_with_fewer_open_days_asks_for_no_more_than_it_has(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_least": 5, "per": "week"}]})
        home.wish(home.child, home.meal, MONDAY, date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 4))

        assert isinstance(home.valider(), Confirmed)

    def test_cancelling_one_of_two_when_two_are_the_least_is_refused_and_both_is_not(self, town):
        home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_least": 2, "per": "week"}]})
        home.wish(home.child, home.meal, THURSDAY, FRIDAY)
        home.valider()
        home.wish(home.child, home.meal, THURSDAY, wanted=False)

        assert reasons(home.valider()) == {(THURSDAY, Reason.TOO_FEW)}
        home.wish(home.child, home.meal, FRIDAY, wanted=False)
        assert isinstance(home.valider(), Confirmed)

    def test_in_the_holidays_the_whole_week_or_nothing(self, town):
        home = town(
            {"book": {"shape": "offset", "count": 1}, "limits": [{"whole": "holiday_week"}]},
            holiday_weekdays=(0, 1, 2, 3, 4),
            term_weekdays=(2,),
        )
        make_holiday(home.authority, "Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3))
        week = [date(2026, 12, 21) + timedelta(days=offset) for offset in range(5)]
        home.wish(home.child, home.meal, *week[:4])

        assert reasons(home.valider()) == {(week[0], Reason.TOO_FEW)}
        home.wish(home.child, home.meal, week[4])
        assert isinstance(home.valider(), Confirmed)
        home.wish(home.child, home.meal, date(2026, 12, 9))
        assert isinstance(home.valider(), Confirmed), "a Wednesday of the term stands alone"


class TestSeveralProducts:
    @pytest.fixture
    def pair(self, town):
        """Return a function that adds, beside the meal, a second product of its own hours under other rules."""

        def under(rules):
            home = town(DAY_BEFORE_AT_NINE)
            home.study = make_product(home.authority, name="Étude", rules=rules(home.meal.code), ends_at=time(18))
            home.child = make_child(home.family, "Mateo", products=(home.meal, home.study))
            return home

        return under

    def test_one_that_requires_another_comes_with_it_or_not_at_all(self, pair):
        home = pair(lambda meal: {**DAY_BEFORE_AT_NINE, "limits": [{"requires": [meal]}]})

        alone = home.wish(home.child, home.study, THURSDAY)
        assert [(no.reason, no.detail) for *_key, no in alone.refused] == [(Reason.REQUIRED, "« Repas »")]

        home.wish(home.child, home.meal, THURSDAY)
        assert home.wish(home.child, home.study, THURSDAY).refused == ()
        assert isinstance(home.valider(), Confirmed)
        with_study = home.wish(home.child, home.meal, THURSDAY, wanted=False)
        assert [(no.reason, no.detail) for *_key, no in with_study.refused] == [(Reason.NEEDED, "Étude")]
        home.wish(home.child, home.study, THURSDAY, wanted=False)
        assert home.wish(home.child, home.meal, THURSDAY, wanted=False).refused == ()

    def test_the_other_taken_out_of_the_basket_is_noticed_at_valider(self, pair):
        home = pair(lambda meal: {**DAY_BEFORE_AT_NINE, "limits": [{"requires": [meal]}]})
        home.wish(home.child, home.meal, THURSDAY)
        home.wish(home.child, home.study, THURSDAY)
        home.wish(home.child, home.meal, THURSDAY, wanted=False)

        assert reasons(home.valider()) == {(THURSDAY, Reason.REQUIRED)}

    def test_one_that_excludes_another_is_refused_beside_it(self, pair):
        home = pair(lambda meal: {**DAY_BEFORE_AT_NINE, "limits": [{"excludes": [meal]}]})
        home.wish(home.child, home.meal, THURSDAY)

        filled = home.wish(home.child, home.study, THURSDAY, FRIDAY)

        assert [(key.date, no.reason) for key, _wish, no in filled.refused] == [(THURSDAY, Reason.EXCLUDED)]


class TestBlocks:
    RULES = {**DAY_BEFORE_AT_NINE, "blocked_if": [{"kind": "unpaid", "above": "50,00"}, {"kind": "incomplete_file"}]}

    def test_unpaid_above_the_threshold_stops_booking_until_it_is_lifted(self, town):
        home = town(self.RULES)
        put_block(home.family, Block.Kind.UNPAID, amount_cents=5000, by=AGENT, at=NOW)
        assert decision(home, THURSDAY).outcome is Outcome.ALLOWED

        block = put_block(home.family, Block.Kind.UNPAID, amount_cents=5001, by=AGENT, at=NOW)
        assert decision(home, THURSDAY).refusals[0].block.cents == 5001

        assert lift_block(block, by=AGENT, at=NOW) is True
        assert lift_block(block, by=AGENT, at=NOW) is False
        assert decision(home, THURSDAY).outcome is Outcome.ALLOWED

    def test_a_block_put_meanwhile_stops_valider(self, town):
        home = town(self.RULES)
        home.wish(home.child, home.meal, THURSDAY)
        put_block(home.family, Block.Kind.INCOMPLETE_FILE, by=AGENT, at=NOW)

        assert reasons(home.valider()) == {(THURSDAY, Reason.BLOCKED)}

    def test_cancelling_is_never_blocked(self, town):
        home = town(self.RULES)
        home.wish(home.child, home.meal, THURSDAY)
        home.valider()
        put_block(home.family, Block.Kind.INCOMPLETE_FILE, by=AGENT, at=NOW)

        assert decision(home, THURSDAY, Wish.CANCEL).outcome is Outcome.REQUEST

    def test_another_familys_block_is_not_mine(self, town):
        home, other = town(self.RULES), town(self.RULES)
        put_block(other.family, Block.Kind.INCOMPLETE_FILE, by=AGENT, at=NOW)

        assert decision(home, THURSDAY).outcome is Outcome.ALLOWED

    def test_an_agent_may_pass_over_it_with_a_reason(self, town):
        home = town(self.RULES)
        put_block(home.family, Block.Kind.INCOMPLETE_FILE, by=AGENT, at=NOW)

        reserve_for_family(
            home.child,
            key=DayKey(home.child.pk, home.meal.pk, THURSDAY),
            family=home.family.pk,
            offer=home.offer,
            reason="Dossier remis ce matin",
            by=AGENT,
            at=NOW,
        )

        assert states() == [(THURSDAY, "reserved")]

    @pytest.mark.parametrize(("kind", "more"), [("unpaid", {}), ("missing_document", {"document": " "})])
    def test_a_block_says_how_much_or_what(self, town, kind, more):
        home = town(self.RULES)

        with pytest.raises(UnableToBlockError):
            put_block(home.family, kind, by=AGENT, at=NOW, **more)

        assert not Block.objects.exists()


class TestOpenings:
    WAVES = {
        "book": {
            "closes": EVE,
            "opens": [
                {"for": "resident", "at": "2026-11-20 07:00"},
                {"for": "parents-actifs", "at": "2026-11-24 07:00"},
                {"for": "everyone", "at": "2026-11-25 07:00"},
            ],
        }
    }

    def test_residents_first_then_a_category_then_everyone(self, town):
        home = town(self.WAVES)
        assert decision(home, THURSDAY).outcome is Outcome.ALLOWED

        def opens(**family):
            for name, value in family.items():
                setattr(home.family, name, value)
            with permitted("test"):
                home.family.save()
            return decision(home, FRIDAY).changes_at

        assert opens(is_resident=False) == datetime(2026, 11, 25, 6, tzinfo=UTC)
        assert opens(categories=["parents-actifs"]) == datetime(2026, 11, 24, 6, tzinfo=UTC)

    def test_what_is_not_open_is_not_put_in_the_basket(self, town):
        home = town({"book": {"closes": EVE, "opens": [{"at": "2026-11-24 07:00"}]}})

        filled = home.wish(home.child, home.meal, FRIDAY)

        (refused,) = filled.refused
        assert refused[2].reason is Reason.NOT_OPEN
        assert refused[2].until == datetime(2026, 11, 24, 6, tzinfo=UTC)


class TestUnclear:
    def test_a_day_outside_the_published_dates_is_the_town_halls_to_answer(self, town):
        home = town({"book": {"shape": "date_list", "by_month": {"2026-12": "2026-11-20"}}})

        (no,) = decision(home, THURSDAY).refusals

        assert (no.reason, no.detail) == (Reason.UNCLEAR, "Aucune date n’est publiée pour ce mois.")

    def test_a_day_beyond_the_published_calendar_too(self, in_scope):
        authority = make_authority()
        in_scope(authority)
        home = Household(authority)
        long_period = (date(2026, 9, 1), date(2031, 7, 1))
        home.meal = make_product(authority, period=long_period)
        home.child = make_child(home.family, products=(home.meal,), enrolled=long_period)

        no = decision(home, date(2030, 9, 10)).refusals[0]

        assert (no.reason, no.detail) == (
            Reason.UNCLEAR,
            "Le calendrier scolaire n’est pas encore publié pour ce jour.",
        )


def test_a_product_may_have_rules_of_its_own_and_is_then_counted_alone(town):
    home = town({**DAY_BEFORE_AT_NINE, "limits": [{"at_most": 1, "per": "week"}]})
    template = SlotTemplate.objects.get(activity=home.meal.activity_id)
    with permitted("test"):
        other = Product.objects.create(
            authority=home.authority,
            code="panier",
            activity_id=home.meal.activity_id,
            name="Panier",
            noun="panier",
            plural="paniers",
            position=900,
        )
        ProductSlot.objects.create(authority=home.authority, product=other, template=template)
        home.authority.catalog_version += 1
        home.authority.save(update_fields=["catalog_version"])
    home.wish(home.child, home.meal, THURSDAY)

    filled = home.wish(home.child, other, FRIDAY)

    assert [no.reason for *_key, no in filled.refused] == [Reason.AT_MOST], "the two share a règlement"


class TestChanging:
    """One product takes the place of another under the rule for changing: one gesture, the two lines together."""

    @pytest.fixture
    def centre(self, town):
        """Return a function: a centre with a whole day and a morning that share the same hours."""

        def under(rules, capacity=1):
            home = town(rules, name="Journée", capacity=capacity, price_cents=1420)
            template = SlotTemplate.objects.get(activity=home.meal.activity_id)
            with permitted("test"):
                home.morning = Product.objects.create(
                    authority=home.authority,
                    code="matin",
                    activity_id=home.meal.activity_id,
                    name="Matin",
                    noun="matin",
                    plural="matins",
                    position=901,
                )
                ProductSlot.objects.create(authority=home.authority, product=home.morning, template=template)
                Tariff.objects.create(
                    authority=home.authority, product=home.morning, valid_from=date(2026, 9, 1), rules={"price": "7,80"}
                )
                home.authority.catalog_version += 1
                home.authority.save(update_fields=["catalog_version"])
            home.wish(home.child, home.meal, TUESDAY)
            home.valider()
            return home

        return under

    FREE = {**DAY_BEFORE_AT_NINE, "change": {"shape": "same_day", "time": "08:00"}}

    def test_wishing_the_one_gives_back_the_other_even_when_full_and_after_the_cancelling_limit(self, centre):
        home = centre(self.FREE)

        filled = home.wish(home.child, home.morning, TUESDAY, at=AFTER_NINE)

        assert filled.refused == ()
        assert home.lines == {
            (home.child.pk, home.meal.pk, TUESDAY): "cancel",
            (home.child.pk, home.morning.pk, TUESDAY): "reserve",
        }
        assert sorted(line.price_cents for _key, line in home.content.lines) == [780, 1420]
        assert isinstance(home.valider(at=AFTER_NINE), Confirmed)
        assert sorted(states()) == [(TUESDAY, "cancelled"), (TUESDAY, "reserved")]
        assert taken(home.meal, TUESDAY) == 1

    def test_taking_one_line_out_takes_the_other_out(self, centre):
        home = centre(self.FREE)
        home.wish(home.child, home.morning, TUESDAY)
        home.wish(home.child, home.morning, TUESDAY, wanted=False)
        assert home.lines == {}

        home.wish(home.child, home.morning, TUESDAY)
        home.wish(home.child, home.meal, TUESDAY)
        assert home.lines == {}

    def test_without_a_rule_for_changing_the_hours_are_taken(self, centre):
        home = centre(DAY_BEFORE_AT_NINE)

        filled = home.wish(home.child, home.morning, TUESDAY)

        assert [no.reason for *_key, no in filled.refused] == [Reason.SAME_TIME]

    def test_without_it_but_cancelled_at_once_the_hours_are_free_again_in_the_same_basket(self, centre):
        home = centre({**DAY_BEFORE_AT_NINE, "cancellation": {"decided_by": "automatic"}})
        home.wish(home.child, home.meal, TUESDAY, wanted=False)

        assert home.wish(home.child, home.morning, TUESDAY).refused == ()
        assert isinstance(home.valider(), Confirmed)
        assert sorted(states()) == [(TUESDAY, "cancelled"), (TUESDAY, "reserved")]

    def test_a_change_that_became_too_late_takes_both_lines_out(self, centre):
        home = centre(self.FREE)
        home.wish(home.child, home.morning, TUESDAY)

        outcome = home.valider(at=datetime(2026, 11, 24, 7, 0, tzinfo=UTC))

        assert {no.reason for *_line, no in outcome.lines} == {Reason.TOO_LATE}
        assert home.lines == {}
        assert states() == [(TUESDAY, "reserved")]
