"""Billing as agents see it: what to look at before, the review, drafts, approval, invoices, accounts, régies."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from marelle.domain.accounts.models import Grant
from marelle.domain.authorities.models import Regie
from marelle.domain.billing.models import Aid, BillingRun, Invoice, InvoiceLine, ManualCharge, PayerAccount, Posting
from marelle.domain.billing.operations import runs
from marelle.domain.billing.operations.aids import add_aid
from marelle.domain.catalog.models import Tariff
from marelle.domain.catalog.queries import offer_of
from marelle.domain.families.models import Custody, Family
from marelle.domain.reservations.models import Attendance, Reservation
from marelle.domain.reservations.operations.custody import settle_custody
from marelle.domain.reservations.rules.custody import CustodyTerms, Packages
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from tests.domain.billing_town import billed, drafted, issue_all
from tests.factories import town
from tests.factories.invoices import issue_invoice, make_regie, pay
from tests.web.office.conftest import signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

LATER = datetime(2026, 12, 3, 9, tzinfo=UTC)
DAYS = (date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9))
BRACKETS = {"price": {"by": "quotient", "bands": [{"up_to": 600, "price": "2,00"}, {"up_to": 1000, "price": "3,00"}]}}


@pytest.fixture
def billing(office, in_scope):
    """A canteen billed by a régie, in December; a family with three meals in November."""
    in_scope(office.authority)
    with clock.visiting(LATER):
        office.regie = make_regie(office.authority, "Régie scolaire", number_pattern="{exercice}-CA-{numero}")
        with permitted("factory"):
            office.canteen.regie = office.regie
            office.canteen.save()
        touch(office.authority)
        office.child = town.make_child(office.family, "Lucia", products=(office.meal,))
        office.reservations = [
            town.make_reservation(office.child, office.meal, day, family=office.family) for day in DAYS
        ]
        office.at = lambda path="": f"/{office.authority.slug}/facturation/{path}"
        office.prepared = {
            "services": office.canteen.public_id,
            "starts_on": "2026-11-01",
            "ends_on": "2026-11-30",
            "name": "Cantine, novembre 2026",
            "invoiced_on": "2026-12-03",
            "due_on": "2027-01-02",
            "exercice": "2026",
            "step": "start",
        }
        yield office


def touch(authority):
    """Have the offer read anew."""
    with permitted("factory"):
        town._touch(authority)


def another(billing, name, *days, **fields):
    """Make another family that eats."""
    family = town.make_family(billing.authority, name)
    child = town.make_child(family, "Zoé", products=(billing.meal,), **fields)
    for day in days or DAYS:
        town.make_reservation(child, billing.meal, day, family=family)
    return family


def tick(billing, *days):
    with permitted("factory"):
        for day in days:
            Attendance.objects.create(
                authority=billing.authority,
                child=billing.child,
                product=billing.meal,
                date=day,
                state="present",
                recorded_at=LATER,
            )


def reviewed(billing, **options):
    return drafted(Regie.objects.get(pk=billing.regie.pk), **options)


def of(run, family):
    return Invoice.objects.get(run=run, family=family)


def get(billing, path=""):
    return billing.client.get(billing.at(path))


def post(billing, path, **form):
    return billing.client.post(billing.at(path), form)


def work(run):
    """Do what the worker does."""
    while runs.draft_some(run, authority=run.regie.authority, by=SYSTEM, at=LATER):
        pass
    while runs.issue_some(run, by=SYSTEM, at=LATER):
        pass


class TestBefore:
    def test_the_month_that_is_over_is_proposed(self, billing):
        page = BeautifulSoup(get(billing, "preparer/").content, "html.parser")

        assert page.find(id="id_starts_on")["value"] == "2026-11-01"
        assert page.find(id="id_ends_on")["value"] == "2026-11-30"
        assert page.find(id="id_name")["value"] == "Cantine, novembre 2026"
        assert page.find(id="id_due_on")["value"] == "2027-01-02"
        assert page.find(id="id_exercice")["value"] == "2026"
        assert page.find(id="id_carried_below")["value"] == "15,00"

    def test_days_that_nobody_ticked_are_named_with_the_way_to_their_sheet(self, billing):
        tick(billing, DAYS[0])

        response = get(billing, "preparer/")

        assert "Jours sans pointage 2" in body(response)
        assert f"/{billing.authority.slug}/journee/2026-11-06/presences/" in response.content.decode()
        assert "/journee/2026-11-05/" not in response.content.decode()

    def test_a_child_who_came_when_no_home_had_it_is_named_since_nobody_is_invoiced(self, billing):
        tick(billing, *DAYS)
        gone = town.make_child(town.make_family(billing.authority, "Benali"), "Zoé", products=(billing.meal,))
        with permitted("factory"):
            Custody.objects.filter(child=gone).update(ends_on=date(2026, 11, 5))
            for day in DAYS:
                Attendance.objects.create(
                    authority=billing.authority,
                    child=gone,
                    product=billing.meal,
                    date=day,
                    state="present",
                    recorded_at=LATER,
                )

        said = body(get(billing, "preparer/"))

        assert "Présences sans foyer 1" in said
        assert f"{gone.full_name}, " in said
        assert ": 6 et 9/11/2026" in said
        assert "Tout est prêt." not in said
        issue_all(reviewed(billing))
        assert InvoiceLine.objects.filter(child=gone).values_list("days", flat=True).get() == [date(2026, 11, 5)]

    def test_a_month_billed_already_is_said_to_be(self, billing):
        assert "Déjà facturé" not in body(get(billing, "preparer/"))
        issue_all(reviewed(billing))

        assert "Déjà facturé en partie. « Novembre » a été émise" in body(get(billing, "preparer/"))

    def test_all_ticked_it_is_ready(self, billing):
        tick(billing, *DAYS)

        assert "Tout est prêt." in body(get(billing, "preparer/"))

    def test_a_product_without_a_tariff_a_tariff_that_changes_and_an_unknown_quotient_are_named(self, billing):
        tick(billing, *DAYS)
        town.make_product(billing.authority, name="Pique-nique", service=billing.canteen, price_cents=None)
        with permitted("factory"):
            Tariff.objects.create(
                authority=billing.authority, product=billing.meal, valid_from=date(2026, 11, 9), rules=BRACKETS
            )
        touch(billing.authority)

        said = body(get(billing, "preparer/"))

        assert "Prestations sans tarif" in said
        assert "Pique-nique" in said
        assert "Tarif ou règlement changé" in said
        assert "09/11/2026" in said
        assert "Familles sans quotient 1" in said
        assert "Sanchez-Cordoves" in said

    def test_started_it_says_what_the_worker_does(self, billing):
        response = post(billing, "preparer/", **billing.prepared, is_carrying="on", carried_below="15")

        run = BillingRun.objects.get()
        assert response.status_code == 303
        assert response["Location"] == billing.at(f"{run.public_id}/")
        assert (run.state, run.carried_below, run.exercice) == ("drafting", 15_00, 2026)
        said = body(get(billing, f"{run.public_id}/"))
        assert "Préparation des brouillons" in said
        assert "0 famille sur 1" in said
        assert "Actualiser" in said

    def test_to_check_again_writes_nothing(self, billing):
        response = post(billing, "preparer/", **{**billing.prepared, "step": "check", "ends_on": "2026-11-05"})

        assert response.status_code == 200
        assert "Jours sans pointage 1" in body(response)
        assert not BillingRun.objects.exists()

    def test_a_name_that_nobody_wrote_follows_the_days(self, billing):
        name = "Cantine, novembre 2026"
        said = {**billing.prepared, "name": name, "proposed": name, "starts_on": "2026-10-01", "ends_on": "2026-10-31"}

        page = BeautifulSoup(post(billing, "preparer/", **{**said, "step": "check"}).content, "html.parser")
        assert page.find(attrs={"name": "name"})["value"] == "Cantine, octobre 2026"
        assert page.find(attrs={"name": "proposed"})["value"] == "Cantine, octobre 2026"
        assert page.find(attrs={"name": "starts_on"})["value"] == "2026-10-01"
        post(billing, "preparer/", **said)
        assert BillingRun.objects.get().name == "Cantine, octobre 2026"

    def test_a_name_that_was_written_stays(self, billing):
        changed = {"name": "Repas d’automne", "proposed": "Cantine, novembre 2026", "ends_on": "2026-11-15"}
        post(billing, "preparer/", **{**billing.prepared, **changed})

        assert BillingRun.objects.get().name == "Repas d’automne"

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"services": ""}, "Cochez au moins un service."),
            ({"starts_on": "31/02/2026"}, "Indiquez un jour"),
            ({"ends_on": "2026-10-31"}, "Le dernier jour vient avant le premier."),
            ({"ends_on": "2026-12-31"}, "on ne facture que ce qui a eu lieu"),
            ({"starts_on": "2024-01-01"}, "La période dépasse un an."),
            ({"due_on": "2026-12-01"}, "Ce jour vient avant la date des factures."),
            ({"name": " "}, "Écrivez l’objet"),
            ({"exercice": "x"}, "Indiquez une année"),
            ({"is_carrying": "on"}, "Indiquez un montant"),
            ({"is_carrying": "on", "carried_below": "200"}, "Le report ne peut dépasser 100 €."),
        ],
        ids=str,
    )
    def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(self, billing, changed, said):
        response = post(billing, "preparer/", **{**billing.prepared, "name": "Cantine de Noël", **changed})

        assert response.status_code in {409, 422}
        assert said in body(response).replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert "name" in changed or "Cantine de Noël" in response.content.decode()
        assert not BillingRun.objects.exists()

    def test_a_second_one_is_refused_while_one_is_open(self, billing):
        reviewed(billing)

        response = post(billing, "preparer/", **billing.prepared)

        assert response.status_code == 409
        assert "déjà ouverte" in body(response)
        assert BillingRun.objects.count() == 1

    def test_it_asks_as_little_for_many_families_as_for_one(self, billing):
        def questions():
            get(billing, "preparer/")
            with CaptureQueriesContext(connection) as statements:
                get(billing, "preparer/")
            return len(statements)

        few = questions()
        for number in range(5):
            another(billing, f"Famille {number}")

        assert questions() == few


class TestUnderWay:
    def test_the_part_that_moves_is_the_same_as_in_the_page(self, billing):
        post(billing, "preparer/", **billing.prepared)
        run = BillingRun.objects.get()

        page = BeautifulSoup(get(billing, f"{run.public_id}/").content, "html.parser").find(id="avancement")
        part = BeautifulSoup(get(billing, f"{run.public_id}/avancement/").content, "html.parser").find(id="avancement")

        assert str(part) == str(page)
        assert page["hx-trigger"] == "every 2s"

    def test_once_done_the_browser_reads_it_again(self, billing):
        run = reviewed(billing)

        response = get(billing, f"{run.public_id}/avancement/")

        assert response["HX-Refresh"] == "true"
        assert "Brouillons" in body(response)

    def test_abandoned_it_is_still_to_be_billed(self, billing):
        run = reviewed(billing)

        response = post(billing, f"{run.public_id}/abandonner/")

        assert response.status_code == 303
        assert "La facturation est abandonnée" in body(get(billing))
        assert "Ce qu’elle devait facturer reste à facturer." in body(get(billing, f"{run.public_id}/"))
        assert of(reviewed(billing), billing.family).total_cents == 3 * 385

    def test_approved_it_is_not_abandoned(self, billing):
        run = reviewed(billing)
        issue_all(run)

        response = post(billing, f"{run.public_id}/abandonner/")

        assert response.status_code == 409
        assert "elle ne peut plus être abandonnée" in body(response)


class TestTheReview:
    def test_it_says_what_it_comes_to(self, billing):
        another(billing, "Benali")
        run = reviewed(billing)

        said = body(get(billing, f"{run.public_id}/"))

        assert "À émettre 23,10 € 2 factures, novembre 2026" in said
        assert "Repas, École des Tilleuls 6 23,10 €" in said
        assert "7067 23,10 €" in said
        assert said.index("Benali") < said.index("Sanchez-Cordoves")

    def test_troubles_are_named_with_what_to_do_and_the_way_to_the_file_and_the_draft(self, billing):
        with permitted("factory"):
            Tariff.objects.filter(product=billing.meal).update(rules=BRACKETS)
        touch(billing.authority)
        run = reviewed(billing)

        response = get(billing, f"{run.public_id}/")

        said, code = body(response), billing.family.public_id
        assert "Sans quotient 1 famille" in said
        assert "Notez-le dans le dossier." in said
        assert "Lucia, repas, 5, 6 et 9/11/2026" in said
        assert billing.at(f"{run.public_id}/familles/{code}/") in response.content.decode()
        assert f"/familles/{code}/" in response.content.decode()

    def test_only_those_that_met_a_trouble_or_are_like_this(self, billing):
        another(billing, "Benali", date(2026, 11, 5))
        run = reviewed(billing, carried_below=5_00)
        page = f"{run.public_id}/"

        assert "Petites sommes 1" in body(get(billing, page))
        small = BeautifulSoup(get(billing, f"{page}?voir=carried").content, "html.parser").find(id="brouillons").text
        assert "Benali" in small
        assert "Sanchez" not in small
        none = body(get(billing, f"{page}?voir=not_enrolled"))
        assert "Présence sans inscription" in none
        assert "Rien ici." in none

    def test_a_bill_that_jumps_and_what_moves_since_the_run_before_are_shown(self, billing):
        billed(
            Regie.objects.get(pk=billing.regie.pk),
            days=(date(2026, 10, 1), date(2026, 10, 31)),
        )
        for day in range(1, 29):
            if date(2026, 10, day).weekday() in {0, 1, 3, 4} and day < 3:
                town.make_reservation(billing.child, billing.meal, date(2026, 10, day), family=billing.family)
        billed(Regie.objects.get(pk=billing.regie.pk), days=(date(2026, 10, 1), date(2026, 10, 31)))
        for day in (12, 13, 16, 17, 19, 20, 23, 24):
            town.make_reservation(billing.child, billing.meal, date(2026, 11, day), family=billing.family)
        run = reviewed(billing)

        said = body(get(billing, f"{run.public_id}/"))

        assert "Forte variation 1" in said
        assert "+ 34,65 €" in said  # from two meals to eleven
        assert "Depuis la précédente octobre 2026" in said
        assert "Repas, École des Tilleuls 7,70 € + 34,65 €" in said

    def test_a_family_is_found_by_its_name(self, billing):
        another(billing, "Benali")
        run = reviewed(billing)

        found = BeautifulSoup(get(billing, f"{run.public_id}/?nom=bena").content, "html.parser").find(id="brouillons")

        assert "Benali" in found.text
        assert "Sanchez" not in found.text
        assert found.find("input", {"name": "nom"})["value"] == "bena"

    def test_it_is_paged(self, billing, monkeypatch):
        monkeypatch.setattr("marelle.web.office.billing.review.ON_A_PAGE", 1)
        another(billing, "Benali")
        run = reviewed(billing)

        assert "Page 2 sur 2" in body(get(billing, f"{run.public_id}/?page=2"))

    def test_it_asks_as_little_for_many_families_as_for_one(self, billing):
        def questions(run):
            get(billing, f"{run.public_id}/")
            with CaptureQueriesContext(connection) as statements:
                get(billing, f"{run.public_id}/")
            return len(statements)

        with permitted("factory"):
            Tariff.objects.filter(product=billing.meal).update(rules=BRACKETS)
        touch(billing.authority)
        run = reviewed(billing)
        few = questions(run)
        for number in range(5):
            another(billing, f"Famille {number}")
        runs.draft_everything_again(run, by=SYSTEM, at=LATER)
        work(run)

        assert Invoice.objects.filter(run=run).count() == 6
        assert questions(run) == few
        assert few <= 22

    def test_all_drafts_are_made_again(self, billing):
        run = reviewed(billing)
        another(billing, "Benali")

        assert post(billing, f"{run.public_id}/refaire/").status_code == 303
        work(run)

        assert Invoice.objects.filter(run=run).count() == 2


class TestADraft:
    def test_each_line_is_explained(self, billing):
        run = reviewed(billing)

        said = body(get(billing, f"{run.public_id}/familles/{billing.family.public_id}/"))

        assert "Lucia Sanchez-Cordoves 11,55 €" in said
        assert "Les 5, 6 et 9/11/2026" in said
        assert "3 × 3,85 €" in said
        assert "Une unité 3,85 €" in said
        assert "Compte 7067, 11,55 €" in said

    def test_its_troubles_are_said_once_each(self, billing):
        with permitted("factory"):
            Tariff.objects.filter(product=billing.meal).update(rules=BRACKETS)
        touch(billing.authority)
        other = town.make_child(billing.family, "Mateo", products=(billing.meal,))
        town.make_reservation(other, billing.meal, DAYS[0], family=billing.family)
        run = reviewed(billing)

        said = body(get(billing, f"{run.public_id}/familles/{billing.family.public_id}/"))

        assert said.count("Sans quotient") == 1
        assert "Lucia, repas, 5, 6 et 9/11/2026 · Mateo, repas, 5/11/2026" in said

    def test_the_quotient_and_the_bracket_are_said(self, billing):
        with permitted("factory"):
            Tariff.objects.filter(product=billing.meal).update(rules=BRACKETS)
            billing.family.quotients.create(
                authority=billing.authority,
                value_cents=742_00,
                valid_from=date(2026, 9, 1),
                source="declared",
                recorded_at=LATER,
            )
        touch(billing.authority)
        run = reviewed(billing)

        assert "Quotient 742, tranche 2" in body(get(billing, f"{run.public_id}/familles/{billing.family.public_id}/"))

    def test_a_line_by_hand_is_added(self, billing):
        run = reviewed(billing)
        page = f"{run.public_id}/familles/{billing.family.public_id}/"

        response = post(
            billing, f"{page}lignes/", label="Badge perdu", amount="5", child="", code="", reason="Perdu le 12"
        )

        assert response.status_code == 303
        assert of(run, billing.family).total_cents == 3 * 385 + 500
        said = body(get(billing, page))
        assert "La ligne est ajoutée." in said
        assert "Badge perdu 5,00 €" in said
        assert "Raison : Perdu le 12" in said

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"amount": "cinq"}, "Indiquez un montant"),
            ({"amount": "0"}, "Le montant est nul"),
            ({"label": ""}, "Écrivez le libellé"),
            ({"reason": ""}, "Écrivez pourquoi"),
            ({"child": "x"}, "Choisissez dans la liste."),
        ],
        ids=str,
    )
    def test_a_line_that_cannot_be_keeps_what_was_typed(self, billing, changed, said):
        run = reviewed(billing)
        form = {"label": "Badge", "amount": "-5,00", "child": "", "code": "70632", "reason": "Geste", **changed}

        response = post(billing, f"{run.public_id}/familles/{billing.family.public_id}/lignes/", **form)

        assert response.status_code in {409, 422}
        assert said in body(response)
        assert 'value="70632"' in response.content.decode()
        assert not ManualCharge.objects.exists()

    def test_set_aside_with_a_reason_then_taken_back(self, billing):
        run = reviewed(billing)
        page = f"{run.public_id}/familles/{billing.family.public_id}/"

        assert post(billing, f"{page}ecarter/", reason=" ").status_code == 422
        assert post(billing, f"{page}ecarter/", reason="Litige en cours").status_code == 303
        assert "Litige en cours" in body(get(billing, page))
        assert "0 facture" in body(get(billing, f"{run.public_id}/"))
        assert post(billing, f"{page}ecarter/", back="yes").status_code == 303
        assert of(run, billing.family).state == "draft"

    def test_made_again_after_the_sheet_was_corrected(self, billing):
        run = reviewed(billing)
        with permitted("factory"):
            Reservation.objects.filter(pk=billing.reservations[0].pk).update(state="cancelled")

        post(billing, f"{run.public_id}/familles/{billing.family.public_id}/refaire/")

        assert of(run, billing.family).total_cents == 2 * 385

    def test_with_nothing_left_it_leads_to_the_run(self, billing):
        run = reviewed(billing)
        with permitted("factory"):
            Reservation.objects.update(state="cancelled")

        response = post(billing, f"{run.public_id}/familles/{billing.family.public_id}/refaire/")

        assert response["Location"] == billing.at(f"{run.public_id}/")

    def test_approved_meanwhile_nothing_is_written(self, billing):
        run = reviewed(billing)
        runs.approve_run(run, by=SYSTEM, at=LATER)
        page = f"{run.public_id}/familles/{billing.family.public_id}/"

        for answer in (
            post(billing, f"{page}ecarter/", reason="x"),
            post(billing, f"{page}refaire/"),
            post(billing, f"{page}lignes/", label="Badge", amount="5", child="", code="", reason="x"),
        ):
            assert answer.status_code == 409
            assert "en cours d’émission" in body(answer)
        assert not ManualCharge.objects.exists()


class TestApproving:
    def test_it_says_what_will_happen_then_hands_over_to_the_worker(self, billing):
        another(billing, "Benali")
        run = reviewed(billing)

        said = body(get(billing, f"{run.public_id}/approuver/"))
        assert "23,10 € 2 factures" in said
        assert "de 2026-CA-1 à 2026-CA-2, exercice 2026" in said
        assert "Il n’y a pas de retour." in said

        assert post(billing, f"{run.public_id}/approuver/", expected="2/2310").status_code == 303
        assert "Émission des factures" in body(get(billing, f"{run.public_id}/"))
        work(run)
        done = body(get(billing, f"{run.public_id}/"))
        assert "Émis 23,10 €" in done
        assert "2026-CA-1" in done

    def test_twice_is_refused(self, billing):
        run = reviewed(billing)
        post(billing, f"{run.public_id}/approuver/", expected="1/1155")

        assert post(billing, f"{run.public_id}/approuver/", expected="1/1155").status_code == 409

    def test_drafts_that_changed_since_are_shown_again(self, billing):
        run = reviewed(billing)

        response = post(billing, f"{run.public_id}/approuver/", expected="1/1540")

        assert response.status_code == 409
        assert "Les brouillons ont changé depuis." in body(response)
        assert BillingRun.objects.get().state == "review"


class TestWhatLeaves:
    @pytest.fixture
    def run(self, billing):
        another(billing, "=Benali")
        run = reviewed(billing)
        issue_all(run)
        return run

    def test_a_table_for_a_spreadsheet(self, billing, run):
        response = get(billing, f"{run.public_id}/export/csv/")

        lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Référence;Nature;État;Date")
        assert lines[0].endswith("Envoi;Compte 7067")
        assert len(lines) == 3
        # What a spreadsheet would take for a formula is a text.
        assert any(";'=Benali;" in line for line in lines)
        assert all(";11,55;" in line for line in lines[1:])
        assert response["Content-Disposition"] == 'attachment; filename="novembre.csv"'

    def test_a_workbook(self, billing, run):
        book = zipfile.ZipFile(io.BytesIO(get(billing, f"{run.public_id}/export/xlsx/").content))

        sheet, codes = (book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2))
        assert "=Benali" in sheet
        assert "<v>11.55</v>" in sheet
        assert "7067" in codes
        assert "<v>23.1</v>" in codes

    def test_the_workbook_says_what_each_third_party_is_to_be_asked_for(self, billing):
        add_aid(
            billing.family,
            authority=billing.authority,
            regie=billing.regie,
            payer_name="CAF de Seine-et-Marne",
            label="Bons CAF",
            cents=100,
            starts_on=date(2026, 9, 1),
            ends_on=date(2027, 8, 31),
            by=SYSTEM,
            at=LATER,
        )
        run = reviewed(billing)
        issue_all(run)

        book = zipfile.ZipFile(io.BytesIO(get(billing, f"{run.public_id}/export/xlsx/").content))

        shares = book.read("xl/worksheets/sheet3.xml").decode()
        assert "CAF de Seine-et-Marne" in shares
        assert "2026-CA-1" in shares
        assert "<v>3</v>" in shares

    def test_every_document_in_a_zip_and_those_on_paper_in_one_file(self, billing, run):
        archive = b"".join(get(billing, f"{run.public_id}/documents/zip/").streaming_content)
        names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
        paper = get(billing, f"{run.public_id}/documents/papier/")

        assert names == ["2026-ca-1.pdf", "2026-ca-2.pdf"]
        assert paper["Content-Type"] == "application/pdf"
        assert paper.content.startswith(b"%PDF")
        assert get(billing, f"{run.public_id}/documents/papier/?partie=9").status_code == 303
        assert get(billing, f"{run.public_id}/documents/tout/").status_code == 404
        assert get(billing, f"{run.public_id}/export/ods/").status_code == 404


class TestAnInvoice:
    @pytest.fixture
    def invoice(self, billing):
        (invoice,) = issue_all(reviewed(billing))
        return invoice

    def test_it_is_shown_as_it_was_frozen(self, billing, invoice):
        said = body(get(billing, f"factures/{invoice.public_id}/"))

        assert "Facture 2026-CA-1" in said
        assert "Reste 11,55 €" in said
        assert "3 × 3,85 €" in said
        assert "Émise 01/12/2026 11,55 €" in said
        assert get(billing, f"factures/{invoice.public_id}/pdf/").content.startswith(b"%PDF")

    def test_a_payment_is_recorded_and_what_is_over_is_held(self, billing, invoice):
        form = {"amount": "20,00", "means": "cheque", "date": "2026-12-02", "reference": "n° 12"}

        response = post(billing, f"factures/{invoice.public_id}/paiement/", **form)

        said = body(billing.client.get(response["Location"]))
        assert "Paiement de 20,00 € enregistré. Quittance n° 2026-0001. 8,45 € sont gardés en avance." in said
        assert "Réglée" in said
        assert "Paiement, chèque 02/12/2026, n° 12, Nadia Ferrand, quittance − 11,55 €" in said
        assert "Encaisser" not in said

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"amount": "0"}, "Indiquez un montant"),
            ({"amount": "-5"}, "Indiquez un montant"),
            ({"means": ""}, "Choisissez dans la liste."),
            ({"date": "2026-12-04"}, "Ce jour n’est pas encore venu."),
        ],
        ids=str,
    )
    def test_a_payment_that_cannot_be_keeps_what_was_typed(self, billing, invoice, changed, said):
        form = {"amount": "5,00", "means": "cash", "date": "2026-12-02", "reference": "reçu 12", **changed}

        response = post(billing, f"factures/{invoice.public_id}/paiement/", **form)

        assert response.status_code == 422
        assert said in body(response)
        assert "reçu 12" in response.content.decode()
        assert Posting.objects.count() == 1

    def test_handed_over_it_is_paid_elsewhere(self, billing, invoice):
        assert post(billing, f"factures/{invoice.public_id}/tresor/", number="").status_code == 422
        assert post(billing, f"factures/{invoice.public_id}/tresor/", number="T-12").status_code == 303
        said = body(get(billing, f"factures/{invoice.public_id}/"))
        assert "Remise au Trésor. Le 03/12/2026, titre n° T-12." in said
        assert post(billing, f"factures/{invoice.public_id}/tresor/", number="T-13").status_code == 409

    def test_corrected_after_its_difference_was_shown(self, billing, invoice):
        with permitted("factory"):
            Reservation.objects.filter(pk=billing.reservations[0].pk).update(state="cancelled")
        page = f"factures/{invoice.public_id}/corriger/"

        shown = get(billing, page)
        assert "Un avoir de − 3,85 €" in body(shown)
        expected = BeautifulSoup(shown.content, "html.parser").find("input", {"name": "expected"})["value"]
        assert expected == "-385"
        assert post(billing, page, reason="", expected=expected).status_code == 422
        response = post(billing, page, reason="Certificat reçu", expected=expected)

        said = body(billing.client.get(response["Location"]))
        assert "Avoir 2026-CA-2" in said
        assert "Corrige 2026-CA-1 . Certificat reçu" in said
        assert "Corrigée depuis." in body(get(billing, f"factures/{invoice.public_id}/"))
        assert "Il n’y a rien à corriger." in body(get(billing, page))

    def test_a_difference_that_changed_meanwhile_is_shown_again(self, billing, invoice):
        with permitted("factory"):
            Reservation.objects.filter(pk=billing.reservations[0].pk).update(state="cancelled")
        page = f"factures/{invoice.public_id}/corriger/"

        refused = post(billing, page, reason="Certificat", expected="-770")

        assert refused.status_code == 409
        assert "Le calcul a changé" in body(refused)
        form = BeautifulSoup(refused.content, "html.parser")
        assert form.find("input", {"name": "expected"})["value"] == "-385"
        assert "Certificat" in form.find("textarea", {"name": "reason"}).text
        assert Invoice.objects.issued().count() == 1

    def test_a_draft_has_no_such_page(self, billing):
        run = reviewed(billing)

        assert get(billing, f"factures/{of(run, billing.family).public_id}/").status_code == 404


class TestTheAccount:
    @pytest.fixture
    def account(self, billing):
        issue_all(reviewed(billing))
        return f"familles/{billing.family.public_id}/"

    def test_it_says_what_is_owed_and_the_family_s_page_says_it_too(self, billing, account):
        said = body(get(billing, account))
        assert "Régie scolaire 11,55 € reste à payer" in said
        assert "2026-CA-1" in said

        family = body(billing.client.get(f"/{billing.authority.slug}/familles/{billing.family.public_id}/"))
        assert "Facturation Régie scolaire : reste 11,55 €" in family

    def test_its_balance_is_said_at_the_end_of_any_day(self, billing, account):
        invoice = Invoice.objects.get()
        paid = {"amount": "5,00", "date": "2026-12-08", "means": "cheque"}
        with clock.visiting(LATER + timedelta(days=10)):
            assert post(billing, f"factures/{invoice.public_id}/paiement/", **paid).status_code == 303
        day_before = f"{invoice.issued_on - timedelta(days=1):%Y-%m-%d}"

        assert "Régie scolaire 6,55 € reste à payer" in body(get(billing, account))
        assert f"0,00 € rien à payer au {invoice.issued_on - timedelta(days=1):%d/%m/%Y}" in body(
            get(billing, f"{account}?au={day_before}")
        )
        assert "11,55 € reste à payer au 07/12/2026" in body(get(billing, f"{account}?au=07/12/2026"))
        assert "6,55 € reste à payer au 08/12/2026" in body(get(billing, f"{account}?au=2026-12-08"))

    def test_the_tax_certificate_is_drawn_for_who_has_no_account(self, billing, account):
        small = town.make_child(billing.family, "Mateo", birth_date=date(2021, 10, 22))
        assert "Attestations fiscales" not in body(get(billing, account))
        invoice = issue_invoice(billing.family, billing.regie, cents=3640, child=small, childcare=2000)
        pay(invoice, 3640, on=date(2026, 11, 9))
        path = f"{account}attestation-2026/{PayerAccount.objects.get().public_id}/"

        assert f'href="{billing.at(path)}"' in get(billing, account).content.decode()
        answer = get(billing, path)
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        assert "Mateo" in text
        assert "20,00" in text
        assert get(billing, path.replace("2026", "2025"))["Location"].partition("#")[0] == billing.at(account)

        stranger = town.make_family(billing.authority, "Voisin")
        other = path.replace(billing.family.public_id, stranger.public_id)
        assert get(billing, other).status_code == 404

    def test_who_pays_the_packages_of_a_child_of_two_homes_and_what_its_certificate_says(self, billing, account):
        small = town.make_child(billing.family, "Mateo", birth_date=date(2021, 10, 22), products=(billing.meal,))
        other = town.make_family(billing.authority, "Voisin")
        assert "Forfaits en garde alternée" not in body(get(billing, account))
        with permitted("factory"):
            Custody.objects.create(authority=billing.authority, child=small, family=other, starts_on=date(2026, 9, 1))
            Tariff.objects.update(
                rules={
                    "price": "3,85",
                    "packages": [{"code": "mois", "name": "Forfait", "per": "month", "price": "20,00"}],
                }
            )
        touch(billing.authority)
        pay(
            issue_invoice(billing.family, billing.regie, cents=3640, child=small, childcare=2000),
            3640,
            on=date(2026, 11, 9),
        )
        said = body(get(billing, account))
        assert "Mateo, Cantine : ce foyer paie le forfait entier" in said
        assert "Lucia, Cantine" not in said
        assert "Mateo Sanchez-Cordoves : deux foyers en 2026. En résidence alternée, le plafond" in said

        settle_custody(
            small.pk,
            first_home=other.pk,
            second_home=billing.family.pk,
            terms=CustodyTerms(packages=Packages.HALVES),
            starts_on=date(2026, 9, 1),
            offer=offer_of(billing.authority),
            by=SYSTEM,
            at=LATER,
        )
        assert "Mateo, Cantine : facture la moitié du forfait (garde alternée)" in body(get(billing, account))
        path = f"{account}attestation-2026/{PayerAccount.objects.get(family=billing.family).public_id}/"
        drawn = PdfReader(io.BytesIO(get(billing, path).content))
        text = " ".join(" ".join(page.extract_text() for page in drawn.pages).split())
        assert "le plafond des dépenses est divisé par deux" in text
        assert "BOI-IR-RICI-300" in text
        assert "Voisin" not in text

    @pytest.mark.parametrize("day", ["", "hier", "2026-02-31"])
    def test_a_day_that_is_none_is_said(self, billing, account, day):
        response = get(billing, f"{account}?au={day}")

        assert response.status_code == 422
        assert "Indiquez un jour" in body(response)
        assert "11,55 € reste à payer" in body(response)

    def test_an_agent_who_does_not_bill_reads_nothing_of_it(self, billing, account):
        client = signed_in(town.make_agent(billing.authority, "Paul", Grant.Role.MANAGE_RESERVATIONS))

        page = client.get(f"/{billing.authority.slug}/familles/{billing.family.public_id}/")

        assert page.status_code == 200
        assert "11,55" not in body(page)
        assert "Facturation" not in body(page)
        assert client.get(billing.at(account)).status_code == 403

    def test_invoices_go_on_paper(self, billing, account):
        response = post(billing, f"{account}envoi/", regie=billing.regie.code, delivery="paper")

        assert response.status_code == 303
        assert PayerAccount.objects.get().delivery == "paper"
        assert post(billing, f"{account}envoi/", regie=billing.regie.code, delivery="x").status_code == 422
        assert post(billing, f"{account}envoi/", regie="ailleurs", delivery="paper").status_code == 404

    def test_a_line_by_hand_is_added_then_withdrawn(self, billing, account):
        form = {
            "regie": billing.regie.code,
            "label": "Badge",
            "amount": "-5,00",
            "date": "2026-12-01",
            "child": billing.child.public_id,
            "code": "",
            "reason": "Geste",
        }

        assert post(billing, f"{account}lignes/", **{**form, "reason": ""}).status_code == 422
        assert post(billing, f"{account}lignes/", **form).status_code == 303
        charge = ManualCharge.objects.get()
        assert (charge.cents, charge.child_id) == (-500, billing.child.pk)
        assert post(billing, f"{account}lignes/{charge.public_id}/").status_code == 303
        assert "Retirée" in body(get(billing, account))

    def test_an_invoiced_line_is_said_so_and_not_withdrawn(self, billing, account):
        post(
            billing,
            f"{account}lignes/",
            regie=billing.regie.code,
            label="Badge",
            amount="5",
            date="2026-11-30",
            child="",
            code="",
            reason="x",
        )
        issue_all(reviewed(billing))

        assert "Facturée" in body(get(billing, account))
        response = post(billing, f"{account}lignes/{ManualCharge.objects.get().public_id}/")
        assert response.status_code == 409
        assert "déjà facturée" in body(response)

    def test_an_aid_is_noted_then_withdrawn(self, billing, account):
        form = {
            "regie": billing.regie.code,
            "label": "Bons CAF",
            "payer": "CAF",
            "amount": "1,00",
            "percent": "",
            "child": "",
            "service": billing.canteen.public_id,
            "starts_on": "2026-12-01",
            "ends_on": "2026-12-31",
        }

        both = post(billing, f"{account}aides/", **{**form, "percent": "10"})
        assert both.status_code == 409
        assert "Indiquez un montant, ou un pourcentage" in body(both)
        assert 'value="Bons CAF"' in both.content.decode()
        assert post(billing, f"{account}aides/", **form).status_code == 303
        assert "Bons CAF Cantine 1,00 € par unité Payée par CAF" in body(get(billing, account))
        assert post(billing, f"{account}aides/{Aid.objects.get().public_id}/").status_code == 303
        assert Aid.objects.get().withdrawn_at == LATER

    def test_it_asks_as_little_for_many_invoices_as_for_one(self, billing, account):
        def questions():
            get(billing, account)
            with CaptureQueriesContext(connection) as statements:
                get(billing, account)
            return len(statements)

        few = questions()
        for day in (12, 13, 16):
            town.make_reservation(billing.child, billing.meal, date(2026, 11, day), family=billing.family)
            issue_all(reviewed(billing))

        assert questions() == few


CHOICES = {
    "has_billing": "on",
    "number_pattern": "{exercice}-CA-00-{numero}",
    "invoice_title": "by_number",
    "payment_days": "30",
    "small_debt": "15,00",
    "payments_known_until": "",
    "payfip_id": "012345",
    "how_to_pay": "En espèces",
    "vat_words": "TVA non applicable",
    "issuer_name": "Mme Ferrand",
    "issuer_quality": "régisseuse",
}


class TestTheRegies:
    def test_its_choices_are_recorded(self, billing):
        response = post(billing, f"regies/{billing.regie.code}/", **CHOICES)

        assert response.status_code == 303
        regie = Regie.objects.get(pk=billing.regie.pk)
        assert (regie.number_pattern, regie.payfip_id, regie.small_debt_cents) == (
            "{exercice}-CA-00-{numero}",
            "012345",
            15_00,
        )
        assert "La prochaine facture sera 2026-CA-00-1" in body(get(billing, f"regies/{billing.regie.code}/"))

    def test_the_reference_is_shown_while_it_is_typed(self, billing):
        page = f"regies/{billing.regie.code}/apercu/"

        assert "2026-0001" in body(get(billing, f"{page}?number_pattern={{exercice}}-{{numero:4}}"))
        assert "Il faut {exercice} et {numero}" in body(get(billing, f"{page}?number_pattern=CA"))

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"number_pattern": "CA"}, "Il faut {exercice} et {numero}"),
            ({"payment_days": "0"}, "Indiquez de 1 à 180 jours."),
            ({"payfip_id": "12"}, "L’identifiant PayFiP a six chiffres."),
            ({"small_debt": "150"}, "Le report ne peut dépasser 100 €."),
        ],
        ids=str,
    )
    def test_what_is_wrong_is_said_and_the_rest_is_kept(self, billing, changed, said):
        response = post(billing, f"regies/{billing.regie.code}/", **{**CHOICES, **changed})

        assert response.status_code == 422
        assert said in body(response)
        assert "Mme Ferrand" in response.content.decode()
        assert Regie.objects.get(pk=billing.regie.pk).issuer_name == ""

    def test_without_billing_the_menu_says_nothing_of_it(self, billing):
        assert "Facturation" in body(get(billing))
        post(billing, f"regies/{billing.regie.code}/", **{**CHOICES, "has_billing": ""})

        day = body(billing.client.get(f"/{billing.authority.slug}/journee/"))
        assert "Facturation" not in day
        assert "La facturation est arrêtée." in body(get(billing))
        assert post(billing, "preparer/", **billing.prepared).status_code == 303
        assert not BillingRun.objects.exists()
        rules = body(billing.client.get(f"/{billing.authority.slug}/reglements/"))
        assert "Régies et factures" in rules


class TestWhoBills:
    def test_an_agent_who_bills_and_nothing_else(self, billing):
        client = signed_in(town.make_agent(billing.authority, "Ana", Grant.Role.MANAGE_BILLING))
        run = reviewed(billing)

        page = client.get(billing.at(f"{run.public_id}/"))

        assert page.status_code == 200
        assert "Familles" not in body(page)
        assert client.get(f"/{billing.authority.slug}/familles/{billing.family.public_id}/").status_code == 403
        assert client.get(billing.at("regies/")).status_code == 403

    def test_an_agent_of_one_school_does_not_bill_the_town(self, billing):
        agent = town.make_agent(billing.authority, "Ana", Grant.Role.ADMINISTER)
        with permitted("factory"):
            Grant.objects.filter(agent=agent).update(facility=billing.school)
        client = signed_in(agent)

        assert client.get(billing.at()).status_code == 403
        assert client.get(billing.at("regies/")).status_code == 403
        assert "Facturation" not in body(client.get(f"/{billing.authority.slug}/journee/"))

    def test_nothing_of_another_town_is_found(self, billing):
        elsewhere = town.make_authority("Ailleurs")
        agent = town.make_agent(elsewhere)
        run = reviewed(billing)
        with tenancy.every_authority():
            assert Family.objects.count()

        assert signed_in(agent).get(f"/{elsewhere.slug}/facturation/{run.public_id}/").status_code == 404
