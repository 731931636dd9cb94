"""Somebody enters the site of a swimming pool with her account, takes it back, and leaves: with scripts and without."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.factories.town import make_user
from tests.journeys.conftest import DESK, PHONE
from tests.web.account.provider.site import END, site_of_others

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Pool(BaseHTTPRequestHandler):
    """The pool's own page, which says what it was brought."""

    def do_GET(self):
        said = "Bienvenue à la piscine" if "code=" in self.path else "Tant pis"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><html lang=fr><title>Piscine</title><h1>{said}</h1>".encode())

    def log_message(self, *_said):
        """Say nothing."""


@pytest.fixture
def pool(sites_at_home):
    with ThreadingHTTPServer(("127.0.0.1", 0), Pool) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://piscine.localhost:{server.server_address[1]}/retour"
        site = site_of_others(redirect_uri=home, post_logout_uri=home)
        yield site
        server.shutdown()


@pytest.mark.parametrize(
    ("scripts", "viewport"),
    [
        pytest.param(True, PHONE, id="phone"),
        pytest.param(False, DESK, id="desk, no scripts", marks=pytest.mark.torture),
    ],
)
def test_she_accepts_once_takes_it_back_and_leaves(with_password, person, pool, scripts, viewport):
    user = with_password(make_user("elena@exemple.fr"))
    elena = person("compte", scripts=scripts, viewport=viewport)
    page = elena.page

    def looks():
        if scripts:
            elena.finds_nothing_with_axe()

    elena.opens(pool.asks())
    elena.signs_in(user)
    elena.sees("La piscine veut savoir qui vous êtes")
    looks()
    elena.clicks_on(page.get_by_role("button", name="Refuser"))
    elena.sees("Tant pis")

    elena.opens(pool.asks())
    elena.clicks_on(page.get_by_role("button", name="Accepter"))
    elena.sees("Bienvenue à la piscine")
    elena.opens(pool.asks())
    elena.sees("Bienvenue à la piscine")

    elena.opens("/compte/securite/")
    elena.sees("Sites qui connaissent votre compte")
    looks()
    elena.clicks_on(page.get_by_role("button", name="Retirer l’accès"))
    elena.sees("L’accès est retiré.")
    elena.opens(pool.asks(redirect_uri="https://pirate.example/"))
    elena.sees("Cette demande est refusée")
    looks()

    elena.opens(f"{END}?client_id={pool.client_id}&post_logout_redirect_uri={pool.redirect_uri}")
    elena.sees("Se déconnecter aussi de votre compte ?")
    looks()
    elena.clicks_on(page.get_by_role("button", name="Se déconnecter", exact=True))
    elena.sees("Tant pis")
    elena.opens(f"{END}")
    elena.sees("Vous êtes déconnecté")
    looks()
