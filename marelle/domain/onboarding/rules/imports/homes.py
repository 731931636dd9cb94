"""Where the people of a file live: a family that is known, or one to create; and what the file says otherwise of it.

A child may have two homes. A family is told by its code, by a guardian whom it has, or by its address; when none of
them says so, the file speaks of another home, and nothing of the one that is known changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from marelle.domain.onboarding.rules.imports.columns import folded
from marelle.domain.onboarding.rules.imports.kinds import Act, Create, Difference, Ref, Set, Value
from marelle.domain.onboarding.rules.imports.known import Known, KnownFamily, KnownGuardian, name_key

TWO_HOMES = "Deux foyers connus ont ce responsable et cet enfant : réunissez-les, puis vérifiez de nouveau."


class TwoHomesError(Exception):
    """Two known families answer as well: none is chosen."""


@dataclass(frozen=True, slots=True)
class Adult:
    """A guardian, as a file says it. `other_name` is the other of the two names that ONDE gives, if it differs."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    other_name: str = ""

    @property
    def name(self) -> str:
        """Will return first and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def keys(self) -> tuple[frozenset[str], ...]:
        """Will return by what it is found, by each of its names."""
        names = dict.fromkeys((self.last_name, self.other_name or self.last_name))
        return tuple(name_key(self.first_name, one) for one in names)


@dataclass(frozen=True, slots=True)
class Home:
    """What a line says of a home: its adults, its address, its code if it has one."""

    adults: tuple[Adult, ...] = ()
    address: str = ""
    code: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        """Will return the name of the family, or its first guardian's."""
        return self.name or (self.adults[0].last_name if self.adults else self.code)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a line does to a home."""

    acts: tuple[Act, ...] = ()
    differences: tuple[Difference, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Homes:
    """The homes of a file beside those that are known, on the day from which it holds."""

    known: Known
    on: date
    said: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict)  # of a family: what a line says first

    def family_of(self, home: Home, children: Sequence[int]) -> int | None:
        """Will return the known family (key) of a home where these children (keys) live; None for another home.

        Raises TwoHomesError.
        """
        if home.code:
            return self.known.family_by_code.get(home.code.casefold())
        lives = dict.fromkeys(family for child in children for family in self.known.families_of_child.get(child, ()))
        if lives:
            theirs = [one for one in lives if any(self._guardian(one, adult) for adult in home.adults)]
            if len(theirs) > 1:
                theirs = [one for one in theirs if self._is_at(one, home.address, strictly=True)]
                if len(theirs) != 1:
                    raise TwoHomesError
            here = theirs or [one for one in lives if self._is_at(one, home.address)]
            return here[0] if len(here) == 1 else None
        found = {
            one
            for adult in home.adults
            for key in adult.keys
            for one in self.known.families_of_guardian.get(key, ())
            if self._is_same_person(one, adult, home.address)
        }
        return found.pop() if len(found) == 1 else None

    def changes(self, home: Home, family: int | Ref, children: Iterable[tuple[Value, str]], number: int) -> Changes:
        """Will return what the line `number` does to its home, where these children live (a key or a Ref, a name)."""
        if isinstance(family, Ref):
            return self._created(home, family, children)
        known = self.known.family_of[family]
        differences: list[Difference] = []
        words: list[str] = []
        for adult in home.adults:
            guardian = self._guardian(family, adult)
            if guardian is None:
                act = self._new_adult(family, adult)
                differences.append(Difference("guardian", "Responsable", "", adult.name, (act,)))
            else:
                differences += _contact(guardian, adult)
        differences += self._address(known, home.address, number, words)
        for child, name in children:
            if family not in self.known.families_of_child.get(child if isinstance(child, int) else 0, ()):
                act = self._custody(child, family)
                differences.append(Difference("custody", "Foyer", "", f"{name} : famille {known.name}", (act,)))
        return Changes((), tuple(differences), tuple(words))

    def _created(self, home: Home, family: Ref, children: Iterable[tuple[Value, str]]) -> Changes:
        first = home.adults[0] if home.adults else Adult("", "")
        values: tuple[tuple[str, Value], ...] = (
            ("code", home.code),
            ("name", home.title),
            ("address", home.address),
            ("email", first.email),
            ("phone", first.phone),
        )
        acts: list[Act] = [Create("family", family.name, values)]
        acts += [self._new_adult(family, adult) for adult in home.adults]
        words: list[str] = []
        for child, name in children:
            acts.append(self._custody(child, family))
            if isinstance(child, int) and self.known.families_of_child.get(child):
                words.append(f"Deuxième foyer de {name}.")
        return Changes(tuple(acts), (), tuple(words))

    def _new_adult(self, family: int | Ref, adult: Adult) -> Create:
        values: tuple[tuple[str, Value], ...] = (
            ("family", family),
            ("first_name", adult.first_name),
            ("last_name", adult.last_name),
            ("email", adult.email),
            ("phone", adult.phone),
        )
        return Create("guardian", f"guardian {_named(family)} {' '.join(sorted(adult.keys[0]))}", values)

    def _custody(self, child: Value, family: int | Ref) -> Create:
        values: tuple[tuple[str, Value], ...] = (("child", child), ("family", family), ("starts_on", self.on))
        return Create("custody", f"custody {_named(child)} {_named(family)}", values)

    def _address(self, family: KnownFamily, address: str, number: int, words: list[str]) -> list[Difference]:
        """Will return how the address of a known family changes: what the first line says of it holds for the file."""
        if not address or folded(address) == folded(family.address):
            return []
        first, line = self.said.setdefault((family.key, "address"), (folded(address), number))
        if first != folded(address):
            words.append(
                f"Une autre adresse que celle de la ligne {line}, pour le même foyer : elle est laissée de côté."
            )
            return []
        act = Set("family", family.key, "address", family.address, address)
        return [Difference("address", "Adresse", family.address, address, (act,))]

    def _guardian(self, family: int, adult: Adult) -> KnownGuardian | None:
        rows = self.known.guardians_of_family.get(family, ())
        return next((one for one in rows if name_key(one.first_name, one.last_name) in adult.keys), None)

    def _is_at(self, family: int, address: str, *, strictly: bool = False) -> bool:
        known = self.known.family_of[family].address
        return folded(known) == folded(address) or (not strictly and not (known and address))

    def _is_same_person(self, family: int, adult: Adult, address: str) -> bool:
        """Will tell whether a guardian of that name is the same one: by her address, her e-mail or her telephone."""
        guardian = self._guardian(family, adult)
        assert guardian is not None  # noqa: S101  the family was found by her
        return bool(
            (adult.email and adult.email == guardian.email.lower())
            or (adult.phone and adult.phone == guardian.phone)
            or (address and self._is_at(family, address, strictly=True))
        )


def _contact(guardian: KnownGuardian, adult: Adult) -> list[Difference]:
    found = []
    for name, what, before, after in (
        ("email", "Adresse e-mail du responsable", guardian.email, adult.email),
        ("phone", "Téléphone du responsable", guardian.phone, adult.phone),
    ):
        if after and before.casefold() != after.casefold():
            act = Set("guardian", guardian.key, name, before, after)
            whose = f"{guardian.first_name} {guardian.last_name}"
            found.append(Difference(f"guardian_{name}", what, before, after, (act,), whose=whose))
    return found


def _named(value: Value) -> str:
    return f"({value.name})" if isinstance(value, Ref) else str(value)
