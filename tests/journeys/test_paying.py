"""A parent pays a basket, with scripts and without, and invoices of two régies, on the page of PayFiP's stand-in."""

from __future__ import annotations

from copy import deepcopy

import pytest

from marelle.domain.authorities.models import Regie
from marelle.domain.payments.models import PaymentSettings
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from tests.conftest import MONDAY_MORNING
from tests.domain.household import FRIDAY, TUESDAY, Household
from tests.factories.invoices import issue_invoice, make_regie
from tests.factories.town import make_authority, make_child, make_product, make_service
from tests.journeys.conftest import DESK, PHONE
from tests.payfip import NUMCLI, payfip, payfip_server  # noqa: F401  fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


def open_online(regie: Regie, **fields) -> None:
    with permitted("factory"), tenancy.scope({regie.authority_id}):
        PaymentSettings.objects.create(
            authority_id=regie.authority_id, regie=regie, gateway="payfip", mode="production", number=NUMCLI, **fields
        )


@pytest.fixture
def payfip_site(settings, live_server, payfip, payfip_server):  # noqa: F811  fixtures
    """PayFiP is plugged in: it calls the live server back, and its page may be led to."""
    settings.GATEWAYS = {"payfip": payfip}
    settings.FAMILY_URL = f"http://famille.localhost:{live_server.thread.port}"
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] = ["'self'", payfip_server.origin]
    settings.CONTENT_SECURITY_POLICY = policy
    return payfip_server


class Town:
    """A family that books what is paid at once, and what is not, and owes two régies."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="demo")
        with tenancy.scope({self.authority.pk}):
            self.home = Household(self.authority)
            self.user = with_password(self.home.family.memberships.get().user)
        leisure = make_regie(self.authority, "Régie loisirs")
        school = make_regie(self.authority, "Régie scolaire")
        open_online(leisure)
        open_online(school)
        centre = make_service(self.authority, "Centre de loisirs", payment_mode="prepaid", regie=leisure)
        day = make_product(
            self.authority, service=centre, name="Journée", noun="journée", plural="journées", price_cents=1200
        )
        meal = make_product(self.authority, service=make_service(self.authority, regie=school))
        child = make_child(self.home.family, "Lucia", products=(day, meal))
        with tenancy.scope({self.authority.pk}):
            self.home.wish(child, day, TUESDAY, FRIDAY, at=MONDAY_MORNING)
            self.home.wish(child, meal, FRIDAY, at=MONDAY_MORNING)
        self.invoices = [
            issue_invoice(self.home.family, leisure, cents=2400, label="Centre, octobre 2026"),
            issue_invoice(self.home.family, school, cents=8240),
        ]


@pytest.fixture
def town(with_password, payfip_site):
    return Town(with_password)


def pays_by_card(parent):
    parent.clicks_on(parent.page.get_by_role("button", name="Payer par carte bancaire"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_basket_is_paid_and_confirmed_on_a_phone(town, person, scripts):
    parent = person(viewport=PHONE, scripts=scripts)
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/demo/panier/")
    parent.sees("sur le site de PayFiP, de la direction générale des finances publiques")
    if scripts:
        parent.finds_nothing_with_axe()

    parent.clicks_on(page.get_by_role("button", name="Valider et payer 24,00 €"))
    pays_by_card(parent)

    page.get_by_role("heading", name="C’est payé").wait_for()
    parent.sees("Quittance n° 2026-0001")
    if scripts:
        parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("link", name="Voir ce qui est enregistré"))
    parent.sees("Réservé et payé")


def test_two_invoices_of_two_regies_are_paid_one_after_the_other(town, person):
    parent = person(viewport=DESK)
    page = parent.page
    parent.is_known(town.user)
    parent.opens("/demo/factures/")
    for one in town.invoices:
        parent.clicks_on(page.locator(f'label[for="c-{one.public_id}"]'))
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name="Payer les factures sélectionnées"))
    page.get_by_role("heading", name="Payer mes factures").wait_for()
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("button", name="Commencer : payer 24,00 €"))
    pays_by_card(parent)
    page.get_by_role("heading", name="Il reste un paiement").wait_for()
    parent.finds_nothing_with_axe()

    parent.clicks_on(page.get_by_role("button", name="Payer maintenant 82,40 € à la régie scolaire"))
    pays_by_card(parent)

    page.get_by_role("heading", name="C’est payé").wait_for()
    parent.clicks_on(page.get_by_role("link", name="Tous mes paiements"))
    parent.sees("Quittance n° 2026-0001")
    parent.finds_nothing_with_axe()
    parent.clicks_on(page.get_by_role("link", name="Porte-monnaie"))
    page.get_by_role("heading", name="Porte-monnaie", exact=True).wait_for()
    parent.finds_nothing_with_axe()
