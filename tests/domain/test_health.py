"""What is known of a child's health, written by an agent: encrypted, in nobody's journal, and due to be renewed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.families.models import Custody, HealthRecord
from marelle.domain.families.operations.health import UnableToRecordHealthError, record_health
from marelle.domain.families.queries.health import care_plans_ending
from marelle.domain.families.rules.health import HealthFault, HealthNote
from marelle.foundation.encryption import decrypt
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW, journal
from tests.factories.town import make_authority, make_child, make_family

pytestmark = pytest.mark.django_db

TODAY, SUMMER = date(2026, 11, 23), date(2027, 8, 31)


@pytest.fixture
def town(in_scope):
    authority = make_authority()
    in_scope(authority)
    return authority


@pytest.fixture
def family(town):
    return make_family(town, "Benali")


@pytest.fixture
def child(family):
    return make_child(family, "Inès", diet="sans porc")


def note(child, **said):
    return record_health(child, HealthNote(**said), by=AGENT, at=NOW)


def known(child):
    return HealthRecord.objects.values_list("diet", "allergies", "care_plan", "care_plan_until").get(child=child)


def test_a_note_adds_to_what_is_known(child):
    assert note(child, allergies="arachide", care_plan="Trousse au bureau.", care_plan_until=SUMMER) is True

    assert known(child) == ("sans porc", "arachide", "Trousse au bureau.", SUMMER)


def test_a_child_of_whom_nothing_was_known_gets_a_record(family):
    child = make_child(family, "Adam")

    assert note(child) is False
    assert note(child, allergies=" ") is False
    assert not HealthRecord.objects.exists()
    assert note(child, allergies="œuf") is True
    assert known(child) == ("", "œuf", "", None)


def test_the_same_again_writes_nothing(child):
    note(child, allergies="arachide")
    lines = journal()

    assert note(child, allergies=" arachide ") is False
    assert note(child, diet="sans porc") is False
    assert journal() == lines


def test_the_day_of_a_care_plan_goes_with_it(child):
    note(child, care_plan="Trousse au bureau.", care_plan_until=SUMMER)

    assert note(child, care_plan="") is True
    assert known(child) == ("sans porc", "", "", None)


def test_what_is_not_taken_says_why(child):
    with pytest.raises(UnableToRecordHealthError) as refused:
        note(child, allergies="x" * 401, care_plan_until=SUMMER)

    assert refused.value.faults == {
        "allergies": HealthFault.TOO_LONG,
        "care_plan_until": HealthFault.NO_CARE_PLAN,
    }
    assert known(child) == ("sans porc", "", "", None)


def test_the_journal_says_that_it_changed_and_nothing_of_what(child):
    note(child, allergies="arachide", care_plan="Trousse.", care_plan_until=SUMMER)

    assert journal() == [("record_health", {})]


def test_the_day_is_encrypted_as_the_rest(child):
    note(child, care_plan="Trousse.", care_plan_until=SUMMER)

    with connection.cursor() as cursor:
        cursor.execute("SELECT care_plan_until FROM families_healthrecord")
        ((token,),) = cursor.fetchall()
    assert "2027" not in token
    assert decrypt(token) == "2027-08-31"
    with pytest.raises(TypeError, match="cannot be looked up"):
        HealthRecord.objects.filter(care_plan_until=SUMMER).exists()


class TestToRenew:
    def plan(self, family, name, until):
        child = make_child(family, name)
        note(child, care_plan="Trousse.", care_plan_until=until)
        return child

    def ending(self, town, **options):
        options = {"on": TODAY, "within_days": 60, **options}
        return [(one.child.first_name, one.until) for one in care_plans_ending(town.pk, **options)]

    def test_those_that_end_soon_and_those_that_ended_the_first_first(self, town, family):
        for name, days in (("Lou", 61), ("Max", 60), ("Ana", -1), ("Zoé", -400), ("Bob", 0)):
            self.plan(family, name, TODAY + timedelta(days=days))

        assert [name for name, _until in self.ending(town)] == ["Zoé", "Ana", "Bob", "Max"]

    def test_those_without_a_day_are_not_said_to_end(self, town, family):
        note(make_child(family, "Ana"), care_plan="Trousse.")

        assert self.ending(town) == []

    def test_a_child_who_left_is_not_asked_for_a_paper(self, town, family):
        child = self.plan(family, "Ana", TODAY)
        with permitted("test"):
            Custody.objects.filter(child=child).update(ends_on=TODAY - timedelta(days=1))

        assert self.ending(town) == []

    def test_a_child_of_two_homes_is_there_once(self, town, family):
        child = self.plan(family, "Ana", TODAY)
        other = make_family(town)
        with permitted("test"):
            Custody.objects.create(authority=town, child=child, family=other, starts_on=date(2026, 9, 1))

        (one,) = care_plans_ending(town.pk, on=TODAY, within_days=60)
        assert one.family == family

    def test_it_asks_as_little_for_many(self, town, family):
        counts = []
        for count in (1, 9):
            for number in range(count):
                self.plan(family, f"Enfant {number}", TODAY)
            with CaptureQueriesContext(connection) as asked:
                care_plans_ending(town.pk, on=TODAY, within_days=60)
            counts.append(len(asked))

        assert counts == [2, 2]
