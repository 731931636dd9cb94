"""The attacked town, made once a module, and what it asks of others."""

from __future__ import annotations

import copy

import pytest

from marelle.connectors.quotient.client import ApiParticulier
from tests.api_particulier import TOKEN, served
from tests.domain.payments_town import PaperGateway
from tests.web.attacks.town import Town, each_address


@pytest.fixture(scope="module")
def made(lasting):
    """The town, made once for all these tests."""
    return Town()


@pytest.fixture(scope="module")
def described(made):
    """Every address of the town by its site and its name, with its turn; nobody changes them."""
    return {(one.host, one.name): (turn, one) for turn, one in enumerate(each_address(made))}


@pytest.fixture(scope="module")
def quotients_elsewhere(cases):
    """Who answers what a family's quotient is, for all these tests."""
    server = served(cases)
    yield ApiParticulier(server.url, TOKEN, whole_seconds=2)
    server.shutdown()
    server.server_close()


@pytest.fixture
def plugged(settings, quotients_elsewhere):
    settings.QUOTIENT_SOURCE = quotients_elsewhere
    settings.GATEWAYS = {"payfip": PaperGateway()}


@pytest.fixture
def town(made, plugged):
    """The town, with rows in memory that this test alone may change."""
    return copy.deepcopy(made)


@pytest.fixture
def quick_passwords(settings):
    """Passwords that cost nothing to check, where something else is tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
