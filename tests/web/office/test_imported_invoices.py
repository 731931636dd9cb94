"""The invoices of other softwares as agents bring them: the model, the check, its faults, the import, withdrawing."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.domain.billing.models import Invoice
from tests.factories.imported import import_invoice
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.factories.town import make_authority, make_family
from tests.web.office.test_online_payment import text

pytestmark = pytest.mark.urls("marelle.config.urls_office")
HEADER = "Référence;Objet;Montant;Date;Échéance;Débiteur;Numéro client;Email;Sujet"
LINES = (
    "EAU-1;Eau, 3e trimestre;82,40;01/10/2026;31/12/2026;Jeanne Moreau;C-77;;eau",
    "EAU-2;Eau, 3e trimestre;12,00;01/10/2026;31/12/2026;Zoé Benoît;C-78;;eau",
)


@pytest.fixture
def till(office, in_scope):
    in_scope(office.authority)
    office.regie = make_regie(office.authority, "Régie de l’eau")
    office.url = f"/{office.authority.slug}/facturation/importees/"
    return office


def check(till, content, regie=None, encoding="utf-8"):
    data = content if isinstance(content, bytes) else "\n".join([HEADER, *content]).encode(encoding)
    sent = {"regie": (regie or till.regie).code, "file": SimpleUploadedFile("f.csv", data)}
    return till.client.post(f"{till.url}verifier/", sent)


def packed(response):
    return re.search(r'name="lignes" value="([^"]+)"', response.content.decode())[1]


def bring(till, lines, regie=None):
    return till.client.post(f"{till.url}importer/", {"regie": (regie or till.regie).code, "lignes": lines}, follow=True)


def test_the_model_is_a_table_that_the_check_reads(till):
    model = till.client.get(f"{till.url}modele.csv")
    assert model["Content-Type"].startswith("text/csv")
    response = check(till, model.content)
    assert response.status_code == 200
    assert "Importer la facture" in text(response)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_file_is_checked_then_imported_whole(till, encoding):
    response = check(till, LINES, encoding=encoding)
    assert "2 factures nouvelles, 94,40 € en tout" in text(response)
    assert not Invoice.objects.exists()
    done = bring(till, packed(response))
    assert "2 factures importées." in text(done)
    assert [one.payer_name for one in Invoice.objects.order_by("pk")] == ["Jeanne Moreau", "Zoé Benoît"]
    assert "82,40 €" in text(done)


def test_the_same_file_twice_imports_nothing_twice(till):
    response = check(till, LINES)
    bring(till, packed(response))
    assert "rien n’a été importé" in text(bring(till, packed(response)))
    again = text(check(till, LINES))
    assert "Tout est déjà là" in again
    assert Invoice.objects.count() == 2
    more = check(till, [*LINES, LINES[0].replace("EAU-1", "EAU-3")])
    assert "2 sont déjà là et ne changent pas" in text(more)
    assert "1 facture importée, 2 étaient déjà là." in text(bring(till, packed(more)))


def test_every_fault_is_said_line_by_line_and_nothing_can_be_imported(till):
    import_invoice(till.regie, reference="EAU-2")
    wrong = check(till, [LINES[0].replace("82,40", "douze").replace("eau", "gaz"), LINES[1]])
    assert wrong.status_code == 422
    shown = text(wrong)
    assert "2 lignes sont à corriger." in shown
    assert "Le montant s’écrit « 12,34 », en euros." in shown
    assert "Le sujet est l’un de : eau, loyer" in shown
    assert "Cette référence est déjà ici, avec autre chose : le montant, l’objet" in shown
    assert 'name="lignes"' not in wrong.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Ce fichier est vide."),
        (b"PK\x03\x04\0", "Ce fichier n’est pas un tableau CSV."),
        (b"a;b\n1;2", "Il manque : Référence, Objet, Montant, Date, Échéance, Débiteur."),
        (b"x" * 2_000_001, "Ce fichier est trop grand"),
    ],
)
def test_what_is_no_table_is_refused_in_words(till, content, said):
    response = check(till, content)
    assert response.status_code == 422
    assert said in text(response)


def test_lines_that_were_not_checked_here_are_not_imported(till):
    lines = packed(check(till, LINES))
    other = make_regie(till.authority, "Régie B")
    for forged, regie in ((lines[:-2] + "xx", None), ("", None), (lines, other)):
        assert "choisissez de nouveau le fichier" in text(bring(till, forged, regie))
    assert not Invoice.objects.exists()


def test_what_changed_between_the_check_and_the_import_stops_it(till):
    lines = packed(check(till, LINES))
    import_invoice(till.regie, reference="EAU-2")
    assert "vérifiez de nouveau le fichier" in text(bring(till, lines))
    assert Invoice.objects.count() == 1


def test_one_is_found_withdrawn_and_no_longer_to_be(till):
    invoice = import_invoice(till.regie)
    assert invoice.public_reference in text(till.client.get(f"{till.url}?mots=moreau"))
    assert "Aucune facture importée ne répond" in text(till.client.get(f"{till.url}?mots=personne"))
    url = f"{till.url}{invoice.public_id}/retirer/"
    assert "plus personne ne la trouve" in text(till.client.post(url, follow=True))
    assert "Retirée" in text(till.client.get(till.url))
    assert url not in till.client.get(till.url).content.decode()


def test_one_that_is_paid_stays(till):
    invoice = import_invoice(till.regie)
    pay(invoice, 100, on=invoice.issued_on)
    response = till.client.post(f"{till.url}{invoice.public_id}/retirer/", follow=True)
    assert "elle ne se retire plus" in text(response)
    assert "Reste 81,40 €" in text(response)


def test_neither_ours_nor_that_of_another_town_is_withdrawn_here(till):
    family = make_family(till.authority)
    elsewhere = import_invoice(make_regie(make_authority("Ailleurs")))
    for one in (issue_invoice(family, till.regie), elsewhere):
        assert till.client.post(f"{till.url}{one.public_id}/retirer/").status_code == 404


def test_the_page_is_reached_from_billing_and_asks_few_questions(till, django_assert_max_num_queries):
    assert till.url in till.client.get(till.at("facturation/")).content.decode()
    for place in range(30):
        import_invoice(till.regie, reference=f"EAU-{place}")
    with django_assert_max_num_queries(25):
        till.client.get(till.url)
