"""A hundred people enter at the same instant, by four processes of the account site: all come in.

What one process has written, a code above all, another must read at once.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import re
import secrets
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from marelle.commands.ports import free_port
from marelle.domain.accounts.models import User
from marelle.foundation.writes import permitted
from marelle.web.account.provider.own_clients import register_own_clients, secret_of

pytestmark = [pytest.mark.torture, pytest.mark.django_db(transaction=True)]

PEOPLE, PROCESSES = 100, 4
PASSWORD = "trois petits chats verts"
HOST, RETURN = "compte.localhost", "https://famille.localhost/compte/retour/"


@pytest.fixture
def account_site(tmp_path):
    """Four processes of the account site, as behind a proxy that holds a certificate; return their port."""
    there = connection.settings_dict
    surroundings = os.environ | {
        "DATABASE_URL": f"postgresql://{there['USER']}@/{there['NAME']}?host={there['HOST']}&port={there['PORT']}",
        "MARELLE_PUBLIC_SCHEME": "https",
        "MARELLE_VAR": str(tmp_path),
    }
    collected = [sys.executable, "-m", "marelle", "manage", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(collected, env=surroundings, check=True)
    port = free_port()
    options = ["--interface", "wsgi", "--port", str(port), "--workers", str(PROCESSES), "--blocking-threads", "3"]
    command = [sys.executable, "-m", "granian", *options, "--no-ws", "--log-level", "warning"]
    with subprocess.Popen([*command, "marelle.config.wsgi:application"], env=surroundings) as served:
        try:
            wait_until_healthy(served, port)
            yield port
        finally:
            served.terminate()


def wait_until_healthy(served, port):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert served.poll() is None
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as asked:
                asked.request("GET", "/healthz", headers={"Host": "127.0.0.1", "X-Forwarded-Proto": "https"})
                if asked.getresponse().status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail("the account site does not answer")


class Browser:
    """Somebody's browser, by the proxy; every request is a connection of its own, so that any process may have it."""

    def __init__(self, port, number):
        self.port, self.cookies = port, SimpleCookie()
        self.headers = {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"10.0.{number // 200}.{number % 200}",
        }

    def ask(self, method, path, form=None):
        headers = self.headers | {"Cookie": "; ".join(f"{one.key}={one.value}" for one in self.cookies.values())}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)) as asked:
            asked.request(method, path, urlencode(form) if form else None, headers)
            answer = asked.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    self.cookies.load(value)
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()


def enter(port, number, email):
    """Enter the family site, as a browser and as the site; return the claims."""
    browser, verifier, state = Browser(port, number), secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": "famille",
        "redirect_uri": RETURN,
        "scope": "openid email",
        "state": state,
        "nonce": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    _status, where, _text = browser.ask("GET", f"/oidc/autorisation?{urlencode(asked)}")
    _status, _where, page = browser.ask("GET", where)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    then = parse_qs(urlsplit(where).query)["next"][0]
    form = {"login": email, "password": PASSWORD, "next": then, "csrfmiddlewaretoken": token}
    status, where, page = browser.ask("POST", "/compte/connexion/", form)
    assert (status, where) == (302, then), (status, where)
    _status, where, _text = browser.ask("GET", then)
    back = {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}
    assert back["state"] == state, where
    site = Browser(port, 999)
    status, _where, said = site.ask(
        "POST",
        "/oidc/jeton",
        {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": RETURN,
            "code_verifier": verifier,
            "client_id": "famille",
            "client_secret": secret_of("famille"),
        },
    )
    assert status == 200, said
    id_token = re.search(r'"id_token": "([^"]+)"', said)[1]
    return jwt.decode(id_token, options={"verify_signature": False})


def test_a_hundred_enter_at_once_by_four_processes(account_site, settings, capsys):
    settings.FAMILY_URL = "https://famille.localhost"
    register_own_clients()
    hashed = make_password(PASSWORD)
    with permitted("factory"):
        people = [User.objects.create(email=f"p{one}@exemple.fr", password=hashed) for one in range(PEOPLE)]
    results, together = [None] * PEOPLE, threading.Barrier(PEOPLE)

    def come(number):
        together.wait(60)
        began = time.monotonic()
        try:
            claims = enter(account_site, number, people[number].email)
            results[number] = (claims["sub"], time.monotonic() - began)
        except Exception as error:  # noqa: BLE001  the test judges what happened
            results[number] = (repr(error), 0)

    began = time.monotonic()
    threads = [threading.Thread(target=come, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    lasted = time.monotonic() - began

    assert [who for who, _seconds in results] == [one.public_id for one in people]
    each = sorted(seconds for _who, seconds in results)
    with capsys.disabled():
        print(
            f"\n{PEOPLE} logins at once, {PROCESSES} processes: all in {lasted:.1f} s,"
            f" half of them in {each[PEOPLE // 2]:.1f} s, the last in {each[-1]:.1f} s"
        )
