"""A guardian is signed in on every site when an agent removes her access: from the next request on, nothing answers.

Every address of each site is asked, those that are of a family by both methods. That nothing of her family is on any
page counts as much as what is refused: a list of hers is empty, a page for all says no name.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from marelle.domain.accounts.models import User
from marelle.domain.authorities.models import Regie
from marelle.domain.families.models import Guardian, Membership
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.town import make_agent
from tests.house.test_doors import DOORS, HOSTS, PROVIDER, address, addresses
from tests.house.whole_town import make_whole_town

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
SITES = ("family", "invoices", "account")
# What only her family's file says.
MARKS = ("Quenneville", "Ysoline", "sans arachide", "Mot de la famille")
OF_A_FAMILY = {"family", "holder", "payer"}
# A secret of another guardian, who has no account: whoever bears it reads a name, signed in or not.
OF_ANOTHER = {"activation_link"}


@pytest.fixture
def town():
    made = make_whole_town("Ici")
    with permitted("test"), tenancy.scope({made.authority.pk}):
        Regie.objects.update(online_from=date(2026, 9, 1))
        made.press = made.attempt
        made.public_article, made.public_download, made.opening = made.article, made.download, "x"
        made.karim = Membership.objects.get(user=made.home.user).guardian
        # Her way back in would be shown by its letter alone.
        Guardian.objects.filter(pk=made.karim.pk).update(email="parent@exemple.fr")
    return made


def browser(site, user):
    client = Client(headers={"host": HOSTS[site]}, raise_request_exception=True)
    client.force_login(user)
    return client


def seen(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return [mark for mark in MARKS if mark.encode() in body]


def is_shut(response):
    """Tell whether nothing was opened: not found, forbidden, or led to where one signs in or proves something else."""
    led = response.get("Location", "")
    return response.status_code in {403, 404, 405} or settings.LOGIN_URL in led or led.startswith("/payer/")


def ask_everything(town, user):
    """Return what each address says to the account: what still answers of a family, and what says a mark."""
    open_still, told = set(), set()
    for site in SITES:
        client = browser(site, user)
        for name, _pattern, parts in addresses(site):
            door = DOORS[site].get(name)
            if door == PROVIDER or name in OF_ANOTHER:
                continue
            url = address(site, name, parts, town)
            response = client.get(url)
            if seen(response):
                told.add(f"{site}:{name}")
            if door in OF_A_FAMILY and not is_shut(response):
                open_still.add(f"GET {site}:{name}")
            if name == "account_logout":
                continue
            if door in OF_A_FAMILY and not is_shut(client.post(url, {})):
                open_still.add(f"POST {site}:{name}")
    return open_still, told


def test_from_the_next_request_on_no_address_of_any_site_answers_about_the_family(town):
    user = User.objects.get(pk=town.home.user)
    sessions = {site: browser(site, user) for site in SITES}
    pages = {
        "family": f"/{town.authority.slug}/reservations/",
        "invoices": f"/{town.authority.slug}/factures/{town.invoice.public_id}/",
        "account": reverse("account_home", "marelle.config.urls_account"),
    }
    feed = f"/agenda/{town.feed.token}.ics"
    agenda = Client(headers={"host": HOSTS["family"]})
    for site, page in pages.items():
        assert seen(sessions[site].get(page)), f"{site}: nothing to lose"
    assert b"Ysoline" in agenda.get(feed).content
    office = Client(headers={"host": HOSTS["office"]})
    office.force_login(make_agent(town.authority, "Nadia", "manage_reservations").user)
    at = {"authority": town.authority.slug, "family": town.home.family.public_id, "guardian": town.karim.public_id}

    done = office.post(
        reverse("office_access", "marelle.config.urls_office", kwargs=at), {"kind": "court_order", "is_sure": "on"}
    )

    assert done.status_code in {302, 303}
    # The very sessions that were open, and the agenda that comes back by itself.
    assert {site: seen(sessions[site].get(page)) for site, page in pages.items()} == {site: [] for site in SITES}
    assert agenda.get(feed).status_code == 404
    assert ask_everything(town, user) == (set(), set())
    # And an invoice by its reference and its amount, in her session.
    paper = {"reference": town.invoice.public_reference, "amount": f"{town.invoice.total_cents / 100:.2f}"}
    client = sessions["invoices"]
    led = client.post("/payer/", paper)
    assert not seen(client.get(led["Location"] if led.status_code == 303 else "/payer/"))
