"""The interface for other softwares: invoices brought once, asked about, withdrawn; errors in JSON and in French."""

from __future__ import annotations

import base64
import json

import pytest
from django.core.cache import cache
from django.test import Client

from marelle.domain.billing.models import ApiToken, ImportedDocument, Invoice
from marelle.domain.billing.operations.api_tokens import make_token, revoke_token
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from tests.domain.payments_town import NOW
from tests.factories.imported import import_invoice
from tests.factories.invoices import make_regie, pay
from tests.factories.town import make_authority

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marelle.config.urls_office")]
WATER = {
    "reference": "EAU/2026-154",
    "objet": "Eau, 3e trimestre 2026",
    "montant_centimes": 8240,
    "date": "2026-10-01",
    "echeance": "2026-12-31",
    "debiteur": "Jeanne Moreau",
    "numero_client": "C-77",
    "email": "jeanne@exemple.fr",
    "sujet": "eau",
}
PDF = base64.b64encode(b"%PDF-1.7 une facture").decode()


class Software:
    """A software with the token of a régie."""

    def __init__(self, authority, regie):
        self.authority, self.regie = authority, regie
        self.token, self.secret = make_token(regie, name="Eau", by=SYSTEM, at=NOW)
        self.url = f"/api/v1/{authority.slug}/factures/"
        self.client = Client(enforce_csrf_checks=True, headers={"host": "mairie.localhost"})

    def call(self, method, path="", *, body=None, secret=None, content_type="application/json", url=None):
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.secret if secret is None else secret}"}
        return self.client.generic(method, (url or self.url) + path, data, content_type, headers=headers)

    def post(self, *invoices, **options):
        body = invoices[0] if len(invoices) == 1 else {"factures": list(invoices)}
        return self.call("POST", body=body, **options)


@pytest.fixture
def software(monday_morning, in_scope):
    cache.clear()
    authority = make_authority("Essai")
    in_scope(authority)
    return Software(authority, make_regie(authority, "Régie de l’eau"))


class TestBringing:
    def test_one_is_imported_with_its_reference_for_whoever_pays(self, software):
        response = software.post(WATER)
        invoice = Invoice.objects.get()
        assert response.status_code == 201
        assert response.json() == {
            "nouvelles": 1,
            "factures": [
                {
                    "reference": "EAU/2026-154",
                    "reference_en_ligne": invoice.public_reference,
                    "etat": "a_payer",
                    "montant_centimes": 8240,
                    "reste_centimes": 8240,
                    "payee_le": None,
                    "payable_en_ligne": True,
                }
            ],
        }
        assert (invoice.origin, invoice.payer.email, invoice.regie) == ("api", "jeanne@exemple.fr", software.regie)
        assert AuditEntry.objects.get(verb="import_invoices").details["token"] == software.token.pk
        assert ApiToken.objects.get().used_on == NOW.date()
        assert "no-store" in response["Cache-Control"]

    def test_sent_again_it_is_the_same_and_many_are_all_or_none(self, software):
        software.post(WATER)
        again = software.post(WATER, {**WATER, "reference": "EAU-2"})
        assert (again.status_code, again.json()["nouvelles"]) == (201, 1)
        assert software.post(WATER).status_code == 200
        wrong = software.post({**WATER, "reference": "EAU-3"}, {**WATER, "montant_centimes": 1})
        assert wrong.status_code == 409
        assert wrong.json()["details"] == [
            {
                "reference": "EAU/2026-154",
                "message": "Cette référence est déjà ici, avec autre chose : le montant.",
            }
        ]
        assert Invoice.objects.count() == 2

    def test_a_document_comes_with_it_encrypted(self, software):
        assert software.post({**WATER, "pdf": PDF}).status_code == 201
        assert bytes(ImportedDocument.objects.get().content) == b"%PDF-1.7 une facture"

    @pytest.mark.parametrize(
        ("fields", "champ"),
        [
            ({"reference": ""}, "reference"),
            ({"montant_centimes": "8240"}, "montant_centimes"),
            ({"montant_centimes": 82.4}, "montant_centimes"),
            ({"montant_centimes": True}, "montant_centimes"),
            ({"montant_centimes": -1}, "montant_centimes"),
            ({"montant_centimes": 10**30}, "montant_centimes"),
            ({"date": "1er octobre"}, "date"),
            ({"echeance": None}, "echeance"),
            ({"debiteur": ["Jeanne"]}, "debiteur"),
            ({"sujet": "gaz"}, "sujet"),
            ({"email": "x"}, "email"),
            ({"pdf": "!"}, "pdf"),
            ({"pdf": base64.b64encode(b"GIF89a").decode()}, "pdf"),
            ({"pdf": base64.b64encode(b"%PDF-" + b"x" * 300_001).decode()}, "pdf"),
            ({"famille": "x"}, "famille"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_imported(self, software, fields, champ):
        response = software.post({**WATER, "reference": "EAU-1"}, {**WATER, **fields})
        assert response.status_code == 422
        assert response.json()["erreur"] == "Des factures sont à corriger : aucune n’est importée."
        assert [(one["facture"], one["champ"]) for one in response.json()["details"]] == [(2, champ)]
        assert not Invoice.objects.exists()

    def test_what_no_table_holds_is_read_without_it(self, software):
        response = software.post({**WATER, "objet": "Eau\x00\ud800\u202e du port"})
        assert response.status_code == 201
        assert Invoice.objects.get().label == "Eau du port"

    def test_a_reference_twice_in_one_call_is_refused(self, software):
        response = software.post(WATER, {**WATER, "reference": "eau/2026-154"})
        assert response.json()["details"][0]["message"] == "Cette référence est deux fois dans l’envoi."

    @pytest.mark.parametrize(
        ("body", "options", "status"),
        [
            (b"{", {}, 400),
            (b"\xff\xfe", {}, 400),
            (b"[" * 5000, {}, 400),
            (b"[]", {}, 400),
            (b"3", {}, 400),
            (b'{"factures": [1]}', {}, 400),
            (json.dumps([WATER] * 501).encode(), {}, 400),
            (json.dumps(WATER).encode(), {"content_type": "text/plain"}, 415),
            (b"a=1", {"content_type": "application/x-www-form-urlencoded"}, 415),
        ],
        ids=["cut", "not utf-8", "too deep", "none", "a number", "not invoices", "too many", "not json", "a form"],
    )
    def test_what_is_no_json_of_invoices_is_refused_in_words(self, software, body, options, status):
        response = software.call("POST", body=body, **options)
        assert response.status_code == status
        assert response.json()["erreur"]


class TestAsking:
    def test_it_says_where_an_invoice_stands(self, software):
        invoice = import_invoice(software.regie)
        assert software.call("GET", "EAU-2026-154/").json()["etat"] == "a_payer"
        pay(invoice, 240, on=NOW.date())
        said = software.call("GET", "EAU-2026-154/").json()
        assert (said["etat"], said["reste_centimes"]) == ("en_partie_payee", 8000)
        pay(invoice, 8000, on=NOW.date())
        said = software.call("GET", "EAU-2026-154/").json()
        assert (said["etat"], said["payee_le"], said["payable_en_ligne"]) == ("payee", "2026-11-23", False)

    def test_of_another_regie_or_nobodys_it_is_not_found(self, software):
        import_invoice(make_regie(software.authority, "Régie B"), reference="AUTRE")
        for reference in ("AUTRE", "RIEN"):
            response = software.call("GET", f"{reference}/")
            assert (response.status_code, response.json()["erreur"]) == (
                404,
                "Aucune facture de cette régie ne porte cette référence.",
            )

    def test_it_is_withdrawn_while_nobody_paid_it(self, software):
        import_invoice(software.regie)
        for _twice in range(2):
            assert software.call("DELETE", "EAU-2026-154/").json()["etat"] == "retiree"
        paid = import_invoice(software.regie, reference="EAU-2")
        pay(paid, 1, on=NOW.date())
        assert software.call("DELETE", "EAU-2/").status_code == 409

    def test_the_one_that_serves_is_the_one_asked_about(self, software):
        import_invoice(software.regie)
        software.call("DELETE", "EAU-2026-154/")
        import_invoice(software.regie, cents=100)
        assert software.call("GET", "EAU-2026-154/").json()["montant_centimes"] == 100


class TestTheDoor:
    @pytest.mark.parametrize("secret", ["", "x", "marelle_faux", "marelle_" + "x" * 500, "é"])
    def test_without_the_token_nothing_is_said(self, software, secret):
        response = software.post(WATER, secret=secret)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert "Jeton absent" in response.json()["erreur"]

    def test_a_token_serves_its_authority_alone_and_until_it_is_revoked(self, software):
        other = make_authority("Ailleurs")
        assert software.post(WATER, url=f"/api/v1/{other.slug}/factures/").status_code == 401
        assert software.post(WATER, url="/api/v1/nulle-part/factures/").status_code == 401
        revoke_token(software.token, by=SYSTEM, at=NOW)
        assert software.post(WATER).status_code == 401

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "X/"), ("PUT", "X/")]
    )
    def test_another_method_is_refused_in_json(self, software, method, path):
        response = software.call(method, path)
        assert response.status_code == 405
        assert response["Allow"]
        assert response.json()["erreur"]

    def test_who_tries_tokens_and_who_calls_too_much_are_told_to_wait(self, software, settings):
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "api": "3/m/key", "api_refused": "3/h/ip"}
        cache.clear()
        assert [software.call("GET", "X/").status_code for _ in range(4)] == [404, 404, 404, 429]
        assert [software.call("GET", "X/", secret="x").status_code for _ in range(4)] == [401, 401, 401, 429]
        assert "réessayez" in software.call("GET", "X/").json()["erreur"]
