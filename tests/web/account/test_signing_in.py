"""Signing in and out, a forgotten password, changing it: on both hosts, in our words."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from marelle.domain.accounts.models import User
from marelle.foundation.writes import permitted
from tests.factories.town import make_authority, make_family

pytestmark = pytest.mark.django_db

SIGN_IN = "/compte/connexion/"
PASSWORD = "trois petits chats verts"


@pytest.fixture
def user():
    with permitted("factory"):
        return User.objects.create_user("elena@exemple.fr", PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, **more):
    return client.post(SIGN_IN, {"login": "Elena@exemple.fr", "password": password, **more})


def test_a_parent_signs_in_and_goes_home(account_site, user):
    response = sign_in(account_site)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert account_site.session.get_expiry_age() > 13 * 24 * 3600


def test_a_wrong_password_is_said_above_the_form_without_saying_which_is_wrong(account_site, user):
    text = sign_in(account_site, "autre chose").content.decode()
    assert "Adresse ou mot de passe inconnus" in text
    assert text.index("Adresse ou mot de passe inconnus") < text.index("<form")
    unknown = account_site.post(SIGN_IN, {"login": "personne@exemple.fr", "password": PASSWORD}).content.decode()
    assert "Adresse ou mot de passe inconnus" in unknown
    assert 'value="Elena@exemple.fr"' in text or 'value="elena@exemple.fr"' in text
    assert "autre chose" not in text


def test_empty_fields_are_named(account_site):
    text = account_site.post(SIGN_IN, {}).content.decode()
    assert text.count("Ce champ est obligatoire.") == 2


def test_after_five_wrong_passwords_one_waits(account_site, user):
    for _ in range(5):
        sign_in(account_site, "faux")
    assert "Trop d’essais à la suite" in sign_in(account_site).content.decode()
    assert "_auth_user_id" not in account_site.session


def test_next_is_followed_within_the_site_only(account_site, user):
    assert sign_in(account_site, next="/dammartin/profil/")["Location"] == "/dammartin/profil/"


@pytest.mark.parametrize("elsewhere", ["https://mechant.exemple/", "//mechant.exemple", "http://mairie.localhost/"])
def test_next_to_elsewhere_is_forgotten(account_site, user, elsewhere):
    assert sign_in(account_site, next=elsewhere)["Location"] == "/"


def test_a_page_asked_before_signing_in_is_kept(account_site):
    response = account_site.get("/compte/securite/")
    assert response["Location"] == f"{SIGN_IN}?next=/compte/securite/"
    assert 'name="next" value="/compte/securite/"' in account_site.get(response["Location"]).content.decode()


def test_a_form_sent_after_the_session_ended_comes_back_to_its_page(family_site):
    authority = make_authority()
    basket = f"/{authority.slug}/panier/"

    def sent_from(page):
        return family_site.post(f"{basket}valider/", headers={"referer": page})["Location"]

    assert sent_from(f"http://famille.localhost{basket}?x=1") == f"{SIGN_IN}?next={basket}%3Fx%3D1"
    assert sent_from("https://mechant.exemple/panier/") == f"{SIGN_IN}?next=/"
    assert sent_from("") == f"{SIGN_IN}?next=/"


def test_the_address_of_a_form_opened_like_a_page_is_not_a_blank_screen(family_site, user):
    authority = make_authority()
    make_family(authority, user=user)
    family_site.force_login(user)

    answer = family_site.get(f"/{authority.slug}/panier/valider/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Revenir à l’accueil" in answer.content.decode()


def test_a_closed_account_is_told_so(account_site, user):
    user.is_active = False
    with permitted("factory"):
        user.save()
    assert "Ce compte est fermé" in account_site.get(sign_in(account_site)["Location"]).content.decode()


def test_who_comes_from_the_office_reads_its_words(account_site):
    text = account_site.get(SIGN_IN, {"next": "/oidc/autorisation?client_id=mairie"}).content.decode()
    assert "Votre compte" in text
    assert "Se connecter au bureau" in text
    assert "Créer un compte" not in text


def test_signing_out_is_a_post_and_asks_first(account_site, user):
    account_site.force_login(user)
    assert "Se déconnecter" in account_site.get("/compte/deconnexion/").content.decode()
    assert "_auth_user_id" in account_site.session
    assert account_site.post("/compte/deconnexion/")["Location"] == "/"
    assert "_auth_user_id" not in account_site.session


def test_a_forgotten_password_is_chosen_anew_by_the_link_of_a_letter(account_site, user):
    response = account_site.post("/compte/mot-de-passe/oublie/", {"email": "elena@exemple.fr"}, follow=True)
    assert "Regardez vos courriels" in response.content.decode()
    (letter,) = mail.outbox
    assert letter.subject == "Choisissez un nouveau mot de passe"
    link = re.search(r"http://compte\.localhost(/compte/mot-de-passe/nouveau/\S+)", letter.body)[1]
    form = account_site.get(link, follow=True)
    (address, _status) = form.redirect_chain[-1]
    done = account_site.post(address, {"password1": "le nouveau secret de Lucia"}, follow=True)
    assert "Votre mot de passe est changé" in done.content.decode()
    user.refresh_from_db()
    assert user.check_password("le nouveau secret de Lucia")
    assert (
        "Ce lien ne sert plus" in Client(headers={"host": "compte.localhost"}).get(link, follow=True).content.decode()
    )


def test_an_unknown_address_gets_the_same_page_and_a_letter_that_says_so(account_site):
    response = account_site.post("/compte/mot-de-passe/oublie/", {"email": "personne@exemple.fr"}, follow=True)
    assert "Regardez vos courriels" in response.content.decode()
    assert mail.outbox[0].subject == "Aucun compte à cette adresse"
    assert "http://compte.localhost/compte/creer/" in mail.outbox[0].body


def test_a_weak_password_is_refused_in_french(account_site, user):
    account_site.force_login(user)
    text = account_site.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": "court"}).content.decode()
    assert "trop court" in text


def test_changing_the_password_keeps_this_session(account_site, user):
    make_family(make_authority(), user=user)
    account_site.force_login(user)
    wrong = account_site.post("/compte/mot-de-passe/", {"oldpassword": "x", "password1": "encore trois petits chats"})
    assert "Ce n’est pas votre mot de passe actuel." in wrong.content.decode()
    done = account_site.post(
        "/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": "encore trois petits chats"}, follow=True
    )
    assert "Votre mot de passe est changé" in done.content.decode()
    assert "_auth_user_id" in account_site.session


def test_creating_an_account_begins_with_the_address(account_site):
    text = account_site.get("/compte/creer/").content.decode()
    assert "D’abord votre adresse" in text
    assert "Le recevoir de nouveau" in text
