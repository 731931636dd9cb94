"""Whose a row is: the family that its file number, its guardian's e-mail and its child all name; never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final, NamedTuple

from marelle.domain.billing.rules.imports import HIGHEST_CENTS, OLDEST
from marelle.domain.families.rules.likeness import Named, plain_words
from marelle.domain.onboarding.rules.imports.cells import FORMULA, Cells, read_day
from marelle.domain.onboarding.rules.imports.columns import Column, folded
from marelle.domain.onboarding.rules.imports.kinds import Candidate, Entry, Line, Options, Verdict
from marelle.domain.onboarding.rules.imports.known import Known, KnownFamily, name_key
from marelle.domain.onboarding.rules.imports.takeover.money import read_cents

LONGEST_CODE: Final = 40
WHOSE: Final = (
    Column("family_code", "Numéro de dossier", ("Dossier", "N° dossier", "Code famille", "Numéro famille")),
    Column("guardian_last_name", "Nom du responsable", ("Nom responsable", "Responsable")),
    Column("guardian_first_name", "Prénom du responsable", ("Prénom responsable",)),
    Column("email", "E-mail du responsable", ("E-mail", "Email", "Mail", "Courriel", "E-mail responsable")),
    Column("last_name", "Nom de l’enfant", ("Nom enfant", "Nom élève")),
    Column("first_name", "Prénom de l’enfant", ("Prénom enfant", "Prénom élève")),
    Column("birth_date", "Date de naissance", ("Date de naissance de l’enfant", "Né le", "Née le", "Date naissance")),
)
REGIE: Final = Column("regie", "Régie", ("Nom de la régie", "Code de la régie", "Code régie"))

NOBODY_SAID: Final = (
    "Il manque de qui c’est : le numéro de dossier, l’e-mail d’un responsable, ou l’enfant avec sa date de naissance."
)
NO_CODE: Final = "Aucun dossier ne porte ce numéro."
NO_GUARDIAN: Final = "Aucun responsable connu n’a cette adresse e-mail, ou pas sous ce nom."
NO_CHILD: Final = "Aucun enfant connu ne porte ce nom et cette date de naissance."
NO_HOME: Final = "Cet enfant n’a pas de famille ici."
NOT_TOGETHER: Final = "Le dossier, le responsable et l’enfant de cette ligne ne sont pas d’une même famille."
WHICH_FAMILY: Final = "Cette ligne peut être de plusieurs familles : dites laquelle."
TWO_CHILDREN: Final = "Cette famille a deux enfants de ce nom, nés le même jour."
NO_REGIE: Final = "Aucune régie ne porte ce nom ni ce code."
WHICH_REGIE: Final = "La régie manque : vous en avez plusieurs."


@dataclass(frozen=True, slots=True)
class KnownRegie:
    """A régie (key). `ics` is that of its direct debits; empty when it has none."""

    key: int
    code: str
    name: str
    ics: str = ""


class MoneyCells(Cells):
    """Cells that also hold amounts, days of business, and whose they are."""

    def whose(self, *, on: date) -> dict[str, str]:
        """Will return what names the family of a row."""
        names = ("last_name", "first_name", "birth_date")
        has_child = any(self.raw(one) for one in names)
        return {
            "family_code": self.text("family_code", "Numéro de dossier", longest=LONGEST_CODE),
            "guardian_last_name": self.name("guardian_last_name", "Nom du responsable"),
            "guardian_first_name": self.name("guardian_first_name", "Prénom du responsable", is_first=True),
            "email": self.email("email") if self.raw("email") else "",
            "last_name": self.name("last_name", "Nom de l’enfant", is_needed=has_child),
            "first_name": self.name("first_name", "Prénom de l’enfant", is_first=True, is_needed=has_child),
            "birth_date": self.birth_date("birth_date", on=on) if has_child else "",
        }

    def regie(self) -> str:
        """Will return the régie as it is named."""
        return self.text("regie", "Régie", longest=100)

    def cents(self, code: str, what: str, *, is_needed: bool = False) -> str:
        """Will return an amount in cents, as digits; nothing when it is not said, or is none."""
        text = self.raw(code)
        if not text:
            if is_needed:
                self.faults.append(f"{what} : il manque.")
            return ""
        if text.startswith(FORMULA):
            self.faults.append(f"{what} : un montant s’écrit sans signe. Ce qui est dû et l’avance ont leur colonne.")
            return ""
        cents = read_cents(text)
        if cents is None:
            self.faults.append(f"{what} : « {text[:20]} » n’est pas un montant. Exemple : 12,34.")
        elif cents > HIGHEST_CENTS:
            self.faults.append(f"{what} : 100 000 € au plus.")
        else:
            return str(cents)
        return ""

    def day(self, code: str, what: str, *, first: date, last: date, is_needed: bool = True) -> str:
        """Will return a day between two, as 2026-11-23; nothing, and a fault, when it is none, or another."""
        text = self.raw(code)
        day = read_day(text)
        if not text:
            if is_needed:
                self.faults.append(f"{what} : il manque.")
        elif day is None:
            self.faults.append(f"{what} : « {text[:20]} » n’est pas un jour. Exemple : 31/08/2026.")
        elif not first <= day <= last:
            self.faults.append(f"{what} : le {day:%d/%m/%Y} n’est pas possible ici.")
        else:
            return day.isoformat()
        return ""


def past(on: date) -> tuple[date, date]:
    """Will return the first and the last day of what may be taken over on a day, of what is past."""
    return on - OLDEST, on


def to_come(on: date) -> tuple[date, date]:
    """Will return the first and the last day of what may be taken over on a day, of what is to come."""
    return on, on + timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True)
class Found:
    """The family of a row (with its child, when the row names one); else a verdict, and why."""

    verdict: Verdict
    family: KnownFamily | None = None
    children: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    def line(self, entry: Entry) -> Line:
        """Will return the line of a row whose family is not known."""
        return Line(
            entry.number,
            label_of(entry),
            self.verdict,
            words=(*self.words, *entry.notes),
            candidates=self.candidates,
            entry=entry,
        )


def label_of(entry: Entry) -> str:
    """Will name a row by whom it says it is of."""
    says = entry.says
    people = (("first_name", "last_name"), ("guardian_first_name", "guardian_last_name"))
    named = (" ".join(filter(None, (says[first], says[last]))) for first, last in people)
    return next(filter(None, (*named, says["family_code"])), "Sans nom")


def refused(entry: Entry, *words: str, label: str = "") -> Line:
    """Will return a line that is not taken, and why."""
    return Line(entry.number, label or label_of(entry), Verdict.REFUSED, words=(*words, *entry.notes), entry=entry)


@dataclass
class Families:
    """Finds the families of rows among those who are known."""

    known: Known
    options: Options

    @cached_property
    def by_email(self) -> Mapping[str, list[tuple[int, frozenset[str] | None]]]:
        """Will return families (keys) by the addresses of their guardians, with their names, and by their own."""
        found: dict[str, list[tuple[int, frozenset[str] | None]]] = {}
        for one in self.known.guardians:
            if one.email:
                found.setdefault(one.email.casefold(), []).append((one.family, name_key(one.first_name, one.last_name)))
        for family in self.known.families:
            if family.email:
                found.setdefault(family.email.casefold(), []).append((family.key, None))
        return found

    def find(self, entry: Entry) -> Found:
        """Will find the family that all that a row says names, alone; one of several, when an agent said which."""
        children = self._children(entry.says)
        answers = (self._of_code(entry.says), self._of_guardian(entry.says), self._of_children(entry.says, children))
        if wrong := [one for one in answers if isinstance(one, str)]:
            return Found(Verdict.REFUSED, words=tuple(wrong))
        said = [one for one in answers if isinstance(one, set)]
        common = set.intersection(*said) if said else set()
        if not common:
            return Found(Verdict.REFUSED, words=(NOT_TOGETHER if said else NOBODY_SAID,))
        answer = self.options.answer_to(entry.number)
        if len(common) > 1 and not (answer.isdecimal() and int(answer) in common):
            return Found(Verdict.AMBIGUOUS, words=(WHICH_FAMILY,), candidates=self._candidates(common))
        key = next(iter(common)) if len(common) == 1 else int(answer)
        mine = tuple(one for one in children if key in self.known.families_of_child.get(one, ()))
        return Found(Verdict.NEW, self.known.family_of[key], mine)

    def _of_code(self, says: Mapping[str, str]) -> set[int] | str | None:
        if not says["family_code"]:
            return None
        key = self.known.family_by_code.get(says["family_code"].casefold())
        return NO_CODE if key is None else {key}

    def _of_guardian(self, says: Mapping[str, str]) -> set[int] | str | None:
        """Will return the families of an address; where a name is said too, it is the name of who has it."""
        if not says["email"]:
            return None
        name = frozenset(plain_words(f"{says['guardian_first_name']} {says['guardian_last_name']}"))
        found = {
            key
            for key, known in self.by_email.get(says["email"].casefold(), ())
            if not name or known is None or name <= known or known <= name
        }
        return found or NO_GUARDIAN

    def _children(self, says: Mapping[str, str]) -> list[int]:
        if not says["birth_date"]:
            return []
        named = Named(says["first_name"], says["last_name"], date.fromisoformat(says["birth_date"]))
        return [one.key for one in self.known.like(named)[0]]

    def _of_children(self, says: Mapping[str, str], children: Sequence[int]) -> set[int] | str | None:
        if not says["birth_date"]:
            return None
        homes = {home for child in children for home in self.known.families_of_child.get(child, ())}
        return homes or (NO_HOME if children else NO_CHILD)

    def _candidates(self, keys: set[int]) -> tuple[Candidate, ...]:
        found = []
        for key in sorted(keys):
            family = self.known.family_of[key]
            people = (f"{one.first_name} {one.last_name}" for one in self.known.guardians_of_family.get(key, ()))
            words = (family.name, *people, f"dossier {family.code}", family.address)
            found.append(Candidate(key, ", ".join(filter(None, words))))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Regies:
    """Finds the régie of a row."""

    known: Sequence[KnownRegie]

    def find(self, text: str) -> KnownRegie | str:
        """Will return the régie of this code or name, the only one when none is said; else why not, in a sentence."""
        if not text:
            return self.known[0] if len(self.known) == 1 else WHICH_REGIE
        named = [one for one in self.known if folded(text) in {folded(one.code), folded(one.name)}]
        return named[0] if len(named) == 1 else NO_REGIE


class Payer(NamedTuple):
    """A family and a régie."""

    family: KnownFamily
    regie: KnownRegie

    @property
    def key(self) -> tuple[int, int]:
        """Will return both keys."""
        return (self.family.key, self.regie.key)


class Payers:
    """Finds the family and the régie of rows."""

    def __init__(self, known: Known, regies: Sequence[KnownRegie], options: Options) -> None:
        """Will find them among these."""
        self._families = Families(known, options)
        self._regies = Regies(regies)

    def of(self, entry: Entry) -> Payer | Line:
        """Will return whose a row is, and for which régie; else its line, which says why not."""
        if entry.faults:
            return refused(entry, *entry.faults)
        found, regie = self._families.find(entry), self._regies.find(entry.says["regie"])
        if found.family is None:
            return found.line(entry)
        if isinstance(regie, str):
            return refused(entry, regie, label=found.family.name)
        return Payer(found.family, regie)
