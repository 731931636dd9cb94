"""The stand-ins of FranceConnect and ProConnect on the loopback, with the clients that our account site is there."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest

from marelle.connectors.franceconnect.access import FranceConnect
from marelle.connectors.proconnect.access import ProConnect
from standins.franceconnect.profiles import FRANCECONNECT, PROCONNECT
from standins.franceconnect.provider import Client
from standins.franceconnect.server import Server

SECRET = "un-secret-de-client"
ACCOUNT = "http://compte.localhost"


@dataclass
class Clock:
    """The provider's clock: this moment, and what a test adds to it."""

    ahead: float = 0.0

    def __call__(self):
        return time.time() + self.ahead  # noqa: TID251  a stand-in is its own clock


def served(profile, *, base=ACCOUNT, algorithm="ES256", scopes=None, port=0):
    """Start a provider; `shutdown` and `server_close` end it. `server.clock` may be put ahead."""
    name = profile.name
    client = Client(
        f"marelle-{name}",
        SECRET,
        (f"{base}/compte/{name}/retour/",),
        (f"{base}/compte/{name}/fin/",),
        algorithm,
        scopes,
    )
    clock = Clock()
    server = Server(profile, [client], clock=clock, port=port)
    server.clock = clock
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def closed(server):
    server.shutdown()
    server.server_close()


@pytest.fixture
def fc():
    server = served(FRANCECONNECT)
    yield server
    closed(server)


@pytest.fixture
def pc():
    server = served(PROCONNECT)
    yield server
    closed(server)


def as_franceconnect(server):
    """Return our connector, plugged into this stand-in."""
    return FranceConnect(server.url, "marelle-franceconnect", SECRET)


def as_proconnect(server):
    """Return our connector, plugged into this stand-in."""
    return ProConnect(server.url, "marelle-proconnect", SECRET)
