"""The régie as its régisseur sees it: journal, cashing, receipts, drawer, deposits, hand-over, what is left."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from marelle.domain.accounts.models import Grant
from marelle.domain.payments.models import BankDeposit, CashCount, Receipt, RegieAct, RegieHandover, RegisseurTerm
from marelle.foundation import clock
from tests.domain.regie_town import Till, assert_accounts_hold
from tests.factories import town
from tests.factories.invoices import recover
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

TODAY = date(2026, 12, 3)


@pytest.fixture
def desk(office, in_scope):
    """A régie in December, a family that owes 50 €."""
    in_scope(office.authority)
    with clock.visiting(datetime(2026, 12, 3, 10, tzinfo=UTC)):
        office.till = Till(office.authority)
        office.invoice = office.till.invoice(office.family, cents=5000)
        office.payer = office.till.payer(office.invoice)
        office.at = lambda path="": f"/{office.authority.slug}/encaissements/{path}"
        office.of = lambda path: office.at(f"regies/{office.till.regie.code}/{path}")
        yield office


def get(desk, path=""):
    return desk.client.get(desk.at(path))


def take(desk, *, invoices=None, **form):
    said = {"means": "cash", "amount": "50,00", "date": "2026-12-03", "reference": "", **form}
    said["invoices"] = [desk.invoice.public_id] if invoices is None else invoices
    return desk.client.post(desk.at(f"encaisser/{desk.payer.public_id}/"), said)


def cashed(desk, cents=5000, **options):
    return desk.till.cash(desk.invoice, cents, on=TODAY, **options)


class TestCashing:
    def test_who_comes_is_found_by_name_or_invoice(self, desk):
        for asked in (desk.family.name[:4].lower(), desk.invoice.number):
            page = body(desk.client.get(desk.at("encaisser/"), {"q": asked}))

            assert desk.payer.name in page
            assert "50,00 €" in page
        assert "Personne de ce nom" in body(desk.client.get(desk.at("encaisser/"), {"q": "zzz"}))

    def test_what_the_tresor_recovers_is_not_asked_for(self, desk):
        recover(desk.till.invoice(desk.family, cents=1234))

        for page in (
            body(desk.client.get(desk.at("encaisser/"), {"q": desk.invoice.number})),
            body(get(desk, f"encaisser/{desk.payer.public_id}/")),
        ):
            assert "50,00 €" in page
            assert "62,34 €" not in page

    def test_what_is_owed_is_ticked_and_its_amount_written(self, desk):
        page = BeautifulSoup(get(desk, f"encaisser/{desk.payer.public_id}/").content, "html.parser")

        assert page.find("input", {"name": "invoices"})["value"] == desk.invoice.public_id
        assert page.find("input", {"name": "invoices"}).has_attr("checked")
        assert page.find(id="id_amount")["value"] == "50,00"
        assert page.find(id="id_exercice") is None

    def test_a_payment_leads_to_its_receipt(self, desk):
        response = take(desk, means="cheque", reference="CH-77")

        receipt = Receipt.objects.get()
        assert response.status_code == 303
        assert response["Location"] == desk.at(f"quittances/{receipt.public_id}/")
        page = body(desk.client.get(response["Location"]))
        assert "Quittance n° 2026-0001" in page
        assert "CH-77" in page
        assert desk.invoice.number in page
        assert_accounts_hold()

    def test_what_is_kept_for_the_family_is_written_on_the_receipt(self, desk):
        page = body(desk.client.get(take(desk, amount="60,00")["Location"]))

        assert "Gardé dans le porte-monnaie 10,00 €" in page

    @pytest.mark.parametrize(
        ("form", "status", "said"),
        [
            ({"amount": "abc"}, 422, "Indiquez un montant"),
            ({"means": "debit"}, 422, "Choisissez dans la liste"),
            ({"amount": "0,00"}, 409, "Indiquez un montant au-dessus de zéro"),
            ({"date": "2026-12-04"}, 409, "pas encore venu"),
            ({"means": "cesu"}, 409, "ne se paie en CESU"),
            ({"means": "holiday", "amount": "50,01"}, 409, "La monnaie ne se rend pas"),
        ],
    )
    def test_what_is_refused_is_said_beside_it(self, desk, form, status, said):
        response = take(desk, **form)

        assert response.status_code == status
        assert said in body(response)
        assert not Receipt.objects.exists()

    def test_pressed_twice_it_is_cashed_once(self, desk):
        left = {f"left.{desk.invoice.public_id}": "5000"}
        take(desk, amount="20,00", **left)

        again = take(desk, amount="20,00", **left)

        assert again.status_code == 409
        assert "Le reste dû a changé" in body(again)
        assert Receipt.objects.count() == 1

    def test_the_invoice_of_somebody_else_is_no_choice(self, desk):
        other = desk.till.invoice(town.make_family(desk.authority, "Clairon"))

        assert take(desk, invoices=[other.public_id]).status_code == 422

    def test_in_january_the_former_exercice_is_a_choice(self, desk):
        with clock.visiting(datetime(2027, 1, 12, 10, tzinfo=UTC)):
            page = get(desk, f"encaisser/{desk.payer.public_id}/")
            take(desk, date="2027-01-12", exercice="2026")

        assert "2026, journée complémentaire" in body(page)
        assert Receipt.objects.get().number == "2026-0001"

    def test_the_page_of_an_invoice_gives_a_receipt_too(self, desk):
        url = f"/{desk.authority.slug}/facturation/factures/{desk.invoice.public_id}/"
        form = {"amount": "50,00", "means": "card", "date": "2026-12-03", "reference": ""}

        page = body(desk.client.post(f"{url}paiement/", form, follow=True))

        assert "Quittance n° 2026-0001" in page
        assert Receipt.objects.get().means == "card"


class TestJournal:
    def test_the_day_with_its_totals(self, desk):
        cashed(desk, 1000)
        cashed(desk, 2000, means="cheque")

        page = body(get(desk))

        assert "2026-0001" in page
        assert "2026-0002" in page
        assert "30,00 €" in page

    def test_filters(self, desk):
        cashed(desk, 1000)
        cashed(desk, 2000, means="cheque")

        page = body(desk.client.get(desk.at(), {"du": "2026-12-01", "au": "2026-12-03", "moyen": "cheque", "q": ""}))

        assert "2026-0002" in page
        assert "2026-0001" not in page
        assert desk.client.get(desk.at(), {"du": "hier"}).status_code == 400

    def test_over_the_ceiling_and_late_it_warns_and_lets_go_on(self, desk):
        desk.till.act(ceiling=1000, days=7)
        cashed(desk, 2000)
        with clock.visiting(datetime(2026, 12, 14, 10, tzinfo=UTC)):
            page = body(get(desk))
            taken = take(desk, amount="30,00", date="2026-12-14")

        assert "L’encaisse maximale est dépassée." in page
        assert "Un versement est en retard." in page
        assert "Vous pouvez continuer à encaisser." in page
        assert taken.status_code == 303


class TestCancelling:
    def test_by_a_counter_receipt_with_its_reason(self, desk):
        receipt = cashed(desk)
        url = desk.at(f"quittances/{receipt.public_id}/")

        response = desk.client.post(
            f"{url}annuler/", {"cause": "Chèque impayé", "words": "sans provision", "date": "2026-12-03"}
        )

        counter = Receipt.objects.get(cancels=receipt)
        assert response["Location"] == desk.at(f"quittances/{counter.public_id}/")
        assert counter.reason == "Chèque impayé : sans provision"
        assert "Annulée." in body(desk.client.get(url))
        assert "annuler/" not in desk.client.get(url).content.decode()

    def test_not_twice_and_not_tomorrow(self, desk):
        receipt = cashed(desk)
        url = desk.at(f"quittances/{receipt.public_id}/annuler/")
        form = {"cause": "Autre", "words": "", "date": "2026-12-03"}

        tomorrow = desk.client.post(url, {**form, "date": "2026-12-04"})
        desk.client.post(url, form)
        twice = desk.client.post(url, form)

        assert (tomorrow.status_code, twice.status_code) == (422, 409)
        assert Receipt.objects.count() == 2


class TestDrawer:
    def test_it_is_counted_piece_by_piece(self, desk):
        desk.till.act(coins=2000)
        cashed(desk, 5000)

        exact = desk.client.post(desk.of("caisse/compter/"), {"p5000": "1", "p2000": "1"}, follow=True)
        short = desk.client.post(desk.of("caisse/compter/"), {"p5000": "1", "words": "à revoir"}, follow=True)

        assert "La caisse est juste" in body(exact)
        assert "20,00 € manquent" in body(short)
        assert [one.difference_cents for one in CashCount.objects.order_by("pk")] == [0, -2000]
        assert desk.client.post(desk.of("caisse/compter/"), {"p5000": "-1"}).status_code == 422

    def test_the_act_is_noted_by_who_administers(self, desk):
        form = {"reference": "Arrêté 12", "ceiling": "1000,00", "coins": "50,00", "deposit_days": "30"}
        clerk = signed_in(town.make_agent(desk.authority, "Ana", Grant.Role.MANAGE_BILLING))

        assert clerk.post(desk.of("acte/"), form).status_code == 403
        assert desk.client.post(desk.of("acte/"), {**form, "deposit_days": "0"}).status_code == 422
        assert desk.client.post(desk.of("acte/"), form).status_code == 303
        act = RegieAct.objects.get()
        assert (act.ceiling_cents, act.float_cents, act.deposit_days) == (100_000, 5000, 30)
        assert "acte/" not in clerk.get(desk.of("caisse/")).content.decode()


class TestDeposits:
    def prepare(self, desk, **form):
        said = {"means": "cash", "exercice": "2026", "until": "2026-12-03", **form}
        return desk.client.post(desk.of("versements/preparer/"), said)

    def test_prepared_signed_and_locked(self, desk):
        cashed(desk, 5000)
        assert "50,00 €" in body(desk.client.get(desk.of("versements/")))

        response = self.prepare(desk)
        deposit = BankDeposit.objects.get()
        url = desk.at(f"versements/{deposit.public_id}/")
        handed = desk.client.post(f"{url}verser/", {"date": "2026-12-03", "reference": "R-9"}, follow=True)

        assert response["Location"] == url
        assert "est versé : il ne change plus" in body(handed)
        assert "verser/" not in desk.client.get(url).content.decode()
        for path, form in (("verser/", {"date": "2026-12-03", "reference": ""}), ("annuler/", {})):
            assert desk.client.post(f"{url}{path}", form).status_code == 409
        assert_accounts_hold()

    def test_given_up_before(self, desk):
        cashed(desk, 5000)
        self.prepare(desk)
        deposit = BankDeposit.objects.get()

        page = desk.client.post(desk.at(f"versements/{deposit.public_id}/annuler/"), follow=True)

        assert "attendent un autre versement" in body(page)

    def test_nothing_to_deposit_is_said(self, desk):
        assert "Rien n’est à verser" in body(self.prepare(desk))
        assert self.prepare(desk, until="demain").status_code == 422

    def test_its_statement_as_pdf_and_table(self, desk):
        cashed(desk, 1000)
        desk.till.cancel(cashed(desk, 2000), on=TODAY)
        cashed(desk, 3000)
        self.prepare(desk)
        url = desk.at(f"versements/{BankDeposit.objects.get().public_id}/")

        pdf = desk.client.get(f"{url}pdf/")
        table = desk.client.get(f"{url}csv/").content.decode("utf-8-sig").splitlines()

        words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
        assert "V-2026-0001" in words
        assert "Le comptable public" in words
        assert "40,00" in words
        assert len(table) == 5
        assert table[3].split(";")[6] == "-20,00"
        assert desk.client.get(f"{url}txt/").status_code == 404


class TestRegisseurs:
    def test_named_counted_and_handed_over(self, desk):
        other = town.make_agent(desk.authority, "Karim Haddad")
        naming = {"agent": desk.agent.pk, "kind": "regisseur", "starts_on": "2026-09-01"}
        assert desk.client.post(desk.of("regisseurs/nommer/"), naming).status_code == 303
        assert desk.client.post(desk.of("regisseurs/nommer/"), naming).status_code == 409
        cashed(desk, 5000)

        uncounted = desk.client.post(desk.of("remise/"), {"to": other.pk, "words": ""})
        desk.client.post(desk.of("caisse/compter/"), {"p5000": "1"})
        done = desk.client.post(desk.of("remise/"), {"to": other.pk, "words": "Rien à redire"}, follow=True)

        assert uncounted.status_code == 409
        assert "Comptez la caisse" in body(uncounted)
        assert "La remise de service est notée." in body(done)
        handover = RegieHandover.objects.get()
        pdf = desk.client.get(desk.at(f"remises/{handover.public_id}/pdf/"))
        words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
        assert "Karim Haddad" in words
        assert "2026-0001" in words

    def test_a_mandataire_is_named_and_ends(self, desk):
        other = town.make_agent(desk.authority, "Karim Haddad")
        naming = {"agent": other.pk, "kind": "substitute", "starts_on": "2026-12-01"}
        desk.client.post(desk.of("regisseurs/nommer/"), naming)
        term = RegisseurTerm.objects.get()

        page = desk.client.post(desk.of(f"regisseurs/{term.public_id}/"), follow=True)

        assert "La fin des fonctions est notée." in body(page)
        assert desk.client.post(desk.of(f"regisseurs/{term.public_id}/")).status_code == 409
        assert desk.client.post(desk.of("regisseurs/nommer/"), {**naming, "agent": "0"}).status_code == 422


class TestRest:
    def test_on_screen_and_as_tables(self, desk):
        cashed(desk, 2000)

        page = body(desk.client.get(desk.at("reste-a-recouvrer/"), {"au": "2026-12-31"}))
        before = body(desk.client.get(desk.at("reste-a-recouvrer/"), {"au": "2026-12-02"}))
        table = desk.client.get(desk.at("reste-a-recouvrer/csv/"), {"au": "2026-12-31"})
        book = desk.client.get(desk.at("reste-a-recouvrer/xlsx/"))

        assert "30,00 €" in page
        assert desk.invoice.number in page
        assert "50,00 €" in before
        assert table.content.decode("utf-8-sig").splitlines()[1].endswith(";30,00")
        assert book.content[:2] == b"PK"
        assert desk.client.get(desk.at("reste-a-recouvrer/pdf/")).status_code == 404

    def test_online_takings_are_apart(self, desk):
        assert "Rien n’a été payé en ligne" in body(desk.client.get(desk.of("en-ligne/")))


def test_who_does_not_bill_stays_outside(desk):
    clerk = signed_in(town.make_agent(desk.authority, "Paul", Grant.Role.VIEW_DAY))

    assert clerk.get(desk.at()).status_code == 403
    assert "Encaissements" in body(get(desk))
