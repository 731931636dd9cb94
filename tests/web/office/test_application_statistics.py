"""The delays of the services: counted by procedure and by service, on screen and as a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.procedures.operations.reviewing import decide, request_changes
from marelle.domain.procedures.operations.silence import decide_by_silence
from marelle.domain.procedures.operations.submitting import withdraw_application
from marelle.domain.procedures.queries.clocks import working_calendar
from marelle.domain.procedures.queries.statistics import received_before, statistics
from marelle.domain.procedures.rules.clocks import ONE_DAY, Delay, DelayUnit, last_day
from marelle.domain.procedures.rules.states import Decision
from marelle.foundation.actors import SYSTEM, Actor, ActorKind
from tests.domain.household import NOW
from tests.factories.applications import make_sent, person_of, pickup_of
from tests.factories.procedures import make_procedure, make_service_in_charge
from tests.factories.town import make_agent, make_child
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
ROLES = frozenset({"administer"})


@pytest.fixture
def town(office, in_scope):
    in_scope(office.authority)
    office.child = make_child(office.family, "Inès")
    office.by = Actor(ActorKind.AGENT, office.agent.user_id)
    office.pickup = make_procedure(office.authority, documents=[])
    return office


def sent(town, days_ago, procedure=None, **given):
    at = NOW - timedelta(days=days_ago)
    return make_sent(town.family, procedure or town.pickup, pickup_of(town.child, **given), at=at)


def answered(town, days_ago, after, decision=Decision.APPROVE):
    found = sent(town, days_ago)
    at = NOW - timedelta(days=days_ago - after)
    return decide(found, decision, reasons="Vu.", expected=found.revision, by=town.by, at=at)


def counted(town, first=date(2026, 1, 1), last=TODAY, roles=ROLES):
    return statistics(roles, first=first, last=last, authority=town.authority, on=TODAY, at=NOW)


def test_counts_and_delays_of_a_period(town):
    for after in (1, 2, 3, 4, 20):
        answered(town, 40, after)
    answered(town, 40, 10, Decision.REJECT)
    decide_by_silence(sent(town, 90), does_effect=False, by=SYSTEM, at=NOW)
    withdraw_application(sent(town, 5), by=person_of(town.family), at=NOW)
    asked = sent(town, 4)
    request_changes(asked, "Illisible.", codes=[], due_on=TODAY + ONE_DAY, expected=asked.revision, by=town.by, at=NOW)

    found = counted(town)

    (one,) = found.by_procedure
    assert one.name == "Autorisation de récupération d’un enfant"
    assert (one.received, one.decided, one.by_silence, one.refused, one.completed) == (9, 6, 1, 1, 1)
    assert (one.median, one.nine_tenths) == (3.5, 15.0)
    assert (one.open, one.late) == (1, 0)
    assert [told.name for told in found.by_service] == ["Service Enfance"]
    assert found.whole.received == 9


def test_the_period_is_of_local_days_both_counted(town):
    late_evening = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)  # the 11th, half past midnight in Paris
    make_sent(town.family, town.pickup, pickup_of(town.child), at=late_evening)

    def received(first, last):
        return counted(town, date(2026, 11, first), date(2026, 11, last)).whole.received

    assert [received(10, 10), received(11, 11), received(9, 12)] == [0, 1, 1]


def test_late_is_past_the_day_kept_or_past_the_delay_where_silence_decides_nothing(town):
    delay = {"count": 10, "unit": "working_days"}
    free = make_procedure(
        town.authority, "message", title="Message", documents=[], silence="decides_nothing", delay=delay
    )
    sent(town, 63)  # two months were over on 21 November, and no night has passed on it
    sent(town, 30)
    sent(town, 30, free)
    sent(town, 3, free)

    late = {one.name: (one.open, one.late) for one in counted(town).by_procedure}

    assert late == {"Autorisation de récupération d’un enfant": (2, 1), "Message": (2, 1)}


@pytest.mark.parametrize("delay", [Delay(2), Delay(1), Delay(15, DelayUnit.DAYS), Delay(10, DelayUnit.WORKING_DAYS)])
def test_the_latest_reception_whose_time_is_over(town, delay):
    calendar = working_calendar(town.authority, at=NOW)

    day = received_before(delay, calendar, on=TODAY)

    assert last_day(day, delay, calendar) < TODAY <= last_day(day + ONE_DAY, delay, calendar)


def test_as_many_questions_for_many_as_for_few(town):
    def questions():
        with CaptureQueriesContext(connection) as asked:
            counted(town)
        return len(asked)

    answered(town, 40, 1)
    few = questions()
    for number in range(6):
        procedure = make_procedure(town.authority, f"autre_{number}", title=f"Autre {number}", documents=[])
        sent(town, 10, procedure)
    assert questions() == few


def test_an_agent_counts_only_what_her_services_answer(town):
    make_service_in_charge(town.authority, "regie", name="Régie", role=Grant.Role.MANAGE_BILLING)
    sent(town, 3, make_procedure(town.authority, "facture", title="Facture", documents=[], service="regie"))
    sent(town, 3)

    assert counted(town).whole.received == 2
    own = counted(town, roles=frozenset({Grant.Role.MANAGE_BILLING.value}))
    assert [one.name for one in own.by_procedure] == ["Facture"]


class TestTheScreen:
    def page(self, town, status=200, **asked):
        response = town.client.get(town.at("demandes/delais/"), asked)
        assert response.status_code == status
        return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")

    def test_nothing_to_count(self, town):
        assert "Rien à compter" in self.page(town)

    def test_figures_in_words(self, town):
        answered(town, 40, 3)
        answered(town, 40, 0)

        text = self.page(town)

        for said in ("du 1ᵉʳ novembre 2025 au 23 novembre 2026", "2 jours", "3 jours", "Service Enfance"):
            assert said in text

    def test_a_period_that_is_none_says_so(self, town):
        assert "Le premier jour vient après le dernier." in self.page(town, 400, du="2026-11-02", au="2026-11-01")
        assert "Indiquez" in self.page(town, 400, du="hier", au="2026-11-01")

    def test_the_table_opens_in_a_spreadsheet(self, town):
        answered(town, 40, 3)

        response = town.client.get(town.at("demandes/delais/tableau.csv"), {"du": "2026-01-01", "au": "2026-11-23"})

        assert response["Content-Disposition"] == 'attachment; filename="delais-2026-01-01-2026-11-23.csv"'
        head, procedure, service, whole = response.content.decode("utf-8-sig").splitlines()
        assert head.startswith("Par;Nom;Reçues;Décidées")
        assert procedure == "Démarche;Autorisation de récupération d’un enfant;1;1;3;3;0;0;0;0;0"
        assert (service[:24], whole[:13]) == ("Service;Service Enfance;", "Ensemble;Ense")

    def test_another_role_does_not_open_them(self, town):
        biller = signed_in(make_agent(town.authority, "Ana", Grant.Role.MANAGE_BILLING))

        assert biller.get(town.at("demandes/delais/")).status_code == 403
        assert biller.get(town.at("demandes/delais/tableau.csv")).status_code == 403
