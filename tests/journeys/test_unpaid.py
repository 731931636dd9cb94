"""From late invoices to the Trésor: reminded, printed, gathered in a docket whose debtors lack something."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from marelle.foundation import clock
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_agent, make_authority, make_family, make_user
from tests.journeys.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATER = datetime(2027, 1, 20, 9, tzinfo=UTC)


@pytest.fixture
def nadia(with_password, person):
    """Sit down an agent who administers, in January, in a town where a family owes two invoices since December."""
    with clock.visiting(LATER):
        authority = make_authority(slug="dammartin", siret="21770154900016")
        regie = make_regie(authority)
        family = make_family(authority, "Benali")
        for cents in (1000, 2340):
            issue_invoice(family, regie, cents=cents)
        user = with_password(make_user("nadia@exemple.fr"))
        make_agent(authority, "Nadia Ferrand", user=user)
        somebody = person("mairie", viewport=PHONE)
        somebody.is_known(user)
        somebody.opens("/dammartin/impayes/")
        somebody.page.wait_for_url(lambda address: "/compte/" not in address)
        yield somebody


def press(somebody, name):
    somebody.clicks_on(somebody.page.get_by_role("button", name=re.compile(name)).first)


def test_unpaid_invoices_are_reminded_of_and_gathered_for_the_tresor(nadia):
    page = nadia.page
    nadia.sees("46 jours de retard")
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(page.get_by_role("link", name=re.compile("Remise au Trésor")).first)
    press(nadia, "Préparer le bordereau")
    nadia.sees("la civilité")
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(page.get_by_role("link", name=re.compile("Compléter le débiteur")))
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(page.locator(".back a"))
    nadia.opens("/dammartin/impayes/")
    nadia.opens_every_fold()
    nadia.finds_nothing_with_axe()
    nadia.clicks_on(page.get_by_role("link", name=re.compile("Relances et remise au Trésor")))
    nadia.finds_nothing_with_axe()
    press(nadia, "Enregistrer les relances")
    nadia.sees("enregistrées")
    nadia.opens("/dammartin/impayes/")
    page.get_by_role("checkbox", name=re.compile("Relancer")).first.check()
    press(nadia, "Envoyer maintenant")
    nadia.sees("e-mail part")
