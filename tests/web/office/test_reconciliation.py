"""Statements as agents use them: imported, compared, the rest sorted line by line."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.domain.accounts.models import Grant
from marelle.domain.payments.gateways import Result
from marelle.domain.payments.models import BankStatement, PaymentAttempt, Receipt, StatementLine
from marelle.foundation import tenancy
from tests.domain.household import FRIDAY, THURSDAY
from tests.domain.payments_town import PayingHousehold
from tests.factories import town
from tests.factories.invoices import issue_invoice
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")


@pytest.fixture
def bank(office, in_scope, settings):
    in_scope(office.authority)
    office.home = PayingHousehold(office.authority)
    settings.GATEWAYS = office.home.gateways
    office.url = f"/{office.authority.slug}/facturation/rapprochement/{office.home.regie.code}/"
    return office


def text(response):
    return body(response).replace("\N{NO-BREAK SPACE}", " ")


def load(bank, *rows, head="Date;Libellé;Référence;Montant", source="bank", **columns):
    file = SimpleUploadedFile("releve.csv", "\n".join([head, *rows]).encode(), content_type="text/csv")
    return bank.client.post(bank.url, {"source": source, "file": file, **columns}, follow=True)


def line_url(bank, **where):
    return f"{bank.url}lignes/{StatementLine.objects.get(**where).public_id}/"


def test_it_is_reached_from_billing_and_says_where_there_is_something_to_do(bank):
    load(bank, "20/11/2026;VIR INCONNU;;5,00")
    index = bank.at("facturation/rapprochement/")

    assert index in bank.client.get(bank.at("facturation/")).content.decode()
    assert "1 à classer" in text(bank.client.get(index))


def test_a_statement_is_imported_once_and_what_is_unknown_is_to_sort(bank):
    page = text(load(bank, "20/11/2026;VIR SANCHEZ;;5,00", "20/11/2026;FRAIS;;-1,50"))
    assert "2 lignes nouvelles sur 2" in page
    assert "VIR SANCHEZ" in page

    assert "aucune ligne nouvelle" in text(load(bank, "20/11/2026;VIR SANCHEZ;;5,00"))
    assert BankStatement.objects.count() == 2


def test_columns_that_are_not_recognized_are_asked_for_then_remembered(bank):
    rows = {"head": "Le;Quoi;Combien"}
    refused = load(bank, "20/11/2026;VIR;5,00", **rows)
    assert refused.status_code == 422
    assert "« Combien »" in text(refused)

    load(bank, "20/11/2026;VIR;5,00", **rows, date="Le", label="Quoi", amount="Combien")
    page = text(load(bank, "21/11/2026;VIR;6,00", **rows))

    assert "1 ligne nouvelle sur 1" in page
    assert "Rapprochement" in page


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Ce fichier est vide."), (b"\x00\x01", "pas un tableau CSV"), (None, "Choisissez le fichier")],
)
def test_what_is_no_statement_is_refused_beside_its_field(bank, content, said):
    form = {"source": "bank"} | ({} if content is None else {"file": SimpleUploadedFile("x.csv", content)})

    response = bank.client.post(bank.url, form)

    assert response.status_code == 422
    assert said in text(response)
    assert not BankStatement.objects.exists()


def test_paid_at_the_gateway_and_not_here_it_is_asked_again_and_credited(bank):
    (attempt,) = bank.home.attempts(THURSDAY)
    bank.home.begin(attempt)
    bank.home.paper.says(attempt, Result.REFUSED)
    bank.home.ask(attempt)
    page = text(load(bank, f"23/11/2026;PayFiP;{attempt.reference};12,00", source="gateway"))
    assert "Payé chez le prestataire, pas crédité ici" in page
    assert "ici refusé" in page
    again = f"{bank.url}demander/{attempt.public_id}/"

    assert "ne confirme pas ce paiement" in text(bank.client.post(again, follow=True))
    bank.home.paper.says(attempt, Result.PAID)
    page = text(bank.client.post(again, follow=True))

    assert "Le prestataire confirme" in page
    assert "Redemander au prestataire" not in page
    with tenancy.scope({bank.authority.pk}):
        assert PaymentAttempt.objects.get().state == "paid"


def test_credited_here_and_on_no_statement_it_is_flagged(bank):
    (attempt,) = bank.home.attempts(FRIDAY)
    bank.home.begin(attempt)
    bank.home.paper.says(attempt, Result.PAID)
    bank.home.ask(attempt)

    page = text(load(bank, "01/11/2026;FRAIS;;-1,00", "30/11/2026;FRAIS;;-1,00"))

    assert "Crédité ici, absent des relevés" in page
    assert attempt.reference in page


def test_a_transfer_is_cashed_for_the_invoice_that_it_names(bank):
    invoice = issue_invoice(bank.home.family, bank.home.regie, cents=770)
    load(bank, f"20/11/2026;VIR FACT {invoice.number};;7,70")
    url = line_url(bank)
    page = bank.client.get(url)
    assert f"Peut-être : Facture {invoice.number}" in text(page)
    box = BeautifulSoup(page.content, "html.parser").find("input", value=invoice.public_id)
    assert box.has_attr("checked")

    done = bank.client.post(
        f"{url}encaisser/", {"payer": invoice.payer.public_id, "invoices": invoice.public_id}, follow=True
    )

    assert "7,70 € encaissés, quittance n° 2026-0001." in text(done)
    assert Receipt.objects.get().means == "transfer"
    assert "Quittance n° 2026-0001" in text(bank.client.get(url))
    again = bank.client.post(f"{url}encaisser/", {"payer": invoice.payer.public_id})
    assert again.status_code == 409
    assert "vient d’être classée" in text(again)


def test_a_family_is_looked_for_by_name(bank):
    invoice = issue_invoice(bank.home.family, bank.home.regie, cents=770)
    load(bank, "20/11/2026;VIR SEPA;;5,00")
    url = line_url(bank)

    assert invoice.number in text(bank.client.get(url, {"nom": "sanchez"}))
    assert "Aucun compte de cette régie" in text(bank.client.get(url, {"nom": "personne"}))
    refused = bank.client.post(f"{url}encaisser/", {"payer": invoice.payer.public_id, "invoices": "ailleurs"})
    assert refused.status_code == 422


def test_a_line_is_put_aside_with_a_reason_and_comes_back(bank):
    load(bank, "20/11/2026;REMISE DE CHEQUES;;50,00")
    url = line_url(bank)
    refused = bank.client.post(f"{url}ecarter/", {"reason": " "})
    assert refused.status_code == 422
    assert "Écrivez pourquoi" in text(refused)

    assert "La ligne est écartée." in text(
        bank.client.post(f"{url}ecarter/", {"reason": "Remise de chèques"}, follow=True)
    )
    assert "Raison : Remise de chèques" in text(bank.client.get(url))
    bank.client.post(f"{url}reprendre/")

    assert StatementLine.objects.get().state == "to_sort"
    assert bank.client.post(f"{url}reprendre/").status_code == 409


def test_only_who_bills_for_the_whole_authority_comes_in(bank):
    other = signed_in(town.make_agent(bank.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS))

    assert other.get(bank.url).status_code == 403
