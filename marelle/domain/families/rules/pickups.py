"""Who may come and fetch a child: for which children, from when, until when."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from marelle.domain.families.rules.phone_numbers import read_phone

if TYPE_CHECKING:
    from datetime import date

LONGEST_NAME = 120
LONGEST_RELATION = 60


class PickupFault(StrEnum):
    """Why a person is not noted, in words."""

    NO_NAME = "Écrivez le nom et le prénom, comme sur la pièce d’identité."
    NO_CHILD = "Cochez au moins un enfant."
    BAD_PHONE = "Vérifiez ce numéro : dix chiffres, ou un numéro étranger qui commence par +."
    PAST = "Ce jour est passé : indiquez aujourd’hui ou un jour à venir."
    REVERSED = "La fin vient avant le début : vérifiez les deux jours."


@dataclass(frozen=True, slots=True)
class Pickup:
    """A person whom a family trusts with some of its children (keys), from a day on; `ends_on` None is until told."""

    name: str
    phone: str
    relation: str
    children: frozenset[int]
    starts_on: date
    ends_on: date | None = None


def tidy(pickup: Pickup) -> Pickup:
    """Will return the same with its spaces tidied and its number as people read it (as it came when it is none)."""
    phone = " ".join(pickup.phone.split())
    return Pickup(
        name=" ".join(pickup.name.split())[:LONGEST_NAME],
        phone=read_phone(phone) or phone,
        relation=" ".join(pickup.relation.split())[:LONGEST_RELATION],
        children=pickup.children,
        starts_on=pickup.starts_on,
        ends_on=pickup.ends_on,
    )


def faults_of(pickup: Pickup, *, on: date) -> tuple[PickupFault, ...]:
    """Will say why this person is not noted on that day; () when it is. A phone is optional."""
    faults = []
    if not pickup.name.strip():
        faults.append(PickupFault.NO_NAME)
    if not pickup.children:
        faults.append(PickupFault.NO_CHILD)
    if pickup.phone.strip() and not read_phone(pickup.phone.strip()):
        faults.append(PickupFault.BAD_PHONE)
    if pickup.ends_on is not None and pickup.ends_on < pickup.starts_on:
        faults.append(PickupFault.REVERSED)
    if (pickup.ends_on or pickup.starts_on) < on:
        faults.append(PickupFault.PAST)
    return tuple(faults)
