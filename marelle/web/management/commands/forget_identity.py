"""`marelle manage forget_identity PROVIDER ADDRESS`: for an agent whom ProConnect calls otherwise than before."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marelle.domain.accounts.models import Identity, User
from marelle.domain.accounts.operations.identities import unlink_identity
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM


class Command(BaseCommand):
    """Unties an account from FranceConnect or ProConnect; its owner is told, and ties it again herself."""

    help = "Détache un compte de FranceConnect ou de ProConnect. Son titulaire le lit, et pourra le relier."

    def add_arguments(self, parser: CommandParser) -> None:
        """Will ask for the provider and the address of the account."""
        parser.add_argument("provider", choices=Identity.Provider.values, help="qui identifie")
        parser.add_argument("address", help="l'adresse e-mail du compte")

    def handle(self, *args: Any, provider: str, address: str, **options: Any) -> None:
        """Will untie it and say whether it was tied; raises CommandError for an address without an account."""
        user = User.objects.filter(email=address.strip().lower()).first()
        if user is None:
            raise CommandError("Aucun compte n'a cette adresse.")
        is_done = unlink_identity(
            user.pk, provider, may_be_last=True, site="", device="", by=SYSTEM, at=clock.machine_now()
        )
        self.stdout.write("Le compte est détaché." if is_done else "Ce compte n'était pas relié.")
