"""The journal tells who did what to which row, and never who a person is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.reservations.models import CancellationRequest, Reservation
from marelle.domain.reservations.operations.attendance import record_attendance
from marelle.domain.reservations.operations.by_agents import (
    cancel_for_family,
    reserve_for_family,
)
from marelle.domain.reservations.operations.cancellations import decide_cancellation
from marelle.domain.reservations.queries.planning import DayKey
from marelle.foundation import audit, clock
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import NOW, THURSDAY
from tests.factories.town import make_reservation
from tests.house.whole_town import PERSONAL, make_whole_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy_town(in_scope):
    """A town where a family and an agent have done a little of everything."""
    town = make_whole_town("Dammartin")
    in_scope(town.authority)
    home, child, meal = town.home, town.child, town.meal
    agent = Actor(ActorKind.AGENT, town.agent.user_id)
    home.valider(words="Mot de la famille")
    decide_cancellation(
        town.asked, is_accepted=True, is_refunded=True, reason="Certificat de Ysoline reçu", by=agent, at=NOW
    )
    day = THURSDAY + timedelta(days=4)
    reserve_for_family(
        child,
        key=DayKey(child.pk, meal.pk, day),
        family=home.family.pk,
        offer=home.offer,
        reason="Appel de Mme Quenneville",
        by=agent,
        at=NOW,
    )
    cancel_for_family(
        Reservation.objects.get(date=day), reason="Ysoline est malade", is_refunded=False, by=agent, at=NOW
    )
    record_attendance({(child.pk, meal.pk): "absent"}, day=THURSDAY, authority=town.authority.pk, by=agent, at=NOW)
    return town


def test_no_line_names_a_person(busy_town):
    lines = json.dumps(list(AuditEntry.objects.values("verb", "object_type", "details")), ensure_ascii=False)

    assert AuditEntry.objects.count() >= 5
    assert [word for word in PERSONAL if word in lines] == []


def test_no_message_of_the_queue_names_a_person(busy_town):
    messages = json.dumps(list(ProcrastinateJob.objects.values("task_name", "args")), ensure_ascii=False)

    assert busy_town.home.posted()
    assert [word for word in PERSONAL if word in messages] == []


def test_details_are_keys_counts_and_codes(busy_town):
    values = [value for details in AuditEntry.objects.values_list("details", flat=True) for value in details.values()]

    assert values
    assert [value for value in values if isinstance(value, str) and " " in value] == []


def test_every_line_says_who_which_and_both_moments(busy_town):
    for line in AuditEntry.objects.all():
        assert line.authority_key == busy_town.authority.pk
        assert line.actor_kind in {"family", "agent"}
        assert line.actor_key
        assert line.business_at == NOW


def test_the_answer_to_a_request_can_be_followed(busy_town):
    line = AuditEntry.objects.get(verb="accept_cancellation")

    assert line.object_type == "cancellation_request"
    (answered,) = [one for one in CancellationRequest.objects.all() if one.reason == "Certificat de Ysoline reçu"]
    assert line.object_key == answered.pk
    assert line.actor_key == busy_town.agent.user_id


def test_business_time_may_be_another_day_the_recording_is_the_machines():
    with clock.visiting(NOW), permitted("test"):
        audit.record("test", authority=None, of="nothing", key=None, by=SYSTEM, at=clock.business_now())

    line = AuditEntry.objects.get()
    assert line.business_at == NOW
    assert abs(line.recorded_at - clock.machine_now()) < timedelta(minutes=1)
    assert (line.actor_kind, line.actor_key) == ("system", None)


def test_a_line_goes_with_its_transaction(in_scope):
    town = make_whole_town("Dammartin")
    in_scope(town.authority)
    before = AuditEntry.objects.count()
    row = make_reservation(town.child, town.meal, THURSDAY + timedelta(days=5), family=town.home.family)

    def cancel_then_fail():
        with transaction.atomic():
            cancel_for_family(row, reason="Motif", is_refunded=False, by=SYSTEM, at=NOW)
            assert AuditEntry.objects.count() == before + 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cancel_then_fail()

    assert AuditEntry.objects.count() == before
