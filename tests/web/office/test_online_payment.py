"""The online payment of a régie as agents set it up: choices, the checklist, a trial, opening, closing."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from marelle.domain.accounts.models import Grant
from marelle.domain.payments.gateways import Redirection, Result
from marelle.domain.payments.models import PaymentAttempt, PaymentSettings
from marelle.foundation.writes import permitted
from marelle.web.payment_addresses import call_addresses, page_after
from tests.domain.payments_town import NOW, PaperGateway
from tests.factories import town
from tests.factories.invoices import make_regie
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")
PAYFIP = {"gateway": "payfip", "number": "123456", "lowest_top_up": "10,00", "low_balance": "5,00"}
PAYZEN = {**PAYFIP, "gateway": "payzen", "number": "12345678", "key": "cle-secrete", "password": "mot-secret"}


@pytest.fixture
def till(office, in_scope, settings):
    in_scope(office.authority)
    office.paper = PaperGateway()
    settings.GATEWAYS = {"payfip": office.paper, "payzen": office.paper}
    office.regie = make_regie(office.authority, "Régie scolaire")
    office.url = f"/{office.authority.slug}/facturation/regies/{office.regie.code}/paiement/"
    return office


def text(response):
    return body(response).replace("\N{NO-BREAK SPACE}", " ")


def post(till, path="", **form):
    return till.client.post(f"{till.url}{path}", form)


def row(till):
    return PaymentSettings.objects.get(regie=till.regie)


def last_trial():
    return PaymentAttempt.objects.filter(purpose="trial").latest("pk")


def try_it(till, means="card"):
    """Make a trial, pay it, ask."""
    post(till, "essais/")
    trial = last_trial()
    post(till, f"essais/{trial.public_id}/payer/")
    till.paper.says(trial, Result.PAID, means=means)
    post(till, f"essais/{trial.public_id}/demander/")
    return trial


class TestChoices:
    def test_a_regie_never_set_is_paid_at_the_desk(self, till):
        page = text(till.client.get(till.url))

        assert "Cette régie se paie au guichet." in page
        assert not PaymentSettings.objects.exists()

    def test_the_page_is_reached_from_the_choices_of_the_regie(self, till):
        page = till.client.get(till.at(f"facturation/regies/{till.regie.code}/"))

        assert till.url in page.content.decode()

    def test_what_is_chosen_is_recorded_and_shown(self, till):
        response = post(till, **PAYFIP, takes_part_payments="on")

        assert response.status_code == 303
        found = row(till)
        assert (found.gateway, found.number, found.takes_part_payments) == ("payfip", "123456", True)
        assert (found.lowest_top_up_cents, found.low_balance_cents) == (1000, 500)
        page = text(till.client.get(till.url))
        assert "Étape en cours" in page
        assert "Réussir un paiement d’activation par prélèvement" in page

    def test_secrets_are_never_shown_back(self, till):
        post(till, **PAYZEN)

        page = text(till.client.get(till.url))
        assert "cle-secrete" not in page
        assert "mot-secret" not in page
        assert "Déjà donnée. Laissez vide pour la garder." in page

        wrong = post(till, **{**PAYZEN, "number": "12"})
        assert wrong.status_code == 409
        assert "cle-secrete" not in text(wrong)

    @pytest.mark.parametrize(
        ("wrong", "said", "status"),
        [
            ({"number": "12345"}, "Le numéro de client PayFiP (numcli) a six chiffres.", 409),
            ({"gateway": "paypal"}, "Choisissez dans la liste.", 422),
            ({"lowest_top_up": "beaucoup"}, "Indiquez un montant", 422),
            ({"has_top_up": "on", "lowest_top_up": "0,50"}, "La recharge minimale va de 1 € à 500 €.", 409),
            ({"low_balance": "600"}, "Le seuil d’avertissement va de 0 € à 500 €.", 409),
        ],
    )
    def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_recorded(self, till, wrong, said, status):
        response = post(till, **{**PAYFIP, **wrong})

        assert response.status_code == status
        assert said in text(response)
        assert not PaymentSettings.objects.exists()

    def test_a_gateway_that_is_not_plugged_is_said(self, till, settings):
        settings.GATEWAYS = {}
        post(till, **PAYFIP)

        assert "Ce prestataire n’est pas branché." in text(till.client.get(till.url))

    def test_only_who_administers_the_whole_authority_comes_in(self, till):
        biller = signed_in(town.make_agent(till.authority, "Paul", Grant.Role.MANAGE_BILLING))

        assert biller.get(till.url).status_code == 403


class TestSteps:
    def test_from_the_first_trial_to_the_opening_then_closed(self, till):
        post(till, **PAYFIP)
        assert post(till, "etape/", step="activation").status_code == 409
        try_it(till)
        assert "Passer à l’activation" in text(till.client.get(till.url))
        assert "Faire un essai de 1 €" in text(till.client.get(till.url))
        post(till, "etape/", step="activation")
        assert "Payer 1 € pour de vrai" in text(till.client.get(till.url))
        try_it(till)
        assert "Ouvrir aux familles" not in text(till.client.get(till.url))
        try_it(till, "debit")

        assert post(till, "etape/", step="open").status_code == 303

        assert row(till).mode == "production"
        page = text(till.client.get(till.url))
        assert "Fermer le paiement en ligne" in page
        assert "Faire un essai" not in page
        refused = post(till, **{**PAYFIP, "number": "654321"})
        assert "fermez-le avant de changer" in text(refused)
        post(till, "etape/", step="close")
        assert (row(till).gateway, row(till).mode) == ("desk", "test")

    def test_payzen_opens_with_its_production_key(self, till):
        post(till, **PAYZEN)
        try_it(till)
        assert "Donnez la clé de production" in text(post(till, "etape/", step="open"))

        post(till, "etape/", step="open", key="cle-de-production")

        assert (row(till).mode, row(till).key) == ("production", "cle-de-production")

    def test_a_step_that_does_not_exist_is_refused(self, till):
        post(till, **PAYFIP)

        assert post(till, "etape/", step="production").status_code == 422


class TestTrials:
    def test_a_trial_leads_to_the_gateway_and_says_what_became_of_it(self, till):
        post(till, **PAYFIP)
        response = post(till, "essais/")
        trial = last_trial()
        url = f"{till.url}essais/{trial.public_id}/"
        assert response["Location"] == url
        assert "Préparer la page de paiement" in text(till.client.get(url))

        post(till, f"essais/{trial.public_id}/payer/")
        page = BeautifulSoup(till.client.get(url).content, "html.parser")
        assert page.find("a", href=f"https://paiement.exemple.fr/?idop={last_trial().provider_id}")
        (order,) = till.paper.orders.values()
        assert (order.merchant.mode, order.cents) == ("test", 100)
        assert order.return_url == call_addresses(last_trial()).return_url
        assert page_after(last_trial()).endswith(url)

        till.paper.says(trial, Result.PAID)
        post(till, f"essais/{trial.public_id}/demander/")
        assert "L’essai a réussi." in text(till.client.get(url))
        assert list(row(till).trials) == ["test.card"]

    def test_a_signed_order_is_posted_to_the_gateway_without_our_own_token(self, till, monkeypatch):
        post(till, **PAYZEN)
        order = Redirection(
            "site-1", "https://secure.payzen.exemple/pay/", (("vads_amount", "100"), ("signature", "x"))
        )
        monkeypatch.setattr(till.paper, "begin", lambda _order: order)
        post(till, "essais/")
        trial = last_trial()
        post(till, f"essais/{trial.public_id}/payer/")

        response = till.client.get(f"{till.url}essais/{trial.public_id}/")

        form = BeautifulSoup(response.content, "html.parser").find("form", action="https://secure.payzen.exemple/pay/")
        assert {one["name"] for one in form.find_all("input")} == {"vads_amount", "signature"}

    def test_a_gateway_that_is_down_is_said_and_the_trial_can_be_made_again(self, till):
        post(till, **PAYFIP)
        post(till, "essais/")
        till.paper.is_down = True

        response = post(till, f"essais/{last_trial().public_id}/payer/")

        assert response.status_code == 409
        assert "Le service de paiement ne répond pas" in text(response)
        assert "Faire un autre essai" in text(response)

    def test_there_is_no_trial_before_a_gateway_is_chosen(self, till):
        response = till.client.post(f"{till.url}essais/", follow=True)

        assert "Un essai se fait pendant les étapes" in text(response)

    def test_a_trial_of_another_regie_is_not_found(self, till):
        with permitted("factory"):
            trial = PaymentAttempt.objects.create(
                authority=till.authority,
                purpose="trial",
                regie=make_regie(till.authority),
                gateway="payfip",
                mode="test",
                reference="2026AUTRE01",
                exercice=2026,
                label="Essai",
                cents=100,
                created_at=NOW,
            )

        assert till.client.get(f"{till.url}essais/{trial.public_id}/").status_code == 404
