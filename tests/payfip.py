"""The stand-in of PayFiP, on the loopback, and our gateway that asks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marelle.connectors.payfip.gateway import PayFiP
from marelle.domain.payments.gateways import Merchant, Mode, Order
from standins.payfip.server import Server, started

NUMCLI = "090909"
EMAIL = "camille.sanchez@exemple.fr"
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # 8:00 in Paris


def order(**other):
    """What a family pays: 12,50 € for the canteen, in production."""
    mode = other.pop("mode", Mode.PRODUCTION)
    said = {
        "merchant": Merchant(other.pop("number", NUMCLI), mode),
        "reference": "CANTINE20261123A",
        "cents": 1250,
        "label": "Cantine de novembre",
        "email": EMAIL,
        "exercice": 2026,
        "ordered_at": MONDAY,
        "notify_url": "https://famille.exemple.fr/paiement/avis/a1b2c3",
        "return_url": "https://famille.exemple.fr/paiement/retour/a1b2c3",
    }
    return Order(**said | other)


def served(**options):
    """Start PayFiP on a Monday at 8:00 in Paris, `ahead` moves it; `shutdown` and `server_close` end it."""
    return started(Server(**{"clock": lambda: MONDAY} | options))


@pytest.fixture
def payfip_server():
    server = served()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def payfip(payfip_server):
    return PayFiP(payfip_server.url, payfip_server.page_url, whole_seconds=2)


@pytest.fixture
def payfip_pair(payfip, payfip_server):
    """A gateway, and the server that answers it: what the suite of all gateways asks for."""
    return payfip, payfip_server
