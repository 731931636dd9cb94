"""What published rules say of absences, in our clauses: each known set of fields, and no other, has one meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from marelle.commands.published_rules.expressing import cents_of, surcharge_of
from marelle.commands.published_rules.shapes import NotExpressed, hour_of
from marelle.domain.catalog.rules.absences import (
    AbsenceClause,
    AbsenceRules,
    Cause,
    Certificate,
    CountedIn,
    Notice,
)
from marelle.domain.catalog.rules.cutoffs import LAST_MINUTE, Boundary, SameDay
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.written.fields import InvalidReglementError

BILLED: Final = "billed"
NOT_BILLED: Final = "not_billed"
UNLESS_TOLD: Final = "billed unless told in time"
WITHOUT_EFFECT: Final = frozenset({"collect_meal_if_told_before"})
DEFAULTS: Final = frozenset({"otherwise", "never_told"})
PHONE: Final = frozenset({"same_day_phone_before", "then"})
FIRST_THEN_NEXT: Final = frozenset({"first_day", "next_days_if_told_before"})
BY_CAUSE: Final = frozenset({"certificate", "exceptional_event", "illness"})
WITHIN_HOURS: Final = frozenset({"certificate_within_hours", "told_before", "else_waiting_days"})
MINIMUMS: Final = {"min_consecutive_days": CountedIn.DAY, "min_consecutive_school_days": CountedIn.SCHOOL_DAY}
TOGETHER: Final = frozenset({"waiting_days", "certificate", "illness", "request_within_days", *MINIMUMS})
KNOWN: Final = WITHOUT_EFFECT | DEFAULTS | PHONE | FIRST_THEN_NEXT | BY_CAUSE | WITHIN_HOURS | TOGETHER
LONGEST: Final = 366
_DAYS: Final = re.compile(r"days_(\d{1,3})_(\d{1,3})")
_BILLED_SO_MUCH: Final = re.compile(r"billed (\d{1,6}(?:\.\d{1,2})?)")


@dataclass(frozen=True, slots=True)
class ExpressedAbsence:
    """Absence rules in our clauses. Several `readings` where the text leaves one open: they must agree.

    `ranks` are the days of an absence of which something is said, None for all. `needs_cancel_limit`: told in time.
    `is_told_by_day`: told after the day itself, it is not known whether it counts as told. `is_only_no_show`: nothing
    is said of those who tell.
    """

    readings: tuple[AbsenceRules, ...]
    ranks: frozenset[int] | None = None
    needs_cancel_limit: bool = False
    is_told_by_day: bool = False
    is_only_no_show: bool = False

    @property
    def clauses(self) -> tuple[AbsenceClause, ...]:
        """Will return the clauses of every reading."""
        return tuple(clause for rules in self.readings for clause in rules.clauses)


def express_absence(fields: Mapping[str, Any]) -> ExpressedAbsence:
    """Will return the absence rules of a service; raises NotExpressed or InvalidReglementError."""
    said = fields.get("absence")
    no_show = no_show_price(fields)
    if said is None and no_show is not None:
        return ExpressedAbsence((AbsenceRules(no_show=no_show),), is_only_no_show=True)
    if said is None or said == "unpublished":
        raise NotExpressed("règle d’absence non publiée")
    if isinstance(said, str):
        raise NotExpressed(f"mot inconnu « {said} » (absence)")
    if not isinstance(said, dict):
        raise InvalidReglementError("absence", "un groupe de champs est attendu")
    unknown = sorted(name for name in said if name not in KNOWN and not _DAYS.fullmatch(name))
    if unknown:
        raise NotExpressed(f"champ inconnu « {unknown[0]} » (absence)")
    expressed = _clauses({name: value for name, value in said.items() if name not in WITHOUT_EFFECT | DEFAULTS}, said)
    otherwise = outcome_of(said, "otherwise") if "otherwise" in said else FULL_PRICE
    never_told = outcome_of(said, "never_told") if "never_told" in said else None
    readings = tuple(
        _finished(rules, otherwise=otherwise, never_told=never_told, no_show=no_show) for rules in expressed.readings
    )
    return replace(expressed, readings=readings, is_told_by_day=never_told is not None)


def _finished(
    rules: AbsenceRules, *, otherwise: PriceRule, never_told: PriceRule | None, no_show: PriceRule | None
) -> AbsenceRules:
    clauses = rules.clauses
    if never_told is not None:
        # Where it is said what « never told » costs, the rest is for those who told, on the day at the latest.
        told = Notice(SameDay(LAST_MINUTE, Boundary.UNTIL))
        clauses = tuple(replace(each, told=told) if each.told is None else each for each in clauses)
    return AbsenceRules(clauses, otherwise, never_told or no_show)


def no_show_price(fields: Mapping[str, Any]) -> PriceRule | None:
    """Will return what nobody having been told costs when the service says it as an amount, None otherwise."""
    return surcharge_of(fields.get("no_show"))


def outcome_of(fields: Mapping[str, Any], name: str) -> PriceRule:
    """Will read « billed », « not_billed » or « billed 2.99 »."""
    said = fields[name]
    if said == BILLED:
        return FULL_PRICE
    if said == NOT_BILLED:
        return NOTHING_DUE
    if isinstance(said, str) and (amount := _BILLED_SO_MUCH.fullmatch(said)) and float(amount[1]) > 0:
        return PriceRule(PriceKind.INSTEAD, cents_of(float(amount[1])))
    raise NotExpressed(f"mot inconnu « {said} » (absence.{name})")


def _clauses(core: Mapping[str, Any], said: Mapping[str, Any]) -> ExpressedAbsence:  # noqa: PLR0911  one a pattern
    names = frozenset(core)
    if not names:
        if DEFAULTS & set(said):
            return ExpressedAbsence((AbsenceRules(),))
        raise NotExpressed("règle d’absence non publiée")
    if names == PHONE:
        told = Notice(SameDay(_hour(core, "same_day_phone_before"), Boundary.BEFORE))
        return _one(AbsenceClause(outcome_of(core, "then"), told=told))
    if names == FIRST_THEN_NEXT:
        told = Notice(SameDay(_hour(core, "next_days_if_told_before"), Boundary.BEFORE), of_first_day=True)
        return _one(AbsenceClause(outcome_of(core, "first_day"), to_day=1), AbsenceClause(told=told, from_day=2))
    if all(_DAYS.fullmatch(name) for name in names):
        return _by_rank(core, is_whole="otherwise" in said)
    if names <= BY_CAUSE and not isinstance(core.get("certificate"), bool):
        return _by_cause(core)
    if "certificate_within_hours" in names and names <= WITHIN_HOURS:
        return _within_hours(core)
    if names <= TOGETHER:
        return _together(core)
    raise NotExpressed("plusieurs conditions d’absence dont le lien n’est pas dit")


def _one(*clauses: AbsenceClause) -> ExpressedAbsence:
    return ExpressedAbsence((AbsenceRules(clauses),))


def _by_rank(core: Mapping[str, Any], *, is_whole: bool) -> ExpressedAbsence:
    clauses: list[AbsenceClause] = []
    ranks: set[int] = set()
    needs_cancel_limit = False
    for name in core:
        first, last = (int(number) for number in name.removeprefix("days_").split("_"))
        span = range(first, last + 1)
        if not 1 <= first <= last <= LONGEST or ranks & set(span):
            raise NotExpressed(f"jours d’absence impossibles « {name} »")
        ranks |= set(span)
        if core[name] == UNLESS_TOLD:
            needs_cancel_limit = True
            clauses.append(AbsenceClause(in_time=True, from_day=first, to_day=last))
            clauses.append(AbsenceClause(FULL_PRICE, from_day=first, to_day=last))
        else:
            clauses.append(AbsenceClause(outcome_of(core, name), from_day=first, to_day=last))
    return ExpressedAbsence((AbsenceRules(tuple(clauses)),), None if is_whole else frozenset(ranks), needs_cancel_limit)


def _by_cause(core: Mapping[str, Any]) -> ExpressedAbsence:
    clauses = []
    if "certificate" in core:
        clauses.append(AbsenceClause(outcome_of(core, "certificate"), certificate=Certificate()))
    clauses += [
        AbsenceClause(outcome_of(core, cause.value), causes=(cause,))
        for cause in (Cause.EXCEPTIONAL, Cause.ILLNESS)
        if cause.value in core
    ]
    return _one(*clauses)


def _within_hours(core: Mapping[str, Any]) -> ExpressedAbsence:
    certificate = Certificate(_number(core, "certificate_within_hours"))
    waiting: tuple[AbsenceClause, ...] = ()
    if "else_waiting_days" in core:
        waiting = (AbsenceClause(from_day=_number(core, "else_waiting_days") + 1),)
    if "told_before" not in core:
        return _one(AbsenceClause(certificate=certificate), *waiting)
    limit = SameDay(_hour(core, "told_before"), Boundary.BEFORE)
    # « The same day »: the first of the absence, or each. Both are kept.
    return ExpressedAbsence(
        tuple(
            AbsenceRules((AbsenceClause(certificate=certificate, told=Notice(limit, of_first_day=is_first)), *waiting))
            for is_first in (True, False)
        )
    )


def _together(core: Mapping[str, Any]) -> ExpressedAbsence:
    minimums = [name for name in MINIMUMS if name in core]
    if len(minimums) + ("waiting_days" in core) > 1:
        raise NotExpressed("plusieurs conditions d’absence dont le lien n’est pas dit")
    if core.get("illness", NOT_BILLED) != NOT_BILLED or not isinstance(core.get("certificate", True), bool):
        raise NotExpressed("plusieurs conditions d’absence dont le lien n’est pas dit")
    clause = AbsenceClause(
        causes=(Cause.ILLNESS,) if "illness" in core else (),
        certificate=Certificate() if core.get("certificate") else None,
        minimum=_number(core, minimums[0]) if minimums else None,
        counted_in=MINIMUMS[minimums[0]] if minimums else CountedIn.SERVICE_DAY,
        asked_within_days=_number(core, "request_within_days") if "request_within_days" in core else None,
        from_day=_number(core, "waiting_days") + 1 if "waiting_days" in core else 1,
    )
    if clause == AbsenceClause():
        raise NotExpressed("règle d’absence sans condition")
    return _one(clause)


def _hour(core: Mapping[str, Any], name: str) -> Any:
    return hour_of(core[name], f"absence.{name}")


def _number(core: Mapping[str, Any], name: str) -> int:
    value = core[name]
    if value == 0 or isinstance(value, str):
        raise NotExpressed(f"mot inconnu « {value} » (absence.{name})")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidReglementError(
            f"absence.{name}", f"un nombre entier à partir de 1 est attendu, et non « {value} »"
        )
    if value > LONGEST:
        raise NotExpressed(f"nombre hors de nos formes : {name}")
    return value
