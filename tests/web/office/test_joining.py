"""A régie joins the online invoices, as who administers it decides; and the tokens of the softwares that serve it."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import ApiToken
from marelle.domain.payments.models import PaymentSettings
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.payments_town import PaperGateway
from tests.factories import town
from tests.factories.invoices import make_regie
from tests.web.office.conftest import signed_in
from tests.web.office.test_online_payment import text

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def till(office, in_scope, settings):
    in_scope(office.authority)
    settings.GATEWAYS = {"payfip": PaperGateway()}
    office.regie = make_regie(office.authority, "Régie scolaire", online_from=None)
    office.url = f"/{office.authority.slug}/facturation/regies/{office.regie.code}/en-ligne/"
    return office


def try_payment(till, **fields):
    values = {"gateway": "payfip", "number": "123456", "trials": {"test.card": "2026-11-20"}, **fields}
    with permitted("test"):
        return PaymentSettings.objects.create(authority=till.authority, regie=till.regie, **values)


def since(till):
    return Regie.objects.get(pk=till.regie.pk).online_from


def page(till):
    return text(till.client.get(till.url))


def join(till, day):
    return till.client.post(till.url, {"since": day})


class TestJoining:
    def test_before_a_trial_it_says_what_is_missing_and_refuses_a_forged_form(self, till):
        assert "Réussir un paiement d’essai" in page(till)
        assert 'name="since"' not in page(till)
        response = join(till, "02/12/2026")
        assert response.status_code == 409
        assert "Réussissez d’abord un paiement d’essai" in text(response)
        assert since(till) is None

    @pytest.mark.parametrize(
        "fields", [{"trials": {}}, {"gateway": "desk"}], ids=["tried without success", "no one cashes online"]
    )
    def test_neither_does_it_join_with_a_gateway_that_never_answered(self, till, fields):
        try_payment(till, **fields)
        assert join(till, "02/12/2026").status_code == 409
        assert since(till) is None

    def test_once_tried_it_joins_on_a_day_that_families_and_agents_read(self, till):
        try_payment(till)
        assert "En test" in page(till)
        assert join(till, "02/12/2026").status_code == 303
        assert since(till) == date(2026, 12, 2)
        shown = page(till)
        assert "Rejoint le 2 décembre 2026" in shown
        assert "rejoint le service des factures en ligne le 2 décembre 2026" in shown
        entry = AuditEntry.objects.get(verb="join_online")
        assert (entry.object_key, entry.details["since"]) == (till.regie.pk, "2026-12-02")
        assert "Rejoint le 2 décembre 2026" in text(till.client.get(till.at("facturation/regies/")))

    def test_a_day_to_come_may_be_changed_and_today_chosen(self, till):
        try_payment(till)
        join(till, "02/12/2026")
        join(till, "23/11/2026")
        assert since(till) == date(2026, 11, 23)
        assert "En ligne depuis le 23 novembre 2026" in page(till)
        assert "Le paiement en ligne n’est pas ouvert." in page(till)
        assert "Si la régie quitte" in page(till)
        assert "n’a pas rejoint le service des factures en ligne" in page(till)
        assert join(till, "24/11/2026").status_code == 409

    @pytest.mark.parametrize(("day", "status"), [("22/11/2026", 409), ("31/02/2026", 422), ("", 422)])
    def test_a_day_that_is_past_or_none_is_refused(self, till, day, status):
        try_payment(till)
        assert join(till, day).status_code == status
        assert since(till) is None

    def test_it_leaves_at_once_and_once(self, till):
        try_payment(till)
        join(till, "23/11/2026")
        for _twice in range(2):
            assert till.client.post(f"{till.url}quitter/").status_code == 303
        assert since(till) is None
        assert AuditEntry.objects.filter(verb="leave_online").count() == 1

    def test_agents_read_what_families_read(self, till):
        town.make_service(till.authority, name="Centre de loisirs", payment_mode="prepaid", regie=till.regie)
        assert "n’a pas rejoint le service des factures en ligne" in page(till)
        assert "Par chèque, à l’ordre du Trésor public." in page(till)
        assert (
            "Payable à la réservation. Réglez à la régie scolaire : par chèque, à l’ordre du Trésor public ; en "
            "espèces, au guichet. Vos places sont gardées 72 h"
        ) in page(till)

    def test_who_bills_and_does_not_administer_may_not(self, till):
        client = signed_in(town.make_agent(till.authority, "Paul Roy", Grant.Role.MANAGE_BILLING))
        assert client.get(till.url).status_code == 403
        assert client.post(till.url, {"since": "02/12/2026"}).status_code == 403
        assert client.post(f"{till.url}quitter/").status_code == 403
        assert client.post(f"{till.url}jetons/", {"name": "x"}).status_code == 403


class TestTokens:
    def test_its_secret_is_shown_once_and_revoked(self, till):
        response = till.client.post(f"{till.url}jetons/", {"name": "Logiciel de l’eau"})
        token = ApiToken.objects.get()
        shown = response.content.decode()
        assert "marelle_" in shown
        assert "no-store" in response["Cache-Control"]
        assert "marelle_" not in page(till)
        assert f"Finit par {token.hint}" in page(till)
        assert till.client.post(f"{till.url}jetons/{token.public_id}/revoquer/").status_code == 303
        assert ApiToken.objects.get().revoked_at is not None
        assert "Révoqué" in page(till)

    def test_without_a_name_there_is_none(self, till):
        assert till.client.post(f"{till.url}jetons/", {"name": " "}).status_code == 422
        assert not ApiToken.objects.exists()

    def test_that_of_another_regie_is_not_found_here(self, till):
        till.client.post(f"{till.url}jetons/", {"name": "Eau"})
        other = make_regie(till.authority, "Régie B", online_from=None)
        token = ApiToken.objects.get().public_id
        url = f"/{till.authority.slug}/facturation/regies/{other.code}/en-ligne/jetons/{token}/revoquer/"
        assert till.client.post(url).status_code == 404
