"""A change of address, from a day: which ones are taken."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from marelle.domain.families.rules.profile import FIELDS, Fault, read_value

# Further back, the accounts of the year are closed; further ahead, it is a year typed wrongly.
FURTHEST_BACK: Final = timedelta(days=366)
FURTHEST_AHEAD: Final = timedelta(days=2 * 366)


class AddressFault(StrEnum):
    """Why a change of address is not taken, in words."""

    MISSING = "Indiquez la nouvelle adresse."
    TOO_LONG = "Cette adresse est trop longue : 200 caractères au plus."
    TOO_FAR_BACK = "Une adresse change à partir d’un jour qui n’est pas à plus d’un an en arrière."
    TOO_FAR_AHEAD = "Une adresse change à partir d’un jour qui n’est pas à plus de deux ans d’ici."


def read_address(given: str, *, starts_on: date, today: date) -> str | AddressFault:
    """Will return the address as it is kept, or why it is not taken from that day."""
    address = read_value(FIELDS["family_address"], given, on=today)
    if isinstance(address, Fault):
        return AddressFault.TOO_LONG
    if not address:
        return AddressFault.MISSING
    if starts_on < today - FURTHEST_BACK:
        return AddressFault.TOO_FAR_BACK
    if starts_on > today + FURTHEST_AHEAD:
        return AddressFault.TOO_FAR_AHEAD
    return address
