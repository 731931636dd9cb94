"""Downloading one's data and erasing one's account, from the pages."""

from __future__ import annotations

import json

import pytest
from django.core import mail
from django.core.cache import cache

from marelle.domain.accounts.models import User
from marelle.domain.families.models import Membership, SupportingDocument
from marelle.domain.families.operations.documents import attach_document
from marelle.foundation import tenancy
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.domain.household import AGENT, NOW
from tests.factories.papers import clean_document
from tests.factories.town import make_agent, make_authority, make_child, make_family

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]
PASSWORD = "trois petits chats verts"
PAGE, ERASE = "/compte/mes-donnees/", "/compte/mes-donnees/effacer/"


@pytest.fixture(autouse=True)
def _no_attempts_of_others():
    cache.clear()


@pytest.fixture
def user(account_site):
    with permitted("factory"):
        user = User.objects.create_user("elena@exemple.fr", PASSWORD)
    account_site.force_login(user)
    return user


@pytest.fixture
def family(user):
    family = make_family(make_authority("Dammartin-sur-Tigeaux"), "Sanchez", user=user)
    make_child(family, "Lucia", allergies="Arachide")
    return family


def memberships(user):
    with tenancy.every_authority():
        return Membership.objects.filter(user=user).count()


def test_the_page_leads_to_both_files_and_to_erasing(account_site, family):
    text = account_site.get(PAGE).content.decode()

    for said in ("mes-donnees.pdf", "mes-donnees.json", ERASE, "Rien d’un autre foyer"):
        assert said in text


def test_a_document_of_health_that_is_downloaded_is_a_reading(account_site, family, user):
    with tenancy.scope({family.authority_id}):
        for is_health in (True, False):
            attach_document(family, clean_document(), kind="pai", is_health=is_health, by=AGENT, at=NOW)
        health = SupportingDocument.objects.get(is_health=True)
        other = make_family(family.authority, "Autre")
        attach_document(other, clean_document(), kind="pai", is_health=True, by=AGENT, at=NOW)

    account_site.get(f"{PAGE}mes-donnees.pdf")
    assert not AuditEntry.objects.filter(verb="read_document").exists()
    account_site.get(f"{PAGE}mes-donnees.json")

    line = AuditEntry.objects.get(verb="read_document")
    assert (line.actor_kind, line.actor_key, line.object_key) == ("family", user.pk, health.pk)


def test_the_files_are_attachments_that_nobody_keeps(account_site, family):
    found = account_site.get(f"{PAGE}mes-donnees.json")
    drawn = account_site.get(f"{PAGE}mes-donnees.pdf")

    assert json.loads(found.content)["familles"][0]["famille"] == "Sanchez"
    assert "Arachide" in found.content.decode()
    assert drawn.content.startswith(b"%PDF")
    for response in (found, drawn):
        assert response["Content-Disposition"].startswith("attachment")
        assert "no-store" in response["Cache-Control"]


def test_the_page_says_what_goes_what_stays_and_why(account_site, family):
    text = account_site.get(ERASE).content.decode()

    for said in ("Ce qui s’efface, tout de suite", "dix ans", "La loi oblige", "Les autres responsables", "Trois ans"):
        assert said in text


def test_with_the_password_the_account_is_erased_signed_out_and_told(account_site, family, user):
    response = account_site.post(ERASE, {"password": PASSWORD, "is_sure": "on"})

    assert response["Location"] == "/compte/mes-donnees/efface/"
    assert "Votre compte est effacé" in account_site.get(response["Location"]).content.decode()
    assert "_auth_user_id" not in account_site.session
    assert memberships(user) == 0
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["elena@exemple.fr"], "Votre compte est effacé")
    assert "Sanchez" not in letter.body
    again = account_site.post("/compte/connexion/", {"login": "elena@exemple.fr", "password": PASSWORD})
    assert "Adresse ou mot de passe inconnus" in again.content.decode()


def test_another_browser_of_the_same_account_is_signed_out_too(account_site, family, user, client):
    elsewhere = client.__class__(headers={"host": "compte.localhost"})
    elsewhere.force_login(user)

    account_site.post(ERASE, {"password": PASSWORD, "is_sure": "on"})

    assert elsewhere.get(PAGE).status_code == 302


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"password": "faux", "is_sure": "on"}, "Ce n’est pas votre mot de passe."),
        ({"password": PASSWORD}, "Cochez la case pour continuer."),
        ({"is_sure": "on"}, "il prouve que c’est bien vous"),
    ],
    ids=["wrong password", "not sure", "no password"],
)
def test_without_the_proof_nothing_is_erased(account_site, family, user, sent, words):
    response = account_site.post(ERASE, sent)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert memberships(user) == 1
    assert mail.outbox == []


def test_passwords_are_not_guessed_there(account_site, family, user):
    for _ in range(10):
        account_site.post(ERASE, {"password": "faux", "is_sure": "on"})

    response = account_site.post(ERASE, {"password": PASSWORD, "is_sure": "on"})
    assert response.status_code == 429
    assert "Trop d’essais à la suite" in response.content.decode()
    assert memberships(user) == 1


def test_an_agent_is_told_whom_to_ask(account_site, family, user):
    make_agent(make_authority("JolieVille"), "Elena", user=user)

    assert "Ce compte est aussi celui d’un agent" in account_site.get(ERASE).content.decode()
    response = account_site.post(ERASE, {"password": PASSWORD, "is_sure": "on"})
    assert response.status_code == 409
    assert memberships(user) == 1


def test_an_account_without_a_password_chooses_one_first(account_site, family, user):
    with permitted("factory"):
        user.set_unusable_password()
        user.save()
    account_site.force_login(user)

    text = account_site.get(ERASE).content.decode()
    assert "Choisissez-en un d’abord" in text
    assert 'name="password"' not in text
    assert account_site.post(ERASE, {"password": "!", "is_sure": "on"}).status_code == 422
    assert memberships(user) == 1


def test_a_mail_server_that_is_down_does_not_undo_it(account_site, family, user, monkeypatch):
    def fails(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fails)

    assert account_site.post(ERASE, {"password": PASSWORD, "is_sure": "on"}).status_code == 303
    assert memberships(user) == 0
