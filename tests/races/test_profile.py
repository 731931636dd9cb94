"""A change is answered once, whoever presses at the same instant, and the file is never half changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.families.models import Child, Family, HealthRecord, ProposedChange
from marelle.domain.families.operations.profile import UnableToDecideError, change_profile, decide_change
from marelle.foundation import tenancy
from marelle.foundation.actors import Actor, ActorKind
from marelle.foundation.models import AuditEntry
from tests.factories.town import make_authority, make_child, make_family

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
AGENT = Actor(ActorKind.AGENT)


class Home:
    """A family that asked to be called otherwise, and agents about to answer."""

    def __init__(self):
        self.authority = make_authority()
        self.family = make_family(self.authority, "Benali")
        self.child = make_child(self.family, "Inès")
        with tenancy.scope({self.authority.pk}):
            self.by = Actor(ActorKind.FAMILY, self.family.memberships.get().user_id)
        self.want(family_name="Roy")

    def want(self, child=None, **values):
        with tenancy.scope({self.authority.pk}):
            return change_profile(self.family, values, child=child, by=self.by, at=NOW)

    def changes(self):
        with tenancy.scope({self.authority.pk}):
            return list(ProposedChange.objects.order_by("pk"))

    def answer(self, change, *, is_approved):
        def press():
            with tenancy.scope({self.authority.pk}):
                return decide_change(change, is_approved=is_approved, reason="Non.", by=AGENT, at=NOW)

        return press

    @property
    def name(self):
        with tenancy.scope({self.authority.pk}):
            return Family.objects.get(pk=self.family.pk).name


def letters(before):
    return ProcrastinateJob.objects.filter(task_name="letters.change_decided").count() - before


@pytest.fixture
def home(db):
    return Home()


def test_two_agents_who_approve_at_once_approve_once(home, at_once):
    (change,) = home.changes()
    before = letters(0)

    results = at_once([home.answer(change, is_approved=True)] * 8)

    assert sorted(results) == [False] * 7 + [True]
    assert home.name == "Roy"
    assert letters(before) == 1
    assert AuditEntry.objects.filter(verb="decide_change").count() == 1


def test_of_two_answers_that_differ_one_is_given_and_the_other_told(home, at_once):
    (change,) = home.changes()

    results = at_once([home.answer(change, is_approved=number % 2 == 0) for number in range(8)])

    told = [one for one in results if isinstance(one, UnableToDecideError)]
    assert results.count(True) == 1
    assert len(told) == 4
    (decided,) = home.changes()
    assert (decided.state, home.name) in {("approved", "Roy"), ("refused", "Benali")}


def test_the_same_proposal_pressed_many_times_waits_once(home, at_once):
    at_once([lambda: home.want(family_name="Vasseur")] * 8)

    waiting = [one.new for one in home.changes() if one.state == "waiting"]
    assert waiting == ["Vasseur"]


def test_two_things_about_the_health_of_a_child_approved_at_once_are_in_one_record(home, at_once):
    home.want(child=home.child, child_diet="sans porc", child_last_name="Roy")
    of_the_child = [one for one in home.changes() if one.child_id]

    results = at_once([home.answer(one, is_approved=True) for one in of_the_child])

    assert results == [True, True]
    with tenancy.scope({home.authority.pk}):
        assert HealthRecord.objects.get(child=home.child).diet == "sans porc"
        assert Child.objects.get(pk=home.child.pk).last_name == "Roy"
