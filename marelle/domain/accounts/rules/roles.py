"""What a right gives besides itself, and the posts of a town hall: the rights that usually go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ADMINISTER: Final = "administer"
# What is known of a person that a post does not need by itself: given by name, never with another right
# (CNIL: health to who feeds and looks after, income to who prices).
SENSITIVE: Final = frozenset({"see_health", "see_quotient"})
# A right, and those that go with it.
_WITH: Final = {
    "manage_reservations": frozenset({"read_families"}),
    "manage_billing": frozenset({"hold_regie"}),
}


def givers_of(role: str) -> frozenset[str]:
    """Will return the rights that let somebody do what `role` names: itself, and those it goes with.

    To administer is to have every right but the sensitive ones.
    """
    givers = {role} | {giver for giver, given in _WITH.items() if role in given}
    if role not in SENSITIVE:
        givers.add(ADMINISTER)
    return frozenset(givers)


def gives(granted: Iterable[str], role: str) -> bool:
    """Will tell whether rights that were granted let their agent do what `role` names."""
    return not givers_of(role).isdisjoint(granted)


@dataclass(frozen=True, slots=True)
class Post:
    """A post of a town hall, as agents call it, what it is for, and the rights that it is given."""

    code: str
    name: str
    aim: str
    roles: frozenset[str]


POSTS: Final = (
    Post(
        "administrator",
        "Administration",
        "règle la collectivité et les droits",
        frozenset({"administer"}),
    ),
    Post(
        "secretariat",
        "Secrétariat",
        "accueille les familles, réserve, instruit leurs demandes et publie",
        frozenset({"view_day", "manage_reservations", "see_quotient", "publish"}),
    ),
    Post(
        "facility_lead",
        "Responsable de site",
        "suit la journée, les listes et la santé des enfants de son site",
        frozenset({"view_day", "record_attendance", "read_families", "see_health"}),
    ),
    Post(
        "animator",
        "Animation, sur tablette",
        "pointe les enfants présents et voit ce qu’il faut savoir de leur santé",
        frozenset({"record_attendance", "see_health"}),
    ),
    Post(
        "accountant",
        "Comptabilité",
        "facture, relance et voit le quotient",
        frozenset({"manage_billing", "read_families", "see_quotient"}),
    ),
    Post(
        "regisseur",
        "Régie",
        "encaisse, tient la caisse et verse au Trésor",
        frozenset({"hold_regie"}),
    ),
    Post(
        "reader",
        "Lecture seule",
        "voit la journée et les dossiers, sans rien y changer",
        frozenset({"view_day", "read_families"}),
    ),
)
