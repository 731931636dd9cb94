"""The account site has processes of its own: a page asked of the wrong ones is led to the right ones."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

AT_8000, AT_8002 = "http://{}.localhost:8000", "http://{}.localhost:8002"


@pytest.fixture
def apart(settings):
    settings.FAMILY_URL, settings.OFFICE_URL, settings.INVOICES_URL = map(
        AT_8000.format, ("famille", "mairie", "factures")
    )
    settings.ACCOUNT_URL = AT_8002.format("compte")


@pytest.fixture
def together(settings):
    settings.FAMILY_URL, settings.OFFICE_URL, settings.INVOICES_URL, settings.ACCOUNT_URL = map(
        AT_8000.format, ("famille", "mairie", "factures", "compte")
    )


def asked_at(host, path="/aide/?a=b", method="get"):
    return getattr(Client(headers={"host": host}), method)(path)


@pytest.mark.usefixtures("apart")
class TestApart:
    def test_the_account_site_asked_of_the_others_is_led_to_its_own_port(self):
        answer = asked_at("compte.localhost:8000")

        assert (answer.status_code, answer["Location"]) == (302, "http://compte.localhost:8002/aide/?a=b")

    @pytest.mark.parametrize("site", ["famille", "mairie", "factures"])
    def test_another_site_asked_of_the_account_s_is_led_back(self, site):
        answer = asked_at(f"{site}.localhost:8002")

        assert (answer.status_code, answer["Location"]) == (302, f"http://{site}.localhost:8000/aide/?a=b")

    @pytest.mark.parametrize("host", ["compte.localhost:8002", "famille.localhost:8000", "mairie.localhost:8000"])
    def test_each_at_its_own_port_answers(self, host):
        assert asked_at(host).status_code == 200

    @pytest.mark.parametrize("host", ["compte.localhost", "famille.localhost", "compte.localhost:9000"])
    def test_behind_a_proxy_that_drops_or_changes_the_port_nothing_turns_in_circles(self, host):
        assert asked_at(host).status_code == 200

    def test_a_form_is_not_led_elsewhere(self):
        assert asked_at("compte.localhost:8000", "/oidc/jeton", "post").status_code in {400, 401}

    def test_the_health_of_a_process_is_its_own(self):
        assert asked_at("127.0.0.1:8002", "/healthz").status_code == 200


@pytest.mark.usefixtures("together")
@pytest.mark.parametrize("site", ["famille", "mairie", "factures", "compte"])
def test_at_one_port_for_all_each_answers(site):
    assert asked_at(f"{site}.localhost:8000").status_code == 200
