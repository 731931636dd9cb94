"""Somebody with an account, and what every test of the account does with her."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client, TestCase
from procrastinate.contrib.django.models import ProcrastinateJob

from marelle.domain.accounts.models import User
from marelle.foundation.writes import permitted
from marelle.jobs import accounts as letters_of_accounts

PASSWORD = "trois petits chats verts"
SIGN_IN = "/compte/connexion/"
SECURITY = "/compte/securite/"
CONFIRM = "/compte/securite/confirmer/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def make_person(email: str = "elena@exemple.fr", password: str | None = PASSWORD, **fields) -> User:
    with permitted("factory"):
        return User.objects.create_user(email, password, **fields)


def browser(site: str = "compte", user_agent: str = FIREFOX, **more) -> Client:
    return Client(headers={"host": f"{site}.localhost", "user-agent": user_agent}, **more)


def sign_in(client: Client, email: str = "elena@exemple.fr", password: str = PASSWORD, **more):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def confirm(client: Client, password: str = PASSWORD, **more):
    """Prove again who one is, by the password."""
    return client.post(CONFIRM, {"password": password, **more})


def signed_in(site: str = "compte", user_agent: str = FIREFOX, **more) -> Client:
    """Return a browser where Elena has signed in and has just proved who she is."""
    client = browser(site, user_agent)
    assert sign_in(client, **more).status_code == 302
    assert confirm(client).status_code == 302
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def letters() -> list:
    """Do what the queue holds about accounts, and return the letters that left, the last asked last."""
    mail.outbox.clear()
    waiting = ProcrastinateJob.objects.filter(status="todo").order_by("pk")
    for job in list(waiting):
        if hasattr(letters_of_accounts, job.task_name.partition(".")[2]):
            getattr(letters_of_accounts, job.task_name.partition(".")[2])(**job.args)
    done = [job.pk for job in waiting]
    with permitted("the worker"):
        ProcrastinateJob.objects.filter(pk__in=done)._raw_delete("default")
    return list(mail.outbox)


def committed():
    """Do at the end of the block what waits for the transaction to commit, which a test never lets happen."""
    return TestCase.captureOnCommitCallbacks(execute=True)


def link_of(letter, place: str = "/compte/adresse/") -> str:
    return re.search(rf"http://\S+?localhost({re.escape(place)}\S+)", letter.body)[1]
