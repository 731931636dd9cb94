"""The stand-in of API Particulier, on the loopback, with what the State publishes when it is there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from marelle.connectors.quotient.client import ApiParticulier
from standins.api_particulier.cases import known_cases
from standins.api_particulier.server import Server

PROJECT = Path(__file__).resolve().parents[1]
REFERENCE = Path(
    os.environ.get("MARELLE_API_PARTICULIER_CASES")
    or PROJECT.parent / "shared" / "reference" / "api_particulier" / "payloads"
)
TOKEN = "jeton-de-la-commune"


def served(cases, token=TOKEN):
    """Start a server of these cases; `shutdown` and `server_close` end it."""
    server = Server(cases, token=token)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


@pytest.fixture(scope="session")
def cases():
    return known_cases(REFERENCE if REFERENCE.is_dir() else None)


@pytest.fixture
def api(cases):
    server = served(cases)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def source(api):
    return ApiParticulier(api.url, TOKEN, whole_seconds=2)
