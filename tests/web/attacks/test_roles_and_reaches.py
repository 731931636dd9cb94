"""What an agent's roles and reach open, and what they do not."""

from __future__ import annotations

import pytest
from django.urls import reverse

from marelle.domain.accounts.models import Agent, Grant
from marelle.domain.accounts.rules.roles import gives
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories import town as make
from tests.web.attacks.town import FRIDAY, OFFICE, ROLE_OF, TUESDAY, URLS, Address, each_address, place, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]

# What the town has there speaks of health: the role opens the address, another right what it holds.
ABOUT_HEALTH = {"office_application_document"}
# Without the file that they ask for, by the role that opens them.
ASK_FOR_A_FILE = {"office_import_check": "manage_billing", "office_keep_photo": "manage_reservations"}


def make_limited_agent(town, *roles: str, facility=None, service: str = "") -> Agent:
    user = make.make_user()
    with permitted("factory"), tenancy.scope({town.authority.pk}):
        agent = Agent.objects.create(authority=town.authority, user=user, name="Ana")
        for role in roles:
            Grant.objects.create(
                authority=town.authority, agent=agent, role=role, facility=facility, service_code=service
            )
    return agent


ROLES = ("view_day", "record_attendance", "manage_reservations", "manage_billing", "hold_regie", "")


def opens(role: str, one: Address) -> bool:
    """Return whether this role opens an address of the office."""
    asked = ROLE_OF.get(one.name, "administer").split("|")
    return bool(role) and any(each == "any" or gives({role}, each) for each in asked)


def is_the_turn_of(role: str, one: Address, turn: int) -> bool:
    """Return whether it is this role that asks, of those to whom this address answers alike."""
    alike = [each for each in ROLES if opens(each, one) == opens(role, one)]
    # Read over again from one turn to the next, or two of every three addresses of a section would have the same one.
    return alike[(turn + turn // len(alike)) % len(alike)] == role


@pytest.mark.parametrize("each", [pytest.param(True, marks=pytest.mark.torture), False], ids=["each", "by turns"])
@pytest.mark.parametrize("role", ROLES)
def test_an_agent_opens_only_what_her_role_opens(town, role, each):
    """At each address by one role that opens it and one that does not, by turns; by each of them in the torture."""
    client = place(OFFICE, make_limited_agent(town, *filter(None, [role])).user)
    for turn, one in enumerate(each_address(town)):
        if one.host != OFFICE or "authority" not in one.kwargs or one.name in {"colours", "logo"}:
            continue
        if not (each or is_the_turn_of(role, one, turn)):
            continue
        with undone() as statements:
            answer = client.get(one.path) if one.form is None else client.post(one.path, one.form)
        if one.name.startswith("api_"):
            # Programs come in by a token: no session opens it.
            assert answer.status_code == 401, one.name
            assert not statements
        elif ASK_FOR_A_FILE.get(one.name) == role:
            assert answer.status_code == 422  # it asks for a file
        elif role == "manage_reservations" and one.name in ABOUT_HEALTH:
            assert answer.status_code in {403, 404}, one.name
            assert not statements
        elif opens(role, one):
            assert answer.status_code < 400, one.name
        else:
            assert answer.status_code == 403, one.name
            assert not statements
            assert "Bobby" not in answer.content.decode()


@pytest.mark.parametrize("limit", [{"facility": "bourg"}, {"service": "centre"}])
def test_an_agent_of_one_place_reaches_nothing_of_another(town, limit):
    if "facility" in limit:
        limit = {"facility": getattr(town, limit["facility"])}
    agent = make_limited_agent(town, *Grant.Role.values[:3], **limit)
    client, at = place(OFFICE, agent.user), f"/{town.slug}"
    before = town.rows()
    reason = {"reason": "parce que", "refund": "yes"}
    here = {"child": town.child.public_id, "product": town.meal.public_id}

    refused = [
        client.post(f"{at}/annulations/{town.asked.public_id}/", {"answer": "refund", "reason": "", "jour": ""}),
        client.post(f"{at}/journee/{TUESDAY}/place-gardee/", {**here, "answer": "release", "reason": ""}),
        client.post(f"{at}/familles/{town.family.public_id}/reserver/", {**here, "date": FRIDAY, **reason}),
        client.post(f"{at}/familles/{town.family.public_id}/annuler/", {**here, "date": TUESDAY, **reason}),
    ]
    held = reverse("office_held_place", urlconf=URLS[OFFICE], kwargs={"authority": town.slug, "day": TUESDAY})
    refused[1] = client.post(held, {**here, "answer": "release", "reason": ""})
    sheet = reverse("office_sheet", urlconf=URLS[OFFICE], kwargs={"authority": town.slug, "day": "2026-11-23"})
    client.post(sheet, {f"p.{town.child.public_id}.{town.meal.public_id}": "present", "others": "present"})

    assert [answer.status_code for answer in refused] == [404, 409, 422, 422]
    assert town.rows() == before


def test_an_agent_of_one_place_does_not_read_the_health_of_a_sister_she_never_sees(town):
    sister = make.make_child(town.family, "Inès", products=(town.meal,), allergies="arachide de la sœur")
    rights = ("manage_reservations", "view_day", "see_health")
    alone = place(OFFICE, make_limited_agent(town, *rights, facility=town.bourg).user)
    everywhere = place(OFFICE, town.agent.user)
    page = f"/{town.slug}/familles/{town.family.public_id}/"

    assert sister.first_name in alone.get(page).content.decode()
    assert "arachide de la sœur" not in alone.get(page).content.decode()
    assert "arachide de la sœur" in everywhere.get(page).content.decode()
