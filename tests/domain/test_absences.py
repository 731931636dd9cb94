"""Absences told after the deadline: recorded once, taken back in time, and read with the règlement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from marelle.domain.authorities.models import Authority
from marelle.domain.catalog.models import Reglement
from marelle.domain.catalog.rules.absences import Cause
from marelle.domain.reservations.models import Absence, Attendance, Reservation
from marelle.domain.reservations.operations.absences import (
    UnableToRecordCertificateError,
    UnableToTellError,
    record_certificate,
    report_absence,
    withdraw_absence,
)
from marelle.domain.reservations.operations.baskets import Refused
from marelle.domain.reservations.operations.by_agents import cancel_for_family
from marelle.domain.reservations.queries.absences import absences_of, readings_of, recent_absences
from marelle.domain.reservations.queries.planning import ChildFacts, DayKey, read_planning
from marelle.domain.reservations.rules.absences import Untold
from marelle.domain.reservations.rules.decisions import Reason
from marelle.domain.reservations.rules.sentences import reading_sentence
from marelle.domain.reservations.rules.squares import SquareState
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.jobs import tasks
from marelle.letters.models import Letter
from tests.domain.household import AFTER_NINE, AGENT, NOW, THURSDAY, TUESDAY, Household, journal, states, taken
from tests.factories.town import DAY_BEFORE_AT_NINE, make_authority, make_child, make_product, make_reservation

pytestmark = pytest.mark.django_db

MONDAY = NOW.date()
WORDS = "Varicelle depuis hier"
# Illness: not billed when told before 9:30 with a certificate within two days, nor from the third day on.
CANTEEN = {
    **DAY_BEFORE_AT_NINE,
    "absence": {
        "clauses": [
            {
                "causes": ["illness"],
                "told": {"by": {"shape": "same_day", "time": "09:30", "boundary": "lt"}},
                "certificate": {"within": 48, "unit": "hour"},
                "bills": "nothing",
            },
            {"causes": ["illness"], "from_day": 3, "bills": "nothing"},
        ],
        "otherwise": "full",
    },
}


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def home(in_scope):
    """A family whose child is expected for lunch today, Monday, at a canteen with a rule for illness."""
    authority = make_authority()
    in_scope(authority)
    home = Household(authority)
    home.meal = make_product(authority, rules=CANTEEN)
    home.child = make_child(home.family, products=(home.meal,))
    home.today = make_reservation(home.child, home.meal, MONDAY, family=home.family)
    return home


def tell(home, day=MONDAY, *, cause=Cause.ILLNESS, words="", at=NOW, family=None, child=None, product=None):
    child, product = child or home.child, product or home.meal
    return report_absence(
        child,
        key=DayKey(child.pk, product.pk, day),
        family=(family or home.family).pk,
        offer=home.offer,
        cause=cause,
        words=words,
        by=home.by,
        at=at,
    )


def take_back(home, day=MONDAY, *, at=NOW, family=None):
    key = DayKey(home.child.pk, home.meal.pk, day)
    withdraw_absence(home.child, key=key, family=(family or home.family).pk, offer=home.offer, by=home.by, at=at)


def said(home, absence, *, at=NOW):
    absence = absences_of(home.family.pk).get(pk=absence.pk)
    reading = readings_of([absence], offer=home.offer, at=at)[absence.pk]
    return plain(reading_sentence(reading, zone=home.offer.zone))


class TestTelling:
    def test_what_was_told_is_recorded_and_the_place_stays_taken(self, home):
        absence = tell(home, words=f"  {WORDS}  ")

        row = Absence.objects.get()
        assert row == absence
        assert (row.reservation_id, row.cause, row.told_at) == (home.today.pk, "illness", NOW)
        assert (row.told_by_id, row.words) == (home.user, WORDS)
        assert states() == [(MONDAY, "reserved")]
        assert taken(home.meal, MONDAY) == 1

    def test_the_family_is_written_to_and_the_journal_keeps_no_word(self, home):
        absence = tell(home, words=WORDS)

        assert home.posted() == ["letters.absence_told"]
        assert journal() == [("report_absence", {})]
        line = AuditEntry.objects.get()
        assert (line.object_type, line.object_key) == ("absence", absence.pk)

    def test_cause_and_words_are_ciphertext_in_the_table(self, home):
        tell(home, words=WORDS)

        with connection.cursor() as cursor:
            cursor.execute("SELECT cause, words FROM reservations_absence")
            cause, words = cursor.fetchone()
        assert "illness" not in cause
        assert "Varicelle" not in words

    def test_a_second_time_is_refused(self, home):
        tell(home)

        with pytest.raises(UnableToTellError) as refused:
            tell(home, at=NOW + timedelta(minutes=1))

        assert refused.value.no.reason is Untold.ALREADY_TOLD
        assert Absence.objects.count() == 1

    def test_the_table_itself_refuses_two(self, home):
        tell(home)

        with permitted("test"), pytest.raises(IntegrityError, match="one_active_absence"), transaction.atomic():
            Absence.objects.create(authority=home.authority, reservation=home.today, cause="other", told_at=NOW)

    def test_while_one_can_cancel_one_is_told_to(self, home):
        make_reservation(home.child, home.meal, TUESDAY, family=home.family)

        with pytest.raises(UnableToTellError) as refused:
            tell(home, TUESDAY, at=NOW)

        assert refused.value.no.reason is Untold.CANCEL_INSTEAD
        assert refused.value.no.until.moment == AFTER_NINE
        tell(home, TUESDAY, at=AFTER_NINE)
        assert Absence.objects.count() == 1

    def test_a_day_that_is_not_reserved_or_only_held(self, home):
        make_reservation(
            home.child, home.meal, TUESDAY, family=home.family, state="held", held_until=NOW + timedelta(days=3)
        )

        for day, reason in ((THURSDAY, Untold.NOT_RESERVED), (TUESDAY, Untold.HELD)):
            with pytest.raises(UnableToTellError) as refused:
                tell(home, day, at=AFTER_NINE)
            assert refused.value.no.reason is reason
        assert Absence.objects.count() == 0

    def test_the_other_home_may_not(self, home):
        other = Household(home.authority, "Autre foyer")

        with pytest.raises(UnableToTellError) as refused:
            tell(home, family=other.family)

        assert refused.value.no.reason is Untold.OTHER_HOME

    def test_a_child_seen_there_was_not_absent(self, home):
        with permitted("factory"):
            Attendance.objects.create(
                authority=home.authority,
                child=home.child,
                product=home.meal,
                date=MONDAY,
                state="present",
                recorded_at=NOW,
            )

        with pytest.raises(UnableToTellError) as refused:
            tell(home)

        assert refused.value.no.reason is Untold.WAS_PRESENT

    def test_a_pending_cancellation_stands_in_the_way(self, home):
        make_reservation(home.child, home.meal, TUESDAY, family=home.family)
        home.wish(home.child, home.meal, TUESDAY, wanted=False)
        home.valider()

        with pytest.raises(UnableToTellError) as refused:
            tell(home, TUESDAY, at=AFTER_NINE)

        assert refused.value.no.reason is Untold.ASKED

    def test_a_told_day_can_no_longer_be_cancelled_by_a_family(self, home):
        make_reservation(home.child, home.meal, TUESDAY, family=home.family)
        home.wish(home.child, home.meal, TUESDAY, wanted=False)
        tell(home, TUESDAY, at=AFTER_NINE)

        outcome = home.valider(at=NOW)

        assert isinstance(outcome, Refused)
        assert [line[2].reason for line in outcome.lines] == [Reason.TOLD_ABSENT]

    def test_an_agent_may_still_cancel_it_and_nothing_is_told_any_more(self, home):
        tell(home)
        cancel_for_family(home.today, reason="Grève", is_refunded=True, by=AGENT, at=NOW)

        assert list(absences_of(home.family.pk)) == []

    def test_the_square_says_it(self, home):
        key = DayKey(home.child.pk, home.meal.pk, MONDAY)

        def shown():
            planning = read_planning(
                [ChildFacts(home.child.pk, home.child.birth_date)],
                [home.offer.product_by_pk[home.meal.pk]],
                MONDAY,
                MONDAY,
                offer=home.offer,
                family=home.family.pk,
                user=home.user,
            )
            return planning.square(key, at=NOW).state, planning.told

        assert shown() == (SquareState.LOCKED, {})
        tell(home)
        assert shown() == (SquareState.ABSENCE_TOLD, {key: NOW})
        take_back(home)
        assert shown() == (SquareState.LOCKED, {})


class TestTakingBack:
    def test_in_time_the_child_is_expected_again(self, home):
        tell(home)
        take_back(home, at=NOW + timedelta(hours=1))

        row = Absence.objects.get()
        assert row.withdrawn_at == NOW + timedelta(hours=1)
        assert list(absences_of(home.family.pk)) == []
        assert [verb for verb, _details in journal()] == ["report_absence", "withdraw_absence"]

    def test_it_can_be_told_again_and_both_tellings_stay(self, home):
        tell(home)
        take_back(home)
        tell(home, cause=Cause.OTHER, at=NOW + timedelta(minutes=5))

        assert [row.cause for row in Absence.objects.order_by("pk")] == ["illness", "other"]

    def test_nothing_was_told(self, home):
        with pytest.raises(UnableToTellError) as refused:
            take_back(home)

        assert refused.value.no.reason is Untold.NOT_TOLD

    def test_once_the_service_is_over_it_stays(self, home):
        tell(home)

        with pytest.raises(UnableToTellError) as refused:
            take_back(home, at=datetime(2026, 11, 23, 12, 30, tzinfo=UTC))

        assert refused.value.no.reason is Untold.SERVICE_OVER
        assert Absence.objects.get().withdrawn_at is None

    def test_by_the_other_home(self, home):
        tell(home)
        other = Household(home.authority, "Autre foyer")

        with pytest.raises(UnableToTellError) as refused:
            take_back(home, family=other.family)

        assert refused.value.no.reason is Untold.OTHER_HOME


class TestCertificates:
    def test_recorded_then_undone(self, home):
        absence = tell(home)
        received = NOW + timedelta(days=1)

        record_certificate(absence, received_at=received, by=AGENT, at=received)
        assert Absence.objects.get().certificate_at == received
        record_certificate(absence, received_at=None, by=AGENT, at=received)
        assert Absence.objects.get().certificate_at is None

        assert [verb for verb, _details in journal()][1:] == ["record_certificate", "forget_certificate"]

    def test_the_same_moment_twice_changes_nothing(self, home):
        absence = tell(home)
        for _ in range(2):
            record_certificate(absence, received_at=NOW, by=AGENT, at=NOW)

        assert len(journal()) == 2

    def test_not_before_it_came_nor_of_a_telling_that_was_withdrawn(self, home):
        absence = tell(home)
        with pytest.raises(UnableToRecordCertificateError):
            record_certificate(absence, received_at=NOW + timedelta(minutes=1), by=AGENT, at=NOW)
        take_back(home)
        with pytest.raises(UnableToRecordCertificateError):
            record_certificate(absence, received_at=NOW, by=AGENT, at=NOW)

        assert Absence.objects.get().certificate_at is None


class TestWhatItComesTo:
    def test_a_certificate_is_awaited_to_the_minute(self, home):
        absence = tell(home)

        assert said(home, absence) == (
            "Non facturé si un certificat arrive au plus tard mercredi 25 novembre, 8 h, sinon facturé."
        )

    def test_with_it_nothing_is_billed(self, home):
        absence = tell(home)
        record_certificate(absence, received_at=NOW, by=AGENT, at=NOW)

        assert said(home, absence) == "Non facturé."

    def test_told_too_late(self, home):
        absence = tell(home, at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC))

        assert said(home, absence) == "Facturé : le délai pour prévenir était 9 h 30."

    def test_the_third_day_counts_those_that_were_told_and_those_seen_absent(self, home):
        later = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
        for day in (TUESDAY, THURSDAY):
            make_reservation(home.child, home.meal, day, family=home.family)
        tell(home, at=later)
        third = tell(home, THURSDAY, at=later)
        assert said(home, third, at=later) == "Facturé : le délai pour prévenir était 9 h 30."

        with permitted("factory"):
            Attendance.objects.create(
                authority=home.authority,
                child=home.child,
                product=home.meal,
                date=TUESDAY,
                state="absent",
                recorded_at=later,
            )

        assert said(home, third, at=later) == "Non facturé."

    def test_without_a_rule_of_absences_the_day_is_billed(self, home):
        study = make_product(home.authority, name="Étude", noun="étude")
        child = make_child(home.family, "Mateo", products=(study,))
        make_reservation(child, study, MONDAY, family=home.family)

        assert said(home, tell(home, child=child, product=study)) == "Facturé."

    def test_a_reglement_that_cannot_be_read_is_for_the_town_hall(self, home):
        absence = tell(home)
        with permitted("factory"):
            Reglement.objects.update(rules={"book": "?"})
            Authority.objects.update(catalog_version=F("catalog_version") + 1)

        assert said(home, absence).startswith("Ce qui est facturé est à demander à la mairie")

    @pytest.mark.parametrize("count", [1, 6])
    def test_three_statements_however_many(self, home, count, django_assert_num_queries):
        for number in range(count):
            product = home.meal if number % 2 else make_product(home.authority, rules=CANTEEN)
            child = make_child(home.family, f"Enfant {number}", products=(product,))
            make_reservation(child, product, MONDAY, family=home.family)
            tell(home, child=child, product=product)
        offer = home.offer
        found = list(recent_absences([product.pk for product in offer.products], since=NOW - timedelta(days=1)))

        with django_assert_num_queries(3):
            readings = readings_of(found, offer=offer, at=NOW)

        assert len(readings) == count
        assert all(reading.is_awaited for reading in readings.values())

    def test_none_asks_nothing(self, home, django_assert_num_queries):
        offer = home.offer
        with django_assert_num_queries(0):
            assert readings_of([], offer=offer, at=NOW) == {}


def test_the_latest_told_comes_first_and_old_ones_are_left_out(home):
    mateo = make_child(home.family, "Mateo", products=(home.meal,))
    make_reservation(mateo, home.meal, MONDAY, family=home.family)
    first, second = tell(home), tell(home, child=mateo, at=NOW + timedelta(minutes=1))

    assert list(recent_absences([home.meal.pk], since=NOW)) == [second, first]
    assert list(recent_absences([home.meal.pk], since=NOW + timedelta(seconds=1))) == [second]
    assert list(recent_absences([], since=NOW)) == []


class TestTheLetter:
    def test_it_says_what_was_told_and_what_it_comes_to_but_never_why(self, home, monday_morning):
        absence = tell(home, words=WORDS)

        tasks.absence_told(authority=home.authority.pk, absence=absence.pk)

        (letter,) = mail.outbox
        text = plain(letter.body)
        assert plain(letter.subject) == "Absence signalée : repas du lundi 23 novembre"
        assert "Lucia, repas, lundi 23 novembre. Prévenu lundi 23 novembre, 8 h." in text
        assert "Non facturé si un certificat arrive au plus tard mercredi 25 novembre, 8 h, sinon facturé." in text
        assert f"/absences/{home.child.public_id}.{home.meal.public_id}.2026-11-23/" in text
        assert "aladie" not in text
        assert "Varicelle" not in text

    def test_once_and_not_when_it_was_taken_back(self, home, monday_morning):
        absence = tell(home)
        for _ in range(2):
            tasks.absence_told(authority=home.authority.pk, absence=absence.pk)
        assert len(mail.outbox) == Letter.objects.count() == 1

        take_back(home)
        again = tell(home)
        take_back(home)
        tasks.absence_told(authority=home.authority.pk, absence=again.pk)

        assert len(mail.outbox) == 1


def test_a_reservation_that_goes_takes_its_absences_with_it(home):
    tell(home)

    with permitted("test"):
        Reservation.objects.get().delete()

    assert Absence.objects.count() == 0
