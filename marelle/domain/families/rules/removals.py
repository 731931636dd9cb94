"""What a removal of access says to the person, which of the family's addresses are hers, who is she by another file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from marelle.domain.families.rules.likeness import alike
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


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is, or would be, in a file, as it is said there who it is."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class KeptOutOf:
    """Who is kept out of a family (key), beside whom others are compared.

    `emails` are those of hers, in small letters, among the ones that were asked about; `phones` are as `same_number`
    writes them. `children` (keys) live in the family or are to; `acts_in` are the other families (keys) where an
    account of hers acts.
    """

    guardian: int
    family: int
    first_name: str
    last_name: str
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    children: frozenset[int] = frozenset()
    acts_in: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"

    def is_she(self, other: Newcomer) -> bool:
        """Will tell whether somebody is this very person, as far as one may know.

        By an address of hers; by her names, of which one file may say fewer; by her telephone and her first name, for a
        number alone may be that of a home.
        """
        if other.email.strip().lower() in self.emails:
            return True
        return alike(self.first_name, other.first_name) and (
            alike(self.last_name, other.last_name) or same_number(other.phone) in self.phones
        )

    def is_of(self, family: int, people: Collection[Newcomer]) -> bool:
        """Will tell whether she is of another family (key) already, whose guardians are `people`."""
        return family in self.acts_in or any(self.is_she(one) for one in people)


def who_may_not_come(
    kept_out: Collection[KeptOutOf], newcomer: Newcomer, *, family: int | None, children: Collection[int]
) -> KeptOutOf | None:
    """Will return whom somebody is, who would come into a file (key; None: a new one) of these children (keys).

    None when nothing keeps her out: neither of that file, nor of another one of the same children.
    """
    return next(
        (
            one
            for one in kept_out
            if (one.family == family or not one.children.isdisjoint(children)) and one.is_she(newcomer)
        ),
        None,
    )


def whom_child_may_not_join(
    kept_out: Collection[KeptOutOf], child: int, *, family: int | None, people: Collection[Newcomer]
) -> KeptOutOf | None:
    """Will return who, of another family (key; None: a new one) of guardians `people`, is kept out of the child's own.

    None when there is nobody: the child (key) may live there.
    """
    return next(
        (one for one in kept_out if child in one.children and one.family != family and one.is_of(family or 0, people)),
        None,
    )


def kept_from_home(name: str, child: str) -> str:
    """Will say to an agent that an application would give a child a home of somebody who is kept out of another."""
    return (
        f"L’accès de {name} à un dossier de {child} est retiré, et ce foyer est le sien. Rendez d’abord l’accès, ou"
        " notez vous-même où l’enfant vit, depuis la page de sa garde."
    )
