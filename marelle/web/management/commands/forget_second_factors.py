"""`marelle manage forget_second_factors ADDRESS`: for whoever has lost her telephone and her recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marelle.domain.accounts.models import User
from marelle.domain.accounts.operations.security import forget_second_factors
from marelle.foundation import clock
from marelle.foundation.actors import SYSTEM


class Command(BaseCommand):
    """Lets an account be opened by its password alone again; its owner is told."""

    help = (
        "Retire d'un compte ses clés d'accès, son application de codes et ses codes de secours. Son titulaire le lit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Will ask for the address of the account."""
        parser.add_argument("address", help="l'adresse e-mail du compte")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        """Will forget them and say how many there were; raises CommandError for an address without an account."""
        user = User.objects.filter(email=address.strip().lower()).first()
        if user is None:
            raise CommandError("Aucun compte n'a cette adresse.")
        gone = forget_second_factors(user, by=SYSTEM, at=clock.machine_now())
        self.stdout.write(f"{gone} seconde(s) preuve(s) retirée(s).")
