"""A parent protects her account with a passkey, an agent with codes and without scripts."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from tests.factories.town import make_agent, make_authority, make_family, make_user
from tests.journeys.conftest import DESK, PASSWORD
from tests.web.account.people import letters
from tests.web.account.proofs import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def proves_again(somebody):
    somebody.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    somebody.clicks_on(somebody.page.get_by_role("button", name="Continuer", exact=True))


def test_a_parent_adds_a_passkey_and_comes_back_with_it_alone(with_password, person):
    user = with_password(make_user("elena@exemple.fr"))
    make_family(make_authority(slug="dammartin"), user=user)
    elena = person()
    page = elena.page
    telephone = page.context.new_cdp_session(page)
    telephone.send("WebAuthn.enable")
    telephone.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    elena.opens("/dammartin/profil/")
    elena.finds_nothing_with_axe()
    elena.signs_in(user)

    elena.clicks_on(page.get_by_role("link", name="Sécurité du compte").last)
    elena.sees("Appareils connectés")
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.get_by_role("link", name="Ajouter une clé d’accès"))
    elena.sees("Confirmez que c’est vous")
    elena.finds_nothing_with_axe()
    proves_again(elena)
    page.get_by_label("Son nom").fill("Téléphone d’Elena")
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.get_by_role("button", name="Ajouter cette clé d’accès"))
    elena.sees("Vos codes de secours")
    expect(page.locator(".codes code")).to_have_count(10)
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.get_by_role("link", name="C’est noté"))
    elena.sees("Téléphone d’Elena")
    elena.finds_nothing_with_axe()

    elena.opens("/compte/deconnexion/")
    elena.clicks_on(page.get_by_role("button", name="Se déconnecter"))
    elena.opens("/dammartin/profil/")
    elena.clicks_on(page.get_by_role("button", name="Utiliser une clé d’accès"))
    page.wait_for_url("**/dammartin/profil/")
    elena.sees("Informations profil")

    # The same telephone after a password, then a device that gives nothing: words, and nothing lost.
    elena.opens("/compte/deconnexion/")
    elena.clicks_on(page.get_by_role("button", name="Se déconnecter"))
    elena.opens("/compte/connexion/")
    elena.signs_in(user)
    elena.sees("Confirmez que c’est vous")
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.get_by_role("button", name="Utiliser ma clé d’accès"))
    page.wait_for_url(lambda address: "/compte/" not in address)
    elena.opens("/compte/securite/cles/ajouter/")
    proves_again(elena)
    elena.clicks_on(page.get_by_role("button", name="Ajouter cette clé d’accès"))
    elena.sees("Cet appareil a déjà une clé d’accès pour ce compte.")

    mail.outbox.clear()
    assert [letter.subject for letter in letters()] == ["Sécurité de votre compte : clé d’accès ajoutée"]


def test_an_agent_without_scripts_protects_hers_with_codes_and_closes_other_devices(with_password, person, settings):
    settings.AGENTS_SECOND_FACTOR = True
    user = with_password(make_user("nadia@exemple.fr"))
    make_agent(make_authority(slug="dammartin"), "Nadia Ferrand", user=user)
    nadia = person("mairie", viewport=DESK, scripts=False)
    page = nadia.page
    nadia.opens("/dammartin/journee/")
    expect(page.get_by_role("button", name="Utiliser une clé d’accès")).to_be_hidden()
    nadia.signs_in(user)

    nadia.sees("Il manque une seconde preuve")
    nadia.clicks_on(page.get_by_role("link", name="Activer une application de codes"))
    proves_again(nadia)
    nadia.clicks_on(page.get_by_text("Je ne peux pas le photographier"))
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("Code", exact=True).fill(code_of(secret))
    nadia.clicks_on(page.get_by_role("button", name="Activer les codes"))
    nadia.sees("Vos codes de secours")
    code = page.locator(".codes code").first.inner_text()
    nadia.opens("/dammartin/journee/")
    page.wait_for_url("**/dammartin/journee/")

    elsewhere = person("mairie", scripts=False)
    elsewhere.opens("/dammartin/journee/")
    elsewhere.signs_in(user)
    elsewhere.page.get_by_label("Code", exact=True).fill(code)
    elsewhere.clicks_on(elsewhere.page.get_by_role("button", name="Continuer avec ce code"))
    elsewhere.page.wait_for_url("**/dammartin/journee/")

    nadia.opens("/compte/securite/")
    nadia.clicks_on(page.get_by_role("link", name="Se déconnecter partout"))
    nadia.clicks_on(page.get_by_role("button", name=re.compile("tous les autres")))
    nadia.sees("Vos autres appareils sont déconnectés.")
    elsewhere.opens("/dammartin/journee/")
    elsewhere.page.wait_for_url("**/compte/connexion/**")
