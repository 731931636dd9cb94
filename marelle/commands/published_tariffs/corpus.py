"""The price lists of a corpus of published rules, in our own form where their fields suffice.

A field or a word that is not in the vocabulary is never guessed: the worked prices that may depend on it are skipped,
with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from marelle.commands.published_rules.cases import AMBIGUOUS, IS_AMBIGUOUS
from marelle.commands.published_rules.reading import Case as PublishedCase
from marelle.commands.published_rules.reading import Corpus, Entry
from marelle.commands.published_rules.shapes import NotExpressed
from marelle.commands.published_tariffs.worked import Asked, Worked
from marelle.domain.catalog.rules.acts import NON_RESIDENT
from marelle.domain.catalog.rules.price_steps import PriceFacts
from marelle.domain.catalog.rules.pricing import FULL_PRICE, PriceKind, PriceRule
from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    ELEMENTARY,
    NURSERY,
    OWN_MEAL,
    Amount,
    Bracket,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Case,
    Change,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    LatePickup,
    Package,
    Tariff,
)

PRICE: Final = "price"
CARD: Final = "card"
BESIDES: Final = frozenset({"basis", "unit", "year", "note", "adult", "software"})
OF_A_CASE: Final = frozenset({"service", "action", "input", "expected", "why", "id", "note"})
BOUNDS: Final = ("qf_min", "qf_max", "qf_below", "qf_above")
NUMBERS: Final = ("one", "two", "three", "four")
MINUTES: Final = {"half_hour": 30, "hour": 60}
HUNDRED: Final = 100
_LATE: Final = re.compile(r"late_pickup_per_(\d{1,3})_min")


def worked_of(corpus: Corpus) -> list[Worked]:
    """Will return the worked prices of a corpus, those that cannot be expressed with the kind of reason."""
    return [_worked(corpus, entry, case) for entry in corpus.entries for case in entry.cases if case.action == PRICE]


def _worked(corpus: Corpus, entry: Entry, case: PublishedCase) -> Worked:
    service = case.says.get("service")
    place = f"{corpus.path}:{corpus.line_of(case.where)}: {entry.id}{f', {service}' if service else ''}"
    given = case.says.get("input")
    about = ", ".join(f"{name} : {value}" for name, value in given.items()) if isinstance(given, dict) else ""
    why = str(case.says.get("why") or "")
    if case.expected == AMBIGUOUS:
        return Worked(place, about, why=why, kind=IS_AMBIGUOUS)
    try:
        tariff, asked = _expressed(entry, case.says, service)
        return Worked(place, about, asked, tariff, _cents(case.expected), why)
    except NotExpressed as error:
        return Worked(place, about, why=why, kind=f"not expressed : {error}")


class _Given:
    """What a case says of a child and a day: each taken once, what is left over is not expressed."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._left = dict(given)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str) -> Any:
        return self._left.pop(name, None)

    def word(self, name: str) -> str | None:
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise NotExpressed(f"« {name} » du cas n’est pas un mot")
        return value

    def flag(self, name: str) -> bool:
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise NotExpressed(f"« {name} » du cas n’est ni oui ni non")
        return value

    def count(self, name: str, otherwise: int = 1) -> int:
        value = self._left.pop(name, otherwise)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise NotExpressed(f"« {name} » du cas n’est pas un nombre entier")
        return value

    def done(self) -> None:
        if self._left:
            raise NotExpressed(f"champ inconnu « {min(self._left)} » de « input »")


def _expressed(entry: Entry, case: Mapping[str, Any], service: Any) -> tuple[Tariff, Asked]:
    unknown = sorted(set(case) - OF_A_CASE)
    if unknown:
        raise NotExpressed(f"champ inconnu « {unknown[0]} » du cas")
    given = case.get("input")
    if not isinstance(given, dict):
        raise NotExpressed("cas sans « input »")
    listed = entry.fields.get("tariffs")
    if not isinstance(listed, dict):
        raise NotExpressed("tarifs non publiés")
    says = _Given(given)
    tariff, asked = _of_a_list(listed, says, _service_rules(entry, service))
    says.done()
    return tariff, asked


def _service_rules(entry: Entry, service: Any) -> Mapping[str, Any]:
    found = entry.services.get(service) if isinstance(service, str) else None
    return found.fields if found is not None else {}


def _of_a_list(listed: Mapping[str, Any], says: _Given, rules: Mapping[str, Any]) -> tuple[Tariff, Asked]:
    if "late_pickup_minutes" in says:
        return Tariff(Fixed(0), late_pickup=_late_pickup(listed)), Asked(late_pickup=says.count("late_pickup_minutes"))
    if "sessions" in says:
        return _by_sessions(listed, says)
    if CARD in says or "occasional" in says:
        return _card_or_not(listed, says)
    if "service" in says:
        return _by_service(listed, says)
    return _by_basis(listed, says, rules)


# --------------------------------------------------------------------------------------------------- lists by one basis
def _by_basis(listed: Mapping[str, Any], says: _Given, rules: Mapping[str, Any]) -> tuple[Tariff, Asked]:
    unit = says.word("unit")
    basis = listed.get("basis")
    home, minutes = None, None
    if basis == "siblings_present_that_day":
        amount: Amount = _together(listed)
        home = says.count("children_present_that_day")
        says.count("siblings")  # whoever is not there that day does not count
    elif basis == "effort_rate":
        amount = _effort_rate(listed)
    elif isinstance(listed.get("bands"), list):
        amount = _by_bands(listed, unit)
        counted = MINUTES.get(str(listed.get("unit")))
        if counted is not None:
            minutes = counted * says.count(f"{listed['unit']}s")
            amount = ByDuration(counted, amount)
    elif "flat" in listed:
        amount = _flat(listed)
    elif ELEMENTARY in listed and NURSERY in listed:
        amount = _by_level(listed)
    else:
        raise NotExpressed("liste de prix d’une forme inconnue")
    facts = PriceFacts(
        quotient=_quotient(says),
        situations=_situations(says),
        rank=says.count("rank" if "rank" in says else "child_rank"),
        minutes=minutes,
    )
    return Tariff(amount), Asked(facts, _ruled(says, rules), home=home)


def _quotient(says: _Given) -> int | None:
    value = says.take("qf")
    return None if value is None else _cents(value)


def _situations(says: _Given) -> frozenset[str]:
    found = {NON_RESIDENT} if says.flag("outside") else set()
    level = says.take("level")
    if level is not None:
        if level not in (NURSERY, ELEMENTARY):
            raise NotExpressed(f"niveau inconnu « {level} »")
        found.add(level)
    return frozenset(found)


def _ruled(says: _Given, rules: Mapping[str, Any]) -> PriceRule:
    for flag, field in (("no_show", "no_show"), ("unbooked", "unbooked_presence")):
        if says.flag(flag):
            rule = rules.get(field)
            if isinstance(rule, dict) and set(rule) == {"extra"}:
                return PriceRule(PriceKind.MORE, _cents(rule["extra"]))
            if isinstance(rule, dict) and set(rule) == {"price"}:
                return PriceRule(PriceKind.INSTEAD, _cents(rule["price"]))
            raise NotExpressed(f"« {field} » du service n’est ni un supplément ni un prix")
    return FULL_PRICE


def _flat(listed: Mapping[str, Any]) -> Amount:
    _known(listed, {"flat", "out_of_grouping", "pai_own_meal"})
    cases = [
        Case((code,), Fixed(_cents(listed[name])))
        for name, code in (("pai_own_meal", OWN_MEAL), ("out_of_grouping", NON_RESIDENT))
        if name in listed
    ]
    price = Fixed(_cents(listed["flat"]))
    return BySituation(tuple(cases), price) if cases else price


def _effort_rate(listed: Mapping[str, Any]) -> Amount:
    _known(listed, {"rate_percent", "floor", "ceiling", "pai_own_meal"})
    millionths = _exactly(listed.get("rate_percent"), 10_000)
    floor, ceiling = (None if listed.get(name) is None else _cents(listed[name]) for name in ("floor", "ceiling"))
    rate = EffortRate(millionths, floor, ceiling)
    if "pai_own_meal" not in listed:
        return rate
    return BySituation((Case((OWN_MEAL,), Fixed(_cents(listed["pai_own_meal"]))),), rate)


def _together(listed: Mapping[str, Any]) -> Amount:
    if listed.get("unit") != "day_family":
        raise NotExpressed("le prix des enfants présents n’est pas celui de la famille")
    return ByCount(Counted.SIBLINGS_PRESENT, _in_numbers(listed), together=True)


def _by_level(listed: Mapping[str, Any]) -> Amount:
    _known(listed, {NURSERY, ELEMENTARY, "third_child_and_more"})
    levels = BySituation(tuple(Case((level,), Fixed(_cents(listed[level]))) for level in (NURSERY, ELEMENTARY)))
    if "third_child_and_more" not in listed:
        return levels
    return ByCount(Counted.RANK, (levels, levels, Fixed(_cents(listed["third_child_and_more"]))))


def _by_bands(listed: Mapping[str, Any], unit: Any) -> ByBracket:
    _known(listed, {"bands", "no_proof", "ccas"})
    rows = [row for row in listed["bands"] if isinstance(row, dict)]
    columns = {name for row in rows for name in row} - {*BOUNDS, "outside"}
    if unit is None:
        ordinary = [name for name in ("inside", "rank") if name in columns] or sorted(columns)
        if len(ordinary) != 1:
            raise NotExpressed("le cas ne dit pas de quelle unité est le prix")
        unit = ordinary[0]
    if unit not in columns:
        raise NotExpressed(f"aucun prix n’est publié par « {unit} »")
    brackets, is_whole = _brackets(rows, lambda row: _of_row(row, unit))
    missing = {"None": None, "highest": len(brackets) - 1, "lowest": 0}
    no_proof = str(listed.get("no_proof"))
    if no_proof not in missing:
        raise NotExpressed("« no_proof » n’est ni highest ni lowest")
    return ByBracket(brackets, missing[no_proof], is_whole=is_whole)


def _of_row(row: Mapping[str, Any], unit: str) -> Amount:
    price = row.get(unit)
    if isinstance(price, list) and price:
        amount: Amount = ByCount(Counted.RANK, tuple(Fixed(_cents(each)) for each in price))
    else:
        amount = Fixed(_cents(price))
    if "outside" not in row:
        return amount
    return BySituation((Case((NON_RESIDENT,), Fixed(_cents(row["outside"]))),), amount)


def _brackets(
    rows: Sequence[Mapping[str, Any]], amount_of: Callable[[Mapping[str, Any]], Amount]
) -> tuple[tuple[Bracket, ...], bool]:
    """Will return the bands, each beginning where the one before ends; and whether they are of whole numbers."""
    brackets: list[Bracket] = []
    is_whole = False
    end: tuple[int, bool] | None = None  # where the band before ends, and whether that is still in it
    for place, row in enumerate(rows):
        if place and end is None:
            raise NotExpressed("une tranche suit celle qui n’a pas de fin")
        start = row.get("qf_min", row.get("qf_above"))
        if end is not None and start is not None:
            gap = _cents(start) - end[0]
            is_whole = is_whole or gap == HUNDRED
            follows = gap == (0 if "qf_above" in row or not end[1] else HUNDRED)
            if not follows:
                raise NotExpressed("une tranche ne commence pas où finit celle d’avant")
        upto, is_inclusive = row.get("qf_max"), True
        if upto is None and "qf_below" in row:
            upto, is_inclusive = row["qf_below"], False
        end = None if upto is None else (_cents(upto), is_inclusive)
        brackets.append(Bracket(amount_of(row), None if end is None else end[0], is_inclusive))
    if not brackets:
        raise NotExpressed("aucune tranche")
    return tuple(brackets), is_whole


# ------------------------------------------------------------------------------------------------- lists of many prices
def _late_pickup(listed: Mapping[str, Any]) -> LatePickup:
    for name, price in listed.items():
        found = _LATE.fullmatch(name)
        if found is not None:
            return LatePickup(_cents(price), int(found[1]))
    raise NotExpressed("aucun prix de retard par tranche n’est publié")


def _by_sessions(listed: Mapping[str, Any], says: _Given) -> tuple[Tariff, Asked]:
    sessions = says.take("sessions")
    words = {1: "one", 2: "both"}
    word = words.get(len(sessions)) if isinstance(sessions, list) else None
    if word is None or f"day_{word}" not in listed:
        raise NotExpressed("aucun prix n’est publié pour tant de séances")
    price = Fixed(_cents(listed[f"day_{word}"]))
    third = f"third_child_{word}"
    amount = ByCount(Counted.RANK, (price, price, Fixed(_cents(listed[third])))) if third in listed else price
    return Tariff(amount), Asked(PriceFacts(rank=says.count("child_rank")))


def _card_or_not(listed: Mapping[str, Any], says: _Given) -> tuple[Tariff, Asked]:
    says.take("unit")
    facts = PriceFacts(children_enrolled=says.count("children"))
    if not says.flag(CARD):
        if not says.flag("occasional") or not isinstance(listed.get("occasional"), dict):
            raise NotExpressed("aucun prix occasionnel n’est publié")
        return Tariff(ByCount(Counted.CHILDREN_ENROLLED, _in_numbers(listed["occasional"]))), Asked(facts)
    if not isinstance(listed.get(CARD), dict):
        raise NotExpressed("aucune carte n’est publiée")
    amount = ByCount(Counted.CHILDREN_ENROLLED, _in_numbers(listed[CARD]))
    refund = _cents(listed["refund_per_meal"]) if "refund_per_meal" in listed else 0
    card = Package(CARD, CARD, amount, Per.MONTH, refund=refund)
    return Tariff(Fixed(0), packages=(card,)), Asked(facts, package=CARD, refunded=says.count("refunded_meals", 0))


def _by_service(listed: Mapping[str, Any], says: _Given) -> tuple[Tariff, Asked]:
    service = says.word("service") or ""
    ruled = FULL_PRICE
    if says.flag("unbooked"):
        if f"unbooked_{service}" not in listed:
            raise NotExpressed("aucun prix sans réservation n’est publié")
        ruled = PriceRule(PriceKind.INSTEAD, _cents(listed[f"unbooked_{service}"]))
    rows = listed.get(f"{service}_by_qf")
    if isinstance(rows, list):
        amount = _by_rows(rows)
    elif service in listed:
        amount = Fixed(_cents(listed[service]))
    else:
        raise NotExpressed(f"aucun prix n’est publié pour « {service} »")
    extras = [name.removesuffix("_extra") for name in listed if name.endswith("_extra")]
    changes = tuple(
        Change(name, cents=_cents(listed[f"{name}_extra"]), when=Condition(codes=(name,))) for name in extras
    )
    options = frozenset(name for name in extras if says.flag(name))
    quotient, situations = _quotient(says), _situations(says)
    return Tariff(amount, changes), Asked(PriceFacts(quotient, situations=situations | options), ruled)


def _by_rows(rows: Sequence[Any]) -> Amount:
    """Will read bands among which one is for those who live elsewhere, each with one price."""
    groups = [row for row in rows if isinstance(row, dict)]
    here = [row for row in groups if not row.get("outside")]
    elsewhere = [row for row in groups if row.get("outside")]

    def priced(row: Mapping[str, Any]) -> Amount:
        prices = [value for name, value in row.items() if name not in (*BOUNDS, "outside")]
        if len(prices) != 1:
            raise NotExpressed("une tranche n’a pas un seul prix")
        return Fixed(_cents(prices[0]))

    brackets, is_whole = _brackets(here, priced)
    bands = ByBracket(brackets, is_whole=is_whole)
    return (
        BySituation(tuple(Case((NON_RESIDENT,), priced(row)) for row in elsewhere[:1]), bands) if elsewhere else bands
    )


def _in_numbers(listed: Mapping[str, Any]) -> tuple[Amount, ...]:
    """Will read the prices for « one », « two », « three or more »…, in their order."""

    def found() -> Iterator[Amount]:
        for number in NUMBERS:
            names = [name for name in listed if re.match(rf"{number}(?:_|$)", name)]
            if not names:
                return
            yield Fixed(_cents(listed[names[0]]))

    prices = tuple(found())
    if not prices:
        raise NotExpressed("aucun prix pour un, deux, trois enfants")
    return prices


def _known(listed: Mapping[str, Any], names: set[str]) -> None:
    unknown = sorted(set(listed) - names - BESIDES)
    if unknown:
        raise NotExpressed(f"champ inconnu « {unknown[0]} » du tarif")


def _cents(value: Any) -> int:
    """Will read an amount or a quotient in euros, as the corpus writes it: a number."""
    return _exactly(value, HUNDRED)


def _exactly(value: Any, times: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotExpressed(f"« {value} » n’est pas un nombre")
    try:
        # The shortest decimal of a number that was written in a file is what was written.
        exact = Decimal(repr(value)) * times
        whole = int(exact)
    except (InvalidOperation, ValueError, OverflowError):
        raise NotExpressed(f"« {value} » n’est pas un nombre") from None
    if exact != whole or whole < 0:
        raise NotExpressed(f"« {value} » n’est pas un montant au centime")
    return whole
