"""Direct debits and refunds as agents see them: an account, a day from announcement to returns, the answers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from marelle.domain.accounts.models import Grant
from marelle.domain.billing.models import PayerAccount
from marelle.domain.billing.operations.ledger import record_payment
from marelle.domain.billing.queries.ledger import balances_of
from marelle.domain.payments.models import (
    CreditorAccount,
    DirectDebit,
    DirectDebitBatch,
    DirectDebitMandate,
    RefundRequest,
    TransferBatch,
)
from marelle.domain.payments.operations.refunds import Asked, ask_refund
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs import direct_debits as tasks
from standins.bank.desk import Bank
from tests.factories import town
from tests.factories.banks import FRENCH, GERMAN, ICS, OWN, make_creditor, sign
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.web.office.conftest import signed_in

pytestmark = pytest.mark.urls("marelle.config.urls_office")
TODAY, DUE = date(2026, 11, 23), date(2026, 12, 10)
ACTING = {"by": SYSTEM, "at": datetime(2026, 11, 23, 7, tzinfo=UTC)}
CREDITOR = {
    "ics": "fr72 zzz 123456",
    "name": "Régie scolaire",
    "address": "Place de la Mairie",
    "iban": OWN[0],
    "bic": OWN[1],
    "scheme": "pain.008.001.08",
    "settles_after_days": "4",
    "fee": "1,50",
    "is_open": "on",
}


@pytest.fixture
def bank(office, in_scope):
    """A régie that debits two families."""
    in_scope(office.authority)
    office.regie = make_regie(office.authority)
    make_creditor(office.regie, fee_cents=150)
    office.other = town.make_family(office.authority, "Autre")
    for family, iban, cents in ((office.family, FRENCH, 8240), (office.other, GERMAN, 500)):
        issue_invoice(family, office.regie, cents=cents)
        sign(payer_of(family, office.regie), iban)
    office.bank = Bank(date(2026, 12, 1), creditors={ICS})
    office.said = lambda path: said(office.client.get(office.at(path)))
    return office


def said(response):
    return " ".join(strip_tags(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").split())


def prepared(bank):
    bank.client.post(bank.at("prelevements/"), {"regie": bank.regie.code, "due_on": "2026-12-10"})
    return bank.at(f"prelevements/remises/{DirectDebitBatch.objects.get().public_id}/")


def test_the_creditor_account_is_recorded_and_its_iban_never_shown_again(office, in_scope):
    in_scope(office.authority)
    regie = make_regie(office.authority)
    path = office.at(f"prelevements/regies/{regie.code}/")
    assert office.client.get(path).status_code == 200
    for wrong, words in (
        ({"ics": "FR12ZZZ123456"}, "identifiant créancier est faux"),
        ({"iban": "FR7630006000011234567890188"}, "clé de contrôle"),
        ({"iban": ""}, "Indiquez l’IBAN"),
        ({"bic": "AGRI"}, "pas un BIC"),
        ({"settles_after_days": "61"}, "de 0 à 60"),
        ({"fee": "x"}, "Indiquez un montant"),
    ):
        answer = office.client.post(path, {**CREDITOR, **wrong})
        assert (answer.status_code, words in said(answer)) == (422, True), wrong
    assert office.client.post(path, CREDITOR).status_code == 303
    kept = CreditorAccount.objects.get()
    assert (kept.ics, kept.iban, kept.scheme, kept.fee_cents) == (ICS, OWN[0], "pain.008.001.08", 150)
    assert OWN[0] not in office.client.get(path).content.decode()
    office.client.post(path, {**CREDITOR, "iban": "", "name": "Autre nom"})
    kept.refresh_from_db()
    assert (kept.iban, kept.name) == (OWN[0], "Autre nom")


def test_a_day_of_debits_from_its_announcement_to_its_returns(bank):
    assert "au plus tôt : lundi 7 décembre 2026" in bank.said("prelevements/").lower()
    early = bank.client.post(bank.at("prelevements/"), {"regie": bank.regie.code, "due_on": "2026-12-01"})
    assert early.status_code == 409
    assert "à partir du 7 décembre 2026" in said(early)
    at = prepared(bank)
    assert "87,40 €" in said(bank.client.get(at))
    assert bank.client.get(f"{at}fichier/").status_code == 404
    refused = bank.client.post(f"{at}envoyer/")
    assert (refused.status_code, "Faites d’abord le fichier" in said(refused)) == (409, True)

    assert bank.client.post(f"{at}fichier/").status_code == 303
    handed = bank.client.get(f"{at}fichier/")
    assert handed["Content-Disposition"].startswith('attachment; filename="PRLV-20261210-')
    assert bank.client.post(f"{at}envoyer/").status_code == 303
    bank.bank.closed = {GERMAN}
    rejected = bank.bank.take(handed.content)

    with clock.visiting(datetime(2026, 12, 14, 8, tzinfo=UTC)):
        file = SimpleUploadedFile("rejets.csv", bank.bank.outcome(rejected))
        answer = bank.client.post(f"{at}rejets/", {"file": file, "with_fee": "on"}, follow=True)
        assert "1 rejet enregistré. 1 mandat suspendu. 1 frais ajouté" in said(answer)
        assert "AC04 : le compte est fermé" in said(answer)
        assert bank.client.post(f"{at}encaisser/").status_code == 303
        tasks.settle_debits(authority=bank.authority.pk, batch=DirectDebitBatch.objects.get().pk)

    assert sorted(DirectDebit.objects.values_list("state", flat=True)) == ["paid", "returned"]
    shown = said(bank.client.get(at))
    assert "Encaissé" in shown
    assert "Rejeté" in shown
    listed = bank.said("prelevements/mandats/")
    assert "La banque l’a refusé : le compte est fermé" in listed
    assert FRENCH not in listed


def test_a_file_that_says_nothing_is_refused_in_words(bank):
    at = prepared(bank)
    bank.client.post(f"{at}fichier/")
    bank.client.post(f"{at}envoyer/")
    for content, words in ((b"rien", "nommer les colonnes"), (b"", "Choisissez le fichier")):
        answer = bank.client.post(f"{at}rejets/", {"file": SimpleUploadedFile("r.csv", content)})
        assert (answer.status_code, words in said(answer)) == (422, True)
    unknown = SimpleUploadedFile("r.csv", b"reference;motif;date\nX-1;AM04;2026-12-10")
    answer = bank.client.post(f"{at}rejets/", {"file": unknown}, follow=True)
    assert "Références inconnues de cette régie, laissées de côté : X-1." in said(answer)


def test_a_batch_is_given_up_until_the_bank_has_it(bank):
    at = prepared(bank)
    assert bank.client.post(f"{at}abandonner/").status_code == 303
    assert "Abandonné" in said(bank.client.get(at))
    again = bank.client.post(f"{at}fichier/")
    assert (again.status_code, "verrouillée" in said(again)) == (409, True)


def test_who_no_e_mail_reaches_is_named_to_be_told_on_paper(bank):
    from marelle.domain.families.models import Membership
    from marelle.foundation.writes import permitted

    with permitted("test"):
        Membership.objects.filter(family=bank.other).delete()
        bank.other.email = ""
        bank.other.save()
    assert "Aucun e-mail ne joint : Autre." in said(bank.client.get(prepared(bank)))


def test_a_suspended_mandate_is_put_back_in_service(bank):
    with permitted("test"):
        DirectDebitMandate.objects.filter(payer__family=bank.other).update(state="suspended", state_reason="AC04")
    mandate = DirectDebitMandate.objects.get(payer__family=bank.other)

    page = said(bank.client.get(bank.at("prelevements/mandats/")))
    assert page.count("Remettre en service") == 1
    woken = bank.client.post(bank.at(f"prelevements/mandats/{mandate.public_id}/reprendre/"), follow=True)
    assert "Le mandat sert de nouveau" in said(woken)
    assert "Remettre en service" not in said(woken)
    mandate.refresh_from_db()
    assert mandate.state == "active"


def test_only_who_bills_for_the_whole_town_sees_accounts(bank):
    at = prepared(bank)
    looks = signed_in(town.make_agent(bank.authority, "Paul", Grant.Role.VIEW_DAY))
    bills = signed_in(town.make_agent(bank.authority, "Anne", Grant.Role.MANAGE_BILLING))
    assert looks.get(at).status_code == 403
    assert bills.get(at).status_code == 200
    assert bills.get(bank.at(f"prelevements/regies/{bank.regie.code}/")).status_code == 403


class TestRefunds:
    @pytest.fixture
    def request_(self, bank):
        issued = payer_of(bank.other, make_regie(bank.authority, "Avances"))
        make_creditor(issued.regie)
        record_payment(issued, cents=3000, means="card", date=TODAY, **ACTING)
        return ask_refund(issued, Asked(3000, "Léa Autre", GERMAN, words="Nous déménageons"), **ACTING)

    def answer(self, bank, request_, **form):
        path = bank.at(f"remboursements/demandes/{request_.public_id}/")
        return bank.client.post(path, {"reference": "", "answer": "", **form})

    def test_accepted_by_transfer_it_leaves_with_the_file(self, bank, request_):
        assert "Nous déménageons" in bank.said(f"remboursements/demandes/{request_.public_id}/")
        assert self.answer(bank, request_, decision="transfer").status_code == 303
        regie = request_.payer.regie.code
        for day, words in (("2026-11-22", "Ce jour est passé"), ("2026-11-29", "fermées"), ("2027-11-29", "trop loin")):
            refused = bank.client.post(bank.at("remboursements/virements/"), {"regie": regie, "paid_on": day})
            assert (refused.status_code, words in said(refused)) == (422, True)
        made = bank.client.post(bank.at("remboursements/virements/"), {"regie": regie, "paid_on": "2026-11-30"})
        at = made["Location"]
        assert "30,00 €" in said(bank.client.get(at))
        assert b"<InstdAmt" in bank.client.get(f"{at}fichier/").content
        assert "Dans un fichier" in bank.said("remboursements/")
        bank.client.post(f"{at}envoyer/")

        assert TransferBatch.objects.get().state == "sent"
        assert balances_of([request_.payer_id])[request_.payer_id].wallet == 0
        late = bank.client.post(f"{at}abandonner/")
        assert (late.status_code, "ne change plus" in said(late)) == (409, True)

    def test_a_wallet_that_was_used_stops_the_file(self, bank, request_):
        self.answer(bank, request_, decision="transfer")
        made = bank.client.post(
            bank.at("remboursements/virements/"), {"regie": request_.payer.regie.code, "paid_on": "2026-11-30"}
        )
        issue_invoice(bank.other, request_.payer.regie, cents=100)
        refused = bank.client.post(f"{made['Location']}envoyer/")
        assert (refused.status_code, "Un porte-monnaie a servi depuis : Autre" in said(refused)) == (409, True)
        assert "ne contient plus autant" in bank.said(f"remboursements/demandes/{request_.public_id}/")

    @pytest.mark.parametrize(
        ("form", "status", "words"),
        [
            ({}, 422, "Choisissez une réponse"),
            ({"decision": "treasury"}, 409, "référence que le Trésor"),
            ({"decision": "refuse"}, 409, "Écrivez pourquoi"),
        ],
    )
    def test_what_is_missing_is_said(self, bank, request_, form, status, words):
        answer = self.answer(bank, request_, **form)
        assert (answer.status_code, words in said(answer)) == (status, True)
        assert RefundRequest.objects.get().state == "asked"

    @pytest.mark.parametrize(
        ("form", "state", "wallet"),
        [
            ({"decision": "kept"}, "kept", 3000),
            ({"decision": "treasury", "reference": "T-412"}, "paid", 0),
            ({"decision": "refuse", "answer": "Non"}, "refused", 3000),
        ],
    )
    def test_the_other_answers(self, bank, request_, form, state, wallet):
        assert self.answer(bank, request_, **form).status_code == 303
        assert RefundRequest.objects.get().state == state
        assert balances_of([request_.payer_id])[request_.payer_id].wallet == wallet
        again = self.answer(bank, request_, decision="kept")
        assert (again.status_code, "a déjà sa réponse" in said(again)) == (409, True)


def test_the_families_and_their_mandates_stay_what_they_are(bank):
    prepared(bank)
    assert PayerAccount.objects.count() == 2
    assert set(DirectDebitMandate.objects.values_list("state", flat=True)) == {"active"}
