"""Two homes of a child: who answers for a day, what is settled, proposed, exchanged, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection

from marelle.domain.families.operations.custody import change_custody
from marelle.domain.reservations.models import (
    Attendance,
    CustodyProposal,
    CustodyTurn,
    Reservation,
    SharedCustody,
    WaitingListEntry,
)
from marelle.domain.reservations.operations.by_agents import UnableToRecordError, reserve_for_family
from marelle.domain.reservations.operations.custody import (
    ASKED_ALREADY,
    NOT_SHARED,
    PAST,
    TOO_FAR,
    AlreadyAnsweredError,
    UnableToSettleCustodyError,
    answer_proposal,
    decide_proposal,
    end_late_proposals,
    extend_turns,
    propose_custody,
    propose_days,
    withdraw_proposal,
)
from marelle.domain.reservations.operations.waiting_list import UnableToWaitError, join_waiting_list
from marelle.domain.reservations.queries.custody import RESPONSIBLE, homes_together, responsible_homes, standing_terms
from marelle.domain.reservations.queries.delivered import delivered
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.custody import (
    WRITTEN_AHEAD,
    Booking,
    CustodyTerms,
    DaysFault,
    Role,
    TermsFault,
    Weeks,
)
from marelle.domain.reservations.rules.decisions import Reason
from marelle.domain.reservations.rules.squares import SquareState
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs.tasks import tasks
from tests.domain.household import AGENT, FRIDAY, NOW, THURSDAY, TUESDAY, journal, taken
from tests.domain.two_homes import BY_WEEKS, SINCE, TwoHomes
from tests.factories.town import make_authority, make_family, make_holiday, make_product, make_reservation, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

MONDAY, NEXT_MONDAY, NEXT_THURSDAY = date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 3)
DAY = timedelta(days=1)


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return authority


@pytest.fixture
def meal(town):
    return make_product(town, capacity=10)


@pytest.fixture
def homes(town, meal):
    return TwoHomes(town, products=(meal,))


def refused(filled):
    return {(key.date, no.reason) for key, _wish, no in filled.refused}


def square_of(home, child, product, day):
    product = home.offer.product_by_pk[product.pk]
    planning = read_planning(
        [ChildFacts(child.pk, child.birth_date)],
        [product],
        day,
        day,
        offer=home.offer,
        family=home.family.pk,
        user=None,
    )
    return planning.square(DayKey(child.pk, product.pk, day), at=NOW)


class TestWhoseDayItIs:
    def test_without_terms_it_is_of_whoever_reserves(self, homes):
        assert homes.homes(MONDAY, MONDAY + 2 * DAY) == "..."

    def test_a_week_each_from_the_day_that_was_said(self, homes):
        homes.settle(starts_on=TUESDAY)

        assert homes.homes(MONDAY, date(2026, 12, 7)) == "." + "M" * 6 + "F" * 7 + "M"

    def test_other_terms_replace_those_from_their_day_on_and_without_terms_nobody_is_before_the_other(self, homes):
        homes.settle()
        homes.settle(replace(BY_WEEKS, first_even=False), starts_on=THURSDAY)
        homes.settle(None, starts_on=NEXT_MONDAY + DAY)

        assert homes.homes(MONDAY, NEXT_MONDAY + 2 * DAY) == "MMMFFFFM.."

    def test_the_same_again_writes_nothing(self, homes):
        first = homes.settle()

        assert homes.settle() == first
        assert len(standing_terms(homes.child.pk)) == 1
        assert [verb for verb, _details in journal()].count("settle_custody") == 1

    def test_both_homes_are_written_to_by_the_town_hall_and_once(self, homes):
        row = homes.settle()
        homes.settle()
        assert homes.mother.posted().count("letters.custody_settled") == 1
        mail.outbox.clear()
        for _again in range(2):
            tasks.tasks["letters.custody_settled"].func(authority=homes.authority.pk, custody=row.pk)

        read = {message.to[0]: message.body for message in mail.outbox}
        assert len(read) == len(mail.outbox) == 2
        assert sum("Semaines paires chez vous" in body for body in read.values()) == 1
        assert sum("Semaines paires dans l’autre foyer" in body for body in read.values()) == 1

    def test_once_the_child_has_one_home_again_nothing_stands_against_it(self, homes):
        homes.settle()
        change_custody(homes.child, [homes.father.family], starts_on=THURSDAY, by=AGENT, at=NOW)

        assert homes.homes(TUESDAY, FRIDAY) == "MM.."

    def test_terms_with_a_former_home_say_nothing_beside_a_new_one(self, homes):
        homes.settle()
        third = make_family(homes.authority, "Petit")
        change_custody(homes.child, [homes.mother.family, third], starts_on=THURSDAY, by=AGENT, at=NOW)

        assert homes.homes(TUESDAY, FRIDAY) == "MM.."
        assert [sorted(both) for _period, both in homes_together(homes.child.pk)] == [
            sorted((homes.mother.family.pk, homes.father.family.pk)),
            sorted((homes.mother.family.pk, third.pk)),
        ]

    def test_a_service_may_be_of_one_home_whatever_the_day_and_follow_the_days_again(self, homes, meal):
        service = meal.activity.service_id
        homes.settle(replace(BY_WEEKS, services=((service, Role.SECOND),)))
        homes.settle(BY_WEEKS, starts_on=THURSDAY)
        found = responsible_homes([homes.child.pk], first=MONDAY, last=FRIDAY, authority=homes.authority.pk)

        assert [found.home(homes.child.pk, day, service) for day in (TUESDAY, THURSDAY)] == [
            homes.father.family.pk,
            homes.mother.family.pk,
        ]
        assert found.home(homes.child.pk, TUESDAY) == homes.mother.family.pk

    def test_a_statement_reads_the_same(self, homes, meal):
        service = meal.activity.service_id
        homes.settle()
        homes.settle(replace(BY_WEEKS, services=((service, Role.SECOND),)), starts_on=THURSDAY)
        last = NEXT_THURSDAY
        found = responsible_homes([homes.child.pk], first=MONDAY, last=last, authority=homes.authority.pk)
        said = RESPONSIBLE.format(authority="%(town)s", child="%(child)s", service="%(service)s", day="d.day::date")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT d.day::date, {said} FROM generate_series(%(first)s, %(last)s, interval '1 day') AS d(day)",
                {
                    "town": homes.authority.pk,
                    "child": homes.child.pk,
                    "service": service,
                    "first": MONDAY,
                    "last": last,
                },
            )
            rows = dict(cursor.fetchall())

        assert rows == {day: found.home(homes.child.pk, day, service) for day in rows}
        assert len(set(rows.values())) == 2

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"starts_on": MONDAY + WRITTEN_AHEAD + DAY}, TOO_FAR),
            ({"starts_on": date(2019, 1, 1)}, NOT_SHARED),
            ({"terms": CustodyTerms(weeks=Weeks.FROM_DAY)}, TermsFault.NO_SINCE),
        ],
    )
    def test_what_cannot_be_settled_is_told(self, homes, change, fault):
        with pytest.raises(UnableToSettleCustodyError) as told:
            homes.settle(**change)

        assert told.value.fault == fault
        assert not SharedCustody.objects.exists()

    def test_holidays_that_are_published_later_are_shared_from_the_next_day_on(self, homes):
        homes.settle(CustodyTerms(changeover=0, changeover_at=BY_WEEKS.changeover_at))
        make_holiday(homes.authority, "Noël", date(2026, 12, 19), date(2027, 1, 3))
        week = date(2026, 12, 19), date(2027, 1, 3)
        before = homes.homes(*week)

        assert extend_turns(offer=homes.mother.offer, by=SYSTEM, at=NOW) == 1
        assert homes.homes(*week) == "M" * 8 + "F" * 8 != before
        assert extend_turns(offer=homes.mother.offer, by=SYSTEM, at=NOW) == 0

    def test_turns_are_written_on_as_time_goes_by_and_those_that_are_past_stay(self, homes):
        homes.settle()
        past = list(CustodyTurn.objects.filter(starts_on__lte=MONDAY).order_by("starts_on").values_list("starts_on"))
        later = NOW + timedelta(days=200)

        assert extend_turns(offer=homes.mother.offer, by=SYSTEM, at=later) == 1
        assert homes.homes(MONDAY + WRITTEN_AHEAD, MONDAY + WRITTEN_AHEAD + 100 * DAY).count(".") == 0
        assert (
            list(CustodyTurn.objects.filter(starts_on__lte=MONDAY).order_by("starts_on").values_list("starts_on"))
            == past
        )


class TestReserving:
    def test_each_home_reserves_its_days_and_is_told_of_the_other_ones(self, homes, meal):
        homes.settle()

        theirs = homes.mother.wish(homes.child, meal, THURSDAY, NEXT_THURSDAY)
        his = homes.father.wish(homes.child, meal, THURSDAY, NEXT_THURSDAY)

        assert refused(theirs) == {(NEXT_THURSDAY, Reason.ELSEWHERE)}
        assert refused(his) == {(THURSDAY, Reason.ELSEWHERE)}

    def test_a_day_that_changed_hands_since_it_was_put_in_the_basket_is_not_confirmed(self, homes, meal):
        homes.mother.wish(homes.child, meal, THURSDAY)
        homes.settle(replace(BY_WEEKS, first_even=False))

        outcome = homes.mother.valider()

        assert [(key.date, no.reason) for key, _wish, no in outcome.lines] == [(THURSDAY, Reason.ELSEWHERE)]
        assert taken(meal, THURSDAY) == 0

    def test_where_either_may_the_first_one_answers_for_the_day(self, homes, meal):
        homes.settle(replace(BY_WEEKS, booking=Booking.EITHER))
        homes.father.wish(homes.child, meal, THURSDAY)
        homes.father.valider()

        assert refused(homes.mother.wish(homes.child, meal, THURSDAY)) == {(THURSDAY, Reason.OTHER_HOME)}
        assert Reservation.objects.get().family_id == homes.father.family.pk

    def test_of_a_day_of_the_other_home_nothing_is_seen(self, homes, meal):
        homes.settle()
        make_reservation(homes.child, meal, THURSDAY, family=homes.mother.family)

        shown = square_of(homes.father, homes.child, meal, THURSDAY)

        assert (shown.state, shown.is_ticked, shown.refusal.reason) == (SquareState.ELSEWHERE, None, Reason.ELSEWHERE)
        assert square_of(homes.mother, homes.child, meal, THURSDAY).state is SquareState.RESERVED

    def test_who_paid_for_a_day_keeps_it_when_it_changes_hands(self, homes, meal):
        make_reservation(homes.child, meal, THURSDAY, family=homes.father.family)
        homes.settle(moves=False)

        assert square_of(homes.father, homes.child, meal, THURSDAY).state is SquareState.RESERVED
        assert square_of(homes.mother, homes.child, meal, THURSDAY).refusal.reason is Reason.OTHER_HOME

    def test_an_agent_reserves_from_the_file_whose_day_it_is(self, homes, meal):
        homes.settle()

        def reserve(home):
            return reserve_for_family(
                homes.child,
                key=DayKey(homes.child.pk, meal.pk, THURSDAY),
                family=home.family.pk,
                offer=home.offer,
                reason="par téléphone",
                by=AGENT,
                at=NOW,
            )

        with pytest.raises(UnableToRecordError) as told:
            reserve(homes.father)
        assert told.value.refusal.reason is Reason.ELSEWHERE
        assert reserve(homes.mother)

    def test_nobody_waits_for_a_day_of_the_other_home(self, homes, town):
        full = make_product(town, name="Étude", capacity=0)
        both = TwoHomes(town, products=(full,), first_name="Léo")
        both.settle()
        key = DayKey(both.child.pk, full.pk, THURSDAY)

        with pytest.raises(UnableToWaitError):
            join_waiting_list(
                both.child, key=key, family=both.father.family.pk, offer=both.father.offer, by=AGENT, at=NOW
            )
        assert join_waiting_list(
            both.child, key=key, family=both.mother.family.pk, offer=both.mother.offer, by=AGENT, at=NOW
        )

    def test_a_presence_that_nobody_reserved_is_of_the_home_whose_day_it_is(self, homes, meal):
        homes.settle()
        day = date(2026, 11, 17)  # the 47th week: the father's
        families = [homes.mother.family.pk, homes.father.family.pk]
        assert min(families) == homes.mother.family.pk
        with permitted("test"):
            Attendance.objects.create(
                authority=homes.authority, child=homes.child, product=meal, date=day, state="present", recorded_at=NOW
            )
        lived = delivered(families, products=[meal.pk], first=day, last=day, offer=homes.mother.offer, at=NOW)

        assert {family: len(rows) for family, rows in lived.items() if rows} == {homes.father.family.pk: 1}


class TestDaysThatChangeHands:
    def test_what_is_reserved_goes_with_the_day_and_is_priced_by_who_answers_for_it(self, homes, meal):
        kept = make_reservation(homes.child, meal, TUESDAY, family=homes.mother.family, price_cents=310)
        goes = make_reservation(homes.child, meal, NEXT_THURSDAY, family=homes.mother.family, price_cents=310)
        homes.settle()
        kept.refresh_from_db()
        goes.refresh_from_db()

        assert (kept.family_id, kept.price_cents) == (homes.mother.family.pk, 310)
        assert goes.family_id == homes.father.family.pk
        assert taken(meal, NEXT_THURSDAY) == 1

    def test_what_is_paid_on_booking_stays_with_who_paid(self, town):
        paid = make_product(town, name="Mercredi", service=make_service(town, payment_mode="prepaid"))
        homes = TwoHomes(town, products=(paid,))
        row = make_reservation(homes.child, paid, NEXT_THURSDAY, family=homes.mother.family, price_cents=900)
        homes.settle()
        row.refresh_from_db()

        assert (row.family_id, row.price_cents) == (homes.mother.family.pk, 900)

    def test_a_wait_for_a_day_that_is_no_longer_ones_own_ends(self, town):
        full = make_product(town, name="Étude", capacity=0)
        homes = TwoHomes(town, products=(full,))
        key = DayKey(homes.child.pk, full.pk, NEXT_THURSDAY)
        join_waiting_list(
            homes.child, key=key, family=homes.mother.family.pk, offer=homes.mother.offer, by=AGENT, at=NOW
        )
        homes.settle()

        assert WaitingListEntry.objects.get().left_at == NOW


@pytest.fixture
def settled(homes):
    homes.settle()
    return homes


def ask_days(homes, *, gives=(), takes=(), of="mother", at=NOW):
    home = getattr(homes, of)
    return propose_days(
        homes.child.pk,
        from_home=home.family.pk,
        gives=gives,
        takes=takes,
        words="Anniversaire de sa cousine",
        offer=home.offer,
        by=home.by,
        at=at,
    )


def ask_terms(homes, *, starts_on=NEXT_MONDAY, at=NOW, terms=None):
    return propose_custody(
        homes.child.pk,
        from_home=homes.father.family.pk,
        terms=terms or replace(BY_WEEKS, first_even=True),
        starts_on=starts_on,
        words="",
        offer=homes.father.offer,
        by=homes.father.by,
        at=at,
    )


def answer(homes, row, *, agrees=True, at=NOW):
    return answer_proposal(row, agrees=agrees, words="", offer=homes.father.offer, by=homes.father.by, at=at)


class TestExchangingDays:
    def test_the_other_home_accepts_and_each_has_the_day_of_the_other_with_what_is_reserved_of_it(self, settled, meal):
        row = make_reservation(settled.child, meal, THURSDAY, family=settled.mother.family, price_cents=310)
        proposal = ask_days(settled, gives=[THURSDAY], takes=[NEXT_THURSDAY])
        assert settled.homes(THURSDAY, NEXT_THURSDAY) == "MMMMFFFF"

        answer(settled, proposal)
        row.refresh_from_db()

        assert settled.homes(THURSDAY, NEXT_THURSDAY) == "FMMMFFFM"
        assert row.family_id == settled.father.family.pk
        assert Reservation.objects.active().count() == taken(meal, THURSDAY) == 1
        assert refused(settled.mother.wish(settled.child, meal, THURSDAY)) == {(THURSDAY, Reason.ELSEWHERE)}

    def test_days_that_it_does_not_want_stay(self, settled):
        proposal = answer(settled, ask_days(settled, gives=[THURSDAY]), agrees=False)

        assert proposal.state == "refused"
        assert settled.homes(THURSDAY, THURSDAY) == "M"

    def test_days_exchanged_back_are_as_they_were(self, settled):
        answer(settled, ask_days(settled, gives=[THURSDAY]))
        back = ask_days(settled, takes=[THURSDAY])
        answer(settled, back)

        assert settled.homes(MONDAY, FRIDAY) == "MMMMM"

    @pytest.mark.parametrize(
        ("days", "fault"),
        [
            ({}, DaysFault.NO_DAYS),
            ({"gives": [MONDAY]}, DaysFault.PAST),
            ({"gives": [NEXT_THURSDAY]}, DaysFault.NOT_YOURS),
            ({"takes": [THURSDAY]}, DaysFault.NOT_THEIRS),
        ],
    )
    def test_what_cannot_be_asked_is_told(self, settled, days, fault):
        with pytest.raises(UnableToSettleCustodyError) as told:
            ask_days(settled, **days)

        assert told.value.fault == fault
        assert not CustodyProposal.objects.exists()

    def test_a_day_is_asked_for_once(self, settled):
        ask_days(settled, gives=[THURSDAY])

        with pytest.raises(UnableToSettleCustodyError) as told:
            ask_days(settled, takes=[THURSDAY], of="father")
        assert told.value.fault == DaysFault.ASKED_ALREADY

    def test_an_answer_that_comes_when_the_day_has_is_too_late(self, settled):
        proposal = ask_days(settled, gives=[THURSDAY])

        with pytest.raises(UnableToSettleCustodyError):
            answer(settled, proposal, at=NOW + timedelta(days=3))
        assert end_late_proposals(offer=settled.mother.offer, by=SYSTEM, at=NOW + timedelta(days=3)) == 1
        proposal.refresh_from_db()
        assert proposal.state == "expired"

    def test_two_answers_the_second_one_is_told_what_came_of_it(self, settled):
        proposal = ask_days(settled, gives=[THURSDAY])
        withdraw_proposal(proposal, by=settled.mother.by, at=NOW)

        with pytest.raises(AlreadyAnsweredError) as told:
            answer(settled, proposal)
        assert told.value.proposal.state == "withdrawn"


class TestOtherTerms:
    def test_agreed_they_hold_from_their_day_and_whoever_asks_is_the_first_home(self, settled):
        answer_proposal(
            ask_terms(settled), agrees=True, words="", offer=settled.mother.offer, by=settled.mother.by, at=NOW
        )

        # The father has the even weeks now: the 49th is the mother's, the 50th his.
        assert settled.homes(FRIDAY, date(2026, 12, 7)) == "MMM" + "M" * 7 + "F"
        assert standing_terms(settled.child.pk)[-1].origin == "agreed"

    def test_refused_they_wait_for_the_town_hall_which_decides_from_another_day(self, settled):
        proposal = answer_proposal(
            ask_terms(settled), agrees=False, words="Non", offer=settled.mother.offer, by=settled.mother.by, at=NOW
        )
        assert proposal.state == "disputed"

        decide_proposal(
            proposal,
            accepts=True,
            words="Jugement du 3 novembre",
            starts_on=date(2026, 12, 7),
            offer=settled.mother.offer,
            by=AGENT,
            at=NOW,
        )

        assert settled.homes(date(2026, 11, 30), date(2026, 12, 7)) == "F" * 7 + "F"
        assert standing_terms(settled.child.pk)[-1].origin == "decided"

    def test_dismissed_nothing_changes(self, settled):
        proposal = decide_proposal(
            ask_terms(settled), accepts=False, words="Sans accord", offer=settled.mother.offer, by=AGENT, at=NOW
        )

        assert proposal.state == "dismissed"
        assert settled.homes(FRIDAY, NEXT_MONDAY) == "MMMF"

    def test_left_without_an_answer_they_wait_for_the_town_hall_after_a_fortnight(self, settled):
        proposal = ask_terms(settled, starts_on=date(2027, 1, 4))

        assert end_late_proposals(offer=settled.mother.offer, by=SYSTEM, at=NOW + timedelta(days=13)) == 0
        assert end_late_proposals(offer=settled.mother.offer, by=SYSTEM, at=NOW + timedelta(days=14)) == 1
        proposal.refresh_from_db()
        assert proposal.state == "disputed"

    @pytest.mark.parametrize(
        ("asked", "fault"),
        [
            ({"starts_on": MONDAY}, PAST),
            ({"starts_on": MONDAY + WRITTEN_AHEAD + DAY}, TOO_FAR),
            ({"terms": CustodyTerms(weeks=Weeks.FROM_DAY)}, TermsFault.NO_SINCE),
        ],
    )
    def test_what_cannot_be_proposed_is_told(self, settled, asked, fault):
        with pytest.raises(UnableToSettleCustodyError) as told:
            ask_terms(settled, **asked)
        assert told.value.fault == fault

    def test_one_at_a_time(self, settled):
        ask_terms(settled)

        with pytest.raises(UnableToSettleCustodyError) as told:
            ask_terms(settled)
        assert told.value.fault == ASKED_ALREADY

    def test_days_agreed_one_by_one_end_with_the_terms_that_they_were_agreed_under(self, settled):
        answer(settled, ask_days(settled, gives=[THURSDAY]))
        settled.settle(replace(BY_WEEKS, long_weekends=True), starts_on=TUESDAY)

        assert settled.homes(TUESDAY, FRIDAY) == "MMMM"

    def test_nobody_proposes_who_is_not_a_home_of_the_child(self, settled):
        stranger = make_family(settled.authority, "Petit")
        with pytest.raises(UnableToSettleCustodyError) as told:
            propose_days(
                settled.child.pk,
                from_home=stranger.pk,
                gives=[THURSDAY],
                takes=[],
                words="",
                offer=settled.mother.offer,
                by=AGENT,
                at=NOW,
            )
        assert told.value.fault == NOT_SHARED


def test_the_planning_of_a_home_asks_one_statement_however_many_turns(homes, meal, django_assert_num_queries):
    homes.settle()
    offer, child = homes.mother.offer, ChildFacts(homes.child.pk, homes.child.birth_date)
    product = offer.product_by_pk[meal.pk]
    with django_assert_num_queries(1):
        planning = read_planning(
            [child], [product], SINCE, date(2027, 7, 1), offer=offer, family=homes.father.family.pk, user=None
        )
    assert len(planning.homes.turns[homes.child.pk, None]) > 40
