"""What there is to treat: each queue with its count, within the agent's reach; the way in leads there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.accounts.queries import agents_of
from marelle.domain.families.models import JoinRequest, ProposedChange
from marelle.domain.onboarding.models import Import
from marelle.domain.reservations.models import Absence, CancellationRequest, Reservation
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from marelle.web.doors import OfficeVisit
from marelle.web.office.inbox.queues import QUEUES, is_anything_waiting, lines_for
from marelle.web.office.surroundings import TREATING
from tests.conftest import MONDAY_MORNING
from tests.domain.test_absences import CANTEEN
from tests.factories import town
from tests.factories.joining import make_join_request
from tests.web.office.conftest import THURSDAY, TODAY, signed_in
from tests.web.office.test_day import body

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]
A_WEEK_AGO = datetime(2026, 11, 16, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def place(lasting):
    """A town where something waits in most queues, and whoever treats it; the oldest of all is a family to attach."""
    authority = town.make_authority()
    school = town.make_facility(authority)
    canteen = town.make_service(authority)
    meal = town.make_product(authority, service=canteen, facility=school, rules=CANTEEN)
    family = town.make_family(authority)
    child = town.make_child(family, "Lucia", products=(meal,))
    found = SimpleNamespace(
        authority=authority, school=school, meal=meal, family=family, child=child, agent=town.make_agent(authority)
    )
    add_to_each_queue(found, child, days_ago=0)
    with permitted("factory"), tenancy.scope({authority.pk}):
        make_join_request(authority, town.make_user(), asked_at=A_WEEK_AGO)
    return found


def add_to_each_queue(place, child, *, days_ago):
    """Make one row more in the queues of cancellations, certificates, changes, held places and imports."""
    authority, family = place.authority, place.family
    asked = MONDAY_MORNING - timedelta(days=days_ago, hours=1)
    for_thursday = town.make_reservation(child, place.meal, THURSDAY, family=family)
    ill = town.make_reservation(child, place.meal, TODAY, family=family)
    held = {"state": "held", "held_until": MONDAY_MORNING + timedelta(hours=9), "reserved_at": asked}
    town.make_reservation(child, place.meal, date(2026, 11, 27), family=family, **held)
    with permitted("factory"), tenancy.scope({authority.pk}):
        CancellationRequest.objects.create(authority=authority, reservation=for_thursday, asked_at=asked)
        Absence.objects.create(authority=authority, reservation=ill, cause="illness", told_at=asked)
        ProposedChange.objects.create(
            authority=authority,
            family=family,
            child=child,
            field="child_first_name",
            old="",
            new="x",
            proposed_at=asked,
        )
        ProposedChange.objects.create(
            authority=authority, family=family, child=child, field="child_diet", old="", new="x", proposed_at=asked
        )
        Import.objects.create(
            authority=authority, kind="onde-eleves", state="checked", holds_on=TODAY, checked_at=asked
        )


def visit_of(place, agent=None):
    agent = agent or place.agent
    with tenancy.every_authority():
        row = agents_of(agent.user_id).get(authority=place.authority)
    return OfficeVisit(
        authority=place.authority,
        at=MONDAY_MORNING,
        today=TODAY,
        user=agent.user,
        agent=row,
        roles=frozenset(row.roles),
    )


def counts(place, agent=None):
    with tenancy.scope({place.authority.pk}):
        return {line.queue.code: line.waiting.count for line in lines_for(visit_of(place, agent)) if line.waiting.count}


def page(place, client=None):
    return body((client or signed_in(place.agent)).get(f"/{place.authority.slug}/a-traiter/"))


def test_each_queue_says_how_much_waits(place):
    assert counts(place) == {
        "cancellations": 1,
        "held": 1,
        "certificates": 1,
        "changes": 2,
        "joining": 1,
        "imports": 1,
    }


def test_a_change_of_the_health_of_a_child_waits_for_who_may_know_it(place):
    roles = (Grant.Role.MANAGE_RESERVATIONS, Grant.Role.READ_FAMILIES)

    assert counts(place, town.make_agent(place.authority, "Paul", *roles))["changes"] == 1


def test_what_presses_comes_first_then_the_oldest(place):
    said = page(place)

    # A family has waited for seven days; Friday's place is not for tomorrow.
    assert said.index("Famille à rattacher") < said.index("Annulation demandée")
    # One is said alone, two together.
    assert "1 Famille à rattacher Presse Depuis le lundi 16 novembre, 7 jours." in said
    assert "2 Modifications de dossiers" in said
    assert "1 Annulation demandée Depuis aujourd’hui. La première est pour le jeudi 26 novembre." in said
    assert "Le premier délai finit le mercredi 25 novembre." in said
    assert "Dossiers qui se ressemblent Rien" in said


def test_only_what_is_within_reach_is_counted(place):
    elsewhere = town.make_facility(place.authority, "École du Lac")
    agent = town.make_agent(place.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS)
    with permitted("factory"), tenancy.scope({place.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=elsewhere)

    # Who sees some families would attach an account to the wrong one: she is not told of those who ask either.
    assert counts(place, agent) == {}
    assert "Rien n’attend." in page(place, signed_in(agent))
    assert "à rattacher" not in page(place, signed_in(agent))


def test_as_few_statements_for_much_as_for_little(place):
    def statements():
        with tenancy.scope({place.authority.pk}), CaptureQueriesContext(connection) as sent:
            lines_for(visit_of(place))
        return len(sent)

    counts(place)
    for_one = statements()
    for number in range(4):
        child = town.make_child(place.family, f"Enfant {number}", products=(place.meal,))
        add_to_each_queue(place, child, days_ago=number)

    assert counts(place)["cancellations"] == 5
    assert statements() == for_one
    assert for_one <= 24


def test_each_queue_opens_for_whoever_is_told_of_it_and_the_menu_shows_them(place):
    shut, menus = [], {}
    inbox = f"/{place.authority.slug}/a-traiter/"
    for role in Grant.Role.values:
        agent = town.make_agent(place.authority, "Paul", role)
        client = signed_in(agent)
        with tenancy.scope({place.authority.pk}):
            visit = visit_of(place, agent)
            lines = lines_for(visit)
            opened = {line.queue.code: client.get(line.queue.url(visit, line.waiting)).status_code for line in lines}
        shut += [(role, code) for code, status in opened.items() if status != 200]
        menus[role] = f'href="{inbox}"' in client.get(inbox).content.decode()
        assert any(visit.may(right) for right in TREATING) or not lines

    assert shut == []
    # Here nobody invoices with Marelle, and nobody answers for a service.
    assert {role for role, is_there in menus.items() if is_there} == {*TREATING}


def test_whether_something_waits_is_asked_of_the_queues_in_turn_and_no_further_than_the_first(place):
    def asked(agent):
        with tenancy.scope({place.authority.pk}):
            visit = visit_of(place, agent)
            with CaptureQueriesContext(connection) as sent:
                return is_anything_waiting(visit), len(sent)

    counts(place)
    publishes = town.make_agent(place.authority, "Paul", Grant.Role.PUBLISH)
    ticks = town.make_agent(place.authority, "Zoé", Grant.Role.RECORD_ATTENDANCE)
    town.make_reservation(
        town.make_child(place.family, "Ines", products=(place.meal,)),
        place.meal,
        TODAY - timedelta(days=3),
        family=place.family,
    )

    is_waiting, statements = asked(place.agent)
    assert is_waiting
    # Her services, her régie, and one for all the queues of rows: none of those that compute.
    assert statements <= 3
    assert asked(publishes)[0] is False
    assert asked(ticks)[0] is True  # in a queue that computes


def test_no_two_queues_have_the_same_name():
    assert len({queue.code for queue in QUEUES}) == len(QUEUES)


class TestTheWayIn:
    def test_it_leads_to_what_waits(self, place):
        response = signed_in(place.agent).get("/")

        assert (response.status_code, response["Location"]) == (302, f"/{place.authority.slug}/a-traiter/")

    def test_it_leads_to_the_day_when_nothing_does(self, place):
        with permitted("factory"), tenancy.scope({place.authority.pk}):
            for model in (CancellationRequest, Absence, ProposedChange, JoinRequest, Import):
                model.objects.all().delete()
            Reservation.objects.filter(state="held").update(state="cancelled", held_until=None)

        assert signed_in(place.agent).get("/")["Location"] == f"/{place.authority.slug}/journee/"
