"""Sessions: their names, their ends, and what signing in says to who tries."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache

from marelle.domain.accounts.models import User
from marelle.foundation.writes import permitted
from tests.web.attacks.town import ACCOUNT, PASSWORD, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday_morning")]


@pytest.mark.usefixtures("quick_passwords")
def test_the_session_changes_name_at_each_door(town):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    client = place(ACCOUNT)
    client.cookies["session"] = "a" * 32
    client.post("/compte/connexion/", {"login": town.user.email, "password": PASSWORD})
    mine = client.cookies["session"].value
    assert mine != "a" * 32

    thief = place(ACCOUNT)
    thief.cookies["session"] = mine
    client.post("/compte/deconnexion/")

    assert thief.get("/compte/securite/").status_code == 302


@pytest.mark.usefixtures("quick_passwords")
def test_a_new_password_or_a_closed_account_shuts_the_other_sessions(town):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    here, there = place(ACCOUNT), place(ACCOUNT)
    for client in (here, there):
        client.post("/compte/connexion/", {"login": town.user.email, "password": PASSWORD})
    new = "encore trois petits chats"
    here.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": new})
    assert here.get("/compte/securite/").status_code == 200
    assert there.get("/compte/securite/").status_code == 302

    with permitted("factory"):
        User.objects.filter(pk=town.user.pk).update(is_active=False)
    assert here.get("/compte/securite/").status_code == 302


def test_signing_in_costs_and_says_the_same_whoever_asks(town, monkeypatch):
    with permitted("factory"):
        town.user.set_password(PASSWORD)
        town.user.save()
    asked = []
    for name in ("encode", "verify"):
        plain = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(
            Argon2PasswordHasher, name, lambda *args, plain=plain, name=name: asked.append(name) or plain(*args)
        )
    pages = []
    for login in (town.user.email, "personne@exemple.fr"):
        cache.clear()
        asked.append("|")
        answer = place(ACCOUNT).post("/compte/connexion/", {"login": login, "password": "faux"})
        pages.append((answer.status_code, answer.content.decode().replace(login, "")))
    known, unknown = "".join(one[0] for one in asked).split("|")[1:]

    assert len(known) == len(unknown) == 1
    assert re.sub(r'value="[^"]{64}"', "", pages[0][1]) == re.sub(r'value="[^"]{64}"', "", pages[1][1])
