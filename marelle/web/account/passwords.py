"""The rule of passwords, as Django asks it of each new one."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError

from marelle.domain.accounts.rules.passwords import SHORTEST_OF_DIGITS, Weakness, weakness

SAID: Final = {
    Weakness.ONLY_DIGITS: f"Des chiffres se devinent : ajoutez des lettres, ou allez jusqu’à {SHORTEST_OF_DIGITS}.",
    Weakness.FEW_SIGNS: "Ce mot de passe répète trop peu de signes. Mélangez quelques mots sans rapport entre eux.",
    Weakness.REPEATED: "Ce mot de passe dit deux fois la même chose. Mélangez quelques mots sans rapport entre eux.",
    Weakness.ROW: "Cette suite de touches se devine. Mélangez quelques mots sans rapport entre eux.",
    Weakness.COMMON: "Ce mot de passe est trop courant. Mélangez quelques mots sans rapport entre eux.",
}


class NotEasyToGuess:
    """Refuses what is long enough and yet among the first that anybody would try."""

    def validate(self, password: str, user: object = None) -> None:
        """Will raise ValidationError, in words, for a password that is easy to guess."""
        found = weakness(password)
        if found is not None:
            raise ValidationError(SAID[found], code=found.value)

    def get_help_text(self) -> str:
        """Will say what is asked."""
        return "Quelques mots sans rapport entre eux."
