"""Our own sites, as clients of the account site: brought up to date from the settings."""

from __future__ import annotations

from marelle.domain.accounts.operations.clients import keep_own_clients, own_addresses
from marelle.domain.accounts.queries import own_client_secret
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM

secret_of = own_client_secret


def register_own_clients() -> int:
    """Will write where our sites are now; return how many have moved since, none at most starts."""
    return keep_own_clients(own_addresses(), by=SYSTEM, at=clock.machine_now())
