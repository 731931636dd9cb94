"""The stand-in of OVHcloud's SMS API, on the loopback, and who we are for it."""

from __future__ import annotations

import threading

import pytest

from marelle.connectors.sms.client import OvhTexts
from standins.sms.server import Server

KEYS = {"application_key": "application", "application_secret": "secret", "consumer_key": "consumer"}


def texts_to(server, *, sender="MAIRIE", seconds=2.0, **keys):
    return OvhTexts(server.url, server.account, sender, whole_seconds=seconds, **{**KEYS, **keys})


@pytest.fixture
def ovh():
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
