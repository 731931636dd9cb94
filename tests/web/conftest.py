"""Browsers without scripts: Django's client on each host."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import sites
from tests.api_particulier import api, cases  # noqa: F401  fixtures


@pytest.fixture
def family_site():
    return Client(headers={"host": "famille.localhost"})


@pytest.fixture
def office_site():
    return Client(headers={"host": "mairie.localhost"})


@pytest.fixture
def account_site():
    return Client(headers={"host": "compte.localhost"})


@pytest.fixture
def invoices_site():
    return Client(headers={"host": "factures.localhost"})


@pytest.fixture
def back_channel(db):
    """What our sites ask the account site is answered."""
    with sites.back_channel():
        yield
