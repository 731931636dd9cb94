"""Unpaid invoices as agents see them: who owes, what is sent, who is left alone, what goes to the Trésor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from marelle.domain.billing.models import (
    CollectionBatch,
    CollectionHold,
    CollectionOrder,
    CollectionSettings,
    Invoice,
    PaidBeforeTitle,
    Reminder,
    ReminderStage,
)
from marelle.domain.billing.operations.payers import choose_delivery
from marelle.domain.payments.models import PaymentAttempt, PaymentLine
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from standins.helios.gate import Helios
from tests.domain.test_collection import CHOICES, SIRET
from tests.factories import town as make
from tests.factories.invoices import issue_invoice, make_regie, payer_of
from tests.pes import SCHEMAS, with_schemas
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

NOW = datetime(2027, 1, 20, 9, tzinfo=UTC)  # 46 days after the invoices were due


@pytest.fixture
def unpaid(office, in_scope, settings):
    """A family that owes two invoices for 46 days, and one that is written to on paper."""
    settings.PES_SCHEMAS = SCHEMAS
    in_scope(office.authority)
    with clock.visiting(NOW):
        with permitted("factory"):
            office.authority.siret = SIRET
            office.authority.save()
            office.family.address = "12 rue des Lilas, 77515 Fictiville"
            office.family.save()
        office.regie = make_regie(office.authority, "Régie scolaire")
        office.other = make.make_family(office.authority, "Ledoux")
        office.first = issue_invoice(office.family, office.regie, cents=1000)
        office.second = issue_invoice(office.family, office.regie, cents=2340)
        office.third = issue_invoice(office.other, office.regie, cents=4120)
        choose_delivery(payer_of(office.other, office.regie), delivery="paper", by=SYSTEM, at=NOW)
        office.path = lambda path="": f"/{office.authority.slug}/impayes/{path}"
        yield office


def stages(unpaid, **change):
    form = {
        "has_reminders": "on",
        "days_1": "7",
        "name_1": "Rappel",
        "words_1": "Merci de payer.",
        "days_2": "",
        "days_3": "",
        **change,
    }
    return unpaid.client.post(unpaid.path(f"reglages/{unpaid.regie.code}/relances/"), form)


def collection(unpaid, **change):
    form = {
        "kind": "titles",
        "codique": "077015",
        "town_code": "100",
        "budget_code": "00",
        "regie_code": "R001",
        "product_code": "CANT",
        "nature": "7067",
        "has_keys": "on",
        "lowest_cents": "15,00",
        "first_docket": "1",
        "first_title": "1",
        **change,
    }
    return unpaid.client.post(unpaid.path(f"reglages/{unpaid.regie.code}/"), form)


def ticked(unpaid):
    page = BeautifulSoup(unpaid.client.get(unpaid.path()).content, "html.parser")
    return [box["value"] for box in page.select("input[form=relancer]")]


def test_what_is_overdue_is_listed_by_family_with_its_totals(unpaid):
    page = body(unpaid.client.get(unpaid.path()))

    assert "74,60 €" in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert "33,40 €" in page.replace("\u00a0", " ").replace("\u202f", " ")
    assert "46 jours de retard" in page
    assert unpaid.first.number in page
    assert ticked(unpaid) == []  # no reminder is set: there is none to send


def test_the_number_of_queries_does_not_grow_with_the_families(unpaid):
    def count():
        with CaptureQueriesContext(connection) as made:
            assert unpaid.client.get(unpaid.path()).status_code == 200
        return len(made)

    count()  # what is kept from one page to the next
    few = count()
    for place in range(4):
        family = make.make_family(unpaid.authority, f"Famille {place}")
        issue_invoice(family, unpaid.regie)
        issue_invoice(family, unpaid.regie)
    assert count() == few


def test_the_reminders_of_a_regie_are_chosen_with_words_to_begin_from(unpaid):
    page = unpaid.client.get(unpaid.path(f"reglages/{unpaid.regie.code}/")).content.decode()
    assert "Dernier rappel avant remise au Trésor public" in page

    assert stages(unpaid).status_code == 303
    assert list(ReminderStage.objects.values_list("position", "days", "name")) == [(1, 7, "Rappel")]
    assert CollectionSettings.objects.get().has_reminders
    assert stages(unpaid, days_2="7", name_2="Encore", words_2="Merci.").status_code == 422
    assert stages(unpaid, days_2="21").status_code == 422
    assert stages(unpaid, days_1="0").status_code == 422


def test_an_agent_sends_the_next_reminder_of_what_is_ticked(unpaid):
    stages(unpaid)
    assert len(ticked(unpaid)) == 3
    answer = unpaid.client.post(unpaid.path("relancer/"), {"invoice": ticked(unpaid)}, follow=True)

    assert "1 courrier à imprimer" in body(answer)
    assert Reminder.objects.count() == 3
    assert ticked(unpaid) == []
    assert "Aucune relance n’est à envoyer aujourd’hui." in body(unpaid.client.get(unpaid.path()))
    nothing = unpaid.client.post(unpaid.path("relancer/"), {"invoice": "zzz"}, follow=True)
    assert "Cochez au moins une facture" in body(nothing)


def test_letters_are_one_file_a_family_then_printed_once(unpaid):
    stages(unpaid, is_letter_1="on")
    unpaid.client.post(unpaid.path("relancer/"), {"invoice": ticked(unpaid)})
    answer = unpaid.client.get(unpaid.path("courriers/"))
    pages = PdfReader(BytesIO(answer.content)).pages

    assert answer["Content-Type"] == "application/pdf"
    assert len([page for page in pages if "Rappel" in page.extract_text()]) == 2
    assert "33,40" in pages[0].extract_text() + pages[2].extract_text()
    shown = BeautifulSoup(unpaid.client.get(unpaid.path()).content, "html.parser")
    last = shown.select_one("#courriers input[name=last]")["value"]
    assert unpaid.client.post(unpaid.path("courriers/imprimes/"), {"last": "x"}).status_code == 303
    assert Reminder.objects.filter(printed_at=None).count() == 3
    unpaid.client.post(unpaid.path("courriers/imprimes/"), {"last": last})
    assert not Reminder.objects.filter(printed_at=None)
    assert unpaid.client.get(unpaid.path("courriers/")).status_code == 303


def test_a_family_is_left_alone_with_a_reason_and_reminded_again(unpaid):
    stages(unpaid)
    at = unpaid.path(f"familles/{unpaid.family.public_id}/suspendre/")
    assert unpaid.client.post(at, {"reason": ""}).status_code == 422
    assert unpaid.client.post(at, {"reason": "Échéancier <b>", "until": ""}).status_code == 303

    hold = CollectionHold.objects.get()
    page = unpaid.client.get(unpaid.path()).content.decode()
    assert "Échéancier &lt;b&gt;" in page
    assert len(ticked(unpaid)) == 1
    unpaid.client.post(unpaid.path(f"suspensions/{hold.public_id}/reprendre/"))
    assert len(ticked(unpaid)) == 3


def test_one_invoice_is_disputed_and_the_others_are_still_asked_for(unpaid):
    stages(unpaid)
    at = unpaid.path(f"factures/{unpaid.first.public_id}/contester/")
    refused = unpaid.client.post(at, {"reason": ""})
    assert refused.status_code == 422
    assert CollectionHold.objects.count() == 0
    assert unpaid.client.post(at, {"reason": "Absente <b>ce jour-là", "until": ""}).status_code == 303

    hold = CollectionHold.objects.get()
    assert (hold.kind, hold.invoice_id) == ("dispute", unpaid.first.pk)
    page = unpaid.client.get(unpaid.path()).content.decode()
    assert "Facture contestée" in page
    assert "Absente &lt;b&gt;ce jour-là" in page
    assert len(ticked(unpaid)) == 2
    unpaid.client.post(unpaid.path(f"suspensions/{hold.public_id}/reprendre/"))
    assert len(ticked(unpaid)) == 3


def test_what_the_tresor_has_is_disputed_there(unpaid):
    with permitted("test"):
        Invoice.objects.filter(pk=unpaid.first.pk).update(recovery_at=NOW)

    at = unpaid.path(f"factures/{unpaid.first.public_id}/contester/")
    assert "déjà remise au Trésor" in body(unpaid.client.post(at, {"reason": "Absente"}, follow=True))
    assert CollectionHold.objects.count() == 0


@with_schemas
def test_what_the_tresor_cancelled_and_what_came_before_its_title_are_lists_to_go_through(unpaid):
    helios = handed_over(unpaid)
    helios.receive((2027, "01", 1), 1, 1, 1000, on=date(2027, 1, 21))
    send(unpaid, helios.returned(on=date(2027, 1, 22)))
    helios.cancel((2027, "01", 1), 1, 1, 1000)
    helios.receive_before_title(2027, 1580, "VIR <b>CLAIRON", on=date(2027, 1, 21))
    page = send(unpaid, helios.returned(on=date(2027, 1, 23)))

    assert "1 paiement reçu avant son titre : voyez la liste." in body(page)
    assert "Reçu d’après le Trésor : 0,00 €. Connu ici : 10,00 €." in body(page)
    assert "VIR &lt;b&gt;CLAIRON" in page.content.decode()
    undo = unpaid.path(f"tresor/factures/{unpaid.first.public_id}/contre-passer/")
    assert "10,00 € sont contre-passés" in body(unpaid.client.post(undo, follow=True))
    assert "Aucun paiement connu n’explique cet écart" in body(unpaid.client.post(undo, follow=True))
    asked = PaidBeforeTitle.objects.get()
    done = unpaid.client.post(unpaid.path(f"tresor/avant-titre/{asked.public_id}/traiter/"), follow=True)
    assert "Payé avant le titre" not in body(done)


@with_schemas
def test_an_invoice_that_is_being_paid_online_stays_out_of_the_docket(unpaid):
    with permitted("test"):
        attempt = PaymentAttempt.objects.create(
            authority=unpaid.authority, purpose="invoices", family=unpaid.family, regie=unpaid.regie,
            payer=payer_of(unpaid.family, unpaid.regie), gateway="payfip", mode="production", reference="2027PAYE01",
            exercice=2027, label="Régie", cents=1000, state="redirected", created_at=NOW, redirected_at=NOW,
        )  # fmt: skip
        PaymentLine.objects.create(authority=unpaid.authority, attempt=attempt, invoice=unpaid.first, cents=1000)
    handed_over(unpaid)

    unpaid.first.refresh_from_db()
    assert unpaid.first.recovery_at is None
    assert list(Invoice.objects.exclude(recovery_at=None)) == [unpaid.second]


def handed_over(unpaid):
    """Hand over all that a family owes, and return the gate that took it in."""
    collection(unpaid)
    unpaid.client.post(unpaid.path("tresor/preparer/"), {"regie": unpaid.regie.code, "exercice": "2027"})
    debtor = unpaid.path(f"tresor/debiteurs/{payer_of(unpaid.family, unpaid.regie).public_id}/")
    page = BeautifulSoup(unpaid.client.get(debtor).content, "html.parser")
    said = {box["name"]: box.get("value", "") for box in page.select("form.agent-form input[type=text]")}
    unpaid.client.post(debtor, {**said, "civility": "MME"})
    batch = CollectionBatch.objects.get()
    at = unpaid.path(f"tresor/{batch.public_id}/")
    unpaid.client.post(f"{at}retirer/{payer_of(unpaid.other, unpaid.regie).public_id}/")
    assert unpaid.client.post(f"{at}remettre/").status_code == 303
    helios = Helios(SCHEMAS, siret=SIRET, codique="077015", town_code="100", budget_code="00")
    send(unpaid, helios.take(unpaid.client.get(f"{at}fichier/").content, on=NOW.date()))
    return helios


def test_codes_that_the_tresor_does_not_have_are_refused(unpaid):
    assert collection(unpaid).status_code == 303
    for wrong in (
        {"codique": "77"},
        {"town_code": "1"},
        {"budget_code": "é0"},
        {"nature": "70a"},
        {"lowest_cents": "1000"},
        {"first_docket": "0"},
        {"kind": "rien"},
    ):
        assert collection(unpaid, **wrong).status_code == 422, wrong
    assert CollectionSettings.objects.get().codique == CHOICES.codique


@with_schemas
def test_a_docket_goes_from_preparation_to_what_the_tresor_received(unpaid):
    collection(unpaid)
    answer = unpaid.client.post(
        unpaid.path("tresor/preparer/"), {"regie": unpaid.regie.code, "exercice": "2027"}, follow=True
    )
    batch = CollectionBatch.objects.get()
    assert "Il manque" not in body(answer)
    assert "la civilité" in body(answer)
    at = unpaid.path(f"tresor/{batch.public_id}/")
    assert "complétez ce qui manque" in body(unpaid.client.post(f"{at}remettre/", follow=True))
    assert unpaid.client.get(f"{at}fichier/").status_code == 303
    debtor = unpaid.path(f"tresor/debiteurs/{payer_of(unpaid.family, unpaid.regie).public_id}/")
    page = BeautifulSoup(unpaid.client.get(debtor).content, "html.parser")
    said = {box["name"]: box.get("value", "") for box in page.select("form.agent-form input[type=text]")}
    assert said["postcode"] == "77515"
    assert unpaid.client.post(debtor, {**said, "civility": "MLLE"}).status_code == 422
    assert unpaid.client.post(debtor, {**said, "civility": "MME", "last_name": "日本"}).status_code == 422
    assert unpaid.client.post(debtor, {**said, "civility": "MME"})["Location"] == unpaid.path("tresor/")
    # From its docket, back to its docket: there may be many to complete.
    answer = unpaid.client.post(f"{debtor}?bordereau={batch.public_id}", {**said, "civility": "MME"})
    assert answer["Location"] == at
    unpaid.client.post(f"{at}retirer/{payer_of(unpaid.other, unpaid.regie).public_id}/")
    assert unpaid.client.post(f"{at}remettre/").status_code == 303

    content = unpaid.client.get(f"{at}fichier/").content
    assert Invoice.objects.exclude(recovery_at=None).count() == 2
    helios = Helios(SCHEMAS, siret=SIRET, codique="077015", town_code="100", budget_code="00")
    assert "1 ligne reconnue" in body(send(unpaid, helios.take(content, on=NOW.date())))
    helios.receive((2027, "01", 1), 1, 1, 1000, on=date(2027, 1, 21))
    returned = helios.returned(on=NOW.date() + timedelta(days=2))
    assert "2 lignes reconnues" in body(send(unpaid, returned))
    assert "déjà été reçu" in body(send(unpaid, returned))
    page = body(unpaid.client.get(at))
    assert "Payée au Trésor" in page
    assert "Accepté" in page
    assert CollectionOrder.objects.get(invoice=unpaid.first).state == "paid"


def send(unpaid, content):
    file = SimpleUploadedFile("retour.xml", content, content_type="application/xml")
    return unpaid.client.post(unpaid.path("tresor/retours/"), {"file": file}, follow=True)


@pytest.mark.parametrize(("content", "said"), [(b"", "Choisissez un fichier"), (b"<a/>", "ni un acquit ni un retour")])
def test_what_is_no_file_of_the_tresor_is_refused(unpaid, content, said):
    assert said in body(send(unpaid, content))


def test_without_schemas_the_screen_says_so_and_nothing_leaves(unpaid, settings):
    settings.PES_SCHEMAS = None
    collection(unpaid)
    unpaid.client.post(unpaid.path("tresor/preparer/"), {"regie": unpaid.regie.code, "exercice": "2027"})
    batch = CollectionBatch.objects.get()
    for family in (unpaid.family, unpaid.other):
        debtor = unpaid.path(f"tresor/debiteurs/{payer_of(family, unpaid.regie).public_id}/")
        person = {"civility": "M", "last_name": "X", "first_name": "Y", "address": "1 rue", "postcode": "77515"}
        unpaid.client.post(debtor, {**person, "town": "Fictiville"})

    answer = unpaid.client.post(unpaid.path(f"tresor/{batch.public_id}/remettre/"), follow=True)
    assert "verrouillé" not in body(answer)
    assert "MARELLE_PES_SCHEMAS" in body(answer)
    assert not Invoice.objects.exclude(recovery_at=None)
    assert unpaid.client.post(unpaid.path(f"tresor/{batch.public_id}/abandonner/")).status_code == 303
    assert not CollectionBatch.objects.exists()
