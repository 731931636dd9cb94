"""A family goes to PayZen by a form, and comes back by an address that PayZen signs."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from marelle.domain.payments.models import PaymentSettings
from marelle.foundation import tenancy
from marelle.foundation.writes import permitted
from standins.payzen.server import Post
from tests.conftest import MONDAY_MORNING
from tests.domain.household import TUESDAY
from tests.payzen import SHOP, payzen, payzen_server  # noqa: F401  fixtures
from tests.web.family.test_paying_a_basket import Town, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


class PayZenTown(Town):
    """The same town, whose régie is paid by PayZen."""

    def __init__(self, client, settings, gateway, server):
        super().__init__(client, settings)
        settings.GATEWAYS = {"payzen": gateway}
        self.home.gateways, self.server = settings.GATEWAYS, server
        server.platform.clock.now = MONDAY_MORNING
        server.post = Post.LOST  # only the browser speaks
        keys = SHOP.contexts["PRODUCTION"]
        with permitted("factory"), tenancy.scope({self.authority.pk}):
            PaymentSettings.objects.update(
                gateway="payzen", number=SHOP.number, key=keys.signing, password=keys.password
            )

    def go(self):
        """Press Valider, then the button of the page that posts the form; return its address and its fields."""
        self.wish(TUESDAY)
        page = self.client.get(self.valider()["Location"])
        form = BeautifulSoup(page.content, "html.parser").find("form", {"data-goes": True})
        fields = {one["name"]: one["value"] for one in form.find_all("input")}
        self.server.open(fields)
        return form["action"], fields

    def come_back(self, url):
        address = urlsplit(url)
        return self.client.get(f"{address.path}?{address.query}", follow=True)

    def does(self, outcome):
        return self.server.pay(self.attempt().reference, outcome)


@pytest.fixture
def town(family_site, settings, payzen, payzen_server):  # noqa: F811
    return PayZenTown(family_site, settings, payzen, payzen_server)


def test_the_form_leads_to_payzen_and_carries_nothing_but_its_fields(town):
    action, fields = town.go()

    assert action == town.server.page_url
    assert {name for name in fields if not name.startswith("vads_")} == {"signature"}


def test_paid_the_family_comes_back_to_what_is_recorded(town):
    town.go()
    shown = town.come_back(town.does("paid"))

    assert town.attempt().state == "paid"
    assert town.states() == {TUESDAY: "reserved"}
    assert shown.status_code == 200
    assert "vads_" not in shown.request["QUERY_STRING"]


@pytest.mark.parametrize(("outcome", "state"), [("abandoned", "abandoned"), ("refused", "refused")])
def test_who_gives_up_or_is_refused_has_the_basket_back_at_once(town, outcome, state):
    town.go()
    shown = town.come_back(town.does(outcome))

    assert town.attempt().state == state
    assert town.states() == {TUESDAY: "cancelled"}
    assert "Reprendre mon panier" in text_of(shown)


def test_a_return_that_somebody_wrote_changes_nothing(town):
    town.go()
    url = town.does("paid").replace("vads_trans_status=AUTHORISED", "vads_trans_status=ABANDONED")
    town.come_back(url)

    assert town.attempt().state == "redirected"
    assert town.states() == {TUESDAY: "held"}
