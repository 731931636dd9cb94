"""A worked case, decided by the same functions as the portal and compared with what its text settles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from marelle.commands.published_rules.absent import decided_absence
from marelle.commands.published_rules.expressing import AUDIENCES, WAITING_LIST, ExpressedAct
from marelle.commands.published_rules.placing import OutsideCalendarError, World, placed
from marelle.commands.published_rules.published_calendar import PublishedCalendar
from marelle.commands.published_rules.reading import COUNTS, ON_A_DAY, PAPERS, Case, Entry
from marelle.commands.published_rules.service_rules import ServiceRules, Unexpressed
from marelle.commands.published_rules.shapes import NotExpressed
from marelle.domain.catalog.rules.acts import Act, ActTimes
from marelle.domain.catalog.rules.cutoffs import ImpossibleCutoffError

ALLOWED: Final = "allowed"
REFUSED: Final = "refused"
SURCHARGE: Final = "surcharge"
AMBIGUOUS: Final = "ambiguous"
EXPECTED: Final = {
    "book": (ALLOWED, REFUSED, SURCHARGE),
    "cancel": (ALLOWED, REFUSED, SURCHARGE),
    "absence": ("billed", "not_billed"),
}
COMMON_FACTS: Final = frozenset({"service", "date", "action", "at", "expected", "why", "id", "note"})
FACTS: Final = {
    "book": COMMON_FACTS | {"who", "outcome"},
    "cancel": COMMON_FACTS | {"who"},
    "absence": COMMON_FACTS | {*COUNTS, *PAPERS},
}
IS_AMBIGUOUS: Final = "ambiguous : le texte publié ne tranche pas"
IS_A_PRICE: Final = "price : voir « marelle tariffs check »"
OUTSIDE: Final = "outside the calendar : hors du calendrier du fichier"


class Standing(StrEnum):
    """What came of a case."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules decide; for an act, what it comes to on that day."""

    word: str
    is_waiting: bool = False
    times: ActTimes | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case and what came of it: what was found, or the kind of reason for which it is skipped."""

    entry: Entry
    case: Case
    standing: Standing
    found: Found | None = None
    kind: str = ""

    @property
    def is_failed(self) -> bool:
        """Will tell whether it came out otherwise than its text settles."""
        return self.standing is Standing.FAILED


def judge(entry: Entry, rules: ServiceRules | None, case: Case, published: PublishedCalendar) -> Verdict:
    """Will decide a case; skipped, with the kind of reason, whenever its facts or its rule do not settle it."""
    kind = _no_question(entry, case)
    if not kind:
        try:
            found = _found(World(entry.zone, entry.school_zone, published), rules, case)
        except NotExpressed as why:
            kind = not_expressed(str(why))
        except OutsideCalendarError:
            kind = OUTSIDE
        except ImpossibleCutoffError as why:
            kind = not_expressed(f"aucune limite ce jour-là ({why})")
        except OverflowError:
            kind = not_expressed("date trop lointaine")
    if kind:
        return Verdict(entry, case, Standing.SKIPPED, kind=kind)
    is_right = found.word == case.expected and found.is_waiting >= (case.says.get("outcome") == WAITING_LIST)
    return Verdict(entry, case, Standing.PASSED if is_right else Standing.FAILED, found)


def not_expressed(reason: str) -> str:
    """Will return the kind of a case whose rule or facts are not in our forms."""
    return f"not expressed : {reason}"


def _no_question(entry: Entry, case: Case) -> str:
    """Will return why there is nothing to decide, empty when there is."""
    if case.expected == AMBIGUOUS:
        return IS_AMBIGUOUS
    if case.action == "price" or not entry.has_rules:
        return IS_A_PRICE
    if case.action not in ON_A_DAY:
        return not_expressed(f"action inconnue « {case.action} »")
    if case.expected not in EXPECTED[case.action]:
        return not_expressed(f"résultat inconnu « {case.expected} » ({case.action})")
    unknown = sorted(set(case.says) - FACTS[case.action])
    return not_expressed(f"fait inconnu « {unknown[0]} » ({case.action})") if unknown else ""


def _found(world: World, rules: ServiceRules | None, case: Case) -> Found:
    if rules is None or case.day is None:
        raise NotExpressed("cas sans service ni date")
    if case.action == "absence":
        return Found(decided_absence(world, rules, case, case.day))
    expressed = rules.of(case.action)
    if isinstance(expressed, Unexpressed):
        raise NotExpressed(expressed.reason)
    if case.at is None:
        raise NotExpressed("cas sans moment")
    return _acted(world, expressed, case, case.day, case.at)


def _acted(world: World, expressed: ExpressedAct, case: Case, day: date, at: datetime) -> Found:
    outcome = case.says.get("outcome")
    if outcome is not None and (outcome != WAITING_LIST or not expressed.after_close):
        raise NotExpressed(f"suite inconnue « {outcome} » (outcome)")
    found = [
        _decided(expressed, placed(act, day, world), audiences, at)
        for act in expressed.readings
        for audiences in _audiences(act, case)
    ]
    if len({(each.word, each.is_waiting) for each in found}) > 1:
        raise NotExpressed("le cas dépend de ce que la règle ou ses faits ne disent pas (boundary, who)")
    return found[0]


def _audiences(act: Act, case: Case) -> list[frozenset[str]]:
    """Will return the categories of family that the case may be about."""
    who = case.says.get("who")
    if who not in (None, *AUDIENCES):
        raise NotExpressed(f"catégorie inconnue « {who} » (who)")
    if who is None:
        return [frozenset({audience}) for audience in AUDIENCES] if act.opens else [frozenset()]
    return [frozenset({who})]


def _decided(expressed: ExpressedAct, times: ActTimes, audiences: frozenset[str], at: datetime) -> Found:
    opens_ever, opens_at = times.opens_for(audiences)
    if not opens_ever:
        raise NotExpressed("ouverture non publiée pour cette catégorie (opens)")
    if times.closes is None or (opens_at is not None and at < opens_at):
        return Found(REFUSED, times=times)
    if not times.closes.is_past(at):
        return Found(ALLOWED, times=times)
    if expressed.late_unknown:
        raise NotExpressed(expressed.late_unknown)
    if times.late_closes is not None and not times.late_closes.is_past(at):
        return Found(SURCHARGE, times=times)
    return Found(REFUSED, is_waiting=expressed.after_close == WAITING_LIST, times=times)
