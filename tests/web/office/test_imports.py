"""Files from elsewhere as agents bring them: read, looked over, chosen, imported, undone; and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import Child, Custody, Family, Guardian
from marelle.domain.onboarding.models import Import
from marelle.domain.onboarding.operations.imports.kinds import HANDLERS
from marelle.domain.onboarding.rules.imports.columns import recognized
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM
from marelle.foundation.writes import permitted
from marelle.jobs import imports as jobs
from tests.factories.imports import NEW_PUPILS, onde, pupil
from tests.factories.invoices import make_regie
from tests.factories.town import make_agent, make_child, make_class, make_facility, make_family
from tests.web.office.conftest import signed_in
from tests.web.office.test_online_payment import text

pytestmark = [pytest.mark.urls("marelle.config.urls_office"), pytest.mark.usefixtures("monday_morning")]
TWO = onde(NEW_PUPILS, pupil("ROUSSEL", "Anaïs", "31/12/2019", "CP A", "CP"), pupil("X", "Zoé", "31/02/2019", "CP A"))


@pytest.fixture
def files(office, in_scope):
    in_scope(office.authority)
    office.url = f"/{office.authority.slug}/familles/importer/"
    return office


def send(files, content=TWO, kind="onde-eleves", name="eleves.csv", school=True, **more):
    sent = {
        "kind": kind,
        "school": files.school.code if school else "",
        "file": SimpleUploadedFile(name, content),
        **more,
    }
    return files.client.post(f"{files.url}recevoir/", sent)


def bring(files, *args, **more):
    """Send a file that is read, and return its page and what it is."""
    response = send(files, *args, **more)
    assert response.status_code == 303, text(response)
    return files.client.get(response.url), Import.objects.latest("pk")


def act(files, whole, what, **said):
    return files.client.post(f"{files.url}{whole.public_id}/{what}/", said, follow=True)


def work(files, whole):
    jobs.apply.func(authority=files.authority.pk, whole=whole.pk)


def test_a_file_is_looked_over_imported_then_undone(files):
    page, whole = bring(files)
    assert "Vérifier avant d’importer" in text(page)
    assert "Date de naissance : « 31/02/2019 » n’est pas un jour." in text(page)
    page = files.client.get(f"{files.url}{whole.public_id}/?voir=new")
    assert "Ligne 2 Anaïs Roussel" in text(page)
    assert not Child.objects.filter(last_name="Roussel").exists()
    assert "Import en cours" in text(act(files, whole, "importer"))
    work(files, whole)
    done = files.client.get(f"{files.url}{whole.public_id}/avancement/")
    assert done.headers["HX-Refresh"] == "true"
    page = files.client.get(f"{files.url}{whole.public_id}/")
    assert "1 ligne écrite, lundi 23 novembre" in text(page)
    assert Child.objects.filter(last_name="Roussel").exists()
    page = act(files, whole, "annuler")
    assert "1 ligne annulée." in text(page)
    assert not Child.objects.filter(last_name="Roussel").exists()
    assert "Un import s’annule pendant un jour" not in text(page)
    assert "Cet import a changé entre-temps" in text(act(files, whole, "annuler"))


def test_columns_that_nobody_recognizes_are_asked_once(files):
    table = "Patronyme;Petit nom;Date;Mère\nRoussel;Anaïs;31/12/2019;Ève\n".encode("cp1252")
    page, whole = bring(files, table, "enfants-responsables", "liste.csv", school=False)
    assert "Dites ce que contient chaque colonne" in text(page)
    assert "Patronyme Roussel" in text(page)
    refused = files.client.post(f"{files.url}{whole.public_id}/colonnes/", {"c-0": "last_name", "c-3": "g1_first_name"})
    assert refused.status_code == 422
    assert "Il manque les colonnes « Prénom de l’enfant », « Date de naissance »" in text(refused)
    # What was chosen is kept.
    assert '<option value="g1_first_name" selected>' in refused.content.decode()
    said = {"c-0": "last_name", "c-1": "first_name", "c-2": "birth_date", "c-99": "x"}
    assert "Anaïs Roussel" in text(act(files, whole, "colonnes", **said))
    page, _another = bring(files, table, "enfants-responsables", "liste2.csv", school=False)
    assert "Anaïs Roussel" in text(page)
    assert "Patronyme" in text(files.client.get(f"{files.url}{whole.public_id}/?colonnes=1"))


def test_a_choice_is_noted_line_by_line_and_for_all_at_once(files):
    lucia = make_child(files.family, "Lucia", school_class=files.ce2, birth_date=date(2018, 4, 9))
    with permitted("factory"):
        Child.objects.filter(pk=lucia.pk).update(last_name="Moreau")
    make_child(files.family, "Paul", school_class=files.ce2, birth_date=date(2016, 4, 9))
    content = onde(
        NEW_PUPILS, pupil("MOREAU", "Lucia", "09/04/2018", "CM1"), pupil("ROUSSEL", "Anaïs", "31/12/2019", "CM1")
    )
    page, whole = bring(files, content)
    assert "Classe : CE2, École des Tilleuls" in text(page)
    page = act(files, whole, "cocher", cocher="school_class", voir="changed")
    assert 'name="t-0" value="school_class" checked' in page.content.decode()
    page = act(files, whole, "choisir", **{"places": "0", "b-0": "1", "voir": "changed", "page": "1"})
    assert 'value="school_class" checked' not in page.content.decode()
    act(files, whole, "choisir", **{"places": "0", "b-0": "1", "t-0": "school_class", "voir": "changed"})
    act(files, whole, "choisir", **{"places": "1", "a-1": "1", "voir": "new"})
    act(files, whole, "cocher", cocher="left", voir="left")
    act(files, whole, "importer")
    work(files, whole)
    assert Child.objects.get(pk=lucia.pk).school_class.name == "CM1"
    assert Child.objects.get(first_name="Paul").school_class is None
    assert not Child.objects.filter(last_name="Roussel").exists()


def test_guardians_follow_the_pupils(files):
    _page, pupils = bring(files, onde(NEW_PUPILS, pupil("ROUSSEL", "Anaïs", "31/12/2019", "CP")))
    act(files, pupils, "importer")
    work(files, pupils)
    titles = (
        "Nom responsable;Prénom responsable;Adresse responsable;CP responsable;Commune responsable;Courriel;"
        "Téléphone portable;Nom de famille enfant;Prénom enfant;Classes enfants"
    )
    rows = ("ROUSSEL;Ève;1 rue du Bac;77000;MELUN;eve@exemple.fr;0612345678;ROUSSEL;Anaïs;CP",
            "PETIT;Luc;8 rue Neuve;77000;MELUN;;;ROUSSEL;Anaïs;CP")  # fmt: skip
    page, whole = bring(files, onde(titles, *rows), "onde-responsables", school=False)
    assert "Nouveau" in text(page)
    act(files, whole, "importer")
    work(files, whole)
    child = Child.objects.get(last_name="Roussel")
    homes = Custody.objects.filter(child=child).select_related("family").order_by("pk")
    assert [(one.family.name, one.family.address, one.family.phone) for one in homes] == [
        ("Roussel", "1 rue du Bac, 77000 Melun", "06 12 34 56 78"), ("Petit", "8 rue Neuve, 77000 Melun", ""),
    ]  # fmt: skip
    assert Guardian.objects.get(first_name="Ève").email == "eve@exemple.fr"
    # The pupils cannot be undone any more: they have homes. Undone in their order, both can.
    page = act(files, pupils, "annuler")
    assert "1 ligne laissée" in text(page)
    assert "Non annulé : Quelque chose s’y rattache depuis" in text(
        files.client.get(f"{files.url}{pupils.public_id}/?voir=reste")
    )
    act(files, whole, "annuler")
    assert not Guardian.objects.filter(first_name="Ève").exists()


def test_who_is_kept_out_of_a_family_is_named_before_anything_is_written_and_to_the_town_hall_alone(files):
    child = make_child(make_family(files.authority, "Moreau"), "Lucia")
    with permitted("test"):
        Family.objects.update(address="1 rue du Bac, 77000 Melun")
    now = clock.machine_now()
    maria = Guardian.objects.get(last_name="Moreau")
    remove_access(maria, kind="court_order", words="Ordonnance", by=SYSTEM, at=now, machine=now)
    titles = (
        "Nom responsable;Prénom responsable;Adresse responsable;CP responsable;Commune responsable;"
        "Nom de famille enfant;Prénom enfant"
    )
    rows = (f"MOREAU-ROY;Maria;8 rue Neuve;77000;MELUN;{child.last_name};Lucia",
            f"PETIT;Luc;8 rue Neuve;77000;MELUN;{child.last_name};Lucia",
            f"MOREAU;Maria;8 rue Neuve;77000;MELUN;{child.last_name};Lucia")  # fmt: skip
    page, whole = bring(files, onde(titles, *rows), "onde-responsables", school=False)

    refused = text(files.client.get(f"{files.url}{whole.public_id}/?voir=refused"))
    report = files.client.get(f"{files.url}{whole.public_id}/lignes.csv").content.decode("utf-8-sig")

    for shown in (text(page), refused):
        assert "Une ligne concerne une personne dont l’accès à un dossier est retiré. Elle n’est pas importée." in shown
        assert "Ordonnance" not in shown
        assert "justice" not in shown
    assert "Accès retiré par la mairie : rien de cette ligne n’est importé." in refused
    assert "Personne concernée : Maria Moreau-Roy, pour Lucia" in refused
    # What is sent back to the school does not say it.
    assert "à voir avec la mairie" in report
    assert "retiré" not in report
    assert "Son accès est retiré : l’adresse du foyer reste" in text(
        files.client.get(f"{files.url}{whole.public_id}/?voir=unchanged")
    )
    act(files, whole, "importer")
    work(files, whole)
    assert not Guardian.objects.filter(last_name="Moreau-Roy").exists()
    assert Guardian.objects.filter(last_name="Petit").exists()


def test_in_september_each_child_follows_its_class_but_one(files):
    cm1, cm2 = make_class(files.school, "CM1"), make_class(files.school, "CM2", level="CM2")
    bourg = make_facility(files.authority, "École du Bourg")
    elsewhere = make_class(bourg, "CE2")
    lucia, paul, zoe = (
        make_child(files.family, name, school_class=one, birth_date=date(2017, 4, 9))
        for name, one in (("Lucia", files.ce2), ("Paul", files.ce2), ("Zoé", cm2))
    )
    page = files.client.get(f"{files.url}changement-de-classe/")
    assert f'<option value="{cm1.pk}" selected>CM1</option>' in page.content.decode()
    nobody = files.client.post(f"{files.url}changement-de-classe/preparer/", {f"c-{elsewhere.pk}": "0"})
    assert nobody.status_code == 422
    assert "Aucun enfant n’est dans une classe qui change." in text(nobody)
    page = files.client.post(
        f"{files.url}changement-de-classe/preparer/",
        {f"c-{files.ce2.pk}": str(cm1.pk), f"c-{cm2.pk}": "0"},
        follow=True,
    )
    whole = Import.objects.get()
    assert "Lucia Sanchez-Cordoves Change" in text(page)
    act(files, whole, "choisir", **{"places": "2", "d-2": str(files.ce2.pk), "voir": "changed"})
    act(files, whole, "importer")
    work(files, whole)
    assert [Child.objects.get(pk=one.pk).school_class_id for one in (lucia, paul, zoe)] == [cm1.pk, files.ce2.pk, None]
    act(files, whole, "annuler")
    assert Child.objects.get(pk=zoe.pk).school_class_id == cm2.pk


class TestAFormerSoftware:
    TITLES = "Dossier;Reste à payer;Avance"

    def balances(self, files, *rows):
        return bring(files, "\n".join((self.TITLES, *rows)).encode(), "soldes", "soldes.csv", school=False)

    def test_the_total_is_shown_and_one_that_differs_is_refused_with_both(self, files):
        regie = make_regie(files.authority)
        code = files.family.code
        page, whole = self.balances(files, f"{code};30,50;5", "D-9;4;")
        assert f"{regie.name} : 25,50 €" in text(page)
        refused = files.client.post(f"{files.url}{whole.public_id}/importer/", {"total-0": "29,50"})
        assert refused.status_code == 409
        assert "Le fichier apporte 25,50 €, l’autre logiciel dit 29,50 €." in text(refused)
        assert 'value="29,50"' in refused.content.decode()
        refused = files.client.post(f"{files.url}{whole.public_id}/importer/", {"total-0": "<b>trente"})
        assert refused.status_code == 422
        assert "Ce total n’est pas un montant." in text(refused)
        assert Import.objects.get().state == "checked"
        assert "Import en cours" in text(act(files, whole, "importer", **{"total-0": "25,50", "total-9": "1"}))
        work(files, whole)
        assert "1 ligne écrite" in text(files.client.get(f"{files.url}{whole.public_id}/"))
        assert "1 ligne annulée." in text(act(files, whole, "annuler"))

    def test_more_in_advance_than_due_is_below_zero(self, files):
        make_regie(files.authority)
        _page, whole = self.balances(files, f"{files.family.code};;5")
        assert "Import en cours" in text(act(files, whole, "importer", **{"total-0": "− 5,00"}))

    def test_of_two_homes_one_is_named_and_never_a_new_one(self, files):
        make_regie(files.authority)
        other = make_family(files.authority, "Petit")
        child = make_child(files.family, "Lucia", birth_date=date(2018, 4, 9))
        with permitted("factory"):
            Custody.objects.create(authority=files.authority, child=child, family=other, starts_on=date(2020, 1, 1))
        table = f"Prénom enfant;Nom enfant;Né le;Reste à payer\nLucia;{files.family.name};09/04/2018;5\n"
        page, whole = bring(files, table.encode(), "soldes", "soldes.csv", school=False)
        assert "Cette ligne peut être de plusieurs familles" in text(page)
        assert "quelqu’un de nouveau" not in text(page)
        page = act(files, whole, "choisir", **{"places": "0", "d-0": str(other.pk), "voir": "ambiguous"})
        assert Import.objects.get().counts == {"new": 1}

    @pytest.mark.parametrize("kind", ["soldes", "factures-impayees", "reservations", "mandats"])
    def test_each_has_a_model_whose_titles_are_all_recognized(self, files, kind):
        response = files.client.get(f"{files.url}modele.csv?nature={kind}")
        titles = response.content.decode("utf-8-sig").strip().split(";")
        columns = HANDLERS[kind].kind.columns
        assert len(recognized(titles, columns)) == len(columns)
        assert files.client.get(f"{files.url}modele.csv?nature=rien").status_code == 404


class TestBadInput:
    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"kind": "rien"}, "Dites ce qu’est ce fichier."),
            ({"school": False}, "Ce fichier est celui d’une école : dites laquelle."),
            ({"content": b""}, "Ce fichier est vide."),
            ({"content": b"%PDF-1.7 \x01\x02\x03"}, "Ce fichier n’est pas un tableau."),
            ({"content": b"Nom;X\n" + b"a;1\n" * 20_001}, "Ce fichier a plus de 20 000 lignes"),
            ({"content": b"x" * 10_000_001}, "Ce fichier est trop lourd : 10 Mo au plus."),
            ({"content": b"x" * 21_000_000}, "Ce fichier est trop lourd : 10 Mo au plus."),
        ],
        ids=["kind", "school", "empty", "pdf", "rows", "10 MB", "21 MB"],
    )
    def test_what_is_not_read_is_said_beside_its_field_and_nothing_is_kept(self, files, sent, words):
        response = send(files, **sent)
        assert response.status_code == 422
        assert words in text(response)
        assert not Import.objects.exists()

    def test_fifty_megabytes_are_not_even_read(self, files):
        response = send(files, b"Nom;X\n" * 8_500_000)
        assert response.status_code == 413
        assert "Cet envoi est trop lourd" in text(response)
        assert not Import.objects.exists()

    def test_no_formula_comes_in_nor_goes_out(self, files):
        content = onde(NEW_PUPILS, pupil("=HYPERLINK(0)", "Zoé", "09/04/2019"), pupil("ROY", "@SUM(A1)", "09/04/2019"),
                       pupil("Moreau", "Léa", "=TODAY()"))  # fmt: skip
        _page, whole = bring(files, content)
        assert whole.counts == {"refused": 3}
        report = files.client.get(f"{files.url}{whole.public_id}/lignes.csv")
        rows = list(csv.reader(io.StringIO(report.content.decode("utf-8-sig")), delimiter=";"))
        assert len(rows) == 4
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
        assert "est une formule" in rows[1][-1]

    def test_what_is_no_more_there_is_said_never_half_done(self, files):
        _page, whole = bring(files)
        act(files, whole, "importer")
        for what in ("choisir", "cocher", "verifier", "importer", "abandonner", "colonnes"):
            said = {"c-2": "first_name", "c-0": "last_name", "c-3": "birth_date"} if what == "colonnes" else {}
            assert "Cet import a changé entre-temps" in text(act(files, whole, what, **said))
        assert Import.objects.get().state == "applying"

    def test_an_abandoned_file_is_forgotten(self, files):
        _page, whole = bring(files)
        assert "Import abandonné" in text(act(files, whole, "abandonner"))
        assert files.client.get(f"{files.url}{whole.public_id}/").status_code == 404

    def test_forged_places_and_pages_do_nothing(self, files):
        _page, whole = bring(files)
        said = {"places": "0,x,-1,99999999999,²", "a-0": "1", "d-0": "x" * 300, "voir": "<b>", "page": "x" * 300}
        assert act(files, whole, "choisir", **said).status_code == 200
        assert files.client.get(f"{files.url}{whole.public_id}/?voir=rien&page=zzz").status_code == 200


def test_who_administers_a_part_only_does_not_bring_files(files):
    agent = make_agent(files.authority, "Ève Roy", "administer")
    with permitted("factory"):
        Grant.objects.filter(agent=agent).update(service_code="cantine")
    assert signed_in(agent).get(files.url).status_code == 403


@pytest.mark.parametrize("count", [2, 40])
def test_a_page_of_lines_asks_as_few_questions_for_many_as_for_two(files, count, django_assert_num_queries):
    rows = [
        pupil(f"ROUSSEL{'ABCDEFGHIJ'[one % 10]}{'ABCDEFGHIJ'[one // 10]}", "Anaïs", "31/12/2019", "CP A")
        for one in range(count)
    ]
    _page, whole = bring(files, onde(NEW_PUPILS, *rows))
    with django_assert_num_queries(9):
        files.client.get(f"{files.url}{whole.public_id}/")
