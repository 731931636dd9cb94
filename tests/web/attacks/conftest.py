"""The attacked town, made once a module."""

from __future__ import annotations

import copy

import pytest

from marelle.connectors.quotient.client import ApiParticulier
from tests.api_particulier import TOKEN
from tests.domain.payments_town import PaperGateway
from tests.web.attacks.town import Town


@pytest.fixture(scope="module")
def made(lasting):
    """The town, made once for all these tests."""
    return Town()


@pytest.fixture
def town(made, settings, api):
    """The town, with rows in memory that this test alone may change."""
    settings.QUOTIENT_SOURCE = ApiParticulier(api.url, TOKEN, whole_seconds=2)
    settings.GATEWAYS = {"payfip": PaperGateway()}
    return copy.deepcopy(made)


@pytest.fixture
def quick_passwords(settings):
    """Passwords that cost nothing to check, where something else is tried."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
