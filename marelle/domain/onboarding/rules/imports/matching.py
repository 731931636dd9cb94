"""Who a line is about: the child it names, one of several who may be, or a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from marelle.domain.families.rules.likeness import Named
from marelle.domain.onboarding.rules.imports.columns import folded
from marelle.domain.onboarding.rules.imports.kinds import IS_NEW, Candidate, Difference, Entry, Options, Set, Verdict
from marelle.domain.onboarding.rules.imports.known import Known, KnownChild
from marelle.foundation.french_dates import in_digits

SAME_NAME = "Plusieurs enfants portent ce nom et cette date de naissance : dites lequel."
MAY_BE = "Un enfant connu y ressemble : dites si c’est lui."
MAY_BE_ONE_OF = "Des enfants connus y ressemblent : dites si c’est l’un d’eux."


@dataclass(frozen=True, slots=True)
class Found:
    """The known child of a line; else a verdict that is NEW, AMBIGUOUS or REFUSED, and why."""

    verdict: Verdict
    child: KnownChild | None = None
    words: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class Finder:
    """Finds children among those who are known, each for one line of a file at most."""

    known: Known
    options: Options
    seen: dict[int, int] = field(default_factory=dict)  # a known child, the line that is about it
    named: dict[tuple[str, str], int] = field(default_factory=dict)  # a name and a day, their line
    maybe: set[int] = field(default_factory=set)  # children whom an ambiguous line may be about

    def find(self, entry: Entry, *names: str) -> Found:
        """Will find the child of an entry, by its first name, its day of birth and any of these last names."""
        says = entry.says
        day = date.fromisoformat(says["birth_date"])
        twin = (folded(f"{says['first_name']} {names[0]}"), says["birth_date"])
        if twin in self.named:
            return Found(Verdict.REFUSED, words=(f"Cet enfant est déjà à la ligne {self.named[twin]}.",))
        self.named[twin] = entry.number
        same: dict[int, KnownChild] = {}
        close: dict[int, KnownChild] = {}
        for name in filter(None, names):
            alike, near = self.known.like(Named(says["first_name"], name, day))
            same |= {one.key: one for one in alike}
            close |= {one.key: one for one in near}
        answer = self.options.answer_to(entry.number)
        proposed = same or close
        if answer == IS_NEW or not proposed:
            return Found(Verdict.NEW)
        if answer.isdecimal() and int(answer) in {**same, **close}:
            return self._about({**same, **close}[int(answer)], entry)
        if len(same) == 1:
            return self._about(next(iter(same.values())), entry)
        self.maybe |= proposed.keys()
        if same:
            words = SAME_NAME
        else:
            words = MAY_BE if len(close) == 1 else MAY_BE_ONE_OF
        return Found(Verdict.AMBIGUOUS, words=(words,), candidates=self._candidates(proposed))

    def _about(self, child: KnownChild, entry: Entry) -> Found:
        if child.key in self.seen:
            return Found(Verdict.REFUSED, words=(f"{child.name} est déjà à la ligne {self.seen[child.key]}.",))
        self.seen[child.key] = entry.number
        return Found(Verdict.CHANGED, child)

    def _candidates(self, children: Mapping[int, KnownChild]) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(key, ", ".join(filter(None, (one.words, self.known.class_in_words(one.school_class)))))
            for key, one in children.items()
        )


def identity_differences(child: KnownChild, says: Mapping[str, str], *names: str) -> tuple[Difference, ...]:
    """Will return what a file says otherwise of the name and the birth of a known child; accents aside.

    Any of these last names is its own: the one of use, and the one of birth.
    """
    found: list[Difference] = []
    if folded(child.last_name) not in {folded(one) for one in names if one}:
        act = Set("child", child.key, "last_name", child.last_name, names[0])
        found.append(Difference("last_name", "Nom", child.last_name, names[0], (act,)))
    if folded(child.first_name) != folded(says["first_name"]):
        act = Set("child", child.key, "first_name", child.first_name, says["first_name"])
        found.append(Difference("first_name", "Prénom", child.first_name, says["first_name"], (act,)))
    day = date.fromisoformat(says["birth_date"])
    if child.birth_date != day:
        act = Set("child", child.key, "birth_date", child.birth_date, day)
        found.append(Difference("birth_date", "Date de naissance", in_digits(child.birth_date), in_digits(day), (act,)))
    return tuple(found)
