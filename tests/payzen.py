"""PayZen's stand-in on the loopback, with a clock that a test moves, and the gateway that pays there."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from marelle.connectors.payzen.gateway import PayZen
from marelle.domain.payments.gateways import Merchant, Mode, Order
from standins.payzen.server import Server
from standins.payzen.shops import Keys, Shop

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SHOP = Shop(
    "12345678",
    {
        "TEST": Keys("CleSecreteEssai0001", "testpassword_MotSecretEssai"),
        "PRODUCTION": Keys("CleSecreteVraie0001", "prodpassword_MotSecretVrai"),
    },
)
NOTICES = "http://127.0.0.1:9/paiement/avis/jetonsecretdunavis"
RETURNS = "http://127.0.0.1:9/paiement/retour/jetonsecretdunretour"


class Clock:
    """A moment that only a test moves."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now

    def later(self, **apart):
        self.now += timedelta(**apart)


def served(shop=SHOP, clock=None):
    """Start a server of this shop; `shutdown` and `server_close` end it."""
    server = Server((shop,), clock=clock or Clock())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def merchant(mode=Mode.PRODUCTION, shop=SHOP):
    keys = shop.contexts["TEST" if mode is Mode.TEST else "PRODUCTION"]
    return Merchant(shop.number, mode, keys.signing, keys.password)


def order(reference="Attempt0001", *, cents=4250, by=None, at=NOW, notify=NOTICES, back=RETURNS):
    return Order(
        merchant=by or merchant(),
        reference=reference,
        cents=cents,
        label="Cantine de Sofia <novembre>",
        email="elena.sanchez@example.org",
        exercice=2026,
        ordered_at=at,
        notify_url=notify,
        return_url=back,
    )


class Shopkeeper(ThreadingHTTPServer):
    """Who is told: keeps what was posted, and answers as it wants."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Told)
        self.told, self.status = [], 200
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://famille.localhost:{self.server_address[1]}/avis"


class _Told(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.told.append(dict(parse_qsl(body, keep_blank_values=True)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):  # noqa: A002 — the name it has in the base class
        """Say nothing."""


@pytest.fixture
def payzen_server():
    server = served()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def payzen(payzen_server):
    return PayZen(payzen_server.page_url, payzen_server.url)


@pytest.fixture
def shopkeeper():
    server = Shopkeeper()
    yield server
    server.shutdown()
    server.server_close()
