"""A parent authorises somebody to fetch a child, on a phone: chosen, filled in, documented, sent, completed."""

from __future__ import annotations

from datetime import date

import pytest
from PIL import Image

from marelle.domain.procedures.models import Application, ApplicationDocument
from marelle.domain.procedures.operations.reviewing import request_changes
from marelle.foundation import tenancy
from tests.domain.household import AGENT, NOW
from tests.factories.kept_documents import make_document
from tests.factories.procedures import PICKUP, make_procedure
from tests.factories.town import make_authority, make_child, make_family, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

# What the ready procedure asks, with a day that is asked for only after an answer.
FIELDS = [
    *PICKUP["fields"],
    {
        "code": "span",
        "label": "Jusqu’à quand ?",
        "kind": "choice",
        "choices": [
            {"code": "always", "label": "Jusqu’à ce que je dise le contraire"},
            {"code": "until", "label": "Jusqu’à une date"},
        ],
    },
    {
        "code": "ends_on",
        "label": "Dernier jour",
        "kind": "date",
        "only_if": {"field": "span", "values": ["until"]},
    },
]


class Town:
    """Dammartin, where a family with two children has given a proof of residence already."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin")
        self.user = with_password(make_user("elena@exemple.fr"))
        self.family = make_family(self.authority, "Sanchez", user=self.user)
        make_child(self.family, "Lucia")
        make_child(self.family, "Mateo", birth_date=date(2020, 4, 9))
        documents = [
            *PICKUP["documents"],
            {"code": "residence", "label": "Justificatif de domicile", "kind": "residence", "is_required": False},
        ]
        make_procedure(self.authority, fields=FIELDS, documents=documents)
        make_document(self.family, kind="residence", name="facture-eau.pdf")

    @property
    def application(self):
        with tenancy.scope({self.authority.pk}):
            return Application.objects.get()


@pytest.fixture
def town(with_password):
    return Town(with_password)


@pytest.fixture
def photo(tmp_path):
    """A photo as a phone makes it, on its side."""
    path = tmp_path / "carte.jpg"
    picture, turned = Image.new("RGB", (640, 400), "#b5d9f5"), Image.Exif()
    turned[0x0112] = 6
    picture.save(path, exif=turned)
    return path


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_request_on_a_phone(town, person, photo, scripts):  # noqa: PLR0915  one walk through every page
    parent = person(scripts=scripts)
    page = parent.page

    def looked_at():
        if scripts:
            parent.finds_nothing_with_axe()

    parent.opens("/dammartin/demandes/")
    parent.signs_in(town.user)
    parent.sees("Aucune demande.")
    looked_at()
    parent.clicks_on(page.get_by_role("link", name="Faire une demande"))
    parent.sees("Sans réponse à cette date, la demande est acceptée.")
    looked_at()
    parent.clicks_on(page.get_by_role("button", name="Commencer : Autorisation de récupération"))

    parent.sees("Informations liées à votre demande")
    assert page.get_by_label("Dernier jour").is_visible() is not scripts
    looked_at()
    page.get_by_text("Lucia", exact=True).click()
    page.get_by_label("Nom et prénom").fill("Jeanne Martin")
    page.get_by_label("Téléphone").fill("06 12 34 56 78")
    page.get_by_label("Lien avec les enfants").fill("grand-mère")
    page.get_by_label("À partir du").fill("2026-12-01")
    page.get_by_text("Jusqu’à une date", exact=True).click()
    if scripts:
        parent.sees("Jeanne Martin (grand-mère, 06 12 34 56 78)")
        parent.sees("mardi 1ᵉʳ décembre 2026")
        assert page.get_by_label("Dernier jour").is_visible()
    parent.clicks_on(page.get_by_role("button", name="Vérifier et envoyer"))

    parent.sees("Plusieurs points sont à revoir")
    looked_at()
    assert page.get_by_label("Nom et prénom").input_value() == "Jeanne Martin"
    page.get_by_label("Dernier jour").fill("2027-07-02")
    page.get_by_text("Utiliser « facture-eau.pdf »").click()
    page.get_by_label("Choisir un fichier : Pièce d’identité").set_input_files(photo)
    if not scripts:
        parent.clicks_on(page.get_by_role("button", name="Ajouter ce fichier : Pièce d’identité"))
    parent.sees("Tout ce qui est obligatoire est joint.")
    parent.sees("carte.jpg")
    assert page.get_by_label("Dernier jour").input_value() == "2027-07-02"
    looked_at()
    parent.clicks_on(page.get_by_role("button", name="Vérifier et envoyer"))

    parent.sees("Un accusé de réception s’affiche")
    parent.sees("vendredi 2 juillet 2027")
    parent.sees("facture-eau.pdf")
    looked_at()
    parent.clicks_on(page.get_by_role("button", name="Envoyer ma demande"))

    parent.sees("Votre demande est envoyée.")
    parent.sees("Sans réponse le 23 janvier 2027, votre demande sera acceptée.")
    parent.sees("Nadia Ferrand, responsable du service")
    looked_at()
    page.get_by_label("Votre message").fill("Elle viendra à vélo.")
    parent.clicks_on(page.get_by_role("button", name="Envoyer mon message"))
    parent.sees("Votre message est envoyé.")
    parent.sees("Elle viendra à vélo.")

    with tenancy.scope({town.authority.pk}):
        sent = town.application
        request_changes(
            sent,
            "La photo est floue.",
            codes=["identity", "person"],
            due_on=date(2026, 12, 4),
            expected=sent.revision,
            by=AGENT,
            at=NOW,
        )
    parent.clicks_on(page.get_by_role("link", name="Mes demandes").first)
    parent.sees("À compléter avant le vendredi 4 décembre 2026 au soir.")
    looked_at()
    parent.clicks_on(page.get_by_role("link", name="Compléter : Autorisation"))
    parent.sees("La photo est floue.")
    looked_at()
    page.get_by_label("Lien avec les enfants").fill("mamie")
    parent.clicks_on(page.get_by_role("button", name="Retirer carte.jpg"))
    parent.sees("Il manque :")
    page.get_by_label("Choisir un fichier : Pièce d’identité").set_input_files(photo)
    if not scripts:
        parent.clicks_on(page.get_by_role("button", name="Ajouter ce fichier : Pièce d’identité"))
    parent.sees("Tout ce qui est obligatoire est joint.")
    assert page.get_by_label("Lien avec les enfants").input_value() == "mamie"
    parent.clicks_on(page.get_by_role("button", name="Envoyer mon complément"))
    parent.sees("Votre complément est envoyé à la mairie.")
    parent.sees("Jeanne Martin (mamie, 06 12 34 56 78)")
    looked_at()

    parent.clicks_on(page.get_by_role("link", name="Retirer ma demande"))
    parent.sees("La mairie ne la traitera plus")
    looked_at()
    parent.clicks_on(page.get_by_role("link", name="Garder ma demande"))
    with tenancy.scope({town.authority.pk}):
        assert town.application.state == "submitted"
        assert ApplicationDocument.objects.count() == 2
