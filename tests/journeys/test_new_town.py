"""A new town, in one walk: from the link that opens it to the first booking of its first family."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.authorities.models import Authority
from marelle.domain.onboarding.operations.opening import make_opening_link
from marelle.domain.onboarding.queries.opening import ForWhom
from marelle.domain.reservations.models import Reservation
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.jobs import ways_in as tasks
from tests.journeys.conftest import DESK, PASSWORD, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]

MOST_SCREENS, MOST_CLICKS = 20, 60
VOTE = "2026-31 du 12/06/2026"


class Walk:
    """Somebody whose screens are counted: each page that came, looked at or not."""

    def __init__(self, somebody):
        self.person, self.page = somebody, somebody.page
        self.screens = 0
        self.page.on("framenavigated", self._came)

    def _came(self, frame):
        self.screens += frame == self.page.main_frame

    def looks(self, words):
        """Look at a screen that has just come: what it says, and what axe says of it."""
        self.person.sees(words)
        self.person.finds_nothing_with_axe()

    def presses(self, name, role="button", **more):
        self.person.clicks_on(self.page.get_by_role(role, name=name, **more).first)

    def ticks(self, words):
        """Press the tile that says these words."""
        self.person.clicks_on(self.page.locator("label.tile").filter(has_text=words).filter(visible=True).first)

    def types(self, label, words):
        self.page.get_by_label(label).filter(visible=True).first.fill(words)


def test_from_nothing_to_the_first_booking_of_a_first_family(person):  # noqa: PLR0915  a walk
    token = make_opening_link(ForWhom("nadia@exemple.fr", "Nadia Ferrand"), by=SYSTEM, at=clock.machine_now())
    nadia = Walk(person("mairie", viewport=DESK))
    page = nadia.page

    nadia.person.opens(f"/ouvrir/{token}/")
    nadia.looks("Ouvrir l’espace de votre collectivité")
    nadia.types("Nom de la collectivité", "Ville-Neuve")
    page.get_by_label("Département").select_option("77")
    nadia.types("Téléphone de la mairie", "01 64 00 00 10")
    nadia.types("Adresse e-mail de la mairie", "mairie@exemple.fr")
    page.get_by_label("Votre mot de passe", exact=True).fill(PASSWORD)
    nadia.presses("Ouvrir l’espace")
    nadia.looks("L’espace est ouvert")
    nadia.presses("Me connecter", role="link")
    nadia.looks("Mot de passe")
    page.get_by_label("Adresse e-mail").fill("nadia@exemple.fr")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    nadia.presses(re.compile("Se connecter"))

    nadia.looks("Ce qu’il faut pour ouvrir aux familles")
    nadia.presses("Continuer", role="link")
    nadia.looks("Collez leurs noms")
    nadia.types("Vos écoles", "École des Tilleuls : PS, MS, GS, CP, CE1, CE2, CM1, CM2\nCentre de loisirs Les Cabanes")
    nadia.presses("Ajouter ces lieux")
    nadia.looks("2 lieux et 8 classes ajoutés.")
    nadia.ticks("Le repas de midi")
    nadia.ticks("Après la classe")
    nadia.presses("Créer ce qui est coché")
    nadia.looks("pour les jours de classe ?")
    nadia.ticks("La veille, jusqu’à minuit")
    nadia.types("Délibération", VOTE)
    nadia.presses("Donner ce règlement")
    nadia.looks("Règlement donné à 2 activités")
    nadia.ticks("Par tranches de quotient familial")
    for rank, (below, price) in enumerate((("400", "1,00"), ("850", "2,35"), ("", "3,85")), start=1):
        nadia.types(f"Tranche {rank} : quotient inférieur à", below)
        nadia.types(f"Tranche {rank} : prix", price)
    nadia.types("Délibération", VOTE)
    nadia.presses("Donner ce tarif")
    nadia.looks("Tarif donné à 1 prestation")
    page.get_by_label("Prix", exact=True).fill("2,10")
    nadia.types("Délibération", VOTE)
    nadia.presses("Donner ce tarif")
    nadia.looks("Elle encaisse et facture")
    nadia.presses("Ajouter la régie")
    nadia.looks("Rien d’indispensable ne manque")
    nadia.presses("Ouvrir au public")
    nadia.looks("Votre espace est ouvert aux familles.")

    nadia.presses("Inscrire une famille", role="link")
    nadia.looks("Ses responsables, ses enfants et son accès")
    for name, words in {"g1_first_name": "Élise", "g1_last_name": "Le Goff", "g1_relation": "Mère",
                        "g1_phone": "06 12 34 56 78", "g1_email": "elise@exemple.fr",
                        "c1_first_name": "Zoé", "c1_birth_date": "2018-05-02"}.items():  # fmt: skip
        page.locator(f"[name={name}]").fill(words)
    page.locator("[name=c1_class]").select_option("ecole-des-tilleuls/ce2")
    nadia.ticks("Restauration scolaire")
    nadia.presses("Inscrire la famille")
    nadia.looks("Le Goff")
    job = ProcrastinateJob.objects.filter(task_name="letters.invitations").order_by("-pk").first()
    tasks.invitations(**job.args)

    elise = Walk(person(viewport=PHONE))
    link = re.search(r"http://[^/\s]+(/compte/activation/\S+)", mail.outbox[-1].body)[1]
    elise.person.opens(link)
    elise.looks("Continuer")
    elise.presses("Continuer")
    elise.looks("Complétez les informations demandées")
    elise.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    elise.presses("Enregistrer")
    elise.looks("C’est fait")
    elise.presses(re.compile("Réserver|réservations"), role="link")
    elise.looks("Mes réservations")
    elise.person.clicks_on(elise.page.locator("label:has(input[aria-label^='Zoé, repas'][value$='.2026-11-26'])"))
    elise.person.clicks_on(elise.page.locator("#panier summary"))
    elise.presses("Vérifier et valider", role="link")
    elise.looks("Vérifiez avant de valider")
    elise.presses("Valider mes changements")
    elise.looks("C’est noté")

    town = Authority.objects.get(slug="ville-neuve")
    with tenancy.scope({town.pk}):
        booked = Reservation.objects.get()
    assert (booked.date, booked.price_cents) == (date(2026, 11, 26), 385)
    screens = nadia.screens + elise.screens
    clicks = nadia.person.clicks + elise.person.clicks
    print(
        f"a new town, from nothing to a first booking: {screens} screens, {clicks} clicks "
        f"(the town hall {nadia.screens} and {nadia.person.clicks}, "
        f"the family {elise.screens} and {elise.person.clicks})"
    )
    assert screens <= MOST_SCREENS
    assert clicks <= MOST_CLICKS
