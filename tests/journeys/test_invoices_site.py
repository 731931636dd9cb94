"""The invoices site: paying from the paper, without an account; an authority that has joined, and one that has not."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
from playwright.sync_api import expect

from marelle.domain.payments.models import PaymentSettings
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.factories.imported import import_invoice
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_authority, make_family, make_user
from tests.journeys.conftest import DESK, PHONE
from tests.payfip import NUMCLI, payfip, payfip_server  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


@pytest.fixture
def payfip_site(settings, live_server, payfip, payfip_server):  # noqa: F811  fixtures
    """PayFiP is plugged in: it calls the live server back, and its page may be led to."""
    settings.GATEWAYS = {"payfip": payfip}
    port = live_server.thread.port
    settings.FAMILY_URL = f"http://famille.localhost:{port}"
    settings.INVOICES_URL = f"http://factures.localhost:{port}"
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] = ["'self'", payfip_server.origin]
    settings.CONTENT_SECURITY_POLICY = policy
    return payfip_server


class Towns:
    """Two towns of one family: Dammartin has joined the online invoices, JolieVille has not; and some water."""

    def __init__(self, with_password):
        self.user = with_password(make_user("pauline@exemple.fr"))
        here, there = make_authority("Dammartin", slug="dammartin"), make_authority("JolieVille", slug="jolieville")
        self.school, water = make_regie(here, "Régie scolaire"), make_regie(here, "Régie de l’eau")
        silent = make_regie(there, "Régie périscolaire", online_from=None)
        for regie in (self.school, water, silent):
            with permitted("factory"), tenancy.scope({regie.authority_id}):
                PaymentSettings.objects.create(
                    authority_id=regie.authority_id, regie=regie, gateway="payfip", mode="production", number=NUMCLI
                )
        family = make_family(here, "Claironi", user=self.user)
        self.meals = issue_invoice(family, self.school, cents=8240)
        self.care = issue_invoice(make_family(there, "Claironi", user=self.user), silent, cents=8200)
        self.water = import_invoice(water, cents=6420)


@pytest.fixture
def towns(with_password, payfip_site):
    return Towns(with_password)


def types(someone, reference, amount):
    someone.page.get_by_label("Référence de la facture").fill(reference)
    someone.page.get_by_label("Montant").fill(amount)
    someone.clicks_on(someone.page.get_by_role("button", name="Trouver la facture"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_invoice_is_paid_from_its_paper_and_shows_paid_to_its_family(towns, person, scripts):
    someone = person("factures", viewport=PHONE, scripts=scripts)
    page = someone.page
    someone.opens()
    if scripts:
        someone.finds_nothing_with_axe()

    types(someone, towns.meals.public_reference, "82,41")
    someone.sees("Nous ne trouvons pas cette facture")
    if scripts:
        someone.finds_nothing_with_axe()
    types(someone, towns.meals.public_reference, "82,40")
    page.get_by_role("heading", name="Cantine, octobre 2026").wait_for()
    expect(page.get_by_text(re.compile("claironi", re.IGNORECASE))).to_have_count(0)
    if scripts:
        someone.finds_nothing_with_axe()
    page.get_by_label("Adresse e-mail, pour recevoir la quittance").fill("mamie@exemple.fr")
    someone.clicks_on(page.get_by_role("button", name="Payer 82,40 €"))
    someone.clicks_on(page.get_by_role("button", name="Payer par carte bancaire"))

    page.get_by_role("heading", name="C’est payé").wait_for()
    page.wait_for_url(f"{someone.site}/dammartin/paiements/**")
    someone.sees("Quittance n° 2026-0001")
    if scripts:
        someone.finds_nothing_with_axe()

    parent = person(viewport=PHONE, scripts=scripts)
    parent.opens("/dammartin/factures/payees/")
    parent.signs_in(towns.user)
    parent.sees("Payée le 23 novembre 2026")


def test_with_an_account_what_has_joined_is_paid_and_what_has_not_is_left_to_the_family_space(towns, person):
    parent = person("factures", viewport=DESK)
    page = parent.page
    parent.opens()
    parent.sees("Utilisez les mêmes identifiants")
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.locator("main").get_by_role("link", name="Se connecter"))
    parent.signs_in(towns.user)
    page.get_by_role("heading", name="Mes factures").wait_for()
    parent.sees("Cette collectivité n’a pas rejoint ce service")
    expect(page.get_by_text("82,00 €")).to_have_count(0)
    parent.finds_nothing_with_axe()

    parent.clicks_on(page.get_by_role("link", name="Détail"))
    parent.sees("Pour la payer sans compte")
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("link", name="Revenir à mes factures"))

    parent.clicks_on(page.get_by_role("link", name="Ajouter une facture"))
    parent.finds_nothing_with_axe()
    page.get_by_label("Référence de la facture").fill(towns.water.number)
    page.get_by_label("Montant").fill("64,20")
    parent.clicks_on(page.get_by_role("button", name="Ajouter cette facture"))
    parent.sees("cette facture est dans vos factures")
    for one in (towns.meals, towns.water):
        parent.clicks_on(page.locator(f'label[for="c-{one.public_id}"]'))
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name="Payer les factures sélectionnées"))
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name=re.compile("^Commencer : payer")))
    parent.clicks_on(page.get_by_role("button", name="Payer par carte bancaire"))
    page.get_by_role("heading", name="Il reste un paiement").wait_for()
    parent.clicks_on(page.get_by_role("button", name=re.compile("^Payer maintenant")))
    parent.clicks_on(page.get_by_role("button", name="Payer par carte bancaire"))

    page.get_by_role("heading", name="C’est payé").wait_for()
    parent.clicks_on(page.get_by_role("link", name="Revenir à mes factures").first)
    parent.sees("Aucune facture à payer ici")

    stranger = person("factures", viewport=PHONE)
    stranger.opens("/collectivites/?nom=joli")
    stranger.sees("Aucune collectivité de ce nom n’a rejoint ce service.")
    stranger.finds_nothing_with_axe()
    stranger.opens("/payer/")
    types(stranger, towns.care.public_reference, "82,00")
    stranger.sees("payez comme c’est écrit sur la facture")
