"""The whole tariff, read and written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from marelle.domain.catalog.rules.spans import Per
from marelle.domain.catalog.rules.tariffs import (
    Amount,
    Bracket,
    ByBracket,
    ByCount,
    ByDuration,
    BySituation,
    Cap,
    Case,
    Change,
    Component,
    Condition,
    Counted,
    EffortRate,
    Fixed,
    LatePickup,
    Measure,
    Package,
    Rounding,
    RoundingMode,
    Scope,
    Tariff,
    counts_in,
    has_duration,
    inner_amounts,
)
from marelle.domain.catalog.rules.written.fields import HIGHEST_CENTS, Fields, InvalidWrittenError
from marelle.foundation.money import cents_from, in_amount, in_euros

A_TARIFF: Final = 'un prix est attendu : "3,85", ou un groupe qui commence par « by »'
A_BOUND: Final = 'une borne est attendue, comme 650 ou "308,01"'
A_PERCENT: Final = 'un pourcentage entre guillemets est attendu, comme "0,36"'
WAYS: Final = (*Measure, "effort_rate", *Counted, "situation", "duration")
HIGHEST_BOUND: Final = 100_000_000
HIGHEST_PERCENT: Final = 500
WHOLE_PERCENT: Final = 100
LONGEST_MINUTES: Final = 24 * 60
# What is kept of a tariff on the lines of invoices and in the ledger.
LONGEST_WORDS: Final = 100
LONGEST_NAME: Final = 40
LONGEST_CODE: Final = 20
LONGEST_NOTE: Final = 2000
MOST_BRACKETS, MOST_COUNTED, MOST_CASES, MOST_CHANGES, MOST_PARTS = 60, 31, 60, 60, 20
DEEPEST: Final = 8
HIGHEST_COUNT: Final = 31
MOST_SESSIONS: Final = 366
SEPTEMBER, MONTHS_OF_A_YEAR = 9, 12
_CENTS_OF_A_EURO: Final = 100
_RATE: Final = re.compile(r"(?P<whole>\d{1,3})(?:[,.](?P<decimals>\d{1,4}))?")
_MINUS: Final = ("-", "\N{MINUS SIGN}")


class InvalidTariffError(InvalidWrittenError):
    """Data that is not a tariff."""


class TariffFields(Fields):
    """The fields of one group of a tariff."""

    root = "tarif"
    invalid = InvalidTariffError

    def words(self, name: str, *, required: bool = True, most: int = LONGEST_WORDS) -> str:
        """Will return a text on one line, of so many signs at most."""
        found = " ".join(self.text(name).split())
        if len(found) > most:
            raise self.fault(name, f"{most} signes au plus sont attendus")
        if required and not found:
            raise self.fault(name, "un nom est attendu")
        return found

    def positive(self, name: str) -> int:
        """Will return an amount that is not nothing, in cents."""
        cents: int = self.cents(name)
        if not cents:
            raise self.fault(name, "un montant de plus de 0,00\N{NO-BREAK SPACE}€ est attendu")
        return cents

    def few(self, name: str, most: int) -> list[tuple[str, Any]]:
        """Will return the elements of a list that has one, and no more than `most`."""
        found = self.each(name)
        if not 1 <= len(found) <= most:
            raise self.fault(name, f"de 1 à {most} éléments sont attendus")
        return found


def read_tariff(data: Any) -> Tariff:
    """Will read the stored or written form; raises InvalidTariffError with the key and the reason."""
    fields = TariffFields(data, TariffFields.root)
    if "price" not in fields:
        raise fields.fault("price", "le prix manque")
    tariff = Tariff(
        amount=_amount(fields.take("price"), "price"),
        changes=tuple(_change(value, where) for where, value in _at_most(fields, "changes", MOST_CHANGES)),
        rounding=_rounding(fields),
        packages=tuple(_package(value, where) for where, value in _at_most(fields, "packages", MOST_PARTS)),
        caps=tuple(_cap(value, where) for where, value in _at_most(fields, "caps", MOST_PARTS)),
        late_pickup=_late_pickup(fields) if "late_pickup" in fields else None,
        components=tuple(_component(value, where) for where, value in _at_most(fields, "components", MOST_PARTS)),
        note=fields.words("note", required=False, most=LONGEST_NOTE),
    )
    fields.done()
    _agree(tariff, fields)
    return tariff


def write_tariff(tariff: Tariff) -> dict[str, Any]:
    """Will return the canonical form, which `read_tariff` reads back as the same value."""
    written: dict[str, Any] = {"price": _written_amount(tariff.amount)}
    if tariff.changes:
        written["changes"] = [_written_change(change) for change in tariff.changes]
    if tariff.rounding != Rounding():
        written["rounding"] = {
            "to": in_amount(tariff.rounding.to),
            "mode": tariff.rounding.mode.value,
            "at": "each_step" if tariff.rounding.at_each_step else "end",
        }
    if tariff.packages:
        written["packages"] = [_written_package(package) for package in tariff.packages]
    if tariff.caps:
        written["caps"] = [
            {"amount": in_amount(cap.cents), "per": cap.per.value, "for": cap.scope.value} for cap in tariff.caps
        ]
    if tariff.late_pickup is not None:
        late = tariff.late_pickup
        written["late_pickup"] = {
            "price": in_amount(late.cents),
            "minutes": late.minutes,
            **_given(grace=late.grace),
        }
    if tariff.components:
        written["components"] = [_written_component(component) for component in tariff.components]
    return {**written, **_given(note=tariff.note)}


def _at_most(fields: TariffFields, name: str, most: int) -> list[tuple[str, Any]]:
    return fields.few(name, most) if name in fields else []


def _given(**said: Any) -> dict[str, Any]:
    """Will keep what is not the ordinary: nothing, no, not written."""
    return {name: value for name, value in said.items() if value}


# ------------------------------------------------------------------------------------------------------------- amounts
def _amount(data: Any, key: str, depth: int = 1, *, in_duration: bool = False) -> Amount:
    if isinstance(data, str):
        return Fixed(_price(data, key))
    if not isinstance(data, dict) or "by" not in data:
        raise InvalidTariffError(key, A_TARIFF)
    if depth > DEEPEST:
        raise InvalidTariffError(key, f"plus de {DEEPEST} choix l’un dans l’autre")
    fields = TariffFields(data, key)
    way = fields.take("by")
    match way:
        case Measure.QUOTIENT | Measure.INCOME:
            amount: Amount = _by_bracket(fields, Measure(way), depth, in_duration=in_duration)
        case "effort_rate":
            amount = _effort_rate(fields)
        case "situation":
            amount = _by_situation(fields, depth, in_duration=in_duration)
        case "duration":
            if in_duration:
                raise fields.fault("by", "une durée ne se compte pas deux fois")
            amount = _by_duration(fields, depth)
        case str() if way in list(Counted):
            amount = _by_count(fields, Counted(way), depth, in_duration=in_duration)
        case _:
            raise fields.fault("by", f"choix inconnu : « {way} » ({', '.join(WAYS)})")
    fields.done()
    return amount


def _price(data: Any, key: str) -> int:
    try:
        cents = cents_from(data)
    except ValueError:
        cents = -1
    if not 0 <= cents <= HIGHEST_CENTS:
        raise InvalidTariffError(key, 'un montant entre guillemets est attendu, comme "3,10"')
    return cents


def _nested(fields: TariffFields, name: str, depth: int, *, in_duration: bool) -> Amount:
    return _amount(fields.take(name), fields.at(name), depth + 1, in_duration=in_duration)


def _by_bracket(fields: TariffFields, of: Measure, depth: int, *, in_duration: bool) -> ByBracket:
    is_whole = fields.flag("whole")
    brackets: list[Bracket] = []
    highest, is_over = -1, False  # the highest measure that the bands before hold
    for where, value in fields.few("bands", MOST_BRACKETS):
        band = TariffFields(value, where)
        if is_over:
            raise InvalidTariffError(where, "la tranche d’avant n’a pas de fin")
        bracket = _bracket(band, depth, in_duration=in_duration)
        band.done()
        if bracket.name == str(len(brackets) + 1):  # what it is called without a name
            bracket = replace(bracket, name="")
        brackets.append(bracket)
        if bracket.upto is None:
            is_over = True
            continue
        if is_whole and bracket.upto % _CENTS_OF_A_EURO:
            raise InvalidTariffError(where, "une borne n’a pas de centimes quand « whole » les écarte")
        held = bracket.upto if bracket.is_inclusive else bracket.upto - (_CENTS_OF_A_EURO if is_whole else 1)
        if held <= highest:
            raise InvalidTariffError(where, "les bornes doivent aller en croissant")
        highest = held
    named = [bracket.name or str(place) for place, bracket in enumerate(brackets, start=1)]
    if len(set(named)) < len(named):
        raise fields.fault("bands", "deux tranches ont le même nom")
    return ByBracket(tuple(brackets), _missing_band(fields, len(brackets)), of, is_whole)


def _bracket(band: TariffFields, depth: int, *, in_duration: bool) -> Bracket:
    if "up_to" in band and "below" in band:
        raise band.fault("below", "une tranche n’a qu’une fin : up_to ou below")
    is_below = "below" in band
    end = "below" if is_below else "up_to"
    upto = as_bound(band.take(end), band.at(end)) if end in band else None
    name = band.words("name", required=False, most=LONGEST_NAME)
    return Bracket(_nested(band, "price", depth, in_duration=in_duration), upto, not is_below, name)


def as_bound(value: Any, key: str) -> int:
    """Will read a quotient or an income, a whole number or « "308,01" », in cents."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        cents = value * _CENTS_OF_A_EURO
    else:
        try:
            cents = cents_from(value) if isinstance(value, str) else -1
        except ValueError:
            cents = -1
    if not 0 <= cents <= HIGHEST_BOUND:
        raise InvalidTariffError(key, A_BOUND)
    return cents


def _missing_band(fields: TariffFields, count: int) -> int | None:
    value = fields.take("missing", "none")
    match value:
        case "none":
            return None
        case "lowest":
            return 0
        case "highest":
            return count - 1
        case int() if not isinstance(value, bool) and 1 <= value <= count:
            return value - 1
    raise fields.fault("missing", f"« highest », « lowest », « none » ou le numéro d’une tranche, de 1 à {count}")


def _effort_rate(fields: TariffFields) -> EffortRate:
    of = fields.choice("of", Measure, "mesure inconnue", default=Measure.QUOTIENT)
    millionths = _millionths(fields)
    floor, ceiling = fields.cents("floor", default=None), fields.cents("ceiling", default=None)
    if floor is not None and ceiling is not None and floor > ceiling:
        raise fields.fault("floor", "le plancher est au-dessus du plafond")
    missing = fields.take("missing")
    if missing == "ceiling":
        if ceiling is None:
            raise fields.fault("missing", "il n’y a pas de plafond")
        return EffortRate(millionths, floor, ceiling, ceiling, of)
    due = _price(missing, fields.at("missing")) if isinstance(missing, str) else None
    if missing is not None and due is None:
        raise fields.fault("missing", "« ceiling » ou un montant entre guillemets est attendu")
    return EffortRate(millionths, floor, ceiling, due, of)


def _millionths(fields: TariffFields) -> int:
    value = fields.take("percent")
    found = _RATE.fullmatch(value) if isinstance(value, str) else None
    millionths = int(found["whole"]) * 10_000 + int((found["decimals"] or "").ljust(4, "0")) if found else 0
    if not 0 < millionths <= WHOLE_PERCENT * 10_000:
        raise fields.fault("percent", f"{A_PERCENT}, de 100 au plus")
    return millionths


def _by_count(fields: TariffFields, counted: Counted, depth: int, *, in_duration: bool) -> ByCount:
    together = fields.flag("together")
    if together and counted is not Counted.SIBLINGS_PRESENT:
        raise fields.fault("together", "seuls les enfants présents ce jour (siblings_present) ont un prix ensemble")
    prices = tuple(
        _amount(value, where, depth + 1, in_duration=in_duration) for where, value in fields.few("prices", MOST_COUNTED)
    )
    if together:
        flat = [each.cents for each in prices if isinstance(each, Fixed)]
        if flat != sorted(flat):
            raise fields.fault("prices", "ensemble, plus d’enfants ne peuvent pas coûter moins")
    return ByCount(counted, prices, together)


def _by_situation(fields: TariffFields, depth: int, *, in_duration: bool) -> BySituation:
    cases = []
    met: set[str] = set()
    for where, value in fields.few("cases", MOST_CASES):
        case = TariffFields(value, where)
        codes = case.codes("for")
        if met.intersection(codes):
            raise case.fault("for", f"« {min(met.intersection(codes))} » est déjà dans un autre cas")
        met.update(codes)
        name = case.words("name", required=False)
        cases.append(Case(codes, _nested(case, "price", depth, in_duration=in_duration), name))
        case.done()
    otherwise = _nested(fields, "otherwise", depth, in_duration=in_duration) if "otherwise" in fields else None
    return BySituation(tuple(cases), otherwise)


def _by_duration(fields: TariffFields, depth: int) -> ByDuration:
    minutes = fields.count("minutes", 1, LONGEST_MINUTES)
    presumed = fields.count("presumed", 1, LONGEST_MINUTES, default=None)
    return ByDuration(minutes, _nested(fields, "price", depth, in_duration=True), presumed)


def _written_amount(amount: Amount) -> Any:
    match amount:
        case Fixed(cents):
            return in_amount(cents)
        case EffortRate(millionths, floor, ceiling, missing, of):
            return {
                "by": "effort_rate",
                **_given(of="" if of is Measure.QUOTIENT else of.value),
                "percent": _written_rate(millionths),
                **{
                    name: in_amount(cents)
                    for name, cents in (("floor", floor), ("ceiling", ceiling))
                    if cents is not None
                },
                **_given(missing=_written_missing(missing, ceiling)),
            }
        case ByBracket(brackets, missing, of, is_whole):
            return {
                "by": of.value,
                **_given(whole=is_whole),
                **_given(missing=_written_band(missing, len(brackets))),
                "bands": [_written_bracket(bracket) for bracket in brackets],
            }
        case ByCount(counted, amounts, together):
            prices = [_written_amount(each) for each in amounts]
            return {"by": counted.value, "prices": prices, **_given(together=together)}
        case BySituation(cases, otherwise):
            written = [
                {"for": list(case.codes), **_given(name=case.name), "price": _written_amount(case.amount)}
                for case in cases
            ]
            rest = {} if otherwise is None else {"otherwise": _written_amount(otherwise)}
            return {"by": "situation", "cases": written, **rest}
        case ByDuration(minutes, each, presumed):
            return {
                "by": "duration",
                "minutes": minutes,
                **_given(presumed=presumed),
                "price": _written_amount(each),
            }


def _written_rate(millionths: int) -> str:
    whole, rest = divmod(millionths, 10_000)
    return f"{whole},{rest:04d}".rstrip("0").rstrip(",")


def _written_missing(missing: int | None, ceiling: int | None) -> str | None:
    if missing is None:
        return None
    return "ceiling" if missing == ceiling else in_amount(missing)


def _written_band(place: int | None, count: int) -> str | int | None:
    if place is None:
        return None
    if place == count - 1:
        return "highest"
    return place + 1 if place else "lowest"


def _written_bracket(bracket: Bracket) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if bracket.upto is not None:
        euros, rest = divmod(bracket.upto, _CENTS_OF_A_EURO)
        written["up_to" if bracket.is_inclusive else "below"] = f"{euros},{rest:02d}" if rest else str(euros)
    return {**written, **_given(name=bracket.name), "price": _written_amount(bracket.amount)}


# ---------------------------------------------------------------------------------------- what stands around the price
def _change(data: Any, key: str) -> Change:
    fields = TariffFields(data, key)
    name = fields.words("name")
    if ("percent" in fields) == ("amount" in fields):
        raise InvalidTariffError(key, "ou « percent », ou « amount » est attendu")
    percent, cents = 0, 0
    if "percent" in fields:
        percent = fields.count("percent", -WHOLE_PERCENT, HIGHEST_PERCENT)
    else:
        cents = _signed(fields.take("amount"), fields.at("amount"))
    if not percent and not cents:
        raise InvalidTariffError(key, "ce changement ne change rien")
    when = _condition(fields) if "when" in fields else Condition()
    fields.done()
    return Change(name, percent, cents, when)


def _signed(value: Any, key: str) -> int:
    if isinstance(value, str) and value.strip().startswith(_MINUS):
        return -_price(value.strip()[1:], key)
    return _price(value if isinstance(value, str) else "", key)


def _condition(fields: TariffFields) -> Condition:
    group = fields.group("when")
    codes = group.codes("for") if "for" in group else ()
    counts = [counted for counted in Counted if counted.value in group]
    if len(counts) > 1:
        raise group.fault(counts[1].value, "un changement ne compte qu’une chose")
    if not codes and not counts:
        raise fields.fault("when", f"« for » ou un compte est attendu ({', '.join(Counted)})")
    if not counts:
        group.done()
        return Condition(codes)
    name = counts[0].value
    value = group.take(name)
    if isinstance(value, dict):
        span = TariffFields(value, group.at(name))
        least = span.count("least", 1, HIGHEST_COUNT, default=1)
        upto = span.count("upto", least, HIGHEST_COUNT, default=None)
        span.done()
    else:
        least = upto = value
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= HIGHEST_COUNT:
            raise group.fault(name, f"un nombre de 1 à {HIGHEST_COUNT}, ou {{least, upto}}, est attendu")
    if (least, upto) == (1, None):
        raise group.fault(name, "cette condition est toujours remplie")
    group.done()
    return Condition(codes, counts[0], least, upto)


def _written_change(change: Change) -> dict[str, Any]:
    written: dict[str, Any] = {"name": change.name}
    if change.percent:
        written["percent"] = change.percent
    else:
        written["amount"] = f"{'-' if change.cents < 0 else ''}{in_amount(abs(change.cents))}"
    when: dict[str, Any] = {"for": list(change.when.codes)} if change.when.codes else {}
    if change.when.counted is not None:
        least, upto = change.when.least, change.when.upto
        span = _given(least=least if least > 1 else None, upto=upto)
        when[change.when.counted.value] = least if least == upto else span
    return {**written, **_given(when=when)}


def _rounding(fields: TariffFields) -> Rounding:
    if "rounding" not in fields:
        return Rounding()
    group = fields.group("rounding")
    to = group.positive("to") if "to" in group else 1
    mode = group.choice("mode", RoundingMode, "arrondi inconnu", default=RoundingMode.HALF_UP)
    at = group.take("at", "end")
    if at not in ("end", "each_step"):
        raise group.fault("at", "« end » (à la fin) ou « each_step » (à chaque étape) est attendu")
    group.done()
    return Rounding(to, mode, at == "each_step")


def _package(data: Any, key: str) -> Package:
    fields = TariffFields(data, key)
    package = Package(
        code=fields.words("code", most=LONGEST_NAME),
        name=fields.words("name"),
        per=fields.choice("per", Per, "durée inconnue") if "per" in fields else None,
        sessions=fields.count("sessions", 1, MOST_SESSIONS, default=None),
        amount=_amount(fields.take("price"), fields.at("price")),
        scope=fields.choice("for", Scope, "« child » ou « family » est attendu", default=Scope.CHILD),
        is_for_all=fields.flag("everyone"),
        includes_days=fields.flag("includes_days") if "includes_days" in fields else True,
        refund=fields.cents("refund", default=0),
        installments=_installments(fields),
    )
    fields.done()
    if package.per not in (None, Per.MONTH, Per.SCHOOL_YEAR):
        raise fields.fault("per", "« month » ou « school_year » est attendu")
    if (package.per is None) == (package.sessions is None):
        raise InvalidTariffError(key, "un forfait a ou bien une durée (per), ou bien un nombre de séances (sessions)")
    if _is_of_a_day(package.amount):
        raise fields.fault("price", "le prix d’un forfait ne dépend pas de ce qui se passe un jour")
    if package.installments and package.per is not Per.SCHOOL_YEAR:
        raise fields.fault("installments", "seul un forfait annuel se paie en plusieurs fois")
    if package.refund and not package.includes_days:
        raise fields.fault("refund", "un jour que le forfait ne comprend pas n’est pas à rendre")
    return package


def _is_of_a_day(amount: Amount) -> bool:
    of_the_day = {Counted.RANK_PRESENT, Counted.SIBLINGS_PRESENT, Counted.DAYS_OF_WEEK}
    return not of_the_day.isdisjoint(counts_in(amount)) or has_duration(amount)


def _installments(fields: TariffFields) -> tuple[int, ...]:
    months = fields.take("installments", [])
    if not isinstance(months, list) or not all(
        isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= MONTHS_OF_A_YEAR for one in months
    ):
        raise fields.fault("installments", "des mois sont attendus, de 1 à 12")
    if len(set(months)) < len(months):
        raise fields.fault("installments", "un mois est écrit deux fois")
    # In the order of the school year, so that « the cents left over first » is the first one due.
    return tuple(sorted(months, key=lambda month: (month - SEPTEMBER) % MONTHS_OF_A_YEAR))


def _written_package(package: Package) -> dict[str, Any]:
    return {
        "code": package.code,
        "name": package.name,
        **({} if package.per is None else {"per": package.per.value}),
        **_given(sessions=package.sessions),
        "price": _written_amount(package.amount),
        **({} if package.scope is Scope.CHILD else {"for": package.scope.value}),
        **_given(everyone=package.is_for_all),
        **({} if package.includes_days else {"includes_days": False}),
        **({"refund": in_amount(package.refund)} if package.refund else {}),
        **_given(installments=list(package.installments)),
    }


def _cap(data: Any, key: str) -> Cap:
    fields = TariffFields(data, key)
    cap = Cap(
        fields.positive("amount"),
        fields.choice("per", Per, "durée inconnue"),
        fields.choice("for", Scope, "« child » ou « family » est attendu", default=Scope.CHILD),
    )
    fields.done()
    return cap


def _late_pickup(fields: TariffFields) -> LatePickup:
    group = fields.group("late_pickup")
    late = LatePickup(
        group.positive("price"),
        group.count("minutes", 1, LONGEST_MINUTES),
        group.count("grace", 0, LONGEST_MINUTES, default=0),
    )
    group.done()
    return late


def _component(data: Any, key: str) -> Component:
    fields = TariffFields(data, key)
    if "amount" in fields and "percent" in fields:
        raise fields.fault("percent", "une part est un montant, un pourcentage, ou ce qui reste")
    component = Component(
        code=fields.words("code", most=LONGEST_CODE),
        name=fields.words("name", required=False),
        cents=fields.positive("amount") if "amount" in fields else None,
        percent=fields.count("percent", 1, WHOLE_PERCENT, default=None),
        is_childcare=fields.flag("childcare"),
        is_cesu=fields.flag("cesu"),
    )
    fields.done()
    return component


def _written_component(component: Component) -> dict[str, Any]:
    return {
        "code": component.code,
        **_given(name=component.name),
        **({} if component.cents is None else {"amount": in_amount(component.cents)}),
        **_given(percent=component.percent),
        **_given(childcare=component.is_childcare, cesu=component.is_cesu),
    }


# ---------------------------------------------------------------------------------- what must agree from one to another
def _agree(tariff: Tariff, fields: TariffFields) -> None:
    codes = [package.code for package in tariff.packages]
    if len(set(codes)) < len(codes):
        raise fields.fault("packages", "deux forfaits ont le même code")
    spans = [(cap.per, cap.scope) for cap in tariff.caps]
    if len(set(spans)) < len(spans):
        raise fields.fault("caps", "deux plafonds valent pour la même durée")
    if tariff.components:
        remaining = [one for one in tariff.components if one.cents is None and one.percent is None]
        if len(remaining) != 1:
            raise fields.fault("components", "une part, et une seule, doit prendre ce qui reste")
        if sum(one.percent or 0 for one in tariff.components) > WHOLE_PERCENT:
            raise fields.fault("components", "les pourcentages dépassent 100")
    _agree_with_rounding(tariff, fields)


def _agree_with_rounding(tariff: Tariff, fields: TariffFields) -> None:
    amounts = [
        ("price", tariff.amount),
        *((f"packages.{n}.price", one.amount) for n, one in enumerate(tariff.packages)),
    ]
    for key, amount in amounts:
        off = next((cents for cents in _voted(amount, tariff.rounding) if cents % tariff.rounding.to), None)
        if off is not None:
            raise fields.fault(key, f"{in_euros(off)} n’est pas un multiple de {in_euros(tariff.rounding.to)}")


def _voted(amount: Amount, rounding: Rounding) -> list[int]:
    """Will return the sums that are due as they were voted, without being multiplied."""
    match amount:
        case Fixed(cents):
            return [cents]
        case EffortRate(floor=floor, ceiling=ceiling, missing=missing):
            return [cents for cents in (floor, ceiling, missing) if cents is not None]
        case ByDuration() if not rounding.at_each_step:
            return []
    return [cents for each in inner_amounts(amount) for cents in _voted(each, rounding)]
