"""An agent in a family's place sees what it sees, by her rights, for a while, changes nothing, and it is written."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.families.models import Guardian, Membership
from marelle.domain.reservations.models import Basket, Reservation
from marelle.foundation import clock, tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from marelle.web.standing import LASTS, LINK_LASTS
from tests.factories import town as factory

pytestmark = pytest.mark.django_db
OFFICE, FAMILY = "mairie.localhost", "famille.localhost"
RESERVES, BILLS = Grant.Role.MANAGE_RESERVATIONS, Grant.Role.MANAGE_BILLING
SENSITIVE = (Grant.Role.SEE_HEALTH, Grant.Role.SEE_QUOTIENT)


@pytest.fixture
def town(monday_morning):
    """Two families of a town, and an agent who reserves, known to the families' site too."""
    authority = factory.make_authority()
    school = factory.make_facility(authority, "École des Tilleuls")
    meal = factory.make_product(authority, service=factory.make_service(authority, "Cantine"), facility=school)
    family, other = factory.make_family(authority, "Sanchez"), factory.make_family(authority, "Blin")
    factory.make_child(family, "Lucia", products=(meal,))
    factory.make_child(other, "Zoé", products=(meal,))
    agent = factory.make_agent(authority, "Nadia Ferrand", RESERVES)
    return Town(authority, family, other, agent)


class Town:
    def __init__(self, authority, family, other, agent):
        self.authority, self.family, self.other, self.agent = authority, family, other, agent
        with tenancy.scope({authority.pk}):
            self.guardian = Guardian.objects.get(family=family)

    def office(self, agent=None):
        return signed_in((agent or self.agent).user, OFFICE)

    def take(self, agent=None, family=None, guardian=None, status=303):
        """Press the button of the office; return where it leads."""
        family, guardian = family or self.family, guardian or self.guardian
        path = f"/{self.authority.slug}/familles/{family.public_id}/place/{guardian.public_id}/"
        answer = self.office(agent).post(path)
        assert answer.status_code == status
        return urlsplit(answer["Location"]).path if status == 303 else ""

    def standing(self, *roles):
        """Return the families' site as an agent with these more rights sees it in the family's place."""
        agent = self.agent
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            for role in roles:
                Grant.objects.create(authority=self.authority, agent=agent, role=role)
        client = signed_in(agent.user, FAMILY)
        client.get(self.take())
        return client

    def at(self, path):
        return f"/{self.authority.slug}/{path}"


def signed_in(user, host):
    client = Client(HTTP_HOST=host)
    client.force_login(user)
    return client


def words(answer):
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True).split())


def test_she_sees_the_family_s_calendar_and_is_told_so_on_each_page(town):
    page = town.standing().get(town.at("reservations/"))
    assert page.status_code == 200
    assert "Lucia" in words(page)
    assert "Vous voyez ce que voit Maria Sanchez , sans rien pouvoir changer" in words(page)


def test_nothing_is_written_whatever_she_sends(town):
    client = town.standing(BILLS, *SENSITIVE)
    with tenancy.scope({town.authority.pk}):
        before = (Reservation.objects.count(), Basket.objects.count(), AuditEntry.objects.count())
    for path in ("reservations/case/", "panier/valider/", "profil/responsables/", "absences/"):
        answer = client.post(town.at(path), {"square": "1"})
        assert answer.status_code in {403, 404, 405}
    with tenancy.scope({town.authority.pk}):
        assert (Reservation.objects.count(), Basket.objects.count(), AuditEntry.objects.count()) == before


def test_she_sees_no_more_than_her_post_lets_her(town):
    client = town.standing()
    assert client.get(town.at("profil/")).status_code == 403
    assert client.get(town.at("factures/")).status_code == 403
    refused = client.get(town.at("demandes/"))
    assert refused.status_code == 403
    assert "on ne fait que regarder" in words(refused)
    assert "Mes demandes" not in words(client.get(town.at("reservations/")))


def test_what_is_sensitive_opens_to_who_was_given_it_by_name(town):
    client = town.standing(BILLS, *SENSITIVE)
    assert client.get(town.at("profil/")).status_code == 200
    assert client.get(town.at("factures/")).status_code == 200
    assert client.get(town.at("demandes/")).status_code == 403, "a draft is read by nobody else"


def test_both_ends_are_in_the_journal(town):
    client = town.standing()
    back = client.post(town.at("en-place/quitter/"))
    assert back["Location"].endswith(f"/familles/{town.family.public_id}/")
    lines = AuditEntry.objects.filter(object_type="family", object_key=town.family.pk).order_by("pk")
    assert [(one.verb, one.actor_key) for one in lines] == [
        ("take_place", town.agent.user_id),
        ("leave_place", town.agent.user_id),
    ]
    assert client.get(town.at("reservations/")).status_code == 404


def test_a_link_serves_its_agent_alone_and_soon(town, monkeypatch):
    link = town.take()
    neighbor = signed_in(factory.make_agent(town.authority, "Zoé Lamy", RESERVES).user, FAMILY)
    neighbor.get(link)
    assert neighbor.get(town.at("reservations/")).status_code == 404
    late = signed_in(town.agent.user, FAMILY)
    later = clock.machine_now() + LINK_LASTS + timedelta(seconds=5)
    monkeypatch.setattr(clock, "machine_now", lambda: later)
    late.get(link)
    assert late.get(town.at("reservations/")).status_code == 404


def test_it_ends_by_itself_and_with_the_post(town, monkeypatch):
    client = town.standing()
    with monkeypatch.context() as later:
        end = clock.machine_now() + LASTS + timedelta(seconds=5)
        later.setattr(clock, "machine_now", lambda: end)
        assert client.get(town.at("reservations/")).status_code == 404
    assert client.get(town.at("reservations/")).status_code == 200
    with permitted("suspended"), tenancy.scope({town.authority.pk}):
        Agent.objects.filter(pk=town.agent.pk).update(is_active=False)
    assert client.get(town.at("reservations/")).status_code == 404


def test_a_guardian_of_another_family_or_out_of_reach_is_not_found(town):
    town.take(family=town.other, status=404)
    elsewhere = factory.make_facility(town.authority, "École du Moulin")
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        far = factory.make_agent(town.authority, "Léo Blin", Grant.Role.VIEW_DAY)
        Grant.objects.create(authority=town.authority, agent=far, role=RESERVES, facility=elsewhere)
    town.take(agent=far, status=404)


def test_a_family_without_an_account_is_seen_all_the_same(town):
    with permitted("nobody joined"), tenancy.scope({town.authority.pk}):
        Membership.objects.filter(family=town.family).delete()
    page = town.standing().get(town.at("reservations/"))
    assert "Lucia" in words(page)
