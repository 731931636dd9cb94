"""What a removal of access says to the person, and which of the family's own addresses are hers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from marelle.domain.families.rules.phone_numbers import read_phone

# It never says why, nor that somebody asked for it.
REMOVED: Final = (
    "Votre accès à ce dossier a été retiré par la mairie. Pour toute question, adressez-vous à elle, par téléphone ou à"
    " l’accueil."
)
PHONES: Final = ("phone", "other_phone")


def addresses_of_removed(
    family: Mapping[str, str], *, emails: Collection[str], phones: Collection[str]
) -> tuple[str, ...]:
    """Will return which fields of a file (« email », « phone », « other_phone ») reach the person who is removed.

    `emails` and `phones` are all those that are known to be hers; a number is the same however it is written.
    """
    hers = {each.strip().lower() for each in emails} - {""}
    found = ["email"] if family["email"].strip().lower() in hers else []
    numbers = {same_number(each) for each in phones} - {""}
    return (*found, *(name for name in PHONES if same_number(family[name]) in numbers))


def same_number(given: str) -> str:
    """Will return a number as it is compared: two that are written otherwise and ring the same telephone are one."""
    return (read_phone(given) or given).replace(" ", "")
