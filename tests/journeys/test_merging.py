"""Somebody has two accounts and makes one of them: at a phone, and at a desk without scripts."""

from __future__ import annotations

import pytest
from django.core import mail

from marelle.domain.accounts.models import User
from tests.factories.town import make_authority, make_family, make_user
from tests.journeys.conftest import DESK, PASSWORD
from tests.web.account.people import letters
from tests.web.account.proofs import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday_morning")]
HERS, OTHERS = "elena@exemple.fr", "elena.factures@exemple.fr"


@pytest.fixture
def accounts(with_password):
    hers, others = with_password(make_user(HERS)), with_password(make_user(OTHERS))
    make_family(make_authority("Dammartin"), "Sanchez", user=hers)
    make_family(make_authority("Guérard"), "Cordoves", user=others)
    return hers, others


def proves_again(somebody):
    somebody.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    somebody.clicks_on(somebody.page.get_by_role("button", name="Continuer", exact=True))


def proves_the_other(somebody, email):
    somebody.page.get_by_label("Adresse e-mail de l’autre compte").fill(email)
    somebody.page.get_by_label("Mot de passe de l’autre compte", exact=True).fill(PASSWORD)
    somebody.clicks_on(somebody.page.get_by_role("button", name="Continuer"))


def test_at_a_phone_she_keeps_the_account_where_she_is(accounts, person):
    hers, others = accounts
    elena = person("compte")
    page = elena.page
    elena.opens("/compte/securite/")
    elena.sees("Utilisez les mêmes identifiants.")
    elena.finds_nothing_with_axe()
    elena.signs_in(hers)
    elena.sees("Deux comptes")
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.get_by_role("link", name="Réunir deux comptes"))
    elena.sees("Confirmez que c’est vous")
    proves_again(elena)

    elena.finds_nothing_with_axe()
    page.get_by_label("Adresse e-mail de l’autre compte").fill(OTHERS)
    page.get_by_label("Mot de passe de l’autre compte", exact=True).fill("ce n’est pas lui")
    elena.clicks_on(page.get_by_role("button", name="Continuer"))
    elena.sees("Adresse ou mot de passe inconnus.")
    elena.finds_nothing_with_axe()
    proves_the_other(elena, OTHERS)

    elena.sees("Si vous gardez elena@exemple.fr")
    elena.sees("la famille Cordoves, à Guérard, au nom de")
    elena.sees("On ne peut pas revenir en arrière.")
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.get_by_role("button", name="Réunir les deux comptes"))
    elena.sees("Cochez la case pour continuer.")
    elena.finds_nothing_with_axe()
    elena.clicks_on(page.locator("label", has_text=HERS))
    elena.clicks_on(page.locator("label", has_text="J’ai lu ce qui passe"))
    elena.clicks_on(page.get_by_role("button", name="Réunir les deux comptes"))

    elena.sees("Vos deux comptes sont réunis. Désormais, connectez-vous avec elena@exemple.fr.")
    elena.sees("Deux comptes réunis en un")
    elena.finds_nothing_with_axe()
    assert User.objects.get(pk=others.pk).merged_into_id == hers.pk
    assert sorted(letter.to[0] for letter in letters()) == [OTHERS, HERS]
    mail.outbox.clear()

    at_home = person()
    at_home.opens("/compte/connexion/?next=/mes-enfants/")
    at_home.signs_in(hers)
    at_home.sees("Famille Sanchez")
    at_home.sees("Famille Cordoves")


def test_at_a_desk_without_scripts_she_keeps_the_other_which_has_codes(accounts, person):
    hers, others = accounts
    there = person("compte", viewport=DESK, scripts=False)
    there.opens("/compte/securite/")
    there.signs_in(others)
    there.clicks_on(there.page.get_by_role("link", name="Activer une application de codes"))
    proves_again(there)
    there.clicks_on(there.page.get_by_text("Je ne peux pas le photographier"))
    secret = there.page.locator("code.secret").inner_text()
    there.page.get_by_label("Code", exact=True).fill(code_of(secret))
    there.clicks_on(there.page.get_by_role("button", name="Activer les codes"))
    there.sees("Vos codes de secours")

    elena = person("compte", viewport=DESK, scripts=False)
    page = elena.page
    elena.opens("/compte/securite/reunir/")
    elena.signs_in(hers)
    proves_again(elena)
    proves_the_other(elena, OTHERS)
    elena.sees("La seconde preuve de l’autre compte")
    page.get_by_label("Code", exact=True).fill(code_of(secret, steps=1))
    elena.clicks_on(page.get_by_role("button", name="Continuer avec ce code"))
    elena.sees("son application de codes")
    page.get_by_role("radio", name=OTHERS).check()
    page.get_by_label("J’ai lu ce qui passe et ce qui se perd").check()
    elena.clicks_on(page.get_by_role("button", name="Réunir les deux comptes"))

    elena.sees(f"Désormais, connectez-vous avec {OTHERS}.")
    elena.sees("Activée")
    assert User.objects.get(pk=hers.pk).merged_into_id == others.pk
    there.opens("/compte/securite/")
    there.sees("Se connecter")
