"""A parent asks for another name, trusts somebody, consents, confirms; an agent accepts. With and without scripts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from marelle.domain.families.models import Consent, FileConfirmation, PickupPerson
from marelle.domain.families.operations.consents import NewText, publish_text
from marelle.domain.families.operations.profile import set_profile_rules
from marelle.foundation import tenancy
from tests.domain.household import AGENT, NOW
from tests.factories.town import (
    make_agent,
    make_authority,
    make_child,
    make_facility,
    make_family,
    make_product,
    make_reservation,
    make_user,
)
from tests.journeys.conftest import PASSWORD, WITH_AND_WITHOUT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]


class Town:
    """Dammartin, whose families confirm their file from September on, and are asked about photos."""

    def __init__(self, with_password):
        self.authority = make_authority(slug="dammartin")
        self.meal = make_product(self.authority, facility=make_facility(self.authority))
        self.user = with_password(make_user("elena@exemple.fr"))
        self.family = make_family(self.authority, "Sanchez", user=self.user)
        child = make_child(self.family, "Lucia", products=(self.meal,))
        make_reservation(child, self.meal, date(2026, 11, 23), family=self.family)
        self.agent = make_agent(self.authority, "Nadia Ferrand", user=with_password(make_user("nadia@exemple.fr")))
        with tenancy.scope({self.authority.pk}):
            set_profile_rules(self.authority, {}, confirmation_month=9, by=AGENT, at=NOW)
            text = NewText("photos", "Photos", "Des photos dans le journal municipal.", "child")
            publish_text(self.authority, text, by=AGENT, at=NOW)


@pytest.fixture
def town(with_password):
    return Town(with_password)


@pytest.mark.parametrize(
    "scripts", WITH_AND_WITHOUT
)  # each form alone, without scripts: tests/web/family/test_profile.py
def test_the_whole_file_on_a_phone(town, person, scripts):  # noqa: PLR0915  one walk through every page
    parent = person(scripts=scripts)
    page = parent.page

    def looked_at(who):
        if scripts:
            who.finds_nothing_with_axe()

    parent.is_known(town.user)
    parent.opens("/dammartin/profil/")
    parent.sees("Votre dossier est-il à jour ?")
    looked_at(parent)
    page.get_by_label("Nom de la famille").fill("Sanchez-Cordoves")
    page.get_by_label("Département du foyer").select_option("77")
    parent.clicks_on(page.get_by_role("button", name="Enregistrer"))
    parent.sees("Votre demande est partie à la mairie")
    looked_at(parent)

    parent.clicks_on(page.get_by_role("link", name="Enfants", exact=True))
    parent.sees("Aucune allergie signalée")
    parent.clicks_on(page.get_by_text("Demander une modification"))
    looked_at(parent)
    page.get_by_label("Régime").fill("sans porc")
    parent.clicks_on(page.get_by_role("button", name="Envoyer à la mairie"))
    parent.sees("Votre demande est partie à la mairie : Régime")

    parent.clicks_on(page.get_by_role("link", name="Personnes autorisées à venir chercher"))
    parent.sees("Autoriser quelqu’un")
    page.get_by_label("Nom et prénom").fill("Paul Roy")
    page.get_by_label("Lien avec vos enfants").fill("grand-père")
    parent.clicks_on(page.get_by_role("button", name="Autoriser cette personne"))
    parent.sees("Paul Roy peut venir chercher Lucia")
    looked_at(parent)

    parent.clicks_on(page.get_by_role("link", name="Informations profil"))
    parent.clicks_on(page.get_by_role("link", name="Autorisations : ce que j’accepte"))
    parent.sees("À répondre")
    parent.clicks_on(page.get_by_text("Oui, j’accepte"))
    parent.clicks_on(page.get_by_role("button", name="Enregistrer ma réponse"))
    parent.sees("Votre réponse est enregistrée.")
    looked_at(parent)

    parent.opens("/dammartin/profil/confirmation/")
    parent.clicks_on(page.get_by_text("Je confirme que mon dossier est à jour"))
    looked_at(parent)
    parent.clicks_on(page.get_by_role("button", name="Confirmer mon dossier"))
    parent.sees("Votre dossier est confirmé à jour.")

    agent = person("mairie", scripts=scripts)
    agent.is_known(town.agent.user)
    agent.opens("/dammartin/dossiers/modifications/")
    agent.sees("La famille demande")
    looked_at(agent)
    agent.clicks_on(agent.page.get_by_role("button", name=re.compile("^Accepter : Nom de la famille")))
    agent.sees("Accepté : Nom de la famille")
    agent.clicks_on(agent.page.locator("summary").get_by_text("Refuser…"))
    agent.page.get_by_label("Motif du refus").fill("Dites-le plutôt à la cantine.")
    looked_at(agent)
    agent.clicks_on(agent.page.get_by_role("button", name="Refuser", exact=True))
    agent.sees("Rien n’attend.")
    for path, words in (
        ("dossiers/reglages/", "Confirmation annuelle"),
        ("dossiers/autorisations/", "1 oui, 0 non"),
        ("journee/2026-11-23/", "Peut venir : Paul Roy, grand-père"),
    ):
        agent.opens(f"/dammartin/{path}")
        agent.sees(words)
        looked_at(agent)

    parent.opens("/dammartin/profil/")
    parent.sees("Dites-le plutôt à la cantine.")
    looked_at(parent)
    with tenancy.scope({town.authority.pk}):
        town.family.refresh_from_db()
        assert (town.family.name, town.family.department) == ("Sanchez-Cordoves", "77")
        assert (PickupPerson.objects.count(), Consent.objects.count(), FileConfirmation.objects.count()) == (1, 1, 1)

    parent.clicks_on(page.get_by_role("link", name="Télécharger mes données, effacer mon compte"))
    parent.sees("Télécharger en PDF")
    looked_at(parent)
    parent.clicks_on(page.get_by_role("link", name="Effacer mon compte"))
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    parent.clicks_on(page.get_by_text("J’ai lu ce qui s’efface"))
    looked_at(parent)
    parent.clicks_on(page.get_by_role("button", name="Effacer mon compte"))
    parent.sees("Votre compte est effacé")
    looked_at(parent)
