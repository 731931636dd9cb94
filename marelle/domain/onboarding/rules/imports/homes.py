"""Where the people of a file live: a family that is known, or one to create; and what the file says otherwise of it.

A child may have two homes. A family is told by its code, by a guardian whom it has, or by its address; when none of
them says so, the file speaks of another home, and nothing of the one that is known changes.

Who is kept out of a family by an agent comes neither back into it nor into another home of its children: decision 49.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from marelle.domain.families.rules.removals import Newcomer, who_may_not_come, whom_child_may_not_join
from marelle.domain.onboarding.rules.imports.columns import folded
from marelle.domain.onboarding.rules.imports.kinds import Act, Create, Difference, Ref, Set, Value
from marelle.domain.onboarding.rules.imports.known import Known, KnownFamily, KnownGuardian, name_key
from marelle.foundation.french_dates import listed

TWO_HOMES = "Deux foyers connus ont ce responsable et cet enfant : réunissez-les, puis vérifiez de nouveau."


# The same for all, so that a line that bears it is counted; who it is, and whose child, comes after.
KEPT_OUT = (
    "Accès retiré par la mairie : rien de cette ligne n’est importé. Rendez d’abord l’accès depuis la page de la"
    " famille, ou ôtez cette personne du fichier."
)
ADDRESS_LEFT = "Son accès est retiré : l’adresse du foyer reste celle que vous connaissez."


class TwoHomesError(Exception):
    """Two known families answer as well: none is chosen."""


class KeptOutError(Exception):
    """Somebody whose access to a family is removed would be in a file of its children: `words` say who, and whose."""

    def __init__(self, name: str, child: str) -> None:
        """Will say it of a person and of a child, by name; none when it is of the whole home."""
        super().__init__()
        about = f", pour {child}" if child else ""
        self.words = (KEPT_OUT, f"Personne concernée : {name}{about}.")


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
    def faces(self) -> tuple[Newcomer, ...]:
        """Will return the person as others are compared with her, by each of her names."""
        names = dict.fromkeys((self.last_name, self.other_name or self.last_name))
        return tuple(Newcomer(self.first_name, one, self.email, self.phone) for one in names)

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
    # What lines before this one bring to a home: its adults, and its children who are known (keys).
    adults: defaultdict[int | Ref, list[Newcomer]] = field(default_factory=lambda: defaultdict(list))
    children: defaultdict[int | Ref, list[int]] = field(default_factory=lambda: defaultdict(list))

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
        """Will return what the line `number` does to its home, where these children live (a key or a Ref, a name).

        Raises KeptOutError.
        """
        children = list(children)
        self._let_in(home, family, children)
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
        if self._is_of_kept_out(family, home):
            words += [ADDRESS_LEFT] if home.address and folded(home.address) != folded(known.address) else []
        else:
            differences += self._address(known, home.address, number, words)
        for child, name in children:
            if family not in self.known.families_of_child.get(child if isinstance(child, int) else 0, ()):
                act = self._custody(child, family)
                differences.append(Difference("custody", "Foyer", "", f"{name} : famille {known.name}", (act,)))
        return Changes((), tuple(differences), tuple(words))

    def _let_in(self, home: Home, family: int | Ref, children: Sequence[tuple[Value, str]]) -> None:
        """Will look whether a line brings somebody, or a child, to a home that is shut. Raises KeptOutError."""
        kept_out = self.known.kept_out
        if not kept_out:
            return
        key = family if isinstance(family, int) else None
        here = [] if key is None else self.known.children_of_family.get(key, [])
        names = {child: name for child, name in children if isinstance(child, int)}
        adults = [one for one in home.adults if key is None or self._guardian(key, one) is None]
        among = {*here, *self.children[family], *names}
        for adult in adults:
            for face in adult.faces:
                shut = who_may_not_come(kept_out, face, family=key, children=among)
                if shut is not None:
                    raise KeptOutError(adult.name, _names_among(names, shut.children))
        known = [] if key is None else self.known.guardians_of_family.get(key, [])
        people = [Newcomer(one.first_name, one.last_name, one.email, one.phone) for one in known]
        for child, name in names.items():
            if child not in here:
                joined = [*people, *self.adults[family]]
                shut = whom_child_may_not_join(kept_out, child, family=key, people=joined)
                if shut is not None:
                    raise KeptOutError(shut.name, name)
        self.adults[family] += [face for adult in adults for face in adult.faces]
        self.children[family] += names

    def _is_of_kept_out(self, family: int, home: Home) -> bool:
        """Will tell whether all whom a line names of a known family are kept out of it: where she lives is her own."""
        shut = {one.guardian for one in self.known.kept_out}
        found = [self._guardian(family, adult) for adult in home.adults]
        return bool(found) and all(one is not None and one.key in shut for one in found)

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


def _names_among(names: Mapping[int, str], children: Collection[int]) -> str:
    """Will return the names of those of these children (keys) who are among others."""
    return listed([name for key, name in names.items() if key in children])


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
