"""A mandate and a refund on a family's screens, without scripts: what is read, refused in words, recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from marelle.connectors.sepa.files import SepaFiles
from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.payments.models import DirectDebitMandate, RefundRequest
from marelle.domain.payments.operations.debit_batches import make_debit_file, prepare_debits, send_debits
from marelle.domain.payments.operations.refunds import refuse_refund
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from tests.factories.banks import BELGIAN, FRENCH, ICS, make_creditor, sign
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.factories.town import make_authority, make_family, make_user
from tests.web.family.test_invoices import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
TODAY, DUE = date(2026, 11, 23), date(2026, 12, 10)
ACTING = {"by": SYSTEM, "at": datetime(2026, 11, 23, 7, tzinfo=UTC)}
ACCOUNT = {"holder": "Pauline Claironi", "address": "2, rue Haute", "iban": FRENCH, "bic": ""}
SIGNATURE = {**ACCOUNT, "place": "Dammartin", "consent": "on"}


class Home:
    """A family that owes, at a régie that debits."""

    def __init__(self, site):
        self.site = site
        self.town = make_authority("Collectivité Démo", slug="demo")
        self.regie = make_regie(self.town)
        self.user = make_user("pauline@exemple.fr")
        self.family = make_family(self.town, "Claironi", user=self.user)
        self.invoice = issue_invoice(self.family, self.regie, cents=8240)
        self.creditor = make_creditor(self.regie)
        self.sign_path = f"/demo/prelevement/{self.regie.code}/signer/"
        site.force_login(self.user)

    def gets(self, path="prelevement/"):
        return text_of(self.site.get(path if path.startswith("/") else f"/demo/{path}"))

    def mandates(self):
        with tenancy.scope({self.town.pk}):
            return list(DirectDebitMandate.objects.order_by("pk"))

    def paid_ahead(self, cents):
        payer = payer_of(self.family, make_regie(self.town, "Avances"))
        with tenancy.scope({self.town.pk}):
            record_payment(payer, cents=cents, means="card", date=TODAY, **ACTING)
        return payer


@pytest.fixture
def home(family_site):
    return Home(family_site)


def plain(response):
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_mes_factures_leads_to_the_mandate_where_there_is_a_creditor_and_only_there(home):
    assert "Prélèvement automatique" in home.gets("factures/")
    assert "Mettre en place le prélèvement" in home.gets()
    make_creditor(home.regie, is_open=False)
    assert "Prélèvement automatique" not in home.gets("factures/")
    assert "n’est pas proposé ici" in home.gets()
    assert home.site.get(home.sign_path).status_code == 404
    assert home.site.get("/demo/prelevement/ailleurs/signer/").status_code == 404


def test_what_is_signed_bears_every_mention(home):
    shown = home.gets(home.sign_path)
    mentions = ("Récurrent", ICS, home.creditor.name, home.creditor.address, "huit semaines", "treize mois", "(RUM)")
    for mention in (*mentions, "quatorze jours", "Pauline", "envoyer des instructions à votre banque"):
        assert mention in shown or mention == "Pauline"

    answer = home.site.post(home.sign_path, {**SIGNATURE, "iban": "fr76 3000 6000 0112 3456 7890 189"})
    (mandate,) = home.mandates()
    assert (answer.status_code, answer["Location"]) == (302, f"/demo/prelevement/mandats/{mandate.public_id}/")
    assert (mandate.iban, mandate.place, mandate.signed_on, mandate.signed_by_id) == (
        FRENCH,
        "Dammartin",
        TODAY,
        home.user.pk,
    )
    copy = home.gets(answer["Location"])
    for mention in (*mentions, mandate.rum, "FR76 •••• 0189", "à Dammartin, le 23 novembre 2026", "Imprimer"):
        assert mention in copy
    assert FRENCH not in copy
    # Signing again leads to what is signed.
    assert home.site.post(home.sign_path, SIGNATURE)["Location"] == answer["Location"]
    assert len(home.mandates()) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"iban": "FR7630006000011234567890188"}, "sa clé de contrôle ne correspond pas"),
        ({"iban": "FR76 3000"}, "Il manque des caractères"),
        ({"iban": ""}, "Indiquez l’IBAN"),
        ({"iban": "TN5910006035183598478831"}, "hors de la zone"),
        ({"bic": "AGRI"}, "Ceci n’est pas un BIC"),
        ({"consent": ""}, "Cochez cette case"),
        ({"holder": " "}, "nom du titulaire"),
        ({"place": ""}, "commune où vous signez"),
        ({"address": "x" * 301}, "trop long"),
    ],
)
def test_what_is_wrong_is_said_and_signs_nothing(home, wrong, said):
    answer = home.site.post(home.sign_path, {**SIGNATURE, **wrong})

    assert answer.status_code == 422
    assert said in plain(answer)
    assert home.mandates() == []


def test_the_account_is_changed_and_the_mandate_revoked(home):
    mandate = sign(payer_of(home.family, home.regie))
    at = f"/demo/prelevement/mandats/{mandate.public_id}/"
    assert "C’est déjà le compte" in plain(home.site.post(f"{at}compte/", ACCOUNT))
    home.site.post(f"{at}compte/", {**ACCOUNT, "iban": BELGIAN})
    assert "BE68 •••• 7034" in home.gets(at)
    home.site.post(f"{at}revoquer/")
    shown = home.gets(at)
    assert "Révoqué" in shown
    assert "Signer un autre mandat" in shown
    assert home.site.post(f"{at}compte/", ACCOUNT)["Location"] == at
    assert home.mandates()[0].iban == BELGIAN


def test_another_family_s_mandate_is_not_there(home):
    other = make_family(home.town, "Autre")
    mandate = sign(payer_of(other, home.regie))

    assert home.site.get(f"/demo/prelevement/mandats/{mandate.public_id}/").status_code == 404
    assert home.site.post(f"/demo/prelevement/mandats/{mandate.public_id}/revoquer/").status_code == 404
    assert home.mandates()[0].state == "active"


def test_an_invoice_that_is_to_be_debited_says_so_and_paying_it_warns(home):
    sign(payer_of(home.family, home.regie))
    with tenancy.scope({home.town.pk}):
        batch = prepare_debits(home.regie, due_on=DUE, told_on=TODAY, **ACTING)
        make_debit_file(batch, SepaFiles(), authority=home.town, on=TODAY, **ACTING)
        send_debits(batch, on=TODAY, **ACTING)
    said = "Prélèvement de 82,40 € prévu le 10 décembre 2026"

    assert said in home.gets("factures/")
    assert said in home.gets(f"factures/{home.invoice.public_id}/")
    paying = home.gets(f"factures/payer/?facture={home.invoice.public_id}")
    assert "Déjà prévu par prélèvement" in paying
    assert said in paying


class TestRefunds:
    def test_a_wallet_is_asked_back_and_the_request_taken_back(self, home):
        payer = home.paid_ahead(3000)
        assert "Demander un remboursement" in home.gets("factures/")
        asked = {"payer": payer.public_id, "amount": "12,50", "holder": "Pauline", "iban": FRENCH, "words": "Merci"}
        assert home.site.post("/demo/remboursement/", asked).status_code == 302
        shown = home.gets("remboursement/")
        for said in ("12,50 €", "FR76 •••• 0189", "Demandé", "La mairie vous répond par e-mail"):
            assert said in shown
        again = home.site.post("/demo/remboursement/", asked)
        assert again.status_code == 409
        assert "déjà une demande en cours" in plain(again)
        with tenancy.scope({home.town.pk}):
            request = RefundRequest.objects.get()
        home.site.post(f"/demo/remboursement/{request.public_id}/retirer/")
        with tenancy.scope({home.town.pk}):
            assert RefundRequest.objects.get().state == "withdrawn"

    @pytest.mark.parametrize(
        ("wrong", "status", "said"),
        [
            ({"amount": "30,01"}, 409, "ne contient pas autant"),
            ({"amount": "0"}, 422, "Indiquez un montant"),
            ({"amount": "-5"}, 422, "Indiquez un montant"),
            ({"amount": "douze"}, 422, "Indiquez un montant"),
            ({"iban": "FR7630006000011234567890188"}, 422, "clé de contrôle"),
            ({"payer": "000000000000"}, 422, "Choisissez un porte-monnaie"),
        ],
    )
    def test_what_is_wrong_is_said_and_asks_nothing(self, home, wrong, status, said):
        payer = home.paid_ahead(3000)
        asked = {"payer": payer.public_id, "amount": "30", "holder": "Pauline", "iban": FRENCH, **wrong}
        answer = home.site.post("/demo/remboursement/", asked)

        assert answer.status_code == status
        assert said in plain(answer)
        with tenancy.scope({home.town.pk}):
            assert not RefundRequest.objects.exists()

    def test_another_family_s_wallet_is_not_offered(self, home):
        home.paid_ahead(100)
        with tenancy.scope({home.town.pk}):
            other = payer_of(make_family(home.town, "Autre"), home.regie)
            record_payment(PayerAccount.objects.get(pk=other.pk), cents=500, means="card", date=TODAY, **ACTING)
        answer = home.site.post(
            "/demo/remboursement/", {"payer": other.public_id, "amount": "1", "holder": "x", "iban": FRENCH}
        )
        assert answer.status_code == 422

    def test_an_empty_wallet_has_nothing_to_ask_and_an_answer_is_read_here(self, home):
        assert "sont vides" in home.gets("remboursement/")
        payer = home.paid_ahead(3000)
        home.site.post(
            "/demo/remboursement/", {"payer": payer.public_id, "amount": "30", "holder": "Pauline", "iban": FRENCH}
        )
        with tenancy.scope({home.town.pk}):
            refuse_refund(RefundRequest.objects.get(), answer="Une facture arrive.", **ACTING)
        assert "La mairie vous répond : Une facture arrive." in home.gets("remboursement/")
