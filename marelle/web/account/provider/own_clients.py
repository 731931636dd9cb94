"""Our own sites, as clients of the account site: brought up to date from the settings."""

from __future__ import annotations

from django.conf import settings

from marelle.domain.accounts.operations.clients import keep_own_clients
from marelle.domain.accounts.queries import own_client_secret
from marelle.domain.accounts.rules.clients import FAMILY, INVOICES, OFFICE
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM

secret_of = own_client_secret


def register_own_clients() -> int:
    """Will write where our sites are now; return how many have moved since, none at most starts."""
    addresses = {FAMILY: settings.FAMILY_URL, OFFICE: settings.OFFICE_URL, INVOICES: settings.INVOICES_URL}
    return keep_own_clients(addresses, by=SYSTEM, at=clock.machine_now())
