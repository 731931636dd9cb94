"""An agent brings a file with a browser: its columns, its lines, then all of it, and the classes of September."""

from __future__ import annotations

import pytest

from marelle.domain.families.models import Child
from marelle.domain.onboarding.models import Import
from marelle.foundation import tenancy
from marelle.jobs import imports as jobs
from tests.factories.invoices import make_regie
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_agent import Town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
TABLE = """Nom de l'enfant;Prénom de l'enfant;Né(e);École;Classe;Nom responsable;Prénom responsable;E-mail
Sanchez-Cordoves;Lucia;09/04/2017;École des Tilleuls;CP;Sanchez-Cordoves;Maria;maria@exemple.fr
CORDOVA;Mateo;22/10/2020;École des Tilleuls;CP;;;
Roussel;Anaïs;31/12/2019;École des Tilleuls;CM1;Roussel;Ève;eve@exemple.fr
Petit;Zoé;31/02/2019;École des Tilleuls;CP;;;
=SOMME(A1);Tom;09/04/2019;École des Tilleuls;CP;;;
"""


def work(town):
    """Do what the worker does."""
    with tenancy.scope({town.authority.pk}):
        whole = Import.objects.latest("pk").pk
    jobs.apply.func(authority=town.authority.pk, whole=whole)


def imports(somebody, town, axe):
    """Ask for the import, look at it under way, and come back once it is done."""
    page = somebody.page
    somebody.clicks_on(page.get_by_role("button", name="Importer", exact=True))
    somebody.sees("Import en cours")
    axe()
    work(town)
    if not somebody.has_scripts:
        somebody.clicks_on(page.get_by_role("link", name="Actualiser"))
    # With scripts the page sees by itself that the worker is done.
    page.get_by_text("Import en cours").wait_for(state="detached")


def brings_a_table(somebody, axe):
    """Send a table with a column that nobody recognizes, say what it is, then who is who."""
    page = somebody.page
    page.get_by_label("Enfants et responsables").check()
    sent = {"name": "liste.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp1252")}
    page.get_by_label("Fichier", exact=True).set_input_files(sent)
    somebody.clicks_on(page.get_by_role("button", name="Lire le fichier"))
    somebody.sees("Dites ce que contient chaque colonne")
    axe()
    page.get_by_label("Né(e)").select_option("birth_date")
    somebody.clicks_on(page.get_by_role("button", name="Lire le fichier"))
    somebody.sees("Rien n’est encore écrit")
    somebody.sees("Un enfant connu y ressemble : dites si c’est lui.")
    axe()
    page.get_by_label("Mateo Sanchez-Cordoves, 22/10/2020").check()
    somebody.clicks_on(page.get_by_role("button", name="Enregistrer ces choix"))
    somebody.sees("Vos choix sont enregistrés.")
    somebody.clicks_on(page.get_by_role("link", name="Changements"))
    somebody.clicks_on(page.get_by_role("button", name="Tout cocher : Classe"))
    axe()
    somebody.clicks_on(page.get_by_role("link", name="Refusées"))
    somebody.sees("« = » au début est une formule")


def changes_the_classes(somebody, axe):
    """Say where two classes go, and of a child that it stays."""
    page = somebody.page
    axe()
    page.get_by_label("CP").select_option("CE2")
    page.get_by_label("CE2").select_option("0")
    somebody.clicks_on(page.get_by_role("button", name="Voir chaque enfant"))
    somebody.sees("Quitte l’école")
    axe()
    page.get_by_label("Ira en : Lucia Sanchez-Cordoves").select_option("CE2, École des Tilleuls")
    somebody.clicks_on(page.get_by_role("button", name="Enregistrer ces choix"))


@pytest.mark.parametrize(
    ("viewport", "scripts"),
    [
        pytest.param(PHONE, True, id="phone"),
        pytest.param(DESK, False, id="desk, no scripts", marks=pytest.mark.torture),
        pytest.param(DESK, True, id="desk", marks=pytest.mark.torture),
    ],
)
def test_a_file_is_read_chosen_imported_and_undone_and_classes_change(person, with_password, scripts, viewport):
    town = Town(with_password)
    nadia = person("mairie", viewport=viewport, scripts=scripts)

    def looks_right():
        if scripts:
            nadia.finds_nothing_with_axe()

    nadia.is_known(town.user)
    nadia.opens("/dammartin/familles/importer/")
    nadia.sees("Importer des familles")
    looks_right()
    brings_a_table(nadia, looks_right)
    imports(nadia, town, looks_right)
    nadia.sees("2 lignes écrites")
    nadia.page.locator("summary", has_text="Annuler cet import").click()
    looks_right()
    nadia.clicks_on(nadia.page.get_by_role("button", name="Annuler cet import"))
    nadia.sees("2 lignes annulées.")
    with tenancy.scope({town.authority.pk}):
        assert not Child.objects.filter(last_name="Roussel").exists()
        assert Child.objects.get(pk=town.lucia.pk).school_class.name == "CE2"

    nadia.opens("/dammartin/familles/importer/changement-de-classe/")
    changes_the_classes(nadia, looks_right)
    imports(nadia, town, looks_right)
    nadia.sees("1 ligne écrite")
    with tenancy.scope({town.authority.pk}):
        assert Child.objects.get(pk=town.mateo.pk).school_class.name == "CE2"


def test_the_balances_of_a_former_software_come_in_once_the_totals_agree(person, with_password):
    town = Town(with_password)
    regie = make_regie(town.authority)
    nadia = person("mairie", viewport=PHONE, scripts=True)
    page = nadia.page
    nadia.is_known(town.user)
    nadia.opens("/dammartin/familles/importer/")
    page.locator("summary", has_text="Reprendre les données").click()
    nadia.finds_nothing_with_axe()
    page.get_by_label("Soldes et porte-monnaie").check()
    table = f"Dossier;Reste à payer;Avance\n{town.family.code};30,50;5\nD-9;4;\n".encode()
    sent = {"name": "soldes.csv", "mimeType": "text/csv", "buffer": table}
    page.get_by_label("Fichier", exact=True).set_input_files(sent)
    nadia.clicks_on(page.get_by_role("button", name="Lire le fichier"))
    nadia.sees("Aucun dossier ne porte ce numéro.")
    page.get_by_label(regie.name).fill("29,50")
    nadia.clicks_on(page.get_by_role("button", name="Importer", exact=True))
    nadia.sees("l’autre logiciel dit 29,50")
    nadia.finds_nothing_with_axe()
    page.get_by_label(regie.name).fill("25,50")
    imports(nadia, town, nadia.finds_nothing_with_axe)
    nadia.sees("1 ligne écrite")
