"""Two agents, two presses, a withdrawal at once; a server that dies in the middle: one decision, one effect."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import OperationalError, connection, connections

from marelle.domain.procedures.models import Application, AppliedEffect
from marelle.domain.procedures.operations.refusals import UnableToWriteError, WhyNot
from marelle.domain.procedures.operations.reviewing import decide
from marelle.domain.procedures.operations.submitting import withdraw_application
from marelle.domain.procedures.rules.states import Decision, State
from marelle.foundation import tenancy
from tests.factories.ready_answers import EFFECTIVE, LATER, Asking

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
# Each of the others takes the same path: in the torture.
EACH = [
    pytest.param(code, marks=() if code in {"recuperation", "remboursement"} else pytest.mark.torture)
    for code in EFFECTIVE
]


def inside(asking, function):
    def run():
        with tenancy.scope({asking.authority.pk}):
            return function()

    return run


def deciding(asking, application, decision=Decision.APPROVE):
    with tenancy.scope({asking.authority.pk}):
        given = asking.accepted(application)

    def run():
        return decide(
            application,
            decision,
            reasons="Parce que." if decision is Decision.REJECT else "",
            given=given,
            expected=application.revision,
            by=asking.agent,
            at=LATER,
        ).state

    return inside(asking, run)


def expected_once(asking, code):
    """Return what one acceptance writes, judged beside, in a town of its own."""
    other = Asking()
    deciding(other, other.sent(code))()
    return other.written()


@pytest.mark.parametrize("code", EACH)
def test_accepted_by_six_at_once_it_is_done_once(at_once, code):
    asking = Asking()
    once = expected_once(asking, code)
    application = asking.sent(code)

    outcomes = at_once([deciding(asking, application)] * 6, connections_at_most=6)

    assert set(outcomes) == {State.APPROVED}
    assert asking.written() == once
    with tenancy.scope({asking.authority.pk}):
        assert AppliedEffect.objects.count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_accepted_and_refused_at_once_one_of_them_is_told(at_once, round_):
    asking = Asking()
    application = asking.sent("recuperation")
    acts = [deciding(asking, application), deciding(asking, application, Decision.REJECT)]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    (refused,) = [one for one in outcomes if isinstance(one, UnableToWriteError)]
    assert refused.why is WhyNot.CHANGED
    with tenancy.scope({asking.authority.pk}):
        decided = Application.objects.get()
        assert decided.state in outcomes
        assert AppliedEffect.objects.exists() is (decided.state == State.APPROVED)


@pytest.mark.parametrize("round_", range(3))
def test_withdrawn_while_it_is_accepted_it_is_one_or_the_other(at_once, round_):
    asking = Asking()
    application = asking.sent("adresse")
    withdrawing = inside(asking, lambda: withdraw_application(application, by=asking.home.by, at=LATER))
    acts = [deciding(asking, application), withdrawing]

    outcomes = at_once(acts if round_ % 2 else acts[::-1])

    assert sum(isinstance(one, UnableToWriteError) for one in outcomes) == 1
    with tenancy.scope({asking.authority.pk}):
        decided = Application.objects.get()
        assert AppliedEffect.objects.exists() is (decided.state == State.APPROVED)


@pytest.mark.parametrize("code", EACH)
def test_a_server_that_dies_between_the_effect_and_the_decision_leaves_nothing(code):
    """The effect is written, its line is about to be: the line is held by a lock, and the connection is cut there."""
    asking = Asking()
    application = asking.sent(code)
    before = asking.written()
    met = []

    def work():
        try:
            deciding(asking, application)()
        except OperationalError as error:
            met.append(error)
        finally:
            connections.close_all()

    with connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE procedures_appliedeffect IN EXCLUSIVE MODE")
        thread = threading.Thread(target=work)
        thread.start()
        cut = 0
        while not cut and thread.is_alive():
            time.sleep(0.02)
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the same activity otherwise
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND wait_event_type = 'Lock' AND query LIKE '%procedures_appliedeffect%'"
            )
            cut = cursor.fetchone()[0]
        thread.join(60)
        cursor.execute("ROLLBACK")

    assert cut == 1
    assert len(met) == 1
    assert asking.written() == before
    with tenancy.scope({asking.authority.pk}):
        assert Application.objects.get().state == State.SUBMITTED
        assert not AppliedEffect.objects.exists()
    assert deciding(asking, application)() == State.APPROVED
    assert asking.written() != before
