"""The waiting lists at the office: the order and why, what is offered, to offer what is free, or by hand."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from marelle.domain.accounts.models import Grant
from marelle.domain.reservations.models import PlaceOffer, WaitingListEntry
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.domain.test_place_offers import VOTED, Town
from tests.domain.waiting_town import fill, make_families, make_queue
from tests.factories import town
from tests.web.office.conftest import THURSDAY, signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def canteen(office):
    """A canteen of three places, taken, and five children who wait, the third of the school."""
    rules = {**town.DAY_BEFORE_AT_NINE, "waiting_list": VOTED}
    office.meal = town.make_product(
        office.authority, service=office.canteen, facility=office.school, rules=rules, capacity=3
    )
    served = make_families(office.authority, office.meal, 3, name="Servie")
    office.homes = make_families(office.authority, office.meal, 5, name="Attente", is_resident=False)
    with tenancy.scope({office.authority.pk}):
        office.booked = fill(office.meal, THURSDAY, served)
        office.entries = make_queue(office.authority, office.meal, THURSDAY, office.homes)
    return office


def free(office, count):
    with tenancy.scope({office.authority.pk}):
        Town.free(office, office.booked[:count])


def page(office, query="", client=None):
    return body((client or office.client).get(office.at(f"attentes/{query}")))


def offered(office):
    with tenancy.scope({office.authority.pk}):
        return list(PlaceOffer.objects.order_by("pk"))


def by_hand(office, which, reason="Garde impossible", client=None):
    child = office.homes[which][0]
    square = f"{child.public_id}.{office.meal.public_id}.{THURSDAY.isoformat()}"
    return (client or office.client).post(office.at("attentes/une-place/"), {"square": square, "reason": reason})


def test_each_list_says_its_places_its_order_and_who_is_next(canteen):
    said = page(canteen)

    assert "jeudi 26 novembre 0 place libre sur 3" in said
    assert "D’abord : école, puis commune ; à égalité, l’ordre des demandes. Place gardée 3 h." in said
    assert said.index("Enfant 0 Attente 0") < said.index("Enfant 1 Attente 1")
    assert "Proposer une place" not in said


def test_what_is_free_is_offered_after_a_preview_and_the_page_says_until_when(canteen):
    free(canteen, 2)
    assert "2 places libres alors que des enfants attendent." in page(canteen)
    preview = page(canteen, "?apercu=1")
    assert "Enfant 0 Attente 0" in preview
    assert "gardée jusqu’au lundi 23 novembre, 11 h" in preview
    assert offered(canteen) == []

    done = canteen.client.post(canteen.at("attentes/proposer/"), follow=True)
    assert "2 places proposées : les familles sont prévenues." in body(done)
    assert [one.entry_id for one in offered(canteen)] == [one.pk for one in canteen.entries[:2]]
    assert "Proposée jusqu’au lundi 23 novembre, 11 h" in page(canteen)


def test_places_are_not_called_free_when_all_who_wait_have_an_offer(canteen):
    free(canteen, 2)
    with permitted("factory"), tenancy.scope({canteen.authority.pk}):
        kept = [one.pk for one in canteen.entries[:1]]
        WaitingListEntry.objects.exclude(pk__in=kept).update(left_at=F("asked_at"))
    assert "1 place libre alors que des enfants attendent." in page(canteen)

    canteen.client.post(canteen.at("attentes/proposer/"))
    assert "alors que des enfants attendent" not in page(canteen)


def test_by_hand_a_reason_is_asked_and_what_was_typed_is_kept(canteen):
    free(canteen, 1)
    assert by_hand(canteen, 3, reason=" ").status_code == 422
    assert by_hand(canteen, 3).status_code == 303
    assert [(one.entry_id, one.reason) for one in offered(canteen)] == [(canteen.entries[3].pk, "Garde impossible")]
    refused = by_hand(canteen, 4, reason="Le seul mot")
    assert refused.status_code == 409
    assert "Il ne reste pas de place" in body(refused)


def test_an_agent_of_another_place_neither_sees_nor_offers(canteen):
    elsewhere = town.make_facility(canteen.authority, "École du Lac")
    agent = town.make_agent(canteen.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS)
    with permitted("factory"), tenancy.scope({canteen.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=elsewhere)
    client = signed_in(agent)
    free(canteen, 1)

    assert "Attente 0" not in page(canteen, client=client)
    assert by_hand(canteen, 0, client=client).status_code == 404
    client.post(canteen.at("attentes/proposer/"))
    assert offered(canteen) == []


def test_as_few_questions_for_many_who_wait_as_for_few(canteen):
    def count():
        with CaptureQueriesContext(connection) as found:
            page(canteen)
        return len(found)

    page(canteen)
    few = count()
    with tenancy.scope({canteen.authority.pk}):
        more = make_families(canteen.authority, canteen.meal, 30, name="Autre")
        make_queue(canteen.authority, canteen.meal, THURSDAY, more)
    assert count() == few
