"""Reads billing scenarios as accountants write them (`tests/scenarios/facturation`, described in `docs/formats.md`).

A fault of a file is said with its file and its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from marelle.domain.billing.rules.charges import Charge, Good, Helped, Kind, Name, charges_of, widest
from marelle.domain.billing.rules.differences import differences
from marelle.domain.billing.rules.drafts import Draft, draft_of
from marelle.domain.catalog.rules.acts import NON_RESIDENT, RESIDENT
from marelle.domain.catalog.rules.price_steps import Priced, PriceFacts, PriceStep, Unpriced, price_of
from marelle.domain.catalog.rules.pricing import FULL_PRICE, NOTHING_DUE, PriceKind, PriceRule
from marelle.domain.catalog.rules.tariffs import Component, Tariff
from marelle.domain.catalog.rules.written import InvalidTariffError, read_tariff
from marelle.domain.reservations.rules.delivered import Lived, What
from marelle.domain.reservations.rules.homes import Enrolled, Home, HomeChild, Measured
from marelle.foundation.money import cents_from, in_amount
from marelle.foundation.periods import Period, days_between
from marelle.foundation.school_days import Calendar, NamedDays

FOLDER = Path(__file__).resolve().parents[1] / "scenarios" / "facturation"
YEAR = Period(date(2026, 9, 1), date(2027, 7, 2))
CALENDAR = Calendar(
    school_holidays=(
        NamedDays("Vacances de la Toussaint", date(2026, 10, 17), date(2026, 11, 1)),
        NamedDays("Vacances de Noël", date(2026, 12, 19), date(2027, 1, 3)),
        NamedDays("Vacances d’hiver", date(2027, 2, 6), date(2027, 2, 21)),
        NamedDays("Vacances de printemps", date(2027, 4, 3), date(2027, 4, 18)),
        NamedDays("Vacances d’été", date(2027, 7, 3), date(2027, 8, 31)),
    ),
)
WHATS = {
    "réservés": What.RESERVED,
    "absents": What.ABSENT,
    "prévenus": What.TOLD,
    "annulés": What.CANCELLED,
    "sans réservation": What.UNBOOKED,
}
TROUBLES = {
    "quotient non fourni": "no_quotient",
    "aucune tranche": "no_bracket",
    "aucun cas": "no_situation",
    "durée non notée": "no_duration",
    "aucun tarif": "no_tariff",
    "pas inscrit": "not_enrolled",
    "tarif changé": "tariff_changed",
    "quotient changé": "quotient_changed",
    "quotient absurde": "absurd_quotient",
}
OF_ALL = "Famille"


class ScenarioError(Exception):
    """A scenario file that cannot be read: where, and why."""


@dataclass(frozen=True)
class Product:
    """A product of a scenario, with the protocol that charges ask of it."""

    pk: int
    name: str
    noun: str
    tariffs: tuple[Voted, ...]
    service: str
    code: str


@dataclass(frozen=True, eq=False)
class Voted:
    valid_from: date
    rules: Tariff
    written: Any

    def price(self, facts: PriceFacts) -> Priced | Unpriced:
        return price_of(self.rules, facts)


class Fact(NamedTuple):
    """Days of a child and a product, and what happened."""

    child: str
    product: str
    what: What
    days: tuple[date, ...]
    booked: PriceRule | None = None
    rule: PriceRule | None = None
    due: int | None = None
    minutes: int | None = None
    late: int = 0


class Help(NamedTuple):
    label: str
    payer: str
    starts_on: date
    ends_on: date
    cents: int
    percent: int
    child: str | None
    service: str | None


class Manual(NamedTuple):
    label: str
    cents: int
    day: date
    reason: str
    code: str
    is_childcare: bool
    child: str | None


@dataclass(frozen=True)
class Step:
    """One billing: its period, the facts as they are known then, and what must come out."""

    period: Period
    facts: tuple[Fact, ...]
    aids: tuple[Help, ...]
    manual: tuple[Manual, ...]
    quotients: dict[date, int | None]
    expected: dict[str, Any]
    services: tuple[str, ...]
    carried_below: int
    paid: tuple[int, ...]
    line: int


@dataclass(frozen=True)
class Scenario:
    title: str
    where: str
    in_database: bool
    is_pure: bool
    children: dict[str, HomeChild]
    audiences: frozenset[str]
    products: dict[str, Product]
    enrolled: tuple[tuple[str, str, Period, str, tuple[str, ...]], ...]
    steps: tuple[Step, ...] = ()


@dataclass
class _Reader:
    """Takes each key once; what is left over, or is not as it should be, is said by its line."""

    path: Path
    node: Any
    taken: set[str] = field(default_factory=set)

    def fault(self, reason: str, node: Any = None) -> ScenarioError:
        line = getattr(node if hasattr(node, "lc") else self.node, "lc", None)
        return ScenarioError(f"{self.path.name}:{line.line + 1 if line else '?'} : {reason}")

    def get(self, key: str, default: Any = None) -> Any:
        self.taken.add(key)
        return self.node.get(key, default)

    def need(self, key: str) -> Any:
        if key not in self.node:
            raise self.fault(f"il manque « {key} »")
        return self.get(key)

    def inside(self, node: Any) -> _Reader:
        if not hasattr(node, "get"):
            raise self.fault("un groupe de champs est attendu", node)
        return _Reader(self.path, node)

    def done(self) -> None:
        left = [str(key) for key in self.node if str(key) not in self.taken]
        if left:
            raise self.fault(f"champ inconnu : {', '.join(left)}")

    def cents(self, text: Any) -> int:
        try:
            sign = -1 if str(text).startswith(("-", "−")) else 1
            return sign * cents_from(str(text).lstrip("-−"))
        except ValueError as error:
            raise self.fault(f'« {text} » n’est pas un montant comme "3,10"') from error


def scenarios_of(path: Path) -> list[Scenario]:
    """Read a file. Raises ScenarioError."""
    try:
        root = YAML().load(path)
    except Exception as error:
        raise ScenarioError(f"{path.name} : {error}") from error
    file = _Reader(path, root)
    tariffs = {}
    for code, written in (file.get("tarifs") or {}).items():
        tariffs[code] = written
        _tariff(file, written)
    found = [_scenario(file.inside(node), tariffs) for node in file.need("scénarios")]
    file.done()
    return found


def _tariff(reader: _Reader, written: Any) -> Tariff:
    try:
        return read_tariff(_plain(written))
    except InvalidTariffError as error:
        raise reader.fault(str(error), written) from error


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(each) for each in node]
    return node if isinstance(node, (int, bool, date)) or node is None else str(node)


def _scenario(reader: _Reader, tariffs: dict[str, Any]) -> Scenario:
    month = reader.get("mois", "2026-11")
    home = reader.inside(reader.need("foyer"))
    children = {}
    for pk, (name, written) in enumerate(home.need("enfants").items(), start=1):
        child = reader.inside(written)
        children[name] = HomeChild(pk, child.get("né", date(2017, 4, 9)), child.get("classe", ""))
        child.done()
    children = dict(sorted(children.items(), key=lambda each: (each[1].birth_date, each[1].pk)))
    audiences = frozenset(home.get("catégories", [])) | {NON_RESIDENT if home.get("hors commune") else RESIDENT}
    quotients = _quotients(reader, home.get("quotients", {}))
    home.done()
    products = {}
    for pk, (code, written) in enumerate(reader.need("prestations").items(), start=101):
        one = reader.inside(written)
        named = one.get("tarifs") or {YEAR.starts_on: one.need("tarif")}
        one.taken.add("tarif")
        voted = []
        for day, tariff in named.items():
            if isinstance(tariff, str) and tariff not in tariffs:
                raise one.fault(f"le tarif « {tariff} » n’est pas écrit en tête du fichier")
            form = tariffs[tariff] if isinstance(tariff, str) else tariff
            voted.append(Voted(day, _tariff(one, form), _plain(form)))
        voted.sort(key=lambda each: each.valid_from, reverse=True)
        name = one.get("nom", code)
        products[code] = Product(pk, name, one.get("mot", name.lower()), tuple(voted), one.get("service", code), code)
        one.done()
    scenario = Scenario(
        title=reader.need("titre"),
        where=f"{reader.path.name}:{reader.node.lc.line + 1}",
        in_database=bool(reader.get("en base")),
        is_pure=reader.get("en base") != "seulement",
        children=children,
        audiences=audiences,
        products=products,
        enrolled=_enrolled(reader, children, products),
    )
    common = {key: reader.get(key, []) for key in ("faits", "aides", "lignes manuelles")}
    bills = reader.get("facturations")
    if bills is None:
        bills = [reader.node]
        reader.taken |= {"attendu", "période", "services"}
    steps = []
    for node in bills:
        one = reader.inside(node)
        steps.append(_step(one, scenario, common, quotients, month))
        if node is not reader.node:
            one.done()
    reader.taken.add("report sous")
    reader.done()
    return Scenario(**{**scenario.__dict__, "steps": tuple(steps)})


def _quotients(reader: _Reader, written: Any) -> dict[date, int | None]:
    return {day: None if value is None else reader.cents(value) for day, value in (written or {}).items()}


def _enrolled(reader: _Reader, children: Any, products: Any) -> Any:
    found = []
    for node in reader.get("inscriptions") or [{"enfant": child} for child in children]:
        one = reader.inside(node)
        child = one.need("enfant")
        if child not in children:
            raise reader.fault(f"« {child} » n’est pas un enfant du foyer", node)
        of = one.get("prestation")
        span = Period(one.get("du", YEAR.starts_on), one.get("au", YEAR.ends_on))
        formula, options = one.get("formule", ""), tuple(one.get("options", []))
        found += [(child, code, span, formula, options) for code in ([of] if of else products)]
        one.done()
    return tuple(found)


def _step(reader: _Reader, scenario: Scenario, common: Any, quotients: Any, month: str) -> Step:
    span = reader.get("période")
    if span is None:
        first = date.fromisoformat(f"{month}-01")
        span = [first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)]
    asked = {key: reader.get(key, common[key]) for key in common}
    expected = reader.need("attendu")
    _check_expected(reader, expected)
    return Step(
        period=Period(*span),
        facts=tuple(_fact(reader.inside(node), scenario, month) for node in asked["faits"]),
        aids=tuple(_help(reader.inside(node)) for node in asked["aides"]),
        manual=tuple(_manual(reader.inside(node), month) for node in asked["lignes manuelles"]),
        quotients=_quotients(reader, reader.get("quotients")) or quotients,
        expected=expected,
        services=tuple(reader.get("services") or sorted({one.service for one in scenario.products.values()})),
        carried_below=reader.cents(reader.get("report sous", "0,00")),
        paid=tuple(reader.cents(each) for each in reader.get("payé avant", [])),
        line=reader.node.lc.line + 1,
    )


EXPECTED = {"lignes", "total", "recettes", "garde", "cesu", "tiers", "à vérifier", "étapes", "solde", "avance", "état"}


def _check_expected(reader: _Reader, expected: Any) -> None:
    one = reader.inside(expected)
    one.taken |= EXPECTED
    one.done()


def _fact(reader: _Reader, scenario: Scenario, month: str) -> Fact:
    child, product = reader.need("enfant"), reader.get("prestation") or next(iter(scenario.products))
    if child not in scenario.children or product not in scenario.products:
        raise reader.fault(f"« {child} » ou « {product} » n’est pas de ce scénario")
    kinds = [kind for kind in WHATS if kind in reader.node]
    if len(kinds) != 1:
        raise reader.fault(f"un seul de : {', '.join(WHATS)}")
    due = reader.get("reste dû")
    fact = Fact(
        child,
        product,
        WHATS[kinds[0]],
        _days(reader, reader.get(kinds[0]), month),
        _rule(reader, reader.get("hors délai")),
        _rule(reader, reader.get("règle")),
        None if due is None else reader.cents(due),
        reader.get("minutes"),
        reader.get("retard", 0),
    )
    reader.done()
    return fact


def _days(reader: _Reader, written: Any, month: str) -> tuple[date, ...]:
    """Read « 3 5 9-13 » of the month, or whole dates; a span is its days of class."""
    found: list[date] = []
    for part in str(written).split() if not isinstance(written, (list, date)) else _as_list(written):
        text = str(part)
        try:
            if re.fullmatch(r"\d{1,2}-\d{1,2}", text):
                first, last = (date.fromisoformat(f"{month}-{int(each):02d}") for each in text.split("-"))
                found += [day for day in days_between(first, last) if day.weekday() in {0, 1, 3, 4}]
            else:
                whole = text if len(text) > 2 else f"{month}-{int(text):02d}"
                found.append(date.fromisoformat(whole))
        except ValueError as error:
            raise reader.fault(f"« {text} » n’est pas un jour") from error
    return tuple(sorted(found))


def _as_list(written: Any) -> list[Any]:
    return written if isinstance(written, list) else [written]


def _rule(reader: _Reader, words: Any) -> PriceRule | None:
    if words is None:
        return None
    text = str(words).replace("\N{NO-BREAK SPACE}", " ").replace(" ", "")
    if text == "plein":
        return FULL_PRICE
    if text == "rien":
        return NOTHING_DUE
    if found := re.fullmatch(r"(\+?)(\d+)%", text):
        return PriceRule(PriceKind.MORE_PERCENT if found[1] else PriceKind.PART, int(found[2]))
    if found := re.fullmatch(r"(\+?)(\d+,\d\d)€", text):
        return PriceRule(PriceKind.MORE if found[1] else PriceKind.INSTEAD, reader.cents(found[2]))
    raise reader.fault(f"« {words} » : plein, rien, 50 %, +50 %, +1,00 € ou 5,00 € (au lieu du prix)")


def _help(reader: _Reader) -> Help:
    found = Help(
        reader.need("libellé"),
        reader.get("payeur", "CAF"),
        reader.get("du", YEAR.starts_on),
        reader.get("au", YEAR.ends_on),
        reader.cents(reader.get("montant", "0,00")),
        reader.get("pourcent", 0),
        reader.get("enfant"),
        reader.get("service"),
    )
    reader.done()
    return found


def _manual(reader: _Reader, month: str) -> Manual:
    found = Manual(
        reader.need("libellé"),
        reader.cents(reader.need("montant")),
        _days(reader, reader.need("jour"), month)[0],
        reader.need("raison"),
        str(reader.get("code", "7067")),
        bool(reader.get("garde")),
        reader.get("enfant"),
    )
    reader.done()
    return found


# ------------------------------------------------------------------------------------------------------------- playing
def home_of(scenario: Scenario, quotients: dict[date, int | None]) -> Home:
    return Home(
        family=1,
        audiences=scenario.audiences,
        children=tuple(scenario.children.values()),
        enrolled=tuple(
            Enrolled(scenario.children[child].pk, scenario.products[code].pk + 100, span.starts_on, span.ends_on, *rest)
            for child, code, span, *rest in (
                (child, code, span, formula, frozenset(options))
                for child, code, span, formula, options in scenario.enrolled
            )
        ),
        measures=tuple(
            Measured(day, value) for day, value in sorted(quotients.items(), key=lambda each: each[0], reverse=True)
        ),
    )


def goods_of(scenario: Scenario) -> dict[int, Good]:
    """Each product is of an activity of its own; a service counts its siblings together."""
    services = sorted({one.service for one in scenario.products.values()})
    return {
        one.pk: Good(
            one,
            one.pk + 100,
            services.index(one.service) + 1,
            frozenset(other.pk + 100 for other in scenario.products.values() if other.service == one.service),
        )
        for one in scenario.products.values()
    }


PAYERS = {"CAF": 901, "Employeur": 902, "CCAS": 903}


def played(scenario: Scenario) -> list[tuple[Step, Draft | None, list[str]]]:
    """Bill each step, one after the other: its draft, and what the review names."""
    every_good = goods_of(scenario)
    billed: dict[Name, dict[date, int]] = {}
    found = []
    for step in scenario.steps:
        names = sorted({one.service for one in scenario.products.values()})
        goods = {pk: good for pk, good in every_good.items() if names[good.service - 1] in step.services}
        wide = widest(goods.values(), step.period, CALENDAR)
        aids = [
            Helped(
                str(place), one.label, PAYERS[one.payer], one.starts_on, one.ends_on, one.cents, one.percent,
                scenario.children[one.child].pk if one.child else None,
                names.index(one.service) + 1 if one.service else None,
            )
            for place, one in enumerate(step.aids)
        ]  # fmt: skip
        account = charges_of(
            home_of(scenario, step.quotients),
            lived_of(scenario, step.facts, wide),
            goods,
            period=step.period,
            calendar=CALENDAR,
            aids=aids,
        )
        charges = account.charges + [manual_charge(scenario, place, one) for place, one in enumerate(step.manual)]
        left = differences(
            charges,
            {name: days for name, days in billed.items() if name.kind is Kind.MANUAL or name.product in goods},
            period=step.period,
            goods=goods,
            calendar=CALENDAR,
            third_payers={str(place): PAYERS[one.payer] for place, one in enumerate(step.aids)},
            beyond=account.beyond,
        )
        draft = draft_of(left, goods, order=[child.pk for child in scenario.children.values()])
        for line in draft.lines if draft else ():
            for day in line.charge.days:
                of = billed.setdefault(line.charge.name, {})
                of[day] = of.get(day, 0) + line.charge.cents
        found.append((step, draft, sorted(noted_in_words(scenario, account.noted))))
    return found


def lived_of(scenario: Scenario, facts: tuple[Fact, ...], wide: Period) -> list[Lived]:
    found = []
    for one in facts:
        days = tuple(day for day in one.days if day in wide)
        if days:
            found.append(
                Lived(
                    scenario.children[one.child].pk, scenario.products[one.product].pk, one.what, days, one.booked,
                    one.rule, one.due, one.minutes, one.late,
                )
            )  # fmt: skip
    return found


def manual_charge(scenario: Scenario, place: int, one: Manual) -> Charge:
    return Charge(
        Name(Kind.MANUAL, scenario.children[one.child].pk if one.child else 0, 0, f"m{place}"),
        (one.day,),
        one.cents,
        one.label,
        (PriceStep(one.label, one.cents),),
        (Component(one.code, is_childcare=one.is_childcare),),
    )


def noted_in_words(scenario: Scenario, noted: Any) -> list[str]:
    words = {code: french for french, code in TROUBLES.items()}
    children = {child.pk: name for name, child in scenario.children.items()}
    products = {one.pk: one.name for one in scenario.products.values()}
    return [
        f"{children[child]} · {products[product]} · {words[str(trouble)]} · {len(days)} j"
        for trouble, child, product, days in noted
    ]


def amount(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{in_amount(abs(cents))}"


def found_in_words(scenario: Scenario, draft: Draft | None, noted: list[str], expected: Any) -> dict[str, Any]:
    """Say what came out in the words of `attendu`, for what it asks."""
    children = {child.pk: name for name, child in scenario.children.items()}
    lines = draft.lines if draft else ()
    payers = {pk: name for name, pk in PAYERS.items()}
    childs = [children.get(line.charge.name.child, OF_ALL) for line in lines]
    said = {
        "lignes": [
            f"{child} · {line.label} · {len(line.charge.days)} × {amount(line.charge.cents)} = {amount(line.total)}"
            for child, line in zip(childs, lines, strict=True)
        ],
        "étapes": {
            f"{child} · {line.label}": [f"{step.label} : {amount(step.cents)}" for step in line.steps]
            for child, line in zip(childs, lines, strict=True)
            if f"{child} · {line.label}" in (expected.get("étapes") or {})
        },
        "total": amount(draft.total if draft else 0),
        "recettes": {code: amount(cents) for code, cents in (draft.revenue if draft else {}).items()},
        "garde": amount(draft.childcare if draft else 0),
        "cesu": amount(draft.cesu if draft else 0),
        "tiers": {payers[pk]: amount(cents) for pk, cents in (draft.third_parties if draft else {}).items()},
        "à vérifier": noted,
    }
    return {key: same_spaces(said[key]) for key in expected if key in said}


def expected_in_words(expected: Any) -> dict[str, Any]:
    pure = {key: _plain(value) for key, value in expected.items() if key not in {"solde", "avance", "état"}}
    return same_spaces(pure)


def same_spaces(value: Any) -> Any:
    """Spaces that do not break are spaces: nobody types them."""
    if isinstance(value, dict):
        return {same_spaces(key): same_spaces(each) for key, each in value.items()}
    if isinstance(value, list):
        return [same_spaces(each) for each in value]
    if not isinstance(value, str):
        return value
    return value.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").replace("−", "-")
