"""The town hall settles a shared custody, sets a day, decides a dispute; what was shown beforehand is what is done."""

from __future__ import annotations

from datetime import date, time

import pytest

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Service
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.operations.custody import change_custody
from marelle.domain.reservations.models import CustodyDay, CustodyProposal, Reservation, SharedCustody, WaitingListEntry
from marelle.domain.reservations.operations.custody import (
    NO_TERMS,
    NOT_SHARED,
    AlreadyAnsweredError,
    CustodyChangedMeanwhileError,
    UnableToSettleCustodyError,
    answer_proposal,
    decide_days,
    decide_proposal,
    propose_custody,
    settle_custody,
)
from marelle.domain.reservations.queries.custody import responsible_homes
from marelle.domain.reservations.queries.custody_effects import days_preview, mark_of_custody, terms_preview
from marelle.domain.reservations.rules.custody import (
    Booking,
    CustodyTerms,
    DaysFault,
    HolidayShare,
    Role,
    SummerShare,
)
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.town import (
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_service,
)

pytestmark = pytest.mark.django_db
TODAY, UNTIL = date(2026, 11, 23), date(2027, 1, 31)
START = date(2026, 11, 30)
# Mondays of week 49 (odd) and 50 (even).
ODD, EVEN = date(2026, 11, 30), date(2026, 12, 7)
WEEKS = CustodyTerms(
    changeover=0, changeover_at=time(8, 30), holidays=HolidayShare.AS_WEEKS, summer=SummerShare.AS_WEEKS
)


@pytest.fixture(scope="module")
def made(lasting):
    """A child who lives in two homes; the mother reserved a meal a Monday, and days that are paid on booking."""
    authority = make_authority()
    school = make_facility(authority)
    canteen, paid = make_service(authority), make_service(authority, "Stages")
    with permitted("factory"), tenancy.scope({authority.pk}):
        Service.objects.filter(pk=paid.pk).update(payment_mode=Service.PaymentMode.PREPAID)
    meal = make_product(authority, service=canteen, facility=school)
    camp = make_product(authority, service=paid, facility=school, name="Stage")
    mother, father = make_family(authority, "Benali"), make_family(authority, "Roy")
    child = make_child(mother, "Inès", products=(meal, camp))
    with tenancy.scope({authority.pk}):
        change_custody(child, [mother, father], starts_on=date(2026, 9, 1), by=AGENT, at=NOW)
    for day in (ODD, EVEN, date(2026, 12, 14)):
        make_reservation(child, meal, day, family=mother, price_cents=385)
    make_reservation(child, camp, date(2026, 12, 1), family=mother, price_cents=1200)
    return authority, child, mother, father, canteen, meal


@pytest.fixture
def town(made, in_scope):
    in_scope(made[0])
    return made


def offer(town):
    return offer_of(Authority.objects.get(pk=town[0].pk))


def settle(town, terms=WEEKS, starts_on=START, **more):
    _authority, child, mother, father, *_rest = town
    return settle_custody(
        child.pk,
        first_home=mother.pk,
        second_home=father.pk,
        terms=terms,
        starts_on=starts_on,
        offer=offer(town),
        by=AGENT,
        at=NOW,
        **more,
    )


def foreseen(town, terms=WEEKS, starts_on=START, **more):
    _authority, child, mother, father, *_rest = town
    return terms_preview(
        child.pk,
        first_home=mother.pk,
        second_home=father.pk,
        terms=terms,
        starts_on=starts_on,
        until=UNTIL,
        offer=offer(town),
        today=TODAY,
        **more,
    )


def whose(town, first, last):
    homes = responsible_homes([town[1].pk], first=first, last=last, authority=town[0].pk)
    return {day: homes.home(town[1].pk, day) for day in foreseen_days(first, last)}


def foreseen_days(first, last):
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


def reserved_by(town):
    return dict(Reservation.objects.filter(child=town[1]).values_list("pk", "family"))


def check_done(town, preview, before):
    """What was foreseen is what stands: days, reservations that went, those that stayed, waits that ended."""
    assert whose(town, preview.first, UNTIL) == preview.after
    went = {row.pk: home for home, rows in preview.moves.moved.items() for row in rows}
    assert reserved_by(town) == before | went
    assert not (went.keys() & {row.pk for row in preview.moves.staying})
    ended = WaitingListEntry.objects.filter(pk__in=[row.pk for row in preview.moves.over])
    assert all(row.left_at is not None for row in ended)


@pytest.mark.parametrize(
    "terms",
    [
        WEEKS,
        CustodyTerms(booking=Booking.EITHER),
        CustodyTerms(first_even=False, long_weekends=True),
        None,
    ],
    ids=["weeks", "either", "odd", "none"],
)
def test_what_is_shown_before_is_what_is_done(town, terms):
    settle(town, CustodyTerms(first_even=False), starts_on=date(2026, 11, 24), moves=False)
    with permitted("test"):
        WaitingListEntry.objects.create(
            authority=town[0], child=town[1], product=town[5], family=town[2], date=ODD, asked_at=NOW,
            slot_id=_slot(town, ODD),
        )  # fmt: skip
    preview, before = foreseen(town, terms), reserved_by(town)

    settle(town, terms)

    check_done(town, preview, before)


def _slot(town, day):
    from marelle.domain.catalog.models import Slot

    return Slot.objects.get(activity=town[5].activity_id, date=day).pk


def test_weeks_of_the_father_take_what_is_paid_afterwards_with_them_and_no_more(town):
    preview = foreseen(town)
    mother, father = town[2].pk, town[3].pk
    assert preview.moves.count == 2
    assert [row.date for row in preview.moves.moved[father]] == [ODD, date(2026, 12, 14)]
    assert [row.date for row in preview.moves.staying] == [date(2026, 12, 1)]
    assert preview.before[ODD] is None
    assert (preview.after[ODD], preview.after[EVEN]) == (father, mother)
    assert foreseen(town, moves=False).moves.count == 0


def test_a_service_of_one_home_keeps_its_reservations_whoever_has_the_day(town):
    assert foreseen(town, CustodyTerms(services=((town[4].pk, Role.FIRST),), first_even=False)).moves.count == 0


def test_two_agents_at_once_the_second_looks_again(town):
    seen = mark_of_custody(town[1].pk)
    settle(town, seen=seen)

    with pytest.raises(CustodyChangedMeanwhileError):
        settle(town, CustodyTerms(), seen=seen)

    assert SharedCustody.objects.filter(child=town[1], withdrawn_at__isnull=True).count() == 1


class TestADaySetByTheTownHall:
    def decide(self, town, days, **more):
        return decide_days(town[1].pk, days=days, offer=offer(town), by=AGENT, at=NOW, **more)

    def test_it_is_of_that_home_with_its_reservation_and_as_the_terms_say_again_once_undone(self, town):
        settle(town)
        mother, father = town[2].pk, town[3].pk
        preview = days_preview(town[1].pk, days={EVEN: father}, until=UNTIL, offer=offer(town), today=TODAY)
        before = reserved_by(town)

        assert self.decide(town, {EVEN: father}) == 1

        check_done(town, preview, before)
        assert preview.changing == [EVEN]
        assert self.decide(town, {EVEN: father}) == 0
        assert self.decide(town, {EVEN: None}) == 1
        assert whose(town, EVEN, EVEN) == {EVEN: mother}
        assert reserved_by(town) == before
        assert not CustodyDay.objects.filter(child=town[1], withdrawn_at__isnull=True).exists()

    def test_neither_a_past_day_nor_one_without_a_calendar_nor_of_a_stranger(self, town):
        father = town[3].pk
        for days, why in (
            ({}, DaysFault.NO_DAYS),
            ({TODAY: father}, DaysFault.PAST),
            ({EVEN: father}, NO_TERMS),
            ({date(2029, 1, 1): father}, DaysFault.TOO_FAR),
            (dict.fromkeys(foreseen_days(START, UNTIL), father), DaysFault.TOO_MANY),
            ({EVEN: make_family(town[0], "Passant").pk}, NOT_SHARED),
        ):
            with pytest.raises(UnableToSettleCustodyError) as caught:
                self.decide(town, days)
            assert caught.value.fault == why
        settle(town)
        with pytest.raises(CustodyChangedMeanwhileError):
            self.decide(town, {EVEN: father}, seen="autre")


class TestADispute:
    @pytest.fixture
    def dispute(self, town):
        settle(town)
        row = propose_custody(
            town[1].pk, from_home=town[3].pk, terms=WEEKS, starts_on=date(2027, 1, 4), words="Je change d’équipe.",
            offer=offer(town), by=AGENT, at=NOW,
        )  # fmt: skip
        return answer_proposal(row, agrees=False, words="Non.", offer=offer(town), by=AGENT, at=NOW)

    def test_other_terms_than_those_asked_dismiss_them_and_hold(self, town, dispute):
        other = CustodyTerms(changeover=2, booking=Booking.EITHER)
        done = decide_proposal(
            dispute, accepts=False, words="Le mercredi.", instead=other, starts_on=date(2027, 2, 1),
            offer=offer(town), by=AGENT, at=NOW,
        )  # fmt: skip

        assert done.state == CustodyProposal.State.DISMISSED
        assert (done.starts_on, done.decision) == (date(2027, 1, 4), "Le mercredi.")
        standing = SharedCustody.objects.filter(child=town[1], withdrawn_at__isnull=True).latest("starts_on")
        assert (standing.settled, standing.starts_on, standing.first_home_id) == (
            other, date(2027, 2, 1), town[3].pk,
        )  # fmt: skip
        with pytest.raises(AlreadyAnsweredError):
            decide_proposal(dispute, accepts=True, words="", offer=offer(town), by=AGENT, at=NOW)

    def test_other_terms_begin_on_a_day_to_come(self, town, dispute):
        with pytest.raises(UnableToSettleCustodyError):
            decide_proposal(
                dispute, accepts=False, words="", instead=WEEKS, starts_on=TODAY, offer=offer(town), by=AGENT, at=NOW
            )
        with pytest.raises(CustodyChangedMeanwhileError):
            decide_proposal(dispute, accepts=True, words="", seen="autre", offer=offer(town), by=AGENT, at=NOW)
