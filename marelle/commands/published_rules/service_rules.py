"""A published service in our forms: what is expressed of it, and why the rest is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from marelle.commands.published_rules.absence_rules import ExpressedAbsence, express_absence
from marelle.commands.published_rules.expressing import ExpressedAct, express_book, express_cancel
from marelle.commands.published_rules.reading import Corpus, Entry, Service
from marelle.commands.published_rules.shapes import NotExpressed
from marelle.domain.catalog.rules.written.fields import InvalidReglementError
from marelle.foundation.yaml_files import Fault, InvalidFile, Where

T = TypeVar("T")

RULES: Final = ("book", "late_book", "cancel", "absence")
# What is known to change no limit and no billing of an absence.
WITHOUT_EFFECT: Final = frozenset(
    {
        *("id", "kind", "name", "label", "reading", "note", "notes", "url", "software", "truncated", "source"),
        *("capacity", "payment", "payment_hold_minutes", "tariffs", "price", "hours", "ages"),
        *("unbooked_presence", "no_show", "school_outing", "closure", "blocked_if"),
    }
)
OF_AN_ENTRY: Final = frozenset(
    {
        *("id", "name", "dept", "zone", "url", "software", "truncated", "services", "tariffs", "payment"),
        *("deadline_missing", "cases", "note", "notes", "source", "read_on"),
        *("region", "population", "phone", "email", "address", "year"),
    }
)


@dataclass(frozen=True, slots=True)
class Unexpressed:
    """What is not expressed, with the reason, in French."""

    reason: str


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """The rules of a service, each in our form or with the reason why it is not."""

    book: ExpressedAct | Unexpressed
    cancel: ExpressedAct | Unexpressed
    absence: ExpressedAbsence | Unexpressed

    def of(self, action: str) -> ExpressedAct | Unexpressed:
        """Will return the rule of « book » or « cancel »."""
        return self.book if action == "book" else self.cancel


def rules_of(corpus: Corpus, entry: Entry, service: Service) -> ServiceRules:
    """Will express a service; raises InvalidFile when a value of its rules is malformed."""
    faults: list[Fault] = []

    def tried(action: str, express: Callable[[Mapping[str, Any]], T]) -> T | Unexpressed:
        if unknown := _unknown(entry.fields, OF_AN_ENTRY) or _unknown(
            {name: value for name, value in service.fields.items() if _may_touch(name, action)},
            WITHOUT_EFFECT | set(RULES),
        ):
            # Still read, for a malformed value to be told.
            reason = f"champ inconnu « {unknown} »"
        else:
            reason = ""
        try:
            expressed = express(service.fields)
        except NotExpressed as why:
            return Unexpressed(reason or str(why))
        except InvalidReglementError as error:
            faults.append(corpus.fault(_place(service.where, error.key), error.reason))
            return Unexpressed(error.reason)
        return Unexpressed(reason) if reason else expressed

    rules = ServiceRules(
        tried("book", express_book), tried("cancel", express_cancel), tried("absence", express_absence)
    )
    if faults:
        raise InvalidFile(faults)
    return rules


def _unknown(fields: Mapping[str, Any], known: frozenset[str]) -> str:
    return min((name for name in fields if name not in known), default="")


def _may_touch(name: str, action: str) -> bool:
    """Will tell whether a field may bear on an action: one that names another action does not bear on this one."""
    named = [each for each in ("book", "cancel", "absence") if each in name]
    return name in RULES or not named or action in named


def _place(service: Where, key: str) -> Where:
    return (*service, *(int(step) if step.isdigit() else step for step in key.split(".")))
