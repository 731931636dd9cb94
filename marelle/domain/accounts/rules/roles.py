"""What a right gives besides itself, and the posts of a town hall: the rights that usually go together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

ADMINISTER: Final = "administer"
SEE_HEALTH: Final = "see_health"
SEE_QUOTIENT: Final = "see_quotient"
# What is known of a person that a post does not need by itself: given by name, never with another right
# (CNIL: health to who feeds and looks after, income to who prices).
SENSITIVE: Final = frozenset({SEE_HEALTH, SEE_QUOTIENT})
# A right, and those that go with it.
_WITH: Final = {
    "manage_reservations": frozenset({"read_families"}),
    "manage_billing": frozenset({"hold_regie"}),
}
# What is done for the authority as a whole: its money and its settings have no place and no service.
_WHOLE_ONLY: Final = frozenset({"manage_billing", "hold_regie", ADMINISTER})


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


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """A role as it is granted: everywhere, or at one facility (key; 0 is none) and for one service (code)."""

    role: str
    facility: int = 0
    service: str = ""

    @property
    def is_whole(self) -> bool:
        """Will tell whether nothing limits it."""
        return not self.facility and not self.service


def rights_of(
    roles: Iterable[str], facilities: Collection[int] = (), services: Collection[str] = ()
) -> frozenset[Right]:
    """Will return these roles as rights, at each of these facilities (keys) and for each of these services (codes).

    None of them is everywhere; both are each service at each facility. What is done for the whole authority alone is
    given so, whatever the places.
    """
    places = [(facility, service) for facility in facilities or (0,) for service in services or ("",)]
    return frozenset(Right(role, *place) for role in roles for place in ([(0, "")] if role in _WHOLE_ONLY else places))


def is_administering(rights: Iterable[Right]) -> bool:
    """Will tell whether these rights let their agent set up the whole authority, hence name agents."""
    return any(one.role == ADMINISTER and one.is_whole for one in rights)


def would_lock_out(rights: Mapping[int, Collection[Right]], *, agent: int, after: Collection[Right]) -> bool:
    """Will tell whether nobody would administer any more, should `agent` (key) have the rights `after`.

    `rights` are those of each agent who may come in. Where nobody administers already, nothing more is locked.
    """
    administers = {key for key, own in rights.items() if is_administering(own)}
    return agent in administers and len(administers) == 1 and not is_administering(after)


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


def post_named(code: str) -> Post | None:
    """Will return the post of this code, None when there is none."""
    return next((post for post in POSTS if post.code == code), None)


def post_of(roles: Iterable[str]) -> Post | None:
    """Will return the post that these roles make exactly, None for rights chosen one by one."""
    granted = frozenset(roles)
    return next((post for post in POSTS if post.roles == granted), None)
